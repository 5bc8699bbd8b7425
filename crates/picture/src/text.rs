//! Texts in a picture: how wide they are about, how they are wrapped and shortened, and what of them XML allows.
//!
//! Nobody knows the reader's font. Widths are those of a common sans-serif font with some room; what is twice as wide in a
//! terminal, such as Chinese, is as wide as it is high.

use unicode_width::UnicodeWidthChar;

/// Widths of the characters from blank to tilde, in thousandths of the height.
#[rustfmt::skip]
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// How much wider than this a font may be.
const ROOM: f64 = 1.12;

/// What stands for the rest of a shortened text.
const ELLIPSIS: char = '…';

/// What must not begin a line, or a shortened text's last part.
const CLOSING: &str = "，。、；：？！）》」』】”’…,.;:?!)]}%";

/// The width of a character as a share of the height of the font.
fn width_of(c: char) -> f64 {
    let columns = c.width().unwrap_or(0);
    match (usize::try_from(u32::from(c).wrapping_sub(32)).ok(), columns) {
        (_, 0) => 0.0,
        (Some(at), _) if at < WIDTHS.len() => f64::from(WIDTHS[at]) / 1000.0 * ROOM,
        (_, 1) => 0.6 * ROOM,
        _ => 1.02,
    }
}

/// The estimated width of a text in a font of this size.
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(width_of).sum::<f64>() * size
}

/// A text in one line: without what XML forbids, and what turns the direction of the texts after it.
pub fn clean(text: &str) -> String {
    let kept = text.chars().filter_map(|c| match c {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => None,
        '\u{FFFE}' | '\u{FFFF}' => Some('\u{FFFD}'),
        c if c.is_control() => Some('\u{FFFD}'),
        c => Some(c),
    });
    kept.collect::<String>().trim().to_owned()
}

/// A text, cut and ended with … if it is wider than this.
pub fn shorten(text: &str, size: f64, most: f64) -> String {
    if width(text, size) <= most {
        return text.to_owned();
    }
    let room = most - width_of(ELLIPSIS) * size;
    let mut wide = 0.0;
    let fits = |c: &char| {
        wide += width_of(*c) * size;
        wide <= room
    };
    let mut kept: String = text.chars().take_while(fits).collect();
    while kept.ends_with(|c: char| c.width() == Some(0) || c == ' ' || CLOSING.contains(c)) {
        kept.pop();
    }
    kept.push(ELLIPSIS);
    kept
}

/// The parts of a text between which a line may end: words with the blank after them, and each wide character.
fn parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut may_end = true;
    for c in text.chars() {
        let is_wide = c.width() == Some(2);
        let stays = CLOSING.contains(c) || c.width() == Some(0);
        match parts.last_mut() {
            Some(part) if stays || !(may_end || is_wide) => part.push(c),
            _ => parts.push(c.to_string()),
        }
        may_end = c == ' ' || is_wide;
    }
    parts
}

/// A text in lines no wider than this; of more than `lines` the last is shortened. A part that is too wide alone is cut.
pub fn wrap(text: &str, size: f64, most: f64, lines: usize) -> Vec<String> {
    let parts = parts(text);
    let (mut wrapped, mut line) = (Vec::new(), String::new());
    for (at, part) in parts.iter().enumerate() {
        if line.is_empty() || width(&format!("{line}{}", part.trim_end()), size) <= most {
            line.push_str(part);
        } else if wrapped.len() + 1 < lines {
            wrapped.push(std::mem::replace(&mut line, part.clone()));
        } else {
            line.push_str(&parts[at..].concat());
            break;
        }
    }
    wrapped.push(line);
    wrapped.iter().map(|line| shorten(line.trim_end(), size, most)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_are_wide() {
        assert!(width("冠军客户", 10.0) > 1.5 * width("abcd", 10.0));
        assert_eq!(width("", 10.0), 0.0);
        assert_eq!(width("e\u{301}", 10.0), width("e", 10.0));
    }

    #[test]
    fn no_character_is_one_that_xml_forbids() {
        assert_eq!(clean("a\u{0}b\u{1b}\u{FFFF}\n c\u{202E}d "), "a\u{FFFD}b\u{FFFD}\u{FFFD}  cd");
        let all: String = (0..0x11_0000).filter_map(char::from_u32).collect();
        let allowed = |c: char| matches!(c, '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}');
        assert!(clean(&all).chars().all(allowed));
    }

    #[test]
    fn long_texts_are_shortened() {
        assert_eq!(shorten("Champions", 10.0, 100.0), "Champions");
        let short = shorten("A very long name of a segment", 10.0, 80.0);
        assert!(short.ends_with('…') && width(&short, 10.0) <= 80.0, "{short}");
        let family = "👨\u{200D}👩\u{200D}👧 family of many people";
        assert!(!shorten(family, 10.0, 30.0).contains("\u{200D}…"));
    }

    #[test]
    fn texts_are_wrapped() {
        let lines = wrap("Reward them, ask for reviews, offer new things first.", 10.0, 130.0, 3);
        assert_eq!(
            lines.concat().replace(' ', ""),
            "Rewardthem,askforreviews,offernewthingsfirst."
        );
        assert!(lines.iter().all(|line| width(line, 10.0) <= 130.0), "{lines:?}");
        let lines = wrap("给予奖励，邀请评价，新品优先体验。", 10.0, 52.0, 2);
        assert_eq!(lines, ["给予奖励，", "邀请评价…"]);
        assert_eq!(wrap("Donaudampfschifffahrt", 10.0, 50.0, 2).len(), 1);
        assert_eq!(wrap("", 10.0, 50.0, 2), [""]);
    }
}

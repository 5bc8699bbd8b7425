//! What the extension says to readers, by language: comments of columns, reports, doubts, pictures.
//!
//! The texts stand in `sql/data`, one file per group, in English and Chinese. A language that lacks one, such as `zh-TW`,
//! gets that of the language that it is a kind of, `zh`, else English. A text may have holes, `{days}`, which [`fill`]
//! fills.

use serde_json::from_str;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::LazyLock;

/// What a text belongs to: a file of `sql/data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Comments of the view, its columns and functions.
    Columns,
    /// What may mislead a reader of a segmentation.
    Doubts,
    /// What the page about a segmentation says.
    Page,
    /// What pictures say.
    Pictures,
    /// What reports say.
    Reports,
}

type Texts = BTreeMap<String, BTreeMap<String, String>>;

/// Reads a file of ours, which a test has read before.
fn read(json: &str) -> Texts {
    from_str(json).unwrap_or_default()
}

static COLUMNS: LazyLock<Texts> =
    LazyLock::new(|| read(include_str!("../../../sql/data/columns.json")));
static DOUBTS: LazyLock<Texts> =
    LazyLock::new(|| read(include_str!("../../../sql/data/doubts.json")));
static PAGE: LazyLock<Texts> = LazyLock::new(|| read(include_str!("../../../sql/data/page.json")));
static PICTURES: LazyLock<Texts> =
    LazyLock::new(|| read(include_str!("../../../sql/data/pictures.json")));
static REPORTS: LazyLock<Texts> =
    LazyLock::new(|| read(include_str!("../../../sql/data/reports.json")));

impl Group {
    fn texts(self) -> &'static Texts {
        match self {
            Group::Columns => &COLUMNS,
            Group::Doubts => &DOUBTS,
            Group::Page => &PAGE,
            Group::Pictures => &PICTURES,
            Group::Reports => &REPORTS,
        }
    }
}

/// The language in which a reader gets the texts that their own lacks.
const ENGLISH: &str = "en";

/// A language, the one that it is a kind of, and English: where a text is looked for, in this order.
pub fn chain(language: &str) -> [&str; 3] {
    [language, language.split(['-', '_']).next().unwrap_or_default(), ENGLISH]
}

/// The text of a key in a language, else in English; None for an unknown key.
pub fn find(group: Group, key: &str, language: &str) -> Option<&'static str> {
    let texts = group.texts().get(key)?;
    let found = chain(language).into_iter().find_map(|language| texts.get(language));
    found.map(String::as_str)
}

/// The same of a key of ours, which a test has found.
pub fn text(group: Group, key: &str, language: &str) -> &'static str {
    let found = find(group, key, language);
    debug_assert!(found.is_some(), "there is a text {key}");
    found.unwrap_or_default()
}

/// Whether a language has texts.
pub fn is_spoken(language: &str) -> bool {
    let known = |language: &str| COLUMNS.values().any(|texts| texts.contains_key(language));
    let [language, kind_of, _] = chain(language);
    known(language) || known(kind_of)
}

/// A text with its holes filled: `{name}` by the value of this name.
pub fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (hole, rest) = part.split_once('}').unwrap_or((part, ""));
        match values.iter().find(|(name, _)| *name == hole) {
            Some((_, value)) => filled += &format!("{value}{rest}"),
            None => filled += &format!("{{{part}"),
        }
    }
    filled
}

/// The comment of a column of the view, or of something beside it, in a language.
pub fn comment(key: &str, language: &str, values: &[(&str, &dyn Display)]) -> String {
    fill(text(Group::Columns, key, language), values)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the holes of a text, in alphabetical order.
    fn holes(text: &str) -> Vec<&str> {
        let mut names: Vec<&str> =
            text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    #[test]
    fn every_text_is_in_both_languages_with_the_same_holes() {
        for json in [
            include_str!("../../../sql/data/columns.json"),
            include_str!("../../../sql/data/doubts.json"),
            include_str!("../../../sql/data/page.json"),
            include_str!("../../../sql/data/pictures.json"),
            include_str!("../../../sql/data/reports.json"),
        ] {
            let texts: Texts = from_str(json).expect("a file of texts");
            for (key, texts) in texts {
                let languages: Vec<&str> = texts.keys().map(String::as_str).collect();
                assert_eq!(languages, ["en", "zh"], "{key}");
                assert_eq!(holes(&texts["en"]), holes(&texts["zh"]), "{key}");
            }
        }
    }

    #[test]
    fn a_language_then_english() {
        let key = "no_longer";
        assert_ne!(text(Group::Columns, key, "zh"), text(Group::Columns, key, "en"));
        assert_eq!(text(Group::Columns, key, "fr"), text(Group::Columns, key, "en"));
        assert_eq!(text(Group::Columns, key, "zh-TW"), text(Group::Columns, key, "zh"));
        assert!(["en", "zh", "zh_Hans_CN", "en-GB"].into_iter().all(is_spoken));
        assert!(!["fr", "", "zho"].into_iter().any(is_spoken));
        assert_eq!(find(Group::Columns, "no such key", "en"), None);
    }

    #[test]
    fn holes_are_filled() {
        assert_eq!(fill("{a} of {b}, {a}", &[("a", &1), ("b", &"{a}")]), "1 of {a}, 1");
        assert_eq!(fill("no {hole}, {", &[]), "no {hole}, {");
    }
}

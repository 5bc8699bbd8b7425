//! What the extension says to readers, by language: comments of columns, reports, doubts.
//!
//! The texts stand in `sql/data`, one file per group, in English and Chinese. A language that lacks one gets it in
//! English. A text may have holes, `{days}`, which [`fill`] fills.

use serde_json::from_str;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a text belongs to: a file of `sql/data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Comments of the view, its columns and functions.
    Columns,
    /// What may mislead a reader of a segmentation.
    Doubts,
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
static REPORTS: LazyLock<Texts> =
    LazyLock::new(|| read(include_str!("../../../sql/data/reports.json")));

impl Group {
    fn texts(self) -> &'static Texts {
        match self {
            Group::Columns => &COLUMNS,
            Group::Doubts => &DOUBTS,
            Group::Reports => &REPORTS,
        }
    }
}

/// The text of a key in a language, else in English, else the key itself.
pub fn text(group: Group, key: &str, language: &str) -> &'static str {
    let Some((key, texts)) = group.texts().get_key_value(key) else { return "" };
    texts.get(language).or_else(|| texts.get("en")).map_or(key.as_str(), String::as_str)
}

/// Whether a language has texts of its own.
pub fn is_spoken(language: &str) -> bool {
    COLUMNS.values().any(|texts| texts.contains_key(language))
}

/// A text with its holes filled: `{name}` by the value of this name.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values
        .iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the holes of a text, in alphabetical order.
    fn holes(text: &str) -> Vec<&str> {
        let mut names: Vec<&str> =
            text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn every_text_is_in_both_languages_with_the_same_holes() {
        for json in [
            include_str!("../../../sql/data/columns.json"),
            include_str!("../../../sql/data/doubts.json"),
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
        assert!(is_spoken("zh") && !is_spoken("fr"));
    }

    #[test]
    fn holes_are_filled() {
        assert_eq!(fill("{a} of {b}, {a}", &[("a", "1"), ("b", "2")]), "1 of 2, 1");
    }
}

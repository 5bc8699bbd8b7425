//! Labels and actions by language, and a company's own words for them.

use super::wrong;
use crate::options::{Misread, read_object};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Texts by language code, such as `en` or `zh`.
pub type ByLanguage = BTreeMap<String, String>;

/// The language of labels where nobody gives another.
const ENGLISH: &str = "en";

/// What something is called, and what to do about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Words {
    /// What a customer is called.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: ByLanguage,
    /// What to do, in one line.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub actions: ByLanguage,
}

/// A company's own words by code.
pub type Wording = BTreeMap<String, Words>;

/// What has a code and words.
pub trait Worded {
    /// The code.
    fn code(&self) -> &str;

    /// The words.
    fn words(&mut self) -> &mut Words;
}

impl Words {
    /// The label in a language, else in English; None without either.
    pub fn label(&self, language: &str) -> Option<&str> {
        self.labels.get(language).or_else(|| self.labels.get(ENGLISH)).map(String::as_str)
    }

    /// The action in a language, else in English, else empty.
    pub fn action(&self, language: &str) -> &str {
        let of = |language: &str| self.actions.get(language).filter(|action| !action.is_empty());
        of(language).or_else(|| of(ENGLISH)).map_or("", String::as_str)
    }

    /// Puts other words in the place of these, as far as there are any.
    pub fn lay_over(&mut self, other: &Words) {
        let copy = |texts: &ByLanguage| texts.clone();
        self.labels.extend(copy(&other.labels));
        self.actions.extend(copy(&other.actions));
    }

    /// Refuses what cannot be a label, an action or a language.
    pub fn check(&self, path: &str) -> Result<(), Misread> {
        for (what, texts, lengths) in
            [("labels", &self.labels, 1..=200), ("actions", &self.actions, 0..=500)]
        {
            for (language, text) in texts {
                if !is_language(language) {
                    return wrong(
                        format!("{path}.{what}"),
                        format!(
                            "\"{language}\" is not a language code such as \"en\" or \"pt-BR\""
                        ),
                    );
                }
                if !lengths.contains(&text.chars().count()) {
                    return wrong(
                        format!("{path}.{what}.{language}"),
                        format!("must have {} to {} characters", lengths.start(), lengths.end()),
                    );
                }
            }
        }
        Ok(())
    }
}

/// Whether a text has the form of a language code: letters, then parts of letters and digits after - or _.
fn is_language(text: &str) -> bool {
    let mut parts = text.split(['-', '_']);
    let first = parts.next().unwrap_or_default();
    (2..=8).contains(&first.len())
        && first.chars().all(|c| c.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
        })
}

/// A company's own words for something with these codes, or what is wrong with them.
pub fn read_wording(document: Value, codes: &[&str]) -> Result<Wording, Misread> {
    let wording: Wording = read_object(document)?;
    for (code, words) in &wording {
        if !codes.contains(&code.as_str()) {
            return wrong(code, format!("there is no such code; codes are {}", codes.join(", ")));
        }
        words.check(code)?;
    }
    Ok(wording)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages() {
        assert!(["en", "zh", "pt-BR", "zh_Hans_CN", "sr-Latn"].into_iter().all(is_language));
        let none = ["", "e", "e n", "en-", "-en", "english language", "中文", "en--GB", "12"];
        assert!(!none.into_iter().any(is_language));
    }

    #[test]
    fn a_language_then_english_then_nothing() {
        let words: Words = serde_json::from_str(
            r#"{"labels": {"en": "A", "fr": "B"}, "actions": {"en": "do", "fr": ""}}"#,
        )
        .expect("words");
        assert_eq!(["fr", "zh"].map(|l| words.label(l)), [Some("B"), Some("A")]);
        assert_eq!(["fr", "zh"].map(|l| words.action(l)), ["do", "do"]);
        assert_eq!((Words::default().label("en"), Words::default().action("en")), (None, ""));
    }
}

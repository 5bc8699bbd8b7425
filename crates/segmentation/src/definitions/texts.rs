//! Labels and actions by language, and a company's own words for them.

use super::wrong;
use crate::options::{Misread, read_object};
use crate::texts::chain;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Texts by language code, such as `en` or `zh`.
pub type ByLanguage = BTreeMap<String, String>;

/// The language of labels where nobody gives another.
const ENGLISH: &str = "en";

/// What something is, in words: a text, or texts by language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Described", into = "Described")]
pub struct Description(ByLanguage);

/// A description as it is written.
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "invalid type: expected a text, or texts by language")]
enum Described {
    One(String),
    ByLanguage(ByLanguage),
}

impl From<Described> for Description {
    fn from(described: Described) -> Self {
        Description(match described {
            Described::One(text) if text.is_empty() => ByLanguage::new(),
            Described::One(text) => ByLanguage::from([(ENGLISH.to_owned(), text)]),
            Described::ByLanguage(texts) => texts,
        })
    }
}

impl From<Description> for Described {
    fn from(Description(mut texts): Description) -> Self {
        match texts.len() {
            1 if texts.contains_key(ENGLISH) => {
                Described::One(texts.remove(ENGLISH).unwrap_or_default())
            }
            _ => Described::ByLanguage(texts),
        }
    }
}

impl Description {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text in a language, else in the one that it is a kind of, else in English, else in any; empty without one.
    pub fn of(&self, language: &str) -> &str {
        let wanted = chain(language);
        let found = wanted.iter().find_map(|language| self.0.get(*language));
        found.or_else(|| self.0.values().next()).map_or("", String::as_str)
    }

    /// Refuses what cannot be a language.
    pub fn check(&self) -> Result<(), Misread> {
        self.0.keys().try_for_each(|language| check_language("description", language))
    }
}

/// Refuses what cannot be a language.
fn check_language(path: &str, language: &str) -> Result<(), Misread> {
    match is_language(language) {
        true => Ok(()),
        false => wrong(
            path,
            format!("\"{language}\" is not a language code such as \"en\" or \"pt-BR\""),
        ),
    }
}

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
    /// The label in a language, else in the one that it is a kind of, else in English; None without any.
    pub fn label(&self, language: &str) -> Option<&str> {
        let found = chain(language).into_iter().find_map(|language| self.labels.get(language));
        found.map(String::as_str)
    }

    /// Whether there is a label in a language, or in the one that it is a kind of.
    pub fn is_labelled(&self, language: &str) -> bool {
        let [language, kind_of, _] = chain(language);
        self.labels.contains_key(language) || self.labels.contains_key(kind_of)
    }

    /// The action in a language, else in the one that it is a kind of, else in English, else empty.
    pub fn action(&self, language: &str) -> &str {
        let of = |language: &str| self.actions.get(language).filter(|action| !action.is_empty());
        chain(language).into_iter().find_map(of).map_or("", String::as_str)
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
                check_language(&format!("{path}.{what}"), language)?;
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
    fn a_description_is_a_text_or_one_per_language() {
        let read = |json: &str| serde_json::from_str::<Description>(json).expect("a description");
        let written = |description: &Description| {
            serde_json::to_string(description).expect("a description can be written")
        };
        for json in [r#""what""#, r#"{"en":"what","zh":"某物"}"#, r#"{"fr":"quoi"}"#] {
            assert_eq!(written(&read(json)), json);
        }
        let both = read(r#"{"en": "what", "zh": "某物"}"#);
        assert_eq!(
            ["zh", "zh-TW", "en", "fr"].map(|l| both.of(l)),
            ["某物", "某物", "what", "what"]
        );
        assert_eq!(read(r#"{"fr": "quoi"}"#).of("zh"), "quoi");
        assert_eq!(read(r#""某物""#).of("zh"), "某物");
        assert!(read(r#""""#).is_empty() && read("{}").is_empty());
        assert_eq!(read("{}").of("en"), "");
        assert!(read(r#"{"中文": "某物"}"#).check().is_err() && both.check().is_ok());
    }

    #[test]
    fn a_language_then_english_then_nothing() {
        let words: Words = serde_json::from_str(
            r#"{"labels": {"en": "A", "fr": "B"}, "actions": {"en": "do", "fr": ""}}"#,
        )
        .expect("words");
        assert_eq!(
            ["fr", "fr-CA", "zh"].map(|l| words.label(l)),
            [Some("B"), Some("B"), Some("A")]
        );
        assert_eq!(
            ["en-GB", "fr", "fr_CA", "zh"].map(|l| words.is_labelled(l)),
            [true, true, true, false]
        );
        assert_eq!(["fr", "zh"].map(|l| words.action(l)), ["do", "do"]);
        assert_eq!((Words::default().label("en"), Words::default().action("en")), (None, ""));
    }
}

//! The definitions that the library brings along.

use super::{Definition, Matrix, Scheme};
use serde::Deserialize;
use serde_json::Value;
use std::sync::LazyLock;

/// A built-in definition.
#[derive(Debug, Clone)]
pub struct Builtin<T> {
    /// Its name.
    pub name: String,
    /// What it is.
    pub definition: T,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    definition: Value,
}

/// Reads a file of ours, which a test has read before.
fn read<T: Definition>(json: &str) -> Vec<Builtin<T>> {
    let entries: Vec<Entry> = serde_json::from_str(json).unwrap_or_default();
    let read =
        |Entry { name, definition }| Some(Builtin { name, definition: T::read(definition).ok()? });
    entries.into_iter().filter_map(read).collect()
}

static SCHEMES: LazyLock<Vec<Builtin<Scheme>>> =
    LazyLock::new(|| read(include_str!("../../../../sql/data/rfm_schemes.json")));

static MATRICES: LazyLock<Vec<Builtin<Matrix>>> =
    LazyLock::new(|| read(include_str!("../../../../sql/data/matrices.json")));

/// The built-in RFM schemes.
pub fn schemes() -> &'static [Builtin<Scheme>] {
    &SCHEMES
}

/// The built-in matrices and classes.
pub fn matrices() -> &'static [Builtin<Matrix>] {
    &MATRICES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definitions::{Description, Worded};

    fn names<T>(builtin: &[Builtin<T>]) -> Vec<&str> {
        builtin.iter().map(|builtin| builtin.name.as_str()).collect()
    }

    #[test]
    fn all_of_them_can_be_read() {
        assert_eq!(names(schemes()), ["standard", "recency_frequency", "eight"]);
        let entries: Vec<Entry> =
            serde_json::from_str(include_str!("../../../../sql/data/matrices.json")).expect("JSON");
        assert_eq!(entries.len(), 11);
        for entry in entries {
            let read = Matrix::read(entry.definition);
            assert!(read.is_ok(), "{}: {:?}", entry.name, read.err());
        }
        assert_eq!(matrices().len(), 11);
    }

    #[test]
    fn all_of_them_are_described_and_worded_in_both_languages() {
        let described = |name: &str, description: &Description| {
            assert_ne!(description.of("en"), description.of("zh"), "{name}");
        };
        let worded = |name: &str, parts: Vec<&mut dyn Worded>| {
            for part in parts {
                let words = part.words();
                for texts in [&words.labels, &words.actions] {
                    let languages: Vec<&str> = texts.keys().map(String::as_str).collect();
                    assert_eq!(languages, ["en", "zh"], "{name}");
                }
            }
        };
        for builtin in schemes() {
            described(&builtin.name, &builtin.definition.description);
            worded(&builtin.name, builtin.definition.clone().worded());
        }
        for builtin in matrices() {
            described(&builtin.name, &builtin.definition.description);
            worded(&builtin.name, builtin.definition.clone().worded());
        }
    }

    #[test]
    fn a_document_is_read_as_it_is_written() {
        for builtin in schemes() {
            let again = Scheme::read(builtin.definition.document()).expect("its own document");
            assert_eq!(again.explicit(), builtin.definition.explicit());
        }
        for builtin in matrices() {
            let again = Matrix::read(builtin.definition.document()).expect("its own document");
            assert_eq!(again.explicit(), builtin.definition.explicit());
        }
    }
}

//! RFM schemes and customer value matrices as documents: one JSON object each, checked as a whole, and the words that a
//! company puts in the place of ours.
//!
//! The built-in ones are documents of the same form, in `sql/data`.

mod builtin;
mod matrix;
mod scheme;
mod texts;

pub use builtin::{Builtin, matrices, schemes};
pub use matrix::{Matrix, MatrixAxis, MatrixPosition, check_column};
pub use scheme::{Range, Ranges, Scheme, SchemeSplit, Segment};
pub use texts::{ByLanguage, Description, Worded, Wording, Words, read_wording};

use crate::options::Misread;
use serde_json::Value;

/// The longest document, in bytes of text: far more than any needs, and little enough to be read at once.
pub const LONGEST: usize = 1 << 20;

/// A definition that can be read from a document.
pub trait Definition: Sized {
    /// Reads and checks it, or tells where it is wrong.
    fn read(document: Value) -> Result<Self, Misread>;

    /// The document, as it would be given.
    fn document(&self) -> Value;

    /// Everything spelled out, for the views that show definitions: `sql/11` and `sql/12` read it.
    fn explicit(&self) -> Value;

    /// What has labels, best first.
    fn worded(&mut self) -> Vec<&mut dyn Worded>;

    /// Lays a company's own words over its own.
    fn reword(&mut self, wording: &Wording) {
        for part in self.worded() {
            if let Some(words) = wording.get(part.code()) {
                part.words().lay_over(words);
            }
        }
    }
}

/// That something is wrong with a part of a document.
fn wrong<T>(path: impl Into<String>, why: impl Into<String>) -> Result<T, Misread> {
    Err(Misread { path: path.into(), why: why.into() })
}

/// Refuses a code that is there twice, or is too long, and words that cannot be labels; `list` is where they stand.
fn check_words<'a>(
    list: &str,
    parts: impl Iterator<Item = (&'a str, &'a Words)>,
) -> Result<(), Misread> {
    let mut known: Vec<&str> = Vec::new();
    for (i, (code, words)) in parts.enumerate() {
        let path = format!("{list}[{i}]");
        if !(1..=63).contains(&code.chars().count()) {
            return wrong(format!("{path}.code"), "must have 1 to 63 characters");
        }
        if known.contains(&code) {
            return wrong(format!("{path}.code"), format!("\"{code}\" is there twice"));
        }
        known.push(code);
        words.check(&path)?;
    }
    Ok(())
}

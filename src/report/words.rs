//! What reports say, in the language of whoever reads them: texts of `sql/data/reports.json` as SQL.

use crate::server::query::literal;
use segmentation::texts::{Group, find, text};

/// The texts in a language.
#[derive(Clone, Copy)]
pub struct Words<'a>(pub &'a str);

impl Words<'_> {
    /// A text.
    pub fn text(self, key: &str) -> &'static str {
        text(Group::Reports, key, self.0)
    }

    /// A text as a literal.
    pub fn literal(self, key: &str) -> String {
        literal(self.text(key))
    }

    /// A text with holes as the pattern of a call of `format`, whose other arguments fill these holes, in this order.
    pub fn pattern(self, key: &str, holes: &[&str]) -> String {
        let escaped = self.text(key).replace('%', "%%");
        let fill = |pattern: String, (at, hole): (usize, &&str)| {
            pattern.replace(&format!("{{{hole}}}"), &format!("%{}$s", at + 1))
        };
        let pattern = holes.iter().enumerate().fold(escaped, fill);
        debug_assert!(!pattern.contains('{'), "every hole of {key} is filled");
        literal(&pattern)
    }

    /// What an axis is called; its own name if it is a user's.
    pub fn axis(self, axis: &str) -> &str {
        find(Group::Reports, &format!("axis.{axis}"), self.0).unwrap_or(axis)
    }

    /// What is wrong where a customer has no value on an axis.
    pub fn not_known(self, axis: &str) -> String {
        match find(Group::Reports, &format!("not_known.{axis}"), self.0) {
            Some(why) => why.to_owned(),
            None => self.text("not_known").replace("{axis}", self.axis(axis)),
        }
    }
}

//! What pictures say, in the language of whoever looks at them: texts of `sql/data/pictures.json`.

use segmentation::texts::{self, Group, fill};
use std::fmt::Display;

/// The texts in a language.
#[derive(Clone, Copy)]
pub struct Say<'a>(pub &'a str);

impl Say<'_> {
    /// A text.
    pub fn text(self, key: &str) -> &'static str {
        texts::text(Group::Pictures, key, self.0)
    }

    /// A text with its holes filled.
    pub fn filled(self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        fill(self.text(key), values)
    }
}

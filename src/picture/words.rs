//! What pictures say, in the language of whoever looks at them: texts of `sql/data/pictures.json`.

use picture::axis;
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

    /// A text of a number of customers, `one` for a single one, with its holes and this one filled.
    pub fn counted(
        self,
        [key, one]: [&str; 2],
        (hole, number): (&str, i64),
        values: &[(&str, &dyn Display)],
    ) -> String {
        let count = axis::count(number);
        let mut values = values.to_vec();
        values.push((hole, &count));
        self.filled(if number == 1 { one } else { key }, &values)
    }

    /// A text with its holes filled.
    pub fn filled(self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        fill(self.text(key), values)
    }
}

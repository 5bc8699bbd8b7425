//! What the page says, in its language: texts of `sql/data/page.json`, and numbers and days as readers know them.

use segmentation::texts::{Group, fill, text};
use serde_json::Value;
use std::fmt::Display;

/// The texts in a language.
#[derive(Clone, Copy)]
pub struct Words<'a>(pub &'a str);

impl Words<'_> {
    /// A text.
    pub fn text(self, key: &str) -> String {
        text(Group::Page, key, self.0).to_owned()
    }

    /// A text with its holes filled.
    pub fn with(self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        fill(text(Group::Page, key, self.0), values)
    }
}

/// What stands where there is no value.
pub const NOTHING: &str = "–";

/// The amounts from which on the digits after the point are of no use to a reader.
const WHOLE_FROM: f64 = 10_000.0;

/// A number with so many digits after the point, and commas between thousands.
pub fn number(value: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", value.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let sign = if value < 0.0 && !is_zero { "−" } else { "" };
    format!("{sign}{grouped}{rest}")
}

/// A count.
pub fn count(value: f64) -> String {
    number(value, 0)
}

/// A share as a percentage.
pub fn percent(value: f64) -> String {
    number(100.0 * value, 1) + "%"
}

/// A rate as a percentage, without digits that say nothing.
pub fn rate(value: f64) -> String {
    let text = number(100.0 * value, 2);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// An amount among others: all with the same digits after the point.
pub fn amount(value: f64, largest: f64) -> String {
    number(value, if largest.abs() < WHOLE_FROM { 2 } else { 0 })
}

/// A value of a report in the way of a reader, or a dash where there is none.
pub fn shown(value: Option<f64>, way: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| NOTHING.to_owned(), way)
}

/// An option's value as a user writes it.
pub fn option(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

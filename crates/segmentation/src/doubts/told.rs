//! Doubts in words.

use super::Figures;
use crate::texts::{Group, fill, find};
use serde_json::{Number, Value};
use std::fmt::Display;

/// A doubt in the words of a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The figure behind it.
    pub figure: String,
    /// What it means.
    pub sentence: String,
    /// What to do about it.
    pub what_to_do: String,
}

/// The texts of a figure: where not all is known that one says, the next is taken.
const FIGURES: [&str; 3] = ["figure", "figure_without_share", "figure_without_amount"];

/// A doubt by its code and figures, in a language or in English.
pub fn told(code: &str, figures: &Figures, language: &str) -> Told {
    let of = |part: &str| say_of(&format!("{code}.{part}"), language);
    let say = |text: &str| filled(text, figures, of("each"), language);
    let known = |text: &&str| holes(text).all(|name| figures.contains_key(name));
    let figure = FIGURES.iter().map(|part| of(part)).filter(|text| !text.is_empty()).find(known);
    Told {
        figure: say(figure.unwrap_or_default()),
        sentence: say(of("sentence")),
        what_to_do: say(of("what_to_do")),
    }
}

/// A text on doubts; empty where there is none of this key.
fn say_of(key: &str, language: &str) -> &'static str {
    find(Group::Doubts, key, language).unwrap_or_default()
}

/// The names of the holes of a text.
fn holes(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}

/// A text with its holes filled by figures: one that is a list by the text `each` for each of its items.
fn filled(saying: &str, figures: &Figures, each: &str, language: &str) -> String {
    let shown = |(name, value): (&String, &Value)| match value {
        Value::Array(items) => {
            let items = items.iter().filter_map(Value::as_object);
            let items = items.map(|figures| filled(each, figures, "", language));
            items.collect::<Vec<_>>().join(say_of("separator", language))
        }
        value => shown(name, value, language),
    };
    let values: Vec<(&str, String)> =
        figures.iter().map(|figure| (figure.0.as_str(), shown(figure))).collect();
    let values: Vec<(&str, &dyn Display)> =
        values.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
    fill(saying, &values)
}

/// A figure as a reader sees it: shares in percent, numbers with commas between thousands, a phrase of ours in the
/// language.
fn shown(name: &str, value: &Value, language: &str) -> String {
    match value {
        Value::Number(number) if name.ends_with("share") => {
            format!("{:.1}%", number.as_f64().unwrap_or_default() * 100.0)
        }
        Value::Number(number) => grouped(&rounded(number)),
        Value::String(phrase) => {
            let known = say_of(&format!("phrase.{phrase}"), language);
            if known.is_empty() { grouped(phrase) } else { known.to_owned() }
        }
        _ => String::new(),
    }
}

/// A number with four digits after the point at most, unless it is a small one.
fn rounded(number: &Number) -> String {
    match number.as_f64() {
        Some(value) if number.is_f64() && value.abs() >= 1e-3 => {
            let rounded = format!("{value:.4}");
            rounded.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => number.to_string(),
    }
}

/// A decimal number with commas between thousands; any other text as it is.
pub fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(rest.strip_prefix('.').unwrap_or(rest))
    {
        return text.to_owned();
    }
    let groups: Vec<&str> = whole
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    format!("{sign}{}{rest}", groups.join(","))
}

//! What is shown in words, for descriptions and for where a pointer rests: sentences with the marks of the language.

use crate::axis::{is_chinese, percent};

/// What stands between the parts of a subject, after it, between what is told of it, and at the end.
fn marks(language: &str) -> [&'static str; 4] {
    match is_chinese(language) {
        true => ["，", "：", "；", "。"],
        false => [", ", ": ", "; ", "."],
    }
}

/// What is told of a subject, which has several parts, as a sentence: `Champions: Customers 3,610 (15.3%); Revenue 1.39M.`
/// What is empty is left out.
pub fn sentence<S: AsRef<str>>(language: &str, subject: &[&str], told: &[S]) -> String {
    let words = phrase(language, subject, told);
    let end = if words.ends_with(['.', '。']) { "" } else { marks(language)[3] };
    words + end
}

/// The same without its end, for where a pointer rests.
pub fn phrase<S: AsRef<str>>(language: &str, subject: &[&str], told: &[S]) -> String {
    let [comma, colon, semicolon, _] = marks(language);
    let joined = |parts: Vec<&str>, mark: &str| {
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(mark)
    };
    let subject = joined(subject.to_vec(), comma);
    let colon = if subject.is_empty() { "" } else { colon };
    subject + colon + &joined(told.iter().map(S::as_ref).collect(), semicolon)
}

/// A text with another one in brackets.
pub fn bracketed(language: &str, words: &str, beside: &str) -> String {
    let [open, close] = if is_chinese(language) { ["（", "）"] } else { [" (", ")"] };
    format!("{words}{open}{beside}{close}")
}

/// Words for a number of customers, with their share.
pub fn with_share(language: &str, customers: &str, share: Option<f64>) -> String {
    match share {
        Some(share) => bracketed(language, customers, &percent(share)),
        None => customers.to_owned(),
    }
}

/// A measure with its value; empty where there is none.
pub fn measured(measure: &str, value: &str) -> String {
    match value.is_empty() {
        true => String::new(),
        false => format!("{measure} {value}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_have_the_marks_of_their_language() {
        let told = |language: &str| {
            let customers = with_share(language, "3,610", Some(0.1532));
            sentence(language, &["a", "b"], &[customers.as_str(), "", &measured("c", "")])
        };
        assert_eq!(told("en"), "a, b: 3,610 (15.3%).");
        assert_eq!(told("zh-CN"), "a，b：3,610（15.3%）。");
        assert_eq!(sentence("en", &["a"], &["b.", &measured("c", "d.")]), "a: b.; c d.");
        assert_eq!(sentence("zh", &[], &["a", "b"]), "a；b。");
        assert_eq!(phrase("zh", &["a"], &["b"]), "a：b");
    }
}

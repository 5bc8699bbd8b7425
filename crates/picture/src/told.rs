//! What is shown in words, for descriptions and for where a pointer rests: sentences with the marks of the language.

use crate::axis::{count, is_chinese, percent};

/// What stands between the parts of a subject, after it, between what is told of it, and at the end.
fn marks(language: &str) -> [&'static str; 4] {
    match is_chinese(language) {
        true => ["，", "：", "；", "。"],
        false => [", ", ": ", "; ", "."],
    }
}

/// What is told of a subject, which has several parts, as a sentence: `Champions: Customers 3,610 (15.3%); Revenue 1.39M.`
/// What is empty is left out.
pub fn sentence(language: &str, subject: &[&str], told: &[&str]) -> String {
    let [comma, colon, semicolon, end] = marks(language);
    let joined = |parts: &[&str], mark: &str| {
        let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
        parts.join(mark)
    };
    let told = joined(told, semicolon);
    let end = if told.ends_with(['.', '。']) { "" } else { end };
    format!("{}{colon}{told}{end}", joined(subject, comma))
}

/// A number of customers with its share.
pub fn with_share(language: &str, customers: i64, share: Option<f64>) -> String {
    let [open, close] = if is_chinese(language) { ["（", "）"] } else { [" (", ")"] };
    let share = share.map(|share| format!("{open}{}{close}", percent(share)));
    count(customers) + &share.unwrap_or_default()
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
            let customers = with_share(language, 3610, Some(0.1532));
            sentence(language, &["a", "b"], &[&customers, "", &measured("c", "")])
        };
        assert_eq!(told("en"), "a, b: 3,610 (15.3%).");
        assert_eq!(told("zh-CN"), "a，b：3,610（15.3%）。");
        assert_eq!(sentence("en", &["a"], &["b.", &measured("c", "d.")]), "a: b.; c d.");
    }
}

//! A group of customers, as bars and treemaps show it: those with one value of a label, or what is in none.

use crate::axis::{count, percent};
use crate::told::{measured, sentence, with_share};

/// Customers with a value of a label.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// What the value is called.
    pub label: String,
    /// How many customers have it.
    pub customers: i64,
    /// Their share of all customers.
    pub share: Option<f64>,
    /// How much there is of a measure; None for nothing.
    pub value: Option<f64>,
    /// The same in words.
    pub value_text: String,
    /// Whether this is no value but joins others, or those without one.
    pub is_other: bool,
}

impl Group {
    /// The customers with their share, as they stand in a picture.
    pub fn number(&self) -> String {
        let share = self.share.map(|share| format!(" · {}", percent(share)));
        count(self.customers) + &share.unwrap_or_default()
    }

    /// The group in words, with what customers and the measure are called.
    pub fn told(&self, customers: &str, measure: &str, language: &str) -> String {
        let number = with_share(language, &count(self.customers), self.share);
        let told = [measured(customers, &number), measured(measure, &self.value_text)];
        sentence(language, &[&self.label], &[&told[0], &told[1]])
    }
}

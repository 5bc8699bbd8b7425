//! Rows of reports, by the names of their columns.

use crate::server::query::{rows, text_of};
use pgrx::datum::DatumWithOid;
use serde_json::{Map, Value};

/// A row.
pub struct Row(Map<String, Value>);

/// The rows of a query, asked with the rights of the reader.
pub fn rows_of(sql: &str, arguments: &[DatumWithOid<'_>]) -> Vec<Row> {
    let sql = format!("SELECT to_jsonb(r)::text FROM ({sql}) AS r");
    rows(&sql, arguments, |row| Row(serde_json::from_str(&text_of(row, 1)).unwrap_or_default()))
}

impl Row {
    /// A column as text; empty for NULL.
    pub fn text(&self, name: &str) -> String {
        match self.0.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        }
    }

    /// A column as a number; None for NULL.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }

    /// The row with another text in a column.
    pub fn with(&self, name: &str, text: String) -> Row {
        let mut row = self.0.clone();
        row.insert(name.to_owned(), Value::String(text));
        Row(row)
    }

    /// Whether a column has this text.
    pub fn is(&self, name: &str, text: &str) -> bool {
        self.0.get(name).and_then(Value::as_str) == Some(text)
    }
}

/// The largest absolute value of a column.
pub fn largest<'a>(rows: impl IntoIterator<Item = &'a Row>, name: &str) -> f64 {
    rows.into_iter()
        .filter_map(|row| row.number(name))
        .fold(0.0, |most, value| most.max(value.abs()))
}

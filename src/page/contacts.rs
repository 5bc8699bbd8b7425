//! Whom to contact: the most valuable customers who are overdue, and why.

use super::Making;
use super::rows::rows_of;
use super::table::{Shown, table};
use super::words::{count, number, shown};
use page::Block;

/// How many customers are listed.
const LISTED: i32 = 20;

/// The customers with the reason to contact them.
pub fn contacts(making: &Making<'_>) -> Vec<Block> {
    let words = making.words;
    let sql = "SELECT * FROM customer_value.contact_list($1, $2)";
    let found = rows_of(sql, &[making.segments.view().into(), LISTED.into()]);
    if found.is_empty() {
        return vec![making.text("contacts.none")];
    }
    let days = |value| number(value, 0);
    let rows: Vec<_> = found
        .iter()
        .map(|row| {
            let gap = shown(row.number("typical_gap"), days);
            let recency = shown(row.number("recency_days"), days);
            row.with("why", words.with("contacts.why", &[("gap", &gap), ("recency", &recency)]))
        })
        .collect();
    let columns = [
        ("customer", "customer", Shown::Name),
        ("segment", "segment", Shown::Name),
        ("clv", "clv", Shown::Amount),
        ("p_alive", "p_alive", Shown::Percent),
        ("last_purchase", "last_purchase", Shown::Text),
        ("overdue_days", "overdue_days", Shown::Count),
        ("why", "why", Shown::Sentence),
    ];
    let caption = words.with("contacts.table", &[("rows", &count(rows.len() as f64))]);
    vec![making.text("contacts.text"), Block::Table(table(words, caption, &columns, &rows))]
}

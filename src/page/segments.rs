//! RFM segments: how large they are, what they bring in, what to do with them; and how much hangs on few customers.

use super::Making;
use super::rows::Row;
use super::table::{Shown, table};
use crate::picture::Arguments;
use crate::picture::rows::dated;
use crate::report::playbook;
use page::Block;
use std::collections::BTreeMap;

/// The column of the view with the codes of the segments.
pub const CODE: &str = "rfm_segment_code";

/// The column with their labels.
const LABEL: &str = "rfm_segment";

/// The row of all customers, if the reader may know of it.
pub fn total<'a>(making: &'a Making<'_>) -> Option<&'a Row> {
    making.report.as_ref().ok()?.iter().find(|row| row.is("part", "total"))
}

/// Pictures and tables of segments.
pub fn segments(making: &Making<'_>) -> Vec<Block> {
    if making.facts.day("scheme").is_empty() {
        return vec![making.text("segments.none")];
    }
    let mut blocks = vec![making.text("segments.text")];
    blocks.extend(making.picture_by("bars", LABEL, making.words.text("segments.bars")));
    blocks.extend(making.tried(|| tables(making)));
    blocks.extend(making.picture("grid", Arguments::default(), making.words.text("segments.grid")));
    blocks
}

fn tables(making: &Making<'_>) -> Vec<Block> {
    let words = making.words;
    let report = match &making.report {
        Ok(report) => report,
        Err(failure) => return vec![making.missing(failure)],
    };
    let positions = playbook::positions(making.segments, LABEL);
    let positions: BTreeMap<&str, &playbook::Position> =
        positions.iter().map(|position| (position.code.as_str(), position)).collect();
    let mut rows = Vec::new();
    for row in report {
        let label = match row.text("part").as_str() {
            "segment" => match positions.get(row.text("segment").as_str()) {
                Some(position) => position.label.clone(),
                None => row.text("segment"),
            },
            "unplaced" => {
                let why = dated(words.0, &row.text("reason"), &making.facts.as_of);
                words.with("segments.unplaced", &[("why", &why)])
            }
            "total" => words.text("segments.total"),
            _ => continue,
        };
        rows.push(row.with("segment", label));
    }
    let figures = [
        ("segment", "segment", Shown::Name),
        ("customers", "customers", Shown::Count),
        ("customer_share", "customer_share", Shown::Percent),
        ("revenue", "revenue", Shown::Amount),
        ("revenue_share", "revenue_share", Shown::Percent),
        ("mean_clv", "mean_clv", Shown::Amount),
        ("median_recency_days", "median_recency_days", Shown::Count),
        ("repeat_rate", "repeat_rate", Shown::Percent),
    ];
    let figures = table(words, words.text("segments.table"), &figures, &rows);
    let mut actions = Vec::new();
    for row in report.iter().filter(|row| row.is("part", "segment")) {
        if let Some(position) = positions.get(row.text("segment").as_str())
            && !position.action.is_empty()
        {
            let row = row.with("segment", position.label.clone());
            actions.push(row.with("action", position.action.clone()));
        }
    }
    let mut blocks = vec![Block::Table(figures)];
    if !actions.is_empty() {
        let columns = [("segment", "segment", Shown::Name), ("action", "action", Shown::Sentence)];
        blocks.push(Block::Table(table(words, words.text("segments.actions"), &columns, &actions)));
    }
    blocks
}

/// How much hangs on few customers.
pub fn lorenz(making: &Making<'_>) -> Vec<Block> {
    let mut blocks = vec![making.text("lorenz.text")];
    blocks.extend(making.picture(
        "lorenz",
        Arguments::default(),
        making.words.text("lorenz.picture"),
    ));
    blocks
}

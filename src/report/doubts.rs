//! What may mislead whoever reads a segmentation, in the segmentation's language.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use crate::manage::stored::Stored;
use crate::server::query::{column, rows, text_of};
use pgrx::prelude::*;
use segmentation::doubts::{Figures, Told, UNTRAINED, told};
use serde_json::Value;

/// The doubts of the newest training with their figures, in their order, and the language. One row without a training.
const DOUBTS: &str = "
    SELECT coalesce(d.code, CASE WHEN t.number IS NULL THEN $2 END), (t.doubt_figures -> d.code)::text,
           coalesce(t.language, s.options ->> 'language', 'en')
    FROM customer_value.segmentation AS s
    LEFT JOIN customer_value.training AS t ON t.segmentation = s.id AND t.newest
    LEFT JOIN LATERAL pg_catalog.unnest(t.doubts) WITH ORDINALITY AS d (code, place) ON true
    WHERE s.id = $1::pg_catalog.uuid
    ORDER BY d.place";

/// (view): the doubts of the newest training, each with the figure behind it, what it means and what to do.
#[pg_extern(sql = false)]
fn segmentation_doubts(
    view: &str,
) -> TableIterator<
    'static,
    (
        name!(doubt, Option<String>),
        name!(figure, Option<String>),
        name!(sentence, Option<String>),
        name!(what_to_do, Option<String>),
    ),
> {
    TableIterator::new(found(&Stored::of(view), None).into_iter().map(|(code, told)| {
        (Some(code), Some(told.figure), Some(told.sentence), Some(told.what_to_do))
    }))
}

/// The doubts of the newest training by their codes, in words: of a language, or of the segmentation's own.
pub fn found(stored: &Stored, language: Option<&str>) -> Vec<(String, Told)> {
    let id = stored.identity.id.as_str();
    let doubts = rows(DOUBTS, &[id.into(), UNTRAINED.into()], |row| {
        let figures = column::<String>(row, 2).and_then(|json| serde_json::from_str(&json).ok());
        (column::<String>(row, 1), figures, text_of(row, 3))
    });
    let in_words = |(code, figures, own): (Option<String>, Option<Value>, String)| {
        let code = code?;
        let figures = match figures {
            Some(Value::Object(figures)) => figures,
            _ => Figures::new(),
        };
        let told = told(&code, &figures, language.unwrap_or(&own));
        Some((code, told))
    };
    doubts.into_iter().filter_map(in_words).collect()
}

//! Pictures of a segmentation: SVG documents that any browser shows, from one read of the view.
//!
//! Each kind has a file, which reads what it shows, with the rights of whoever asks, and hands it to the crate `picture`,
//! which draws. `kinds` is the table of kinds, `rows` reads a label of the view, `frame` writes what stands around a
//! picture, `words` has the texts.

mod bars;
mod cohorts;
pub mod curve;
mod flow;
pub mod frame;
mod grid;
mod history;
mod kinds;
mod labels;
mod lorenz;
mod matrix;
pub mod rows;
mod scale;
mod span;
mod treemap;
mod words;

use crate::report::segments::Segments;
use crate::server::clock::finite_day;
use crate::server::error::{given, notice};
use pgrx::datum::Date;
use pgrx::prelude::*;
use segmentation::texts::is_spoken;

/// What a reader asks of a picture; what is None has a default that the kind knows.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// A label column or a matrix.
    pub by: Option<String>,
    /// What is shaded or sized.
    pub measure: Option<String>,
    /// The first day, counted from 2000-01-01.
    pub from_day: Option<i32>,
    /// The last day.
    pub to_day: Option<i32>,
    /// A customer, as text.
    pub customer: Option<String>,
}

/// For whoever gives NULL.
const CALL: &str = "Call it like this: segment_chart('shop.customer_segments', 'bars').";

/// (view, kind, by, measure, from_day, to_day, customer, language): a picture as an SVG document.
#[pg_extern(sql = false)]
#[allow(clippy::too_many_arguments)] // as many as its SQL declaration has
fn segment_chart(
    view: Option<&str>,
    kind: Option<&str>,
    by: Option<&str>,
    measure: Option<&str>,
    from_day: Option<Date>,
    to_day: Option<Date>,
    customer: Option<&str>,
    language: Option<&str>,
) -> String {
    let mut segments = Segments::of(given("view", view, CALL));
    if let Some(language) = language {
        segments.language = language.to_owned();
    }
    if !is_spoken(&segments.language) {
        let language = &segments.language;
        notice(format!("there are no texts in language \"{language}\": the picture is in English"));
    }
    let arguments = Arguments {
        by: by.map(str::to_owned),
        measure: measure.map(str::to_owned),
        from_day: from_day.map(|day| finite_day(day.to_pg_epoch_days())),
        to_day: to_day.map(|day| finite_day(day.to_pg_epoch_days())),
        customer: customer.map(str::to_owned),
    };
    svg(&segments, given("kind", kind, CALL), &arguments)
}

/// A picture of a segmentation in the language of `segments`, without an XML declaration: ready to stand in an HTML page.
pub fn svg(segments: &Segments, kind: &str, arguments: &Arguments) -> String {
    let kind = kinds::find(kind);
    kind.check(arguments);
    (kind.draw)(segments, arguments)
}

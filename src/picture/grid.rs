//! A grid of recency by frequency scores, with the segments in the cells.

use super::Arguments;
use super::frame::Framing;
use super::rows::{DEFAULT, Measure, no_positions, require_measured};
use crate::report::matrices;
use crate::report::playbook::Positions;
use crate::report::segments::Segments;
use crate::report::template::sql;
use crate::server::query::value;
use picture::axis;
use picture::grid::{Cell, Grid, draw};

type Read = (
    Option<i32>,
    Option<i32>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<f64>,
    Option<f64>,
    Option<i32>,
);

/// Draws the scores, shaded by a measure (default: customers).
pub fn picture(segments: &Segments, arguments: &Arguments) -> String {
    let framing = Framing::new(segments, "grid", arguments);
    let measure = Measure::of(arguments, Measure::Customers);
    for column in ["recency_score", "frequency_score", "rfm_segment_code"] {
        segments.column(column);
    }
    require_measured(segments);
    let positions = Positions::find(segments, &matrices::of(segments), DEFAULT);
    let sql = sql!(
        "grid.sql",
        view = segments.view(),
        positions = positions.map_or_else(no_positions, |positions| positions.query),
    );
    let read: Vec<Read> = segments.records(&sql);
    let customers: i64 = read.iter().filter_map(|row| row.4).sum();
    let as_of = read.first().and_then(|row| row.7);
    let say = framing.say();
    let title = say.text("grid");
    let cells: Vec<Cell> =
        read.iter().filter_map(|row| cell(row, measure, customers, &segments.language)).collect();
    if cells.is_empty() {
        return framing.nothing(title, customers, as_of, say.text("no_scores"));
    }
    let without = customers - cells.iter().map(|cell| cell.customers).sum::<i64>();
    let greatest = |of: fn(&Cell) -> usize| cells.iter().map(of).max().unwrap_or(1);
    let bins = bins(segments);
    let values = cells.iter().filter_map(|cell| cell.value);
    let most = values.fold(0.0, f64::max);
    let data = Grid {
        bins: [bins.max(greatest(|cell| cell.x)), bins.max(greatest(|cell| cell.y))],
        axes: ["recency_score", "frequency_score"].map(|key| say.text(key).to_owned()),
        customers: say.text("customers").into(),
        measure: measure.name(say).into(),
        ends: [0.0, most].map(|end| axis::short(end, &segments.language)),
        cells,
    };
    let mut frame = framing.frame(title, customers, as_of);
    if without > 0 {
        frame.note =
            say.counted(["without_scores", "without_scores.one"], ("number", without), &[]);
    }
    draw(&data, &frame)
}

/// A cell; None for customers without scores.
fn cell(row: &Read, measure: Measure, all: i64, language: &str) -> Option<Cell> {
    let (Some(x), Some(y)) = (row.0, row.1) else { return None };
    let customers = row.4.unwrap_or(0);
    let (value, value_text) = match measure {
        Measure::Customers => (Some(customers as f64), None),
        Measure::Revenue => (row.5, row.5),
        Measure::MeanClv => (row.6, row.6),
    };
    let label = row.2.clone().unwrap_or_default();
    Some(Cell {
        x: usize::try_from(x).ok()?,
        y: usize::try_from(y).ok()?,
        customers,
        share: Some(customers as f64 / all.max(1) as f64),
        label: match row.3 {
            Some(labels) if labels > 1 => format!("{label} +{}", labels - 1),
            _ => label,
        },
        value,
        value_text: value_text.map(|value| axis::short(value, language)).unwrap_or_default(),
    })
}

/// The number of bins of the newest training.
fn bins(segments: &Segments) -> usize {
    let sql = "SELECT (t.cuts::text::jsonb ->> 'bins')::int4 FROM customer_value.training AS t \
               WHERE t.segmentation = $1::uuid AND t.newest";
    let bins: Option<i32> = value(sql, &[segments.stored.identity.id.as_str().into()]);
    bins.and_then(|bins| usize::try_from(bins).ok()).unwrap_or(1)
}

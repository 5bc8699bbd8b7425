//! Bars: a label in the order of its ranks.

use super::Arguments;
use super::frame::Framing;
use super::rows::{DEFAULT, Measure, Part, read};
use crate::report::segments::Segments;
use picture::bars::{Bar, Bars, draw};

/// The most labels that have bars of their own.
const MOST: usize = 30;

/// Draws the label `by`, its customers and a measure (default: revenue).
pub fn picture(segments: &Segments, arguments: &Arguments) -> String {
    let framing = Framing::new(segments, "bars", arguments);
    let measure = Measure::of(arguments, Measure::Revenue);
    let by = arguments.by.as_deref().unwrap_or(DEFAULT);
    let read = read(segments, &framing, by, MOST);
    let say = framing.say();
    if read.are_empty() {
        return framing.nothing(&read.title, read.customers, read.as_of, &read.why(say, by));
    }
    let is_known = read.rows.iter().any(|row| measure.value(row).is_some());
    let is_second = measure != Measure::Customers && is_known;
    let bars = read.rows.iter().map(|row| Bar {
        label: row.label.clone(),
        customers: row.customers,
        share: row.share,
        value: measure.value(row).filter(|_| is_second),
        value_text: if is_second { measure.told(row, &segments.language) } else { String::new() },
        is_other: row.part != Part::Label,
    });
    let data = Bars {
        bars: bars.collect(),
        customers: say.text("customers").into(),
        measure: if is_second { measure.name(say).into() } else { String::new() },
    };
    draw(&data, &framing.frame(&read.title, read.customers, read.as_of))
}

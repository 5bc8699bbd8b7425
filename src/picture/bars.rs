//! Bars: a label in the order of its ranks.

use super::Arguments;
use super::frame::Framing;
use super::rows::{DEFAULT, Measure, read};
use crate::report::segments::Segments;
use picture::bars::{Bars, draw};

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
    let second =
        Some(measure).filter(|measure| *measure != Measure::Customers && read.have(*measure));
    let data = Bars {
        bars: read.rows.iter().map(|row| row.group(second, &segments.language)).collect(),
        customers: say.text("customers").into(),
        measure: second.map(|measure| measure.name(say).to_owned()).unwrap_or_default(),
    };
    draw(&data, &framing.frame(&read.title, read.customers, read.as_of))
}

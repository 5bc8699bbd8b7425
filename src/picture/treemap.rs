//! A treemap: the values of a label by the number of their customers.

use super::Arguments;
use super::frame::Framing;
use super::rows::{DEFAULT, Measure, read};
use crate::report::segments::Segments;
use picture::axis;
use picture::group::Group;
use picture::treemap::{Treemap, draw};

/// The most labels that have tiles of their own.
const MOST: usize = 40;

/// Draws the label `by` by its customers, shaded by a measure (default: mean lifetime value; revenue where there is none).
pub fn picture(segments: &Segments, arguments: &Arguments) -> String {
    let framing = Framing::new(segments, "treemap", arguments);
    let asked = Measure::of(arguments, Measure::MeanClv);
    let by = arguments.by.as_deref().unwrap_or(DEFAULT);
    let read = read(segments, &framing, by, MOST);
    let say = framing.say();
    if read.are_empty() {
        return framing.nothing(&read.title, read.customers, read.as_of, &read.why(say, by));
    }
    let given = arguments.measure.is_some();
    let candidates = [asked, Measure::Revenue].into_iter().take(if given { 1 } else { 2 });
    let measure = candidates.into_iter().find(|measure| read.have(*measure));
    let language = &segments.language;
    let tiles: Vec<Group> = read.rows.iter().map(|row| row.group(measure, language)).collect();
    let shaded = tiles.iter().filter(|tile| !tile.is_other).filter_map(|tile| tile.value);
    let greatest = shaded.fold(0.0, f64::max);
    let data = Treemap {
        tiles,
        customers: say.text("customers").into(),
        measure: measure.map(|measure| measure.name(say).to_owned()).unwrap_or_default(),
        ends: [0.0, greatest].map(|end| axis::short(end, language)),
    };
    draw(&data, &framing.frame(&read.title, read.customers, read.as_of))
}

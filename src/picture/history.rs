//! Segments over time: their customers, or what these bring in, as of several days.

use super::Arguments;
use super::frame::Framing;
use super::labels::Labels;
use super::rows::DEFAULT;
use super::span::{self, Every};
use crate::report::days::{OnDays, Period};
use crate::report::over_time::{OfDay, history};
use crate::report::segment_report::is_score;
use crate::report::segments::Segments;
use picture::axis;
use picture::history::{History, Segment, draw};
use segmentation::trained::Applied;
use std::collections::BTreeMap;

/// The most segments that have colours of their own.
const MOST: usize = 12;

/// The measures that add up to a whole.
const MEASURES: [&str; 3] = ["customers", "revenue", "total_clv"];

/// Draws the label `by` from `from_day` to `to_day`, or a year back from there, month by month.
pub fn picture(segments: &Segments, arguments: &Arguments) -> String {
    let framing = Framing::new(segments, "history", arguments);
    let say = framing.say();
    let measure = span::choice(arguments, &MEASURES);
    let labels = Labels::of(segments, &framing, arguments.by.as_deref().unwrap_or(DEFAULT));
    let title = say.filled("history.title", &[("label", &labels.title)]);
    let Some(view) = OnDays::if_trained(segments) else {
        return framing.nothing(&title, 1, None, say.text("no_purchases"));
    };
    let period = Period { from: arguments.from_day, to: arguments.to_day };
    let last = view.last(period);
    let every = period.from.map_or(Every::Months(1), |from| Every::of(from, last));
    let days = match period.from {
        None => view.days(period, every.step()),
        Some(from) => {
            view.ends(period);
            every.back(from, last)
        }
    };
    let found =
        history(segments, &view, &labels.column, &days, (Applied::Newest, measure == "total_clv"));
    let Some(first) = days.first().filter(|_| !found.is_empty()) else {
        let why = say.filled("history.nothing", &[("column", &labels.column)]);
        return framing.nothing(&title, 1, None, &why);
    };
    let language = &segments.language;
    let called = |day: &i32| [every.name(*day, language), axis::day(*day, language)];
    let data = History {
        days: days.iter().map(called).collect(),
        segments: stacked(segments, &labels, &days, found, measure),
        axis: say.text(measure).into(),
    };
    let mut frame = framing.frame(&title, 0, None);
    let ends = [first, days.last().unwrap_or(first)].map(|day| axis::day(*day, language));
    frame.subtitle = say.filled(
        "history.subtitle",
        &[("from", &ends[0]), ("to", &ends[1]), ("view", &segments.view())],
    );
    frame.note = say.text("history.note").into();
    if data.segments.iter().flat_map(|one| &one.values).any(|value| *value < 0.0) {
        frame.note += say.text("sentences");
        frame.note += say.text("history.negative");
    }
    draw(&data, &frame)
}

/// What a row tells of the measure.
fn value_of(row: &OfDay, measure: &str) -> f64 {
    match measure {
        "revenue" => row.4.as_ref().map_or(0.0, span::number),
        "total_clv" => row.7.unwrap_or(0.0),
        _ => row.2.unwrap_or(0) as f64,
    }
}

/// The segments, best first, with their values on each day: those with most, the rest as one, and those without a label.
fn stacked(
    segments: &Segments,
    labels: &Labels,
    days: &[i32],
    found: Vec<OfDay>,
    measure: &str,
) -> Vec<Segment> {
    let mut by_label: BTreeMap<Option<String>, (Option<i32>, Vec<f64>)> = BTreeMap::new();
    for row in found {
        let day = row.0.and_then(|day| days.binary_search(&day.to_pg_epoch_days()).ok());
        let (Some(day), value, rank) = (day, value_of(&row, measure), row.8) else { continue };
        let of = by_label.entry(row.1).or_insert_with(|| (rank, vec![0.0; days.len()]));
        of.1[day] += value;
    }
    let unplaced = by_label.remove(&None);
    let mut known: Vec<_> =
        by_label.into_iter().map(|(label, of)| (label.unwrap_or_default(), of)).collect();
    let order = if is_score(&labels.column) { span::by_score } else { span::by_place };
    known.sort_by(|(one, (rank, _)), (other, (others, _))| {
        let ranks = (rank.is_none(), rank).cmp(&(others.is_none(), others));
        ranks.then_with(|| order(one, other))
    });
    let peaks: Vec<f64> =
        known.iter().map(|(_, (_, values))| values.iter().copied().fold(0.0, f64::max)).collect();
    let kept = span::largest(&peaks, MOST);
    let (mut stacked, mut rest, mut joined) = (Vec::new(), vec![0.0; days.len()], 0);
    for ((label, (_, values)), is_kept) in known.into_iter().zip(kept) {
        if is_kept {
            stacked.push(Segment { name: labels.shown(&label), is_rest: false, values });
        } else {
            joined += 1;
            rest.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
    }
    if joined > 0 {
        let name = super::words::Say(&segments.language).filled("more", &[("number", &joined)]);
        stacked.push(Segment { name, is_rest: true, values: rest });
    }
    if let Some((_, values)) = unplaced {
        let name = segments.words().text("over_time.unplaced").to_owned();
        stacked.push(Segment { name, is_rest: true, values });
    }
    stacked
}

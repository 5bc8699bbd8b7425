//! Segments over time: a bar for each day, the segments in it, the best at the bottom.

use crate::axis;
use crate::canvas::{Area, Canvas, Frame, MARGIN, SMALL, WIDTH};
use crate::spread::spread;
use crate::text;
use crate::told::{phrase, sentence};

/// What is drawn.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct History {
    /// What each day is called: below its bar, and in full.
    pub days: Vec<[String; 2]>,
    /// The segments, best first.
    pub segments: Vec<Segment>,
    /// What stands above the axis.
    pub axis: String,
}

/// A segment on these days.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Segment {
    /// What it is called.
    pub name: String,
    /// Whether it is not a segment of its own: the rest of many, or those without a label.
    pub is_rest: bool,
    /// How much there is of it on each day.
    pub values: Vec<f64>,
}

/// The height of the bars.
const HEIGHT: f64 = 380.0;
/// The least and the most width of the names beside the last bar.
const NAMES: [f64; 2] = [120.0, 250.0];
/// What a name has beside it, apart from the value: a line, a colour, and space.
const BESIDE: f64 = 46.0;
/// From one name to the next.
const LINE: f64 = 17.0;

/// Draws it.
pub fn draw(data: &History, frame: &Frame) -> String {
    let mut canvas = Canvas::new(frame);
    let top = canvas.top() + 23.0;
    let height = HEIGHT.max(LINE * data.segments.len() as f64);
    let names_width = width_of_names(data, canvas.language());
    let plot = Area::new(MARGIN + 44.0, top, WIDTH - 2.0 * MARGIN - 44.0 - names_width, height);
    let classes = classes(&mut canvas, &data.segments);
    let total = |day: usize| data.segments.iter().map(|one| one.values[day].max(0.0)).sum::<f64>();
    let mut ticks = axis::ticks((0..data.days.len()).map(total).fold(0.0, f64::max), 5);
    let is_whole = |value: &f64| value.fract() == 0.0;
    if data.segments.iter().flat_map(|one| &one.values).all(is_whole) {
        ticks.retain(is_whole);
    }
    let scale = plot.h / ticks.last().copied().unwrap_or(1.0);
    canvas.text((MARGIN, top - 13.0), &data.axis, "s m");
    for tick in &ticks {
        let y = plot.y + plot.h - tick * scale;
        canvas.line((plot.x, y), (plot.x + plot.w, y), "grid");
        let words = axis::short(*tick, canvas.language());
        canvas.text((plot.x - 8.0, y + 4.0), &words, "s m e");
    }
    let step = plot.w / data.days.len().max(1) as f64;
    let width = (step * 0.84).min(90.0);
    let mut tops = Vec::new();
    for (day, [_, name]) in data.days.iter().enumerate() {
        let x = plot.x + step * (day as f64 + 0.5) - width / 2.0;
        let mut y = plot.y + plot.h;
        tops.clear();
        for (segment, class) in data.segments.iter().zip(&classes) {
            // what is negative has no bar, but its figure
            let value = segment.values[day].max(0.0);
            y -= value * scale;
            tops.push(y + value * scale / 2.0);
            let number = axis::number(segment.values[day]);
            let tip = phrase(canvas.language(), &[&segment.name, name], &[number]);
            let area = Area::new(x, y, width, value * scale);
            canvas.rect(area, &format!("{class} gap"), Some(&tip));
        }
    }
    canvas.line((plot.x, plot.y + plot.h), (plot.x + plot.w, plot.y + plot.h), "axis");
    days(&mut canvas, data, plot, step);
    let edge = plot.x + plot.w - (step - width) / 2.0;
    names(&mut canvas, data, &classes, (plot, edge, &tops));
    describe(&mut canvas, data);
    canvas.finish(plot.y + plot.h + 24.0)
}

/// The classes of the segments.
fn classes(canvas: &mut Canvas<'_>, segments: &[Segment]) -> Vec<String> {
    canvas.fill_layers(segments.iter().filter(|one| !one.is_rest).count());
    let mut rank = 0;
    let class = |one: &Segment| match one.is_rest {
        true => "no".to_owned(),
        false => {
            rank += 1;
            format!("r{}", rank - 1)
        }
    };
    segments.iter().map(class).collect()
}

/// The days below the bars, as many as there is room for: the last, and others at a regular distance before it.
fn days(canvas: &mut Canvas<'_>, data: &History, plot: Area, step: f64) {
    let widest = data.days.iter().map(|[short, _]| text::width(short, SMALL)).fold(0.0, f64::max);
    let every = ((widest + 6.0) / step).ceil().max(1.0) as usize;
    for (day, [short, _]) in data.days.iter().enumerate().rev().step_by(every) {
        let x = plot.x + step * (day as f64 + 0.5);
        // the first and the last may be wider than their bars
        let half = text::width(short, SMALL) / 2.0;
        let x = x.max(MARGIN + half).min(WIDTH - MARGIN - half);
        canvas.text((x, plot.y + plot.h + 18.0), short, "s m c");
    }
}

/// What stands beside a name: how much there is on the last day.
fn last_value(segment: &Segment, language: &str) -> String {
    axis::short(segment.values.last().copied().unwrap_or(0.0), language)
}

/// The width of the names beside the last bar, with their colours and values.
fn width_of_names(data: &History, language: &str) -> f64 {
    let width = |one: &Segment| {
        let name = text::width(&text::clean(&one.name), SMALL);
        name + text::width(&last_value(one, language), SMALL) + BESIDE
    };
    let [least, most] = NAMES;
    data.segments.iter().map(width).fold(least, f64::max).min(most)
}

/// The names beside the last bar, each with its colour, and how much there is.
fn names(
    canvas: &mut Canvas<'_>,
    data: &History,
    classes: &[String],
    (plot, edge, tops): (Area, f64, &[f64]),
) {
    if data.days.is_empty() {
        return;
    }
    // from the top down
    let wanted: Vec<f64> = tops.iter().rev().copied().collect();
    let mut places = spread(&wanted, LINE, plot.y + 6.0, plot.y + plot.h - 4.0);
    places.reverse();
    let left = plot.x + plot.w + 16.0;
    for (((segment, class), place), top) in data.segments.iter().zip(classes).zip(places).zip(tops)
    {
        canvas.through(&[(edge + 1.0, *top), (left - 3.0, place)], "grid", None);
        canvas.rect(Area::new(left, place - 5.5, 11.0, 11.0), class, None);
        let value = last_value(segment, canvas.language());
        let right = WIDTH - MARGIN;
        canvas.text((right, place + 4.0), &value, "s m e");
        let room = right - text::width(&value, SMALL) - 12.0 - (left + 17.0);
        canvas.text_within((left + 17.0, place + 4.0), &segment.name, "s", room);
    }
}

/// The first and the last day of each segment.
fn describe(canvas: &mut Canvas<'_>, data: &History) {
    let Some(last) = data.days.len().checked_sub(1) else { return };
    let ends = format!("{} → {}", data.days[0][1], data.days[last][1]);
    let tell = |one: &Segment| {
        let [from, to] = [0, last].map(|day| axis::number(one.values[day]));
        format!("{} {from} → {to}", text::clean(&one.name))
    };
    let told: Vec<String> = data.segments.iter().map(tell).collect();
    canvas.describe(&sentence(canvas.language(), &[&ends], &told));
}

//! Something over time as lines: what was bought and what a model has of it, or how likely a customer has not left.

use crate::axis;
use crate::canvas::{Area, Canvas, Frame, MARGIN, SMALL, WIDTH, length};
use crate::spread::spread;
use crate::strokes;
use crate::text;
use btyd::calendar::{first_day_of_month, month_of};

/// What is drawn.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Curve {
    /// The first and the last day.
    pub days: [i32; 2],
    /// What stands above the axis.
    pub axis: String,
    /// Whether values are shares, from 0 to 1.
    pub is_share: bool,
    /// The lines: what is, what a model has, what there is to be compared with.
    pub lines: Vec<Line>,
    /// A day from which on something else holds, and what holds before and after it.
    pub split: Option<(i32, [String; 2])>,
    /// Days that are marked below the lines.
    pub marks: Vec<i32>,
    /// What they are.
    pub marked: String,
    /// The text alternative.
    pub description: String,
}

/// A line.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Line {
    /// What it is called.
    pub name: String,
    /// Its points, by day.
    pub points: Vec<(i32, f64)>,
}

/// The height of the lines.
const HEIGHT: f64 = 300.0;
/// The width of the names at the ends of the lines.
const NAMES: f64 = 118.0;
/// The most points of a line.
const MOST_POINTS: usize = 400;
/// The classes of the lines.
const CLASSES: [&str; 3] = [strokes::FIRST_LINE, strokes::SECOND_LINE, strokes::THIRD_LINE];

/// Draws it.
pub fn draw(data: &Curve, frame: &Frame) -> String {
    let mut canvas = Canvas::new(frame);
    strokes::define(&mut canvas);
    canvas.describe(&data.description);
    let top = canvas.top() + 23.0;
    let names = if data.lines.len() > 1 { NAMES } else { 8.0 };
    let plot = Area::new(MARGIN + 44.0, top, WIDTH - 2.0 * MARGIN - 44.0 - names, HEIGHT);
    let points = || data.lines.iter().flat_map(|line| &line.points);
    let greatest = points().map(|(_, value)| *value).fold(0.0, f64::max);
    let ticks = if data.is_share { axis::ticks(1.0, 4) } else { axis::ticks(greatest, 5) };
    let last = ticks.last().copied().unwrap_or(1.0);
    let length_in_days = f64::from(data.days[1] - data.days[0]).max(1.0);
    let x = |day: i32| plot.x + f64::from(day - data.days[0]) / length_in_days * plot.w;
    let y = |value: f64| plot.y + plot.h - value / last * plot.h;
    canvas.text((MARGIN, top - 13.0), &data.axis, "s m");
    for tick in &ticks {
        canvas.line((plot.x, y(*tick)), (plot.x + plot.w, y(*tick)), "grid");
        let words = match data.is_share {
            true => strokes::tick(*tick),
            false => axis::short(*tick, canvas.language()),
        };
        canvas.text((plot.x - 8.0, y(*tick) + 4.0), &words, "s m e");
    }
    split(&mut canvas, data, plot, &x);
    for (line, class) in data.lines.iter().zip(CLASSES).rev() {
        let thinned = thinned(&line.points);
        let points: Vec<(f64, f64)> =
            thinned.iter().map(|point| (x(point.0), y(point.1))).collect();
        if data.is_share
            && let Some((first, last)) = points.first().zip(points.last())
        {
            let (from, to) = ((first.0, y(0.0)), (last.0, y(0.0)));
            let outline: Vec<_> = [from].into_iter().chain(points.clone()).chain([to]).collect();
            canvas.through(&outline, strokes::FIRST_AREA, None);
        }
        match points.as_slice() {
            [only] => canvas.circle(*only, 4.0, "fo", None),
            _ => canvas.through(&points, class, None),
        }
    }
    canvas.line((plot.x, y(0.0)), (plot.x + plot.w, y(0.0)), "axis");
    line_names(&mut canvas, data, plot, &y);
    let bottom = days(&mut canvas, data, plot, &x);
    canvas.finish(bottom)
}

/// Where something else begins to hold.
fn split(canvas: &mut Canvas<'_>, data: &Curve, plot: Area, x: &dyn Fn(i32) -> f64) {
    let Some((day, words)) = &data.split else { return };
    let at = x(*day);
    canvas.line((at, plot.y - 4.0), (at, plot.y + plot.h), "cut");
    let [before, after] = [at - plot.x, plot.x + plot.w - at].map(|room| room - 8.0);
    canvas.text_within((at - 6.0, plot.y + 10.0), &words[0], "s m e", before);
    canvas.text_within((at + 6.0, plot.y + 10.0), &words[1], "s m", after);
}

/// The names of the lines at their ends.
fn line_names(canvas: &mut Canvas<'_>, data: &Curve, plot: Area, y: &dyn Fn(f64) -> f64) {
    if data.lines.len() < 2 {
        return;
    }
    let mut ends: Vec<(f64, &str, usize)> = Vec::new();
    for (at, line) in data.lines.iter().enumerate() {
        ends.extend(line.points.last().map(|(_, value)| (y(*value), line.name.as_str(), at)));
    }
    ends.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.2.cmp(&other.2)));
    let wanted: Vec<f64> = ends.iter().map(|end| end.0).collect();
    let places = spread(&wanted, 34.0, plot.y + 8.0, plot.y + plot.h - 8.0);
    let left = plot.x + plot.w + 4.0;
    for ((end, name, at), place) in ends.into_iter().zip(places) {
        canvas.through(&[(left - 3.0, end), (left + 4.0, place)], "grid", None);
        canvas.through(&[(left + 5.0, place), (left + 19.0, place)], CLASSES[at], None);
        let area = (left + 23.0, place - SMALL * 0.85, WIDTH - MARGIN - left - 23.0);
        canvas.paragraph(name, "s", SMALL, area, 2);
    }
}

/// No more points than are seen, the first and the last among them.
fn thinned(points: &[(i32, f64)]) -> Vec<(i32, f64)> {
    let every = points.len().div_ceil(MOST_POINTS).max(1);
    let last = points.len().saturating_sub(1);
    let kept = points.iter().enumerate().filter(|(at, _)| at % every == 0 || *at == last);
    kept.map(|(_, point)| *point).collect()
}

/// What is marked, and the days of the axis; where that ends.
fn days(canvas: &mut Canvas<'_>, data: &Curve, plot: Area, x: &dyn Fn(i32) -> f64) -> f64 {
    let mut bottom = plot.y + plot.h;
    if !data.marks.is_empty() {
        let mut places: Vec<String> = data.marks.iter().map(|day| length(x(*day))).collect();
        places.dedup();
        let ticks: Vec<String> =
            places.iter().map(|x| format!("M{x} {}v12", length(bottom + 5.0))).collect();
        canvas.path(&ticks.concat(), strokes::MARK, Some(&data.marked));
        bottom += 20.0;
    }
    let mut free = MARGIN;
    for (day, words) in day_ticks(data.days, canvas.language()) {
        let half = text::width(&words, SMALL) / 2.0;
        let at = x(day).max(MARGIN + half).min(WIDTH - MARGIN - half);
        canvas.line((x(day), plot.y + plot.h), (x(day), plot.y + plot.h + 4.0), "axis");
        if at - half >= free {
            canvas.text((at, bottom + 18.0), &words, "s m c");
            free = at + half + 8.0;
        }
    }
    bottom += 24.0;
    if !data.marks.is_empty() {
        let y = bottom + 12.0;
        canvas.path(
            &format!("M{} {}v12", length(plot.x + 1.0), length(y - 10.0)),
            strokes::MARK,
            None,
        );
        canvas.text_within((plot.x + 9.0, y), &data.marked, "s m", plot.w);
        bottom = y + 4.0;
    }
    bottom
}

/// Days of the axis and what they are called: first days of months, or every so many days of a short time.
fn day_ticks([from, to]: [i32; 2], language: &str) -> Vec<(i32, String)> {
    const MOST: i64 = 7;
    let days = i64::from(to) - i64::from(from);
    if days < 75 {
        let every = [1, 2, 7, 14].into_iter().find(|every| days / every < MOST).unwrap_or(14);
        let ticks = (from..=to).step_by(every as usize);
        return ticks.map(|day| (day, axis::day(day, language))).collect();
    }
    let months = month_of(to.into()) - month_of(from.into());
    let every = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600].into_iter();
    let every = every.clone().find(|every| months / every < MOST).unwrap_or(1200);
    let first = (month_of(from.into()) + every - 1).div_euclid(every) * every;
    let ticks = (first..).step_by(every as usize).map(first_day_of_month);
    let ticks = ticks.skip_while(|day| *day < from.into()).take_while(|day| *day <= to.into());
    ticks
        .filter_map(|day| i32::try_from(day).ok())
        .map(|day| (day, axis::month(day, language)))
        .collect()
}

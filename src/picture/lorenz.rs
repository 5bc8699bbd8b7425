//! How unequal customers are: what the best of them bring in.

use super::Arguments;
use super::frame::Framing;
use super::span;
use crate::report::segments::Segments;
use crate::report::template::sql;
use picture::axis;
use picture::lorenz::{Lorenz, Mark, draw};

/// Parts of the customers after each of which the curve has points.
const PARTS: i64 = 200;

/// The shares of the customers that are told of, in percent.
const TOLD: [i64; 4] = [1, 10, 20, 50];

/// What customers are compared by: columns of the view.
const MEASURES: [&str; 2] = ["revenue", "clv"];

/// The customers with a value, all of them, Gini's coefficient; a number of the best of them, and their share.
type Point = (Option<i64>, Option<i64>, Option<f64>, Option<i64>, Option<f64>);

/// Draws customers by what they have brought in, or by what they are worth.
pub fn picture(segments: &Segments, arguments: &Arguments) -> String {
    let framing = Framing::new(segments, "lorenz", arguments);
    let say = framing.say();
    let measure = span::choice(arguments, &MEASURES);
    segments.column(measure);
    segments.column("as_of");
    let sql =
        sql!("lorenz.sql", view = segments.view(), measure = measure, parts = PARTS.to_string(),);
    let found: Vec<(Point, Option<i32>)> =
        segments.records(&sql).into_iter().map(|(a, b, c, d, e, f)| ((a, b, c, d, e), f)).collect();
    let name = say.text(if measure == "clv" { "clv" } else { measure });
    let title = say.filled("lorenz.title", &[("measure", &name)]);
    let as_of = found.first().and_then(|row| row.1);
    let customers = found.first().and_then(|row| row.0.0).unwrap_or(0);
    let points: Vec<(i64, f64)> =
        found.iter().filter_map(|(point, _)| Some((point.3?, point.4?))).collect();
    if points.is_empty() {
        let why = say.filled("lorenz.nothing", &[("measure", &name)]);
        let all = found.first().and_then(|row| row.0.1).unwrap_or(0);
        return framing.nothing(&title, all, as_of, &why);
    }
    let gini = found.first().and_then(|row| row.0.2).unwrap_or(0.0);
    let all = customers as f64;
    let mark = |percent: i64| {
        let bring = reached(&points, all * percent as f64 / 100.0);
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("best", &percent), ("share", &axis::percent(bring)), ("measure", &name)];
        Mark { best: percent as f64 / 100.0, bring, words: say.filled("lorenz.mark", &values) }
    };
    let curve = points.iter().map(|(place, share)| (*place as f64 / all, *share));
    let data = Lorenz {
        points: std::iter::once((0.0, 0.0)).chain(curve).collect(),
        // a hundredth of few customers is nobody
        marks: TOLD.into_iter().filter(|part| customers * part >= 100).map(mark).collect(),
        gini: say.filled("lorenz.gini", &[("gini", &gini)]),
        axes: [
            say.text("lorenz.customers").into(),
            say.filled("lorenz.share", &[("measure", &name)]),
        ],
        alike: say.text("lorenz.alike").into(),
    };
    let mut frame = framing.frame(&title, customers, as_of);
    frame.note = say.text("lorenz.note").into();
    draw(&data, &frame)
}

/// The share that so many of the best have: between two points as on a line through them.
fn reached(points: &[(i64, f64)], best: f64) -> f64 {
    let (mut before, mut so_far) = (0.0, 0.0);
    for (place, share) in points.iter().map(|(place, share)| (*place as f64, *share)) {
        if place >= best {
            let part = if place > before { (best - before) / (place - before) } else { 1.0 };
            return so_far + (share - so_far) * part;
        }
        (before, so_far) = (place, share);
    }
    so_far
}

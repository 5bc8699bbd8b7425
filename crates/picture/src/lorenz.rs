//! How unequal customers are: the share of the whole that the best of them bring in, beside what it would be if all were alike.

use crate::axis;
use crate::canvas::{Area, Canvas, Frame, MARGIN, SIZE, SMALL, WIDTH, length};
use crate::strokes;
use crate::text;
use crate::told::sentence;

/// What is drawn.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Lorenz {
    /// Shares of the customers, the best first, and of what they bring in: from (0, 0) to (1, 1).
    pub points: Vec<(f64, f64)>,
    /// What is told of the best.
    pub marks: Vec<Mark>,
    /// Gini's coefficient, with its name.
    pub gini: String,
    /// What stands below the picture and above its left edge.
    pub axes: [String; 2],
    /// What the diagonal is.
    pub alike: String,
}

/// What so many of the best bring in.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Mark {
    /// The share of the customers.
    pub best: f64,
    /// The share that they bring in.
    pub bring: f64,
    /// The same as a sentence.
    pub words: String,
}

/// The side of the picture.
const SIDE: f64 = 400.0;

/// Draws it.
pub fn draw(data: &Lorenz, frame: &Frame) -> String {
    let mut canvas = Canvas::new(frame);
    strokes::define(&mut canvas);
    let top = canvas.top() + 23.0;
    let plot = Area::new(MARGIN + 44.0, top, SIDE, SIDE);
    let place = |(x, y): (f64, f64)| (plot.x + x * plot.w, plot.y + (1.0 - y) * plot.h);
    canvas.text((MARGIN, top - 13.0), &data.axes[1], "s m");
    for at in 0..=4 {
        let share = f64::from(at) / 4.0;
        let (x, y) = place((share, share));
        canvas.line((plot.x, y), (plot.x + plot.w, y), "grid");
        canvas.text((plot.x - 8.0, y + 4.0), &strokes::tick(share), "s m e");
        canvas.line((x, plot.y + plot.h), (x, plot.y + plot.h + 5.0), "axis");
        canvas.text((x, plot.y + plot.h + 18.0), &strokes::tick(share), "s m c");
    }
    let (x, y) = place((0.5, 0.5));
    canvas.through(&[place((0.0, 0.0)), place((1.0, 1.0))], "axis", None);
    canvas.text_within((x + 10.0, y + 18.0), &data.alike, "s m", plot.w / 2.0 - 14.0);
    let points: Vec<(f64, f64)> = data.points.iter().map(|point| place(*point)).collect();
    area(&mut canvas, &points);
    canvas.through(&points, strokes::FIRST_LINE, None);
    canvas.line((plot.x, plot.y + plot.h), (plot.x + plot.w, plot.y + plot.h), "axis");
    canvas.text_within(
        (plot.x + plot.w / 2.0, plot.y + plot.h + 36.0),
        &data.axes[0],
        "s m c",
        plot.w,
    );
    marks(&mut canvas, data, plot, &place);
    canvas.finish(plot.y + plot.h + 42.0)
}

/// What lies between the curve and the diagonal: what Gini's coefficient is twice the share of.
fn area(canvas: &mut Canvas<'_>, points: &[(f64, f64)]) {
    let mut path = String::new();
    for (at, (x, y)) in points.iter().enumerate() {
        path += &format!("{}{} {}", if at == 0 { "M" } else { "L" }, length(*x), length(*y));
    }
    if !path.is_empty() {
        canvas.path(&(path + "z"), strokes::FIRST_AREA, None);
    }
}

/// The points that are told of, on the curve and beside it in words.
fn marks(
    canvas: &mut Canvas<'_>,
    data: &Lorenz,
    plot: Area,
    place: &dyn Fn((f64, f64)) -> (f64, f64),
) {
    let left = plot.x + plot.w + 20.0;
    let width = WIDTH - MARGIN - left;
    let mut y = plot.y + 8.0;
    canvas.describe(&sentence(canvas.language(), &[], &[&data.gini]));
    y = canvas.paragraph(&data.gini, "b", SIZE, (left, y - SIZE, width), 2) + 8.0;
    for mark in &data.marks {
        let at = place((mark.best, mark.bring));
        canvas.circle(at, 4.5, "fo", Some(&mark.words));
        let share = axis::percent(mark.bring);
        let room = (mark.bring - mark.best) * plot.w - 24.0;
        if room > text::width(&share, SMALL) {
            canvas.text((at.0 + 9.0, at.1 + 14.0), &share, "s b");
        }
        canvas.describe(&sentence(canvas.language(), &[], &[&mark.words]));
        y = canvas.paragraph(&mark.words, "s", SMALL, (left, y, width), 3) + 6.0;
    }
}

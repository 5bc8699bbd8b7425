//! A matrix of two axes: its fields with name, size, value and what to do, the customers behind them as a density, the cuts
//! between them as lines.
//!
//! Fields are of equal size, so that each has room for its words; within its levels an axis has a scale of its own, which the
//! density follows.

use crate::axis::{count, percent};
use crate::canvas::{Area, Canvas, Frame, MARGIN, SIZE, SMALL, WIDTH};
use crate::palette::{DENSITIES, step_by_size};
use crate::text;
use crate::told::{sentence, with_share};

/// An axis.
#[derive(Debug, Clone, Default)]
pub struct Axis {
    /// What it is called.
    pub name: String,
    /// The number of its levels, drawn from left to right or from below upwards.
    pub levels: usize,
    /// What stands at the ends of levels, from the least value up: one more than levels, or none.
    pub ticks: Vec<String>,
    /// In how many patches customers are counted within each level.
    pub patches: usize,
}

/// A field of the matrix.
#[derive(Debug, Clone, Default)]
pub struct Field {
    /// Its level on the first axis, from 0.
    pub x: usize,
    /// Its level on the second axis.
    pub y: usize,
    /// What it is called.
    pub label: String,
    /// How many customers are in it.
    pub customers: i64,
    /// Their share of all customers.
    pub share: Option<f64>,
    /// A measure, in words with its name; empty for none.
    pub value: String,
    /// What to do; empty for nothing.
    pub action: String,
}

/// Customers in a small part of the plane.
#[derive(Debug, Clone, Copy, Default)]
pub struct Patch {
    /// Its place on the first axis, counted in patches over all levels.
    pub x: usize,
    /// Its place on the second axis.
    pub y: usize,
    /// What it is shaded by.
    pub value: f64,
}

/// A picture of a matrix.
#[derive(Debug, Clone, Default)]
pub struct Matrix {
    /// The first axis, to the right, and the second, upwards.
    pub axes: [Axis; 2],
    /// The fields.
    pub fields: Vec<Field>,
    /// Where customers are; empty where the axes have no scale.
    pub patches: Vec<Patch>,
    /// What patches are shaded by.
    pub measure: String,
    /// The least and the greatest shade in words.
    pub ends: [String; 2],
    /// What one customer is called, and several.
    pub customers: [String; 2],
}

/// Room at the left for the second axis.
const LEFT: f64 = 62.0;
/// Between fields and what stands in them.
const INSET: f64 = 9.0;

/// Draws the matrix.
pub fn draw(data: &Matrix, frame: &Frame) -> String {
    let mut canvas = Canvas::new(frame);
    canvas.fill_densities();
    let mut top = canvas.top();
    if !data.patches.is_empty() {
        let ends = [data.ends[0].as_str(), data.ends[1].as_str()];
        canvas.shade_legend(top + 10.0, ("d", DENSITIES), &data.measure, ends);
        top += 22.0;
    }
    let [columns, rows] = [0, 1].map(|at| data.axes[at].levels.max(1) as f64);
    let height = match rows as usize {
        1 | 2 => 178.0,
        3 => 138.0,
        _ => 84.0,
    };
    let plane = Area::new(LEFT, top, WIDTH - MARGIN - LEFT, height * rows);
    densities(&mut canvas, data, plane);
    lines(&mut canvas, plane, columns, rows);
    for field in &data.fields {
        let (w, h) = (plane.w / columns, plane.h / rows);
        let x = plane.x + w * field.x as f64;
        let y = plane.y + plane.h - h * (field.y + 1) as f64;
        self::field(&mut canvas, data, field, Area::new(x, y, w, h));
    }
    axes(&mut canvas, data, plane);
    canvas.finish(plane.y + plane.h + 38.0)
}

/// The patches, those of one shade as one shape.
fn densities(canvas: &mut Canvas<'_>, data: &Matrix, plane: Area) {
    let [across, up] =
        [0, 1].map(|at| (data.axes[at].levels * data.axes[at].patches).max(1) as f64);
    let (w, h) = (plane.w / across, plane.h / up);
    let greatest = data.patches.iter().map(|patch| patch.value).fold(0.0, f64::max);
    let mut by_shade: Vec<Vec<Area>> = vec![Vec::new(); DENSITIES];
    for patch in &data.patches {
        let shade = step_by_size(patch.value, greatest, DENSITIES);
        let (x, y) = (plane.x + w * patch.x as f64, plane.y + plane.h - h * (patch.y + 1) as f64);
        by_shade[shade].push(Area::new(x, y, w + 0.2, h + 0.2));
    }
    for (shade, areas) in by_shade.iter().enumerate() {
        canvas.rects(areas, &format!("d{shade}"));
    }
}

/// The frame, and the cuts between levels.
fn lines(canvas: &mut Canvas<'_>, plane: Area, columns: f64, rows: f64) {
    let Area { x, y, w, h } = plane;
    canvas.through(&[(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)], "axis", None);
    for at in 1..columns as usize {
        let x = x + w * at as f64 / columns;
        canvas.line((x, y), (x, y + h), "cut");
    }
    for at in 1..rows as usize {
        let y = y + h * at as f64 / rows;
        canvas.line((x, y), (x + w, y), "cut");
    }
}

/// What stands in a field.
fn field(canvas: &mut Canvas<'_>, data: &Matrix, field: &Field, area: Area) {
    let called = &data.customers[usize::from(field.customers != 1)];
    let called = format!("{} {called}", count(field.customers));
    let customers = with_share(canvas.language(), &called, field.share);
    let told = [customers.as_str(), &field.value, &field.action];
    let told = sentence(canvas.language(), &[&field.label], &told);
    canvas.describe(&told);
    let (left, width) = (area.x + INSET, area.w - 2.0 * INSET);
    let size = if area.w > 200.0 { SIZE } else { SMALL };
    let class = if size == SIZE { "b" } else { "s b" };
    let bottom = area.y + area.h - 5.0;
    let mut y = canvas.paragraph(&field.label, class, size, (left, area.y + 6.0, width), 2);
    let share = field.share.map(|share| format!(" · {}", percent(share))).unwrap_or_default();
    let named = called + &share;
    let number = match text::width(&named, SMALL) <= width {
        true => named,
        false => count(field.customers) + &share,
    };
    for (words, lines) in [(&number, 1), (&field.value, 2)] {
        let fit = ((bottom - y) / (SMALL * 1.3)).floor().max(0.0) as usize;
        y = canvas.paragraph(words, "s", SMALL, (left, y, width), lines.min(fit));
    }
    let fit = ((bottom - y - 5.0) / (SMALL * 1.3)).floor().max(0.0) as usize;
    canvas.paragraph(&field.action, "s", SMALL, (left, y + 5.0, width), fit);
}

/// What the axes are called, and where their levels end.
fn axes(canvas: &mut Canvas<'_>, data: &Matrix, plane: Area) {
    let [x, y] = &data.axes;
    let bottom = plane.y + plane.h;
    let last = x.ticks.len().saturating_sub(1);
    for (at, tick) in x.ticks.iter().enumerate() {
        let place = plane.x + plane.w * at as f64 / last.max(1) as f64;
        let class = match at {
            0 => "s m",
            at if at == last => "s m e",
            _ => "s m c",
        };
        canvas.text((place, bottom + 14.0), tick, class);
    }
    let last = y.ticks.len().saturating_sub(1);
    for (at, tick) in y.ticks.iter().enumerate() {
        let place = bottom - plane.h * at as f64 / last.max(1) as f64;
        let base = match at {
            0 => place,
            at if at == last => place + 10.0,
            _ => place + 4.0,
        };
        canvas.text((plane.x - 5.0, base), tick, "s m e");
    }
    let middle = plane.x + plane.w / 2.0;
    canvas.text_within((middle, bottom + 32.0), &format!("{} →", x.name), "s c", plane.w);
    let along = (MARGIN + 2.0, plane.y + plane.h / 2.0);
    canvas.upwards(along, &format!("{} →", y.name), "s c", plane.h);
}

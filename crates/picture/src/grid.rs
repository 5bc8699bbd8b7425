//! A grid of two scores: each cell shaded by an amount, with the name of its segment.

use crate::axis::{count, percent};
use crate::canvas::{Area, Canvas, Frame, MARGIN, SMALL, WIDTH};
use crate::palette::{SHADES, step};
use crate::text;
use crate::told::{measured, sentence, with_share};

/// Customers with two scores.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// The first score, from 1 up.
    pub x: usize,
    /// The second score.
    pub y: usize,
    /// How many they are.
    pub customers: i64,
    /// Their share of all customers.
    pub share: Option<f64>,
    /// The segment of most of them; empty for none.
    pub label: String,
    /// What the cell is shaded by.
    pub value: Option<f64>,
    /// The same in words.
    pub value_text: String,
}

/// A picture of a grid.
#[derive(Debug, Clone, Default)]
pub struct Grid {
    /// How many scores there are on both axes.
    pub bins: [usize; 2],
    /// The cells; those that are not among them are empty.
    pub cells: Vec<Cell>,
    /// What the scores are called, from low to high.
    pub axes: [String; 2],
    /// What customers are called.
    pub customers: String,
    /// What the cells are shaded by.
    pub measure: String,
    /// The least and the greatest shade in words.
    pub ends: [String; 2],
}

/// Room at the left for the second score.
const LEFT: f64 = 46.0;
/// Between cells.
const GAP: f64 = 2.0;

/// Draws the grid.
pub fn draw(data: &Grid, frame: &Frame) -> String {
    let mut canvas = Canvas::new(frame);
    canvas.fill_shades();
    let legend = canvas.top() + 10.0;
    let ends = [data.ends[0].as_str(), data.ends[1].as_str()];
    canvas.shade_legend(legend, ("s", SHADES), &data.measure, ends);
    let [columns, rows] = data.bins.map(|bins| bins.max(1));
    let width = (WIDTH - MARGIN - LEFT) / columns as f64;
    let height = (440.0 / rows as f64).clamp(34.0, 84.0);
    let top = legend + 12.0;
    let bottom = top + height * rows as f64;
    let place = |x: usize, y: usize| {
        let left = LEFT + width * (x - 1) as f64;
        Area::new(left, bottom - height * y as f64, width - GAP, height - GAP)
    };
    let values = data.cells.iter().filter_map(|cell| cell.value);
    let greatest = values.fold(0.0, f64::max);
    for y in (1..=rows).rev() {
        for x in 1..=columns {
            let found = data.cells.iter().find(|cell| cell.x == x && cell.y == y);
            let area = place(x, y);
            match found.filter(|cell| cell.customers > 0) {
                Some(cell) => self::cell(&mut canvas, data, cell, area, greatest),
                None => empty(&mut canvas, area),
            }
        }
    }
    scores(&mut canvas, data, [width, height], bottom);
    canvas.finish(bottom + 38.0)
}

/// A cell that nobody is in.
fn empty(canvas: &mut Canvas<'_>, area: Area) {
    let Area { x, y, w, h } = area;
    let corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)];
    canvas.through(&corners, "grid", None);
}

fn cell(canvas: &mut Canvas<'_>, data: &Grid, cell: &Cell, area: Area, greatest: f64) {
    let shade = step(cell.value.unwrap_or(0.0), greatest, SHADES);
    let told = told(data, cell, canvas.language());
    canvas.describe(&told);
    canvas.rect(area, &format!("s{shade}"), Some(&told));
    let class = format!("ons{shade} s");
    let number = match cell.value_text.is_empty() {
        true => count(cell.customers),
        false => cell.value_text.clone(),
    };
    let (left, width) = (area.x + 6.0, area.w - 10.0);
    let is_named = width >= 62.0 && area.h >= 46.0 && !cell.label.is_empty();
    let mut base = area.y + if is_named { 17.0 } else { area.h / 2.0 + 4.0 };
    if text::width(&number, SMALL) <= width {
        canvas.text((left, base), &number, &format!("{class} b"));
        let share = cell.share.map(percent).unwrap_or_default();
        let room = width - text::width(&number, SMALL * 1.06) - 8.0;
        if cell.value_text.is_empty() && text::width(&share, SMALL) <= room {
            canvas.text((area.x + area.w - 6.0, base), &share, &format!("{class} e"));
        }
    }
    if is_named {
        base += 3.0;
        let lines = ((area.y + area.h - base - 3.0) / (SMALL * 1.3)).floor().clamp(1.0, 3.0);
        canvas.paragraph(&cell.label, &class, SMALL, (left, base, width), lines as usize);
    }
}

/// A cell in words.
fn told(data: &Grid, cell: &Cell, language: &str) -> String {
    let [x, y] = [(0, cell.x), (1, cell.y)].map(|(at, score)| format!("{} {score}", data.axes[at]));
    let customers = with_share(language, &count(cell.customers), cell.share);
    let told = [measured(&data.customers, &customers), measured(&data.measure, &cell.value_text)];
    sentence(language, &[&x, &y, &cell.label], &[&told[0], &told[1]])
}

/// The scores along both edges, and what they are called.
fn scores(canvas: &mut Canvas<'_>, data: &Grid, [width, height]: [f64; 2], bottom: f64) {
    let [columns, rows] = data.bins.map(|bins| bins.max(1));
    for x in 1..=columns {
        let middle = LEFT + width * (x as f64 - 0.5) - GAP / 2.0;
        canvas.text((middle, bottom + 14.0), &x.to_string(), "s m c");
    }
    for y in 1..=rows {
        let middle = bottom - height * (y as f64 - 0.5);
        canvas.text((LEFT - 8.0, middle + 4.0), &y.to_string(), "s m e");
    }
    let middle = (LEFT + WIDTH - MARGIN) / 2.0;
    canvas.text_within((middle, bottom + 32.0), &format!("{} →", data.axes[0]), "s c", 400.0);
    let along = (MARGIN - 2.0, bottom - height * rows as f64 / 2.0);
    canvas.upwards(along, &format!("{} →", data.axes[1]), "s c", height * rows as f64);
}

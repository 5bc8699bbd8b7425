//! Cohorts as a triangle: a row for each, a field for each period since its first one, shaded by how many bought in it, or
//! what they brought in.

use crate::axis;
use crate::canvas::{Area, Canvas, Frame, MARGIN, SMALL, WIDTH, length};
use crate::palette;
use crate::text;
use crate::told::{bracketed, sentence};

/// What is drawn.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Cohorts {
    /// The cohorts, oldest first.
    pub rows: Vec<Row>,
    /// All of them together, if there are several.
    pub all: Option<Row>,
    /// What the first two columns and the others are called.
    pub columns: [String; 3],
    /// What is shaded.
    pub shaded: String,
    /// What the lightest and the darkest shade mean.
    pub ends: [String; 2],
}

/// A cohort.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Row {
    /// Its first period.
    pub name: String,
    /// Its customers.
    pub customers: i64,
    /// The periods after the first one.
    pub cells: Vec<Cell>,
}

/// A cohort in a period.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Cell {
    /// How dark it is.
    pub value: f64,
    /// What stands in it.
    pub words: String,
    /// All of it.
    pub tip: String,
    /// Whether the period is over.
    pub is_complete: bool,
}

/// The height of a row.
const ROW: f64 = 24.0;

/// Draws it.
pub fn draw(data: &Cohorts, frame: &Frame) -> String {
    let mut canvas = Canvas::new(frame);
    canvas.fill_shades();
    let rows = || data.rows.iter().chain(&data.all);
    let widest = |words: &mut dyn Iterator<Item = String>| {
        words.map(|words| text::width(&words, SMALL)).fold(0.0, f64::max)
    };
    let names = widest(&mut rows().map(|row| row.name.clone()).chain([data.columns[0].clone()]));
    let counts = rows().map(|row| axis::count(row.customers)).chain([data.columns[1].clone()]);
    let counts = widest(&mut { counts });
    let left = MARGIN + names + 14.0 + counts + 10.0;
    let periods = rows().map(|row| row.cells.len()).max().unwrap_or(0);
    let width = ((WIDTH - MARGIN - left) / periods.max(1) as f64).min(52.0);
    let top = canvas.top() + 30.0;
    canvas.text((left, top - 24.0), &data.columns[2], "s m");
    canvas.text((MARGIN, top - 7.0), &data.columns[0], "s m");
    canvas.text((left - 10.0, top - 7.0), &data.columns[1], "s m e");
    let every = ((text::width("00", SMALL) + 4.0) / width).ceil().max(1.0) as usize;
    for period in (1..=periods).step_by(every) {
        let x = left + width * (period as f64 - 0.5);
        canvas.text((x, top - 7.0), &period.to_string(), "s m c");
    }
    let greatest = data.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.value);
    let greatest = greatest.fold(0.0, f64::max);
    let mut y = top;
    for row in &data.rows {
        draw_row(&mut canvas, row, (y, left, width), greatest, "s");
        y += ROW;
    }
    if let Some(all) = &data.all {
        draw_row(&mut canvas, all, (y + 8.0, left, width), greatest, "s b");
        y += ROW + 8.0;
    }
    describe(&mut canvas, data);
    let ends = [data.ends[0].as_str(), data.ends[1].as_str()];
    canvas.shade_legend(y + 24.0, ("s", palette::SHADES), &data.shaded, ends);
    canvas.finish(y + 30.0)
}

/// A row from this height on.
fn draw_row(
    canvas: &mut Canvas<'_>,
    row: &Row,
    (y, left, width): (f64, f64, f64),
    greatest: f64,
    class: &str,
) {
    let base = y + ROW / 2.0 + 4.0;
    canvas.text((MARGIN, base), &row.name, class);
    canvas.text((left - 10.0, base), &axis::count(row.customers), &format!("{class} m e"));
    for (at, cell) in row.cells.iter().enumerate() {
        let area = Area::new(left + width * at as f64 + 0.75, y + 0.75, width - 1.5, ROW - 1.5);
        let shade = palette::step(cell.value, greatest, palette::SHADES);
        canvas.rect(area, &format!("s{shade}"), Some(&cell.tip));
        if !cell.is_complete {
            let corner = (length(area.x + area.w), length(area.y));
            canvas.path(
                &format!("M{} {}v8l-8 -8z", corner.0, corner.1),
                &format!("ons{shade}"),
                None,
            );
        }
        if text::width(&cell.words, SMALL) <= area.w + 1.0 {
            canvas.text((area.middle().0, base), &cell.words, &format!("s c ons{shade}"));
        }
    }
}

/// Each cohort with its first fields.
fn describe(canvas: &mut Canvas<'_>, data: &Cohorts) {
    canvas.describe(&sentence(canvas.language(), &[&data.shaded], &[&data.columns[2]]));
    for row in data.rows.iter().chain(&data.all) {
        let cells: Vec<&str> = row.cells.iter().map(|cell| cell.words.as_str()).collect();
        let cohort = bracketed(canvas.language(), &row.name, &axis::count(row.customers));
        canvas.describe(&sentence(canvas.language(), &[&cohort], &[cells.join(" ")]));
    }
}

//! Bars: a label in the order of its ranks, with its customers and a second measure.

use crate::canvas::{Area, Canvas, Frame, MARGIN, SMALL, WIDTH, size_of};
use crate::group::Group;
use crate::text;

/// A picture of bars.
#[derive(Debug, Clone, Default)]
pub struct Bars {
    /// The labels, best first.
    pub bars: Vec<Group>,
    /// What the first bars tell.
    pub customers: String,
    /// What the second bars tell; empty for none.
    pub measure: String,
}

/// The height of a row.
const ROW: f64 = 27.0;
/// The height of a bar.
const BAR: f64 = 17.0;
/// Between columns.
const GAP: f64 = 14.0;

/// A column of bars.
struct Column {
    x: f64,
    /// The length of the longest bar.
    longest: f64,
    greatest: f64,
    class: &'static str,
}

impl Column {
    /// A column this wide, with room for its texts. What joins labels may be longer than all of them: it does not count.
    fn new(
        x: f64,
        width: f64,
        (bars, values): (&[Group], &[f64]),
        texts: &[String],
        class: &'static str,
    ) -> Column {
        let text = texts.iter().map(|words| text::width(words, SMALL)).fold(0.0, f64::max);
        let own = bars.iter().zip(values).filter(|(bar, _)| !bar.is_other);
        let greatest = own.map(|(_, value)| *value).fold(0.0, f64::max);
        Column { x, longest: (width - text - 6.0).max(20.0), greatest, class }
    }

    fn draw(
        &self,
        canvas: &mut Canvas<'_>,
        y: f64,
        value: f64,
        words: &str,
        is_other: bool,
        tip: &str,
    ) {
        let share = match self.greatest > 0.0 {
            true => (value / self.greatest).clamp(0.0, 1.0),
            false if value > 0.0 => 1.0,
            false => 0.0,
        };
        let length = if share > 0.0 { (share * self.longest).max(1.0) } else { 0.0 };
        let area = Area::new(self.x, y + (ROW - BAR) / 2.0, length, BAR);
        canvas.rect(area, if is_other { "no" } else { self.class }, Some(tip));
        if value > self.greatest {
            self.broken(canvas, area);
        }
        canvas.text((self.x + length + 5.0, y + ROW / 2.0 + 4.5), words, "s");
    }

    /// A sign that a bar is longer than it is drawn.
    fn broken(&self, canvas: &mut Canvas<'_>, area: Area) {
        for at in [0.86, 0.9] {
            let x = area.x + area.w * at;
            canvas.line((x - 3.0, area.y + area.h + 2.0), (x + 3.0, area.y - 2.0), "gap");
        }
    }

    fn heading(&self, canvas: &mut Canvas<'_>, y: f64, words: &str, width: f64) {
        canvas.rect(Area::new(self.x, y - 9.0, 10.0, 10.0), self.class, None);
        canvas.text_within((self.x + 15.0, y), words, "s m", width - 15.0);
    }
}

/// Draws the bars.
pub fn draw(data: &Bars, frame: &Frame) -> String {
    let mut canvas = Canvas::new(frame);
    let is_single = data.measure.is_empty();
    let customers: Vec<String> = data.bars.iter().map(Group::number).collect();
    let widest = data.bars.iter().map(|bar| text::width(&text::clean(&bar.label), size_of("")));
    let label = widest.fold(60.0, f64::max).min(190.0);
    let x = MARGIN + label + 10.0;
    let whole = WIDTH - MARGIN - x;
    let width = if is_single { whole } else { (whole - GAP) / 2.0 };
    let sizes: Vec<f64> = data.bars.iter().map(|bar| bar.customers as f64).collect();
    let values: Vec<f64> = data.bars.iter().map(|bar| bar.value.unwrap_or(0.0)).collect();
    let texts: Vec<String> = data.bars.iter().map(|bar| bar.value_text.clone()).collect();
    let first = Column::new(x, width, (&data.bars, &sizes), &customers, "fo");
    let second = Column::new(x + width + GAP, width, (&data.bars, &values), &texts, "so");
    let mut y = canvas.top() + 12.0;
    first.heading(&mut canvas, y, &data.customers, width);
    if !is_single {
        second.heading(&mut canvas, y, &data.measure, width);
    }
    y += 6.0;
    for (at, bar) in data.bars.iter().enumerate() {
        let told = bar.told(&data.customers, &data.measure, &frame.language);
        canvas.describe(&told);
        if bar.is_other && at > 0 && !data.bars[at - 1].is_other {
            canvas.line((MARGIN, y), (WIDTH - MARGIN, y), "grid");
        }
        name(&mut canvas, bar, y, label);
        first.draw(&mut canvas, y, sizes[at], &customers[at], bar.is_other, &told);
        if !is_single {
            second.draw(&mut canvas, y, values[at], &texts[at], bar.is_other, &told);
        }
        y += ROW;
    }
    canvas.line((x, canvas.top() + 18.0), (x, y), "axis");
    if !is_single {
        canvas.line((second.x, canvas.top() + 18.0), (second.x, y), "axis");
    }
    canvas.finish(y)
}

/// The label of a row, in small lines if it is long.
fn name(canvas: &mut Canvas<'_>, bar: &Group, y: f64, width: f64) {
    let class = if bar.is_other { "m" } else { "" };
    let middle = y + ROW / 2.0;
    if text::width(&text::clean(&bar.label), size_of("")) <= width {
        return canvas.text((MARGIN, middle + 5.0), &bar.label, class);
    }
    let class = format!("s {class}");
    let lines = text::wrap(&text::clean(&bar.label), SMALL, width, 2).len() as f64;
    let top = middle - SMALL * 0.65 * lines + if lines > 1.0 { 1.5 } else { 0.0 };
    canvas.paragraph(&bar.label, class.trim_end(), SMALL, (MARGIN, top, width), 2);
}

//! Lines and faint areas in colours, and ticks: what pictures over time share.

use crate::canvas::Canvas;
use crate::palette::{self, Rgb, Tone};

/// A line of the first of two things.
pub const FIRST_LINE: &str = "l1";
/// A line of the second of two things, dashed.
pub const SECOND_LINE: &str = "l2";
/// A line of what is there to be compared with, dotted.
pub const THIRD_LINE: &str = "l3";
/// Marks below lines.
pub const MARK: &str = "mk";
/// An area of the first of two things.
pub const FIRST_AREA: &str = "a1";
/// A band of what becomes better.
pub const BETTER: &str = "up";
/// A band of what becomes worse.
pub const WORSE: &str = "dn";
/// A band of what stays as it is.
pub const SAME: &str = "eq";
/// A band of what is neither.
pub const OTHER: &str = "ot";

/// A colour beside the first and the second: green.
const THIRD: Tone = Tone { light: Rgb([0, 128, 100]), dark: Rgb([72, 190, 150]) };

/// A share at a tick of an axis: 25%.
pub fn tick(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

/// Makes them known to a document.
pub fn define(canvas: &mut Canvas<'_>) {
    for (class, tone, rest) in [
        (FIRST_LINE, palette::FIRST, "fill:none;stroke-width:2.5;stroke-linejoin:round"),
        (SECOND_LINE, palette::SECOND, "fill:none;stroke-width:2.5;stroke-dasharray:7 4"),
        (THIRD_LINE, palette::MUTED, "fill:none;stroke-width:1.5;stroke-dasharray:2 3"),
        (MARK, palette::FIRST, "fill:none;stroke-width:1.5"),
    ] {
        canvas.style_class(class, "stroke", tone, rest);
    }
    for (class, tone, rest) in [
        (FIRST_AREA, palette::FIRST, "fill-opacity:.14"),
        (BETTER, palette::FIRST, "fill-opacity:.6"),
        (WORSE, palette::SECOND, "fill-opacity:.6"),
        (SAME, palette::NONE, "fill-opacity:.5"),
        (OTHER, THIRD, "fill-opacity:.5"),
    ] {
        canvas.style_class(class, "fill", tone, rest);
    }
}

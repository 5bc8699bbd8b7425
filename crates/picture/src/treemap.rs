//! A treemap: the values of a label as areas of the size of their customers, shaded by an amount (Bruls, Huizing and van
//! Wijk 2000).

use crate::canvas::{Area, Canvas, Frame, MARGIN, SIZE, SMALL, WIDTH};
use crate::group::Group;
use crate::palette::{SHADES, step};
use crate::text;

/// A picture of tiles.
#[derive(Debug, Clone, Default)]
pub struct Treemap {
    /// The tiles.
    pub tiles: Vec<Group>,
    /// What customers are called.
    pub customers: String,
    /// What tiles are shaded by; empty for nothing.
    pub measure: String,
    /// The least and the greatest shade in words.
    pub ends: [String; 2],
}

/// The height of all tiles.
const HEIGHT: f64 = 400.0;

/// Draws the tiles, largest first.
pub fn draw(data: &Treemap, frame: &Frame) -> String {
    let mut canvas = Canvas::new(frame);
    canvas.fill_shades();
    let mut top = canvas.top();
    if !data.measure.is_empty() {
        let ends = [data.ends[0].as_str(), data.ends[1].as_str()];
        canvas.shade_legend(top + 10.0, ("s", SHADES), &data.measure, ends);
        top += 20.0;
    }
    let mut tiles: Vec<&Group> = data.tiles.iter().filter(|tile| tile.customers > 0).collect();
    tiles.sort_by_key(|tile| (tile.is_other, -tile.customers));
    let sizes: Vec<f64> = tiles.iter().map(|tile| tile.customers as f64).collect();
    let areas = squarified(&sizes, Area::new(MARGIN, top, WIDTH - 2.0 * MARGIN, HEIGHT));
    // as in the legend: what stands for many others is grey
    let shaded = tiles.iter().filter(|tile| !tile.is_other);
    let greatest = shaded.filter_map(|tile| tile.value).fold(0.0, f64::max);
    for (tile, area) in tiles.iter().zip(areas) {
        self::tile(&mut canvas, data, tile, area, greatest);
    }
    canvas.finish(top + HEIGHT)
}

fn tile(canvas: &mut Canvas<'_>, data: &Treemap, tile: &Group, area: Area, greatest: f64) {
    let fill = match tile.is_other {
        true => "no".to_owned(),
        false if data.measure.is_empty() => "s3".to_owned(),
        false => format!("s{}", step(tile.value.unwrap_or(0.0), greatest, SHADES)),
    };
    let told = tile.told(&data.customers, &data.measure, canvas.language());
    canvas.describe(&told);
    let inner = Area::new(area.x + 1.0, area.y + 1.0, area.w - 2.0, area.h - 2.0);
    canvas.rect(inner, &fill, Some(&told));
    words(canvas, tile, inner, &format!("on{fill}"));
}

/// What fits of the label, the customers and the value.
fn words(canvas: &mut Canvas<'_>, tile: &Group, area: Area, class: &str) {
    let (left, width) = (area.x + 7.0, area.w - 12.0);
    let lines = ((area.h - 8.0) / (SMALL * 1.3)).floor().max(0.0) as usize;
    if width < 36.0 || lines == 0 {
        return;
    }
    let is_large = width > 110.0 && area.h > 74.0;
    let (size, class_of_label) = match is_large {
        true => (SIZE, format!("{class} b")),
        false => (SMALL, format!("{class} s b")),
    };
    let most = lines.saturating_sub(if is_large { 3 } else { 1 }).clamp(1, 3);
    let place = (left, area.y + 5.0, width);
    let mut y = canvas.paragraph(&tile.label, &class_of_label, size, place, most);
    for number in [tile.number(), tile.value_text.clone()] {
        y += SMALL * 1.3;
        if y > area.y + area.h - 3.0 || text::width(&number, SMALL) > width {
            break;
        }
        canvas.text((left, y - 3.0), &number, &format!("{class} s"));
    }
}

/// Areas of these sizes, greatest first, that fill an area and are as square as may be.
pub fn squarified(sizes: &[f64], area: Area) -> Vec<Area> {
    let total: f64 = sizes.iter().sum();
    if total <= 0.0 {
        return Vec::new();
    }
    let scale = area.w * area.h / total;
    let sizes: Vec<f64> = sizes.iter().map(|size| size * scale).collect();
    let (mut placed, mut rest, mut at) = (Vec::new(), area, 0);
    while at < sizes.len() {
        let side = rest.w.min(rest.h);
        let mut end = at + 1;
        while end < sizes.len() && worst(&sizes[at..=end], side) <= worst(&sizes[at..end], side) {
            end += 1;
        }
        rest = row(&sizes[at..end], rest, &mut placed);
        at = end;
    }
    placed
}

/// How far from a square the least square of a row along a side is.
fn worst(row: &[f64], side: f64) -> f64 {
    let sum: f64 = row.iter().sum();
    let ratio = |size: &f64| {
        let (along, across) = (size * side / sum, sum / side);
        (along / across).max(across / along)
    };
    row.iter().map(ratio).fold(0.0, f64::max)
}

/// Places a row along the shorter side; what is left of the area.
fn row(sizes: &[f64], area: Area, placed: &mut Vec<Area>) -> Area {
    let sum: f64 = sizes.iter().sum();
    let is_upright = area.w >= area.h;
    let across = sum / area.w.min(area.h);
    let mut along = 0.0;
    for size in sizes {
        let length = size / across;
        placed.push(match is_upright {
            true => Area::new(area.x, area.y + along, across, length),
            false => Area::new(area.x + along, area.y, length, across),
        });
        along += length;
    }
    match is_upright {
        true => Area::new(area.x + across, area.y, (area.w - across).max(0.0), area.h),
        false => Area::new(area.x, area.y + across, area.w, (area.h - across).max(0.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_have_their_sizes_and_fill_the_whole() {
        let whole = Area::new(10.0, 20.0, 600.0, 400.0);
        let sizes = [6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0];
        let areas = squarified(&sizes, whole);
        assert_eq!(areas.len(), sizes.len());
        for (size, area) in sizes.iter().zip(&areas) {
            assert!((area.w * area.h - size * 10_000.0).abs() < 1e-6, "{area:?}");
            assert!(area.x >= 10.0 && area.y >= 20.0 && area.x + area.w <= 610.0 + 1e-9);
            assert!((area.w / area.h).max(area.h / area.w) < 3.0, "{area:?}");
        }
        assert!(squarified(&[], whole).is_empty());
        assert_eq!(squarified(&[5.0], whole), [whole]);
    }
}

//! Who went where between two days: segments of the first on the left, of the second on the right, and bands of customers.

use crate::axis;
use crate::canvas::{Area, Canvas, Frame, MARGIN, SMALL, WIDTH, length};
use crate::sankey::{Band, Layout, layout};
use crate::spread::spread;
use crate::strokes;
use crate::text;
use crate::told::{phrase, sentence};

/// What is drawn.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Flow {
    /// What both days are called.
    pub days: [String; 2],
    /// The segments of both, best first.
    pub nodes: [Vec<Node>; 2],
    /// From where to where.
    pub links: Vec<Link>,
    /// What the changes are called that there are, with their customers.
    pub changes: Vec<(Change, String)>,
    /// What thin bands are called that are joined, with holes {flows} and {customers}.
    pub joined: String,
    /// The number of colours of segments.
    pub ranks: usize,
}

/// A segment on one day.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Node {
    /// What it is called.
    pub name: String,
    /// Its colour; None for what is no segment.
    pub rank: Option<usize>,
}

/// Customers who went from one segment to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Which nodes.
    pub ends: [usize; 2],
    /// How many.
    pub customers: u64,
    /// What that is.
    pub change: Change,
}

/// What a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// To a better segment.
    Better,
    /// To a worse one.
    Worse,
    /// The same.
    Same,
    /// None of these.
    Other,
}

impl Change {
    /// Its class.
    fn class(self) -> &'static str {
        match self {
            Change::Better => strokes::BETTER,
            Change::Worse => strokes::WORSE,
            Change::Same => strokes::SAME,
            Change::Other => strokes::OTHER,
        }
    }
}

/// The width of a node.
const NODE: f64 = 12.0;
/// The least and the most width of the names on either side.
const NAMES: [f64; 2] = [110.0, 200.0];
/// What a name has beside it, apart from the number: space.
const BESIDE: f64 = 22.0;
/// From one name to the next.
const LINE: f64 = 17.0;
/// How far joined bands reach.
const STUB: f64 = 26.0;

/// Draws it.
pub fn draw(data: &Flow, frame: &Frame) -> String {
    let mut canvas = Canvas::new(frame);
    strokes::define(&mut canvas);
    canvas.fill_layers(data.ranks);
    let top = legend(&mut canvas, data) + 32.0;
    let most = data.nodes.iter().map(Vec::len).max().unwrap_or(0) as f64;
    let bottom = top + (38.0 * most).clamp(240.0, 460.0).max(LINE * most);
    let laid = layout(data, top, bottom);
    let names = width_of_names(data);
    let ends = [MARGIN + names, WIDTH - MARGIN - names - NODE];
    for band in &laid.bands {
        let link = &data.links[band.link];
        let names = [0, 1].map(|side| data.nodes[side][link.ends[side]].name.as_str());
        let customers = axis::count(link.customers as i64);
        let names = format!("{} → {}", names[0], names[1]);
        let tip = phrase(canvas.language(), &[&names], &[customers]);
        let path = ribbon([ends[0] + NODE, ends[1]], band);
        canvas.path(&path, link.change.class(), Some(&tip));
    }
    stubs(&mut canvas, data, &laid, ends);
    for side in [0, 1] {
        nodes(&mut canvas, data, &laid, (side, ends[side]), (top, bottom));
    }
    describe(&mut canvas, data);
    canvas.finish(bottom + 8.0)
}

/// The width of the names on either side, with their numbers.
fn width_of_names(data: &Flow) -> f64 {
    let widest = data.nodes.iter().flatten();
    let widest = widest.map(|node| text::width(&text::clean(&node.name), SMALL));
    let customers: u64 = data.links.iter().map(|link| link.customers).sum();
    let number = text::width(&axis::count(customers as i64), SMALL);
    let [least, most] = NAMES;
    widest.fold(0.0, f64::max).max(least - number - BESIDE).min(most - number - BESIDE)
        + number
        + BESIDE
}

/// What the colours of bands mean; where that ends.
fn legend(canvas: &mut Canvas<'_>, data: &Flow) -> f64 {
    let (mut x, mut y) = (MARGIN, canvas.top() + 10.0);
    for (change, words) in &data.changes {
        let wide = 16.0 + text::width(words, SMALL) + 18.0;
        if x + wide > WIDTH - MARGIN && x > MARGIN {
            (x, y) = (MARGIN, y + LINE);
        }
        canvas.rect(Area::new(x, y - 9.5, 11.0, 11.0), change.class(), None);
        canvas.text_within((x + 16.0, y), words, "s", WIDTH - MARGIN - x - 16.0);
        x += wide;
    }
    y
}

/// The outline of a band.
fn ribbon([left, right]: [f64; 2], band: &Band) -> String {
    let middle = length((left + right) / 2.0);
    let [from, to] = band.tops;
    let [left, right, a, b, c, d] =
        [left, right, from, to, to + band.height, from + band.height].map(length);
    format!(
        "M{left} {a}C{middle} {a} {middle} {b} {right} {b}L{right} {c}C{middle} {c} {middle} {d} {left} {d}z"
    )
}

/// Bands that are too thin, joined at their nodes.
fn stubs(canvas: &mut Canvas<'_>, data: &Flow, laid: &Layout, ends: [f64; 2]) {
    for joined in &laid.joined {
        let (x, reach) = match joined.side {
            0 => (ends[0] + NODE, STUB),
            _ => (ends[1], -STUB),
        };
        let height = joined.height.max(0.8);
        let [left, tip, top, middle, low] =
            [x, x + reach, joined.top, joined.top + height / 2.0, joined.top + height].map(length);
        let words = data.joined.replace("{flows}", &axis::count(joined.links as i64));
        let words = words.replace("{customers}", &axis::count(joined.customers as i64));
        canvas.path(&format!("M{left} {top}L{tip} {middle}L{left} {low}z"), "no", Some(&words));
    }
}

/// The nodes of a side, their names and customers.
fn nodes(
    canvas: &mut Canvas<'_>,
    data: &Flow,
    laid: &Layout,
    (side, x): (usize, f64),
    (top, bottom): (f64, f64),
) {
    let anchor = |class: &str| if side == 0 { format!("{class} e") } else { class.to_owned() };
    let (edge, towards) = if side == 0 { (x - 4.0, -1.0) } else { (x + NODE + 4.0, 1.0) };
    canvas.text((edge, top - 10.0), &data.days[side], &anchor("s b"));
    let bars = &laid.bars[side];
    let wanted: Vec<f64> = bars.iter().map(|bar| bar.top + bar.height / 2.0).collect();
    let places = spread(&wanted, LINE, top + 4.0, bottom - 4.0);
    let mut sums = vec![0; bars.len()];
    data.links.iter().for_each(|link| sums[link.ends[side]] += link.customers as i64);
    for (at, (bar, place)) in bars.iter().zip(places).enumerate() {
        let node = &data.nodes[side][at];
        let class = node.rank.map_or("no".to_owned(), |rank| format!("r{rank}"));
        let customers = axis::count(sums[at]);
        let tip = phrase(canvas.language(), &[&node.name], &[&customers]);
        canvas.rect(Area::new(x, bar.top, NODE, bar.height.max(0.8)), &class, Some(&tip));
        if (place - wanted[at]).abs() > 3.0 {
            canvas.through(
                &[(edge - towards * 3.0, wanted[at]), (edge + towards * 4.0, place)],
                "grid",
                None,
            );
        }
        let edge = edge + towards * 6.0;
        canvas.text((edge, place + 4.0), &customers, &anchor("s m"));
        let wide = text::width(&customers, SMALL) + 7.0;
        let room = if side == 0 { edge - MARGIN } else { WIDTH - MARGIN - edge } - wide;
        canvas.text_within((edge + towards * wide, place + 4.0), &node.name, &anchor("s"), room);
    }
}

/// The largest bands.
fn describe(canvas: &mut Canvas<'_>, data: &Flow) {
    let changes: Vec<&str> = data.changes.iter().map(|(_, words)| words.as_str()).collect();
    let days = format!("{} → {}", data.days[0], data.days[1]);
    canvas.describe(&sentence(canvas.language(), &[&days], &changes));
    let mut links: Vec<&Link> = data.links.iter().collect();
    links.sort_by_key(|link| std::cmp::Reverse(link.customers));
    let tell = |link: &&Link| {
        let names = [0, 1].map(|side| text::clean(&data.nodes[side][link.ends[side]].name));
        format!("{} → {} {}", names[0], names[1], axis::count(link.customers as i64))
    };
    let told: Vec<String> = links.iter().take(30).map(tell).collect();
    if !told.is_empty() {
        canvas.describe(&sentence(canvas.language(), &[], &told));
    }
}

//! Who went from which segment to which one between two days.

use super::Arguments;
use super::frame::Framing;
use super::labels::Labels;
use super::rows::DEFAULT;
use super::span;
use super::words::Say;
use crate::report::days::{OnDays, Period};
use crate::report::over_time::{Flow as Row, transitions};
use crate::report::segment_report::is_score;
use crate::report::segments::Segments;
use btyd::calendar::Step;
use picture::axis;
use picture::flow::{Change, Flow, Link, Node, draw};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// How far the first day is before the last one where nobody gave it.
const QUARTER: Step = Step { months: 3, days: 0 };

/// The most segments of a day that stand alone.
const MOST: usize = 14;

/// The changes that are told of: what the report calls them, and what they are drawn as.
const CHANGES: [(&str, Change, &str); 6] = [
    ("up", Change::Better, "flow.up"),
    ("same", Change::Same, "flow.same"),
    ("down", Change::Worse, "flow.down"),
    ("new", Change::Other, "flow.new"),
    ("gone", Change::Other, "flow.gone"),
    ("other", Change::Other, "flow.other"),
];

/// Draws the label `by` on `from_day` (default: a quarter back) and on `to_day`.
pub fn picture(segments: &Segments, arguments: &Arguments) -> String {
    let framing = Framing::new(segments, "flow", arguments);
    let say = framing.say();
    let labels = Labels::of(segments, &framing, arguments.by.as_deref().unwrap_or(DEFAULT));
    let title = say.filled("flow.title", &[("label", &labels.title)]);
    let Some(view) = OnDays::if_trained(segments) else {
        return framing.nothing(&title, 1, None, say.text("no_purchases"));
    };
    let period = Period { from: arguments.from_day, to: arguments.to_day };
    let from = period.from.or_else(|| {
        let before = QUARTER.from(view.last(period), -1)?;
        Some(before.max(view.first_purchase()).min(view.last(period)))
    });
    let days = view.ends(Period { from, to: period.to });
    let [from, to] = [days.0, days.1].map(|day| axis::day(day, &segments.language));
    let rows = transitions(segments, &view, &labels.column, days);
    let customers: i64 = rows.iter().filter_map(|row| row.2).sum();
    if customers == 0 || days.0 == days.1 {
        let key = if customers == 0 { "flow.nothing" } else { "flow.one_day" };
        let why = say.filled(key, &[("from", &from), ("to", &to)]);
        return framing.nothing(&title, 1, None, &why);
    }
    let mut frame = framing.frame(&title, 0, None);
    frame.subtitle = say.counted(
        ["flow.subtitle", "flow.subtitle.one"],
        ("customers", customers),
        &[("from", &from), ("to", &to), ("view", &segments.view())],
    );
    let mut data = flow(segments, say, &labels, &rows);
    data.days = [from, to];
    data.joined = say.text("flow.joined").into();
    frame.note = say.text("flow.note").into();
    draw(&data, &frame)
}

/// The order of labels without ranks.
type Order = fn(&str, &str) -> Ordering;

/// A label on one side.
struct Label {
    /// Whether it says that there is none.
    is_none: bool,
    rank: Option<i32>,
    customers: i64,
    /// Where it stands.
    node: usize,
}

/// The labels of both sides, and the customers between them.
fn flow(segments: &Segments, say: Say<'_>, labels: &Labels, rows: &[Row]) -> Flow {
    let none = ["not_yet", "no_longer", "unplaced"];
    let none = none.map(|word| segments.words().text(&format!("over_time.{word}")));
    let by_score = is_score(&labels.column);
    let order: Order = if by_score { span::by_score } else { span::by_place };
    let mut sides = [BTreeMap::new(), BTreeMap::new()];
    for row in rows {
        for (side, (label, rank)) in [(&row.0, row.8), (&row.1, row.9)].into_iter().enumerate() {
            let label = label.as_deref().unwrap_or_default();
            let is_none = rank.is_none() && none.contains(&label);
            let new = || Label { is_none, rank, customers: 0, node: 0 };
            sides[side].entry(label).or_insert_with(new).customers += row.2.unwrap_or(0);
        }
    }
    let colours = colours(&sides, order);
    let mut nodes = [0, 1].map(|side| nodes((say, labels, order), &mut sides[side], &colours));
    let ranks = close_up(&mut nodes);
    let mut links: BTreeMap<([usize; 2], usize), u64> = BTreeMap::new();
    let mut sums = [0; CHANGES.len()];
    for row in rows {
        let ends = [(&row.0, 0), (&row.1, 1)].map(|(label, side)| {
            let label = label.as_deref().unwrap_or_default();
            sides[side].get(label).map_or(0, |label| label.node)
        });
        let change = row.7.as_deref().unwrap_or_default();
        let change = if by_score { of_scores(row).unwrap_or(change) } else { change };
        let change = CHANGES.iter().position(|(name, ..)| *name == change).unwrap_or(5);
        let customers = row.2.and_then(|customers| u64::try_from(customers).ok()).unwrap_or(0);
        *links.entry((ends, change)).or_default() += customers;
        sums[change] += customers as i64;
    }
    let told = CHANGES.iter().zip(sums).filter(|(_, customers)| *customers > 0);
    let told = told.map(|((_, change, key), customers)| {
        (*change, say.filled(key, &[("customers", &axis::count(customers))]))
    });
    let link = |((ends, change), customers): (([usize; 2], usize), u64)| Link {
        ends,
        customers,
        change: CHANGES[change].1,
    };
    Flow {
        nodes,
        links: links.into_iter().map(link).collect(),
        changes: told.collect(),
        ranks,
        ..Flow::default()
    }
}

/// What became of customers by a score, which has no ranks: up is more. None where there was or is none.
fn of_scores(row: &Row) -> Option<&'static str> {
    let [from, to] = [&row.0, &row.1].map(|score| score.as_deref()?.parse::<f64>().ok());
    match from?.partial_cmp(&to?)? {
        Ordering::Less => Some("up"),
        Ordering::Equal => Some("same"),
        Ordering::Greater => Some("down"),
    }
}

/// The colours of labels: the same on both sides, in their order.
fn colours(sides: &[BTreeMap<&str, Label>; 2], order: Order) -> BTreeMap<String, usize> {
    let mut known: Vec<(bool, Option<i32>, &str)> = sides
        .iter()
        .flatten()
        .filter(|(_, label)| !label.is_none)
        .map(|(name, label)| (label.rank.is_none(), label.rank, *name))
        .collect();
    known.sort_by(|one, other| {
        (one.0, one.1).cmp(&(other.0, other.1)).then_with(|| order(one.2, other.2))
    });
    known.dedup_by_key(|label| label.2);
    known.into_iter().enumerate().map(|(at, (_, _, name))| (name.to_owned(), at)).collect()
}

/// Leaves out the colours of labels that do not stand alone; how many there are.
fn close_up(nodes: &mut [Vec<Node>; 2]) -> usize {
    let used: BTreeSet<usize> = nodes.iter().flatten().filter_map(|node| node.rank).collect();
    let places: BTreeMap<usize, usize> = used.into_iter().zip(0..).collect();
    for node in nodes.iter_mut().flatten() {
        node.rank = node.rank.and_then(|rank| places.get(&rank).copied());
    }
    places.len()
}

/// The nodes of a side: the largest, the rest as one, and those without a label.
fn nodes(
    (say, labels, by_place): (Say<'_>, &Labels, Order),
    side: &mut BTreeMap<&str, Label>,
    colours: &BTreeMap<String, usize>,
) -> Vec<Node> {
    let mut order: Vec<(&str, &mut Label)> =
        side.iter_mut().map(|(name, of)| (*name, of)).collect();
    order.sort_by(|(one, of), (other, others)| {
        let key = |of: &Label| (of.is_none, of.rank.is_none(), of.rank);
        key(of).cmp(&key(others)).then_with(|| by_place(one, other))
    });
    let sizes: Vec<f64> = order.iter().map(|(_, of)| of.customers as f64).collect();
    let kept = span::largest(&sizes, MOST);
    let mut nodes = Vec::new();
    let mut joined = Vec::new();
    for ((name, of), is_kept) in order.into_iter().zip(kept) {
        if is_kept {
            of.node = nodes.len();
            nodes.push(Node { name: labels.shown(name), rank: colours.get(name).copied() });
        } else {
            joined.push(of);
        }
    }
    if !joined.is_empty() {
        let name = say.filled("more", &[("number", &joined.len())]);
        joined.into_iter().for_each(|of| of.node = nodes.len());
        nodes.push(Node { name, rank: None });
    }
    nodes
}

//! Where the nodes and bands of a flow between two days stand.

use super::flow::Flow;

/// The space between two nodes.
const GAP: f64 = 9.0;

/// The width below which bands are joined.
const THIN: f64 = 1.4;

/// A node: where it begins and how high it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// Its upper end.
    pub top: f64,
    /// Its height.
    pub height: f64,
}

/// A band from a node on the left to one on the right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Which link it is.
    pub link: usize,
    /// Its upper ends on both sides.
    pub tops: [f64; 2],
    /// Its height.
    pub height: f64,
}

/// The thin bands of one node, joined.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Joined {
    /// 0 on the left, 1 on the right.
    pub side: usize,
    /// The upper end.
    pub top: f64,
    /// The height.
    pub height: f64,
    /// How many they are.
    pub links: usize,
    /// Their customers.
    pub customers: u64,
}

/// All of it.
#[derive(Debug, Default, PartialEq)]
pub struct Layout {
    /// The nodes of both sides.
    pub bars: [Vec<Bar>; 2],
    /// The bands that are drawn apart, the widest first.
    pub bands: Vec<Band>,
    /// The others.
    pub joined: Vec<Joined>,
}

/// Lays a flow out between two heights. The links of a node stand in the order of the nodes on the other side, its thin ones
/// below them.
pub fn layout(flow: &Flow, top: f64, bottom: f64) -> Layout {
    let sides = [0, 1].map(|side| {
        let mut sums = vec![0; flow.nodes[side].len()];
        flow.links.iter().for_each(|link| sums[link.ends[side]] += link.customers);
        sums
    });
    let total: u64 = flow.links.iter().map(|link| link.customers).sum();
    let most = sides.iter().map(Vec::len).max().unwrap_or(0);
    let scale = (bottom - top - GAP * most.saturating_sub(1) as f64).max(1.0) / total.max(1) as f64;
    let bars = sides.map(|sums| {
        let used = total as f64 * scale + GAP * sums.len().saturating_sub(1) as f64;
        let mut at = top + (bottom - top - used) / 2.0;
        let bar = |sum: &u64| {
            let bar = Bar { top: at, height: *sum as f64 * scale };
            at += bar.height + GAP;
            bar
        };
        sums.iter().map(bar).collect::<Vec<Bar>>()
    });
    let is_thin = |customers: u64| (customers as f64) * scale < THIN;
    let mut tops = vec![[0.0; 2]; flow.links.len()];
    let mut joined = Vec::new();
    for side in [0, 1] {
        let mut order: Vec<usize> = (0..flow.links.len()).collect();
        order.sort_by_key(|&at| (flow.links[at].ends[side], flow.links[at].ends[1 - side]));
        for (node, bar) in bars[side].iter().enumerate() {
            let mut at = bar.top;
            let own = || order.iter().filter(|&&link| flow.links[link].ends[side] == node);
            for &link in own().filter(|&&link| !is_thin(flow.links[link].customers)) {
                tops[link][side] = at;
                at += flow.links[link].customers as f64 * scale;
            }
            let thin = own().map(|&link| flow.links[link].customers).filter(|few| is_thin(*few));
            let (links, customers) = thin.fold((0, 0), |(n, sum), few| (n + 1, sum + few));
            if links > 0 {
                let height = customers as f64 * scale;
                joined.push(Joined { side, top: at, height, links, customers });
            }
        }
    }
    let mut bands: Vec<Band> = (0..flow.links.len())
        .filter(|&link| !is_thin(flow.links[link].customers))
        .map(|link| Band {
            link,
            tops: tops[link],
            height: flow.links[link].customers as f64 * scale,
        })
        .collect();
    bands.sort_by(|one, other| other.height.total_cmp(&one.height));
    Layout { bars, bands, joined }
}

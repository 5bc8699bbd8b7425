//! The scale of an axis: each level has as many patches, of equal steps, or of equal ratios where values are skewed.

use picture::axis;

/// In how many patches an axis is counted.
const PATCHES: usize = 24;

/// How many times the lower end of a level the upper one is, where its steps are ratios.
const SKEWED: f64 = 8.0;

/// An axis from the least to the greatest value, with the cuts between its levels.
pub struct Scale {
    /// The ends of its levels: one more than levels.
    edges: Vec<f64>,
    /// Where a patch ends and the next begins.
    limits: Vec<f64>,
    /// The number of patches of each level.
    pub patches: usize,
}

impl Scale {
    /// The scale of an axis with these percentiles, the 0th to the 100th, and cuts; None if the training found none.
    pub fn new(percentiles: &[f64], cuts: &[f64]) -> Option<Scale> {
        let (least, greatest) = (*percentiles.first()?, *percentiles.last()?);
        let (first, last) = (*cuts.first()?, *cuts.last()?);
        let mut edges = vec![least.min(first)];
        edges.extend(cuts);
        edges.push(greatest.max(last));
        if !edges.iter().all(|edge| edge.is_finite()) {
            return None;
        }
        let patches = PATCHES / (edges.len() - 1).min(PATCHES / 2);
        let mut limits = Vec::new();
        for pair in edges.windows(2) {
            let [from, to] = [pair[0], pair[1]];
            let above = percentiles.iter().copied().find(|value| *value > from.max(0.0));
            limits.extend((1..patches).map(|at| limit(from, to, above, at, patches)));
            limits.push(to);
        }
        limits.pop();
        Some(Scale { edges, limits, patches })
    }

    /// The patch that a number is in, counted from 0: an expression.
    pub fn patch(&self, number: &str) -> String {
        let limits: Vec<String> = self.limits.iter().map(f64::to_string).collect();
        format!("width_bucket({number}::float8, '{{{}}}'::float8[])", limits.join(","))
    }

    /// The ends of levels, in words.
    pub fn ticks(&self, language: &str) -> Vec<String> {
        self.edges.iter().map(|edge| axis::short(*edge, language)).collect()
    }
}

/// Where a patch of a level ends; `above` is the least value that many customers have above its lower end.
fn limit(from: f64, to: f64, above: Option<f64>, at: usize, patches: usize) -> f64 {
    let share = at as f64 / patches as f64;
    match above.filter(|above| *above < to) {
        Some(_) if from > 0.0 && to > SKEWED * from => from * (to / from).powf(share),
        // the first patch holds those at zero
        Some(above) if from == 0.0 && to > SKEWED * above => {
            above * (to / above).powf((at - 1) as f64 / (patches - 1) as f64)
        }
        _ => from + (to - from) * share,
    }
}

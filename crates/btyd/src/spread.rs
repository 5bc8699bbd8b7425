//! Cuts of an axis on which many customers have the same value, as where most bought once.
//!
//! Equal values share a bin, so a value that more customers have than a bin holds would leave the next ones empty. Of
//! n bins over m customers:
//!
//! * With fewer than n different values, each has a bin of its own: the lowest the first, the highest the last, the
//!   others evenly between; so are the cuts between two of them, from the lower one up.
//! * Where no value has more than m / n customers, cut k is `percentile_cont(k / n)`, which leaves no bin empty then.
//! * Else the value that most have, the lower of two, has a bin of its own; the other n − 1 go to the customers below
//!   and above it in proportion to their number, rounded half up, with at least one for a side that has customers and
//!   no more than it has values. Each side is split by the same rules. Of two bins, the value shares that of the side
//!   with fewer customers, or of the lower one, for none is left.
//!
//! So no bin stays empty while there are as many different values as bins. A cut between two sides is the highest value of
//! the lower one: a score counts the cuts that a value exceeds.

use crate::Poll;
use crate::population::percentile_cont;

/// The values of a part of the customers, rising, and how many different ones there are.
struct Part<'a> {
    sorted: &'a [f64],
    different: usize,
}

impl<'a> Part<'a> {
    fn new(sorted: &'a [f64], poll: Poll<'_>) -> Self {
        poll();
        let rises = sorted.windows(2).filter(|pair| pair[0] < pair[1]).count();
        Part { sorted, different: rises + usize::from(!sorted.is_empty()) }
    }

    /// Where the value begins and ends that most customers have, the lowest of several.
    fn most_common(&self) -> std::ops::Range<usize> {
        let (mut most, mut start) = (0..0, 0);
        for run in self.sorted.chunk_by(|a, b| a == b) {
            if run.len() > most.len() {
                most = start..start + run.len();
            }
            start += run.len();
        }
        most
    }
}

/// The cuts of `bins` bins of sorted, finite values, of which there is at least one.
pub fn cuts(sorted: &[f64], bins: usize, poll: Poll<'_>) -> Vec<f64> {
    let all = Part::new(sorted, poll);
    let mut cuts = Vec::new();
    if all.different < bins {
        cuts_of_few(&all, bins, &mut cuts);
    } else {
        split(all, bins, &mut cuts, poll);
    }
    cuts
}

/// The cuts where each of fewer than `bins` different values has a bin of its own.
fn cuts_of_few(part: &Part<'_>, bins: usize, cuts: &mut Vec<f64>) {
    let values: Vec<f64> =
        part.sorted.chunk_by(|a, b| a == b).filter_map(|run| run.first()).copied().collect();
    let last = values.len().saturating_sub(1);
    if let [only] = values.as_slice() {
        cuts.resize(bins - 1, *only);
    }
    for (i, pair) in values.windows(2).enumerate() {
        // the cuts below the bin of the higher value, rounded half up
        let below = (2 * (i + 1) * (bins - 1) + last) / (2 * last);
        let (steps, (low, high)) = (below - cuts.len(), (pair[0], pair[1]));
        let between = |step: usize| low + step as f64 / steps as f64 * (high - low);
        cuts.extend((0..steps).map(|step| between(step).min(high.next_down())));
    }
}

/// Adds the cuts of a part that has at least as many different values as bins, of which there is at least one.
fn split(part: Part<'_>, bins: usize, cuts: &mut Vec<f64>, poll: Poll<'_>) {
    let sorted = part.sorted;
    let most = part.most_common();
    if bins < 2 {
        return;
    }
    if most.len() * bins <= sorted.len() {
        cuts.extend((1..bins).map(|k| quantile(sorted, k, bins)));
        return;
    }
    let below = Part::new(&sorted[..most.start], poll);
    let above = Part::new(&sorted[most.end..], poll);
    let value = sorted[most.start];
    let highest_below = below.sorted.last().copied();
    if let (2, Some(highest), false) = (bins, highest_below, above.sorted.is_empty()) {
        let with_lower = below.sorted.len() <= above.sorted.len();
        cuts.push(if with_lower { value } else { highest });
        return;
    }
    let [of_below, of_above] = share(bins - 1, &below, &above);
    if let Some(highest) = highest_below {
        split(below, of_below, cuts, poll);
        cuts.push(highest);
    }
    if !above.sorted.is_empty() {
        cuts.push(value);
        split(above, of_above, cuts, poll);
    }
}

/// How many of some bins each side gets.
fn share(bins: usize, below: &Part<'_>, above: &Part<'_>) -> [usize; 2] {
    let (low, all) =
        (below.sorted.len() as u128, (below.sorted.len() + above.sorted.len()) as u128);
    let even = (2 * bins as u128 * low + all) / (2 * all).max(1);
    let least = |part: &Part<'_>| part.different.min(1);
    let fewest = least(below).max(bins.saturating_sub(above.different));
    let most = below.different.min(bins - least(above));
    let of_below = (even as usize).max(fewest).min(most);
    [of_below, bins - of_below]
}

/// Cut `k` of `bins` bins by `percentile_cont`. Between two values that are next to each other as doubles, the line may
/// end in the higher one, which the cut has to leave above it.
fn quantile(sorted: &[f64], k: usize, bins: usize) -> f64 {
    let share = k as f64 / bins as f64;
    let row = (share * (sorted.len() - 1) as f64).floor() as usize;
    let cut = percentile_cont(sorted, share);
    match (sorted.get(row), sorted.get(row + 1)) {
        (Some(low), Some(high)) if low < high => cut.min(high.next_down()),
        _ => cut,
    }
}

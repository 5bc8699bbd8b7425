//! Where labels stand that belong beside things: as near to them as they can without touching one another.

/// Places for labels, each at least `gap` from the one before it, between `low` and `high`, in the order of the things that
/// they belong to; as near to these as that allows. Where there is no room for the gap, it is as large as there is.
pub fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let between = wanted.len().saturating_sub(1).max(1) as f64;
    let gap = gap.min((high - low).max(0.0) / between);
    // without the gaps, labels may stand at the same place, but not in another order: those that would are one block
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (at, wanted) in wanted.iter().enumerate() {
        let mut block = (wanted - gap * at as f64, 1);
        while let Some(&(mean, count)) = blocks.last().filter(|(mean, _)| *mean > block.0) {
            blocks.pop();
            let all = count + block.1;
            block = ((mean * count as f64 + block.0 * block.1 as f64) / all as f64, all);
        }
        blocks.push(block);
    }
    let last = high - gap * wanted.len().saturating_sub(1) as f64;
    let places = blocks.iter().flat_map(|&(mean, count)| std::iter::repeat_n(mean, count));
    places.enumerate().map(|(at, place)| place.min(last).max(low) + gap * at as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn labels_do_not_touch_and_stay_near() {
        assert_eq!(spread(&[], 10.0, 0.0, 100.0), Vec::<f64>::new());
        assert_eq!(spread(&[50.0], 10.0, 0.0, 100.0), [50.0]);
        assert_eq!(spread(&[20.0, 60.0], 10.0, 0.0, 100.0), [20.0, 60.0]);
        assert_eq!(spread(&[50.0, 52.0], 10.0, 0.0, 100.0), [46.0, 56.0]);
        assert_eq!(spread(&[-5.0, 0.0, 99.0], 10.0, 0.0, 100.0), [0.0, 10.0, 99.0]);
        assert_eq!(spread(&[99.0, 100.0, 101.0], 10.0, 0.0, 100.0), [80.0, 90.0, 100.0]);
        // no room
        assert_eq!(spread(&[1.0; 11], 20.0, 0.0, 100.0)[10], 100.0);
    }
}

//! How labels are written: as they are, or with their rank in front.

use serde::Deserialize;

/// How the labels of a segmentation are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelStyle {
    /// As they are.
    #[default]
    Plain,
    /// With their rank in front: as texts, they sort by rank.
    Ranked,
}

impl LabelStyle {
    /// A label of this rank, 1 = best, which is one of so many.
    pub fn written(self, label: &str, rank: usize, labels: usize) -> String {
        match self {
            LabelStyle::Plain => label.to_owned(),
            LabelStyle::Ranked => {
                let digits = labels.max(1).ilog10() as usize + 1;
                format!("{rank:0digits$} {label}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LabelStyle::{Plain, Ranked};

    #[test]
    fn texts_sort_by_rank() {
        assert_eq!(Plain.written("Loyal", 2, 11), "Loyal");
        assert_eq!(Ranked.written("Loyal", 2, 9), "2 Loyal");
        assert_eq!(Ranked.written("Loyal", 2, 10), "02 Loyal");
        assert_eq!(Ranked.written("", 1, 0), "1 ");
        for labels in [1, 9, 10, 99, 100, 255] {
            let written: Vec<String> =
                (1..=labels).map(|rank| Ranked.written("x", rank, labels)).collect();
            assert!(written.is_sorted(), "{labels}");
        }
    }
}

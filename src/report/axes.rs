//! What reports know of axes: the column of the view that shows one, and whether a rule decides it.

use segmentation::axes;

/// The column of the view that shows an axis: the label where the axis is the number of a label.
pub fn shown(axis: &str) -> &str {
    axes::shown(axis)
}

/// Whether an axis is a level that rules decide, so that it has no cuts and its label says it all.
pub fn by_rule(axis: &str) -> bool {
    axes::by_rule(axis)
}

/// An axis that knows only the first ranks of the label that shows it.
pub struct FirstRanks {
    /// The last rank that it knows.
    pub last: i32,
    /// What somebody with another rank, or with none, lacks.
    pub name: &'static str,
}

/// The ranks that an axis knows; None if it knows whatever its column shows.
pub fn first_ranks(axis: &str) -> Option<FirstRanks> {
    let name = "loyal, price-sensitive or service-oriented need_type";
    (axis == "crm_need").then_some(FirstRanks { last: 3, name })
}

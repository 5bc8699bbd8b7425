//! What is wrong with a segmentation.

/// Why a segmentation cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A part of the potential value is itself made of trained percentiles.
    MadeOfPercentiles(String),
    /// There is no number of this name for a part of the potential value.
    NoPartOfIndex(String),
    /// No input of the relationship quality has a weight.
    NoRelationshipWeight,
    /// There is no number of this name for an axis.
    NoAxis {
        /// The matrix.
        matrix: String,
        /// The name.
        axis: String,
    },
    /// Two columns of the view would have this name.
    Twice(String),
}

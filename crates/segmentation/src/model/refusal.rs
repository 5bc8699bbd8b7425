//! What is wrong with a segmentation.

/// Why a segmentation cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A part of a weighted index is itself made of trained percentiles.
    MadeOfPercentiles {
        /// The option that names it.
        option: String,
        /// The name.
        part: String,
    },
    /// There is no number of this name for a part of a weighted index.
    NoPartOfIndex {
        /// The option that names it.
        option: String,
        /// The name.
        part: String,
    },
    /// A weighted index has the name of an axis that is no column, or of a column of the customer table.
    IndexTaken(String),
    /// Nothing that the value score could be made of has a weight.
    NoValueWeight,
    /// No input of the relationship quality has a weight.
    NoRelationshipWeight,
    /// There is no number of this name for an axis.
    NoAxis {
        /// The matrix.
        matrix: String,
        /// The name.
        axis: String,
    },
    /// A table that is read has a column of the name that the parent of a customer has in another.
    ParentTaken {
        /// The table.
        relation: String,
        /// The name.
        name: String,
    },
    /// Two columns of the view would have this name.
    Twice(String),
}

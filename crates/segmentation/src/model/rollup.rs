//! Large accounts: segmentations of the parents of customers, such as their group, holding or household.

use super::Column;

/// How rows of customers are read as those of their parents, which stand in the customers' place everywhere else.
#[derive(Debug, Clone)]
pub struct Rollup {
    /// The customer column of the orders.
    pub member: Column,
    /// The operator by which customers are the same, with its schema.
    pub same: String,
    /// The table that tells the parents; None where the orders themselves do.
    pub parents: Option<Parents>,
    /// The customer columns of the tables of inputs, by what these hold.
    pub members: Vec<(&'static str, Column)>,
    /// The rows, by what they hold: queries that the plan writes.
    pub rows: Vec<(&'static str, String)>,
}

/// A table that tells the parent of each customer.
#[derive(Debug, Clone)]
pub struct Parents {
    /// Table or view, with its schema.
    pub relation: String,
    /// Its customer column.
    pub key: Column,
}

//! Histories that are kept in a table beside the view.

/// What stands beside a view whose histories are kept: names with their schema, as SQL writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    /// The table of histories.
    pub kept: String,
    /// What readers see of it: nothing where it does not hold, or where they may not read the orders.
    pub kept_now: String,
    /// Where the customers are noted whose orders changed; None where histories are exact as of the last refresh only.
    pub touched: Option<Touched>,
}

/// What notes customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// The table of notes; a NULL in it is a note of everybody.
    pub table: String,
    /// What readers see of it, under the same conditions.
    pub now: String,
}

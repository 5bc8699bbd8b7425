//! Training: cuts, models and the picture of a population, from the histories of its customers; and the aggregates
//! over other things that are known of them.

pub mod aggregate;
mod answers;
pub mod axes;
pub mod axis;
pub mod cuts;
pub mod model;
pub mod validation;

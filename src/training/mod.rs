//! Training: cuts, models and the picture of a population, from the histories of its customers.

pub mod aggregate;
pub mod axes;
pub mod axis;
pub mod cuts;
pub mod model;
pub mod validation;

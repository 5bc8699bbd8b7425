//! Aggregates and functions that work alone in any query: survey answers, engagement, concentration, cohorts, stability. Sums
//! are exact, so that neither the order of rows nor the number of workers changes a result.

mod cohorts;
mod engagement;
mod gini;
mod stability;
mod survey;
mod total;

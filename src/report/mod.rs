//! What readers ask of a segmentation: how large its segments are and what they bring in, what to do with whom, why a
//! customer is where they are, what has drifted, what may mislead them, and how good the models are.
//!
//! Reports read the view with the rights of whoever asks; only `models` reads the source, for the owner of the view. What
//! needs the histories behind the view reads them through `histories`, with the rights by which the view reads them.
//! Each has a file, and its SQL one in `sql/`, whose holes `template` fills. `segments` is the view that they read,
//! `days` the same as of other days, `ranks` the order of its labels,
//! `matrices` what it shows of matrices and why a customer has no place in one, `unplaced` why they are in no segment,
//! `words` what reports say, in the language of the segmentation.

mod action;
mod budget;
pub mod cohorts;
mod contact_list;
mod crosstab;
pub mod days;
pub mod doubts;
mod drift;
mod effect;
mod experiment;
pub mod explain;
pub mod histories;
mod labels;
pub mod matrices;
pub mod models;
pub mod over_time;
mod periods;
pub mod playbook;
mod profile;
pub mod ranks;
mod response;
mod rounding;
mod rules;
pub mod segment_report;
pub mod segments;
pub mod template;
pub mod unplaced;
mod what_if;
pub mod words;

/// The schema of the functions that users do not call.
const INTERNAL: &str = "customer_value_internal";

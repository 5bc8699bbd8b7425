//! What readers ask of a segmentation: how large its segments are and what they bring in, what to do with whom, why a
//! customer is where they are, what has drifted, what may mislead them, and how good the models are.
//!
//! Reports read the view with the rights of whoever asks; only `models` reads the source, for the owner of the view.
//! Each has a file, and its SQL one in `sql/`, whose holes `template` fills. `segments` is the view that they read,
//! `matrices` what it shows of matrices and why a customer has no place in one, `unplaced` why they are in no segment,
//! `words` what reports say, in the language of the segmentation.

mod budget;
mod contact_list;
mod crosstab;
mod doubts;
mod drift;
mod explain;
mod matrices;
mod models;
mod playbook;
mod profile;
mod rounding;
mod rules;
mod segment_report;
mod segments;
mod template;
mod unplaced;
mod what_if;
mod words;

/// The schema of the functions that users do not call.
const INTERNAL: &str = "customer_value_internal";

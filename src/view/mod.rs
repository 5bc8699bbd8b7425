//! Segmentations: a view over a source, trained and then live.
//!
//! `options` and `source` say what a segmentation is, `definition` writes it as SQL, `stored` finds it
//! again, `manage` creates, alters and drops it, `train` trains it, `report` reads it, `models`
//! compares and validates the models behind its lifetime values.

mod definition;
mod manage;
mod models;
mod options;
mod report;
mod source;
mod stored;
mod train;

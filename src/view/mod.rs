//! Segmentations: a view over a source, trained and then live.
//!
//! `options` and `source` say what a segmentation is, `definition` writes it as SQL, `manage` creates,
//! alters, trains and drops it, `report` reads it.

mod definition;
mod manage;
mod options;
mod report;
mod source;
mod train;

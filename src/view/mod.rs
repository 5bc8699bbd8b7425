//! Segmentations: a view over a source, trained and then live.
//!
//! `options`, `source` and `inputs` say what a segmentation is, `definition` writes it as SQL: `histories` are what it
//! reads, `columns` and `axes` what it shows. `stored` finds it again, `manage` creates, alters and drops it, `train`
//! trains it, `report`, `playbook` and `profile` read it, `models` compares and validates the models behind its lifetime values.

mod axes;
mod columns;
mod definition;
mod histories;
mod inputs;
mod manage;
mod models;
mod options;
mod playbook;
mod profile;
mod report;
mod source;
mod stored;
mod train;
mod train_axes;

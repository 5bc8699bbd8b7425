//! Segmentations: a view over a source, trained and then live.
//!
//! `options`, `source` and `inputs` say what a segmentation is, `definition` writes it as SQL: `histories` and
//! `people` are what it reads, `columns`, `axes` and `places` what it shows. `stored` finds it again, `manage`
//! creates, alters and drops it, `train` and `train_axes` train it, `report`, `playbook` and `profile` read it,
//! `models` compares and validates the models behind its lifetime values.

mod axes;
mod columns;
mod definition;
mod histories;
mod inputs;
mod manage;
mod models;
mod options;
mod people;
mod places;
mod playbook;
mod profile;
mod report;
mod source;
mod stored;
mod train;
mod train_axes;

//! Segmentations: a view over a source, trained and then live.
//!
//! `options`, `source` and `inputs` say what a segmentation is, `definition` writes it as SQL: `histories` and
//! `people` are what it reads, `columns`, `axes` and `places` what it shows. `stored` finds it again, `manage`
//! creates, alters and drops it, `train` and `train_axes` train it.

mod axes;
mod columns;
pub mod definition;
pub mod histories;
pub mod inputs;
pub mod manage;
pub mod options;
mod people;
mod places;
pub mod source;
pub mod stored;
mod train;
mod train_axes;

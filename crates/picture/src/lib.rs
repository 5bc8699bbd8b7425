//! Pictures of a segmentation as SVG documents: plain data in, one text out, the same text for the same data.
//!
//! `canvas` is the document: header, note, styles for light, dark and print. `palette` has the colours, `text` estimates
//! how wide a text is, `axis` writes numbers, days and ticks, `told` sentences. Each kind of picture has a file: a
//! struct of data, whose texts are in the reader's language already, and `draw(&data, &frame)`.
//!
//! A document holds shapes and texts alone: no script, no reference to anything outside, every text escaped. What it is called by
//! other documents (`id`, styles) begins with [`Frame::id`], so that several stand in one page.

pub mod axis;
pub mod bars;
pub mod canvas;
pub mod cohorts;
pub mod curve;
pub mod flow;
pub mod grid;
pub mod group;
pub mod history;
pub mod lorenz;
pub mod matrix;
pub mod palette;
mod sankey;
mod spread;
mod strokes;
pub mod text;
pub mod told;
pub mod treemap;

pub use canvas::{Frame, nothing};

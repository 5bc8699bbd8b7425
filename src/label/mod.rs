//! Labels: scores to segments, by the schemes in the extension's tables or by what a training kept of one; two
//! values to a place in a matrix.

pub mod labels;
mod matrices;
pub mod matrix;
mod place;
pub mod scheme;
mod segment;

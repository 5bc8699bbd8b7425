//! Labels: scores to segments, by the schemes in the extension's tables or by what a training kept of one.

pub mod labels;
pub mod scheme;
mod segment;

//! Labels: scores to segments, by the schemes in the extension's tables.

pub mod scheme;
mod segment;

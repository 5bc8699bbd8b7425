//! Labels: scores to segments, two values to a place in a matrix, by definitions or by what a training kept of them.
//!
//! `definitions` knows the schemes and matrices that there are, `define` changes them; `scheme` and `matrix` are one of
//! them in a language, `segment` and `place` the functions that apply them. `labels` and `matrices` are what a training
//! keeps.

mod define;
mod definitions;
pub mod labels;
mod matrices;
pub mod matrix;
mod place;
pub mod scheme;
mod segment;

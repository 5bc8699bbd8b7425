//! Special functions, in the ranges that the models need: what no library has to the accuracy needed.
//!
//! Gamma and digamma come from `statrs`. Everything here is a sum or an integral of positive terms, so that
//! nothing cancels: the usual closed forms lose all digits near a = 1, for short horizons or large counts.

pub mod antiderivative;
pub mod discounted_mixture;
pub mod exponential_integral;
pub mod gamma;
pub mod mixture;
pub mod quadrature;

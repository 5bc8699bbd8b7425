//! A matrix of two axes.

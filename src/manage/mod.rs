//! Managing segmentations: creating, altering, training and dropping them.
//!
//! `commands` has the functions that users call. `stored` finds a segmentation again, `view` makes and replaces its
//! view and the function beside it, `train` trains it on what `found` finds, and `notices` tells
//! about that.

mod commands;
mod found;
mod names;
mod notices;
pub mod stored;
mod train;
mod view;

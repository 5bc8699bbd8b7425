//! Managing segmentations: creating, altering, training and dropping them.
//!
//! `commands` has the functions that users call. `stored` finds a segmentation again by its view, `registry` writes its
//! row, `view` and `function` make and replace its view and the functions beside it, `anew` keeps what users did to them
//! where columns go, `written` knows what of them is ours, `train` trains it on what `found` finds, `doubts` is what of
//! that may mislead, and `notices` tells about both.

mod anew;
mod commands;
mod doubts;
mod found;
mod function;
mod names;
mod notices;
mod registry;
pub mod stored;
mod train;
mod view;
mod written;

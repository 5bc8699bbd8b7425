//! Managing segmentations: creating, altering, training and dropping them.
//!
//! `commands` has the functions that users call. `stored` finds a segmentation again by its view, `registry` writes its
//! row, `view` and `function` make and replace its view and the functions beside it, `anew` keeps what users did to them
//! where columns go, `keep` makes and drops what keeps histories beside the view and `refresh` fills it, `parents` does the
//! same with the second view of option "parent", `snapshot` writes the view as of a day into a table, `written` knows what of
//! all this is ours, `train` trains on what `found` finds, `doubts` is what of that may mislead, and `notices` tells about it.

mod anew;
mod commands;
mod doubts;
mod found;
mod function;
mod keep;
mod names;
mod notices;
mod parents;
mod refresh;
mod registry;
mod snapshot;
pub mod stored;
mod train;
pub mod view;
mod written;

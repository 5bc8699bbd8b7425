//! Managing segmentations: creating, altering, training and dropping them.
//!
//! `commands` has the functions that users call. `stored` finds a segmentation again, `view` makes and replaces its
//! view and the function beside it, `train` trains it and `notices` tells about that.

mod commands;
mod names;
mod notices;
pub mod stored;
mod train;
mod view;

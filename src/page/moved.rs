//! How customers moved between segments, and how many came back.

use super::Making;
use crate::picture::Arguments;
use page::Block;

/// The pictures over time, with the keys of their captions.
const PICTURES: [(&str, &str); 3] =
    [("history", "moved.history"), ("flow", "moved.flow"), ("cohorts", "moved.cohorts")];

/// Pictures over time.
pub fn moved(making: &Making<'_>) -> Vec<Block> {
    let mut blocks = vec![making.text("moved.text")];
    for (kind, caption) in PICTURES {
        blocks.extend(making.picture(kind, Arguments::default(), making.words.text(caption)));
    }
    blocks
}

//! Pictures of the page.

use super::Making;
use page::Block;

impl Making<'_> {
    /// A picture of a kind, by a column or matrix; or why it is missing.
    pub fn picture(&self, _kind: &str, _by: &str, _caption: String) -> Option<Block> {
        None
    }
}

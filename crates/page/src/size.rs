//! A page that is small enough to be sent by mail, whatever it is made of.

use crate::{Block, Page, Picture};

impl Page {
    /// The page as HTML of at most so many bytes: the largest pictures are left out, one by one, then the longest tables
    /// are cut in half, one by one, until it fits.
    pub fn within(mut self, bytes: usize) -> String {
        loop {
            let html = self.html();
            if html.len() <= bytes || !self.shrink() {
                return html;
            }
        }
    }

    /// Leaves the largest picture out, or the second half of the longest table; false if nothing is left to leave out.
    fn shrink(&mut self) -> bool {
        let left_out = &self.left_out;
        let blocks = || self.sections.iter().flat_map(|section| &section.blocks);
        let largest = blocks().map(size_of_picture).max().unwrap_or(0);
        let longest = blocks().map(rows_of).max().unwrap_or(0);
        let mut all = self.sections.iter_mut().flat_map(|section| &mut section.blocks);
        if largest > 0 {
            for block in all.filter(|block| size_of_picture(block) == largest) {
                if let Block::Picture(Picture { caption, .. }) = block {
                    *block = Block::Missing(format!("{caption} {left_out}").trim().to_owned());
                }
            }
            return true;
        }
        if longest > 1
            && let Some(Block::Table(table)) = all.find(|block| rows_of(block) == longest)
        {
            table.rows.truncate(longest / 2);
            table.note = left_out.clone();
            return true;
        }
        false
    }
}

/// The bytes of a picture; 0 for anything else.
fn size_of_picture(block: &Block) -> usize {
    match block {
        Block::Picture(picture) => picture.svg.len(),
        _ => 0,
    }
}

/// The rows of a table; 0 for anything else.
fn rows_of(block: &Block) -> usize {
    match block {
        Block::Table(table) => table.rows.len(),
        _ => 0,
    }
}

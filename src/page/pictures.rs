//! Pictures of the page: inline SVG, whose text alternatives tell their figures.

use super::Making;
use crate::picture::frame::Framing;
use crate::picture::{Arguments, svg};
use crate::report::matrices::ShownMatrix;
use page::{Block, Picture};

impl Making<'_> {
    /// A picture of a kind with its caption, or why it is missing.
    pub fn picture(&self, kind: &str, arguments: Arguments, caption: String) -> Vec<Block> {
        self.tried(|| {
            let svg = svg(self.segments, kind, &arguments);
            vec![Block::Picture(Picture { svg, caption })]
        })
    }

    /// The same by a label column or a matrix.
    pub fn picture_by(&self, kind: &str, by: &str, caption: String) -> Vec<Block> {
        self.picture(kind, Arguments { by: Some(by.to_owned()), ..Arguments::default() }, caption)
    }

    /// What a matrix is called, here as in its picture.
    pub fn title_of_matrix(&self, matrix: &ShownMatrix) -> String {
        Framing::new(self.segments, "", &Arguments::default()).title_of_matrix(matrix)
    }
}

//! The matrices and classes that the view shows: each with its size, value and what to do.

use super::Making;
use super::rows::rows_of;
use super::table::{Shown, table};
use crate::report::matrices::{self, ShownMatrix};
use page::Block;

/// The most matrices of a page.
const MOST: usize = 12;

/// The matrices of the newest training.
pub fn matrices(making: &Making<'_>) -> Vec<Block> {
    let mut known = matrices::of(making.segments);
    known.retain(|matrix| matrix.trained);
    if known.is_empty() {
        return vec![making.text("matrices.none")];
    }
    let mut blocks = vec![making.text("matrices.text")];
    for matrix in known.iter().take(MOST) {
        blocks.extend(making.tried(|| of_matrix(making, matrix)));
    }
    if known.len() > MOST {
        let names: Vec<&str> = known[MOST..].iter().map(|matrix| matrix.name.as_str()).collect();
        let names = super::table::shortened(names.join(", "));
        blocks.push(Block::Text(making.words.with("matrices.more", &[("names", &names)])));
    }
    blocks
}

fn of_matrix(making: &Making<'_>, matrix: &ShownMatrix) -> Vec<Block> {
    let words = making.words;
    let title = making.title_of_matrix(matrix);
    let kind = if matrix.axes.len() == 2 { "matrix" } else { "bars" };
    let by = if matrix.axes.len() == 2 { &matrix.name } else { &matrix.column };
    let mut blocks = vec![Block::Heading(title.clone())];
    let caption = words.with("matrices.picture", &[("title", &title)]);
    blocks.extend(making.picture_by(kind, by, caption));
    blocks.extend(making.tried(|| {
        let rows = rows_of(
            "SELECT * FROM customer_value.segment_playbook($1, $2, $3)",
            &[making.segments.view().into(), matrix.column.as_str().into(), words.0.into()],
        );
        let columns = [
            ("segment", "position", Shown::Name),
            ("customers", "customers", Shown::Count),
            ("customer_share", "customer_share", Shown::Percent),
            ("revenue_share", "revenue_share", Shown::Percent),
            ("mean_clv", "mean_clv", Shown::Amount),
            ("action", "action", Shown::Sentence),
        ];
        let caption = words.with("matrices.table", &[("title", &title)]);
        vec![Block::Table(table(words, caption, &columns, &rows))]
    }));
    blocks
}

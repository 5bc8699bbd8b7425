//! Tables of the page: the columns of reports with their headings and how they are shown.

use super::rows::{Row, largest};
use super::words::{NOTHING, Words, amount, count, percent, shown};
use page::{Column, Kind, Table};

/// The most rows of a table.
const MOST_ROWS: usize = 40;

/// The most characters of a cell.
const LONGEST_CELL: usize = 240;

/// How the values of a column are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Names, in one's own words.
    Name,
    /// Sentences.
    Sentence,
    /// Whole numbers.
    Count,
    /// Percentages.
    Percent,
    /// Amounts, all with the same digits.
    Amount,
    /// Days, and whatever else is text but lines up.
    Text,
}

/// A column of a report, the key of its heading, and how its values are shown.
pub type Shows<'a> = (&'a str, &'a str, Shown);

/// A table of columns of a report.
pub fn table(words: Words<'_>, caption: String, columns: &[Shows<'_>], rows: &[Row]) -> Table {
    let headings = columns.iter().map(|(_, heading, shown)| Column {
        heading: words.text(&format!("column.{heading}")),
        kind: match shown {
            Shown::Name => Kind::Name,
            Shown::Sentence => Kind::Sentence,
            _ => Kind::Number,
        },
    });
    let most: Vec<f64> = columns.iter().map(|(name, ..)| largest(rows, name)).collect();
    let cells = |row: &Row| {
        let columns = columns.iter().zip(&most);
        columns.map(|((name, _, shown), most)| cell(row, name, *shown, *most)).collect()
    };
    let left_out = rows.len().saturating_sub(MOST_ROWS);
    Table {
        caption,
        columns: headings.collect(),
        rows: rows.iter().take(MOST_ROWS).map(cells).collect(),
        note: match left_out {
            0 => String::new(),
            more => words.with("more_rows", &[("rows", &count(more as f64))]),
        },
    }
}

fn cell(row: &Row, name: &str, way: Shown, most: f64) -> String {
    let value = row.number(name);
    match way {
        Shown::Count => shown(value, count),
        Shown::Percent => shown(value, percent),
        Shown::Amount => shown(value, |value| amount(value, most)),
        Shown::Name | Shown::Sentence | Shown::Text => match row.text(name) {
            text if text.is_empty() => NOTHING.to_owned(),
            text => shortened(text),
        },
    }
}

/// A text that is not longer than a cell should be.
pub fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST_CELL) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

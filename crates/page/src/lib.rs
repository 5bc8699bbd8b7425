//! A document of headings, paragraphs, tables and pictures, as one HTML page that needs nothing else: no script, no font,
//! no file. It is read on a phone, on a desk, in the dark and on paper.
//!
//! What it says comes from the caller, who knows the language: [`Page`] is plain data, [`Page::html`] writes it, and
//! [`Page::within`] leaves pictures and rows out until it is small enough.

mod html;
mod size;

/// A page.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The language of its texts, such as `en`.
    pub language: String,
    /// Its title.
    pub title: String,
    /// One sentence below it.
    pub lead: String,
    /// What made it: for the head of the page, not for readers.
    pub generator: String,
    /// Figures that are read first.
    pub tiles: Vec<Tile>,
    /// What the table of contents is called.
    pub contents: String,
    /// Its sections, in order.
    pub sections: Vec<Section>,
    /// The last line.
    pub footer: String,
    /// What is said in place of a picture that was left out to keep the page small.
    pub left_out: String,
}

/// A figure and what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// What it is.
    pub name: String,
    /// The figure.
    pub figure: String,
}

/// A section with a heading, which the table of contents leads to.
#[derive(Debug, Clone, Default)]
pub struct Section {
    /// Its name in addresses: letters, digits and hyphens, unique in the page.
    pub id: String,
    /// Its heading.
    pub heading: String,
    /// What it holds.
    pub blocks: Vec<Block>,
}

/// A part of a section.
#[derive(Debug, Clone)]
pub enum Block {
    /// A heading below that of the section.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// Something that is missing, and why.
    Missing(String),
    /// Terms, each with what is said of it.
    Terms(Vec<(String, String)>),
    /// Points, each with a line that stands out and what follows from it.
    Points(Vec<(String, String)>),
    /// A table.
    Table(Table),
    /// A picture.
    Picture(Picture),
}

/// A table whose first column tells what a row is about.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each with a cell per column.
    pub rows: Vec<Vec<String>>,
    /// What is said below it; empty for nothing.
    pub note: String,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its heading.
    pub heading: String,
    /// What its cells hold.
    pub kind: Kind,
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Names: they do not break where it can be helped.
    Name,
    /// Numbers and days: they stand at the right and never break.
    Number,
    /// Sentences.
    Sentence,
}

/// A picture.
#[derive(Debug, Clone)]
pub struct Picture {
    /// A whole SVG element with a title, whose text is escaped, and whose ids nothing else in the page has.
    pub svg: String,
    /// What it shows.
    pub caption: String,
}

//! One HTML page about a segmentation, for whoever would rather look than query: what it is, what may mislead, segments,
//! matrices, whom to contact, how customers moved, how good the predictions are.
//!
//! The crate `page` writes the HTML. Here is what stands in it: each section asks reports and pictures, with the rights of
//! the reader, and fails for itself alone.

mod about;
mod contacts;
mod matrices;
mod moved;
mod pictures;
mod predictions;
mod rows;
mod segments;
mod table;
mod words;

use crate::report::segments::{ENGLISH, Segments};
use crate::server::attempt::{Failure, attempt};
use crate::server::error::{given, notice, poll};
use crate::server::query::{self, literal};
use about::Facts;
use page::{Block, Page, Section};
use pgrx::prelude::*;
use rows::{Row, rows_of};
use segmentation::texts::{chain, is_spoken};
use words::Words;

/// The most bytes of a page.
const MOST_BYTES: usize = 299_000;

/// How it is called, for whoever leaves out what must be given.
const CALL: &str = "Call it like this: segment_page('shop.customer_segments').";

/// (view, language): the page.
#[pg_extern(sql = false)]
fn segment_page(view: Option<&str>, language: Option<&str>) -> String {
    let mut segments = Segments::of(given("view", view, CALL));
    if let Some(language) = language {
        segments.language = language.to_owned();
    }
    if !is_spoken(&segments.language) {
        let language = &segments.language;
        notice(format!("there are no texts in language \"{language}\": the page is in English"));
        segments.language = ENGLISH.to_owned();
    }
    require_readable(&segments);
    Making::of(&segments).page().within(MOST_BYTES)
}

/// Raises the server's own error unless the user may read the view and what it reads.
fn require_readable(segments: &Segments) {
    query::rows(&format!("SELECT FROM {} AS v LIMIT 0", segments.view()), &[], |_| ());
}

/// A page in the making.
struct Making<'a> {
    segments: &'a Segments,
    words: Words<'a>,
    facts: Facts,
    /// The segments with their total, or why there are none.
    report: Result<Vec<Row>, Failure>,
}

/// The sections in order: the key of their heading, and who fills them.
type Filling = fn(&Making<'_>) -> Vec<Block>;
const SECTIONS: [(&str, Filling); 9] = [
    ("about", about::about),
    ("doubts", about::doubts),
    ("segments", segments::segments),
    ("lorenz", segments::lorenz),
    ("matrices", matrices::matrices),
    ("contacts", contacts::contacts),
    ("moved", moved::moved),
    ("predictions", predictions::predictions),
    ("glossary", about::glossary),
];

/// The sections that a segmentation has before its first training.
const UNTRAINED: [&str; 2] = ["about", "doubts"];

impl<'a> Making<'a> {
    fn of(segments: &'a Segments) -> Making<'a> {
        let facts = Facts::of(segments);
        let report = attempt(|| match facts.is_trained() && segments.has(segments::CODE) {
            true => rows_of(
                "SELECT * FROM customer_value.segment_report($1, ARRAY[$2])",
                &[segments.view().into(), segments::CODE.into()],
            ),
            false => Vec::new(),
        });
        Making { segments, words: Words(&segments.language), facts, report }
    }

    fn page(&self) -> Page {
        let words = self.words;
        let view = self.segments.view();
        let title = words.with("title", &[("view", &view)]);
        let version = env!("CARGO_PKG_VERSION");
        let footer = [("day", &self.facts.today as &dyn std::fmt::Display), ("version", &version)];
        let [_, language, _] = chain(words.0);
        Page {
            language: language.to_owned(),
            title,
            lead: self.facts.lead(self),
            generator: format!("customer_value {version}"),
            tiles: self.facts.tiles(self),
            contents: words.text("contents"),
            sections: SECTIONS.iter().map(|(id, filling)| self.section(id, *filling)).collect(),
            footer: words.with("footer", &footer),
            left_out: words.text("left_out"),
        }
    }

    fn section(&self, id: &str, filling: Filling) -> Section {
        let blocks = match self.facts.is_trained() || UNTRAINED.contains(&id) {
            true => self.tried(|| filling(self)),
            false => {
                let view = self.segments.view();
                vec![Block::Missing(self.words.with("untrained", &[("view", &literal(view))]))]
            }
        };
        Section { id: id.to_owned(), heading: self.words.text(id), blocks }
    }

    /// Blocks, or why they are missing.
    fn tried(&self, make: impl FnOnce() -> Vec<Block>) -> Vec<Block> {
        poll();
        attempt(make).unwrap_or_else(|failure| vec![self.missing(&failure)])
    }

    /// Says why something is missing.
    fn missing(&self, failure: &Failure) -> Block {
        let why = failure.message.trim_end_matches('.');
        let text = self.words.with("missing", &[("why", &why)]);
        Block::Missing(format!("{text} {}", failure.hint).trim_end().to_owned())
    }

    /// A paragraph by the key of its text.
    fn text(&self, key: &str) -> Block {
        Block::Text(self.words.text(key))
    }
}

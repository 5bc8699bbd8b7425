//! A page as HTML. Every text is escaped but the pictures, which are whole SVG elements, and the style, which is ours.

use crate::{Block, Column, Kind, Page, Picture, Section, Table};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// How the page looks.
const STYLE: &str = include_str!("style.css");

/// What a browser may do for the page: apply the style in it, and nothing else, whatever text it holds.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// A line ends here: for whoever compares two pages.
const LINE: PreEscaped<&str> = PreEscaped("\n");

/// The anchor of the table of contents.
const CONTENTS: &str = "contents";

impl Page {
    /// The page as one HTML document.
    pub fn html(&self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang=(self.language) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="generator" content=(shown(&self.generator));
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    title { (shown(&self.title)) }
                    style { (PreEscaped(STYLE)) }
                }
                (LINE)
                body {
                    (self.header())
                    @if !self.sections.is_empty() { (LINE) (self.contents()) }
                    main { @for section in &self.sections { (LINE) (section.html()) } }
                    (LINE)
                    footer { p { (shown(&self.footer)) } }
                }
            }
        };
        page.into_string() + "\n"
    }

    fn header(&self) -> Markup {
        html! {
            header {
                h1 { (shown(&self.title)) }
                p.lead { (shown(&self.lead)) }
                @if !self.tiles.is_empty() {
                    dl.tiles {
                        @for tile in &self.tiles {
                            div { dt { (shown(&tile.name)) } dd { (shown(&tile.figure)) } }
                        }
                    }
                }
            }
        }
    }

    fn contents(&self) -> Markup {
        html! {
            nav aria-labelledby=(CONTENTS) {
                h2 id=(CONTENTS) { (shown(&self.contents)) }
                ol {
                    @for section in &self.sections {
                        li { a href={ "#" (section.id) } { (shown(&section.heading)) } }
                    }
                }
            }
        }
    }
}

impl Section {
    fn html(&self) -> Markup {
        let heading = format!("{}-heading", self.id);
        html! {
            section id=(self.id) aria-labelledby=(heading) {
                h2 id=(heading) { (shown(&self.heading)) }
                @for block in &self.blocks { (LINE) (block.html()) }
            }
        }
    }
}

impl Block {
    fn html(&self) -> Markup {
        match self {
            Block::Heading(text) => html! { h3 { (shown(text)) } },
            Block::Text(text) => html! { p { (shown(text)) } },
            Block::Missing(why) => html! { p.missing { (shown(why)) } },
            Block::Terms(terms) => html! {
                dl.terms {
                    @for (term, what) in terms { (LINE) div { dt { (shown(term)) } dd { (shown(what)) } } }
                }
            },
            Block::Points(points) => html! {
                ul.points {
                    @for (point, more) in points {
                        (LINE)
                        li { strong { (shown(point)) } @if !more.is_empty() { " " (shown(more)) } }
                    }
                }
            },
            Block::Table(table) => table.html(),
            Block::Picture(picture) => picture.html(),
        }
    }
}

impl Table {
    fn html(&self) -> Markup {
        // what is wider than a phone is scrolled, also by the keyboard
        html! {
            div.wide tabindex="0" role="group" aria-label=(shown(&self.caption)) {
                table {
                    caption { (shown(&self.caption)) }
                    thead {
                        tr {
                            @for column in &self.columns {
                                th scope="col" class=(column.class()) { (shown(&column.heading)) }
                            }
                        }
                    }
                    tbody { @for row in &self.rows { (LINE) tr { (self.cells(row)) } } }
                }
            }
            @if !self.note.is_empty() { p.note { (shown(&self.note)) } }
        }
    }

    fn cells(&self, row: &[String]) -> Markup {
        html! {
            @for (at, (cell, column)) in row.iter().zip(&self.columns).enumerate() {
                @if at == 0 {
                    th scope="row" class=(column.class()) { (shown(cell)) }
                } @else {
                    td class=(column.class()) { (shown(cell)) }
                }
            }
        }
    }
}

impl Column {
    fn class(&self) -> &'static str {
        match self.kind {
            Kind::Name => "name",
            Kind::Number => "number",
            Kind::Sentence => "sentence",
        }
    }
}

impl Picture {
    fn html(&self) -> Markup {
        html! {
            figure {
                div.wide tabindex="0" role="group" aria-label=(shown(&self.caption)) {
                    (PreEscaped(&self.svg))
                }
                figcaption { (shown(&self.caption)) }
            }
        }
    }
}

/// A text without the control characters that HTML forbids; line breaks and tabs become spaces, as a browser shows them.
fn shown(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            // what turns the direction of the texts after it
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
            c if c.is_control() => '\u{FFFD}',
            // characters that stand for nothing, at the end of each plane
            c if u32::from(c) & 0xFFFE == 0xFFFE => '\u{FFFD}',
            '\u{FDD0}'..='\u{FDEF}' => '\u{FFFD}',
            c => c,
        })
        .collect()
}

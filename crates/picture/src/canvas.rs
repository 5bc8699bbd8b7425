//! The document that every picture is drawn on: title, subtitle and note, a description for whoever does not see it, styles
//! for light, dark and print, and shapes.
//!
//! Lengths are in units of which the document is [`WIDTH`] wide; it takes the width of whatever shows it.

use crate::palette::{self, Tone};
use crate::text;
use std::fmt::Write;
use svg::node::element::Element;
use svg::node::{Node, Text as Content};

/// How wide a document is.
pub const WIDTH: f64 = 640.0;
/// The empty space at its edges.
pub const MARGIN: f64 = 16.0;
/// The size of text.
pub const SIZE: f64 = 14.0;
/// The size of small text: ticks, notes, what stands in cells.
pub const SMALL: f64 = 12.0;
/// The size of the title.
const LARGE: f64 = 18.0;
/// The height of a line, as a multiple of its size.
const LINE: f64 = 1.3;

/// What stands around a picture.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The heading.
    pub title: String,
    /// What it is of: customers, day, view. May be empty.
    pub subtitle: String,
    /// What a reader has to know, below the picture. May be empty.
    pub note: String,
    /// The language of the texts.
    pub language: String,
    /// What every id in the document begins with; letters, digits and hyphens are kept.
    pub id: String,
}

/// An area.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Area {
    /// An area by its left and upper edge, width and height.
    pub fn new(x: f64, y: f64, w: f64, h: f64) -> Area {
        Area { x, y, w, h }
    }

    /// The middle.
    pub fn middle(self) -> (f64, f64) {
        (self.x + self.w / 2.0, self.y + self.h / 2.0)
    }
}

/// A length as SVG writes it: with one decimal at most.
pub fn length(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".into() } else { text.into() }
}

/// A document while it is drawn.
///
/// Classes of shapes: those of [`Canvas::fill`], and `bg` ground, `grid` and `axis` lines, `fo` and `so` the first and second of two
/// things, `no` what is in no segment, `gap` a thin line in the colour of the ground between shapes. Classes of text: `m` muted, `s`
/// small, `b` bold, `e` ends at its place, `c` centred there; several are joined by blanks.
pub struct Canvas<'a> {
    frame: &'a Frame,
    id: String,
    nodes: Vec<Element>,
    fills: Vec<(String, Tone)>,
    styles: Vec<(&'static str, &'static str, Tone, &'static str)>,
    description: String,
    top: f64,
}

impl<'a> Canvas<'a> {
    /// A document with its title.
    pub fn new(frame: &'a Frame) -> Canvas<'a> {
        let kept = frame.id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-');
        let id = format!("cv-{}", kept.collect::<String>());
        let description = String::new();
        let mut canvas = Canvas {
            frame,
            id,
            nodes: Vec::new(),
            fills: Vec::new(),
            styles: Vec::new(),
            description,
            top: 0.0,
        };
        let mut top = MARGIN;
        for (words, class, size, lines) in
            [(&frame.title, "h", LARGE, 2), (&frame.subtitle, "m", SIZE, 2)]
        {
            top = canvas.paragraph(words, class, size, (MARGIN, top, WIDTH - 2.0 * MARGIN), lines);
        }
        canvas.top = top + 10.0;
        canvas
    }

    /// Where the picture begins, below title and subtitle.
    pub fn top(&self) -> f64 {
        self.top
    }

    /// The language of the texts.
    pub fn language(&self) -> &str {
        &self.frame.language
    }

    /// Adds to the text alternative: a sentence or a row of what is shown.
    pub fn describe(&mut self, words: &str) {
        if !self.description.is_empty() && !self.description.ends_with('。') {
            self.description.push(' ');
        }
        self.description += &text::clean(words);
    }

    /// A class of shapes of this colour, and beside it `on` and its name for text on them.
    pub fn fill(&mut self, class: &str, tone: Tone) {
        self.fills.push((class.to_owned(), tone));
    }

    /// A class of which a property, `fill` or `stroke`, has this colour, and what else holds for it in every mode.
    pub fn style_class(
        &mut self,
        class: &'static str,
        property: &'static str,
        tone: Tone,
        rest: &'static str,
    ) {
        self.styles.push((class, property, tone, rest));
    }

    /// Classes `r0`, `r1`, … of ranks, best first; text on them has class `onr0`, …
    pub fn fill_ranks(&mut self, count: usize) {
        for (at, tone) in palette::ranks(count).into_iter().enumerate() {
            self.fill(&format!("r{at}"), tone);
        }
    }

    /// The same for ranks that lie upon each other.
    pub fn fill_layers(&mut self, count: usize) {
        for (at, tone) in palette::layers(count).into_iter().enumerate() {
            self.fill(&format!("r{at}"), tone);
        }
    }

    /// Classes `s0` to `s8` of amounts, from little to much; text on them has class `ons0`, …
    pub fn fill_shades(&mut self) {
        for (at, tone) in palette::shades().into_iter().enumerate() {
            self.fill(&format!("s{at}"), tone);
        }
    }

    /// Classes `d0` to `d5` of amounts behind text.
    pub fn fill_densities(&mut self) {
        for (at, tone) in palette::densities().into_iter().enumerate() {
            self.fill(&format!("d{at}"), tone);
        }
    }

    /// Adds a shape; `tip` is shown where a pointer rests on it.
    fn add(&mut self, mut element: Element, class: &str, tip: Option<&str>) {
        element.assign("class", class);
        if let Some(tip) = tip {
            let mut title = Element::new("title");
            title.append(Content::new(text::clean(tip)));
            element.append(title);
        }
        self.nodes.push(element);
    }

    /// A rectangle; one without width or height is left out.
    pub fn rect(&mut self, area: Area, class: &str, tip: Option<&str>) {
        if area.w < 0.05 || area.h < 0.05 {
            return;
        }
        let mut rect = Element::new("rect");
        for (name, value) in [("x", area.x), ("y", area.y), ("width", area.w), ("height", area.h)] {
            rect.assign(name, length(value));
        }
        self.add(rect, class, tip);
    }

    /// Many rectangles of one class as one shape.
    pub fn rects(&mut self, areas: &[Area], class: &str) {
        let mut path = String::new();
        for area in areas {
            let [x, y, w, h] = [area.x, area.y, area.w, area.h].map(length);
            let _ = write!(path, "M{x} {y}h{w}v{h}h-{w}z");
        }
        if !path.is_empty() {
            self.path(&path, class, None);
        }
    }

    /// A line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), class: &str) {
        let mut line = Element::new("line");
        for (name, value) in [("x1", from.0), ("y1", from.1), ("x2", to.0), ("y2", to.1)] {
            line.assign(name, length(value));
        }
        self.add(line, class, None);
    }

    /// A path, as SVG writes it; lengths by [`length`].
    pub fn path(&mut self, path: &str, class: &str, tip: Option<&str>) {
        let mut element = Element::new("path");
        element.assign("d", path);
        self.add(element, class, tip);
    }

    /// A line through points.
    pub fn through(&mut self, points: &[(f64, f64)], class: &str, tip: Option<&str>) {
        let mut path = String::new();
        for (at, (x, y)) in points.iter().enumerate() {
            let _ =
                write!(path, "{}{} {}", if at == 0 { "M" } else { "L" }, length(*x), length(*y));
        }
        self.path(&path, class, tip);
    }

    /// A circle.
    pub fn circle(&mut self, at: (f64, f64), radius: f64, class: &str, tip: Option<&str>) {
        let mut circle = Element::new("circle");
        for (name, value) in [("cx", at.0), ("cy", at.1), ("r", radius)] {
            circle.assign(name, length(value));
        }
        self.add(circle, class, tip);
    }

    /// A line of text on this base line, as it is.
    pub fn text(&mut self, (x, y): (f64, f64), words: &str, class: &str) {
        self.text_with_tip((x, y), words, class, None);
    }

    fn text_with_tip(&mut self, (x, y): (f64, f64), words: &str, class: &str, tip: Option<&str>) {
        let words = text::clean(words);
        if words.is_empty() {
            return;
        }
        let mut element = Element::new("text");
        element.assign("x", length(x));
        element.assign("y", length(y));
        if !class.is_empty() {
            element.assign("class", class);
        }
        element.append(Content::new(words));
        let Some(tip) = tip else { return self.nodes.push(element) };
        let (mut group, mut title) = (Element::new("g"), Element::new("title"));
        title.append(Content::new(tip));
        group.append(title);
        group.append(element);
        self.nodes.push(group);
    }

    /// A line of text, shortened to this width; all of it is shown where a pointer rests on it.
    pub fn text_within(&mut self, at: (f64, f64), words: &str, class: &str, width: f64) {
        let words = text::clean(words);
        let short = text::shorten(&words, size_of(class), width);
        let tip = (short != words).then_some(words.as_str());
        self.text_with_tip(at, &short, class, tip);
    }

    /// A line of text from below upwards around this point, shortened to this length.
    pub fn upwards(&mut self, (x, y): (f64, f64), words: &str, class: &str, most: f64) {
        let words = text::shorten(&text::clean(words), size_of(class), most);
        let mut element = Element::new("text");
        let [x, y] = [x, y].map(length);
        element.assign("transform", format!("translate({x} {y}) rotate(-90)"));
        element.assign("dominant-baseline", "central");
        element.assign("class", class);
        element.append(Content::new(words));
        self.nodes.push(element);
    }

    /// Lines of text in an area `(x, y, width)` from its upper edge on, at most so many; where they end.
    pub fn paragraph(
        &mut self,
        words: &str,
        class: &str,
        size: f64,
        (x, y, width): (f64, f64, f64),
        lines: usize,
    ) -> f64 {
        let words = text::clean(words);
        if words.is_empty() || lines == 0 {
            return y;
        }
        let bold = class.split(' ').any(|class| matches!(class, "b" | "h"));
        let wrapped = text::wrap(&words, if bold { size * 1.06 } else { size }, width, lines);
        let is_cut =
            wrapped.last().is_some_and(|line| line.ends_with('…')) && !words.ends_with('…');
        let mut base = y;
        for line in &wrapped {
            base += size * LINE;
            let at = (x, base - size * (LINE - 1.0));
            self.text_with_tip(at, line, class, is_cut.then_some(words.as_str()));
        }
        base
    }

    /// What shades mean: from little to much, with both ends named, at the right edge on this base line; of classes such as `s`.
    pub fn shade_legend(&mut self, y: f64, classes: (&str, usize), words: &str, ends: [&str; 2]) {
        let (prefix, count) = classes;
        let step = 14.0;
        let mut x = WIDTH - MARGIN - text::width(ends[1], SMALL);
        self.text((x, y), ends[1], "s m");
        x -= 6.0 + step * count as f64;
        for at in 0..count {
            let area = Area::new(x + step * at as f64, y - 10.0, step, 12.0);
            self.rect(area, &format!("{prefix}{at}"), None);
        }
        x -= 6.0;
        self.text((x, y), ends[0], "s m e");
        x -= text::width(ends[0], SMALL) + 10.0;
        self.text_end(x, y, words);
    }

    fn text_end(&mut self, x: f64, y: f64, words: &str) {
        let short = text::shorten(&text::clean(words), SMALL, x - MARGIN);
        self.text((x, y), &short, "s m e");
    }

    /// The document, with the note below what ends here.
    pub fn finish(mut self, bottom: f64) -> String {
        let mut bottom = bottom;
        if !self.frame.note.is_empty() {
            let place = (MARGIN, bottom + 8.0, WIDTH - 2.0 * MARGIN);
            bottom = self.paragraph(&self.frame.note, "s m", SMALL, place, 4);
        }
        let height = length((bottom + MARGIN).ceil());
        let mut root = Element::new("svg");
        let (title, desc) = (format!("{}-title", self.id), format!("{}-desc", self.id));
        let width = length(WIDTH);
        let attributes = [
            ("xmlns", "http://www.w3.org/2000/svg".to_owned()),
            ("id", self.id.clone()),
            ("lang", self.frame.language.clone()),
            ("role", "img".into()),
            ("viewBox", format!("0 0 {width} {height}")),
            ("width", "100%".into()),
            ("aria-labelledby", title.clone()),
            ("aria-describedby", desc.clone()),
        ];
        for (name, value) in attributes {
            root.assign(name, text::clean(&value));
        }
        let description = match self.description.is_empty() {
            true => text::clean(&self.frame.subtitle),
            false => std::mem::take(&mut self.description),
        };
        for (name, id, words) in
            [("title", title, text::clean(&self.frame.title)), ("desc", desc, description)]
        {
            let mut element = Element::new(name);
            element.assign("id", id);
            element.append(Content::new(words));
            root.append(element);
        }
        let mut style = Element::new("style");
        style.append(Content::new(self.style()));
        root.append(style);
        let mut ground = Element::new("rect");
        let sides = [("class", "bg"), ("width", width.as_str()), ("height", height.as_str())];
        for (name, value) in sides {
            ground.assign(name, value);
        }
        root.append(ground);
        for node in self.nodes {
            root.append(node);
        }
        root.to_string() + "\n"
    }

    /// The styles of the document, and of nothing beside it.
    fn style(&self) -> String {
        let id = &self.id;
        let mut css = format!(
            "#{id}{{font-family:system-ui,-apple-system,\"Segoe UI\",\"PingFang SC\",\"Microsoft YaHei\",\
             \"Noto Sans CJK SC\",\"Noto Sans\",\"DejaVu Sans\",sans-serif;font-size:{SIZE}px;max-width:60rem;\
             height:auto}}\
             \n#{id} .h{{font-size:{LARGE}px;font-weight:600}}#{id} .s{{font-size:{SMALL}px}}\
             #{id} .b{{font-weight:600}}#{id} .e{{text-anchor:end}}#{id} .c{{text-anchor:middle}}\
             \n#{id} .grid,#{id} .axis,#{id} .cut{{fill:none;stroke-width:1}}#{id} .cut{{stroke-width:1.5;\
             stroke-dasharray:5 4}}#{id} .gap{{stroke-width:2.5}}\n"
        );
        for (class, _, _, rest) in &self.styles {
            let _ = writeln!(css, "#{id} .{class}{{{rest}}}");
        }
        let _ = writeln!(css, "{}", self.colours(|tone| tone.light));
        let _ = writeln!(
            css,
            "@media screen and (prefers-color-scheme:dark){{{}}}",
            self.colours(|tone| tone.dark)
        );
        let _ = write!(
            css,
            "@media print{{#{id}{{-webkit-print-color-adjust:exact;print-color-adjust:exact}}}}"
        );
        css
    }

    /// The colours of one mode.
    fn colours(&self, mode: fn(Tone) -> palette::Rgb) -> String {
        let id = &self.id;
        let mut css = String::new();
        let mut rule = |class: &str, property: &str, tone: Tone| {
            let _ = write!(css, "#{id} {class}{{{property}:{}}}", mode(tone).css());
        };
        rule("text", "fill", palette::INK);
        rule(".m", "fill", palette::MUTED);
        rule(".bg", "fill", palette::GROUND);
        rule(".gap", "stroke", palette::GROUND);
        rule(".grid", "stroke", palette::GRID);
        rule(".axis", "stroke", palette::AXIS);
        rule(".cut", "stroke", palette::INK);
        rule(".fo", "fill", palette::FIRST);
        rule(".so", "fill", palette::SECOND);
        rule(".no", "fill", palette::NONE);
        for (class, property, tone, _) in &self.styles {
            rule(&format!(".{class}"), property, *tone);
        }
        for (class, tone) in &self.fills {
            rule(&format!(".{class}"), "fill", *tone);
            rule(&format!(".on{class}"), "fill", tone.ink());
        }
        css
    }
}

/// The size of text of some classes.
pub fn size_of(class: &str) -> f64 {
    let classes = || class.split(' ');
    let size = if classes().any(|class| class == "s") { SMALL } else { SIZE };
    if classes().any(|class| class == "b") { size * 1.06 } else { size }
}

/// A picture that says that there is nothing to show, and why.
pub fn nothing(frame: &Frame, why: &str) -> String {
    let mut canvas = Canvas::new(frame);
    let top = canvas.top();
    let area = Area::new(MARGIN, top, WIDTH - 2.0 * MARGIN, 120.0);
    let path = format!(
        "M{} {}h{}v{}h-{}z",
        length(area.x),
        length(area.y),
        length(area.w),
        length(area.h),
        length(area.w)
    );
    canvas.path(&path, "grid", None);
    canvas.describe(why);
    let lines = text::wrap(&text::clean(why), SIZE, area.w - 40.0, 5);
    let mut y = area.y + area.h / 2.0 - (lines.len() as f64 - 1.0) * SIZE * LINE / 2.0 + 5.0;
    for line in &lines {
        canvas.text((area.middle().0, y), line, "c");
        y += SIZE * LINE;
    }
    canvas.finish(area.y + area.h)
}

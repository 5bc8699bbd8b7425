//! The type `rfm_labels`: a scheme in one language, ready to be applied. A training keeps one.
//!
//! ```text
//! version  bins  segments  zero │ cells │ segments: rank, lengths of code, label, action; code, label, action …
//! one byte each                 │ bytes │ two bytes for each number, lowest first; texts behind a head of a byte
//! ```
//!
//! There is a cell for each recency, frequency and monetary score, in this order; monetary 0 stands for a
//! missing score. A cell holds the number of its segment, or 255 for none. Text form is JSON.

use crate::server::call::sql_function;
use crate::server::datum::{IntoDatum, cstring};
use crate::server::error::{Code, fail, json_reason};
use crate::server::varlena;
use btyd::cuts::BINS;
use btyd::trained::PackedText;
use pgrx::pg_sys::Datum;
use segmentation::model::LabelStyle;
use serde::{Deserialize, Serialize};

/// The version that is written and accepted.
const VERSION: u8 = 1;
const PREFIX: usize = 4;
/// No segment, in a cell.
pub const NONE: u8 = u8::MAX;

/// A segment.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Stable code.
    pub code: String,
    /// Label in the language.
    pub label: String,
    /// Rank, 1 = best.
    pub rank: u16,
    /// Recommended action in the language; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub action: String,
}

impl Segment {
    /// Its texts, as they are packed.
    fn texts(&self) -> [&str; 3] {
        [&self.code, &self.label, &self.action]
    }
}

/// A segment, packed.
struct PackedSegment<'a> {
    rank: u16,
    code: PackedText<'a>,
    label: PackedText<'a>,
    action: PackedText<'a>,
}

/// A scheme in one language.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// Bins of each axis.
    pub bins: u8,
    /// The segments, at most 255.
    pub segments: Vec<Segment>,
    /// See the module.
    pub cells: Vec<u8>,
}

/// What of a segment is asked for.
#[derive(Clone, Copy)]
pub enum Part {
    /// Its label in the language.
    Label,
    /// Its code.
    Code,
    /// Its rank.
    Rank,
    /// The recommended action in the language.
    Action,
}

/// Number of cells, with those for a missing monetary score.
pub fn cell_count(bins: u8) -> usize {
    let bins = usize::from(bins);
    bins * bins * (bins + 1)
}

impl Labels {
    /// The same with its labels as a segmentation writes them.
    pub fn written(mut self, style: LabelStyle) -> Self {
        let count = self.segments.len();
        for Segment { label, rank, .. } in &mut self.segments {
            *label = style.written(label, usize::from(*rank), count);
        }
        self
    }

    /// A missing monetary score is enough where every monetary score gives the same segment.
    pub fn with_missing_monetary(mut self) -> Self {
        for cells in self.cells.chunks_exact_mut(usize::from(self.bins) + 1) {
            if let [missing, first, rest @ ..] = cells
                && rest.iter().all(|other| other == first)
            {
                *missing = *first;
            }
        }
        self
    }

    /// Whether some customers have no segment without a monetary score.
    pub fn needs_amounts(&self) -> bool {
        let mut cells = self.cells.chunks(usize::from(self.bins) + 1);
        cells.any(|cells| cells.first() == Some(&NONE))
    }

    fn check(&self) -> Result<(), &'static str> {
        if !BINS.contains(&self.bins) {
            return Err("bins must be from 2 to 10");
        }
        if self.cells.len() != cell_count(self.bins) {
            return Err("the number of cells does not match the number of bins");
        }
        let segments = self.segments.len();
        if self.cells.iter().any(|&cell| cell != NONE && usize::from(cell) >= segments) {
            return Err("a cell names a segment that does not exist");
        }
        let long = |text: &str| text.len() > usize::from(u16::MAX);
        if segments > 255 || self.segments.iter().any(|s| s.texts().into_iter().any(long)) {
            return Err("there are too many segments, or their texts are too long");
        }
        Ok(())
    }

    /// The packed form.
    pub fn pack(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION, self.bins, self.segments.len() as u8, 0];
        bytes.extend(&self.cells);
        for segment in &self.segments {
            bytes.extend(segment.rank.to_le_bytes());
            let texts = segment.texts();
            bytes.extend(texts.iter().flat_map(|text| (text.len() as u16).to_le_bytes()));
            texts.into_iter().for_each(|text| PackedText::push(&mut bytes, text));
        }
        bytes
    }

    /// The labels that a packed form holds; None if it is damaged.
    fn unpack(bytes: &[u8]) -> Option<Labels> {
        let [VERSION, bins, segments, 0, ..] = *bytes else { return None };
        let cells = bytes.get(PREFIX..PREFIX + cell_count(bins))?.to_vec();
        let packed = Packed { bytes };
        let text = |text: PackedText<'_>| String::from_utf8(text.bytes().to_vec()).ok();
        let segments = (0..segments).map(|i| {
            let PackedSegment { rank, code, label, action } = packed.segment(i)?;
            Some(Segment { code: text(code)?, label: text(label)?, rank, action: text(action)? })
        });
        let labels = Labels { bins, segments: segments.collect::<Option<_>>()?, cells };
        (labels.check().is_ok() && labels.pack() == bytes).then_some(labels)
    }
}

/// Packed labels, borrowed: what a label function reads.
pub struct Packed<'a> {
    /// The packed form. Any bytes can be given.
    pub bytes: &'a [u8],
}

impl<'a> Packed<'a> {
    fn head(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// A segment by its number.
    fn segment(&self, number: u8) -> Option<PackedSegment<'a>> {
        let mut rest = self.bytes.get(PREFIX + cell_count(self.head(1))..)?;
        for i in 0..=number {
            let (head, mut texts) = rest.split_at_checked(8)?;
            let word = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
            let [code, label, action] =
                [2, 4, 6].map(|at| PackedText::take(&mut texts, word(at).into()));
            let (code, label, action) = (code?, label?, action?);
            if i == number {
                return Some(PackedSegment { rank: word(0), code, label, action });
            }
            rest = texts;
        }
        None
    }

    /// A part of the segment of three scores; None outside the scheme. `give` makes a value of a text.
    pub fn look_up(
        &self,
        r: i32,
        f: i32,
        m: Option<i32>,
        part: Part,
        give: fn(PackedText<'_>) -> Datum,
    ) -> Option<Datum> {
        let bins = usize::from(self.head(1));
        let within = |score: i32| {
            let score = usize::try_from(score).ok()?;
            (1..=bins).contains(&score).then_some(score)
        };
        let m = match m {
            Some(m) => within(m)?,
            None => 0,
        };
        let cell = ((within(r)? - 1) * bins + within(f)? - 1) * (bins + 1) + m;
        let number = self.bytes.get(PREFIX + cell).copied().filter(|&number| number != NONE)?;
        let segment = self.segment(number)?;
        match part {
            Part::Label => Some(give(segment.label)),
            Part::Code => Some(give(segment.code)),
            Part::Rank => Some((segment.rank as i16).into_datum()),
            Part::Action if segment.action.bytes().is_empty() => None,
            Part::Action => Some(give(segment.action)),
        }
    }
}

const HINT: &str = "Use rfm_scheme_labels(scheme, language) to make labels.";

sql_function! {
    /// Text to labels.
    fn rfm_labels_in(call) {
        let refuse = |why: &str| -> ! {
            let message = format!("invalid input for type rfm_labels: {why}");
            fail(Code::ERRCODE_INVALID_TEXT_REPRESENTATION, message, HINT)
        };
        let text = call.cstring(0);
        if !text.trim_start().starts_with('{') {
            refuse("they must be a JSON object");
        }
        let labels: Labels = match serde_json::from_str(text) {
            Ok(labels) => labels,
            Err(error) => refuse(&json_reason(&error)),
        };
        if let Err(why) = labels.check() {
            refuse(why);
        }
        Some(varlena::from_bytes(&labels.pack()))
    }
}

sql_function! {
    /// Labels to text.
    fn rfm_labels_out(call) {
        let text = Labels::unpack(call.bytes(0)).map(|labels| serde_json::to_string(&labels));
        Some(cstring(&text.and_then(Result::ok).unwrap_or_default()))
    }
}

sql_function! {
    /// (label, rank, labels): a label with its rank in front, one of so many.
    fn ranked_label(call) {
        let [rank, labels] = [1, 2].map(|at| usize::try_from(call.int4(at)).unwrap_or(0));
        Some(LabelStyle::Ranked.written(call.text(0), rank, labels).as_str().into_datum())
    }
}

sql_function! {
    /// Binary to labels.
    fn rfm_labels_recv(call) {
        let bytes = call.message();
        if Labels::unpack(bytes).is_none() {
            fail(
                Code::ERRCODE_INVALID_BINARY_REPRESENTATION,
                "the packed RFM labels are damaged or have an unknown version",
                "Send the bytes as the server sent them.",
            );
        }
        Some(varlena::from_bytes(bytes))
    }
}

sql_function! {
    /// Labels to binary.
    fn rfm_labels_send(call) Some(varlena::from_bytes(call.bytes(0)))
}

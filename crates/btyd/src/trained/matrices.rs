//! The matrices of a training, packed.
//!
//! ```text
//! head   version u8 │ zero u8 │ number of matrices u16
//! each   bytes of the rest u32
//!        bytes of the names of matrix, x axis, y axis u8 each (0: a class, which has no y axis)
//!        number of x cuts, of y cuts, of positions u8 each (cuts 255: unknown; y cuts 0: a class)
//!        names │ x cuts f64 │ y cuts f64
//!        for each position: rank u16 │ bytes of the code u16, of the label u16, of the action u16
//!        for each position: code │ label │ action, each behind a head of a byte; see [`PackedText`]
//! ```
//!
//! All numbers are little-endian. Positions are by place: level by level of x, within it by those of y.

use super::{Doubles, PackedText, check_name, malformed, rises, take, take_slice};
use crate::{Error, axis};
use serde::{Deserialize, Serialize};

/// The version that [`pack`] writes and [`PackedMatrices::validate`] accepts.
pub const VERSION: u8 = 1;

const HEAD: usize = 4;
/// A number of cuts: there are none, as nobody had a value.
const UNKNOWN: u8 = u8::MAX;
/// The most levels of an axis.
const MOST_LEVELS: usize = 10;
/// Bytes of a position before its texts.
const POSITION: usize = 8;

/// A position of a matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainedPosition {
    /// Stable code.
    pub code: String,
    /// Label in the language of the training.
    pub label: String,
    /// Rank, 1 = best.
    pub rank: i16,
    /// Recommended action in the language of the training; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub action: String,
}

impl TrainedPosition {
    /// Its texts, as they are packed.
    fn texts(&self) -> [&str; 3] {
        [&self.code, &self.label, &self.action]
    }
}

/// What a training found of a matrix, or of a class, which has one axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainedMatrix {
    /// Name of the matrix.
    pub matrix: String,
    /// Name of the first axis.
    pub x_axis: String,
    /// Its cuts, rising; None if no customer had a value.
    pub x_cuts: Option<Vec<f64>>,
    /// Name of the second axis; None for a class.
    pub y_axis: Option<String>,
    /// Its cuts, rising; None for a class, or if no customer had a value.
    pub y_cuts: Option<Vec<f64>>,
    /// The positions by place: level by level of x, within it by those of y.
    pub positions: Vec<TrainedPosition>,
}

impl TrainedMatrix {
    /// Levels of both axes, None where they are unknown.
    fn levels(&self) -> [Option<usize>; 2] {
        let levels = |cuts: &Option<Vec<f64>>| cuts.as_ref().map(|cuts| cuts.len() + 1);
        let y = if self.y_axis.is_none() { Some(1) } else { levels(&self.y_cuts) };
        [levels(&self.x_cuts), y]
    }

    fn check(&self) -> Result<(), Error> {
        check_name("the name of a matrix", &self.matrix)?;
        let names = [Some(&self.x_axis), self.y_axis.as_ref()];
        names.into_iter().flatten().try_for_each(|name| check_name("the name of an axis", name))?;
        let refuse = |why: &str| Err(malformed(format!("matrix \"{}\" {why}", self.matrix)));
        if self.y_axis.is_none() && self.y_cuts.is_some() {
            return refuse("has cuts of an axis that it does not have");
        }
        for cuts in [&self.x_cuts, &self.y_cuts].into_iter().flatten() {
            if !(1..MOST_LEVELS).contains(&cuts.len()) || !rises(cuts) {
                return refuse("must have 1 to 9 cuts on each axis, in rising order");
            }
        }
        let fits = match self.levels() {
            [Some(x), Some(y)] => self.positions.len() == x * y,
            _ => (1..=MOST_LEVELS * MOST_LEVELS).contains(&self.positions.len()),
        };
        if !fits {
            return refuse("must have a position for each combination of levels");
        }
        let long = |text: &str| text.len() > usize::from(u16::MAX);
        let wrong = |text: &str| text.is_empty() || long(text);
        let wrong = |p: &TrainedPosition| wrong(&p.code) || wrong(&p.label) || long(&p.action);
        if self.positions.iter().any(|p| p.rank < 1 || wrong(p)) {
            return refuse("has a position without code, label or rank, or with one out of range");
        }
        Ok(())
    }

    /// What follows the length of an entry.
    fn pack(&self) -> Vec<u8> {
        let y_axis = self.y_axis.as_deref().unwrap_or_default();
        let cuts = |cuts: &Option<Vec<f64>>| cuts.as_ref().map(|cuts| cuts.len() as u8);
        let no_y = if self.y_axis.is_none() { 0 } else { UNKNOWN };
        let mut bytes = vec![self.matrix.len() as u8, self.x_axis.len() as u8, y_axis.len() as u8];
        bytes.push(cuts(&self.x_cuts).unwrap_or(UNKNOWN));
        bytes.push(cuts(&self.y_cuts).unwrap_or(no_y));
        bytes.push(self.positions.len() as u8);
        bytes.extend([self.matrix.as_bytes(), self.x_axis.as_bytes(), y_axis.as_bytes()].concat());
        let cuts = [&self.x_cuts, &self.y_cuts].into_iter().flatten().flatten();
        bytes.extend(cuts.flat_map(|cut| cut.to_le_bytes()));
        for position in &self.positions {
            let lens = position.texts().map(|text| text.len() as u16);
            bytes.extend((position.rank as u16).to_le_bytes());
            bytes.extend(lens.into_iter().flat_map(u16::to_le_bytes));
        }
        for position in &self.positions {
            position.texts().into_iter().for_each(|text| PackedText::push(&mut bytes, text));
        }
        bytes
    }
}

/// An error unless these are matrices that can be packed.
pub fn check(matrices: &[TrainedMatrix]) -> Result<(), Error> {
    if matrices.len() > usize::from(u16::MAX) {
        return Err(malformed("there are too many matrices"));
    }
    for (i, matrix) in matrices.iter().enumerate() {
        matrix.check()?;
        if matrices[..i].iter().any(|other| other.matrix == matrix.matrix) {
            return Err(malformed(format!("matrix \"{}\" appears twice", matrix.matrix)));
        }
    }
    Ok(())
}

/// The packed form of matrices that pass their [`check`].
pub fn pack(matrices: &[TrainedMatrix]) -> Vec<u8> {
    let mut bytes = vec![VERSION, 0];
    bytes.extend((matrices.len() as u16).to_le_bytes());
    for entry in matrices.iter().map(TrainedMatrix::pack) {
        bytes.extend((entry.len() as u32).to_le_bytes());
        bytes.extend(entry);
    }
    bytes
}

/// Packed matrices, borrowed: what a look-up reads.
#[derive(Clone, Copy)]
pub struct PackedMatrices<'a> {
    bytes: &'a [u8],
}

/// An entry: a matrix, borrowed.
struct Entry<'a> {
    matrix: &'a [u8],
    x_axis: &'a [u8],
    y_axis: &'a [u8],
    x_cuts: Option<Doubles<'a>>,
    /// Empty for a class.
    y_cuts: Option<Doubles<'a>>,
    /// The positions before their texts, and the texts.
    heads: &'a [u8],
    texts: &'a [u8],
}

/// A position, borrowed.
#[derive(Clone, Copy)]
pub struct PackedPosition<'a> {
    /// Stable code.
    pub code: PackedText<'a>,
    /// Label in the language of the training.
    pub label: PackedText<'a>,
    /// Recommended action in the same language; empty for none.
    pub action: PackedText<'a>,
    /// Rank, 1 = best.
    pub rank: i16,
}

impl<'a> Entry<'a> {
    #[inline]
    fn read(mut bytes: &'a [u8]) -> Option<Self> {
        let [matrix, x_axis, y_axis, x_cuts, y_cuts, positions] = *take(&mut bytes)?;
        let mut text = |len: u8| take_slice(&mut bytes, len.into());
        let [matrix, x_axis, y_axis] = [text(matrix)?, text(x_axis)?, text(y_axis)?];
        let mut cuts = |count: u8| match count {
            UNKNOWN => Some(None),
            _ => Some(Some(Doubles(take_slice(&mut bytes, usize::from(count) * 8)?))),
        };
        let [x_cuts, y_cuts] = [cuts(x_cuts)?, cuts(y_cuts)?];
        let heads = take_slice(&mut bytes, usize::from(positions) * POSITION)?;
        Some(Entry { matrix, x_axis, y_axis, x_cuts, y_cuts, heads, texts: bytes })
    }

    fn is_class(&self) -> bool {
        self.y_axis.is_empty()
    }

    /// The position at a place, from 0.
    #[inline]
    fn position(&self, place: usize) -> Option<PackedPosition<'a>> {
        let word = |at: usize| u16::from_le_bytes([self.heads[at], self.heads[at + 1]]);
        let at = place * POSITION;
        if at + POSITION > self.heads.len() {
            return None;
        }
        let mut before = 0;
        for other in (0..at).step_by(POSITION) {
            let [code, label, action] = [word(other + 2), word(other + 4), word(other + 6)];
            before += usize::from(code) + usize::from(label) + usize::from(action) + 3;
        }
        let mut texts = self.texts.get(before..)?;
        Some(PackedPosition {
            code: PackedText::take(&mut texts, word(at + 2).into())?,
            label: PackedText::take(&mut texts, word(at + 4).into())?,
            action: PackedText::take(&mut texts, word(at + 6).into())?,
            rank: word(at) as i16,
        })
    }

    fn unpack(&self) -> Option<TrainedMatrix> {
        let text = |bytes: &[u8]| str::from_utf8(bytes).ok().map(String::from);
        let cuts = |cuts: &Option<Doubles<'a>>| cuts.map(|cuts| cuts.iter().collect());
        let places = 0..self.heads.len() / POSITION;
        let positions = places.map(|place| {
            let position = self.position(place)?;
            Some(TrainedPosition {
                code: text(position.code.bytes())?,
                label: text(position.label.bytes())?,
                rank: position.rank,
                action: text(position.action.bytes())?,
            })
        });
        Some(TrainedMatrix {
            matrix: text(self.matrix)?,
            x_axis: text(self.x_axis)?,
            x_cuts: cuts(&self.x_cuts),
            y_axis: if self.is_class() { None } else { Some(text(self.y_axis)?) },
            y_cuts: if self.is_class() { None } else { cuts(&self.y_cuts) },
            positions: positions.collect::<Option<_>>()?,
        })
    }
}

impl<'a> PackedMatrices<'a> {
    /// Any bytes can be given; see [`PackedMatrices::validate`].
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        PackedMatrices { bytes }
    }

    /// The bytes of each entry; those of a damaged one are missing.
    #[inline]
    fn entries(&self) -> Option<impl Iterator<Item = &'a [u8]> + use<'a>> {
        let [VERSION, 0, a, b] = *self.bytes.first_chunk::<HEAD>()? else { return None };
        let mut rest = &self.bytes[HEAD..];
        Some((0..u16::from_le_bytes([a, b])).map_while(move |_| {
            let len = u32::from_le_bytes(*take(&mut rest)?);
            take_slice(&mut rest, len as usize)
        }))
    }

    /// The position of a customer with these values: one for a class, two for a matrix. None if there is no such
    /// matrix or it has another number of axes, its cuts are unknown, or a value is NaN.
    #[inline]
    pub fn position(&self, matrix: &[u8], x: f64, y: Option<f64>) -> Option<PackedPosition<'a>> {
        let named = |entry: &&[u8]| {
            let len = usize::from(entry.first().copied().unwrap_or_default());
            entry.get(6..6 + len) == Some(matrix)
        };
        let entry = Entry::read(self.entries()?.find(named)?)?;
        if entry.is_class() != y.is_none() || x.is_nan() || y.is_some_and(f64::is_nan) {
            return None;
        }
        let (x_cuts, y_cuts) = (entry.x_cuts?, entry.y_cuts?);
        let y_levels = y_cuts.0.len() / 8 + 1;
        let y_level = y.map_or(1, |y| axis::level(y_cuts.iter(), y));
        entry.position((axis::level(x_cuts.iter(), x) - 1) * y_levels + y_level - 1)
    }

    /// The matrices; None if the bytes are damaged.
    pub fn unpack(&self) -> Option<Vec<TrainedMatrix>> {
        self.entries()?.map(|entry| Entry::read(entry)?.unpack()).collect()
    }

    /// Accepts exactly the bytes that [`pack`] writes for matrices that pass their [`check`].
    pub fn validate(bytes: &[u8]) -> Result<(), Error> {
        if bytes.first() != Some(&VERSION) {
            return Err(malformed("the version of these trained matrices is not supported"));
        }
        let damaged = || malformed("the packed matrices are damaged");
        let matrices = PackedMatrices::new(bytes).unpack().ok_or_else(damaged)?;
        check(&matrices)?;
        if pack(&matrices) == bytes { Ok(()) } else { Err(damaged()) }
    }
}

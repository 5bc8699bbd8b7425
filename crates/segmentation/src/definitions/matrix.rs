//! Customer value matrices and classes as documents.

use super::{ByLanguage, Definition, Description, Worded, Words, check_words, wrong};
use crate::options::{Misread, read_object};
use btyd::axis::Split;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

/// The most levels of an axis.
const MOST_LEVELS: usize = 10;

/// The longest name of a column that leaves room for `previous_`, in bytes.
const LONGEST_COLUMN: usize = 54;

/// A matrix, or a class, which has one axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// What it is called, by language.
    #[serde(default, skip_serializing_if = "ByLanguage::is_empty")]
    pub titles: ByLanguage,
    /// What it is, in words.
    #[serde(default, skip_serializing_if = "Description::is_empty")]
    pub description: Description,
    /// The name of its column in views; by default its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// First axis.
    pub x: MatrixAxis,
    /// Second axis; None for a class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<MatrixAxis>,
    /// The positions, best first.
    pub positions: Vec<MatrixPosition>,
}

/// An axis, and how it is split into levels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixAxis {
    /// A numeric column of the view or of the customer table.
    pub axis: String,
    /// How it is split.
    #[serde(default = "median", serialize_with = "split_name", deserialize_with = "split_named")]
    pub split: Split,
    /// The numbers for the split.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<f64>,
}

/// A position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct MatrixPosition {
    /// Level of the first axis, 1 = lowest values.
    pub x: u8,
    /// Level of the second axis; 1 for a class.
    pub y: u8,
    /// Stable code.
    pub code: String,
    /// Labels and actions.
    pub words: Words,
}

/// A position as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    x: u8,
    #[serde(default = "first", skip_serializing_if = "is_first")]
    y: u8,
    code: String,
    #[serde(default, skip_serializing_if = "ByLanguage::is_empty")]
    labels: ByLanguage,
    #[serde(default, skip_serializing_if = "ByLanguage::is_empty")]
    actions: ByLanguage,
}

impl From<Written> for MatrixPosition {
    fn from(Written { x, y, code, labels, actions }: Written) -> Self {
        MatrixPosition { x, y, code, words: Words { labels, actions } }
    }
}

impl From<MatrixPosition> for Written {
    fn from(
        MatrixPosition { x, y, code, words: Words { labels, actions } }: MatrixPosition,
    ) -> Self {
        Written { x, y, code, labels, actions }
    }
}

fn median() -> Split {
    Split::Median
}

fn first() -> u8 {
    1
}

fn is_first(level: &u8) -> bool {
    *level == 1
}

fn split_name<S: Serializer>(split: &Split, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(split.name())
}

fn split_named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Split, D::Error> {
    let name = String::deserialize(deserializer)?;
    Split::named(&name).ok_or_else(|| {
        let names = "median, mean, quantile, given or contribution";
        serde::de::Error::custom(format!("\"{name}\" is not a split: {names}"))
    })
}

impl MatrixAxis {
    /// Levels of the axis.
    pub fn levels(&self) -> usize {
        self.cuts.len().max(1) + 1
    }

    fn check(&self, path: &str) -> Result<(), Misread> {
        if !(1..=63).contains(&self.axis.chars().count()) {
            return wrong(format!("{path}.axis"), "must have 1 to 63 characters");
        }
        let cuts = &self.cuts;
        let refuse = |why: &str| wrong(format!("{path}.cuts"), why);
        match self.split {
            Split::Median | Split::Mean if !cuts.is_empty() => {
                return refuse("median and mean take no numbers");
            }
            Split::Median | Split::Mean => return Ok(()),
            _ if !(1..MOST_LEVELS).contains(&cuts.len()) => {
                return refuse("must be 1 to 9 numbers");
            }
            _ => {}
        }
        if !cuts.iter().all(|cut| cut.is_finite()) || cuts.windows(2).any(|two| two[0] >= two[1]) {
            return refuse("each number must be greater than the one before");
        }
        let shares = matches!(self.split, Split::Quantile | Split::Contribution);
        if shares && cuts.iter().any(|cut| !(*cut > 0.0 && *cut < 1.0)) {
            return refuse("must be shares between 0 and 1, such as 0.8");
        }
        Ok(())
    }
}

impl Worded for MatrixPosition {
    fn code(&self) -> &str {
        &self.code
    }

    fn words(&mut self) -> &mut Words {
        &mut self.words
    }
}

impl Matrix {
    /// Levels of the second axis; 1 for a class.
    pub fn y_levels(&self) -> usize {
        self.y.as_ref().map_or(1, MatrixAxis::levels)
    }

    /// The place of levels counted from 1, level by level of the first axis; None outside the matrix.
    pub fn place(&self, x: usize, y: usize) -> Option<usize> {
        let inside = (1..=self.x.levels()).contains(&x) && (1..=self.y_levels()).contains(&y);
        inside.then(|| (x - 1) * self.y_levels() + y - 1)
    }

    /// For each place, the position that stands there, by its number among the positions.
    pub fn by_place(&self) -> Vec<Option<usize>> {
        let mut places = vec![None; self.x.levels() * self.y_levels()];
        for (i, position) in self.positions.iter().enumerate() {
            if let Some(place) = self.place(position.x.into(), position.y.into()) {
                places[place] = Some(i);
            }
        }
        places
    }

    /// The codes, best first.
    pub fn codes(&self) -> Vec<&str> {
        self.positions.iter().map(|position| position.code.as_str()).collect()
    }

    fn check_places(&self) -> Result<(), Misread> {
        let wanted = self.x.levels() * self.y_levels();
        if self.positions.len() > wanted {
            let (given, x, y) = (self.positions.len(), self.x.levels(), self.y_levels());
            return wrong("positions", format!("there are {given} for {x} × {y} levels"));
        }
        let mut taken = vec![false; wanted];
        for (i, position) in self.positions.iter().enumerate() {
            let (x, y) = (position.x, position.y);
            let path = format!("positions[{i}]");
            match self.place(x.into(), y.into()) {
                None => return wrong(path, format!("level {x}, {y} is outside the matrix")),
                Some(place) if taken[place] => {
                    return wrong(path, format!("level {x}, {y} has a position already"));
                }
                Some(place) => taken[place] = true,
            }
        }
        let holes = (0..wanted).filter(|place| !taken[*place]);
        let level = |place: usize| {
            format!("{}, {}", place / self.y_levels() + 1, place % self.y_levels() + 1)
        };
        let holes: Vec<String> = holes.map(level).collect();
        match holes.is_empty() {
            true => Ok(()),
            false => wrong("positions", format!("levels without a position: {}", holes.join("; "))),
        }
    }
}

impl Definition for Matrix {
    fn read(document: Value) -> Result<Matrix, Misread> {
        let matrix: Matrix = read_object(document)?;
        matrix.description.check()?;
        matrix.x.check("x")?;
        matrix.y.iter().try_for_each(|y| y.check("y"))?;
        if let Some(column) = &matrix.column {
            check_column(column).or_else(|why| wrong("column", why))?;
        }
        matrix.check_places()?;
        check_words("positions", matrix.positions.iter().map(|p| (p.code.as_str(), &p.words)))?;
        Ok(matrix)
    }

    fn document(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn explicit(&self) -> Value {
        let axis = |axis: &MatrixAxis| {
            let cuts = axis.split.takes_numbers().then_some(&axis.cuts);
            json!({"axis": axis.axis, "split": axis.split.name(), "cuts": cuts})
        };
        let positions = self.positions.iter().enumerate().map(|(i, position)| {
            json!({
                "x": position.x, "y": position.y, "code": position.code, "rank": i + 1,
                "labels": position.words.labels, "actions": position.words.actions,
            })
        });
        json!({
            "description": self.description.of("en"), "column": self.column, "x": axis(&self.x),
            "y": self.y.as_ref().map(axis), "positions": positions.collect::<Vec<_>>(),
        })
    }

    fn worded(&mut self) -> Vec<&mut dyn Worded> {
        self.positions.iter_mut().map(|position| position as &mut dyn Worded).collect()
    }
}

/// Whether a text can name the columns of a matrix, and the matrix itself; else why not.
pub fn check_column(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name.len() > LONGEST_COLUMN {
        return Err("must have 1 to 54 bytes, so that previous_ fits before it");
    }
    if name.chars().any(char::is_control) || name.trim() != name {
        return Err("must not have control characters, or blanks at its ends");
    }
    Ok(())
}

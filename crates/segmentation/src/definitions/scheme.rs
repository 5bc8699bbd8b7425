//! RFM schemes as documents.

use super::{ByLanguage, Definition, Description, Worded, Words, check_words, wrong};
use crate::options::{Misread, read_object};
use btyd::cuts::BINS;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

/// The most segments.
const MOST_SEGMENTS: usize = 255;

/// How many cells an error names.
const NAMED: usize = 10;

/// A scheme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// What it is called, by language.
    #[serde(default, skip_serializing_if = "ByLanguage::is_empty")]
    pub titles: ByLanguage,
    /// What it is, in words.
    #[serde(default, skip_serializing_if = "Description::is_empty")]
    pub description: Description,
    /// Bins of each axis.
    pub bins: u8,
    /// How axes are split.
    #[serde(default)]
    pub split: SchemeSplit,
    /// The segments, best first.
    pub segments: Vec<Segment>,
}

/// How the axes of a scheme are split.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SchemeSplit {
    /// At the quantiles.
    #[default]
    Quantile,
    /// At the mean, into two bins.
    Mean,
}

/// A segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Segment {
    /// Stable code.
    pub code: String,
    /// Labels and actions.
    pub words: Words,
    /// The cells that it covers, as text: `555 554`, or `10-9-8` where bins have two digits.
    pub cells: String,
    /// The ranges of cells that it covers.
    pub ranges: Vec<Range>,
}

/// A segment as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    code: String,
    #[serde(default, skip_serializing_if = "ByLanguage::is_empty")]
    labels: ByLanguage,
    #[serde(default, skip_serializing_if = "ByLanguage::is_empty")]
    actions: ByLanguage,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    cells: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ranges: Vec<Range>,
}

impl From<Written> for Segment {
    fn from(Written { code, labels, actions, cells, ranges }: Written) -> Self {
        Segment { code, words: Words { labels, actions }, cells, ranges }
    }
}

impl From<Segment> for Written {
    fn from(Segment { code, words: Words { labels, actions }, cells, ranges }: Segment) -> Self {
        Written { code, labels, actions, cells, ranges }
    }
}

/// A range of cells; an axis that is left out takes all scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recency: Option<Scores>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    frequency: Option<Scores>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    monetary: Option<Scores>,
}

/// A score, or two with those between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scores(u8, u8);

impl Serialize for Scores {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 == self.1 {
            true => self.0.serialize(serializer),
            false => [self.0, self.1].serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Scores {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Scores, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let score = |value: &Value| value.as_u64().and_then(|score| u8::try_from(score).ok());
        let scores = match value.as_array().map(Vec::as_slice) {
            None => score(&value).map(|one| Scores(one, one)),
            Some([from, to]) => score(from).zip(score(to)).map(|(from, to)| Scores(from, to)),
            Some(_) => None,
        };
        scores.ok_or_else(|| {
            serde::de::Error::custom("must be a score such as 3, or two such as [2, 3]")
        })
    }
}

/// Ranges of scores, both ends included: recency, frequency, monetary.
pub type Ranges = [(usize, usize); 3];

impl Worded for Segment {
    fn code(&self) -> &str {
        &self.code
    }

    fn words(&mut self) -> &mut Words {
        &mut self.words
    }
}

impl Scheme {
    /// The codes, best first.
    pub fn codes(&self) -> Vec<&str> {
        self.segments.iter().map(|segment| segment.code.as_str()).collect()
    }

    /// The languages in which any segment has a label.
    pub fn languages(&self) -> Vec<&str> {
        let all = self.segments.iter().flat_map(|segment| segment.words.labels.keys());
        let mut languages: Vec<&str> = all.map(String::as_str).collect();
        languages.sort_unstable();
        languages.dedup();
        languages
    }

    /// The ranges that a segment covers, within the bins; or which part of it is none.
    fn covered(&self, segment: &Segment) -> Result<Vec<Ranges>, String> {
        let bins = usize::from(self.bins);
        let mut covered = Vec::new();
        for cell in segment.cells.split_whitespace() {
            let scores = scores_of(cell).filter(|all| all.iter().all(|s| (1..=bins).contains(s)));
            let scores = scores.ok_or_else(|| {
                format!("\"{cell}\" is not a cell of {bins} bins, such as {}", example(bins))
            })?;
            covered.push(scores.map(|score| (score, score)));
        }
        for range in &segment.ranges {
            let mut ranges = [(1, bins); 3];
            let given = [range.recency, range.frequency, range.monetary];
            for (slot, scores) in ranges.iter_mut().zip(given) {
                let Some(Scores(from, to)) = scores else { continue };
                *slot = (from.into(), to.into());
                if slot.0 < 1 || slot.1 < slot.0 || slot.1 > bins {
                    return Err(format!("scores from {from} to {to} are not within 1 to {bins}"));
                }
            }
            covered.push(ranges);
        }
        Ok(covered)
    }

    /// The ranges that segments cover, by their place among the segments.
    pub fn ranges(&self) -> Vec<(usize, Ranges)> {
        let segments = self.segments.iter().enumerate();
        let of = |(i, segment)| {
            let ranges = self.covered(segment).unwrap_or_default();
            ranges.into_iter().map(move |ranges| (i, ranges))
        };
        segments.flat_map(of).collect()
    }

    fn check_cells(&self) -> Result<(), Misread> {
        let bins = usize::from(self.bins);
        let mut times = vec![0; bins.pow(3)];
        for (i, segment) in self.segments.iter().enumerate() {
            let path = format!("segments[{i}]");
            let covered = self.covered(segment).or_else(|why| wrong(&path, why))?;
            if covered.is_empty() {
                return wrong(&path, "covers no cell: give \"cells\" or \"ranges\"");
            }
            if covered.len() > times.len() {
                return wrong(&path, "covers more cells than there are");
            }
            for [recency, frequency, monetary] in covered {
                for r in recency.0..=recency.1 {
                    for f in frequency.0..=frequency.1 {
                        for m in monetary.0..=monetary.1 {
                            times[((r - 1) * bins + f - 1) * bins + m - 1] += 1;
                        }
                    }
                }
            }
        }
        let cells = times.iter().enumerate().rev().filter(|(_, times)| **times != 1);
        let wrong_cells: Vec<String> = cells
            .map(|(cell, times)| {
                let scores = [cell / bins / bins, cell / bins % bins, cell % bins].map(|s| s + 1);
                format!("{} ({times})", cell_name(scores, bins))
            })
            .collect();
        if wrong_cells.is_empty() {
            return Ok(());
        }
        let more = wrong_cells.len().saturating_sub(NAMED);
        let named = wrong_cells[..wrong_cells.len() - more].join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let why = "every cell must be covered exactly once; cells and times covered";
        wrong("segments", format!("{why}: {named}{more}"))
    }
}

/// The scores of a cell as text.
fn scores_of(cell: &str) -> Option<[usize; 3]> {
    let scores: Option<Vec<usize>> = match cell.contains('-') {
        true => cell.split('-').map(|score| score.parse().ok()).collect(),
        false => cell.chars().map(|c| c.to_digit(10).map(|digit| digit as usize)).collect(),
    };
    scores?.try_into().ok()
}

fn cell_name(scores: [usize; 3], bins: usize) -> String {
    let scores = scores.map(|score| score.to_string());
    scores.join(if bins > 9 { "-" } else { "" })
}

fn example(bins: usize) -> String {
    cell_name([bins, bins - 1, 1], bins)
}

impl Definition for Scheme {
    fn read(document: Value) -> Result<Scheme, Misread> {
        let scheme: Scheme = read_object(document)?;
        scheme.description.check()?;
        if !BINS.contains(&scheme.bins) {
            return wrong("bins", "must be a whole number from 2 to 10");
        }
        if scheme.split == SchemeSplit::Mean && scheme.bins != 2 {
            return wrong("split", "mean makes two bins");
        }
        let count = scheme.segments.len();
        if !(1..=MOST_SEGMENTS).contains(&count) {
            return wrong("segments", format!("there are {count}; 1 to 255 are possible"));
        }
        check_words("segments", scheme.segments.iter().map(|s| (s.code.as_str(), &s.words)))?;
        scheme.check_cells()?;
        Ok(scheme)
    }

    fn document(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn explicit(&self) -> Value {
        let segments = self.segments.iter().enumerate().map(|(i, segment)| {
            let covered = self.covered(segment).unwrap_or_default();
            let flat = |ranges: Ranges| ranges.map(|(from, to)| [from, to]).concat();
            json!({
                "code": segment.code, "rank": i + 1, "labels": segment.words.labels,
                "actions": segment.words.actions,
                "ranges": covered.into_iter().map(flat).collect::<Vec<_>>(),
            })
        });
        json!({
            "bins": self.bins, "split": self.split, "description": self.description.of("en"),
            "segments": segments.collect::<Vec<_>>(),
        })
    }

    fn worded(&mut self) -> Vec<&mut dyn Worded> {
        self.segments.iter_mut().map(|segment| segment as &mut dyn Worded).collect()
    }
}

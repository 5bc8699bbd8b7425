//! Schemes in the extension's tables: reading one, and checking that a segmentation can use it.

use super::labels::{Labels, NONE, Segment, cell_count};
use crate::server::error::{Code, fail};
use crate::server::names::listed;
use crate::server::query::{column, rows, text_of};
use crate::training::cuts::SplitName;

/// Ranges of scores, both ends included: recency, frequency, monetary.
type Ranges = [(usize, usize); 3];

/// A scheme as the tables hold it.
struct Scheme {
    bins: u8,
    split: SplitName,
    languages: Vec<String>,
    segments: Vec<Segment>,
    /// The ranges that segments cover, by their place among the segments.
    ranges: Vec<(u8, Ranges)>,
}

/// What a segmentation needs of a scheme.
pub struct Usable {
    /// Its labels.
    pub labels: Labels,
    /// How axes are split.
    pub split: SplitName,
}

/// Reads a scheme in a language; English, then the code, where a label is missing.
pub fn read(name: &str, language: &str) -> Labels {
    Scheme::read(name, language).labels()
}

/// Bins of each axis of a scheme, or an error.
pub fn bins(name: &str) -> u8 {
    head(name).0
}

/// The scheme of a segmentation, or the error that it cannot be used.
pub fn usable(name: &str, language: &str, with_amounts: bool) -> Usable {
    let scheme = Scheme::read(name, language);
    let refuse = |why: String, hint: String| -> ! {
        fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, format!("RFM scheme \"{name}\" {why}"), hint)
    };
    let wrong = scheme.covered_not_once();
    if !wrong.is_empty() {
        refuse(
            format!(
                "does not cover every cell exactly once; cells and times covered: {}",
                listed(&wrong)
            ),
            format!("Run SELECT * FROM customer_value.check_rfm_scheme('{name}')."),
        );
    }
    if !scheme.languages.iter().any(|known| known == language) {
        refuse(
            format!("has no labels in language \"{language}\""),
            format!(
                "It has: {}. To add a language, add rows to rfm_scheme_label; copy a built-in scheme under another \
                 name first.",
                listed(&scheme.languages)
            ),
        );
    }
    let (split, labels) = (scheme.split, scheme.labels());
    if !with_amounts && labels.needs_amounts() {
        refuse(
            "needs amounts, but the source has no amount column".into(),
            "Use scheme \"recency_frequency\", or \"none\" for scores without labels.".into(),
        );
    }
    Usable { labels, split }
}

/// Bins, split and languages of a scheme, or an error.
fn head(name: &str) -> (u8, SplitName, Vec<String>) {
    let heads = rows(
        "SELECT s.bins, s.split, l.language \
         FROM customer_value.rfm_scheme AS s LEFT JOIN (\
             SELECT DISTINCT scheme, language FROM customer_value.rfm_scheme_label) AS l ON l.scheme = s.scheme \
         WHERE s.scheme = $1 ORDER BY l.language",
        &[name.into()],
        |row| (column::<i16>(row, 1), text_of(row, 2), column::<String>(row, 3)),
    );
    let Some((bins, split, _)) = heads.first() else {
        fail(
            Code::ERRCODE_UNDEFINED_OBJECT,
            format!("RFM scheme \"{name}\" does not exist"),
            "Run SELECT scheme, bins, description FROM customer_value.rfm_scheme.",
        )
    };
    let bins = u8::try_from(bins.unwrap_or_default()).unwrap_or_default();
    let split = if split == "mean" { SplitName::Mean } else { SplitName::Quantile };
    (bins, split, heads.into_iter().filter_map(|(.., language)| language).collect())
}

/// The segments of a scheme, best first.
fn segments(name: &str, language: &str) -> Vec<Segment> {
    let segments = rows(
        "SELECT g.segment_code, g.segment_rank, coalesce(l.label, e.label, g.segment_code) \
         FROM customer_value.rfm_scheme_segment AS g \
         LEFT JOIN customer_value.rfm_scheme_label AS l \
             ON l.scheme = g.scheme AND l.segment_code = g.segment_code AND l.language = $2 \
         LEFT JOIN customer_value.rfm_scheme_label AS e \
             ON e.scheme = g.scheme AND e.segment_code = g.segment_code AND e.language = 'en' \
         WHERE g.scheme = $1 ORDER BY g.segment_rank LIMIT 256",
        &[name.into(), language.into()],
        |row| Segment {
            code: text_of(row, 1),
            label: text_of(row, 3),
            rank: column::<i16>(row, 2).unwrap_or_default() as u16,
        },
    );
    if segments.len() > usize::from(NONE) {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("RFM scheme \"{name}\" has more than 255 segments"),
            "Merge segments: several ranges of rfm_scheme_cell can name the same segment.",
        )
    }
    segments
}

impl Scheme {
    fn read(name: &str, language: &str) -> Scheme {
        let (bins, split, languages) = head(name);
        let segments = segments(name, language);
        let ranges = rows(
            "SELECT segment_code, recency_from, recency_to, frequency_from, frequency_to, monetary_from, monetary_to \
             FROM customer_value.rfm_scheme_cell WHERE scheme = $1",
            &[name.into()],
            |row| {
                let edge = |at| column::<i16>(row, at).unwrap_or_default().max(1) as usize;
                let range = |at| (edge(at), edge(at + 1).min(bins.into()));
                let code = text_of(row, 1);
                let segment = segments.iter().position(|segment| segment.code == code);
                (segment.unwrap_or(NONE.into()) as u8, [range(2), range(4), range(6)])
            },
        );
        Scheme { bins, split, languages, segments, ranges }
    }

    /// The places among the cells that ranges cover; monetary 0 stands for a missing score.
    fn places(&self, ranges: &Ranges) -> impl Iterator<Item = usize> + use<> {
        let [recency, frequency, monetary] = ranges.map(|(from, to)| from..=to);
        let bins = usize::from(self.bins);
        recency.flat_map(move |r| {
            let monetary = monetary.clone();
            frequency.clone().flat_map(move |f| {
                monetary.clone().map(move |m| ((r - 1) * bins + f - 1) * (bins + 1) + m)
            })
        })
    }

    /// The cells that no segment covers, or more than one, best first, as text: scores and times covered.
    fn covered_not_once(&self) -> Vec<String> {
        let mut times = vec![0; cell_count(self.bins)];
        for (_, ranges) in &self.ranges {
            self.places(ranges).for_each(|place| times[place] += 1);
        }
        let bins = usize::from(self.bins);
        let cells = times.iter().enumerate().rev();
        let wrong = cells.filter(|(place, times)| place % (bins + 1) > 0 && **times != 1);
        wrong
            .map(|(place, times)| {
                let (rf, m) = (place / (bins + 1), place % (bins + 1));
                format!("{}{}{m} ({times})", rf / bins + 1, rf % bins + 1)
            })
            .collect()
    }

    fn labels(self) -> Labels {
        let mut cells = vec![NONE; cell_count(self.bins)];
        for (segment, ranges) in &self.ranges {
            self.places(ranges).for_each(|place| cells[place] = *segment);
        }
        Labels { bins: self.bins, segments: self.segments, cells }.with_missing_monetary()
    }
}

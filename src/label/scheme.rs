//! A scheme as its functions use it: read from the tables once a query, then looked up by cell.

use crate::server::call::{Call, IntoDatum};
use crate::server::error::{Code, fail};
use crate::server::memory;
use crate::server::query::{column, rows, text_of, value};
use crate::training::cuts::SplitName;
use pgrx::datum::DatumWithOid;
use pgrx::pg_sys::Datum;

/// No segment, in a table of cells.
const NONE: u8 = u8::MAX;

/// A segment with its texts as finished values.
#[derive(Clone, Copy)]
struct Segment {
    code: Datum,
    label: Datum,
    rank: i16,
}

/// A scheme in one language.
pub struct Scheme {
    name: String,
    language: String,
    bins: usize,
    segments: Vec<Segment>,
    /// Segments by recency, frequency and monetary score; monetary 0 stands for NULL.
    cells: Vec<u8>,
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
}

impl Scheme {
    /// The scheme of this name; what this place of the query has read already is used again.
    pub fn of<'c>(call: &'c Call, name: &str, language: &str) -> &'c Scheme {
        let known: &mut Vec<Box<Scheme>> = memory::owned_cache(call, Vec::new);
        let at = known
            .iter()
            .position(|known| known.name == name && known.language == language);
        let at = at.unwrap_or_else(|| {
            known.push(Box::new(Scheme::read(call, name, language)));
            known.len() - 1
        });
        &known[at]
    }

    fn read(call: &Call, name: &str, language: &str) -> Scheme {
        let bins = bins(name);
        let (mut segments, mut codes) = (Vec::new(), Vec::new());
        let mut cells = vec![NONE; bins * bins * (bins + 1)];
        rows(
            "SELECT g.segment_code, g.segment_rank, coalesce(l.label, e.label, g.segment_code) \
             FROM customer_value.rfm_scheme_segment AS g \
             LEFT JOIN customer_value.rfm_scheme_label AS l \
                 ON l.scheme = g.scheme AND l.segment_code = g.segment_code AND l.language = $2 \
             LEFT JOIN customer_value.rfm_scheme_label AS e \
                 ON e.scheme = g.scheme AND e.segment_code = g.segment_code AND e.language = 'en' \
             WHERE g.scheme = $1 ORDER BY g.segment_rank LIMIT 255",
            &[name.into(), language.into()],
            |row| {
                let (code, label) = (text_of(row, 1), text_of(row, 3));
                let rank = column::<i16>(row, 2).unwrap_or_default();
                memory::in_cache_context(call, || {
                    let (code, label) = (code.as_str().into_datum(), label.as_str().into_datum());
                    segments.push(Segment { code, label, rank });
                });
                codes.push(code);
            },
        );
        rows(
            "SELECT segment_code, recency_from, recency_to, frequency_from, frequency_to, \
                    monetary_from, monetary_to \
             FROM customer_value.rfm_scheme_cell WHERE scheme = $1",
            &[name.into()],
            |row| {
                let edge = |at| column::<i16>(row, at).unwrap_or_default().max(0) as usize;
                let edges = [edge(2), edge(3), edge(4), edge(5), edge(6), edge(7)];
                let segment = codes.iter().position(|known| *known == text_of(row, 1));
                fill(
                    &mut cells,
                    bins,
                    edges,
                    segment.unwrap_or(NONE.into()) as u8,
                );
            },
        );
        Scheme {
            name: name.into(),
            language: language.into(),
            bins,
            segments,
            cells,
        }
        .with_missing_monetary()
    }

    /// A missing monetary score is enough where every monetary score gives the same segment.
    fn with_missing_monetary(mut self) -> Self {
        for rf in self.cells.chunks_exact_mut(self.bins + 1) {
            if let [missing, first, rest @ ..] = rf
                && rest.iter().all(|other| other == first)
            {
                *missing = *first;
            }
        }
        self
    }

    /// A part of the segment of three scores; None outside the scheme.
    pub fn look_up(&self, r: i32, f: i32, m: Option<i32>, part: Part) -> Option<Datum> {
        let within = |score: i32| {
            let score = usize::try_from(score).ok()?;
            (1..=self.bins).contains(&score).then_some(score)
        };
        let m = match m {
            Some(m) => within(m)?,
            None => 0,
        };
        let cell = ((within(r)? - 1) * self.bins + within(f)? - 1) * (self.bins + 1) + m;
        let segment = self.segments.get(usize::from(*self.cells.get(cell)?))?;
        Some(match part {
            Part::Label => segment.label,
            Part::Code => segment.code,
            Part::Rank => segment.rank.into_datum(),
        })
    }
}

fn fill(cells: &mut [u8], bins: usize, edges: [usize; 6], segment: u8) {
    let [r_from, r_to, f_from, f_to, m_from, m_to] = edges.map(|edge| edge.min(bins + 1));
    for r in r_from..=r_to.min(bins) {
        for f in f_from..=f_to.min(bins) {
            for m in m_from..=m_to.min(bins) {
                cells[((r - 1) * bins + f - 1) * (bins + 1) + m] = segment;
            }
        }
    }
}

/// Bins of each axis of a scheme, or an error.
pub fn bins(name: &str) -> usize {
    let bins = value(
        "SELECT bins FROM customer_value.rfm_scheme WHERE scheme = $1",
        &[name.into()],
    );
    match bins {
        Some(bins) => i16::max(bins, 0) as usize,
        None => fail(
            Code::ERRCODE_UNDEFINED_OBJECT,
            format!("RFM scheme \"{name}\" does not exist"),
            "See SELECT scheme, bins, description FROM customer_value.rfm_scheme.",
        ),
    }
}

/// Checks that a segmentation can use a scheme, and gives its bins and how they are split.
pub fn check(name: &str, language: &str, with_amounts: bool) -> (u8, SplitName) {
    let bins = bins(name);
    let refuse = |why: String, hint: String| -> ! {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("RFM scheme \"{name}\" {why}"),
            hint,
        )
    };
    let text = |sql: &str, args: &[DatumWithOid<'_>]| value::<String>(sql, args);
    let wrong = text(
        "SELECT pg_catalog.string_agg(concat(recency_score, frequency_score, monetary_score, ' (', \
             times_covered, ')'), ', ') \
         FROM (SELECT * FROM customer_value.check_rfm_scheme($1) LIMIT 8) AS c",
        &[name.into()],
    );
    if let Some(wrong) = wrong {
        refuse(
            format!("does not cover every cell once; cells and times covered: {wrong} …"),
            format!("See SELECT * FROM customer_value.check_rfm_scheme('{name}')."),
        );
    }
    let languages = text(
        "SELECT pg_catalog.string_agg(DISTINCT language, ', ') FROM customer_value.rfm_scheme_label \
         WHERE scheme = $1 HAVING NOT pg_catalog.bool_or(language = $2)",
        &[name.into(), language.into()],
    );
    if let Some(languages) = languages {
        refuse(
            format!("has no labels in language \"{language}\""),
            format!(
                "It has: {languages}. For another language add rows to rfm_scheme_label, for a built-in \
                 scheme after copying it under another name."
            ),
        );
    }
    let needs_amounts = text(
        "SELECT 'yes' FROM pg_catalog.generate_series(1, $2) AS r, \
              pg_catalog.generate_series(1, $2) AS f \
         WHERE customer_value.rfm_segment_code(r, f, NULL, $1) IS NULL LIMIT 1",
        &[name.into(), (bins as i32).into()],
    );
    if !with_amounts && needs_amounts.is_some() {
        refuse(
            "needs amounts, but the source has no amount column".into(),
            "Take scheme \"recency_frequency\", or \"none\" for scores without labels.".into(),
        );
    }
    let split = text(
        "SELECT split FROM customer_value.rfm_scheme WHERE scheme = $1",
        &[name.into()],
    );
    let split = if split.as_deref() == Some("mean") {
        SplitName::Mean
    } else {
        SplitName::Quantile
    };
    (bins as u8, split)
}

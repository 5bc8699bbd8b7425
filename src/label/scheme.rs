//! Schemes in the extension's tables: reading one, and checking that a segmentation can use it.

use super::labels::{Labels, NONE, Segment, cell_count};
use crate::server::error::{Code, fail};
use crate::server::query::{column, rows, text_of, value};
use crate::training::cuts::SplitName;
use pgrx::datum::DatumWithOid;

/// Reads a scheme in a language; English, then the code, where a label is missing.
pub fn read(name: &str, language: &str) -> Labels {
    let bins = bins(name);
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
            "Merge segments: several ranges of rfm_scheme_cell may name the same one.",
        )
    }
    let mut cells = vec![NONE; cell_count(bins)];
    rows(
        "SELECT segment_code, recency_from, recency_to, frequency_from, frequency_to, \
                monetary_from, monetary_to \
         FROM customer_value.rfm_scheme_cell WHERE scheme = $1",
        &[name.into()],
        |row| {
            let edge = |at| column::<i16>(row, at).unwrap_or_default().max(1) as usize;
            let edges = [edge(2), edge(3), edge(4), edge(5), edge(6), edge(7)];
            let code = text_of(row, 1);
            let segment = segments.iter().position(|segment| segment.code == code);
            fill(&mut cells, bins.into(), edges, segment.unwrap_or(NONE.into()) as u8);
        },
    );
    Labels { bins, segments, cells }.with_missing_monetary()
}

fn fill(cells: &mut [u8], bins: usize, edges: [usize; 6], segment: u8) {
    let [r_from, r_to, f_from, f_to, m_from, m_to] = edges;
    for r in r_from..=r_to.min(bins) {
        for f in f_from..=f_to.min(bins) {
            for m in m_from..=m_to.min(bins) {
                cells[((r - 1) * bins + f - 1) * (bins + 1) + m] = segment;
            }
        }
    }
}

/// Bins of each axis of a scheme, or an error.
pub fn bins(name: &str) -> u8 {
    let bins =
        value("SELECT bins FROM customer_value.rfm_scheme WHERE scheme = $1", &[name.into()]);
    match bins {
        Some(bins) => u8::try_from(i16::max(bins, 0)).unwrap_or_default(),
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
        fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, format!("RFM scheme \"{name}\" {why}"), hint)
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
    let split =
        text("SELECT split FROM customer_value.rfm_scheme WHERE scheme = $1", &[name.into()]);
    let split =
        if split.as_deref() == Some("mean") { SplitName::Mean } else { SplitName::Quantile };
    (bins, split)
}

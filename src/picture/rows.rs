//! A label of the view, read once: its values, best first, and what their customers add up to.

use super::Arguments;
use super::frame::Framing;
use super::words::Say;
use crate::report::matrices;
use crate::report::playbook::Positions;
use crate::report::ranks::rank_of_rows;
use crate::report::segment_report::is_score;
use crate::report::segments::Segments;
use crate::report::template::sql;
use crate::report::unplaced::why;
use crate::report::words::Words;
use crate::server::error::{Code, fail};
use crate::server::names::listed;
use crate::server::query::ident;
use picture::axis;
use picture::group::Group;

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A value of the label.
    Label,
    /// Several values with few customers.
    Rest,
    /// Customers without a value.
    Unplaced,
}

/// A value of a label.
pub struct Row {
    /// What it stands for.
    pub part: Part,
    /// Its label, how many others there are, or why there is none.
    pub label: String,
    /// Its customers.
    pub customers: i64,
    /// Their share of all.
    pub share: Option<f64>,
    /// Their revenue.
    pub revenue: Option<f64>,
    /// Its share of all.
    pub revenue_share: Option<f64>,
    /// Their mean lifetime value.
    pub mean_clv: Option<f64>,
}

impl Row {
    /// What a picture shows of it, with a measure beside customers, if there is one.
    pub fn group(&self, measure: Option<Measure>, language: &str) -> Group {
        let told = measure.filter(|measure| *measure != Measure::Customers);
        Group {
            label: self.label.clone(),
            customers: self.customers,
            share: self.share,
            value: measure.and_then(|measure| measure.value(self)),
            value_text: told.map(|measure| measure.told(self, language)).unwrap_or_default(),
            is_other: self.part != Part::Label,
        }
    }
}

/// What was read of a label.
pub struct Rows {
    /// The values, then the rest, then customers without one.
    pub rows: Vec<Row>,
    /// All customers.
    pub customers: i64,
    /// The day as of which the view is.
    pub as_of: Option<i32>,
    /// What the label is called.
    pub title: String,
    /// Whether it is known which values there can be.
    has_positions: bool,
}

/// A measure that a picture can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The number of customers.
    Customers,
    /// Their revenue.
    Revenue,
    /// Their mean lifetime value.
    MeanClv,
}

impl Measure {
    const ALL: [(&str, Measure); 3] = [
        ("customers", Measure::Customers),
        ("revenue", Measure::Revenue),
        ("mean_clv", Measure::MeanClv),
    ];

    /// The measure that a reader gave, or this one.
    pub fn of(arguments: &Arguments, default: Measure) -> Measure {
        let Some(name) = &arguments.measure else { return default };
        let found = Self::ALL.iter().find(|(known, _)| known == name);
        found.map_or_else(
            || {
                let names = Self::ALL.map(|(name, _)| name);
                fail(
                    Code::ERRCODE_INVALID_PARAMETER_VALUE,
                    format!("invalid value for argument \"measure\": \"{name}\""),
                    format!("Give one of {}.", listed(&names)),
                )
            },
            |(_, measure)| *measure,
        )
    }

    /// What it is called.
    pub fn name(self, say: Say<'_>) -> &'static str {
        say.text(match self {
            Measure::Customers => "customers",
            Measure::Revenue => "revenue",
            Measure::MeanClv => "mean_clv",
        })
    }

    /// Its value in a row.
    pub fn value(self, row: &Row) -> Option<f64> {
        match self {
            Measure::Customers => Some(row.customers as f64),
            Measure::Revenue => row.revenue,
            Measure::MeanClv => row.mean_clv,
        }
    }

    /// Its value in a row, in words: revenue with its share.
    pub fn told(self, row: &Row, language: &str) -> String {
        let value = |value: Option<f64>| value.map(|value| axis::short(value, language));
        match self {
            Measure::Customers => axis::count(row.customers),
            Measure::Revenue => {
                let share = row.revenue_share.map(|share| format!(" · {}", axis::percent(share)));
                value(row.revenue).unwrap_or_default() + &share.unwrap_or_default()
            }
            Measure::MeanClv => value(row.mean_clv).unwrap_or_default(),
        }
    }
}

/// The column that a picture is of where a reader gives none.
pub const DEFAULT: &str = "rfm_segment";

type Read = (
    Option<String>,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<f64>,
    Option<f64>,
    Option<i64>,
    Option<i32>,
);

/// Reads a label column of the view, or a matrix by its name: of its values no more than `most` alone.
pub fn read(segments: &Segments, framing: &Framing<'_>, by: &str, most: usize) -> Rows {
    let matrices = matrices::of(segments);
    let positions = Positions::find(segments, &matrices, by);
    let column = match &positions {
        Some(positions) => format!("{}_code", positions.label),
        None => by.to_owned(),
    };
    segments.column(&column).require_equality();
    require_measured(segments);
    let has_positions = positions.is_some();
    let sql = sql!(
        "rows.sql",
        view = segments.view(),
        column = ident(&column),
        why = why(segments, &matrices, &column),
        rank = rank_of_rows(segments, &column),
        score = match is_score(&column) {
            true => format!("min(v.{})", ident(&column)),
            false => "NULL::int4".into(),
        },
        positions = positions.map_or_else(no_positions, |positions| positions.query),
        most = most.to_string(),
    );
    let read: Vec<Read> = segments.records(&sql);
    let title = framing.title_of(&matrices, by);
    Rows { title, has_positions, ..rows(framing.say(), read) }
}

/// Raises an error unless the view has what every measure needs, under the names that it was made with, and the user may
/// read it.
pub fn require_measured(segments: &Segments) {
    for column in ["revenue", "clv", "as_of"] {
        segments.column(column);
    }
}

/// Reasons of reports why customers have no label, as of the day of the view.
const OF_DAY: [&str; 4] =
    ["only_refunds", "purchases_later", "purchases_later.apart", "no_purchases"];

/// Why customers have no label, as a report said it in some language: in this one, with the day of the view for whoever
/// knows no column as_of.
pub fn dated(language: &str, reason: &str, day: &str) -> String {
    let said = |key: &str, language: &str| Words(language).text(key).replace("{day}", "as_of");
    let is_it = |key: &str| ["en", "zh"].into_iter().any(|known| said(key, known) == reason);
    let Some(key) = OF_DAY.iter().find(|key| is_it(key)) else { return reason.to_owned() };
    let reason = said(key, language);
    match !day.is_ascii() && axis::is_chinese(language) {
        // Chinese days stand without spaces
        true => reason.replace(" as_of ", day),
        false => reason.replace("as_of", day),
    }
}

/// What stands for the positions of a column that has none.
pub fn no_positions() -> String {
    "SELECT NULL::text AS code, NULL::int4 AS rank, NULL::text AS label, NULL::text AS action WHERE false\n"
        .into()
}

/// The rows with their shares of all customers.
fn rows(say: Say<'_>, read: Vec<Read>) -> Rows {
    let whole = |value: fn(&Read) -> f64| read.iter().map(value).sum::<f64>();
    let customers = whole(|row| row.4.unwrap_or(0) as f64);
    let revenue = whole(|row| row.5.unwrap_or(0.0));
    let as_of = read.first().and_then(|row| row.8);
    let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
    let told = |reason: String| {
        let day = as_of.map(|day| axis::day(day, say.0));
        Some(day.map_or(reason.clone(), |day| dated(say.0, &reason, &day)))
    };
    let row = |(part, label, reason, labels, of, amount, clv, valued, _): Read| {
        let part = match part.as_deref() {
            Some("label") => Part::Label,
            Some("rest") => Part::Rest,
            _ => Part::Unplaced,
        };
        let of = of.unwrap_or(0);
        let valued = valued.filter(|valued| *valued > 0);
        Row {
            part,
            label: match part {
                Part::Rest => say.filled("more", &[("number", &axis::count(labels.unwrap_or(0)))]),
                _ => label.or_else(|| told(reason?)).unwrap_or_default(),
            },
            customers: of,
            share: share(of as f64, customers),
            revenue: amount,
            revenue_share: amount.and_then(|amount| share(amount, revenue)),
            mean_clv: clv.zip(valued).map(|(clv, valued)| clv / valued as f64),
        }
    };
    let rows = read.into_iter().map(row).collect();
    Rows { rows, customers: customers as i64, as_of, title: String::new(), has_positions: false }
}

impl Rows {
    /// Whether any of them has a measure.
    pub fn have(&self, measure: Measure) -> bool {
        self.rows.iter().any(|row| measure.value(row).is_some())
    }

    /// Whether no customer has a value.
    pub fn are_empty(&self) -> bool {
        !self.rows.iter().any(|row| row.part != Part::Unplaced && row.customers > 0)
    }

    /// Why that is.
    pub fn why(&self, say: Say<'_>, by: &str) -> String {
        if by == DEFAULT && !self.has_positions {
            return say.text("no_scheme").to_owned();
        }
        let reasons: Vec<&str> = self.rows.iter().map(|row| row.label.as_str()).collect();
        say.filled(
            "no_labels",
            &[("column", &by), ("reasons", &reasons.join(say.text("list.semicolon")))],
        )
    }
}

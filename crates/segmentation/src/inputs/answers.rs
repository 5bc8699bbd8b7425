//! Survey answers, `s`, on the scales csat, nps and ces.

use super::{Events, InputKind};
use crate::catalogue::{Catalogue, NUMBER};
use crate::model::{Column, Input, PartOf, ReaderColumn, Reads, Segmentation, Signal, ViewColumn};
use crate::sql::{Select, Sql, lower};
use btyd::tally::Scale;
use serde::Deserialize;
use std::rc::Rc;

/// See the module.
pub const KIND: InputKind = InputKind {
    option: "satisfaction",
    allowed: "{\"source\": table, \"customer\": column, \"at\": column, \"kind\": column with csat, nps or ces, \
              \"score\": column}",
    read: super::table::<Given>,
};

/// A table of survey answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    source: String,
    customer: String,
    at: String,
    kind: String,
    score: String,
}

impl super::Given for Given {
    fn find(&self, catalogue: &dyn Catalogue) -> Rc<dyn Input> {
        let table = catalogue.table(KIND.option, "answers", &self.source);
        Rc::new(Answers {
            events: Events::of(KIND.option, &*table, &self.customer, &self.at),
            kind: table.comparable(&self.kind),
            score: table.expect(&self.score, NUMBER),
        })
    }
}

#[derive(Debug)]
struct Answers {
    events: Events,
    /// On which scale.
    kind: Column,
    /// The answer.
    score: Column,
}

/// The scales: name, lowest and highest answer.
fn scales() -> impl Iterator<Item = (&'static str, i64, i64)> {
    let scales = [Scale::Csat, Scale::Nps, Scale::Ces];
    scales.into_iter().map(|scale| (scale.name(), *scale.range().start(), *scale.range().end()))
}

impl Input for Answers {
    fn alias(&self) -> &'static str {
        "s"
    }

    fn reads(&self) -> Reads {
        self.events.reads([ReaderColumn::as_it_is(&self.kind), ReaderColumn::number(&self.score)])
    }

    /// One row per customer: the mean answer, as satisfaction, on scales of 0 to 1, and each scale's figure.
    fn rows(&self, s: &Segmentation) -> Select {
        self.events.rows(s, "s").filter(self.on_scale()).columns(self.figures(None))
    }

    fn before(&self, s: &Segmentation) -> Vec<(&'static str, String)> {
        self.figures(Some(&self.events.before(s, "s")))
    }

    fn at<'a>(&'a self, _: &'a Segmentation) -> &'a Column {
        &self.events.at
    }

    fn left_out(&self, s: &Segmentation) -> Option<Sql> {
        let outside = format!("NOT coalesce({}, false)", self.on_scale());
        Some(self.events.left_out(s, "s", "answers", [("outside_their_scale", outside)]))
    }

    fn columns(&self, s: &Segmentation) -> Vec<ViewColumn> {
        vec![
            ViewColumn::numbers("satisfaction", "s.satisfaction", s.comment("satisfaction")),
            ViewColumn::numbers("csat", "s.csat", s.comment("csat")),
            ViewColumn::numbers("nps", "s.nps", s.comment("nps")),
            ViewColumn::numbers("ces", "s.ces", s.comment("ces")),
        ]
    }

    fn signals(&self, _: &Segmentation) -> Vec<Signal> {
        vec![Signal::share("s.satisfaction", PartOf::Relationship("satisfaction"))]
    }
}

impl Answers {
    /// The mean answer and each scale's figure, of the answers that meet a condition.
    fn figures(&self, condition: Option<&str>) -> Vec<(&'static str, String)> {
        let (kind, score) = (self.kind(), self.score.float("s"));
        let of = |name: &str| {
            let condition = condition.map(|condition| format!(" AND {condition}"));
            format!("FILTER (WHERE {kind} = '{name}'{})", condition.unwrap_or_default())
        };
        // whole numbers, so that their sums do not depend on the order of rows
        let share = |(name, from, to): (&str, i64, i64)| {
            format!("coalesce(sum({score} - {from}) {}, 0) / {}", of(name), to - from)
        };
        let shares = scales().map(share).collect::<Vec<_>>().join(" + ");
        let count = match condition {
            None => "count(*)".to_owned(),
            Some(condition) => format!("nullif(count(*) FILTER (WHERE {condition}), 0)"),
        };
        let figure = |(name, ..): (&'static str, i64, i64)| {
            (name, format!("customer_value.{name}({score}) {}", of(name)))
        };
        let mean = ("satisfaction", format!("({shares}) / {count}"));
        std::iter::once(mean).chain(scales().map(figure)).collect()
    }

    fn kind(&self) -> String {
        lower(&self.kind.of("s"))
    }

    /// Whether an answer is a whole number of its scale.
    fn on_scale(&self) -> String {
        let (kind, score) = (self.kind(), self.score.number("s"));
        let one = |(name, from, to): (&str, i64, i64)| {
            format!("{kind} = '{name}' AND {score} >= {from} AND {score} <= {to}")
        };
        let any = scales().map(one).collect::<Vec<_>>().join(" OR ");
        format!("({any}) AND {score} = floor({score})")
    }
}

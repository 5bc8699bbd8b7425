//! Interactions, `i`: contacts and events.

use super::{Events, InputKind};
use crate::catalogue::{Catalogue, NUMBER};
use crate::model::{
    Column, Contacts, Input, Kind, PartOf, ReaderColumn, Reads, Segmentation, Signal, ViewColumn,
};
use crate::sql::{Select, Sql, double, literal, lower};
use crate::trained::{At, day};
use serde::Deserialize;
use std::rc::Rc;

/// See the module.
pub const KIND: InputKind = InputKind {
    option: "interactions",
    allowed: "{\"source\": table, \"customer\": column, \"at\": column, \"kind\": column, \"weight\": column}; kind \
              and weight may be left out",
    read: super::table::<Given>,
};

/// The largest weight.
const MOST: &str = "1e15";

/// Contacts for service per order.
const SERVICE_RATE: &str = "coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0)";

/// A table of contacts and events.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    source: String,
    customer: String,
    at: String,
    kind: Option<String>,
    weight: Option<String>,
}

impl super::Given for Given {
    fn find(&self, catalogue: &dyn Catalogue) -> Rc<dyn Input> {
        let table = catalogue.table(KIND.option, "interactions", &self.source);
        Rc::new(Interactions {
            events: Events::of(KIND.option, &*table, &self.customer, &self.at),
            kind: self.kind.as_ref().map(|name| table.column(name)),
            weight: self.weight.as_ref().map(|name| table.expect(name, NUMBER)),
        })
    }
}

#[derive(Debug)]
struct Interactions {
    events: Events,
    /// "service" are contacts for service, all others count for engagement.
    kind: Option<Column>,
    /// How much one counts; 1 without.
    weight: Option<Column>,
}

impl Input for Interactions {
    fn alias(&self) -> &'static str {
        "i"
    }

    fn reads(&self) -> Reads {
        let kind = self.kind.as_ref().map(ReaderColumn::as_it_is);
        self.events.reads(kind.into_iter().chain(self.weight.as_ref().map(ReaderColumn::number)))
    }

    /// One row per customer: interactions, service_contacts, last_interaction; and of those other than for service, which
    /// are no closeness, others, last_other, engagement.
    fn rows(&self, s: &Segmentation) -> Select {
        let (at, service) = (&self.events.at, self.is_service());
        let engaging = format!("FILTER (WHERE NOT coalesce({service}, false))");
        let last = |filter: &str| format!("max({}){filter}", day(s, at, &at.of("e")));
        let rows = self.events.rows(s, "e");
        let rows = match &self.weight {
            Some(weight) => rows.filter(in_range(&weight.number("e"))),
            None => rows,
        };
        rows.column("count(*)", "interactions")
            .column(format!("count(*) FILTER (WHERE {service})"), "service_contacts")
            .column(last(""), "last_interaction")
            .column(format!("nullif(count(*) {engaging}, 0)"), "others")
            .column(last(&format!(" {engaging}")), "last_other")
            .column(format!("{} {engaging}", self.engagement(s, At::Row)), "engagement")
    }

    fn before(&self, s: &Segmentation) -> Vec<(&'static str, String)> {
        let (at, service, before) =
            (&self.events.at, self.is_service(), self.events.before(s, "e"));
        let engaging = format!("FILTER (WHERE NOT coalesce({service}, false) AND {before})");
        vec![
            ("interactions", format!("nullif(count(*) FILTER (WHERE {before}), 0)")),
            ("service_contacts", format!("count(*) FILTER (WHERE {service} AND {before})")),
            ("others", format!("nullif(count(*) {engaging}, 0)")),
            ("last_other", format!("max({}) {engaging}", day(s, at, &at.of("e")))),
            ("engagement", format!("{} {engaging}", self.engagement(s, At::Before))),
        ]
    }

    fn contacts(&self, s: &Segmentation) -> Option<Contacts> {
        let have_kinds = self.kind.is_some();
        let kind = self.kind.as_ref();
        let kind = kind.map_or("NULL::text".into(), |kind| format!("{}::text", kind.of("e")));
        let rows = self.events.all(s, "e").column(kind, "kind");
        let rows = rows.filter(format!("NOT coalesce({}, false)", self.is_service()));
        Some(Contacts { rows, have_kinds })
    }

    fn at<'a>(&'a self, _: &'a Segmentation) -> &'a Column {
        &self.events.at
    }

    fn left_out(&self, s: &Segmentation) -> Option<Sql> {
        let weight = self.weight.as_ref().map_or("1".into(), |weight| weight.number("e"));
        let out_of_range = format!("NOT coalesce({}, false)", in_range(&weight));
        let reason = ("with_weight_out_of_range", out_of_range);
        Some(self.events.left_out(s, "e", "interactions", [reason]))
    }

    fn columns_of_orders(&self, s: &Segmentation) -> Vec<ViewColumn> {
        let comment = s.comment("service_rate");
        let rate =
            self.kind.as_ref().map(|_| ViewColumn::numbers("service_rate", SERVICE_RATE, comment));
        rate.into_iter().collect()
    }

    fn columns(&self, s: &Segmentation) -> Vec<ViewColumn> {
        vec![
            ViewColumn::numbers("interactions", "i.interactions", s.comment("interactions")),
            ViewColumn::others(
                "last_interaction",
                "i.last_interaction",
                s.comment("last_interaction"),
            ),
            ViewColumn::numbers("engagement", "i.engagement", s.comment("engagement")),
        ]
    }

    fn signals(&self, s: &Segmentation) -> Vec<Signal> {
        let (service, others) = ("service_rate", "i.others::float8");
        let needed =
            self.kind.as_ref().map(|_| Signal::trained(service, SERVICE_RATE, PartOf::Need(3)));
        let quality = [
            Signal::trained("other_interactions", others, PartOf::Relationship("frequency")),
            Signal::share(freshness(s), PartOf::Relationship("freshness")),
        ];
        needed.into_iter().chain(quality).collect()
    }
}

impl Interactions {
    /// Whether the customer asked for service.
    fn is_service(&self) -> String {
        match &self.kind {
            Some(kind) => format!("{} = 'service'", lower(&kind.of("e"))),
            None => "false".into(),
        }
    }

    fn engagement(&self, s: &Segmentation, day: At) -> String {
        let (at, as_of) = (&self.events.at, day.as_of(s));
        let weight = self.weight.as_ref().map_or("1::float8".into(), |weight| weight.float("e"));
        let half_life = double(s.spans.half_life_days);
        let zone = match at.kind {
            Kind::Timestamptz if s.zone != "UTC" => format!(", {}", literal(&s.zone)),
            _ => String::new(),
        };
        format!("customer_value.engagement({}, {weight}, {as_of}, {half_life}{zone})", at.of("e"))
    }
}

fn in_range(weight: &str) -> String {
    format!("{weight} >= 0 AND {weight} <= {MOST}")
}

/// How fresh the last interaction other than for service is: 1 on its day, halved for every half-life since.
fn freshness(s: &Segmentation) -> String {
    // not so small a power that the server refuses it
    let lives = format!("(t.as_of - i.last_other) / {}", double(s.spans.half_life_days));
    format!("power(2, CASE WHEN {lives} > 1000 THEN -1000 ELSE -{lives} END)")
}

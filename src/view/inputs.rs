//! The optional inputs of a segmentation beside its orders: customers, interactions, answers; as SQL.
//!
//! Each becomes at most one row a customer in a subquery that is joined to the histories. One that nobody reads a
//! column of costs nothing: the planner drops the join, because its rows are unique.

use super::definition::Definition;
use super::options::{Options, refuse};
use super::source::{Column, NUMBERS, Source, TIMES, equality, find_column, find_source, require};
use crate::server::error::{Code, fail};
use crate::server::query::{find_relation, literal, name_of, value};
use btyd::tally::Scale;
use serde_json::{Map, Value};

/// The kind of interaction that asks for service.
const SERVICE: &str = "service";

/// The customer table.
#[derive(Debug, Clone)]
pub struct Customers {
    /// Its name with schema, quoted.
    pub name: String,
    oid: pgrx::pg_sys::Oid,
    /// Its key.
    pub key: Column,
    /// The columns that the view shows.
    pub shown: Vec<Column>,
}

impl Customers {
    /// That of the options, if they name one, or an error.
    pub fn of(options: &Options) -> Option<Customers> {
        let given = options.customers.as_ref()?;
        let (oid, name) = find_source("option \"customers\": table", "customers", &given.source);
        let of = |column: &str| find_column(oid, &name, column);
        let (key, shown) =
            (of(&given.customer), given.columns.iter().flatten().map(|c| of(c)).collect());
        Some(Customers { key, shown, oid, name })
    }

    /// One of its columns, or an error.
    pub fn column(&self, name: &str) -> Column {
        find_column(self.oid, &self.name, name)
    }

    /// One of its columns, if there is one.
    pub fn find(&self, name: &str) -> Option<Column> {
        let sql = "SELECT true FROM pg_catalog.pg_attribute \
                   WHERE attrelid = $1 AND attname = $2 AND attnum > 0 AND NOT attisdropped";
        value::<bool>(sql, &[self.oid.into(), name.into()]).map(|_| self.column(name))
    }

    /// Raises an error if it holds a customer twice, as far as a unique index does not rule it out.
    pub fn require_unique(&self) {
        let unique: Option<bool> = value(
            "SELECT true FROM pg_catalog.pg_index AS i \
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] \
             WHERE i.indrelid = $1 AND a.attname = $2 AND i.indcollation[0] = a.attcollation \
               AND (SELECT o.opcdefault FROM pg_catalog.pg_opclass AS o WHERE o.oid = i.indclass[0]) AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 \
               AND i.indpred IS NULL AND i.indexprs IS NULL",
            &[self.oid.into(), self.key.name.as_str().into()],
        );
        let key = self.key.of("c");
        let sql = format!(
            "SELECT {key}::pg_catalog.text FROM {} AS c WHERE {key} IS NOT NULL GROUP BY {key} HAVING count(*) > 1 LIMIT 1",
            self.name
        );
        if unique.is_none()
            && let Some(twice) = value::<String>(&sql, &[])
        {
            refuse("customers", format!("{} holds customer \"{twice}\" more than once", self.name))
        }
    }
}

/// Interactions: contacts and events.
#[derive(Debug, Clone)]
pub struct Interactions {
    name: String,
    customer: Column,
    at: Column,
    /// Of which kind.
    pub kind: Option<Column>,
    weight: Option<Column>,
}

/// Survey answers.
#[derive(Debug, Clone)]
pub struct Answers {
    name: String,
    customer: Column,
    at: Column,
    kind: Column,
    score: Column,
}

/// All optional inputs.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The customer table.
    pub customers: Option<Customers>,
    /// Contacts and events.
    pub interactions: Option<Interactions>,
    /// Survey answers.
    pub answers: Option<Answers>,
}

/// Raises an error unless a column holds customers as the orders do. The view shows the customer table's and the
/// orders' as one column, so these have to be of exactly one type.
fn require_customer(option: &str, column: &Column, source: &Source) {
    let customer = &source.customer;
    let exact = option == "customers";
    let type_of = |column: &Column| match exact {
        true => column.exact_type.clone(),
        false => column.type_name.clone(),
    };
    let (theirs, ours) = (type_of(column), type_of(customer));
    let differs = match theirs == ours {
        false => format!("is of type {theirs}, the customers of the orders are of type {ours}"),
        true if column.collation != customer.collation => {
            "has another collation than the customers of the orders".to_owned()
        }
        true => return,
    };
    fail(
        Code::ERRCODE_DATATYPE_MISMATCH,
        format!("option \"{option}\": column \"{}\" {differs}", column.name),
        "Cast one of them in a view over its table, and give that view instead.",
    )
}

impl Inputs {
    /// Finds and checks them, or raises an error.
    pub fn resolve(options: &Options, source: &Source) -> Inputs {
        let customers = Customers::of(options);
        if let Some(customers) = &customers {
            require_customer("customers", &customers.key, source);
        }
        let interactions = options.interactions.as_ref().map(|given| {
            let (oid, name) =
                find_source("option \"interactions\": table", "interactions", &given.source);
            let of = |column: &str| find_column(oid, &name, column);
            let option = |column: &Option<String>| column.as_deref().map(of);
            let (customer, at) = (of(&given.customer), of(&given.at));
            let (kind, weight) = (option(&given.kind), option(&given.weight));
            require_customer("interactions", &customer, source);
            require(&at, &TIMES, "timestamptz, timestamp or date");
            weight.iter().for_each(|weight| require(weight, &NUMBERS, "a number"));
            Interactions { customer, at, kind, weight, name }
        });
        let answers = options.satisfaction.as_ref().map(|given| {
            let (oid, name) =
                find_source("option \"satisfaction\": table", "answers", &given.source);
            let of = |column: &str| find_column(oid, &name, column);
            let (customer, at) = (of(&given.customer), of(&given.at));
            let (kind, score) = (of(&given.kind), of(&given.score));
            require_customer("satisfaction", &customer, source);
            require(&at, &TIMES, "timestamptz, timestamp or date");
            require(&score, &NUMBERS, "a number");
            equality(&kind);
            Answers { customer, at, kind, score, name }
        });
        Inputs { customers, interactions, answers }
    }

    /// Names of tables in options with their schema, as they are looked up now, in the user's path.
    pub fn with_schemas(given: &mut Map<String, Value>) {
        for key in ["customers", "interactions", "satisfaction"] {
            let Some(source) = given.get_mut(key).and_then(|input| input.get_mut("source")) else {
                continue;
            };
            let found = source.as_str().and_then(|name| find_relation(key, name));
            if let Some(oid) = found {
                *source = Value::String(name_of(oid));
            }
        }
    }
}

impl Interactions {
    fn is_service(&self) -> String {
        let of = |kind: &Column| {
            format!("pg_catalog.lower({}::pg_catalog.text) = '{SERVICE}'", kind.of("e"))
        };
        self.kind.as_ref().map_or("false".into(), of)
    }

    /// What makes a row count: a customer, a finite time up to as_of, a weight of 0 or more.
    fn counts(&self, definition: &Definition) -> String {
        let weight = self.weight.as_ref().map(|weight| {
            format!(" AND {weight} >= 0 AND {weight} <= 1e15", weight = weight.as_number("e"))
        });
        format!(
            "pg_catalog.isfinite({}) AND {}{}",
            self.at.of("e"),
            definition.until(&self.at, "e"),
            weight.unwrap_or_default()
        )
    }

    /// One row a customer.
    pub fn subquery(&self, definition: &Definition) -> String {
        let (customer, at, as_of) = (self.customer.of("e"), self.at.of("e"), definition.as_of());
        let (counts, service) = (self.counts(definition), self.is_service());
        let weight = self
            .weight
            .as_ref()
            .map_or("1::pg_catalog.float8".into(), |weight| weight.as_float("e"));
        let zone = match definition.options.time_zone.as_str() {
            zone if self.at.has_zone() && zone != "UTC" => {
                format!(", {}::pg_catalog.text", literal(zone))
            }
            _ => String::new(),
        };
        format!(
            "SELECT {customer} AS same, {customer} AS customer, count(*) AS interactions, \
             count(*) FILTER (WHERE {service}) AS service_contacts, \
             max({day}) AS last_interaction, \
             customer_value.engagement({at}, {weight}, {as_of}, {half_life}::pg_catalog.float8{zone}) \
                 FILTER (WHERE NOT coalesce({service}, false)) AS engagement \
             FROM {} AS e WHERE {customer} IS NOT NULL AND {counts} GROUP BY {customer}",
            self.name,
            day = definition.day_of(&self.at, "e"),
            half_life = literal(&definition.options.half_life_days.to_string()),
        )
    }

    /// Rows that do not count, by reason: name and number.
    pub fn left_out(&self, definition: &Definition) -> String {
        let customer = self.customer.of("e");
        let weight = self.weight.as_ref().map_or("1".into(), |weight| weight.as_number("e"));
        let at = self.at.of("e");
        left_out(
            &self.name,
            (&customer, &definition.source.customer_equals),
            "e",
            &[
                (
                    "interactions_without_customer_or_time",
                    format!("{customer} IS NULL OR {at} IS NULL OR NOT pg_catalog.isfinite({at})"),
                ),
                ("interactions_of_unknown_customers", unknown(&customer)),
                (
                    "interactions_with_weight_out_of_range",
                    format!("NOT coalesce({weight} >= 0 AND {weight} <= 1e15, false)"),
                ),
            ],
        )
    }
}

/// The scales: kind, lowest and highest answer.
fn scales() -> impl Iterator<Item = (&'static str, i64, i64)> {
    let scales = [Scale::Csat, Scale::Nps, Scale::Ces];
    scales.into_iter().map(|scale| (scale.name(), *scale.range().start(), *scale.range().end()))
}

impl Answers {
    fn kind(&self) -> String {
        format!("pg_catalog.lower({}::pg_catalog.text)", self.kind.of("s"))
    }

    fn on_scale(&self) -> String {
        let (kind, score) = (self.kind(), self.score.as_number("s"));
        let one = |(name, from, to): (&str, i64, i64)| {
            format!("{kind} = '{name}' AND {score} >= {from} AND {score} <= {to}")
        };
        let any = scales().map(one).collect::<Vec<_>>().join(" OR ");
        format!("({any}) AND {score} = pg_catalog.floor({score})")
    }

    /// One row a customer: mean answer on scales of 0 to 1, and each kind's figure.
    pub fn subquery(&self, definition: &Definition) -> String {
        let (customer, kind, score) =
            (self.customer.of("s"), self.kind(), self.score.as_float("s"));
        // whole numbers, so that their sums do not depend on the order of rows
        let share = |(name, from, to): (&str, i64, i64)| {
            format!(
                "coalesce(sum({score} - {from}) FILTER (WHERE {kind} = '{name}'), 0) / {}",
                to - from
            )
        };
        let shares = scales().map(share).collect::<Vec<_>>().join(" + ");
        let figure = |(name, ..): (&str, i64, i64)| {
            format!(", customer_value.{name}({score}) FILTER (WHERE {kind} = '{name}') AS {name}")
        };
        let figures = scales().map(figure).collect::<String>();
        format!(
            "SELECT {customer} AS same, {customer} AS customer, ({shares}) / count(*) AS satisfaction{figures} \
             FROM {} AS s WHERE {customer} IS NOT NULL AND pg_catalog.isfinite({at}) AND {} AND {} GROUP BY {customer}",
            self.name,
            definition.until(&self.at, "s"),
            self.on_scale(),
            at = self.at.of("s"),
        )
    }

    /// Rows that do not count, by reason: name and number.
    pub fn left_out(&self, definition: &Definition) -> String {
        let (customer, at) = (self.customer.of("s"), self.at.of("s"));
        left_out(
            &self.name,
            (&customer, &definition.source.customer_equals),
            "s",
            &[
                (
                    "answers_without_customer_or_time",
                    format!("{customer} IS NULL OR {at} IS NULL OR NOT pg_catalog.isfinite({at})"),
                ),
                ("answers_of_unknown_customers", unknown(&customer)),
                (
                    "answers_outside_their_scale",
                    format!("NOT coalesce({}, false)", self.on_scale()),
                ),
            ],
        )
    }
}

/// A query for the numbers of rows of a relation for which conditions hold, one of which may be [`unknown`]: that the
/// customer is not `known` in the training that is under way.
fn left_out(
    relation: &str,
    (customer, equals): (&str, &str),
    alias: &str,
    reasons: &[(&str, String)],
) -> String {
    let counts: Vec<String> = reasons
        .iter()
        .map(|(reason, condition)| format!("'{reason}', count(*) FILTER (WHERE {condition})"))
        .collect();
    format!(
        "(SELECT pg_catalog.jsonb_build_object({}) FROM {relation} AS {alias} \
         LEFT JOIN known AS k ON k.customer {equals} {customer})",
        counts.join(", ")
    )
}

/// See [`left_out`].
fn unknown(customer: &str) -> String {
    format!("{customer} IS NOT NULL AND k.customer IS NULL")
}

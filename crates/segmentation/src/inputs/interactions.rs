//! Interactions, `i`: contacts and events.

use super::{Input, count, per_customer, unknown};
use crate::segmentation::{Interactions, Kind, Segmentation};
use crate::sql::{Select, double, literal};
use crate::trained::{day, until};

/// The largest weight.
const MOST: &str = "1e15";

/// One row per customer: interactions, service_contacts, last_interaction, engagement.
pub fn input(s: &Segmentation) -> Option<Input> {
    let input = s.interactions.as_ref()?;
    let (customer, at) = (input.customer.of("e"), input.at.of("e"));
    let service = is_service(input);
    let rows = per_customer(Select::from_table(&input.relation, "e"), &customer)
        .column("count(*)", "interactions")
        .column(format!("count(*) FILTER (WHERE {service})"), "service_contacts")
        .column(format!("max({})", day(s, &input.at, &at)), "last_interaction")
        .column(
            format!("{} FILTER (WHERE NOT coalesce({service}, false))", engagement(s, input)),
            "engagement",
        )
        .filter(format!("{customer} IS NOT NULL"))
        .filter(format!("isfinite({at})"))
        .filter(until(s, &input.at, &at));
    let rows = match &input.weight {
        Some(weight) => rows.filter(in_range(&weight.number("e"))),
        None => rows,
    };
    let weight = input.weight.as_ref().map_or("1".into(), |weight| weight.number("e"));
    let reasons = [
        ("interactions_without_customer_or_time", without_customer_or_time(&customer, &at)),
        ("interactions_of_unknown_customers", unknown(&customer)),
        (
            "interactions_with_weight_out_of_range",
            format!("NOT coalesce({}, false)", in_range(&weight)),
        ),
    ];
    let left_out = count(s, &input.relation, "e", &customer, &reasons);
    Some(Input { alias: "i", rows, left_out: Some(left_out) })
}

fn in_range(weight: &str) -> String {
    format!("{weight} >= 0 AND {weight} <= {MOST}")
}

/// Whether a row lacks what every input needs.
pub fn without_customer_or_time(customer: &str, at: &str) -> String {
    format!("{customer} IS NULL OR {at} IS NULL OR NOT isfinite({at})")
}

/// Whether the customer asked for service.
fn is_service(input: &Interactions) -> String {
    match &input.kind {
        Some(kind) => format!("lower({}::text) = 'service'", kind.of("e")),
        None => "false".into(),
    }
}

fn engagement(s: &Segmentation, input: &Interactions) -> String {
    let weight = input.weight.as_ref().map_or("1::float8".into(), |weight| weight.float("e"));
    let half_life = double(s.spans.half_life_days);
    let zone = match input.at.kind {
        Kind::Timestamptz if s.zone != "UTC" => format!(", {}", literal(&s.zone)),
        _ => String::new(),
    };
    format!("customer_value.engagement({}, {weight}, t.as_of, {half_life}{zone})", input.at.of("e"))
}

//! Survey answers, `s`, on the scales csat, nps and ces.

use super::interactions::without_customer_or_time;
use super::{Input, count, per_customer, unknown};
use crate::segmentation::{Answers, Segmentation};
use crate::sql::Select;
use crate::trained::until;
use btyd::tally::Scale;

/// The scales: name, lowest and highest answer.
fn scales() -> impl Iterator<Item = (&'static str, i64, i64)> {
    let scales = [Scale::Csat, Scale::Nps, Scale::Ces];
    scales.into_iter().map(|scale| (scale.name(), *scale.range().start(), *scale.range().end()))
}

/// One row per customer: the mean answer, as satisfaction, on scales of 0 to 1, and each scale's figure.
pub fn input(s: &Segmentation) -> Option<Input> {
    let input = s.answers.as_ref()?;
    let (customer, at) = (input.customer.of("s"), input.at.of("s"));
    let (kind, score) = (kind(input), input.score.float("s"));
    let figure = |(name, ..): (&'static str, i64, i64)| {
        (name, format!("customer_value.{name}({score}) FILTER (WHERE {kind} = '{name}')"))
    };
    // whole numbers, so that their sums do not depend on the order of rows
    let share = |(name, from, to): (&str, i64, i64)| {
        format!(
            "coalesce(sum({score} - {from}) FILTER (WHERE {kind} = '{name}'), 0) / {}",
            to - from
        )
    };
    let shares = scales().map(share).collect::<Vec<_>>().join(" + ");
    let rows = per_customer(Select::from_table(&input.relation, "s"), &customer)
        .column(format!("({shares}) / count(*)"), "satisfaction")
        .columns(scales().map(figure))
        .filter(format!("{customer} IS NOT NULL"))
        .filter(format!("isfinite({at})"))
        .filter(until(s, &input.at, &at))
        .filter(on_scale(input));
    let reasons = [
        ("answers_without_customer_or_time", without_customer_or_time(&customer, &at)),
        ("answers_of_unknown_customers", unknown(&customer)),
        ("answers_outside_their_scale", format!("NOT coalesce({}, false)", on_scale(input))),
    ];
    let left_out = count(s, &input.relation, "s", &customer, &reasons);
    Some(Input { alias: "s", rows, left_out: Some(left_out) })
}

fn kind(input: &Answers) -> String {
    format!("lower({}::text)", input.kind.of("s"))
}

/// Whether an answer is a whole number of its scale.
fn on_scale(input: &Answers) -> String {
    let (kind, score) = (kind(input), input.score.number("s"));
    let one = |(name, from, to): (&str, i64, i64)| {
        format!("{kind} = '{name}' AND {score} >= {from} AND {score} <= {to}")
    };
    let any = scales().map(one).collect::<Vec<_>>().join(" OR ");
    format!("({any}) AND {score} = floor({score})")
}

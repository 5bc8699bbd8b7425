//! Rhythm, what the optional inputs tell, and the values that matrices are made of.

use crate::axes::{find, is_own};
use crate::histories::holds;
use crate::model::{Holds, Kind, Number, Refusal, Segmentation, ViewColumn};
use crate::signals::{self, discount_share, value_score};
use crate::sql::{array, literal};
use crate::trained::percentile;

/// Adds the entries.
pub fn add(s: &Segmentation, columns: &mut Vec<ViewColumn>) -> Result<(), Refusal> {
    let decline = s.spans.decline_days;
    columns.extend([
        ViewColumn::numbers(
            "typical_gap",
            "customer_value.typical_gap(h.history, t.as_of)",
            s.comment("typical_gap"),
        ),
        ViewColumn::others(
            "expected_next_purchase",
            "customer_value.expected_next_purchase(h.history, t.as_of)",
            s.comment("expected_next_purchase"),
        ),
        ViewColumn::numbers(
            "last_gap",
            "customer_value_internal.last_gap(h.history, t.as_of)",
            s.comment("last_gap"),
        ),
        ViewColumn::numbers(
            "purchase_days",
            "coalesce(customer_value.purchase_days(h.history, t.as_of), 0)",
            s.comment("purchase_days"),
        ),
        ViewColumn::others(
            "declining",
            format!("customer_value.declining(h.history, t.as_of, {decline})"),
            s.comment_with("declining", &[("days", &decline)]),
        ),
        ViewColumn::numbers(
            "purchase_trend",
            format!("customer_value.purchase_trend(h.history, t.as_of, {decline})"),
            s.comment_with("purchase_trend", &[("days", &decline)]),
        ),
        ViewColumn::numbers("loyalty", "h.loyalty", s.comment("loyalty")).late(),
    ]);
    add_of_inputs(s, columns)?;
    add_of_customers(s, columns);
    if s.orders.amount.is_some() {
        add_of_amounts(s, columns)?;
    }
    add_of_acquisition(s, columns);
    add_indexes(s, columns)
}

/// What amounts tell.
fn add_of_amounts(s: &Segmentation, columns: &mut Vec<ViewColumn>) -> Result<(), Refusal> {
    let window = s.spans.window_days;
    columns.push(ViewColumn::numbers(
        "current_value",
        or_nothing(s, "h.current_value"),
        s.comment_with("current_value", &[("days", &window)]),
    ));
    columns.push(potential_value(s, columns)?);
    columns.push(ViewColumn::numbers(
        "profitability",
        profitability(s),
        s.comment_with("profitability", &[("days", &window)]),
    ));
    let score = value_score(s).ok_or(Refusal::NoValueWeight)?;
    columns.push(ViewColumn::numbers("value_score", score, s.comment("value_score")).late());
    columns.extend(s.orders.cost_to_serve.as_ref().map(|_| {
        let comment = s.comment_with("cost_to_serve", &[("days", &window)]);
        ViewColumn::amounts("cost_to_serve", "coalesce(h.window_service, 0)", comment)
    }));
    columns.extend(kept_at(s));
    Ok(())
}

/// The least acquisition cost above 0, and the highest: with others, a ratio has no number.
const COSTS: [&str; 2] = ["1e-10", "1e15"];

/// What it cost to win a customer, and what that has brought. What is no such amount is not known.
fn add_of_acquisition(s: &Segmentation, columns: &mut Vec<ViewColumn>) {
    let cost = s.customers.as_ref().and_then(|customers| customers.acquisition_cost.as_ref());
    let Some(column) = cost else { return };
    let (own, exact) = (column.of("c"), column.exact("c"));
    let compared = if column.kind == Kind::Float { &own } else { &exact };
    let [least, most] = COSTS;
    let cost = format!(
        "CASE WHEN {compared} = 0 OR {compared} BETWEEN {least} AND {most} THEN {exact} END"
    );
    let double = format!("customer_value_internal.to_double({cost})");
    columns.push(ViewColumn::amounts("acquisition_cost", cost, s.comment("acquisition_cost")));
    if s.orders.amount.is_none() {
        return;
    }
    let per_cost = format!("h.clv / nullif({double}, 0)");
    let payback = format!("customer_value.payback_days(h.history, t.as_of, {double}, t.margin)");
    columns.extend([
        ViewColumn::numbers("clv_to_cost", per_cost, s.comment("clv_to_cost")),
        ViewColumn::numbers("payback_days", payback, s.comment("payback_days")),
    ]);
}

/// As of when histories are exact, where nobody notes what has changed since.
fn kept_at(s: &Segmentation) -> Option<ViewColumn> {
    s.keep.as_ref().filter(|keep| keep.touched.is_none())?;
    let kept = format!(
        "SELECT q.kept_at FROM customer_value.keeping AS q WHERE q.segmentation = {}::uuid",
        literal(&s.id)
    );
    let sql = format!("(SELECT CASE WHEN {} THEN ({kept}) ELSE now() END)", holds(s));
    Some(ViewColumn::others("kept_at", sql, s.comment("kept_at")))
}

/// The weighted indexes that options name.
fn add_indexes(s: &Segmentation, columns: &mut Vec<ViewColumn>) -> Result<(), Refusal> {
    for named in &s.indexes {
        let name = &named.name.text;
        let of_customers = s.customers.as_ref().and_then(|customers| customers.find(name));
        if is_own(name) || of_customers.is_some() {
            return Err(Refusal::IndexTaken(name.clone()));
        }
        let number = index_of(s, columns, &named.option(), &named.parts)?;
        let weights: Vec<String> =
            named.parts.iter().map(|(part, weight)| format!("{part} {weight}")).collect();
        let comment = s.comment_with("index", &[("weights", &weights.join(", "))]);
        let column = ViewColumn::new(named.name.clone(), number.sql, comment, Holds::Numbers);
        columns.push(column.late());
    }
    Ok(())
}

/// What optional columns of the orders and optional inputs tell.
fn add_of_inputs(s: &Segmentation, columns: &mut Vec<ViewColumn>) -> Result<(), Refusal> {
    columns
        .extend(discount_share(s).map(|share| {
            ViewColumn::numbers("discount_share", share, s.comment("discount_share"))
        }));
    columns.extend(s.inputs.iter().flat_map(|input| input.columns_of_orders(s)));
    columns.extend(relationship_quality(s)?);
    columns.extend(s.inputs.iter().flat_map(|input| input.columns(s)));
    Ok(())
}

fn add_of_customers(s: &Segmentation, columns: &mut Vec<ViewColumn>) {
    for column in s.customers.iter().flat_map(|customers| &customers.shown) {
        let holds = match column.kind {
            Kind::Money => Holds::Money,
            Kind::Exact | Kind::Float => Holds::Numbers,
            _ => Holds::Others,
        };
        let name = &column.name.text;
        let comment = column.comment.clone();
        let comment =
            comment.unwrap_or_else(|| s.comment_with("customer_column", &[("column", name)]));
        // a function gives no modifiers
        let sql = match &column.exact_type {
            Some(exact) if !s.readers.is_empty() => format!("{}::{exact}", column.of("c")),
            _ => column.of("c"),
        };
        columns.push(ViewColumn::new(column.name.clone(), sql, comment, holds));
    }
}

/// An amount of a customer's orders: 0 for somebody in the customer table without any, NULL before a training.
fn or_nothing(s: &Segmentation, amount: &str) -> String {
    match &s.customers {
        None => amount.to_owned(),
        Some(_) => format!("CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE {amount} END"),
    }
}

/// Relationship quality: what is known of it, by its weights; None where nothing is.
fn relationship_quality(s: &Segmentation) -> Result<Option<ViewColumn>, Refusal> {
    let parts = signals::of_relationships(s);
    if parts.is_empty() {
        return Ok(None);
    }
    if parts.iter().all(|(_, weight)| *weight == 0.0) {
        return Err(Refusal::NoRelationshipWeight);
    }
    let column = ViewColumn::number(
        "relationship_quality",
        index(&parts),
        s.comment("relationship_quality"),
    );
    Ok(Some(column))
}

/// The potential value: clv, or the index that the option asks for, of columns so far or of the customer table.
fn potential_value(s: &Segmentation, columns: &[ViewColumn]) -> Result<ViewColumn, Refusal> {
    let Some(weights) = &s.potential_value else {
        let clv = ViewColumn::numbers("potential_value", "h.clv", s.comment("potential_value"));
        return Ok(clv.of_orders());
    };
    let number = index_of(s, columns, "potential_value", weights)?;
    let comment = s.comment("potential_value.index");
    Ok(ViewColumn::numbers("potential_value", number.sql, comment).late())
}

/// The weighted index that an option asks for, of the trained percentiles of columns so far or of the customer table.
fn index_of(
    s: &Segmentation,
    columns: &[ViewColumn],
    option: &str,
    weights: &[(String, f64)],
) -> Result<Number, Refusal> {
    let part = |(name, weight): &(String, f64)| {
        let value = part_of_index(s, columns, option, name)?;
        Ok((Number::late(percentile(name, &value)), *weight))
    };
    Ok(index(&weights.iter().map(part).collect::<Result<Vec<_>, _>>()?))
}

/// A part of a weighted index that an option asks for, as a number that is finite or NULL.
pub fn part_of_index(
    s: &Segmentation,
    columns: &[ViewColumn],
    option: &str,
    name: &str,
) -> Result<String, Refusal> {
    let measure = ["purchase_days", "purchase_span"].contains(&name);
    let number = match is_own(name) && !measure {
        true => None,
        false => find(s, columns, name),
    };
    match number {
        Some(number) if number.late => {
            Err(Refusal::MadeOfPercentiles { option: option.into(), part: name.into() })
        }
        Some(number) if measure => Ok(number.sql),
        // NaN and infinity, which the customer table may hold, have no percentile
        Some(Number { sql, .. }) => {
            Ok(format!("CASE WHEN {sql} > '-infinity' AND {sql} < 'infinity' THEN {sql} END"))
        }
        None => Err(Refusal::NoPartOfIndex { option: option.into(), part: name.into() }),
    }
}

/// What came in less what it cost, over the trailing window. Amounts are subtracted exactly, so that profits that
/// cancel out are 0.
fn profitability(s: &Segmentation) -> String {
    let sum = |name: &str| format!("coalesce(h.{name}, 0)");
    let double = |amount: String| format!("customer_value_internal.to_double({amount})");
    let profit = match (&s.orders.cost, &s.orders.cost_to_serve) {
        (None, None) => "h.current_value".to_owned(),
        (None, Some(_)) => format!("h.current_value - {}", double(sum("window_service"))),
        (Some(_), served) => {
            let served = served.as_ref().map(|_| format!(" - {}", sum("window_service")));
            format!(
                "{} * t.margin + {}",
                double(format!("h.window_revenue - {}", sum("window_costed"))),
                double(format!(
                    "{} - {}{}",
                    sum("window_costed"),
                    sum("window_cost"),
                    served.unwrap_or_default()
                ))
            )
        }
    };
    or_nothing(s, &profit)
}

/// The weighted index of numbers.
fn index(parts: &[(Number, f64)]) -> Number {
    let numbers: Vec<&str> = parts.iter().map(|(number, _)| number.sql.as_str()).collect();
    let weights: Vec<f64> = parts.iter().map(|(_, weight)| *weight).collect();
    let sql = format!(
        "customer_value.weighted_index(ARRAY[{}]::float8[], '{}')",
        numbers.join(", "),
        array(&weights)
    );
    match parts.iter().any(|(number, _)| number.late) {
        true => Number::late(sql),
        false => Number::early(sql),
    }
}

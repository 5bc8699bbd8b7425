//! What to do: the positions of a matrix with their actions, and whom to call.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use crate::view::definition::Definition;
use crate::view::source::find_column;
use crate::view::stored::Stored;
use crate::server::error::{Code, fail};
use crate::server::query::{column, ident, literal, rows, value};
use pgrx::prelude::*;

/// The positions that a label column can have: a query of code, rank, label and action, and the axes by name.
struct Positions {
    query: String,
    axes: Vec<String>,
}

/// The positions of the matrix of a column, or of the scheme of RFM segments.
fn positions(stored: &Stored, by: &str, language: &str) -> Positions {
    let (given, by) = (by, label_of(by));
    // only of those that the segmentation uses: anybody may add a matrix that names the same column
    let matrix: Vec<(Option<String>, Option<String>, Option<String>)> = rows(
        "SELECT m.matrix, m.x_axis, m.y_axis FROM (SELECT *, EXISTS (\
             SELECT FROM customer_value.training_matrix AS t \
             WHERE t.segmentation = $2::uuid AND t.matrix = m.matrix AND t.number = (\
                 SELECT max(n.number) FROM customer_value.training AS n WHERE n.segmentation = $2::uuid)) AS used \
             FROM customer_value.matrix AS m) AS m \
         WHERE coalesce(m.view_column, m.matrix) = $1 AND (m.used OR m.builtin) ORDER BY NOT m.used LIMIT 1",
        &[by.into(), stored.id.as_str().into()],
        |row| (column(row, 1), column(row, 2), column(row, 3)),
    );
    let language = literal(language);
    let labels = |table: &str, key: &str, code: &str, rank: &str, of: &str| {
        let positions = if table == "matrix" { "matrix_position" } else { "rfm_scheme_segment" };
        format!(
            "SELECT p.{code} AS code, p.{rank}::int4 AS rank, coalesce(l.label, e.label, p.{code}) AS label, \
                    coalesce(nullif(l.action, ''), e.action, '') AS action \
             FROM customer_value.{positions} AS p \
             LEFT JOIN customer_value.{table}_label AS l ON l.{key} = p.{key} AND l.{code} = p.{code} AND l.language = {language} \
             LEFT JOIN customer_value.{table}_label AS e ON e.{key} = p.{key} AND e.{code} = p.{code} AND e.language = 'en' \
             WHERE p.{key} = {of}"
        )
    };
    if let Some((Some(matrix), x, y)) = matrix.into_iter().next() {
        let query = labels("matrix", "matrix", "code", "rank", &literal(&matrix));
        return Positions { query, axes: [x, y].into_iter().flatten().collect() };
    }
    let scheme: Option<String> = value(
        "SELECT scheme FROM customer_value.training WHERE segmentation = $1::uuid ORDER BY number DESC LIMIT 1",
        &[stored.id.as_str().into()],
    );
    match scheme.filter(|_| by == "rfm_segment") {
        Some(scheme) => Positions {
            query: labels(
                "rfm_scheme",
                "scheme",
                "segment_code",
                "segment_rank",
                &literal(&scheme),
            ),
            axes: Vec::new(),
        },
        None => fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("there are no recommended actions for column \"{given}\" of {}", stored.quoted),
            "Give rfm_segment, or the column of a matrix: see SELECT coalesce(view_column, matrix) FROM customer_value.matrix.",
        ),
    }
}

/// Why a customer has no position in a matrix with these axes: an expression over a row of the view.
pub fn reason(stored: &Stored, row: &str, axes: &[String]) -> String {
    // what is missing: a condition over the row of the view, and its name; the number of a label is as good as it
    let missing = |axis: &String| {
        let shown = Definition::shown(axis);
        let (column, condition, name) = match axis.as_str() {
            "crm_need" => (
                "need_type_rank",
                format!("coalesce({row}.need_type_rank, 4) > 3"),
                "loyal, price-sensitive or service-oriented need_type",
            ),
            _ => (shown, format!("{row}.{} IS NULL", ident(shown)), shown),
        };
        let case = format!("CASE WHEN {condition} THEN {} END", literal(name));
        (stored.has_column(column).then_some(case), name.to_owned())
    };
    let (cases, axes): (Vec<Option<String>>, Vec<String>) = axes.iter().map(missing).unzip();
    let cases: Vec<String> = cases.into_iter().flatten().collect();
    let known = match cases.is_empty() {
        true => "NULL::text".to_owned(),
        false => format!("nullif(concat_ws(', no ', {}), '')", cases.join(", ")),
    };
    let otherwise = match axes.len() {
        0 => "no purchase up to as_of".to_owned(),
        all if all == cases.len() => "nobody had a value at the training".to_owned(),
        _ => format!("no {}", axes.join(" or ")),
    };
    format!(
        "CASE WHEN {row}.trained_at IS NULL THEN 'not trained yet' ELSE coalesce('no ' || {known}, {}) END",
        literal(&otherwise)
    )
}

/// The label column that a column belongs to, which may be that of its code.
fn label_of(by: &str) -> &str {
    by.strip_suffix("_code").unwrap_or(by)
}

/// The language of a segmentation, unless one is given.
fn language_of(stored: &Stored, given: Option<&str>) -> String {
    let own = stored.options.get("language").and_then(|language| language.as_str());
    given.or(own).unwrap_or("en").to_owned()
}

/// Positions with size, value and action, best first.
#[pg_extern(sql = false)]
fn segment_playbook(
    view: Option<&str>,
    by: Option<&str>,
    language: Option<&str>,
) -> TableIterator<
    'static,
    (
        name!(segment, Option<String>),
        name!(code, Option<String>),
        name!(rank, Option<i32>),
        name!(customers, Option<i64>),
        name!(customer_share, Option<f64>),
        name!(revenue, Option<AnyNumeric>),
        name!(revenue_share, Option<f64>),
        name!(mean_clv, Option<f64>),
        name!(total_clv, Option<f64>),
        name!(action, Option<String>),
    ),
> {
    let Some((view, by)) = view.zip(by) else { return TableIterator::new(Vec::new()) };
    let stored = Stored::of(view);
    find_column(stored.oid, &stored.quoted, by);
    let code = format!("{}_code", label_of(by));
    let Positions { query, axes } = positions(&stored, by, &language_of(&stored, language));
    find_column(stored.oid, &stored.quoted, &code);
    let sql = format!(
        "WITH position AS MATERIALIZED ({query}), found AS (\
             SELECT v.{code} AS code, CASE WHEN v.{code} IS NULL THEN {reason} END AS reason, count(*) AS customers, \
                    sum(v.revenue) AS revenue, avg({clv}) AS mean_clv, sum({clv}) AS total_clv \
             FROM {view} AS v GROUP BY 1, 2), \
         all_of AS (SELECT sum(customers) AS customers, sum(revenue) AS revenue FROM found) \
         SELECT p.label, coalesce(p.code, f.code), p.rank, coalesce(f.customers, 0), \
                round(coalesce(f.customers, 0) / nullif(a.customers, 0), 4)::float8, f.revenue, \
                round(f.revenue / nullif(a.revenue, 0), 4)::float8, round(f.mean_clv, 2)::float8, round(f.total_clv, 2)::float8, \
                coalesce(p.action, f.reason) \
         FROM position AS p FULL JOIN found AS f ON f.code = p.code CROSS JOIN all_of AS a \
         ORDER BY p.rank NULLS LAST, f.customers DESC, f.reason",
        code = ident(&code),
        reason = reason(&stored, "v", &axes),
        clv = stored.clv(),
        view = stored.quoted,
    );
    let found = rows(&sql, &[], |row| {
        let number = |at| column::<f64>(row, at);
        let (segment, code, rank) = (column(row, 1), column(row, 2), column(row, 3));
        let (customers, revenue) = (column(row, 4), column(row, 6));
        (
            segment,
            code,
            rank,
            customers,
            number(5),
            revenue,
            number(7),
            number(8),
            number(9),
            column(row, 10),
        )
    });
    TableIterator::new(found)
}

/// Customers overdue against their own rhythm, most valuable first.
#[pg_extern(sql = false)]
fn contact_list(
    view: &str,
    most: i32,
    overdue: f64,
) -> TableIterator<
    'static,
    (
        name!(customer, Option<String>),
        name!(last_purchase, Option<pgrx::datum::Date>),
        name!(recency_days, Option<i32>),
        name!(typical_gap, Option<f64>),
        name!(overdue_days, Option<f64>),
        name!(p_alive, Option<f64>),
        name!(clv, Option<f64>),
        name!(revenue, Option<AnyNumeric>),
        name!(segment, Option<String>),
    ),
> {
    if most < 0 || !(0.0..=1e6).contains(&overdue) {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            "most is a number of 0 or more, overdue one from 0 to 1,000,000",
            "most is the number of customers to list, overdue the number of typical gaps since the last purchase.",
        )
    }
    let stored = Stored::of(view);
    let customer = stored.customer();
    find_column(stored.oid, &stored.quoted, "typical_gap");
    let sql = format!(
        "SELECT v.{customer}::text, v.last_purchase, v.recency_days, v.typical_gap, \
                v.recency_days - {overdue}::float8 * v.typical_gap, v.p_alive, v.clv, v.revenue, v.rfm_segment \
         FROM {view} AS v WHERE v.recency_days > {overdue}::float8 * v.typical_gap \
         ORDER BY v.clv DESC NULLS LAST, v.revenue DESC NULLS LAST, v.{customer} LIMIT {most}",
        customer = ident(&customer.name),
        overdue = literal(&overdue.to_string()),
        view = stored.quoted,
    );
    let found = rows(&sql, &[], |row| {
        let number = |at| column::<f64>(row, at);
        let (customer, last, days) = (column(row, 1), column(row, 2), column(row, 3));
        let (revenue, segment) = (column(row, 8), column(row, 9));
        (customer, last, days, number(4), number(5), number(6), number(7), revenue, segment)
    });
    TableIterator::new(found)
}

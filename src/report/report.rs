//! Reading a segmentation: reports, drift, and why a customer is in a segment. All with the rights of
//! whoever asks, through the view.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use crate::view::definition::Definition;
use super::playbook::reason;
use crate::view::source::{equality, find_column};
use crate::view::stored::Stored;
use crate::server::error::{Code, fail};
use crate::server::query::{column, ident, literal, rows};
use pgrx::prelude::*;

/// The segments of a view, best first.
#[pg_extern(sql = false)]
fn segment_report(
    view: &str,
    by: &str,
) -> TableIterator<
    'static,
    (
        name!(segment, Option<String>),
        name!(customers, Option<i64>),
        name!(customer_share, Option<f64>),
        name!(revenue, Option<AnyNumeric>),
        name!(revenue_share, Option<f64>),
        name!(cumulative_revenue_share, Option<f64>),
        name!(average_order_value, Option<f64>),
        name!(median_recency_days, Option<f64>),
        name!(median_frequency, Option<f64>),
        name!(median_monetary, Option<f64>),
        name!(mean_clv, Option<f64>),
        name!(total_clv, Option<f64>),
        name!(gini, Option<f64>),
    ),
> {
    let stored = Stored::of(view);
    let order = report_order(&stored, by);
    let median = |column: &str| {
        format!(
            "percentile_cont(0.5) WITHIN GROUP (ORDER BY v.{column}) \
             FILTER (WHERE v.last_purchase IS NOT NULL)"
        )
    };
    let clv = stored.clv();
    let sql = format!(
        "SELECT g.segment, g.customers, round(g.customers / sum(g.customers) OVER (), 4)::float8, g.revenue, \
                round(g.revenue / nullif(sum(g.revenue) OVER (), 0), 4)::float8, \
                round(sum(g.revenue) OVER (ORDER BY g.place ROWS UNBOUNDED PRECEDING) \
                    / nullif(sum(g.revenue) OVER (), 0), 4)::float8, \
                round(g.gross / nullif(g.orders, 0), 2)::float8, g.recency, g.frequency, g.monetary, \
                round(g.mean_clv, 2)::float8, round(g.total_clv, 2)::float8, round(g.gini::numeric, 4)::float8 \
         FROM (SELECT row_number() OVER (ORDER BY {order}) AS place, c.* FROM (\
             SELECT v.{by}::text AS segment, {value} AS by, {rank} AS rank, count(*) AS customers, \
                    sum(v.revenue) AS revenue, sum(v.frequency) AS orders, \
                    sum(v.average_order_value * v.frequency) AS gross, \
                    {recency} AS recency, {frequency} AS frequency, {monetary} AS monetary, \
                    avg({clv}) AS mean_clv, sum({clv}) AS total_clv, \
                    customer_value.gini(v.revenue::float8) AS gini \
             FROM {view} AS v GROUP BY v.{by}) AS c) AS g ORDER BY g.place",
        by = ident(by),
        value = if by_value(by) { format!("min(v.{})", ident(by)) } else { "NULL::int4".into() },
        rank = rank_column(&stored, by),
        recency = median("recency_days"),
        frequency = median("frequency"),
        monetary = median("monetary"),
        view = stored.quoted,
    );
    let segments = rows(&sql, &[], |row| {
        let number = |at| column::<f64>(row, at);
        let (segment, customers) = (column::<String>(row, 1), column::<i64>(row, 2));
        let revenue = column::<AnyNumeric>(row, 4);
        let shares = (number(5), number(6), number(7));
        let medians = (number(8), number(9), number(10));
        (
            segment,
            customers,
            number(3),
            revenue,
            shares.0,
            shares.1,
            shares.2,
            medians.0,
            medians.1,
            medians.2,
            number(11),
            number(12),
            number(13),
        )
    });
    TableIterator::new(segments)
}

/// The rank of a label column's label, over the row `v` of the view; NULL where it has none.
pub fn rank_column(stored: &Stored, by: &str) -> String {
    let name = format!("{}_rank", by.strip_suffix("_code").unwrap_or(by));
    match stored.has_column(&name) {
        true => format!("min(v.{})", ident(&name)),
        false => "NULL::int2".into(),
    }
}

/// Whether a column is ordered by its own values, from the best down.
fn by_value(by: &str) -> bool {
    by.ends_with("_score") || by == "rfm_code"
}

/// The order of a report by a column, or an error if there is none: labels by rank, scores from the best down, anything else by revenue.
pub fn report_order(stored: &Stored, by: &str) -> &'static str {
    find_column(stored.oid, &stored.quoted, by);
    match by_value(by) {
        true => "c.by DESC NULLS LAST",
        false => "c.rank NULLS LAST, c.segment IS NULL, c.revenue DESC NULLS LAST, c.segment",
    }
}

/// The share of customers in each bin, at the newest training and now.
#[pg_extern(sql = false)]
fn segmentation_drift(
    view: &str,
) -> TableIterator<
    'static,
    (
        name!(axis, Option<String>),
        name!(score, Option<i32>),
        name!(customers_then, Option<i64>),
        name!(share_then, Option<f64>),
        name!(customers_now, Option<i64>),
        name!(share_now, Option<f64>),
    ),
> {
    let stored = Stored::of(view);
    let sql = format!(
        "WITH now AS (\
             SELECT CASE WHEN GROUPING(v.recency_score) = 0 THEN 'recency' \
                         WHEN GROUPING(v.frequency_score) = 0 THEN 'frequency' ELSE 'monetary' END AS axis, \
                    coalesce(v.recency_score, v.frequency_score, v.monetary_score)::int4 AS score, \
                    count(*) AS customers \
             FROM {view} AS v WHERE v.recency_score IS NOT NULL \
             GROUP BY GROUPING SETS ((v.recency_score), (v.frequency_score), (v.monetary_score))\
         ), trained AS (\
             SELECT a.axis, a.place, b.score::int4, b.customers::int8 \
             FROM (SELECT score_counts FROM customer_value.training \
                   WHERE segmentation = {id}::uuid ORDER BY number DESC LIMIT 1) AS t, \
                  (VALUES ('recency', 1), ('frequency', 2), ('monetary', 3)) AS a (axis, place), \
                  jsonb_array_elements_text(CASE jsonb_typeof(t.score_counts -> a.axis) \
                      WHEN 'array' THEN t.score_counts -> a.axis ELSE '[]' END) \
                      WITH ORDINALITY AS b (customers, score)\
         ) \
         SELECT b.axis, b.score, b.customers, \
                round(b.customers / nullif(sum(b.customers) OVER w, 0), 4)::float8, \
                coalesce(n.customers, 0), \
                round(coalesce(n.customers, 0) / nullif(sum(n.customers) OVER w, 0), 4)::float8 \
         FROM trained AS b LEFT JOIN now AS n ON n.axis = b.axis AND n.score = b.score \
         WINDOW w AS (PARTITION BY b.axis) ORDER BY b.place, b.score",
        view = stored.quoted,
        id = literal(&stored.id),
    );
    let bins = rows(&sql, &[], |row| {
        let number = |at| column::<f64>(row, at);
        (column(row, 1), column(row, 2), column(row, 3), number(4), column(row, 5), number(6))
    });
    TableIterator::new(bins)
}

/// The steps of lifetime value, after those of the segment: of the customer's row `one` and `trained`.
const VALUE_STEPS: &str = "\
    UNION ALL SELECT s.step, s.value, s.cuts, s.score, \
           CASE WHEN s.value IS NULL THEN s.missing ELSE s.explanation END, s.place \
    FROM one LEFT JOIN trained AS t ON true CROSS JOIN LATERAL (VALUES \
        ('p_alive', round(one.p_alive::numeric, 4)::text, NULL, NULL::int4, \
         format('chance that the customer has not left, by the %s model of training %s', \
             customer_value.family(t.purchase_model), t.number), 'no purchase, training or model', 5), \
        ('expected_purchases', round(one.expected_purchases::numeric, 4)::text, NULL, NULL, \
         format('purchase days expected in the %s days after %s', \
             coalesce(t.options ->> 'horizon_days', '365'), one.as_of), 'no purchase, training or model', 6), \
        ('expected_order_value', round(one.expected_order_value::numeric, 2)::text, NULL, NULL, \
         'gross amount expected of the next purchase day', 'no purchase, amounts or spend model, or no finite mean', 7), \
        ('clv', round(one.clv::numeric, 2)::text, \
         round(t.clv_percentiles[51]::numeric, 2) || ', ' || round(t.clv_percentiles[81]::numeric, 2), \
         one.clv_tier_rank::int4, \
         format('%s: at least as much as %s %% of the customers at training %s', one.clv_tier, \
             round(100 * one.clv_percentile::numeric, 1), t.number), 'no purchase, amounts or spend model, or no finite mean', 8)\
    ) AS s (step, value, cuts, score, explanation, missing, place)";

/// The steps of matrices and classes, after those of lifetime value: of the customer's row `one`.
fn place_steps(stored: &Stored) -> String {
    let columns = stored.columns();
    let known = |name: &str| columns.iter().any(|column| column == name);
    let matrices = rows(
        "SELECT coalesce(m.view_column, m.matrix), m.matrix, m.x_axis, m.y_axis FROM customer_value.matrix AS m \
         WHERE EXISTS (SELECT FROM customer_value.training_matrix AS t \
             WHERE t.segmentation = $1::uuid AND t.matrix = m.matrix AND t.number = (\
                 SELECT max(n.number) FROM customer_value.training AS n WHERE n.segmentation = $1::uuid)) \
         ORDER BY m.builtin DESC, 1",
        &[stored.id.as_str().into()],
        |row| [1, 2, 3, 4].map(|at| column::<String>(row, at).unwrap_or_default()),
    );
    let step = |(i, [label, matrix, x, y]): (usize, &[String; 4])| {
        let value = |axis: &String| match Definition::shown(axis) {
            shown if Definition::by_rule(axis) || !known(shown) => None,
            shown if shown == axis => Some(format!(
                "{} || ' ' || trim_scale(round(one.{}::numeric, 4))",
                literal(shown),
                ident(shown)
            )),
            // the label says more than its number
            shown => Some(format!("{} || ' ' || one.{}", literal(shown), ident(shown))),
        };
        let values: Vec<String> = [x, y].into_iter().filter_map(value).collect();
        let rule = Definition::by_rule(x);
        let values = match values.is_empty() {
            true if rule => "'by rule'".to_owned(),
            true => literal(&format!("by {}", [x, y].map(String::as_str).join(" ").trim())),
            false => format!("concat_ws(', ', {})", values.join(", ")),
        };
        let axes: Vec<String> =
            [x, y].into_iter().filter(|axis| !axis.is_empty()).cloned().collect();
        let cuts = |axis: &str| {
            format!(
                "(SELECT t.{axis}_axis || ' ' || string_agg(CASE WHEN c < 1e300 THEN trim_scale(round(c::numeric, 4))::text ELSE 'out of reach' END, ', ' ORDER BY c) \
                 FROM unnest(t.{axis}_cuts) AS c)"
            )
        };
        format!(
            " UNION ALL SELECT {name}, one.{column}, \
                 {cuts}, one.{rank}::int4, \
                 CASE WHEN one.{column} IS NULL THEN 'no place: ' || {reason} ELSE {values} || ', matrix ' || {matrix} END, {place} \
             FROM one LEFT JOIN LATERAL (SELECT * FROM customer_value.training_matrix AS t WHERE t.segmentation = {id}::uuid \
                 AND t.matrix = {matrix} ORDER BY t.number DESC LIMIT 1) AS t ON true",
            name = literal(label),
            column = ident(label),
            rank = ident(&format!("{label}_rank")),
            cuts = match rule {
                true => "NULL".to_owned(),
                false => format!("concat_ws('; ', {}, {})", cuts("x"), cuts("y")),
            },
            reason = reason(stored, "one", &axes),
            matrix = literal(matrix),
            place = 9 + i,
            id = literal(&stored.id),
        )
    };
    let there =
        matrices.iter().filter(|[label, ..]| known(label) && known(&format!("{label}_rank")));
    there.enumerate().map(step).collect()
}

/// Measures, cuts, scores, label, lifetime value and places of one customer.
#[pg_extern(sql = false)]
fn explain_customer(
    view: &str,
    customer: &str,
) -> TableIterator<
    'static,
    (
        name!(step, Option<String>),
        name!(value, Option<String>),
        name!(cuts, Option<String>),
        name!(score, Option<i32>),
        name!(explanation, Option<String>),
    ),
> {
    let stored = Stored::of(view);
    let key = stored.customer();
    // a view made by an earlier version gains the column when it is trained
    let value_steps = if stored.has_column("clv") { VALUE_STEPS } else { "" };
    let place_steps = place_steps(&stored);
    let sql = format!(
        "WITH one AS (SELECT * FROM {view} AS v WHERE {column} {equals} {customer}::{type_name}), \
         trained AS (SELECT t.*, t.cuts::text::jsonb AS c FROM customer_value.training AS t \
             WHERE t.segmentation = {id}::uuid ORDER BY t.number DESC LIMIT 1), \
         axis AS (\
             SELECT 1 AS place, 'recency' AS axis, one.recency_days::text AS value, \
                    one.recency_score::int4 AS score FROM one \
             UNION ALL SELECT 2, 'frequency', one.frequency::text, one.frequency_score FROM one \
             UNION ALL SELECT 3, 'monetary', one.monetary::text, one.monetary_score FROM one) \
         SELECT a.axis, a.value, \
                (SELECT string_agg(trim_scale(round(x::numeric, 6))::text, ', ') FROM jsonb_array_elements_text(\
                     CASE jsonb_typeof(t.c -> a.axis) WHEN 'array' THEN t.c -> a.axis ELSE '[]' END) AS x), \
                a.score, \
                CASE WHEN a.score IS NULL THEN \
                         CASE WHEN t.number IS NULL THEN 'not trained yet' \
                              WHEN a.axis = 'monetary' AND one.last_purchase IS NOT NULL THEN 'no amounts' \
                              ELSE 'no purchase up to ' || coalesce(one.as_of::text, 'the first training') END \
                     WHEN a.axis = 'recency' THEN format('%s days from %s to %s; %s less the number of cuts exceeded', \
                          a.value, one.last_purchase, one.as_of, t.c ->> 'bins') \
                     WHEN a.axis = 'frequency' THEN format('orders up to %s; one plus the number of cuts exceeded', one.as_of) \
                     ELSE format('%s up to %s; one plus the number of cuts %s', \
                          CASE t.c ->> 'monetary_measure' WHEN 'average' THEN 'average order value' ELSE 'net revenue' END, \
                          one.as_of, CASE t.c ->> 'split' WHEN 'mean' THEN 'reached' ELSE 'exceeded' END) END, \
                a.place \
         FROM one CROSS JOIN axis AS a LEFT JOIN trained AS t ON true \
         UNION ALL \
         SELECT 'segment', one.rfm_segment, NULL, one.rfm_segment_rank::int4, \
                CASE WHEN one.rfm_segment IS NULL THEN 'no segment' \
                     ELSE format('%s in scheme %s: %s, rank %s; training %s of %s', \
                          one.rfm_code, t.scheme, one.rfm_segment_code, one.rfm_segment_rank, \
                          t.number, t.trained_at::date) END, 4 \
         FROM one LEFT JOIN trained AS t ON true {value_steps}{place_steps} ORDER BY 6",
        view = stored.quoted,
        column = key.of("v"),
        equals = equality(&key),
        customer = literal(customer),
        type_name = key.type_name,
        id = literal(&stored.id),
    );
    let steps = rows(&sql, &[], |row| {
        (column(row, 1), column(row, 2), column(row, 3), column(row, 4), column(row, 5))
    });
    if steps.is_empty() {
        fail(
            Code::ERRCODE_NO_DATA_FOUND,
            format!("customer \"{customer}\" is not in {}", stored.quoted),
            "Give the customer as in the first column of the view; he has a row once there is an order, or one in the customer table.",
        )
    }
    TableIterator::new(steps)
}

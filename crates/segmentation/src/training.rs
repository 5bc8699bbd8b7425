//! The one statement of a training.
//!
//! It folds the orders once, into `histories`, and reads these three times: for cuts and models, for most axes, and for
//! the axes that are made of percentiles of others. A training of "latest" looks for its day before. What it finds on the way is `t`, as in the view.

use crate::model::{AsOf, Segmentation};
use crate::plan::{Plan, Trained, TrainedAxis};
use crate::sql::{Select, Sql, double, list, literal};
use crate::trained::Needed;
use crate::{histories, inputs, trained};
use std::fmt::Display;

/// What the statement returns, one row: name and expression.
const RESULT: [(&str, &str); 10] = [
    ("report", "p.report"),
    ("rows", "p.rows"),
    ("left_out", "p.left_out"),
    ("currency_from", "p.currency_from"),
    ("currency_to", "p.currency_to"),
    ("cost_margin", "p.cost_margin"),
    ("margin", "t.margin"),
    ("amount_per_order", "t.amount_per_order"),
    ("clv_percentiles", "t.clv_percentiles::text"),
    ("amount_left_out", "p.amount_left_out::text"),
];

/// The statement; `$1` is the labels, as text. It returns `report`, `rows`, `left_out`, `currency_from`,
/// `currency_to`, `cost_margin`, `margin`, `amount_per_order`, `clv_percentiles`, `amount_left_out`, then `axes`: what
/// was found of each axis as a JSON array, and `inputs_left_out`.
pub fn statement(plan: &Plan) -> String {
    let plan = &plan.of_tables();
    let s = &plan.of;
    let mut with = With::default();
    if histories::need_days(s) {
        with.add("days", days(s));
    }
    with.add("histories", folded(s));
    if s.as_of == AsOf::Latest && !histories::need_days(s) {
        with.add("days", histories::latest(s));
    }
    with.add("pass", pass(s));
    with.add("trained", found(s));
    with.add("first_axes", axes(plan, "trained", false));
    let late = plan.axes.iter().any(TrainedAxis::is_late);
    if late {
        with.add("percentiles", percentiles(plan));
        with.add("second_axes", axes(plan, "percentiles", true));
    }
    if let Some(known) = inputs::known(s) {
        with.add("known", known);
    }
    let mut from = Sql::line("pass AS p");
    from.push("CROSS JOIN trained AS t");
    from.push("CROSS JOIN first_axes AS x");
    if late {
        from.push("CROSS JOIN second_axes AS y");
    }
    let found = list(plan.axes.iter().enumerate().map(|(at, axis)| column_of(at, axis)));
    let select = Select::from(from).columns(RESULT.map(|(name, sql)| (name, sql.to_owned())));
    let select = select.lines(found.enclosed("json_build_array", "::text AS axes"));
    let select = select.lines(inputs::left_out(s).enclosed("", "::text AS inputs_left_out"));
    with.select(select.sql()).to_string()
}

/// WITH, all materialized: each is read more than once, or fences what it computes.
#[derive(Default)]
struct With {
    sql: Sql,
}

impl With {
    fn add(&mut self, name: &str, query: Sql) {
        let before = if self.sql.is_empty() { "WITH " } else { "" };
        self.sql.end(",");
        self.sql.add(query.enclosed(&format!("{before}{name} AS MATERIALIZED "), ""));
    }

    fn select(mut self, select: Sql) -> Sql {
        self.sql.add(select);
        self.sql
    }
}

/// The day as of which rows of the source count, which a training of "latest" has to find before it folds them.
fn days(s: &Segmentation) -> Sql {
    match &s.as_of {
        AsOf::Latest => {
            let latest = histories::latest_of_rows(s).sql().enclosed("", " AS l");
            Select::from(latest)
                .column("l.as_of", "as_of")
                .columns(trained::days(s, "l.as_of", Needed::ByAll))
                .sql()
        }
        _ => {
            let as_of = trained::as_of(s, "NULL");
            let one = Select::from(Sql::line("(SELECT 1) AS one"));
            one.column(&as_of, "as_of").columns(trained::days(s, &as_of, Needed::ByAll)).sql()
        }
    }
}

/// The histories, with `t` as far as they need it.
fn folded(s: &Segmentation) -> Sql {
    if !histories::need_days(s) {
        return histories::all(s);
    }
    let mut from = Sql::line("days AS t");
    from.add(histories::all(s).enclosed("CROSS JOIN LATERAL ", " AS h"));
    Select::from(from).plain("h.*").sql()
}

/// Cuts, models and counts, over all histories.
fn pass(s: &Segmentation) -> Sql {
    // read once, not per customer
    let as_of = match s.as_of {
        AsOf::Latest => "(SELECT d.as_of FROM days AS d)".to_owned(),
        _ => format!("(SELECT {})", trained::as_of(s, "")),
    };
    let report =
        format!("customer_value_internal.rfm_training(h.history, {as_of}, {})", literal(&s.spec));
    let amount_left_out = match &s.orders.amount {
        Some(_) => "coalesce(sum(h.amount_left_out), 0)",
        None => "NULL::numeric",
    };
    Select::from_table("histories", "h")
        .column(format!("{report} FILTER (WHERE h.customer IS NOT NULL)"), "report")
        .column("sum(h.rows)::bigint", "rows")
        .column("sum(h.left_out)::bigint", "left_out")
        .column(amount_left_out, "amount_left_out")
        .column("min(h.currency_from)", "currency_from")
        .column("max(h.currency_to)", "currency_to")
        .column(
            "(CASE WHEN sum(h.costed) > 0 THEN 1 - sum(h.cost) / sum(h.costed) END)::float8",
            "cost_margin",
        )
        .sql()
}

/// `t` as far as the pass has found it, without axes.
fn found(s: &Segmentation) -> Sql {
    let read = |key: &str, type_name: &str| format!("(p.report ->> '{key}')::{type_name}");
    let margin = match &s.orders.cost {
        Some(_) => "CASE WHEN abs(p.cost_margin) <= 1e6 THEN p.cost_margin END".to_owned(),
        None => double(s.terms.margin),
    };
    let mut report = Select::from_table("pass", "p").plain("p.cost_margin");
    report = report.column("p.report::jsonb", "report");
    let purchases = Select::from(report.sql().enclosed("", " AS p")).plain("p.report");
    let purchases = purchases
        .column("(p.report ->> 'as_of')::date", "as_of")
        .column("now()", "trained_at")
        .column(read("cuts", "customer_value.rfm_cuts"), "cuts")
        .column("$1::customer_value.rfm_labels", "labels")
        .column(read("purchase_model", "customer_value.purchase_model"), "purchase_model")
        .column(read("spend_model", "customer_value.spend_model"), "spend_model")
        .column(margin, "margin")
        .column(
            "((p.report ->> 'gross')::numeric / nullif((p.report ->> 'orders')::numeric, 0))::float8",
            "amount_per_order",
        );
    let mut percentiles =
        Select::from_table("jsonb_array_elements_text(p.report -> 'clv_percentiles')", "c")
            .plain("c::float8 * p.margin")
            .sql();
    percentiles.push("ORDER BY 1");
    let mut scaled = Sql::line(
        "CASE WHEN jsonb_typeof(p.report -> 'clv_percentiles') = 'array' AND p.margin IS NOT NULL",
    );
    scaled.indent(percentiles.enclosed("THEN ARRAY", ""));
    scaled.push("END AS clv_percentiles");
    let select = Select::from(purchases.sql().enclosed("", " AS p")).plain("p.*");
    let select = select.columns(trained::days(s, "p.as_of", Needed::ByInputs)).lines(scaled);
    select.column("NULL::customer_value.trained_axes", "axes").sql()
}

/// The name of an axis among the columns of a pass.
fn column_of(at: usize, axis: &TrainedAxis) -> String {
    format!("{}.a{at}", if axis.is_late() { "y" } else { "x" })
}

/// The axes of a pass over the histories; `t` is this CTE.
fn axes(plan: &Plan, t: &str, late: bool) -> Sql {
    let s = &plan.of;
    let trained = Sql::line(format!("{t} AS t"));
    let select = Select::from(inputs::join_now(s, trained, histories::folded(s), &plan.read));
    let axes = plan.axes.iter().enumerate().filter(|(_, axis)| axis.is_late() == late);
    select
        .columns(axes.map(|(at, axis)| (format!("a{at}"), train(axis))))
        .filter("h.frequency > 0")
        .sql()
}

/// The aggregate that trains an axis.
fn train(axis: &TrainedAxis) -> String {
    let splits = axis.splits.iter().map(|(split, numbers)| {
        let numbers = numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(" ");
        format!("{} {numbers}", split.name()).trim_end().to_owned()
    });
    match &axis.of {
        Trained::Gaps => "customer_value_internal.train_gaps(h.history, t.as_of)".into(),
        Trained::Numbers(number) => {
            let splits = literal(&splits.collect::<Vec<_>>().join(", "));
            format!("customer_value_internal.train_axis({}, {splits})", number.sql)
        }
    }
}

/// `t` with the axes of the first pass.
fn percentiles(plan: &Plan) -> Sql {
    let early = || plan.axes.iter().enumerate().filter(|(_, axis)| !axis.is_late());
    let named =
        || early().flat_map(|(at, axis)| axis.names.iter().map(move |name| (at, axis, name)));
    let names = literals(named().map(|(.., name)| literal(name)));
    let found = literals(named().map(|(at, axis, _)| column_of(at, axis)));
    let days = trained::days(&plan.of, "", Needed::ByInputs).into_iter().map(|(name, _)| name);
    let kept = trained::before_axes().map(str::to_owned).chain(days);
    let mut from = Sql::line("trained AS t");
    from.push("CROSS JOIN first_axes AS x");
    let select = kept.fold(Select::from(from), |select, name| select.plain(format!("t.{name}")));
    select.column(format!("customer_value_internal.trained_axes({names}, {found})"), "axes").sql()
}

fn literals(items: impl Iterator<Item = impl Display>) -> String {
    let items: Vec<String> = items.map(|item| item.to_string()).collect();
    format!("ARRAY[{}]", items.join(", "))
}

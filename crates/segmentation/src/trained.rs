//! `t`: the one row of what was trained, joined once; and as of which day everything is read.
//!
//! In the view it is the newest training, or a row of NULLs before the first. In a training it is what that training
//! has found so far. Both have the same columns, so that everything else is written once.

use crate::segmentation::{AsOf, Column, Kind, Segmentation};
use crate::sql::{Select, Sql, literal};

/// What a training found, as table `training` names it, and how the view reads it: what may be stored out of line is
/// read into memory once per query. Axes are not: `h` refers to them even in a query that needs none, so the functions
/// that take them read them from disk themselves, once per query.
const FOUND: [(&str, &str); 9] = [
    ("trained_at", "t.trained_at"),
    ("cuts", "t.cuts"),
    ("labels", "customer_value_internal.in_memory(t.labels)"),
    ("purchase_model", "t.purchase_model"),
    ("spend_model", "t.spend_model"),
    ("margin", "t.margin"),
    ("clv_percentiles", "t.clv_percentiles"),
    ("axes", "t.axes"),
    ("matrices", "customer_value_internal.in_memory(t.matrices)"),
];

/// The day as of which everything is read. `latest` is the day where the option says so.
pub fn as_of(s: &Segmentation, latest: &str) -> String {
    match &s.as_of {
        AsOf::Day(day) => format!("{}::date", literal(day)),
        AsOf::Latest => latest.to_owned(),
        AsOf::Live => format!("(now() AT TIME ZONE {})::date", literal(&s.zone)),
    }
}

/// The newest training, as an item of FROM. The fence keeps the planner from computing its columns per customer.
pub fn newest(s: &Segmentation) -> Sql {
    let mut from = Sql::line("(SELECT 1) AS one");
    from.push("LEFT JOIN customer_value.training AS t");
    from.indent(Sql::line(format!("ON t.segmentation = {}::uuid AND t.newest", literal(&s.id))));
    let as_of = as_of(s, "t.as_of");
    let select = Select::from(from).column(&as_of, "as_of").columns(days(s, &as_of));
    select
        .columns(FOUND.map(|(name, read)| (name, read.to_owned())))
        .fence()
        .sql()
        .enclosed("", " AS t")
}

/// Whether the time of a row, an expression of the type of `at`, is up to as_of, that whole day included.
pub fn until(s: &Segmentation, at: &Column, expression: &str) -> String {
    match at.kind {
        Kind::Date => format!("{expression} <= t.as_of"),
        Kind::Timestamptz if s.zone == "UTC" => format!("{expression} < {}", start(1)),
        // Where clocks go back over midnight, a day begins twice: within a day of an end the day itself decides.
        Kind::Timestamptz => format!(
            "({expression} < {} OR {expression} < {} AND {} <= t.as_of)",
            start(0),
            start(2),
            day(s, at, expression)
        ),
        _ => format!("{expression} < t.as_of + 1"),
    }
}

/// Whether it is up to as_of and within the trailing window.
pub fn recent(s: &Segmentation, at: &Column, expression: &str) -> String {
    let (from, until) = (first_of_window(s), until(s, at, expression));
    let since = match at.kind {
        Kind::Timestamptz if s.zone == "UTC" => format!("{expression} >= {}", start(from)),
        Kind::Timestamptz => format!(
            "({expression} >= {} OR {expression} >= {} AND {} >= t.as_of - {})",
            start(from + 1),
            start(from - 1),
            day(s, at, expression),
            -from
        ),
        _ => format!("{expression} >= t.as_of - {}", -from),
    };
    format!("{since} AND {until}")
}

/// The day of a time, an expression of the type of `at`, in the zone of the segmentation.
pub fn day(s: &Segmentation, at: &Column, expression: &str) -> String {
    match at.kind {
        Kind::Timestamptz => format!("({expression} AT TIME ZONE {})::date", literal(&s.zone)),
        _ => format!("{expression}::date"),
    }
}

/// The first day of the trailing window, counted from as_of.
fn first_of_window(s: &Segmentation) -> i64 {
    1 - i64::from(s.spans.window_days)
}

/// The start of a day counted from as_of, which `t` holds.
fn start(day: i64) -> String {
    format!("t.{}", name_of_start(day))
}

fn name_of_start(day: i64) -> String {
    match day {
        ..0 => format!("day_minus_{}", -day),
        _ => format!("day_{day}"),
    }
}

/// The starts of days that [`until`] and [`recent`] compare with: computed once per query, not per row.
pub fn days(s: &Segmentation, as_of: &str) -> Vec<(String, String)> {
    let zoned = |at: &Column| at.kind == Kind::Timestamptz;
    let orders = &s.orders;
    let recent = orders.cost.is_some() || orders.cost_to_serve.is_some();
    let rows = recent || orders.discount.is_some();
    let of_orders = zoned(&orders.ordered_at);
    let until = rows && of_orders || s.inputs.iter().any(|input| zoned(input.at(s)));
    let from = first_of_window(s);
    let days = match s.zone.as_str() {
        "UTC" => (vec![1], vec![from]),
        _ => (vec![0, 2], vec![from - 1, from + 1]),
    };
    let until = days.0.into_iter().filter(|_| until);
    let since = days.1.into_iter().filter(|_| recent && of_orders);
    let zone = literal(&s.zone);
    let start = |day| {
        let at = format!("({as_of} + {day})::timestamp AT TIME ZONE {zone}").replace("+ -", "- ");
        (name_of_start(day), at)
    };
    until.chain(since).map(start).collect()
}

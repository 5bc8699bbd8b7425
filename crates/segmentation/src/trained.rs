//! What was trained, and as of which day everything is read.
//!
//! `t` is one row: in the view the newest training, or NULLs before the first, joined once; in a training what that
//! training has found so far. Both have the columns that others refer to, so that everything is written once.
//!
//! Only where the view folds orders is there no `t`. PostgreSQL can stop early, keep an order and use workers in a
//! subquery only as long as it depends on nothing beside it: else `LIMIT 100` would fold the orders of all customers.
//! There each value is asked for by itself, once per query; see [`At`].

use crate::model::{AsOf, Column, Kind, Segmentation};
use crate::sql::{Select, Sql, literal};

/// What a training finds before its axes, as table `training` names it, and how the view reads it: what may be stored
/// out of line is read into memory once per query.
const BEFORE_AXES: [(&str, &str); 7] = [
    ("trained_at", "t.trained_at"),
    ("cuts", "t.cuts"),
    ("labels", "customer_value_internal.in_memory(t.labels)"),
    ("purchase_model", "t.purchase_model"),
    ("spend_model", "t.spend_model"),
    ("margin", "t.margin"),
    ("clv_percentiles", "t.clv_percentiles"),
];

/// What it finds of axes, in the same way.
const OF_AXES: [(&str, &str); 2] = [
    ("axes", "customer_value_internal.in_memory(t.axes)"),
    ("matrices", "customer_value_internal.in_memory(t.matrices)"),
];

/// The columns of `t` that a training knows before its axes, without starts of days.
pub fn before_axes() -> impl Iterator<Item = &'static str> {
    std::iter::once("as_of").chain(BEFORE_AXES.map(|(name, _)| name))
}

/// The table, as rows `alias` of the newest training.
fn is_newest(s: &Segmentation, alias: &str) -> String {
    format!("{alias}.segmentation = {}::uuid AND {alias}.newest", literal(&s.id))
}

/// Where an expression stands, which decides how it reads what was trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// Beside `t`.
    Row,
    /// Where the view folds orders.
    Fold,
}

impl At {
    /// A value of the training.
    pub fn value(self, s: &Segmentation, column: &str) -> String {
        match self {
            At::Row => format!("t.{column}"),
            At::Fold => ask(s, &format!("n.{column}")),
        }
    }

    /// The day as of which everything is read.
    pub fn as_of(self, s: &Segmentation) -> String {
        match self {
            At::Row => "t.as_of".into(),
            At::Fold => match s.as_of {
                AsOf::Day(_) => as_of(s, ""),
                _ => by_itself(s, str::to_owned),
            },
        }
    }

    /// The start of a day counted from as_of, in the zone of the segmentation.
    fn start(self, s: &Segmentation, day: i64) -> String {
        match self {
            At::Row => format!("t.{}", name_of_start(day)),
            At::Fold => by_itself(s, |as_of| start(s, as_of, day)),
        }
    }
}

/// A question for a value of the newest training.
fn ask(s: &Segmentation, value: &str) -> String {
    format!("(SELECT {value} FROM customer_value.training AS n WHERE {})", is_newest(s, "n"))
}

/// An expression made of as_of that stands for itself: constant, or asked for once per query.
fn by_itself(s: &Segmentation, of: impl Fn(&str) -> String) -> String {
    match &s.as_of {
        AsOf::Day(_) => format!("({})", of(&as_of(s, ""))),
        AsOf::Live => format!("(SELECT {})", of(&as_of(s, ""))),
        AsOf::Latest => ask(s, &of("n.as_of")),
    }
}

/// The day as of which everything is read. `latest` is the day where the option says so.
pub fn as_of(s: &Segmentation, latest: &str) -> String {
    match &s.as_of {
        AsOf::Day(day) => format!("{}::date", literal(day)),
        AsOf::Latest => latest.to_owned(),
        AsOf::Live => today(s),
    }
}

/// Today, in the zone of the segmentation.
pub fn today(s: &Segmentation) -> String {
    format!("(now() AT TIME ZONE {})::date", literal(&s.zone))
}

/// The name under which the text of a view carries the id of its segmentation, by which it is found again: see
/// `segmentation_id` in `sql/14`.
const ID: &str = "segmentation_id";

/// The newest training, as an item of FROM: always one row. The fence keeps the planner from computing its columns per
/// customer.
pub fn newest(s: &Segmentation) -> Sql {
    let mut from = Sql::line(format!("(SELECT {}::uuid AS {ID}) AS one", literal(&s.id)));
    from.push("LEFT JOIN customer_value.training AS t");
    from.indent(Sql::line(format!("ON {}", is_newest(s, "t"))));
    let as_of = as_of(s, "t.as_of");
    let select = Select::from(from).column(&as_of, "as_of").columns(days_of(s, &as_of));
    select.columns(read_once()).fence().sql().enclosed("", " AS t")
}

/// The starts of days that inputs compare with.
fn days_of(s: &Segmentation, as_of: &str) -> Vec<(String, String)> {
    days(s, as_of, Needed::ByInputs)
}

/// The columns of `t` that a training `t` gives.
fn read_once() -> impl Iterator<Item = (&'static str, String)> {
    BEFORE_AXES.iter().chain(&OF_AXES).map(|(name, read)| (*name, (*read).to_owned()))
}

/// Which training is applied to each of several days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The newest, whatever the day: only customers move.
    Newest,
    /// The one that was in force: of those with an as_of up to the day, the last.
    OfTheDay,
}

/// The same as `t` of [`newest`] for several days, which a query gives as `day`: one row for each, with it as as_of.
pub fn on_days(s: &Segmentation, days: &str, applied: Applied) -> Sql {
    let mut from = Sql::line(format!("({days}) AS d"));
    match applied {
        Applied::Newest => {
            from.push("LEFT JOIN customer_value.training AS t");
            from.indent(Sql::line(format!("ON {}", is_newest(s, "t"))));
        }
        Applied::OfTheDay => {
            let of_the_day = Select::from_table("customer_value.training", "n")
                .plain("n.*")
                .filter(format!("n.segmentation = {}::uuid", literal(&s.id)))
                .filter("n.as_of <= d.day");
            let mut of_the_day = of_the_day.sql();
            of_the_day.push("ORDER BY n.as_of DESC, n.number DESC");
            of_the_day.push("LIMIT 1");
            from.add(of_the_day.enclosed("LEFT JOIN LATERAL ", " AS t ON true"));
        }
    }
    let select = Select::from(from).column("d.day", "as_of");
    select.columns(days_of(s, "d.day")).columns(read_once()).fence().sql().enclosed("", " AS t")
}

/// Whether the time of a row, an expression of the type of `column`, is up to as_of, that whole day included.
pub fn until(s: &Segmentation, at: At, column: &Column, expression: &str) -> String {
    let as_of = at.as_of(s);
    match column.kind {
        Kind::Date => format!("{expression} <= {as_of}"),
        Kind::Timestamptz if s.zone == "UTC" => format!("{expression} < {}", at.start(s, 1)),
        // Where clocks go back over midnight, a day begins twice: within a day of an end the day itself decides.
        Kind::Timestamptz => format!(
            "({expression} < {} OR {expression} < {} AND {} <= {as_of})",
            at.start(s, 0),
            at.start(s, 2),
            day(s, column, expression)
        ),
        _ => format!("{expression} < {as_of} + 1"),
    }
}

/// Whether it is up to as_of and within the trailing window.
pub fn recent(s: &Segmentation, at: At, column: &Column, expression: &str) -> String {
    let (from, as_of) = (first_of_window(s), at.as_of(s));
    let since = match column.kind {
        Kind::Timestamptz if s.zone == "UTC" => format!("{expression} >= {}", at.start(s, from)),
        Kind::Timestamptz => format!(
            "({expression} >= {} OR {expression} >= {} AND {} >= {as_of} - {})",
            at.start(s, from + 1),
            at.start(s, from - 1),
            day(s, column, expression),
            -from
        ),
        _ => format!("{expression} >= {as_of} - {}", -from),
    };
    format!("{since} AND {}", until(s, at, column, expression))
}

/// The day of a time, an expression of the type of `column`, in the zone of the segmentation.
pub fn day(s: &Segmentation, column: &Column, expression: &str) -> String {
    match column.kind {
        Kind::Timestamptz => format!("({expression} AT TIME ZONE {})::date", literal(&s.zone)),
        _ => format!("{expression}::date"),
    }
}

/// The first day of the trailing window, counted from as_of.
fn first_of_window(s: &Segmentation) -> i64 {
    1 - i64::from(s.spans.window_days)
}

/// The start of a day counted from as_of, as a timestamptz.
fn start(s: &Segmentation, as_of: &str, day: i64) -> String {
    let sign = if day < 0 { '-' } else { '+' };
    format!("({as_of} {sign} {})::timestamp AT TIME ZONE {}", day.abs(), literal(&s.zone))
}

fn name_of_start(day: i64) -> String {
    match day {
        ..0 => format!("day_minus_{}", -day),
        _ => format!("day_{day}"),
    }
}

/// Who compares with starts of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// The inputs.
    ByInputs,
    /// The inputs, and sums over orders.
    ByAll,
}

/// The starts of days that [`until`] and [`recent`] compare with beside `t`, which holds them: they are computed once
/// per query, not per row.
pub fn days(s: &Segmentation, as_of: &str, needed: Needed) -> Vec<(String, String)> {
    let zoned = |at: &Column| at.kind == Kind::Timestamptz;
    let orders = &s.orders;
    let sums = needed == Needed::ByAll && zoned(&orders.ordered_at);
    let recent = sums && (orders.cost.is_some() || orders.cost_to_serve.is_some());
    let since = s.customers.as_ref().and_then(|customers| customers.since.as_ref());
    let beside = s.inputs.iter().any(|input| zoned(input.at(s))) || since.is_some_and(zoned);
    let until = sums && orders.discount.is_some() || beside;
    let (ends, from) = (if s.zone == "UTC" { [1, 1] } else { [0, 2] }, first_of_window(s));
    let starts = if s.zone == "UTC" { [from, from] } else { [from - 1, from + 1] };
    let mut days: Vec<i64> = Vec::new();
    days.extend(ends.into_iter().filter(|_| until || recent));
    days.extend(starts.into_iter().filter(|_| recent));
    days.sort_unstable();
    days.dedup();
    days.into_iter().map(|day| (name_of_start(day), start(s, as_of, day))).collect()
}

/// The percentile of a value among those of a training.
pub fn percentile(axis: &str, value: &str) -> String {
    format!("customer_value_internal.percentile_of(t.axes, {}, {value})", literal(axis))
}

/// The value at a percentile of an axis.
pub fn percentile_at(axis: &str, percent: u8) -> String {
    format!("customer_value_internal.percentile_at(t.axes, '{axis}', {percent})")
}

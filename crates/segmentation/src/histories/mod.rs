//! `h`: one row per customer with a purchase history, and what several columns of the view are made of.
//!
//! The seam for where histories come from: each source of histories is one implementation of [`Source`], and nothing
//! else knows which it is.

mod kept;
mod lines;
mod orders;
mod scores;
mod sums;

pub use kept::holds;

use crate::model::{Kind, Segmentation};
use crate::sql::{Select, Sql, literal, refers_to};
use crate::trained::{At, before_at_fold, day, today};

/// Where histories come from.
pub trait Source {
    /// The customers with rows that have all that a history needs, for the view.
    fn usable(&self, s: &Segmentation, rows: Rows) -> Fold;

    /// The same for the table of kept histories: what depends on as_of is not summed, but folded into further histories.
    fn kept(&self, s: &Segmentation, rows: Rows) -> Fold;

    /// The customers of all rows, among them a group for those without a customer, and counts: `rows`, `left_out`,
    /// `amount_left_out`, the range of currencies, costs and the amounts of which they are known. For a training.
    /// `left_out` is NULL where each row is an order, so that those left out are the rows that no history holds, unless
    /// histories are kept.
    fn counted(&self, s: &Segmentation, rows: Rows) -> Fold;

    /// How many orders there are among rows `o` of the source.
    fn order_count(&self, s: &Segmentation) -> String;

    /// The times and amounts of the orders, as `o.ordered_at` and `o.amount`.
    fn orders(&self, s: &Segmentation) -> Sql;
}

/// How many orders there are among rows `o` of the source.
pub fn order_count(s: &Segmentation) -> String {
    source(s).order_count(s)
}

/// The source of a segmentation.
fn source(s: &Segmentation) -> &'static dyn Source {
    match s.orders.order_id {
        None => &orders::Orders,
        Some(_) => &lines::Lines,
    }
}

/// Which rows of the source are folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// All.
    All,
    /// Those of customers whose orders changed since their histories were kept.
    Touched,
    /// Those of the customers whom CTE `who` holds.
    Who,
    /// Those without a customer, which nobody's history keeps, as long as what is kept holds.
    Nobodys,
    /// All, unless what is kept holds.
    Unkept,
}

impl Rows {
    /// The conditions on a row, of which an expression gives the customer.
    fn conditions(self, s: &Segmentation, customer: &str) -> Vec<String> {
        match self {
            Rows::All => Vec::new(),
            Rows::Touched => kept::is_touched(s, customer).into_iter().flatten().collect(),
            Rows::Who => {
                let same = &s.orders.same;
                vec![format!("{customer} {same} ANY (SELECT w.customer FROM who AS w)")]
            }
            Rows::Nobodys => vec![kept::holds(s), format!("{customer} IS NULL")],
            Rows::Unkept => vec![format!("NOT {}", kept::holds(s))],
        }
    }
}

/// Rows that are grouped by customer, or that are one per customer already.
pub struct Fold {
    /// The customer.
    customer: String,
    /// The aggregate that makes the history.
    history: String,
    /// Other aggregates and their names.
    sums: Vec<(&'static str, String)>,
    /// Histories that those sums can be read from as of another day, and their names.
    ledgers: Vec<(String, String)>,
    /// The rows.
    rows: Select,
    /// Whether they are grouped by customer.
    grouped: bool,
}

impl Fold {
    fn select(self, scores: Vec<(&'static str, String)>) -> Select {
        let select = self.rows.column(&self.customer, "customer").column(self.history, "history");
        let select = select.columns(self.sums).columns(scores);
        match self.grouped {
            true => select.group(self.customer),
            false => select,
        }
    }

    /// The same with histories as they are known to the view, and what several of its columns are made of.
    fn scored(mut self, s: &Segmentation) -> Select {
        let ledger = self.history;
        self.history = known_on(s, &ledger, &At::Fold.as_of(s));
        let scores = scores::of(s, At::Fold, &self.history, &ledger);
        let netted = s.nets_refunds().then(|| {
            let before = known_on(s, &ledger, &before_at_fold(s));
            ("previous_history".to_owned(), before)
        });
        let costs = s.orders.cost.is_some() || s.orders.discount.is_some();
        let ledger = (netted.is_some() && costs).then(|| ("ledger".to_owned(), ledger));
        let ledgers = std::mem::take(&mut self.ledgers);
        let before: Vec<_> = netted.into_iter().chain(ledger).chain(ledgers).collect();
        self.select(scores).columns(before)
    }
}

/// The histories of the view: those that are kept, as far as they hold, and those of the other orders, or all of them.
fn usable(s: &Segmentation) -> Vec<Fold> {
    let of = |rows| source(s).usable(s, rows);
    let Some(keep) = &s.keep else { return vec![of(Rows::All)] };
    let touched = keep.touched.as_ref().map(|_| of(Rows::Touched));
    [kept::usable(s, keep)].into_iter().chain(touched).chain([of(Rows::Unkept)]).collect()
}

/// The same of a training.
fn counted(s: &Segmentation) -> Vec<Fold> {
    let of = |rows| source(s).counted(s, rows);
    let Some(keep) = s.keep.as_ref().filter(|_| kept::counts(s)) else {
        return vec![of(Rows::All)];
    };
    [kept::counted(s, keep), of(Rows::Touched), of(Rows::Nobodys), of(Rows::Unkept)].into()
}

/// All rows of several queries.
fn union(queries: impl IntoIterator<Item = Select>) -> Sql {
    let mut all = Sql::default();
    for query in queries {
        if !all.is_empty() {
            all.push("UNION ALL");
        }
        all.add(query.sql());
    }
    all
}

/// The histories of the view, as its columns read them. What several columns need is computed where the orders are
/// folded: once for all of them, and not at all where none is selected. A filter on the customer reaches the source.
pub fn live(s: &Segmentation) -> Sql {
    union(usable(s).into_iter().map(|fold| fold.scored(s)))
}

/// The histories of the view as they are in the source, whatever the day.
pub fn as_they_are(s: &Segmentation) -> Sql {
    union(usable(s).into_iter().map(|fold| fold.select(Vec::new())))
}

/// What the table of kept histories holds of some rows.
pub fn to_keep(s: &Segmentation, rows: Rows) -> Sql {
    source(s).kept(s, rows).select(Vec::new()).sql()
}

/// The columns of that table besides the customer.
pub fn kept_columns(s: &Segmentation) -> Vec<&'static str> {
    let sums = source(s).kept(s, Rows::All).sums;
    std::iter::once("history").chain(sums.into_iter().map(|(name, _)| name)).collect()
}

/// The histories of a training, without what it has yet to find: as they are in the source.
pub fn all(s: &Segmentation) -> Sql {
    union(counted(s).into_iter().map(|fold| fold.select(Vec::new())))
}

/// The first day of each history: wanted where customers count from then on.
pub const FIRST_DAY: &str = "first_day";

/// That day of a history, which an SQL expression gives.
fn first_day(history: &str) -> String {
    format!("customer_value_internal.first_day({history})")
}

/// The sums over orders that are wanted of histories `h`.
fn wanted_sums(s: &Segmentation, wants: &dyn Fn(&str) -> bool) -> Vec<(&'static str, String)> {
    sums::of_histories(s, At::Row).into_iter().filter(|(name, _)| wants(name)).collect()
}

/// The histories of the view as they are in the source, and those from which sums over orders are read: all that is folded
/// once for many days. `wants` tells which columns of `h` are wanted.
pub fn for_days(s: &Segmentation, wants: &dyn Fn(&str) -> bool) -> Sql {
    for_days_of(s, Rows::All, wants)
}

/// The same of some rows: all, or those of customers whom CTE `who` holds, and perhaps others.
pub fn for_days_of(s: &Segmentation, rows: Rows, wants: &dyn Fn(&str) -> bool) -> Sql {
    let sums = wanted_sums(s, wants);
    let of_sums = |name: &str| sums.iter().any(|(_, sql)| refers_to(sql, "k", name));
    let is_read = |name: &str| of_sums(name) || wants(&sums::ledger(name));
    let of_orders = |rows| {
        let mut fold = source(s).kept(s, rows);
        fold.sums.retain(|(name, _)| is_read(name));
        let first = wants(FIRST_DAY).then(|| (FIRST_DAY, first_day(&fold.history)));
        fold.select(first.into_iter().collect())
    };
    let Some(keep) = &s.keep else { return of_orders(rows).sql() };
    let names = kept_columns(s).into_iter().filter(|name| *name == "history" || is_read(name));
    let kept = kept::all(s, keep, names);
    let kept = kept.columns(wants(FIRST_DAY).then(|| (FIRST_DAY, first_day("k.history"))));
    let kept = rows.conditions(s, "k.customer").into_iter().fold(kept, Select::filter);
    let touched = keep.touched.as_ref().map(|_| of_orders(Rows::Touched));
    union([kept].into_iter().chain(touched).chain([of_orders(Rows::Unkept)]))
}

/// The histories that CTE `histories` holds as [`for_days`] gives them, as of the days of `t`, with the columns of those of
/// the view that are wanted.
pub fn on_days(s: &Segmentation, wants: &dyn Fn(&str) -> bool) -> Sql {
    on(s, wants, Select::from_table("histories", "k"))
}

/// The same where each of these histories has a number and a day of its own, in the column of this name: it is read as of
/// that day.
pub fn on_own_days(s: &Segmentation, wants: &dyn Fn(&str) -> bool, day: &str) -> Sql {
    let own = Select::from_table("histories", "k").plain("k.number");
    on(s, wants, own.filter(format!("k.{day} = {}", At::Row.as_of(s))))
}

fn on(s: &Segmentation, wants: &dyn Fn(&str) -> bool, rows: Select) -> Sql {
    let known = rows.plain("k.customer");
    let known = known.column(known_on(s, "k.history", &At::Row.as_of(s)), "history");
    let known = known.column("k.history", "ledger").columns(wanted_sums(s, wants));
    let before = known_on(s, "k.history", &At::Before.as_of(s));
    let before = std::iter::once(("previous_history".to_owned(), before));
    let ledgers = sums::names_of_histories(s).into_iter();
    let ledgers = ledgers.map(|name| (sums::ledger(name), format!("k.{name}")));
    let known = known.columns(before.chain(ledgers).filter(|(name, _)| wants(name)));
    let known = match wants(FIRST_DAY) {
        true => known.filter(format!("k.{FIRST_DAY} <= {}", At::Row.as_of(s))),
        false => known,
    };
    let read = Select::from(known.fence().sql().enclosed("", " AS r")).plain("r.*");
    read.columns(scores::of(s, At::Row, "r.history", "r.ledger")).fence().sql()
}

/// The histories that a training has folded as CTE `histories`, with the columns of those of the view.
pub fn folded(s: &Segmentation) -> Sql {
    let (read, ledger) = match s.nets_refunds() {
        false => (Select::from_table("histories", "r"), "r.history"),
        true => {
            let sums = source(s).usable(s, Rows::All).sums.into_iter().map(|(name, _)| name);
            let known = Select::from_table("histories", "f").plain("f.customer");
            let known = known.column(known_on(s, "f.history", &At::Row.as_of(s)), "history");
            let known = known.column("f.history", "ledger");
            let known = sums.fold(known, |select, sum| select.plain(format!("f.{sum}")));
            (Select::from(known.fence().sql().enclosed("", " AS r")), "r.ledger")
        }
    };
    let read = read.plain("r.*").columns(scores::of(s, At::Row, "r.history", ledger));
    read.filter("r.customer IS NOT NULL").fence().sql()
}

/// A history as it is known on a day, which an SQL expression gives: refunds up to then have undone purchases, unless they
/// stand apart.
pub fn known_on(s: &Segmentation, history: &str, day: &str) -> String {
    match s.nets_refunds() {
        true => format!("customer_value.net_of_refunds({history}, {day})"),
        false => history.to_owned(),
    }
}

/// The columns of `h` that differ by as_of, and expressions for what they were `compare_days` before.
pub fn before(s: &Segmentation) -> Vec<(&'static str, String)> {
    let (history, ledger) = match s.nets_refunds() {
        false => ("h.history", "h.history"),
        true => ("h.previous_history", "h.ledger"),
    };
    let sums = sums::of_ledgers(s, At::Before);
    let scores = scores::of(s, At::Before, history, ledger);
    std::iter::once(("history", history.to_owned())).chain(sums).chain(scores).collect()
}

/// Whether the histories of a training need to know as_of.
pub fn need_days(s: &Segmentation) -> bool {
    let orders = &s.orders;
    orders.discount.is_some() || orders.cost.is_some() || orders.cost_to_serve.is_some()
}

/// The last day with a purchase, refunded or not, that is not in the future, or today: by the rows of the source.
pub fn latest_of_rows(s: &Segmentation) -> Select {
    if s.keep.is_some() {
        return last_purchase(s, Select::from(as_they_are(s).enclosed("", " AS h")));
    }
    let (day, today) = (day(s, &s.orders.ordered_at, "o.ordered_at"), today(s));
    let orders = Select::from(source(s).orders(s).enclosed("", " AS o"));
    let select = orders.column(format!("coalesce(max({day}), {today})"), "as_of");
    let bought = s.orders.amount.as_ref().map(|_| is_purchase(s, "o.amount"));
    let counted = bought.into_iter().chain([format!("{day} <= {today}")]);
    counted.fold(select, Select::filter)
}

/// The same by the histories of a training.
pub fn latest(s: &Segmentation) -> Sql {
    last_purchase(s, Select::from_table("histories", "h")).filter("h.customer IS NOT NULL").sql()
}

/// The last day with a purchase by histories `h`.
fn last_purchase(s: &Segmentation, histories: Select) -> Select {
    let today = today(s);
    let last = format!("customer_value.last_purchase(h.history, {today})");
    histories.column(format!("coalesce(max({last}), {today})"), "as_of")
}

/// The aggregate over orders.
fn fold(s: &Segmentation, ordered_at: &str, amount: Option<&str>) -> String {
    let zoned = s.orders.ordered_at.kind == Kind::Timestamptz && s.zone != "UTC";
    let zone = zoned.then(|| literal(&s.zone));
    let arguments = [Some(ordered_at), amount, zone.as_deref()];
    let arguments: Vec<&str> = arguments.into_iter().flatten().collect();
    format!("customer_value.purchase_history({})", arguments.join(", "))
}

/// Whether an amount, of the type of the source's amounts, is that of a purchase.
pub fn is_purchase(s: &Segmentation, amount: &str) -> String {
    match &s.orders.amount {
        // what is read as 0, to ten places, is one; the constant takes the type of the amount
        Some(column) if column.kind == Kind::Float => format!("{amount} > '-5e-11'"),
        Some(column) => format!("{} >= 0", column.comparable(amount)),
        None => "true".to_owned(),
    }
}

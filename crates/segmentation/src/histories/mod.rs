//! `h`: one row per customer with a purchase history, and what several columns of the view are made of.
//!
//! The seam for where histories come from: each source of histories is one implementation of [`Source`], and nothing
//! else knows which it is.

mod lines;
mod orders;
mod scores;
mod sums;

use crate::model::{Kind, Segmentation};
use crate::sql::{Select, Sql, literal};
use crate::trained::{At, day, today};

/// Where histories come from.
pub trait Source {
    /// The customers with rows that have all that a history needs, for the view.
    fn usable(&self, s: &Segmentation) -> Fold;

    /// The customers of all rows, among them a group for those without a customer, and counts: `rows`, `left_out`,
    /// `amount_left_out`, the range of currencies, costs and the amounts of which they are known. For a training.
    /// `left_out` is NULL where each row is an order, so that those left out are the rows that no history holds.
    fn counted(&self, s: &Segmentation) -> Fold;

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

/// Rows that are grouped by customer.
pub struct Fold {
    /// The customer.
    customer: String,
    /// The aggregate that makes the history.
    history: String,
    /// Other aggregates and their names.
    sums: Vec<(&'static str, String)>,
    /// The rows.
    rows: Select,
}

impl Fold {
    fn select(self, scores: Vec<(&'static str, String)>) -> Select {
        let select = self.rows.column(&self.customer, "customer").column(self.history, "history");
        select.columns(self.sums).columns(scores).group(self.customer)
    }
}

/// The histories of the view, as its columns read them. What several columns need is computed where the orders are
/// folded: once for all of them, and not at all where none is selected. A filter on the customer reaches the source.
pub fn live(s: &Segmentation) -> Sql {
    let mut fold = source(s).usable(s);
    let ledger = fold.history;
    fold.history = known_on(s, &ledger, &At::Fold.as_of(s));
    let scores = scores::of(s, At::Fold, &fold.history, &ledger);
    fold.select(scores).sql()
}

/// The histories of the view as they are in the source, whatever the day.
pub fn as_they_are(s: &Segmentation) -> Sql {
    source(s).usable(s).select(Vec::new()).sql()
}

/// The histories of a training, without what it has yet to find: as they are in the source.
pub fn all(s: &Segmentation) -> Sql {
    source(s).counted(s).select(Vec::new()).sql()
}

/// The histories that a training has folded as CTE `histories`, with the columns of those of the view.
pub fn folded(s: &Segmentation) -> Sql {
    let (read, ledger) = match s.nets_refunds() {
        false => (Select::from_table("histories", "r"), "r.history"),
        true => {
            let sums = source(s).usable(s).sums.into_iter().map(|(name, _)| name);
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

/// Whether the histories of a training need to know as_of.
pub fn need_days(s: &Segmentation) -> bool {
    let orders = &s.orders;
    orders.discount.is_some() || orders.cost.is_some() || orders.cost_to_serve.is_some()
}

/// The last day with a purchase, refunded or not, that is not in the future, or today: by the rows of the source.
pub fn latest_of_rows(s: &Segmentation) -> Select {
    let (day, today) = (day(s, &s.orders.ordered_at, "o.ordered_at"), today(s));
    let orders = Select::from(source(s).orders(s).enclosed("", " AS o"));
    let select = orders.column(format!("coalesce(max({day}), {today})"), "as_of");
    let bought = s.orders.amount.as_ref().map(|_| is_purchase(s, "o.amount"));
    let counted = bought.into_iter().chain([format!("{day} <= {today}")]);
    counted.fold(select, Select::filter)
}

/// The same by the histories of a training.
pub fn latest(s: &Segmentation) -> Sql {
    let today = today(s);
    let last = format!("customer_value.last_purchase(h.history, {today})");
    let select = Select::from_table("histories", "h");
    let select = select.column(format!("coalesce(max({last}), {today})"), "as_of");
    select.filter("h.customer IS NOT NULL").sql()
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

//! Histories that are kept in a table beside the view, as far as they hold.

use super::{Fold, sums};
use crate::model::{Keep, Segmentation};
use crate::sql::{Select, literal};
use crate::trained::At;

/// Whether what is kept holds: asked once per query, before anything is read. It stands by itself in WHERE, so that what
/// it rules out is not read at all.
pub fn holds(s: &Segmentation) -> String {
    format!("customer_value_internal.keeps({})", literal(&s.id))
}

/// Whether the orders of a customer changed since the history was kept, which holds otherwise; None where nobody notes that.
pub fn is_touched(s: &Segmentation, customer: &str) -> Option<[String; 2]> {
    let (touched, same) = (s.keep.as_ref()?.touched.as_ref()?, &s.orders.same);
    let touched = format!("{customer} {same} ANY (SELECT n.customer FROM {} AS n)", touched.now);
    Some([holds(s), touched])
}

/// Whether a training can take its counts from what is kept: lines of orders and currencies are not.
pub fn counts(s: &Segmentation) -> bool {
    let keep = s.keep.as_ref();
    let notes = keep.is_some_and(|keep| keep.touched.is_some());
    notes && s.orders.order_id.is_none() && s.orders.currency.is_none()
}

fn rows(s: &Segmentation, keep: &Keep, sums: sums::Sums) -> Fold {
    // the condition has the planner compute here, once, what several columns need
    let rows = Select::from_table(&keep.kept_now, "k").filter(holds(s));
    Fold { customer: "k.customer".into(), history: "k.history".into(), sums, rows, grouped: false }
}

/// For the view.
pub fn usable(s: &Segmentation, keep: &Keep) -> Fold {
    rows(s, keep, sums::of_histories(s, At::Fold))
}

/// As they are kept: the columns with these names.
pub fn all<'a>(s: &Segmentation, keep: &Keep, names: impl Iterator<Item = &'a str>) -> Select {
    let rows = Select::from_table(&keep.kept_now, "k").filter(holds(s)).plain("k.customer");
    names.fold(rows, |rows, name| rows.plain(format!("k.{name}")))
}

/// For a training.
pub fn counted(s: &Segmentation, keep: &Keep) -> Fold {
    let mut sums = sums::of_histories(s, At::Row);
    let amount = s.orders.amount.as_ref().map(|_| "k.amount_left_out".to_owned());
    let [cost, costed] = ["costs", "costed"].map(|name| match &s.orders.cost {
        Some(_) => format!("customer_value.revenue(k.{name})"),
        None => "NULL::numeric".to_owned(),
    });
    let none = || "NULL::text".to_owned();
    sums.extend([
        ("rows", "NULL::bigint".to_owned()),
        // not NULL: that says that rows tell how many are left out
        ("left_out", "coalesce(k.left_out, 0)::bigint".to_owned()),
        ("amount_left_out", amount.unwrap_or_else(|| "NULL::numeric".into())),
        ("currency_from", none()),
        ("currency_to", none()),
        ("cost", cost),
        ("costed", costed),
    ]);
    rows(s, keep, sums)
}

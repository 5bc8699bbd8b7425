//! The rows of a plan: segments in the order in which the budget goes to them, what is left, and the total.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::assumptions::Assumed;
use crate::report::rounding::{COUNT, SHARE, rounded};
use crate::report::words::Words;
use btyd::budget::{Offer, UNITS};
use btyd::decimal::{Decimal, FLOAT_SCALE};
use pgrx::AnyNumeric;

/// A segment of the view, and what is assumed of it.
pub struct Row {
    /// The label; None for customers without one.
    pub segment: Option<String>,
    /// How many customers it has.
    pub customers: i64,
    /// The sum of their lifetime values.
    pub total_clv: Option<f64>,
    /// What they would be worth more if none had left.
    pub expected_loss: Option<f64>,
    /// What is assumed; None for one that is left out.
    pub assumed: Option<Assumed>,
    /// What contacts cost and return.
    pub offer: Offer,
}

/// A row as SQL declares it.
type Columns = (
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<f64>,
    Option<f64>,
    Option<AnyNumeric>,
    Option<f64>,
    Option<String>,
    Option<f64>,
    Option<String>,
    Option<f64>,
    Option<i64>,
    Option<i64>,
    Option<AnyNumeric>,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    Option<AnyNumeric>,
    Option<f64>,
    Option<String>,
);

/// What has been planned so far.
#[derive(Default)]
struct Sums {
    customers: i64,
    worthwhile: u64,
    contacts: u64,
    spend: u128,
    responses: f64,
    returned: f64,
}

impl Sums {
    fn add(&mut self, row: &Row, contacts: u64) {
        let cost = row.assumed.as_ref().map_or(0, |assumed| assumed.cost);
        self.customers += row.customers;
        self.worthwhile += row.offer.worthwhile();
        self.contacts += contacts;
        self.spend += u128::from(contacts) * cost;
        self.responses += row.offer.responses(contacts);
        self.returned += row.offer.total(contacts);
    }

    fn profit(&self) -> f64 {
        self.returned - money(self.spend)
    }

    fn per_unit(&self) -> Option<f64> {
        (self.spend > 0).then(|| self.returned / money(self.spend))
    }
}

/// Units as money.
fn money(units: u128) -> f64 {
    units as f64 / UNITS
}

/// Units as exact money.
fn exact(units: u128) -> Option<AnyNumeric> {
    let mantissa = i128::try_from(units).ok()?;
    let money = Decimal { mantissa, scale: FLOAT_SCALE }.without_zeros();
    AnyNumeric::try_from(money.to_string().as_str()).ok()
}

fn amount(number: f64) -> Option<f64> {
    Some(rounded(number, COUNT))
}

/// All rows, the segments with the highest return per unit of cost first, then those that are not contacted.
pub fn table(words: Words<'_>, rows: Vec<Row>, contacts: Vec<u64>, budget: u128) -> Vec<Columns> {
    let mut rows: Vec<(Row, u64)> = rows.into_iter().zip(contacts).collect();
    // what contacts return per unit of their cost; free ones come first, those without contacts last
    let place = |(row, contacts): &(Row, u64)| {
        let mut sums = Sums::default();
        sums.add(row, *contacts);
        (*contacts > 0).then(|| sums.per_unit().unwrap_or(f64::INFINITY))
    };
    rows.sort_by(|a, b| {
        let [a, b] = [a, b].map(|row| place(row).unwrap_or(f64::NEG_INFINITY));
        b.total_cmp(&a)
    });
    // customers without a segment come after all segments
    rows.sort_by_key(|(row, _)| row.segment.is_none());
    let mut total = Sums::default();
    let mut table: Vec<Columns> = Vec::new();
    for (row, contacts) in &rows {
        total.add(row, *contacts);
        table.push(of_segment(words, row, *contacts, &total));
    }
    table.push(rest(words, &rows, budget - total.spend));
    table.push(of_all(words, &rows, &total));
    table
}

fn of_segment(words: Words<'_>, row: &Row, contacts: u64, so_far: &Sums) -> Columns {
    let (offer, assumed) = (&row.offer, row.assumed.as_ref());
    let mut sums = Sums::default();
    sums.add(row, contacts);
    let is_planned = assumed.is_some();
    let planned = |number: f64| is_planned.then(|| rounded(number, COUNT));
    let mean_worth = (sums.responses > 0.0).then(|| sums.returned / sums.responses);
    let next = offer.next_return(contacts).filter(|_| is_planned);
    (
        row.segment.clone(),
        Some(if row.segment.is_some() { "segment" } else { "unplaced" }.into()),
        Some(row.customers),
        row.total_clv,
        row.expected_loss,
        assumed.and_then(|assumed| exact(assumed.cost)),
        assumed.map(|assumed| assumed.response),
        assumed.map(|assumed| assumed.worth.text()),
        assumed.and_then(|assumed| assumed.saturation),
        assumed.map(|assumed| assumed.given_for.clone()),
        mean_worth.and_then(amount),
        is_planned.then_some(offer.worthwhile() as i64),
        is_planned.then_some(contacts as i64),
        exact(sums.spend).filter(|_| is_planned),
        planned(sums.responses),
        planned(sums.returned),
        planned(sums.profit()),
        sums.per_unit().map(|number| rounded(number, SHARE)),
        next.map(|number| rounded(number, SHARE)),
        exact(so_far.spend).filter(|_| is_planned),
        planned(so_far.returned),
        Some(note(words, row, contacts)),
    )
}

/// Why no more customers of a segment are contacted.
fn note(words: Words<'_>, row: &Row, contacts: u64) -> String {
    let more = row.offer.worthwhile() - contacts;
    match (&row.segment, &row.assumed) {
        (None, _) => words.text("budget.unplaced").into(),
        (_, None) => words.text("budget.left_out").into(),
        _ if row.offer.worthwhile() == 0 => words.text("budget.none").into(),
        _ if more == 0 => words.text("budget.all").into(),
        _ => words.text("budget.more").replace("{customers}", &more.to_string()),
    }
}

/// What is left of the budget.
fn rest(words: Words<'_>, rows: &[(Row, u64)], rest: u128) -> Columns {
    let open = rows.iter().any(|(row, contacts)| *contacts < row.offer.worthwhile());
    let key = match (rest, open) {
        (0, _) => "budget.nothing_left",
        (_, true) => "budget.rest",
        (_, false) => "budget.rest_of_all",
    };
    let note = Some(words.text(key).to_owned());
    let mut columns = nothing("rest", note);
    columns.13 = exact(rest);
    columns
}

fn of_all(words: Words<'_>, rows: &[(Row, u64)], total: &Sums) -> Columns {
    let sum = |of: fn(&Row) -> Option<f64>| {
        let known: Vec<f64> = rows.iter().filter_map(|(row, _)| of(row)).collect();
        let sum = (!known.is_empty()).then(|| known.iter().sum::<f64>());
        sum.and_then(amount)
    };
    let next = rows.iter().filter(|(row, _)| row.assumed.is_some());
    let next = next.filter_map(|(row, contacts)| row.offer.next_return(*contacts));
    let mut columns = nothing("total", None);
    columns.0 = Some(words.text("all_customers").into());
    columns.2 = Some(total.customers);
    columns.3 = sum(|row| row.total_clv);
    columns.4 = sum(|row| row.expected_loss);
    columns.11 = Some(total.worthwhile as i64);
    columns.12 = Some(total.contacts as i64);
    columns.13 = exact(total.spend);
    columns.14 = amount(total.responses);
    columns.15 = amount(total.returned);
    columns.16 = amount(total.profit());
    columns.17 = total.per_unit().map(|number| rounded(number, SHARE));
    columns.18 = next.max_by(f64::total_cmp).map(|number| rounded(number, SHARE));
    columns.19 = exact(total.spend);
    columns.20 = amount(total.returned);
    columns
}

/// A row of a part that is no segment.
fn nothing(part: &str, note: Option<String>) -> Columns {
    let none = || None;
    (
        None,
        Some(part.into()),
        None,
        None,
        None,
        none(),
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        none(),
        None,
        None,
        None,
        None,
        None,
        none(),
        None,
        note,
    )
}

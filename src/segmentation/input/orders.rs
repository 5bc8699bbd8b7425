//! The orders: any relation that can be read again.

use crate::segmentation::options::{Options, refuse};
use crate::segmentation::relation::{Found, NUMBERS, Relation, TIMES};
use segmentation::segmentation::{Column, Kind, Orders};

/// What source and columns are called.
#[derive(Debug, Clone)]
pub struct Names {
    /// Table or view.
    pub source: String,
    /// Who ordered.
    pub customer: String,
    /// When.
    pub ordered_at: String,
    /// For how much; None for orders without amounts.
    pub amount: Option<String>,
}

/// A source that has been found and checked.
#[derive(Debug, Clone)]
pub struct Source {
    /// The relation.
    pub relation: Relation,
    /// Who ordered.
    pub customer: Found,
    /// Its columns, as SQL is written for them.
    pub orders: Orders,
}

impl Source {
    /// Finds and checks a source, or raises an error.
    pub fn find(names: &Names, options: &Options) -> Source {
        let relation = Relation::source("source", "orders", &names.source);
        let of = |name: &str| relation.column(name);
        let option = |name: &Option<String>| name.as_deref().map(of);
        let number = |name: &Option<String>| {
            option(name).map(|found| found.require(&NUMBERS, "a number or money").column.clone())
        };
        let compared = |name: &Option<String>| {
            option(name).map(|found| found.require_equality().column.clone())
        };
        let customer = of(&names.customer).clone();
        let amount = number(&names.amount);
        refuse_without_amounts(&amount, options);
        let orders = Orders {
            relation: relation.name.clone(),
            customer: customer.column.clone(),
            customer_type: customer.type_name.clone(),
            same: customer.equality(),
            ordered_at: time(of(&names.ordered_at)),
            amount,
            order_id: compared(&options.order_id),
            currency: compared(&options.currency),
            cost: number(&options.cost),
            cost_to_serve: number(&options.cost_to_serve),
            discount: option(&options.discount).map(discount),
            product: compared(&options.product),
            channel: compared(&options.channel),
        };
        Source { orders, customer, relation }
    }
}

/// A column with times, or an error.
pub fn time(found: &Found) -> Column {
    found.require(&TIMES, "timestamptz, timestamp or date").column.clone()
}

fn discount(found: &Found) -> Column {
    let allowed = [&[Kind::Boolean], NUMBERS.as_slice()].concat();
    found.require(&allowed, "boolean, a number or money").column.clone()
}

fn refuse_without_amounts(amount: &Option<Column>, options: &Options) {
    if amount.is_some() {
        return;
    }
    if options.cost.is_some() {
        refuse("cost", "the source has no amounts, so there is no margin");
    }
    if options.cost_to_serve.is_some() {
        refuse("cost_to_serve", "the source has no amounts, so there is no profitability");
    }
}

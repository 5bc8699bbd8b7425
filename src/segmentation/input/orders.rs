//! The orders: any relation that can be read again.

use super::CustomerTable;
use crate::segmentation::option_types::Bind;
use crate::segmentation::options::{Options, refuse};
use crate::segmentation::relation::{Found, Relation};
use segmentation::catalogue::{Expected, TIME};
use segmentation::model::{Column, Kind, Orders, Parents, Rollup};

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
    /// Who ordered, or their parent.
    pub customer: Found,
    /// Who ordered.
    pub member: Found,
    /// The table that tells the parents of customers, where these are what is segmented.
    pub parents: Option<CustomerTable>,
    /// Its columns, as SQL is written for them.
    pub orders: Orders,
    /// Whether the view is bound to names.
    pub by_name: bool,
}

impl Source {
    /// Finds and checks a source, or raises an error.
    pub fn find(names: &Names, options: &Options) -> Source {
        let by_name = options.bind == Bind::Name;
        let relation = Relation::source("source", "orders", &names.source).by_name(by_name);
        let of = |name: &str| relation.column(name);
        let option = |name: &Option<String>| name.as_deref().map(of);
        let number =
            |name: &Option<String>| option(name).map(|found| found.require(AMOUNT).column.clone());
        let compared = |name: &Option<String>| {
            option(name).map(|found| found.require_equality().column.clone())
        };
        let rollup = options.rollup_of.as_ref();
        let member = rollup.map_or(&names.customer, |rollup| &rollup.customer);
        let member = of(member).clone();
        let parents = CustomerTable::of_parents(options);
        let customer = match &parents {
            Some(table) => table.relation.column(&names.customer).clone(),
            None => of(&names.customer).clone(),
        };
        let amount = number(&names.amount);
        refuse_without_amounts(&amount, options);
        let orders = Orders {
            relation: relation.name.clone(),
            customer: customer.column.clone(),
            customer_type: customer.type_name.clone(),
            same: customer.equality(),
            ordered_at: of(&names.ordered_at).require(TIME).column.clone(),
            amount,
            digits: option(&names.amount).and_then(Found::digits),
            order_id: compared(&options.order_id),
            currency: compared(&options.currency),
            cost: number(&options.cost),
            cost_to_serve: number(&options.cost_to_serve),
            discount: option(&options.discount).map(|found| found.require(DISCOUNT).column.clone()),
        };
        Source { orders, customer, member, parents, relation, by_name }
    }

    /// How rows of customers are read as those of their parents, where these are what is segmented. `members` are the
    /// customer columns of the tables of inputs.
    pub fn rollup(
        &self,
        options: &Options,
        members: Vec<(&'static str, Column)>,
    ) -> Option<Rollup> {
        options.rollup_of.as_ref()?;
        let parents = self.parents.as_ref().map(|table| Parents {
            relation: table.relation.name.clone(),
            key: table.key.column.clone(),
        });
        let same = self.member.equality();
        Some(Rollup {
            member: self.member.column.clone(),
            same,
            parents,
            members,
            rows: Vec::new(),
        })
    }
}

/// Amounts and costs.
pub(super) const AMOUNT: Expected =
    Expected { kinds: &[Kind::Exact, Kind::Float, Kind::Money], words: "a number or money" };

/// Whether, or how much, an order was reduced.
const DISCOUNT: Expected = Expected {
    kinds: &[Kind::Boolean, Kind::Exact, Kind::Float, Kind::Money],
    words: "boolean, a number or money",
};

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

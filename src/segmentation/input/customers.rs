//! The customer table.

use super::Source;
use super::orders::AMOUNT;
use super::tables::OptionTable;
use crate::segmentation::option_types::{Bind, CustomersInput};
use crate::segmentation::options::{Options, refuse};
use crate::segmentation::relation::{Found, Relation};
use crate::server::query::value;
use segmentation::catalogue::TIME;
use segmentation::model::{Column, Customers};

/// The customer table, found and checked.
#[derive(Debug, Clone)]
pub struct CustomerTable {
    /// The relation.
    pub relation: Relation,
    /// Its key.
    pub key: Found,
    /// As SQL is written for it.
    pub customers: Customers,
}

impl CustomerTable {
    /// The option that names it.
    pub const OPTION: &'static str = "customers";

    /// The one that options name, if they do; or an error. Its customers are those of the orders.
    pub fn find(options: &Options, source: &Source) -> Option<CustomerTable> {
        let given = options.customers.as_ref()?;
        let customer = &source.customer;
        let table = OptionTable::find(Self::OPTION, "customers", &given.source, source);
        let key = table.customers(&given.customer);
        // the view shows the customer table's and the orders' as one column, so they are of exactly one type
        if key.exact_type != customer.exact_type {
            table.refuse_type(key, &key.exact_type, &customer.exact_type);
        }
        Some(Self::of(given, options, table.relation))
    }

    /// The one that tells the parents of customers, if there is one.
    pub fn of_parents(options: &Options) -> Option<CustomerTable> {
        let rollup = options.rollup_of.as_ref()?;
        let (source, customer) = rollup.source.clone().zip(rollup.key.clone())?;
        let relation = Relation::source("option \"parent\": table", "parents", &source)
            .by_name(options.bind == Bind::Name);
        let given = CustomersInput {
            source,
            customer,
            columns: Vec::new(),
            since: None,
            acquisition_cost: None,
        };
        Some(Self::of(&given, options, relation))
    }

    /// The one that options name, if they do, whatever the type of its key.
    pub fn named(options: &Options) -> Option<CustomerTable> {
        let given = options.customers.as_ref()?;
        let what = format!("option \"{}\": table", Self::OPTION);
        let relation = Relation::source(&what, "customers", &given.source);
        Some(Self::of(given, options, relation))
    }

    fn of(given: &CustomersInput, options: &Options, relation: Relation) -> CustomerTable {
        let of = |name: &String| relation.column(name).column.clone();
        let key = relation.column(&given.customer).clone();
        let customers = Customers {
            relation: relation.name.clone(),
            key: key.column.clone(),
            columns: relation.columns.iter().map(|found| found.column.clone()).collect(),
            shown: given.columns.iter().map(of).collect(),
            need: options.need.as_ref().map(of),
            since: given
                .since
                .as_ref()
                .map(|name| relation.column(name).require(TIME).column.clone()),
            acquisition_cost: given
                .acquisition_cost
                .as_ref()
                .map(|name| relation.column(name).require(AMOUNT).column.clone()),
        };
        CustomerTable { relation, key, customers }
    }

    /// Raises an error if one of these columns may not be read.
    pub fn require_readable(&self, columns: &[Column]) {
        for column in columns {
            self.relation.column(&column.name.text);
        }
    }

    /// Whether a unique index rules out that it holds a customer twice.
    pub fn has_unique_key(&self) -> bool {
        let unique: Option<bool> = value(
            "SELECT true FROM pg_catalog.pg_index AS i \
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] \
             WHERE i.indrelid = $1 AND a.attname = $2 AND i.indcollation[0] = a.attcollation \
               AND (SELECT o.opcdefault FROM pg_catalog.pg_opclass AS o WHERE o.oid = i.indclass[0]) \
               AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 \
               AND i.indpred IS NULL AND i.indexprs IS NULL",
            &[self.relation.oid.into(), self.key.column.name.text.as_str().into()],
        );
        unique.is_some()
    }

    /// Raises an error if it holds a customer twice.
    pub fn require_unique(&self) {
        if self.has_unique_key() {
            return;
        }
        let (key, name) = (self.key.column.of("c"), &self.relation.name);
        let sql = format!(
            "SELECT {key}::text FROM {name} AS c WHERE {key} IS NOT NULL GROUP BY {key} HAVING count(*) > 1 LIMIT 1"
        );
        if let Some(twice) = value::<String>(&sql, &[]) {
            refuse(Self::OPTION, format!("{name} holds customer \"{twice}\" more than once"))
        }
    }
}

//! The catalogue as inputs ask it.

use super::Source;
use crate::segmentation::relation::{Found, Relation};
use crate::server::error::{Code, fail};
use segmentation::catalogue::{Catalogue, Expected, Table};
use segmentation::model::Column;
use std::cell::RefCell;

/// The tables of the database, beside the orders of a segmentation.
pub struct Tables<'a> {
    source: &'a Source,
    /// The customer columns of tables that were asked for, by option.
    members: RefCell<Vec<(&'static str, Column)>>,
}

impl<'a> Tables<'a> {
    /// Those of a source.
    pub fn of(source: &'a Source) -> Tables<'a> {
        Tables { source, members: RefCell::default() }
    }

    /// The customer columns of the tables that were asked for, by option.
    pub fn members(self) -> Vec<(&'static str, Column)> {
        self.members.into_inner()
    }
}

impl Catalogue for Tables<'_> {
    fn orders(&self) -> Box<dyn Table + '_> {
        let (relation, source) = (self.source.relation.clone(), self.source);
        Box::new(OptionTable { option: "source", relation, source, members: Some(&self.members) })
    }

    fn table(&self, option: &'static str, holds: &str, given: &str) -> Box<dyn Table + '_> {
        let table = OptionTable::find(option, holds, given, self.source);
        Box::new(OptionTable { members: Some(&self.members), ..table })
    }
}

/// A table that an option names.
pub struct OptionTable<'a> {
    option: &'static str,
    /// The relation.
    pub relation: Relation,
    /// The orders.
    source: &'a Source,
    /// Where to note its customer column.
    members: Option<&'a RefCell<Vec<(&'static str, Column)>>>,
}

impl OptionTable<'_> {
    /// The table of this name, which holds `holds`, or an error.
    pub fn find<'a>(
        option: &'static str,
        holds: &str,
        given: &str,
        source: &'a Source,
    ) -> OptionTable<'a> {
        let what = format!("option \"{option}\": table");
        let relation = Relation::source(&what, holds, given).by_name(source.by_name);
        OptionTable { option, relation, source, members: None }
    }

    /// A column with customers of the same type and collation as those of the orders, or an error.
    pub fn customers(&self, name: &str) -> &Found {
        let (column, ours) = (self.relation.column(name), &self.source.member);
        if column.type_name != ours.type_name {
            self.refuse_type(column, &column.type_name, &ours.type_name);
        }
        if column.collation != ours.collation {
            self.refuse(column, "has a different collation from the customers of the orders");
        }
        column
    }

    /// Raises the error that its customers are of a type that those of the orders are not of.
    pub fn refuse_type(&self, column: &Found, theirs: &str, ours: &str) -> ! {
        let differs =
            format!("is of type {theirs}, but customers of the orders are of type {ours}");
        self.refuse(column, &differs)
    }

    fn refuse(&self, column: &Found, differs: &str) -> ! {
        let (option, column) = (self.option, &column.column.name.text);
        fail(
            Code::ERRCODE_DATATYPE_MISMATCH,
            format!("option \"{option}\": column \"{column}\" {differs}"),
            "Cast one of them in a view over its table, and give that view instead.",
        )
    }
}

impl Table for OptionTable<'_> {
    fn relation(&self) -> String {
        self.relation.name.clone()
    }

    fn column(&self, name: &str) -> Column {
        self.relation.column(name).column.clone()
    }

    fn expect(&self, name: &str, expected: Expected) -> Column {
        self.relation.column(name).require(expected).column.clone()
    }

    fn comparable(&self, name: &str) -> Column {
        self.relation.column(name).require_equality().column.clone()
    }

    fn customer(&self, name: &str) -> Column {
        let customer = &self.customers(name).column;
        if self.source.parents.is_none() {
            return customer.clone();
        }
        // rows are read with the parent in its place
        self.members.iter().for_each(|all| all.borrow_mut().push((self.option, customer.clone())));
        self.source.customer.column.clone()
    }
}

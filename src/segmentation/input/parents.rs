//! Where the parents of customers stand: their group, holding or household.

use super::{CustomerTable, Names, Source};
use crate::segmentation::options::{Options, refuse};
use crate::segmentation::relation::Found;
use crate::server::error::{Code, fail};
use crate::server::names::listed;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The option that names their column.
const OPTION: &str = "parent";

/// What makes a segmentation that of the parents of another's customers. It stands among its options, but users do not
/// give it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollupOf {
    /// The id of the other one.
    pub id: String,
    /// The customer column of its orders.
    pub customer: String,
    /// The table that tells the parents, with its schema; None where the orders do.
    pub source: Option<String>,
    /// The customer column of that table.
    pub key: Option<String>,
}

impl RollupOf {
    /// Its name among the options.
    pub const OPTION: &'static str = "rollup_of";

    /// Takes it out of options.
    pub fn take(options: &mut Map<String, Value>) -> Option<RollupOf> {
        serde_json::from_value(options.remove(Self::OPTION)?).ok()
    }
}

/// Where the parents of a segmentation's customers stand.
pub struct ParentColumn<'a> {
    /// Their column.
    pub column: &'a Found,
    /// The customer table, if it has that column; None for one of the orders.
    pub table: Option<&'a CustomerTable>,
}

impl ParentColumn<'_> {
    /// The column that an option names: of the customer table or, if there is none of that name there, of the orders; or an
    /// error.
    pub fn find<'a>(
        options: &Options,
        names: &Names,
        source: &'a Source,
        customers: Option<&'a CustomerTable>,
    ) -> Option<ParentColumn<'a>> {
        let name = options.parent.as_ref()?;
        let table = customers.filter(|table| table.relation.find(name).is_some());
        let key = table.map_or(names.customer.as_str(), |table| &table.key.column.name.text);
        if name == key {
            refuse(OPTION, format!("\"{name}\" is the customer column"))
        }
        let column = match (table, customers) {
            (Some(table), _) => table.relation.column(name),
            (None, Some(table)) if source.relation.find(name).is_none() => {
                no_column(name, table, source)
            }
            _ => source.relation.column(name),
        };
        Some(ParentColumn { column: column.require_equality(), table })
    }
}

/// Raises the error that neither table has such a column.
fn no_column(name: &str, table: &CustomerTable, source: &Source) -> ! {
    let columns = |found: &[Found]| {
        let names: Vec<&str> = found.iter().map(|found| found.column.name.text.as_str()).collect();
        listed(&names)
    };
    let (customers, orders) = (&table.relation, &source.relation);
    fail(
        Code::ERRCODE_UNDEFINED_COLUMN,
        format!(
            "option \"{OPTION}\": column \"{name}\" exists neither in {} nor in {}",
            customers.name, orders.name
        ),
        format!(
            "The columns of {} are: {}. Those of {} are: {}.",
            customers.name,
            columns(&customers.columns),
            orders.name,
            columns(&orders.columns)
        ),
    )
}

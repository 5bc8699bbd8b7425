//! The tables that a segmentation reads: a file each, which finds the columns that options name and refuses what cannot
//! be used.

mod answers;
mod customers;
mod interactions;
mod orders;

pub use customers::CustomerTable;
pub use orders::{Names, Source};

use super::options::Options;
use super::relation::{Found, Relation};
use crate::server::error::{Code, fail};
use crate::server::query::{find_relation, name_of};
use segmentation::segmentation::{Answers, Interactions};
use serde_json::{Map, Value};

/// An optional table beside the orders.
trait Input: Sized {
    /// The option that names it.
    const OPTION: &'static str;
    /// What it holds, in the user's words.
    const HOLDS: &'static str;

    /// The table that the options name, if they do; or an error. Its customers are those of the orders.
    fn find(options: &Options, customer: &Found) -> Option<Self>;

    /// The relation of this name.
    fn relation(given: &str) -> Relation {
        Relation::source(&format!("option \"{}\": table", Self::OPTION), Self::HOLDS, given)
    }

    /// Raises the error that its customers are not those of the orders, for what `differs`.
    fn refuse_customer(column: &Found, differs: &str) -> ! {
        fail(
            Code::ERRCODE_DATATYPE_MISMATCH,
            format!(
                "option \"{}\": column \"{}\" {differs}",
                Self::OPTION,
                column.column.name.text
            ),
            "Cast one of them in a view over its table, and give that view instead.",
        )
    }

    /// A column with customers of the same type and collation as those of the orders, or an error.
    fn customer<'a>(relation: &'a Relation, name: &str, customer: &Found) -> &'a Found {
        let column = relation.column(name);
        if column.type_name != customer.type_name {
            Self::refuse_customer(
                column,
                &format!(
                    "is of type {}, but customers of the orders are of type {}",
                    column.type_name, customer.type_name
                ),
            )
        }
        if column.collation != customer.collation {
            Self::refuse_customer(column, "has another collation than the customers of the orders");
        }
        column
    }
}

/// All optional tables.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The customer table.
    pub customers: Option<CustomerTable>,
    /// Contacts and events.
    pub interactions: Option<Interactions>,
    /// Survey answers.
    pub answers: Option<Answers>,
}

impl Inputs {
    /// Finds and checks them, or raises an error.
    pub fn find(options: &Options, customer: &Found) -> Inputs {
        Inputs {
            customers: Input::find(options, customer),
            interactions: Input::find(options, customer),
            answers: Input::find(options, customer),
        }
    }

    /// Names of tables in options with their schema, as they are looked up now, in the user's path.
    pub fn with_schemas(given: &mut Map<String, Value>) {
        for option in [CustomerTable::OPTION, Interactions::OPTION, Answers::OPTION] {
            let Some(source) = given.get_mut(option).and_then(|input| input.get_mut("source"))
            else {
                continue;
            };
            let found = source.as_str().and_then(|name| find_relation(option, name));
            if let Some(oid) = found {
                *source = Value::String(name_of(oid));
            }
        }
    }
}

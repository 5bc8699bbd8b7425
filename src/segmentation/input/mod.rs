//! The tables that a segmentation reads: the orders, the customer table, and those of the optional inputs, each of which
//! is a file of crate `segmentation`. Columns that options name are found, and what cannot be used is refused.

mod customers;
mod orders;
mod parents;
mod tables;

pub use customers::CustomerTable;
pub use orders::{Names, Source};
pub use parents::{ParentColumn, RollupOf};
pub use tables::Tables;

use crate::server::query::{find_relation, name_of};
use segmentation::inputs;
use serde_json::{Map, Value};

/// Names of tables in options with their schema, as they are looked up now, in the user's path.
pub fn with_schemas(given: &mut Map<String, Value>) {
    let of_inputs = inputs::ALL.iter().map(|kind| kind.option);
    for option in of_inputs.chain([CustomerTable::OPTION]) {
        let Some(source) = given.get_mut(option).and_then(|input| input.get_mut("source")) else {
            continue;
        };
        let found = source.as_str().and_then(|name| find_relation(option, name));
        if let Some(oid) = found {
            *source = Value::String(name_of(oid));
        }
    }
}

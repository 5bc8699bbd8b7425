//! What the extension knows of a segmentation that keeps: its row of `customer_value.keeping`.

use super::Id;
use crate::server::catalogue::relation;
use crate::server::registry::this_place;
use crate::server::scan::{Key, Lock, Row, Seen, Table};
use pgrx::pg_sys::Oid;
use std::ops::ControlFlow;

/// A row of `keeping`.
pub struct Keeping {
    /// Whether its numbers hold here.
    pub is_here: bool,
    /// The table of orders.
    pub source: Oid,
    /// The name that has to be that of the source, with its schema, where the view is bound to names.
    pub name: Option<(String, String)>,
    /// The table of histories.
    pub kept: Oid,
    /// The table of touched customers; none where nobody notes them.
    pub touched: Option<Oid>,
    /// The columns of the source that histories are made of; the customer is the first.
    pub columns: Vec<i16>,
    /// Whether readers read with their own rights what holds now.
    pub invoker: bool,
    /// The view.
    pub view: Oid,
    /// The fingerprint when all histories were kept; None before.
    pub fingerprint: Option<String>,
}

/// The columns of the table, in order.
const SEGMENTATION: i16 = 1;
const PLACE: i16 = 2;
const SOURCE: i16 = 3;
const KEPT: i16 = 4;
const TOUCHED: i16 = 5;
const COLUMNS: i16 = 6;
const INVOKER: i16 = 7;
const FINGERPRINT: i16 = 8;
const SOURCE_SCHEMA: i16 = 11;
const SOURCE_NAME: i16 = 12;
const VIEW: i16 = 16;

/// The row of a segmentation, if it keeps. A trigger needs no fingerprint.
pub fn find(id: &Id, seen: Seen) -> Option<Keeping> {
    let table = Table::open(relation(c"customer_value", c"keeping")?, Lock::Read)?;
    let mut found = None;
    if let Some(index) = relation(c"customer_value", c"keeping_pkey") {
        table.scan(Some(index), &[Key::Uuid(SEGMENTATION, id)], seen, |row| {
            found = read(row, seen == Seen::ByQuery);
            ControlFlow::Break(())
        });
    }
    table.close(Lock::Read);
    found
}

fn read(row: &Row, whole: bool) -> Option<Keeping> {
    Some(Keeping {
        is_here: row.bytes(PLACE) == Some(this_place().as_bytes()),
        source: row.oid(SOURCE)?,
        name: row.text(SOURCE_SCHEMA).zip(row.text(SOURCE_NAME)).filter(|_| whole),
        kept: row.oid(KEPT)?,
        touched: row.oid(TOUCHED),
        columns: row.int2s(COLUMNS),
        invoker: row.boolean(INVOKER),
        view: row.oid(VIEW)?,
        fingerprint: if whole { row.text(FINGERPRINT) } else { None },
    })
}

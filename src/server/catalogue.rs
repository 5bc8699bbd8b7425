//! Questions to the server's catalogue by its own caches: without a query, and without the rights of anybody.

use pgrx::pg_sys;
use pgrx::pg_sys::{Datum, Oid};
use std::ffi::{CStr, CString};

/// What the catalogue says of a relation now.
#[derive(Clone, Copy)]
pub struct Class {
    /// Table, partitioned table, view and so on.
    pub kind: u8,
    /// Permanent, unlogged, temporary.
    pub persistence: u8,
    /// The number of its file.
    pub file: u32,
    /// Whether row-level security is enabled.
    pub row_security: bool,
    /// Whether that holds for its owner, too.
    pub forced: bool,
    /// Whether it may have partitions or children.
    pub has_children: bool,
    /// Whether it is a partition.
    pub is_partition: bool,
    /// How its rows are stored.
    pub storage: Oid,
    /// The role that owns it.
    pub owner: Oid,
}

/// What the catalogue says of a relation, if it exists.
pub fn class(oid: Oid) -> Option<Class> {
    // SAFETY: a row of the catalogue, which is copied before it is given back.
    unsafe {
        let tuple =
            pg_sys::SearchSysCache1(pg_sys::SysCacheIdentifier::RELOID as i32, Datum::from(oid));
        if tuple.is_null() {
            return None;
        }
        let row = &*pg_sys::GETSTRUCT(tuple).cast::<pg_sys::FormData_pg_class>();
        let class = Class {
            kind: row.relkind as u8,
            persistence: row.relpersistence as u8,
            file: row.relfilenode.to_u32(),
            row_security: row.relrowsecurity,
            forced: row.relforcerowsecurity,
            has_children: row.relhassubclass,
            is_partition: row.relispartition,
            storage: row.relam,
            owner: row.relowner,
        };
        pg_sys::ReleaseSysCache(tuple);
        Some(class)
    }
}

/// A relation of a schema, if it exists.
pub fn relation(schema: &CStr, name: &CStr) -> Option<Oid> {
    // SAFETY: both texts end in zero.
    let oid = unsafe {
        let schema = pg_sys::get_namespace_oid(schema.as_ptr(), true);
        pg_sys::get_relname_relid(name.as_ptr(), schema)
    };
    (oid != Oid::INVALID).then_some(oid)
}

/// The same by texts.
pub fn named(schema: &str, name: &str) -> Option<Oid> {
    let [schema, name] = [schema, name].map(|text| CString::new(text).ok());
    relation(&schema?, &name?)
}

/// The trigger of this name that a relation has by now, whatever the snapshot of the transaction.
pub fn trigger(relation: Oid, name: &str) -> Option<Oid> {
    let name = CString::new(name).ok()?;
    // SAFETY: the text ends in zero; a trigger that is not there is no error.
    let oid = unsafe { pg_sys::get_trigger_oid(relation, name.as_ptr(), true) };
    (oid != Oid::INVALID).then_some(oid)
}

/// A function of a schema without arguments, if it exists.
pub fn function(schema: &CStr, name: &CStr) -> Option<Oid> {
    // SAFETY: both texts end in zero; the key of the catalogue is name, arguments, schema.
    let oid = unsafe {
        let schema = pg_sys::get_namespace_oid(schema.as_ptr(), true);
        let arguments = pg_sys::buildoidvector(std::ptr::null(), 0);
        let oid = pg_sys::GetSysCacheOid(
            pg_sys::SysCacheIdentifier::PROCNAMEARGSNSP as i32,
            pg_sys::Anum_pg_proc_oid as i16,
            Datum::from(name.as_ptr()),
            Datum::from(arguments),
            Datum::from(schema),
            Datum::null(),
        );
        pg_sys::pfree(arguments.cast());
        oid
    };
    (oid != Oid::INVALID).then_some(oid)
}

/// The type of a column, if there is such a column.
pub fn type_of_column(relation: Oid, column: i16) -> Option<Oid> {
    // SAFETY: reads the catalogue.
    let found = unsafe { pg_sys::get_atttype(relation, column) };
    (found != Oid::INVALID).then_some(found)
}

/// The name of a column, if there is such a column.
pub fn name_of_column(relation: Oid, column: i16) -> Option<String> {
    // SAFETY: the server returns a text that ends in zero, or null.
    unsafe { text(pg_sys::get_attname(relation, column, true)) }
}

/// The column of a relation that has the name of a column of another.
pub fn same_column(of: Oid, column: i16, relation: Oid) -> Option<i16> {
    // SAFETY: the server returns a text that ends in zero, or null.
    unsafe {
        let name = pg_sys::get_attname(of, column, true);
        let found = if name.is_null() { 0 } else { pg_sys::get_attnum(relation, name) };
        (found > 0).then_some(found)
    }
}

/// Length of values of a type, below zero if it varies, and whether they are passed as they are.
pub fn layout(of: Oid) -> (i16, bool) {
    let (mut length, mut by_value) = (0, false);
    // SAFETY: reads the catalogue into both.
    unsafe { pg_sys::get_typlenbyval(of, &mut length, &mut by_value) };
    (length, by_value)
}

/// The name of a relation with its schema, quoted where it has to be; its number if it is gone.
pub fn shown(relation: Oid) -> String {
    // SAFETY: the server returns texts that end in zero, or null.
    unsafe {
        let name = pg_sys::get_rel_name(relation);
        let schema = pg_sys::get_namespace_name(pg_sys::get_rel_namespace(relation));
        if name.is_null() || schema.is_null() {
            return format!("relation {}", relation.to_u32());
        }
        text(pg_sys::quote_qualified_identifier(schema, name)).unwrap_or_default()
    }
}

/// A name of the server's as text; None for null.
///
/// # Safety
/// It is null, or a text that ends in zero.
pub unsafe fn text(of: *const std::ffi::c_char) -> Option<String> {
    // SAFETY: the caller vouches for a text that ends in zero, or null.
    (!of.is_null()).then(|| unsafe { CStr::from_ptr(of).to_string_lossy().into_owned() })
}

/// Whether a role may read a column.
pub fn may_read(role: Oid, relation: Oid, column: i16) -> bool {
    let ok = pg_sys::AclResult::ACLCHECK_OK;
    // SAFETY: reads the catalogue.
    unsafe {
        pg_sys::pg_attribute_aclcheck(relation, column, role, pg_sys::ACL_SELECT as pg_sys::AclMode)
            == ok
    }
}

/// Whether a role may read all columns.
pub fn may_read_all(role: Oid, relation: Oid) -> bool {
    let ok = pg_sys::AclResult::ACLCHECK_OK;
    // SAFETY: reads the catalogue.
    unsafe {
        pg_sys::pg_class_aclcheck(relation, role, pg_sys::ACL_SELECT as pg_sys::AclMode) == ok
    }
}

/// Whether a role is, or acts with the rights of, another.
pub fn acts_as(role: Oid, other: Oid) -> bool {
    // SAFETY: reads the catalogue.
    unsafe { pg_sys::has_privs_of_role(role, other) }
}

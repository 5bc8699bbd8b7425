//! What goes with what: dependencies that no SQL command makes.

use pgrx::pg_sys;
use pgrx::pg_sys::Oid;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A table or a view.
    Relation,
    /// A trigger.
    Trigger,
}

impl Class {
    fn oid(self) -> Oid {
        match self {
            Class::Relation => pg_sys::RelationRelationId,
            Class::Trigger => pg_sys::TriggerRelationId,
        }
    }
}

fn address(class: Class, oid: Oid) -> pg_sys::ObjectAddress {
    pg_sys::ObjectAddress { classId: class.oid(), objectId: oid, objectSubId: 0 }
}

/// Lets an object go when a relation is dropped, without CASCADE.
pub fn goes_with(class: Class, object: Oid, relation: Oid) {
    let (object, relation) = (address(class, object), address(Class::Relation, relation));
    // SAFETY: both are addresses of objects that exist and are held by this transaction; the server copies them. An older
    // record of the same is taken away first, so that there is one.
    unsafe {
        pg_sys::deleteDependencyRecordsForSpecific(
            object.classId,
            object.objectId,
            pg_sys::DependencyType::DEPENDENCY_AUTO as std::ffi::c_char,
            relation.classId,
            relation.objectId,
        );
        pg_sys::recordDependencyOn(&object, &relation, pg_sys::DependencyType::DEPENDENCY_AUTO);
    }
}

/// Has all sessions look at a relation anew: its triggers, and the plans that read it.
pub fn look_anew(relation: Oid) {
    // SAFETY: a message to all sessions about a number; a relation that is gone is no error for a number that was looked up
    // in this transaction.
    unsafe { pg_sys::CacheInvalidateRelcacheByRelid(relation) };
}

//! Working as the owner of a view, as the server's own REFRESH does.

use pgrx::pg_sys;
use std::ffi::CStr;

/// While it lives, commands run as another role, in a restricted operation, with a search path in which
/// nobody can put anything. An error needs no drop: the server restores all of it when a transaction or
/// subtransaction ends.
pub struct Acting {
    role: pg_sys::Oid,
    context: i32,
    settings: i32,
}

impl Acting {
    /// Starts to act as `role`.
    pub fn begin(role: pg_sys::Oid) -> Self {
        let mut acting = Acting { role: pg_sys::InvalidOid, context: 0, settings: 0 };
        let flags =
            (pg_sys::SECURITY_RESTRICTED_OPERATION | pg_sys::SECURITY_LOCAL_USERID_CHANGE) as i32;
        // SAFETY: the sequence that the server's own maintenance commands use.
        unsafe {
            pg_sys::GetUserIdAndSecContext(&mut acting.role, &mut acting.context);
            pg_sys::SetUserIdAndSecContext(role, acting.context | flags);
            acting.settings = pg_sys::NewGUCNestLevel();
        }
        set_search_path();
        acting
    }

    /// Ends it.
    pub fn end(self) {
        // SAFETY: gives back what begin took, in the opposite order.
        unsafe {
            pg_sys::AtEOXact_GUC(false, self.settings);
            pg_sys::SetUserIdAndSecContext(self.role, self.context);
        }
    }
}

/// A search path of nothing but the catalogue, until the settings level ends.
pub struct SafePath {
    settings: i32,
}

impl SafePath {
    /// Starts.
    pub fn begin() -> Self {
        // SAFETY: a level of settings that end gives back, or the server at an error.
        let settings = unsafe { pg_sys::NewGUCNestLevel() };
        set_search_path();
        SafePath { settings }
    }

    /// Ends it.
    pub fn end(self) {
        // SAFETY: see begin.
        unsafe { pg_sys::AtEOXact_GUC(false, self.settings) };
    }
}

fn set_search_path() {
    // SAFETY: both texts end in zero and outlive the call.
    unsafe {
        pg_sys::set_config_option(
            c"search_path".as_ptr(),
            c"pg_catalog, pg_temp".as_ptr(),
            pg_sys::GucContext::PGC_USERSET,
            pg_sys::GucSource::PGC_S_SESSION,
            pg_sys::GucAction::GUC_ACTION_SAVE,
            true,
            0,
            false,
        );
    }
}

/// The current user.
pub fn current_role() -> pg_sys::Oid {
    // SAFETY: reads what the session knows of itself.
    unsafe { pg_sys::GetUserId() }
}

/// The name of the current user.
pub fn current_user() -> String {
    // SAFETY: the server returns a text that ends in zero, or raises.
    unsafe {
        let name = pg_sys::GetUserNameFromId(pg_sys::GetUserId(), false);
        CStr::from_ptr(name).to_string_lossy().into_owned()
    }
}

/// Keeps others from dropping or replacing a relation until the transaction ends; it may be gone already.
pub fn hold_relation(relation: pg_sys::Oid) {
    // SAFETY: a lock on a number, which the server gives back when the transaction ends.
    unsafe { pg_sys::LockRelationOid(relation, pg_sys::AccessShareLock as i32) };
}

/// Keeps others from reading a relation until the transaction ends, once those that do so have ended: before anything that
/// it reads, as they lock it.
pub fn hold_alone(relation: pg_sys::Oid) {
    // SAFETY: see above.
    unsafe { pg_sys::LockRelationOid(relation, pg_sys::AccessExclusiveLock as i32) };
}

/// Keeps others who call this, and nobody else, waiting until the transaction ends, and a relation from being dropped.
pub fn hold_as_only_writer(relation: pg_sys::Oid) {
    // SAFETY: see above; the server itself never locks a relation as an object.
    unsafe {
        let (class, lock) = (pg_sys::RelationRelationId, pg_sys::ExclusiveLock as i32);
        pg_sys::LockDatabaseObject(class, relation, 0, lock);
    }
    hold_relation(relation);
}

/// How often [`hold_alone_if_free`] tries, and how many microseconds it waits between.
const TRIES: u32 = 50;
const PAUSE: i64 = 10_000;

/// As [`hold_alone`], unless others use one of the relations for half a second; never waits in line for them, where readers
/// would wait behind it. False where it gives up.
pub fn hold_alone_if_free(relations: &[pg_sys::Oid]) -> bool {
    let free = |relation: &pg_sys::Oid| {
        (0..TRIES).any(|at| {
            if at > 0 {
                super::error::poll();
                // SAFETY: sleeps.
                unsafe { pg_sys::pg_usleep(PAUSE) };
            }
            // SAFETY: see above.
            unsafe {
                pg_sys::ConditionalLockRelationOid(
                    relation.to_owned(),
                    pg_sys::AccessExclusiveLock as i32,
                )
            }
        })
    };
    relations.iter().all(free)
}

/// The role that owns a table, which exists.
pub fn table_owner(schema: &CStr, table: &CStr) -> pg_sys::Oid {
    // SAFETY: both texts end in zero; an open relation has a row of the catalogue, and is closed again.
    unsafe {
        let schema = pg_sys::get_namespace_oid(schema.as_ptr(), false);
        let oid = pg_sys::get_relname_relid(table.as_ptr(), schema);
        let relation = pg_sys::relation_open(oid, pg_sys::AccessShareLock as i32);
        let owner = (*(*relation).rd_rel).relowner;
        pg_sys::relation_close(relation, pg_sys::AccessShareLock as i32);
        owner
    }
}

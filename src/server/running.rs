//! What runs in this session: the query's snapshot, parallel workers, changes that triggers have yet to be told of.

use pgrx::pg_sys;
use pgrx::pg_sys::Oid;

/// What tells one snapshot from another: the transactions that it sees, and the commands of its own.
pub type Moment = [u32; 4];

/// The moment as of which the running query sees rows; None outside of a query.
pub fn moment() -> Option<Moment> {
    // SAFETY: reads the snapshot of the running query.
    unsafe {
        if !pg_sys::ActiveSnapshotSet() {
            return None;
        }
        let snapshot = &*pg_sys::GetActiveSnapshot();
        Some([
            snapshot.xmin.into_inner(),
            snapshot.xmax.into_inner(),
            snapshot.xcnt,
            snapshot.curcid,
        ])
    }
}

/// Whether the running query has, or is, parallel workers.
pub fn in_parallel() -> bool {
    // SAFETY: reads a state of the session.
    unsafe { pg_sys::IsInParallelMode() }
}

/// Whether a command that changes rows of a relation is not yet through: its triggers still fire, or will.
pub fn is_changing(relation: Oid) -> bool {
    // SAFETY: reads the triggers that wait in this session.
    unsafe { pg_sys::AfterTriggerPendingOnRel(relation) }
}

/// Whether this transaction has written anything.
pub fn has_written() -> bool {
    // SAFETY: reads a state of the session, which workers are given by their leader.
    unsafe { pg_sys::GetTopTransactionIdIfAny() != pg_sys::TransactionId::INVALID }
}

/// Whether this subtransaction has written anything: then queries through SPI read as of now.
pub fn has_written_here() -> bool {
    // SAFETY: reads a state of the session.
    unsafe { pg_sys::GetCurrentTransactionIdIfAny() != pg_sys::TransactionId::INVALID }
}

/// The locks that conflict with `ShareLock`: those for writing rows are among them.
const CONFLICTING: [u32; 5] = [
    pg_sys::RowExclusiveLock,
    pg_sys::ShareUpdateExclusiveLock,
    pg_sys::ShareRowExclusiveLock,
    pg_sys::ExclusiveLock,
    pg_sys::AccessExclusiveLock,
];

/// Whether this transaction, or that of the leader of this worker, may have written a relation: it holds a
/// lock for that.
pub fn may_have_written(relation: Oid) -> bool {
    // SAFETY: asks the table of locks for one on a relation of this database; a worker has a leader.
    unsafe {
        let tag = pg_sys::LOCKTAG {
            locktag_field1: pg_sys::MyDatabaseId.to_u32(),
            locktag_field2: relation.to_u32(),
            locktag_field3: 0,
            locktag_field4: 0,
            locktag_type: pg_sys::LockTagType::LOCKTAG_RELATION as u8,
            locktag_lockmethodid: pg_sys::DEFAULT_LOCKMETHOD as u8,
        };
        if pg_sys::ParallelWorkerNumber < 0 {
            return CONFLICTING.into_iter().any(|lock| {
                #[cfg(any(feature = "pg15", feature = "pg16"))]
                return pg_sys::LockHeldByMe(&tag, lock as i32);
                #[cfg(not(any(feature = "pg15", feature = "pg16")))]
                return pg_sys::LockHeldByMe(&tag, lock as i32, false);
            });
        }
        let leader = (*pg_sys::MyProc).lockGroupLeader;
        if leader.is_null() {
            return true;
        }
        #[cfg(any(feature = "pg15", feature = "pg16"))]
        let leader = ((*leader).backendId, (*leader).lxid);
        #[cfg(not(any(feature = "pg15", feature = "pg16")))]
        let leader = ((*leader).vxid.procNumber, (*leader).vxid.lxid);
        let mut count = 0;
        let writers = pg_sys::GetLockConflicts(&tag, pg_sys::ShareLock as i32, &mut count);
        let writers = std::slice::from_raw_parts(writers, count as usize);
        writers.iter().any(|writer| {
            #[cfg(any(feature = "pg15", feature = "pg16"))]
            let proc = writer.backendId;
            #[cfg(not(any(feature = "pg15", feature = "pg16")))]
            let proc = writer.procNumber;
            (proc, writer.localTransactionId) == leader
        })
    }
}

//! Refreshing kept histories: those of the customers who were noted, or all.

use super::keep;
use super::notices::{grouped, reading};
use super::stored::Stored;
use crate::kept::{forget_noted, id_of, new_in_this_transaction, partitions_are_known};
use crate::segmentation::options::refuse;
use crate::segmentation::resolve::Resolved;
use crate::server::call::sql_function;
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, fail, notice};
use crate::server::identity::{Acting, hold_relation};
use crate::server::query::changed_value;
use crate::server::registry::{require_writable, write};
use crate::server::snapshot::as_of_now;
use crate::server::step::Step;
use crate::server::version::require_current;
use segmentation::Segmentation;
use segmentation::keep::{fill, refresh_all, refresh_touched};
use segmentation::model::Keep;
use std::cell::Cell;
use std::time::Instant;

sql_function! {
    /// (view, anew).
    fn refresh_segmentation(call) {
        require_current();
        require_writable("refresh_segmentation");
        let view = super::commands::required(call, 0, "view");
        let anew = !call.is_null(1) && call.boolean(1);
        refresh(&view, anew).map(i64::into_datum)
    }
}

thread_local! {
    /// The histories that the refresh under way has come to write.
    static COME_TO: Cell<u64> = const { Cell::new(0) };
}

/// How many histories there are between two messages.
const TOLD_EVERY: u64 = 250_000;

sql_function! {
    /// ().
    fn tells_progress(_call) {
        let count = COME_TO.replace(COME_TO.get() + 1) + 1;
        if count.is_multiple_of(TOLD_EVERY) {
            notice(format!("{} histories so far", grouped(count as i128)));
        }
        Some(true.into_datum())
    }
}

/// Refreshes, and returns for how many customers; None where it only got ready for that.
fn refresh(view: &str, anew: bool) -> Option<i64> {
    let stored = Stored::of(view);
    stored.require_owner("refresh");
    // a statement of its own: what follows sees what the refresh that had the lock before left
    let registered = keep::lock(&stored.identity.id);
    hold_relation(stored.oid);
    let stored = Stored::of(view);
    keep::follow_owner(&stored);
    let acting = Acting::begin(stored.owner);
    keep::follow_option(&stored.identity.id);
    let mut resolved = stored.resolve();
    if !resolved.plan.of.readers.is_empty() {
        stored.fit_customers(&mut resolved);
    }
    let Some(keep) = resolved.plan.of.keep.clone() else { nothing_kept(&stored) };
    let is_armed = registered && keep::is_armed(&resolved);
    if !is_armed {
        resolved.require_keepable();
        keep::arm(&resolved, stored.oid);
    }
    let count = match is_armed || keep.touched.is_none() {
        true => run(&resolved, &keep, anew),
        false => {
            notice(format!(
                "changes of {} are noted from now on; run refresh_segmentation again, in a transaction of its own, to \
                 keep the histories of {}",
                resolved.source.relation.name, stored.quoted
            ));
            None
        }
    };
    acting.end();
    count
}

fn nothing_kept(stored: &Stored) -> ! {
    fail(
        Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
        format!("{} keeps no histories", stored.quoted),
        "Each query reads the orders as they are, so there is nothing to refresh. To keep histories, run \
         alter_segmentation with the option {\"keep\": true}.",
    )
}

/// One refresh of tables that are ready for it.
fn run(resolved: &Resolved, keep: &Keep, anew: bool) -> Option<i64> {
    let s = &resolved.plan.of;
    let start = Instant::now();
    COME_TO.set(0);
    let _step = Step::begin(format!("refresh of {}", keep.kept));
    let holds = || {
        changed_value::<bool>(
            "SELECT customer_value_internal.keeps($1::pg_catalog.uuid)",
            &[s.id.as_str().into()],
        )
    };
    let of_touched =
        refresh_touched(s, keep).filter(|_| !anew && holds() == Some(true) && !are_many(s, keep));
    let (customers, fingerprint) = match of_touched {
        Some(statement) => {
            require_known_partitions(resolved, keep);
            (changed_value::<i64>(&statement, &[])?, None)
        }
        None => {
            let source = &resolved.source.relation;
            if keep.touched.is_some() && new_in_this_transaction(source.oid) {
                notice(format!(
                    "{} was made, rewritten or truncated in this transaction, so its histories can be kept only after it; \
                     until then {} reads the orders",
                    source.name,
                    resolved.view()
                ));
                return None;
            }
            // before the snapshot in which the orders are read: what changes later changes it
            let fingerprint =
                source_fingerprint(resolved).unwrap_or_else(|| cannot_be_kept(resolved));
            require_seen(resolved);
            require_known_partitions(resolved, keep);
            reading(resolved);
            let first: Option<bool> =
                changed_value(&format!("SELECT NOT EXISTS (SELECT FROM {})", keep.kept), &[]);
            let statement = if first == Some(true) { fill(s, keep) } else { refresh_all(s, keep) };
            (changed_value::<i64>(&statement, &[])?, Some(fingerprint))
        }
    };
    id_of(&s.id).iter().for_each(forget_noted);
    store(resolved, fingerprint, start);
    Some(customers)
}

/// Stores what the source was before its orders were read: `fingerprint`, or what is stored. Where it has changed meanwhile,
/// the stored text says so and never matches again: a partition attached in between, and detached later, would leave a source
/// that looks as it did before, and its orders in the histories.
fn store(resolved: &Resolved, fingerprint: Option<String>, start: Instant) {
    let id = resolved.plan.of.id.as_str();
    let now = source_fingerprint(resolved);
    write(
        "UPDATE customer_value.keeping SET kept_at = statement_timestamp(), seconds = $3, \
             fingerprint = pg_catalog.concat(coalesce($2, fingerprint), \
                 CASE WHEN coalesce($2, fingerprint) IS DISTINCT FROM $4 \
                      THEN pg_catalog.concat('changed ', source_oid) END) \
         WHERE segmentation = $1::pg_catalog.uuid",
        &[
            id.into(),
            fingerprint.into(),
            start.elapsed().as_secs_f64().into(),
            now.as_deref().into(),
        ],
    );
    let stored =
        "SELECT fingerprint FROM customer_value.keeping WHERE segmentation = $1::pg_catalog.uuid";
    if changed_value::<String>(stored, &[id.into()]) != now {
        notice(format!(
            "{} was changed while the refresh was reading it, so {} reads the orders until the next refresh",
            resolved.source.relation.name,
            resolved.view()
        ));
    }
}

/// Raises an error where the orders could be read with other partitions than the source has.
fn require_known_partitions(resolved: &Resolved, keep: &Keep) {
    let source = &resolved.source.relation;
    if keep.touched.is_some() && !as_of_now(|| partitions_are_known(source.oid)) {
        fail(
            Code::ERRCODE_T_R_SERIALIZATION_FAILURE,
            format!(
                "could not serialize access: partitions of {} are being attached or detached",
                source.name
            ),
            "Run refresh_segmentation again.",
        )
    }
}

/// Raises an error where the snapshot of this transaction, if it has one for all its statements, is older than a file of the
/// source: it may see nothing of it. After the fingerprint: a file that changes later is not the one that is stored.
fn require_seen(resolved: &Resolved) {
    let source = &resolved.source.relation;
    let rewritten: Option<String> = changed_value(
        "WITH RECURSIVE tree (oid) AS ( \
             SELECT $1::pg_catalog.oid \
             UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN tree AS t ON t.oid = i.inhparent) \
         SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) \
         FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
         WHERE c.oid IN (SELECT t.oid FROM tree AS t) \
           AND c.relfilenode <> pg_catalog.pg_relation_filenode(c.oid) LIMIT 1",
        &[source.oid.into()],
    );
    if let Some(name) = rewritten {
        fail(
            Code::ERRCODE_T_R_SERIALIZATION_FAILURE,
            format!(
                "could not serialize access: {name} was rewritten or truncated after this transaction began"
            ),
            "Run refresh_segmentation again, in a new transaction.",
        )
    }
}

/// Whether so many notes wait that all orders are folded sooner than those of their customers: one by one these cost about
/// eight times as much.
fn are_many(s: &Segmentation, keep: &Keep) -> bool {
    let many = "SELECT c.reltuples > 0 AND n.notes > 1000 AND 8 * n.notes > c.reltuples \
                FROM (SELECT customer_value_internal.touched_count($1::pg_catalog.uuid)) AS n (notes) \
                JOIN pg_catalog.pg_class AS c ON c.oid = $2::pg_catalog.regclass";
    changed_value(many, &[s.id.as_str().into(), keep.kept.as_str().into()]) == Some(true)
}

/// What the source and its triggers are now; None if changes would not be noted.
fn source_fingerprint(resolved: &Resolved) -> Option<String> {
    let now = "SELECT customer_value_internal.source_fingerprint($1::pg_catalog.uuid)";
    changed_value(now, &[resolved.plan.of.id.as_str().into()])
}

fn cannot_be_kept(resolved: &Resolved) -> ! {
    let why = "SELECT customer_value_internal.why_not_kept($1::pg_catalog.uuid)";
    let why: Option<String> = changed_value(why, &[resolved.plan.of.id.as_str().into()]);
    refuse("keep", why.unwrap_or_else(|| "the source cannot be kept as it is now".into()))
}

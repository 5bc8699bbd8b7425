//! The triggers of a source that is kept: they note the customer of each changed row in the table of touched customers,
//! once in a transaction. Whatever is not as it should be, an order goes through: the gate sees it.

use super::fingerprint::{belongs_to, can_hold_notes};
use super::remembered::{Remembered, ToDo};
use super::{Id, id_of, row};
use crate::server::call::{Call, sql_function};
use crate::server::callbacks::{self, OfRelations, OfTransactions};
use crate::server::catalogue::{layout, same_column, type_of_column};
use crate::server::error::{Code, fail};
use crate::server::scan::{Lock, Seen, Table};
use crate::server::trigger::{Changed, Event, Place, with_bytes};
use pgrx::pg_sys::{Datum, Oid};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// Longer customers do not fit into an index; one of them makes all noted.
const LONGEST: usize = 2000;

/// What a trigger does with a row.
#[derive(Clone, Copy)]
struct Job {
    touched: Oid,
    /// The type of its notes.
    noted_type: Oid,
    /// Where the customer is; None where its type is not that of the notes, which then say all.
    customer: Option<Place>,
}

thread_local! {
    /// The jobs of triggers, by relation and trigger, as long as no relation of theirs changes.
    static JOBS: RefCell<HashMap<(u32, u32), Job>> = RefCell::default();
    /// How often relations changed.
    static CHANGES: Cell<u64> = const { Cell::new(0) };
    /// What this transaction has noted, by table of touched customers.
    static NOTED: RefCell<Vec<(Oid, Remembered)>> = const { RefCell::new(Vec::new()) };
    /// Whether the server tells this session of what ends and changes.
    static TOLD: Cell<bool> = const { Cell::new(false) };
}

struct Notes;

impl OfTransactions for Notes {
    fn ended() {
        let _ = NOTED.try_with(|noted| noted.try_borrow_mut().map(|mut noted| noted.clear()));
    }

    fn undone(subtransaction: u32) {
        let _ = NOTED.try_with(|noted| {
            noted.try_borrow_mut().map(|mut noted| {
                noted.iter_mut().for_each(|(_, remembered)| remembered.forget(subtransaction));
            })
        });
    }
}

impl OfRelations for Notes {
    fn changed(relation: Option<Oid>) {
        let _ = CHANGES.try_with(|changes| changes.set(changes.get().wrapping_add(1)));
        let _ = JOBS.try_with(|jobs| {
            jobs.try_borrow_mut().map(|mut jobs| match relation {
                None => jobs.clear(),
                Some(relation) if !jobs.is_empty() => {
                    jobs.retain(|of, job| of.0 != relation.to_u32() && job.touched != relation);
                }
                Some(_) => (),
            })
        });
    }
}

sql_function! {
    /// ().
    fn note_change(call) {
        let event = called_by_trigger(call, "note_change");
        if let Some(job) = job(&event) {
            let [first, second] = event.rows();
            match (first, second, job.customer) {
                (Some(first), second, Some(customer)) => {
                    note(&event, first, job, customer);
                    if let Some(second) = second {
                        note(&event, second, job, customer);
                    }
                }
                _ => note_all(job),
            }
        }
        Some(event.result())
    }
}

sql_function! {
    /// ().
    fn note_truncate(call) {
        let event = called_by_trigger(call, "note_truncate");
        if let Some(job) = job(&event) {
            note_all(job);
        }
        Some(event.result())
    }
}

#[inline]
fn called_by_trigger<'a>(call: &'a Call, function: &str) -> Event<'a> {
    match Event::of(call) {
        Some(event) => event,
        None => fail(
            Code::ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED,
            format!("function {function}() was not called by a trigger"),
            "create_segmentation and alter_segmentation make the triggers that call it, for option \"keep\".",
        ),
    }
}

/// What a trigger does; None if it has nothing to do here.
#[inline]
fn job(event: &Event<'_>) -> Option<Job> {
    let key = (event.relation().to_u32(), event.trigger().to_u32());
    match JOBS.with_borrow(|jobs| jobs.get(&key).copied()) {
        Some(job) => Some(job),
        None => find_job(event, key),
    }
}

#[cold]
fn find_job(event: &Event<'_>, key: (u32, u32)) -> Option<Job> {
    if !TOLD.get() {
        callbacks::tell_of_transactions::<Notes>();
        callbacks::tell_of_relations::<Notes>();
        TOLD.set(true);
    }
    let changes = CHANGES.get();
    let id = id_of(event.argument()?)?;
    let row = row::find(&id, Seen::ByNow).filter(|row| row.is_here)?;
    let (touched, relation) = (row.touched?, event.relation());
    if !belongs_to(relation, row.source) {
        return None;
    }
    let kept_type = can_hold_notes(touched).then(|| type_of_column(touched, 1))??;
    let customer = row
        .columns
        .first()
        .and_then(|customer| match relation == row.source {
            true => Some(*customer),
            false => same_column(row.source, *customer, relation),
        })
        .filter(|column| type_of_column(relation, *column) == Some(kept_type));
    let place = |column| {
        let (length, by_value) = layout(kept_type);
        Place { column, length, by_value }
    };
    let job = Job { touched, noted_type: kept_type, customer: customer.map(place) };
    if CHANGES.get() == changes {
        JOBS.with_borrow_mut(|jobs| jobs.insert(key, job));
    }
    Some(job)
}

/// Notes the customer of a row, unless this transaction has done so. A row without one is nobody's.
#[inline]
fn note(event: &Event<'_>, row: Changed, job: Job, place: Place) {
    let Some(customer) = event.value(row, place) else { return };
    with_bytes(customer, place, |bytes, customer| {
        let to_do = remembered(job.touched, |remembered| match bytes.len() > LONGEST {
            true => remembered.meet_all(callbacks::current_subtransaction),
            false => remembered.meet(bytes, callbacks::current_subtransaction),
        });
        write(job, to_do, Some(customer));
    });
}

/// Notes all customers, unless this transaction has done so.
#[cold]
fn note_all(job: Job) {
    let to_do = remembered(job.touched, |remembered| {
        remembered.meet_all(callbacks::current_subtransaction)
    });
    write(job, to_do, None);
}

#[inline]
fn remembered<T>(touched: Oid, meet: impl FnOnce(&mut Remembered) -> T) -> T {
    NOTED.with_borrow_mut(|noted| {
        let at = noted.iter().position(|(of, _)| *of == touched).unwrap_or_else(|| {
            noted.push((touched, Remembered::default()));
            noted.len() - 1
        });
        meet(&mut noted[at].1)
    })
}

#[inline]
fn write(job: Job, to_do: ToDo, customer: Option<Datum>) {
    match to_do {
        ToDo::Nothing => (),
        ToDo::Note => insert(job, customer),
        ToDo::NoteAll => insert(job, None),
    }
}

/// Forgets whom this transaction has noted: the notes are deleted, so that what changes from now on is noted again.
pub fn forget_noted(id: &Id) {
    if let Some(touched) = row::find(id, Seen::ByNow).and_then(|row| row.touched) {
        NOTED.with_borrow_mut(|noted| noted.retain(|(of, _)| *of != touched));
    }
}

fn insert(job: Job, customer: Option<Datum>) {
    if let Some(table) = Table::open(job.touched, Lock::Write) {
        if table.takes(job.noted_type) {
            table.insert(customer);
        }
        table.close(Lock::Write);
    }
}

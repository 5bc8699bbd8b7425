//! Whether a query may read kept histories: nothing has changed but by customers that are noted, and its reader may read
//! all that histories are made of. Else the view answers from the orders.

use super::fingerprint::{self, Fingerprint, Unfit, fingerprint, restrains};
use super::row::{self, Keeping};
use super::{Id, differences};
use crate::server::call::{Call, sql_function};
use crate::server::callbacks::{self, OfMemory};
use crate::server::catalogue::{acts_as, may_read, may_read_all, name_of_column, shown};
use crate::server::datum::IntoDatum;
use crate::server::error::poll;
use crate::server::identity::current_role;
use crate::server::running::{self, Moment};
use crate::server::scan::{Key, Lock, Seen, Table};
use pgrx::pg_sys::Oid;
use std::cell::RefCell;
use std::ops::ControlFlow;

/// Why histories that are kept are not read.
enum Closed {
    NotKeeping,
    Elsewhere,
    Empty,
    NoRight(Oid, i16),
    RowSecurity(Oid),
    ReadsAsInvoker(Oid),
    Unfit(Unfit),
    Differs { stored: String, now: String, source: Oid },
    Running(Oid),
    AllNoted,
}

fn gate(id: &Id) -> Result<(), Closed> {
    let row = row::find(id, Seen::ByQuery).ok_or(Closed::NotKeeping)?;
    if !row.is_here {
        return Err(Closed::Elsewhere);
    }
    let stored = row.fingerprint.as_ref().ok_or(Closed::Empty)?;
    may_be_read(&row)?;
    let Fingerprint { text, relations, is_detaching } =
        fingerprint(id, &row, Seen::ByQuery).map_err(Closed::Unfit)?;
    if *stored != text {
        return Err(Closed::Differs { stored: stored.clone(), now: text, source: row.source });
    }
    if is_detaching {
        return Err(Closed::Unfit(Unfit::Moving(row.source)));
    }
    if let Some(relation) = relations.into_iter().find(|relation| is_running(*relation)) {
        return Err(Closed::Running(relation));
    }
    match row.touched.is_some_and(all_are_noted) {
        true => Err(Closed::AllNoted),
        false => Ok(()),
    }
}

/// Whether the current user sees with all rows of the source what histories are made of.
fn may_be_read(row: &Keeping) -> Result<(), Closed> {
    let source = row.source;
    let class = fingerprint::source(row).map_err(Closed::Unfit)?;
    // who may read what holds now follows the option of the view at the next refresh; until then, the stricter one counts
    let invoker = row.invoker || reads_as_invoker(row.view);
    if class.row_security && (invoker || restrains(row, &class)) {
        return Err(Closed::RowSecurity(source));
    }
    if !invoker {
        return Ok(());
    }
    let role = current_role();
    if !may_read_all(role, source) {
        for column in &row.columns {
            if !may_read(role, source, *column) {
                return Err(Closed::NoRight(source, *column));
            }
        }
    }
    if class.kind == b'v' && !acts_as(role, class.owner) && reads_as_invoker(source) {
        return Err(Closed::ReadsAsInvoker(source));
    }
    Ok(())
}

fn reads_as_invoker(view: Oid) -> bool {
    Table::open(view, Lock::Read).is_none_or(|table| {
        let invoker = table.reads_as_invoker();
        table.close(Lock::Read);
        invoker
    })
}

/// Whether a command of this session has changed rows of a relation that are not noted yet. Workers do not know of it: there,
/// and for their leader, what counts is whether the transaction may have changed any.
fn is_running(relation: Oid) -> bool {
    match running::in_parallel() {
        true => running::has_written() && running::may_have_written(relation),
        false => running::is_changing(relation),
    }
}

/// Whether the query sees the note that says all customers.
fn all_are_noted(touched: Oid) -> bool {
    // the gate's fingerprint has just found the table
    Table::open(touched, Lock::Read).is_none_or(|table| {
        let index = table.index_of_first_column();
        let keys = [Key::Null(1)];
        let mut found = false;
        table.scan(index, if index.is_some() { &keys } else { &[] }, Seen::ByQuery, |note| {
            poll();
            found = note.datum(1).is_none();
            if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        table.close(Lock::Read);
        found
    })
}

/// How many notes the query sees.
fn notes(touched: Oid) -> Option<i64> {
    let table = Table::open(touched, Lock::Read)?;
    let mut count = 0;
    table.scan(None, &[], Seen::ByQuery, |_| {
        poll();
        count += 1;
        ControlFlow::Continue(())
    });
    table.close(Lock::Read);
    Some(count)
}

// one answer for all parts of a query ---------------------------------------------------------------------------------

/// An answer, as long as the query runs for which it was given.
struct Answer {
    context: usize,
    id: Id,
    moment: Moment,
    open: bool,
}

thread_local! {
    static ANSWERS: RefCell<Vec<Answer>> = const { RefCell::new(Vec::new()) };
}

struct Answers;

impl OfMemory for Answers {
    fn emptied(context: usize) {
        let _ = ANSWERS.try_with(|answers| {
            answers
                .try_borrow_mut()
                .map(|mut answers| answers.retain(|answer| answer.context != context))
        });
    }
}

/// Whether the gate is open: the same for each part of a query, whenever it is asked.
pub fn is_open(call: &Call, id: &Id) -> bool {
    let Some(moment) = running::moment() else { return false };
    let context = call.cache_context() as usize;
    let known = ANSWERS.with_borrow(|answers| {
        let own = || answers.iter().filter(|answer| answer.context == context);
        let known = own().find(|answer| answer.id == *id && answer.moment == moment);
        (known.map(|answer| answer.open), own().next().is_some())
    });
    if let (Some(open), _) = known {
        return open;
    }
    let open = gate(id).is_ok();
    if !known.1 {
        callbacks::tell_of_memory::<Answers>(call.cache_context());
    }
    ANSWERS.with_borrow_mut(|answers| {
        answers.retain(|answer| answer.context != context || answer.id != *id);
        answers.push(Answer { context, id: *id, moment, open });
    });
    open
}

// SQL -----------------------------------------------------------------------------------------------------------------

sql_function! {
    /// (uuid).
    fn keeps(call) Some(is_open(call, &call.uuid(0)).into_datum())
}

sql_function! {
    /// (uuid).
    fn why_not_kept(call) gate(&call.uuid(0)).err().map(|closed| closed.why().as_str().into_datum())
}

sql_function! {
    /// (uuid). A refresh calls it before and after it reads the orders.
    fn source_fingerprint(call) {
        let id = call.uuid(0);
        let row = row::find(&id, Seen::ByQuery).filter(|row| row.is_here)?;
        let fingerprint = fingerprint(&id, &row, Seen::ByQuery).ok()?;
        Some(fingerprint.text.as_str().into_datum())
    }
}

sql_function! {
    /// (uuid).
    fn touched_count(call) {
        let row = row::find(&call.uuid(0), Seen::ByQuery).filter(|row| row.is_here)?;
        notes(row.touched?).map(IntoDatum::into_datum)
    }
}

impl Closed {
    /// For a person: why, in one sentence.
    fn why(self) -> String {
        match self {
            Closed::NotKeeping => "it keeps no histories".into(),
            Closed::Elsewhere => {
                "it came with a dump or from another server, and nothing has been kept here yet"
                    .into()
            }
            Closed::Empty => "nothing has been kept yet".into(),
            Closed::NoRight(source, column) => {
                let column = name_of_column(source, column).unwrap_or_default();
                format!(
                    "{} may not read column \"{column}\" of {}",
                    crate::server::identity::current_user(),
                    shown(source)
                )
            }
            Closed::RowSecurity(source) => format!("{} has row-level security", shown(source)),
            Closed::ReadsAsInvoker(source) => {
                format!("view {} reads its tables with the rights of its reader", shown(source))
            }
            Closed::Unfit(unfit) => unfit.why(),
            Closed::Differs { stored, now, source } => differences::first(&stored, &now, source),
            Closed::Running(relation) => {
                format!("a command of this session is changing {}", shown(relation))
            }
            Closed::AllNoted => {
                "all customers were touched, by TRUNCATE or by a transaction with many of them"
                    .into()
            }
        }
    }
}

impl Unfit {
    fn why(self) -> String {
        match self {
            Unfit::Gone(what) => format!("{what} is gone"),
            Unfit::Renamed(schema, name) => {
                format!("another table than before is called {schema}.{name}, or none")
            }
            Unfit::Relation(relation, what) => format!("{} is {what}", shown(relation)),
            Unfit::Changed(relation) => format!("{} is not as it was made", shown(relation)),
            Unfit::Lacks(lack) => {
                let (relation, notes) = (shown(lack.relation), lack.kind.notes());
                match lack.disabled {
                    None => format!("{relation} lacks the trigger that notes {notes}"),
                    Some(name) => format!("trigger {name} on {relation} is not ENABLE ALWAYS"),
                }
            }
            Unfit::Moving(source) => {
                format!("partitions or children of {} come or go at this moment", shown(source))
            }
        }
    }
}

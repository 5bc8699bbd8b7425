//! All that could let a row of a source change without a note, as a text: two that are equal were taken with nothing of
//! that kind in between.
//!
//! What changes under a lock that readers exclude is read as it is now: files, persistence, row-level security. Triggers,
//! partitions and children change beside readers, but within transactions: these are read as the query sees them, like the
//! rows themselves.

use super::row::{self, Keeping};
use super::{Id, id_of};
use crate::server::catalogue::{Class, acts_as, class, function, named, shown, type_of_column};
use crate::server::error::{Code, fail, poll};
use crate::server::registry::this_place;
use crate::server::running;
use crate::server::scan::{Key, Lock, Row, Seen, Table};
use pgrx::pg_sys;
use pgrx::pg_sys::Oid;
use segmentation::keep::Trigger as Kind;
use std::fmt::Write;
use std::ops::ControlFlow;

/// How `pg_trigger` describes a kind of triggers.
fn tgtype(kind: Kind) -> i16 {
    let bits = match kind {
        Kind::Rows => {
            pg_sys::TRIGGER_TYPE_ROW | pg_sys::TRIGGER_TYPE_INSERT | pg_sys::TRIGGER_TYPE_DELETE
        }
        Kind::Updates => pg_sys::TRIGGER_TYPE_ROW | pg_sys::TRIGGER_TYPE_UPDATE,
        Kind::Truncate => pg_sys::TRIGGER_TYPE_TRUNCATE,
    };
    bits as i16
}

/// A trigger that a relation of a source should have.
#[derive(Debug)]
pub struct Lack {
    /// The relation.
    pub relation: Oid,
    /// What the trigger is for.
    pub kind: Kind,
    /// The name of the trigger, if there is one, which does not fire always.
    pub disabled: Option<String>,
}

/// Why a source cannot be kept as it is.
pub enum Unfit {
    /// Something is gone.
    Gone(&'static str),
    /// Another table, or none, has the name to which the view is bound: schema and name.
    Renamed(String, String),
    /// Rows of a relation change without triggers, or are lost in a crash; what it is.
    Relation(Oid, &'static str),
    /// The table of touched customers is not as it was made.
    Changed(Oid),
    /// A trigger is missing, or disabled.
    Lacks(Lack),
    /// The query sees other partitions or children than there are.
    Moving(Oid),
}

/// A fingerprint, and the relations whose rows it is about.
pub struct Fingerprint {
    /// What is compared.
    pub text: String,
    /// The source, its partitions and children.
    pub relations: Vec<Oid>,
    /// Whether a partition is being detached: queries that run now may have been planned with or without it.
    pub is_detaching: bool,
}

/// The fingerprint of a segmentation's source.
pub fn fingerprint(id: &Id, row: &Keeping, seen: Seen) -> Result<Fingerprint, Unfit> {
    let mut text = String::with_capacity(256);
    let mut relations = Vec::new();
    let mut is_detaching = false;
    line(&mut text, format_args!("place {}", this_place()));
    let of_source = source(row)?;
    let policies = [of_source.row_security, of_source.forced, restrains(row, &of_source)];
    let [enabled, forced, restrained] = policies.map(u8::from);
    let number = row.source.to_u32();
    line(&mut text, format_args!("policies {number} {enabled} {forced} {restrained}"));
    if row.touched.is_some() {
        let tree = Tree::of(row.source, seen)?;
        let source = tree.relations[0];
        fit(source)?;
        for edge in &tree.edges {
            line(
                &mut text,
                format_args!(
                    "child {} {} {} {}",
                    edge.child,
                    edge.parent,
                    u8::from(edge.leaves),
                    edge.xmin
                ),
            );
        }
        let triggers = Triggers::open(id, seen);
        for relation in &tree.relations {
            let class = fit(*relation)?;
            let persistence = char::from(class.persistence);
            line(
                &mut text,
                format_args!("relation {} {} {persistence}", relation.to_u32(), class.file),
            );
            let own = triggers.of(*relation);
            if let Some(lack) = lack(*relation, *relation == source, &class, &own) {
                triggers.close();
                return Err(Unfit::Lacks(lack));
            }
            for trigger in own {
                let enabled = char::from(trigger.enabled);
                line(
                    &mut text,
                    format_args!(
                        "trigger {} {} {enabled} {}",
                        relation.to_u32(),
                        trigger.oid.to_u32(),
                        trigger.xmin
                    ),
                );
            }
        }
        triggers.close();
        is_detaching = tree.edges.iter().any(|edge| edge.leaves);
        relations = tree.relations;
    }
    for (what, table) in [("kept", Some(row.kept)), ("touched", row.touched)] {
        let Some(table) = table else { continue };
        let class = class(table).ok_or(Unfit::Gone(match what {
            "kept" => "the table of kept histories",
            _ => "the table of touched customers",
        }))?;
        if class.persistence != b'p' {
            return Err(Unfit::Relation(table, "unlogged"));
        }
        if what == "touched" && !can_hold_notes(table) {
            return Err(Unfit::Changed(table));
        }
        line(&mut text, format_args!("{what} {} {}", table.to_u32(), class.file));
    }
    Ok(Fingerprint { text, relations, is_detaching })
}

/// Whether a query planned now, under the active snapshot, would read the partitions that it sees.
pub fn partitions_are_known(source: Oid) -> bool {
    Tree::seen(source, Seen::ByQuery).is_planned()
}

/// What the catalogue says of the source, if it is the table that the view reads.
pub fn source(row: &Keeping) -> Result<Class, Unfit> {
    if let Some((schema, name)) = &row.name
        && named(schema, name) != Some(row.source)
    {
        return Err(Unfit::Renamed(schema.clone(), name.clone()));
    }
    class(row.source).ok_or(Unfit::Gone("the source"))
}

/// Whether row-level security keeps rows of the source from the owner of the view, as whom histories are kept. Those who act
/// as the owner of the source see all, unless it is forced.
pub fn restrains(row: &Keeping, source: &Class) -> bool {
    let exempt = || {
        let owner = class(row.view).map(|view| view.owner);
        owner.is_some_and(|owner| acts_as(owner, source.owner))
    };
    source.row_security && (source.forced || !exempt())
}

fn line(text: &mut String, of: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(of);
    text.push('\n');
}

/// What the catalogue says of a relation, if its triggers see all changes of its rows.
fn fit(relation: Oid) -> Result<Class, Unfit> {
    let class = class(relation).ok_or(Unfit::Gone("the source or a partition of it"))?;
    let unfit = match (class.kind, class.persistence) {
        (b'r' | b'p', b'p') => return Ok(class),
        (b'r' | b'p', b'u') => "unlogged",
        (b'r' | b'p', _) => "temporary",
        (b'f', _) => "a foreign table",
        _ => "no table",
    };
    Err(Unfit::Relation(relation, unfit))
}

/// Whether the table of touched customers is one that the server writes below SQL.
pub fn can_hold_notes(touched: Oid) -> bool {
    class(touched).is_some_and(|class| {
        class.kind == b'r'
            && class.persistence == b'p'
            && class.storage == pg_sys::HEAP_TABLE_AM_OID
            && type_of_column(touched, 1).is_some()
    })
}

// partitions and children -------------------------------------------------------------------------------------------

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    child: u32,
    parent: u32,
    /// Whether it is being detached.
    leaves: bool,
    /// Who made it a child: it may have been none for a while.
    xmin: u32,
}

struct Tree {
    /// The source, then all that are below it, by their numbers.
    relations: Vec<Oid>,
    edges: Vec<Edge>,
}

impl Tree {
    /// The tree as a query sees it, if that is as it is.
    fn of(source: Oid, seen: Seen) -> Result<Tree, Unfit> {
        let tree = Tree::seen(source, seen);
        if seen == Seen::ByQuery
            && class(source).is_some_and(|class| class.has_children)
            && tree.edges != Tree::seen(source, Seen::ByNow).edges
        {
            if running::in_parallel() {
                changed_while_running(source);
            }
            return Err(Unfit::Moving(source));
        }
        Ok(tree)
    }

    /// Whether queries planned now read these partitions. A committed change becomes visible to snapshots a moment before
    /// sessions are told to rebuild their caches; until then they plan with the old partitions.
    fn is_planned(&self) -> bool {
        self.relations.iter().all(|relation| {
            if class(*relation).is_none_or(|class| class.kind != b'p') {
                return true;
            }
            let Some(table) = Table::open(*relation, Lock::Read) else { return false };
            let mut planned = table.partitions_in_plans();
            table.close(Lock::Read);
            planned.sort_by_key(|partition| partition.to_u32());
            let number = relation.to_u32();
            let stay = self.edges.iter().filter(|edge| edge.parent == number && !edge.leaves);
            planned.iter().map(|partition| partition.to_u32()).eq(stay.map(|edge| edge.child))
        })
    }

    fn seen(source: Oid, seen: Seen) -> Tree {
        let (mut relations, mut edges, mut next) = (vec![source], Vec::new(), 0);
        while let Some(parent) = relations.get(next).copied() {
            next += 1;
            if class(parent).is_none_or(|class| !class.has_children) {
                continue;
            }
            for edge in inherits(INHERITS_BY_PARENT, PARENT, parent, seen) {
                let child = Oid::from(edge.child);
                if !relations.contains(&child) {
                    relations.push(child);
                }
                edges.push(edge);
            }
            poll();
        }
        relations[1..].sort_by_key(|relation| relation.to_u32());
        edges.sort();
        Tree { relations, edges }
    }
}

/// `pg_inherits` and its indexes.
const INHERITS: Oid = Oid::from_u32(2611);
const INHERITS_BY_CHILD: Oid = Oid::from_u32(2680);
const INHERITS_BY_PARENT: Oid = Oid::from_u32(2187);

/// The columns of `pg_inherits`.
const CHILD: i16 = 1;
const PARENT: i16 = 2;
const LEAVES: i16 = 4;

/// The rows of `pg_inherits` with a relation in a column.
fn inherits(index: Oid, column: i16, relation: Oid, seen: Seen) -> Vec<Edge> {
    let mut edges = Vec::new();
    if let Some(table) = Table::open(INHERITS, Lock::Read) {
        table.scan(Some(index), &[Key::Oid(column, relation)], seen, |row| {
            let number = |column| row.oid(column).map_or(0, |oid| oid.to_u32());
            edges.push(Edge {
                child: number(CHILD),
                parent: number(PARENT),
                leaves: row.boolean(LEAVES),
                xmin: row.xmin(),
            });
            ControlFlow::Continue(())
        });
        table.close(Lock::Read);
    }
    edges
}

/// Whether a relation is a source, or one of its partitions or children.
pub fn belongs_to(relation: Oid, source: Oid) -> bool {
    let mut above = vec![relation];
    let mut next = 0;
    while let Some(child) = above.get(next).copied() {
        if child == source {
            return true;
        }
        for edge in inherits(INHERITS_BY_CHILD, CHILD, child, Seen::ByNow) {
            let parent = Oid::from(edge.parent);
            if !above.contains(&parent) {
                above.push(parent);
            }
        }
        next += 1;
    }
    false
}

#[cold]
fn changed_while_running(source: Oid) -> ! {
    fail(
        Code::ERRCODE_T_R_SERIALIZATION_FAILURE,
        format!("the partitions of {} changed while the query ran", shown(source)),
        "Run it again.",
    )
}

// triggers ----------------------------------------------------------------------------------------------------------

struct Trigger {
    oid: Oid,
    name: String,
    kind: Kind,
    enabled: u8,
    xmin: u32,
}

/// The triggers of a segmentation.
struct Triggers {
    id: Id,
    seen: Seen,
    /// Those that note changes of rows, and of all.
    functions: [Option<Oid>; 2],
    table: Option<Table>,
}

/// The columns of `pg_trigger`.
const RELATION: i16 = 2;
const FUNCTION: i16 = 5;
const TYPE: i16 = 6;
const ENABLED: i16 = 7;
const DEFERRABLE: i16 = 12;
const OF_COLUMNS: i16 = 15;
const ARGUMENTS: i16 = 16;
const CONDITION: i16 = 17;

/// Bytes of a list of columns without any.
const NO_COLUMNS: usize = 20;

impl Triggers {
    fn open(id: &Id, seen: Seen) -> Triggers {
        let functions = [c"note_change", c"note_truncate"];
        Triggers {
            id: *id,
            seen,
            functions: functions.map(|name| function(c"customer_value_internal", name)),
            table: Table::open(pg_sys::TriggerRelationId, Lock::Read),
        }
    }

    /// Those of a relation, by their numbers.
    fn of(&self, relation: Oid) -> Vec<Trigger> {
        let mut found = Vec::new();
        if let Some(table) = &self.table {
            let index = Oid::from(pg_sys::TriggerRelidNameIndexId);
            table.scan(Some(index), &[Key::Oid(RELATION, relation)], self.seen, |row| {
                found.extend(self.read(row));
                ControlFlow::Continue(())
            });
        }
        found.sort_by_key(|trigger| trigger.oid.to_u32());
        found
    }

    /// A trigger, if it is one of ours and does what one should.
    fn read(&self, row: &Row) -> Option<Trigger> {
        let of = row.oid(FUNCTION);
        let kind = Kind::ALL.into_iter().find(|kind| tgtype(*kind) == row.int2(TYPE))?;
        let function = self.functions[usize::from(kind == Kind::Truncate)];
        if function.is_none() || of != function || row.boolean(DEFERRABLE) {
            return None;
        }
        let argument = row.bytes(ARGUMENTS)?.split(|byte| *byte == 0).next()?;
        if id_of(std::str::from_utf8(argument).ok()?) != Some(self.id)
            || (kind == Kind::Rows && row.datum(CONDITION).is_some())
            || row.bytes(OF_COLUMNS).is_some_and(|columns| columns.len() > NO_COLUMNS)
        {
            return None;
        }
        Some(Trigger {
            oid: row.oid(1)?,
            name: row.name(4),
            kind,
            enabled: row.char(ENABLED),
            xmin: row.xmin(),
        })
    }

    fn close(self) {
        if let Some(table) = self.table {
            table.close(Lock::Read);
        }
    }
}

/// The first trigger that a relation lacks. TRUNCATE of a partition shows in its file; of a child that is none, too, unless
/// the file is new in the same transaction.
fn lack(relation: Oid, is_source: bool, class: &Class, own: &[Trigger]) -> Option<Lack> {
    lacks(relation, is_source, class, own).next()
}

fn lacks(
    relation: Oid,
    is_source: bool,
    class: &Class,
    own: &[Trigger],
) -> impl Iterator<Item = Lack> {
    let is_partition = class.is_partition && !is_source;
    Kind::ALL.into_iter().filter(move |kind| !is_partition || *kind != Kind::Truncate).filter_map(
        move |kind| {
            let of_kind = || own.iter().filter(|trigger| trigger.kind == kind);
            if of_kind().any(|trigger| trigger.enabled == b'A') {
                return None;
            }
            Some(Lack { relation, kind, disabled: of_kind().next().map(|one| one.name.clone()) })
        },
    )
}

/// The triggers that the source of a segmentation, its partitions and children lack.
pub fn lacking(id: &Id) -> Vec<Lack> {
    let Some(row) = row::find(id, Seen::ByNow).filter(|row| row.touched.is_some()) else {
        return Vec::new();
    };
    let triggers = Triggers::open(id, Seen::ByNow);
    let mut found = Vec::new();
    for relation in Tree::seen(row.source, Seen::ByNow).relations {
        if let Some(class) = class(relation) {
            let own = triggers.of(relation);
            found.extend(lacks(relation, relation == row.source, &class, &own));
        }
    }
    triggers.close();
    found
}

/// Whether the file of a source, or of one of its partitions and children, is new in this transaction.
pub fn new_in_this_transaction(source: Oid) -> bool {
    Tree::seen(source, Seen::ByNow).relations.into_iter().any(|relation| {
        Table::open(relation, Lock::Read).is_some_and(|table| {
            let is_new = table.is_new();
            table.close(Lock::Read);
            is_new
        })
    })
}

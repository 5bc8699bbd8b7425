//! What stands beside a view whose histories are kept: tables, what readers see of them, and triggers on the source. Made
//! and dropped together with the view, or when options ask for it.

use super::notices::notice_keeping;
use super::stored::Stored;
use super::train::train;
use crate::kept::{Lack, id_of, lacking};
use crate::segmentation::resolve::Resolved;
use crate::server::catalogue::trigger;
use crate::server::dependency::{Class, goes_with, look_anew};
use crate::server::error::{Code, fail};
use crate::server::identity::hold_alone;
use crate::server::query::{column, find_relation, ident, name_of, rows, run, text_of, value};
use crate::server::registry::write;
use crate::server::step::Step;
use pgrx::pg_sys::Oid;
use segmentation::keep as sql;
use segmentation::keep::Trigger;

/// What stands beside the view, as it is registered here.
#[derive(Default)]
struct Registered {
    /// The views, then the tables.
    relations: Vec<Oid>,
    /// What the table holds, as the query that fills it.
    definition: String,
    /// The source that was registered.
    source: Option<Oid>,
}

impl Registered {
    fn find(id: &str) -> Option<Registered> {
        let found = rows(
            "SELECT q.definition, q.kept_now_oid, q.touched_now_oid, q.kept_oid, q.touched_oid, q.source_oid \
             FROM customer_value.keeping AS q \
             WHERE q.segmentation = $1::pg_catalog.uuid AND q.place = customer_value_internal.this_place()",
            &[id.into()],
            |row| Registered {
                definition: text_of(row, 1),
                relations: (2..=5).filter_map(|at| column(row, at)).collect(),
                source: column(row, 6),
            },
        );
        found.into_iter().next()
    }

    /// Those that are there.
    fn relations(&self) -> Vec<Relation> {
        self.relations.iter().filter_map(|oid| Relation::find(*oid)).collect()
    }
}

/// A table or a view of ours.
struct Relation {
    oid: Oid,
    kind: &'static str,
    owner: Oid,
}

impl Relation {
    fn find(oid: Oid) -> Option<Relation> {
        let found = rows(
            "SELECT c.relkind = 'v', c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid = $1",
            &[oid.into()],
            |row| Relation {
                oid,
                kind: if column(row, 1).unwrap_or(false) { "VIEW" } else { "TABLE" },
                owner: column(row, 2).unwrap_or(Oid::INVALID),
            },
        );
        found.into_iter().next()
    }

    fn drop(&self) {
        run(&format!("DROP {} {}", self.kind, name_of(self.oid)));
    }
}

/// What becomes of kept histories when a view is replaced.
pub enum Change {
    /// They stay as they are, or there are none.
    Nothing,
    /// They are made, in the place of others if there are any.
    Make,
    /// They go.
    Drop,
}

impl Change {
    /// What a segmentation asks for now. A view that is made anew takes what stands beside it along.
    pub fn of(resolved: &Resolved, view_anew: bool) -> Change {
        let s = &resolved.plan.of;
        let there = Registered::find(&s.id);
        match (&s.keep, there) {
            (None, None) => Change::Nothing,
            (None, Some(_)) => Change::Drop,
            (Some(_), Some(there)) if !view_anew && there.definition == definition(resolved) => {
                Change::Nothing
            }
            (Some(_), _) => Change::Make,
        }
    }

    /// Trains from the orders where kept histories are not made yet, or are others'.
    pub fn train(&self, resolved: &mut Resolved, by: &str) {
        let keep = match self {
            Change::Nothing => None,
            Change::Make | Change::Drop => resolved.plan.of.keep.take(),
        };
        train(resolved, by);
        if keep.is_some() {
            resolved.plan.of.keep = keep;
        }
    }

    /// Makes what the new view will read. To be called as the owner of the view.
    pub fn prepare(&self, resolved: &Resolved, view: Oid) {
        if !matches!(self, Change::Make) {
            return;
        }
        hold_alone(view);
        let there = Registered::find(&resolved.plan.of.id).unwrap_or_default();
        for relation in there.relations() {
            let aside = ident(&format!("old_{}_{}", relation.oid.to_u32(), resolved.plan.of.id));
            run(&format!("ALTER {} {} RENAME TO {aside}", relation.kind, name_of(relation.oid)));
        }
        make(resolved);
    }

    /// Drops what the old view read, and has changes noted. Last of all: writers of the source wait from here on.
    pub fn finish(&self, resolved: &Resolved, view: Oid) {
        let id = &resolved.plan.of.id;
        match self {
            Change::Nothing => follow_option(id),
            Change::Make => {
                let old = Registered::find(id).unwrap_or_default().relations();
                drop_triggers(id);
                old.iter().for_each(Relation::drop);
                arm(resolved, view);
                notice_keeping(resolved);
            }
            Change::Drop => drop(id),
        }
    }
}

/// What the table would hold: its columns, and how it would note changes.
fn definition(resolved: &Resolved) -> String {
    let s = &resolved.plan.of;
    let notes = s.keep.as_ref().is_some_and(|keep| keep.touched.is_some());
    format!("{}\n-- notes: {notes}, of {}", sql::definition(s), resolved.source.relation.name)
}

/// Makes tables, and what readers see of them.
pub fn make(resolved: &Resolved) {
    let s = &resolved.plan.of;
    let Some(keep) = &s.keep else { return };
    let _step = Step::begin(format!(
        "creation of the tables that keep the histories of {}",
        resolved.view()
    ));
    run(&sql::tables(s, keep));
    run(&sql::comments(s, keep));
}

/// Whether the tables are registered as those of this server and of this source, each change of which is noted.
pub fn is_armed(resolved: &Resolved) -> bool {
    let (id, source) = (&resolved.plan.of.id, resolved.source.relation.oid);
    Registered::find(id).is_some_and(|there| there.source == Some(source))
        && first_lack(id).is_none()
}

/// Registers the tables, and has changes of the source noted from now on. Who writes it has ended when this has its lock, and
/// everybody else waits until the transaction ends.
pub fn arm(resolved: &Resolved, view: Oid) {
    let s = &resolved.plan.of;
    let Some(keep) = &s.keep else { return };
    let source = &resolved.source.relation;
    let _step = Step::begin(format!("creation of triggers on {}", source.name));
    if keep.touched.is_some() {
        run(&format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", source.name));
    }
    register(resolved, view);
    open_to_readers(&s.id, s.security_invoker);
    // those of a partitioned table have the server make those of its partitions
    while let Some(lack) = first_lack(&s.id) {
        mend(resolved, lack);
    }
    hold_together(&s.id, view);
    look_anew(source.oid);
}

/// The first trigger that the source, a partition or a child lacks.
fn first_lack(id: &str) -> Option<Lack> {
    lacking(&id_of(id)?).into_iter().next()
}

/// Makes a trigger, or has it fire.
fn mend(resolved: &Resolved, Lack { relation, kind, disabled }: Lack) {
    let s = &resolved.plan.of;
    let name = kind.name(&s.id);
    let taken = trigger(relation, &name).is_some();
    let relation = name_of(relation);
    if let Some(name) = disabled {
        return run(&format!("ALTER TABLE {relation} ENABLE ALWAYS TRIGGER {}", ident(&name)));
    }
    if taken {
        // one of this name that does something else
        run(&format!("DROP TRIGGER {name} ON {relation}"));
    }
    let columns = resolved.columns_of_histories();
    let columns: Vec<String> = columns.iter().map(|column| column.name.to_string()).collect();
    run(&sql::trigger(s, kind, &relation, &columns));
}

/// Writes the row of what stands beside the view. Nothing is kept yet.
fn register(resolved: &Resolved, view: Oid) {
    let s = &resolved.plan.of;
    let Some(keep) = &s.keep else { return };
    let columns: Vec<&str> =
        resolved.columns_of_histories().iter().map(|column| column.name.text.as_str()).collect();
    let oid = |name: &String| find_relation("view", name);
    let (touched, touched_now) =
        keep.touched.as_ref().map(|touched| (oid(&touched.table), oid(&touched.now))).unzip();
    write(
        "INSERT INTO customer_value.keeping AS q (segmentation, place, source_oid, source_schema, source_name, \
             kept_oid, kept_now_oid, touched_oid, touched_now_oid, columns, invoker, definition, \
             view_oid) \
         SELECT $1::pg_catalog.uuid, customer_value_internal.this_place(), c.oid, \
             CASE WHEN $3 THEN n.nspname::text END, CASE WHEN $3 THEN c.relname::text END, \
             $4, $5, $6, $7, \
             ARRAY(SELECT a.attnum FROM pg_catalog.json_array_elements_text($8::pg_catalog.json) WITH ORDINALITY \
                       AS k (name, place) \
                   JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = k.name ORDER BY k.place), \
             $9, $10, $11 \
         FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = $2 \
         ON CONFLICT (segmentation) DO UPDATE SET place = excluded.place, source_oid = excluded.source_oid, \
             source_schema = excluded.source_schema, source_name = excluded.source_name, \
             kept_oid = excluded.kept_oid, kept_now_oid = excluded.kept_now_oid, \
             touched_oid = excluded.touched_oid, touched_now_oid = excluded.touched_now_oid, \
             columns = excluded.columns, invoker = excluded.invoker, definition = excluded.definition, \
             view_oid = excluded.view_oid, \
             fingerprint = NULL, kept_at = NULL, seconds = NULL",
        &[
            s.id.as_str().into(),
            resolved.source.relation.oid.into(),
            resolved.source.by_name.into(),
            oid(&keep.kept).into(),
            oid(&keep.kept_now).into(),
            touched.flatten().into(),
            touched_now.flatten().into(),
            serde_json::to_string(&columns).unwrap_or_default().into(),
            s.security_invoker.into(),
            definition(resolved).into(),
            view.into(),
        ],
    );
}

/// Leaves rights on what stands beside the view to its owner alone, whatever default privileges gave; where the view reads
/// with the rights of its readers, everybody may read what holds now.
fn open_to_readers(id: &str, invoker: bool) {
    for relation in Registered::find(id).unwrap_or_default().relations() {
        let name = name_of(relation.oid);
        let others = rows(
            "SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' \
                 ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END \
             FROM pg_catalog.pg_class AS c CROSS JOIN pg_catalog.aclexplode(c.relacl) AS a \
             WHERE c.oid = $1 AND a.grantee <> c.relowner",
            &[relation.oid.into()],
            |row| text_of(row, 1),
        );
        others.iter().for_each(|role| run(&format!("REVOKE ALL ON {name} FROM {role} CASCADE")));
        if invoker && relation.kind == "VIEW" {
            run(&format!("GRANT SELECT ON {name} TO PUBLIC"));
        }
    }
}

/// Lets tables and triggers go with the view.
fn hold_together(id: &str, view: Oid) {
    let there = Registered::find(id).unwrap_or_default();
    there.relations.iter().for_each(|relation| goes_with(Class::Relation, *relation, view));
    for trigger in triggers(id) {
        goes_with(Class::Trigger, trigger.oid, view);
    }
}

/// A trigger that notes changes.
struct Noting {
    oid: Oid,
    relation: Oid,
    name: String,
}

/// The triggers of a segmentation, but for those that come and go with others. An old snapshot sees a trigger that others
/// have dropped, and one that they have changed twice if this transaction has changed it too.
fn triggers(id: &str) -> Vec<Noting> {
    let names: Vec<String> = Trigger::ALL.iter().map(|kind| kind.name(id)).collect();
    let mut found = rows(
        "SELECT DISTINCT t.oid, t.tgrelid, t.tgname::text FROM pg_catalog.pg_trigger AS t \
         WHERE t.tgname = ANY ($1::text::text[]) AND t.tgparentid = 0 AND NOT t.tgisinternal ORDER BY t.oid",
        &[format!("{{{}}}", names.join(",")).into()],
        |row| Noting {
            oid: column(row, 1).unwrap_or(Oid::INVALID),
            relation: column(row, 2).unwrap_or(Oid::INVALID),
            name: text_of(row, 3),
        },
    );
    found.retain(|of| trigger(of.relation, &of.name) == Some(of.oid));
    found
}

fn drop_triggers(id: &str) {
    let mut tables: Vec<Oid> = triggers(id).iter().map(|trigger| trigger.relation).collect();
    tables.dedup();
    for table in tables {
        // from the top down, as writers lock a table and its partitions
        run(&format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", name_of(table)));
    }
    // those that are there once nobody else can drop them
    for Noting { name, relation, .. } in triggers(id) {
        run(&format!("DROP TRIGGER {} ON {}", ident(&name), name_of(relation)));
    }
}

/// Drops what stands beside a view that no longer reads it, or is gone. Triggers first: who writes has a lock on the source
/// before one on the notes.
pub fn drop(id: &str) {
    drop_triggers(id);
    Registered::find(id).unwrap_or_default().relations().iter().for_each(Relation::drop);
    forget(id);
}

/// Drops what a view that is gone has left in a database to which it was restored; it belongs to its owner.
pub fn drop_left(id: &str, owner: Oid) {
    drop(id);
    let left = rows(
        "SELECT c.oid FROM pg_catalog.pg_description AS d JOIN pg_catalog.pg_class AS c ON c.oid = d.objoid \
         WHERE d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0 AND c.relowner = $2 \
           AND c.relkind IN ('r', 'v') AND pg_catalog.right(d.description, pg_catalog.length($1)) = $1 \
         ORDER BY c.relkind DESC, c.oid",
        &[sql::mark(id).into(), owner.into()],
        |row| column::<Oid>(row, 1).unwrap_or(Oid::INVALID),
    );
    left.into_iter().filter_map(Relation::find).for_each(|relation| relation.drop());
}

/// Forgets what was kept.
fn forget(id: &str) {
    write(
        "DELETE FROM customer_value.keeping WHERE segmentation = $1::pg_catalog.uuid",
        &[id.into()],
    );
}

/// Gives what stands beside the view to its owner, where the view was given to another one.
pub fn follow_owner(stored: &Stored) {
    for relation in Registered::find(&stored.identity.id).unwrap_or_default().relations() {
        if relation.owner != stored.owner {
            require_handover(stored, &relation);
            let (kind, name, owner) =
                (relation.kind, name_of(relation.oid), ident(&stored.owner_name));
            run(&format!("ALTER {kind} {name} OWNER TO {owner}"));
        }
    }
}

/// Has readers read what holds now with their own rights, or the view alone with those of its owner, as the view reads now.
pub fn follow_option(id: &str) {
    let invoker: Option<bool> = value(
        "SELECT n.invoker FROM customer_value.keeping AS q CROSS JOIN LATERAL ( \
             SELECT coalesce((SELECT o.option_value::pg_catalog.bool FROM pg_catalog.pg_options_to_table(c.reloptions) AS o \
                              WHERE o.option_name = 'security_invoker'), false) AS invoker \
             FROM pg_catalog.pg_class AS c WHERE c.oid = q.view_oid) AS n \
         WHERE q.segmentation = $1::pg_catalog.uuid AND q.place = customer_value_internal.this_place() \
           AND q.invoker <> n.invoker",
        &[id.into()],
    );
    let Some(invoker) = invoker else { return };
    open_to_readers(id, invoker);
    let sql =
        "UPDATE customer_value.keeping SET invoker = $2 WHERE segmentation = $1::pg_catalog.uuid";
    write(sql, &[id.into(), invoker.into()]);
}

/// Raises an error unless the user may give away what the role owns that owned the view before.
fn require_handover(stored: &Stored, relation: &Relation) {
    let old: Option<String> = value(
        "SELECT pg_catalog.pg_get_userbyid($1)::text WHERE NOT pg_catalog.pg_has_role($1, 'USAGE')",
        &[relation.owner.into()],
    );
    if let Some(old) = old {
        fail(
            Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
            format!(
                "{} still belongs to role \"{old}\", which owned {} before",
                name_of(relation.oid),
                stored.quoted
            ),
            "A member of both roles, or a superuser, can hand it over: refresh_segmentation does so.",
        )
    }
}

/// Keeps other sessions from refreshing or changing what is kept until the transaction ends. False if nothing is.
pub fn lock(id: &str) -> bool {
    let sql =
        "SELECT FROM customer_value.keeping WHERE segmentation = $1::pg_catalog.uuid FOR UPDATE";
    write(sql, &[id.into()]) > 0
}

//! The function beside a view, and those through which a view reads tables that it is bound to by name. All are known as
//! ours by a mark in their bodies, so that no function of a user is taken for one.

use super::stored::Stored;
use crate::segmentation::resolve::{FUNCTION_SUFFIX, Resolved, beside};
use crate::server::error::{Code, fail};
use crate::server::identity::{Acting, current_role};
use crate::server::query::{column, ident, literal, rows, run, text_of, value};
use pgrx::pg_sys::Oid;
use segmentation::model::Reader;
use segmentation::view as sql;

/// A function of ours.
struct Function {
    oid: Oid,
    name: String,
    in_place: bool,
    has_owner: bool,
    may_change: bool,
}

impl Function {
    /// Its name with schema and arguments, as it is now.
    fn signature(&self) -> String {
        signature(self.oid)
    }

    /// Gives it the owner of the view.
    fn follow_owner(&self, stored: &Stored) {
        if !self.has_owner {
            let command = format!(
                "ALTER FUNCTION {} OWNER TO {}",
                self.signature(),
                ident(&stored.owner_name)
            );
            if !self.may_change {
                fail(
                    Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
                    format!(
                        "function {} beside the view still has another owner",
                        self.signature()
                    ),
                    format!("Ask that owner or a superuser to run {command}."),
                )
            }
            run(&command);
        }
    }

    /// Gives it the owner and the schema of the view, and the name that goes with it. Dependent objects do not notice.
    fn follow(&self, stored: &Stored, wanted: &str) {
        self.follow_owner(stored);
        let acting = Acting::begin(stored.owner);
        if !self.in_place {
            let schema = ident(&stored.identity.schema);
            run(&format!("ALTER FUNCTION {} SET SCHEMA {schema}", self.signature()));
        }
        if self.name != wanted {
            self.require_free(&stored.identity.schema, wanted);
            run(&format!("ALTER FUNCTION {} RENAME TO {}", self.signature(), ident(wanted)));
        }
        acting.end();
    }
}

impl Function {
    /// Raises an error if another function has the name that this one should have.
    fn require_free(&self, schema: &str, wanted: &str) {
        let taken: Option<String> = value(
            "SELECT p.oid::pg_catalog.regprocedure::text \
             FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace \
             WHERE n.nspname = $1 AND p.proname = $2 \
               AND p.proargtypes = (SELECT o.proargtypes FROM pg_catalog.pg_proc AS o WHERE o.oid = $3)",
            &[schema.into(), wanted.into(), self.oid.into()],
        );
        if let Some(signature) = taken {
            name_taken(&signature)
        }
    }
}

fn signature(function: Oid) -> String {
    let sql = "SELECT $1::pg_catalog.regprocedure::pg_catalog.text";
    value(sql, &[function.into()]).unwrap_or_default()
}

/// Functions that a condition on `p` finds, beside the view `c`: of its owner, or of the one that it had when it was last
/// written. Anybody else can write what looks like one of ours.
fn find(stored: &Stored, condition: &str) -> Vec<Function> {
    let sql = format!(
        "SELECT p.oid, p.proname::text, p.pronamespace = c.relnamespace, p.proowner = c.relowner, \
                pg_catalog.pg_has_role(p.proowner, 'USAGE') \
         FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_class AS c ON c.oid = $1 \
         WHERE NOT p.prosecdef AND p.proowner IN (c.relowner, $3) AND ({condition}) \
         ORDER BY p.proname <> $2, p.oid"
    );
    let name = beside(&stored.identity.name, FUNCTION_SUFFIX);
    rows(&sql, &[stored.oid.into(), name.into(), stored.kept_owner.into()], |row| Function {
        oid: column(row, 1).unwrap_or(Oid::INVALID),
        name: text_of(row, 2),
        in_place: column(row, 3).unwrap_or(false),
        has_owner: column(row, 4).unwrap_or(false),
        may_change: column(row, 5).unwrap_or(false),
    })
}

/// A constant of type uuid as the server stores it in the body of a function. Writing bodies as SQL would lock what they
/// read: other views, and their sources.
fn stored_constant(id: &str) -> String {
    let digits: String = id.chars().filter(char::is_ascii_hexdigit).collect();
    let byte = |at: usize| digits.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    let bytes = (0..digits.len()).step_by(2).filter_map(byte);
    let bytes: Vec<String> = bytes.map(|byte| (byte as i8).to_string()).collect();
    format!(":constvalue 16 [ {} ]", bytes.join(" "))
}

/// The function beside the view: the one of that name, if a user has copied it.
fn beside_view(stored: &Stored) -> Option<Function> {
    let mark = literal(&stored_constant(&stored.identity.id));
    let condition = format!(
        "p.prorettype = c.reltype AND p.proretset AND p.pronargs = 1 \
         AND p.proargtypes[0] = (SELECT a.atttypid FROM pg_catalog.pg_attribute AS a \
                                 WHERE a.attrelid = c.oid AND a.attnum = 1) \
         AND pg_catalog.strpos(p.prosqlbody::pg_catalog.text, {mark}) > 0"
    );
    find(stored, &condition).into_iter().next()
}

/// The functions through which the view reads tables.
fn readers(stored: &Stored) -> Vec<Function> {
    let id = literal(&sql::mark_end(&stored.identity.id));
    let condition = format!(
        "p.oid IN (SELECT d.refobjid FROM pg_catalog.pg_depend AS d \
                   JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid \
                   WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass \
                     AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND r.ev_class = c.oid) \
         AND pg_catalog.starts_with(p.prosrc, '-- the ') \
         AND pg_catalog.strpos(pg_catalog.split_part(p.prosrc, pg_catalog.chr(10), 1), {id}) > 0"
    );
    find(stored, &condition)
}

/// What a function through which a view reads a table holds, by the mark in its body.
fn holds(function: Oid) -> String {
    let sql = "SELECT pg_catalog.split_part(pg_catalog.split_part(p.prosrc, ' of segmentation ', 1), '-- the ', 2) \
               FROM pg_catalog.pg_proc AS p WHERE p.oid = $1";
    value(sql, &[function.into()]).unwrap_or_default()
}

/// Takes what was done to the view by hand over to its functions: new name, schema, owner.
pub fn follow(stored: &Stored) {
    if let Some(function) = beside_view(stored) {
        function.follow(stored, &beside(&stored.identity.name, FUNCTION_SUFFIX));
    }
    for reader in readers(stored) {
        let suffix = format!("_{}", holds(reader.oid));
        reader.follow(stored, &beside(&stored.identity.name, &suffix));
    }
}

/// The number of the function beside the view.
pub fn number(stored: &Stored) -> Option<Oid> {
    beside_view(stored).map(|function| function.oid)
}

/// Drops the function beside the view, and the view.
pub fn drop_view(stored: &Stored) {
    if let Some(function) = beside_view(stored) {
        function.follow_owner(stored);
        run(&format!("DROP FUNCTION {}", function.signature()));
    }
    run(&format!("DROP VIEW {}", stored.quoted));
}

/// Drops the function beside the view, the view, and the functions through which it reads.
pub fn drop_all(stored: &Stored) {
    let readers = readers(stored);
    readers.iter().for_each(|reader| reader.follow_owner(stored));
    drop_view(stored);
    drop_readers(readers.iter().map(|reader| reader.oid).collect());
}

/// Whether the functions beside a view still belong to another role than the view, and whether the user may change that.
pub fn strangers(stored: &Stored) -> (bool, bool) {
    let functions = readers(stored).into_iter().chain(beside_view(stored));
    let others: Vec<Function> = functions.filter(|function| !function.has_owner).collect();
    (!others.is_empty(), others.iter().all(|function| function.may_change))
}

/// Drops the functions through which a view that is gone has read; they are those of its owner.
pub fn drop_orphans(id: &str, owner: Oid) {
    let left = rows(
        "SELECT p.oid FROM pg_catalog.pg_proc AS p \
         WHERE p.prokind = 'f' AND p.pronargs = 0 AND p.proowner = $2 AND pg_catalog.starts_with(p.prosrc, '-- the ') \
           AND pg_catalog.strpos(pg_catalog.split_part(p.prosrc, pg_catalog.chr(10), 1), $1) > 0",
        &[sql::mark_end(id).into(), owner.into()],
        |row| column::<Oid>(row, 1).unwrap_or(Oid::INVALID),
    );
    drop_readers(left);
}

/// Functions that a view no longer reads through.
#[must_use]
pub struct Obsolete(Vec<Oid>);

impl Obsolete {
    /// Drops them.
    pub fn drop(self) {
        drop_readers(self.0);
    }
}

fn drop_readers(functions: Vec<Oid>) {
    for function in functions {
        run(&format!("DROP FUNCTION {}", signature(function)));
    }
}

/// Makes the functions through which a view will read tables, or replaces those that are there. Returns those that it will
/// read through no longer, to be dropped once the view is replaced: other tables, or other columns.
pub fn make_readers(resolved: &Resolved, stored: Option<&Stored>) -> Obsolete {
    let s = &resolved.plan.of;
    let mut obsolete: Vec<Oid> =
        stored.map(readers).into_iter().flatten().map(|reader| reader.oid).collect();
    for reader in resolved.plan.readers() {
        let there = there(resolved, &reader, stored);
        let replace = there.as_ref().is_some_and(|there| there.columns == columns_of(&reader));
        if let Some(There { oid, .. }) = there {
            obsolete.retain(|other| *other != oid);
            if !replace {
                obsolete.push(oid);
                let old = ident(&format!("old_{}_{}", reader.holds, s.id));
                run(&format!("ALTER FUNCTION {} RENAME TO {old}", signature(oid)));
            }
        }
        run(&sql::reader(s, &reader, replace));
        let name = format!("{}.{}()", s.schema, reader.name);
        let comment = format!(
            "The {} of {}, read from whatever is called {}",
            reader.holds,
            s.view_name(),
            reader.relation
        );
        run(&format!("COMMENT ON FUNCTION {name} IS {}", literal(&comment)));
        if !replace {
            run(&format!("GRANT EXECUTE ON FUNCTION {name} TO PUBLIC"));
            // else it would stay where the extension goes
            run(&format!("ALTER FUNCTION {name} DEPENDS ON EXTENSION customer_value"));
        }
    }
    Obsolete(obsolete)
}

fn columns_of(reader: &Reader) -> String {
    let columns =
        reader.columns.iter().map(|column| format!("{} {}", column.name, column.type_name));
    columns.collect::<Vec<_>>().join(", ")
}

/// A function that has the name of a reader.
struct There {
    oid: Oid,
    columns: String,
    query: String,
}

/// The function that has the name of a reader, if there is one; an error if it is not ours.
fn there(resolved: &Resolved, reader: &Reader, stored: Option<&Stored>) -> Option<There> {
    let s = &resolved.plan.of;
    let found = rows(
        "SELECT p.oid, p.prosrc, p.proowner IN ($3, $4) AND NOT p.prosecdef, \
                (SELECT pg_catalog.string_agg(pg_catalog.format('%I %I.%I', a.name, m.nspname, t.typname), ', ' \
                                              ORDER BY a.place) \
                 FROM unnest(p.proargnames, p.proallargtypes) WITH ORDINALITY AS a (name, type, place) \
                 JOIN pg_catalog.pg_type AS t ON t.oid = a.type \
                 JOIN pg_catalog.pg_namespace AS m ON m.oid = t.typnamespace) \
         FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace \
         WHERE n.nspname = $1 AND p.proname = $2 AND p.pronargs = 0",
        // whoever acts here owns the view; functions may not have been handed over yet
        &[
            s.schema.text.as_str().into(),
            reader.name.text.as_str().into(),
            current_role().into(),
            stored.and_then(|stored| stored.kept_owner).into(),
        ],
        |row| {
            let oid = column::<Oid>(row, 1).unwrap_or(Oid::INVALID);
            (oid, text_of(row, 2), column::<bool>(row, 3).unwrap_or(false), text_of(row, 4))
        },
    );
    let (oid, body, owned, columns) = found.into_iter().next()?;
    let (mark, query) = body.split_once('\n').unwrap_or((&body, ""));
    let ours = mark.starts_with(&format!("-- the {} of segmentation", reader.holds));
    if !owned || !ours || !mark.ends_with(&sql::mark_end(&s.id)) {
        name_taken(&format!("{}()", reader.name.text))
    }
    Some(There { oid, columns, query: query.to_owned() })
}

/// Makes the function beside a view, or replaces it; one whose argument had another type is gone by then.
pub fn make(
    resolved: &Resolved,
    stored: Option<&Stored>,
    columns: &[segmentation::model::ViewColumn],
) {
    let there = stored.and_then(beside_view).is_some();
    if !there {
        check_name(resolved);
    }
    let s = &resolved.plan.of;
    run(&sql::function(&resolved.plan, columns, there));
    if !there {
        let signature = s.function_signature();
        run(&format!("GRANT EXECUTE ON FUNCTION {signature} TO PUBLIC"));
    }
}

/// Raises an error if there is a function already where the one beside the view would be.
pub fn check_name(resolved: &Resolved) {
    let s = &resolved.plan.of;
    let taken: Option<bool> = value(
        "SELECT true FROM pg_catalog.pg_proc AS p \
         JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace \
         WHERE n.nspname = $1 AND p.proname = $2 AND p.proargtypes[0] = $3 AND p.pronargs = 1",
        &[
            s.schema.text.as_str().into(),
            s.function.text.as_str().into(),
            resolved.source.customer.type_oid.into(),
        ],
    );
    if taken.is_some() {
        name_taken(&format!("{}({})", s.function.text, resolved.source.customer.type_name))
    }
}

fn name_taken(signature: &str) -> ! {
    fail(
        Code::ERRCODE_DUPLICATE_FUNCTION,
        format!("function {signature} already exists"),
        "A function beside the view would have this name; choose another name for the view.",
    )
}

/// A function through which a view reads that is not what would be made now, if there is one.
pub fn readers_differ(resolved: &Resolved, stored: Option<&Stored>) -> Option<String> {
    let differs = |reader: &Reader| {
        let now = there(resolved, reader, stored).map(|there| (there.columns, there.query));
        now != Some((columns_of(reader), sql::reader_query(&resolved.plan.of, reader)))
    };
    let readers = resolved.plan.readers();
    readers.iter().find(|reader| differs(reader)).map(|reader| reader.name.text.clone())
}

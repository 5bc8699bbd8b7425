//! Making a view anew without the columns that its options no longer ask for. A view can lose a column only by being
//! dropped, so what users did to it is kept here: grants, comments, options.

use super::function;
use super::stored::Stored;
use crate::segmentation::resolve::Resolved;
use crate::server::error::{Code, fail};
use crate::server::names::listed;
use crate::server::query::{changed_value, column, rows, run, text_of, value};
use pgrx::pg_sys::Oid;
use segmentation::sql::literal;
use segmentation::view::{Comment, Of};

/// What depends on the view $1, its row type, or the function $2 beside it: other views, functions, triggers, rules.
const DEPENDENTS: &str = "
    WITH ours (class, oid) AS (
        SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, $1
        UNION ALL
        SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_type AS r ON r.oid = c.reltype
        JOIN pg_catalog.pg_type AS t ON t.oid IN (r.oid, r.typarray)
        WHERE c.oid = $1
        UNION ALL
        SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, $2 WHERE $2 IS NOT NULL
    ), found AS (
        SELECT CASE WHEN w.rulename = '_RETURN'
                    THEN pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, w.ev_class, 0)
                    ELSE pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) END AS name
        FROM pg_catalog.pg_depend AS d
        JOIN ours AS o ON d.refclassid = o.class AND d.refobjid = o.oid
        LEFT JOIN pg_catalog.pg_rewrite AS w
            ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = d.objid
        WHERE NOT EXISTS (SELECT FROM ours AS m WHERE m.class = d.classid AND m.oid = d.objid)
          AND (w.ev_class = $1 AND w.rulename = '_RETURN') IS NOT TRUE
        UNION ALL
        SELECT 'security label for ' || l.provider FROM pg_catalog.pg_seclabel AS l
        JOIN ours AS o ON l.classoid = o.class AND l.objoid = o.oid
    )
    SELECT DISTINCT f.name FROM found AS f ORDER BY 1";

/// What a role may do with a relation, as GRANT writes it, by the items `a` of an access list.
const TO: &str = "CASE a.grantee WHEN 0 THEN 'PUBLIC' \
                       ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END";

/// What users did to the view and the function beside it.
pub struct Kept {
    /// Rights on the view, on its columns, and on the function: commands.
    grants: Vec<String>,
    /// Comments that are users' own.
    comments: Vec<Comment>,
    /// Those that users took away.
    bare: Vec<Of>,
}

impl Kept {
    /// Of a segmentation that is to lose columns, and what of it will have comments.
    pub fn of(
        stored: &Stored,
        resolved: &Resolved,
        dropped: &[String],
        commented: impl Iterator<Item = Of>,
    ) -> Kept {
        let function = function::number(stored);
        let signature = resolved.plan.of.function_signature();
        let mut grants = grants_on_view(stored, dropped);
        grants.extend(function.into_iter().flat_map(|oid| grants_on_function(oid, &signature)));
        let mut kept = Kept { grants, comments: Vec::new(), bare: Vec::new() };
        for of in commented {
            let written = stored.written.comment(&of);
            match comment_now(stored, &of, || function) {
                Some(text) if Some(text.as_str()) == written => {}
                Some(text) => kept.comments.push(Comment { of, text }),
                None if written.is_some() => kept.bare.push(of),
                None => {}
            }
        }
        kept
    }

    /// Gives it to the view and the function that were made anew.
    pub fn give_back(self, resolved: &Resolved) {
        let s = &resolved.plan.of;
        let (view, signature) = (s.view_name(), s.function_signature());
        let (of_view, of_function) = (literal(&view), literal(&signature));
        revoke_all(
            &view,
            &format!(
                "SELECT coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner)) AS rights \
                 FROM pg_catalog.pg_class AS c WHERE c.oid = {of_view}::pg_catalog.regclass"
            ),
        );
        revoke_all(
            &format!("FUNCTION {signature}"),
            &format!(
                "SELECT coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner)) AS rights \
                 FROM pg_catalog.pg_proc AS p WHERE p.oid = {of_function}::pg_catalog.regprocedure"
            ),
        );
        self.grants.iter().for_each(|grant| run(grant));
        self.comments.iter().for_each(|comment| run(&comment.command(s)));
        for of in self.bare {
            let none = Comment { of, text: String::new() };
            run(&none.command(s)); // an empty comment is none
        }
    }
}

/// Raises an error if anything depends on a view that is to lose columns.
pub fn require_independent(stored: &Stored, dropped: &[String]) {
    let arguments = [stored.oid.into(), function::number(stored).into()];
    let found = rows(DEPENDENTS, &arguments, |row| text_of(row, 1));
    if !found.is_empty() {
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        let dropped: Vec<&str> = dropped.iter().map(String::as_str).collect();
        fail(
            Code::ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST,
            format!(
                "cannot drop columns of {} because other objects depend on it: {}",
                stored.quoted,
                listed(&found)
            ),
            format!(
                "Drop them first and create them again afterwards, or leave out drop_columns: then the columns stay, as \
                 NULL: {}.",
                listed(&dropped)
            ),
        )
    }
}

/// Takes away what default privileges gave on something made just now, whose rights a query gives.
fn revoke_all(what: &str, rights: &str) {
    let sql = format!(
        "SELECT pg_catalog.string_agg(DISTINCT 'REVOKE ALL ON ' || $1 || ' FROM ' || {TO}, '; ') \
         FROM ({rights}) AS c CROSS JOIN pg_catalog.aclexplode(c.rights) AS a"
    );
    // read by a command, which sees what was made just now
    let revokes = changed_value::<String>(&sql, &[what.into()]);
    revokes.iter().for_each(|revokes| run(revokes));
}

/// Commands that grant what there is of rights on a view and its columns, but for those that are to go.
fn grants_on_view(stored: &Stored, dropped: &[String]) -> Vec<String> {
    let sql = format!(
        "SELECT 'GRANT ' || a.privilege_type || ' ON ' || $2 || ' TO ' || {TO} \
             || CASE WHEN a.is_grantable AND a.grantee <> c.relowner THEN ' WITH GRANT OPTION' ELSE '' END, NULL \
         FROM pg_catalog.pg_class AS c \
         CROSS JOIN pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) AS a \
         WHERE c.oid = $1 \
         UNION ALL \
         SELECT 'GRANT ' || a.privilege_type || ' (' || pg_catalog.quote_ident(t.attname) || ') ON ' || $2 || ' TO ' || {TO} \
             || CASE WHEN a.is_grantable AND a.grantee <> c.relowner THEN ' WITH GRANT OPTION' ELSE '' END, \
             t.attname::text \
         FROM pg_catalog.pg_class AS c \
         JOIN pg_catalog.pg_attribute AS t ON t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped \
         CROSS JOIN pg_catalog.aclexplode(t.attacl) AS a \
         WHERE c.oid = $1"
    );
    let found = rows(&sql, &[stored.oid.into(), stored.quoted.as_str().into()], |row| {
        (text_of(row, 1), column::<String>(row, 2))
    });
    let stays = |of: &Option<String>| of.as_ref().is_none_or(|column| !dropped.contains(column));
    found.into_iter().filter(|(_, of)| stays(of)).map(|(grant, _)| grant).collect()
}

/// Commands that grant what there is of rights on a function.
fn grants_on_function(function: Oid, signature: &str) -> Vec<String> {
    let sql = format!(
        "SELECT 'GRANT ' || a.privilege_type || ' ON FUNCTION ' || $2 || ' TO ' || {TO} \
             || CASE WHEN a.is_grantable AND a.grantee <> p.proowner THEN ' WITH GRANT OPTION' ELSE '' END \
         FROM pg_catalog.pg_proc AS p \
         CROSS JOIN pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) AS a \
         WHERE p.oid = $1"
    );
    rows(&sql, &[function.into(), signature.into()], |row| text_of(row, 1))
}

/// The comment that something has now; `function` gives the number of the function beside the view.
pub fn comment_now(
    stored: &Stored,
    of: &Of,
    function: impl FnOnce() -> Option<Oid>,
) -> Option<String> {
    match of {
        Of::View => {
            value("SELECT pg_catalog.obj_description($1, 'pg_class')", &[stored.oid.into()])
        }
        Of::Column(name) => value(
            "SELECT pg_catalog.col_description($1, a.attnum) FROM pg_catalog.pg_attribute AS a \
             WHERE a.attrelid = $1 AND a.attname = $2",
            &[stored.oid.into(), name.text.as_str().into()],
        ),
        Of::Function => {
            value("SELECT pg_catalog.obj_description($1, 'pg_proc')", &[function().into()])
        }
    }
}

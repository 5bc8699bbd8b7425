//! Where a segmentation keeps histories, and whether its source lets it.

use super::option_types::Keep;
use super::options::refuse;
use super::resolve::{Resolved, beside, name};
use crate::server::error::{Code, fail, notice};
use crate::server::query::{column, rows, text_of, value};
use segmentation::Segmentation;
use segmentation::keep::mark;
use segmentation::model::{self, Column, Touched};

/// What stands beside the view of segmentation $1, and its place among table, view of it, notes, view of them: as it is
/// registered here; else, where a dump brought it, by the end $2 of its comment.
const THERE: &str = "
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), o.place
    FROM (
        SELECT o.oid, o.place, 1 AS how
        FROM customer_value.keeping AS q
        CROSS JOIN unnest(ARRAY[q.kept_oid, q.kept_now_oid, q.touched_oid, q.touched_now_oid])
            WITH ORDINALITY AS o (oid, place)
        WHERE q.segmentation = $1::pg_catalog.uuid AND q.place = customer_value_internal.this_place()
        UNION ALL
        SELECT d.objoid, CASE WHEN d.description LIKE 'The histories of %' THEN 1
                              WHEN d.description LIKE 'What holds of %' THEN 2
                              WHEN d.description LIKE 'The customers of %' THEN 3 ELSE 4 END, 2
        FROM pg_catalog.pg_description AS d
        WHERE d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
          AND pg_catalog.right(d.description, pg_catalog.length($2)) = $2
    ) AS o (oid, place, how)
    JOIN pg_catalog.pg_class AS c ON c.oid = o.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE o.how = 1 OR pg_catalog.pg_get_userbyid(c.relowner) = current_user
    ORDER BY o.how, o.oid";

/// The names of what stands beside the view: those that there are, or those that it would have.
pub fn names(s: &Segmentation, keep: Keep) -> Option<model::Keep> {
    if keep == Keep::Nothing {
        return None;
    }
    let there = rows(THERE, &[s.id.as_str().into(), mark(&s.id).into()], |row| {
        (column::<i64>(row, 2), text_of(row, 1))
    });
    let name = |place: i64, suffix: &str| {
        let found = there.iter().find(|(at, _)| *at == Some(place));
        let new = || format!("{}.{}", s.schema, name(&beside(&s.view.text, suffix)));
        found.map_or_else(new, |(_, name)| name.clone())
    };
    Some(model::Keep {
        kept: name(1, "_kept"),
        kept_now: name(2, "_kept_now"),
        touched: (keep == Keep::Noted)
            .then(|| Touched { table: name(3, "_touched"), now: name(4, "_touched_now") }),
    })
}

/// The source, its partitions and its children, as rows `tree`.
pub const TREE: &str = "WITH RECURSIVE tree (oid) AS (
        SELECT $1::pg_catalog.oid
        UNION
        SELECT i.inhrelid FROM tree AS t JOIN pg_catalog.pg_inherits AS i ON i.inhparent = t.oid
    )";

/// Why a relation of the source cannot have triggers that see each change, as the end of a sentence; the first one.
const WITHOUT_TRIGGERS: &str = "
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), CASE
        WHEN c.relkind = 'v' THEN 'is a view, and no trigger sees its changes'
        WHEN c.relkind = 'm' THEN 'is a materialized view, and no trigger sees it refreshed'
        WHEN c.relkind = 'f' THEN 'is a foreign table, and no trigger sees changes made elsewhere'
        WHEN c.relpersistence = 'u' THEN 'is unlogged, and no trigger sees a crash empty it'
        WHEN c.relpersistence = 't' THEN 'is temporary'
    END
    FROM tree AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind NOT IN ('r', 'p') OR c.relpersistence <> 'p'
    ORDER BY c.oid <> $1, 1 LIMIT 1";

/// A relation of the source that does not belong to the role that acts, and its owner; the first one.
const OTHERS: &str = "
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.pg_get_userbyid(c.relowner)::text
    FROM tree AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')
    ORDER BY c.oid <> $1, 1 LIMIT 1";

/// A relation with rows of its own and without an index that finds those of a customer, whose column $2 is; the first one.
const WITHOUT_INDEX: &str = "
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
    FROM tree AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = $2
    WHERE c.relkind = 'r' AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_index AS i
        WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum AND i.indisvalid AND i.indpred IS NULL)
    ORDER BY c.oid <> $1, 1 LIMIT 1";

impl Resolved {
    /// Raises an error if histories are to be kept by triggers, and the source cannot have them, or is somebody else's. To be
    /// called as the owner of the view.
    pub fn require_keepable(&self) {
        if self.options.keep != Keep::Noted {
            return;
        }
        let relation = &self.source.relation;
        let find = |query: &str| {
            rows(&format!("{TREE} {query}"), &[relation.oid.into()], |row| {
                (text_of(row, 1), text_of(row, 2))
            })
        };
        let refreshed =
            "\"keep\": \"refreshed\" keeps histories as of the last refresh, without triggers";
        if let Some((name, why)) = find(WITHOUT_TRIGGERS).into_iter().next() {
            refuse("keep", format!("{name} {why}; {refreshed}"))
        }
        if is_distributed(relation.oid) {
            let name = &relation.name;
            refuse(
                "keep",
                format!(
                    "{name} is distributed, and no trigger sees changes on other servers; {refreshed}"
                ),
            )
        }
        if let Some((name, owner)) = find(OTHERS).into_iter().next() {
            fail(
                Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
                format!("option \"keep\": {name} belongs to role \"{owner}\""),
                format!(
                    "Keeping histories makes triggers on the source, so the owner of the view must be a member of that \
                     role. {}.",
                    refreshed.replacen("\"keep\"", "Option \"keep\"", 1)
                ),
            )
        }
    }

    /// Tells if finding the orders of a customer takes a scan.
    pub fn notice_without_index(&self) {
        let (relation, customer) = (&self.source.relation, &self.source.orders.customer.name.text);
        let arguments = [relation.oid.into(), customer.as_str().into()];
        let found: Option<String> = value(&format!("{TREE} {WITHOUT_INDEX}"), &arguments);
        if let Some(name) = found {
            notice(format!(
                "{name} has no index on column \"{customer}\", so reading customers whose orders changed scans all \
                 of it until the next refresh"
            ));
        }
    }

    /// The columns of the source that histories are made of, the customer first.
    pub fn columns_of_histories(&self) -> Vec<&Column> {
        let orders = &self.plan.of.orders;
        let optional = [
            &orders.amount,
            &orders.order_id,
            &orders.cost,
            &orders.cost_to_serve,
            &orders.discount,
        ];
        let needed = [&orders.customer, &orders.ordered_at].into_iter();
        let mut columns: Vec<&Column> = Vec::new();
        for column in needed.chain(optional.into_iter().flatten()) {
            if columns.iter().all(|other| other.name != column.name) {
                columns.push(column);
            }
        }
        columns
    }
}

/// Whether a table is one of Citus's, whose rows are on other servers.
fn is_distributed(relation: pgrx::pg_sys::Oid) -> bool {
    let there = "SELECT pg_catalog.to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL";
    if value::<bool>(there, &[]) != Some(true) {
        return false;
    }
    let known = "SELECT true FROM pg_catalog.pg_dist_partition AS d WHERE d.logicalrelid = $1";
    value::<bool>(known, &[relation.into()]).is_some()
}

//! A segmentation as SQL: the histories it reads, the columns of its view, the function beside it.
//!
//! Everything is written with full names, so that no search path can change its meaning. No window
//! function and no subquery over customers stands in it: a filter on one customer reaches the index.

use super::histories::Purpose;
use super::inputs::Inputs;
use super::options::{AsOf, Options};
use super::source::{Names, Source};
use crate::label::matrix::Matrix;
use crate::server::clock::day_text;
use crate::server::query::{ident, literal};
use crate::training::cuts::SplitName;

/// The comment of a column that options no longer ask for.
pub const NO_LONGER: &str = "NULL: the options of the segmentation no longer ask for it";

/// What the function beside a view adds to its name.
pub const FUNCTION_SUFFIX: &str = "_of";

/// A segmentation with everything resolved.
#[derive(Clone)]
pub struct Definition {
    /// The id in the tables.
    pub id: String,
    /// Schema and name of the view, not quoted.
    pub schema: String,
    /// See `schema`.
    pub name: String,
    /// What the columns are called.
    pub names: Names,
    /// The source.
    pub source: Source,
    /// The options.
    pub options: Options,
    /// The scheme, None for no labels.
    pub scheme: Option<String>,
    /// Bins of each axis.
    pub bins: u8,
    /// How the axes are split.
    pub split: SplitName,
    /// The optional inputs.
    pub inputs: Inputs,
    /// The matrices of the view, in the language of the segmentation.
    pub matrices: Vec<Matrix>,
    /// Where what was trained is read from.
    pub trained: Trained,
}

/// Where what was trained is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trained {
    /// The newest training in the tables.
    Newest,
    /// The training that is under way, of which cuts and models are known.
    First,
    /// The training that is under way, of which the axes are known that need no other axis.
    Second,
}

/// The name by which a training that is under way knows axes; expressions that hold it need them.
pub const AXES: &str = "trained_axes";

/// A column of the view.
pub struct ViewColumn {
    /// Its name.
    pub name: String,
    /// What it is computed from: `h` holds the history and the scores.
    pub expression: String,
    /// Unit, range, meaning of NULL.
    pub comment: String,
    /// The same as a double, if it holds numbers, so that it may be an axis.
    pub number: Option<String>,
}

/// A number as a literal.
pub fn double(value: f64) -> String {
    format!("{}::pg_catalog.float8", literal(&value.to_string()))
}

impl Definition {
    /// The view's name, quoted.
    pub fn view(&self) -> String {
        format!("{}.{}", ident(&self.schema), ident(&self.name))
    }

    /// The name of the function beside it, not quoted.
    pub fn function_name(&self) -> String {
        format!("{}{FUNCTION_SUFFIX}", self.name)
    }

    /// The zone of days.
    pub fn zone(&self) -> &str {
        &self.options.time_zone
    }

    /// A column of the newest training, NULL before the first: read once a query, and only by a query that
    /// needs it. Or of the training that is under way.
    pub fn trained(&self, column: &str) -> String {
        match self.trained {
            Trained::Newest => format!(
                "(SELECT t.{column} FROM customer_value.training AS t \
                 WHERE t.segmentation = {}::pg_catalog.uuid ORDER BY t.number DESC LIMIT 1)",
                literal(&self.id)
            ),
            _ => format!("(SELECT t.{column} FROM trained AS t)"),
        }
    }

    /// What a training found of an axis: an expression over its row `a`.
    pub fn trained_axis(&self, axis: &str, expression: &str) -> String {
        match self.trained {
            Trained::Newest => format!(
                "(SELECT {expression} FROM customer_value.training_axis AS a \
                 WHERE a.segmentation = {}::pg_catalog.uuid AND a.axis = {} ORDER BY a.number DESC LIMIT 1)",
                literal(&self.id),
                literal(axis)
            ),
            _ => format!("(SELECT {expression} FROM {AXES} AS a WHERE a.axis = {})", literal(axis)),
        }
    }

    /// What the newest training found of a matrix: its cuts, NULL where nobody had a value.
    pub fn trained_cuts(&self, matrix: &str, column: &str) -> String {
        self.trained_matrix(matrix, &format!("m.{column}"))
    }

    /// Codes, labels or ranks of a matrix. The server takes an element of a stored array by copying all of it each
    /// time; joined to an empty one, it lies ready.
    pub fn trained_positions(&self, matrix: &str, column: &str) -> String {
        self.trained_matrix(matrix, &format!("pg_catalog.array_cat(m.{column}, '{{}}')"))
    }

    fn trained_matrix(&self, matrix: &str, expression: &str) -> String {
        format!(
            "(SELECT {expression} FROM customer_value.training_matrix AS m \
             WHERE m.segmentation = {}::pg_catalog.uuid AND m.matrix = {} ORDER BY m.number DESC LIMIT 1)",
            literal(&self.id),
            literal(matrix)
        )
    }

    /// The day as of which the view is, as an expression; read once a query where it is no constant.
    pub fn as_of(&self) -> String {
        match self.options.as_of {
            AsOf::Day(day) => format!("{}::pg_catalog.date", literal(&day_text(day))),
            AsOf::Latest => self.trained("as_of"),
            AsOf::Live => {
                let zone = literal(self.zone());
                format!("(SELECT (pg_catalog.now() AT TIME ZONE {zone})::pg_catalog.date)")
            }
        }
    }

    /// The columns of the view where it is there already with others, given with their types: they stay in their
    /// places, for dependent objects' sake, and new ones follow. One that is no longer computed is NULL.
    fn columns_after(&self, there: &[(String, String)]) -> Vec<ViewColumn> {
        let mut columns = self.columns();
        let kept = there.iter().map(|(name, type_name)| {
            match columns.iter().position(|column| column.name == *name) {
                Some(at) => columns.remove(at),
                None => ViewColumn {
                    name: name.clone(),
                    expression: format!("NULL::{type_name}"),
                    comment: NO_LONGER.into(),
                    number: None,
                },
            }
        });
        let mut kept: Vec<ViewColumn> = kept.collect();
        kept.append(&mut columns);
        kept
    }

    /// The query of the view. Scores are computed where the orders are folded, once for all columns that
    /// need them; what nobody selects is not computed, not even the histories.
    fn select(&self, columns: &[ViewColumn]) -> String {
        let columns: Vec<String> = columns
            .iter()
            .map(|column| format!("{} AS {}", column.expression, ident(&column.name)))
            .collect();
        let histories = format!("({})", self.histories(Purpose::View));
        format!("SELECT {} FROM {}", columns.join(", "), self.people(&histories))
    }

    /// Commands that make the view, or replace the one that has these columns, the function beside it, and their
    /// comments.
    pub fn commands(&self, there: Option<&[(String, String)]>) -> Vec<String> {
        let view = self.view();
        let or_replace = if there.is_some() { "OR REPLACE " } else { "" };
        let invoker = self.options.security_invoker;
        let view_columns = self.columns_after(there.unwrap_or_default());
        let mut commands = vec![format!(
            "CREATE {or_replace}VIEW {view} WITH (security_invoker = {invoker}) AS {}",
            self.select(&view_columns)
        )];
        let customer = &self.source.customer;
        let columns: Vec<String> =
            view_columns.iter().map(|column| format!("v.{}", ident(&column.name))).collect();
        let function = format!("{}.{}", ident(&self.schema), ident(&self.function_name()));
        commands.push(format!(
            "CREATE {or_replace}FUNCTION {function}({type_name}) RETURNS SETOF {view} \
             LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 1 \
             BEGIN ATOMIC SELECT {columns} FROM {view} AS v \
             WHERE {column} {equals} $1 LIMIT 1; END",
            type_name = customer.type_name,
            columns = columns.join(", "),
            column = customer.of("v"),
            equals = self.source.customer_equals,
        ));
        let comment = |what: String, text: &str| format!("COMMENT ON {what} IS {}", literal(text));
        let about = format!(
            "RFM segments, lifetime value and matrices of the customers in {}, one row each; made by customer_value.create_segmentation",
            self.source.name
        );
        commands.push(comment(format!("VIEW {view}"), &about));
        for column in view_columns {
            commands
                .push(comment(format!("COLUMN {view}.{}", ident(&column.name)), &column.comment));
        }
        commands.push(comment(
            format!("FUNCTION {function}({})", customer.type_name),
            &format!(
                "The row of one customer of {view}, for joins to few customers: CROSS JOIN LATERAL"
            ),
        ));
        commands
    }
}

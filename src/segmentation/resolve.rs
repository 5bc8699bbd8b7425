//! Options and names to a plan: what the catalogue and the definitions of schemes and matrices say, checked.

use super::input::{CustomerTable, Names, ParentColumn, Source, Tables};
use super::option_types::{Refunds, SpendCentre};
use super::options::{Options, refuse};
use super::relation::Found;
use super::{AsOf, Bind, input, keep};
use crate::label::{matrix, scheme};
use crate::server::clock::day_text;
use crate::server::error::{Code, fail};
use crate::server::query::{ident, value};
use crate::training::aggregate::Spec;
use crate::training::cuts::{MeasureName, SplitName};
use segmentation::columns::PREVIOUS;
use segmentation::sql::Name;
use segmentation::{Plan, Refusal, Segmentation, model, signals};

/// What the function beside a view adds to its name.
pub const FUNCTION_SUFFIX: &str = "_of";

/// Which segmentation it is.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The id in the tables.
    pub id: String,
    /// Schema of the view, not quoted.
    pub schema: String,
    /// Its name, not quoted.
    pub name: String,
}

/// The first of some tables, given as JSON, that reads the view $2, through any number of views: by what these depend on,
/// and by the names to which views of segmentations are bound.
const CIRCLE: &str = "
    WITH RECURSIVE reads (table_name, oid) AS (
        SELECT t.name, customer_value_internal.relation_named(t.name)
        FROM pg_catalog.jsonb_array_elements_text($1::jsonb) AS t (name)
        UNION
        SELECT r.table_name, n.oid
        FROM reads AS r CROSS JOIN LATERAL (
            SELECT d.refobjid
            FROM pg_catalog.pg_rewrite AS w
            JOIN pg_catalog.pg_depend AS d ON d.objid = w.oid AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
            WHERE w.ev_class = r.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
            UNION ALL
            SELECT customer_value_internal.relation_named(t.name)
            FROM customer_value.segmentation AS s
            CROSS JOIN LATERAL (
                SELECT s.source
                UNION ALL
                SELECT o.value ->> 'source' FROM pg_catalog.jsonb_each(s.options) AS o
            ) AS t (name)
            WHERE s.options ->> 'bind' = 'name' AND customer_value_internal.segmentation_view(s) = r.oid
        ) AS n (oid)
        WHERE n.oid IS NOT NULL
    )
    SELECT r.table_name FROM reads AS r WHERE r.oid = $2 LIMIT 1";

/// A segmentation with everything decided, and what its management has to know besides.
pub struct Resolved {
    /// The plan.
    pub plan: Plan,
    /// The options.
    pub options: Options,
    /// What source and columns are called.
    pub names: Names,
    /// The source.
    pub source: Source,
    /// The customer table.
    pub customers: Option<CustomerTable>,
    /// The RFM scheme; None for no labels.
    pub scheme: Option<String>,
    /// Its labels, as text of their type.
    pub labels: Option<String>,
}

impl Resolved {
    /// Has the view read customers as a type that it has already, where it reads them through a function that can cast.
    pub fn read_customers_as(&mut self, found: &Found) {
        let orders = &mut self.plan.of.orders;
        orders.customer.type_name.clone_from(&found.column.type_name);
        orders.customer_type.clone_from(&found.type_name);
        self.source.customer.type_oid = found.type_oid;
        self.source.customer.type_name.clone_from(&found.type_name);
    }

    /// Keeps other sessions from dropping the definitions that it uses until the transaction ends.
    pub fn hold_definitions(&self) {
        self.scheme.iter().for_each(|scheme| scheme::hold(scheme));
        let matrices: Vec<&str> = self.options.matrices.iter().map(String::as_str).collect();
        matrix::hold(&matrices);
    }

    /// Raises an error if the source, or the table of an optional input, reads the view.
    pub fn require_no_circle(&self, view: pgrx::pg_sys::Oid) {
        let s = &self.plan.of;
        let inputs = s.inputs.iter().filter_map(|input| Some(input.reads().table?.1));
        let customers = s.customers.as_ref().map(|customers| customers.relation.clone());
        let parents = self.source.parents.as_ref().map(|table| table.relation.name.clone());
        let others = customers.into_iter().chain(parents).chain(inputs);
        let tables = std::iter::once(s.orders.relation.clone()).chain(others);
        let tables: Vec<String> = tables.collect();
        let circle: Option<String> = value(
            CIRCLE,
            &[serde_json::to_string(&tables).unwrap_or_default().into(), view.into()],
        );
        if let Some(table) = circle {
            fail(
                Code::ERRCODE_INVALID_OBJECT_DEFINITION,
                format!("source {table} reads {}, so it cannot be a source of it", self.view()),
                "Give a table, or a view that does not read the segmentation.",
            )
        }
    }

    /// The view's name with schema, quoted.
    pub fn view(&self) -> String {
        self.plan.of.view_name()
    }
}

/// The longest name of an object, in bytes.
const LONGEST_NAME: usize = 63;

/// The name of an object beside a view: that of the view, as much of it as there is room for, and a suffix.
pub fn beside(view: &str, suffix: &str) -> String {
    let room = LONGEST_NAME - suffix.len();
    let fits = |at: &usize| view.is_char_boundary(*at);
    let end = (0..=room.min(view.len())).rev().find(fits).unwrap_or(0);
    format!("{}{suffix}", &view[..end])
}

/// The functions through which a view that is bound to names reads its tables: what these hold, and their names.
fn readers(s: &Segmentation) -> Vec<(&'static str, Name)> {
    let inputs = s.inputs.iter().filter_map(|input| Some(input.reads().table?.0));
    let customers = s.customers.as_ref().map(|_| model::CUSTOMERS);
    let holds = std::iter::once(model::ORDERS).chain(customers).chain(inputs);
    holds.map(|holds| (holds, name(&beside(&s.view.text, &format!("_{holds}"))))).collect()
}

/// A name, quoted by the server where it has to be.
pub fn name(text: &str) -> Name {
    Name { text: text.into(), quoted: ident(text) }
}

/// Finds and checks everything, or raises an error. To be called as the owner of the view.
pub fn resolve(identity: &Identity, names: &Names, options: Options) -> Resolved {
    let source = Source::find(names, &options);
    let (scheme, scoring) = scoring(&options, source.orders.amount.is_some());
    let given = options.given_cuts(scoring.bins);
    let customers = CustomerTable::find(&options, &source);
    // refused before anything is trained
    ParentColumn::find(&options, names, &source, customers.as_ref());
    let tables = Tables::of(&source);
    let inputs = options.inputs.iter().map(|given| given.find(&tables)).collect();
    let rollup = source.rollup(&options, tables.members());
    let spec = Spec {
        bins: scoring.bins,
        split: scoring.split,
        ties: options.ties,
        monetary_measure: options.monetary,
        given,
        net_refunds: options.refunds == Refunds::Net,
        value: options.value(),
    };
    let mut of = Segmentation {
        id: identity.id.clone(),
        schema: name(&identity.schema),
        view: name(&identity.name),
        function: name(&beside(&identity.name, FUNCTION_SUFFIX)),
        readers: Vec::new(),
        keep: None,
        orders: source.orders.clone(),
        rollup,
        customers: customers.as_ref().map(|table| table.customers.clone()),
        inputs,
        as_of: match options.as_of {
            AsOf::Live => model::AsOf::Live,
            AsOf::Latest => model::AsOf::Latest,
            AsOf::Day(day) => model::AsOf::Day(day_text(day)),
        },
        zone: options.time_zone.clone(),
        language: options.language.clone(),
        labels: options.labels,
        security_invoker: options.security_invoker,
        bins: scoring.bins,
        net_refunds: options.refunds == Refunds::Net,
        monetary_average: options.monetary == MeasureName::Average,
        spec: serde_json::to_string(&spec).unwrap_or_default(),
        terms: model::Terms {
            horizon_days: options.horizon_days,
            annual_discount_rate: options.annual_discount_rate,
            step_days: options.step_days,
            margin: options.margin.unwrap_or(1.0),
        },
        spans: model::Spans {
            window_days: options.window_days,
            decline_days: options.decline_days,
            half_life_days: options.half_life_days,
            compare_days: options.compare_days,
        },
        potential_value: options
            .potential_value
            .clone()
            .map(|weights| weights.into_iter().collect()),
        indexes: options
            .indexes
            .iter()
            .map(|(index, weights)| model::Index {
                name: name(index),
                parts: weights.clone().into_iter().collect(),
            })
            .collect(),
        value_weights: options.value_weights.named().into(),
        relationship_weights: options.relationship_weights.named().into(),
        matrices: Vec::new(),
    };
    if options.bind == Bind::Name {
        of.readers = readers(&of);
    }
    of.keep = keep::names(&of, options.keep);
    of.matrices = matrices(&of, &options);
    let plan = plan(of).unwrap_or_else(|refusal| refused(&source, refusal));
    customers.iter().for_each(|table| table.require_readable(&plan.read));
    Resolved {
        plan,
        names: names.clone(),
        source,
        customers,
        scheme,
        labels: scoring.labels,
        options,
    }
}

/// The plan of a segmentation. That of parents does without what is made of columns that only customers have.
fn plan(mut of: Segmentation) -> Result<Plan, Refusal> {
    loop {
        let refusal = match Plan::new(of.clone()) {
            Err(refusal) if of.rollup.is_some() => refusal,
            plan => return plan,
        };
        let size = |of: &Segmentation| of.index_parts().count() + of.matrices.len();
        let before = size(&of);
        match &refusal {
            Refusal::NoPartOfIndex { option, .. } => {
                of.indexes.retain(|index| index.option() != *option);
                of.potential_value = of.potential_value.filter(|_| option != "potential_value");
            }
            Refusal::NoAxis { matrix, .. } => of.matrices.retain(|other| other.name != *matrix),
            _ => return Err(refusal),
        }
        if size(&of) == before {
            return Err(refusal);
        }
    }
}

/// How customers are scored, and labelled if they are.
struct Scoring {
    bins: u8,
    split: SplitName,
    labels: Option<String>,
}

fn scoring(options: &Options, with_amounts: bool) -> (Option<String>, Scoring) {
    let fitting = if with_amounts { "standard" } else { "recency_frequency" };
    let scheme = options.scheme.clone().unwrap_or_else(|| fitting.into());
    if scheme == "none" {
        let bins = options.bins.unwrap_or(5);
        return (None, Scoring { bins, split: SplitName::Quantile, labels: None });
    }
    let found = scheme::usable(&scheme, &options.language, with_amounts);
    let labels = found.labels.written(options.labels);
    let bins = labels.bins;
    if options.bins.is_some_and(|given| given != bins) {
        let why = format!(
            "scheme \"{scheme}\" has {bins} bins; choose another scheme, or \"none\" for scores without labels"
        );
        refuse("bins", why);
    }
    let labels = serde_json::to_string(&labels).ok();
    (Some(scheme), Scoring { bins, split: found.split, labels })
}

/// The matrices of a segmentation: those built in that it has the inputs for, and those that its options name.
fn matrices(s: &Segmentation, options: &Options) -> Vec<model::Matrix> {
    let amounts = s.orders.amount.is_some();
    let (needs, relationships) = (signals::knows_needs(s), signals::knows_relationships(s));
    let built_in = [
        ("lifecycle", true),
        ("growth", amounts),
        ("spend", amounts),
        ("abc", amounts),
        ("abc_pair", amounts),
        ("profitability", amounts),
        ("value_tier", amounts),
        ("value", amounts && relationships),
        ("crm", amounts && needs),
        ("need", needs),
    ];
    let built_in = built_in.into_iter().filter(|(_, known)| *known).map(|(name, _)| name);
    if let Some(name) = options.matrices.iter().find(|name| matrix::is_builtin(name)) {
        let why = format!("\"{name}\" is built in; it is used wherever its inputs are given");
        refuse("matrices", why);
    }
    let names: Vec<&str> = built_in.chain(options.matrices.iter().map(String::as_str)).collect();
    let found = matrix::read_all(&names, &options.language);
    found.into_iter().map(|matrix| plain_matrix(matrix, options)).collect()
}

fn plain_matrix(matrix: matrix::Matrix, options: &Options) -> model::Matrix {
    let of_orders =
        matrix.builtin && matrix.name == "spend" && options.spend_centre == SpendCentre::Orders;
    let count = matrix.positions.len();
    let axis = |axis: matrix::MatrixAxis| model::MatrixAxis {
        split: match axis.split {
            _ if of_orders && axis.name == "average_order_value" => model::SplitAt::AmountPerOrder,
            btyd::axis::Split::Given => model::SplitAt::Given(axis.numbers),
            split => model::SplitAt::Trained(split, axis.numbers),
        },
        name: axis.name,
    };
    let position = |position: matrix::Position| model::Position {
        code: position.code,
        label: options.labels.written(&position.label, position.rank as usize, count),
        action: position.action,
        rank: position.rank,
        translated: position.translated,
    };
    model::Matrix {
        columns: ["", "_code", "_rank", "_action"]
            .map(|suffix| name(&format!("{}{suffix}", matrix.view_column))),
        previous: name(&format!("{PREVIOUS}{}", matrix.view_column)),
        name: matrix.name,
        description: matrix.description,
        x: axis(matrix.x),
        y: matrix.y.map(axis),
        positions: matrix.positions.into_iter().map(position).collect(),
    }
}

fn refused(source: &input::Source, refusal: Refusal) -> ! {
    match refusal {
        Refusal::MadeOfPercentiles { option, part } => {
            refuse(&option, format!("\"{part}\" is itself made of trained percentiles"))
        }
        Refusal::NoPartOfIndex { option, part } => {
            let last = if option == "potential_value" { "current_value" } else { "profitability" };
            let why = format!(
                "\"{part}\" is not a numeric column of the customer table or of the view up to {last}"
            );
            refuse(&option, why)
        }
        Refusal::IndexTaken(name) => refuse(
            "indexes",
            format!(
                "\"{name}\" is an axis already, or a column of the customer table; give the index another name"
            ),
        ),
        Refusal::NoValueWeight => {
            refuse("value_weights", "nothing that is given has a weight above 0")
        }
        Refusal::NoRelationshipWeight => {
            refuse("relationship_weights", "none of the inputs that are given has a weight above 0")
        }
        Refusal::NoAxis { matrix, axis } => fail(
            Code::ERRCODE_UNDEFINED_COLUMN,
            format!(
                "axis \"{axis}\" of matrix \"{matrix}\" is not a numeric column of the view or of the customer table"
            ),
            "Columns of the customer table need the option \"customers\"; positions in matrices cannot be axes.",
        ),
        Refusal::ParentTaken { relation, name } => fail(
            Code::ERRCODE_DUPLICATE_COLUMN,
            format!(
                "option \"parent\": column \"{name}\" of {relation} has the name of the column with parents"
            ),
            "Rename one of them in a view over its table, and give that view instead.",
        ),
        Refusal::Twice(name) if name == source.orders.customer.name.text => fail(
            Code::ERRCODE_DUPLICATE_COLUMN,
            format!("the customer column \"{name}\" has the name of another column of the view"),
            "Rename it in a view over the table, and give that view as the source.",
        ),
        Refusal::Twice(name) => fail(
            Code::ERRCODE_DUPLICATE_COLUMN,
            format!("two columns of the view would be called \"{name}\""),
            "Leave out the column of the customer table or rename it in a view, or give the matrix or index another column.",
        ),
    }
}

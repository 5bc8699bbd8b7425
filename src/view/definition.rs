//! A segmentation as SQL: the histories it reads, the columns of its view, the function beside it.
//!
//! Everything is written with full names, so that no search path can change its meaning. No window
//! function and no subquery over customers stands in it: a filter on the customer reaches the index.

use super::options::{AsOf, Options};
use super::source::{Names, Source};
use crate::server::clock::day_text;
use crate::server::query::{ident, literal};
use crate::training::cuts::{MeasureName, SplitName};

/// What the function beside a view adds to its name.
pub const FUNCTION_SUFFIX: &str = "_of";

/// A segmentation with everything resolved.
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
}

/// What histories are read for.
#[derive(Clone, Copy)]
pub enum Purpose {
    /// For the view: `recency_score`, `frequency_score` and `monetary_score` besides.
    View,
    /// For training: `rows`, the number of source rows, `left_out`, those that a source of order lines
    /// cannot use, the currencies, and a group for the rows without customer.
    Training,
}

/// A column of the view.
pub struct ViewColumn {
    /// Its name.
    pub name: String,
    /// What it is computed from: `h` holds the history and the scores.
    pub expression: String,
    /// Unit, range, meaning of NULL.
    pub comment: String,
}

/// A number as a literal.
fn double(value: f64) -> String {
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

    fn zone(&self) -> &str {
        &self.options.time_zone
    }

    /// One row a customer: `customer`, `history`, and what the purpose needs besides.
    pub fn histories(&self, purpose: Purpose) -> String {
        match &self.source.order_id {
            None => self.histories_of_orders(purpose),
            Some(_) => self.histories_of_lines(purpose),
        }
    }

    fn fold(&self, ordered_at: &str, amount: Option<&str>) -> String {
        let mut args = vec![ordered_at.to_owned()];
        args.extend(amount.map(str::to_owned));
        if self.source.has_zone() && self.zone() != "UTC" {
            args.push(format!("{}::pg_catalog.text", literal(self.zone())));
        }
        format!("customer_value.purchase_history({})", args.join(", "))
    }

    fn histories_of_orders(&self, purpose: Purpose) -> String {
        let source = &self.source;
        let customer = source.customer.of("o");
        let amount = source.amount.as_ref().map(|amount| amount.of("o"));
        let history = self.fold(&source.ordered_at.of("o"), amount.as_deref());
        let (currency, cost) = (self.currency_columns("o"), self.cost_columns("o"));
        let (more, filter) = match purpose {
            Purpose::Training => {
                (format!(", count(*) AS rows, 0 AS left_out{currency}{cost}"), String::new())
            }
            Purpose::View => (self.scores(&history), format!(" WHERE {customer} IS NOT NULL")),
        };
        format!(
            "SELECT {customer} AS customer, {history} AS history{more} \
             FROM {} AS o{filter} GROUP BY {customer}",
            source.name
        )
    }

    fn histories_of_lines(&self, purpose: Purpose) -> String {
        let source = &self.source;
        let order = source.order_id.as_ref().map(|order| order.of("l")).unwrap_or_default();
        let customer = source.customer.of("l");
        let ordered_at = source.ordered_at.of("l");
        let amount = source.amount.as_ref().map(|amount| amount.of("l"));
        let needed: Vec<&str> = [&customer, &order, &ordered_at]
            .into_iter()
            .chain(&amount)
            .map(String::as_str)
            .collect();
        let usable = format!("{} IS NOT NULL", needed.join(" IS NOT NULL AND "));
        let summed = match (&source.amount, source.has_float_amounts()) {
            // a sum of binary fractions would depend on the order of the lines
            (Some(column), true) => Some(column.as_numeric("l")),
            _ => amount.clone(),
        };
        let (filter, condition) = match purpose {
            Purpose::Training => (format!(" FILTER (WHERE {usable})"), String::new()),
            Purpose::View => (String::new(), format!(" WHERE {usable}")),
        };
        let history = self.fold("o.ordered_at", amount.as_ref().map(|_| "o.amount"));
        let (currency, cost) = (self.currency_columns("l"), self.cost_columns("l"));
        let (inner, outer) = match purpose {
            Purpose::Training => (
                format!(
                    ", count(*) AS rows, count(*) FILTER (WHERE NOT ({usable})) AS left_out{currency}{cost}"
                ),
                ", sum(o.rows) AS rows, sum(o.left_out) AS left_out, \
                 min(o.currency_from) AS currency_from, max(o.currency_to) AS currency_to, \
                 sum(o.cost) AS cost, sum(o.costed) AS costed"
                    .to_owned(),
            ),
            Purpose::View => (String::new(), self.scores(&history)),
        };
        let amount_column =
            summed.map(|summed| format!(", sum({summed}){filter} AS amount")).unwrap_or_default();
        format!(
            "SELECT o.customer, {history} AS history{outer} FROM (\
             SELECT {customer} AS customer, min({ordered_at}){filter} AS ordered_at{amount_column}{inner} \
             FROM {} AS l{condition} GROUP BY {customer}, {order}) AS o GROUP BY o.customer",
            source.name
        )
    }

    fn currency_columns(&self, alias: &str) -> String {
        match &self.source.currency {
            None => {
                ", NULL::pg_catalog.text AS currency_from, NULL::pg_catalog.text AS currency_to"
                    .into()
            }
            Some(currency) => {
                let text = format!("coalesce({}::pg_catalog.text, '')", currency.of(alias));
                format!(", min({text}) AS currency_from, max({text}) AS currency_to")
            }
        }
    }

    /// What orders cost, and the amounts of those of which that is known.
    fn cost_columns(&self, alias: &str) -> String {
        let (Some(cost), Some(amount)) = (&self.source.cost, &self.source.amount) else {
            return ", NULL::pg_catalog.numeric AS cost, NULL::pg_catalog.numeric AS costed".into();
        };
        let [customer, ordered_at, amount_of, cost_of] =
            [&self.source.customer, &self.source.ordered_at, amount, cost].map(|c| c.of(alias));
        let order = self.source.order_id.as_ref();
        let order = order.map(|order| format!("{} IS NOT NULL AND ", order.of(alias)));
        let known = format!(
            "{}{customer} IS NOT NULL AND {ordered_at} IS NOT NULL AND {amount_of} IS NOT NULL AND {cost_of} IS NOT NULL",
            order.unwrap_or_default()
        );
        format!(
            ", sum({}) FILTER (WHERE {known}) AS cost, sum({}) FILTER (WHERE {known}) AS costed",
            cost.as_numeric(alias),
            amount.as_numeric(alias)
        )
    }

    /// A column of the newest training, NULL before the first: read once a query, and only by a query that
    /// needs it.
    fn newest_training(&self, column: &str) -> String {
        format!(
            "(SELECT t.{column} FROM customer_value.training AS t \
             WHERE t.segmentation = {}::pg_catalog.uuid ORDER BY t.number DESC LIMIT 1)",
            literal(&self.id)
        )
    }

    /// The day as of which the view is, as an expression; read once a query where it is no constant.
    pub fn as_of(&self) -> String {
        match self.options.as_of {
            AsOf::Day(day) => format!("{}::pg_catalog.date", literal(&day_text(day))),
            AsOf::Latest => self.newest_training("as_of"),
            AsOf::Live => {
                let zone = literal(self.zone());
                format!("(SELECT (pg_catalog.now() AT TIME ZONE {zone})::pg_catalog.date)")
            }
        }
    }

    /// The columns with what several columns of the view are made of: scores and lifetime value.
    fn scores(&self, history: &str) -> String {
        let (cuts, as_of) = (self.newest_training("cuts"), self.as_of());
        let scores = ["recency_score", "frequency_score", "monetary_score"]
            .map(|score| format!(", customer_value.{score}({cuts}, {history}, {as_of}) AS {score}"))
            .concat();
        let [purchases, spend, margin] =
            ["purchase_model", "spend_model", "margin"].map(|column| self.newest_training(column));
        let options = &self.options;
        let [horizon, rate, step] =
            [options.horizon_days, options.discount_rate, options.step_days].map(double);
        format!(
            "{scores}, customer_value.clv({purchases}, {spend}, {history}, {as_of}, {horizon}, {rate}, \
             {margin}, {step}) AS clv"
        )
    }

    /// The columns of the view, in order. Later versions append theirs at the end, where CREATE OR REPLACE
    /// VIEW takes them; `as_of` and `trained_at` stay where they are.
    pub fn columns(&self) -> Vec<ViewColumn> {
        let as_of = self.as_of();
        let mut columns = Vec::new();
        let mut add = |name: &str, expression: String, comment: &str| {
            let (name, comment) = (name.to_owned(), comment.to_owned());
            columns.push(ViewColumn { name, expression, comment });
        };
        add(
            &self.source.customer.name,
            "h.customer".into(),
            "The customer, as in the source; one row each",
        );
        let read = |function: &str| format!("customer_value.{function}(h.history, {as_of})");
        add(
            "first_purchase",
            read("first_purchase"),
            "First day with an order up to as_of; NULL without purchases",
        );
        add(
            "last_purchase",
            read("last_purchase"),
            "Last day with an order up to as_of; NULL without purchases",
        );
        add(
            "recency_days",
            read("days_since_last_purchase"),
            "Days from last_purchase to as_of, 0 or more; NULL without purchases",
        );
        add(
            "frequency",
            read("order_count"),
            "Number of orders up to as_of, refunds not among them; 0 or more",
        );
        let (monetary, what) = match self.options.monetary {
            MeasureName::Total => (
                "revenue",
                "Net revenue up to as_of, in the currency of the source; NULL for a source without amounts",
            ),
            MeasureName::Average => (
                "average_order_value",
                "Average order value up to as_of, in the currency of the source; NULL without purchases or amounts",
            ),
        };
        add("monetary", read(monetary), what);
        add(
            "average_order_value",
            read("average_order_value"),
            "Gross amount per order up to as_of, in the currency of the source; NULL without purchases or amounts",
        );
        add(
            "revenue",
            read("revenue"),
            "Net revenue up to as_of: purchases less refunds, in the currency of the source; NULL for a source without amounts",
        );
        let bins = self.bins;
        for axis in ["recency", "frequency", "monetary"] {
            let name = format!("{axis}_score");
            let comment = format!(
                "Score of {axis}, 1 to {bins}, {bins} is best; NULL without purchases, amounts or training"
            );
            add(&name, format!("h.{name}"), &comment);
        }
        let scores = "h.recency_score, h.frequency_score, h.monetary_score";
        add(
            "rfm_code",
            format!("customer_value.rfm_code({scores})"),
            "The three scores in one text, such as 545; NULL without purchases or training",
        );
        let labels = self.newest_training("labels");
        let label = |function: &str| format!("customer_value.{function}({labels}, {scores})");
        let (segment, code, rank) =
            (label("rfm_segment"), label("rfm_segment_code"), label("rfm_segment_rank"));
        add(
            "rfm_segment",
            segment,
            "Segment in the language of the segmentation; NULL without purchases or training",
        );
        add(
            "rfm_segment_code",
            code,
            "Stable code of the segment, the same in every language; NULL as rfm_segment",
        );
        add("rfm_segment_rank", rank, "Rank of the segment, 1 = best; NULL as rfm_segment");
        add(
            "as_of",
            as_of.clone(),
            "The day as of which the row is computed, that whole day included",
        );
        add(
            "trained_at",
            self.newest_training("trained_at"),
            "When the cuts that gave the scores were trained; NULL before the first training",
        );
        columns.extend(self.value_columns());
        columns
    }

    /// The columns of lifetime value.
    fn value_columns(&self) -> Vec<ViewColumn> {
        let as_of = self.as_of();
        let mut columns = Vec::new();
        let mut add = |name: &str, expression: String, comment: String| {
            columns.push(ViewColumn { name: name.to_owned(), expression, comment });
        };
        let options = &self.options;
        let model = self.newest_training("purchase_model");
        let spend = self.newest_training("spend_model");
        let days = options.horizon_days;
        add(
            "p_alive",
            format!("customer_value.p_alive({model}, h.history, {as_of})"),
            "Probability that the customer has not left, 0 to 1; NULL without purchases, training or a model".into(),
        );
        add(
            "expected_purchases",
            format!(
                "customer_value.expected_purchases({model}, h.history, {as_of}, {})",
                double(days)
            ),
            format!(
                "Expected number of purchase days in the {days} days after as_of; NULL as p_alive"
            ),
        );
        add(
            "expected_order_value",
            format!("customer_value.expected_order_value({spend}, h.history, {as_of})"),
            "Expected gross amount of the next purchase day, in the currency of the source; NULL as p_alive, without amounts, where nobody bought again, or where the spend model has no finite mean".into(),
        );
        add(
            "clv",
            "h.clv".into(),
            format!(
                "Lifetime value: expected net margin of the {days} days after as_of, discounted by {} a year, in the currency of the source; NULL as expected_order_value",
                options.discount_rate
            ),
        );
        let percentiles = self.newest_training("clv_percentiles");
        let percentile = format!("customer_value.percentile_of({percentiles}, h.clv)");
        let language = literal(&options.language);
        add(
            "clv_percentile",
            percentile.clone(),
            "Share of the customers at the newest training whose clv was at most this one, 0 to 1; NULL as clv".into(),
        );
        add(
            "clv_tier",
            format!("customer_value.clv_tier({percentile}, {language}::pg_catalog.text)"),
            "High from clv_percentile 0.8, medium from 0.5, low, in the language of the segmentation; NULL as clv".into(),
        );
        add(
            "clv_tier_code",
            format!("customer_value.clv_tier_code({percentile})"),
            "Stable code of clv_tier, the same in every language; NULL as clv".into(),
        );
        add(
            "clv_tier_rank",
            format!("customer_value.clv_tier_rank({percentile})"),
            "Rank of clv_tier, 1 = best; NULL as clv".into(),
        );
        columns
    }

    /// The query of the view. Scores are computed where the orders are folded, once for all columns that
    /// need them; what nobody selects is not computed, not even the histories.
    pub fn select(&self) -> String {
        let columns: Vec<String> = self
            .columns()
            .into_iter()
            .map(|column| format!("{} AS {}", column.expression, ident(&column.name)))
            .collect();
        format!("SELECT {} FROM ({}) AS h", columns.join(", "), self.histories(Purpose::View))
    }

    /// Commands that make or replace the view, the function beside it, and their comments.
    pub fn commands(&self, replace: bool) -> Vec<String> {
        let view = self.view();
        let or_replace = if replace { "OR REPLACE " } else { "" };
        let invoker = self.options.security_invoker;
        let mut commands = vec![format!(
            "CREATE {or_replace}VIEW {view} WITH (security_invoker = {invoker}) AS {}",
            self.select()
        )];
        let customer = &self.source.customer;
        let columns: Vec<String> =
            self.columns().iter().map(|column| format!("v.{}", ident(&column.name))).collect();
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
            "RFM segments and lifetime value of the customers in {}, one row each; made by customer_value.create_segmentation",
            self.source.name
        );
        commands.push(comment(format!("VIEW {view}"), &about));
        for column in self.columns() {
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

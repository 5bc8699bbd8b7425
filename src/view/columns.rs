//! The columns of a segmentation view, in order: measures, scores and segments, lifetime value.

use super::definition::{Definition, ViewColumn, double};
use crate::server::query::literal;
use crate::training::cuts::MeasureName;

/// Columns in the making.
#[derive(Default)]
pub struct Columns {
    /// Those so far.
    pub list: Vec<ViewColumn>,
}

impl Columns {
    /// Adds a column, `number` as a double if it holds numbers.
    pub fn add(
        &mut self,
        name: &str,
        expression: String,
        number: Option<String>,
        comment: impl Into<String>,
    ) {
        let (name, comment) = (name.to_owned(), comment.into());
        self.list.push(ViewColumn { name, expression, comment, number });
    }

    /// Adds a column of numbers.
    pub fn number(&mut self, name: &str, expression: String, comment: impl Into<String>) {
        let number = format!("({expression})::pg_catalog.float8");
        self.add(name, expression, Some(number), comment);
    }

    /// Adds a column of amounts.
    fn amount(&mut self, name: &str, expression: String, comment: impl Into<String>) {
        let number = format!("customer_value.to_double({expression})");
        self.add(name, expression, Some(number), comment);
    }

    /// Adds a column of anything else.
    pub fn other(&mut self, name: &str, expression: String, comment: impl Into<String>) {
        self.add(name, expression, None, comment);
    }
}

impl Definition {
    /// The columns of the view, in order, each of them whose view is new; a view that is there keeps its order.
    pub fn columns(&self) -> Vec<ViewColumn> {
        let mut columns = self.columns_without_places();
        self.place_columns(&mut columns);
        columns.list
    }

    /// The columns that may be axes of a matrix, and others, but no places in matrices.
    pub fn columns_without_places(&self) -> Columns {
        let as_of = self.as_of();
        let mut columns = Columns::default();
        columns.other(
            &self.source.customer.name,
            self.customer(),
            "The customer, as in the source; one row each",
        );
        let read = |function: &str| format!("customer_value.{function}(h.history, {as_of})");
        columns.other(
            "first_purchase",
            read("first_purchase"),
            "First day with an order up to as_of; NULL without purchases",
        );
        columns.other(
            "last_purchase",
            read("last_purchase"),
            "Last day with an order up to as_of; NULL without purchases",
        );
        columns.number(
            "recency_days",
            read("days_since_last_purchase"),
            "Days from last_purchase to as_of, 0 or more; NULL without purchases",
        );
        columns.number(
            "frequency",
            self.or_zero("h.frequency"),
            "Number of orders up to as_of, refunds not among them; 0 or more",
        );
        let (monetary, what) = match self.options.monetary {
            MeasureName::Total => (
                "h.revenue",
                "Net revenue up to as_of, in the currency of the source; NULL for a source without amounts",
            ),
            MeasureName::Average => (
                "h.average_order_value",
                "Average order value up to as_of, in the currency of the source; NULL without purchases or amounts",
            ),
        };
        let monetary = match self.options.monetary {
            MeasureName::Total => self.or_zero(monetary),
            MeasureName::Average => monetary.into(),
        };
        columns.amount("monetary", monetary, what);
        columns.amount(
            "average_order_value",
            "h.average_order_value".into(),
            "Gross amount per order up to as_of, in the currency of the source; NULL without purchases or amounts",
        );
        columns.amount(
            "revenue",
            self.or_zero("h.revenue"),
            "Net revenue up to as_of: purchases less refunds, in the currency of the source; NULL for a source without amounts",
        );
        let bins = self.bins;
        for axis in ["recency", "frequency", "monetary"] {
            let name = format!("{axis}_score");
            let comment = format!(
                "Score of {axis}, 1 to {bins}, {bins} is best; NULL without purchases, amounts or training"
            );
            columns.number(&name, format!("h.{name}"), comment);
        }
        let scores = "h.recency_score, h.frequency_score, h.monetary_score";
        columns.other(
            "rfm_code",
            format!("customer_value.rfm_code({scores})"),
            "The three scores in one text, such as 545; NULL without purchases or training",
        );
        let labels = self.trained("labels");
        let label = |function: &str| format!("customer_value.{function}({labels}, {scores})");
        let (segment, code, rank) =
            (label("rfm_segment"), label("rfm_segment_code"), label("rfm_segment_rank"));
        columns.other(
            "rfm_segment",
            segment,
            "Segment in the language of the segmentation; NULL without purchases or training",
        );
        columns.other(
            "rfm_segment_code",
            code,
            "Stable code of the segment, the same in every language; NULL as rfm_segment",
        );
        columns.number(
            "rfm_segment_rank",
            rank,
            "Rank of the segment, 1 = best; NULL as rfm_segment",
        );
        columns.other(
            "as_of",
            as_of.clone(),
            "The day as of which the row is computed, that whole day included",
        );
        columns.other(
            "trained_at",
            self.trained("trained_at"),
            "When the cuts that gave the scores were trained; NULL before the first training",
        );
        self.value_columns(&mut columns);
        self.axis_columns(&mut columns);
        columns
    }

    /// What a customer ordered: 0 for somebody in the customer table without orders, if there are amounts at all.
    fn or_zero(&self, ordered: &str) -> String {
        match &self.inputs.customers {
            Some(_) if ordered == "h.frequency" || self.source.amount.is_some() => {
                format!("CASE WHEN h.customer IS NULL THEN 0 ELSE {ordered} END")
            }
            _ => ordered.to_owned(),
        }
    }

    /// The columns of lifetime value.
    fn value_columns(&self, columns: &mut Columns) {
        let as_of = self.as_of();
        let options = &self.options;
        let model = self.trained("purchase_model");
        let spend = self.trained("spend_model");
        let days = options.horizon_days;
        columns.number(
            "p_alive",
            "h.p_alive".into(),
            "Probability that the customer has not left, 0 to 1; NULL without purchases, training or a model",
        );
        columns.number(
            "expected_purchases",
            format!(
                "customer_value.expected_purchases({model}, h.history, {as_of}, {})",
                double(days)
            ),
            format!(
                "Expected number of purchase days in the {days} days after as_of; NULL as p_alive"
            ),
        );
        columns.number(
            "expected_order_value",
            format!("customer_value.expected_order_value({spend}, h.history, {as_of})"),
            "Expected gross amount of the next purchase day, in the currency of the source; NULL as p_alive, without amounts, where nobody bought again, or where the spend model has no finite mean",
        );
        columns.number(
            "clv",
            "h.clv".into(),
            format!(
                "Lifetime value: expected net margin of the {days} days after as_of, discounted by {} a year, in the currency of the source; NULL as expected_order_value",
                options.discount_rate
            ),
        );
        let percentiles = self.trained("clv_percentiles");
        let percentile = format!("customer_value.percentile_of({percentiles}, h.clv)");
        let language = literal(&options.language);
        columns.number(
            "clv_percentile",
            percentile.clone(),
            "Share of the customers at the newest training whose clv was at most this one, 0 to 1; NULL as clv",
        );
        columns.other(
            "clv_tier",
            format!("customer_value.clv_tier({percentile}, {language}::pg_catalog.text)"),
            "High from clv_percentile 0.8, medium from 0.5, low, in the language of the segmentation; NULL as clv",
        );
        columns.other(
            "clv_tier_code",
            format!("customer_value.clv_tier_code({percentile})"),
            "Stable code of clv_tier, the same in every language; NULL as clv",
        );
        columns.number(
            "clv_tier_rank",
            format!("customer_value.clv_tier_rank({percentile})"),
            "Rank of clv_tier, 1 = best; NULL as clv",
        );
    }
}

//! The axes of matrices and classes as SQL.

use super::columns::Columns;
use super::definition::{Definition, Trained, double};
use super::options::{RelationshipWeights, refuse};
use crate::label::matrix::{Matrix, MatrixAxis};
use crate::server::error::{Code, fail};
use crate::server::query::{ident, literal};
use btyd::stages::PROSPECT;

/// Cuts of the value score between tiers.
const TIERS: &str = "'{0.3333333333333333,0.6666666666666666}'::pg_catalog.float8[]";

/// The codes of the class need, by level.
const NEEDS: [&str; 5] =
    ["loyal", "price_sensitive", "service_oriented", "functional", "experiential"];

/// The place from 1 of the 80th and the 95th percentile among the percentiles 0 to 100.
const P80: usize = 81;
const P95: usize = 96;

/// Columns of which no percentile is known when an index is trained.
const MADE_OF_PERCENTILES: [&str; 5] =
    ["loyalty", "relationship_quality", "potential_value", "profitability", "value_score"];

/// The least number of purchase days of a loyal customer.
const LEAST_LOYAL: u8 = 3;

impl Definition {
    fn read(&self, function: &str, history: &str) -> String {
        format!("customer_value.{function}({history}, {})::pg_catalog.float8", self.as_of())
    }

    /// The share of the customers at the training with at most the same value.
    fn percentile(&self, axis: &str, value: &str) -> String {
        format!(
            "customer_value.percentile_of({}, {value})",
            self.trained_axis(axis, "a.percentiles")
        )
    }

    /// Loyalty, 0 to 1, of a history: see the comment of its column.
    pub fn loyalty(&self, history: &str) -> String {
        let percentiles = |axis: &str| self.trained_axis(axis, "a.percentiles");
        format!(
            "customer_value.loyalty({history}, {}, {}, {}, {})",
            self.as_of(),
            self.trained("purchase_model"),
            percentiles("purchase_days"),
            percentiles("purchase_span")
        )
    }

    /// The value score of a history, but for breadth of preference.
    pub fn basic_score(&self, history: &str) -> String {
        let percentiles = |axis: &str| self.trained_axis(axis, "a.percentiles");
        format!(
            "customer_value.value_score({history}, {}, {}, {})",
            self.as_of(),
            percentiles("frequency"),
            percentiles("revenue")
        )
    }

    /// A column of the histories `h` made of percentiles, which the first pass of a training cannot know.
    pub fn of_histories(&self, name: &str, inline: impl Fn(&str) -> String) -> String {
        match self.trained {
            Trained::First => inline("h.history"),
            _ => format!("h.{name}"),
        }
    }

    /// The mean of the percentiles of frequency, revenue and, with products, breadth of preference.
    pub fn value_score(&self) -> String {
        let basic = self.of_histories("basic_score", |history| self.basic_score(history));
        match &self.source.product {
            None => basic,
            Some(_) => {
                let breadth = self.percentile("product_breadth", "p.breadth::pg_catalog.float8");
                format!("(2 * {basic} + {breadth}) / 3")
            }
        }
    }

    /// Whether there is anything to tell a customer's need from.
    pub fn knows_needs(&self) -> bool {
        let contacts = self.inputs.interactions.as_ref().is_some_and(|input| input.kind.is_some());
        self.source.discount.is_some() || contacts || self.options.need.is_some()
    }

    /// Whether there is anything to tell the quality of a relationship from.
    pub fn knows_relationships(&self) -> bool {
        self.inputs.interactions.is_some() || self.inputs.answers.is_some()
    }

    /// The share of a customer's orders with a discount; None without such a column.
    pub fn discount_share(&self) -> Option<String> {
        self.source.discount.as_ref()?;
        Some("h.discounted::pg_catalog.float8 / nullif(h.frequency, 0)".into())
    }

    /// Contacts for service per order; None where nothing tells of contacts.
    pub fn service_rate(&self) -> Option<String> {
        self.inputs.interactions.as_ref()?.kind.as_ref()?;
        Some("coalesce(i.service_contacts, 0)::pg_catalog.float8 / nullif(h.frequency, 0)".into())
    }

    /// The level of a customer's need: the first rule that holds.
    fn need_level(&self) -> Option<String> {
        if !self.knows_needs() {
            return None;
        }
        let mut rules = String::new();
        for (axis, value, level) in
            [("discount_share", self.discount_share(), 2), ("service_rate", self.service_rate(), 3)]
        {
            let Some(value) = value else { continue };
            let from = self.trained_axis(axis, &format!("a.percentiles[{P80}]"));
            rules += &format!(" WHEN {value} > 0 AND {value} >= {from} THEN {level}");
        }
        let repeats = format!("customer_value.purchase_days(h.history, {}) >= 2", self.as_of());
        let told = self.options.need.as_ref().map(|need| {
            let codes =
                NEEDS.iter().zip(1..).map(|(code, level)| format!(" WHEN '{code}' THEN {level}"));
            format!(
                "CASE pg_catalog.lower(c.{}::pg_catalog.text){} END, ",
                ident(need),
                codes.collect::<String>()
            )
        });
        Some(format!(
            "coalesce({}CASE{rules} WHEN {repeats} THEN 1 END)::pg_catalog.float8",
            told.unwrap_or_default()
        ))
    }

    /// The level of the lifecycle stage of a history.
    pub fn lifecycle_level(&self, history: &str) -> String {
        let gap =
            |place: usize| self.trained_axis("purchase_gap", &format!("a.percentiles[{place}]"));
        let loyal = format!("greatest({LEAST_LOYAL}, a.percentiles[{P80}])");
        format!(
            "customer_value.lifecycle_level({history}, {}, {}, {}, {})::pg_catalog.float8",
            self.as_of(),
            gap(P80),
            gap(P95),
            self.trained_axis("repeat_purchase_days", &loyal)
        )
    }

    /// Relationship quality, 0 to 1: what is known of it, by its weights.
    pub fn relationship_quality(&self) -> Option<String> {
        let RelationshipWeights { satisfaction, frequency, freshness } =
            self.options.relationship_weights;
        let mut parts = Vec::new();
        if self.inputs.answers.is_some() {
            parts.push(("s.satisfaction".to_owned(), satisfaction));
        }
        if self.inputs.interactions.is_some() {
            let contacts = self.percentile("interactions", "i.interactions::pg_catalog.float8");
            let lives = format!(
                "({} - i.last_interaction) / {}",
                self.as_of(),
                double(self.options.half_life_days)
            );
            parts.push((contacts, frequency));
            // not so small a power that the server refuses it
            let power = format!("CASE WHEN {lives} > 1000 THEN -1000 ELSE -({lives}) END");
            parts.push((format!("pg_catalog.power(2, {power})"), freshness));
        }
        if parts.is_empty() {
            return None;
        }
        if parts.iter().all(|(_, weight)| *weight == 0.0) {
            refuse("relationship_weights", "what has a weight above 0 is not among the inputs");
        }
        Some(index(&parts))
    }

    /// The potential value: clv, or the index that the option asks for, of columns so far or of the customer table.
    pub fn potential_value(&self, columns: &Columns) -> String {
        let Some(weights) = &self.options.potential_value else { return "h.clv".into() };
        let parts = weights.iter().map(|(name, weight)| {
            let value = self.index_column(columns, name);
            (self.percentile(name, &value), *weight)
        });
        index(&parts.collect::<Vec<_>>())
    }

    fn index_column(&self, columns: &Columns, name: &str) -> String {
        if MADE_OF_PERCENTILES.contains(&name) {
            refuse("potential_value", format!("\"{name}\" is itself made of trained percentiles"));
        }
        if let Some(measure) = self.measure(name) {
            return measure;
        }
        let own = columns.list.iter().find(|column| column.name == name);
        let theirs = self.inputs.customers.as_ref().and_then(|customers| customers.find(name));
        let theirs = theirs.filter(|column| column.is_number() && !Self::hidden(name));
        let number = match own {
            Some(own) => own.number.clone(),
            None => theirs.map(|column| column.as_float("c")),
        };
        match number {
            // NaN and infinity, which the customer table may hold, have no percentile
            Some(number) => finite(&number),
            None => refuse(
                "potential_value",
                format!(
                    "\"{name}\" is no numeric column of the customer table or of the view up to current_value"
                ),
            ),
        }
    }

    /// What came in less what it cost, over the trailing window. Amounts are subtracted exactly, so that profits that
    /// cancel out are 0.
    pub fn profitability(&self) -> String {
        let sum = |name: &str| format!("coalesce(h.{name}, 0)");
        let double = |amount: String| format!("customer_value.to_double({amount})");
        let served =
            self.source.cost_to_serve.as_ref().map(|_| format!(" - {}", sum("window_service")));
        let served = served.unwrap_or_default();
        let profit = match (&self.source.cost, served.as_str()) {
            (None, "") => "h.current_value".to_owned(),
            (None, _) => format!("h.current_value - {}", double(sum("window_service"))),
            (Some(_), _) => format!(
                "{} * {} + {}",
                double(format!("h.window_revenue - {}", sum("window_costed"))),
                self.trained("margin"),
                double(format!("{} - {}{served}", sum("window_costed"), sum("window_cost")))
            ),
        };
        self.or_zero_value(&profit)
    }

    /// An amount of a customer's orders: 0 for somebody in the customer table without any.
    pub fn or_zero_value(&self, amount: &str) -> String {
        match &self.inputs.customers {
            None => amount.to_owned(),
            Some(_) => {
                let margin = self.trained("margin");
                format!("CASE WHEN h.customer IS NULL THEN 0 * abs({margin}) ELSE {amount} END")
            }
        }
    }

    /// The axes that training needs the percentiles of, beside those of matrices.
    pub fn needed_axes(&self) -> Vec<(String, String)> {
        let read = |function: &str| self.read(function, "h.history");
        let plain = |name: &str, value: String| {
            (name.to_owned(), format!("customer_value.train_axis({value}, 'median', NULL)"))
        };
        let days = read("purchase_days");
        let mut axes = vec![
            plain("purchase_days", days.clone()),
            plain("purchase_span", read("purchase_span")),
            // nobody has less than one day here
            plain("repeat_purchase_days", format!("nullif({days}, 1)")),
            (
                "purchase_gap".into(),
                format!("customer_value.train_gaps(h.history, {})", self.as_of()),
            ),
        ];
        if self.source.amount.is_some() {
            axes.push(plain("frequency", "h.frequency::pg_catalog.float8".into()));
            axes.push(plain("revenue", "customer_value.to_double(h.revenue)".into()));
        }
        if self.source.product.is_some() {
            axes.push(plain("product_breadth", "p.breadth::pg_catalog.float8".into()));
        }
        axes.extend(self.discount_share().map(|share| plain("discount_share", share)));
        axes.extend(self.service_rate().map(|rate| plain("service_rate", rate)));
        if self.inputs.interactions.is_some() {
            axes.push(plain("interactions", "i.interactions::pg_catalog.float8".into()));
        }
        let columns = self.own_columns();
        let known: Vec<String> = axes.iter().map(|(name, _)| name.clone()).collect();
        for name in self.options.potential_value.iter().flat_map(|weights| weights.keys()) {
            if !known.contains(name) {
                axes.push(plain(name, self.index_column(&columns, name)));
            }
        }
        axes
    }

    /// Whether a name is an axis by its own right, not a column of the customer table.
    pub fn is_own_axis(&self, name: &str) -> bool {
        Self::hidden(name) || self.own_columns().list.iter().any(|column| column.name == name)
    }

    fn own_columns(&self) -> Columns {
        self.columns_without_places()
    }

    /// Whether an axis is a level that a rule tells.
    pub fn by_rule(name: &str) -> bool {
        ["lifecycle_level", "need_level"].contains(&name)
    }

    /// The column of the view that shows an axis: the label where the axis is its number.
    pub fn shown(name: &str) -> &str {
        match name {
            "lifecycle_level" | "lifecycle_stage_rank" => "lifecycle_stage",
            "need_level" | "need_type_rank" | "crm_need" => "need_type",
            "value_tier_rank" => "value_tier",
            axis => axis,
        }
    }

    /// A measure that is an axis, but no column of the view.
    fn measure(&self, name: &str) -> Option<String> {
        let measures = ["purchase_days", "purchase_span"];
        measures.contains(&name).then(|| self.read(name, "h.history"))
    }

    /// Names of axes that are no columns, or numbers of columns that are labels; none of them is a column of the
    /// customer table.
    pub fn hidden(name: &str) -> bool {
        [
            "purchase_days",
            "purchase_span",
            "purchase_gap",
            "repeat_purchase_days",
            "lifecycle_level",
            "lifecycle_stage_rank",
            "need_level",
            "need_type_rank",
            "crm_need",
            "value_tier_rank",
        ]
        .contains(&name)
    }

    /// An axis as a number; None if there is no such axis. High is good but for the ranks.
    pub fn axis(&self, name: &str) -> Option<String> {
        match name {
            "lifecycle_level" | "lifecycle_stage_rank" => {
                let level =
                    self.of_histories("lifecycle_level", |history| self.lifecycle_level(history));
                return Some(match &self.inputs.customers {
                    None => level,
                    Some(_) => {
                        format!("CASE WHEN h.customer IS NULL THEN {PROSPECT} ELSE {level} END")
                    }
                });
            }
            "need_level" | "need_type_rank" => return self.need_level(),
            // needs that customers tell themselves have no place there
            "crm_need" => {
                return self.need_level().map(|level| format!("nullif(least({level}, 4), 4)"));
            }
            "value_tier_rank" => {
                let level = format!("customer_value.level_of({}, {TIERS})", self.value_score());
                return Some(format!("4 - {level}"));
            }
            "purchase_gap" | "repeat_purchase_days" => return None,
            _ => {}
        }
        if let Some(measure) = self.measure(name) {
            return Some(measure);
        }
        let column = self.own_columns().list.into_iter().find(|column| column.name == name);
        if let Some(column) = column {
            return column.number;
        }
        let column = self.inputs.customers.as_ref()?.find(name)?;
        column.is_number().then(|| column.as_float("c"))
    }

    /// The axis of a matrix, or the error that there is none.
    pub fn axis_of(&self, matrix: &Matrix, axis: &MatrixAxis) -> String {
        self.axis(&axis.name).unwrap_or_else(|| {
            fail(
                Code::ERRCODE_UNDEFINED_COLUMN,
                format!(
                    "axis \"{}\" of matrix \"{}\" is no numeric column of the view or of the customer table",
                    axis.name, matrix.name
                ),
                "Columns of the customer table need the option \"customers\"; places in other matrices are no axes.",
            )
        })
    }
}

/// A number of the server as it is, NULL where it is not finite.
fn finite(value: &str) -> String {
    format!("CASE WHEN {value} > '-infinity' AND {value} < 'infinity' THEN {value} END")
}

/// The weighted index of expressions.
fn index(parts: &[(String, f64)]) -> String {
    let values: Vec<&str> = parts.iter().map(|(value, _)| value.as_str()).collect();
    let weights: Vec<String> = parts.iter().map(|(_, weight)| weight.to_string()).collect();
    format!(
        "customer_value.weighted_index(ARRAY[{}]::pg_catalog.float8[], {}::pg_catalog.float8[])",
        values.join(", "),
        literal(&format!("{{{}}}", weights.join(",")))
    )
}

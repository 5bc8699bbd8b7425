//! The axes of matrices and classes as SQL, the columns that show them, and the places of customers in matrices.

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

/// The least number of purchase days of a loyal customer.
const LEAST_LOYAL: u8 = 3;

impl Definition {
    /// The customer, as in the source.
    pub fn customer(&self) -> String {
        match &self.inputs.customers {
            Some(customers) => format!("coalesce({}, h.customer)", customers.key.of("c")),
            None => "h.customer".into(),
        }
    }

    /// The tables of the view: histories `h`, given as SQL, and beside them customers `c`, interactions `i`, answers
    /// `s`, products `p` and channels `ch`, as far as there are.
    pub fn people(&self, histories: &str) -> String {
        let (customer, equals) = (self.customer(), &self.source.customer_equals);
        let mut from = format!("{histories} AS h");
        if let Some(customers) = &self.inputs.customers {
            let key = &customers.key;
            let mut names = vec![key.name.clone()];
            names.extend(customers.shown.iter().map(|column| column.name.clone()));
            names.extend(self.customer_columns());
            names.sort();
            names.dedup();
            let columns: Vec<String> =
                names.iter().map(|name| format!("c.{}", ident(name))).collect();
            let (columns, key, name) = (columns.join(", "), key.of("c"), &customers.name);
            from = format!(
                "(SELECT {columns} FROM {name} AS c WHERE {key} IS NOT NULL) AS c \
                 FULL JOIN {from} ON {key} {equals} h.customer"
            );
        }
        let interactions =
            self.inputs.interactions.as_ref().map(|input| ("i", input.subquery(self)));
        let answers = self.inputs.answers.as_ref().map(|input| ("s", input.subquery(self)));
        let products = self.products().map(|products| ("p", products));
        let channels = self.channels().map(|channels| ("ch", channels));
        for (alias, subquery) in [interactions, answers, products, channels].into_iter().flatten() {
            // A filter on the customer reaches the subquery by the first condition, which turns into a constant.
            // The second, the same, stays, by which the planner knows that there is one row, and drops the join
            // where no column of it is wanted.
            from += &format!(
                " LEFT JOIN ({subquery}) AS {alias} ON {alias}.customer {equals} {customer} \
                 AND {alias}.same {equals} coalesce({customer}, {customer})"
            );
        }
        from
    }

    /// Columns of the customer table that are read but not shown.
    fn customer_columns(&self) -> Vec<String> {
        let Some(customers) = &self.inputs.customers else { return Vec::new() };
        let weights = self.options.potential_value.iter().flat_map(|weights| weights.keys());
        let axes = self.matrices.iter().flat_map(Matrix::axes).map(|axis| &axis.name);
        let names = self.options.need.iter().chain(weights).chain(axes);
        let theirs = |name: &&String| !self.is_own_axis(name) && customers.find(name).is_some();
        names.filter(theirs).cloned().collect()
    }

    /// Rows of purchases up to as_of that have a value in a column, one row a customer: `select` of it.
    fn bought(&self, column: &super::source::Column) -> String {
        let source = &self.source;
        let amount =
            source.amount.as_ref().map(|amount| format!(" AND {} >= 0", amount.as_numeric("o")));
        format!(
            "FROM {} AS o WHERE {customer} IS NOT NULL AND {column} IS NOT NULL AND {until}{amount}",
            source.name,
            customer = source.customer.of("o"),
            column = column.of("o"),
            until = self.until(&source.ordered_at, "o"),
            amount = amount.unwrap_or_default(),
        )
    }

    /// How many different products a customer bought.
    fn products(&self) -> Option<String> {
        let product = self.source.product.as_ref()?;
        Some(format!(
            "SELECT d.customer AS same, d.customer, count(*) AS breadth FROM (SELECT DISTINCT {} AS customer, {} AS product {}) AS d \
             GROUP BY d.customer",
            self.source.customer.of("o"),
            product.of("o"),
            self.bought(product)
        ))
    }

    /// The channel of most of a customer's orders.
    fn channels(&self) -> Option<String> {
        let channel = self.source.channel.as_ref()?;
        Some(format!(
            "SELECT n.customer AS same, n.customer, \
                 (pg_catalog.array_agg(n.channel ORDER BY n.orders DESC, n.channel COLLATE \"C\"))[1] AS channel \
             FROM (SELECT {customer} AS customer, {channel}::pg_catalog.text AS channel, {orders} AS orders {bought} \
             GROUP BY {customer}, {channel}::pg_catalog.text) AS n GROUP BY n.customer",
            customer = self.source.customer.of("o"),
            channel = channel.of("o"),
            orders = match &self.source.order_id {
                Some(order) => format!("count(DISTINCT {})", order.of("o")),
                None => "count(*)".into(),
            },
            bought = self.bought(channel),
        ))
    }

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
    fn of_histories(&self, name: &str, inline: impl Fn(&str) -> String) -> String {
        match self.trained {
            Trained::First => inline("h.history"),
            _ => format!("h.{name}"),
        }
    }

    /// The mean of the percentiles of frequency, revenue and, with products, breadth of preference.
    fn value_score(&self) -> String {
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

    fn discount_share(&self) -> Option<String> {
        self.source.discount.as_ref()?;
        Some("h.discounted::pg_catalog.float8 / nullif(h.frequency, 0)".into())
    }

    fn service_rate(&self) -> Option<String> {
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
    fn relationship_quality(&self) -> Option<String> {
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
    fn potential_value(&self, columns: &Columns) -> String {
        let Some(weights) = &self.options.potential_value else { return "h.clv".into() };
        let parts = weights.iter().map(|(name, weight)| {
            let value = self.index_column(columns, name);
            (self.percentile(name, &value), *weight)
        });
        index(&parts.collect::<Vec<_>>())
    }

    fn index_column(&self, columns: &Columns, name: &str) -> String {
        let own = columns.list.iter().find(|column| column.name == name && column.number);
        if let Some(own) = own {
            return own.as_float();
        }
        let theirs = self.inputs.customers.as_ref().and_then(|customers| customers.find(name));
        match theirs.filter(|column| column.is_number()) {
            // NaN and infinity have no percentile
            Some(column) => finite(&column.as_float("c")),
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
    fn profitability(&self) -> String {
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
        self.or_nothing(&profit)
    }

    /// An amount of a customer's orders: 0 for somebody in the customer table without any.
    fn or_nothing(&self, amount: &str) -> String {
        match &self.inputs.customers {
            None => amount.to_owned(),
            Some(_) => {
                let margin = self.trained("margin");
                format!("CASE WHEN h.customer IS NULL THEN 0 * {margin} ELSE {amount} END")
            }
        }
    }

    /// The columns of axes and classes, but for places in matrices.
    pub fn axis_columns(&self, columns: &mut Columns) {
        let (as_of, options) = (self.as_of(), &self.options);
        let read = |function: &str| format!("customer_value.{function}(h.history, {as_of})");
        let (days, window) = (options.decline_days, options.window_days);
        columns.number(
            "typical_gap",
            read("typical_gap"),
            "Median days between purchase days up to as_of; NULL below two purchase days",
        );
        columns.other(
            "declining",
            format!("customer_value.declining(h.history, {as_of}, {days})"),
            format!("Whether so few purchase days in the last {days} days are no accident: binomial tail below 0.05; NULL without purchases"),
        );
        columns.number(
            "loyalty",
            self.of_histories("loyalty", |history| self.loyalty(history)),
            "Mean of the trained percentiles of purchase days and of days from first to last purchase, and of p_alive, 0 to 1; NULL without purchases or training",
        );
        if self.source.amount.is_some() {
            columns.number(
                "current_value",
                self.or_nothing("h.current_value"),
                format!("Net revenue of the last {window} days times margin, in the currency of the source; NULL before the first training"),
            );
            let potential = self.potential_value(columns);
            let what = match options.potential_value {
                None => "Potential value: clv; NULL as clv".to_owned(),
                Some(_) => "Weighted index of trained percentiles, by option potential_value, 0 to 1; NULL where nothing is known".into(),
            };
            columns.number("potential_value", potential, what);
            columns.number(
                "profitability",
                self.profitability(),
                format!("Net revenue of the last {window} days times margin, less what it cost to serve the customer (with a cost column: less the costs), in the currency of the source; NULL before the first training"),
            );
            columns.number(
                "value_score",
                self.value_score(),
                "Mean of the trained percentiles of frequency, revenue and, with a product column, product_breadth, 0 to 1; NULL without purchases or training",
            );
        }
        self.input_columns(columns);
    }

    /// The columns that come from optional inputs.
    fn input_columns(&self, columns: &mut Columns) {
        if let Some(share) = self.discount_share() {
            columns.number(
                "discount_share",
                share,
                "Share of the orders with a discount, 0 to 1; NULL without purchases",
            );
        }
        if let Some(rate) = self.service_rate() {
            columns.number(
                "service_rate",
                rate,
                "Contacts for service per order up to as_of; NULL without purchases",
            );
        }
        if self.source.product.is_some() {
            columns.number(
                "product_breadth",
                "p.breadth".into(),
                "Number of different products bought up to as_of; NULL for none",
            );
        }
        if self.source.channel.is_some() {
            columns.other(
                "channel",
                "ch.channel".into(),
                "The channel of most orders up to as_of; NULL without one",
            );
        }
        if let Some(quality) = self.relationship_quality() {
            columns.number(
                "relationship_quality",
                quality,
                "Weighted mean of satisfaction, trained percentile of the number of interactions, and freshness of the last, as far as known, 0 to 1; NULL where nothing is known",
            );
        }
        if self.inputs.interactions.is_some() {
            columns.number(
                "interactions",
                "i.interactions".into(),
                "Number of interactions up to as_of; NULL for none",
            );
            columns.number(
                "engagement",
                "i.engagement".into(),
                "Sum of the weights of interactions other than for service, each halved for every half-life since; NULL for none",
            );
        }
        if self.inputs.answers.is_some() {
            columns.number(
                "satisfaction",
                "s.satisfaction".into(),
                "Mean answer up to as_of, on scales of 0 to 1; NULL without answers",
            );
            columns.number(
                "csat",
                "s.csat".into(),
                "Share of the answers of kind csat that are 4 or 5, 0 to 1; NULL without any",
            );
            columns.number("nps", "s.nps".into(), "Promoters less detractors among the answers of kind nps, -1 to 1; NULL without any");
            columns.number(
                "ces",
                "s.ces".into(),
                "Mean answer of kind ces, 1 to 7; NULL without any",
            );
        }
        for column in self.inputs.customers.iter().flat_map(|customers| &customers.shown) {
            let comment = format!(
                "{} of the customer table; NULL for customers who are not in it",
                column.name
            );
            match column.is_number() {
                true => columns.number(&column.name, column.of("c"), comment),
                false => columns.other(&column.name, column.of("c"), comment),
            }
        }
    }

    /// The places of customers in matrices: label, code and rank.
    pub fn place_columns(&self, columns: &mut Columns) {
        for matrix in &self.matrices {
            let trained = |column: &str| self.trained_matrix(&matrix.name, column);
            let axis = |axis: &MatrixAxis, cuts: &str| {
                format!("{}, {}", self.axis_of(matrix, axis), trained(cuts))
            };
            let mut axes = vec![axis(&matrix.x, "x_cuts")];
            axes.extend(matrix.y.as_ref().map(|y| axis(y, "y_cuts")));
            let place = format!("customer_value.place_of({})", axes.join(", "));
            let part = |array: &str| format!("({})[{place}]", trained(array));
            let name = &matrix.view_column;
            let axes = matrix.axes().map(|axis| axis.name.as_str());
            let axes = axes
                .filter(|axis| !Self::hidden(axis) || axis.ends_with("_rank"))
                .collect::<Vec<_>>()
                .join(" or ");
            let without = match axes.as_str() {
                "" if matrix.name == "lifecycle" => "NULL before the first training".to_owned(),
                "" => "NULL where no rule holds, and before the first training".to_owned(),
                axes => format!("NULL where {axes} is NULL, and before the first training"),
            };
            let what = match matrix.description.as_str() {
                "" => matrix.name.clone(),
                description => capitalised(description),
            };
            columns.other(
                name,
                part("labels"),
                format!("{what}; in the language of the segmentation; {without}"),
            );
            columns.other(
                &format!("{name}_code"),
                part("codes"),
                format!("Stable code of {name}, the same in every language; NULL as {name}"),
            );
            columns.other(
                &format!("{name}_rank"),
                part("ranks"),
                format!("Rank of {name}, 1 = best; NULL as {name}"),
            );
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
            plain("repeat_purchase_days", format!("CASE WHEN {days} >= 2 THEN {days} END")),
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
    fn is_own_axis(&self, name: &str) -> bool {
        Self::hidden(name) || self.own_columns().list.iter().any(|column| column.name == name)
    }

    fn own_columns(&self) -> Columns {
        self.columns_without_places()
    }

    /// Names of axes that are no columns, or numbers of columns that are labels.
    fn hidden(name: &str) -> bool {
        [
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
            _ => {}
        }
        let column = self.own_columns().list.into_iter().find(|column| column.name == name);
        if let Some(column) = column {
            return column.number.then(|| column.as_float());
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

/// A text with a capital at its beginning.
fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next()
        .map_or(String::new(), |first| first.to_uppercase().collect::<String>() + rest.as_str())
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

//! Histories as SQL: the orders of a source folded, one row a customer, with what several columns of the view are
//! made of.

use super::definition::{Definition, Trained, double};
use super::options::AsOf;
use super::source::Column;
use crate::server::query::literal;

/// What histories are read for.
#[derive(Clone, Copy)]
pub enum Purpose {
    /// For the view: scores and values besides, see [`Definition::derived`].
    View,
    /// For training: `rows`, the number of source rows, `left_out`, those that a source of order lines
    /// cannot use, the currencies, costs, and a group for the rows without customer.
    Training,
}

/// Sums over a customer's orders that histories do not hold, by the options that ask for them.
struct Sums {
    /// Orders with a discount.
    discounted: Option<String>,
    /// Costs in the trailing window, and the amounts of the orders of which they are known.
    cost: Option<(String, String)>,
    /// What it cost to serve the customer in the trailing window.
    service: Option<String>,
}

impl Sums {
    fn columns(&self) -> String {
        let (cost, costed) = self.cost.as_ref().map(|(cost, costed)| (cost, costed)).unzip();
        let named = [
            (&self.discounted.as_ref(), "discounted"),
            (&cost, "window_cost"),
            (&costed, "window_costed"),
            (&self.service.as_ref(), "window_service"),
        ];
        let one =
            |(sum, name): (&Option<&String>, &str)| sum.map(|sum| format!(", {sum} AS {name}"));
        named.into_iter().filter_map(one).collect()
    }
}

/// What the sums are made of, for one order: expressions.
struct Order {
    at: String,
    amount: Option<String>,
    discounted: String,
    cost: String,
    costed: String,
    service: String,
}

impl Definition {
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
        let exact = |column: &Option<Column>| column.as_ref().map(|column| column.as_numeric("o"));
        let sums = self.sums(&Order {
            at: source.ordered_at.of("o"),
            discounted: self.is_discounted("o"),
            cost: exact(&source.cost).unwrap_or_default(),
            costed: exact(&source.amount).unwrap_or_default(),
            service: exact(&source.cost_to_serve).unwrap_or_default(),
            amount,
        });
        let (more, filter) = match purpose {
            Purpose::Training => {
                (format!(", count(*) AS rows, 0 AS left_out{currency}{cost}"), String::new())
            }
            Purpose::View => (self.derived(&history), format!(" WHERE {customer} IS NOT NULL")),
        };
        format!(
            "SELECT {customer} AS customer, {history} AS history{}{more} \
             FROM {} AS o{filter} GROUP BY {customer}",
            sums.columns(),
            source.name
        )
    }

    fn histories_of_lines(&self, purpose: Purpose) -> String {
        let source = &self.source;
        let order = source.order_id.as_ref().map(|order| order.of("l")).unwrap_or_default();
        let customer = source.customer.of("l");
        let ordered_at = source.ordered_at.of("l");
        let amount = source.amount.as_ref().map(|amount| amount.of("l"));
        let (usable, summed) = (self.usable_line(), self.summed_amount());
        let (filter, condition) = match purpose {
            Purpose::Training => (format!(" FILTER (WHERE {usable})"), String::new()),
            Purpose::View => (String::new(), format!(" WHERE {usable}")),
        };
        let history = self.fold("o.ordered_at", amount.as_ref().map(|_| "o.amount"));
        let (currency, cost) = (self.currency_columns("l"), self.cost_columns("l"));
        let exact = |column: &Option<Column>| column.as_ref().map(|column| column.as_numeric("l"));
        let line_sums = self.line_sums(exact, &usable);
        let sums = self.sums(&Order {
            at: "o.ordered_at".into(),
            amount: amount.as_ref().map(|_| "o.amount".into()),
            discounted: "o.discounted".into(),
            cost: "o.line_cost".into(),
            costed: "o.line_costed".into(),
            service: "o.line_service".into(),
        });
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
            Purpose::View => (String::new(), self.derived(&history)),
        };
        let amount_column =
            summed.map(|summed| format!(", sum({summed}){filter} AS amount")).unwrap_or_default();
        format!(
            "SELECT o.customer, {history} AS history{sums}{outer} FROM (\
             SELECT {customer} AS customer, min({ordered_at}){filter} AS ordered_at{amount_column}{line_sums}{inner} \
             FROM {} AS l{condition} GROUP BY {customer}, {order}) AS o GROUP BY o.customer",
            source.name,
            sums = sums.columns(),
        )
    }

    /// Whether a line `l` has all that an order needs.
    fn usable_line(&self) -> String {
        let source = &self.source;
        let needed = [
            Some(&source.customer),
            source.order_id.as_ref(),
            Some(&source.ordered_at),
            source.amount.as_ref(),
        ];
        let there =
            needed.into_iter().flatten().map(|column| format!("{} IS NOT NULL", column.of("l")));
        there.collect::<Vec<_>>().join(" AND ")
    }

    /// The amount of a line `l` as it is summed: a sum of binary fractions would depend on the order of the lines.
    fn summed_amount(&self) -> Option<String> {
        let amount = self.source.amount.as_ref()?;
        Some(if self.source.has_float_amounts() { amount.as_numeric("l") } else { amount.of("l") })
    }

    /// What the lines of an order add up to, beside its amount.
    fn line_sums(&self, exact: impl Fn(&Option<Column>) -> Option<String>, usable: &str) -> String {
        let source = &self.source;
        let known = |what: String, also: &str| {
            format!("sum({what}) FILTER (WHERE {also} IS NOT NULL AND {usable})")
        };
        let (cost, amount) = (exact(&source.cost), exact(&source.amount));
        let costs = cost.zip(amount).map(|(cost, amount)| {
            let (a, b) = (known(cost.clone(), &amount), known(amount, &cost));
            format!(", {a} AS line_cost, {b} AS line_costed")
        });
        let service = exact(&source.cost_to_serve)
            .map(|cost| format!(", sum({cost}) FILTER (WHERE {usable}) AS line_service"));
        let discount = source.discount.as_ref().map(|_| {
            let discounted = self.is_discounted("l");
            format!(", bool_or({discounted}) FILTER (WHERE {usable}) AS discounted")
        });
        [costs, service, discount].into_iter().flatten().collect()
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

    /// Whether a row of the source was reduced; false without such a column.
    fn is_discounted(&self, alias: &str) -> String {
        match &self.source.discount {
            None => "false".into(),
            Some(column) if column.is_boolean() => column.of(alias),
            Some(column) => format!("{} > 0", column.as_numeric(alias)),
        }
    }

    fn sums(&self, order: &Order) -> Sums {
        let source = &self.source;
        let at = &source.ordered_at;
        let until = self.within(at, &order.at, None);
        let recent = self.within(at, &order.at, Some(self.options.window_days));
        let bought =
            order.amount.as_ref().map(|amount| format!(" AND {}", self.is_purchase(amount)));
        let bought = bought.unwrap_or_default();
        let known =
            format!("{} IS NOT NULL AND {} IS NOT NULL AND {recent}", order.cost, order.costed);
        let sum = |what: &str, filter: &str| format!("sum({what}) FILTER (WHERE {filter})");
        Sums {
            discounted: source.discount.as_ref().map(|_| {
                format!("count(*) FILTER (WHERE {} AND {until}{bought})", order.discounted)
            }),
            cost: source
                .cost
                .as_ref()
                .map(|_| (sum(&order.cost, &known), sum(&order.costed, &known))),
            // rows that histories leave out count nowhere
            service: source.cost_to_serve.as_ref().map(|_| {
                let there =
                    order.amount.as_ref().map(|amount| format!(" AND {amount} IS NOT NULL"));
                sum(&order.service, &format!("{recent}{}", there.unwrap_or_default()))
            }),
        }
    }

    /// Whether an amount, of the type of the source's amounts, is that of a purchase.
    pub fn is_purchase(&self, amount: &str) -> String {
        let money = self.source.amount.as_ref().is_some_and(Column::is_money);
        format!("{amount}{} >= 0", if money { "::pg_catalog.numeric" } else { "" })
    }

    /// The day as of which rows of the source count, which a training of "latest" does not know yet: that of the last
    /// purchase, of orders as the histories fold them.
    fn as_of_of_rows(&self) -> String {
        if self.trained == Trained::Newest || self.options.as_of != AsOf::Latest {
            return self.as_of();
        }
        let source = &self.source;
        let bought = |amount: &str| match &source.amount {
            Some(_) => format!(" AND {}", self.is_purchase(amount)),
            None => String::new(),
        };
        let (customer, at) = (source.customer.of("l"), source.ordered_at.of("l"));
        let orders = match &source.order_id {
            None => format!(
                "SELECT {at} AS at FROM {} AS l WHERE {customer} IS NOT NULL{}",
                source.name,
                bought(&source.amount.as_ref().map(|amount| amount.of("l")).unwrap_or_default())
            ),
            Some(order) => {
                let summed =
                    self.summed_amount().map(|amount| format!(", sum({amount}) AS amount"));
                format!(
                    "SELECT o.at FROM (SELECT min({at}) AS at{} FROM {} AS l WHERE {} GROUP BY {customer}, {}) AS o WHERE true{}",
                    summed.unwrap_or_default(),
                    source.name,
                    self.usable_line(),
                    order.of("l"),
                    bought("o.amount")
                )
            }
        };
        format!("(SELECT max({}) FROM ({orders}) AS m)", self.day(&source.ordered_at, "m.at"))
    }

    /// The day of a time column of a table alias, in the zone of the segmentation.
    pub fn day_of(&self, at: &Column, alias: &str) -> String {
        self.day(at, &at.of(alias))
    }

    /// The same of an expression of the type of `at`.
    fn day(&self, at: &Column, expression: &str) -> String {
        let zone = literal(&self.options.time_zone);
        match at.has_zone() {
            true => format!("({expression} AT TIME ZONE {zone})::pg_catalog.date"),
            false => format!("{expression}::pg_catalog.date"),
        }
    }

    /// Whether the time of a row is up to as_of, that whole day included.
    pub fn until(&self, at: &Column, alias: &str) -> String {
        self.within(at, &at.of(alias), None)
    }

    /// The same of an expression of the type of `at`, and that it is within so many days, if given. The ends are
    /// computed once a query.
    fn within(&self, at: &Column, expression: &str, days: Option<u32>) -> String {
        let (as_of, zone) = (self.as_of_of_rows(), literal(self.zone()));
        let start = |days: i64| {
            let day = format!("{as_of} + {days}");
            match (at.is_date(), at.has_zone()) {
                (true, _) => format!("(SELECT ({day})::pg_catalog.date)"),
                (_, false) => format!("(SELECT ({day})::pg_catalog.timestamp)"),
                (_, true) => format!("(SELECT ({day})::pg_catalog.timestamp AT TIME ZONE {zone})"),
            }
        };
        let from = days.map(|days| 1 - i64::from(days));
        if !at.has_zone() || self.zone() == "UTC" {
            let before = format!("{expression} < {}", start(1));
            return match from {
                None => before,
                Some(from) => format!("{expression} >= {} AND {before}", start(from)),
            };
        }
        // Where clocks go back over midnight, a day begins twice: within a day of an end the day itself decides.
        let day = self.day(at, expression);
        let [sure, maybe] = [0, 2].map(start);
        let before =
            format!("({expression} < {sure} OR {expression} < {maybe} AND {day} <= {as_of})");
        match from {
            None => before,
            Some(from) => {
                let [sure, maybe] = [from + 1, from - 1].map(start);
                format!(
                    "({expression} >= {sure} OR {expression} >= {maybe} AND {day} >= {as_of} + {from}) AND {before}"
                )
            }
        }
    }

    /// The histories that a training has folded, with the same columns as those of the view.
    pub fn folded_histories(&self) -> String {
        format!(
            "(SELECT r.*{} FROM histories AS r WHERE r.customer IS NOT NULL)",
            self.derived("r.history")
        )
    }

    /// What several columns of the view are made of, computed where the orders are folded: once for all of them,
    /// and not at all where none is selected.
    pub fn derived(&self, history: &str) -> String {
        let as_of = self.as_of();
        let trained = |column: &str| self.trained(column);
        let (cuts, model, spend) =
            (trained("cuts"), trained("purchase_model"), trained("spend_model"));
        let (options, margin) = (&self.options, trained("margin"));
        let [horizon, rate, step] =
            [options.horizon_days, options.discount_rate, options.step_days].map(double);
        let read = |function: &str| format!("customer_value.{function}({history}, {as_of})");
        let score = |axis: &str| format!("customer_value.{axis}({cuts}, {history}, {as_of})");
        let window = options.window_days;
        let mut columns = vec![
            ("recency_score", score("recency_score")),
            ("frequency_score", score("frequency_score")),
            ("monetary_score", score("monetary_score")),
            ("frequency", read("order_count")),
            ("revenue", read("revenue")),
            ("average_order_value", read("average_order_value")),
            ("p_alive", format!("customer_value.p_alive({model}, {history}, {as_of})")),
            (
                "clv",
                format!(
                    "customer_value.clv({model}, {spend}, {history}, {as_of}, {horizon}, {rate}, {margin}, {step})"
                ),
            ),
            (
                "current_value",
                format!("customer_value.current_value({history}, {as_of}, {window}, {margin})"),
            ),
        ];
        if self.source.cost.is_some() {
            let from = format!("{as_of} - {}", window - 1);
            let revenue = format!("customer_value.revenue_between({history}, {from}, {as_of})");
            columns.push(("window_revenue", revenue));
        }
        if self.trained != Trained::First {
            columns.push(("loyalty", self.loyalty(history)));
            columns.push(("basic_score", self.basic_score(history)));
            columns.push(("lifecycle_level", self.lifecycle_level(history)));
        }
        columns.into_iter().map(|(name, expression)| format!(", {expression} AS {name}")).collect()
    }
}

//! The tables of a segmentation view as SQL: histories, and beside them the optional inputs, joined by customer.

use super::definition::Definition;
use super::source::Column;
use crate::label::matrix::Matrix;
use crate::server::query::ident;

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
        let theirs = |name: &&String| !self.is_own_axis(name) && customers.find(name).is_some();
        let read = weights.chain(axes).filter(theirs);
        self.options.need.iter().chain(read).cloned().collect()
    }

    /// Rows of purchases up to as_of that have a value in a column, one row a customer: `select` of it.
    fn bought(&self, column: &Column) -> String {
        let source = &self.source;
        let amount = source.amount.as_ref();
        let amount = amount.map(|amount| format!(" AND {}", self.is_purchase(&amount.of("o"))));
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
}

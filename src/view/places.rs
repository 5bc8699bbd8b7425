//! The columns of a segmentation view that show axes, classes and places in matrices.

use super::columns::Columns;
use super::definition::Definition;
use crate::label::matrix::MatrixAxis;

impl Definition {
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
        self.input_columns(columns);
        if self.source.amount.is_some() {
            columns.number(
                "current_value",
                self.or_zero_value("h.current_value"),
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
            let number = column.is_number().then(|| column.as_float("c"));
            columns.add(&column.name, column.of("c"), number, comment);
        }
    }

    /// The places of customers in matrices: label, code and rank.
    pub fn place_columns(&self, columns: &mut Columns) {
        for matrix in &self.matrices {
            let cuts_of = |column: &str| self.trained_cuts(&matrix.name, column);
            let axis = |axis: &MatrixAxis, cuts: &str| {
                format!("{}, {}", self.axis_of(matrix, axis), cuts_of(cuts))
            };
            let mut axes = vec![axis(&matrix.x, "x_cuts")];
            axes.extend(matrix.y.as_ref().map(|y| axis(y, "y_cuts")));
            let place = match Self::by_rule(&matrix.x.name) && matrix.y.is_none() {
                // a level is a place
                true => format!("({})::pg_catalog.int4", self.axis_of(matrix, &matrix.x)),
                false => format!("customer_value.place_of({})", axes.join(", ")),
            };
            let part =
                |array: &str| format!("({})[{place}]", self.trained_positions(&matrix.name, array));
            let name = &matrix.view_column;
            let missing = |axis: &MatrixAxis| match axis.name.as_str() {
                "crm_need" => {
                    Some("need_type is not loyal, price-sensitive or service-oriented".to_owned())
                }
                axis if Self::by_rule(axis) => None,
                axis => Some(format!("{axis} is NULL")),
            };
            let missing: Vec<String> = matrix.axes().filter_map(missing).collect();
            let without = match missing.join(" or ").as_str() {
                "" if matrix.name == "lifecycle" => "NULL before the first training".to_owned(),
                "" => "NULL where no rule holds, and before the first training".to_owned(),
                missing => format!("NULL where {missing}, and before the first training"),
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
}

/// A text with a capital at its beginning.
fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next()
        .map_or(String::new(), |first| first.to_uppercase().collect::<String>() + rest.as_str())
}

//! Products, `p`: how many different ones a customer bought, and the one of most orders.

use super::orders::bought;
use super::{InputKind, per_customer};
use crate::catalogue::Catalogue;
use crate::histories::order_count;
use crate::model::{Column, Input, PartOf, ReaderColumn, Reads, Segmentation, Signal, ViewColumn};
use crate::sql::Select;
use crate::trained::{At, day};
use serde::Deserialize;
use std::rc::Rc;

/// See the module.
pub const KIND: InputKind = InputKind {
    option: "product",
    allowed: "a column of the source",
    read: super::column::<Given>,
};

/// The column that tells what was bought.
#[derive(Debug, Deserialize)]
struct Given(String);

impl super::Given for Given {
    fn find(&self, catalogue: &dyn Catalogue) -> Rc<dyn Input> {
        Rc::new(Products { product: catalogue.orders().comparable(&self.0) })
    }
}

#[derive(Debug)]
struct Products {
    product: Column,
}

impl Input for Products {
    fn alias(&self) -> &'static str {
        "p"
    }

    fn reads(&self) -> Reads {
        Reads { table: None, columns: vec![ReaderColumn::as_it_is(&self.product)] }
    }

    /// One row per customer: breadth, and favourite, the first by name among equals.
    fn rows(&self, s: &Segmentation) -> Select {
        let (customer, product) = (s.orders.customer.of("o"), self.product.of("o"));
        let rows = bought(s, &self.product).column(&customer, "customer");
        // of products that are equal, as A and a may be, the name is the first
        let rows = rows.column(format!("min({product}::text COLLATE \"C\")"), "name");
        let at = &s.orders.ordered_at;
        let first = format!("min({})", day(s, at, &at.of("o")));
        let rows = rows.column(order_count(s), "orders").column(first, "first_bought");
        let different = rows.group(customer).group(product).sql();
        let different = Select::from(different.enclosed("", " AS d"));
        let first = "(array_agg(d.name ORDER BY d.orders DESC, d.name COLLATE \"C\"))[1]";
        let rows = per_customer(different, "d.customer").column("count(*)", "breadth");
        rows.column(first, "favourite")
    }

    fn before(&self, s: &Segmentation) -> Vec<(&'static str, String)> {
        let bought = format!("d.first_bought <= {}", At::Before.as_of(s));
        vec![("breadth", format!("nullif(count(*) FILTER (WHERE {bought}), 0)"))]
    }

    fn at<'a>(&'a self, s: &'a Segmentation) -> &'a Column {
        &s.orders.ordered_at
    }

    fn columns_of_orders(&self, s: &Segmentation) -> Vec<ViewColumn> {
        vec![
            ViewColumn::numbers("product_breadth", "p.breadth", s.comment("product_breadth")),
            ViewColumn::others("favourite_product", "p.favourite", s.comment("favourite_product")),
        ]
    }

    fn signals(&self, _: &Segmentation) -> Vec<Signal> {
        vec![Signal::trained("product_breadth", "p.breadth::float8", PartOf::ValueScore)]
    }
}

//! Products, `p`: how many different ones a customer bought.

use super::{Input, bought, per_customer};
use crate::segmentation::Segmentation;
use crate::sql::Select;

/// One row per customer: breadth.
pub fn input(s: &Segmentation) -> Option<Input> {
    let product = s.orders.product.as_ref()?;
    let customer = s.orders.customer.of("o");
    let different =
        bought(s, product).column(&customer, "customer").column(product.of("o"), "product");
    let different = different.group(customer).group(product.of("o")).sql().enclosed("", " AS d");
    let rows = per_customer(Select::from(different), "d.customer").column("count(*)", "breadth");
    Some(Input { alias: "p", rows, left_out: None })
}

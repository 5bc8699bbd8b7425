//! Amounts of the view in the digits of their source, and in the types of a view that is there.

#[allow(dead_code, reason = "a part of it is used here")]
mod shop;

use segmentation::Plan;
use segmentation::model::{Digits, Segmentation};
use segmentation::sql::Name;
use segmentation::view::{There, columns_after, rounds};

fn plan(digits: Option<(u16, u16)>) -> Plan {
    let mut s: Segmentation = shop::plain();
    s.orders.digits = digits.map(|(precision, scale)| Digits { precision, scale });
    Plan::new(s).expect("a plan")
}

/// What the view selects for its amounts, where columns of these types are there.
fn shown(plan: &Plan, there: &[(&str, &str)]) -> (Vec<String>, Option<u16>) {
    let there: Vec<There> = there
        .iter()
        .map(|(name, type_name)| There {
            name: Name::own(name),
            type_name: (*type_name).into(),
            appended: None,
        })
        .collect();
    let columns = columns_after(plan, &there);
    let of = |name: &str| columns.iter().find(|column| column.name.text == name).map(|c| c.shown());
    let amounts = ["monetary", "average_order_value", "revenue"].map(|name| of(name).expect(name));
    (amounts.into(), rounds(plan, &columns))
}

#[test]
fn a_new_view_has_the_digits_of_the_source() {
    let plain = ["h.revenue", "h.average_order_value", "h.revenue"];
    assert_eq!(shown(&plan(None), &[]), (plain.map(String::from).into(), None));
    for (digits, sum, mean) in [
        ((12, 2), "numeric(38,2)", "numeric(38,6)"),
        ((19, 4), "numeric(38,4)", "numeric(38,8)"),
        ((20, 2), "numeric(39,2)", "numeric(43,6)"),
    ] {
        let expected =
            [sum, mean, sum].into_iter().zip(plain).map(|(of, sql)| format!("{sql}::{of}"));
        assert_eq!(shown(&plan(Some(digits)), &[]), (expected.collect(), None));
    }
}

#[test]
fn a_view_that_is_there_keeps_its_types() {
    let all = |there: [&str; 3]| -> Vec<(&str, String)> {
        ["monetary", "average_order_value", "revenue"]
            .into_iter()
            .zip(there.map(String::from))
            .collect()
    };
    for (digits, there, rounded) in [
        (Some((12, 2)), ["numeric", "numeric", "numeric"], None),
        (Some((12, 2)), ["numeric(38,2)", "numeric(38,6)", "numeric(38,2)"], None),
        (Some((12, 2)), ["numeric(38,4)", "numeric(38,8)", "numeric(38,4)"], None),
        (Some((12, 3)), ["numeric(38,2)", "numeric(38,6)", "numeric(38,2)"], Some(2)),
        (None, ["numeric(38,2)", "numeric(38,6)", "numeric(38,2)"], Some(2)),
    ] {
        let types = all(there);
        let types: Vec<(&str, &str)> =
            types.iter().map(|(name, of)| (*name, of.as_str())).collect();
        let (found, rounds) = shown(&plan(digits), &types);
        let cast = |(sql, of): (&str, &str)| match of {
            "numeric" => sql.to_owned(),
            _ => format!("{sql}::{of}"),
        };
        let plain = ["h.revenue", "h.average_order_value", "h.revenue"];
        let expected: Vec<String> = plain.into_iter().zip(there).map(cast).collect();
        assert_eq!((found, rounds), (expected, rounded));
    }
}

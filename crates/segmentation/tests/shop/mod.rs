//! A shop: a segmentation with default options, and its tables.

use btyd::axis::Split;
use segmentation::catalogue::{Catalogue, Expected, Table};
use segmentation::inputs::{self, InputKind};
use segmentation::model::*;
use segmentation::sql::Name;
use serde_json::{Map, Value, json};
use std::rc::Rc;

/// The tables of the shop. Times are in a column `at`, days in `day`, numbers in `weight` and `score`.
struct Shop;

impl Catalogue for Shop {
    fn orders(&self) -> Box<dyn Table + '_> {
        Box::new(ShopTable("shop.orders".into()))
    }

    fn table(&self, _: &'static str, _: &str, given: &str) -> Box<dyn Table + '_> {
        Box::new(ShopTable(given.into()))
    }
}

struct ShopTable(String);

impl Table for ShopTable {
    fn relation(&self) -> String {
        self.0.clone()
    }

    fn column(&self, name: &str) -> Column {
        let kind = match name {
            "at" => Kind::Timestamptz,
            "day" => Kind::Date,
            "weight" | "score" | "customer_id" => Kind::Exact,
            _ => Kind::Other,
        };
        column(name, kind)
    }

    fn expect(&self, name: &str, expected: Expected) -> Column {
        let column = self.column(name);
        assert!(expected.kinds.contains(&column.kind), "{name} holds {}", expected.words);
        column
    }

    fn comparable(&self, name: &str) -> Column {
        self.column(name)
    }

    fn customer(&self, name: &str) -> Column {
        self.column(name)
    }
}

/// The inputs of these kinds that options name, and the options that name none.
pub fn inputs_of(kinds: &[InputKind], options: Value) -> (Vec<Rc<dyn Input>>, Map<String, Value>) {
    let mut others: Map<String, Value> = options.as_object().cloned().expect("they are an object");
    let given = inputs::take(kinds, &mut others).expect("the options can be read");
    (given.iter().map(|given| given.find(&Shop)).collect(), others)
}

/// A column.
pub fn column(name: &str, kind: Kind) -> Column {
    let type_name = match kind {
        Kind::Timestamptz => "timestamptz",
        Kind::Date => "date",
        Kind::Exact => "int8",
        _ => "text",
    };
    Column {
        name: Name::own(name),
        kind,
        type_name: format!("pg_catalog.{type_name}"),
        exact_type: None,
        comment: None,
        collation: None,
    }
}

/// A matrix with this name, shown in columns called so.
pub fn matrix(
    name: &str,
    shown: &str,
    description: &str,
    x: (&str, SplitAt),
    y: Option<(&str, SplitAt)>,
) -> Matrix {
    let axis = |(name, split): (&str, SplitAt)| MatrixAxis { name: name.into(), split };
    let columns =
        ["", "_code", "_rank", "_action"].map(|suffix| Name::own(&format!("{shown}{suffix}")));
    let (x, y) = (axis(x), y.map(axis));
    Matrix {
        name: name.into(),
        columns,
        previous: Name::own(&format!("previous_{shown}")),
        description: description.into(),
        x,
        y,
        positions: Vec::new(),
    }
}

/// At the median.
pub fn median() -> SplitAt {
    SplitAt::Trained(Split::Median, Vec::new())
}

fn contribution() -> SplitAt {
    SplitAt::Trained(Split::Contribution, vec![0.8, 0.95])
}

/// Gives a segmentation a customer table and every optional input.
#[allow(dead_code)] // not every test wants them
pub fn give_inputs(s: &mut Segmentation) {
    let of_customers = [
        ("id", Kind::Exact),
        ("region", Kind::Other),
        ("age", Kind::Exact),
        ("wants", Kind::Other),
        ("since", Kind::Timestamptz),
        ("won_for", Kind::Exact),
    ];
    let columns: Vec<Column> = of_customers.map(|(name, kind)| column(name, kind)).into();
    s.customers = Some(Customers {
        relation: "shop.customers".into(),
        key: columns[0].clone(),
        shown: columns[1..3].to_vec(),
        need: Some(columns[3].clone()),
        since: Some(columns[4].clone()),
        acquisition_cost: Some(columns[5].clone()),
        columns,
    });
    let options = json!({
        "interactions": {
            "source": "shop.contacts", "customer": "customer_id", "at": "at", "kind": "kind",
            "weight": "weight",
        },
        "satisfaction": {
            "source": "shop.answers", "customer": "customer_id", "at": "day", "kind": "kind",
            "score": "score",
        },
        "product": "product",
        "channel": "channel",
    });
    (s.inputs, _) = inputs_of(inputs::ALL, options);
}

/// A shop with default options.
pub fn plain() -> Segmentation {
    let orders = Orders {
        relation: "shop.orders".into(),
        customer: column("customer_id", Kind::Exact),
        customer_type: "bigint".into(),
        same: "OPERATOR(pg_catalog.=)".into(),
        ordered_at: column("ordered_at", Kind::Timestamptz),
        amount: Some(column("total", Kind::Exact)),
        digits: None,
        order_id: None,
        currency: None,
        cost: None,
        cost_to_serve: None,
        discount: None,
    };
    let quadrants = |name: &str, what: &str, x: &str, y: &str, split: fn() -> SplitAt| {
        matrix(name, &format!("{name}_quadrant"), what, (x, split()), Some((y, split())))
    };
    let mean = || SplitAt::Trained(Split::Mean, Vec::new());
    Segmentation {
        id: "00000000-0000-0000-0000-000000000000".into(),
        schema: Name::own("shop"),
        view: Name::own("plain"),
        readers: Vec::new(),
        keep: None,
        function: Name::own("plain_of"),
        orders,
        rollup: None,
        customers: None,
        inputs: Vec::new(),
        as_of: AsOf::Live,
        zone: "UTC".into(),
        language: "en".into(),
        labels: LabelStyle::Plain,
        security_invoker: true,
        bins: 5,
        net_refunds: true,
        monetary_average: false,
        spec: "{\"bins\":5}".into(),
        terms: Terms {
            horizon_days: 365.0,
            annual_discount_rate: 0.1,
            step_days: 0.0,
            margin: 1.0,
        },
        spans: Spans { window_days: 365, decline_days: 90, half_life_days: 30.0, compare_days: 30 },
        potential_value: None,
        indexes: Vec::new(),
        value_weights: Vec::new(),
        relationship_weights: vec![("satisfaction", 1.0), ("frequency", 1.0), ("freshness", 1.0)],
        matrices: vec![
            matrix(
                "lifecycle",
                "lifecycle_stage",
                "stage of the customer lifecycle",
                ("lifecycle_level", SplitAt::Given(vec![2.0, 3.0, 4.0, 5.0, 6.0, 7.0])),
                None,
            ),
            quadrants(
                "growth",
                "potential by current value",
                "potential_value",
                "current_value",
                median,
            ),
            quadrants("spend", "orders by their value", "frequency", "average_order_value", mean),
            matrix(
                "abc",
                "abc_class",
                "contribution to revenue",
                ("revenue", contribution()),
                None,
            ),
            matrix(
                "abc_pair",
                "abc_pair",
                "contribution to revenue and to orders",
                ("revenue", contribution()),
                Some(("frequency", contribution())),
            ),
            quadrants(
                "profitability",
                "loyalty by profitability",
                "loyalty",
                "profitability",
                median,
            ),
            matrix(
                "value_tier",
                "value_tier",
                "tiers",
                ("value_score", SplitAt::Given(vec![0.33, 0.66])),
                None,
            ),
        ],
    }
}

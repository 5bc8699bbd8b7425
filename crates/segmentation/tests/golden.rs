//! What is written for three segmentations, as golden texts in tests/expected/sql: each change of the SQL is a diff
//! that a person reads. `ACCEPT=1 cargo test -p segmentation` takes what is written now.

mod shop;

use segmentation::actions::known_and_placed;
use segmentation::model::*;
use segmentation::on_days::{on_days, on_days_by_then};
use segmentation::sql::Name;
use segmentation::trained::Applied;
use segmentation::view::There;
use segmentation::{Plan, Refusal, inputs, keep, training, view};
use serde_json::json;
use shop::{column, give_inputs, inputs_of, matrix, median, plain};

fn order_lines() -> Segmentation {
    let mut s = plain();
    s.view = Name::own("lined");
    s.function = Name::own("lined_of");
    s.as_of = AsOf::Latest;
    s.zone = "Asia/Shanghai".into();
    s.orders.relation = "shop.lines".into();
    s.orders.order_id = Some(column("id", Kind::Exact));
    s.orders.cost = Some(column("cost", Kind::Exact));
    s.orders.cost_to_serve = Some(column("service", Kind::Exact));
    s.orders.discount = Some(column("discounted", Kind::Boolean));
    let (need, given) = ("need_level", SplitAt::Given(vec![2.0, 3.0, 4.0, 5.0]));
    s.matrices.push(matrix(
        "need",
        "need_type",
        "what the customer looks for",
        (need, given),
        None,
    ));
    s
}

fn every_input() -> Segmentation {
    let mut s = order_lines();
    s.view = Name::own("inputs");
    s.function = Name::own("inputs_of");
    s.as_of = AsOf::Day("2025-11-30".into());
    s.zone = "UTC".into();
    s.language = "zh".into();
    s.orders.relation = "shop.orders".into();
    s.orders.order_id = None;
    s.orders.currency = Some(column("currency", Kind::Other));
    give_inputs(&mut s);
    s.potential_value =
        Some(vec![("clv".into(), 3.0), ("age".into(), 1.0), ("purchase_days".into(), 1.0)]);
    let parts = vec![("age".into(), 2.0), ("product_breadth".into(), 0.5)];
    s.indexes = vec![Index { name: Name::own("influence"), parts }];
    s.matrices[2].y.iter_mut().for_each(|y| y.split = SplitAt::AmountPerOrder);
    let quality = ("relationship_quality", median());
    s.matrices.push(matrix(
        "value",
        "value_quadrant",
        "quality",
        quality,
        Some(("potential_value", median())),
    ));
    let cuts = || SplitAt::Given(vec![2.0, 3.0]);
    let tier = Some(("value_tier_rank", cuts()));
    s.matrices.push(matrix("crm", "crm_cell", "need by value tier", ("crm_need", cuts()), tier));
    s
}

/// The golden text, compared or, with ACCEPT, written.
fn same(name: &str, text: &str) {
    golden::same(
        "sql",
        name,
        &format!(
            "{text}
"
        ),
    );
}

fn all(name: &str, s: Segmentation) {
    let plan = Plan::new(s).expect("the segmentation is as it should be");
    same(&format!("{name}.view.sql"), &view::view(&plan, &plan.columns, false, &[]));
    same(&format!("{name}.function.sql"), &view::function(&plan, &plan.columns, false));
    let comments = view::comments(&plan, &plan.columns);
    let comments: Vec<String> = comments.iter().map(|comment| comment.command(&plan.of)).collect();
    same(&format!("{name}.comments.sql"), &comments.join("\n"));
    same(&format!("{name}.training.sql"), &training::statement(&plan));
    let applied = if plan.of.keep.is_some() { Applied::OfTheDay } else { Applied::Newest };
    let days = "SELECT d.day FROM unnest('{2025-10-31,2025-11-30}'::date[]) AS d (day)";
    let named = |name: &str| plan.columns.iter().find(|column| column.name.text == name);
    let wanted = [
        "customer_id",
        "rfm_segment",
        "growth_quadrant",
        "need_type",
        "profitability",
        "revenue",
        "clv",
    ];
    let wanted: Vec<_> = wanted.iter().filter_map(|name| Some((*name, named(name)?))).collect();
    let text = match name {
        "kept" => on_days_by_then(&plan, days, applied, &wanted),
        _ => on_days(&plan, days, applied, &wanted),
    };
    same(&format!("{name}.on_days.sql"), &text);
    if plan.of.customers.is_some() {
        assert_eq!(text, on_days_by_then(&plan, days, applied, &wanted));
    }
    let of = |names: &[&'static str]| -> Vec<_> {
        names.iter().filter_map(|name| Some((*name, named(name)?))).collect()
    };
    let (before, after) = (of(&["rfm_segment", "need_type", "clv"]), of(&["clv"]));
    same(&format!("{name}.actions.sql"), &known_and_placed(&plan, &before, &after));
    same(&format!("{name}.histories.sql"), &view::histories_as_they_are(&plan));
}

#[test]
fn default_options() {
    all("plain", plain());
}

#[test]
fn lines_with_costs_in_a_zone() {
    all("order_lines", order_lines());
}

#[test]
fn with_all_inputs() {
    all("every_input", every_input());
}

/// The names beside a view.
fn beside(view: &str, noted: bool) -> Keep {
    let name = |suffix: &str| format!("shop.{view}_{suffix}");
    Keep {
        kept: name("kept"),
        kept_now: name("kept_now"),
        touched: noted.then(|| Touched { table: name("touched"), now: name("touched_now") }),
    }
}

/// Everything that is written for kept histories.
fn all_kept(name: &str, mut s: Segmentation, noted: bool) {
    s.keep = Some(beside(&s.view.text, noted));
    let columns: Vec<String> = ["customer_id", "ordered_at", "total"].map(str::to_owned).into();
    let kept = s.keep.as_ref().expect("it keeps");
    let mut statements = vec![keep::tables(&s, kept), keep::comments(&s, kept)];
    if noted {
        let trigger = |kind| keep::trigger(&s, kind, &s.orders.relation, &columns);
        statements.extend(keep::Trigger::ALL.map(trigger));
    }
    statements.push(keep::fill(&s, kept));
    statements.push(keep::refresh_all(&s, kept));
    statements.extend(keep::refresh_touched(&s, kept));
    same(&format!("{name}.tables.sql"), &statements.join("\n\n"));
    all(name, s);
}

#[test]
fn kept_histories() {
    all_kept("kept", plain(), true);
}

#[test]
fn kept_histories_of_lines() {
    all_kept("refreshed_lines", order_lines(), false);
}

#[test]
fn ranked_labels() {
    let mut s = plain();
    s.labels = LabelStyle::Ranked;
    let written = |s: Segmentation| {
        let plan = Plan::new(s).expect("the segmentation is as it should be");
        let sql = view::view(&plan, &plan.columns, false, &[]);
        let comments = view::comments(&plan, &plan.columns);
        let comments = comments.iter().map(|comment| comment.command(&plan.of));
        sql.lines().map(str::to_owned).chain(comments).collect::<Vec<_>>()
    };
    let (plainly, ranked) = (written(plain()), written(s));
    let differ = ranked.iter().zip(&plainly).filter(|(now, before)| now != before);
    let differ: Vec<&str> = differ.map(|(now, _)| now.trim()).collect();
    same("ranked_labels.differences.sql", &differ.join("\n"));
}

#[test]
fn bound_to_names() {
    let mut s = every_input();
    let holds = ["orders", "customers", "interactions", "satisfaction"];
    s.readers = holds.map(|holds| (holds, Name::own(&format!("inputs_{holds}")))).into();
    let plan = Plan::new(s).expect("the segmentation is as it should be");
    let readers = plan.readers();
    let commands: Vec<String> =
        readers.iter().map(|reader| view::reader(&plan.of, reader, false)).collect();
    same("bound_to_names.readers.sql", &commands.join(";\n"));
    same("bound_to_names.view.sql", &view::view(&plan, &plan.columns, false, &[]));
    let tables = Plan::new(every_input()).expect("the segmentation is as it should be");
    assert_eq!(training::statement(&plan), training::statement(&tables));
}

/// Holdings of customers, whose orders are lines, and everything that can be known of holdings.
fn parents() -> Segmentation {
    let mut s = order_lines();
    s.view = Name::own("lined_parents");
    s.function = Name::own("lined_parents_of");
    s.orders.customer = column("holding", Kind::Other);
    s.orders.customer_type = "text".into();
    s.orders.currency = Some(column("currency", Kind::Other));
    let customer = || column("customer_id", Kind::Exact);
    s.rollup = Some(Rollup {
        member: customer(),
        same: "OPERATOR(pg_catalog.=)".into(),
        parents: Some(Parents {
            relation: "shop.customers".into(),
            key: column("id", Kind::Exact),
        }),
        members: vec![("satisfaction", customer())],
        rows: Vec::new(),
    });
    let options = json!({
        "satisfaction": {
            "source": "shop.answers", "customer": "holding", "at": "day", "kind": "kind",
            "score": "score",
        },
        "product": "product",
        "channel": "channel",
    });
    (s.inputs, _) = inputs_of(inputs::ALL, options);
    s
}

#[test]
fn large_accounts() {
    all("parents", parents());
}

#[test]
fn large_accounts_bound_to_names() {
    let mut s = parents();
    s.readers = vec![("orders", Name::own("lined_parents_orders"))];
    let plan = Plan::new(s).expect("the segmentation is as it should be");
    let readers = plan.readers();
    let commands: Vec<String> =
        readers.iter().map(|reader| view::reader(&plan.of, reader, false)).collect();
    same("parents.readers.sql", &commands.join(";\n"));
    let tables = Plan::new(parents()).expect("the segmentation is as it should be");
    assert_eq!(training::statement(&plan), training::statement(&tables));
}

#[test]
fn large_accounts_told_by_the_orders() {
    let mut s = plain();
    s.orders.customer = column("holding", Kind::Other);
    let written = |s: &Segmentation| {
        let plan = Plan::new(s.clone()).expect("the segmentation is as it should be");
        [view::view(&plan, &plan.columns, false, &[]), training::statement(&plan)]
    };
    let customers = written(&s);
    s.rollup = Some(Rollup { parents: None, ..parents().rollup.expect("it has parents") });
    assert_eq!(written(&s), customers, "orders are read as if the parents had ordered");
}

#[test]
fn labels_that_need_orders() {
    let of = |s: Segmentation| {
        let plan = Plan::new(s).expect("the segmentation is as it should be");
        let labels = plan.columns.iter().filter(|column| column.name.text.ends_with("_code"));
        let labels = labels.filter(|column| column.is_of_orders());
        labels.map(|column| column.name.text.clone()).collect::<Vec<_>>()
    };
    let common = ["rfm_code", "rfm_segment_code", "clv_tier_code"];
    let plain_ones = [&common[..], &["lifecycle_stage_code", "growth_quadrant_code"]].concat();
    assert_eq!(of(plain()), plain_ones);
    assert_eq!(of(every_input()), common);
}

#[test]
fn what_cannot_be() {
    let refused = |change: fn(&mut Segmentation)| {
        let mut s = every_input();
        change(&mut s);
        Plan::new(s).err()
    };
    let index = |name: &str| Some(vec![(name.to_owned(), 1.0)]);
    let mut circle = every_input();
    circle.potential_value = index("loyalty");
    let option = || "potential_value".to_owned();
    let made = Refusal::MadeOfPercentiles { option: option(), part: "loyalty".into() };
    assert_eq!(Plan::new(circle).err(), Some(made));
    let mut unknown = every_input();
    unknown.potential_value = index("region");
    let none = Refusal::NoPartOfIndex { option: option(), part: "region".into() };
    assert_eq!(Plan::new(unknown).err(), Some(none));
    let no_axis = Refusal::NoAxis { matrix: "growth".into(), axis: "purchase_gap".into() };
    assert_eq!(refused(|s| s.matrices[1].x.name = "purchase_gap".into()), Some(no_axis));
    let twice = refused(|s| s.matrices[1].columns[2] = Name::own("clv"));
    assert_eq!(twice, Some(Refusal::Twice("clv".into())));
    let weightless =
        refused(|s| s.relationship_weights.iter_mut().for_each(|(_, weight)| *weight = 0.0));
    assert_eq!(weightless, Some(Refusal::NoRelationshipWeight));
    let mut taken = parents();
    taken.orders.discount = Some(column("holding", Kind::Boolean));
    let taken = Plan::new(taken).err();
    let (relation, name) = ("shop.lines".to_owned(), "holding".to_owned());
    assert_eq!(taken, Some(Refusal::ParentTaken { relation, name }));
}

#[test]
fn weights_of_the_value_score() {
    let score = |change: fn(&mut Segmentation)| {
        let mut s = every_input();
        change(&mut s);
        let plan = Plan::new(s).ok()?;
        let of = |column: &&ViewColumn| column.name.text == "value_score";
        plan.columns.iter().find(of).map(|column| column.sql.clone())
    };
    let breadth =
        "customer_value_internal.percentile_of(t.axes, 'product_breadth', p.breadth::float8)";
    assert_eq!(score(|_| ()), Some(format!("(2 * h.basic_score + {breadth}) / 3")));
    let weighted = score(|s| s.value_weights = vec![("frequency", 3.0), ("product_breadth", 0.5)]);
    assert_eq!(weighted, Some(format!("(4 * h.basic_score + 0.5 * {breadth}) / 4.5")));
    let only = score(|s| s.value_weights = vec![("frequency", 0.0), ("revenue", 0.0)]);
    assert_eq!(only.as_deref(), Some(breadth));
    let basic = score(|s| s.value_weights = vec![("product_breadth", 0.0)]);
    assert_eq!(basic.as_deref(), Some("h.basic_score"));
    let mut none = plain();
    none.value_weights = vec![("frequency", 0.0), ("revenue", 0.0)];
    assert_eq!(Plan::new(none).err(), Some(Refusal::NoValueWeight));
}

#[test]
fn names_of_indexes() {
    let refused = |name: &str, part: &str| {
        let mut s = every_input();
        s.indexes = vec![Index { name: Name::own(name), parts: vec![(part.into(), 1.0)] }];
        Plan::new(s).err()
    };
    assert_eq!(refused("reach", "age"), None);
    // an axis that is no column, a column of the customer table, of the view
    for taken in ["purchase_days", "other_interactions", "age", "wants"] {
        assert_eq!(refused(taken, "clv"), Some(Refusal::IndexTaken(taken.into())));
    }
    assert_eq!(refused("clv", "age"), Some(Refusal::Twice("clv".into())));
    let option = || "indexes.reach".to_owned();
    let none = |part: &str| Some(Refusal::NoPartOfIndex { option: option(), part: part.into() });
    assert_eq!(refused("reach", "reach"), none("reach"));
    assert_eq!(refused("reach", "region"), none("region"));
    let made = Refusal::MadeOfPercentiles { option: option(), part: "value_score".into() };
    assert_eq!(refused("reach", "value_score"), Some(made));
}

#[test]
fn columns_of_a_view_keep_their_places() {
    let plan = Plan::new(plain()).expect("the segmentation is as it should be");
    let there = |name: &str| There {
        name: Name::own(name),
        type_name: "text".to_owned(),
        appended: (name == "theirs").then(|| "h.clv * 2".to_owned()),
    };
    let there = ["customer_id", "gone", "clv", "theirs"].map(there);
    let columns = view::columns_after(&plan, &there);
    let names: Vec<&str> = columns.iter().map(|column| column.name.text.as_str()).collect();
    assert_eq!(names[..5], ["customer_id", "gone", "clv", "theirs", "first_purchase"]);
    assert_eq!((columns[1].sql.as_str(), columns[3].sql.as_str()), ("NULL::text", "h.clv * 2"));
    assert_eq!(columns.len(), plan.columns.len() + 2);
    let gone = columns.iter().filter(|column| column.is_no_longer());
    assert_eq!(gone.map(|column| column.name.text.as_str()).collect::<Vec<_>>(), ["gone"]);
    let comments = view::comments(&plan, &columns);
    assert_eq!(comments.len(), columns.len() + 1, "all but theirs, and view and function");
}

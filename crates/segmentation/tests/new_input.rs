//! A new input is one file: this one. What the file of an input in `crates/segmentation/src/inputs` holds is defined
//! here, and a segmentation that carries it has all that belongs to it.

mod shop;

use segmentation::catalogue::Catalogue;
use segmentation::inputs::{Events, Given, InputKind, take};
use segmentation::model::{Column, Input, PartOf, Reads, Signal, ViewColumn};
use segmentation::options::Misread;
use segmentation::sql::{Select, Sql};
use segmentation::{Plan, Segmentation, inputs, training, view};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shop::{inputs_of, plain};
use std::rc::Rc;

/// Visits of a branch.
const VISITS: InputKind = InputKind {
    option: "visits",
    allowed: "{\"source\": table, \"customer\": column, \"at\": column}",
    read: inputs::table::<VisitsGiven>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VisitsGiven {
    source: String,
    customer: String,
    at: String,
}

impl Given for VisitsGiven {
    fn find(&self, catalogue: &dyn Catalogue) -> Rc<dyn Input> {
        let table = catalogue.table(VISITS.option, "visits", &self.source);
        Rc::new(Visits(Events::of(VISITS.option, &*table, &self.customer, &self.at)))
    }
}

#[derive(Debug)]
struct Visits(Events);

impl Input for Visits {
    fn alias(&self) -> &'static str {
        "vi"
    }

    fn reads(&self) -> Reads {
        self.0.reads(None)
    }

    fn rows(&self, s: &Segmentation) -> Select {
        self.0.rows(s, "w").column("count(*)", "visits")
    }

    fn before(&self, s: &Segmentation) -> Vec<(&'static str, String)> {
        let before = self.0.before(s, "w");
        vec![("visits", format!("nullif(count(*) FILTER (WHERE {before}), 0)"))]
    }

    fn at<'a>(&'a self, _: &'a Segmentation) -> &'a Column {
        &self.0.at
    }

    fn left_out(&self, s: &Segmentation) -> Option<Sql> {
        Some(self.0.left_out(s, "w", "visits", None))
    }

    fn columns(&self, _: &Segmentation) -> Vec<ViewColumn> {
        vec![ViewColumn::numbers(
            "visits",
            "vi.visits",
            "Number of visits up to as_of; NULL for none",
        )]
    }

    fn signals(&self, _: &Segmentation) -> Vec<Signal> {
        vec![Signal::trained("visits", "vi.visits::float8", PartOf::ValueScore)]
    }
}

fn given() -> Value {
    json!({"bins": 5, "visits": {"source": "shop.visits", "customer": "customer_id", "at": "at"}})
}

fn with_visits() -> Plan {
    let (inputs, _) = inputs_of(&[VISITS], given());
    Plan::new(Segmentation { inputs, ..plain() }).expect("the segmentation is as it should be")
}

/// The lines stand in a text, one after the other, whatever their indentation.
fn assert_lines(text: &str, lines: &[&str]) {
    let text: Vec<&str> = text.lines().map(str::trim).collect();
    let found = text.windows(lines.len()).any(|window| window == lines);
    assert!(found, "{lines:#?} are not in\n{}", text.join("\n"));
}

#[test]
fn its_option_is_known() {
    let (found, others) = inputs_of(&[VISITS], given());
    assert_eq!(found.len(), 1);
    assert_eq!(others.keys().collect::<Vec<_>>(), ["bins"]);
    let (found, others) = inputs_of(&[VISITS], json!({"visits": null}));
    assert!(found.is_empty() && others.is_empty());
}

#[test]
fn its_option_is_read_strictly() {
    let read = |value: Value| {
        let mut options = Map::from_iter([("visits".to_owned(), value)]);
        take(&[VISITS], &mut options).err()
    };
    let misread = |path: &str, why: &str| Some(Misread { path: path.into(), why: why.into() });
    assert_eq!(read(json!([])), misread("visits", "invalid type: a list"));
    assert_eq!(read(json!({})), misread("visits", "missing field \"source\""));
    assert_eq!(read(json!({"at": 5})), misread("visits.at", "invalid type: integer \"5\""));
    assert_eq!(read(json!({"colour": 5})), misread("visits.colour", "unknown field \"colour\""));
}

#[test]
fn its_rows_are_joined() {
    let plan = with_visits();
    let joined = |visits: &[&'static str]| {
        let before = [
            "LEFT JOIN LATERAL (",
            "SELECT",
            "w.customer_id AS same,",
            "w.customer_id AS customer,",
        ];
        let after = [
            "FROM shop.visits AS w",
            "WHERE w.customer_id IS NOT NULL",
            "AND isfinite(w.at)",
            "AND w.at < t.day_1",
            "GROUP BY w.customer_id",
            ") AS vi",
        ];
        [&before, visits, &after].concat()
    };
    let was = "nullif(count(*) FILTER (WHERE w.at < t.previous_day_1), 0) AS previous_visits";
    let in_view = joined(&["count(*) AS visits,", was]);
    assert_lines(&view::view(&plan, &plan.columns, false, &[]), &in_view);
    assert_lines(&training::statement(&plan), &joined(&["count(*) AS visits"]));
}

#[test]
fn the_day_it_compares_with_is_computed() {
    let plan = with_visits();
    let day = "((now() AT TIME ZONE 'UTC')::date + 1)::timestamp AT TIME ZONE 'UTC' AS day_1,";
    assert_lines(&view::view(&plan, &plan.columns, false, &[]), &[day]);
}

#[test]
fn its_columns_are_in_the_view() {
    let plan = with_visits();
    assert_lines(&view::view(&plan, &plan.columns, false, &[]), &["vi.visits,"]);
    let comment =
        "COMMENT ON COLUMN shop.plain.visits IS 'Number of visits up to as_of; NULL for none';";
    let comments = view::comments(&plan, &plan.columns);
    assert!(comments.iter().any(|of| of.command(&plan.of) == comment));
}

#[test]
fn its_numbers_of_before_are_read() {
    let plan = with_visits();
    let previous = plan.columns.iter().find(|column| column.name.text == "previous_value_tier");
    let sql = &previous.expect("there is one").sql;
    assert!(
        sql.contains("'visits', vi.previous_visits::float8") && !sql.contains("vi.visits"),
        "{sql}"
    );
}

#[test]
fn its_axis_is_trained() {
    let plan = with_visits();
    let at = plan.axes.iter().position(|axis| axis.names == ["visits"]).expect("there is one");
    let trained = format!("customer_value_internal.train_axis(vi.visits::float8, '') AS a{at}");
    let statement = training::statement(&plan);
    assert!(statement.contains(&trained), "{trained} is not in\n{statement}");
}

#[test]
fn it_counts_for_the_value_score() {
    let plan = with_visits();
    let score = "(2 * h.basic_score + customer_value_internal.percentile_of(t.axes, 'visits', vi.visits::float8)) / 3 \
                 AS value_score,";
    assert_lines(&view::view(&plan, &plan.columns, false, &[]), &[score]);
}

#[test]
fn rows_that_do_not_count_are_counted() {
    let plan = with_visits();
    let counted = [
        "SELECT",
        "jsonb_build_object(",
        "'visits_without_customer_or_time', count(*) FILTER (WHERE w.customer_id IS NULL OR w.at IS NULL OR NOT \
         isfinite(w.at)),",
        "'visits_of_unknown_customers', count(*) FILTER (WHERE w.customer_id IS NOT NULL AND k.customer IS NULL)",
        ")",
        "FROM shop.visits AS w",
    ];
    assert_lines(&training::statement(&plan), &counted);
}

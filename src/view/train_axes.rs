//! Training the axes of matrices: in the same statement that trains cuts and models, over the histories that it has
//! folded, in two passes, because some axes are made of trained percentiles of others.

use super::definition::{AXES, Definition, Trained};
use super::histories::Purpose;
use super::options::SpendCentre;
use crate::label::matrix::{Matrix, MatrixAxis, Position};
use crate::server::error::notice;
use crate::server::query::{literal, run_with};
use crate::training::axis::AxisReport;
use btyd::axis::Split;

/// An axis to be trained.
struct Job {
    /// Its name.
    axis: String,
    /// How it is split, None for one of which only the percentiles are needed.
    split: Option<(String, Vec<f64>)>,
    /// The aggregate that trains it.
    aggregate: String,
    /// Whether it needs percentiles of other axes.
    second: bool,
}

/// The axes that a training has to train.
pub struct Axes {
    jobs: Vec<Job>,
}

/// An axis with what was found.
struct Found {
    axis: String,
    split: Option<(String, Vec<f64>)>,
    report: AxisReport,
}

/// What was found of all axes.
pub struct FoundAxes {
    found: Vec<Found>,
}

/// A list of numbers as an array of the server.
fn array(numbers: &[f64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
    format!("{{{}}}", numbers.join(","))
}

fn in_training(definition: &Definition, trained: Trained) -> Definition {
    Definition { trained, ..definition.clone() }
}

/// Whether the cut of this axis is gross amount / orders.
fn is_centre_of_orders(definition: &Definition, matrix: &Matrix, axis: &MatrixAxis) -> bool {
    definition.options.spend_centre == SpendCentre::Orders
        && matrix.name == "spend"
        && matrix.builtin
        && axis.name == "average_order_value"
}

/// How an axis of a matrix is split; None where it needs no training.
fn split_of(
    definition: &Definition,
    matrix: &Matrix,
    axis: &MatrixAxis,
) -> Option<(String, Vec<f64>)> {
    let split = match is_centre_of_orders(definition, matrix, axis) {
        true => "gross amount / orders".to_owned(),
        false => axis.split_name.clone(),
    };
    (axis.split != Split::Given).then(|| (split, axis.numbers.clone()))
}

impl Axes {
    /// Those of a segmentation.
    pub fn of(definition: &Definition) -> Axes {
        let (first, second) =
            (in_training(definition, Trained::First), in_training(definition, Trained::Second));
        let mut jobs: Vec<Job> = Vec::new();
        for ((axis, aggregate), (_, later)) in
            first.needed_axes().into_iter().zip(second.needed_axes())
        {
            let needs = aggregate.contains(AXES);
            jobs.push(Job {
                axis,
                split: None,
                second: needs,
                aggregate: if needs { later } else { aggregate },
            });
        }
        for matrix in &definition.matrices {
            for axis in matrix.axes() {
                let Some(split) = split_of(definition, matrix, axis) else {
                    // an axis that does not exist is refused all the same
                    definition.axis_of(matrix, axis);
                    continue;
                };
                let known = |job: &Job| job.axis == axis.name && job.split.as_ref() == Some(&split);
                if jobs.iter().any(known) {
                    continue;
                }
                let (early, late) = (first.axis_of(matrix, axis), second.axis_of(matrix, axis));
                let needs = early.contains(AXES);
                let value = if needs { late } else { early };
                let how = match split.0.as_str() {
                    "gross amount / orders" => {
                        "'given', ARRAY[(SELECT t.amount_per_order FROM trained AS t)]".to_owned()
                    }
                    name if split.1.is_empty() => format!("{}, NULL", literal(name)),
                    name => format!(
                        "{}, {}::pg_catalog.float8[]",
                        literal(name),
                        literal(&array(&split.1))
                    ),
                };
                let aggregate = format!("customer_value.train_axis({value}, {how})");
                jobs.push(Job {
                    axis: axis.name.clone(),
                    split: Some(split),
                    aggregate,
                    second: needs,
                });
            }
        }
        Axes { jobs }
    }

    /// The statement of a training: `pass` reads the folded `histories`. Its columns, then what was found of the
    /// axes as JSON, then the rows of inputs that do not count as JSON.
    pub fn query(&self, definition: &Definition, pass: &str) -> String {
        let (first, second) =
            (in_training(definition, Trained::First), in_training(definition, Trained::Second));
        let aggregates = |wanted: bool| {
            let jobs = self.jobs.iter().enumerate().filter(move |(_, job)| job.second == wanted);
            let list: Vec<String> =
                jobs.map(|(i, job)| format!("{} AS a{i}", job.aggregate)).collect();
            if list.is_empty() {
                "NULL::pg_catalog.text AS none".to_owned()
            } else {
                list.join(", ")
            }
        };
        let people = |definition: &Definition| definition.people(&definition.folded_histories());
        let found: Vec<String> = self
            .jobs
            .iter()
            .enumerate()
            .map(|(i, job)| match job.second {
                true => format!("y.a{i}"),
                false => format!("x.a{i}"),
            })
            .collect();
        let early = self.jobs.iter().enumerate().filter(|(_, job)| !job.second);
        let early: Vec<String> = early
            .map(|(i, job)| format!("({}, x.a{i}::pg_catalog.jsonb)", literal(&job.axis)))
            .collect();
        let (known, inputs) = inputs(&first);
        format!(
            "WITH histories AS MATERIALIZED ({histories}), pass AS MATERIALIZED ({pass}), \
             trained AS MATERIALIZED ({trained}), \
             first_axes AS MATERIALIZED (SELECT {a} FROM {x} WHERE h.frequency > 0), \
             {AXES} AS MATERIALIZED (SELECT DISTINCT ON (v.axis) v.axis, CASE pg_catalog.jsonb_typeof(v.found -> 'percentiles') WHEN 'array' \
                 THEN ARRAY(SELECT p::pg_catalog.float8 FROM pg_catalog.jsonb_array_elements_text(v.found -> 'percentiles') AS p) END AS percentiles \
                 FROM first_axes AS x CROSS JOIN LATERAL (VALUES {early}) AS v (axis, found)), \
             second_axes AS MATERIALIZED (SELECT {b} FROM {y} WHERE h.frequency > 0){known} \
             SELECT pass.*, pg_catalog.json_build_array({found})::pg_catalog.text, ({inputs})::pg_catalog.text \
             FROM pass CROSS JOIN first_axes AS x CROSS JOIN second_axes AS y",
            histories = first.histories(Purpose::Training),
            trained = trained(&first),
            a = aggregates(false),
            x = people(&first),
            b = aggregates(true),
            y = people(&second),
            early = early.join(", "),
            found = found.join(", "),
        )
    }

    /// What the statement found, from its JSON.
    pub fn found(&self, json: Option<String>) -> FoundAxes {
        let texts: Vec<Option<String>> =
            json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
        let read = |text: &Option<String>| {
            text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
        };
        let found = self.jobs.iter().zip(&texts).map(|(job, text)| Found {
            axis: job.axis.clone(),
            split: job.split.clone(),
            report: read(text),
        });
        FoundAxes { found: found.collect() }
    }
}

/// What the training under way knows, from the report of its pass, under the names of table `training`.
fn trained(definition: &Definition) -> String {
    let options = &definition.options;
    let margin = match &definition.source.cost {
        Some(_) => "CASE WHEN abs(p.margin) <= 1e6 THEN p.margin END".to_owned(),
        None => {
            format!("{}::pg_catalog.float8", literal(&options.margin.unwrap_or(1.0).to_string()))
        }
    };
    let labels = match &definition.scheme {
        Some(scheme) => format!(
            "customer_value.rfm_scheme_labels({}, {})",
            literal(scheme),
            literal(&options.language)
        ),
        None => "NULL::customer_value.rfm_labels".into(),
    };
    format!(
        "SELECT q.*, ARRAY(SELECT c::pg_catalog.float8 * q.margin FROM pg_catalog.jsonb_array_elements_text(\
             CASE pg_catalog.jsonb_typeof(q.report -> 'clv_percentiles') WHEN 'array' THEN q.report -> 'clv_percentiles' ELSE '[]' END) AS c \
             ORDER BY 1) AS clv_percentiles \
         FROM (SELECT r.report, {margin} AS margin, {labels} AS labels, pg_catalog.now() AS trained_at, \
             (r.report ->> 'as_of')::pg_catalog.date AS as_of, \
             (r.report -> 'cuts')::pg_catalog.text::customer_value.rfm_cuts AS cuts, \
             (r.report ->> 'purchase_model')::customer_value.purchase_model AS purchase_model, \
             (r.report ->> 'spend_model')::customer_value.spend_model AS spend_model, \
             ((r.report ->> 'gross')::pg_catalog.numeric / nullif((r.report ->> 'orders')::pg_catalog.numeric, 0))::pg_catalog.float8 \
                 AS amount_per_order \
             FROM pass AS p CROSS JOIN LATERAL (SELECT \
                 CASE WHEN p.report::pg_catalog.jsonb ->> 'cuts' IS NOT NULL THEN p.report::pg_catalog.jsonb END AS report) AS r) AS q"
    )
}

/// The customers that are known, where inputs have to ask, and the rows of inputs that do not count.
fn inputs(definition: &Definition) -> (String, String) {
    let inputs = &definition.inputs;
    let events = inputs.interactions.as_ref().map(|input| input.left_out(definition));
    let answers = inputs.answers.as_ref().map(|input| input.left_out(definition));
    let parts: Vec<String> = [events, answers].into_iter().flatten().collect();
    if parts.is_empty() {
        return (String::new(), "NULL".into());
    }
    let customers = inputs.customers.as_ref().map(|customers| {
        let key = customers.key.of("c");
        format!(" UNION SELECT {key} FROM {} AS c WHERE {key} IS NOT NULL", customers.name)
    });
    let known = format!(
        ", known AS MATERIALIZED (SELECT h.customer FROM histories AS h WHERE h.customer IS NOT NULL{})",
        customers.unwrap_or_default()
    );
    (known, parts.join(" || "))
}

impl FoundAxes {
    fn cuts(
        &self,
        definition: &Definition,
        matrix: &Matrix,
        axis: &MatrixAxis,
    ) -> Option<Vec<f64>> {
        let Some(split) = split_of(definition, matrix, axis) else {
            return Some(axis.numbers.clone());
        };
        self.of(axis, &split)?.report.cuts.clone()
    }

    fn of(&self, axis: &MatrixAxis, split: &(String, Vec<f64>)) -> Option<&Found> {
        self.found
            .iter()
            .find(|found| found.axis == axis.name && found.split.as_ref() == Some(split))
    }

    /// Keeps them as those of a training.
    pub fn store(&self, definition: &Definition, number: i32) {
        let id = definition.id.as_str();
        for (i, Found { axis, report, .. }) in self.found.iter().enumerate() {
            if self.found[..i].iter().any(|before| before.axis == *axis) {
                continue;
            }
            run_with(
                "INSERT INTO customer_value.training_axis (segmentation, axis, number, customers, mean, percentiles) \
                 VALUES ($1::pg_catalog.uuid, $2, $3, $4, $5, $6::pg_catalog.float8[])",
                &[
                    id.into(),
                    axis.as_str().into(),
                    number.into(),
                    report.customers.into(),
                    report.mean.into(),
                    report.percentiles.as_deref().map(array).into(),
                ],
            );
        }
        for matrix in &definition.matrices {
            let cuts =
                |axis: &MatrixAxis| self.cuts(definition, matrix, axis).as_deref().map(array);
            let of = |part: fn(&Position) -> String| {
                let parts: Vec<String> = matrix.positions.iter().flatten().map(part).collect();
                serde_json::to_string(&parts).unwrap_or_default()
            };
            run_with(
                "INSERT INTO customer_value.training_matrix (segmentation, matrix, number, x_axis, x_cuts, y_axis, y_cuts, \
                     codes, labels, ranks, language) \
                 VALUES ($1::pg_catalog.uuid, $2, $3, $4, $5::pg_catalog.float8[], $6, $7::pg_catalog.float8[], \
                     ARRAY(SELECT * FROM pg_catalog.jsonb_array_elements_text($8::pg_catalog.jsonb)), \
                     ARRAY(SELECT * FROM pg_catalog.jsonb_array_elements_text($9::pg_catalog.jsonb)), \
                     ARRAY(SELECT r::pg_catalog.int2 FROM pg_catalog.jsonb_array_elements_text($10::pg_catalog.jsonb) AS r), $11)",
                &[
                    id.into(),
                    matrix.name.as_str().into(),
                    number.into(),
                    matrix.x.name.as_str().into(),
                    cuts(&matrix.x).into(),
                    matrix.y.as_ref().map(|y| y.name.as_str()).into(),
                    matrix.y.as_ref().and_then(cuts).into(),
                    of(|position| position.code.clone()).into(),
                    of(|position| position.label.clone()).into(),
                    of(|position| position.rank.to_string()).into(),
                    definition.options.language.as_str().into(),
                ],
            );
        }
    }

    /// Tells of axes that separate nobody, and of labels that a language lacks.
    pub fn tell(&self, definition: &Definition) {
        let mut told: Vec<&str> = Vec::new();
        for Found { axis, report, .. } in &self.found {
            let ends = report.percentiles.as_deref().and_then(|all| all.first().zip(all.last()));
            let what = match ends {
                None => "no customer has a value, so nobody has a place in",
                Some((from, to)) if from == to => {
                    "all customers have the same value, so all have the same level in"
                }
                Some(_) => continue,
            };
            let trained = |matrix: &&Matrix| {
                let mut axes = matrix.axes().filter(|other| other.name == *axis);
                axes.any(|axis| split_of(definition, matrix, axis).is_some())
            };
            let matrices: Vec<&str> = definition
                .matrices
                .iter()
                .filter(trained)
                .map(|matrix| matrix.name.as_str())
                .collect();
            if !matrices.is_empty() && !told.contains(&axis.as_str()) {
                told.push(axis);
                notice(format!("axis {axis}: {what} {}", matrices.join(", ")));
            }
        }
        tell_untranslated(definition);
    }
}

/// Tells of labels that a language lacks: all of a matrix, or some.
fn tell_untranslated(definition: &Definition) {
    let language = &definition.options.language;
    let mut whole = Vec::new();
    for matrix in &definition.matrices {
        let positions = || matrix.positions.iter().flatten();
        let missing = positions().filter(|position| !position.translated);
        let missing: Vec<&str> = missing.map(|position| position.label.as_str()).collect();
        match missing.len() {
            0 => {}
            n if n == positions().count() => whole.push(matrix.name.as_str()),
            _ => notice(format!(
                "matrix {} has no label in language \"{language}\" for: {}",
                matrix.name,
                missing.join(", ")
            )),
        }
    }
    if !whole.is_empty() {
        notice(format!(
            "no labels in language \"{language}\", so English or codes stand for them, in matrices {}",
            whole.join(", ")
        ));
    }
}

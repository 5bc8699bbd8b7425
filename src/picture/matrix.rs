//! A matrix of two axes: its fields, and how customers are spread over the plane.

use super::Arguments;
use super::frame::Framing;
use super::rows::{Measure, require_measured};
use super::scale::Scale;
use crate::report::matrices::{self, ShownMatrix};
use crate::report::playbook::Positions;
use crate::report::segments::{Segments, label_of};
use crate::report::template::sql;
use crate::server::error::{Code, fail};
use crate::server::names::listed;
use crate::server::query::{column, ident, literal, rows};
use picture::axis;
use picture::matrix::{Axis, Field, Matrix, Patch, draw};

/// The matrix that a picture is of where a reader gives none.
const DEFAULT: &str = "growth";

type Read = (
    Option<bool>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<i32>,
    Option<i32>,
    Option<i64>,
    Option<f64>,
    Option<f64>,
    Option<i32>,
);

/// What the newest training found of a matrix.
#[derive(Default)]
struct Trained {
    cuts: [Vec<f64>; 2],
    /// Level by level of the first axis and, within it, of the second.
    codes: Vec<String>,
    percentiles: [Vec<f64>; 2],
}

/// Draws a matrix, `by` its name or its column, with a measure (default: customers shaded, revenue in words).
pub fn picture(segments: &Segments, arguments: &Arguments) -> String {
    let framing = Framing::new(segments, "matrix", arguments);
    let measure = Measure::of(arguments, Measure::Customers);
    let matrices = matrices::of(segments);
    let matrix = chosen(segments, &matrices, arguments.by.as_deref());
    let trained = trained(segments, matrix);
    let plane = Plane::of(segments, matrix, &trained);
    let read = plane.read(segments, &matrices, matrix);
    let of_code = |row: &&Read| row.0 == Some(false);
    let customers: i64 = read.iter().filter(of_code).filter_map(|row| row.6).sum();
    let as_of = read.iter().filter_map(|row| row.9).max();
    let (say, title) = (framing.say(), framing.title_of_matrix(matrix));
    let placed = |row: &Read| row.0 == Some(false) && row.1.is_some() && row.6 > Some(0);
    if !read.iter().any(placed) || trained.codes.is_empty() {
        let why = say.filled("no_places", &[("matrix", &title)]);
        return framing.nothing(&title, customers, as_of, &why);
    }
    let revenue: f64 = read.iter().filter(of_code).filter_map(|row| row.7).sum();
    let whole = Whole { customers, revenue, measure, language: &segments.language };
    let patches = plane.patches(&read, measure);
    let greatest = patches.iter().map(|patch| patch.value).fold(0.0, f64::max);
    let words = segments.words();
    let [x, y] = [0, 1].map(|at| plane.axis(at, words.axis(&matrix.axes[at]), &segments.language));
    let fields: Vec<Field> =
        read.iter().filter_map(|row| field(&framing, &plane, &trained, row, &whole)).collect();
    let without = customers - fields.iter().map(|field| field.customers).sum::<i64>();
    let data = Matrix {
        axes: [x, y],
        fields,
        patches,
        measure: measure.name(say).into(),
        ends: [0.0, greatest].map(|end| axis::short(end, &segments.language)),
        customers: [say.text("of_customers.one").into(), say.text("of_customers").into()],
    };
    let mut frame = framing.frame(&title, customers, as_of);
    let mut notes = Vec::new();
    if !data.patches.is_empty() {
        notes.push(say.text("own_scales").to_owned());
    }
    if without > 0 {
        let keys = ["without_place", "without_place.one"];
        notes.push(say.counted(keys, ("number", without), &[]));
    }
    frame.note = notes.join(say.text("sentences"));
    draw(&data, &frame)
}

/// The matrix that a reader gave by name or column, or the default; an error if it has not two axes.
fn chosen<'a>(
    segments: &Segments,
    matrices: &'a [ShownMatrix],
    by: Option<&str>,
) -> &'a ShownMatrix {
    let with_two = |matrix: &&ShownMatrix| matrix.axes.len() == 2;
    let named = |name: &str| {
        let label = label_of(name);
        let of_column = matrices.iter().find(|matrix| matrix.column == label);
        of_column.or_else(|| matrices.iter().find(|matrix| matrix.name == name))
    };
    let found = match by {
        Some(by) => named(by),
        None => named(DEFAULT).or_else(|| matrices.iter().find(with_two)),
    };
    if let Some(matrix) = found.filter(with_two) {
        return matrix;
    }
    if let Some(by) = by.filter(|by| found.is_none() && !segments.has(by)) {
        // an error of its own for what does not exist
        Positions::of(segments, matrices, by);
    }
    let names: Vec<&str> =
        matrices.iter().filter(with_two).map(|matrix| matrix.name.as_str()).collect();
    let view = segments.view();
    let message = match by {
        Some(by) => format!("\"{by}\" of {view} is no matrix with two axes"),
        None => format!("{view} has no matrix with two axes"),
    };
    let hint = match names.is_empty() {
        true => {
            "Matrices need amounts, or an optional input. Kinds bars and treemap show any label."
                .to_owned()
        }
        false => format!("Give one of {}; kinds bars and treemap show any label.", listed(&names)),
    };
    fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, hint)
}

fn trained(segments: &Segments, matrix: &ShownMatrix) -> Trained {
    let sql = sql!(
        "trained_matrix.sql",
        segmentation = literal(&segments.stored.identity.id),
        matrix = literal(&matrix.name),
    );
    let found = rows(&sql, &[], |row| {
        let numbers = |at| column::<Vec<f64>>(row, at).unwrap_or_default();
        Trained {
            cuts: [numbers(1), numbers(2)],
            codes: column(row, 3).unwrap_or_default(),
            percentiles: [numbers(4), numbers(5)],
        }
    });
    found.into_iter().next().unwrap_or_default()
}

/// The axes, and how customers are counted along them.
struct Plane {
    levels: [usize; 2],
    /// None where an axis has no numbers in the view.
    scales: Option<[Scale; 2]>,
    /// The columns with the numbers.
    columns: [String; 2],
    /// Whether the best is the lowest, as of ranks.
    falls: [bool; 2],
}

impl Plane {
    fn of(segments: &Segments, matrix: &ShownMatrix, trained: &Trained) -> Plane {
        let scale = |at: usize| {
            let name = &matrix.axes[at];
            let is_shown = segments.has(name) && segments.column(name).column.is_number();
            is_shown.then(|| Scale::new(&trained.percentiles[at], &trained.cuts[at]))?
        };
        Plane {
            levels: [0, 1].map(|at| trained.cuts[at].len() + 1),
            scales: scale(0).zip(scale(1)).map(|(x, y)| [x, y]),
            columns: [0, 1].map(|at| matrix.axes[at].clone()),
            falls: [0, 1].map(|at| matrix.axes[at].ends_with("_rank")),
        }
    }

    /// Reads the positions and the patches.
    fn read(
        &self,
        segments: &Segments,
        matrices: &[ShownMatrix],
        matrix: &ShownMatrix,
    ) -> Vec<Read> {
        let code = format!("{}_code", matrix.column);
        segments.column(&code);
        require_measured(segments);
        let patch = |at: usize| match &self.scales {
            Some(scales) => scales[at].patch(&format!("v.{}", ident(&self.columns[at]))),
            None => "NULL::int4".into(),
        };
        let sql = sql!(
            "matrix.sql",
            view = segments.view(),
            code = ident(&code),
            x = patch(0),
            y = patch(1),
            positions = Positions::of(segments, matrices, &matrix.column).query,
        );
        segments.records(&sql)
    }

    fn axis(&self, at: usize, name: &str, language: &str) -> Axis {
        let scale = self.scales.as_ref().map(|scales| &scales[at]);
        Axis {
            name: name.to_owned(),
            levels: self.levels[at],
            ticks: scale.map(|scale| scale.ticks(language)).unwrap_or_default(),
            patches: scale.map_or(1, |scale| scale.patches),
        }
    }

    fn patches(&self, read: &[Read], measure: Measure) -> Vec<Patch> {
        let patch = |row: &Read| {
            let (Some(true), Some(x), Some(y)) = (row.0, row.4, row.5) else { return None };
            let value = match measure {
                Measure::Customers => row.6.map(|customers| customers as f64),
                Measure::Revenue => row.7,
                Measure::MeanClv => row.8,
            };
            Some(Patch {
                x: usize::try_from(x).ok()?,
                y: usize::try_from(y).ok()?,
                value: value.unwrap_or(0.0),
            })
        };
        read.iter().filter_map(patch).collect()
    }

    /// Where a position is drawn: its place among the codes, level by level.
    fn place(&self, at: usize) -> [usize; 2] {
        let rows = self.levels[1];
        let levels = [at / rows, at % rows];
        [0, 1].map(|axis| match self.falls[axis] {
            true => self.levels[axis].saturating_sub(levels[axis] + 1),
            false => levels[axis],
        })
    }
}

/// What shares are of.
struct Whole<'a> {
    customers: i64,
    revenue: f64,
    measure: Measure,
    language: &'a str,
}

/// A field; None for patches, and for customers without a position.
fn field(
    framing: &Framing<'_>,
    plane: &Plane,
    trained: &Trained,
    row: &Read,
    whole: &Whole<'_>,
) -> Option<Field> {
    let (Some(false), Some(code)) = (row.0, &row.1) else { return None };
    let place = trained.codes.iter().position(|known| known == code)?;
    let [x, y] = plane.place(place);
    let customers = row.6.unwrap_or(0);
    let value = match whole.measure {
        Measure::MeanClv => row.8.map(|value| axis::short(value, whole.language)),
        _ => row.7.map(|amount| {
            let share = (whole.revenue > 0.0).then(|| axis::percent(amount / whole.revenue));
            let share = share.map(|share| format!(" · {share}")).unwrap_or_default();
            axis::short(amount, whole.language) + &share
        }),
    };
    let measure =
        if whole.measure == Measure::MeanClv { Measure::MeanClv } else { Measure::Revenue };
    Some(Field {
        x,
        y,
        label: row.2.clone().unwrap_or_else(|| code.clone()),
        customers,
        share: Some(customers as f64 / whole.customers.max(1) as f64),
        value: value
            .map(|value| format!("{} {value}", measure.name(framing.say())))
            .unwrap_or_default(),
        action: row.3.clone().unwrap_or_default(),
    })
}

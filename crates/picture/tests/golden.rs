//! Documents of each kind as golden texts in tests/expected/pictures: each change of a picture is a diff, and a file to look
//! at. `ACCEPT=1 cargo test -p picture` takes what is drawn now.

mod document;

use document::{ODD, frame, same};
use picture::bars::{self, Bars};
use picture::grid::{self, Cell, Grid};
use picture::group::Group;
use picture::matrix::{self, Axis, Field, Matrix, Patch};
use picture::treemap::{self, Treemap};

fn sizes() -> Vec<(String, i64, f64)> {
    let english = [
        ("Champions", 3610, 1391970.9),
        ("Loyal", 904, 178999.3),
        ("New", 1925, 29924.3),
        ("Lost", 2965, 51333.6),
    ];
    let mut sizes: Vec<(String, i64, f64)> =
        english.map(|(name, of, amount)| (name.into(), of, amount)).into();
    sizes.extend(ODD.map(|name| (name.to_owned(), 120, -5.0)));
    sizes
}

#[test]
fn bars_of_labels() {
    let mut all: Vec<Group> = sizes()
        .into_iter()
        .map(|(label, customers, value)| Group {
            label,
            customers,
            share: Some(customers as f64 / 10124.0),
            value: Some(value),
            value_text: picture::axis::short(value, "en"),
            is_other: false,
        })
        .collect();
    all.push(Group {
        label: "… and 170 more".into(),
        customers: 100,
        is_other: true,
        ..Group::default()
    });
    let data = Bars { bars: all, customers: "Customers".into(), measure: "Revenue".into() };
    same("bars.svg", &bars::draw(&data, &frame("bars", "en")));
    let one =
        Group { label: "冠军客户".into(), customers: 1, share: Some(1.0), ..Group::default() };
    let data = Bars { bars: vec![one], customers: "客户数".into(), measure: String::new() };
    same("bars_one.svg", &bars::draw(&data, &frame("bars-one", "zh")));
}

#[test]
fn nothing_to_show() {
    let why = "There is nothing to show: \"shop\".\"<b>\" has no customers. Whoever made it may train it with train_segmentation.";
    same("nothing.svg", &picture::nothing(&frame("bars", "en"), why));
}

#[test]
fn grid_of_scores() {
    let mut cells = Vec::new();
    for (x, odd) in (1..=5).zip(&ODD[1..]) {
        for y in 1..=5 {
            let customers = (x * y * 40) as i64 % 700;
            let label = if x == y { odd } else { "Potential Loyalist" };
            cells.push(Cell {
                x,
                y,
                customers,
                share: Some(customers as f64 / 9000.0),
                label: label.into(),
                value: Some(customers as f64),
                value_text: String::new(),
            });
        }
    }
    let axes = ["Recency score", "Frequency score"].map(String::from);
    let ends = ["0", "680"].map(String::from);
    let (customers, measure) = ("Customers".into(), "Customers".into());
    let data = Grid { bins: [5, 5], cells, axes, customers, measure, ends };
    same("grid.svg", &grid::draw(&data, &frame("grid", "en")));
}

#[test]
fn matrix_of_fields() {
    let axis = |name: &str, ticks: &[&str]| Axis {
        name: name.into(),
        levels: 2,
        ticks: ticks.iter().map(|tick| (*tick).into()).collect(),
        patches: 4,
    };
    let field = |at: usize, label: &str| Field {
        x: at % 2,
        y: at / 2,
        label: label.into(),
        customers: 8223,
        share: Some(0.3489),
        value: "Revenue 1.81M · 72.4%".into(),
        action: "Assign a personal contact and widen the relationship to new products.".into(),
    };
    let patches =
        (0..64).map(|at| Patch { x: at % 8, y: at / 8, value: (at % 13 * at % 7) as f64 });
    let data = Matrix {
        axes: [
            axis("potential value", &["0", "6", "7.57K"]),
            axis("current value", &["0", "2.5", "4.2K"]),
        ],
        fields: (0..4).map(|at| field(at, ODD[at])).collect(),
        patches: patches.collect(),
        measure: "Customers".into(),
        ends: ["0", "812"].map(String::from),
        customers: ["customer", "customers"].map(String::from),
    };
    same("matrix.svg", &matrix::draw(&data, &frame("matrix", "en")));
}

#[test]
fn treemap_of_labels() {
    let tile = |(label, customers, value): (String, i64, f64)| Group {
        label,
        customers,
        share: Some(customers as f64 / 10124.0),
        value: Some(value),
        value_text: picture::axis::short(value, "zh"),
        is_other: false,
    };
    let data = Treemap {
        tiles: sizes().into_iter().map(tile).collect(),
        customers: "客户数".into(),
        measure: "净收入".into(),
        ends: ["0", "139万"].map(String::from),
    };
    same("treemap.svg", &treemap::draw(&data, &frame("treemap", "zh")));
}

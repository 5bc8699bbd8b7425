//! Documents of the kinds over time as golden texts in tests/expected/pictures, as in `golden.rs`.

mod document;

use document::{ODD, frame, same};
use picture::cohorts::{self, Cell, Cohorts, Row};
use picture::curve::{self, Curve, Line};
use picture::flow::{self, Change, Flow, Link, Node};
use picture::history::{self, History, Segment};
use picture::lorenz::{self, Lorenz, Mark};

#[test]
fn shares_of_the_best() {
    let curve = |at: i32| f64::from(at) / 40.0;
    let mark = |best: f64| Mark {
        best,
        bring: best.powf(0.3),
        words: format!(
            "The best {}% have {}",
            best * 100.0,
            picture::axis::percent(best.powf(0.3))
        ),
    };
    let data = Lorenz {
        points: (0..=40).map(|at| (curve(at), curve(at).powf(0.3))).collect(),
        marks: [0.01, 0.1, 0.2, 0.5].map(mark).into(),
        gini: "Gini coefficient 0.5385".into(),
        axes: ["Share of customers, the best first".into(), "Share of the whole: <revenue>".into()],
        alike: "if all were alike".into(),
    };
    same("lorenz.svg", &lorenz::draw(&data, &frame("lorenz", "en")));
    let one = Lorenz {
        points: vec![(0.0, 0.0), (1.0, 1.0)],
        gini: "基尼系数 0".into(),
        ..Lorenz::default()
    };
    same("lorenz_one.svg", &lorenz::draw(&one, &frame("lorenz-one", "zh")));
}

fn day(at: i32) -> [String; 2] {
    let day = -700 + 30 * at;
    [picture::axis::month(day, "en"), picture::axis::day(day, "en")]
}

#[test]
fn segments_on_days() {
    let names = ["Champions", "Loyal", "New", "Lost"].into_iter().chain(ODD);
    let segment = |(at, name): (usize, &str)| Segment {
        name: name.into(),
        is_rest: false,
        values: (0..13).map(|day| 100.0 + (day as f64 - 6.0) * (at as f64 - 4.0) * 4.0).collect(),
    };
    let mut segments: Vec<Segment> = names.enumerate().map(segment).collect();
    segments
        .push(Segment { name: "… and 170 more".into(), is_rest: true, values: vec![40.0; 13] });
    let data = History { days: (0..13).map(day).collect(), segments, axis: "Customers".into() };
    same("history.svg", &history::draw(&data, &frame("history", "en")));
    let only = Segment { name: "冠军客户".into(), is_rest: false, values: vec![1.0] };
    let data = History { days: vec![day(0)], segments: vec![only], axis: "客户数".into() };
    same("history_one.svg", &history::draw(&data, &frame("history-one", "zh")));
    let nothing = History::default();
    assert!(history::draw(&nothing, &frame("history", "en")).ends_with("</svg>\n"));
}

#[test]
fn customers_between_segments() {
    let names: Vec<&str> = ["Champions", "Loyal", "New", "Lost"].into_iter().chain(ODD).collect();
    let node =
        |(at, name): (usize, &&str)| Node { name: name.to_string(), rank: (at < 9).then_some(at) };
    let nodes: Vec<Node> = names.iter().enumerate().map(node).collect();
    let link = |from: usize, to: usize| Link {
        ends: [from, to],
        customers: if from == to { 500 } else { 90 / (from.abs_diff(to).pow(2)) as u64 },
        change: match from.cmp(&to) {
            _ if from == 9 => Change::Other,
            std::cmp::Ordering::Less => Change::Worse,
            std::cmp::Ordering::Equal => Change::Same,
            std::cmp::Ordering::Greater => Change::Better,
        },
    };
    let all = (0..10).flat_map(|from| (0..10).map(move |to| (from, to)));
    let data = Flow {
        days: ["31 Mar 1998".into(), "30 Jun 1998".into()],
        nodes: [nodes.clone(), nodes],
        links: all.map(|(from, to)| link(from, to)).collect(),
        changes: vec![
            (Change::Better, "moved up: 1,234".into()),
            (Change::Same, "stayed: 5,000".into()),
        ],
        joined: "{flows} small flows: {customers} customers in all".into(),
        ranks: 9,
    };
    same("flow.svg", &flow::draw(&data, &frame("flow", "en")));
    let node = Node { name: "冠军客户".into(), rank: Some(0) };
    let data = Flow {
        days: ["1998年3月31日".into(), "1998年6月30日".into()],
        nodes: [vec![node.clone()], vec![node]],
        links: vec![Link { ends: [0, 0], customers: 1, change: Change::Same }],
        changes: vec![(Change::Same, "未变：1".into())],
        joined: "{flows}".into(),
        ranks: 1,
    };
    same("flow_one.svg", &flow::draw(&data, &frame("flow-one", "zh")));
    assert!(flow::draw(&Flow::default(), &frame("flow", "en")).ends_with("</svg>\n"));
}

#[test]
fn those_who_came_back() {
    let row = |at: i32| Row {
        name: picture::axis::month(-700 + 30 * at, "en"),
        customers: 7846 - 300 * i64::from(at),
        cells: (0..12 - at)
            .map(|period| Cell {
                value: 0.4 / f64::from(period + 1),
                words: format!("{:.0}", 40.0 / f64::from(period + 1)),
                tip: "<tip>".into(),
                is_complete: period < 11 - at,
            })
            .collect(),
    };
    let data = Cohorts {
        rows: (0..12).map(row).collect(),
        all: Some(Row { name: "All".into(), ..row(0) }),
        columns: [
            "First purchase".into(),
            "Customers".into(),
            "Months after that of the first purchase".into(),
        ],
        shaded: "Bought in the period, % of the cohort".into(),
        ends: ["0%".into(), "40%".into()],
    };
    same("cohorts.svg", &cohorts::draw(&data, &frame("cohorts", "en")));
    assert!(cohorts::draw(&Cohorts::default(), &frame("cohorts", "en")).ends_with("</svg>\n"));
}

#[test]
fn lines_over_days() {
    let line = |name: &str, from: i32, slope: f64| Line {
        name: name.into(),
        points: (from..=78).map(|week| (-1095 + 7 * week, f64::from(week) * slope)).collect(),
    };
    let data = Curve {
        days: [-1095, -549],
        axis: "Repeat purchase days so far, all customers".into(),
        lines: vec![
            line("actual 15,600", 0, 200.0),
            line("model 15,210", 0, 195.0),
            line("simple guess 15,000", 39, 192.0),
        ],
        split: Some((-822, ["fitted".into(), "held out".into()])),
        description: "After 30 Sep 1997 customers bought on 7,800 more days.".into(),
        ..Curve::default()
    };
    same("curve.svg", &curve::draw(&data, &frame("curve", "en")));
    let data = Curve {
        days: [-1095, -549],
        axis: "未流失概率".into(),
        is_share: true,
        lines: vec![Line {
            name: String::new(),
            points: vec![(-1095, 1.0), (-800, 0.4), (-799, 1.0), (-549, 0.6)],
        }],
        marks: vec![-1095, -799],
        marked: "有购买的日期".into(),
        ..Curve::default()
    };
    same("curve_customer.svg", &curve::draw(&data, &frame("curve-customer", "zh")));
    let one = Curve {
        days: [0, 0],
        lines: vec![Line { name: "a".into(), points: vec![(0, 1.0)] }],
        ..data
    };
    assert!(curve::draw(&one, &frame("curve", "en")).contains("<circle"));
    assert!(curve::draw(&Curve::default(), &frame("curve", "en")).ends_with("</svg>\n"));
}

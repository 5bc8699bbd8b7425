//! How good the predictions are: the model against what came after the orders that it was fitted to.

use super::Making;
use super::words::{NOTHING, count, number, shown};
use crate::picture::Arguments;
use crate::picture::curve::{compared, of_validation};
use crate::report::models::{Row, VERDICT, told};
use crate::server::clock::{day_text, parse_day};
use page::{Block, Column, Kind, Picture, Table};

/// The longest holdout, in days.
const LONGEST: i32 = 365;

/// The shortest one that says anything.
const SHORTEST: i32 = 14;

/// Figures of the model beside those of a plain guess.
pub fn predictions(making: &Making<'_>) -> Vec<Block> {
    let Some(days) = split(making) else { return vec![making.text("predictions.none")] };
    let (words, [from, to]) = (making.words, days.map(day_text));
    let mut blocks =
        vec![Block::Text(words.with("predictions.text", &[("from", &from), ("to", &to)]))];
    let [from_day, to_day] = days.map(Some);
    let arguments = Arguments { from_day, to_day, ..Arguments::default() };
    blocks.extend(making.tried(|| {
        let found = compared(making.segments, days);
        let svg = of_validation(making.segments, &arguments, days, found.as_ref());
        let figures = found.map(|found| figures(making, &told(found))).unwrap_or_default();
        let caption = words.text("predictions.curve");
        [Block::Picture(Picture { svg, caption })].into_iter().chain(figures).collect()
    }));
    blocks
}

/// The last day that the model is fitted to, and the last one that it predicts: the last third of the time with purchases,
/// up to a year. None where that is too short.
fn split(making: &Making<'_>) -> Option<[i32; 2]> {
    let day = |text: &str| parse_day(text);
    let first = day(&making.facts.day("first_purchase"))?;
    let to = day(&making.facts.day("last_purchase"))?.min(day(&making.facts.as_of)?);
    let held_back = ((to - first) / 3).min(LONGEST);
    (held_back >= SHORTEST).then(|| [to - held_back, to])
}

fn figures(making: &Making<'_>, rows: &[Row]) -> Vec<Block> {
    let words = making.words;
    let of = |part: &str, bucket: &str| {
        rows.iter().find(|row| row.line.part == part && row.line.bucket == bucket)
    };
    let Some(total) = of("total", "all") else { return Vec::new() };
    let nothing = || NOTHING.to_owned();
    let cells = |values: [Option<f64>; 2], digits| {
        values.map(|value| shown(value, |value| number(value, digits)))
    };
    let beside = |[model, guess]: [String; 2]| [nothing(), model, guess];
    let interval = total.interval.map(|ends| ends.map(count).join(" – "));
    let [model, guess] = cells(total.line.predicted, 0);
    let lift = of("lift by decile", "1").map_or([None; 2], |row| row.line.lift);
    let lines = [
        ("purchases", [count(total.line.actual), model, guess]),
        ("interval", beside([interval.unwrap_or_else(nothing), nothing()])),
        ("mae", beside(cells(total.line.mae, 3))),
        ("correlation", beside(cells(total.line.correlation, 3))),
        ("first_tenth", beside(cells(lift, 2))),
    ];
    let line = |(key, cells): (&str, [String; 3])| {
        let name = words.text(&format!("predictions.{key}"));
        [name].into_iter().chain(cells).collect()
    };
    let column = |(name, kind): (&str, Kind)| Column {
        heading: words.text(&format!("column.{name}")),
        kind,
    };
    let columns = [
        ("measure", Kind::Name),
        ("actual", Kind::Number),
        ("predicted", Kind::Number),
        ("baseline", Kind::Number),
    ];
    let customers = count(total.line.customers as f64);
    let table = Table {
        caption: words.with("predictions.table", &[("customers", &customers)]),
        columns: columns.map(column).into(),
        rows: lines.map(line).into(),
        note: String::new(),
    };
    let winner = of(VERDICT, "overall").and_then(|row| row.winner);
    let verdict = winner.map(|winner| making.text(&format!("predictions.verdict.{winner}")));
    verdict.into_iter().chain([Block::Table(table)]).collect()
}

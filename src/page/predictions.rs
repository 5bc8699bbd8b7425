//! How good the predictions are: the model against what came after the orders that it was fitted to.

use super::Making;
use super::rows::{Row, rows_of};
use super::words::{NOTHING, count, number, shown};
use crate::picture::Arguments;
use crate::server::clock::{day_text, parse_day};
use page::{Block, Column, Kind, Table};

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
    blocks.extend(making.picture("curve", arguments, words.text("predictions.curve")));
    blocks.extend(making.tried(|| {
        let rows = rows_of(
            "SELECT * FROM customer_value.validate_purchase_model($1, $2::date, $3::date)",
            &[making.segments.view().into(), from.as_str().into(), to.as_str().into()],
        );
        figures(making, &rows)
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
        rows.iter().find(|row| row.is("part", part) && row.is("bucket", bucket))
    };
    let Some(total) = of("total", "all") else { return vec![making.text("predictions.none")] };
    let cell = |row: Option<&Row>, name: &str, digits| {
        shown(row.and_then(|row| row.number(name)), |value| number(value, digits))
    };
    let nothing = || NOTHING.to_owned();
    let interval = match (total.number("predicted_low"), total.number("predicted_high")) {
        (Some(low), Some(high)) => format!("{} – {}", number(low, 0), number(high, 0)),
        _ => nothing(),
    };
    let (first_tenth, total) = (of("lift by decile", "1"), Some(total));
    let both = |row, model: &str, baseline: &str, digits| {
        [cell(row, model, digits), cell(row, baseline, digits)]
    };
    let [predicted, guessed] = both(total, "predicted", "baseline", 0);
    let [mae, guessed_mae] = both(total, "mae", "baseline_mae", 3);
    let [correlation, guessed_correlation] = both(total, "correlation", "baseline_correlation", 3);
    let [lift, guessed_lift] = both(first_tenth, "lift", "baseline_lift", 2);
    let lines = [
        ("purchases", [cell(total, "actual", 0), predicted, guessed]),
        ("interval", [nothing(), interval, nothing()]),
        ("mae", [nothing(), mae, guessed_mae]),
        ("correlation", [nothing(), correlation, guessed_correlation]),
        ("first_tenth", [nothing(), lift, guessed_lift]),
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
    let customers = shown(total.and_then(|total| total.number("customers")), count);
    let table = Table {
        caption: words.with("predictions.table", &[("customers", &customers)]),
        columns: columns.map(column).into(),
        rows: lines.map(line).into(),
        note: String::new(),
    };
    let verdict = of("verdict", "overall").map(|row| row.text("winner"));
    let verdict = verdict.filter(|winner| ["model", "baseline", "tie"].contains(&winner.as_str()));
    let verdict = verdict.map(|winner| making.text(&format!("predictions.verdict.{winner}")));
    verdict.into_iter().chain([Block::Table(table)]).collect()
}

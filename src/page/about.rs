//! What the segmentation is: what is read first, the facts of its newest training, what may mislead, what words mean.

use super::rows::{Row, rows_of};
use super::words::{Words, amount, count, number, option, percent, rate, shown};
use super::{Making, segments};
use crate::report::doubts;
use crate::report::histories::Histories;
use crate::report::segments::Segments;
use crate::segmentation::options::Options;
use crate::server::attempt::attempt;
use crate::server::clock::day_text;
use page::{Block, Tile};
use std::fmt::Display;

/// What the newest training found, and today.
const FACTS: &str = "\
    SELECT current_date AS today, t.number, t.trained_at::date AS trained_on, t.as_of, t.customers, t.purchasers, t.orders, \
           t.refunds, t.rows_left_out, t.first_purchase, t.last_purchase, t.scheme, t.margin, \
           t.purchase_model::text::jsonb ->> 'family' AS family \
    FROM (SELECT $1::uuid AS id) AS s \
    LEFT JOIN customer_value.training AS t ON t.segmentation = s.id AND t.newest";

/// What a reader needs to know of a segmentation.
pub struct Facts {
    /// The day of the page.
    pub today: String,
    /// The day as of which customers are compared; empty before the first training.
    pub as_of: String,
    /// The options that are in force.
    pub options: Options,
    training: Option<Row>,
}

impl Facts {
    /// Those of a segmentation.
    pub fn of(segments: &Segments) -> Facts {
        let id = segments.stored.identity.id.as_str();
        let training = rows_of(FACTS, &[id.into()]).pop();
        let today = training.as_ref().map(|row| row.text("today")).unwrap_or_default();
        let training = training.filter(|row| row.number("number").is_some());
        let trained_as_of = training.as_ref().map(|row| row.text("as_of")).unwrap_or_default();
        let now = match training {
            // a reader of some columns may not ask for all that the day needs
            Some(_) => attempt(|| Histories::of(segments, &[]).as_of()).ok().flatten(),
            None => None,
        };
        Facts {
            today,
            as_of: now.map_or(trained_as_of, day_text),
            options: Options::read(&segments.stored.options),
            training,
        }
    }

    /// Whether there is a training.
    pub fn is_trained(&self) -> bool {
        self.training.is_some()
    }

    /// A day of the newest training; empty before the first.
    pub fn day(&self, name: &str) -> String {
        self.training.as_ref().map(|training| training.text(name)).unwrap_or_default()
    }

    /// The sentence below the title.
    pub fn lead(&self, making: &Making<'_>) -> String {
        match segments::total(making).and_then(|total| total.number("customers")) {
            Some(customers) => {
                let key = if customers == 1.0 { "lead.one" } else { "lead" };
                making.words.with(key, &[("customers", &count(customers)), ("day", &self.as_of)])
            }
            None if self.is_trained() => {
                format!(
                    "{}{}{}",
                    making.words.text("about.as_of"),
                    making.words.text("colon"),
                    self.as_of
                )
            }
            None => making.words.text("lead.untrained"),
        }
    }

    /// The figures that are read first.
    pub fn tiles(&self, making: &Making<'_>) -> Vec<Tile> {
        let Some(total) = segments::total(making) else { return Vec::new() };
        let days = number(self.options.horizon_days, 0);
        let money = |name| total.number(name).map(|value| amount(value, value));
        let figures = [
            ("tile.customers", total.number("customers").map(count)),
            ("tile.revenue", money("revenue")),
            ("tile.clv", money("total_clv")),
            ("tile.repeat_rate", total.number("repeat_rate").map(percent)),
        ];
        let tile = |(key, figure): (&str, Option<String>)| {
            Some(Tile { name: making.words.with(key, &[("days", &days)]), figure: figure? })
        };
        figures.into_iter().filter_map(tile).collect()
    }

    /// What lifetime value counts, in words; None for a segmentation without.
    fn value(&self, words: Words<'_>) -> Option<String> {
        let training = self.training.as_ref()?;
        training.number("margin").filter(|_| !training.text("family").is_empty()).map(|margin| {
            let days = number(self.options.horizon_days, 0);
            let discount = rate(self.options.annual_discount_rate);
            let values: [(&str, &dyn Display); 3] =
                [("days", &days), ("rate", &discount), ("margin", &rate(margin))];
            words.with("about.value.value", &values)
        })
    }
}

/// What the segmentation is.
pub fn about(making: &Making<'_>) -> Vec<Block> {
    let (words, stored) = (making.words, &making.segments.stored);
    let names = &stored.names;
    let mut terms: Vec<(&str, String)> = vec![
        ("about.view", stored.quoted.clone()),
        ("about.source", names.source.clone()),
        (
            "about.columns",
            [Some(&names.customer), Some(&names.ordered_at), names.amount.as_ref()]
                .into_iter()
                .flatten()
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
        ),
    ];
    if let Some(training) = &making.facts.training {
        terms.extend(of_training(making, training));
    }
    let given = stored.options.iter().map(|(key, value)| format!("{key}: {}", option(value)));
    let given = given.collect::<Vec<_>>().join("; ");
    terms.push((
        "about.options",
        match given.is_empty() {
            true => words.text("about.options.none"),
            false => super::table::shortened(given),
        },
    ));
    let terms = terms.into_iter().map(|(key, value)| (words.text(key), value)).collect();
    vec![Block::Text(words.with("about.text", &[("view", &stored.quoted)])), Block::Terms(terms)]
}

/// What the newest training found.
fn of_training(making: &Making<'_>, training: &Row) -> Vec<(&'static str, String)> {
    let (words, facts) = (making.words, &making.facts);
    let counted = |name| shown(training.number(name), count);
    let said = |key: &str, values: &[(&str, String)]| {
        let values: Vec<(&str, &dyn Display)> =
            values.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
        words.with(key, &values)
    };
    let day = |name: &str| training.text(name);
    let mut terms = vec![
        ("about.as_of", facts.as_of.clone()),
        (
            "about.training",
            said(
                "about.training.value",
                &[
                    ("day", day("trained_on")),
                    ("number", counted("number")),
                    ("as_of", day("as_of")),
                ],
            ),
        ),
        (
            "about.customers",
            said(
                "about.customers.value",
                &[("customers", counted("customers")), ("purchasers", counted("purchasers"))],
            ),
        ),
        (
            "about.orders",
            said(
                "about.orders.value",
                &[
                    ("orders", counted("orders")),
                    ("first", day("first_purchase")),
                    ("last", day("last_purchase")),
                ],
            ),
        ),
    ];
    let some = |name| training.number(name).is_some_and(|number| number > 0.0);
    if some("refunds") {
        terms.push(("about.refunds", counted("refunds")));
    }
    if some("rows_left_out") {
        let rows = [("rows", counted("rows_left_out"))];
        terms.push(("about.rows_left_out", said("about.rows_left_out.value", &rows)));
    }
    for (key, name) in [("about.scheme", "scheme"), ("about.model", "family")] {
        terms.extend(Some((key, training.text(name))).filter(|(_, text)| !text.is_empty()));
    }
    terms.extend(facts.value(words).map(|value| ("about.value", value)));
    terms
}

/// What may mislead, and what to do about it.
pub fn doubts(making: &Making<'_>) -> Vec<Block> {
    let words = making.words;
    let found = doubts::found(&making.segments.stored, Some(words.0));
    if found.is_empty() {
        return vec![making.text("doubts.none")];
    }
    let point = |(_, told): (String, segmentation::doubts::Told)| {
        let more = format!("{} {}", told.sentence, told.what_to_do);
        match told.figure.is_empty() {
            true => (told.sentence, told.what_to_do),
            false => (told.figure + &words.text("colon"), more),
        }
    };
    let points = Block::Points(found.into_iter().map(point).collect());
    match making.facts.is_trained() {
        true => vec![making.text("doubts.text"), points],
        false => vec![points],
    }
}

/// The columns that the page shows and explains: the key of the heading.
const EXPLAINED: [&str; 8] = [
    "customers",
    "revenue",
    "mean_clv",
    "median_recency_days",
    "repeat_rate",
    "overdue_days",
    "p_alive",
    "clv",
];

/// What the columns mean.
pub fn glossary(making: &Making<'_>) -> Vec<Block> {
    let words = making.words;
    let days = number(making.facts.options.horizon_days, 0);
    let explained = |name: &str| words.with(&format!("glossary.{name}"), &[("days", &days)]);
    let column = |name: &&str| (words.text(&format!("column.{name}")), explained(name));
    let mut terms: Vec<(String, String)> = EXPLAINED.iter().map(column).collect();
    terms.push((words.text("predictions.first_tenth"), explained("first_tenth")));
    vec![Block::Terms(terms)]
}

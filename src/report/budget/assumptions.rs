//! What is assumed of contacts: a JSON object by segment.

use crate::server::error::{Code, fail, shown};
use btyd::budget::UNITS;
use btyd::decimal::Decimal;
use segmentation::options::{Misread, read, read_object};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The key of what is assumed of all segments that are not named.
pub const OTHERS: &str = "*";

/// The key of what was measured.
const FROM: &str = "from";

/// The highest cost of a contact, worth of a response, and number of customers after which contacts wear off.
const MOST: f64 = 1e12;

/// What is allowed, for those who gave something else.
const HINT: &str = "Give an object by segment, \"*\" for all others, such as {\"*\": {\"cost\": 1.5, \"response\": 0.02, \
                    \"worth\": {\"of\": \"clv\", \"share\": 0.1}}, \"At Risk\": {\"response\": 0.05, \"worth\": 40, \
                    \"saturation\": 500}, \"Lost\": null}; null leaves a segment out.";

/// What is at stake with a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stake {
    /// Their lifetime value.
    Clv,
    /// What they would be worth more if they had not left.
    ExpectedLoss,
}

impl Stake {
    /// Its name, which is that of the column of the query.
    pub fn name(self) -> &'static str {
        match self {
            Stake::Clv => "clv",
            Stake::ExpectedLoss => "expected_loss",
        }
    }
}

/// What a response is worth.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(
    untagged,
    expecting = "it must be an amount, \"clv\", \"expected_loss\" or {\"of\": one of these, \"share\": share}"
)]
pub enum Worth {
    /// The same for all.
    Amount(f64),
    /// All of what is at stake.
    All(Stake),
    /// A share of it.
    Share(ShareOf),
    /// An effect that was measured.
    #[serde(skip)]
    Effect {
        /// How large it is.
        size: f64,
        /// What a unit of it is worth.
        unit: f64,
    },
}

/// A share of what is at stake.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareOf {
    of: Stake,
    share: f64,
}

impl Worth {
    /// The stake and its share; None for an amount.
    pub fn stake(&self) -> Option<(Stake, f64)> {
        match *self {
            Worth::Amount(_) | Worth::Effect { .. } => None,
            Worth::All(stake) => Some((stake, 1.0)),
            Worth::Share(ShareOf { of, share }) => Some((of, share)),
        }
    }

    /// The amount that it is the same for all; None for a share of what is at stake.
    pub fn amount(&self) -> Option<f64> {
        match *self {
            Worth::Amount(amount) => Some(amount),
            // nobody is contacted for an effect below 0
            Worth::Effect { size, unit } => Some((size * unit).clamp(0.0, MOST)),
            Worth::All(_) | Worth::Share(_) => None,
        }
    }

    /// As a reader is told.
    pub fn text(&self) -> String {
        let (part, of) = match *self {
            Worth::Amount(amount) => (1.0, shown(amount)),
            Worth::Effect { size, unit } => (unit, shown(size)),
            Worth::All(stake) => (1.0, stake.name().into()),
            Worth::Share(ShareOf { of, share }) => (share, of.name().into()),
        };
        if part == 1.0 { of } else { format!("{} × {of}", shown(part)) }
    }
}

/// What is assumed of a segment, as far as it is given.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Given {
    cost: Option<f64>,
    response: Option<f64>,
    worth: Option<Worth>,
    saturation: Option<f64>,
}

/// What is assumed of a segment.
#[derive(Debug, Clone)]
pub struct Assumed {
    /// What a contact costs, in units of the crate.
    pub cost: u128,
    /// The share that responds.
    pub response: f64,
    /// What a response is worth.
    pub worth: Worth,
    /// Contacts after which they wear off.
    pub saturation: Option<f64>,
    /// Where each was given.
    pub given_for: String,
}

/// The assumptions.
pub struct Assumptions {
    /// By segment, in the user's words; None for one that is left out.
    by_hand: BTreeMap<String, Option<Given>>,
    /// By segment, as measured; those of all customers under [`OTHERS`].
    measured: BTreeMap<String, Given>,
}

impl Assumptions {
    /// Reads them, or raises an error. A unit of measured revenue is worth `margin`.
    pub fn read(text: &str, margin: f64) -> Assumptions {
        let Ok(Value::Object(mut given)) = serde_json::from_str(text) else {
            refuse("", "they are not an object by segment")
        };
        let measured = match given.remove(FROM) {
            None | Some(Value::Null) => BTreeMap::new(),
            Some(from) => measured(from, margin),
        };
        let of = |(segment, value): (String, Value)| {
            let given = match value {
                Value::Null => None,
                value => Some(Given::read(&segment, value)),
            };
            (segment, given)
        };
        Assumptions { by_hand: given.into_iter().map(of).collect(), measured }
    }

    /// The segments that they name or that were measured.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        let measured = self.measured.keys().filter(|segment| !self.by_hand.contains_key(*segment));
        let all = self.by_hand.keys().chain(measured).map(String::as_str);
        all.filter(|segment| *segment != OTHERS)
    }

    /// The same, and all others.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.named().chain([OTHERS])
    }

    /// What is assumed of a segment: what is given for it, else what was measured of it, else what is given for all
    /// others, else what was measured of all. None for one that is left out; an error tells what is missing.
    pub fn of(&self, segment: &str) -> Result<Option<Assumed>, &'static str> {
        let by_hand = self.by_hand.get(segment).or_else(|| {
            let measured = self.measured.contains_key(segment);
            if measured { None } else { self.by_hand.get(OTHERS) }
        });
        if matches!(by_hand, Some(None)) {
            return Ok(None);
        }
        let named = |key| self.by_hand.get(key).and_then(Option::as_ref);
        let sources = [
            (segment.to_owned(), named(segment)),
            (format!("{FROM} {segment}"), self.measured.get(segment)),
            (OTHERS.to_owned(), named(OTHERS)),
            (format!("{FROM} {OTHERS}"), self.measured.get(OTHERS)),
        ];
        let mut told: Vec<(&str, &str)> = Vec::new();
        let cost = find(&sources, "cost", |given| given.cost, &mut told).ok_or("cost")?;
        let response = find(&sources, "response", |given| given.response, &mut told);
        let worth = find(&sources, "worth", |given| given.worth, &mut told).ok_or("worth")?;
        let saturation = find(&sources, "saturation", |given| given.saturation, &mut told);
        Ok(Some(Assumed {
            cost: units(cost),
            response: response.ok_or("response")?,
            worth,
            saturation,
            given_for: told_of(&told),
        }))
    }
}

/// The first source that has a value, which `told` takes down.
fn find<'a, T>(
    sources: &'a [(String, Option<&Given>)],
    what: &'static str,
    of: impl Fn(&Given) -> Option<T>,
    told: &mut Vec<(&'static str, &'a str)>,
) -> Option<T> {
    let mut all = sources.iter();
    all.find_map(|(source, given)| {
        let value = given.and_then(&of)?;
        told.push((what, source.as_str()));
        Some(value)
    })
}

/// Where assumptions were given: one name, or that of each.
fn told_of(told: &[(&str, &str)]) -> String {
    match told.first() {
        Some((_, first)) if told.iter().all(|(_, source)| source == first) => (*first).to_owned(),
        _ => {
            let each: Vec<String> =
                told.iter().map(|(what, source)| format!("{what}: {source}")).collect();
            each.join(", ")
        }
    }
}

/// Money in the units in which a budget is spent.
fn units(money: f64) -> u128 {
    let decimal = Decimal::from_f64(money).and_then(Result::ok);
    decimal.and_then(|decimal| units_of(&decimal)).unwrap_or(0)
}

/// The same of a decimal, rounded down; None below 0.
pub fn units_of(money: &Decimal) -> Option<u128> {
    let scale = UNITS.log10().round() as u8;
    let power = |digits: u8| 10u128.checked_pow(digits.into());
    let mantissa = u128::try_from(money.mantissa).ok()?;
    match money.scale <= scale {
        true => mantissa.checked_mul(power(scale - money.scale)?),
        false => Some(mantissa / power(money.scale - scale)?),
    }
}

impl Given {
    /// What is given for a segment, or an error.
    fn read(segment: &str, value: Value) -> Given {
        let given: Given = read_object(value)
            .unwrap_or_else(|Misread { path, why }| refuse(&within(segment, &path), why));
        given.check(segment);
        given
    }

    fn check(&self, segment: &str) {
        let within = |what: &str, number: Option<f64>, allowed: fn(f64) -> bool, words: &str| {
            if let Some(number) = number.filter(|number| !allowed(*number)) {
                let why = format!("{} is not {words}", shown(number));
                refuse(&within(segment, what), why)
            }
        };
        let amount = |number: f64| (0.0..=MOST).contains(&number);
        within("cost", self.cost, amount, "an amount from 0 to 1e12");
        within("response", self.response, is_share, "a share from 0 to 1");
        within(
            "saturation",
            self.saturation,
            |size| size > 0.0 && size <= MOST,
            "a number of customers above 0, at most 1e12",
        );
        match self.worth {
            Some(Worth::Amount(worth)) => {
                within("worth", Some(worth), amount, "an amount from 0 to 1e12")
            }
            Some(Worth::Share(ShareOf { share, .. })) => {
                within("worth.share", Some(share), is_share, "a share from 0 to 1")
            }
            Some(Worth::All(_) | Worth::Effect { .. }) | None => {}
        }
    }
}

fn is_share(number: f64) -> bool {
    (0.0..=1.0).contains(&number)
}

fn within(segment: &str, path: &str) -> String {
    match path {
        "." => segment.to_owned(),
        path => format!("{segment}.{path}"),
    }
}

/// What was measured: rows, or rows and what is taken of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Measured {
    rows: Vec<Map<String, Value>>,
    #[serde(default = "clv")]
    measure: String,
    #[serde(default = "adjusted")]
    figure: String,
}

fn clv() -> String {
    "clv".into()
}

fn adjusted() -> String {
    "adjusted_difference".into()
}

/// What rows tell by segment. A row with a `measure` is one of action_effect: what it measured of each customer treated is
/// the worth of a response that all give. Any other may have what an assumption has.
fn measured(from: Value, margin: f64) -> BTreeMap<String, Given> {
    let from = match from {
        rows @ Value::Array(_) => Value::Object(Map::from_iter([("rows".to_owned(), rows)])),
        other => other,
    };
    let Measured { rows, measure, figure } =
        read(from).unwrap_or_else(|Misread { path, why }| refuse(&within(FROM, &path), why));
    let mut found: BTreeMap<String, Given> = BTreeMap::new();
    let mut measures: Vec<String> = Vec::new();
    for mut row in rows {
        let Some(segment) = segment_of(&row) else { continue };
        let given = match row.get("measure") {
            Some(Value::String(of)) => {
                measures.push(of.clone());
                if *of != measure {
                    continue;
                }
                let unit = if of == "revenue" { margin } else { 1.0 };
                effect(&segment, &row, &figure, unit)
            }
            _ => {
                row.retain(|key, value| {
                    ["cost", "response", "worth", "saturation"].contains(&key.as_str())
                        && !value.is_null()
                });
                let within = format!("{FROM}.{segment}");
                Some(Given::read(&within, Value::Object(row)))
            }
        };
        if let Some(given) = given
            && found.insert(segment.clone(), given).is_some()
        {
            refuse(FROM, format!("segment \"{segment}\" has more than one row"))
        }
    }
    if !measures.is_empty() && !measures.contains(&measure) {
        refuse(FROM, format!("no row has measure \"{measure}\""))
    }
    found
}

/// The segment that a row is about; [`OTHERS`] for one about all customers, None for those in no segment.
fn segment_of(row: &Map<String, Value>) -> Option<String> {
    let text = |key| row.get(key).and_then(Value::as_str);
    match (text("part"), row.contains_key("segment")) {
        (Some("total"), _) | (None, false) => Some(OTHERS.to_owned()),
        _ => text("segment").map(str::to_owned),
    }
}

/// What an effect on each customer treated is worth, all of whom respond with it; nothing for one that could not be
/// measured. A unit of it is worth `unit`.
fn effect(segment: &str, row: &Map<String, Value>, figure: &str, unit: f64) -> Option<Given> {
    let size = match row.get(figure) {
        None => refuse(FROM, format!("the row of segment \"{segment}\" has no \"{figure}\"")),
        Some(number) => number.as_f64()?,
    };
    let worth = Some(Worth::Effect { size, unit });
    Some(Given { response: Some(1.0), worth, ..Given::default() })
}

/// Raises an error about an assumption, or all of them where the path is empty.
#[cold]
pub fn refuse(path: &str, why: impl std::fmt::Display) -> ! {
    let message = match path {
        "" => format!("invalid assumptions: {why}"),
        path => format!("invalid assumption \"{path}\": {why}"),
    };
    fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, HINT)
}

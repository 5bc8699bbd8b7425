//! The options of a segmentation: one jsonb, read strictly.

use crate::server::clock;
use crate::server::error::{Code, fail};
use crate::training::aggregate::ValueSpec;
use crate::training::cuts::MeasureName;
use btyd::fit::Choice;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// As of which day customers are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AsOf {
    /// Today, in the zone of the segmentation.
    Live,
    /// The last day with a purchase, found at each training.
    Latest,
    /// A fixed day, counted from PostgreSQL's day 0.
    Day(i32),
}

/// Cuts given by hand, axis by axis; the others are trained.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenCuts {
    /// Days, rising.
    pub recency: Option<Vec<f64>>,
    /// Orders, rising.
    pub frequency: Option<Vec<f64>>,
    /// Amounts, rising.
    pub monetary: Option<Vec<f64>>,
}

/// The table of customers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomersInput {
    /// Table or view.
    pub source: String,
    /// Its key, of the type of the customer column of the orders.
    pub customer: String,
    /// Columns that the view shows.
    pub columns: Option<Vec<String>>,
}

/// A table of contacts and events.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InteractionsInput {
    /// Table or view.
    pub source: String,
    /// Whose.
    pub customer: String,
    /// When.
    pub at: String,
    /// Of which kind; "service" are contacts for service, all others count for engagement.
    pub kind: Option<String>,
    /// How much it counts; 1 without.
    pub weight: Option<String>,
}

/// A table of survey answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SatisfactionInput {
    /// Table or view.
    pub source: String,
    /// Whose.
    pub customer: String,
    /// When.
    pub at: String,
    /// csat, nps or ces.
    pub kind: String,
    /// The answer.
    pub score: String,
}

/// What relationship quality is made of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RelationshipWeights {
    /// Mean of the answers, as trust.
    pub satisfaction: f64,
    /// Number of interactions, as a trained percentile.
    pub frequency: f64,
    /// Freshness of the last one.
    pub freshness: f64,
}

impl Default for RelationshipWeights {
    fn default() -> Self {
        RelationshipWeights { satisfaction: 1.0, frequency: 1.0, freshness: 1.0 }
    }
}

/// Where the centre of average order values lies in the matrix `spend`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpendCentre {
    /// At the mean of customers' averages.
    #[default]
    Customers,
    /// At gross amount / orders.
    Orders,
}

/// The options, with their defaults.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Bins of each axis; by default those of the scheme.
    pub bins: Option<u8>,
    /// Cuts given by hand.
    pub cuts: GivenCuts,
    /// What the monetary axis measures.
    pub monetary: MeasureName,
    /// RFM scheme, or "none"; by default one that fits the columns.
    pub scheme: Option<String>,
    /// Language of the labels.
    pub language: String,
    /// Zone in which a timestamptz has its day, and in which today is.
    pub time_zone: String,
    #[serde(deserialize_with = "read_as_of")]
    /// As of which day.
    pub as_of: AsOf,
    /// Column that tells which lines make up an order.
    pub order_id: Option<String>,
    /// Column that must hold one currency only.
    pub currency: Option<String>,
    /// Whether readers need rights on the source.
    pub security_invoker: bool,
    /// Trainings to keep.
    pub keep_trainings: u32,
    /// Family of models for purchases, "auto" or "none".
    pub family: String,
    /// Days ahead for which purchases are expected and valued.
    pub horizon_days: f64,
    /// Discount rate a year.
    pub discount_rate: f64,
    /// Days after which purchases are counted together; 0 for each at its time.
    pub step_days: f64,
    /// Share of the revenue that counts as value; 1 by default.
    pub margin: Option<f64>,
    /// Column that tells what an order cost; it gives the margin.
    pub cost: Option<String>,
    /// Column that tells what it cost to serve the customer, apart from the goods.
    pub cost_to_serve: Option<String>,
    /// Column that tells whether, or how much, an order was reduced.
    pub discount: Option<String>,
    /// Column that tells what was bought.
    pub product: Option<String>,
    /// Column that tells by which way the order came.
    pub channel: Option<String>,
    /// The table of customers.
    pub customers: Option<CustomersInput>,
    /// A table of contacts and events.
    pub interactions: Option<InteractionsInput>,
    /// A table of survey answers.
    pub satisfaction: Option<SatisfactionInput>,
    /// Days up to as_of over which current value and profitability count.
    pub window_days: u32,
    /// Days up to as_of that are compared with the time before, for decline.
    pub decline_days: u32,
    /// Days in which an interaction loses half of its weight.
    pub half_life_days: f64,
    /// Weights of columns, for a potential value that is an index; None: clv.
    pub potential_value: Option<BTreeMap<String, f64>>,
    /// What relationship quality is made of.
    pub relationship_weights: RelationshipWeights,
    /// Column of the customer table that tells a customer's need.
    pub need: Option<String>,
    /// Where the centre of average order values lies.
    pub spend_centre: SpendCentre,
    /// Matrices of table matrix besides the built-in ones.
    pub matrices: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            bins: None,
            cuts: GivenCuts::default(),
            monetary: MeasureName::default(),
            scheme: None,
            language: "en".into(),
            time_zone: "UTC".into(),
            as_of: AsOf::Live,
            order_id: None,
            currency: None,
            security_invoker: true,
            keep_trainings: 10,
            family: "bg_nbd".into(),
            horizon_days: 365.0,
            discount_rate: 0.10,
            step_days: 0.0,
            margin: None,
            cost: None,
            cost_to_serve: None,
            discount: None,
            product: None,
            channel: None,
            customers: None,
            interactions: None,
            satisfaction: None,
            window_days: 365,
            decline_days: 90,
            half_life_days: 30.0,
            potential_value: None,
            relationship_weights: RelationshipWeights::default(),
            need: None,
            spend_centre: SpendCentre::default(),
            matrices: Vec::new(),
        }
    }
}

/// Each option and what it may be.
const ALLOWED: [(&str, &str); 32] = [
    ("bins", "a whole number from 2 to 10"),
    (
        "cuts",
        "{\"recency\": [...], \"frequency\": [...], \"monetary\": [...]}, any of them, each with rising numbers",
    ),
    ("monetary", "\"total\" or \"average\""),
    ("scheme", "\"none\" or a scheme of table customer_value.rfm_scheme"),
    ("language", "\"en\", \"zh\" or one that table customer_value.rfm_scheme_label has"),
    ("time_zone", "a name such as \"Europe/Berlin\" from pg_timezone_names"),
    ("as_of", "a day such as \"2026-01-31\", \"latest\" or \"live\""),
    ("order_id", "a column of the source"),
    ("currency", "a column of the source"),
    ("security_invoker", "true or false"),
    ("keep_trainings", "a whole number from 1 to 1000"),
    ("family", "\"bg_nbd\", \"mbg_nbd\", \"pareto_nbd\", \"auto\" or \"none\""),
    ("horizon_days", "a number of days from 0 to 100000"),
    ("discount_rate", "a rate a year from 0 to 100, such as 0.10"),
    ("step_days", "a number of days from 1 to 100000, or 0 for no steps"),
    ("margin", "a number from -1000000 to 1000000, such as 0.35"),
    ("cost", "a column of the source that holds numbers or money"),
    ("cost_to_serve", "a column of the source that holds numbers or money"),
    ("discount", "a column of the source that holds true or false, numbers or money"),
    ("product", "a column of the source"),
    ("channel", "a column of the source"),
    (
        "customers",
        "{\"source\": table, \"customer\": its key, \"columns\": [columns to show in the view]}, the last if wanted",
    ),
    (
        "interactions",
        "{\"source\": table, \"customer\": column, \"at\": column, \"kind\": column, \"weight\": column}, the last two if wanted",
    ),
    (
        "satisfaction",
        "{\"source\": table, \"customer\": column, \"at\": column, \"kind\": column with csat, nps or ces, \"score\": column}",
    ),
    ("window_days", "a whole number of days from 1 to 36500"),
    ("decline_days", "a whole number of days from 1 to 36500"),
    ("half_life_days", "a number of days above 0, at most 36500"),
    (
        "potential_value",
        "weights of columns of the customer table or the view, such as {\"purchasing_power\": 2, \"influence\": 1}",
    ),
    (
        "relationship_weights",
        "{\"satisfaction\": weight, \"frequency\": weight, \"freshness\": weight}, any of them, 1 without",
    ),
    (
        "need",
        "a column of the customer table that holds codes of the class need, such as functional",
    ),
    (
        "spend_centre",
        "\"customers\" (the mean of their averages) or \"orders\" (gross amount / orders)",
    ),
    ("matrices", "a list of matrices of table customer_value.matrix that are not built in"),
];

fn read_as_of<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<AsOf, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.as_str() {
        "live" => Ok(AsOf::Live),
        "latest" => Ok(AsOf::Latest),
        day => clock::parse_day(day).map(AsOf::Day).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "\"{day}\" is no day such as \"2026-01-31\", nor \"latest\" or \"live\""
            ))
        }),
    }
}

/// Raises an error about one option, or about all of them where the key is empty.
#[cold]
pub fn refuse(key: &str, why: impl std::fmt::Display) -> ! {
    let message = match key {
        "" | "." => format!("the options are malformed: {why}"),
        key => format!("option \"{key}\": {why}"),
    };
    let top = key.split(['.', '[']).next().unwrap_or_default();
    let known = ALLOWED.iter().find(|(name, _)| *name == top);
    let hint = match known {
        Some((name, allowed)) => format!("Option \"{name}\" is {allowed}."),
        None => {
            let names: Vec<&str> = ALLOWED.iter().map(|(name, _)| *name).collect();
            format!("The options are {}.", names.join(", "))
        }
    };
    fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, hint)
}

/// The object in a jsonb's text; None is no options.
pub fn object(text: Option<&str>) -> Map<String, Value> {
    match text.map(serde_json::from_str) {
        None | Some(Ok(Value::Null)) => Map::new(),
        Some(Ok(Value::Object(map))) => map,
        Some(Ok(_)) => refuse("", "they must be an object such as {\"bins\": 5}"),
        Some(Err(error)) => refuse("", error),
    }
}

/// Options with others laid over them; null takes one back to its default.
pub fn merge(mut old: Map<String, Value>, new: Map<String, Value>) -> Map<String, Value> {
    for (key, value) in new {
        match value {
            // an unknown key is refused whatever its value
            Value::Null if Options::is_key(&key) => drop(old.remove(&key)),
            value => drop(old.insert(key, value)),
        }
    }
    old
}

fn check_weights(key: &str, weights: &[f64]) {
    if weights.iter().any(|weight| !(0.0..=1e9).contains(weight)) {
        refuse(key, "a weight is a number from 0 to 1000000000");
    }
    if weights.iter().all(|&weight| weight == 0.0) {
        refuse(key, "at least one weight must be above 0");
    }
}

impl Options {
    fn is_key(key: &str) -> bool {
        let one = Map::from_iter([(key.to_owned(), Value::Null)]);
        let known = serde_json::from_value::<Options>(Value::Object(one));
        !known.is_err_and(|error| error.to_string().starts_with("unknown field"))
    }

    /// Reads them, or raises an error that names the key and lists what is allowed.
    pub fn read(map: &Map<String, Value>) -> Options {
        let objects = [
            "cuts",
            "customers",
            "interactions",
            "satisfaction",
            "potential_value",
            "relationship_weights",
        ];
        if let Some(key) =
            objects.into_iter().find(|key| map.get(*key).is_some_and(Value::is_array))
        {
            refuse(key, "invalid type: a list");
        }
        let value = Value::Object(map.clone());
        let options: Options = match serde_path_to_error::deserialize(value) {
            Ok(options) => options,
            Err(error) => {
                // what is allowed stands in the hint, in the user's words
                let why = error.inner().to_string().replace('`', "\"");
                let why = why.split(", expected").next().unwrap_or_default();
                refuse(&error.path().to_string(), why)
            }
        };
        if !clock::is_zone(&options.time_zone) {
            let zone = &options.time_zone;
            refuse("time_zone", format!("time zone \"{zone}\" is not in pg_timezone_names"));
        }
        if options.bins.is_some_and(|bins| !btyd::cuts::BINS.contains(&bins)) {
            refuse("bins", "must be a whole number from 2 to 10");
        }
        if !(1..=1000).contains(&options.keep_trainings) {
            refuse("keep_trainings", "must be a whole number from 1 to 1000");
        }
        options.check_value();
        options.check_matrices();
        options
    }

    fn check_matrices(&self) {
        for (key, days) in [("window_days", self.window_days), ("decline_days", self.decline_days)]
        {
            if !(1..=36_500).contains(&days) {
                refuse(key, format!("{days} is out of range"));
            }
        }
        if !(self.half_life_days > 0.0 && self.half_life_days <= 36_500.0) {
            refuse("half_life_days", format!("{} is out of range", self.half_life_days));
        }
        let RelationshipWeights { satisfaction, frequency, freshness } = self.relationship_weights;
        check_weights("relationship_weights", &[satisfaction, frequency, freshness]);
        if let Some(weights) = &self.potential_value {
            check_weights("potential_value", &weights.values().copied().collect::<Vec<_>>());
        }
        if self.need.is_some() && self.customers.is_none() {
            refuse(
                "need",
                "it is a column of the customer table, and option \"customers\" names none",
            );
        }
        let twice =
            self.matrices.iter().enumerate().find(|(i, name)| self.matrices[..*i].contains(name));
        if let Some((_, name)) = twice {
            refuse("matrices", format!("\"{name}\" is named twice"));
        }
    }

    fn check_value(&self) {
        if self.family != "none" && Choice::named(&self.family).is_none() {
            refuse("family", format!("there is no family \"{}\"", self.family));
        }
        let days = [("horizon_days", self.horizon_days), ("step_days", self.step_days)];
        for (key, value) in days {
            if !(0.0..=100_000.0).contains(&value) {
                refuse(key, format!("{value} is out of range"));
            }
        }
        if self.step_days > 0.0 && self.step_days < 1.0 {
            refuse("step_days", format!("{} is less than a day", self.step_days));
        }
        if !(0.0..=100.0).contains(&self.discount_rate) {
            refuse("discount_rate", format!("{} is out of range", self.discount_rate));
        }
        if self.margin.is_some_and(|margin| !(-1e6..=1e6).contains(&margin)) {
            refuse("margin", "it is out of range");
        }
        if self.margin.is_some() && self.cost.is_some() {
            refuse("cost", "margin is given as well, and only one of them can count");
        }
    }

    /// How training computes lifetime values; None for a segmentation without.
    pub fn value(&self) -> Option<ValueSpec> {
        (self.family != "none").then(|| ValueSpec {
            family: self.family.clone(),
            horizon_days: self.horizon_days,
            discount_rate: self.discount_rate,
            step_days: self.step_days,
        })
    }

    /// The cuts given by hand, for recency, frequency, monetary, checked against the number of bins.
    pub fn given_cuts(&self, bins: u8) -> [Option<Vec<f64>>; 3] {
        let given = &self.cuts;
        let axes = [("recency", &given.recency), ("frequency", &given.frequency)];
        for (axis, cuts) in axes.into_iter().chain([("monetary", &given.monetary)]) {
            let Some(cuts) = cuts else { continue };
            let key = format!("cuts.{axis}");
            if cuts.len() != usize::from(bins) - 1 {
                refuse(&key, format!("{bins} bins need {} cuts, not {}", bins - 1, cuts.len()));
            }
            if !cuts.is_sorted() || cuts.iter().any(|cut| !cut.is_finite()) {
                refuse(&key, "cuts must rise");
            }
        }
        [given.recency.clone(), given.frequency.clone(), given.monetary.clone()]
    }
}

//! The options of a segmentation: one jsonb, read strictly against one table; optional inputs read their own.

use super::input::RollupOf;
use super::option_types::{
    AsOf, Bind, CustomersInput, GivenCuts, Keep, Refunds, RelationshipWeights, SpendCentre,
    ValueWeights, read_as_of,
};
use crate::server::clock;
use crate::server::error::{Code, fail};
use crate::server::names::listed;
use crate::training::aggregate::ValueSpec;
use crate::training::cuts::{MeasureName, TiesName};
use btyd::fit::Choice;
use segmentation::inputs::{self, Given};
use segmentation::model::LabelStyle;
use segmentation::options::{Misread, read};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The one table: documentation, name, type, default, what is allowed in the user's words, and what is wrong with a
/// value that its type lets through.
macro_rules! options {
    ($($(#[$attribute:meta])* $name:ident: $type:ty = $default:expr, $allowed:literal, $check:expr;)*) => {
        /// The options, with their defaults.
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Options {
            $($(#[$attribute])* pub $name: $type,)*
            /// What names optional inputs.
            #[serde(skip)]
            pub inputs: Vec<Rc<dyn Given>>,
            /// Of which segmentation it shows the parents of customers.
            #[serde(skip)]
            pub rollup_of: Option<RollupOf>,
        }

        impl Default for Options {
            fn default() -> Self {
                Options { $($name: $default,)* inputs: Vec::new(), rollup_of: None }
            }
        }

        /// Each option but those that name inputs, and what it may be.
        const ALLOWED: &[(&str, &str)] = &[$((stringify!($name), $allowed),)*];

        impl Options {
            /// Raises an error about the first option that is wrong.
            fn check(&self) {
                $(
                    let check: fn(&$type) -> Option<String> = $check;
                    if let Some(why) = check(&self.$name) {
                        refuse(stringify!($name), why)
                    }
                )*
            }
        }
    };
}

options! {
    /// Bins of each axis; by default those of the scheme.
    bins: Option<u8> = None, "a whole number from 2 to 10",
        |bins| bins.filter(|bins| !btyd::cuts::BINS.contains(bins)).map(|_| "must be a whole number from 2 to 10".into());
    /// Cuts given by hand.
    cuts: GivenCuts = GivenCuts::default(),
        "{\"recency\": [...], \"frequency\": [...], \"monetary\": [...]}, any of them, each with rising numbers", any;
    /// What becomes of bins where many customers have the same value.
    ties: TiesName = TiesName::default(),
        "\"spread\" (a value that more customers have than a bin holds is a bin, and the others share the rest) or \
         \"quantile\" (bins may stay empty)", any;
    /// What the monetary axis measures.
    monetary: MeasureName = MeasureName::default(), "\"total\" or \"average\"", any;
    /// RFM scheme, or "none"; by default one that fits the columns.
    scheme: Option<String> = None, "\"none\" or a scheme of customer_value.rfm_scheme", any;
    /// Language of the labels.
    language: String = "en".into(), "\"en\", \"zh\" or one that customer_value.rfm_scheme_label has", any;
    /// How labels are written.
    labels: LabelStyle = LabelStyle::default(),
        "\"plain\" or \"ranked\" (with the rank in front, such as 1 Champions, so that texts sort by rank)", any;
    /// Zone in which a timestamptz has its day, and in which today is.
    time_zone: String = "UTC".into(), "a name such as \"Europe/Berlin\" from pg_timezone_names", |zone| {
        (!clock::is_zone(zone)).then(|| format!("time zone \"{zone}\" is not in pg_timezone_names"))
    };
    /// As of which day.
    #[serde(deserialize_with = "read_as_of")]
    as_of: AsOf = AsOf::Live, "a day such as \"2026-01-31\", \"latest\" or \"live\"", any;
    /// Column that tells which lines make up an order.
    order_id: Option<String> = None, "a column of the source", any;
    /// Column that must hold one currency only.
    currency: Option<String> = None, "a column of the source", any;
    /// Whether readers need rights on the source.
    security_invoker: bool = true, "true or false", any;
    /// What the view is bound to.
    bind: Bind = Bind::default(),
        "\"table\" (the view follows a rename of its tables, and they cannot be dropped without it) or \"name\" (the view \
         reads whatever table has the name, as where dbt or a loader rebuilds it)", any;
    /// Where histories come from.
    keep: Keep = Keep::default(),
        "false (each query folds the orders), true (histories are kept in a table, and triggers on the source note whose \
         orders change, so that they stay exact) or \"refreshed\" (kept as of the last refresh, without triggers)", any;
    /// Trainings to keep.
    keep_trainings: u32 = 10, "a whole number from 1 to 1000",
        |keep| (!(1..=1000).contains(keep)).then(|| "must be a whole number from 1 to 1000".into());
    /// Family of models for purchases, "auto" or "none".
    family: String = "bg_nbd".into(), "\"bg_nbd\", \"mbg_nbd\", \"pareto_nbd\", \"auto\" or \"none\"", |family| {
        let known = family == "none" || Choice::named(family).is_some();
        (!known).then(|| format!("family \"{family}\" does not exist"))
    };
    /// Days ahead for which purchases are expected and valued.
    horizon_days: f64 = 365.0, "a number of days from 0 to 100000", |days| outside(0.0..=1e5, *days);
    /// Discount rate per year.
    annual_discount_rate: f64 = 0.10, "a rate per year from 0 to 100, such as 0.10", |rate| outside(0.0..=100.0, *rate);
    /// Days after which purchases are counted together; 0 for each at its time.
    step_days: f64 = 0.0, "a number of days from 1 to 100000, or 0 for no steps", |days| match *days {
        days if days > 0.0 && days < 1.0 => Some(format!("{days} is less than a day")),
        days => outside(0.0..=1e5, days),
    };
    /// Share of the revenue that counts as value; 1 by default.
    margin: Option<f64> = None, "a number from -1000000 to 1000000, such as 0.35",
        |margin| margin.and_then(|margin| outside(-1e6..=1e6, margin));
    /// Column that tells what an order cost; it gives the margin.
    cost: Option<String> = None, "a column of the source that holds numbers or money", any;
    /// Column that tells what it cost to serve the customer, apart from the goods.
    cost_to_serve: Option<String> = None, "a column of the source that holds numbers or money", any;
    /// Column that tells whether, or how much, an order was reduced.
    discount: Option<String> = None, "a column of the source that holds true or false, numbers or money", any;
    /// The table of customers.
    customers: Option<CustomersInput> = None,
        "{\"source\": table, \"customer\": its key, \"columns\": [columns to show in the view], \"since\": column with the \
         time since when a customer is known, \"acquisition_cost\": column with what it cost to win a customer}; all but \
         source and customer may be left out",
        any;
    /// Column that tells the parents of customers, which get a view of their own.
    parent: Option<String> = None,
        "a column of the customer table or, if there is none of that name there, of the source, that tells a customer's \
         group, holding or household", any;
    /// Days up to as_of over which current value and profitability count.
    window_days: u32 = 365, "a whole number of days from 1 to 36500", |days| outside(1..=36_500, *days);
    /// Days up to as_of that are compared with the time before, for decline.
    decline_days: u32 = 90, "a whole number of days from 1 to 36500", |days| outside(1..=36_500, *days);
    /// Days in which an interaction loses half of its weight.
    half_life_days: f64 = 30.0, "a number of days above 0, at most 36500",
        |days| outside(f64::MIN_POSITIVE..=36_500.0, *days);
    /// Days before as_of of what customers are compared with.
    compare_days: u32 = 30, "a whole number of days from 1 to 3650", |days| outside(1..=3650, *days);
    /// Weights of columns, for a potential value that is an index; None: clv.
    potential_value: Option<BTreeMap<String, f64>> = None,
        "weights of columns of the customer table or the view, such as {\"purchasing_power\": 2, \"influence\": 1}",
        |weights| weights.as_ref().and_then(wrong_weights_of);
    /// Weighted indexes, each a column of the view.
    indexes: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new(),
        "indexes by the name of their column, each with weights of columns of the customer table or the view, such as \
         {\"influence_index\": {\"followers\": 2, \"reviews\": 1}}",
        |indexes| indexes.iter().find_map(|(name, weights)| match name.len() {
            1..=63 => wrong_weights_of(weights).map(|why| format!("\"{name}\": {why}")),
            _ => Some(format!("\"{name}\" is no name of a column, which has 1 to 63 bytes")),
        });
    /// What the value score is made of.
    value_weights: ValueWeights = ValueWeights::default(),
        "{\"frequency\": weight, \"revenue\": weight, \"product_breadth\": weight}, any of them; the others are 1",
        |weights| wrong_weights(&weights.named().map(|(_, weight)| weight));
    /// What relationship quality is made of.
    relationship_weights: RelationshipWeights = RelationshipWeights::default(),
        "{\"satisfaction\": weight, \"frequency\": weight, \"freshness\": weight}, any of them; the others are 1",
        |weights| wrong_weights(&weights.named().map(|(_, weight)| weight));
    /// Column of the customer table that tells a customer's need.
    need: Option<String> = None, "a column of the customer table that holds codes of the class need, such as functional",
        any;
    /// Where the centre of average order values lies.
    spend_centre: SpendCentre = SpendCentre::default(),
        "\"customers\" (the mean of their averages) or \"orders\" (gross amount / orders)", any;
    /// Matrices of customer_value.matrix besides the built-in ones.
    matrices: Vec<String> = Vec::new(), "a list of matrices of customer_value.matrix that are not built in", |names| {
        let twice = names.iter().enumerate().find(|(i, name)| names[..*i].contains(name));
        twice.map(|(_, name)| format!("\"{name}\" is named twice"))
    };
    /// What refunds do.
    refunds: Refunds = Refunds::default(),
        "\"net\" (they undo the purchases that they refund) or \"apart\" (they lower revenue, and clv by their share of all \
         revenue)", any;
}

/// For an option of which every value of its type is allowed.
fn any<T>(_: &T) -> Option<String> {
    None
}

/// What is wrong with a number outside a range.
fn outside<T: PartialOrd + std::fmt::Display>(
    range: std::ops::RangeInclusive<T>,
    number: T,
) -> Option<String> {
    (!range.contains(&number)).then(|| format!("{number} is out of range"))
}

fn wrong_weights_of(weights: &BTreeMap<String, f64>) -> Option<String> {
    wrong_weights(&weights.values().copied().collect::<Vec<_>>())
}

fn wrong_weights(weights: &[f64]) -> Option<String> {
    if weights.iter().any(|weight| !(0.0..=1e9).contains(weight)) {
        return Some("a weight must be a number from 0 to 1000000000".into());
    }
    weights
        .iter()
        .all(|&weight| weight == 0.0)
        .then(|| "at least one weight must be above 0".into())
}

/// Each option and what it may be.
fn allowed() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALLOWED.iter().copied().chain(inputs::ALL.iter().map(|kind| (kind.option, kind.allowed)))
}

/// Raises an error about one option, or about all of them where the key is empty.
#[cold]
pub fn refuse(key: &str, why: impl std::fmt::Display) -> ! {
    let message = match key {
        "" | "." => format!("invalid options: {why}"),
        key => format!("option \"{key}\": {why}"),
    };
    let top = key.split(['.', '[']).next().unwrap_or_default();
    let hint = match allowed().find(|(name, _)| *name == top) {
        Some((name, allowed)) => format!("Option \"{name}\" is {allowed}."),
        None => {
            let names: Vec<&str> = allowed().map(|(name, _)| name).collect();
            format!("The options are {}.", listed(&names))
        }
    };
    fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, hint)
}

/// Raises an error about the option that cannot be read.
fn misread(Misread { path, why }: Misread) -> ! {
    refuse(&path, why)
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

/// The options that a user gave.
pub fn given(text: Option<&str>) -> Map<String, Value> {
    let given = object(text);
    if given.contains_key(RollupOf::OPTION) {
        refuse(RollupOf::OPTION, "it is written by option \"parent\" of another segmentation alone")
    }
    given
}

/// Options with others laid over them; null takes one back to its default.
pub fn merge(mut old: Map<String, Value>, new: Map<String, Value>) -> Map<String, Value> {
    for (key, value) in new {
        let known = allowed().any(|(name, _)| name == key);
        match value {
            // an unknown key is refused whatever its value
            Value::Null if known => drop(old.remove(&key)),
            value => drop(old.insert(key, value)),
        }
    }
    old
}

/// Options that are objects, for which serde would take a list as well.
const OBJECTS: [&str; 6] =
    ["cuts", "customers", "potential_value", "indexes", "value_weights", "relationship_weights"];

impl Options {
    /// Reads them, or raises an error that names the key and lists what is allowed.
    pub fn read(map: &Map<String, Value>) -> Options {
        let is_list = |key: &&str| map.get(*key).is_some_and(Value::is_array);
        if let Some(key) = OBJECTS.into_iter().find(is_list) {
            refuse(key, "invalid type: a list");
        }
        let mut others = map.clone();
        let rollup_of = RollupOf::take(&mut others);
        let inputs = inputs::take(inputs::ALL, &mut others).unwrap_or_else(|wrong| misread(wrong));
        let others: Options = read(Value::Object(others)).unwrap_or_else(|wrong| misread(wrong));
        let options = Options { inputs, rollup_of, ..others };
        options.check();
        if options.need.is_some() && options.customers.is_none() {
            refuse(
                "need",
                "it names a column of the customer table, but option \"customers\" is not given",
            );
        }
        if options.bind == Bind::Name && !options.security_invoker {
            refuse(
                "bind",
                "a view that is bound to names reads them with the rights of its reader, so \"security_invoker\" cannot \
                 be false; for a reader without rights on the source, bind it to the table",
            );
        }
        if options.margin.is_some() && options.cost.is_some() {
            refuse("cost", "option \"margin\" is given as well; give only one of them");
        }
        options
    }

    /// How training computes lifetime values; None for a segmentation without.
    pub fn value(&self) -> Option<ValueSpec> {
        (self.family != "none").then(|| ValueSpec {
            family: self.family.clone(),
            horizon_days: self.horizon_days,
            discount_rate: self.annual_discount_rate,
            step_days: self.step_days,
        })
    }

    /// The cuts given by hand, for recency, frequency, monetary, checked against the number of bins.
    pub fn given_cuts(&self, bins: u8) -> [Option<Vec<f64>>; 3] {
        let GivenCuts { recency, frequency, monetary } = &self.cuts;
        for (axis, cuts) in [("recency", recency), ("frequency", frequency), ("monetary", monetary)]
        {
            let Some(cuts) = cuts else { continue };
            let key = format!("cuts.{axis}");
            if cuts.len() != usize::from(bins) - 1 {
                refuse(&key, format!("{bins} bins need {} cuts, not {}", bins - 1, cuts.len()));
            }
            if !cuts.is_sorted() || cuts.iter().any(|cut| !cut.is_finite()) {
                refuse(&key, "cuts must rise");
            }
        }
        [recency.clone(), frequency.clone(), monetary.clone()]
    }
}

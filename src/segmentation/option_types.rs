//! The types of options that are more than a number or a text.

use crate::server::clock;
use serde::{Deserialize, Deserializer};

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

/// Reads the option `as_of`.
pub fn read_as_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AsOf, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.as_str() {
        "live" => Ok(AsOf::Live),
        "latest" => Ok(AsOf::Latest),
        day => clock::parse_day(day).map(AsOf::Day).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "\"{day}\" is neither \"live\" nor \"latest\" nor a day such as \"2026-01-31\""
            ))
        }),
    }
}

/// What a view is bound to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bind {
    /// The tables: it follows a rename of them, and they cannot be dropped without it.
    #[default]
    Table,
    /// Their names: it reads whatever is called so.
    Name,
}

/// Where histories come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keep {
    /// Each query folds the orders.
    #[default]
    Nothing,
    /// A table that the server keeps right: triggers note whose orders change.
    Noted,
    /// A table that is exact as of its last refresh.
    Refreshed,
}

impl<'de> Deserialize<'de> for Keep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "it must be true, false or \"refreshed\"")]
        enum Given {
            Flag(bool),
            Name(Named),
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Named {
            Refreshed,
        }
        Ok(match Given::deserialize(deserializer)? {
            Given::Flag(false) => Keep::Nothing,
            Given::Flag(true) => Keep::Noted,
            Given::Name(Named::Refreshed) => Keep::Refreshed,
        })
    }
}

/// What refunds do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refunds {
    /// They undo the purchases that they refund.
    #[default]
    Net,
    /// They lower revenue and, by their share of it, lifetime values.
    Apart,
}

/// Cuts given by hand, axis by axis; the others are trained.
#[derive(Debug, Clone, Default, Deserialize)]
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
    #[serde(default)]
    pub columns: Vec<String>,
    /// Column that tells since when a customer is known.
    pub since: Option<String>,
    /// Column that tells what it cost to win a customer.
    pub acquisition_cost: Option<String>,
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

impl RelationshipWeights {
    /// The weights by name.
    pub fn named(&self) -> [(&'static str, f64); 3] {
        let RelationshipWeights { satisfaction, frequency, freshness } = *self;
        [("satisfaction", satisfaction), ("frequency", frequency), ("freshness", freshness)]
    }
}

/// What the value score is made of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValueWeights {
    /// Number of orders, as a trained percentile.
    pub frequency: f64,
    /// Net revenue, as a trained percentile.
    pub revenue: f64,
    /// Number of different products, as a trained percentile.
    pub product_breadth: f64,
}

impl Default for ValueWeights {
    fn default() -> Self {
        ValueWeights { frequency: 1.0, revenue: 1.0, product_breadth: 1.0 }
    }
}

impl ValueWeights {
    /// The weights by name.
    pub fn named(&self) -> [(&'static str, f64); 3] {
        let ValueWeights { frequency, revenue, product_breadth } = *self;
        [("frequency", frequency), ("revenue", revenue), ("product_breadth", product_breadth)]
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

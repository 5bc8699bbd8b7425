//! The type `rfm_cuts`: its text form is JSON, so that cuts can be written by hand.

use crate::server::call::sql_function;
use crate::server::datum::cstring;
use crate::server::error::{Code, fail, json_reason, raise};
use crate::server::varlena;
use btyd::cuts::{Cuts, MonetaryMeasure, PackedCuts, Split};
use btyd::population::Ties;
use serde::{Deserialize, Serialize};

const HINT: &str = "The form is {\"recency\": [30, 60], \"frequency\": [1, 3], \"monetary\": [50, 200]}: \
                    for n bins n - 1 rising numbers on each axis.";

/// How an axis is split, as it is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SplitName {
    /// See [`Split::Quantile`].
    #[default]
    Quantile,
    /// See [`Split::Mean`].
    Mean,
}

/// What quantiles do where many customers have the same value, as it is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TiesName {
    /// See [`Ties::Spread`].
    #[default]
    Spread,
    /// See [`Ties::Quantile`].
    Quantile,
}

/// What the monetary axis measures, as it is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MeasureName {
    /// See [`MonetaryMeasure::Total`].
    #[default]
    Total,
    /// See [`MonetaryMeasure::Average`].
    Average,
}

impl From<SplitName> for Split {
    fn from(name: SplitName) -> Self {
        match name {
            SplitName::Quantile => Split::Quantile,
            SplitName::Mean => Split::Mean,
        }
    }
}

impl From<TiesName> for Ties {
    fn from(name: TiesName) -> Self {
        match name {
            TiesName::Spread => Ties::Spread,
            TiesName::Quantile => Ties::Quantile,
        }
    }
}

impl From<MeasureName> for MonetaryMeasure {
    fn from(name: MeasureName) -> Self {
        match name {
            MeasureName::Total => MonetaryMeasure::Total,
            MeasureName::Average => MonetaryMeasure::Average,
        }
    }
}

/// Cuts as they are written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutsText {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bins: Option<u8>,
    #[serde(default)]
    split: SplitName,
    #[serde(default)]
    monetary_measure: MeasureName,
    recency: Vec<f64>,
    frequency: Vec<f64>,
    #[serde(default)]
    monetary: Option<Vec<f64>>,
}

impl From<Cuts> for CutsText {
    fn from(cuts: Cuts) -> Self {
        let split = match cuts.split {
            Split::Quantile => SplitName::Quantile,
            Split::Mean => SplitName::Mean,
        };
        let monetary_measure = match cuts.monetary_measure {
            MonetaryMeasure::Total => MeasureName::Total,
            MonetaryMeasure::Average => MeasureName::Average,
        };
        CutsText {
            bins: Some(cuts.bins() as u8),
            split,
            monetary_measure,
            recency: cuts.recency,
            frequency: cuts.frequency,
            monetary: cuts.monetary,
        }
    }
}

fn parse(text: &str) -> Result<Cuts, String> {
    if !text.trim_start().starts_with('{') {
        return Err("they must be a JSON object".into());
    }
    let text: CutsText = serde_json::from_str(text).map_err(|error| json_reason(&error))?;
    let cuts = Cuts {
        split: text.split.into(),
        monetary_measure: text.monetary_measure.into(),
        recency: text.recency,
        frequency: text.frequency,
        monetary: text.monetary,
    };
    cuts.check().map_err(|error| error.to_string())?;
    match text.bins {
        Some(bins) if usize::from(bins) != cuts.bins() => {
            Err(format!("{bins} bins need {} cuts on each axis", i32::from(bins) - 1))
        }
        _ => Ok(cuts),
    }
}

sql_function! {
    /// Text to cuts.
    fn rfm_cuts_in(call) match parse(call.cstring(0)) {
        Ok(cuts) => Some(varlena::from_bytes(&cuts.pack())),
        Err(why) => fail(
            Code::ERRCODE_INVALID_TEXT_REPRESENTATION,
            format!("invalid input for type rfm_cuts: {why}"),
            HINT,
        ),
    }
}

sql_function! {
    /// Cuts to text.
    fn rfm_cuts_out(call) {
        let text = CutsText::from(PackedCuts::new(call.bytes(0)).unpack());
        Some(cstring(&serde_json::to_string(&text).unwrap_or_default()))
    }
}

sql_function! {
    /// Binary to cuts.
    fn rfm_cuts_recv(call) {
        let bytes = call.message();
        if let Err(error) = PackedCuts::validate(bytes) {
            raise(error, Code::ERRCODE_INVALID_BINARY_REPRESENTATION, "Send the bytes as the server sent them.");
        }
        Some(varlena::from_bytes(bytes))
    }
}

sql_function! {
    /// Cuts to binary.
    fn rfm_cuts_send(call) Some(varlena::from_bytes(call.bytes(0)))
}

//! The text and binary forms of models.

use super::{Model, VERSION, no_customer};
use crate::server::call::{Call, sql_function};
use crate::server::datum::cstring;
use crate::server::error::{Code, fail, json_reason, raise};
use crate::server::varlena;
use btyd::fit::{Estimate, Fitted};
use btyd::models::spend::SpendModel;
use btyd::models::{Family, MOST_PARAMETERS, PurchaseModel};
use pgrx::pg_sys::Datum;
use serde::{Deserialize, Serialize};

const PURCHASE_HINT: &str = "The form is {\"family\": \"bg_nbd\", \"r\": 0.24, \"alpha\": 30.9, \"a\": 0.79, \"b\": 2.43}; \
     mbg_nbd has the same parameters, pareto_nbd r alpha s beta, bg_bb alpha beta gamma delta, \
     shifted_beta_geometric alpha beta. Times are days.";
const SPEND_HINT: &str =
    "The form is {\"family\": \"gamma_gamma\", \"p\": 6.25, \"q\": 3.74, \"v\": 15.44}.";

/// A model as it is written: a family has some of the parameters, a fit adds the rest.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Text {
    family: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alpha: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    a: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    b: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    beta: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gamma: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delta: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    q: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    v: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_share: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_correlation: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_likelihood: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customers: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    converged: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    boundary: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    covariance: Option<Vec<Vec<Option<f64>>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u8>,
}

impl Text {
    /// All parameters of all families, by name.
    fn parameters(&mut self) -> [(&'static str, &mut Option<f64>); 11] {
        [
            ("r", &mut self.r),
            ("alpha", &mut self.alpha),
            ("a", &mut self.a),
            ("b", &mut self.b),
            ("s", &mut self.s),
            ("beta", &mut self.beta),
            ("gamma", &mut self.gamma),
            ("delta", &mut self.delta),
            ("p", &mut self.p),
            ("q", &mut self.q),
            ("v", &mut self.v),
        ]
    }

    fn of(model: &Model) -> Text {
        let estimate = &model.estimate;
        let family = estimate.family;
        let is_spend = family == Family::GammaGamma;
        let mut text = Text {
            family: Some(family.name().to_owned()),
            refund_share: (is_spend && model.refund_share > 0.0).then_some(model.refund_share),
            frequency_correlation: Some(model.correlation).filter(|value| value.is_finite()),
            version: Some(VERSION),
            ..Text::default()
        };
        for (name, slot) in text.parameters() {
            let place = family.parameters().iter().position(|known| *known == name);
            *slot = place.map(|place| estimate.parameters[place]);
        }
        if let Some(fitted) = &estimate.fitted {
            let known = |value: &f64| Some(*value).filter(|value| value.is_finite());
            let row = |i: usize| fitted.covariance[i][..=i].iter().map(known).collect();
            let boundaries: Vec<String> = estimate.boundaries().map(str::to_owned).collect();
            text.log_likelihood = Some(fitted.log_likelihood);
            text.customers = Some(fitted.customers);
            text.converged = Some(fitted.converged);
            text.boundary = (!boundaries.is_empty()).then_some(boundaries);
            text.covariance = Some((0..estimate.count()).map(row).collect());
        }
        text
    }

    fn model(mut self) -> Result<Model, String> {
        let name = self.family.take().ok_or("it has no family")?;
        let family = Family::named(&name).ok_or(format!("family \"{name}\" is not known"))?;
        if self.version.is_some_and(|version| version != VERSION) {
            return Err("its version is not supported".into());
        }
        let mut parameters = [1.0; MOST_PARAMETERS];
        for (name, value) in self.parameters() {
            match (family.parameters().iter().position(|known| *known == name), *value) {
                (Some(place), Some(value)) => parameters[place] = value,
                (Some(_), None) => return Err(format!("parameter {name} is missing")),
                (None, Some(_)) => {
                    return Err(format!("{} has no parameter {name}", family.name()));
                }
                (None, None) => {}
            }
        }
        if family != Family::GammaGamma
            && (self.refund_share.is_some() || self.frequency_correlation.is_some())
        {
            return Err("only a spend model has refund_share and frequency_correlation".into());
        }
        let fitted = self.fitted(family)?;
        let model = Model {
            estimate: Estimate { family, parameters, fitted },
            refund_share: self.refund_share.unwrap_or(0.0),
            correlation: self.frequency_correlation.unwrap_or(f64::NAN),
        };
        model.check().map(|()| model)
    }

    /// What a fit adds: all of it, or nothing.
    fn fitted(&self, family: Family) -> Result<Option<Fitted>, String> {
        let n = family.parameters().len();
        let (log_likelihood, customers, rows) =
            match (self.log_likelihood, self.customers, &self.covariance) {
                (Some(log_likelihood), Some(customers), Some(rows)) => {
                    (log_likelihood, customers, rows)
                }
                (None, None, None) => return Ok(None),
                _ => return Err("log_likelihood, customers and covariance go together".into()),
            };
        let mut covariance = [[f64::NAN; MOST_PARAMETERS]; MOST_PARAMETERS];
        if rows.len() != n || rows.iter().enumerate().any(|(i, row)| row.len() != i + 1) {
            return Err(format!("covariance has {n} rows of 1 to {n} numbers"));
        }
        for (i, row) in rows.iter().enumerate() {
            for (j, value) in row.iter().enumerate() {
                covariance[i][j] = value.unwrap_or(f64::NAN);
                covariance[j][i] = covariance[i][j];
            }
        }
        let mut boundary = 0;
        for meaning in self.boundary.iter().flatten() {
            boundary |= Estimate::boundary_named(family, meaning)
                .ok_or(format!("\"{meaning}\" is not a boundary of {}", family.name()))?;
        }
        let converged = self.converged.unwrap_or(false);
        Ok(Some(Fitted { log_likelihood, customers, covariance, converged, boundary }))
    }
}

/// What tells the two types apart.
struct Kind {
    name: &'static str,
    is_spend: bool,
    hint: &'static str,
}

const PURCHASE: Kind = Kind { name: "purchase_model", is_spend: false, hint: PURCHASE_HINT };
const SPEND: Kind = Kind { name: "spend_model", is_spend: true, hint: SPEND_HINT };

fn parse(text: &str, kind: &Kind) -> Result<Model, String> {
    if !text.trim_start().starts_with('{') {
        return Err("it must be a JSON object".into());
    }
    let text: Text = serde_json::from_str(text).map_err(|error| json_reason(&error))?;
    let model = text.model()?;
    match model.is_spend() == kind.is_spend {
        true => Ok(model),
        false => Err(format!("{} is another kind of model", model.estimate.family.name())),
    }
}

fn read(text: &str, kind: &Kind) -> Model {
    match parse(text, kind) {
        Ok(model) => model,
        Err(why) => fail(
            Code::ERRCODE_INVALID_TEXT_REPRESENTATION,
            format!("invalid input for type {}: {why}", kind.name),
            kind.hint,
        ),
    }
}

/// The purchase model of a text, or an error.
pub fn purchase_model_of(text: &str) -> PurchaseModel {
    let estimate = read(text, &PURCHASE).estimate;
    estimate.purchase_model().unwrap_or_else(|error| no_customer(error))
}

/// The spend model of a text, or an error.
pub fn spend_model_of(text: &str) -> SpendModel {
    let estimate = read(text, &SPEND).estimate;
    estimate.spend_model().unwrap_or_else(|error| no_customer(error))
}

/// Accepts exactly the bytes that [`Model::pack`] writes.
fn read_binary(call: &Call, kind: &Kind) -> Option<Datum> {
    let bytes = call.message();
    let damaged = |why: String| -> ! {
        let why = btyd::Error::Malformed(format!("invalid input for type {}: {why}", kind.name));
        raise(
            why,
            Code::ERRCODE_INVALID_BINARY_REPRESENTATION,
            "Send the bytes as the server sent them.",
        )
    };
    if bytes.first() != Some(&VERSION) {
        damaged("its version is not supported".into());
    }
    let model = Model::unpack(bytes);
    if let Err(why) = model.check() {
        damaged(why);
    }
    if model.packed() != bytes || model.is_spend() != kind.is_spend {
        damaged("it is damaged".into());
    }
    Some(model.pack())
}

sql_function! {
    /// Text to purchase model.
    fn purchase_model_in(call) Some(read(call.cstring(0), &PURCHASE).pack())
}
sql_function! {
    /// Text to spend model.
    fn spend_model_in(call) Some(read(call.cstring(0), &SPEND).pack())
}
sql_function! {
    /// A model to text.
    fn model_out(call) {
        let text = Text::of(&Model::unpack(call.bytes(0)));
        Some(cstring(&serde_json::to_string(&text).unwrap_or_default()))
    }
}
sql_function! {
    /// Binary to purchase model.
    fn purchase_model_recv(call) read_binary(call, &PURCHASE)
}
sql_function! {
    /// Binary to spend model.
    fn spend_model_recv(call) read_binary(call, &SPEND)
}
sql_function! {
    /// A model to binary.
    fn model_send(call) Some(varlena::from_bytes(call.bytes(0)))
}

/// The text of a model, for the report of a training.
pub fn model_text(model: &Model) -> String {
    serde_json::to_string(&Text::of(model)).unwrap_or_default()
}

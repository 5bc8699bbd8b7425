//! A row of the report on an action.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::measure::Measure;
use crate::report::rounding::{P_VALUE, SHARE, rounded};
use crate::report::words::Words;
use btyd::effect::{Adjusted, Contrast, Covariates, Lack};

/// The text that says why there is no interval.
fn no_interval(lack: Lack) -> &'static str {
    match lack {
        Lack::TooFew => "effect.too_few",
        Lack::TooLarge => "effect.too_large",
        _ => "effect.no_spread",
    }
}

/// What is taken out of an adjusted difference; None for nothing.
fn taken_out(by: Covariates) -> Option<String> {
    let by = match by {
        Covariates::Both => "before, expected",
        Covariates::Before => "before",
        Covariates::Expected => "expected",
        Covariates::Nothing => return None,
    };
    Some(by.into())
}

/// A row of the report.
pub struct Row {
    /// Which action, where the table holds several.
    pub action: Option<String>,
    /// Total, segment or unplaced.
    pub part: &'static str,
    /// Which segment.
    pub segment: Option<String>,
    /// What is compared.
    pub measure: Measure,
    /// Customers treated, and held out.
    pub customers: [usize; 2],
    /// Means before.
    pub before: [Option<f64>; 2],
    /// Means after.
    pub after: [Option<f64>; 2],
    /// The difference.
    pub difference: Option<f64>,
    /// The same, with what is known of it.
    pub plain: Option<Contrast>,
    /// The adjusted one.
    pub adjusted: Option<Adjusted>,
    /// How far the groups differed before.
    pub imbalance: Option<f64>,
    /// Customers whom another action treated as well.
    pub overlapping: [usize; 2],
    /// Why something is lacking.
    pub reason: Vec<&'static str>,
}

impl Row {
    /// Sets the plain contrast, or why there is none.
    pub fn set_plain(&mut self, contrast: Result<Contrast, Lack>, words: Words<'_>) {
        match contrast {
            Ok(contrast) => self.plain = Some(contrast),
            Err(lack) => self.reason.push(words.text(no_interval(lack))),
        }
    }

    /// As SQL shows it.
    pub fn shown(
        self,
        semicolon: &str,
    ) -> (
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<i64>,
        Option<i64>,
        Option<f64>,
        Option<f64>,
        Option<f64>,
        Option<f64>,
        Option<f64>,
        Option<f64>,
        Option<f64>,
        Option<f64>,
        Option<f64>,
        Option<f64>,
        Option<f64>,
        Option<f64>,
        Option<f64>,
        Option<String>,
        Option<f64>,
        Option<i64>,
        Option<i64>,
        Option<String>,
    ) {
        let digits = self.measure.digits();
        let shown = |number: Option<f64>| number.map(|number| rounded(number, digits));
        let ends = |contrast: Option<Contrast>| {
            let interval = contrast.map(|contrast| contrast.interval());
            [0, 1].map(|end| shown(interval.map(|interval| interval[end])))
        };
        let p_value = |contrast: Option<Contrast>| {
            contrast.map(|contrast| rounded(contrast.p_value(), P_VALUE))
        };
        let adjusted = self.adjusted.map(|adjusted| adjusted.contrast);
        let reduction = self
            .plain
            .zip(adjusted)
            .map(|(plain, adjusted)| rounded(1.0 - (adjusted.error / plain.error).powi(2), SHARE));
        let [[from, to], [adjusted_from, adjusted_to]] = [self.plain, adjusted].map(ends);
        let [treated, held_out] = self.customers.map(|customers| Some(customers as i64));
        let [treated_overlapping, held_out_overlapping] =
            self.overlapping.map(|customers| Some(customers as i64));
        (
            self.action,
            Some(self.part.into()),
            self.segment,
            Some(self.measure.name().into()),
            treated,
            held_out,
            shown(self.before[0]),
            shown(self.before[1]),
            shown(self.after[0]),
            shown(self.after[1]),
            shown(self.difference),
            from,
            to,
            p_value(self.plain),
            shown(adjusted.map(|contrast| contrast.difference)),
            adjusted_from,
            adjusted_to,
            p_value(adjusted),
            reduction,
            self.adjusted.and_then(|adjusted| taken_out(adjusted.by)),
            self.imbalance.map(|imbalance| rounded(imbalance, SHARE)),
            treated_overlapping,
            held_out_overlapping,
            (!self.reason.is_empty()).then(|| self.reason.join(semicolon)),
        )
    }
}

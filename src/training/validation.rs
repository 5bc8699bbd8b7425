//! The aggregate behind `validate_purchase_model`: one pass over the histories serves fit and comparison.

use super::model::read_choice;
use crate::server::aggregate;
use crate::server::call::sql_function;
use crate::server::clock::{day_text, finite_day};
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, OrFail, fail, poll};
use crate::server::memory::{self, Array};
use btyd::fit::Choice;
use btyd::fit::{Purchases, canonical};
use btyd::history::History;
use btyd::validate::{Line, Predicted, WEEKS, Watched, compare};
use serde::{Deserialize, Serialize};

/// The longest holdout: a hundred years.
const LONGEST: i64 = 36_525;

/// What is the same for all customers.
#[derive(Clone, Copy, PartialEq)]
struct Asked {
    calibration: i32,
    holdout: i32,
    choice: Choice,
    hiatus: u32,
}

#[derive(Clone, Copy)]
struct State {
    asked: Asked,
    watched: Array<Watched>,
    weeks: Array<u64>,
    /// Last purchase of all.
    last: i32,
}

sql_function! {
    /// (state, history as known at calibration_end, at holdout_end, calibration_end, holdout_end, family, hiatus_days): adds a customer.
    fn purchase_validation_add(call) {
        let context = aggregate::aggregate_context(call);
        if (3..7).any(|at| call.is_null(at)) {
            fail(
                Code::ERRCODE_NULL_VALUE_NOT_ALLOWED,
                "arguments of a validation must not be null",
                "Give two days, for example DATE '2025-06-30' and DATE '2025-12-31'.",
            )
        }
        let days = [finite_day(call.int4(3)), finite_day(call.int4(4))];
        let choice = read_choice(call.text(5));
        let Ok(hiatus) = u32::try_from(call.int4(6)) else {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!("hiatus_days is {}, not 0 or more", call.int4(6)),
                "Give the days without a purchase after which the baseline counts a customer as lost, such as 180.",
            )
        };
        let length = i64::from(days[1]) - i64::from(days[0]);
        if !(1..=LONGEST).contains(&length) {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                "holdout_end must be after calibration_end, by at most a hundred years",
                "The model is fitted up to calibration_end and predicts from then until holdout_end.",
            )
        }
        let asked = Asked { calibration: days[0], holdout: days[1], choice, hiatus };
        let datum = match call.is_null(0) {
            false => call.datum(0),
            true => {
                let mut weeks = Array::EMPTY;
                (0..=2 * WEEKS).for_each(|_| weeks.push(0, context));
                memory::new_state(State { asked, watched: Array::EMPTY, weeks, last: i32::MIN }, context)
            }
        };
        if !call.is_null(1) && !call.is_null(2) {
            let state = memory::state::<State>(datum);
            let (known, later) = (History::new(call.bytes(1)), History::new(call.bytes(2)));
            let totals = later.totals(None);
            if totals.orders > 0 {
                state.last = state.last.max(totals.last_purchase);
            }
            let weeks = state.weeks.as_mut_slice();
            let watched = Watched::new([&known, &later], asked.calibration, asked.holdout, weeks);
            watched.into_iter().for_each(|watched| state.watched.push(watched, context));
        }
        Some(datum)
    }
}

/// What a validation found, as `report` reads it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Validation {
    /// The day of the last purchase of all.
    pub last_purchase: String,
    /// The comparison.
    pub rows: Vec<Line>,
}

sql_function! {
    /// (state): the comparison as JSON; NULL without customers up to the end of the calibration.
    fn purchase_validation_finish(call) {
        let state = call.state::<State>(0)?;
        let asked = state.asked;
        let watched = state.watched.as_mut_slice();
        let first = watched.first()?;
        let observation = |one: &Watched| Purchases::new(&one.customer(), 1.0).or_fail();
        let customers = memory::filled(observation(first), watched.len());
        for (slot, one) in customers.iter_mut().zip(watched.iter()) {
            *slot = observation(one);
        }
        let fit = asked.choice.fit(canonical(customers, &mut poll), &mut poll).or_fail();
        memory::free(customers);
        let fit = fit?;
        let room = memory::filled(Predicted::UNUSED, watched.len());
        let days = (asked.holdout - asked.calibration).unsigned_abs();
        let weeks = state.weeks.as_slice();
        let rows = compare(&fit, watched, weeks, days, asked.hiatus, room, &mut poll).or_fail();
        memory::free(room);
        let validation = Validation { last_purchase: day_text(state.last), rows };
        Some(serde_json::to_string(&validation).unwrap_or_default().as_str().into_datum())
    }
}

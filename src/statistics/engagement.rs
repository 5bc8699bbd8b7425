//! Engagement: the weights of events, each halved for every half-life since. The sum is exact, in units of 2^-60.

use crate::orders::{Day, Instant, OrderedAt, WallClock};
use crate::server::aggregate;
use crate::server::call::{Call, sql_function};
use crate::server::clock::finite_day;
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, fail, shown};
use crate::server::{memory, varlena};
use pgrx::pg_sys::Datum;

/// Engagement in the making: a sum in units of 2^-60, so that it is exact.
#[derive(Clone, Copy, PartialEq)]
struct Engagement {
    sum: i128,
    as_of: i32,
    half_life: f64,
}

/// Units of the sum in one.
const UNITS: f64 = (1u64 << 60) as f64;

/// The highest weight of an event.
const HEAVIEST: f64 = 1e15;

#[cold]
fn too_heavy() -> ! {
    fail(
        Code::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
        "the weight of an event, or a sum of weights, is out of range",
        "Weights are numbers from 0 to 1e15.",
    )
}

impl Engagement {
    const LEN: usize = 28;

    fn add(&mut self, sum: i128) {
        self.sum = self.sum.checked_add(sum).unwrap_or_else(|| too_heavy());
    }

    fn require(&self, other: (i32, f64)) {
        if (self.as_of, self.half_life) != other {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                "as_of and half_life_days must be the same for all events",
                "Give constants, for example engagement(at, weight, current_date, 30).",
            )
        }
    }

    fn event(&mut self, age: f64, weight: f64) {
        if weight < 0.0 || weight.is_nan() {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!("invalid weight of an event: {}", shown(weight)),
                "Weights must be 0 or more. Leave other events out: engagement(…) FILTER (WHERE weight >= 0).",
            )
        }
        if weight > HEAVIEST {
            too_heavy();
        }
        self.add((weight * (-age / self.half_life).exp2() * UNITS).round() as i128);
    }

    fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..16].copy_from_slice(&self.sum.to_ne_bytes());
        bytes[16..24].copy_from_slice(&self.half_life.to_ne_bytes());
        bytes[24..].copy_from_slice(&self.as_of.to_ne_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Engagement {
            sum: i128::from_ne_bytes(bytes.get(..16)?.try_into().ok()?),
            half_life: f64::from_ne_bytes(bytes.get(16..24)?.try_into().ok()?),
            as_of: i32::from_ne_bytes(bytes.get(24..)?.try_into().ok()?),
        })
    }
}

/// Days in which an event loses half of its weight, unless told otherwise.
const HALF_LIFE: f64 = 30.0;

/// (state, at, as_of), (state, at, weight, as_of), (…, half_life_days), (…, time_zone): rows with a NULL are left out.
fn add_event<T: OrderedAt>(call: &Call) -> Option<Datum> {
    let count = call.count();
    let as_of_at = if count > 3 { 3 } else { 2 };
    if (1..count).any(|at| at != as_of_at && call.is_null(at)) {
        return (!call.is_null(0)).then(|| call.datum(0));
    }
    if call.is_null(as_of_at) {
        fail(
            Code::ERRCODE_NULL_VALUE_NOT_ALLOWED,
            "argument \"as_of\" must not be null",
            "Give the day up to which events count, for example current_date.",
        );
    }
    let as_of = finite_day(call.int4(as_of_at));
    let half_life = if count > 4 { call.float8(4) } else { HALF_LIFE };
    if !(half_life > 0.0 && half_life <= 1e6) {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("invalid value for argument \"half_life_days\": {}", shown(half_life)),
            "Give the number of days in which an event loses half of its weight: above 0, at most 1,000,000, such as 30.",
        )
    }
    let day = T::day(call, 1, (count > 5).then_some(5));
    let age = f64::from(as_of) - f64::from(day);
    if age < 0.0 {
        return (!call.is_null(0)).then(|| call.datum(0));
    }
    let weight = if count > 3 { call.float8(2) } else { 1.0 };
    let context = aggregate::aggregate_context(call);
    let datum = aggregate::state_or_new(call, context, || Engagement { sum: 0, as_of, half_life });
    let state = memory::state::<Engagement>(datum);
    state.require((as_of, half_life));
    state.event(age, weight);
    Some(datum)
}

sql_function!(fn engagement_add_timestamptz(call) add_event::<Instant>(call));
sql_function!(fn engagement_add_timestamp(call) add_event::<WallClock>(call));
sql_function!(fn engagement_add_date(call) add_event::<Day>(call));

sql_function! {
    /// (state, state).
    fn engagement_combine(call) {
        let Some(other) = call.state::<Engagement>(1) else {
            return (!call.is_null(0)).then(|| call.datum(0));
        };
        if call.is_null(0) {
            return Some(memory::new_state(*other, aggregate::aggregate_context(call)));
        }
        let state = memory::state::<Engagement>(call.datum(0));
        state.require((other.as_of, other.half_life));
        state.add(other.sum);
        Some(call.datum(0))
    }
}
sql_function! {
    /// (state): to travel between workers.
    fn engagement_serialize(call) Some(varlena::from_bytes(&call.state::<Engagement>(0)?.to_bytes()))
}
sql_function! {
    /// (bytea, internal): from another worker.
    fn engagement_deserialize(call) {
        Some(memory::new_state(Engagement::from_bytes(call.bytes(0))?, memory::current_context()))
    }
}
sql_function! {
    /// (state): the sum.
    fn engagement_finish(call) Some((call.state::<Engagement>(0)?.sum as f64 / UNITS).into_datum())
}

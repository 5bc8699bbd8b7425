//! A row of a source: on which day the order fell, and how much it was, exactly.

use crate::server::call::Call;
use crate::server::casts::implicit_cast;
use crate::server::clock::{self, Zone};
use crate::server::error::{Code, OrFail, fail};
use crate::server::numeric::{Money, cash_scale};
use btyd::decimal::Decimal;
use pgrx::pg_sys;

/// What a place of a query keeps between rows: the zone it was last asked for, the digits of `money`.
#[derive(Clone, Copy)]
struct Kept {
    zone: Option<Zone>,
    cash_scale: Option<u8>,
}

fn kept(call: &Call) -> &mut Kept {
    call.cache(|_| Kept { zone: None, cash_scale: None })
}

/// A type of the time column.
pub trait OrderedAt {
    /// The day of argument `at`; `zone`, where the type knows zones, is the argument that names one.
    fn day(call: &Call, at: usize, zone: Option<usize>) -> i32;
}

/// `timestamptz`: on a day of the named zone, or of UTC.
pub struct Instant;
/// `timestamp`: on its own wall clock.
pub struct WallClock;
/// `date`.
pub struct Day;

impl OrderedAt for Instant {
    #[inline]
    fn day(call: &Call, at: usize, zone: Option<usize>) -> i32 {
        let Some(zone) = zone else {
            return clock::day_of(call.int8(at));
        };
        let name = call.bytes(zone);
        let known = &mut kept(call).zone;
        match known {
            Some(known) if known.is(name) => known.day_of(call.int8(at)),
            _ => {
                if known.is_none() {
                    require_instants(call, at);
                }
                known.insert(Zone::new(call.text(zone))).day_of(call.int8(at))
            }
        }
    }
}

/// The error that a time has no zone, if argument `at` is a date or timestamp that the server made a timestamptz.
#[cold]
fn require_instants(call: &Call, at: usize) {
    let name = match implicit_cast(call, at) {
        Some(pg_sys::DATEOID) => "date",
        Some(pg_sys::TIMESTAMPOID) => "timestamp",
        _ => return,
    };
    fail(
        Code::ERRCODE_DATATYPE_MISMATCH,
        format!("a {name} has no time zone"),
        format!(
            "Leave out the time zone: a {name} falls on its own day. If it is a time in the session's time \
             zone, cast it explicitly: ordered_at::timestamptz."
        ),
    )
}

impl OrderedAt for WallClock {
    #[inline]
    fn day(call: &Call, at: usize, _: Option<usize>) -> i32 {
        clock::day_of(call.int8(at))
    }
}

impl OrderedAt for Day {
    #[inline]
    fn day(call: &Call, at: usize, _: Option<usize>) -> i32 {
        clock::finite_day(call.int4(at))
    }
}

/// A type of the amount column.
pub trait Amount {
    /// Argument `at`, exactly. NaN and infinity are errors.
    fn read(call: &Call, at: usize) -> Decimal;
}

/// `numeric`: at its display scale.
pub struct Numeric;
/// `bigint`.
pub struct Int8;
/// `integer`.
pub struct Int4;
/// `smallint`.
pub struct Int2;
/// `double precision`: by its shortest decimal form, to ten places.
pub struct Float8;
/// `real`: by its shortest decimal form, to ten places.
pub struct Float4;
/// `money`: in the units of its currency, as the cast to numeric gives them.
pub struct Cash;

impl Amount for Numeric {
    #[inline]
    fn read(call: &Call, at: usize) -> Decimal {
        match Money(call.bytes(at)).read() {
            Some(amount) => amount.or_fail(),
            None => not_finite(),
        }
    }
}

fn whole(mantissa: i64) -> Decimal {
    Decimal { mantissa: mantissa.into(), scale: 0 }
}

impl Amount for Int8 {
    #[inline]
    fn read(call: &Call, at: usize) -> Decimal {
        whole(call.int8(at))
    }
}

impl Amount for Int4 {
    #[inline]
    fn read(call: &Call, at: usize) -> Decimal {
        whole(call.int4(at).into())
    }
}

impl Amount for Int2 {
    #[inline]
    fn read(call: &Call, at: usize) -> Decimal {
        whole(call.int2(at).into())
    }
}

impl Amount for Float8 {
    #[inline]
    fn read(call: &Call, at: usize) -> Decimal {
        shortest(Decimal::from_f64(call.float8(at)))
    }
}

impl Amount for Float4 {
    #[inline]
    fn read(call: &Call, at: usize) -> Decimal {
        // of the single itself, not of the double that it widens to
        shortest(Decimal::from_f32(call.float4(at)))
    }
}

impl Amount for Cash {
    #[inline]
    fn read(call: &Call, at: usize) -> Decimal {
        let scale = *kept(call).cash_scale.get_or_insert_with(cash_scale);
        Decimal { mantissa: call.int8(at).into(), scale }
    }
}

fn shortest(amount: Option<Result<Decimal, btyd::Error>>) -> Decimal {
    match amount {
        Some(amount) => amount.or_fail(),
        None => not_finite(),
    }
}

#[cold]
fn not_finite() -> ! {
    fail(
        Code::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
        "an amount is NaN or infinite",
        "Leave out such rows, for example with FILTER (WHERE abs(amount) < 'Infinity'), or correct them.",
    )
}

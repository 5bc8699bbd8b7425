//! The aggregates `purchase_history` and `rollup_history`: one state, one way to combine it.

use super::state::{Arena, State, pack_nothing};
use crate::orders::{
    Amount, Cash, Day, Float4, Float8, Instant, Int2, Int4, Int8, Numeric, OrderedAt, WallClock,
};
use crate::server::aggregate::aggregate_context;
use crate::server::call::{Call, sql_function};
use crate::server::memory::current_context;
use btyd::history::History;
use btyd::ledger::Order;
use pgrx::pg_sys::Datum;

/// (state, time, amount [, zone]): rows with a NULL are left out.
#[inline]
fn add_order<T: OrderedAt, A: Amount>(call: &Call) -> Option<Datum> {
    let zone = (call.count() > 3).then_some(3);
    if call.is_null(1) || call.is_null(2) || zone.is_some_and(|zone| call.is_null(zone)) {
        return unchanged(call);
    }
    let day = T::day(call, 1, zone);
    let amount = A::read(call, 2);
    let arena = Arena::of(aggregate_context(call));
    let state = State::of_or_new(call, 0, arena);
    match Order::new(day, amount) {
        Some(order) => arena.add(state, order),
        None => state.add_wide(arena, day, amount),
    }
    Some(state.datum())
}

/// (state, time [, zone]): orders without amounts.
#[inline]
fn add_visit<T: OrderedAt>(call: &Call) -> Option<Datum> {
    let zone = (call.count() > 2).then_some(2);
    if call.is_null(1) || zone.is_some_and(|zone| call.is_null(zone)) {
        return unchanged(call);
    }
    let day = T::day(call, 1, zone);
    let arena = Arena::of(aggregate_context(call));
    let state = State::of_or_new(call, 0, arena);
    arena.add(state, Order::visit(day));
    Some(state.datum())
}

fn unchanged(call: &Call) -> Option<Datum> {
    (!call.is_null(0)).then(|| call.datum(0))
}

macro_rules! transitions {
    ($($time:ty { $visit:ident $($order:ident $amount:ty)* })*) => {
        $(
            sql_function!(fn $visit(call) add_visit::<$time>(call));
            $(sql_function!(fn $order(call) add_order::<$time, $amount>(call));)*
        )*
    };
}

transitions! {
    Instant {
        history_add_timestamptz
        history_add_timestamptz_numeric Numeric
        history_add_timestamptz_int8 Int8
        history_add_timestamptz_int4 Int4
        history_add_timestamptz_int2 Int2
        history_add_timestamptz_float8 Float8
        history_add_timestamptz_float4 Float4
        history_add_timestamptz_money Cash
    }
    WallClock {
        history_add_timestamp
        history_add_timestamp_numeric Numeric
        history_add_timestamp_int8 Int8
        history_add_timestamp_int4 Int4
        history_add_timestamp_int2 Int2
        history_add_timestamp_float8 Float8
        history_add_timestamp_float4 Float4
        history_add_timestamp_money Cash
    }
    Day {
        history_add_date
        history_add_date_numeric Numeric
        history_add_date_int8 Int8
        history_add_date_int4 Int4
        history_add_date_int2 Int2
        history_add_date_float8 Float8
        history_add_date_float4 Float4
        history_add_date_money Cash
    }
}

sql_function! {
    /// (state, history): adds a finished history, for `rollup_history`.
    fn history_add_history(call) {
        if call.is_null(1) {
            unchanged(call)
        } else {
            let arena = Arena::of(aggregate_context(call));
            let state = State::of_or_new(call, 0, arena);
            state.add_history(arena, &History::new(call.bytes(1)));
            Some(state.datum())
        }
    }
}

sql_function! {
    /// (state, state): the sum of both; an empty state changes nothing.
    fn history_combine(call) {
        match State::of(call, 1) {
            None => unchanged(call),
            Some(other) => {
                other.settle();
                // the other state lives in a context of its own, so even alone it is copied
                let arena = Arena::of(aggregate_context(call));
                let state = State::of_or_new(call, 0, arena);
                state.add_state(arena, other);
                Some(state.datum())
            }
        }
    }
}

sql_function! {
    /// (state): the packed history as bytea, to travel between workers.
    fn history_serialize(call) State::of(call, 0).map(State::pack)
}

sql_function! {
    /// (bytea, internal): the state that was sent, in the memory of the row, as it is combined at once.
    fn history_deserialize(call) {
        let arena = Arena::new(current_context());
        let state = State::new(arena);
        state.add_history(arena, &History::new(call.bytes(0)));
        Some(state.datum())
    }
}

sql_function! {
    /// (state): the packed history; that of no orders is empty, not NULL.
    fn history_finish(call) match State::of(call, 0) {
        Some(state) => Some(state.pack()),
        None => Some(pack_nothing()),
    }
}

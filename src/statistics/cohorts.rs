//! Cohorts: customers by the period of their first purchase, and what they bought since.

use crate::server::aggregate;
use crate::server::call::{Call, sql_function};
use crate::server::clock::day_text;
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, OrFail, fail, poll};
use crate::server::memory::{self, Array};
use btyd::cohorts::{Cell, Cohorts, Length, MOST_PERIODS, Reach, Row};
use btyd::history::History;
use std::fmt::Write;

#[derive(Clone, Copy)]
struct State {
    table: Cohorts,
    cells: Array<Cell>,
}

/// The length of periods that arguments `at`, months, and the next one, days, give.
fn length(call: &Call, at: usize) -> Length {
    let whole = |at| u16::try_from(call.int4(at)).ok().filter(|whole| *whole > 0);
    match (whole(at), whole(at + 1)) {
        (Some(months), None) if call.int4(at + 1) == 0 => Length::Months(months),
        (None, Some(days)) if call.int4(at) == 0 => Length::Days(days),
        _ => fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            "the length of periods is not a number of months or of days",
            "Give either months or days, above 0, and 0 for the other.",
        ),
    }
}

#[cold]
fn too_far(first_purchase: i32, as_of: i32) -> ! {
    fail(
        Code::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
        format!(
            "there are more than {MOST_PERIODS} periods from the first purchase, on {}, to {}",
            day_text(first_purchase),
            day_text(as_of)
        ),
        "Take longer periods, such as every => '1 month', and see whether the first orders have the right day.",
    )
}

sql_function! {
    /// (state, history, as_of, months, days): adds a customer. Without a history or a day it is none.
    fn cohorts_add(call) {
        let context = aggregate::aggregate_context(call);
        if (1..5).any(|at| call.is_null(at)) {
            return (!call.is_null(0)).then(|| call.datum(0));
        }
        let as_of = call.int4(2);
        let table = Cohorts::new(length(call, 3), as_of);
        let new = || State { table, cells: Array::EMPTY };
        let datum = aggregate::state_or_new(call, context, new);
        let state = memory::state::<State>(datum);
        if !state.table.is_of(&table) {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                "as_of and the length of periods must be the same for all customers",
                "Give constants.",
            )
        }
        let history = History::new(call.bytes(1));
        let needed = match table.reach(&history) {
            Reach::Nowhere => return Some(datum),
            Reach::Cells(needed) => needed,
            Reach::TooFar(first) => too_far(first, as_of),
        };
        while state.cells.as_slice().len() < needed {
            state.cells.push(Cell::default(), context);
        }
        state.table.add(&history, state.cells.as_mut_slice(), &mut poll).or_fail();
        Some(datum)
    }
}

sql_function! {
    /// (state): the table as JSON; NULL without customers.
    fn cohorts_finish(call) {
        let state = call.state::<State>(0)?;
        let mut json = String::from("[");
        for (at, row) in state.table.rows(state.cells.as_slice()).enumerate() {
            if at % 0x1000 == 0xFFF {
                poll();
            }
            json.push_str(if at > 0 { "," } else { "" });
            write(&mut json, &row.or_fail());
        }
        json.push(']');
        (json.len() > 2).then(|| json.as_str().into_datum())
    }
}

/// A line of the table as an object.
fn write(json: &mut String, row: &Row) {
    let day = |day: i64| day_text(i32::try_from(day).unwrap_or(i32::MAX));
    let revenue = row.revenue.map_or("null".to_owned(), |revenue| format!("\"{revenue}\""));
    // a String takes everything
    let _ = write!(
        json,
        "{{\"cohort\":\"{}\",\"number\":{},\"from\":\"{}\",\"to\":\"{}\",\"size\":{},\"customers\":{},\"orders\":{},\
         \"revenue\":{revenue}}}",
        day(row.cohort),
        row.number,
        day(row.from),
        day(row.to),
        row.size,
        row.customers,
        row.orders,
    );
}

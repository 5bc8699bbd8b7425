//! The text and binary forms of a history.
//!
//! Text is JSON: `{"version": 1, "days": [["1997-01-01", 1, "11.77"], …]}`. A day holds the date, the
//! number of orders and their sum; where there were refunds, also their number and sum; for orders
//! without amounts no sums. Amounts without days, as where refunds undid all purchases, have
//! `"days": [], "scale": 2` instead. Binary is the packed form itself, which starts with its version.

use crate::server::call::sql_function;
use crate::server::clock::{day_text, is_day, parse_day};
use crate::server::datum::cstring;
use crate::server::error::{Code, OrFail, fail, json_reason, poll, raise};
use crate::server::varlena;
use btyd::Error;
use btyd::decimal::{Decimal, MAX_SCALE, POW10};
use btyd::history::{DayLine, History, Plan, VERSION};
use pgrx::pg_sys::Datum;
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt::{self, Write};

const HINT: &str = "The form is {\"version\": 1, \"days\": [[\"1997-01-01\", 1, \"11.77\"]]}: day, \
                    orders, their sum, and for refunds their number and sum.";

sql_function! {
    /// Text to history.
    fn purchase_history_in(call) {
        let text = call.cstring(0);
        if !text.trim_start().starts_with('{') {
            malformed("invalid input for type purchase_history: it must be a JSON object");
        }
        let parsed: Text = match serde_json::from_str(text) {
            Ok(parsed) => parsed,
            Err(error) => malformed(&format!("invalid input for type purchase_history: {}", json_reason(&error))),
        };
        Some(parsed.pack())
    }
}

sql_function! {
    /// History to text.
    fn purchase_history_out(call) {
        let text = write_text(&History::new(call.bytes(0))).or_fail();
        Some(cstring(&text))
    }
}

sql_function! {
    /// Binary to history.
    fn purchase_history_recv(call) {
        let bytes = call.message();
        if let Err(error) = History::validate(bytes, &mut poll) {
            raise(error, Code::ERRCODE_INVALID_BINARY_REPRESENTATION, "Send the bytes as the server sent them.");
        }
        let days = History::new(bytes).bounds();
        if days.is_some_and(|(first, last)| !is_day(first) || !is_day(last)) {
            fail(
                Code::ERRCODE_INVALID_BINARY_REPRESENTATION,
                "a day of the purchase history is out of range",
                "Send the bytes as the server sent them.",
            )
        }
        Some(varlena::from_bytes(bytes))
    }
}

sql_function! {
    /// History to binary.
    fn purchase_history_send(call) Some(varlena::from_bytes(call.bytes(0)))
}

fn malformed(why: &str) -> ! {
    fail(Code::ERRCODE_INVALID_TEXT_REPRESENTATION, why, HINT)
}

fn write_text(history: &History<'_>) -> Result<String, Error> {
    let mut text = String::new();
    let room = |text: &mut String| text.try_reserve(256).map_err(|_| Error::OutOfMemory);
    room(&mut text)?;
    let _ = write!(text, "{{\"version\": {VERSION}, \"days\": [");
    let mut days = history.days().peekable();
    let mut first = true;
    while let Some(line) = days.next() {
        poll();
        room(&mut text)?;
        let refunds = match line.refund {
            true => Some(line),
            false => days.next_if(|next| next.day == line.day),
        };
        let orders = if line.refund { 0 } else { line.count };
        let comma = if first { "" } else { ", " };
        first = false;
        let _ = write!(text, "{comma}[\"{}\", {orders}", day_text(line.day));
        if history.scale().is_some() {
            let gross = if line.refund { 0 } else { line.amount };
            let _ = write!(text, ", \"{}\"", history.money(gross, 0)?);
            if let Some(refunds) = refunds {
                let sum = history.money(refunds.amount, 0)?;
                let _ = write!(text, ", {}, \"{sum}\"", refunds.count);
            }
        }
        text.push(']');
    }
    text.push(']');
    if let Some(scale) = history.scale().filter(|_| history.bounds().is_none()) {
        let _ = write!(text, ", \"scale\": {scale}");
    }
    text.push('}');
    Ok(text)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text<'a> {
    version: u8,
    #[serde(borrow)]
    days: Entries<'a>,
    /// Of amounts without days.
    #[serde(default)]
    scale: Option<u8>,
}

impl Text<'_> {
    fn pack(mut self) -> Datum {
        if self.version != VERSION {
            malformed(&format!("version {} of a purchase history is not supported", self.version));
        }
        let entries = &mut self.days.0;
        if self.scale.is_some_and(|scale| scale > MAX_SCALE || !entries.is_empty()) {
            malformed("only a purchase history without days has a scale, from 0 to 38");
        }
        let with_amounts =
            self.scale.is_some() || entries.first().is_some_and(|entry| entry.gross.is_some());
        let mut scale = self.scale.unwrap_or(0);
        let mut lines = Vec::new();
        for entry in entries.iter() {
            if entry.gross.is_some() != with_amounts {
                malformed("either all days have a sum or none has");
            }
            for amount in [&entry.gross, &entry.refunds].into_iter().flatten() {
                scale = scale.max(decimal(amount).scale);
            }
        }
        if lines.try_reserve(entries.len() * 2).is_err() {
            raise(Error::OutOfMemory, Code::ERRCODE_OUT_OF_MEMORY, "");
        }
        for entry in entries.iter() {
            poll();
            entry.lines(scale, &mut lines);
        }
        lines.sort_unstable_by_key(|line| {
            poll();
            (line.day, line.refund)
        });
        if lines.windows(2).any(|two| (two[0].day, two[0].refund) == (two[1].day, two[1].refund)) {
            malformed("a day appears twice in the purchase history");
        }
        let days = || lines.iter().copied().map(Ok);
        let plan = Plan::new(days(), with_amounts.then_some(scale), &mut poll).or_fail();
        varlena::build(plan.packed_len(), |out| plan.write(days(), out, &mut poll).or_fail())
    }
}

fn decimal(text: &str) -> Decimal {
    match Decimal::parse(text) {
        Ok(amount) if amount.mantissa >= 0 => amount,
        Ok(_) => malformed("sums of purchases and of refunds must not be negative"),
        Err(error) => raise(error, Code::ERRCODE_INVALID_TEXT_REPRESENTATION, HINT),
    }
}

/// One day as it stands in the text.
struct Entry<'a> {
    day: Cow<'a, str>,
    orders: u64,
    gross: Option<Cow<'a, str>>,
    refund_count: u64,
    refunds: Option<Cow<'a, str>>,
}

impl Entry<'_> {
    fn lines(&self, scale: u8, lines: &mut Vec<DayLine>) {
        let Some(day) = parse_day(&self.day) else {
            malformed(&format!("\"{}\" is not a valid date such as 1997-01-01", self.day));
        };
        let amount = |text: &Option<Cow<'_, str>>| {
            let Some(text) = text else { return 0 };
            let amount = decimal(text);
            let factor = POW10[usize::from(scale - amount.scale)];
            match amount.mantissa.unsigned_abs().checked_mul(factor) {
                Some(amount) => amount,
                None => raise(Error::OutOfRange, Code::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, ""),
            }
        };
        let (gross, refunds) = (amount(&self.gross), amount(&self.refunds));
        let lost = (self.orders == 0 && gross > 0) || (self.refund_count == 0 && refunds > 0);
        let nothing = self.orders == 0 && self.refund_count == 0;
        let lost = lost || (self.refund_count > 0 && refunds == 0);
        let most = 1 << 40;
        if lost || nothing || self.orders > most || self.refund_count > most {
            malformed(&format!("the numbers of {} contradict each other", self.day));
        }
        if self.orders > 0 {
            lines.push(DayLine { day, refund: false, count: self.orders, amount: gross });
        }
        if self.refund_count > 0 {
            lines.push(DayLine { day, refund: true, count: self.refund_count, amount: refunds });
        }
    }
}

/// The days, collected without ever asking for memory that cannot be had.
struct Entries<'a>(Vec<Entry<'a>>);

/// A text that borrows where it can.
#[derive(Deserialize)]
struct Words<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Entries<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of days")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut days: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = days.next_element()? {
                    poll();
                    entries.try_reserve(1).map_err(|_| de::Error::custom("out of memory"))?;
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_seq(Collect)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Entry<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Day;
        impl<'de> Visitor<'de> for Day {
            type Value = Entry<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a day: date, orders, sum, refunds, their sum")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
                let day: Words<'de> =
                    parts.next_element()?.ok_or_else(|| de::Error::invalid_length(0, &self))?;
                let orders =
                    parts.next_element()?.ok_or_else(|| de::Error::invalid_length(1, &self))?;
                let gross: Option<Words<'de>> = parts.next_element()?;
                let refund_count = parts.next_element()?.unwrap_or(0);
                let refunds: Option<Words<'de>> = parts.next_element()?;
                if parts.next_element::<IgnoredAny>()?.is_some() {
                    return Err(de::Error::invalid_length(6, &self));
                }
                let text = |words: Option<Words<'de>>| words.map(|words| words.0);
                Ok(Entry {
                    day: day.0,
                    orders,
                    gross: text(gross),
                    refund_count,
                    refunds: text(refunds),
                })
            }
        }
        deserializer.deserialize_seq(Day)
    }
}

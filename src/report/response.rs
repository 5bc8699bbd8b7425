//! Who bought after a contact, against customers of the same segment who were not contacted.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::action::day;
use super::days::OnDays;
use super::labels::labels;
use super::rounding::{COUNT, SHARE, rounded};
use super::segments::Segments;
use super::template::sql;
use crate::server::clock::{day_text, finite_day};
use crate::server::error::{Code, fail, given, notice};
use crate::server::query::{column, literal, rows};
use pgrx::prelude::*;
use segmentation::histories::known_on;
use segmentation::inputs;
use segmentation::model::{Contacts, ViewColumn};
use segmentation::trained::Applied;

/// The columns of the view that the report tells of.
const SHOWN: [&str; 4] = ["frequency", "revenue", "recency_days", "interactions"];

/// The most days that are looked at.
const MOST_DAYS: i32 = 366;

/// The customers of a segment.
#[derive(Default)]
struct Segment {
    name: Option<String>,
    contacts: i64,
    contacted: i64,
    bought: i64,
    /// None for orders without amounts.
    revenue: Option<f64>,
    not_contacted: i64,
    /// How many of the contacted would have bought like those who were not; None where all were contacted.
    expected: Option<f64>,
}

/// How it is called, for whoever leaves out what must be given.
const CALL: &str = "Call it like this: interaction_response('shop.customer_segments', days => 30).";

/// (view, days, by, from_day, to_day, kinds): who bought within so many days of a contact, against those not contacted.
#[pg_extern(sql = false)]
fn interaction_response(
    view: Option<&str>,
    days: Option<i32>,
    by: Option<&str>,
    from_day: Option<Date>,
    to_day: Option<Date>,
    kinds: Option<Vec<Option<String>>>,
) -> TableIterator<
    'static,
    (
        name!(part, Option<String>),
        name!(segment, Option<String>),
        name!(contacts, Option<i64>),
        name!(contacted, Option<i64>),
        name!(bought, Option<i64>),
        name!(response, Option<f64>),
        name!(revenue_per_buyer, Option<f64>),
        name!(not_contacted, Option<i64>),
        name!(not_contacted_response, Option<f64>),
        name!(difference, Option<f64>),
    ),
> {
    let (view, days) = (given("view", view, CALL), given("days", days, CALL));
    if !(1..=MOST_DAYS).contains(&days) {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("invalid value for argument \"days\": {days}"),
            format!("Give a number of days from 1 to {MOST_DAYS}."),
        )
    }
    let segments = Segments::of(view);
    segments.require(&SHOWN);
    by.iter().for_each(|by| _ = segments.column(by));
    let on = OnDays::of(&segments);
    let Some(contacts) = inputs::contacts(&on.plan().of) else {
        fail(
            Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!("{} knows of no interactions", segments.view()),
            "Give them by option \"interactions\": alter_segmentation(view, '{\"interactions\": {\"source\": …}}').",
        )
    };
    let period = Period::of(on.as_of(), days, from_day, to_day);
    let kinds = kinds.map(|kinds| array_of(kinds, &contacts, segments.view()));
    let labels = labels(&segments, &on, by);
    let found = read(&on, &labels, contacts, kinds, &period);
    notice(format!(
        "first contacts from {} to {}, purchases within {days} days: nobody drew lots who was contacted, so a difference \
         need not come from the contact; for that, hold customers out and call action_effect",
        day_text(period.from),
        day_text(period.to)
    ));
    TableIterator::new(
        with_total(found, by.is_some()).into_iter().map(|(part, segment)| segment.shown(part)),
    )
}

/// The kinds of contacts that a user asks for, as SQL, or an error.
fn array_of(kinds: Vec<Option<String>>, contacts: &Contacts, view: &str) -> String {
    let kinds: Vec<String> = kinds.into_iter().flatten().collect();
    let refuse =
        |message: String, hint: &str| fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, hint);
    if kinds.is_empty() {
        refuse(
            "argument \"kinds\" names no kind of contact".into(),
            "Leave it out for all contacts other than for service.",
        )
    }
    if !contacts.have_kinds {
        refuse(
            format!("contacts of {view} have no kinds"),
            "Leave kinds out, or name the column with the kind: option \"interactions\" takes \"kind\".",
        )
    }
    if let Some(service) = kinds.iter().find(|kind| kind.to_lowercase() == "service") {
        refuse(
            format!("contacts of kind \"{service}\" do not count: customers began them"),
            "Name other kinds.",
        )
    }
    let kinds: Vec<String> = kinds.iter().map(|kind| literal(kind)).collect();
    format!("ARRAY[{}]::text[]", kinds.join(", "))
}

/// The days on which contacts count.
struct Period {
    from: i32,
    to: i32,
    as_of: i32,
    days: i32,
}

impl Period {
    /// Those that a user gave: else as many days as contacts are followed, the last ones that are over. Or an error.
    fn of(as_of: i32, days: i32, from: Option<Date>, to: Option<Date>) -> Period {
        let given = |day: Option<Date>| day.map(|day| finite_day(day.to_pg_epoch_days()));
        let last = as_of - days;
        let to = given(to).unwrap_or(last);
        let from = given(from).unwrap_or(to.saturating_sub(days - 1));
        let invalid = |message: String, hint: String| {
            fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, hint)
        };
        if to > last {
            invalid(
                format!(
                    "contacts of {} are not over: {days} days later is after {}",
                    day_text(to),
                    day_text(as_of)
                ),
                format!("Give a to_day up to {}, or fewer days.", day_text(last)),
            )
        }
        if from > to {
            invalid(
                format!("from_day {} is after to_day {}", day_text(from), day_text(to)),
                "A period begins before it ends.".into(),
            )
        }
        if i64::from(to) - i64::from(from) >= i64::from(MOST_DAYS) {
            invalid(
                format!(
                    "contacts from {} to {} are of more than {MOST_DAYS} days",
                    day_text(from),
                    day_text(to)
                ),
                "Choose a shorter period.".into(),
            )
        }
        Period { from, to, as_of, days }
    }
}

/// The customers by segment.
fn read(
    on: &OnDays<'_>,
    [segment, rank]: &[ViewColumn; 2],
    contacts: Contacts,
    kinds: Option<String>,
    period: &Period,
) -> Vec<Segment> {
    let s = &on.plan().of;
    let customer = ViewColumn::others("customer", "h.customer", "");
    let history = ViewColumn::others("history", "h.ledger", "");
    let wanted = [
        ("customer", &customer),
        ("history", &history),
        ("last_purchase", on.column("last_purchase")),
        ("segment", segment),
        ("rank", rank),
    ];
    let before = period.from - 1;
    let of_kinds = kinds.as_ref().map(|kinds| format!(" AND c.kind = ANY ({kinds})"));
    let missing = kinds.map(|kinds| {
        format!(
            "(SELECT string_agg(k.kind, ', ' ORDER BY k.number) FROM unnest({kinds}) WITH ORDINALITY AS k (kind, number) \
             WHERE NOT EXISTS (SELECT FROM kept WHERE kept.kind = k.kind))"
        )
    });
    let sql = sql!(
        "interaction_response.sql",
        contacts = contacts.rows.sql().to_string(),
        of_kinds = of_kinds.unwrap_or_default(),
        missing = missing.unwrap_or_else(|| "NULL::text".into()),
        from_day = day(&day_text(period.from)),
        to_day = day(&day_text(period.to)),
        days = period.days.to_string(),
        same = &s.orders.same,
        known = known_on(s, "p.history", &day(&day_text(period.as_of))),
        on_days = on.query(&[before], Applied::Newest, &wanted),
    );
    let found = on.read(&sql, &|sql| {
        rows(sql, &[], |row| {
            let count = |at| column::<i64>(row, at).unwrap_or(0);
            let [contacts, contacted, bought, not_contacted, newcomers] =
                [2, 3, 4, 6, 8].map(count);
            let others: Option<f64> = column(row, 7);
            let segment = Segment {
                name: column(row, 1),
                contacts,
                contacted,
                bought,
                revenue: column(row, 5),
                not_contacted,
                expected: others
                    .filter(|_| not_contacted > 0)
                    .map(|others| others / not_contacted as f64),
            };
            let is_segment: Option<bool> = column(row, 10);
            (is_segment == Some(true), segment, newcomers, column::<String>(row, 9))
        })
    });
    // there is a row even if there is no segment
    if let Some((.., newcomers, missing)) = found.first() {
        let [from, to] = [period.from, period.to].map(day_text);
        if let Some(missing) = missing {
            notice(format!("no contacts from {from} to {to} of kinds: {missing}"));
        }
        if *newcomers > 0 {
            notice(format!(
                "contacted customers left out, who had not bought anything up to {}: {newcomers}",
                day_text(before)
            ));
        }
    }
    found.into_iter().filter(|row| row.0).map(|row| row.1).collect()
}

/// The total, then the segments.
fn with_total(segments: Vec<Segment>, by: bool) -> Vec<(&'static str, Segment)> {
    let mut total = Segment::default();
    for segment in &segments {
        total.contacts += segment.contacts;
        total.contacted += segment.contacted;
        total.bought += segment.bought;
        total.revenue =
            segment.revenue.map(|sum| total.revenue.unwrap_or(0.0) + sum).or(total.revenue);
        total.not_contacted += segment.not_contacted;
    }
    // what those of each segment would have done, where there is somebody to tell by
    let comparable =
        segments.iter().all(|segment| segment.contacted == 0 || segment.expected.is_some());
    total.expected =
        comparable.then(|| segments.iter().filter_map(|segment| segment.expected).sum());
    let part = |segment: &Segment| if segment.name.is_some() { "segment" } else { "unplaced" };
    let segments = segments.into_iter().filter(|_| by).map(|segment| (part(&segment), segment));
    std::iter::once(("total", total)).chain(segments).collect()
}

impl Segment {
    fn shown(
        self,
        part: &str,
    ) -> (
        Option<String>,
        Option<String>,
        Option<i64>,
        Option<i64>,
        Option<i64>,
        Option<f64>,
        Option<f64>,
        Option<i64>,
        Option<f64>,
        Option<f64>,
    ) {
        let share = |of: f64| (self.contacted > 0).then(|| of / self.contacted as f64);
        let (response, others) = (share(self.bought as f64), self.expected.and_then(share));
        let shown = |number: Option<f64>| number.map(|number| rounded(number, SHARE));
        let per_buyer =
            self.revenue.filter(|_| self.bought > 0).map(|sum| sum / self.bought as f64);
        let per_buyer = per_buyer.map(|sum| rounded(sum, COUNT));
        (
            Some(part.into()),
            self.name,
            Some(self.contacts),
            Some(self.contacted),
            Some(self.bought),
            shown(response),
            per_buyer,
            Some(self.not_contacted),
            shown(others),
            shown(response.zip(others).map(|(response, others)| response - others)),
        )
    }
}

//! Whom to call: customers who are overdue by their own rhythm, or those of some segments.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::segments::{Segments, settled};
use super::template::sql;
use crate::segmentation::input::CustomerTable;
use crate::segmentation::options::Options;
use crate::server::call::Call;
use crate::server::copied::Copied;
use crate::server::error::{Code, fail, notice, shown};
use crate::server::query::{Record, ident, literal, rows, text_of, value};
use crate::server::types;
use pgrx::datum::Date;
use pgrx::prelude::*;
use serde_json::Value;

/// The column of the view with the day of the last interaction.
const LAST_INTERACTION: &str = "last_interaction";

/// (view, max_rows, min_gaps, labels, not_contacted_days, columns, due_within_days): at most `max_rows` customers whose last
/// purchase is longer ago than `min_gaps` of their typical gaps, the highest clv first; or those whose next purchase is
/// expected within so many days, in the order of these.
#[pg_extern(sql = false)]
fn contact_list(
    call: pg_sys::FunctionCallInfo,
) -> TableIterator<
    'static,
    (
        name!(customer, Option<String>),
        name!(last_purchase, Option<Date>),
        name!(recency_days, Option<i32>),
        name!(typical_gap, Option<f64>),
        name!(expected_next_purchase, Option<Date>),
        name!(overdue_days, Option<f64>),
        name!(p_alive, Option<f64>),
        name!(clv, Option<f64>),
        name!(revenue, Option<AnyNumeric>),
        name!(segment, Option<String>),
        name!(last_interaction, Option<Date>),
        name!(columns, Option<Copied>),
    ),
> {
    let call = Call::of(&call);
    let (Some(view), Some(asked)) = (call.text_or_null(0), Asked::read(&call, 6)) else {
        return TableIterator::new(Vec::new());
    };
    let segments = Segments::of(&view);
    let (columns, join) = match call.is_null(5) {
        true => ("NULL::jsonb".into(), String::new()),
        false => chosen(&segments, &call.texts(5)),
    };
    let select = sql!(
        "contact.sql",
        customer = &segments.customer().column.name.quoted,
        gaps = asked.gaps().map_or("NULL".into(), |gaps| literal(&gaps.to_string())),
        last_interaction = match segments.has(LAST_INTERACTION) {
            true => format!("v.{LAST_INTERACTION}"),
            false => "NULL".into(),
        },
        columns = columns,
    );
    TableIterator::new(asked.records(&segments, &select, &join))
}

/// (like_row, max_rows, min_gaps, labels, not_contacted_days, due_within_days): the same customers as whole rows of the view whose rows are of
/// the type of the first argument.
#[pg_extern(sql = false)]
fn contact_rows(call: pg_sys::FunctionCallInfo) -> SetOfIterator<'static, Option<Copied>> {
    let call = Call::of(&call);
    let of = types::of_argument(&call, 0);
    let Some(view) = types::relation_of(of) else {
        let name: Option<String> = value("SELECT pg_catalog.format_type($1, NULL)", &[of.into()]);
        fail(
            Code::ERRCODE_DATATYPE_MISMATCH,
            format!("{} is not the type of a view's rows", name.unwrap_or_default()),
            "Give NULL::shop.customer_segments, or the name of the view as text.",
        )
    };
    let Some(asked) = Asked::read(&call, 5) else { return SetOfIterator::new(Vec::new()) };
    let segments = Segments::by_oid(view);
    let select = format!("v.*::{}", segments.view());
    let rows: Vec<(Option<Copied>,)> = asked.records(&segments, &select, "");
    SetOfIterator::new(rows.into_iter().map(|(row,)| row))
}

/// Which customers are asked for.
struct Asked {
    max_rows: i32,
    /// None: whatever their rhythm.
    min_gaps: Option<f64>,
    /// The values that a column must have one of, by column.
    labels: Option<String>,
    not_contacted_days: Option<i32>,
    /// Within how many days after as_of the next purchase is expected; None: those who are overdue.
    due_within_days: Option<i32>,
}

impl Asked {
    /// As the arguments after the first say, `due_within_days` being argument `due`; None where the number of rows is NULL.
    fn read(call: &Call, due: usize) -> Option<Asked> {
        let given = |at: usize| !call.is_null(at);
        let asked = Asked {
            max_rows: given(1).then(|| call.int4(1))?,
            min_gaps: given(2).then(|| call.float8(2)),
            labels: call.jsonb_text(3),
            not_contacted_days: given(4).then(|| call.int4(4)),
            due_within_days: given(due).then(|| call.int4(due)),
        };
        asked.check();
        Some(asked)
    }

    fn check(&self) {
        if self.max_rows < 0 {
            let hint = "Give the maximum number of customers to list, 0 or more.";
            invalid("max_rows", &self.max_rows.to_string(), hint)
        }
        if let Some(gaps) = self.min_gaps.filter(|gaps| !(0.0..=1e6).contains(gaps)) {
            let hint = "Give the number of typical gaps since the last purchase, from 0 to 1,000,000, or NULL for \
                        customers with any rhythm or none.";
            invalid("min_gaps", &shown(gaps), hint)
        }
        if let Some(days) = self.not_contacted_days.filter(|days| *days < 0) {
            let hint = "Give the days up to as_of in which there was no interaction, 0 or more.";
            invalid("not_contacted_days", &days.to_string(), hint)
        }
        if let Some(days) = self.due_within_days.filter(|days| *days < 0) {
            let hint =
                "Give the days after as_of within which the next purchase is expected, 0 or more.";
            invalid("due_within_days", &days.to_string(), hint)
        }
    }

    /// From how many typical gaps on a customer is overdue; None where any rhythm will do.
    fn gaps(&self) -> Option<f64> {
        self.due_within_days.map_or(self.min_gaps, |_| Some(1.0))
    }

    /// What `select` wants of them.
    fn records<T: Record>(&self, segments: &Segments, select: &str, join: &str) -> Vec<T> {
        let customers = segments.records(&self.query(segments, select, join));
        if let (true, Some(labels)) = (customers.is_empty() && self.max_rows > 0, &self.labels) {
            Wanted::read(segments, labels).iter().for_each(|wanted| wanted.tell_unknown(segments));
        }
        customers
    }

    fn query(&self, segments: &Segments, select: &str, join: &str) -> String {
        let mut filters = vec![match (self.due_within_days, self.min_gaps) {
            (Some(days), _) => {
                // the days are counted, as a day so far ahead may not exist
                format!("v.expected_next_purchase - v.as_of BETWEEN 0 AND {days}")
            }
            (None, Some(gaps)) => {
                format!("v.recency_days > {}::float8 * v.typical_gap", literal(&gaps.to_string()))
            }
            (None, None) => "v.last_purchase IS NOT NULL".into(),
        }];
        if let Some(labels) = &self.labels {
            filters.extend(Wanted::read(segments, labels).iter().map(Wanted::condition));
        }
        if let Some(days) = self.not_contacted_days {
            if !segments.has(LAST_INTERACTION) {
                fail(
                    Code::ERRCODE_INVALID_PARAMETER_VALUE,
                    format!(
                        "invalid value for argument \"not_contacted_days\": {} knows no interactions",
                        segments.view()
                    ),
                    "Give it the option \"interactions\" with alter_segmentation.",
                )
            }
            let since = format!("v.as_of - v.{LAST_INTERACTION}::date");
            filters.push(format!("({since} > {days}) IS NOT FALSE"));
        }
        sql!(
            "contact_list.sql",
            select = select,
            view = segments.view(),
            join = join,
            filter = filters.join("\n    AND "),
            first = self.due_within_days.map_or("", |_| "v.expected_next_purchase, "),
            customer = &segments.customer().column.name.quoted,
            rows = self.max_rows.to_string(),
        )
    }
}

/// The values of a column of the view that are asked for.
struct Wanted {
    name: String,
    /// The column in a row `v` of the view.
    column: String,
    /// The values, as literals.
    texts: Vec<String>,
    /// Whether customers without a value are asked for as well.
    none: bool,
}

impl Wanted {
    /// Those that an object of columns asks for; or an error.
    fn read(segments: &Segments, labels: &str) -> Vec<Wanted> {
        let refuse = || -> ! {
            let hint = "Give an object of columns of the view and their values, such as \
                        {\"rfm_segment_code\": [\"at_risk\", \"cant_lose\"], \"region\": \"North\"}.";
            invalid("labels", labels, hint)
        };
        let Ok(Value::Object(columns)) = serde_json::from_str(labels) else { refuse() };
        let of_column = |(name, values): (&String, &Value)| {
            let column = segments.column(name).column.of("v");
            let mut wanted = Wanted { name: name.clone(), column, texts: Vec::new(), none: false };
            let values = match values {
                Value::Array(values) => values.as_slice(),
                one => std::slice::from_ref(one),
            };
            for value in values {
                match value {
                    Value::Null => wanted.none = true,
                    Value::String(text) => wanted.texts.push(literal(text)),
                    Value::Bool(_) | Value::Number(_) => {
                        wanted.texts.push(literal(&value.to_string()))
                    }
                    Value::Array(_) | Value::Object(_) => refuse(),
                }
            }
            wanted
        };
        columns.iter().map(of_column).collect()
    }

    fn condition(&self) -> String {
        let Wanted { column, texts, .. } = self;
        let among = format!("{column}::text = ANY (ARRAY[{}]::text[])", texts.join(", "));
        match self.none {
            true => format!("({column} IS NULL OR {among})"),
            false => among,
        }
    }

    /// Tells which of the values no customer has, so that a slip of the pen is not taken for good news.
    fn tell_unknown(&self, segments: &Segments) {
        if self.texts.is_empty() {
            return;
        }
        let sql = sql!(
            "unknown_labels.sql",
            labels = self.texts.join(", "),
            view = segments.view(),
            column = &self.column,
        );
        for label in settled(&segments.stored, &sql, || rows(&sql, &[], |row| text_of(row, 1))) {
            notice(format!("no customer of {} has {} \"{label}\"", segments.view(), self.name));
        }
    }
}

/// Columns of the view or the customer table, as one jsonb, and what has to be joined for them.
fn chosen(segments: &Segments, columns: &[Option<String>]) -> (String, String) {
    let mut join = String::new();
    let mut table = None;
    let mut shown = Vec::new();
    for name in columns {
        let Some(name) = name else {
            fail(
                Code::ERRCODE_NULL_VALUE_NOT_ALLOWED,
                "argument \"columns\" must not contain nulls",
                "Give columns of the view or the customer table, such as ARRAY['region'].",
            )
        };
        if !segments.has(name) && table.is_none() {
            table = CustomerTable::named(&Options::read(&segments.stored.options));
        }
        let column = match &table {
            Some(customers) if !segments.has(name) => {
                let (ours, theirs) = (segments.customer(), &customers.key);
                let same = format!(
                    "{} {} {}",
                    theirs.column.of("c"),
                    theirs.equality(),
                    ours.column.of("v")
                );
                join = format!("LEFT JOIN {} AS c ON {same}\n", customers.relation.name);
                customers.relation.column(name).column.of("c")
            }
            _ => segments.column(name).column.of("v"),
        };
        shown.push(format!("{column} AS {}", ident(name)));
    }
    match shown.is_empty() {
        true => ("'{}'::jsonb".into(), join),
        false => (format!("(SELECT to_jsonb(r) FROM (SELECT {}) AS r)", shown.join(", ")), join),
    }
}

/// Raises the error that an argument has a value that is not allowed.
fn invalid(argument: &str, value: &str, hint: &str) -> ! {
    let message = format!("invalid value for argument \"{argument}\": {value}");
    fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, hint)
}

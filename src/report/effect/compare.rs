//! The customers of an action by segment, and the two groups of each against each other.

use super::Found;
use super::measure::Measure;
use super::row::Row;
use crate::report::action::Days;
use crate::report::words::Words;
use crate::server::error::{Code, fail, notice, poll};
use btyd::effect::{
    Adjusted, Contrast, Covariates, Group, Lack, adjusted, change, difference, imbalance,
};
use std::collections::BTreeMap;

/// The most segments of a report.
const MOST_SEGMENTS: usize = 1000;

/// The difference of the groups before an action, in standard deviations, from which it is told (Austin 2009).
const IMBALANCED: f64 = 0.1;

/// Two groups of customers, treated and held out.
struct Groups([Group; 2]);

impl Groups {
    fn of(measure: Measure, customers: &[&Found]) -> Groups {
        let group = |treated: bool| {
            let own = customers.iter().filter(|customer| customer.treated == treated);
            Group::new(own.filter_map(|customer| measure.read(customer)).collect(), &mut poll)
        };
        Groups([group(true), group(false)])
    }

    fn each<T>(&self, of: impl Fn(&Group) -> T) -> [T; 2] {
        let Groups([treated, held_out]) = self;
        [of(treated), of(held_out)]
    }
}

/// The effect of one action.
pub struct Effect<'a> {
    /// Its name, where the table holds several.
    pub name: Option<String>,
    /// The days that are compared.
    pub days: Days,
    /// Whether customers are compared by segment, too.
    pub by_segment: bool,
    /// What is compared.
    pub measures: &'a [Measure],
    /// What is said.
    pub words: Words<'a>,
}

/// A part of the customers.
struct Part<'a> {
    part: &'static str,
    segment: Option<String>,
    customers: Vec<&'a Found>,
}

impl Effect<'_> {
    /// The total, then the segments, best first, then who is in none.
    pub fn report(&self, table: &str, customers: Vec<Found>) -> Vec<Row> {
        let is_compared = customers.iter().any(|customer| !customer.treated);
        if !is_compared {
            self.tell_uncompared(table);
        }
        let mut parts =
            vec![Part { part: "total", segment: None, customers: customers.iter().collect() }];
        if self.by_segment {
            parts.extend(segments_of(&customers));
        }
        let mut rows = Vec::new();
        for part in &parts {
            rows.extend(self.measures.iter().map(|&measure| self.row(part, measure, is_compared)));
        }
        self.tell_imbalance(table, &rows[..self.measures.len()]);
        self.tell_overlap(table, &rows[0]);
        rows
    }

    fn row(&self, part: &Part<'_>, measure: Measure, is_compared: bool) -> Row {
        poll();
        let groups = Groups::of(measure, &part.customers);
        let means = groups.each(Group::mean_before);
        // of lifetime values the change is compared
        let after = groups.each(|group| match measure {
            Measure::Recency => None,
            Measure::Clv => Some(group.mean_before()? + group.mean_after()?),
            _ => group.mean_after(),
        });
        let Groups([treated, held_out]) = &groups;
        let overlapping = |treated: bool| {
            let own = part.customers.iter().filter(|customer| customer.treated == treated);
            own.filter(|customer| customer.overlaps).count()
        };
        let mut row = Row {
            action: self.name.clone(),
            part: part.part,
            segment: part.segment.clone(),
            measure,
            customers: groups.each(Group::len),
            before: means,
            after,
            difference: None,
            plain: None,
            adjusted: None,
            imbalance: imbalance(treated, held_out),
            overlapping: [true, false].map(overlapping),
            reason: Vec::new(),
        };
        if measure == Measure::Recency {
            row.reason.push(self.words.text("effect.balance_only"));
        } else if !is_compared {
            self.follow(&mut row, treated);
        } else {
            self.compare(&mut row, treated, held_out);
        }
        row
    }

    /// What changed, where nobody was held out.
    fn follow(&self, row: &mut Row, treated: &Group) {
        let changed = match row.measure {
            // it is a change already
            Measure::Clv => difference_from_nothing(treated),
            _ => change(treated),
        };
        let [before, after] = [row.before[0], row.after[0]];
        row.difference = before.zip(after).map(|(before, after)| after - before);
        row.set_plain(changed, self.words);
        row.reason.push(self.words.text("effect.before_after"));
    }

    fn compare(&self, row: &mut Row, treated: &Group, held_out: &Group) {
        let lacking = match (treated.is_empty(), held_out.is_empty(), row.measure) {
            (true, true, Measure::Clv) => Some("effect.no_clv"),
            (true, ..) => Some("effect.nobody_treated"),
            (_, true, _) => Some("effect.nobody_held_out"),
            _ => None,
        };
        if let Some(lacking) = lacking {
            row.reason.push(self.words.text(lacking));
            return;
        }
        row.difference =
            treated.mean_after().zip(held_out.mean_after()).map(|(one, other)| one - other);
        row.set_plain(difference(treated, held_out), self.words);
        if row.measure == Measure::Clv {
            // what came before is taken out already; a regression on it widened the interval in simulations
            row.adjusted = row.plain.map(Adjusted::from);
            row.reason.push(self.words.text("effect.is_change"));
            return;
        }
        match adjusted(treated, held_out) {
            Ok(adjusted) => {
                if adjusted.by == Covariates::Nothing {
                    row.reason.push(self.words.text("effect.not_adjusted"));
                }
                row.adjusted = Some(adjusted);
            }
            Err(Lack::NoSpread) if row.plain.is_some() => {
                row.reason.push(self.words.text("effect.all_told"));
            }
            // the same as of the plain difference
            Err(_) => {}
        }
    }

    /// Notices that nobody was held out. A change can be told only over periods that are as long as each other.
    fn tell_uncompared(&self, table: &str) {
        if self.days.before != self.days.outcome {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!(
                    "nobody of {table} was held out, and {} days before the action are no measure of {} after it",
                    self.days.before, self.days.outcome
                ),
                "Leave before_days out: as many days before as after.",
            )
        }
        notice(format!(
            "nobody of {table}{} was held out: rows tell what changed, not what the action changed; who is chosen for buying \
             much or little comes back to the usual without it, and the season counts, too",
            self.named()
        ));
    }

    fn tell_imbalance(&self, table: &str, total: &[Row]) {
        let of = |row: &Row| {
            let imbalance = row.imbalance.filter(|imbalance| imbalance.abs() > IMBALANCED)?;
            Some(format!("{} ({:+.2})", row.measure.name(), imbalance))
        };
        let imbalanced: Vec<String> = total.iter().filter_map(of).collect();
        let Some([treated, held_out]) = total.first().map(|row| row.customers) else { return };
        if !imbalanced.is_empty() {
            let chance = (1.0 / treated as f64 + 1.0 / held_out as f64).sqrt();
            notice(format!(
                "before the action, treated and held-out customers of {table}{} differed by more than {IMBALANCED} standard \
                 deviations: {}; by chance alone they do by about {chance:.2}",
                self.named(),
                imbalanced.join(", ")
            ));
        }
    }

    fn tell_overlap(&self, table: &str, total: &Row) {
        let [treated, held_out] = total.overlapping;
        if treated + held_out > 0 {
            notice(format!(
                "{treated} treated and {held_out} held-out customers of {table}{} were treated by another action in the days \
                 compared",
                self.named()
            ));
        }
    }

    fn named(&self) -> String {
        self.name.as_ref().map(|name| format!(", action \"{name}\",")).unwrap_or_default()
    }
}

/// The mean of what is a change already, against none.
fn difference_from_nothing(group: &Group) -> Result<Contrast, Lack> {
    change(&group.without_before())
}

/// The customers by segment, best first, and who is in none.
fn segments_of(customers: &[Found]) -> Vec<Part<'_>> {
    let mut ranks: BTreeMap<&str, Option<i32>> = BTreeMap::new();
    let mut segments: BTreeMap<Option<&str>, Vec<&Found>> = BTreeMap::new();
    for customer in customers {
        let segment = customer.segment.as_deref();
        segments.entry(segment).or_default().push(customer);
        if let Some(segment) = segment {
            let rank = ranks.entry(segment).or_insert(customer.rank);
            *rank = [*rank, customer.rank].into_iter().flatten().min();
        }
    }
    if ranks.len() > MOST_SEGMENTS {
        fail(
            Code::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
            format!("the report has more than {MOST_SEGMENTS} segments"),
            "Choose a column with fewer distinct values, such as a label.",
        )
    }
    let unplaced = segments.remove(&None);
    let mut parts: Vec<_> = segments.into_iter().collect();
    let rank =
        |segment: &Option<&str>| segment.and_then(|segment| ranks[segment]).unwrap_or(i32::MAX);
    parts.sort_by_key(|(segment, _)| rank(segment));
    let part = |(segment, customers): (Option<&str>, Vec<_>)| Part {
        part: "segment",
        segment: segment.map(str::to_owned),
        customers,
    };
    let unplaced = unplaced.map(|customers| Part { part: "unplaced", segment: None, customers });
    parts.into_iter().map(part).chain(unplaced).collect()
}

//! The best whole customers around where a budget ends.
//!
//! With λ the profit per unit of cost of the contact that the budget no longer pays, a plan that differs from the
//! contacts before it falls short of the bound by λ times what it leaves, (profit − λ cost) of each contact given up, and
//! (λ cost − profit) of each taken beyond. All three are 0 or more, so only what is near the break can be part of a better
//! plan than one that is known. Contacts of one cost are exchanged in one order: the best are taken first, the worst given
//! up first.

use super::{Break, Offer};
use crate::Poll;

/// The most contacts of one cost that are taken or given up.
const MOST: usize = 4096;

/// The most plans that are looked at.
const MOST_PLANS: u64 = 2_000_000;

/// Contacts of one cost around the break.
struct Class {
    cost: i128,
    /// What is lost with one more, two more, …, and the offers that they are of.
    more: Vec<(f64, usize)>,
    /// The same with fewer.
    fewer: Vec<(f64, usize)>,
    /// Whether all that could be taken are in `more`, and all that could be given up in `fewer`.
    whole: [bool; 2],
}

/// What was found.
pub(super) struct Found {
    /// The contacts of each offer; None for those that were known.
    pub contacts: Option<Vec<u64>>,
    /// Whether no other plan is better.
    pub is_best: bool,
}

/// Looks for a plan that falls short of the bound by less than `gap`, as the known one does.
pub(super) fn exchange(offers: &[&Offer], at: &Break, gap: f64, poll: Poll<'_>) -> Found {
    let mut costs: Vec<u128> =
        offers.iter().filter(|offer| offer.worthwhile > 0).map(|offer| offer.cost).collect();
    costs.retain(|&cost| cost > 0);
    costs.sort_unstable();
    costs.dedup();
    let mut classes: Vec<Class> =
        costs.iter().map(|&cost| Class::new(offers, at, cost, gap, poll)).collect();
    // the last is not tried one by one: what is left decides how many
    classes.sort_by_key(|class| class.more.len() + class.fewer.len());
    let unit = costs.iter().copied().reduce(common_divisor).unwrap_or(1);
    let mut search = Search {
        per_unit: at.profit_per_unit,
        // no plan leaves less, as all costs are multiples of the unit
        least: (at.rest % unit) as f64 * at.profit_per_unit,
        // the same sum in another order may differ by so much
        slip: 1e-9 * gap,
        best: gap,
        exchanged: vec![0; classes.len()],
        found: None,
        plans: 0,
        is_best: true,
        classes: &classes,
    };
    search.from(0, i128::try_from(at.rest).unwrap_or(i128::MAX), 0.0, poll);
    let is_best = search.is_best || search.is_least();
    let contacts = search.found.map(|exchanged| {
        let mut contacts = at.contacts.clone();
        for (class, count) in classes.iter().zip(exchanged) {
            let size = count.unsigned_abs() as usize;
            match count > 0 {
                true => class.more[..size].iter().for_each(|(_, offer)| contacts[*offer] += 1),
                false => class.fewer[..size].iter().for_each(|(_, offer)| contacts[*offer] -= 1),
            }
        }
        contacts
    });
    Found { contacts, is_best }
}

fn common_divisor(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

impl Class {
    fn new(offers: &[&Offer], at: &Break, cost: u128, gap: f64, poll: Poll<'_>) -> Class {
        poll();
        let of_cost: Vec<usize> =
            (0..offers.len()).filter(|&offer| offers[offer].cost == cost).collect();
        let needed = at.profit_per_unit * cost as f64;
        let profit =
            |offer: usize, contact: u64| offers[offer].contact(contact) - offers[offer].unit_cost();
        let mut contacts = at.contacts.clone();
        let more = |_| {
            let open = of_cost.iter().copied();
            let open = open.filter(|&offer| contacts[offer] < offers[offer].worthwhile);
            let all = open.map(|offer| (profit(offer, contacts[offer]), offer));
            let (profit, offer) = all.reduce(|a, b| if b.0 > a.0 { b } else { a })?;
            contacts[offer] += 1;
            Some((needed - profit, offer))
        };
        let (more, all_more) = Self::list(gap, more);
        let mut contacts = at.contacts.clone();
        let fewer = |_| {
            let open = of_cost.iter().copied().filter(|&offer| contacts[offer] > 0);
            let all = open.map(|offer| (profit(offer, contacts[offer] - 1), offer));
            let (profit, offer) = all.reduce(|a, b| if b.0 <= a.0 { b } else { a })?;
            contacts[offer] -= 1;
            Some((profit - needed, offer))
        };
        let (fewer, all_fewer) = Self::list(gap, fewer);
        Class { cost: cost as i128, more, fewer, whole: [all_more, all_fewer] }
    }

    /// Losses that add up, as long as they stay below the gap, and whether there are no others.
    fn list(
        gap: f64,
        mut next: impl FnMut(()) -> Option<(f64, usize)>,
    ) -> (Vec<(f64, usize)>, bool) {
        let (mut list, mut sum) = (Vec::new(), 0.0);
        while list.len() < MOST {
            let Some((loss, offer)) = next(()) else { return (list, true) };
            // rounding may leave less than nothing of no loss
            sum += loss.max(0.0);
            if sum >= gap {
                return (list, true);
            }
            list.push((sum, offer));
        }
        (list, false)
    }

    /// What is lost with so many more, or fewer.
    fn loss(&self, count: i64) -> f64 {
        let size = count.unsigned_abs() as usize;
        let list = if count > 0 { &self.more } else { &self.fewer };
        size.checked_sub(1).and_then(|last| list.get(last)).map_or(0.0, |(loss, _)| *loss)
    }
}

struct Search<'a> {
    classes: &'a [Class],
    per_unit: f64,
    least: f64,
    slip: f64,
    /// What the best plan so far falls short of the bound.
    best: f64,
    /// More or fewer contacts of each class in the plan that is looked at.
    exchanged: Vec<i64>,
    found: Option<Vec<i64>>,
    plans: u64,
    is_best: bool,
}

impl Search<'_> {
    /// Tries the classes from this one on, with what is left of the budget, which may still be less than nothing, and what
    /// is lost so far.
    fn from(&mut self, class: usize, rest: i128, lost: f64, poll: Poll<'_>) {
        let classes = self.classes;
        let Some(of) = classes.get(class) else { return };
        if class + 1 == classes.len() {
            return self.last(of, rest, lost, poll);
        }
        self.exchange(class, 0, rest, lost, poll);
        for count in 1..=of.more.len() as i64 {
            if self.is_over() || !self.exchange(class, count, rest, lost, poll) {
                break;
            }
        }
        for count in 1..=of.fewer.len() as i64 {
            if self.is_over() || !self.exchange(class, -count, rest, lost, poll) {
                break;
            }
        }
        self.is_best &= of.whole[0] && of.whole[1];
    }

    /// Tries so many more, or fewer, of a class; false where too much is lost already.
    fn exchange(
        &mut self,
        class: usize,
        count: i64,
        rest: i128,
        lost: f64,
        poll: Poll<'_>,
    ) -> bool {
        let of = &self.classes[class];
        let lost = lost + of.loss(count);
        if lost >= self.best - self.slip {
            return false;
        }
        self.exchanged[class] = count;
        self.from(class + 1, rest - i128::from(count) * of.cost, lost, poll);
        self.exchanged[class] = 0;
        true
    }

    /// Of the last class as many as what is left pays, as each of them brings something.
    fn last(&mut self, of: &Class, rest: i128, lost: f64, poll: Poll<'_>) {
        self.plans += 1;
        if self.plans.is_multiple_of(1024) {
            poll();
        }
        let wanted = rest.div_euclid(of.cost);
        let (least, most) = (-(of.fewer.len() as i128), of.more.len() as i128);
        if wanted < least {
            // too many would have to be given up, or more than could be looked at
            self.is_best &= of.whole[1];
            return;
        }
        self.is_best &= wanted <= most || of.whole[0];
        let count = wanted.min(most) as i64;
        let left = (rest - i128::from(count) * of.cost) as f64;
        let lost = lost + of.loss(count) + left * self.per_unit;
        if lost < self.best - self.slip {
            self.best = lost;
            *self.exchanged.last_mut().unwrap_or(&mut 0) = count;
            self.found = Some(self.exchanged.clone());
        }
    }

    /// Whether nothing can be better.
    fn is_least(&self) -> bool {
        self.best <= self.least + self.slip
    }

    fn is_over(&mut self) -> bool {
        if self.plans > MOST_PLANS {
            self.is_best = false;
        }
        self.is_least() || self.plans > MOST_PLANS
    }
}

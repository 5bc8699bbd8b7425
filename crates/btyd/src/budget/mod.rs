//! Where a budget goes: whom to contact, so that what contacts return less what they cost is as much as the budget
//! allows.
//!
//! Customers come in offers: all contacts of one cost the same, a share of them responds, and a response is worth as
//! much to all, or something to each. In an offer those of the highest worth come first, and where contacts wear off,
//! `saturation` contacts reach all but 1/e of whom so many contacts could: the k-th, from 0, counts
//! S (e^(−k/S) − e^(−(k+1)/S)) of a response. So what a contact returns falls from one to the next.
//!
//! With money that can be split, the best is to take contacts by what they return per unit of cost until the budget is
//! spent: the optimum of the linear program, and a bound on what whole customers can bring. Whole customers leave less
//! than the cost of one contact, with which the [`search`] finds the best exchange of the last ones.

mod search;

use crate::Poll;
use std::borrow::Borrow;
use std::collections::BinaryHeap;

/// Units of cost in one unit of money.
pub const UNITS: f64 = 1e10;

/// What responses are worth.
#[derive(Debug, Clone, PartialEq)]
pub enum Worth {
    /// The same for so many customers.
    Alike {
        /// How many.
        customers: u64,
        /// What a response of one is worth.
        each: f64,
    },
    /// What a response of each is worth, the highest first.
    Each(Vec<f64>),
}

/// The customers of a segment, and what is assumed of a contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    cost: u128,
    response: f64,
    saturation: Option<f64>,
    worth: Worth,
    /// What the first contacts return together, for none, one, two, …; empty where a formula tells.
    sums: Vec<f64>,
    /// How many return more than they cost.
    worthwhile: u64,
}

impl Offer {
    /// An offer. The cost of a contact is in [`UNITS`]; the response is from 0 to 1; saturation, if contacts wear off, is
    /// above 0.
    pub fn new(cost: u128, response: f64, saturation: Option<f64>, worth: Worth) -> Offer {
        let mut offer =
            Offer { cost, response, saturation, worth, sums: Vec::new(), worthwhile: 0 };
        offer.worthwhile = offer.count_worthwhile();
        if let Worth::Each(_) = offer.worth {
            let mut sum = 0.0;
            let next = |contact| {
                sum += offer.contact(contact);
                sum
            };
            offer.sums = std::iter::once(0.0).chain((0..offer.worthwhile).map(next)).collect();
        }
        offer
    }

    /// How many customers there are.
    pub fn customers(&self) -> u64 {
        match &self.worth {
            Worth::Alike { customers, .. } => *customers,
            Worth::Each(worth) => worth.len() as u64,
        }
    }

    /// How many contacts return more than they cost: the first ones.
    pub fn worthwhile(&self) -> u64 {
        self.worthwhile
    }

    fn count_worthwhile(&self) -> u64 {
        let cost = self.unit_cost();
        let (mut low, mut high) = (0, self.customers());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.contact(middle) > cost {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        low
    }

    /// What a contact costs, as money.
    fn unit_cost(&self) -> f64 {
        self.cost as f64 / UNITS
    }

    /// What a contact returns, counted from 0.
    pub fn contact(&self, contact: u64) -> f64 {
        let worth = match &self.worth {
            Worth::Alike { each, .. } => *each,
            Worth::Each(worth) => worth.get(contact as usize).copied().unwrap_or(0.0),
        };
        self.response * worth * self.reach(contact)
    }

    /// The part of a response that a contact counts.
    fn reach(&self, contact: u64) -> f64 {
        match self.saturation {
            None => 1.0,
            Some(size) => -size * (-(contact as f64) / size).exp() * (-1.0 / size).exp_m1(),
        }
    }

    /// How many respond to so many contacts.
    pub fn responses(&self, contacts: u64) -> f64 {
        let contacts = contacts as f64;
        match self.saturation {
            None => self.response * contacts,
            Some(size) => self.response * -size * (-contacts / size).exp_m1(),
        }
    }

    /// What so many contacts return together; at most those that are worthwhile.
    pub fn total(&self, contacts: u64) -> f64 {
        match &self.worth {
            Worth::Alike { each, .. } => each * self.responses(contacts),
            Worth::Each(_) => self.sums.get(contacts as usize).copied().unwrap_or(0.0),
        }
    }

    /// What they return beyond their cost.
    pub fn profit(&self, contacts: u64) -> f64 {
        self.total(contacts) - contacts as f64 * self.unit_cost()
    }

    /// What one more contact returns per unit of its cost; None after the last customer, and where contacts are free.
    pub fn next_return(&self, contacts: u64) -> Option<f64> {
        let there = contacts < self.customers() && self.cost > 0;
        there.then(|| self.contact(contacts) / self.unit_cost())
    }

    /// How many contacts from this one on return as much as it.
    fn alike(&self, contact: u64) -> u64 {
        match (&self.worth, self.saturation) {
            (Worth::Alike { .. }, None) => self.worthwhile - contact,
            _ => 1,
        }
    }
}

/// Where the budget goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// How many customers of each offer are contacted: the first ones.
    pub contacts: Vec<u64>,
    /// What they return beyond their cost.
    pub profit: f64,
    /// What no plan can exceed: the profit if customers could be split.
    pub bound: f64,
    /// Whether this is the best of all plans with whole customers; else it is between them.
    pub is_best: bool,
}

/// The best next contact of an offer.
#[derive(PartialEq)]
struct Next {
    per_cost: f64,
    offer: usize,
}

impl Eq for Next {}

impl Ord for Next {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // the earlier offer of equal ones
        self.per_cost.total_cmp(&other.per_cost).then_with(|| other.offer.cmp(&self.offer))
    }
}

impl PartialOrd for Next {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Where the contacts that come first by what they return leave the first that the budget no longer pays.
struct Break {
    /// Contacts of each offer before it.
    contacts: Vec<u64>,
    /// What is left.
    rest: u128,
    /// What it returns beyond its cost, per unit of cost.
    profit_per_unit: f64,
}

/// The best plan for a budget in [`UNITS`]. Where contacts are alike, those of earlier offers come first.
pub fn plan<O: Borrow<Offer>>(offers: &[O], budget: u128, poll: Poll<'_>) -> Plan {
    let offers: Vec<&Offer> = offers.iter().map(Borrow::borrow).collect();
    let mut contacts: Vec<u64> = vec![0; offers.len()];
    let mut rest = budget;
    let mut first: Option<Break> = None;
    let mut heap = BinaryHeap::new();
    let next = |offer: usize, contact: u64| Next {
        per_cost: offers[offer].contact(contact) / offers[offer].unit_cost(),
        offer,
    };
    for (at, offer) in offers.iter().enumerate().filter(|(_, offer)| offer.worthwhile > 0) {
        match offer.cost {
            0 => contacts[at] = offer.worthwhile,
            _ => heap.push(next(at, 0)),
        }
    }
    let mut taken = 0u64;
    while let Some(Next { offer: at, .. }) = heap.pop() {
        taken += 1;
        if taken.is_multiple_of(1024) {
            poll();
        }
        let offer = &offers[at];
        if offer.cost > rest {
            first.get_or_insert_with(|| Break {
                contacts: contacts.clone(),
                rest,
                profit_per_unit: (offer.contact(contacts[at]) - offer.unit_cost())
                    / offer.cost as f64,
            });
            continue; // what is left may pay a cheaper one
        }
        let affordable = u64::try_from(rest / offer.cost).unwrap_or(u64::MAX);
        let more = offer.alike(contacts[at]).min(affordable);
        contacts[at] += more;
        rest -= u128::from(more) * offer.cost;
        if contacts[at] < offer.worthwhile {
            heap.push(next(at, contacts[at]));
        }
    }
    let of = |contacts: &[u64]| -> f64 {
        offers.iter().zip(contacts).map(|(offer, &contacts)| offer.profit(contacts)).sum()
    };
    let profit = of(&contacts);
    let Some(first) = first else {
        return Plan { contacts, profit, bound: profit, is_best: true };
    };
    let bound = of(&first.contacts) + first.rest as f64 * first.profit_per_unit;
    let found = search::exchange(&offers, &first, bound - profit, poll);
    let contacts = found.contacts.unwrap_or(contacts);
    Plan { profit: of(&contacts), contacts, bound, is_best: found.is_best }
}

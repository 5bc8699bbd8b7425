//! What customers who bought alike share, remembered.
//!
//! What a model expects of those who have not left depends on repeat purchases and age alone. A shop has many customers of
//! each, and asks for them in any order. So what was computed last for a place of a table is kept there: that decides how
//! long an answer takes, never what it is.

use crate::models::Customer;

/// Places at first.
const FIRST: usize = 16;

/// The most bytes of a table: a shop of three years has about as many customers who are not alike, seen month after month.
const ROOM: usize = 1 << 22;

/// Numbers about customers, N for each, by what they bought.
#[derive(Debug)]
pub struct Alike<const N: usize> {
    /// As many as a power of two, or none.
    places: Vec<Place<N>>,
    /// Numbers that were computed since the table has grown.
    computed: usize,
}

/// A customer, of whom a span may count for nothing, and the numbers about them.
#[derive(Debug, Clone, Copy)]
struct Place<const N: usize> {
    customer: Customer,
    numbers: [f64; N],
}

impl<const N: usize> Default for Alike<N> {
    fn default() -> Self {
        Alike { places: Vec::new(), computed: 0 }
    }
}

impl<const N: usize> Alike<N> {
    /// No customer is of this age.
    const EMPTY: Place<N> =
        Place { customer: Customer { repeats: 0.0, span: 0.0, age: -1.0 }, numbers: [0.0; N] };

    /// The most places, a power of two.
    const MOST: usize = 1 << (ROOM / size_of::<Place<N>>()).ilog2();

    /// The numbers about a customer, as `compute` gives them. None is not remembered.
    #[inline]
    pub fn of(
        &mut self,
        customer: &Customer,
        compute: impl FnOnce() -> Option<[f64; N]>,
    ) -> Option<[f64; N]> {
        let at = place(customer, self.places.len());
        match self.places.get(at) {
            Some(place) if place.customer == *customer => Some(place.numbers),
            _ => self.add(customer, compute()?),
        }
    }

    #[inline(never)]
    fn add(&mut self, customer: &Customer, numbers: [f64; N]) -> Option<[f64; N]> {
        self.computed += 1;
        if self.computed > self.places.len() && self.places.len() < Self::MOST {
            self.grow();
        }
        let at = place(customer, self.places.len());
        if let Some(place) = self.places.get_mut(at) {
            *place = Place { customer: *customer, numbers };
        }
        Some(numbers)
    }

    /// Makes room for twice as many customers, as long as there is memory.
    fn grow(&mut self) {
        let len = (2 * self.places.len()).max(FIRST);
        let mut places = Vec::new();
        if places.try_reserve_exact(len).is_err() {
            return;
        }
        places.resize(len, Self::EMPTY);
        for known in self.places.iter().filter(|known| known.customer.age >= 0.0) {
            places[place(&known.customer, len)] = *known;
        }
        (self.places, self.computed) = (places, 0);
    }
}

/// The place of a customer in a table of `len` places, a power of two.
#[inline]
fn place(customer: &Customer, len: usize) -> usize {
    let Customer { repeats, span, age } = *customer;
    let mixed = (repeats.to_bits() ^ span.to_bits().rotate_left(23))
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(age.to_bits())
        .wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (mixed >> 40) as usize & len.wrapping_sub(1)
}

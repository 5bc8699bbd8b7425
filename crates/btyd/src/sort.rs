//! Sorting that a host can cancel.

use crate::Poll;
use std::cmp::Ordering;

/// Comparisons between two polls: well under 10 ms.
const POLL_EVERY: u32 = 1 << 18;

/// Sorts in place; equal elements end in any order.
pub fn by<T>(data: &mut [T], order: impl Fn(&T, &T) -> Ordering, poll: Poll<'_>) {
    let mut compared = 0u32;
    data.sort_unstable_by(|a, b| {
        compared = compared.wrapping_add(1);
        if compared.is_multiple_of(POLL_EVERY) {
            poll();
        }
        order(a, b)
    });
}

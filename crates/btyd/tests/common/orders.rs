//! Generators of orders.

use super::{Growth, Order};
use btyd::decimal::{Decimal, POW10};
use proptest::collection::vec;
use proptest::prelude::*;

/// Days that often meet, and days far out.
pub fn any_day() -> impl Strategy<Value = i32> {
    let edges = prop::sample::select(vec![i32::MIN, i32::MIN + 1, -1, 0, i32::MAX - 1, i32::MAX]);
    prop_oneof![8 => -20..20, 1 => any::<i32>(), 1 => edges]
}

fn decimals(
    scales: std::ops::RangeInclusive<u8>,
    below: impl Fn(u8) -> u128 + Clone,
) -> impl Strategy<Value = Decimal> {
    scales.prop_flat_map(move |scale| {
        let limit = i128::try_from(below(scale)).unwrap();
        let mantissa = prop_oneof![1 => Just(0), 9 => -limit / 4..=limit];
        mantissa.prop_map(move |mantissa| Decimal { mantissa, scale })
    })
}

/// Sums of few of these always fit: shop money, huge money that carries beyond 64 bits, and any scale.
pub fn fitting() -> impl Strategy<Value = Vec<Order>> {
    prop_oneof![
        orders(decimals(0..=4, |_| 100_000)),
        orders(decimals(0..=12, |scale| POW10[23 + usize::from(scale)])),
        orders(decimals(0..=38, |scale| POW10[usize::from(scale)] / 50)),
    ]
}

/// Shop money only.
pub fn ordinary() -> impl Strategy<Value = Vec<Order>> {
    orders(decimals(0..=4, |_| 100_000))
}

/// Amounts at the edges of what fits 64 and 128 bits, of any scale: sums fit or do not.
pub fn edgy() -> impl Strategy<Value = Vec<Order>> {
    let near = |base: i128| (-2..=2i128).prop_map(move |off| base.saturating_add(off));
    let mantissa = prop_oneof![
        (0..127u32).prop_flat_map(move |bit| near(1 << bit)),
        (0..38usize).prop_flat_map(move |digits| near(POW10[digits] as i128)),
        near(i128::MAX),
        near(POW10[38] as i128),
        near(POW10[38] as i128 / 2),
        any::<i64>().prop_map(i128::from),
    ];
    let scale = prop_oneof![2 => Just(0u8), 1 => 0..=3u8, 1 => 0..=38u8];
    let amount = (mantissa, any::<bool>(), scale).prop_map(|(mantissa, refund, scale)| Decimal {
        mantissa: if refund { -mantissa } else { mantissa },
        scale,
    });
    vec((-3..3, amount), 1..6).prop_map(|orders| {
        let order = |(day, amount)| Order { day, amount: Some(amount) };
        orders.into_iter().map(order).collect()
    })
}

fn orders(amount: impl Strategy<Value = Decimal>) -> impl Strategy<Value = Vec<Order>> {
    let amount = prop::option::weighted(0.9, amount);
    let order = (any_day(), amount).prop_map(|(day, amount)| Order { day, amount });
    vec(order, 0..40)
}

pub fn growth() -> impl Strategy<Value = Growth> {
    let spare = prop_oneof![Just(0u32), 0..9u32, Just(100)];
    (0..5u32, spare).prop_map(|(first, spare)| Growth { first, spare })
}

//! What must hold of every model whatever its parameters: probabilities that are ones, expectations that rise
//! and bend, likelihoods that agree with the forecasts, units of time that do not matter.

mod cases;
mod common;

use btyd::models::spend::SpendModel;
use btyd::models::{Customer, Family, PurchaseModel};
use btyd::special::gamma::ln_gamma;
use cases::*;
use common::config;
use proptest::prelude::*;

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn p_alive_falls_in_silence_and_rises_with_the_last_purchase(
        case in prop_oneof![3 => continuous(500), 1 => opportunities()],
        longer in wide(1e-3, 1e5), later in share(),
    ) {
        let Case { model, customer } = case;
        let p = model.p_alive(&customer);
        prop_assert!((0.0..=1.0).contains(&p), "{p}");
        if model.family() == Family::BgNbd && customer.repeats == 0.0 {
            prop_assert_eq!(p, 1.0);
        }
        let silent = Customer { age: customer.age + case.time(longer), ..customer };
        at_most(model.p_alive(&silent), p, SLACK)?;
        let later = customer.span + (customer.age - customer.span) * later;
        let later = if case.is_continuous() { later } else { later.round() };
        if customer.repeats > 0.0 {
            let recent = Customer { span: later.min(customer.age), ..customer };
            at_most(p, model.p_alive(&recent), SLACK)?;
        }
    }

    #[test]
    fn p_alive_ahead_starts_at_p_alive_and_falls(
        case in any_family(), one in wide(1e-4, 1e5), more in wide(1e-4, 1e5),
    ) {
        let at = |ahead: f64| case.model.p_alive_at(&case.customer, ahead);
        near(at(0.0), case.model.p_alive(&case.customer), 1e-14, 0.0)?;
        let (one, two) = (case.time(one), case.time(one) + case.time(more));
        at_most(at(one), at(0.0), SLACK)?;
        at_most(at(two), at(one), SLACK)?;
        prop_assert!(at(two) >= 0.0);
    }

    #[test]
    fn expected_purchases_rise_and_bend(
        case in any_family(), mut times in prop::array::uniform3(wide(1e-4, 1e5)),
    ) {
        times.sort_unstable_by(f64::total_cmp);
        let [one, two, three] = times.map(|time| case.time(time));
        prop_assert_eq!(case.expected(0.0), 0.0);
        let found = [one, two, three].map(|time| case.expected(time));
        prop_assert!(found[0] >= 0.0);
        at_most(found[0], found[1], INTEGRATED)?;
        at_most(found[1], found[2], INTEGRATED)?;
        at_most(found[1] / two, found[0] / one, INTEGRATED)?;
        at_most(found[2] / three, found[1] / two, INTEGRATED)?;
        let chord = match three > one {
            true => found[0] + (found[2] - found[0]) * ((two - one) / (three - one)),
            false => found[0],
        };
        prop_assert!(found[1] >= chord - INTEGRATED * found[2] - 1e-300, "{found:?} at {one} {two} {three}");
    }

    #[test]
    fn at_first_purchases_come_at_the_pace_of_those_who_are_there(
        case in continuous(500), moment in wide(1e-12, 1e-9),
    ) {
        let [r, alpha, third, fourth] = case.model.parameters();
        let Customer { repeats, age, .. } = case.customer;
        // so short that neither the rate nor the chance to have left change beyond the tolerance
        let moment = moment * (age + alpha.min(fourth)) / (r + repeats + third);
        let pace = (r + repeats) / (alpha + age) * case.model.p_alive(&case.customer);
        near(case.expected(moment) / moment, pace, 1e-8, 1e-300)?;
    }

    #[test]
    fn the_unit_of_time_does_not_matter(
        case in continuous(500), c in wide(1e-4, 1e4), horizon in wide(1e-4, 1e5),
    ) {
        let scaled = case.in_unit(c);
        let p = case.model.p_alive(&case.customer);
        near(scaled.model.p_alive(&scaled.customer), p, 1e-10, 1e-300)?;
        near(scaled.expected(horizon * c), case.expected(horizon), 1e-10, 1e-300)?;
        let found = scaled.model.log_likelihood(&scaled.customer);
        let (shift, before) =
            (case.customer.repeats * c.ln(), case.model.log_likelihood(&case.customer));
        near(found + shift, before, 1e-13, 1e-13 * (shift.abs() + found.abs()) + 1e-12)?;
    }

    #[test]
    fn silence_is_a_ratio_of_likelihoods(case in any_family(), silence in wide(1e-4, 1e5)) {
        let Case { model, customer } = case;
        let silence = case.time(silence);
        let mut later = Customer { age: customer.age + silence, ..customer };
        if model.family() == Family::ShiftedBetaGeometric {
            // one renewal that is refused is all the silence that there can be
            prop_assume!(customer.repeats == customer.age);
            later.age = customer.age + 1.0;
        }
        let ratio = (model.log_likelihood(&later) - model.log_likelihood(&customer)).exp();
        near(case.probability(0.0, silence), ratio, 1e-10, 1e-14)?;
    }

    #[test]
    fn probabilities_of_counts_are_those_of_all_purchases_that_give_them(
        (family, shapes) in (
            prop::sample::select(CONTINUOUS.to_vec()),
            (wide(1e-3, 50.0), wide(1e-2, 1e4), wide(1e-6, 20.0), wide(1e-2, 1e4)),
        ),
        n in (1..=30u32).prop_map(f64::from), horizon in wide(1e-2, 1e5),
    ) {
        let model = PurchaseModel::new(family, shapes.into()).unwrap();
        // over the time of the last of n purchases; the others fall before it in any way, in order
        let sum = integral(horizon, |last| {
            let customer = Customer { repeats: n, span: last, age: horizon };
            let others = (n - 1.0) * last.ln() - ln_gamma(n);
            (model.log_likelihood(&customer) + others).exp()
        });
        near(model.purchase_probability(&Customer::NEW, n, horizon), sum, 1e-9, 1e-200)?;
    }

    #[test]
    fn purchases_are_counted_as_they_are_integrated(case in any_family(), horizon in wide(1e-4, 1e5)) {
        // a discount of nothing leads to the integral
        let horizon = case.time(horizon);
        let integrated = case.model.discounted_purchases(&case.customer, horizon, 1e-200);
        near(case.expected(horizon), integrated.expect("an end"), INTEGRATED, 1e-300)?;
    }

    #[test]
    fn what_is_remembered_of_customers_who_bought_alike_is_what_is_computed(
        case in continuous(500), horizon in wide(1e-4, 1e5), rate in wide(1e-6, 1.0),
        others in prop::collection::vec((0..2u32, 0..3u32), 20),
    ) {
        let (model, horizon) = (case.model, case.time(horizon));
        let mut alike = btyd::alike::Alike::<1>::default();
        for (repeats, age) in others {
            let customer = Customer { repeats: repeats.into(), span: 0.0, age: case.time(age.into()) };
            let ahead = || model.ahead(&customer, horizon, rate).map(|ahead| [ahead]);
            let [found] = alike.of(&customer, ahead).expect("an end");
            let expected = model.discounted_purchases(&customer, horizon, rate).expect("an end");
            prop_assert_eq!((model.p_alive(&customer) * found).to_bits(), expected.to_bits());
        }
    }

    #[test]
    fn discounts_take_away(
        case in any_family(), horizon in wide(1e-3, 1e5), rate in wide(1e-9, 1.0),
        steps in 1..=12u32,
    ) {
        let horizon = case.time(horizon);
        let worth = |rate: f64| case.discounted(horizon, rate).unwrap();
        at_most(worth(rate), worth(0.0), INTEGRATED)?;
        at_most(worth(2.0 * rate), worth(rate), INTEGRATED)?;
        at_most(worth(0.0) * (-rate * horizon).exp(), worth(rate), INTEGRATED)?;
        let step = if case.is_continuous() { horizon / f64::from(steps) } else { 1.0 };
        let stepped =
            |rate: f64| case.model.stepped_purchases(&case.customer, horizon, rate, step, &mut || {});
        near(stepped(0.0), worth(0.0), INTEGRATED, 1e-300)?;
        if case.is_continuous() {
            at_most(stepped(rate), worth(rate), INTEGRATED)?;
            at_most(worth(rate) * (-rate * step).exp(), stepped(rate), INTEGRATED)?;
        } else {
            near(stepped(rate), worth(rate), INTEGRATED, 1e-300)?;
        }
    }

    #[test]
    fn an_endless_future_is_the_limit_of_long_ones(
        case in any_family(), horizon in wide(1e-3, 1e5), rate in wide(1e-6, 1.0),
    ) {
        let horizon = case.time(horizon);
        let endless = case.discounted(f64::INFINITY, rate).unwrap();
        at_most(case.discounted(horizon, rate).unwrap(), endless, INTEGRATED)?;
        near(case.discounted(60.0 / rate, rate).unwrap(), endless, 1e-10, 1e-300)?;
        match case.discounted(f64::INFINITY, 0.0) {
            Some(all) => {
                at_most(endless, all, INTEGRATED)?;
                at_most(case.expected(horizon), all, INTEGRATED)?;
                let gone = case.model.p_alive(&case.customer) == 0.0;
                prop_assert!(case.staying() > 1.0 || gone, "{all}");
            }
            None => prop_assert!(case.staying() <= 1.0),
        }
    }

    #[test]
    fn spend_lies_between_a_customers_own_mean_and_that_of_all(
        [p, v, m] in prop::array::uniform3(wide(1e-3, 1e6)), q in wide(1e-3, 1e3),
        x in repeats(500).prop_map(|x| x + 1.0), c in wide(1e-4, 1e4),
    ) {
        let model = SpendModel::new(p, q, v).unwrap();
        let Some(expected) = model.expected_value(x, m) else {
            prop_assert!(p * x + q <= 1.0);
            return Ok(());
        };
        prop_assert!(p * x + q > 1.0 && expected.is_finite());
        let all = if q > 1.0 { p * v / (q - 1.0) } else { f64::INFINITY };
        at_most(m.min(all), expected, SLACK)?;
        at_most(expected, m.max(all), SLACK)?;
        // the more purchases, the nearer to their mean
        let surer = model.expected_value(2.0 * x, m).unwrap();
        prop_assert!((surer - m).abs() <= (expected - m).abs() + SLACK * m);
        let scaled = SpendModel::new(p, q, v * c).unwrap();
        near(scaled.expected_value(x, m * c).unwrap(), expected * c, 1e-12, 0.0)?;
        let ln = model.log_likelihood(x, m);
        prop_assert!(ln.is_finite());
        near(scaled.log_likelihood(x, m * c) + c.ln(), ln, 1e-12, 1e-10 * (1.0 + p * x + q))?;
    }
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn probabilities_of_counts_are_one_together_and_their_mean_is_expected(
        case in prop_oneof![4 => continuous(60), 1 => opportunities(), 1 => contracts()],
        share in wide(1e-3, 1.0),
    ) {
        let [r, alpha, ..] = case.model.parameters();
        let Customer { repeats, age, .. } = case.customer;
        let (horizon, most) = match case.is_continuous() {
            true => ((alpha + age) * share, 3.0 * (r + repeats) * share + 80.0),
            false => ((150.0 * share).ceil(), 150.0),
        };
        let (mut sum, mut mean, mut n) = (0.0, 0.0, 0.0);
        while n <= most {
            let probability = case.probability(n, horizon);
            prop_assert!((0.0..=1.0).contains(&probability), "{probability} of {n}");
            sum += probability;
            mean += n * probability;
            n += 1.0;
        }
        near(sum, 1.0, 1e-10, 0.0)?;
        near(mean, case.expected(horizon), 1e-9, 1e-300)?;
    }

    #[test]
    fn while_there_pareto_customers_keep_their_pace(
        case in customers_of(&[Family::ParetoNbd], 500), horizon in wide(1e-3, 1e5),
    ) {
        let [r, alpha, ..] = case.model.parameters();
        let Customer { repeats, age, .. } = case.customer;
        let time = integral(horizon, |ahead| case.model.p_alive_at(&case.customer, ahead));
        near(case.expected(horizon), (r + repeats) / (alpha + age) * time, 1e-10, 1e-300)?;
    }

    #[test]
    fn all_that_can_happen_at_a_few_opportunities_has_probability_one(
        shapes in prop::array::uniform4(wide(1e-3, 1e3)), n in 1..=14u32,
    ) {
        let model = PurchaseModel::new(Family::BgBb, shapes).unwrap();
        let age = f64::from(n);
        let mut by_count = vec![0.0; n as usize + 1];
        for bought in 0..1u32 << n {
            let span = f64::from(32 - bought.leading_zeros());
            let customer = Customer { repeats: bought.count_ones().into(), span, age };
            by_count[bought.count_ones() as usize] += model.log_likelihood(&customer).exp();
        }
        for (x, sum) in by_count.iter().enumerate() {
            let found = model.purchase_probability(&Customer::NEW, x as f64, age);
            near(found, *sum, 1e-10, 1e-14)?;
        }
        near(by_count.iter().sum(), 1.0, 1e-11, 0.0)?;
    }

    #[test]
    fn a_contract_ends_at_some_renewal_or_at_none(
        (alpha, beta) in (wide(1e-3, 1e3), wide(1e-3, 1e3)), due in (1..=200u32).prop_map(f64::from),
    ) {
        let family = Family::ShiftedBetaGeometric;
        let model = PurchaseModel::new(family, [alpha, beta, 1.0, 1.0]).unwrap();
        let (mut sum, mut made) = (0.0, 0.0);
        while made <= due {
            let age = if made < due { made + 1.0 } else { due };
            let customer = Customer { repeats: made, span: made, age };
            let chance = model.log_likelihood(&customer).exp();
            near(model.purchase_probability(&Customer::NEW, made, due), chance, 1e-10, 1e-300)?;
            sum += chance;
            made += 1.0;
        }
        near(sum, 1.0, 1e-11, 0.0)?;
    }
}

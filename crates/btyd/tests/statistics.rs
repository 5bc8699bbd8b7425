//! Contingency tables, tallies and concentration: published examples, references of more digits, and naive
//! formulas.

mod common;

use btyd::Error;
use btyd::concentration::{contribution_cuts, gini, mean};
use btyd::contingency::{Cell, Table, Test, holm};
use btyd::tally::{Scale, Tally};
use common::config;
use proptest::collection::vec;
use proptest::prelude::*;

fn close(actual: f64, expected: f64, within: f64) -> bool {
    (actual - expected).abs() <= within * expected.abs()
}

fn all_close(actual: impl IntoIterator<Item = f64>, expected: &[f64], within: f64) {
    let actual: Vec<f64> = actual.into_iter().collect();
    assert_eq!(actual.len(), expected.len());
    let all = actual.iter().zip(expected).all(|(&a, &e)| close(a, e, within));
    assert!(all, "{actual:?} is not {expected:?}");
}

/// Both missing or both nearly the same.
fn near(actual: Option<f64>, expected: Option<f64>, within: f64) -> bool {
    let distance = actual.zip(expected).map(|(actual, expected)| (actual - expected).abs());
    distance.map_or(actual == expected, |distance| distance <= within)
}

fn table(rows: usize, counts: &[u64]) -> Table {
    Table::new(rows, counts.len() / rows, counts.to_vec()).unwrap()
}

/// A. Agresti, An Introduction to Categorical Data Analysis, 2nd edition, Wiley 2007, section 2.4: party
/// identification (Democrat, Independent, Republican) by gender (female, male) in the General Social Survey;
/// R's help page of chisq.test has it as "Agresti (2007) p. 39" and prints X² = 30.07, df = 2, p = 2.954e-07.
const AGRESTI: [u64; 6] = [762, 327, 468, 484, 239, 477];

#[test]
fn independence_as_published() {
    let test = table(2, &AGRESTI).test();
    assert_eq!((test.chi_square * 100.0).round(), 3007.0);
    assert_eq!(test.degrees_of_freedom, 2);
    assert_eq!(format!("{:.3e}", test.p_value), "2.954e-7");
    let rounded = |value: f64, digits: i32| (value * 10f64.powi(digits)).round();
    let cells = table(2, &AGRESTI).cells();
    let residuals: Vec<f64> = cells.iter().map(|cell| rounded(cell.residual, 2)).collect();
    assert_eq!(residuals, [450.0, 70.0, -532.0, -450.0, -70.0, 532.0]);
    let expected: Vec<f64> = cells.iter().map(|cell| rounded(cell.expected, 1)).collect();
    assert_eq!(expected, [7037.0, 3196.0, 5337.0, 5423.0, 2464.0, 4113.0]);
}

// from here the constants are of mpmath 1.4.1 with 40 digits, rounded to doubles; scipy 1.17.1 (chi2_contingency
// without correction) and statsmodels (multipletests, "holm") agree with them

#[test]
fn independence_to_the_last_digits() {
    let test = table(2, &AGRESTI).test();
    let actual = [test.chi_square, test.p_value, test.cramers_v, test.smallest_expected];
    let expected =
        [30.070149095754672, 2.953589183211758e-07, 0.10443580235646777, 246.35473340587595];
    all_close(actual, &expected, 1e-14);
    let cells = table(2, &AGRESTI).cells();
    let of = |part: fn(&Cell) -> f64| cells.iter().map(part).collect::<Vec<f64>>();
    let residuals = [4.502053521086702, 0.6994517329844302, -5.31594554270493];
    all_close(of(|cell| cell.residual)[..3].to_vec(), &residuals, 1e-14);
    let p = [6.730002776117252e-06, 0.48426976720544307, 1.0610488189573448e-07];
    all_close(of(|cell| cell.p_value), &[p, p].concat(), 1e-13);
    let p = [2.6920011104469008e-05, 0.9685395344108861, 6.366292913744069e-07];
    all_close(of(|cell| cell.adjusted_p_value), &[p, p].concat(), 1e-13);
    let index = [108.28918434945584, 102.30090483874262, 87.69244884851821];
    all_close(of(|cell| cell.index.unwrap())[..3].to_vec(), &index, 1e-15);
}

const WIDE: [u64; 12] = [12, 5, 7, 31, 7, 7, 19, 0, 1, 40, 3, 11];

#[test]
fn a_wider_table_to_the_last_digits() {
    let test = table(3, &WIDE).test();
    assert_eq!(test.degrees_of_freedom, 6);
    let actual = [test.chi_square, test.p_value, test.cramers_v, test.smallest_expected];
    let expected = [97.92348111658457, 6.801509739407851e-19, 0.585140832718015, 4.615384615384615];
    all_close(actual, &expected, 1e-13);
    let cells = table(3, &WIDE).cells();
    let residuals = [
        2.134806401991464,
        -5.359820759263184,
        -1.7757440096080297,
        5.602862956959978,
        1.3645879491636697,
        -2.0629959721124957,
        6.075415004201845,
        -4.223695533581468,
        -3.31657423166531,
        7.146427679017578,
        -3.48571972256391,
        -1.945035327027557,
    ];
    all_close(cells.iter().map(|cell| cell.residual), &residuals, 1e-14);
    let p_values = [
        0.03277682714359719,
        8.330456178941402e-08,
        0.07577512000100807,
        2.1083992216531293e-08,
        0.17238259447221946,
        0.039113010869162516,
        1.23667470176598e-09,
        2.403286717141457e-05,
        0.0009112837513292769,
        8.906527876473129e-13,
        0.0004908149591805884,
        0.05177072664700981,
    ];
    all_close(cells.iter().map(|cell| cell.p_value), &p_values, 1e-13);
    let adjusted = [
        0.16388413571798596,
        7.497410561047262e-07,
        0.16388413571798596,
        2.1083992216531294e-07,
        0.17238259447221946,
        0.16388413571798596,
        1.360342171942578e-08,
        0.00019226293737131656,
        0.005467702507975661,
        1.0687833451767755e-11,
        0.0034357047142641187,
        0.16388413571798596,
    ];
    all_close(cells.iter().map(|cell| cell.adjusted_p_value), &adjusted, 1e-13);
}

#[test]
fn tiny_p_values_are_not_zero() {
    // of [[n, 0], [0, n]] the residuals are ±√(2n) and χ² is 2n: all p-values are erfc(√n)
    for (n, p_value) in [
        (1, 0.15729920705028513),
        (10, 7.744216431044084e-06),
        (100, 2.088487583762545e-45),
        (350, 2.9902269751246203e-154),
        (700, 2.1010145162642176e-306),
    ] {
        let same = table(2, &[n, 0, 0, n]);
        assert!(close(same.test().p_value, p_value, 1e-12), "{n}");
        assert!(same.cells().iter().all(|cell| close(cell.p_value, p_value, 1e-12)), "{n}");
        assert_eq!(same.test().cramers_v, 1.0);
    }
    assert_eq!(table(2, &[u64::MAX / 2, 0, 0, u64::MAX / 2]).test().p_value, 0.0);
}

#[test]
fn many_degrees_of_freedom() {
    // n on the diagonal of a square: χ² = n·rows·(rows − 1), with (rows − 1)² degrees
    for (rows, n, p_value) in [
        (3, 4, 7.987476059326673e-05),
        (5, 30, 2.2871368149134057e-117),
        (11, 6, 2.3737751366143625e-83),
    ] {
        let counts = (0..rows * rows).map(|at| if at % (rows + 1) == 0 { n } else { 0 }).collect();
        let test = Table::new(rows, rows, counts).unwrap().test();
        assert!(close(test.chi_square, n as f64 * (rows * (rows - 1)) as f64, 1e-15));
        assert_eq!(test.degrees_of_freedom, ((rows - 1) * (rows - 1)) as u64);
        assert!(close(test.p_value, p_value, 1e-12), "{rows}: {}", test.p_value);
    }
}

#[test]
fn nothing_to_compare() {
    let nothing = Test {
        chi_square: 0.0,
        degrees_of_freedom: 0,
        p_value: 1.0,
        cramers_v: 0.0,
        smallest_expected: 0.0,
    };
    assert_eq!(Table::new(0, 0, vec![]).unwrap().test(), nothing);
    assert_eq!(Table::new(0, usize::MAX, vec![]).unwrap().test(), nothing);
    assert_eq!(table(2, &[0; 6]).test(), nothing);
    assert_eq!(table(1, &[3, 4]).test(), Test { smallest_expected: 3.0, ..nothing });
    assert_eq!(table(2, &[0, 0, 3, 4]).test(), Test { smallest_expected: 3.0, ..nothing });
    let none =
        Cell { expected: 0.0, index: None, residual: 0.0, p_value: 1.0, adjusted_p_value: 1.0 };
    let only = |expected| Cell { expected, index: Some(100.0), ..none };
    assert_eq!(table(2, &[0, 0, 3, 4]).cells(), [none, none, only(3.0), only(4.0)]);
}

#[test]
fn sizes_that_do_not_fit_are_refused() {
    for (rows, columns) in [(0, 0), (2, 2), (3, 0), (usize::MAX, 2), (usize::MAX, usize::MAX)] {
        let refused = Table::new(rows, columns, vec![1; 3]);
        assert!(matches!(refused, Err(Error::Malformed(_))), "{rows} {columns}");
    }
    assert_eq!(Table::new(1, 2, vec![u64::MAX, 1]), Err(Error::OutOfRange));
}

#[test]
fn holm_as_published() {
    // the example of Wikipedia, "Holm–Bonferroni method": at 0.05 the first and the last are rejected
    all_close(holm(&[0.01, 0.04, 0.03, 0.005]), &[0.03, 0.06, 0.06, 0.02], 1e-15);
    // Y. Benjamini & Y. Hochberg, JRSS B 57 (1995), section 4: the fifteen p-values of Neuhaus et al., of which
    // Bonferroni's and Hochberg's methods reject three at 0.05, so that Holm's, between them, must as well
    let p_values = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
        0.5719, 0.6528, 0.7590, 1.0,
    ];
    let adjusted = holm(&p_values);
    assert_eq!(adjusted.iter().filter(|p_value| **p_value <= 0.05).count(), 3);
    // as statsmodels has them
    let first = [0.0015, 0.0056, 0.0247, 0.114, 0.2211, 0.278, 0.278, 0.278, 0.3213];
    all_close(adjusted[..9].to_vec(), &first, 1e-14);
    assert_eq!(adjusted[9..], [1.0; 6]);
}

/// Counts, with the number of rows and columns; rows and columns may be empty.
fn tables() -> impl Strategy<Value = (usize, usize, Vec<u64>)> {
    let count = prop_oneof![3 => 0..30u64, 2 => Just(0u64), 1 => 0..1_000_000_000_000u64];
    (1..6usize, 1..6usize).prop_flat_map(move |(rows, columns)| {
        (Just(rows), Just(columns), vec(count.clone(), rows * columns))
    })
}

/// The counts at these rows and columns.
fn picked<T: Copy>(columns: usize, counts: &[T], at: (&[usize], &[usize])) -> Vec<T> {
    let row = |&row: &usize| at.1.iter().map(move |&column| counts[row * columns + column]);
    at.0.iter().flat_map(row).collect()
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn tables_are_as_defined_and_finite((rows, columns, counts) in tables()) {
        let table = Table::new(rows, columns, counts.clone()).unwrap();
        let (test, cells) = (table.test(), table.cells());
        let sum = |at: &mut dyn Iterator<Item = usize>| at.map(|at| counts[at]).sum::<u64>() as f64;
        let total = sum(&mut (0..counts.len()));
        let mut chi_square = 0.0;
        for (at, cell) in cells.iter().enumerate() {
            let (row, column) = (at / columns, at % columns);
            let row = sum(&mut (row * columns..(row + 1) * columns));
            let column = sum(&mut (0..rows).map(|row| row * columns + column));
            prop_assert!(cell.residual.is_finite() && (0.0..=1.0).contains(&cell.p_value));
            prop_assert!((cell.p_value..=1.0).contains(&cell.adjusted_p_value));
            prop_assert_eq!(cell.index.is_some(), row * column > 0.0);
            let Some(index) = cell.index else {
                prop_assert_eq!(cell.expected, 0.0);
                continue;
            };
            let count = counts[at] as f64;
            let distance = count as i128 * total as i128 - row as i128 * column as i128;
            prop_assert!(close(cell.expected, row * column / total, 1e-14));
            prop_assert!(close(index, 100.0 * (count / row) / (column / total), 1e-14));
            prop_assert!(test.smallest_expected <= cell.expected);
            chi_square += (count - cell.expected).powi(2) / cell.expected;
            let variance = cell.expected * ((total - row) / total) * ((total - column) / total);
            let residual = if row < total && column < total {
                distance as f64 / total / variance.sqrt()
            } else {
                0.0
            };
            prop_assert!(close(cell.residual, residual, 1e-14));
        }
        prop_assert!((test.chi_square - chi_square).abs() <= 1e-9 * chi_square.max(1.0));
        prop_assert!((0.0..=1.0).contains(&test.p_value) && (0.0..=1.0).contains(&test.cramers_v));
        if test.degrees_of_freedom == 1 {
            // all residuals are the same but for their signs, and each is the test
            let mut counted = cells.iter().filter(|cell| cell.index.is_some());
            let first = counted.next().unwrap();
            let same = |cell: &Cell| cell.residual.abs() == first.residual.abs();
            prop_assert!(counted.all(same));
            prop_assert!(close(first.residual.powi(2), test.chi_square, 1e-13));
            prop_assert!(close(first.p_value, test.p_value, 1e-11));
            prop_assert_eq!(first.adjusted_p_value, (4.0 * first.p_value).min(1.0));
        }
    }

    #[test]
    fn order_and_emptiness_of_rows_and_columns_change_no_bit(
        ((rows, columns, counts), by_row, by_column) in tables().prop_flat_map(|table| {
            let order = |len| Just((0..len).collect::<Vec<usize>>()).prop_shuffle();
            let (rows, columns) = (table.0, table.1);
            (Just(table), order(rows), order(columns))
        }),
    ) {
        let given = Table::new(rows, columns, counts.clone()).unwrap();
        let shuffled = picked(columns, &counts, (&by_row, &by_column));
        let shuffled = Table::new(rows, columns, shuffled).unwrap();
        prop_assert_eq!(given.test(), shuffled.test());
        let cells = picked(columns, &given.cells(), (&by_row, &by_column));
        prop_assert_eq!(cells, shuffled.cells());

        let turned: Vec<usize> =
            (0..counts.len()).map(|at| at % rows * columns + at / rows).collect();
        let across = |at: &usize| counts[*at];
        let across = Table::new(columns, rows, turned.iter().map(across).collect()).unwrap();
        prop_assert_eq!(given.test(), across.test());
        let cells = given.cells();
        prop_assert_eq!(turned.iter().map(|&at| cells[at]).collect::<Vec<_>>(), across.cells());

        let more = Table::new(rows + 1, columns, [&counts[..], &vec![0; columns]].concat()).unwrap();
        prop_assert_eq!(given.test(), more.test());
        prop_assert_eq!(&more.cells()[..counts.len()], cells);
    }

    #[test]
    fn holm_is_as_defined(p_values in vec(prop_oneof![0.0..=1.0, Just(0.01), Just(0.0)], 0..20)) {
        let adjusted = holm(&p_values);
        for (p_value, adjusted) in p_values.iter().zip(adjusted) {
            let left = |other: f64| p_values.iter().filter(|p_value| **p_value >= other).count();
            let until = p_values.iter().copied().filter(|other| other <= p_value);
            let naive = until.map(|other| left(other) as f64 * other).fold(0.0, f64::max);
            prop_assert_eq!(adjusted, naive.min(1.0));
        }
    }

    #[test]
    fn tallies_are_naive_sums(
        answers in vec(-7..=10i64, 0..40), at in 0..=40usize,
    ) {
        let tally = |answers: &[i64]| {
            let mut tally = Tally::default();
            answers.iter().for_each(|&answer| tally.add(answer).unwrap());
            tally
        };
        let all = tally(&answers);
        let (left, right) = answers.split_at(at.min(answers.len()));
        let mut joined = tally(right);
        joined.join(&Tally::from_bytes(&tally(left).to_bytes())).unwrap();
        prop_assert_eq!(all, joined);

        let n = answers.len() as f64;
        let mean = answers.iter().sum::<i64>() as f64 / n;
        let deviations: f64 = answers.iter().map(|&answer| (answer as f64 - mean).powi(2)).sum();
        prop_assert_eq!(all.answers(), answers.len() as u64);
        prop_assert_eq!(all.mean(), (n > 0.0).then_some(mean));
        let error = (n > 0.0).then(|| (deviations / n / n).sqrt());
        prop_assert!(near(all.share_error(), error, 1e-12));
        let error = (n > 1.0).then(|| (deviations / (n - 1.0) / n).sqrt());
        prop_assert!(near(all.mean_error(), error, 1e-12));
    }

    #[test]
    fn gini_is_the_mean_difference(values in vec(prop_oneof![-5.0..1e4, Just(0.0)], 1..60)) {
        let mut values: Vec<f64> = values;
        values.sort_unstable_by(f64::total_cmp);
        let counted: Vec<f64> = values.iter().map(|value| value.max(0.0)).collect();
        let (n, sum) = (values.len() as f64, counted.iter().sum::<f64>());
        let differences = counted.iter().flat_map(|a| counted.iter().map(move |b| (a - b).abs()));
        let differences: f64 = differences.sum();
        let naive = (sum > 0.0).then(|| differences / (2.0 * n * sum));
        prop_assert!(near(gini(&values), naive, 1e-13));
    }

    #[test]
    fn cuts_are_those_of_a_walk(
        cents in vec(prop_oneof![-20..40i64, 0..100_000i64], 0..40),
        shares in vec(0..=20u32, 1..4),
        digits in 0..4i32,
    ) {
        let mut cents: Vec<i64> = cents;
        cents.sort_unstable();
        let units = 10f64.powi(digits);
        let values: Vec<f64> = cents.iter().map(|&cents| cents as f64 / units).collect();
        let mut shares: Vec<u32> = shares;
        shares.sort_unstable();
        let given: Vec<f64> = shares.iter().map(|&share| f64::from(share) / 20.0).collect();
        let cuts = contribution_cuts(&values, units, &given);
        prop_assert!(cuts.is_sorted());
        prop_assert_eq!(cuts.len(), shares.len());
        for (value, &cents_here) in values.iter().zip(&cents) {
            let above: i64 = cents.iter().filter(|&&other| other > cents_here.max(0)).sum();
            let total: i64 = cents.iter().filter(|&&other| other > 0).sum();
            let within = |share: &u32| cents_here > 0 && 20 * above < i64::from(*share) * total;
            let classes = shares.iter().filter(|share| within(share)).count();
            prop_assert_eq!(cuts.iter().filter(|cut| *cut <= value).count(), classes);
        }
        // the same without the help of units, away from the very edge
        let free: Vec<f64> = given.iter().map(|share| share - 1e-6).collect();
        prop_assert_eq!(
            contribution_cuts(&values, f64::NAN, &free), contribution_cuts(&values, units, &free)
        );
    }

    #[test]
    fn scaling_by_a_power_of_two_scales_cuts(
        values in vec(0.0..1e3, 1..30), power in -1000..1000i32, share in 1..100u32,
    ) {
        let mut values: Vec<f64> = values;
        values.sort_unstable_by(f64::total_cmp);
        let factor = 2f64.powi(power);
        let scaled: Vec<f64> = values.iter().map(|value| value * factor).collect();
        let shares = [f64::from(share) / 100.0, 1.0];
        let cuts = contribution_cuts(&values, f64::NAN, &shares);
        let cuts: Vec<f64> = cuts.iter().map(|cut| cut * factor).collect();
        prop_assert_eq!(contribution_cuts(&scaled, f64::NAN, &shares), cuts);
    }

    #[test]
    fn means_are_between(values in vec(prop_oneof![-1e3..1e3f64, any::<f64>()], 1..30)) {
        let mut values: Vec<f64> = values;
        values.retain(|value| value.is_finite());
        values.sort_unstable_by(f64::total_cmp);
        let Some(mean) = mean(&values) else {
            prop_assert!(values.is_empty());
            return Ok(());
        };
        prop_assert!(values[0] <= mean && mean <= values[values.len() - 1]);
        if values.iter().all(|value| value.abs() < 1e4) {
            let naive = values.iter().sum::<f64>() / values.len() as f64;
            prop_assert!((mean - naive).abs() < 1e-10);
        }
    }
}

#[test]
fn tallies_at_their_limits() {
    let mut tally = Tally::default();
    assert_eq!((tally.mean(), tally.share_error(), tally.mean_error()), (None, None, None));
    tally.add(7).unwrap();
    assert_eq!(
        (tally.mean(), tally.share_error(), tally.mean_error()),
        (Some(7.0), Some(0.0), None)
    );
    for value in [i64::MIN, i64::MAX, 1 << 32] {
        let before = tally;
        assert_eq!(tally.add(value), Err(Error::OutOfRange));
        assert_eq!(tally, before);
    }
    // as many answers as there can be, all the same but for one: nothing cancels
    let number = |value: u64| value.to_ne_bytes();
    let many = [number(1 << 62), number(1 << 62), number(1 << 62)].concat();
    let mut many = Tally::from_bytes(&many);
    assert_eq!((many.mean(), many.share_error()), (Some(1.0), Some(0.0)));
    many.add(2).unwrap();
    let error = many.share_error().unwrap();
    assert!(close(error, 2f64.powi(-62), 1e-9), "{error:e}");
    let most = Tally::from_bytes(&number(u64::MAX).repeat(3));
    assert!(most.share_error().unwrap().is_finite());
    assert_eq!(most.mean(), Some(-1.0 / u64::MAX as f64));
    let mut twice = most;
    assert_eq!(twice.join(&most), Err(Error::OutOfRange));
    assert_eq!(twice, most);
    assert_eq!(Tally::from_bytes(&[1, 2, 3]), Tally::default());
}

#[test]
fn shares_and_means_by_hand() {
    // 30 of 40 satisfied: √(0.75 · 0.25 / 40); and of 1, 3, 5 the sample variance is 4
    let mut tally = Tally::default();
    (0..40).for_each(|i| tally.add(i64::from(i < 30)).unwrap());
    assert!(close(tally.share_error().unwrap(), (0.75f64 * 0.25 / 40.0).sqrt(), 1e-15));
    let mut tally = Tally::default();
    [1, 3, 5].iter().for_each(|&score| tally.add(score).unwrap());
    assert!(close(tally.mean_error().unwrap(), (4.0f64 / 3.0).sqrt(), 1e-15));
}

#[test]
fn scores_count_by_their_scale() {
    let of = |scale: Scale| -> Vec<Option<i64>> {
        (-1..=11).map(|score| scale.value(f64::from(score))).collect()
    };
    let (no, zero, one) = (None, Some(0), Some(1));
    let nps = [Some(-1); 7].into_iter().chain([zero, zero, one, one]);
    assert_eq!(of(Scale::Nps), [no].into_iter().chain(nps).chain([no]).collect::<Vec<_>>());
    assert_eq!(of(Scale::Csat)[..8], [no, no, zero, zero, zero, one, one, no]);
    assert_eq!(
        of(Scale::Ces)[1..10],
        [no, one, Some(2), Some(3), Some(4), Some(5), Some(6), Some(7), no]
    );
    for scale in [Scale::Csat, Scale::Nps, Scale::Ces] {
        for score in [4.5, 1.0 + f64::EPSILON, f64::NAN, f64::INFINITY, -f64::INFINITY, 1e300] {
            assert_eq!(scale.value(score), None, "{scale:?} {score}");
        }
        for score in scale.range() {
            assert!(scale.value(score as f64).is_some(), "{} {score}", scale.name());
        }
    }
    assert_eq!(Scale::Nps.value(-0.0), Some(-1));
}

#[test]
fn inequality_by_hand() {
    assert_eq!(gini(&[]), None);
    assert_eq!(gini(&[-3.0, 0.0]), None);
    assert_eq!(gini(&[1.0, f64::INFINITY]), None);
    assert_eq!(gini(&[5.0]), Some(0.0));
    assert_eq!(gini(&[1.0, 3.0]), Some(0.25));
    assert_eq!(gini(&[-7.0, 0.0, 0.0, 9.0]), Some(0.75));
    for n in [3, 10, 99_999, 1_000_000] {
        for value in [0.1, 10.1, f64::MAX, 5e-324] {
            assert_eq!(gini(&vec![value; n]), Some(0.0), "{n} {value}");
        }
    }
    for value in [5e-324, 1e-300, 1.0, 1e303] {
        let mut one = vec![0.0; 1_000_000];
        one[999_999] = value;
        assert_eq!(gini(&one), Some(0.999999));
    }
}

#[test]
fn means_by_hand() {
    assert_eq!(mean(&[]), None);
    assert_eq!(mean(&[0.1; 10]), Some(0.1));
    assert_eq!(mean(&[-1e16, 1.0, 1e16]), Some(1.0 / 3.0));
    assert_eq!(mean(&[f64::MAX; 7]), Some(f64::MAX));
    assert_eq!(mean(&[f64::MIN, f64::MIN, 0.0, f64::MAX, f64::MAX]), Some(0.0));
    assert_eq!(mean(&[5e-324; 3]), Some(5e-324));
}

const ABC: [f64; 2] = [0.80, 0.95];

#[test]
fn classes_by_hand() {
    let cuts = |values: &[f64]| contribution_cuts(values, 100.0, &ABC);
    let nobody = [f64::MAX; 2];
    assert_eq!(cuts(&[]), nobody);
    assert_eq!(cuts(&[-2.0, 0.0, 0.0]), nobody);
    assert_eq!(cuts(&[0.01]), [0.01, 0.01]);
    assert_eq!(contribution_cuts(&[1.0], 1.0, &[]), []);
    // 50 + 30 reach 80 of 100 exactly, so that the one of 12 is not of the first class, 3 not of the second
    assert_eq!(cuts(&[-4.0, 5.0, 15.0, 30.0, 50.0]), [15.0, 30.0]);
    assert_eq!(cuts(&[5.01, 14.99, 30.0, 50.0]), [5.01, 30.0]);
    assert_eq!(cuts(&[5.0, 15.01, 29.99, 50.0]), [15.01, 15.01]);
}

#[test]
fn equal_values_stay_together() {
    // one by one the first eight of ten would be of the first class: 8 · 10.10 is 80 % of 101.00
    let equal = [10.10; 10];
    let alone = |place: i64| place * 1010 * 100 < 80 * 10_100;
    assert_eq!((0..10).filter(|&place| alone(place)).count(), 8);
    assert_eq!(contribution_cuts(&equal, 100.0, &ABC), [10.10, 10.10]);
    // what comes after exactly 80 % is of the next class, in doubles as well as where they say it is less
    let then = [[5.05; 4].as_slice(), &[10.10; 8]].concat();
    assert_eq!(contribution_cuts(&then, 100.0, &ABC), [5.05, 10.10]);
    let then = [[0.03; 4].as_slice(), &[0.06; 8]].concat();
    let sum = |values: &[f64]| values.iter().rev().fold(0.0, |sum, value| sum + value);
    assert!(sum(&then[4..]) < 0.80 * sum(&then));
    assert_eq!(contribution_cuts(&then, 100.0, &ABC), [0.03, 0.06]);
    // 100 times 0.58 is less than 58
    let then = [[0.16, 0.50, 0.50].as_slice(), &[0.58; 8]].concat();
    assert_eq!(contribution_cuts(&then, 100.0, &ABC), [0.50, 0.58]);
}

#[test]
fn values_that_are_no_units() {
    // finer than units, larger than 2^53 of them, and at both ends of what doubles can be
    assert_eq!(contribution_cuts(&[0.001, 0.002, 0.004], 100.0, &[0.5, 0.8]), [0.002, 0.004]);
    assert_eq!(contribution_cuts(&[1e20, 1e20, 8e20], 100.0, &ABC), [1e20, 8e20]);
    assert_eq!(contribution_cuts(&[1.0 / 3.0, 1e300], 100.0, &[0.9, 1.0]), [1e300, 1e300]);
    assert_eq!(contribution_cuts(&[5e-324, 1e-323], 100.0, &[0.5, 0.9]), [5e-324, 1e-323]);
    let huge = vec![f64::MAX; 1000];
    assert_eq!(contribution_cuts(&huge, 100.0, &ABC), [f64::MAX; 2]);
    let endless = contribution_cuts(&[1.0, f64::INFINITY], 100.0, &ABC);
    assert_eq!(endless, [f64::INFINITY; 2]);
}

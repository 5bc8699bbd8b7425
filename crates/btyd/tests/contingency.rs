//! Contingency tables: published examples, references of more digits, and naive formulas.

mod common;

use btyd::Error;
use btyd::contingency::{Cell, Table, Test, holm};
use common::{close, config};
use proptest::collection::vec;
use proptest::prelude::*;

fn all_close(actual: impl IntoIterator<Item = f64>, expected: &[f64], within: f64) {
    let actual: Vec<f64> = actual.into_iter().collect();
    assert_eq!(actual.len(), expected.len());
    let all = actual.iter().zip(expected).all(|(&a, &e)| close(a, e, within));
    assert!(all, "{actual:?} is not {expected:?}");
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
}

//! Contingency tables: published examples, references of more digits, and naive formulas.

mod common;

use btyd::Error;
use btyd::contingency::{Cell, Chance, TABLES, Table, Test, holm};
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
    let test = table(2, &AGRESTI).test(&mut || {});
    assert_eq!((test.chi_square * 100.0).round(), 3007.0);
    assert_eq!(test.degrees_of_freedom, 2);
    assert_eq!(format!("{:.3e}", test.chance.p_value().unwrap()), "2.954e-7");
    let rounded = |value: f64, digits: i32| (value * 10f64.powi(digits)).round();
    let cells = table(2, &AGRESTI).cells(&mut || {});
    let residuals: Vec<f64> = cells.iter().map(|cell| rounded(cell.residual, 2)).collect();
    assert_eq!(residuals, [450.0, 70.0, -532.0, -450.0, -70.0, 532.0]);
    let expected: Vec<f64> = cells.iter().map(|cell| rounded(cell.expected, 1)).collect();
    assert_eq!(expected, [7037.0, 3196.0, 5337.0, 5423.0, 2464.0, 4113.0]);
}

// from here the constants are of mpmath 1.4.1 with 40 digits, rounded to doubles; scipy 1.17.1 (chi2_contingency
// without correction) and statsmodels (multipletests, "holm") agree with them

#[test]
fn independence_to_the_last_digits() {
    let test = table(2, &AGRESTI).test(&mut || {});
    let Chance::Distribution(p_value) = test.chance else { panic!("{test:?}") };
    let actual = [test.chi_square, p_value, test.cramers_v, test.smallest_expected];
    let expected =
        [30.070149095754672, 2.953589183211758e-07, 0.10443580235646777, 246.35473340587595];
    all_close(actual, &expected, 1e-14);
    let cells = table(2, &AGRESTI).cells(&mut || {});
    let of = |part: fn(&Cell) -> f64| cells.iter().map(part).collect::<Vec<f64>>();
    let residuals = [4.502053521086702, 0.6994517329844302, -5.31594554270493];
    all_close(of(|cell| cell.residual)[..3].to_vec(), &residuals, 1e-14);
    // scipy.stats.fisher_exact of each cell against the rest; see data/contingency.py
    let p = [7.488786558783074e-06, 0.5056746529695871, 1.1355517020517714e-07];
    all_close(of(|cell| cell.p_value), &[p, p].concat(), 1e-11);
    // two by two they are equal: Holm multiplies them by 6, 4 and 2, and takes the larger of each pair
    let p = [2.9955146235132296e-05, 1.0, 6.813310212310629e-07];
    all_close(of(|cell| cell.adjusted_p_value), &[p, p].concat(), 1e-11);
    let index = [108.28918434945584, 102.30090483874262, 87.69244884851821];
    all_close(of(|cell| cell.index.unwrap())[..3].to_vec(), &index, 1e-15);
}

const WIDE: [u64; 12] = [12, 5, 7, 31, 7, 7, 19, 0, 1, 40, 3, 11];

#[test]
fn a_wider_table_to_the_last_digits() {
    let test = table(3, &WIDE).test(&mut || {});
    assert_eq!(test.degrees_of_freedom, 6);
    // of 12 expected counts 2 are below 5, which Cochran's rule allows
    let actual =
        [test.chi_square, test.chance.p_value().unwrap(), test.cramers_v, test.smallest_expected];
    let expected = [97.92348111658457, 6.801509739407851e-19, 0.585140832718015, 4.615384615384615];
    all_close(actual, &expected, 1e-13);
    let cells = table(3, &WIDE).cells(&mut || {});
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
}

/// Fisher's exact test of single cells, as whole numbers and scipy have it; see data/contingency.py.
#[test]
fn cells_are_tested_exactly() {
    let lines = include_str!("data/contingency.csv").lines();
    let mut tested = 0;
    for line in lines.filter(|line| !line.starts_with('#')).skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [count, row, column, total] =
            [0, 1, 2, 3].map(|at| cells[at].parse::<u64>().expect("a count"));
        let expected: f64 = cells[4].parse().expect("a probability");
        let counts = [count, row - count, column - count, (total - row) - (column - count)];
        let counts = table(2, &counts).cells(&mut || {});
        let found: Vec<f64> = counts.iter().map(|cell| cell.p_value).collect();
        assert!(close(found[0], expected, 1e-11), "{line}: {}", found[0]);
        // the test is one of the whole table: the other cells have the same, to the bit
        let empty = counts.iter().any(|cell| cell.index.is_none());
        assert!(empty || found.iter().all(|p_value| *p_value == found[0]), "{line}: {found:?}");
        tested += 1;
    }
    assert_eq!(tested, 238);
}

#[test]
fn many_customers_are_tested_exactly_and_beyond_that_by_the_residual() {
    // of [[n + d, n − d], [n − d, n + d]] the tails are those of X with 4 n in all; for large n nearly normal
    for (n, d) in [(10_000_000u64, 2_000u64), (10_000_000, 6_000), (1 << 45, 1 << 22)] {
        let cells = table(2, &[n + d, n - d, n - d, n + d]).cells(&mut || {});
        let normal = statrs::function::erf::erfc(cells[0].residual / 2f64.sqrt());
        // half a count is what the steps of the exact one differ from a smooth curve by
        assert!(close(cells[0].p_value, normal, 5e-3), "{n} {d}: {} {normal}", cells[0].p_value);
    }
}

#[test]
fn tiny_p_values_are_not_zero() {
    // of [[n, 0], [0, n]] the residuals are ±√(2n) and χ² is 2n, so that the p-value of the table is erfc(√n)
    for (n, p_value) in [
        (10, 7.744216431044084e-06),
        (100, 2.088487583762545e-45),
        (350, 2.9902269751246203e-154),
        (700, 2.1010145162642176e-306),
    ] {
        let test = table(2, &[n, 0, 0, n]).test(&mut || {});
        assert!(close(test.chance.p_value().unwrap(), p_value, 1e-12), "{n}");
        assert_eq!(test.cramers_v, 1.0);
    }
    // a cell has two outcomes of C(2n, n): 2 / C(2n, n), by Python's math.comb
    for (n, p_value) in [
        (1, 1.0),
        (10, 1.082508822446903e-05),
        (100, 2.2087606931995028e-59),
        (350, 1.2612381374574394e-209),
        (510, 7.126903649724924e-306),
    ] {
        let cells = table(2, &[n, 0, 0, n]).cells(&mut || {});
        assert!(cells.iter().all(|cell| close(cell.p_value, p_value, 1e-12)), "{n} {cells:?}");
    }
    let same = table(2, &[u64::MAX / 2, 0, 0, u64::MAX / 2]);
    assert_eq!(same.test(&mut || {}).chance, Chance::Distribution(0.0));
    assert_eq!(same.cells(&mut || {})[0].p_value, 0.0);
}

#[test]
fn many_degrees_of_freedom() {
    // so many in each cell of a square, and more on the diagonal; p-values by scipy.stats.chi2.sf and mpmath
    for (rows, each, more, chi_square, p_value) in [
        (3, 0, 15, 90.0, 1.316758547052716e-18),
        (5, 0, 30, 600.0, 2.2871368149134057e-117),
        (11, 10, 11, 110.0, 0.23220478050085636),
    ] {
        let count = |at| each + if at % (rows + 1) == 0 { more } else { 0 };
        let counts = (0..rows * rows).map(count).collect();
        let test = Table::new(rows, rows, counts).unwrap().test(&mut || {});
        assert!(close(test.chi_square, chi_square, 1e-14));
        assert_eq!(test.degrees_of_freedom, ((rows - 1) * (rows - 1)) as u64);
        let Chance::Distribution(found) = test.chance else { panic!("{test:?}") };
        assert!(close(found, p_value, 1e-12), "{rows}: {found}");
    }
}

/// The chance of a statistic at least as large, by all tables of two rows with these margins.
fn enumerated(rows: [u64; 2], columns: &[u64], chi_square: f64) -> f64 {
    let choose = |n: u64, k: u64| (0..k).map(|i| (n - i) as f64 / (k - i) as f64).product::<f64>();
    let all = choose(rows[0] + rows[1], rows[0]);
    let mut sum = 0.0;
    let mut first = vec![0; columns.len()];
    loop {
        if first.iter().sum::<u64>() == rows[0] {
            let second = columns.iter().zip(&first).map(|(all, first)| all - first);
            let counts: Vec<u64> = first.iter().copied().chain(second).collect();
            let found = table(2, &counts).test(&mut || {}).chi_square;
            let ways: f64 = columns.iter().zip(&first).map(|(&n, &k)| choose(n, k)).product();
            sum += if found >= chi_square * (1.0 - 1e-9) { ways / all } else { 0.0 };
        }
        // the next of all counts of the first row
        let Some(at) = (0..columns.len()).find(|&at| first[at] < columns[at]) else { return sum };
        first[at] += 1;
        first[..at].fill(0);
    }
}

#[test]
fn sparse_tables_are_simulated() {
    for (counts, rows) in [
        (vec![3, 1, 0, 1, 2, 4], [4, 7]),
        (vec![3, 0, 0, 1, 1, 0, 4, 2, 2, 0], [5, 8]),
        (vec![1, 0, 1, 0, 9, 20, 1, 12], [2, 42]),
    ] {
        let test = table(2, &counts).test(&mut || {});
        let width = counts.len() / 2;
        let columns: Vec<u64> = (0..width).map(|at| counts[at] + counts[at + width]).collect();
        let exact = enumerated(rows, &columns, test.chi_square);
        let Chance::Simulation(found, tables) = test.chance else { panic!("{test:?}") };
        assert_eq!(tables, TABLES);
        let error = (exact * (1.0 - exact) / tables as f64).sqrt();
        println!("{exact:.4} exactly, {found:.4} found, standard error {error:.4}");
        assert!((found - exact).abs() <= 4.0 * error, "{found} is not {exact}");
        let shown = test.chance.standard_error().unwrap();
        assert!((shown / error - 1.0).abs() < 0.3, "{shown} {error}");
    }
}

#[test]
fn simulation_and_distribution_agree_where_both_hold() {
    for (rows, counts) in [
        (2, vec![762, 327, 468, 740, 302, 497]),
        (3, vec![120, 95, 80, 131, 107, 107, 89, 110, 130, 101, 83, 112]),
        (2, vec![10_000_000, 20_000_000, 10_001_500, 20_004_500]),
    ] {
        let test = table(rows, &counts).test(&mut || {});
        let Chance::Distribution(p_value) = test.chance else { panic!("{test:?}") };
        let simulated = table(rows, &counts).simulate(test.chi_square, &mut || {});
        let Chance::Simulation(found, tables) = simulated else { panic!("{simulated:?}") };
        let error = (p_value * (1.0 - p_value) / tables as f64).sqrt();
        println!("{p_value:.4} by the distribution, {found:.4} simulated");
        assert!((found - p_value).abs() <= 4.0 * error, "{found} is not {p_value}");
    }
}

/// Eleven segments by ten values, of which eight are rare: one coincidence makes the statistic large.
#[test]
fn a_coincidence_in_a_sparse_table_is_no_finding() {
    let of_segment = [400, 300, 250, 200, 150, 100, 60, 40, 30, 25, 9];
    let mut counts = Vec::new();
    for (segment, customers) in of_segment.into_iter().enumerate() {
        let rare = (0..8).map(|value| u64::from(segment == value / 2 || segment == value / 3 + 4));
        counts.extend([customers, customers / 2].into_iter().chain(rare));
    }
    // a customer with a rare value in the smallest segment instead of a larger one
    let (from, to) = (2, 10 * 10 + 2);
    (counts[from], counts[to]) = (counts[from] - 1, counts[to] + 1);
    let test = table(11, &counts).test(&mut || {});
    let by_distribution = statrs::function::gamma::gamma_ur(45.0, test.chi_square / 2.0);
    let Chance::Simulation(found, TABLES) = test.chance else { panic!("{test:?}") };
    println!("{by_distribution:.2e} by the distribution, {found:.4} simulated");
    assert!(by_distribution < 0.005 && found > 0.04, "{by_distribution} {found}");
}

#[test]
fn what_is_too_large_is_not_simulated() {
    // a row with one count among 2^50: fewer than a thousand tables could be drawn
    let rare = table(2, &[1, 0, 0, 0, 1 << 50, 1 << 50, 1 << 50, 1 << 50]);
    let test = rare.test(&mut || {});
    assert_eq!((test.chance, test.chance.p_value()), (Chance::TooLarge, None));
}

#[test]
fn nothing_is_drawn_of_a_table_without_counts() {
    for counts in [&[][..], &[0, 0, 0, 0]] {
        let chance = table(2, counts).simulate(0.0, &mut || {});
        assert_eq!(chance.p_value(), None);
    }
}

#[test]
fn nothing_to_compare() {
    let nothing = Test {
        chi_square: 0.0,
        degrees_of_freedom: 0,
        cramers_v: 0.0,
        smallest_expected: 0.0,
        chance: Chance::NothingToCompare,
    };
    assert_eq!(nothing.chance.p_value(), None);
    let tested = |table: &Table| table.test(&mut || {});
    assert_eq!(tested(&Table::new(0, 0, vec![]).unwrap()), nothing);
    assert_eq!(tested(&Table::new(0, usize::MAX, vec![]).unwrap()), nothing);
    assert_eq!(tested(&table(2, &[0; 6])), nothing);
    assert_eq!(tested(&table(1, &[3, 4])), Test { smallest_expected: 3.0, ..nothing });
    assert_eq!(tested(&table(2, &[0, 0, 3, 4])), Test { smallest_expected: 3.0, ..nothing });
    let none =
        Cell { expected: 0.0, index: None, residual: 0.0, p_value: 1.0, adjusted_p_value: 1.0 };
    let only = |expected| Cell { expected, index: Some(100.0), ..none };
    assert_eq!(table(2, &[0, 0, 3, 4]).cells(&mut || {}), [none, none, only(3.0), only(4.0)]);
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
        let (test, cells) = (table.test(&mut || {}), table.cells(&mut || {}));
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
        prop_assert!((0.0..=1.0).contains(&test.cramers_v));
        let p_value = test.chance.p_value();
        prop_assert!(p_value.is_none_or(|p_value| (0.0..=1.0).contains(&p_value)));
        if test.degrees_of_freedom == 1 {
            // all residuals are the same but for their signs, and each is the test
            let mut counted = cells.iter().filter(|cell| cell.index.is_some());
            let first = counted.next().unwrap();
            let same = |cell: &Cell| cell.residual.abs() == first.residual.abs();
            prop_assert!(counted.all(same));
            prop_assert!(close(first.residual.powi(2), test.chi_square, 1e-13));
            // one test for all of them, to the bit
            let mut counted = cells.iter().filter(|cell| cell.index.is_some());
            prop_assert!(counted.all(|cell| cell.p_value == first.p_value));
            prop_assert_eq!(first.adjusted_p_value, (4.0 * first.p_value).min(1.0));
        }
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

proptest! {
    // fewer, for each is simulated several times
    #![proptest_config(config(40))]

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
        prop_assert_eq!(given.test(&mut || {}), shuffled.test(&mut || {}));
        let cells = picked(columns, &given.cells(&mut || {}), (&by_row, &by_column));
        prop_assert_eq!(cells, shuffled.cells(&mut || {}));

        let turned: Vec<usize> =
            (0..counts.len()).map(|at| at % rows * columns + at / rows).collect();
        let across = |at: &usize| counts[*at];
        let across = Table::new(columns, rows, turned.iter().map(across).collect()).unwrap();
        prop_assert_eq!(given.test(&mut || {}), across.test(&mut || {}));
        let cells = given.cells(&mut || {});
        prop_assert_eq!(turned.iter().map(|&at| cells[at]).collect::<Vec<_>>(), across.cells(&mut || {}));

        let more = Table::new(rows + 1, columns, [&counts[..], &vec![0; columns]].concat()).unwrap();
        prop_assert_eq!(given.test(&mut || {}), more.test(&mut || {}));
        prop_assert_eq!(&more.cells(&mut || {})[..counts.len()], cells);
    }
}

//! Fisher's exact test of one cell of a table against all others: the hypergeometric distribution.

/// Outcomes that are more likely than the observed one by no more than this share count as equally likely, as in R.
const EQUALLY_LIKELY: f64 = 1.0 + 1e-7;

/// Standard deviations of a count up to which probabilities are summed one by one. Beyond it the normal distribution
/// gives the same six digits.
const WIDEST: f64 = 1e5;

/// Counts up to here are exact in a double.
const LARGEST: u64 = 1 << 53;

/// The steps by which small weights are kept from vanishing.
const SCALE: f64 = f64::from_bits((1023 + 512) << 52);

/// Weights below that many steps are nothing.
const NOTHING: u32 = 3;

/// A cell of a table, with its margins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Count of the cell.
    pub count: u64,
    /// Count of its row.
    pub row: u64,
    /// Count of its column.
    pub column: u64,
    /// Count of the table.
    pub total: u64,
}

impl Place {
    /// The same test of the smaller row and the smaller column, so that equal tests are equal to the bit.
    fn canonical(self) -> Place {
        let Place { mut count, mut row, mut column, total } = self;
        if row > total - row {
            (row, count) = (total - row, column - count);
        }
        if column > total - column {
            (column, count) = (total - column, row - count);
        }
        if row == total - row {
            count = count.min(column - count);
        }
        if column == total - column {
            count = count.min(row - count);
        }
        Place { count, row: row.min(column), column: row.max(column), total }
    }

    /// Two-sided: the sum of the probabilities of all counts that are not more likely than this one, given the
    /// margins. None where the distribution is too wide to be summed.
    pub fn p_value(self) -> Option<f64> {
        let Place { count, row, column, total } = self.canonical();
        if total > LARGEST {
            return None;
        }
        let [n, r, c] = [total, row, column].map(|sum| sum as f64);
        let variance = r * ((n - r) / n) * c * ((n - c) / n) / (n - 1.0).max(1.0);
        if variance > WIDEST * WIDEST {
            return None;
        }
        let mode = (u128::from(row) + 1) * (u128::from(column) + 1) / (u128::from(total) + 2);
        let mode = (mode as u64).clamp((row + column).saturating_sub(total), row.min(column));
        let (up, down) = Walk::from_mode(mode, row, column, total);
        let (toward, away) = if count > mode { (up, down) } else { (down, up) };
        Some(two_sided(count.abs_diff(mode), toward, away))
    }
}

/// What is not more likely than the outcome so many steps from the mode, as a share of everything.
fn two_sided(steps: u64, mut toward: Walk, mut away: Walk) -> f64 {
    // weights, of which that of the mode is 1
    let (mut observed, mut body) = (Weight::ONE, 1.0);
    for step in 0..steps {
        if step > 0 {
            body += observed.value();
        }
        observed.multiply(toward.ratio());
        if observed.vanishes() {
            return 0.0;
        }
    }
    let as_likely = observed.mantissa * EQUALLY_LIKELY;
    if observed.steps == 0 && as_likely >= 1.0 {
        return 1.0;
    }
    let near = observed.value_of(toward.tail());
    let mut other = Weight::ONE;
    loop {
        other.multiply(away.ratio());
        if other.vanishes() || other.is_at_most(as_likely, observed.steps) {
            break;
        }
        body += other.value();
    }
    let far = if other.vanishes() { 0.0 } else { other.value_of(away.tail()) };
    let tails = near + far;
    tails / (body + tails)
}

/// A weight: mantissa · SCALE^−steps.
#[derive(Debug, Clone, Copy)]
struct Weight {
    mantissa: f64,
    steps: u32,
}

impl Weight {
    const ONE: Weight = Weight { mantissa: 1.0, steps: 0 };

    fn multiply(&mut self, ratio: f64) {
        self.mantissa *= ratio;
        if self.mantissa < 1.0 / SCALE && self.mantissa > 0.0 {
            self.mantissa *= SCALE;
            self.steps += 1;
        }
    }

    fn vanishes(&self) -> bool {
        self.mantissa == 0.0 || self.steps >= NOTHING
    }

    fn is_at_most(&self, mantissa: f64, steps: u32) -> bool {
        match self.steps {
            same if same == steps => self.mantissa <= mantissa,
            larger if larger + 1 == steps => self.mantissa * SCALE <= mantissa,
            other => other > steps,
        }
    }

    fn value(&self) -> f64 {
        self.value_of(1.0)
    }

    /// So many of it.
    fn value_of(&self, many: f64) -> f64 {
        (0..self.steps).fold(self.mantissa * many, |value, _| value / SCALE)
    }
}

/// From one outcome of the table of two rows and two columns to the next: two counts shrink, two grow by one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk {
    shrinking: [f64; 2],
    growing: [f64; 2],
}

impl Walk {
    /// Up and down from a count.
    pub(super) fn from_mode(mode: u64, row: u64, column: u64, total: u64) -> (Walk, Walk) {
        // total + mode − row − column, which is not negative
        let neither = (total - row) - (column - mode);
        let [both, neither] = [mode, neither].map(|count| count as f64);
        let either = [row - mode, column - mode].map(|count| count as f64);
        let up = Walk { shrinking: either, growing: [both, neither] };
        let down = Walk { shrinking: [both, neither], growing: either };
        (up, down)
    }

    /// The probability of the next outcome over that of this one; goes there.
    #[inline]
    pub(super) fn ratio(&mut self) -> f64 {
        let [a, b] = &mut self.shrinking;
        let [c, d] = &mut self.growing;
        let ratio = *a * *b / ((*c + 1.0) * (*d + 1.0));
        *a -= 1.0;
        *b -= 1.0;
        *c += 1.0;
        *d += 1.0;
        ratio
    }

    /// The sum of the probabilities from this outcome to the last, over that of this one.
    fn tail(&mut self) -> f64 {
        let (mut sum, mut term) = (0.0, 1.0);
        while term > 1e-20 * sum {
            sum += term;
            term *= self.ratio();
        }
        sum
    }
}

//! The antiderivative of a smooth function, to be taken at many points: Chebyshev polynomials on panels.

use super::quadrature::{Integrand, SHORT};
use std::f64::consts::PI;
use std::sync::LazyLock;

/// Points, and polynomials, of a panel.
const POINTS: usize = 16;

/// Panels at most.
const PANELS: usize = 24;

/// The share of the largest coefficient that the last two may have.
const TAIL: f64 = 1e-13;

/// cos(j (i + 1/2) π / POINTS) by j and i.
static COSINES: LazyLock<[[f64; POINTS]; POINTS]> = LazyLock::new(|| {
    let at = |j: usize, i: usize| (j as f64 * (i as f64 + 0.5) * PI / POINTS as f64).cos();
    std::array::from_fn(|j| std::array::from_fn(|i| at(j, i)))
});

#[derive(Clone, Copy)]
struct Panel {
    from: f64,
    to: f64,
    /// Coefficients of Chebyshev polynomials over the panel mapped to −1 to 1.
    coefficients: [f64; POINTS],
}

/// The integral of a function from 0 to wherever.
///
/// The function is interpolated at the roots of T₁₆, the sum of polynomials integrated term by term (Mason & Handscomb,
/// Chebyshev Polynomials, 2003, 2.4.4). Where a function is analytic in an ellipse around the panel the coefficients fall
/// like ρ^−k; a panel whose last two are above [`TAIL`] of the largest is halved. Those left out are below them.
pub struct Antiderivative {
    panels: [Panel; PANELS],
    count: usize,
}

impl Antiderivative {
    /// From 0 to `end`, in panels that begin with a width; None where it would take too many of them.
    pub fn of(end: f64, width: f64, mut function: impl Integrand) -> Option<Self> {
        let empty = Panel { from: 0.0, to: 0.0, coefficients: [0.0; POINTS] };
        let mut all = Antiderivative { panels: [empty; PANELS], count: 0 };
        let (mut from, mut width, mut tries) = (0.0, width.min(SHORT), 0);
        while from < end {
            let parts = ((end - from) / width).ceil();
            let to = if parts <= 1.0 { end } else { from + (end - from) / parts };
            let before = if all.count == 0 { 0.0 } else { all.panels[all.count - 1].last() };
            tries += 1;
            if all.count == PANELS || tries > 2 * PANELS {
                return None;
            }
            match Panel::new(from, to, before, &mut function) {
                None => width = (to - from) / 2.0,
                Some(panel) => {
                    all.panels[all.count] = panel;
                    all.count += 1;
                    (from, width) = (to, (2.0 * (to - from)).min(SHORT));
                }
            }
        }
        (all.count > 0).then_some(all)
    }

    /// The integral from 0 to `x`, which is not beyond the end.
    pub fn at(&self, x: f64) -> f64 {
        let panels = &self.panels[..self.count];
        let at = panels.iter().position(|panel| x <= panel.to).unwrap_or(self.count - 1);
        panels[at].at(x)
    }
}

impl Panel {
    fn new(from: f64, to: f64, before: f64, function: &mut impl Integrand) -> Option<Self> {
        let (middle, half) = ((from + to) / 2.0, (to - from) / 2.0);
        // in rising order, the roots' own being falling
        let points = std::array::from_fn(|i| middle - half * COSINES[1][i]);
        let values = function.values::<POINTS>(&points);
        let mut c = [0.0; POINTS + 2];
        for (j, coefficient) in c.iter_mut().take(POINTS).enumerate() {
            let sum: f64 = (0..POINTS).map(|i| values[POINTS - 1 - i] * COSINES[j][i]).sum();
            *coefficient = sum * 2.0 / POINTS as f64;
        }
        let largest = c.iter().fold(0.0f64, |largest, c| largest.max(c.abs()));
        // written so that a NaN ends it
        if c[POINTS - 1].abs().max(c[POINTS - 2].abs()) > TAIL * largest {
            return None;
        }
        let mut coefficients = [0.0; POINTS];
        for j in 1..POINTS {
            coefficients[j] = half * (c[j - 1] - c[j + 1]) / (2.0 * j as f64);
        }
        // so that it is `before` at the beginning, where Tⱼ is (−1)^j
        let sign = |j: usize| if j.is_multiple_of(2) { 1.0 } else { -1.0 };
        coefficients[0] = before - (1..POINTS).map(|j| sign(j) * coefficients[j]).sum::<f64>();
        Some(Panel { from, to, coefficients })
    }

    fn last(&self) -> f64 {
        self.coefficients.iter().sum()
    }

    /// Clenshaw's recurrence.
    fn at(&self, x: f64) -> f64 {
        let place = (2.0 * x - self.from - self.to) / (self.to - self.from);
        let (mut first, mut second) = (0.0, 0.0);
        for coefficient in self.coefficients[1..].iter().rev() {
            (first, second) = (2.0 * place * first - second + coefficient, first);
        }
        place * first - second + self.coefficients[0]
    }
}

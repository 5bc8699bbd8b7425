//! The coordinates of a fit. The logarithms of the parameters are linear in them, and they are chosen so that
//! what the data tell apart, such as the mean rate and how much rates differ, lies along different axes:
//! then a likelihood without an inner maximum runs off along one axis, to a bound that has a meaning.

use super::estimate::{Estimate, Fitted, INFINITE_MEAN};
use super::optimum::{Optimum, is_held, solve};
use super::{Derivatives, Vector};
use crate::models::{Family, MOST_PARAMETERS};

/// Bounds of the logarithm of a mean, in the unit of a fit.
const MEAN: (f64, f64) = (-18.0, 18.0);

/// Bounds of the logarithm of a shape: e^−9 to e^11.5, 0.0001 to 100,000.
const SHAPE: (f64, f64) = (-9.0, 11.5);

/// A coordinate this close to a bound is as good as at it: a mean below e^−12 or above e^17 in the unit of the fit, a shape
/// below 0.0003 or above 10,000.
const CLOSE: [((f64, f64), (f64, f64)); 2] = [(MEAN, (-12.0, 17.0)), (SHAPE, (-8.0, 9.2))];

/// The coordinates of a family.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chart {
    /// The family.
    pub family: Family,
    /// The unit of time, or of money, of the fit in that of the data.
    pub scale: f64,
    /// Number of parameters.
    n: usize,
    /// Bounds of the coordinates.
    bounds: [(f64, f64); MOST_PARAMETERS],
    /// Row i: the logarithm of parameter i as a sum of coordinates.
    logs: [Vector; MOST_PARAMETERS],
    /// Parameters that are times, or amounts.
    scaled: [bool; MOST_PARAMETERS],
}

impl Chart {
    /// The coordinates of a family whose fit has a unit of `scale`.
    pub fn of(family: Family, scale: f64) -> Chart {
        // a shape over a rate: mean and shape; two shapes of a beta distribution: odds and the second
        let logs = match family {
            Family::BgNbd | Family::MbgNbd => [
                [0.0, 1.0, 0.0, 0.0],
                [-1.0, 1.0, 0.0, 0.0],
                [0.0, 0.0, 1.0, 1.0],
                [0.0, 0.0, 0.0, 1.0],
            ],
            Family::ParetoNbd => [
                [0.0, 1.0, 0.0, 0.0],
                [-1.0, 1.0, 0.0, 0.0],
                [0.0, 0.0, 0.0, 1.0],
                [0.0, 0.0, -1.0, 1.0],
            ],
            Family::BgBb | Family::ShiftedBetaGeometric => [
                [1.0, 1.0, 0.0, 0.0],
                [0.0, 1.0, 0.0, 0.0],
                [0.0, 0.0, 1.0, 1.0],
                [0.0, 0.0, 0.0, 1.0],
            ],
            // mean p v / q, p, q
            Family::GammaGamma => {
                [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [1.0, -1.0, 1.0, 0.0], [0.0; 4]]
            }
        };
        let (bounds, scaled) = match family {
            Family::GammaGamma => ([MEAN, SHAPE, SHAPE, SHAPE], [false, false, true, false]),
            Family::ParetoNbd => ([MEAN, SHAPE, MEAN, SHAPE], [false, true, false, true]),
            Family::BgNbd | Family::MbgNbd => {
                ([MEAN, SHAPE, MEAN, SHAPE], [false, true, false, false])
            }
            _ => ([MEAN, SHAPE, MEAN, SHAPE], [false; 4]),
        };
        Chart { family, scale, n: family.parameters().len(), bounds, logs, scaled }
    }

    /// The bounds of each coordinate.
    pub fn bounds(&self) -> &[(f64, f64)] {
        &self.bounds[..self.n]
    }

    /// Where climbs start, given the mean number of purchases in a unit of time.
    pub fn starts(&self, pace: f64) -> Vec<Vector> {
        let pace = pace.ln();
        match self.family {
            Family::BgNbd | Family::MbgNbd => vec![
                [pace, -1.0, -1.0, 1.0],
                [pace, 1.0, -3.0, 2.0],
                [pace + 2.0, 0.0, 0.5, 0.0],
                [pace + 1.0, 0.0, -1.0, -1.0],
            ],
            Family::ParetoNbd => {
                vec![[pace, -0.5, 0.0, -0.5], [pace, 1.0, -2.0, 1.0], [pace + 2.0, 0.0, 2.0, 0.0]]
            }
            Family::BgBb => {
                vec![[0.5, 0.0, -1.0, 1.0], [-1.5, 1.0, -2.0, 0.0], [-1.0, 0.0, 0.0, 0.0]]
            }
            Family::ShiftedBetaGeometric => vec![[-1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]],
            Family::GammaGamma => {
                vec![[0.0, 1.5, 1.0, 0.0], [0.0, 0.0, 2.0, 0.0], [0.0, 3.0, 0.0, 0.0]]
            }
        }
    }

    /// The coordinates of a point that are close to a bound: bits 2i for the lower, 2i + 1 for the upper.
    fn extremes(&self, point: &Vector) -> u16 {
        let mut bits = 0;
        for i in 0..self.n {
            let close = CLOSE.iter().find(|(bounds, _)| *bounds == self.bounds[i]);
            let Some((_, (low, high))) = close else { continue };
            bits |=
                u16::from(point[i] < *low) << (2 * i) | u16::from(point[i] > *high) << (2 * i + 1);
        }
        bits
    }

    /// The parameters, in the unit of the fit, at a point.
    pub fn parameters(&self, point: &Vector) -> Vector {
        let mut parameters = [1.0; MOST_PARAMETERS];
        for (parameter, row) in parameters.iter_mut().zip(&self.logs).take(self.n) {
            *parameter = row.iter().zip(point).map(|(by, at)| by * at).sum::<f64>().exp();
        }
        parameters
    }

    /// Derivatives by the parameters as derivatives by the coordinates.
    pub fn pull_back(&self, parameters: &Vector, by: Derivatives) -> Derivatives {
        let n = self.n;
        // by the logarithms of the parameters
        let gradient: Vector = std::array::from_fn(|i| by.gradient[i] * parameters[i]);
        let hessian: [Vector; MOST_PARAMETERS] = std::array::from_fn(|i| {
            std::array::from_fn(|j| {
                let own = if i == j { gradient[i] } else { 0.0 };
                by.hessian[i][j] * parameters[i] * parameters[j] + own
            })
        });
        let mut pulled = Derivatives { value: by.value, ..Derivatives::default() };
        for i in 0..n {
            pulled.gradient[i] = (0..n).map(|k| self.logs[k][i] * gradient[k]).sum();
            for j in 0..n {
                let of = |k: usize| (0..n).map(|l| hessian[k][l] * self.logs[l][j]).sum::<f64>();
                pulled.hessian[i][j] = (0..n).map(|k| self.logs[k][i] * of(k)).sum();
            }
        }
        pulled
    }

    /// What was found, in the unit of the data, with the covariance of the parameters: the inverse of the
    /// Hessian, with its sign changed, over the coordinates that no bound holds.
    pub fn estimate(&self, found: &Optimum, customers: f64, shift: f64) -> Estimate {
        let mut parameters = self.parameters(&found.point);
        for (parameter, scaled) in parameters.iter_mut().zip(self.scaled) {
            *parameter *= if scaled { self.scale } else { 1.0 };
        }
        let (at_bounds, held) = self.meaning_of(found.at_bounds | self.extremes(&found.point));
        let spread = self.spread(found, held);
        let mut covariance = [[f64::NAN; MOST_PARAMETERS]; MOST_PARAMETERS];
        let free = |i: usize| (0..self.n).all(|k| self.logs[i][k] == 0.0 || !is_held(held, k));
        if let Some(spread) = spread {
            for i in (0..self.n).filter(|&i| free(i)) {
                for j in (0..self.n).filter(|&j| free(j)) {
                    let of =
                        |k: usize| (0..self.n).map(|l| spread[k][l] * self.logs[j][l]).sum::<f64>();
                    let logs: f64 = (0..self.n).map(|k| self.logs[i][k] * of(k)).sum();
                    covariance[i][j] = logs * parameters[i] * parameters[j];
                }
            }
        }
        let infinite = self.family == Family::GammaGamma && parameters[1] <= 1.0;
        // the likelihood of whole numbers is a probability
        let log_likelihood = match self.family {
            Family::BgBb | Family::ShiftedBetaGeometric => found.value.min(0.0),
            _ => found.value + shift,
        };
        let fitted = Fitted {
            log_likelihood,
            customers,
            covariance,
            converged: found.converged,
            boundary: at_bounds | if infinite { INFINITE_MEAN } else { 0 },
        };
        Estimate { family: self.family, parameters, fitted: Some(fitted) }
    }

    /// The bounds that say something, and those that hold a coordinate: where a mean is at its bound, the shape
    /// beside it means nothing, wherever it ended.
    fn meaning_of(&self, at_bounds: u16) -> (u16, u16) {
        let (mut says, mut holds) = (at_bounds, at_bounds);
        for i in (0..self.n.saturating_sub(1))
            .filter(|&i| self.bounds[i] == MEAN && self.bounds[i + 1] == SHAPE)
        {
            if self.family != Family::GammaGamma && is_held(at_bounds, i) {
                says &= !(3 << (2 * (i + 1)));
                holds |= 1 << (2 * (i + 1));
            }
        }
        (says, holds)
    }

    /// The covariance of the coordinates, 0 for those that a bound holds.
    fn spread(&self, found: &Optimum, bounds: u16) -> Option<[Vector; MOST_PARAMETERS]> {
        let mut matrix = [[0.0; MOST_PARAMETERS]; MOST_PARAMETERS];
        for i in 0..self.n {
            for j in 0..self.n {
                let held = is_held(bounds, i) || is_held(bounds, j);
                matrix[i][j] = match held {
                    true => f64::from(u8::from(i == j)),
                    false => -found.hessian[i][j],
                };
            }
        }
        let mut spread = [[0.0; MOST_PARAMETERS]; MOST_PARAMETERS];
        for (i, column) in spread.iter_mut().enumerate().take(self.n) {
            if is_held(bounds, i) {
                continue;
            }
            let mut unit = [0.0; MOST_PARAMETERS];
            unit[i] = 1.0;
            *column = solve(&matrix, &unit, self.n)?;
            for (j, value) in column.iter_mut().enumerate() {
                *value = if is_held(bounds, j) { 0.0 } else { *value };
            }
        }
        Some(spread)
    }
}

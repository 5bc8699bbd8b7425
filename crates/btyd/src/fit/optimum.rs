//! Climbing to the maximum of a smooth function within a box: Newton's method with exact derivatives, damped
//! as by Levenberg and Marquardt where the function is not concave (Nocedal & Wright 2006, chapters 3 and 4).

use super::{Derivatives, Vector};
use crate::models::MOST_PARAMETERS;

/// Steps at most; from any start of ours a few tens are enough.
const LIMIT: usize = 200;

/// The longest step in any coordinate.
const LONGEST: f64 = 2.0;

/// The gain that a further step would bring at which the climb ends: a shift of 1e-6 of a standard error.
const GAIN: f64 = 1e-12;

/// The gain below which an end for another reason is a maximum, too: where the likelihood is nearly flat,
/// rounding hides smaller ones.
const ROUNDED_GAIN: f64 = 1e-8;

/// The damping beyond which a step moves nothing.
const STIFFEST: f64 = 1e12;

/// Losses below this share of the value are rounding.
const ROUNDING: f64 = 1e-12;

/// Where a climb ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Optimum {
    /// The coordinates.
    pub point: Vector,
    /// The value.
    pub value: f64,
    /// The Hessian by the coordinates.
    pub hessian: [Vector; MOST_PARAMETERS],
    /// Coordinates that their lower or upper bound holds back: bits 2i and 2i + 1.
    pub at_bounds: u16,
    /// Whether it is a maximum to the accuracy wanted.
    pub converged: bool,
}

/// Climbs from a start, within a box: the bounds of each coordinate.
pub(super) fn climb(
    start: &Vector,
    within: &[(f64, f64)],
    function: &mut dyn FnMut(&Vector) -> Derivatives,
) -> Optimum {
    let mut point = *start;
    let mut here = function(&point);
    let mut damping = 0.0;
    let mut gain = f64::INFINITY;
    for _ in 0..LIMIT {
        let bounds = active(&point, &here, within);
        let mut found = newton_step(&here, bounds, damping, within.len());
        while found.is_none() && damping <= STIFFEST {
            damping = (damping * 4.0).max(1e-3);
            found = newton_step(&here, bounds, damping, within.len());
        }
        // none where the numbers have run out
        let Some((step, promised)) = found else { break };
        gain = promised;
        let mut next = point;
        for (i, (low, high)) in within.iter().enumerate() {
            next[i] = (point[i] + step[i].clamp(-LONGEST, LONGEST)).clamp(*low, *high);
        }
        let there = function(&next);
        let uphill = there.value >= here.value - ROUNDING * here.value.abs();
        if uphill && there.is_finite() {
            let last = gain < GAIN && damping < 1e-3;
            (point, here) = (next, there);
            damping = if damping < 1e-6 { 0.0 } else { damping / 8.0 };
            if last {
                break;
            }
        } else if damping > STIFFEST {
            // no way up in any direction, as far as rounding lets us see
            break;
        } else {
            damping = (damping * 8.0).max(1e-3);
        }
    }
    let at_bounds = active(&point, &here, within);
    let converged = gain < ROUNDED_GAIN;
    Optimum { point, value: here.value, hessian: here.hessian, at_bounds, converged }
}

/// The bounds that hold back an uphill move, as [`Optimum::at_bounds`].
fn active(point: &Vector, here: &Derivatives, within: &[(f64, f64)]) -> u16 {
    let mut bounds = 0;
    for (i, (low, high)) in within.iter().enumerate() {
        if point[i] <= *low && here.gradient[i] <= 0.0 {
            bounds |= 1 << (2 * i);
        }
        if point[i] >= *high && here.gradient[i] >= 0.0 {
            bounds |= 2 << (2 * i);
        }
    }
    bounds
}

/// Whether a coordinate is held by a bound.
pub(super) fn is_held(bounds: u16, i: usize) -> bool {
    bounds >> (2 * i) & 3 != 0
}

/// The step and the gain that it promises; None where the damped Hessian is not negative definite.
fn newton_step(here: &Derivatives, bounds: u16, damping: f64, n: usize) -> Option<(Vector, f64)> {
    let scale = (0..n).fold(0.0f64, |scale, i| scale.max(here.hessian[i][i].abs()));
    let mut matrix = [[0.0; MOST_PARAMETERS]; MOST_PARAMETERS];
    let mut gradient = [0.0; MOST_PARAMETERS];
    for i in 0..n {
        if is_held(bounds, i) {
            matrix[i][i] = 1.0;
            continue;
        }
        gradient[i] = here.gradient[i];
        for j in (0..n).filter(|&j| !is_held(bounds, j)) {
            matrix[i][j] = -here.hessian[i][j];
        }
        matrix[i][i] += damping * here.hessian[i][i].abs().max(scale * 1e-8) + 1e-300;
    }
    let step = solve(&matrix, &gradient, n)?;
    let gain = (0..n).map(|i| step[i] * gradient[i]).sum::<f64>() / 2.0;
    Some((step, gain))
}

/// Solves a symmetric positive definite system by Cholesky's decomposition; None if it is none.
pub(super) fn solve(
    matrix: &[Vector; MOST_PARAMETERS],
    right: &Vector,
    n: usize,
) -> Option<Vector> {
    let mut lower = [[0.0; MOST_PARAMETERS]; MOST_PARAMETERS];
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = matrix[i][j] - (0..j).map(|k| lower[i][k] * lower[j][k]).sum::<f64>();
            if i != j {
                lower[i][j] = sum / lower[j][j];
            } else if sum > matrix[i][i] * 1e-14 && sum.is_finite() {
                lower[i][i] = sum.sqrt();
            } else {
                return None;
            }
        }
    }
    let mut x = *right;
    for i in 0..n {
        x[i] = (x[i] - (0..i).map(|k| lower[i][k] * x[k]).sum::<f64>()) / lower[i][i];
    }
    for i in (0..n).rev() {
        x[i] = (x[i] - (i + 1..n).map(|k| lower[k][i] * x[k]).sum::<f64>()) / lower[i][i];
    }
    Some(x)
}

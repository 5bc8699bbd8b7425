//! Adaptive integration of smooth positive functions.
//!
//! Gauss-Kronrod rules, of 7 points around Gauss's 3 and of 15 around 7 (Kronrod 1965; nodes and weights as in
//! QUADPACK, Piessens et al. 1983). For a function that is analytic in an ellipse around the interval the error
//! of Gauss's rule falls like ρ^−2n and that of Kronrod's like ρ^−(3n+2) or faster, so the difference of the
//! two, to the power 2 for 3 points, and with QUADPACK's caution to the power 1.5 for 7, estimates the error
//! of the better one. The smaller rule, whose estimate a peak deceives, is tried on short intervals of
//! functions that say they have none; one on which the larger misses the tolerance is halved.

/// The relative error that [`integrate`] aims for.
pub const TOLERANCE: f64 = 1e-11;

/// The longest interval for the smaller rule. The singularities of our functions are at distance π or more, so
/// that ρ is 8 or more there.
pub const SHORT: f64 = 1.5;

/// Halvings of an interval at most; beyond, rounding errors rule.
const DEPTH: usize = 40;

/// A rule of 2 n + 1 points: nodes from the outermost to the middle, the weights of Kronrod's rule, and those
/// of Gauss's for every other node from the second.
struct Rule<const HALF: usize, const GAUSS: usize> {
    nodes: [f64; HALF],
    kronrod: [f64; HALF],
    gauss: [f64; GAUSS],
    /// The error is estimated by this multiple of the difference of the rules, relative to the integral,
    factor: f64,
    /// to this power.
    power: f64,
}

#[allow(clippy::excessive_precision)] // as published
const SMALL: Rule<4, 2> = Rule {
    nodes: [
        0.960_491_268_708_020_283_423_507_092_629_08,
        0.774_596_669_241_483_377_035_853_079_956_48,
        0.434_243_749_346_802_558_002_071_502_844_63,
        0.0,
    ],
    kronrod: [
        0.104_656_226_026_467_265_193_823_857_192_07,
        0.268_488_089_868_333_440_728_569_280_666_71,
        0.401_397_414_775_962_222_905_051_818_618_43,
        0.450_916_538_658_474_142_345_110_087_045_57,
    ],
    gauss: [
        0.555_555_555_555_555_555_555_555_555_555_56,
        0.888_888_888_888_888_888_888_888_888_888_89,
    ],
    factor: 2.0,
    power: 2.0,
};

#[allow(clippy::excessive_precision)] // as published
const LARGE: Rule<8, 4> = Rule {
    nodes: [
        0.991_455_371_120_812_639_206_854_697_526_33,
        0.949_107_912_342_758_524_526_189_684_047_85,
        0.864_864_423_359_769_072_789_712_788_640_93,
        0.741_531_185_599_394_439_863_864_773_280_79,
        0.586_087_235_467_691_130_294_144_838_258_73,
        0.405_845_151_377_397_166_906_606_412_076_96,
        0.207_784_955_007_898_467_600_689_403_773_25,
        0.0,
    ],
    kronrod: [
        0.022_935_322_010_529_224_963_732_008_058_97,
        0.063_092_092_629_978_553_290_700_663_189_20,
        0.104_790_010_322_250_183_839_876_322_541_52,
        0.140_653_259_715_525_918_745_189_590_510_24,
        0.169_004_726_639_267_902_826_583_426_598_55,
        0.190_350_578_064_785_409_913_256_402_421_01,
        0.204_432_940_075_298_892_414_161_999_234_65,
        0.209_482_141_084_727_828_012_999_174_891_71,
    ],
    gauss: [
        0.129_484_966_168_869_693_270_611_432_679_08,
        0.279_705_391_489_276_667_901_467_771_423_78,
        0.381_830_050_505_118_944_950_369_775_488_98,
        0.417_959_183_673_469_387_755_102_040_816_33,
    ],
    factor: 200.0,
    power: 1.5,
};

/// A function to be integrated, given all points of a rule at once, in rising order.
pub trait Integrand {
    /// The values at some points.
    fn values<const N: usize>(&mut self, at: &[f64; N]) -> [f64; N];

    /// Whether the function is known to have no peak up to this point, so that the smaller rule will do.
    fn is_gentle(&self, _until: f64) -> bool {
        false
    }
}

/// A function of one point.
pub struct Pointwise<F>(pub F);

impl<F: FnMut(f64) -> f64> Integrand for Pointwise<F> {
    #[inline]
    fn values<const N: usize>(&mut self, at: &[f64; N]) -> [f64; N] {
        at.map(&mut self.0)
    }
}

impl<const HALF: usize, const GAUSS: usize> Rule<HALF, GAUSS> {
    fn points<const N: usize>(&self, low: f64, high: f64) -> [f64; N] {
        let (middle, half) = ((low + high) / 2.0, (high - low) / 2.0);
        let mut at = [middle; N];
        for (i, node) in self.nodes.iter().enumerate().take(HALF - 1) {
            at[i] = middle - half * node;
            at[N - 1 - i] = middle + half * node;
        }
        at
    }

    /// Integral and error estimate on an interval of length 2.
    fn apply<const N: usize>(&self, values: &[f64; N]) -> (f64, f64) {
        let (mut kronrod, mut gauss) = (0.0, 0.0);
        for i in 0..HALF {
            let pair = if i + 1 == HALF { values[i] } else { values[i] + values[N - 1 - i] };
            kronrod += pair * self.kronrod[i];
            if i % 2 == 1 {
                gauss += pair * self.gauss[i / 2];
            }
        }
        let scale = kronrod.abs().max(f64::MIN_POSITIVE);
        let difference = (kronrod - gauss).abs() / scale;
        (kronrod, scale * (self.factor * difference).powf(self.power))
    }

    fn try_on<const N: usize>(
        &self,
        (low, high): (f64, f64),
        function: &mut impl Integrand,
        scale: &mut f64,
        accept: &mut impl FnMut(f64, f64),
    ) -> Option<f64> {
        let at: [f64; N] = self.points(low, high);
        let values = function.values(&at);
        let (value, error) = self.apply(&values);
        let half = (high - low) / 2.0;
        *scale = scale.max(value.abs() * half);
        // written so that a NaN ends it
        if error * half > TOLERANCE * (value.abs() * half).max(*scale * 1e-2) {
            return None;
        }
        for (i, (&at, &value)) in at.iter().zip(&values).enumerate() {
            accept(at, value * self.kronrod[i.min(N - 1 - i)] * half);
        }
        Some(value * half)
    }
}

/// The integral from `low` to `high`; the points that were taken go to `accept` with their share of it.
pub fn integrate_points(
    low: f64,
    high: f64,
    mut function: impl Integrand,
    mut accept: impl FnMut(f64, f64),
) -> f64 {
    let mut pending = [(low, high); DEPTH];
    let (mut count, mut total, mut scale) = (1, 0.0, 0.0f64);
    while count > 0 {
        count -= 1;
        let (from, to) = pending[count];
        let interval = (from, to);
        let small = match to - from <= SHORT && function.is_gentle(to) {
            true => SMALL.try_on::<7>(interval, &mut function, &mut scale, &mut accept),
            false => None,
        };
        let large = || LARGE.try_on::<15>(interval, &mut function, &mut scale, &mut accept);
        if let Some(value) = small.or_else(large) {
            total += value;
            continue;
        }
        let middle = (from + to) / 2.0;
        if count + 2 > DEPTH || middle <= from || middle >= to {
            // as fine as numbers are: whatever the rule says
            let mut anything = f64::INFINITY;
            let last = LARGE.try_on::<15>(interval, &mut function, &mut anything, &mut accept);
            total += last.unwrap_or(0.0);
            continue;
        }
        // the lower half next
        pending[count] = (middle, to);
        pending[count + 1] = (from, middle);
        count += 2;
    }
    total
}

/// The integral from `low` to `high`.
pub fn integrate(low: f64, high: f64, function: impl Integrand) -> f64 {
    integrate_points(low, high, function, |_, _| {})
}

//! Adaptive integration of smooth positive functions.
//!
//! Gauss-Kronrod with 7 and 15 points; nodes and weights are those of QUADPACK's QK15 (Piessens et al. 1983),
//! and so is the error estimate, which raises the difference of the two rules to the power 1.5. An
//! interval that misses the tolerance is halved.

/// Points of the rule.
pub const POINTS: usize = 15;

/// The relative error that [`integrate`] aims for; its estimate is cautious, the error seen is far smaller.
pub const TOLERANCE: f64 = 1e-12;

/// Halvings of an interval at most; beyond, rounding errors rule.
const DEPTH: usize = 40;

#[allow(clippy::excessive_precision)] // as published
const NODES: [f64; 8] = [
    0.991_455_371_120_812_639_206_854_697_526_33,
    0.949_107_912_342_758_524_526_189_684_047_85,
    0.864_864_423_359_769_072_789_712_788_640_93,
    0.741_531_185_599_394_439_863_864_773_280_79,
    0.586_087_235_467_691_130_294_144_838_258_73,
    0.405_845_151_377_397_166_906_606_412_076_96,
    0.207_784_955_007_898_467_600_689_403_773_25,
    0.0,
];

#[allow(clippy::excessive_precision)] // as published
const KRONROD: [f64; 8] = [
    0.022_935_322_010_529_224_963_732_008_058_97,
    0.063_092_092_629_978_553_290_700_663_189_20,
    0.104_790_010_322_250_183_839_876_322_541_52,
    0.140_653_259_715_525_918_745_189_590_510_24,
    0.169_004_726_639_267_902_826_583_426_598_55,
    0.190_350_578_064_785_409_913_256_402_421_01,
    0.204_432_940_075_298_892_414_161_999_234_65,
    0.209_482_141_084_727_828_012_999_174_891_71,
];

#[allow(clippy::excessive_precision)] // as published
const GAUSS: [f64; 4] = [
    0.129_484_966_168_869_693_270_611_432_679_08,
    0.279_705_391_489_276_667_901_467_771_423_78,
    0.381_830_050_505_118_944_950_369_775_488_98,
    0.417_959_183_673_469_387_755_102_040_816_33,
];

/// Values at the points of the rule, in rising order of the points.
pub type Values = [f64; POINTS];

/// The weight of point `i` in the Kronrod rule on an interval of length 2.
pub fn weight(i: usize) -> f64 {
    KRONROD[i.min(POINTS - 1 - i)]
}

fn points(low: f64, high: f64) -> Values {
    let (middle, half) = ((low + high) / 2.0, (high - low) / 2.0);
    let mut at = [middle; POINTS];
    for (i, node) in NODES.iter().enumerate().take(7) {
        at[i] = middle - half * node;
        at[POINTS - 1 - i] = middle + half * node;
    }
    at
}

/// Integral and error estimate on an interval of length 2.
fn rules(values: &Values) -> (f64, f64) {
    let pair = |i: usize| values[i] + values[POINTS - 1 - i];
    let mut kronrod = values[7] * KRONROD[7];
    let mut gauss = values[7] * GAUSS[3];
    for i in 0..7 {
        kronrod += pair(i) * KRONROD[i];
        if i % 2 == 1 {
            gauss += pair(i) * GAUSS[i / 2];
        }
    }
    let difference = (kronrod - gauss).abs();
    let scale = kronrod.abs().max(f64::MIN_POSITIVE);
    (kronrod, scale * (200.0 * difference / scale).powf(1.5).min(difference / scale))
}

/// The integral from `low` to `high` of a function that is given all points of a rule at once; what was
/// accepted goes to `accept` as points, values and half the length of their interval.
pub fn integrate_panels(
    low: f64,
    high: f64,
    mut function: impl FnMut(&Values) -> Values,
    mut accept: impl FnMut(&Values, &Values, f64),
) -> f64 {
    let mut pending = [(low, high); DEPTH];
    let (mut count, mut total, mut scale) = (1, 0.0, 0.0f64);
    while count > 0 {
        count -= 1;
        let (from, to) = pending[count];
        let at = points(from, to);
        let values = function(&at);
        let (value, error) = rules(&values);
        let half = (to - from) / 2.0;
        scale = scale.max(value.abs() * half);
        // written so that a NaN ends it
        let poor = error * half > TOLERANCE * (value.abs() * half).max(scale * 1e-2);
        let middle = (from + to) / 2.0;
        if !poor || count + 2 > DEPTH || middle <= from || middle >= to {
            total += value * half;
            accept(&at, &values, half);
        } else {
            // the lower half next
            pending[count] = (middle, to);
            pending[count + 1] = (from, middle);
            count += 2;
        }
    }
    total
}

/// The integral from `low` to `high` of a function that is given all points of a rule at once.
pub fn integrate(low: f64, high: f64, function: impl FnMut(&Values) -> Values) -> f64 {
    integrate_panels(low, high, function, |_, _, _| {})
}

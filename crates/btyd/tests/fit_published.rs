//! Published fits of the discrete families.

mod simulated;

use btyd::fit::Purchases;
use btyd::models::{Customer, Family};
use simulated::fitted;

/// Repeat purchases, the last of the opportunities with one, opportunities, and how many people were like
/// that: people who gave first in 1995 and could give again in 1996 to 2001. Fader, Hardie & Shang 2010,
/// "Customer-Base Analysis in a Discrete-Time Noncontractual Setting", Marketing Science 29(6).
const DONATIONS: [[u16; 4]; 22] = [
    [0, 0, 6, 3464],
    [1, 1, 6, 1091],
    [1, 2, 6, 277],
    [1, 3, 6, 129],
    [1, 4, 6, 78],
    [1, 5, 6, 119],
    [1, 6, 6, 129],
    [2, 2, 6, 613],
    [2, 3, 6, 255],
    [2, 4, 6, 155],
    [2, 5, 6, 173],
    [2, 6, 6, 234],
    [3, 3, 6, 322],
    [3, 4, 6, 181],
    [3, 5, 6, 225],
    [3, 6, 6, 357],
    [4, 4, 6, 240],
    [4, 5, 6, 284],
    [4, 6, 6, 512],
    [5, 5, 6, 335],
    [5, 6, 6, 728],
    [6, 6, 6, 1203],
];

/// Of 1000 "regular" customers, those who were there still after 0, 1, … years, of which the first seven
/// renewals are fitted. Fader & Hardie 2007, "How to Project Customer Retention", Journal of Interactive
/// Marketing 21(1).
const REGULAR: [u16; 8] = [1000, 631, 468, 382, 326, 289, 262, 241];

fn people(repeats: u16, span: u16, age: u16, weight: u16) -> Purchases {
    let [repeats, span, age] = [repeats, span, age].map(f64::from);
    Purchases::new(&Customer { repeats, span, age }, weight.into()).expect("people")
}

fn near(found: f64, figure: f64, off: f64) {
    assert!((found - figure).abs() <= off, "{found} is not {figure}");
}

#[test]
fn donations() {
    let data = DONATIONS.map(|[repeats, span, age, weight]| people(repeats, span, age, weight));
    let fit = fitted(Family::BgBb, data.to_vec());
    // the optimiser of the published figures stopped at a distance of about 1e-7
    for (found, figure) in fit.parameters.into_iter().zip([1.203522, 0.749716, 0.656718, 2.783443])
    {
        near(found, figure, 1e-6);
    }
    let fitted = fit.fitted.unwrap();
    near(fitted.log_likelihood, -33225.581274, 0.51e-6);
    assert!(fitted.converged && fitted.customers == 11104.0);
}

#[test]
fn regular_contracts() {
    let left =
        REGULAR.windows(2).zip(0..).map(|(at, made)| people(made, made, made + 1, at[0] - at[1]));
    let data = left.chain([people(7, 7, 7, REGULAR[7])]).collect();
    let fit = fitted(Family::ShiftedBetaGeometric, data);
    near(fit.parameters[0], 0.704, 0.5e-3);
    near(fit.parameters[1], 1.182, 0.5e-3);
    let fitted = fit.fitted.unwrap();
    near(fitted.log_likelihood, -1680.2652, 0.5e-4);
    assert!(fitted.converged && fitted.customers == 1000.0);
}

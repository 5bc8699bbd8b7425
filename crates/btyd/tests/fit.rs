//! Fits against published figures and against what a fit must not depend on.

use btyd::fit::{Estimate, Purchases, Spend, canonical, fit_purchases, fit_spend};
use btyd::models::{Customer, Family};

/// x, t_x, T and m of the CDNOW sample as of 1997-09-30, in days; tests/data/README.md says where it is from.
const CDNOW: &str = include_str!("../../../tests/data/cdnow_sample_1997-09-30.csv");

fn cdnow() -> impl Iterator<Item = [f64; 4]> {
    CDNOW.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| {
        let mut numbers = line.split(',').skip(1).map(|text| text.parse().expect("a number"));
        std::array::from_fn(|_| numbers.next().expect("four numbers"))
    })
}

fn purchases(unit: f64) -> Vec<Purchases> {
    let of =
        |[x, span, age, _]: [f64; 4]| Customer { repeats: x, span: span / unit, age: age / unit };
    cdnow().map(|row| Purchases::new(&of(row), 1.0).expect("a customer")).collect()
}

fn fitted(family: Family, mut data: Vec<Purchases>) -> Estimate {
    let data = canonical(&mut data, &mut || {});
    fit_purchases(family, data, &mut || {}).expect("a fit").expect("customers")
}

/// Equal to all digits of a figure that is given to so many decimals.
fn shows(found: f64, figure: f64, decimals: i32) {
    let half = 0.5 * 10f64.powi(-decimals);
    assert!((found - figure).abs() <= half * 1.0001, "{found} is not {figure}");
}

/// Three tables of one fit: the published parameters, which stop short of the optimum by up to 1e-6, as is
/// told from the gradient there; the optimum by Newton's method with 40 digits; the published maximum.
fn agrees(fit: &Estimate, published: &[f64], optimum: &[f64], log_likelihood: f64) {
    for (i, (&published, &optimum)) in published.iter().zip(optimum).enumerate() {
        let found = fit.parameters[i];
        assert!((found / optimum - 1.0).abs() < 1e-11, "{found} is not {optimum}");
        assert!((found / published - 1.0).abs() < 1e-6, "{found} is not {published}");
    }
    let fitted = fit.fitted.expect("a fit");
    shows(fitted.log_likelihood, log_likelihood, 6);
    assert!(fitted.converged && fitted.boundary == 0);
}

#[test]
fn cdnow_bg_nbd() {
    let fit = fitted(Family::BgNbd, purchases(7.0));
    let published = [0.24259452, 4.413602, 0.79292198, 2.42590666];
    let optimum = [0.242594522430157, 4.4136020190135, 0.792922017225598, 2.42590677682633];
    agrees(&fit, &published, &optimum, -9582.429207);
}

#[test]
fn cdnow_mbg_nbd() {
    let fit = fitted(Family::MbgNbd, purchases(7.0));
    let published = [0.52484315, 6.18308518, 0.89135941, 1.61400234];
    let optimum = [0.524843159106298, 6.183085279576, 0.891359390732216, 1.61400224017034];
    agrees(&fit, &published, &optimum, -9582.135716);
}

#[test]
fn cdnow_pareto_nbd() {
    let fit = fitted(Family::ParetoNbd, purchases(7.0));
    let published = [0.55327701, 10.57768305, 0.60624011, 11.66873904];
    let optimum = [0.55327704685318, 10.5776834633023, 0.606239989127826, 11.668735288855];
    agrees(&fit, &published, &optimum, -9594.976179);
    // from the Hessian by differences of the log-likelihood with 30 digits; published ones came from one in
    // double precision
    let errors = [0.047627925979, 0.842722533815, 0.187281342311, 6.21111359057];
    let published = [0.0476264, 0.8427222, 0.1872594, 6.2105448];
    for (i, (exact, published)) in errors.into_iter().zip(published).enumerate() {
        let found = fit.standard_error(i).expect("an error");
        assert!((found / exact - 1.0).abs() < 1e-10, "{found} is not {exact}");
        assert!((found / published - 1.0).abs() < 2e-4, "{found} is not {published}");
    }
}

#[test]
fn cdnow_gamma_gamma() {
    let of = |[x, _, _, m]: [f64; 4]| {
        Spend::new(x, if x > 0.0 { m } else { 0.0 }, 1.0).expect("a customer")
    };
    let mut data: Vec<Spend> = cdnow().filter_map(of).collect();
    let data = canonical(&mut data, &mut || {});
    let fit = fit_spend(data, &mut || {}).expect("a fit").expect("customers");
    let published = [6.24957133, 3.74422497, 15.44352525];
    let optimum = [6.24957227132132, 3.74422466713303, 15.4435209626007];
    agrees(&fit, &published, &optimum, -4055.917695);
}

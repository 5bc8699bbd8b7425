//! explore
mod simulated;
use btyd::fit::*;
use btyd::models::spend::SpendModel;
use btyd::models::*;
use simulated::*;

fn show(name: &str, e: Estimate) {
    let f = e.fitted.unwrap();
    println!(
        "{name:40} {:10} conv {} par {:?} ll {} se {:?} | {:?}",
        e.family.name(),
        f.converged,
        &e.parameters[..e.count()],
        f.log_likelihood,
        (0..e.count()).map(|i| e.standard_error(i)).collect::<Vec<_>>(),
        e.boundaries().collect::<Vec<_>>()
    );
}
fn c(repeats: f64, span: f64, age: f64) -> Customer {
    Customer { repeats, span, age }
}
const CONT: [Family; 3] = [Family::BgNbd, Family::MbgNbd, Family::ParetoNbd];
#[test]
fn explore() {
    let w = Window { joining: 26.0, after: 26.0 };
    for f in CONT {
        let truth =
            if f == Family::ParetoNbd { [1.5, 6.0, 1e-6, 1.0] } else { [1.5, 6.0, 1e-6, 1.0] };
        let stay = if f == Family::ParetoNbd { [1.5, 6.0, 1.0, 1e9] } else { truth };
        show("nobody leaves", fitted(f, weighted(&customers(model(f, &stay), w, 1, 1000), 1.0)));
        let same: Vec<Customer> = (0..500)
            .map(|i| {
                let age = 20.0 + (i % 40) as f64;
                c((age / 5.0f64).floor(), (age / 5.0f64).floor() * 5.0, age)
            })
            .collect();
        show("regular rates, nobody leaves", fitted(f, weighted(&same, 1.0)));
        show("identical", fitted(f, weighted(&[c(4.0, 20.0, 30.0); 300], 1.0)));
        show("identical left", fitted(f, weighted(&[c(4.0, 5.0, 300.0); 300], 1.0)));
        show("one", fitted(f, weighted(&[c(4.0, 20.0, 30.0)], 1.0)));
        show("one x0", fitted(f, weighted(&[c(0.0, 0.0, 30.0)], 1.0)));
        show("one age 0", fitted(f, weighted(&[c(0.0, 0.0, 0.0)], 1.0)));
        let none: Vec<Customer> = (0..500).map(|i| c(0.0, 0.0, 10.0 + (i % 40) as f64)).collect();
        show("no repeat", fitted(f, weighted(&none, 1.0)));
        let once: Vec<Customer> =
            (0..500).map(|i| c(1.0, 1.0 + (i * 7 % 10) as f64, 10.0 + (i % 40) as f64)).collect();
        show("everybody once", fitted(f, weighted(&once, 1.0)));
        let now: Vec<Customer> =
            (0..500).map(|i| c(1.0, 10.0 + (i % 40) as f64, 10.0 + (i % 40) as f64)).collect();
        show("everybody once, just now", fitted(f, weighted(&now, 1.0)));
        let few: Vec<Customer> = (0..500)
            .map(|i| if i % 50 == 0 { c(20.0, 40.0, 41.0) } else { c(0.0, 0.0, 40.0) })
            .collect();
        show("few make all", fitted(f, weighted(&few, 1.0)));
        let leave: Vec<Customer> = (0..500)
            .map(|i| c(1.0, 0.1 + (i * 7 % 10) as f64 * 0.01, 100.0 + (i % 40) as f64))
            .collect();
        show("all leave after first repeat", fitted(f, weighted(&leave, 1.0)));
        let sameday: Vec<Customer> =
            (0..500).map(|i| c(1.0, 0.0, 100.0 + (i % 40) as f64)).collect();
        show("span 0", fitted(f, weighted(&sameday, 1.0)));
    }
    let f = Family::BgBb;
    show(
        "nobody leaves",
        fitted(
            f,
            weighted(
                &customers(
                    model(f, &[1.5, 2.0, 1e-9, 1.0]),
                    Window { joining: 6.0, after: 6.0 },
                    1,
                    1000,
                ),
                1.0,
            ),
        ),
    );
    show("identical", fitted(f, weighted(&[c(3.0, 4.0, 6.0); 300], 1.0)));
    show("one", fitted(f, weighted(&[c(3.0, 4.0, 6.0)], 1.0)));
    show("none", fitted(f, weighted(&[c(0.0, 0.0, 6.0); 100], 1.0)));
    show("always", fitted(f, weighted(&[c(6.0, 6.0, 6.0); 100], 1.0)));
    show(
        "always or never",
        fitted(
            f,
            weighted(&[[c(6.0, 6.0, 6.0)].repeat(50), [c(0.0, 0.0, 6.0)].repeat(50)].concat(), 1.0),
        ),
    );
    show(
        "x=1",
        fitted(
            f,
            weighted(&(0..600).map(|i| c(1.0, (1 + i % 6) as f64, 6.0)).collect::<Vec<_>>(), 1.0),
        ),
    );
    show("age 0", fitted(f, weighted(&[c(0.0, 0.0, 0.0); 100], 1.0)));
    let f = Family::ShiftedBetaGeometric;
    show("nobody leaves", fitted(f, weighted(&[c(6.0, 6.0, 6.0); 100], 1.0)));
    show("everybody leaves", fitted(f, weighted(&[c(0.0, 0.0, 1.0); 100], 1.0)));
    show("identical", fitted(f, weighted(&[c(2.0, 2.0, 3.0); 100], 1.0)));
    show("one", fitted(f, weighted(&[c(2.0, 2.0, 3.0)], 1.0)));
    show(
        "first or never",
        fitted(
            f,
            weighted(&[[c(0.0, 0.0, 1.0)].repeat(50), [c(9.0, 9.0, 9.0)].repeat(50)].concat(), 1.0),
        ),
    );
    show(
        "x=1",
        fitted(
            f,
            weighted(&[[c(1.0, 1.0, 2.0)].repeat(50), [c(1.0, 1.0, 1.0)].repeat(50)].concat(), 1.0),
        ),
    );
    show("age0", fitted(f, weighted(&[c(0.0, 0.0, 0.0); 100], 1.0)));
    show("constant spend", fitted_spend(weighted_spend(&[[1000.0, 42.0]].repeat(100), 1.0)));
    show("constant spend few", fitted_spend(weighted_spend(&[[3.0, 42.0]].repeat(100), 1.0)));
    show("one spend", fitted_spend(weighted_spend(&[[3.0, 42.0]], 1.0)));
    show(
        "x=1 spend",
        fitted_spend(weighted_spend(
            &(0..100).map(|i| [1.0, 10.0 + i as f64]).collect::<Vec<_>>(),
            1.0,
        )),
    );
    show(
        "same within",
        fitted_spend(weighted_spend(
            &(0..100).map(|i| [1e6, 10.0 + i as f64]).collect::<Vec<_>>(),
            1.0,
        )),
    );
    let s = SpendModel::new(3.0, 0.7, 15.0).unwrap();
    show("q<=1 spend", fitted_spend(weighted_spend(&spenders(s, 1, 1000, 8), 1.0)));
    let s = SpendModel::new(3.0, 1e7, 15e7).unwrap();
    show("alike spend", fitted_spend(weighted_spend(&spenders(s, 1, 1000, 8), 1.0)));
    let heavy: Vec<[f64; 2]> = (0..200)
        .map(|i| [1.0 + (i % 5) as f64, ((i * 13 % 200) as f64 * 0.5).exp().min(1e28)])
        .collect();
    show("differ without bound", fitted_spend(weighted_spend(&heavy, 1.0)));
}

//! explore
use btyd::models::*;
use btyd::special::mixture::BetaMixture;
use std::time::Instant;
#[test]
fn nan() {
    let m = PurchaseModel::new(Family::BgNbd, [1.0, 1e-12, 1e6, 1e-12]).unwrap();
    for c in [
        Customer { repeats: 1e6, span: 0.0, age: 1e5 },
        Customer { repeats: 1e6, span: 1e5, age: 1e5 },
        Customer::NEW,
    ] {
        println!("{c:?} p_alive {:e}", m.p_alive(&c));
        for h in [1.0, 100.0, 1e5, f64::INFINITY] {
            for rate in [0.0, 1e-3] {
                println!("{h} {rate} {:?}", m.discounted_purchases(&c, h, rate));
            }
        }
    }
    for (exponent, a, b) in [
        (1e6 + 2.0, 1e6, 1e6),
        (1e6 + 2.0, 1e6, 1e-12),
        (2.0, 1e6, 1e-12),
        (2.0, 1e-12, 1e-12),
        (1e6, 1e-12, 1e6),
    ] {
        for u in [1e-6, 1e-3, 0.1, 1.0, 10.0, 1e3, 1e6, 1e9, 1e15] {
            let t = Instant::now();
            let v = BetaMixture { exponent, a, b }.at(u);
            println!("{exponent} {a} {b} {u} {v:e} {:?}", t.elapsed());
        }
    }
}

//! Doubts: what a training found that may mislead whoever reads the segmentation.
//!
//! [`table`] has them all: each a code that lasts, and what of the [`Evidence`] gives rise to it, with the figures behind
//! it. A training keeps codes and figures; [`told`] puts them into words, in the reader's language, by the texts of
//! `sql/data/doubts.json`.

mod table;
mod told;

pub use table::ALL;
pub use told::{Told, grouped, told};

use serde_json::{Map, Value};

/// The figures behind a doubt, by name.
pub type Figures = Map<String, Value>;

/// The code of what is told of a segmentation that was never trained.
pub const UNTRAINED: &str = "untrained";

/// One thing that may mislead.
pub struct Doubt {
    /// Its code, which lasts.
    pub code: &'static str,
    /// The figures behind it; None where there is no reason to doubt.
    pub figures: fn(&Evidence) -> Option<Figures>,
}

/// A day.
#[derive(Debug, Clone, Default)]
pub struct Day {
    /// As text.
    pub text: String,
    /// Counted from any fixed day.
    pub number: i64,
}

/// How the values of an axis lie.
#[derive(Debug, Clone, Default)]
pub struct Axis {
    /// Its name.
    pub name: String,
    /// The value that most customers share, and how many these are; None where nobody has a value.
    pub common: Option<(f64, u64)>,
}

/// The scores of an RFM axis that no customer has.
#[derive(Debug, Clone, Default)]
pub struct EmptyScores {
    /// The axis.
    pub axis: &'static str,
    /// The scores.
    pub scores: Vec<usize>,
}

/// A bound at which a fit ended.
#[derive(Debug, Clone, Default)]
pub struct Boundary {
    /// The family that was fitted.
    pub family: String,
    /// Which bound it is, a colon, and what it means.
    pub meaning: String,
}

/// What a training found, as far as it may give rise to doubts. Amounts are decimal numbers as text.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Whether customers are compared as of today.
    pub live: bool,
    /// Whether they are compared as of the last purchase.
    pub latest: bool,
    /// The day as of which they are compared.
    pub as_of: Day,
    /// First and last purchase day up to it.
    pub first_purchase: Day,
    /// See `first_purchase`.
    pub last_purchase: Day,
    /// Last purchase day of all.
    pub last_ever: Day,
    /// Customers with purchases.
    pub purchasers: u64,
    /// Customers who bought on more than one day.
    pub repeaters: u64,
    /// Orders.
    pub orders: u64,
    /// Purchase days of all customers.
    pub purchase_days: u64,
    /// Whether the source tells which lines make up an order.
    pub knows_orders: bool,
    /// Net revenue; None without amounts.
    pub revenue: Option<String>,
    /// Customers with an order or a refund.
    pub seen: u64,
    /// Those of them who begin with a refund.
    pub refund_first: u64,
    /// Orders after as_of.
    pub later_orders: u64,
    /// Refunds after it.
    pub later_refunds: u64,
    /// Net amount of both.
    pub later_amount: Option<String>,
    /// Rows that count nowhere.
    pub rows_left_out: u64,
    /// Their amount.
    pub amount_left_out: Option<String>,
    /// Refunds that undo no purchase.
    pub unmatched_refunds: u64,
    /// Their amount.
    pub unmatched_amount: Option<String>,
    /// Refunds as a share of the gross amount, where they are apart from purchases.
    pub refund_share: Option<f64>,
    /// A time zone that was asked for, but moves no order to another day.
    pub idle_zone: Option<String>,
    /// Whether models were asked for.
    pub wants_models: bool,
    /// Whether there is a model of purchases.
    pub knows_purchases: bool,
    /// Whether there is a model of spend.
    pub knows_spend: bool,
    /// Whether there are amounts.
    pub knows_amounts: bool,
    /// Customers whose repeat purchases are worth something.
    pub spenders: u64,
    /// Bounds at which fits ended.
    pub boundaries: Vec<Boundary>,
    /// Families whose fit did not reach a maximum.
    pub lost_fits: Vec<String>,
    /// Customers whom the model takes to be alive, where these are nearly all.
    pub alive: Option<u64>,
    /// Correlation of number and value of repeat purchases.
    pub correlation: Option<f64>,
    /// The axes of RFM, and those of matrices that are trained.
    pub axes: Vec<Axis>,
    /// Scores that nobody has.
    pub empty_scores: Vec<EmptyScores>,
}

/// The doubts that some evidence gives rise to, in the order of [`ALL`].
pub fn find(evidence: &Evidence) -> Vec<(&'static str, Figures)> {
    let found = |doubt: &Doubt| Some((doubt.code, (doubt.figures)(evidence)?));
    ALL.iter().filter_map(found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::{Group, text};
    use serde_json::json;

    fn day(number: i64) -> Day {
        Day { text: format!("day {number}"), number }
    }

    /// What a training finds in a shop without cause for doubt.
    fn healthy() -> Evidence {
        let axis = |name: &str| Axis { name: name.into(), common: Some((3.0, 100)) };
        Evidence {
            as_of: day(1000),
            first_purchase: day(0),
            last_purchase: day(1000),
            last_ever: day(1000),
            purchasers: 1000,
            repeaters: 600,
            orders: 3000,
            purchase_days: 2900,
            revenue: Some("1000.00".into()),
            later_amount: Some("0".into()),
            seen: 1000,
            wants_models: true,
            knows_purchases: true,
            knows_spend: true,
            knows_amounts: true,
            spenders: 600,
            correlation: Some(0.1),
            axes: vec![axis("recency"), axis("frequency")],
            ..Evidence::default()
        }
    }

    fn codes(evidence: &Evidence) -> Vec<&'static str> {
        find(evidence).into_iter().map(|(code, _)| code).collect()
    }

    /// The one doubt about a healthy shop with a change: its code and its figure in English.
    fn changed(change: impl FnOnce(&mut Evidence)) -> (&'static str, String) {
        let mut evidence = healthy();
        change(&mut evidence);
        let found = find(&evidence);
        assert_eq!(found.len(), 1, "{:?}", codes(&evidence));
        let (code, figures) = &found[0];
        (code, told(code, figures, "en").figure)
    }

    #[test]
    fn a_healthy_shop_has_none() {
        assert_eq!(codes(&healthy()), [""; 0]);
    }

    #[test]
    fn each_has_its_reason() {
        let is = |found: (&str, String), code: &str, figure: &str| {
            assert_eq!((found.0, found.1.as_str()), (code, figure));
        };
        is(
            changed(|e| (e.purchasers, e.axes) = (499, Vec::new())),
            "few_customers",
            "499 customers with purchases, 600 of them bought again",
        );
        is(
            changed(|e| e.repeaters = 99),
            "few_customers",
            "1,000 customers with purchases, 99 of them bought again",
        );
        is(
            changed(|e| e.first_purchase = day(821)),
            "short_history",
            "179 days from the first purchase, day 821, to the last, day 1000",
        );
        is(
            changed(|e| (e.live, e.last_purchase) = (true, day(970))),
            "no_recent_orders",
            "last purchase on day 970, 30 days before day 1000",
        );
        is(
            changed(|e| e.last_purchase = day(635)),
            "no_recent_orders",
            "last purchase on day 635, 365 days before day 1000",
        );
        is(
            changed(|e| (e.later_orders, e.later_amount) = (7, Some("-1234.50".into()))),
            "orders_after_as_of",
            "after day 1000: orders 7, refunds 0, net amount -1,234.50",
        );
        is(
            changed(|e| (e.latest, e.last_ever) = (true, day(2000))),
            "latest_in_future",
            "last purchase on day 2000; customers are compared as of day 1000",
        );
        is(
            changed(|e| (e.knows_purchases, e.knows_spend) = (false, false)),
            "no_purchase_model",
            "1,000 customers with purchases, 600 of them bought again",
        );
        is(
            changed(|e| e.knows_spend = false),
            "no_spend_model",
            "600 customers bought again, 600 of them for an amount above 0",
        );
        let bound = |meaning: &str| Boundary { family: "bg_nbd".into(), meaning: meaning.into() };
        is(
            changed(|e| e.boundaries = vec![bound("a -> 0: nobody leaves"), bound("x: y")]),
            "fit_at_boundary",
            "bg_nbd, a -> 0: nobody leaves; bg_nbd, x: y",
        );
        is(changed(|e| e.lost_fits = vec!["bg_nbd".into()]), "fit_without_maximum", "bg_nbd");
        is(
            changed(|e| e.alive = Some(995)),
            "everybody_alive",
            "p_alive is above 0.95 for 995 of 1,000 customers",
        );
        is(
            changed(|e| e.correlation = Some(-0.304)),
            "number_and_value_correlated",
            "correlation -0.3",
        );
        is(
            changed(|e| e.orders = 406_829),
            "several_orders_a_day",
            "406,829 orders on 2,900 purchase days, 140.3 a day",
        );
        is(
            changed(|e| (e.rows_left_out, e.amount_left_out) = (3, Some("250.00".into()))),
            "rows_left_out",
            "rows 3, amount 250.00, 20.0% of the ledger",
        );
        is(
            changed(|e| (e.rows_left_out, e.amount_left_out) = (3, Some("-250.00".into()))),
            "rows_left_out",
            "rows 3, amount -250.00",
        );
        is(changed(|e| e.rows_left_out = 3), "rows_left_out", "rows 3");
        is(
            changed(|e| (e.unmatched_refunds, e.unmatched_amount) = (2, Some("168469.60".into()))),
            "unmatched_refunds",
            "refunds 2, amount 168,469.60",
        );
        is(
            changed(|e| e.refund_share = Some(1.25)),
            "high_refund_share",
            "refunds are 125.0% of the gross amount",
        );
        is(
            changed(|e| e.refund_first = 50),
            "negative_first_orders",
            "50 of 1,000 customers begin with a negative amount",
        );
        is(
            changed(|e| e.idle_zone = Some("Asia/Shanghai".into())),
            "time_zone_without_effect",
            "time_zone Asia/Shanghai",
        );
        is(
            changed(|e| e.axes[1].common = Some((1.0, 334))),
            "same_value",
            "frequency is 1 for 334 customers, 33.4%",
        );
        is(changed(|e| e.axes[1].common = None), "axis_without_values", "frequency");
        is(
            changed(|e| {
                e.empty_scores = vec![EmptyScores { axis: "recency", scores: vec![2, 3] }];
            }),
            "scores_without_customers",
            "recency score 2, 3",
        );
    }

    #[test]
    fn limits_are_no_reason() {
        let none = |change: &dyn Fn(&mut Evidence)| {
            let mut evidence = healthy();
            change(&mut evidence);
            assert_eq!(codes(&evidence), [""; 0]);
        };
        none(&|e| (e.purchasers, e.repeaters) = (500, 100));
        none(&|e| e.first_purchase = day(820));
        none(&|e| (e.live, e.last_purchase) = (true, day(971)));
        none(&|e| e.last_purchase = day(636));
        none(&|e| e.correlation = Some(0.299));
        none(&|e| e.orders = 3769);
        none(&|e| (e.orders, e.knows_orders) = (406_829, true));
        none(&|e| e.refund_share = Some(0.5));
        none(&|e| e.refund_first = 49);
        none(&|e| e.axes[0].common = Some((0.0, 333)));
        none(&|e| (e.wants_models, e.knows_purchases, e.knows_amounts) = (false, false, false));
    }

    #[test]
    fn nobody_came_back() {
        let mut evidence = Evidence { repeaters: 0, knows_purchases: false, ..healthy() };
        assert_eq!(codes(&evidence), ["few_customers", "no_repeat_purchases"]);
        evidence.wants_models = false;
        assert_eq!(codes(&evidence), ["few_customers"]);
    }

    #[test]
    fn every_doubt_has_its_words() {
        let codes = ALL.iter().map(|doubt| doubt.code).chain([UNTRAINED]);
        for code in codes {
            for part in ["figure", "sentence", "what_to_do"] {
                let key = format!("{code}.{part}");
                let [en, zh] = ["en", "zh"].map(|language| text(Group::Doubts, &key, language));
                assert!(!en.is_empty() && !zh.is_empty(), "{key}");
            }
        }
    }

    #[test]
    fn a_language_without_words_is_english() {
        let figures: Figures = [("families".to_owned(), json!("bg_nbd"))].into_iter().collect();
        let say = |language| told("fit_without_maximum", &figures, language);
        assert_eq!(say("fr"), say("en"));
        assert_ne!(say("zh"), say("en"));
    }

    #[test]
    fn phrases_follow_the_language() {
        let item = json!([{"family": "bg_nbd", "bound": "a -> 0", "meaning": "nobody leaves"}]);
        let figures: Figures = [("each".to_owned(), item)].into_iter().collect();
        assert_eq!(told("fit_at_boundary", &figures, "zh").figure, "bg_nbd，a -> 0：没有人流失");
    }

    #[test]
    fn every_bound_of_a_fit_has_its_words() {
        use btyd::fit::{Estimate, Fitted};
        use btyd::models::Family;
        let families = [Family::BgNbd, Family::MbgNbd, Family::ParetoNbd, Family::GammaGamma];
        for family in families {
            let fitted = Fitted {
                log_likelihood: 0.0,
                customers: 1.0,
                covariance: [[f64::NAN; 4]; 4],
                converged: true,
                boundary: u16::MAX,
            };
            let estimate = Estimate { family, parameters: [1.0; 4], fitted: Some(fitted) };
            for meaning in estimate.boundaries().filter(|meaning| !meaning.is_empty()) {
                let (_, phrase) = meaning.split_once(": ").expect("a bound and its meaning");
                let words = text(Group::Doubts, &format!("phrase.{phrase}"), "zh");
                assert!(!words.is_empty(), "{phrase}");
            }
        }
    }

    #[test]
    fn numbers_are_grouped_and_other_texts_are_not() {
        for (text, shown) in [
            ("0", "0"),
            ("-1234567.80", "-1,234,567.80"),
            ("2024-01-31", "2024-01-31"),
            ("1e400", "1e400"),
            ("", ""),
            ("1.", "1."),
        ] {
            assert_eq!(grouped(text), shown);
        }
    }
}

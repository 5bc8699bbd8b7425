//! Survey answers.

use super::Input;
use super::orders::time;
use crate::segmentation::options::Options;
use crate::segmentation::relation::{Found, NUMBERS};
use segmentation::segmentation::Answers;

impl Input for Answers {
    const OPTION: &'static str = "satisfaction";
    const HOLDS: &'static str = "answers";

    fn find(options: &Options, customer: &Found) -> Option<Self> {
        let given = options.satisfaction.as_ref()?;
        let relation = Self::relation(&given.source);
        Some(Answers {
            customer: Self::customer(&relation, &given.customer, customer).column.clone(),
            at: time(relation.column(&given.at)),
            kind: relation.column(&given.kind).require_equality().column.clone(),
            score: relation.column(&given.score).require(&NUMBERS, "a number").column.clone(),
            relation: relation.name.clone(),
        })
    }
}

//! Interactions: contacts and events.

use super::Input;
use super::orders::time;
use crate::segmentation::options::Options;
use crate::segmentation::relation::{Found, NUMBERS};
use segmentation::segmentation::Interactions;

impl Input for Interactions {
    const OPTION: &'static str = "interactions";
    const HOLDS: &'static str = "interactions";

    fn find(options: &Options, customer: &Found) -> Option<Self> {
        let given = options.interactions.as_ref()?;
        let relation = Self::relation(&given.source);
        let option = |name: &Option<String>| name.as_deref().map(|name| relation.column(name));
        let weight = option(&given.weight).map(|weight| weight.require(&NUMBERS, "a number"));
        Some(Interactions {
            customer: Self::customer(&relation, &given.customer, customer).column.clone(),
            at: time(relation.column(&given.at)),
            kind: option(&given.kind).map(|kind| kind.column.clone()),
            weight: weight.map(|weight| weight.column.clone()),
            relation: relation.name.clone(),
        })
    }
}

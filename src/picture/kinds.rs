//! The kinds of pictures: what each is called, which arguments it takes, and what reads and draws it.

use super::{
    Arguments, bars, cohorts, curve, flow, grid, history, lorenz, matrix, treemap,
};
use crate::report::segments::Segments;
use crate::server::error::{Code, fail};
use crate::server::names::listed;

/// A kind of picture.
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// The arguments that it takes, beside view, kind and language.
    takes: &'static [&'static str],
    /// Reads and draws it.
    pub draw: fn(&Segments, &Arguments) -> String,
}

/// All of them.
const KINDS: [Kind; 9] = [
    Kind { name: "bars", takes: &["by", "measure"], draw: bars::picture },
    Kind { name: "grid", takes: &["measure"], draw: grid::picture },
    Kind { name: "matrix", takes: &["by", "measure"], draw: matrix::picture },
    Kind { name: "treemap", takes: &["by", "measure"], draw: treemap::picture },
    Kind { name: "lorenz", takes: &["measure"], draw: lorenz::picture },
    Kind {
        name: "history",
        takes: &["by", "measure", "from_day", "to_day"],
        draw: history::picture,
    },
    Kind { name: "flow", takes: &["by", "from_day", "to_day"], draw: flow::picture },
    Kind { name: "cohorts", takes: &["measure", "from_day"], draw: cohorts::picture },
    Kind { name: "curve", takes: &["from_day", "to_day", "customer"], draw: curve::picture },
];

/// The kind of this name, or an error.
pub fn find(name: &str) -> &'static Kind {
    static ALL: [Kind; KINDS.len()] = KINDS;
    let Some(kind) = ALL.iter().find(|kind| kind.name == name) else {
        let names: Vec<&str> = ALL.iter().map(|kind| kind.name).collect();
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("invalid value for argument \"kind\": \"{name}\""),
            format!("Give one of {}.", listed(&names)),
        )
    };
    kind
}

impl Kind {
    /// Raises an error if an argument is given that this kind has no use for.
    pub fn check(&self, arguments: &Arguments) {
        let given = [
            ("by", arguments.by.is_some()),
            ("measure", arguments.measure.is_some()),
            ("from_day", arguments.from_day.is_some()),
            ("to_day", arguments.to_day.is_some()),
            ("customer", arguments.customer.is_some()),
        ];
        for (name, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
            if !self.takes.contains(&name) {
                let hint = match self.takes {
                    [] => "It takes no other argument than view and language.".to_owned(),
                    takes => format!("Beside view and language, it takes {}.", listed(takes)),
                };
                fail(
                    Code::ERRCODE_INVALID_PARAMETER_VALUE,
                    format!("argument \"{name}\" has no use for kind \"{}\"", self.name),
                    hint,
                )
            }
        }
    }
}

//! What labels were `compare_days` before as_of, by what was trained since.

use crate::histories;
use crate::inputs;
use crate::model::{Holds, Segmentation, ViewColumn};
use crate::sql::{Name, with_references};
use crate::trained;

/// What the name of a label gets in front for what the label was before.
pub const PREVIOUS: &str = "previous_";

/// The columns that hold labels, and those that show what they were before.
fn labels(s: &Segmentation) -> Vec<(Name, Name)> {
    let own = ["rfm_segment", "clv_tier"];
    let own = own.map(|name| (Name::own(name), Name::own(&format!("{PREVIOUS}{name}"))));
    let of_matrices = s.matrices.iter();
    let of_matrices =
        of_matrices.map(|matrix| (matrix.columns[0].clone(), matrix.previous.clone()));
    own.into_iter().chain(of_matrices).collect()
}

/// The entries: each label among the columns, written for the days, the history and the inputs as they were before.
pub fn previous(s: &Segmentation, columns: &[ViewColumn]) -> Vec<ViewColumn> {
    let was = Was::of(s);
    let previous = |(label, previous): (Name, Name)| {
        let label = columns.iter().find(|column| column.name == label)?;
        let what: [(&str, &dyn std::fmt::Display); 2] =
            [("label", &label.name.text), ("days", &s.spans.compare_days)];
        let comment = s.comment_with("previous_label", &what);
        let column = ViewColumn::new(previous, was.written(&label.sql), comment, Holds::Others);
        Some(column.of_orders_if(label.is_of_orders()))
    };
    labels(s).into_iter().filter_map(previous).collect()
}

/// What columns refer to: an alias, a name, and the expression for what this was before. What is not among them is what it
/// was.
struct Was {
    references: Vec<(String, String, String)>,
    /// The aliases of the inputs, all of whose numbers are among them.
    inputs: Vec<&'static str>,
}

impl Was {
    fn of(s: &Segmentation) -> Was {
        let named = |alias: &str, name: &str, was: String| (alias.to_owned(), name.to_owned(), was);
        let days = trained::before(s).into_iter().map(|(name, was)| named("t", &name, was));
        let histories = histories::before(s).into_iter().map(|(name, was)| named("h", name, was));
        let aliases: Vec<&'static str> = s.inputs.iter().map(|input| input.alias()).collect();
        let of_inputs = aliases.iter().flat_map(|alias| {
            let before = inputs::before(s, alias).into_iter();
            before.map(|(name, was)| named(alias, name, was))
        });
        Was { references: days.chain(histories).chain(of_inputs).collect(), inputs: aliases }
    }

    /// An expression of what was before.
    fn written(&self, expression: &str) -> String {
        with_references(expression, |alias, name| {
            let is_it = |of: &str, column: &str| of == alias && column == name;
            let was = self.references.iter().find(|(of, column, _)| is_it(of, column));
            debug_assert!(
                was.is_some() || !self.inputs.contains(&alias),
                "input {alias} tells what {name} was before"
            );
            was.map(|(.., was)| was.as_str())
        })
    }
}

//! What labels were `compare_days` before as_of, by what was trained since.

use crate::histories;
use crate::inputs;
use crate::model::{Holds, Segmentation, ViewColumn};
use crate::sql::{Name, with_references};
use crate::trained;

/// The columns that hold labels, and those that show what they were before.
fn labels(s: &Segmentation) -> Vec<(Name, Name)> {
    let own = ["rfm_segment", "clv_tier"];
    let own = own.map(|name| (Name::own(name), Name::own(&format!("previous_{name}"))));
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
        Some(ViewColumn::new(previous, was.written(&label.sql), comment, Holds::Others))
    };
    labels(s).into_iter().filter_map(previous).collect()
}

/// What columns refer to: an alias, a name, and the expression for what this was before. What is not among them is what it
/// was.
struct Was(Vec<(String, String, String)>);

impl Was {
    fn of(s: &Segmentation) -> Was {
        let named = |alias: &str, name: &str, was: String| (alias.to_owned(), name.to_owned(), was);
        let days = trained::before(s).into_iter().map(|(name, was)| named("t", &name, was));
        let histories = histories::before(s).into_iter().map(|(name, was)| named("h", name, was));
        let mut all: Vec<_> = days.chain(histories).collect();
        for alias in s.inputs.iter().map(|input| input.alias()) {
            all.extend(
                inputs::before(s, alias).into_iter().map(|(name, was)| named(alias, name, was)),
            );
        }
        Was(all)
    }

    /// An expression of what was before.
    fn written(&self, expression: &str) -> String {
        with_references(expression, |alias, name| {
            let was = self.0.iter().find(|(of, column, _)| of == alias && column == name);
            was.map(|(.., was)| was.as_str())
        })
    }
}

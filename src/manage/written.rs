//! What was last written of a view, to tell it from what users have changed since: columns that they renamed or
//! appended, comments in their own words.

use segmentation::model::ViewColumn;
use segmentation::view::{Comment, Of};
use serde::{Deserialize, Serialize};

/// Columns and comments as they were written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Written {
    /// The comment of the view.
    pub view: String,
    /// That of the function beside it.
    pub function: String,
    /// The columns, in order.
    pub columns: Vec<WrittenColumn>,
}

/// A column as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenColumn {
    /// Its name.
    pub name: String,
    /// Its comment; None for one that a user appended.
    pub comment: Option<String>,
}

impl Written {
    /// What table `segmentation` holds.
    pub fn read(json: &str) -> Written {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// The same as JSON.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What is written with these columns and comments.
    pub fn of(columns: &[ViewColumn], comments: &[Comment]) -> Written {
        let find = |of: &Of| comments.iter().find(|comment| comment.of == *of);
        let text = |of: &Of| find(of).map(|comment| comment.text.clone());
        let column = |column: &ViewColumn| WrittenColumn {
            name: column.name.text.clone(),
            comment: text(&Of::Column(column.name.clone())),
        };
        Written {
            view: text(&Of::View).unwrap_or_default(),
            function: text(&Of::Function).unwrap_or_default(),
            columns: columns.iter().map(column).collect(),
        }
    }

    /// The comment that was written; None if there was none.
    pub fn comment(&self, of: &Of) -> Option<&str> {
        match of {
            Of::View => Some(self.view.as_str()).filter(|text| !text.is_empty()),
            Of::Function => Some(self.function.as_str()).filter(|text| !text.is_empty()),
            Of::Column(name) => self.column(&name.text)?.comment.as_deref(),
        }
    }

    /// A column of ours by its name.
    fn column(&self, name: &str) -> Option<&WrittenColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether a user appended the column at this place, counted from 0.
    pub fn is_appended(&self, at: usize) -> bool {
        self.columns.get(at).is_none_or(|column| column.comment.is_none())
    }
}

//! What stands around a picture: its title, what it is of, and what its ids begin with.

use super::Arguments;
use super::words::Say;
use crate::report::matrices::ShownMatrix;
use crate::report::segments::{Segments, label_of};
use crate::server::query::{literal, value};
use picture::{Frame, axis};
use segmentation::definitions::matrices as builtin_matrices;
use segmentation::texts::{chain, is_spoken};

/// What a picture of a segmentation is called.
pub struct Framing<'a> {
    segments: &'a Segments,
    kind: &'a str,
    arguments: &'a Arguments,
}

impl<'a> Framing<'a> {
    /// For a picture of this kind.
    pub fn new(segments: &'a Segments, kind: &'a str, arguments: &'a Arguments) -> Framing<'a> {
        Framing { segments, kind, arguments }
    }

    /// The texts in the language of the picture.
    pub fn say(&self) -> Say<'a> {
        Say(&self.segments.language)
    }

    /// A frame with this title, over this number of customers as of a day, counted from 2000-01-01.
    pub fn frame(&self, title: &str, customers: i64, as_of: Option<i32>) -> Frame {
        let language = &self.segments.language;
        let view = self.segments.view();
        let subtitle = match as_of {
            Some(day) => {
                let day = axis::day(day, language);
                self.say().counted(
                    ["subtitle", "subtitle.one"],
                    ("customers", customers),
                    &[("day", &day), ("view", &view)],
                )
            }
            None => view.to_owned(),
        };
        Frame {
            title: title.into(),
            subtitle,
            note: String::new(),
            language: self.language(),
            id: self.id(),
        }
    }

    /// The language that the texts are in, as HTML names it.
    fn language(&self) -> String {
        let language = &self.segments.language;
        let kept = language.chars().map(|c| if c == '_' { '-' } else { c });
        match is_spoken(language) {
            true => kept.filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect(),
            false => "en".into(),
        }
    }

    /// What no other picture of other arguments has: FNV-1a of them.
    fn id(&self) -> String {
        let all = format!(
            "{}\0{}\0{}\0{:?}",
            self.segments.view(),
            self.kind,
            self.segments.language,
            self.arguments
        );
        let hash = all
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        format!("{}-{hash:08x}", self.kind)
    }

    /// A picture that says that there is nothing to show, and why: there are no customers, the segmentation is not
    /// trained, or this reason.
    pub fn nothing(&self, title: &str, customers: i64, as_of: Option<i32>, why: &str) -> String {
        let say = self.say();
        let view = self.segments.view();
        let why = match (customers, self.is_trained()) {
            (0, _) => say.filled("no_customers", &[("view", &view)]),
            (_, false) => say.filled("not_trained", &[("view", &literal(view))]),
            _ => why.to_owned(),
        };
        picture::nothing(&self.frame(title, customers, as_of), &why)
    }

    /// Whether the segmentation was ever trained.
    pub fn is_trained(&self) -> bool {
        let sql = "SELECT true FROM customer_value.training AS t WHERE t.segmentation = $1::uuid AND t.newest";
        value(sql, &[self.segments.stored.identity.id.as_str().into()]).unwrap_or(false)
    }

    /// What a column of the view is called: the title of its matrix, RFM segments, else its name.
    pub fn title_of(&self, matrices: &[ShownMatrix], by: &str) -> String {
        let label = label_of(by);
        let matrix = matrices.iter().find(|matrix| matrix.column == label);
        match matrix.or_else(|| matrices.iter().find(|matrix| matrix.name == by)) {
            Some(matrix) => self.title_of_matrix(matrix),
            None if label == "rfm_segment" => self.say().text("rfm_segments").to_owned(),
            None => by.to_owned(),
        }
    }

    /// The title of a matrix in the language, else its name.
    pub fn title_of_matrix(&self, matrix: &ShownMatrix) -> String {
        let languages = chain(&self.segments.language);
        let builtin = builtin_matrices().iter().find(|builtin| builtin.name == matrix.name);
        if let Some(builtin) = builtin {
            let titles = &builtin.definition.titles;
            let title = languages.into_iter().find_map(|language| titles.get(language));
            return title.unwrap_or(&matrix.name).clone();
        }
        let sql = "SELECT coalesce(d.titles ->> $2, d.titles ->> $3, d.titles ->> $4) \
                   FROM (SELECT customer_value.matrix_definition($1) -> 'titles' AS titles) AS d";
        let [own, kind_of, english] = languages;
        let title: Option<String> =
            value(sql, &[matrix.name.as_str().into(), own.into(), kind_of.into(), english.into()]);
        title.unwrap_or_else(|| matrix.name.clone())
    }
}

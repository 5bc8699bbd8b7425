//! The schemes and matrices that there are: the library's, with a company's own words, and those of users, which are rows
//! of table `definition`.
#![allow(clippy::type_complexity)] // a row is as wide as its SQL declaration

use crate::server::error::{Code, fail};
use crate::server::query::{column, rows, text_of};
use crate::server::registry::write;
use pgrx::prelude::*;
use segmentation::definitions::{
    Builtin, Definition, Matrix, Scheme, Wording, check_column, matrices, schemes,
};
use segmentation::options::Misread;
use serde_json::Value;
use std::borrow::Cow;

/// The longest name of a scheme, in bytes.
const LONGEST_NAME: usize = 63;

/// A kind of definitions.
pub trait Kind: Definition + Clone + 'static {
    /// As table `definition` and the names of functions have it.
    const NAME: &'static str;
    /// As messages have it.
    const WORDS: &'static str;
    /// A command that lists them.
    const LIST: &'static str;

    /// Those of the library.
    fn builtin() -> &'static [Builtin<Self>];

    /// The codes of what has labels.
    fn codes(&self) -> Vec<&str>;

    /// The option of a segmentation that names them.
    const OPTION: &'static str;
    /// A condition on `s`, a row of table `segmentation`, that it uses the definition named $1.
    const USES: &'static str;

    /// Why a name is not one for a definition of this kind, if it is not.
    fn check_name(name: &str) -> Result<(), &'static str>;
}

impl Kind for Scheme {
    const NAME: &'static str = "scheme";
    const WORDS: &'static str = "RFM scheme";
    const LIST: &'static str = "SELECT scheme, bins, description FROM customer_value.rfm_scheme";
    const OPTION: &'static str = "scheme";
    const USES: &'static str = "s.options ->> 'scheme' = $1";

    fn check_name(name: &str) -> Result<(), &'static str> {
        if name == "none" {
            return Err("option \"scheme\" uses it for no scheme");
        }
        if name.is_empty() || name.len() > LONGEST_NAME {
            return Err("must have 1 to 63 bytes");
        }
        if name.chars().any(char::is_control) || name.trim() != name {
            return Err("must not have control characters, or blanks at its ends");
        }
        Ok(())
    }

    fn builtin() -> &'static [Builtin<Self>] {
        schemes()
    }

    fn codes(&self) -> Vec<&str> {
        Scheme::codes(self)
    }
}

impl Kind for Matrix {
    const NAME: &'static str = "matrix";
    const WORDS: &'static str = "matrix";
    const LIST: &'static str = "SELECT matrix, description FROM customer_value.matrix";
    const OPTION: &'static str = "matrices";
    const USES: &'static str = "s.options -> 'matrices' @> pg_catalog.to_jsonb($1::text)";

    // the column of its codes has this name unless the document says another
    fn check_name(name: &str) -> Result<(), &'static str> {
        check_column(name)
    }

    fn builtin() -> &'static [Builtin<Self>] {
        matrices()
    }

    fn codes(&self) -> Vec<&str> {
        Matrix::codes(self)
    }
}

/// A definition by its name.
pub struct Known<T: Clone + 'static> {
    /// The name.
    pub name: String,
    /// What it is.
    pub definition: Cow<'static, T>,
    /// Whether it is the library's.
    pub builtin: bool,
    /// The role that owns it; None for the library's, or if it is gone.
    pub owner: Option<String>,
}

/// The library's definition of a name.
pub fn builtin<T: Kind>(name: &str) -> Option<&'static T> {
    let found = T::builtin().iter().find(|builtin| builtin.name == name);
    found.map(|builtin| &builtin.definition)
}

/// The definitions of these names, in their order, or an error about the first that is not there.
pub fn read_all<T: Kind>(names: &[&str]) -> Vec<Known<T>> {
    let mut found = stored(Some(names));
    let named = |name: &&str| {
        let at = found.iter().position(|known: &Known<T>| known.name == **name);
        at.map_or_else(|| missing::<T>(name), |at| found.swap_remove(at))
    };
    names.iter().map(named).collect()
}

/// The definition of a name, or an error.
pub fn read<T: Kind>(name: &str) -> Known<T> {
    read_all(&[name]).swap_remove(0)
}

/// Raises the error that there is no such definition.
pub fn missing<T: Kind>(name: &str) -> ! {
    fail(
        Code::ERRCODE_UNDEFINED_OBJECT,
        format!("{} \"{name}\" does not exist", T::WORDS),
        format!("Run {}.", T::LIST),
    )
}

/// The definitions of some names, or all: the library's first.
fn stored<T: Kind>(names: Option<&[&str]>) -> Vec<Known<T>> {
    let list = names.and_then(|names| serde_json::to_string(names).ok());
    let found = rows(
        "SELECT d.kind = $1, d.name, d.document::text, pg_catalog.pg_get_userbyid(\
                    customer_value_internal.role_of(d.owner, d.owner_oid, d.place))::text \
         FROM customer_value.definition AS d \
         WHERE d.kind IN ($1, $1 || ' wording') \
           AND ($2::jsonb IS NULL OR $2::jsonb @> pg_catalog.to_jsonb(d.name)) \
         ORDER BY d.name",
        &[T::NAME.into(), list.into()],
        |row| {
            let own = column::<bool>(row, 1).unwrap_or(false);
            (own, text_of(row, 2), text_of(row, 3), column::<String>(row, 4))
        },
    );
    let (own, worded): (Vec<_>, Vec<_>) = found.into_iter().partition(|(own, ..)| *own);
    let wanted = |name: &str| names.is_none_or(|names| names.contains(&name));
    let ours = T::builtin().iter().filter(|builtin| wanted(&builtin.name)).map(|builtin| {
        let words = worded.iter().find(|(_, name, ..)| *name == builtin.name);
        Known {
            name: builtin.name.clone(),
            definition: reworded(&builtin.definition, words.map(|(_, _, words, _)| words)),
            builtin: true,
            owner: None,
        }
    });
    let own = own.into_iter().filter_map(|(_, name, document, owner)| {
        // one that only a later version can read is shown to nobody, and stays
        let definition = match (document_of::<T>(&document), names) {
            (Ok(definition), _) => definition,
            (Err(_), None) => return None,
            (Err(why), Some(_)) => unreadable::<T>(&name, &why),
        };
        builtin::<T>(&name).is_none().then_some(Known {
            name,
            definition: Cow::Owned(definition),
            builtin: false,
            owner,
        })
    });
    ours.chain(own).collect()
}

/// A definition with a company's own words, if there are any.
fn reworded<T: Kind>(definition: &'static T, words: Option<&String>) -> Cow<'static, T> {
    match words.and_then(|words| serde_json::from_str::<Wording>(words).ok()) {
        None => Cow::Borrowed(definition),
        Some(words) => {
            let mut definition = definition.clone();
            definition.reword(&words);
            Cow::Owned(definition)
        }
    }
}

fn document_of<T: Kind>(text: &str) -> Result<T, Misread> {
    let whole = |error: serde_json::Error| Misread { path: ".".into(), why: error.to_string() };
    T::read(serde_json::from_str(text).map_err(whole)?)
}

fn unreadable<T: Kind>(name: &str, wrong: &Misread) -> ! {
    fail(
        Code::ERRCODE_INVALID_PARAMETER_VALUE,
        format!("{} \"{name}\" cannot be read: {}: {}", T::WORDS, wrong.path, wrong.why),
        format!("Define it again with define_{}.", T::NAME),
    )
}

/// Keeps other sessions from dropping definitions of users that a segmentation is about to use, until the transaction ends.
pub fn hold<T: Kind>(names: &[&str]) {
    let own: Vec<&str> =
        names.iter().copied().filter(|name| builtin::<T>(name).is_none()).collect();
    for name in own {
        let held = write(
            "SELECT FROM customer_value.definition AS d WHERE d.kind = $1 AND d.name = $2 FOR SHARE",
            &[T::NAME.into(), name.into()],
        );
        if held == 0 {
            missing::<T>(name)
        }
    }
}

/// The error that a segmentation uses a definition, if one does.
pub fn require_unused<T: Kind>(name: &str, what: &str) {
    let used = rows(
        &format!(
            "SELECT s.view, customer_value_internal.segmentation_view(s) IS NULL \
             FROM customer_value.segmentation AS s WHERE {} ORDER BY 1 LIMIT 1",
            T::USES
        ),
        &[name.into()],
        |row| (text_of(row, 1), column::<bool>(row, 2).unwrap_or(false)),
    );
    let Some((view, gone)) = used.into_iter().next() else { return };
    fail(
        Code::ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST,
        format!("segmentation {view} uses {} \"{name}\", so {what}", T::WORDS),
        match gone {
            true => "Its view is gone: drop what is left of it with drop_segmentation, or take it up again with \
                     create_segmentation and another value of the option."
                .to_owned(),
            false => format!(
                "First take it out of option \"{}\" with alter_segmentation. Splits, cuts and labels can be \
                 changed freely; the next training uses them.",
                T::OPTION
            ),
        },
    )
}

/// (kind): name, document with everything spelled out, owner, whether it is built in.
#[pg_extern(sql = false)]
fn definitions(
    kind: &str,
) -> TableIterator<
    'static,
    (
        name!(name, Option<String>),
        name!(document, Option<String>),
        name!(owner, Option<String>),
        name!(builtin, Option<bool>),
    ),
> {
    fn all<T: Kind>() -> Vec<(String, Value, Option<String>, bool)> {
        let row =
            |known: Known<T>| (known.name, known.definition.explicit(), known.owner, known.builtin);
        stored(None).into_iter().map(row).collect()
    }
    let found = match kind {
        Scheme::NAME => all::<Scheme>(),
        Matrix::NAME => all::<Matrix>(),
        _ => Vec::new(),
    };
    TableIterator::new(found.into_iter().map(|(name, document, owner, builtin)| {
        (Some(name), Some(document.to_string()), owner, Some(builtin))
    }))
}

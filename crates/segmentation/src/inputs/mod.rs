//! What is known of customers beside their orders: optional inputs, each at most one row per customer, joined to the
//! histories.
//!
//! An input is a file here and an entry of [`ALL`]: an [`InputKind`], what is [`Given`], and an [`Input`]. The file
//! says by which option a user names the input, finds its table and columns, and tells its rows, its columns of the
//! view, and its signals. Nothing else knows which inputs there are: a segmentation carries those that its options name.
//! `events` and `orders` hold what several inputs share, `join` what is written for all of them.

mod answers;
mod channels;
mod events;
mod interactions;
mod join;
mod orders;
mod products;

pub use events::Events;
pub use join::{before, customer, join, join_now, known, left_out, per_customer};

use crate::catalogue::Catalogue;
use crate::model::{Contacts, Input, Segmentation};
use crate::options::{Misread, read, read_object};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::fmt::Debug;
use std::rc::Rc;

/// The inputs that there can be, in the order of their joins and their columns.
pub const ALL: &[InputKind] = &[interactions::KIND, answers::KIND, products::KIND, channels::KIND];

/// An input that there can be.
pub struct InputKind {
    /// The option that names it.
    pub option: &'static str,
    /// What the option may be, in the user's words.
    pub allowed: &'static str,
    /// Reads the option: [`table`] or [`column`] of a type that is [`Given`].
    pub read: fn(Value) -> Result<Rc<dyn Given>, Misread>,
}

/// What a user gave for the option of an input.
pub trait Given: Debug {
    /// Finds the table and the columns.
    fn find(&self, catalogue: &dyn Catalogue) -> Rc<dyn Input>;
}

/// Reads an option that names a table and its columns.
pub fn table<T: Given + DeserializeOwned + 'static>(
    value: Value,
) -> Result<Rc<dyn Given>, Misread> {
    Ok(Rc::new(read_object::<T>(value)?))
}

/// Reads an option that names a column.
pub fn column<T: Given + DeserializeOwned + 'static>(
    value: Value,
) -> Result<Rc<dyn Given>, Misread> {
    Ok(Rc::new(read::<T>(value)?))
}

/// The contacts of a segmentation; None without an input that holds any.
pub fn contacts(s: &Segmentation) -> Option<Contacts> {
    s.inputs.iter().find_map(|input| input.contacts(s))
}

/// Takes the options that name inputs out of all options, and reads them. NULL is as good as nothing.
pub fn take(
    kinds: &[InputKind],
    options: &mut Map<String, Value>,
) -> Result<Vec<Rc<dyn Given>>, Misread> {
    let given = kinds.iter().filter_map(|kind| Some((kind, options.remove(kind.option)?)));
    let given = given.filter(|(_, value)| !value.is_null());
    given.map(|(kind, value)| (kind.read)(value).map_err(|why| why.within(kind.option))).collect()
}

//! Changed rows to notes: kept histories are right as long as whoever changes an order notes its customer.
//!
//! A segmentation that keeps has a table of histories and one of touched customers; its source has triggers. `notes`
//! is what these run. `fingerprint` tells all that could let an order change unnoted, as it is; `gate` compares it with
//! what it was when histories were last kept, and lets a query read them if nothing differs, `noted` all but those of customers
//! who are noted. `row` is what the extension knows of a segmentation that keeps.

mod differences;
mod fingerprint;
mod gate;
mod noted;
mod notes;
mod remembered;
mod row;

pub use fingerprint::{Lack, lacking, new_in_this_transaction, partitions_are_known};
pub use notes::forget_noted;

/// The id of a segmentation.
pub type Id = [u8; 16];

/// Reads an id from the text of a uuid.
pub fn id_of(text: &str) -> Option<Id> {
    let mut digits = text.bytes().filter(|byte| *byte != b'-');
    let mut id = [0; 16];
    for byte in &mut id {
        let high = char::from(digits.next()?).to_digit(16)?;
        let low = char::from(digits.next()?).to_digit(16)?;
        *byte = (high * 16 + low) as u8;
    }
    digits.next().is_none().then_some(id)
}

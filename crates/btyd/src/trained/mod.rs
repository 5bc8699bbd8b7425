//! What a training finds of axes and matrices, packed so that it can be applied to millions of customers one by one.
//!
//! Both packed forms are read where they lie: a look-up walks over a short directory, decodes nothing that it does
//! not need and allocates nothing. Any bytes can be given to the readers; `validate` accepts exactly those that
//! `pack` writes.

pub mod axes;
pub mod matrices;

use crate::Error;

fn malformed(why: impl Into<String>) -> Error {
    Error::Malformed(why.into())
}

/// A name is 1 to 255 bytes of text, so that its length is one byte.
fn check_name(what: &str, name: &str) -> Result<(), Error> {
    match name.len() {
        1..=255 if !name.contains('\0') => Ok(()),
        _ => Err(malformed(format!("{what} must have 1 to 255 bytes"))),
    }
}

/// Finite numbers, none less than the one before.
fn rises(numbers: &[f64]) -> bool {
    numbers.iter().all(|number| number.is_finite()) && numbers.is_sorted()
}

/// The first `N` bytes, which are taken off.
fn take<'a, const N: usize>(bytes: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (first, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(first)
}

/// The first `len` bytes, which are taken off.
fn take_slice<'a>(bytes: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (first, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(first)
}

/// Doubles, packed.
#[derive(Debug, Clone, Copy)]
struct Doubles<'a>(&'a [u8]);

impl<'a> Doubles<'a> {
    /// Number `i`.
    #[inline]
    fn at(self, i: usize) -> f64 {
        let bytes = self.0.get(8 * i..8 * i + 8).and_then(|bytes| bytes.try_into().ok());
        f64::from_le_bytes(bytes.unwrap_or_default())
    }

    /// All of them.
    #[inline]
    fn iter(self) -> impl Iterator<Item = f64> + use<'a> {
        (0..self.0.len() / 8).map(move |i| self.at(i))
    }
}

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
#[inline]
fn take<'a, const N: usize>(bytes: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (first, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(first)
}

/// The first `len` bytes, which are taken off.
#[inline]
fn take_slice<'a>(bytes: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (first, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(first)
}

/// The longest text that the server can read where it lies, behind a head of one byte.
const LONGEST_SHORT: usize = 126;

/// A packed text: a head of one byte, then the text.
///
/// The head of a short text is the one that the server's own short values have on machines that keep the lowest byte
/// first, so that a look-up gives the text away where it lies, without a copy; that of a longer one is 0.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PackedText<'a>(&'a [u8]);

impl<'a> PackedText<'a> {
    /// The text of `len` bytes at the front, which is taken off.
    #[inline]
    pub fn take(bytes: &mut &'a [u8], len: usize) -> Option<Self> {
        take_slice(bytes, len + 1).map(PackedText)
    }

    /// Adds a text to what is packed.
    pub fn push(bytes: &mut Vec<u8>, text: &str) {
        bytes.push(Self::head(text.len()));
        bytes.extend(text.as_bytes());
    }

    #[inline]
    fn head(len: usize) -> u8 {
        if len <= LONGEST_SHORT { (len as u8 + 1) << 1 | 1 } else { 0 }
    }

    /// The text.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.0.get(1..).unwrap_or_default()
    }

    /// Head and text, if they are as the server itself keeps a value on this machine.
    #[inline]
    pub fn as_value(&self) -> Option<&'a [u8]> {
        let (head, text) = self.0.split_first()?;
        let fits = cfg!(target_endian = "little") && text.len() <= LONGEST_SHORT;
        (fits && *head == Self::head(text.len())).then_some(self.0)
    }
}

impl std::fmt::Debug for PackedText<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(self.bytes()))
    }
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

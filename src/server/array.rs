//! One-dimensional arrays of doubles, read where they lie.
//!
//! Layout: PostgreSQL, src/include/utils/array.h: dimensions, offset of the data (0 without NULLs), element type,
//! length, lower bound, a bit for each element that is not NULL if there are NULLs, the elements.

use super::call::Call;

/// An array of doubles.
#[derive(Clone, Copy)]
pub struct Doubles<'a> {
    numbers: &'a [u8],
    /// Which elements are there; empty for all.
    bitmap: &'a [u8],
    len: usize,
}

/// Bytes of the header of an array with one dimension, without its length word.
const HEAD: usize = 20;

impl<'a> Doubles<'a> {
    /// The array of argument `at`; None for one of another shape. An empty array has no dimension.
    #[inline]
    pub fn of(call: &'a Call, at: usize) -> Option<Self> {
        let bytes = call.bytes(at);
        let word = |i: usize| bytes.get(4 * i..4 * i + 4)?.try_into().ok().map(i32::from_ne_bytes);
        match word(0)? {
            0 => return Some(Doubles { numbers: &[], bitmap: &[], len: 0 }),
            1 => {}
            _ => return None,
        }
        let len = usize::try_from(word(3)?).ok()?;
        Some(match usize::try_from(word(1)?).ok()? {
            0 => Doubles { numbers: bytes.get(HEAD..)?, bitmap: &[], len },
            // counted from the length word
            offset => Doubles { numbers: bytes.get(offset - 4..)?, bitmap: &bytes[HEAD..], len },
        })
    }

    /// The array of argument `at`, without NULLs; None for any other.
    #[inline]
    pub fn plain(call: &'a Call, at: usize) -> Option<Self> {
        let array = Self::of(call, at)?;
        // a slice of an array with NULLs keeps the bits, though all may be set
        let whole = |i: usize| array.bitmap.get(i / 8).is_none_or(|byte| byte >> (i % 8) & 1 == 1);
        (array.bitmap.is_empty() || (0..array.len).all(whole)).then_some(array)
    }

    /// Number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Element `i` of an array without NULLs, from 0.
    #[inline]
    pub fn at(&self, i: usize) -> f64 {
        let bytes = self.numbers.get(8 * i..8 * i + 8).and_then(|bytes| bytes.try_into().ok());
        f64::from_ne_bytes(bytes.unwrap_or_default())
    }

    /// The elements of an array without NULLs.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = f64> + use<'a> {
        (0..self.len).map(move |i| self.at(i))
    }

    /// The elements, None for NULL.
    pub fn nullable(self) -> impl Iterator<Item = Option<f64>> + use<'a> {
        let mut read = 0;
        (0..self.len).map(move |i| {
            let there = self.bitmap.get(i / 8).is_none_or(|byte| byte >> (i % 8) & 1 == 1);
            there.then(|| {
                read += 1;
                self.at(read - 1)
            })
        })
    }
}

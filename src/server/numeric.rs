//! Money of the server: numerics read where they lie, and made by the server's own functions.
//!
//! Layout of a numeric: PostgreSQL, src/backend/utils/adt/numeric.c ("struct NumericData"), unchanged
//! since 9.1: a header word with sign and display scale, the weight (in the header where short), then
//! digits of base 10,000.

use super::error::OrFail;
use btyd::Error;
use btyd::decimal::{Decimal, MAX_SCALE, POW10};
use pgrx::pg_sys;

const KIND: u16 = 0xC000;
const NEGATIVE: u16 = 0x4000;
const SHORT: u16 = 0x8000;
const SPECIAL: u16 = 0xC000;

/// A numeric that the server holds, as its bytes without the header of variable length.
pub struct Money<'a>(pub &'a [u8]);

/// Sign, display scale, weight and digits of a finite numeric.
struct Parts<'a> {
    negative: bool,
    scale: u16,
    weight: i16,
    digits: &'a [u8],
}

impl<'a> Money<'a> {
    /// The exact value at its display scale; None for NaN and infinity.
    #[inline]
    pub fn read(&self) -> Option<Result<Decimal, Error>> {
        let parts = self.parts()?;
        let scale = u8::try_from(parts.scale).ok().filter(|&scale| scale <= MAX_SCALE);
        Some(match (scale, parts.digits.len()) {
            (Some(scale), 0..=8) => parts.narrow(scale),
            (Some(scale), _) => parts.wide(scale),
            (None, _) => parts.wide(MAX_SCALE).map(Decimal::without_zeros),
        })
    }

    #[inline]
    fn parts(&self) -> Option<Parts<'a>> {
        let word = |at: usize| {
            let bytes = self.0.get(at..at + 2).and_then(|bytes| bytes.try_into().ok());
            u16::from_ne_bytes(bytes.unwrap_or_default())
        };
        let header = word(0);
        let digits = |from: usize| self.0.get(from..).unwrap_or(&[]);
        match header & KIND {
            SPECIAL => None,
            SHORT => {
                // six bits of weight and its sign
                let weight = ((header & 0x7F) << 9) as i16 >> 9;
                let (negative, scale) = (header & 0x2000 != 0, (header & 0x1F80) >> 7);
                Some(Parts { negative, scale, weight, digits: digits(2) })
            }
            sign => {
                let (negative, scale) = (sign == NEGATIVE, header & 0x3FFF);
                Some(Parts { negative, scale, weight: word(2) as i16, digits: digits(4) })
            }
        }
    }

    /// A new numeric in the current memory context.
    pub fn build(value: Decimal) -> pg_sys::Datum {
        // SAFETY: both are the server's own functions, given what they are declared for.
        unsafe {
            if let Ok(small) = i64::try_from(value.mantissa) {
                let numeric = pg_sys::int64_div_fast_to_numeric(small, value.scale.into());
                return pg_sys::Datum::from(numeric);
            }
            let text = std::ffi::CString::new(value.to_string()).unwrap_or_default();
            let any = pg_sys::InvalidOid;
            let args = [text.as_ptr().into(), any.into(), pg_sys::Datum::from(-1i32)];
            pgrx::direct_function_call_as_datum(pg_sys::numeric_in, &args.map(Some))
                .unwrap_or(pg_sys::Datum::null())
        }
    }
}

impl Parts<'_> {
    fn digits(&self) -> impl Iterator<Item = u16> + '_ {
        let digits = self.digits.chunks_exact(2);
        digits.map(|pair| u16::from_ne_bytes(pair.try_into().unwrap_or_default()))
    }

    /// Decimal places by which the digits, read as one whole number, have to be moved up.
    #[inline]
    fn shift(&self, scale: u8) -> i32 {
        let places = i32::from(self.weight) + 1 - (self.digits.len() / 2) as i32;
        4 * places + i32::from(scale)
    }

    fn signed(&self, magnitude: u128, scale: u8) -> Result<Decimal, Error> {
        let mantissa = i128::try_from(magnitude).map_err(|_| Error::OutOfRange)?;
        Ok(Decimal { mantissa: if self.negative { -mantissa } else { mantissa }, scale })
    }

    /// Up to four digits: 64 bits hold them.
    #[inline]
    fn narrow(&self, scale: u8) -> Result<Decimal, Error> {
        let whole = self.digits().fold(0u64, |sum, digit| sum * 10_000 + u64::from(digit));
        let shift = self.shift(scale);
        let magnitude = match shift {
            // no more than three, of zeros beyond the display scale
            ..0 => u128::from(whole / POW10[shift.unsigned_abs() as usize % 39] as u64),
            0..3 => u128::from(whole * POW10[shift as usize] as u64),
            _ => return self.moved(whole.into(), shift, scale),
        };
        self.signed(magnitude, scale)
    }

    #[cold]
    fn wide(&self, scale: u8) -> Result<Decimal, Error> {
        let mut whole = 0u128;
        let shift = self.shift(scale);
        if shift >= 0 {
            for digit in self.digits() {
                whole = whole.checked_mul(10_000).ok_or(Error::OutOfRange)?;
                whole = whole.checked_add(digit.into()).ok_or(Error::OutOfRange)?;
            }
            return self.moved(whole, shift, scale);
        }
        // digits below the scale: only zeros may be dropped
        let (mut drop, mut digits) = (shift.unsigned_abs(), self.digits().collect::<Vec<_>>());
        while drop >= 4 && digits.last() == Some(&0) {
            digits.pop();
            drop -= 4;
        }
        let last_drop = drop.min(4);
        let last = digits.pop().unwrap_or(0);
        let unit = POW10[last_drop as usize % 39];
        if drop > 4 || u128::from(last) % unit != 0 {
            return Err(Error::OutOfRange);
        }
        for digit in digits {
            whole = whole.checked_mul(10_000).ok_or(Error::OutOfRange)?;
            whole = whole.checked_add(digit.into()).ok_or(Error::OutOfRange)?;
        }
        let shifted = whole.checked_mul(10_000 / unit).ok_or(Error::OutOfRange)?;
        let whole = shifted.checked_add(u128::from(last) / unit).ok_or(Error::OutOfRange)?;
        self.signed(whole, scale)
    }

    fn moved(&self, whole: u128, shift: i32, scale: u8) -> Result<Decimal, Error> {
        if whole == 0 {
            return self.signed(0, scale);
        }
        let factor = POW10.get(shift as usize).ok_or(Error::OutOfRange)?;
        self.signed(whole.checked_mul(*factor).ok_or(Error::OutOfRange)?, scale)
    }
}

/// The nearest double of a finite numeric, by the server's own cast where it has more than 38 digits; None for NaN and
/// infinity.
pub fn cast_to_f64(call: &super::call::Call, at: usize) -> Option<f64> {
    if let Ok(amount) = Money(call.bytes(at)).read()? {
        return Some(amount.to_f64());
    }
    // SAFETY: numeric_float8 takes a numeric and returns a double by value.
    let cast = unsafe {
        pgrx::direct_function_call_as_datum(pg_sys::numeric_float8, &[Some(call.datum(at))])
    };
    cast.map(|cast| f64::from_bits(cast.value() as u64))
}

/// The nearest double of a finite numeric; None for NaN and infinity.
pub fn to_f64(bytes: &[u8]) -> Option<f64> {
    Some(Money(bytes).read()?.or_fail().to_f64())
}

/// Digits after the point of `money`, as the server's own cast to numeric gives them.
pub fn cash_scale() -> u8 {
    // SAFETY: cash_numeric takes an amount of money by value and returns a new numeric.
    let numeric = unsafe {
        pgrx::direct_function_call_as_datum(
            pg_sys::cash_numeric,
            &[Some(pg_sys::Datum::from(1i64))],
        )
    };
    // SAFETY: a numeric is of variable length.
    let bytes = numeric.map(|datum| unsafe { super::varlena::bytes(datum) });
    let one = bytes.and_then(|bytes| Money(bytes).read()).and_then(Result::ok);
    one.map_or(2, |one| one.scale)
}

//! Exact decimals: a whole number of units of 10^-scale.

use crate::Error;

/// The largest scale: digits after the decimal point.
pub const MAX_SCALE: u8 = 38;

/// The most digits after the decimal point that are read of a float: what arithmetic in binary leaves of 0.1 + 0.2 − 0.3 is
/// no amount.
pub const FLOAT_SCALE: u8 = 10;

/// Powers of ten up to 10^38, the largest that fits 128 bits.
pub const POW10: [u128; 39] = {
    let mut table = [1u128; 39];
    let mut i = 1;
    while i < 39 {
        table[i] = table[i - 1] * 10;
        i += 1;
    }
    table
};

/// Whole numbers up to here are exact in a double.
const EXACT_IN_F64: u128 = 1 << 53;

/// `mantissa` · 10^-`scale`. The scale is part of the value shown (1.50 is not 1.5), not of its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    /// The value in units of 10^-scale.
    pub mantissa: i128,
    /// Digits after the decimal point, at most [`MAX_SCALE`].
    pub scale: u8,
}

impl Decimal {
    /// The difference of two magnitudes of one scale.
    pub fn difference(plus: u128, minus: u128, scale: u8) -> Result<Self, Error> {
        let signed = |x: u128| i128::try_from(x).map_err(|_| Error::OutOfRange);
        let mantissa = signed(plus)? - signed(minus)?;
        Ok(Decimal { mantissa, scale })
    }

    /// `total` / `count`, both at least 0 and `count` above 0, with `more` digits beyond those of the
    /// total (as far as [`MAX_SCALE`] allows), rounded half up.
    pub fn mean(total: u128, count: u64, scale: u8, more: u8) -> Result<Self, Error> {
        let count = u128::from(count);
        let wide = scale.saturating_add(more).min(MAX_SCALE);
        let shift = POW10[usize::from(wide.saturating_sub(scale))];
        let whole = (total / count).checked_mul(shift).ok_or(Error::OutOfRange)?;
        let rest = (total % count).checked_mul(2 * shift).ok_or(Error::OutOfRange)?;
        // half up, without a sum that could overflow
        let up = u128::from(rest % (2 * count) >= count);
        let mantissa = whole.checked_add(rest / (2 * count) + up);
        let mantissa = mantissa.and_then(|m| i128::try_from(m).ok()).ok_or(Error::OutOfRange)?;
        Ok(Decimal { mantissa, scale: wide })
    }

    /// The nearest double. Equal values give the same double whatever their scale.
    pub fn to_f64(self) -> f64 {
        let magnitude = self.mantissa.unsigned_abs();
        if magnitude < EXACT_IN_F64 && self.scale <= 22 {
            // both exact in a double, so the quotient is rounded once
            self.mantissa as f64 / POW10[usize::from(self.scale)] as f64
        } else {
            let text = ShortText::of(self);
            text.as_ref().and_then(|text| text.as_str().parse().ok()).unwrap_or(0.0)
        }
    }

    /// Reads `-12.50`: digits, at most one point, an optional sign; no exponent, no spaces.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let (negative, digits) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            all => (false, all),
        };
        let malformed = || Error::Malformed(format!("\"{text}\" is not a decimal number"));
        let (mut mantissa, mut scale, mut seen, mut point) = (0i128, 0u8, false, false);
        for &byte in digits {
            match byte {
                b'0'..=b'9' => {
                    let digit = i128::from(byte - b'0');
                    mantissa = mantissa
                        .checked_mul(10)
                        .and_then(|m| m.checked_add(digit))
                        .ok_or(Error::OutOfRange)?;
                    scale += u8::from(point);
                    seen = true;
                }
                b'.' if !point => point = true,
                _ => return Err(malformed()),
            }
            if scale > MAX_SCALE {
                return Err(Error::OutOfRange);
            }
        }
        if !seen {
            return Err(malformed());
        }
        Ok(Decimal { mantissa: if negative { -mantissa } else { mantissa }, scale })
    }

    /// The decimal that the shortest text of a double shows, as 0.1 for 0.1, to [`FLOAT_SCALE`] places; a half is rounded
    /// away from 0. None for NaN and infinity.
    pub fn from_f64(value: f64) -> Option<Result<Self, Error>> {
        if !value.is_finite() {
            return None;
        }
        let cents = (value * 100.0).round();
        // a decimal of at most 15 digits that reads back as the value is its shortest one
        if cents.abs() < 1e15 && cents / 100.0 == value {
            return Some(Ok(Decimal { mantissa: cents as i128, scale: 2 }.without_zeros()));
        }
        Some(Self::shortest(value))
    }

    /// The same of a single.
    pub fn from_f32(value: f32) -> Option<Result<Self, Error>> {
        value.is_finite().then(|| Self::shortest(value))
    }

    /// Of a number that is finite.
    fn shortest(value: impl std::fmt::LowerExp) -> Result<Self, Error> {
        // digits with a point after the first one, and the power of ten of that
        let text = ShortText::of(format_args!("{value:e}")).ok_or(Error::OutOfRange)?;
        let (digits, power) = text.as_str().split_once('e').ok_or(Error::OutOfRange)?;
        let digits = Self::parse(digits)?;
        let power = power.parse::<i32>().map_err(|_| Error::OutOfRange)?;
        let scale = i32::from(digits.scale) - power;
        let more = scale - i32::from(FLOAT_SCALE);
        let shift = |by: i32| POW10.get(by as usize).and_then(|&power| i128::try_from(power).ok());
        let rounded = if scale <= 0 {
            let whole = shift(-scale).and_then(|power| digits.mantissa.checked_mul(power));
            Decimal { mantissa: whole.ok_or(Error::OutOfRange)?, scale: 0 }
        } else if more <= 0 {
            Decimal { mantissa: digits.mantissa, scale: scale as u8 }
        } else {
            // a unit beyond all digits leaves 0
            let mantissa = shift(more).map_or(0, |unit| {
                let half = if digits.mantissa < 0 { -unit / 2 } else { unit / 2 };
                (digits.mantissa + half) / unit
            });
            Decimal { mantissa, scale: FLOAT_SCALE }
        };
        Ok(rounded.without_zeros())
    }

    /// The same value with the zeros after its last digit taken away.
    pub fn without_zeros(mut self) -> Self {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }
}

/// A text on the stack, long enough for any decimal of 38 digits.
struct ShortText {
    bytes: [u8; 64],
    len: usize,
}

impl ShortText {
    /// The text of a value; None if it is longer.
    fn of(value: impl std::fmt::Display) -> Option<Self> {
        let mut text = ShortText { bytes: [0; 64], len: 0 };
        std::fmt::Write::write_fmt(&mut text, format_args!("{value}")).ok()?;
        Some(text)
    }

    fn as_str(&self) -> &str {
        self.bytes.get(..self.len).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("")
    }
}

impl std::fmt::Write for ShortText {
    fn write_str(&mut self, part: &str) -> std::fmt::Result {
        let end = self.len + part.len();
        let room = self.bytes.get_mut(self.len..end).ok_or(std::fmt::Error)?;
        room.copy_from_slice(part.as_bytes());
        self.len = end;
        Ok(())
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = POW10[usize::from(self.scale)];
        let magnitude = self.mantissa.unsigned_abs();
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if self.scale == 0 {
            return write!(f, "{sign}{magnitude}");
        }
        let (whole, part) = (magnitude / unit, magnitude % unit);
        write!(f, "{sign}{whole}.{part:0width$}", width = usize::from(self.scale))
    }
}

/// `num` / `den` as a double: rounded once while both are below 2^53, within 2.5 units in the last
/// place beyond.
pub fn ratio(num: u128, den: u128) -> f64 {
    num as f64 / den as f64
}

//! Whole numbers of seven bits a byte, lowest first, the top bit set on all bytes but the last.

/// A day as a number without sign, small where the day is near 0.
pub fn zigzag(day: i32) -> u32 {
    (day << 1 ^ day >> 31) as u32
}

/// The day that [`zigzag`] was given.
pub fn unzigzag(word: u32) -> i32 {
    (word >> 1) as i32 ^ -((word & 1) as i32)
}

/// Bytes that the number takes.
#[inline]
pub fn number_len(number: u128) -> usize {
    let bits = match u64::try_from(number) {
        Ok(small) => 64 - (small | 1).leading_zeros(),
        Err(_) => 128 - number.leading_zeros(),
    };
    bits.div_ceil(7) as usize
}

/// Writes numbers; what does not fit is counted, but not written.
pub struct Writer<'a> {
    /// Room for the bytes.
    pub out: &'a mut [u8],
    /// How many have been written.
    pub at: usize,
}

impl Writer<'_> {
    /// Appends a byte.
    #[inline]
    pub fn byte(&mut self, byte: u8) {
        if let Some(slot) = self.out.get_mut(self.at) {
            *slot = byte;
        }
        self.at += 1;
    }

    /// Appends a number.
    #[inline]
    pub fn number(&mut self, number: u128) {
        let mut rest = number;
        while rest > u128::from(u64::MAX) {
            self.byte(rest as u8 | 0x80);
            rest >>= 7;
        }
        let mut rest = rest as u64;
        while rest > 0x7f {
            self.byte(rest as u8 | 0x80);
            rest >>= 7;
        }
        self.byte(rest as u8);
    }
}

/// Reads numbers; past the end everything is zero, so that no input can make it fail.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// What has not been read.
    pub rest: &'a [u8],
}

impl Reader<'_> {
    /// The next number, below 2^64.
    #[inline]
    pub fn number(&mut self) -> u64 {
        let (mut number, mut shift) = (0u64, 0);
        while let Some((&byte, rest)) = self.rest.split_first() {
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
            shift = (shift + 7) & 63;
        }
        number
    }

    /// The next number, of any size.
    #[inline]
    pub fn amount(&mut self) -> u128 {
        let start = self.rest;
        let (mut number, mut shift) = (0u64, 0);
        while let Some((&byte, rest)) = self.rest.split_first() {
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return number.into();
            }
            shift += 7;
            if shift > 56 {
                self.rest = start;
                return self.wide_amount();
            }
        }
        number.into()
    }

    #[cold]
    fn wide_amount(&mut self) -> u128 {
        let (mut number, mut shift) = (0u128, 0);
        while let Some((&byte, rest)) = self.rest.split_first() {
            self.rest = rest;
            number |= u128::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
            shift = (shift + 7).min(126);
        }
        number
    }
}

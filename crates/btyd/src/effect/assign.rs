//! Who is held out: by a hash that is the same everywhere.

/// Whether a customer is held out, of whom a share from 0 to 1 is.
///
/// The first eight bytes of SHA-256 over the salt, a zero byte and the customer, in UTF-8, are a number from 0 to 2⁶⁴; who
/// is below that share of 2⁶⁴ is held out. The comparison is exact, so whom a share holds out, a larger one holds out, too.
pub fn is_held_out(customer: &str, salt: &str, share: f64) -> bool {
    let digest = sha256(&[salt.as_bytes(), &[0], customer.as_bytes()]);
    let place = u64::from_be_bytes([0, 1, 2, 3, 4, 5, 6, 7].map(|at| digest[at]));
    // a multiple of a power of two is exact, and so is what rounds it up to a whole number
    u128::from(place) < (share * 2f64.powi(64)).ceil() as u128
}

/// SHA-256 (FIPS 180-4) of parts, one after another.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut state = STATE;
    let (mut block, mut filled, mut length) = ([0u8; 64], 0, 0u64);
    let mut feed = |byte: u8| {
        block[filled] = byte;
        filled += 1;
        if filled == block.len() {
            mix(&mut state, &block);
            filled = 0;
        }
        filled
    };
    for &byte in parts.iter().copied().flatten() {
        feed(byte);
        length += 8;
    }
    let mut at = feed(0x80);
    while at != 56 {
        at = feed(0);
    }
    length.to_be_bytes().into_iter().for_each(|byte| {
        feed(byte);
    });
    let mut digest = [0; 32];
    for (to, word) in digest.chunks_exact_mut(4).zip(state) {
        to.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

/// Mixes a block into the state.
fn mix(state: &mut [u32; 8], block: &[u8; 64]) {
    let mut words = [0u32; 64];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |word, &byte| word << 8 | u32::from(byte));
    }
    for at in 16..64 {
        let (a, b) = (words[at - 15], words[at - 2]);
        let a = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
        let b = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
        words[at] = words[at - 16].wrapping_add(a).wrapping_add(words[at - 7]).wrapping_add(b);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (word, round) in words.into_iter().zip(ROUNDS) {
        let sum = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let first = h
            .wrapping_add(sum)
            .wrapping_add((e & f) ^ (!e & g))
            .wrapping_add(round)
            .wrapping_add(word);
        let sum = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let second = sum.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        (h, g, f, e) = (g, f, e, d.wrapping_add(first));
        (d, c, b, a) = (c, b, a, first.wrapping_add(second));
    }
    for (to, from) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *to = to.wrapping_add(from);
    }
}

/// The first 32 bits of the fractional parts of the square roots of the first 8 primes.
const STATE: [u32; 8] = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/// The same of the cube roots of the first 64.
const ROUNDS: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

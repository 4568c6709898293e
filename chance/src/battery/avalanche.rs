//! Avalanche: one flipped bit of an address flips every bit of the word with probability ½.

use super::examine::deviation;
use super::{Finding, significance};
use crate::{Chance, Purpose};

/// Parts of an address: name, bits that may be flipped, the word of an address with the part xored.
type Part = (&'static str, u32, fn(&[u64; 5], u64) -> u64);

const PARTS: [Part; 5] = [
    ("seed", 64, |a, flip| word(a[0] ^ flip, a[1], a[2], a[3], a[4])),
    ("replication", 32, |a, flip| word(a[0], a[1] ^ flip, a[2], a[3], a[4])),
    ("group", 32, |a, flip| word(a[0], a[1], a[2] ^ flip, a[3], a[4])),
    ("entity", 40, |a, flip| word(a[0], a[1], a[2], a[3] ^ flip, a[4])),
    ("repeat", 20, |a, flip| word(a[0], a[1], a[2], a[3], a[4] ^ flip)),
];

fn word(seed: u64, replication: u64, group: u64, entity: u64, repeat: u64) -> u64 {
    let stream = Chance::new(seed, replication as u32).stream(Purpose::Talk, group as u32);
    stream.draw_again(entity, repeat).next_word()
}

/// Flips each bit of each part, for addresses counted up from small numbers as real ones are.
pub(super) fn flipped_bits(seed: u64, words: u64, findings: &mut Vec<Finding>) {
    let flips: u32 = PARTS.iter().map(|part| part.1).sum();
    let trials = (words / (2 * u64::from(flips))).max(1);
    for (name, bits, read) in PARTS {
        let mut statistic = 0.0;
        for bit in 0..bits {
            statistic += flip(seed, 1 << bit, trials, read);
        }
        // Output bits are independent, so every (input bit, output bit) adds a squared normal number.
        let p = significance::of_chi_square(statistic, 64.0 * f64::from(bits));
        let words = 2 * trials * u64::from(bits);
        findings.push(Finding { order: "flipped bits", test: name, words, p });
    }
}

/// Returns the sum over output bits of the squared deviation from half the trials.
fn flip(seed: u64, bit: u64, trials: u64, read: fn(&[u64; 5], u64) -> u64) -> f64 {
    let mut flipped = [0_u64; 64];
    for trial in 0..trials {
        let address = [seed, trial % 100, trial % 7, trial, trial % 3];
        let change = read(&address, 0) ^ read(&address, bit);
        for (position, count) in flipped.iter_mut().enumerate() {
            *count += change >> position & 1;
        }
    }
    flipped.iter().map(|count| deviation(*count, trials) * deviation(*count, trials)).sum()
}

//! The tests on one sequence of words, all in one pass.

use super::{Finding, significance};

/// Words of a block of the birthday-spacings test, and how many blocks go by between two of them.
const BLOCK: usize = 4096;
const BLOCK_EVERY: u64 = 8;
/// Gaps of this length and more are one cell.
const GAP_MAX: usize = 128;
/// A gap ends at a number below 1/16.
const GAP_ENDS: f64 = 1.0 / 16.0;
/// The longest lag of the serial correlation.
const LAG_MAX: usize = 1024;

/// Reads `words` words by index and adds a finding per test. `stride` is the distance in the sequence at which another
/// dimension of the address has its neighbour.
pub(super) fn all(
    order: &'static str,
    words: u64,
    stride: usize,
    findings: &mut Vec<Finding>,
    mut word: impl FnMut(u64) -> u64,
) {
    let mut tally = Tally::new(stride);
    for index in 0..words {
        tally.take(index, word(index));
    }
    let mut add = |test, p| findings.push(Finding { order, test, words, p });
    add("bits, each position", tally.bits(words));
    add("bytes, each position", tally.bytes());
    add("upper 16 bits", significance::of_equal_counts(&tally.upper));
    add("uniform distribution", significance::of_kolmogorov(&tally.upper));
    add("pairs, upper bytes", significance::of_equal_counts(&tally.upper_pairs));
    add("pairs, lower bytes", significance::of_equal_counts(&tally.lower_pairs));
    add("bits in a word", significance::of_counts(&tally.weights, &binomial_64()));
    add("bits changed from word to word", significance::of_counts(&tally.changes, &binomial_64()));
    add("runs of the highest bit", half(tally.runs[0], words - 1));
    add("runs of the lowest bit", half(tally.runs[1], words - 1));
    add("serial correlation, lag 1", correlation(tally.products[0], words - 1));
    add("serial correlation, lag 2", correlation(tally.products[1], words - 2));
    add("serial correlation, stride", correlation(tally.products[2], words - stride as u64));
    add("gaps", significance::of_counts(&tally.gaps, &geometric()));
    add("birthday spacings", tally.birthdays());
}

/// Counts of one pass.
struct Tally {
    lags: [usize; 3],
    previous: u64,
    /// The last uniform numbers, less ½, by index modulo [`LAG_MAX`].
    recent: Vec<f64>,
    bytes: Vec<[u64; 256]>,
    upper: Vec<u64>,
    upper_pairs: Vec<u64>,
    lower_pairs: Vec<u64>,
    weights: [u64; 65],
    changes: [u64; 65],
    runs: [u64; 2],
    products: [f64; 3],
    gap: usize,
    gaps: [u64; GAP_MAX + 1],
    block: Vec<u32>,
    blocks: u64,
    equal_spacings: u64,
}

impl Tally {
    fn new(stride: usize) -> Self {
        assert!((1..LAG_MAX).contains(&stride), "stride exceeds the longest lag");
        Self {
            lags: [1, 2, stride],
            previous: 0,
            recent: vec![0.0; LAG_MAX],
            bytes: vec![[0; 256]; 8],
            upper: vec![0; 1 << 16],
            upper_pairs: vec![0; 1 << 16],
            lower_pairs: vec![0; 1 << 16],
            weights: [0; 65],
            changes: [0; 65],
            runs: [0; 2],
            products: [0.0; 3],
            gap: 0,
            gaps: [0; GAP_MAX + 1],
            block: Vec::with_capacity(BLOCK),
            blocks: 0,
            equal_spacings: 0,
        }
    }

    fn take(&mut self, index: u64, word: u64) {
        for (position, byte) in word.to_le_bytes().into_iter().enumerate() {
            self.bytes[position][usize::from(byte)] += 1;
        }
        self.upper[(word >> 48) as usize] += 1;
        self.weights[word.count_ones() as usize] += 1;
        if index > 0 {
            self.take_change(index, word);
        }
        self.take_uniform(index, (word >> 11) as f64 / (1_u64 << 53) as f64);
        if (index / BLOCK as u64).is_multiple_of(BLOCK_EVERY) {
            self.take_birthday(word);
        }
        self.previous = word;
    }

    /// What depends on the word before. Changes between independent uniform words are themselves independent.
    fn take_change(&mut self, index: u64, word: u64) {
        let change = word ^ self.previous;
        self.changes[change.count_ones() as usize] += 1;
        self.runs[0] += change >> 63;
        self.runs[1] += change & 1;
        if index % 2 == 1 {
            self.upper_pairs[((word >> 56) << 8 | self.previous >> 56) as usize] += 1;
            self.lower_pairs[((word & 0xFF) << 8 | self.previous & 0xFF) as usize] += 1;
        }
    }

    fn take_uniform(&mut self, index: u64, uniform: f64) {
        let centred = uniform - 0.5;
        for (lag, product) in self.lags.iter().zip(&mut self.products) {
            // Before the first word the ring holds zeros, which add nothing.
            *product += centred * self.recent[(index as usize).wrapping_sub(*lag) % LAG_MAX];
        }
        self.recent[index as usize % LAG_MAX] = centred;
        if uniform < GAP_ENDS {
            self.gaps[self.gap.min(GAP_MAX)] += 1;
            self.gap = 0;
        } else {
            self.gap += 1;
        }
    }

    /// Marsaglia's birthday spacings: among the spacings of m random days in a year of n, about Poisson(m³ ÷ 4n) repeat.
    /// Words of a lattice space themselves too evenly.
    fn take_birthday(&mut self, word: u64) {
        self.block.push((word >> 32) as u32);
        if self.block.len() < BLOCK {
            return;
        }
        self.block.sort_unstable();
        let mut spacings: Vec<u32> = self.block.windows(2).map(|pair| pair[1] - pair[0]).collect();
        spacings.sort_unstable();
        self.equal_spacings += spacings.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64;
        self.blocks += 1;
        self.block.clear();
    }

    fn birthdays(&self) -> f64 {
        let block = BLOCK as f64;
        let expected = self.blocks as f64 * block * block * block / (4.0 * (1_u64 << 32) as f64);
        significance::of_normal((self.equal_spacings as f64 - expected) / expected.sqrt())
    }

    fn bits(&self, words: u64) -> f64 {
        let mut statistic = 0.0;
        for counts in &self.bytes {
            for bit in 0..8 {
                let ones: u64 =
                    (0..256).filter(|byte| byte >> bit & 1 == 1).map(|byte| counts[byte]).sum();
                let z = deviation(ones, words);
                statistic += z * z;
            }
        }
        significance::of_chi_square(statistic, 64.0)
    }

    fn bytes(&self) -> f64 {
        let expected = self.bytes[0].iter().sum::<u64>() as f64 / 256.0;
        let squares: f64 = self
            .bytes
            .iter()
            .flatten()
            .map(|count| (*count as f64 - expected) * (*count as f64 - expected))
            .sum();
        significance::of_chi_square(squares / expected, 8.0 * 255.0)
    }
}

/// Returns how many standard deviations a count is from half of the trials.
pub(super) fn deviation(count: u64, trials: u64) -> f64 {
    let trials = trials as f64;
    (count as f64 - 0.5 * trials) / (0.5 * trials.sqrt())
}

fn half(count: u64, trials: u64) -> f64 {
    significance::of_normal(deviation(count, trials))
}

/// Products of independent uniforms about their mean have mean 0 and variance 1/144.
fn correlation(products: f64, count: u64) -> f64 {
    significance::of_normal(12.0 * products / (count as f64).sqrt())
}

/// Probabilities of 0 to 64 ones among 64 fair bits.
fn binomial_64() -> [f64; 65] {
    let mut probabilities = [0.0; 65];
    let mut probability = 1.0 / (1_u128 << 64) as f64;
    for (ones, cell) in probabilities.iter_mut().enumerate() {
        *cell = probability;
        probability *= (64 - ones) as f64 / (ones + 1) as f64;
    }
    probabilities
}

/// Probabilities of gaps of 0, 1, … numbers, the last cell being all that are longer.
fn geometric() -> [f64; GAP_MAX + 1] {
    let mut probabilities = [0.0; GAP_MAX + 1];
    let mut rest = 1.0;
    for cell in &mut probabilities[..GAP_MAX] {
        *cell = rest * GAP_ENDS;
        rest *= 1.0 - GAP_ENDS;
    }
    probabilities[GAP_MAX] = rest;
    probabilities
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::battery::failures;

    fn failed(word: impl FnMut(u64) -> u64) -> Vec<&'static str> {
        let mut findings = Vec::new();
        all("of a test", 1_000_000, 16, &mut findings, word);
        failures(&findings).into_iter().map(|finding| finding.test).collect()
    }

    #[test]
    fn a_counter_without_finaliser_is_caught() {
        let failed = failed(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        assert!(failed.len() > 5, "{failed:?}");
    }

    #[test]
    fn a_finaliser_with_one_round_is_caught() {
        let failed = failed(|i| {
            let word = i.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            word ^ (word >> 31)
        });
        assert!(failed.contains(&"bits changed from word to word"), "{failed:?}");
    }

    #[test]
    fn one_bit_that_follows_its_neighbour_sometimes_is_caught() {
        let stream = crate::Chance::new(1, 0).stream(crate::Purpose::Talk, 0);
        let failed = failed(|i| {
            // Every hundredth word repeats the highest bit of the word before.
            let word = stream.draw(i).next_word();
            if i % 100 == 1 {
                word & !(1 << 63) | stream.draw(i - 1).next_word() & 1 << 63
            } else {
                word
            }
        });
        assert!(failed.contains(&"runs of the highest bit"), "{failed:?}");
    }
}

//! Tones made and measured: markers in tests, and what digits are made of.

use core::f64::consts::TAU;

use super::RATE;

/// Full scale of a sample.
const FULL: f64 = 32_767.0;

/// A sine that goes on across frames.
#[derive(Debug, Clone)]
pub struct Tone {
    hertz: f64,
    amplitude: f64,
    samples: u64,
}

impl Tone {
    /// Makes a tone; `level` is its amplitude as a share of full scale, 0 to 1.
    pub fn new(hertz: f64, level: f64) -> Self {
        Self { hertz, amplitude: FULL * level.clamp(0.0, 1.0), samples: 0 }
    }
}

impl Iterator for Tone {
    type Item = i16;

    /// The next sample; there is no end.
    #[expect(clippy::cast_possible_truncation, reason = "at most full scale")]
    #[expect(clippy::cast_precision_loss, reason = "exact for 35,000 years")]
    fn next(&mut self) -> Option<i16> {
        let turns = self.samples as f64 * self.hertz / f64::from(RATE);
        self.samples += 1;
        // Whole turns are cut off first: the sine of a large number is inexact.
        Some(libm::round(self.amplitude * libm::sin(TAU * (turns - libm::floor(turns)))) as i16)
    }
}

/// Measures one frequency in a stretch of samples (Goertzel 1958).
///
/// The result is the amplitude of a sine of that frequency as a share of full scale: 1 for a full
/// one. A frequency `RATE / samples.len()` away is not seen.
pub fn level(samples: &[i16], hertz: f64) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let mut filter = Goertzel::new(hertz);
    samples.iter().for_each(|&sample| filter.handle(f64::from(sample)));
    let count = f64::from(u32::try_from(samples.len()).unwrap_or(u32::MAX));
    2.0 * libm::sqrt(filter.power()) / (count * FULL)
}

/// Root of the mean square of samples, as a share of full scale: 0.707 for a full sine.
pub fn loudness(samples: &[i16]) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let squares: f64 = samples.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
    let count = f64::from(u32::try_from(samples.len()).unwrap_or(u32::MAX));
    libm::sqrt(squares / count) / FULL
}

/// The Goertzel filter of one frequency.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goertzel {
    coefficient: f64,
    last: f64,
    before: f64,
}

impl Goertzel {
    pub(crate) fn new(hertz: f64) -> Self {
        let coefficient = 2.0 * libm::cos(TAU * hertz / f64::from(RATE));
        Self { coefficient, last: 0.0, before: 0.0 }
    }

    #[inline]
    pub(crate) fn handle(&mut self, sample: f64) {
        let next = sample + self.coefficient * self.last - self.before;
        (self.before, self.last) = (self.last, next);
    }

    /// The squared sum of what is in phase and what is a quarter turn off.
    pub(crate) fn power(&self) -> f64 {
        let cross = self.coefficient * self.last * self.before;
        (self.last * self.last + self.before * self.before - cross).max(0.0)
    }

    /// What is in phase and what is a quarter turn off, at the last sample; `hertz` is its own.
    pub(crate) fn vector(&self, hertz: f64) -> (f64, f64) {
        let angle = TAU * hertz / f64::from(RATE);
        (self.last - self.before * libm::cos(angle), self.before * libm::sin(angle))
    }

    /// Forgets what came.
    pub(crate) fn reset(&mut self) {
        (self.last, self.before) = (0.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_measured_at_its_frequency_and_nowhere_else() {
        let samples: Vec<i16> = Tone::new(1000.0, 0.5).take(800).collect();
        assert!((level(&samples, 1000.0) - 0.5).abs() < 0.001);
        assert!((loudness(&samples) - 0.5 / libm::sqrt(2.0)).abs() < 0.001);
        for other in [500.0, 980.0, 1010.0, 2000.0, 3400.0] {
            assert!(level(&samples, other) < 0.001, "{other}");
        }
        assert!(level(&[], 1000.0) == 0.0 && loudness(&[]) == 0.0);
    }

    #[test]
    fn two_tones_are_told_apart_through_both_laws() {
        use super::super::g711::{decode, encode};
        use crate::sdp::negotiate::Codec;
        for codec in [Codec::Pcma, Codec::Pcmu] {
            let two = Tone::new(700.0, 0.2).zip(Tone::new(1200.0, 0.1));
            let samples: Vec<i16> =
                two.take(1600).map(|(a, b)| decode(codec, encode(codec, a + b))).collect();
            assert!((level(&samples, 700.0) - 0.2).abs() < 0.005, "{codec:?}");
            assert!((level(&samples, 1200.0) - 0.1).abs() < 0.005, "{codec:?}");
            assert!(level(&samples, 950.0) < 0.002);
        }
    }
}

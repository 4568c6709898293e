//! From 16,000 samples per second to 8,000.

use core::f64::consts::{PI, TAU};

/// Coefficients of the filter; odd, so that it delays by whole samples.
const TAPS: usize = 95;
/// Where the filter has halved the amplitude. From 3.4 kHz, where telephone speech ends, to 4 kHz,
/// where what is left would fold back.
const CUT_HERTZ: f64 = 3700.0;

/// Halves the rate: a low-pass, then every other sample. The delay is taken out.
pub(super) fn halve(samples: &[i16]) -> Vec<i16> {
    let filter = filter();
    let reach = TAPS / 2;
    let at = |middle: usize| {
        let start = middle.saturating_sub(reach);
        let end = (middle + reach + 1).min(samples.len());
        let taps = &filter[reach + start - middle..];
        let products = samples[start..end].iter().zip(taps).map(|(&s, tap)| f64::from(s) * tap);
        round(products.sum::<f64>())
    };
    (0..samples.len()).step_by(2).map(at).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "brought into range first")]
fn round(sample: f64) -> i16 {
    libm::round(sample.clamp(f64::from(i16::MIN), f64::from(i16::MAX))) as i16
}

/// A sinc under a Blackman window, with gain 1 at 0 Hz.
fn filter() -> [f64; TAPS] {
    let mut taps = [0.0; TAPS];
    let cut = CUT_HERTZ / 16_000.0;
    let reach = f64::from(u32::try_from(TAPS / 2).expect("small"));
    for (index, tap) in (0_u32..).zip(&mut taps) {
        let x = f64::from(index) - reach;
        let sinc = if x == 0.0 { 2.0 * cut } else { libm::sin(TAU * cut * x) / (PI * x) };
        let turn = TAU * f64::from(index) / (2.0 * reach);
        *tap = sinc * (0.42 - 0.5 * libm::cos(turn) + 0.08 * libm::cos(2.0 * turn));
    }
    let sum: f64 = taps.iter().sum();
    taps.map(|tap| tap / sum)
}

#[cfg(test)]
mod tests {
    use super::super::tone::level;
    use super::*;

    /// Share of a tone that is left, measured where it appears afterwards.
    fn left(hertz: f64, appears: f64) -> f64 {
        let wave = (0..16_000).map(|n| 16_000.0 * libm::sin(TAU * hertz * f64::from(n) / 16_000.0));
        let half = halve(&wave.map(round).collect::<Vec<_>>());
        assert_eq!(half.len(), 8000);
        level(&half[1000..7000], appears) * 32_767.0 / 16_000.0
    }

    #[test]
    fn speech_passes_and_what_would_fold_back_does_not() {
        for hertz in [300.0, 1000.0, 2000.0, 3000.0] {
            assert!((left(hertz, hertz) - 1.0).abs() < 0.01, "{hertz} Hz"); // 0.1 dB
        }
        assert!(left(3300.0, 3300.0) > 0.9);
        for hertz in [4200.0, 4500.0, 5000.0, 7000.0] {
            assert!(left(hertz, 8000.0 - hertz) < 0.003, "{hertz} Hz"); // -50 dB
        }
    }

    #[test]
    fn nothing_and_one_sample_are_halved_too() {
        assert!(halve(&[]).is_empty());
        assert_eq!(halve(&[1000]).len(), 1);
        assert_eq!(halve(&[1, 2, 3]).len(), 2);
    }
}

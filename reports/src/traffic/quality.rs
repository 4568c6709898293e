//! The quality of speech that a stream's losses leave, by the E-model of ITU-T G.107.
//!
//! R = 93.2 − Id − Ie,eff, the default values of G.107 for everything else. Id is the fit of Cole and Rosenbluth
//! (2001) to G.107's Idd; Ie,eff = Ie + (95 − Ie) · Ppl ÷ (Ppl ÷ BurstR + Bpl), Ppl in per cent (G.107 §7.5). From
//! R to MOS: G.107 Annex B.

use super::fact::StreamFigures;
use acd::Duration;
use std::fmt;

/// R of a call without delay or loss, all else at G.107's default values.
const R_MAX: f64 = 93.2;
/// Milliseconds from which on delay disturbs a conversation (Cole and Rosenbluth).
const DELAY_FELT_MS: f64 = 177.3;

/// The constants that a figure of quality rests on. They are printed beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EModel {
    /// What the constants are of, such as `G.711`.
    pub codec: &'static str,
    /// Ie: impairment by the codec alone (G.113).
    pub ie: f64,
    /// Bpl: how well the codec bears loss (G.113).
    pub bpl: f64,
    /// BurstR: 1 for losses at random, more where they come together.
    pub burst_r: f64,
    /// From mouth to ear: a packet's length, the network, the buffer.
    pub delay: Duration,
}

impl EModel {
    /// G.711 whose losses are heard as they are: Ie 0, Bpl 4.3.
    pub const G711: Self =
        Self { codec: "G.711", ie: 0.0, bpl: 4.3, burst_r: 1.0, delay: Duration::ZERO };
    /// G.711 whose losses are concealed (Appendix I of G.711): Ie 0, Bpl 25.1.
    pub const G711_CONCEALED: Self =
        Self { codec: "G.711 with concealment", bpl: 25.1, ..Self::G711 };

    /// Returns the same model for another delay from mouth to ear.
    #[must_use]
    pub const fn with_delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Returns R for a share of packets that were lost or came too late, from 0 to 1.
    #[must_use]
    pub fn r(&self, loss: f64) -> f64 {
        let percent = loss.clamp(0.0, 1.0) * 100.0;
        let by_loss = self.ie + (95.0 - self.ie) * percent / (percent / self.burst_r + self.bpl);
        R_MAX - by_delay(self.delay) - by_loss
    }

    /// Returns the MOS of a stream, from 1 to 4.5; `None` when nothing came: silence has no quality.
    #[must_use]
    pub fn mos(&self, figures: &StreamFigures) -> Option<f64> {
        if figures.received == 0 {
            return None;
        }
        let expected = figures.expected.max(1) as f64;
        let lost = figures.expected.saturating_sub(figures.received) + figures.discarded;
        Some(mos(self.r(lost as f64 / expected)))
    }
}

impl fmt::Display for EModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { codec, ie, bpl, burst_r, delay } = self;
        write!(f, "ITU-T G.107, R = {R_MAX} − Id − Ie,eff, {codec}: Ie {ie}, Bpl {bpl}, ")?;
        write!(f, "BurstR {burst_r}, delay from mouth to ear {delay}")
    }
}

/// Id: what delay takes from R.
fn by_delay(delay: Duration) -> f64 {
    let ms = delay.as_secs() * 1e3;
    0.024 * ms + 0.11 * (ms - DELAY_FELT_MS).max(0.0)
}

/// Returns the MOS for an R (G.107 Annex B), from 1 to 4.5.
#[must_use]
pub fn mos(r: f64) -> f64 {
    if r >= 100.0 {
        4.5
    } else if r <= 0.0 {
        1.0
    } else {
        // The cubic dips below 1 where R is small.
        (1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(expected: u64, received: u64, discarded: u64) -> StreamFigures {
        StreamFigures { expected, received, discarded, ..StreamFigures::default() }
    }

    /// Computed by hand from the formulas above.
    fn near(found: f64, by_hand: f64) {
        assert!((found - by_hand).abs() < 5e-4, "{found}, by hand {by_hand}");
    }

    #[test]
    fn call_without_loss_or_delay_is_as_good_as_the_network_allows() {
        near(EModel::G711.r(0.0), 93.2);
        // 1 + 0.035·93.2 + 93.2·33.2·6.8·7e-6
        near(mos(93.2), 4.4093);
    }

    #[test]
    fn loss_costs_what_the_recommendation_says() {
        // 95·1 ÷ (1 + 4.3) = 17.9245
        near(EModel::G711.r(0.01), 75.2755);
        near(mos(75.2755), 3.8338);
        // 95·1 ÷ (1 + 25.1) = 3.6398
        near(EModel::G711_CONCEALED.r(0.01), 89.5602);
        near(mos(89.5602), 4.3281);
        // 95·5 ÷ (5 ÷ 2 + 4.3) = 69.8529
        let bursty = EModel { burst_r: 2.0, ..EModel::G711 };
        near(bursty.r(0.05), 23.3471);
    }

    #[test]
    fn delay_costs_more_once_it_is_felt() {
        let r = |ms: u64| EModel::G711.with_delay(Duration(ms * 1000)).r(0.0);
        near(r(100), 90.8);
        // 0.024·300 + 0.11·122.7
        near(r(300), 93.2 - 7.2 - 13.497);
    }

    #[test]
    fn packets_too_late_are_as_lost() {
        let lost = EModel::G711.mos(&stream(1000, 990, 0)).expect("something came");
        let late = EModel::G711.mos(&stream(1000, 1000, 10)).expect("something came");
        near(lost, 3.8338);
        near(late, lost);
    }

    #[test]
    fn silence_has_no_quality_and_duplicates_no_bonus() {
        assert_eq!(EModel::G711.mos(&stream(1000, 0, 0)), None);
        assert_eq!(EModel::G711.mos(&StreamFigures::default()), None);
        near(EModel::G711.mos(&stream(100, 120, 0)).expect("something came"), 4.4093);
    }

    #[test]
    fn mos_stays_on_its_scale() {
        for r in -200..=300 {
            let mos = mos(f64::from(r));
            assert!((1.0..=4.5).contains(&mos), "R {r}: {mos}");
        }
        assert_eq!(mos(-1.0), 1.0);
        assert_eq!(mos(100.5), 4.5);
        assert!(EModel::G711.mos(&stream(100, 1, 1)).expect("something came") >= 1.0);
    }
}

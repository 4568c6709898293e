//! What the figures of a load run are computed from: the sums and delays of the whole run or of one interval.

use super::counts::Counts;
use super::delays::{Delay, Statistic, Statistics};
use super::fact::Health;

/// Figures that are absent together where nothing of their kind was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Calls.
    Calls,
    /// Registrations.
    Registrations,
    /// OPTIONS.
    Options,
    /// Streams of audio.
    Audio,
    /// What is always there.
    Any,
}

/// The whole run, or one interval.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) counts: Counts,
    pub(crate) delays: [Statistics; Delay::ALL.len()],
    /// `None` where nobody counted.
    pub(crate) in_progress_max: Option<u64>,
    /// How long calls were placed, s.
    pub(crate) placing_s: f64,
    /// Of the whole run only.
    pub(crate) health: Option<&'a Health>,
}

impl Seen<'_> {
    pub(crate) fn delay(&self, delay: Delay, statistic: Statistic) -> Option<f64> {
        self.delays[delay as usize].get(statistic)
    }
}

impl Counts {
    /// Returns whether anything of a family was done. A run that did nothing at all was meant to place calls.
    pub(crate) fn has(&self, family: Family) -> bool {
        let has_registrations = self.registered + self.not_registered > 0;
        let has_options = self.pong + self.no_pong > 0;
        match family {
            Family::Calls => self.placed + self.missed > 0 || !(has_registrations || has_options),
            Family::Registrations => has_registrations,
            Family::Options => has_options,
            Family::Audio => self.streams.count > 0,
            Family::Any => true,
        }
    }

    /// INVITEs without those answered by a 3xx (RFC 6076 §4.6).
    pub(crate) fn not_redirected(&self) -> u64 {
        self.placed.saturating_sub(self.redirected)
    }

    /// Calls that had neither failed nor ended.
    pub(crate) fn unfinished(&self) -> u64 {
        self.placed.saturating_sub(self.failed + self.ended)
    }

    /// Mean time from the 2xx to the first BYE, s.
    pub(crate) fn mean_lasted(&self) -> Option<f64> {
        (self.ended > 0).then(|| self.lasted as f64 / self.ended as f64 / 1e6)
    }
}

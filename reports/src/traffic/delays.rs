//! Delays: how long things took, as a histogram while they are counted and thinned out once they are only read.

use crate::histogram::{Cumulated, Histogram as Octaves, Sparse};
use acd::Duration;
use hdrhistogram::Histogram;

/// What took its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delay {
    /// From the moment a call was due to its 2xx.
    Answer,
    /// From a call's first INVITE to its 2xx.
    AnswerFromSend,
    /// From a call's first INVITE to the answer that says how it stands.
    Srd,
    /// Of a session's end: from our BYE to its 2xx.
    Sdd,
    /// From the first REGISTER to its 2xx.
    Rrd,
    /// From the first OPTIONS to its answer.
    Options,
    /// From the moment a call was due to its first INVITE.
    StartLag,
    /// From the INVITE of a call that failed to the response that says so.
    SrdFailed,
    /// Interarrival jitter at the end of a stream.
    Jitter,
}

impl Delay {
    /// Every one; those that are reported by interval come first.
    pub(crate) const ALL: [Self; 9] = [
        Self::Answer,
        Self::AnswerFromSend,
        Self::Srd,
        Self::Sdd,
        Self::Rrd,
        Self::Options,
        Self::StartLag,
        Self::SrdFailed,
        Self::Jitter,
    ];
    /// How many are reported by interval.
    pub(crate) const BY_INTERVAL: usize = 7;
}

/// A statistic of delays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Statistic {
    P50,
    P90,
    P95,
    P99,
    P999,
    Max,
    Mean,
}

/// The statistics of some delays, s, in the order of [`Statistic`]; `None` where nothing was seen.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Statistics([Option<f64>; 7]);

impl Statistics {
    pub(crate) fn get(&self, statistic: Statistic) -> Option<f64> {
        self.0[statistic as usize]
    }
}

/// The longest delay told apart from longer ones, µs: an hour. What is counted as longest is exact all the same.
const DELAY_MAX: u64 = 3_600 * acd::SECOND;
/// Significant digits: a quantile is told within 0.1 %.
const DIGITS: u8 = 3;

/// Delays being counted. Takes no room until the first one comes, and no more once the longest has.
#[derive(Debug, Clone, Default)]
pub(crate) struct Delays {
    histogram: Option<Histogram<u64>>,
    sum: u64,
    max: u64,
}

impl Delays {
    /// Counts a delay.
    #[inline]
    pub(crate) fn record(&mut self, delay: Duration) {
        let histogram = self.histogram.get_or_insert_with(empty);
        histogram.record(delay.0.min(DELAY_MAX)).expect("an hour of microseconds has a place");
        self.sum = self.sum.saturating_add(delay.0);
        self.max = self.max.max(delay.0);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.histogram.as_ref().is_none_or(Histogram::is_empty)
    }

    /// Adds the delays of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        if let Some(theirs) = &other.histogram {
            let ours = self.histogram.get_or_insert_with(empty);
            ours.add(theirs).expect("an hour of microseconds has a place");
        }
        self.sum = self.sum.saturating_add(other.sum);
        self.max = self.max.max(other.max);
    }

    /// Forgets every delay but keeps the room.
    pub(crate) fn clear(&mut self) {
        if let Some(histogram) = self.histogram.as_mut().filter(|histogram| !histogram.is_empty()) {
            histogram.reset();
        }
        (self.sum, self.max) = (0, 0);
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let Some(histogram) = self.histogram.as_ref().filter(|histogram| !histogram.is_empty())
        else {
            return Statistics::default();
        };
        // A bucket's upper end may lie above everything in it.
        let quantile = |share| Some(seconds(histogram.value_at_quantile(share).min(self.max)));
        let mean = self.sum as f64 / histogram.len() as f64 / 1e6;
        Statistics([
            quantile(0.5),
            quantile(0.9),
            quantile(0.95),
            quantile(0.99),
            quantile(0.999),
            Some(seconds(self.max)),
            Some(mean),
        ])
    }
}

fn empty() -> Histogram<u64> {
    let mut histogram = Histogram::new(DIGITS).expect("three digits are allowed");
    histogram.auto(true);
    histogram
}

fn seconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1e6
}

/// The delays of an interval: some hundred bytes in place of a hundred thousand, told within 0.3 %.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Thin {
    filled: Sparse,
    max: u64,
}

impl Thin {
    /// Adds delays that were counted.
    pub(crate) fn add(&mut self, delays: &Delays) {
        let Some(histogram) = delays.histogram.as_ref().filter(|histogram| !histogram.is_empty())
        else {
            return;
        };
        let mut octaves = Octaves::default();
        for step in histogram.iter_recorded() {
            let delay = step.value_iterated_to().min(delays.max);
            octaves.add_many(delay, u32::try_from(step.count_at_value()).unwrap_or(u32::MAX));
        }
        self.filled.merge(&octaves.sparse());
        self.max = self.max.max(delays.max);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.filled.merge(&other.filled);
        self.max = self.max.max(other.max);
    }

    /// Returns median, 99th percentile and longest; the other statistics are of the whole run only.
    pub(crate) fn statistics(&self) -> Statistics {
        let found = self.filled.cumulated().quantiles([50, 99], &Cumulated::default());
        let Some([p50, p99]) = found else { return Statistics::default() };
        let max = seconds(self.max);
        let mut statistics = Statistics::default();
        statistics.0[Statistic::P50 as usize] = Some(p50.min(max));
        statistics.0[Statistic::P99 as usize] = Some(p99.min(max));
        statistics.0[Statistic::Max as usize] = Some(max);
        statistics
    }
}

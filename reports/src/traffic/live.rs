//! What a run looks like while it goes on: for a screen that is drawn anew every moment.

use super::delays::{Delay, Statistic};
use super::fact::{Failure, Health};
use super::ledger::TrafficLedger;
use acd::Duration;

/// How many reasons a screen has room for.
const REASONS_MAX: usize = 6;

/// A run as it stands: rates and delays of the last whole interval, totals since the beginning.
#[derive(Debug, Clone, PartialEq)]
pub struct Live {
    /// The interval that the rates and delays are of: from, to; `None` before the first is over.
    pub span: Option<(Duration, Duration)>,
    /// Calls placed, established and failed a second, in that interval.
    pub placed_per_s: f64,
    /// See [`Live::placed_per_s`].
    pub established_per_s: f64,
    /// See [`Live::placed_per_s`].
    pub failed_per_s: f64,
    /// Median and 99th percentile from the moment calls were due to their 2xx, in that interval; `None`: none was established.
    pub answer: Option<(Duration, Duration)>,
    /// 99th percentile of the lateness of calls, in that interval.
    pub start_lag: Option<Duration>,
    /// Calls up now.
    pub in_progress: u64,
    /// Calls placed so far.
    pub placed: u64,
    /// Calls established so far.
    pub established: u64,
    /// Calls failed so far.
    pub failed: u64,
    /// Calls that went as their flow wanted so far, and those that did not.
    pub passed: u64,
    /// See [`Live::passed`].
    pub spoilt: u64,
    /// Established calls that ended so far.
    pub ended: u64,
    /// Calls that were due and could not be started.
    pub missed: u64,
    /// Registrations accepted and failed so far.
    pub registrations: (u64, u64),
    /// OPTIONS answered and never answered so far.
    pub options: (u64, u64),
    /// Messages sent again so far.
    pub retransmissions: u64,
    /// Messages that no flow expected so far.
    pub unexpected: u64,
    /// Why calls failed so far, the most frequent first; at most six.
    pub failures: Vec<(Failure, u64)>,
    /// What is wrong with the generator, in words; empty: it is well.
    pub faults: Vec<String>,
}

impl TrafficLedger {
    /// Returns the run as it stands at `now` since its beginning.
    #[must_use]
    pub fn live(&self, now: Duration, health: &Health) -> Live {
        let counts = &self.whole().counts;
        let mut failures = self.whole().kinds.calls.most_frequent();
        failures.truncate(REASONS_MAX);
        let mut live = Live {
            span: None,
            placed_per_s: 0.0,
            established_per_s: 0.0,
            failed_per_s: 0.0,
            answer: None,
            start_lag: None,
            in_progress: self.in_progress(),
            placed: counts.placed,
            established: counts.established,
            failed: counts.failed,
            passed: counts.passed,
            spoilt: counts.spoilt,
            ended: counts.ended,
            missed: counts.missed,
            registrations: (counts.registered, counts.not_registered),
            options: (counts.pong, counts.no_pong),
            retransmissions: counts.repeated,
            unexpected: counts.unexpected,
            failures,
            faults: health.faults.clone(),
        };
        self.look_back(now, &mut live);
        live
    }

    /// Fills in the last interval that is over: the one that runs is not counted to its end.
    fn look_back(&self, now: Duration, live: &mut Live) {
        let interval = self.interval();
        let Some(last) = (now.0 / interval.0).checked_sub(1) else { return };
        let start = Duration(last * interval.0);
        live.span = Some((start, Duration(start.0 + interval.0)));
        let Some(stretch) = self.stretches().get(last as usize) else { return };
        let rate = |count: u64| count as f64 / interval.as_secs();
        live.placed_per_s = rate(stretch.counts.placed);
        live.established_per_s = rate(stretch.counts.established);
        live.failed_per_s = rate(stretch.counts.failed);
        let delays = stretch.statistics();
        let delay = |what: Delay, statistic| {
            delays[what as usize].get(statistic).map(Duration::from_secs_f64)
        };
        live.answer =
            delay(Delay::Answer, Statistic::P50).zip(delay(Delay::Answer, Statistic::P99));
        live.start_lag = delay(Delay::StartLag, Statistic::P99);
    }
}

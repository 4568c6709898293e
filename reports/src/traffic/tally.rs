//! What one thread of a generator saw in one stretch of time.

use super::counts::{Counts, Kinds};
use super::delays::{Delay, Delays};
use super::fact::{Failure, MessageKind, TrafficFact};

/// Counts the facts of one thread; a [`super::TrafficLedger`] gathers the tallies of all.
///
/// [`Tally::record`] takes some tens of nanoseconds and no memory once each kind of delay was seen as long as it gets.
/// A thread records into its own tally, hands it over at the end of each stretch, and clears it.
///
/// ```
/// use reports::traffic::{Tally, TrafficFact};
/// let mut tally = Tally::new();
/// tally.record(&TrafficFact::Placed { lag: acd::Duration(40) });
/// assert!(!tally.is_empty());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub(crate) counts: Counts,
    pub(crate) delays: [Delays; Delay::ALL.len()],
    pub(crate) kinds: Tables,
}

/// What is counted by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables {
    /// Calls that failed, by reason.
    pub calls: Kinds<Failure>,
    /// Registrations that failed, by reason.
    pub registrations: Kinds<Failure>,
    /// What we sent again.
    pub repeated: Kinds<MessageKind>,
    /// What came again.
    pub repeats_came: Kinds<MessageKind>,
    /// What came unexpectedly.
    pub unexpected: Kinds<MessageKind>,
}

impl Tables {
    fn record(&mut self, fact: &TrafficFact) {
        match fact {
            TrafficFact::Failed { why, .. } => self.calls.add(*why, 1),
            TrafficFact::NotRegistered { why } => self.registrations.add(*why, 1),
            TrafficFact::Repeated { message } => self.repeated.add(*message, 1),
            TrafficFact::RepeatCame { message } => self.repeats_came.add(*message, 1),
            TrafficFact::Unexpected { message } => self.unexpected.add(*message, 1),
            TrafficFact::Missed
            | TrafficFact::Placed { .. }
            | TrafficFact::Requested { .. }
            | TrafficFact::Established { .. }
            | TrafficFact::Ended { .. }
            | TrafficFact::Passed
            | TrafficFact::Spoilt
            | TrafficFact::Registered { .. }
            | TrafficFact::Pong { .. }
            | TrafficFact::NoPong
            | TrafficFact::Streamed(_) => {}
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.calls.merge(&other.calls);
        self.registrations.merge(&other.registrations);
        self.repeated.merge(&other.repeated);
        self.repeats_came.merge(&other.repeats_came);
        self.unexpected.merge(&other.unexpected);
    }

    fn clear(&mut self) {
        self.calls.clear();
        self.registrations.clear();
        self.repeated.clear();
        self.repeats_came.clear();
        self.unexpected.clear();
    }
}

impl Tally {
    /// Makes a tally of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts a fact.
    #[inline]
    pub fn record(&mut self, fact: &TrafficFact) {
        self.counts.record(fact);
        self.time(fact);
        self.kinds.record(fact);
    }

    fn time(&mut self, fact: &TrafficFact) {
        let mut record = |what: Delay, delay| self.delays[what as usize].record(delay);
        match fact {
            TrafficFact::Placed { lag } => record(Delay::StartLag, *lag),
            TrafficFact::Requested { delay } => record(Delay::Srd, *delay),
            TrafficFact::Established { from_intended, from_send } => {
                record(Delay::Answer, *from_intended);
                record(Delay::AnswerFromSend, *from_send);
            }
            // RFC 6076 §4.3.2: a 3xx is no failure, and without a response there is nothing to time.
            TrafficFact::Failed { why: Failure::Status(400..), delay } => {
                record(Delay::SrdFailed, *delay);
            }
            TrafficFact::Ended { disconnect: Some(delay), .. } => record(Delay::Sdd, *delay),
            TrafficFact::Registered { delay } => record(Delay::Rrd, *delay),
            TrafficFact::Pong { delay } => record(Delay::Options, *delay),
            TrafficFact::Streamed(figures) if figures.received > 0 => {
                record(Delay::Jitter, figures.jitter);
            }
            TrafficFact::Missed
            | TrafficFact::Failed { .. }
            | TrafficFact::Ended { .. }
            | TrafficFact::Passed
            | TrafficFact::Spoilt
            | TrafficFact::NotRegistered { .. }
            | TrafficFact::NoPong
            | TrafficFact::Repeated { .. }
            | TrafficFact::RepeatCame { .. }
            | TrafficFact::Unexpected { .. }
            | TrafficFact::Streamed(_) => {}
        }
    }

    /// Adds what another tally saw.
    pub fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
        for (ours, theirs) in self.delays.iter_mut().zip(&other.delays) {
            ours.merge(theirs);
        }
        self.kinds.merge(&other.kinds);
    }

    /// Returns whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts == Counts::default() && self.delays.iter().all(Delays::is_empty)
    }

    /// Forgets everything but keeps the room it took.
    pub fn clear(&mut self) {
        self.counts = Counts::default();
        self.delays.iter_mut().for_each(Delays::clear);
        self.kinds.clear();
    }
}

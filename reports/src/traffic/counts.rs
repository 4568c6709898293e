//! What is counted: plain sums that add up in any order, and small tables by kind.

use super::fact::{Failure, StreamFigures, TrafficFact};

/// Millionths of a MOS: whole numbers add up to the same in any order.
const MOS_PARTS: f64 = 1e6;

/// The sums of a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Counts {
    pub(crate) missed: u64,
    pub(crate) placed: u64,
    pub(crate) established: u64,
    pub(crate) failed: u64,
    /// Of the failed, by a 3xx.
    pub(crate) redirected: u64,
    /// Of the failed, by what a person decides: RFC 6076 §4.7 counts it as effective.
    pub(crate) effective: u64,
    /// Of the failed, by what RFC 6076 §4.8 calls ineffective.
    pub(crate) ineffective: u64,
    pub(crate) ended: u64,
    /// Of the ended, as their flow wanted.
    pub(crate) completed: u64,
    /// From the 2xx to the first BYE, of the ended, µs.
    pub(crate) lasted: u64,
    pub(crate) passed: u64,
    pub(crate) spoilt: u64,
    pub(crate) registered: u64,
    pub(crate) not_registered: u64,
    /// Of the registrations that failed, what RFC 6076 §4.2 calls ineffective.
    pub(crate) not_registered_ineffective: u64,
    pub(crate) pong: u64,
    pub(crate) no_pong: u64,
    pub(crate) repeated: u64,
    pub(crate) repeats_came: u64,
    pub(crate) unexpected: u64,
    pub(crate) streams: Streams,
}

/// The sums of streams of audio.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Streams {
    pub(crate) count: u64,
    /// Streams in which nothing came.
    pub(crate) silent: u64,
    pub(crate) sent: u64,
    pub(crate) received: u64,
    pub(crate) expected: u64,
    pub(crate) lost: u64,
    pub(crate) discarded: u64,
    /// Streams with a MOS, their sum and the lowest, in millionths.
    pub(crate) judged: u64,
    pub(crate) mos: u64,
    pub(crate) mos_min: Option<u64>,
}

impl Counts {
    /// Counts a fact.
    #[inline]
    pub(crate) fn record(&mut self, fact: &TrafficFact) {
        match fact {
            TrafficFact::Missed => self.missed += 1,
            TrafficFact::Placed { .. } => self.placed += 1,
            TrafficFact::Requested { .. } => {}
            TrafficFact::Established { .. } => self.established += 1,
            TrafficFact::Failed { why, .. } => self.fail(*why),
            TrafficFact::Ended { lasted, is_complete, .. } => {
                self.ended += 1;
                self.completed += u64::from(*is_complete);
                self.lasted = self.lasted.saturating_add(lasted.0);
            }
            TrafficFact::Passed => self.passed += 1,
            TrafficFact::Spoilt => self.spoilt += 1,
            TrafficFact::Registered { .. } => self.registered += 1,
            TrafficFact::NotRegistered { why } => {
                self.not_registered += 1;
                self.not_registered_ineffective += u64::from(is_ineffective_registration(*why));
            }
            TrafficFact::Pong { .. } => self.pong += 1,
            TrafficFact::NoPong => self.no_pong += 1,
            TrafficFact::Repeated { .. } => self.repeated += 1,
            TrafficFact::RepeatCame { .. } => self.repeats_came += 1,
            TrafficFact::Unexpected { .. } => self.unexpected += 1,
            TrafficFact::Streamed(figures) => self.streams.record(figures),
        }
    }

    fn fail(&mut self, why: Failure) {
        self.failed += 1;
        match why {
            Failure::Status(300..=399) => self.redirected += 1,
            Failure::Status(480 | 486 | 600 | 603) => self.effective += 1,
            Failure::Status(408 | 500 | 503 | 504) => self.ineffective += 1,
            // RFC 3261 §8.1.3.1: a time-out stands for a 408, a fault of the transport for a 503.
            Failure::TimedOut | Failure::Unreachable => self.ineffective += 1,
            Failure::Status(_) | Failure::Withdrawn => {}
        }
    }

    /// Adds the sums of another stretch.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (ours, theirs) in self.sums().into_iter().zip(other.clone().sums()) {
            *ours = ours.saturating_add(*theirs);
        }
        self.streams.merge(&other.streams);
    }

    fn sums(&mut self) -> [&mut u64; 20] {
        [
            &mut self.missed,
            &mut self.placed,
            &mut self.established,
            &mut self.failed,
            &mut self.redirected,
            &mut self.effective,
            &mut self.ineffective,
            &mut self.ended,
            &mut self.completed,
            &mut self.lasted,
            &mut self.passed,
            &mut self.spoilt,
            &mut self.registered,
            &mut self.not_registered,
            &mut self.not_registered_ineffective,
            &mut self.pong,
            &mut self.no_pong,
            &mut self.repeated,
            &mut self.repeats_came,
            &mut self.unexpected,
        ]
    }
}

/// RFC 6076 §4.2: a final 4xx, 5xx or 6xx, or none in time. What the challenges are excluded for is that the
/// request goes on; a 401 that ends it is a failure.
fn is_ineffective_registration(why: Failure) -> bool {
    match why {
        Failure::Status(status) => status >= 400,
        Failure::TimedOut | Failure::Unreachable => true,
        Failure::Withdrawn => false,
    }
}

impl Streams {
    fn record(&mut self, figures: &StreamFigures) {
        self.count += 1;
        self.silent += u64::from(figures.received == 0);
        self.sent = self.sent.saturating_add(figures.sent);
        self.received = self.received.saturating_add(figures.received);
        self.expected = self.expected.saturating_add(figures.expected);
        // RFC 3550 §A.3: duplicates can bring more than was expected; that makes up for no other stream's loss.
        self.lost = self.lost.saturating_add(figures.expected.saturating_sub(figures.received));
        self.discarded = self.discarded.saturating_add(figures.discarded);
        if let Some(mos) = figures.mos.filter(|_| figures.received > 0) {
            let parts = (mos * MOS_PARTS + 0.5) as u64;
            self.judged += 1;
            self.mos = self.mos.saturating_add(parts);
            self.mos_min = Some(self.mos_min.map_or(parts, |least| least.min(parts)));
        }
    }

    fn merge(&mut self, other: &Self) {
        let sums = [
            (&mut self.count, other.count),
            (&mut self.silent, other.silent),
            (&mut self.sent, other.sent),
            (&mut self.received, other.received),
            (&mut self.expected, other.expected),
            (&mut self.lost, other.lost),
            (&mut self.discarded, other.discarded),
            (&mut self.judged, other.judged),
            (&mut self.mos, other.mos),
        ];
        for (ours, theirs) in sums {
            *ours = ours.saturating_add(theirs);
        }
        self.mos_min = self.mos_min.into_iter().chain(other.mos_min).min();
    }

    pub(crate) fn mos_mean(&self) -> Option<f64> {
        (self.judged > 0).then(|| self.mos as f64 / self.judged as f64 / MOS_PARTS)
    }

    pub(crate) fn mos_least(&self) -> Option<f64> {
        self.mos_min.map(|parts| parts as f64 / MOS_PARTS)
    }
}

/// The most kinds that one table tells apart; what comes later is counted together.
pub const KINDS_MAX: usize = 64;

/// How often each kind came, in the order of the kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kinds<K> {
    counts: Vec<(K, u64)>,
    others: u64,
}

impl<K> Default for Kinds<K> {
    fn default() -> Self {
        Self { counts: Vec::new(), others: 0 }
    }
}

impl<K: Copy + Ord> Kinds<K> {
    /// Adds to a kind.
    pub(crate) fn add(&mut self, kind: K, count: u64) {
        match self.counts.binary_search_by_key(&kind, |(kind, _)| *kind) {
            Ok(place) => self.counts[place].1 = self.counts[place].1.saturating_add(count),
            Err(_) if self.counts.len() >= KINDS_MAX => {
                self.others = self.others.saturating_add(count);
            }
            Err(place) => self.counts.insert(place, (kind, count)),
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        other.counts.iter().for_each(|(kind, count)| self.add(*kind, *count));
        self.others = self.others.saturating_add(other.others);
    }

    pub(crate) fn clear(&mut self) {
        self.counts.clear();
        self.others = 0;
    }

    /// Returns every kind that came, and how often, in the order of the kinds.
    pub fn iter(&self) -> impl Iterator<Item = (K, u64)> + '_ {
        self.counts.iter().copied()
    }

    /// Returns how often kinds came that have no line of their own: more than [`KINDS_MAX`] did.
    #[must_use]
    pub fn others(&self) -> u64 {
        self.others
    }

    /// Returns whether nothing came.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.others == 0
    }

    /// Returns how often anything came.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().fold(self.others, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Returns the kinds by how often they came, the most frequent first.
    #[must_use]
    pub fn most_frequent(&self) -> Vec<(K, u64)> {
        let mut kinds = self.counts.clone();
        kinds.sort_by_key(|(kind, count)| (std::cmp::Reverse(*count), *kind));
        kinds
    }
}

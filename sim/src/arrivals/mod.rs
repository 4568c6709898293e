//! Who calls when: one behaviour file for each arrival model, and the merge of all of them.
//!
//! A fresh call is named by its contact and its number among the fresh calls of that contact. Nothing that happens
//! in the centre changes either. A demand factor above 1 adds calls with numbers of their own; one below 1 leaves
//! calls out and keeps the others' numbers.

mod batch;
mod mmpp;
mod poisson;
mod renewal;
#[cfg(test)]
mod tests;
mod trace;
mod walk;
mod wave;

use crate::timeline::demand::{Extra, Factors};
use acd::{ContactId, Timestamp};
use chance::{Chance, Purpose, Stream};
use scenarios::{Arrivals, Scenario};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// Numbers from here on belong to calls that a demand factor adds: `replica << EXTRA_SHIFT | number`.
const EXTRA_SHIFT: u32 = 36;
/// The most copies of a process that one demand factor superposes: numbers must stay below 2⁴², where draws are distinct.
const REPLICAS_MAX: u32 = 63;

/// Every source of fresh calls, merged in time.
pub(crate) struct Merge<'s> {
    sources: Vec<Source<'s>>,
    /// The next arrival of each source: time, source, number.
    next: BinaryHeap<Reverse<(Timestamp, u32, u64)>>,
}

/// A fresh call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fresh {
    pub(crate) contact: ContactId,
    pub(crate) number: u64,
}

impl<'s> Merge<'s> {
    /// Prepares the arrivals of one replication.
    pub(crate) fn new(scenario: &'s Scenario, chance: &Chance) -> Self {
        let sources = (0..scenario.contacts.len())
            .flat_map(|index| sources(scenario, ContactId::new(index), chance))
            .collect();
        let mut merge = Self { sources, next: BinaryHeap::new() };
        for index in 0..merge.sources.len() {
            if let Some((at, number)) = merge.sources[index].next() {
                merge.next.push(Reverse((at, index as u32, number)));
            }
        }
        merge
    }

    /// Returns when the next call comes; [`Timestamp::MAX`] when none does.
    #[inline]
    pub(crate) fn next_at(&self) -> Timestamp {
        self.next.peek().map_or(Timestamp::MAX, |Reverse((at, _, _))| *at)
    }

    /// Takes the next call.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<Fresh> {
        let mut top = self.next.peek_mut()?;
        let Reverse((_, index, number)) = *top;
        let source = &mut self.sources[index as usize];
        let fresh = Fresh { contact: source.contact, number };
        match source.next() {
            Some((at, number)) => *top = Reverse((at, index, number)),
            None => {
                PeekMut::pop(top);
            }
        }
        Some(fresh)
    }
}

/// One stream of calls of one contact.
struct Source<'s> {
    contact: ContactId,
    process: Process<'s>,
    /// Number of the next call, kept or left out.
    number: u64,
    /// Which calls are kept; `None`: all.
    keeps: Option<Keeps>,
    /// Nobody comes from here on.
    until: Timestamp,
}

/// Which calls of a stream are kept, by a uniform number of each call.
struct Keeps {
    draws: Stream,
    factors: Factors,
    /// `Some(most)`: the stream carries the calls above the usual, for a factor of at most 1 + most.
    above: Option<f64>,
}

impl Keeps {
    fn keeps(&mut self, at: Timestamp, number: u64) -> bool {
        let factor = self.factors.at(at);
        let share = match self.above {
            None => factor,
            Some(most) => (factor - 1.0) / most,
        };
        share >= 1.0 || self.draws.draw(number).happens(share)
    }
}

impl Source<'_> {
    #[inline]
    fn next(&mut self) -> Option<(Timestamp, u64)> {
        loop {
            let at = self.process.next()?;
            if at >= self.until {
                return None;
            }
            let number = self.number;
            self.number += 1;
            if self.keeps.as_mut().is_none_or(|keeps| keeps.keeps(at, number)) {
                return Some((at, number));
            }
        }
    }
}

/// An arrival model at work.
enum Process<'s> {
    Poisson(poisson::Poisson<'s>),
    Trace(trace::Trace<'s>),
    Renewal(renewal::Renewal),
    Mmpp(mmpp::Mmpp<'s>),
    Batch(batch::Batch),
}

impl Process<'_> {
    #[inline]
    fn next(&mut self) -> Option<Timestamp> {
        match self {
            Self::Poisson(process) => process.next(),
            Self::Trace(process) => process.next(),
            Self::Renewal(process) => process.next(),
            Self::Mmpp(process) => process.next(),
            Self::Batch(process) => process.next(),
        }
    }
}

/// What a process is made from: the same for the usual calls and for those a demand factor adds.
struct Making<'s> {
    scenario: &'s Scenario,
    contact: ContactId,
    chance: Chance,
    /// 0 for the usual calls; the copies are counted from 1.
    replica: u32,
    /// Factor on the rate.
    scale: f64,
    /// No call before this.
    from: Timestamp,
}

impl<'s> Making<'s> {
    fn stream(&self, purpose: Purpose) -> Stream {
        self.chance.stream(purpose, u32::from(self.contact.0) | self.replica << 16)
    }

    fn process(&self) -> Process<'s> {
        match &self.scenario.contacts[self.contact.index()].arrivals {
            Arrivals::Poisson(poisson) => Process::Poisson(poisson::Poisson::new(self, poisson)),
            Arrivals::Trace(calls) => Process::Trace(trace::Trace::new(self, calls)),
            Arrivals::Renewal { gap } => Process::Renewal(renewal::Renewal::new(self, gap)),
            Arrivals::Mmpp { rates, stay } => Process::Mmpp(mmpp::Mmpp::new(self, rates, stay)),
            Arrivals::Batch { rate, size } => Process::Batch(batch::Batch::new(self, *rate, size)),
        }
    }

    fn source(&self, keeps: Option<Keeps>, until: Timestamp) -> Source<'s> {
        Source {
            contact: self.contact,
            process: self.process(),
            number: u64::from(self.replica) << EXTRA_SHIFT,
            keeps,
            until,
        }
    }
}

/// Lists the sources of a contact: the usual calls, and the copies that carry what a demand factor adds.
fn sources<'s>(scenario: &'s Scenario, contact: ContactId, chance: &Chance) -> Vec<Source<'s>> {
    let arrivals = &scenario.contacts[contact.index()].arrivals;
    // A recorded call cannot come at another rate: the scale copies or leaves out calls.
    let is_trace = matches!(arrivals, Arrivals::Trace(_));
    let (scale, factor) =
        if is_trace { (1.0, scenario.demand_scale) } else { (scenario.demand_scale, 1.0) };
    let length = Timestamp(scenario.length.0);
    let factors = Factors::new(&scenario.timeline, contact, factor);
    let making =
        |replica, scale, from| Making { scenario, contact, chance: *chance, replica, scale, from };
    let keeps = |replica: u32, above| Keeps {
        draws: chance.stream(Purpose::Demand, u32::from(contact.0) | replica << 16),
        factors: factors.clone(),
        above,
    };
    let thinned = factors.is_ever_below_one().then(|| keeps(0, None));
    let mut sources = vec![making(0, scale, Timestamp::ZERO).source(thinned, length)];
    if let Some(Extra { most, from, until }) = factors.extra() {
        let until = until.min(length);
        if let Arrivals::Poisson(_) = arrivals {
            // A Poisson process scales exactly: one stream at the highest rate, thinned to the present one.
            sources.push(making(1, scale * most, from).source(Some(keeps(1, Some(most))), until));
        } else {
            let copies = (libm::ceil(most) as u32).min(REPLICAS_MAX);
            sources.extend((1..=copies).map(|replica| {
                let kept = keeps(replica, Some(f64::from(copies)));
                making(replica, scale, Timestamp::ZERO).source(Some(kept), until)
            }));
        }
    }
    sources
}

//! `demand`: more or fewer callers for a time. The factor on a contact's demand along time; [`crate::arrivals`] draws by it, before anything happens in the centre.

use acd::{ContactId, Timestamp};
use scenarios::{Happening, TimelineEntry};

/// The factor along time: constant from point to point, walked in order.
#[derive(Debug, Clone)]
pub(crate) struct Factors {
    /// From when on, factor; the first at 0.
    points: Vec<(Timestamp, f64)>,
    /// The point that holds at the last moment asked for.
    held: usize,
}

/// What a factor above 1 asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Extra {
    /// The highest factor less 1.
    pub(crate) most: f64,
    /// When the factor is first above 1.
    pub(crate) from: Timestamp,
    /// When it was last.
    pub(crate) until: Timestamp,
}

impl Factors {
    /// Multiplies the factors of every entry that holds for this contact.
    pub(crate) fn new(timeline: &[TimelineEntry], contact: ContactId, always: f64) -> Self {
        let spans: Vec<(Timestamp, Timestamp, f64)> = timeline
            .iter()
            .filter_map(|entry| match &entry.happening {
                Happening::Demand { factor, contacts, lasts } => {
                    let is_meant = contacts.is_empty() || contacts.contains(&contact);
                    is_meant.then_some((entry.at, entry.at.after(*lasts), *factor))
                }
                Happening::Absence { .. }
                | Happening::SiteOutage { .. }
                | Happening::TrunkLoss { .. } => None,
            })
            .collect();
        let mut times: Vec<Timestamp> =
            spans.iter().flat_map(|(from, to, _)| [*from, *to]).collect();
        times.push(Timestamp::ZERO);
        times.sort_unstable();
        times.dedup();
        let factor_at = |at: Timestamp| {
            let holding = spans.iter().filter(|(from, to, _)| (*from..*to).contains(&at));
            holding.fold(always, |product, (_, _, factor)| product * factor)
        };
        Self { points: times.into_iter().map(|at| (at, factor_at(at))).collect(), held: 0 }
    }

    /// Returns the factor at a moment; moments must not go back.
    pub(crate) fn at(&mut self, at: Timestamp) -> f64 {
        while self.points.get(self.held + 1).is_some_and(|(from, _)| *from <= at) {
            self.held += 1;
        }
        self.points[self.held].1
    }

    /// Returns whether calls must be left out at some time.
    pub(crate) fn is_ever_below_one(&self) -> bool {
        self.points.iter().any(|(_, factor)| *factor < 1.0)
    }

    /// Returns what must be added, if anything.
    pub(crate) fn extra(&self) -> Option<Extra> {
        let is_above = |point: &&(Timestamp, f64)| point.1 > 1.0;
        let from = self.points.iter().find(is_above)?.0;
        let last = self.points.iter().rposition(|point| point.1 > 1.0)?;
        let most = self.points.iter().map(|(_, factor)| factor - 1.0).fold(0.0, f64::max);
        let until = self.points.get(last + 1).map_or(Timestamp::MAX, |(at, _)| *at);
        Some(Extra { most, from, until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use acd::{Duration, SECOND};

    fn entry(at: u64, lasts: u64, factor: f64, contacts: Vec<ContactId>) -> TimelineEntry {
        TimelineEntry {
            name: "wave".to_owned(),
            at: Timestamp(at * SECOND),
            happening: Happening::Demand { factor, contacts, lasts: Duration::from_secs(lasts) },
        }
    }

    #[test]
    fn factors_that_overlap_multiply() {
        let timeline = [entry(10, 20, 2.0, vec![]), entry(20, 20, 3.0, vec![ContactId(1)])];
        let mut factors = Factors::new(&timeline, ContactId(1), 1.0);
        let at = |second| Timestamp(second * SECOND);
        let seen: Vec<f64> =
            [0, 10, 19, 20, 29, 30, 40].map(|second| factors.at(at(second))).into();
        assert_eq!(seen, [1.0, 2.0, 2.0, 6.0, 6.0, 3.0, 1.0]);
        assert_eq!(factors.extra(), Some(Extra { most: 5.0, from: at(10), until: at(40) }));
        let other = Factors::new(&timeline, ContactId(0), 1.0);
        assert_eq!(other.extra(), Some(Extra { most: 1.0, from: at(10), until: at(30) }));
    }

    #[test]
    fn a_factor_below_one_only_leaves_out() {
        let factors = Factors::new(&[entry(10, 20, 0.5, vec![])], ContactId(0), 1.0);
        assert!(factors.is_ever_below_one());
        assert_eq!(factors.extra(), None);
    }
}

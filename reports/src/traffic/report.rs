//! What a load run comes to besides its figures.

use super::fact::{Failure, Health};
use super::quality::EModel;
use super::tally::Tables;
use crate::summary::IntervalFigures;
use acd::Duration;

/// What a load run comes to besides its figures: what came of calls by status, messages by kind, the generator's health.
#[derive(Debug, Clone)]
pub struct LoadReport {
    /// What was counted by kind.
    pub tables: Tables,
    /// Calls answered by a 2xx.
    pub established: u64,
    /// The length of an interval.
    pub interval: Duration,
    /// The length asked for; a long run has longer ones.
    pub asked_interval: Duration,
    /// When the run was over.
    pub end: Duration,
    /// How long calls were placed.
    pub placing: Duration,
    /// How the run was made: name, value.
    pub statements: Vec<(String, String)>,
    /// What the MOS of streams is estimated by; `None` without audio.
    pub model: Option<EModel>,
    /// How the generator fared.
    pub health: Health,
    /// The figures by interval.
    pub(crate) intervals: Vec<IntervalFigures>,
}

impl LoadReport {
    /// Returns the calls by the response that decided them, the 2xx as 200, in the order of the statuses.
    #[must_use]
    pub fn statuses(&self) -> Vec<(u16, u64)> {
        let answered = (self.established > 0).then_some((200, self.established));
        let refused = self.tables.calls.iter().filter_map(|(why, count)| match why {
            Failure::Status(status) => Some((status, count)),
            Failure::TimedOut | Failure::Unreachable | Failure::Withdrawn => None,
        });
        answered.into_iter().chain(refused).collect()
    }

    /// Returns a statement about how the run was made.
    #[must_use]
    pub fn statement(&self, what: &str) -> Option<&str> {
        let found = self.statements.iter().find(|(name, _)| name == what);
        found.map(|(_, value)| value.as_str())
    }
}

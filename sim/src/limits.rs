//! The limits of a replication. Beyond one it ends with an error that names it: never a hang, never memory without bound.

use acd::Timestamp;
use scenarios::Scenario;

/// The most calls in the system at one time.
pub const CALLS_MAX: usize = 1 << 20;
/// The most callers at one time who will call again.
pub const ORBIT_MAX: usize = 1 << 22;
/// The most causes that may be due at one instant.
pub const CAUSES_PER_INSTANT_MAX: u32 = 1 << 20;
/// The most bytes of calls and events that one replication may log, each.
pub const LOG_MAX: usize = 1 << 31;

/// Bytes that the replications under way may take together, by estimate: beyond it fewer run at a time.
const MEMORY_AT_ONCE: u64 = 1 << 31;
/// Bytes of a figure by interval and part: about seventy columns of eight.
const CELL: u64 = 600;
/// Bytes of one skill of one agent.
const AGENT_SKILL: u64 = 40;

/// Returns how many replications may be under way or wait for their turn, by what one of them needs at least.
pub(crate) fn replications_at_once(scenario: &Scenario) -> u32 {
    let parts = 1
        + scenario.contacts.len()
        + scenario.queues.len()
        + scenario.groups.len()
        + scenario.sites.len()
        + scenario.pairs.len();
    let intervals = scenario.length.0.div_ceil(scenario.interval.0.max(1));
    let skills = scenario.groups.iter().map(|group| {
        let scheduled = group.schedule.iter().map(|(_, count)| u64::from(*count)).max();
        let shifts: u64 = group.shifts.iter().map(|shift| u64::from(shift.count)).sum();
        scheduled.unwrap_or(0).max(shifts.min(u64::from(acd::AGENTS_MAX)))
            * group.skills.len() as u64
    });
    let bytes = intervals * parts as u64 * CELL + skills.sum::<u64>() * AGENT_SKILL;
    u32::try_from(MEMORY_AT_ONCE / bytes.max(1)).unwrap_or(u32::MAX).max(1)
}

/// Which limit was exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exceeded {
    /// [`CALLS_MAX`].
    Calls,
    /// [`ORBIT_MAX`].
    Orbit,
    /// [`CAUSES_PER_INSTANT_MAX`].
    Instant,
    /// [`LOG_MAX`].
    Log,
}

impl Exceeded {
    const fn text(self) -> &'static str {
        match self {
            Self::Calls => "more than 1048576 calls in the system at one time",
            Self::Orbit => "more than 4194304 callers who will call again",
            Self::Instant => "more than 1048576 things due at one instant",
            Self::Log => "more than 2 GiB of calls or events in one replication's log",
        }
    }
}

impl std::fmt::Display for Exceeded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}

/// Why a simulation could not be carried through.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SimError {
    /// A replication exceeded a limit.
    #[error("replication {replication} stopped at {at}: {exceeded}")]
    Limit {
        /// Which replication, from 0.
        replication: u32,
        /// When.
        at: Timestamp,
        /// Which limit.
        exceeded: Exceeded,
    },
    /// A thread could not be started.
    #[error("cannot start a thread: {0}")]
    Thread(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_replications_run_few_at_a_time() {
        let mut scenario = crate::common::scenario(100);
        assert!(replications_at_once(&scenario) > 1000);
        // Ten years of intervals of an hour, four parts: 210 MB each.
        scenario.length = crate::common::secs(87_600 * 3600);
        scenario.interval = crate::common::secs(3600);
        assert_eq!(replications_at_once(&scenario), 10);
        scenario.groups[0].skills = vec![scenario.groups[0].skills[0]; 100];
        scenario.groups[0].schedule[0].1 = 200_000;
        assert_eq!(replications_at_once(&scenario), 2);
        scenario.interval = crate::common::secs(360);
        assert_eq!(replications_at_once(&scenario), 1, "one runs, whatever it needs");
    }
}

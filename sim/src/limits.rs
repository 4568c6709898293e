//! The limits of a replication. Beyond one it ends with an error that names it: never a hang, never memory without bound.

use acd::Timestamp;

/// The most calls in the system at one time.
pub const CALLS_MAX: usize = 1 << 20;
/// The most callers at one time who will call again.
pub const ORBIT_MAX: usize = 1 << 22;
/// The most causes that may be due at one instant.
pub const CAUSES_PER_INSTANT_MAX: u32 = 1 << 20;
/// The most bytes of calls and events that one replication may log, each.
pub const LOG_MAX: usize = 1 << 31;

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

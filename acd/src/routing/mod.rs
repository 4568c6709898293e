//! Routing strategies: which ready agent gets a call that arrives. One file each, one line in `REGISTRY`.

mod best_skill;
mod fastest_first;
mod fewest_calls;
mod linear;
mod longest_idle;
mod random;
mod ranks;
mod ready_set;
mod rings;
mod round_robin;

use crate::id::CallId;

/// Makes the empty ready set of one queue.
type Make = fn() -> Box<dyn Routing>;

/// Every strategy: name, maker, what it does. The order is that of the documentation.
pub(crate) const REGISTRY: &[(&str, Make, &str)] = &[
    longest_idle::ENTRY,
    round_robin::ENTRY,
    linear::ENTRY,
    fewest_calls::ENTRY,
    random::ENTRY,
    fastest_first::ENTRY,
    best_skill::ENTRY,
];

/// The names of every strategy, in the order of the documentation.
pub const NAMES: [&str; REGISTRY.len()] = {
    let mut names = [""; REGISTRY.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = REGISTRY[i].0;
        i += 1;
    }
    names
};

/// Returns one line on what the strategy does, for help texts.
#[must_use]
pub fn meaning(name: &str) -> Option<&'static str> {
    REGISTRY.iter().find(|entry| entry.0 == name).map(|entry| entry.2)
}

/// Makes the ready set of one queue; an unknown name gets the first strategy (`scenarios` refuses such names).
pub(crate) fn make(name: &str) -> Box<dyn Routing> {
    let entry = REGISTRY.iter().find(|entry| entry.0 == name).unwrap_or(&REGISTRY[0]);
    (entry.1)()
}

/// A seat as one queue sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    /// Position of the group in the file.
    pub(crate) group: u16,
    /// Level of the group's skill for this queue; 1 is best.
    pub(crate) level: u8,
    /// Expected handling time, µs.
    pub(crate) handling: u64,
}

/// How a ready agent stands among the others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// Rises each time an agent becomes ready; the lowest is idle longest.
    pub(crate) ready_sequence: u64,
    /// Calls the agent has answered.
    pub(crate) calls_answered: u32,
    /// Whether the agent resumes a place he had: an offer to him was withdrawn.
    pub(crate) is_resuming: bool,
}

/// Who asks: strategies that want chance hash this.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    /// Seed of the tie-breaking hash.
    pub(crate) seed: u64,
    /// The call to be offered.
    pub(crate) call: CallId,
}

/// The ready agents of one queue, kept in the order in which a strategy picks. Seats are numbered as they join.
pub(crate) trait Routing: Send {
    /// Learns of a new seat; it is not ready yet.
    fn join(&mut self, member: Member);
    /// Takes in an agent who became ready.
    fn insert(&mut self, seat: u32, standing: Standing);
    /// Takes out an agent who is no longer ready.
    fn remove(&mut self, seat: u32);
    /// Returns the agent to ask; he stays in until [`Routing::remove`].
    fn pick(&mut self, ask: Ask) -> Option<u32>;
    /// Returns what the strategy remembers besides who is ready, for snapshots.
    fn memory(&self) -> u64 {
        0
    }
    /// Takes back what [`Routing::memory`] gave.
    fn remember(&mut self, _memory: u64) {}
}

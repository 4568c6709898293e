//! Identities: small newtypes, so that an agent can never be mistaken for a queue.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! index {
    ($(#[$doc:meta])* $name:ident, $inner:ty, $letter:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl $name {
            /// Returns the position in the list this id indexes.
            #[inline]
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// Makes an id from a position. Positions beyond the type's range are a bug of the caller.
            #[inline]
            #[must_use]
            pub const fn new(index: usize) -> Self {
                Self(index as $inner)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}"), self.0)
            }
        }
    };
}

index!(
    /// A queue, by its position in [`crate::AcdConfig::queues`].
    QueueId, u16, "q"
);
index!(
    /// A kind of call (the number dialled), by its position in [`crate::AcdConfig::contacts`].
    ContactId, u16, "c"
);
index!(
    /// A group of agents, by its position in [`crate::AcdConfig::groups`].
    GroupId, u16, "g"
);
index!(
    /// A site, by its position in [`crate::AcdConfig::sites`].
    SiteId, u16, "s"
);
index!(
    /// An IVR flow, by its position in [`crate::AcdConfig::flows`].
    FlowId, u16, "f"
);
index!(
    /// A step of a flow, by its position in [`crate::Flow::steps`].
    StepId, u16, "t"
);
index!(
    /// An agent's seat. Seats are numbered from 0 in the order in which agents first sign in.
    AgentId, u32, "a"
);

/// A call. The outside numbers its calls: `slot` is reused, `age` tells its users apart.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct CallId {
    /// Position in the outside's table of calls; kept small, because the switch indexes by it.
    pub slot: u32,
    /// How often the slot was used before.
    pub age: u32,
}

impl CallId {
    /// Returns the position of the call in tables kept by slot.
    #[inline]
    #[must_use]
    pub const fn index(self) -> usize {
        self.slot as usize
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "k{}.{}", self.slot, self.age)
    }
}

/// An offer of one call to one agent. It lives in the agent's record; `age` makes late answers stale.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct OfferId {
    /// The agent who is asked.
    pub agent: AgentId,
    /// How many offers this agent had before.
    pub age: u32,
}

impl fmt::Display for OfferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "o{}.{}", self.agent.0, self.age)
    }
}

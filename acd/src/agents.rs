//! The agents: one record a seat, with the state that owns its data.

use crate::id::{AgentId, CallId, GroupId, OfferId, QueueId};
use crate::input::Reason;
use crate::output::AgentPhase;
use crate::units::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// The most seats. A sign-in beyond is stale.
pub const AGENTS_MAX: u32 = 1 << 20;

/// What an agent is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AgentState {
    SignedOut,
    Ready,
    /// An offer is open; the agent's `offer_age` names it.
    Reserved {
        call: CallId,
        queue: QueueId,
    },
    /// Talking, or with the caller on hold.
    Connected {
        call: CallId,
        queue: QueueId,
        is_held: bool,
    },
    Acw {
        call: CallId,
    },
    BackOff,
    NotReady(Reason),
}

/// What only some agents have need of, by seat.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Aside {
    pub(crate) signed_in_at: Timestamp,
    /// Talk of the present call before its present stretch.
    pub(crate) talk: Duration,
    /// Hold of the present call before its present stretch.
    pub(crate) hold: Duration,
}

impl AgentState {
    /// Returns the phase, without what it holds.
    #[inline]
    pub(crate) const fn phase(self) -> AgentPhase {
        match self {
            Self::SignedOut => AgentPhase::SignedOut,
            Self::Ready => AgentPhase::Ready,
            Self::Reserved { .. } => AgentPhase::Reserved,
            Self::Connected { is_held: false, .. } => AgentPhase::Talking,
            Self::Connected { is_held: true, .. } => AgentPhase::Held,
            Self::Acw { .. } => AgentPhase::Acw,
            Self::BackOff => AgentPhase::BackOff,
            Self::NotReady(_) => AgentPhase::NotReady,
        }
    }

    /// Returns why an agent takes no calls, when he is not ready.
    #[inline]
    pub(crate) const fn reason(self) -> Option<Reason> {
        match self {
            Self::NotReady(reason) => Some(reason),
            Self::SignedOut
            | Self::Ready
            | Self::Reserved { .. }
            | Self::Connected { .. }
            | Self::Acw { .. }
            | Self::BackOff => None,
        }
    }
}

/// What an agent does when he finishes what he is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Intent {
    TakeCalls,
    SignOut,
    NotReady(Reason),
}

/// One seat. A cache line, as the record of a call is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[repr(align(64))]
pub(crate) struct Agent {
    pub(crate) state: AgentState,
    /// When he came into this state.
    pub(crate) since: Timestamp,
    pub(crate) group: GroupId,
    pub(crate) intent: Intent,
    /// Offers so far; the last one's age while Reserved or Connected.
    pub(crate) offer_age: u32,
    pub(crate) calls_answered: u32,
    /// Unanswered offers in a row.
    pub(crate) unanswered: u16,
    /// Whether the present call was on hold: its times so far are noted aside.
    pub(crate) had_hold: bool,
    /// Rises each time he becomes ready; orders the idle.
    pub(crate) ready_sequence: u64,
    /// First entry of the seat in the table of memberships.
    pub(crate) memberships: u32,
    /// Time in each state since he signed in, for the law that they add to the signed-in time.
    pub(crate) accounted: Duration,
}

impl Agent {
    /// Makes a seat nobody sits on.
    pub(crate) fn new(group: GroupId, memberships: u32) -> Self {
        Self {
            state: AgentState::SignedOut,
            since: Timestamp::ZERO,
            group,
            intent: Intent::TakeCalls,
            offer_age: 0,
            calls_answered: 0,
            unanswered: 0,
            had_hold: false,
            ready_sequence: 0,
            memberships,
            accounted: Duration::ZERO,
        }
    }

    /// Changes the state and keeps the books of time.
    #[inline]
    pub(crate) fn become_state(&mut self, now: Timestamp, state: AgentState) {
        if self.state != AgentState::SignedOut {
            self.accounted.0 += now.since(self.since).0;
        }
        self.state = state;
        self.since = now;
    }

    /// Returns the offer that is open or was answered last.
    #[inline]
    pub(crate) fn offer(&self, agent: AgentId) -> OfferId {
        OfferId { agent, age: self.offer_age }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_fits_a_cache_line() {
        assert_eq!(size_of::<Agent>(), 64);
    }
}

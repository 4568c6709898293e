//! What the outside may tell the switch. Names follow the live mapping: a simulated person and a SIP user agent say the same things.

use crate::id::{AgentId, CallId, ContactId, GroupId, OfferId, QueueId, SiteId, StepId};
use crate::units::Duration;
use serde::{Deserialize, Serialize};

/// How an attempt came about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum AttemptKind {
    /// The first call about a matter.
    #[default]
    Fresh,
    /// A call after one that failed.
    Redial,
    /// A call after one that was served.
    Reconnect,
}

impl AttemptKind {
    /// Every kind, in order.
    pub const ALL: [Self; 3] = [Self::Fresh, Self::Redial, Self::Reconnect];

    /// Returns the word used in selectors and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Redial => "redial",
            Self::Reconnect => "reconnect",
        }
    }
}

/// Why an agent is not ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A planned break.
    Break,
    /// Too many offers in a row were not answered.
    NoAnswer,
    /// Work away from the telephone.
    OtherWork,
    /// The telephone cannot be reached.
    Unreachable,
}

/// Why an offer failed outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfferFailure {
    /// The agent's telephone is engaged.
    Busy,
    /// The agent refused.
    Declined,
    /// The telephone gave up ringing before the switch did.
    NoAnswer,
    /// The telephone cannot be reached.
    Unreachable,
}

/// What the outside tells the switch. Late and duplicated inputs are harmless: they become [`crate::Event::Stale`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// A call reaches the door. `caller` and `attempt` are opaque to the switch and handed on to events.
    CallOffered {
        /// The call, numbered by the outside.
        call: CallId,
        /// The kind of call: decides the queue or flow it enters.
        contact: ContactId,
        /// How the attempt came about.
        kind: AttemptKind,
        /// The caller's attempts before this one.
        attempt: u16,
        /// Who calls; opaque.
        caller: u64,
    },
    /// The caller is gone: gave up, hung up, lost. Ends whatever the call was in.
    CallerGone {
        /// The call.
        call: CallId,
    },
    /// The caller pressed a key (`0`–`9`, `*`, `#`).
    DigitPressed {
        /// The call.
        call: CallId,
        /// The key as an ASCII character.
        digit: u8,
    },
    /// A prompt came to its end.
    PlayEnded {
        /// The call.
        call: CallId,
        /// The step whose prompt it was; another step's end is stale.
        step: StepId,
    },
    /// The caller takes the callback just offered ([`crate::Command::OfferCallback`]).
    CallbackAccepted {
        /// The call.
        call: CallId,
    },
    /// The agent took the call offered.
    AgentAnswered {
        /// The offer.
        offer: OfferId,
    },
    /// The offer failed outside before the switch's own timer ran out.
    OfferFailed {
        /// The offer.
        offer: OfferId,
        /// Why.
        why: OfferFailure,
    },
    /// The agent hung up: the talk ends.
    AgentGone {
        /// The offer that led to the talk.
        offer: OfferId,
    },
    /// The agent puts the caller on hold, or takes him back.
    AgentHeld {
        /// The offer that led to the talk.
        offer: OfferId,
        /// `true` to hold, `false` to take back.
        on: bool,
    },
    /// The agent finished after-call work.
    WrapUpDone {
        /// The agent.
        agent: AgentId,
    },
    /// An agent signs in and is ready. Seats are taken in order: a new id must be the next unused one.
    SignIn {
        /// The seat.
        agent: AgentId,
        /// The group; must stay the same for a seat.
        group: GroupId,
    },
    /// An agent signs out: at once when idle, else after the call and its after-call work.
    SignOut {
        /// The agent.
        agent: AgentId,
    },
    /// The next `count` agents of a group who finish sign out instead of becoming ready. Replaces the earlier number; 0 takes it back.
    SignOutNext {
        /// The group.
        group: GroupId,
        /// How many.
        count: u32,
    },
    /// A busy agent leaves at once; the call goes back to the head of its queue.
    SendBack {
        /// The agent.
        agent: AgentId,
    },
    /// An agent leaves at once; a call he had is cut.
    CutOff {
        /// The agent.
        agent: AgentId,
    },
    /// An agent stops taking calls: at once when idle, else after the call and its after-call work.
    NotReady {
        /// The agent.
        agent: AgentId,
        /// Why.
        reason: Reason,
    },
    /// An agent takes calls again.
    Ready {
        /// The agent.
        agent: AgentId,
    },
    /// A site is lost: its agents and lines are gone, its calls are cut.
    SiteLost {
        /// The site.
        site: SiteId,
    },
    /// A site's lines work again. Its agents sign in by themselves.
    SiteRestored {
        /// The site.
        site: SiteId,
    },
    /// The number of lines changes. Calls that no longer fit are cut, the newest first.
    SetLines {
        /// A site's lines; `None` for those of the centre.
        site: Option<SiteId>,
        /// How many; `None` for unlimited.
        lines: Option<u32>,
    },
    /// Adds an overflow rule to a queue, for calls that wait already, too.
    AddOverflow {
        /// The queue that overflows.
        from: QueueId,
        /// The queue that takes over.
        to: QueueId,
        /// The wait after which a call moves.
        after: Duration,
    },
    /// Starts or stops offering callbacks that keep the caller's place.
    OfferCallbacks {
        /// The queue.
        queue: QueueId,
        /// Whether callers are asked.
        on: bool,
    },
    /// From now on every new attempt is refused as closed.
    CloseDoor,
    /// The centre closes: waiting calls and listed callbacks end as closed out, calls in the IVR are let go; talks go on.
    CloseQueues,
}

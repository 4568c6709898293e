//! The agents' seats as the switch numbers them, and what each is at.

use crate::media::MediaId;
use acd::{AgentId, CallId, Duration, GroupId, OfferId, Reason};
use sip::endpoint::Leg;

/// Who sits there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// A robot.
    Robot,
    /// A named agent, by his place in the scenario.
    Named(usize),
}

/// What the seat is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duty {
    /// No call.
    Free,
    /// An offer rings.
    Ringing {
        /// The offer.
        offer: OfferId,
        /// Its call.
        call: CallId,
    },
    /// He answered.
    Talking {
        /// The offer that led to it.
        offer: OfferId,
        /// The call.
        call: CallId,
    },
    /// After-call work; the age tells one from the next.
    WrapUp {
        /// The offer that led to it.
        offer: OfferId,
    },
}

/// A seat.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) group: GroupId,
    pub(crate) who: Who,
    pub(crate) duty: Duty,
    /// Whether he is signed in.
    pub(crate) is_in: bool,
    /// Why the switch sends him no calls.
    pub(crate) not_ready: Option<Reason>,
    /// The leg to his telephone that rings or talks.
    pub(crate) leg: Option<Leg>,
    /// Its audio.
    pub(crate) media: Option<MediaId>,
    /// A robot's after-call work of the talk that goes on.
    pub(crate) drawn_work: Duration,
}

impl Seat {
    /// An empty seat.
    pub(crate) fn new(group: GroupId, who: Who) -> Self {
        let (duty, leg, media, drawn_work) = (Duty::Free, None, None, Duration::ZERO);
        Self { group, who, duty, is_in: false, not_ready: None, leg, media, drawn_work }
    }

    /// The offer that rings or talks here.
    pub(crate) fn offer(&self) -> Option<(OfferId, CallId)> {
        match self.duty {
            Duty::Ringing { offer, call } | Duty::Talking { offer, call } => Some((offer, call)),
            Duty::Free | Duty::WrapUp { .. } => None,
        }
    }

    /// The call he talks on, if this offer led to it.
    pub(crate) fn talk(&self, of: OfferId) -> Option<CallId> {
        match self.duty {
            Duty::Talking { offer, call } => (offer == of).then_some(call),
            Duty::Free | Duty::Ringing { .. } | Duty::WrapUp { .. } => None,
        }
    }

    /// The call that rings here, if it is for this offer.
    pub(crate) fn ringing(&self, of: OfferId) -> Option<CallId> {
        match self.duty {
            Duty::Ringing { offer, call } => (offer == of).then_some(call),
            Duty::Free | Duty::Talking { .. } | Duty::WrapUp { .. } => None,
        }
    }
}

/// All seats; an agent's number is his place here and in the switch.
#[derive(Debug, Default)]
pub(crate) struct Seats(Vec<Seat>);

impl Seats {
    /// Adds a seat: the next number.
    pub(crate) fn add(&mut self, seat: Seat) -> AgentId {
        self.0.push(seat);
        AgentId::new(self.0.len() - 1)
    }

    /// Returns a seat.
    pub(crate) fn get(&self, agent: AgentId) -> Option<&Seat> {
        self.0.get(agent.index())
    }

    /// Returns a seat, to be changed.
    pub(crate) fn get_mut(&mut self, agent: AgentId) -> Option<&mut Seat> {
        self.0.get_mut(agent.index())
    }

    /// Lists the seats with their numbers.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (AgentId, &Seat)> {
        self.0.iter().enumerate().map(|(at, seat)| (AgentId::new(at), seat))
    }
}

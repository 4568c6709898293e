//! Everything outside the switch: legs, seats, audio, robots. It does what the switch commands and tells it what happened.
//!
//! A command is only queued when the switch gives it, and carried out when the switch is quiet (LIVE policy 15), so a result
//! of the wire never re-enters the switch within the same call.

pub(crate) mod calls;
pub(crate) mod seats;

use crate::agents::Agents;
use crate::counters::{Counters, Refused};
use crate::media::{Media, MediaId, Owner, Ports};
use crate::plan::Plan;
use crate::reach::Reach;
use crate::robots::{Doing, Robots};
use acd::{AgentId, CallId, Command, Input, OfferId, Outside, Timestamp};
use calls::Calls;
use seats::Seats;
use sip::Instant;
use sip::endpoint::{Endpoint, Leg};
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

/// Who is at the other end of a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Party {
    /// A caller.
    Caller(CallId),
    /// An agent's telephone, for one offer.
    Agent(AgentId, OfferId),
    /// Somebody who dialled a feature code.
    Service(MediaId),
}

/// Gives unpredictable numbers.
pub type Tokens = Box<dyn FnMut() -> u64 + Send>;

/// Everything outside the switch.
pub(crate) struct Board {
    pub(crate) endpoint: Endpoint,
    pub(crate) plan: Plan,
    pub(crate) calls: Calls,
    pub(crate) seats: Seats,
    pub(crate) parties: BTreeMap<Leg, Party>,
    pub(crate) agents: Agents,
    pub(crate) robots: Robots,
    pub(crate) media: Media,
    pub(crate) ports: Box<dyn Ports>,
    pub(crate) reach: Reach,
    pub(crate) refused: Counters,
    pub(crate) tokens: Tokens,
    /// Whether new calls are sent away: the end was asked for.
    pub(crate) is_draining: bool,
    /// The moment of the wire in which it acts.
    pub(crate) now: Instant,
    inbox: VecDeque<Input>,
    commands: VecDeque<(Timestamp, Command)>,
}

/// What a board is made of.
pub(crate) struct Parts {
    pub(crate) endpoint: Endpoint,
    pub(crate) plan: Plan,
    pub(crate) agents: Agents,
    pub(crate) robots: Robots,
    pub(crate) media: Media,
    pub(crate) ports: Box<dyn Ports>,
    pub(crate) reach: Reach,
    pub(crate) tokens: Tokens,
}

impl Board {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { endpoint, plan, agents, robots, media, ports, reach, tokens } = parts;
        Self {
            endpoint,
            plan,
            calls: Calls::default(),
            seats: Seats::default(),
            parties: BTreeMap::new(),
            agents,
            robots,
            media,
            ports,
            reach,
            refused: Counters::default(),
            tokens,
            is_draining: false,
            now: Instant::default(),
            inbox: VecDeque::new(),
            commands: VecDeque::new(),
        }
    }

    /// Keeps something for the switch.
    pub(crate) fn tell(&mut self, input: Input) {
        self.inbox.push_back(input);
    }

    /// Takes the next command to be carried out, with the switch's moment in which it was given.
    pub(crate) fn take_command(&mut self) -> Option<(Timestamp, Command)> {
        self.commands.pop_front()
    }

    /// Whether the switch has something to hear.
    pub(crate) fn has_input(&self) -> bool {
        !self.inbox.is_empty()
    }

    /// Opens the audio of a leg; `None` when no port is left.
    pub(crate) fn open_media(&mut self, peer: IpAddr) -> Option<MediaId> {
        let port = self.ports.take(peer)?;
        Some(self.media.open(port, peer, &mut *self.tokens))
    }

    /// Closes a leg's audio and gives its port back.
    pub(crate) fn close_media(&mut self, id: Option<MediaId>) {
        if let Some(port) = id.and_then(|id| self.media.close(self.now, id)) {
            self.ports.give_back(port);
        }
    }

    /// Hangs up on every caller; the agents' legs end with them.
    pub(crate) fn hang_up_all(&mut self) {
        let legs: Vec<Leg> = self.parties.keys().copied().collect();
        for leg in legs {
            // One that is ending already needs no second farewell.
            let _ =
                self.endpoint.hang_up(self.now, leg, &[("Reason", b"X-ACD;text=\"closed out\"")]);
        }
    }

    /// Counts something that was refused here.
    pub(crate) fn refuse(&mut self, why: Refused) {
        self.refused.count(why);
    }

    /// The caller's audio of a call.
    pub(crate) fn media_of(&self, call: CallId) -> Option<MediaId> {
        self.calls.get(call)?.media
    }

    /// Does what a robot, or the clock, has planned.
    fn act(&mut self, now: Timestamp, doing: Doing) {
        match doing {
            Doing::ChangesShift(row) => self.change_shift(row),
            Doing::PicksUp(offer) => self.robot_picks_up(offer),
            Doing::HangsUp(offer) => self.robot_hangs_up(offer),
            Doing::FinishesWork(offer) => self.finish_work(offer),
            Doing::Returns(agent) => self.robot_returns(now, agent),
        }
    }

    /// Returns whose audio a session is, for what was heard on it.
    pub(crate) fn call_of(&self, owner: Owner) -> Option<CallId> {
        match owner {
            Owner::Call(call) => Some(call),
            Owner::Nobody | Owner::Agent(..) | Owner::Service(_) => None,
        }
    }
}

impl Outside for Board {
    fn handle_command(&mut self, now: Timestamp, command: &Command) {
        self.commands.push_back((now, *command));
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        if let Some(doing) = self.robots.take_due(now) {
            self.act(now, doing);
        }
    }

    fn poll_input(&mut self) -> Option<Input> {
        let input = self.inbox.pop_front()?;
        if let Input::CallerGone { call } = input {
            if let Some(record) = self.calls.get_mut(call) {
                record.is_in_switch = false;
            }
            self.calls.close_if_over(call);
        }
        Some(input)
    }

    fn next_timeout(&self) -> Option<Timestamp> {
        self.robots.next_timeout()
    }
}

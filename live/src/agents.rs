//! Named agents: registered, signed in, reachable (LIVE policy 1). Registered is not signed in.

use crate::board::seats::{Duty, Seat, Who};
use crate::board::{Board, Party};
use crate::counters::Refused;
use crate::media::Owner;
use acd::{AgentId, GroupId, Input, Reason};
use sip::endpoint::{AccountId, BindingId, Caller, Leg, Ping};
use sip::flow::Flow;
use sip::{Duration, Instant};
use std::collections::{BTreeMap, BTreeSet};

/// How many OPTIONS in a row a telephone may leave unanswered.
const MISSED_MAX: u8 = 2;

/// A feature code: what an agent dials about himself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Code {
    /// `*11`: signs in, or takes calls again, or ends after-call work.
    Ready,
    /// `*12`: takes no calls.
    NotReady,
    /// `*13`: signs out.
    SignOut,
}

impl Code {
    fn of(user: &[u8]) -> Option<Self> {
        match user {
            b"*11" => Some(Self::Ready),
            b"*12" => Some(Self::NotReady),
            b"*13" => Some(Self::SignOut),
            _ => None,
        }
    }
}

/// A named agent.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) group: GroupId,
    pub(crate) account: AccountId,
    /// How often his telephone is asked whether it is there.
    pub(crate) keep_alive: Option<Duration>,
    /// His seat, once he has signed in for the first time.
    seat: Option<AgentId>,
    /// Whether he asked for no calls.
    is_paused: bool,
    /// The contact that is asked, the OPTIONS under way, when the next is due, and how many were missed.
    binding: Option<BindingId>,
    ping: Option<Ping>,
    next_ping: Option<Instant>,
    missed: u8,
}

impl Agent {
    pub(crate) fn new(group: GroupId, account: AccountId, keep_alive: Option<Duration>) -> Self {
        let (seat, binding, ping, next_ping) = (None, None, None, None);
        Self {
            group,
            account,
            keep_alive,
            seat,
            is_paused: false,
            binding,
            ping,
            next_ping,
            missed: 0,
        }
    }
}

/// All named agents, in the order of the scenario.
#[derive(Debug, Default)]
pub(crate) struct Agents {
    all: Vec<Agent>,
    by_account: BTreeMap<AccountId, usize>,
    /// Who is to be asked whether he is there, and when.
    due: BTreeSet<(Instant, usize)>,
    /// Whose telephone is being asked.
    asked: BTreeMap<Ping, usize>,
}

impl Agents {
    pub(crate) fn new(all: Vec<Agent>) -> Self {
        let by_account = all.iter().enumerate().map(|(at, agent)| (agent.account, at)).collect();
        Self { all, by_account, due: BTreeSet::new(), asked: BTreeMap::new() }
    }

    /// The registrar's account of an agent.
    pub(crate) fn account(&self, agent: usize) -> AccountId {
        self.all[agent].account
    }

    fn by_account(&self, account: AccountId) -> Option<usize> {
        self.by_account.get(&account).copied()
    }

    /// Says when an agent's telephone is to be asked next; never, where it is not asked at all.
    fn ask_at(&mut self, named: usize, due: Option<Instant>) {
        let before = std::mem::replace(&mut self.all[named].next_ping, due);
        before.map(|before| self.due.remove(&(before, named)));
        due.map(|due| self.due.insert((due, named)));
    }

    /// Notes the question under way, in the place of the one before.
    fn set_asked(&mut self, named: usize, ping: Option<Ping>) {
        let before = std::mem::replace(&mut self.all[named].ping, ping);
        before.map(|before| self.asked.remove(&before));
        ping.map(|ping| self.asked.insert(ping, named));
    }

    /// The switch signed him out (no reason) or took him off: `*11` brings him back.
    pub(crate) fn is_out(&mut self, agent: usize, reason: Option<Reason>) {
        let agent = &mut self.all[agent];
        match reason {
            None => agent.is_paused = false,
            Some(Reason::NoAnswer) => agent.is_paused = true,
            Some(Reason::Unreachable | Reason::Break | Reason::OtherWork) => {}
        }
    }

    /// When the next OPTIONS is due.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        self.due.first().map(|(due, _)| *due)
    }
}

impl Board {
    /// A telephone registered: its agent can be reached.
    pub(crate) fn registered(&mut self, account: AccountId, binding: BindingId) {
        let Some(named) = self.agents.by_account(account) else { return };
        let due = self.agents.all[named].keep_alive.map(|every| self.now + every);
        self.agents.ask_at(named, due);
        if self.agents.all[named].binding != Some(binding) {
            self.agents.set_asked(named, None);
        }
        let agent = &mut self.agents.all[named];
        if agent.binding != Some(binding) {
            (agent.binding, agent.missed) = (Some(binding), 0);
        }
        let Some(seat) = agent.seat.filter(|_| !agent.is_paused) else { return };
        let is_off =
            self.seats.get(seat).is_some_and(|seat| seat.not_ready == Some(Reason::Unreachable));
        if is_off {
            self.make_ready(seat);
        }
    }

    /// A contact is gone. Without any other the agent gets no offers; a call in progress is untouched.
    pub(crate) fn unregistered(&mut self, account: AccountId) {
        let Some(named) = self.agents.by_account(account) else { return };
        let newest = self.endpoint.bindings(account).next().map(|binding| binding.id);
        self.agents.all[named].binding = newest;
        if newest.is_some() {
            return;
        }
        self.agents.set_asked(named, None);
        self.agents.ask_at(named, None);
        let agent = &mut self.agents.all[named];
        agent.missed = 0;
        if let Some(seat) = agent.seat.filter(|_| !agent.is_paused) {
            self.make_not_ready(seat, Reason::Unreachable);
        }
    }

    fn make_ready(&mut self, agent: AgentId) {
        let Some(seat) = self.seats.get_mut(agent).filter(|seat| seat.is_in) else { return };
        seat.not_ready = None;
        self.tell(Input::Ready { agent });
    }

    fn make_not_ready(&mut self, agent: AgentId, reason: Reason) {
        let Some(seat) = self.seats.get_mut(agent).filter(|seat| seat.is_in) else { return };
        seat.not_ready = Some(reason);
        self.tell(Input::NotReady { agent, reason });
    }

    /// Somebody dialled a code: an agent's telephone is believed, a stranger is asked for credentials.
    pub(crate) fn feature_code(
        &mut self,
        leg: Leg,
        flow: Flow,
        caller: Caller,
        user: &[u8],
        offer: Option<&[u8]>,
    ) {
        let Some(code) = Code::of(user) else {
            return self.turn_away(leg, Refused::UnknownNumber, 404, &[]);
        };
        let account = match caller {
            Caller::Registered(account) | Caller::Proved(account) => account,
            Caller::Stranger => {
                self.refuse(Refused::FeatureCode);
                // Who has gone meanwhile needs no challenge.
                let _ = self.endpoint.challenge(self.now, leg);
                return;
            }
        };
        let Some(named) = self.agents.by_account(account) else {
            return self.turn_away(leg, Refused::FeatureCode, 403, &[]);
        };
        let Some(media) = self.admit(leg, flow, offer) else { return };
        self.media.give_to(media, Owner::Service(leg));
        self.parties.insert(leg, Party::Service(media));
        let sdp = self.media.get(media).map_or(&[][..], |session| session.terms.ours());
        let _ = self.endpoint.answer(self.now, leg, sdp);
        self.apply(named, code);
        // The answer is the receipt; the BYE waits for its ACK.
        self.hang_up(leg, &[]);
    }

    fn apply(&mut self, named: usize, code: Code) {
        match code {
            Code::Ready => self.code_ready(named),
            Code::NotReady => {
                self.agents.all[named].is_paused = true;
                if let Some(seat) = self.agents.all[named].seat {
                    self.make_not_ready(seat, Reason::OtherWork);
                }
            }
            Code::SignOut => {
                self.agents.all[named].is_paused = false;
                let Some(agent) = self.agents.all[named].seat else { return };
                if self.seats.get(agent).is_some_and(|seat| seat.is_in) {
                    self.tell(Input::SignOut { agent });
                }
            }
        }
    }

    /// Signs an agent in, ends his after-call work, or lets him take calls again.
    fn code_ready(&mut self, named: usize) {
        let agent = &mut self.agents.all[named];
        agent.is_paused = false;
        let (account, group) = (agent.account, agent.group);
        let seat = match agent.seat {
            Some(seat) => seat,
            None => {
                let seat = self.seats.add(Seat::new(group, Who::Named(named)));
                self.agents.all[named].seat = Some(seat);
                seat
            }
        };
        let Some(record) = self.seats.get_mut(seat) else { return };
        if !record.is_in {
            self.sign_in(seat);
            let is_reachable = self.endpoint.bindings(account).next().is_some();
            if !is_reachable {
                self.make_not_ready(seat, Reason::Unreachable);
            }
            return;
        }
        if let Duty::WrapUp { .. } = record.duty {
            record.duty = Duty::Free;
            self.tell(Input::WrapUpDone { agent: seat });
        }
        if self.seats.get(seat).is_some_and(|seat| seat.not_ready.is_some()) {
            self.make_ready(seat);
        }
    }

    /// Asks the telephones that are due whether they are there.
    pub(crate) fn keep_alive(&mut self) {
        while let Some((_, named)) = self.agents.due.first().filter(|(due, _)| *due <= self.now) {
            self.ask_telephone(*named);
        }
    }

    fn ask_telephone(&mut self, named: usize) {
        let now = self.now;
        let due = self.agents.all[named].keep_alive.map(|every| now + every);
        self.agents.ask_at(named, due);
        let agent = &self.agents.all[named];
        if agent.ping.is_some() {
            return;
        }
        let (account, wanted) = (agent.account, agent.binding);
        let mut bindings = self.endpoint.bindings(account);
        let found = bindings.find(|binding| Some(binding.id) == wanted);
        let Some((flow, contact)) = found.map(|binding| (binding.flow, binding.contact.to_vec()))
        else {
            return;
        };
        drop(bindings);
        let ping = self.endpoint.ping(now, flow, &contact, &[]).ok();
        self.agents.set_asked(named, ping);
    }

    /// A telephone answered, or did not: after two in a row its contact is taken for gone.
    pub(crate) fn pong(&mut self, ping: Ping, is_there: bool) {
        let Some(&named) = self.agents.asked.get(&ping) else { return };
        self.agents.set_asked(named, None);
        let agent = &mut self.agents.all[named];
        agent.missed = if is_there { 0 } else { agent.missed + 1 };
        if agent.missed >= MISSED_MAX
            && let Some(binding) = agent.binding
        {
            // The endpoint tells that it is gone.
            let _ = self.endpoint.remove_binding(binding);
        }
    }
}

//! The world outside the switch: synthetic callers and agents in virtual time.
//!
//! The world hears commands, keeps the list of what people will do, and answers with inputs. It never looks
//! into the switch and never at a clock.

use crate::agents::Seat;
use crate::arrivals::Merge;
use crate::calls::{Call, Caller, Calls, Orbit};
use crate::events::{Doing, Due, Events, NO_TICKET};
use crate::habits::Habits;
use crate::inbox::Inbox;
use crate::limits::{CALLS_MAX, Exceeded, ORBIT_MAX};
use crate::staff::Staff;
use crate::streams::ContactStreams;
use acd::{AttemptKind, CallId, Command, Duration, Input, Outside, Timestamp};
use chance::Chance;
use reports::PersonFact;
use scenarios::Scenario;

/// Everybody outside the switch, in one replication.
pub(crate) struct World<'s> {
    pub(crate) scenario: &'s Scenario,
    pub(crate) habits: &'s Habits,
    pub(crate) chance: Chance,
    pub(crate) streams: Vec<ContactStreams>,
    arrivals: Merge<'s>,
    pub(crate) events: Events,
    pub(crate) calls: Calls,
    orbit: Orbit,
    pub(crate) seats: Vec<Seat>,
    /// The group of each seat.
    pub(crate) group_of: Vec<acd::GroupId>,
    pub(crate) staff: Vec<Staff>,
    pub(crate) inbox: Inbox,
    /// What the switch cannot know, since the facts were last taken.
    pub(crate) facts: Vec<PersonFact>,
    /// The share that accepts a callback, by queue.
    pub(crate) accepts: Vec<f64>,
    /// No attempt enters from here on.
    length: Timestamp,
    /// Callers whose next attempt would fall after that.
    too_late: Vec<PersonFact>,
    /// Agents in talk or after-call work.
    pub(crate) at_work: usize,
    pub(crate) attempts: u64,
    pub(crate) exceeded: Option<Exceeded>,
    next: Timestamp,
}

impl<'s> World<'s> {
    /// Prepares the people of one replication.
    pub(crate) fn new(scenario: &'s Scenario, habits: &'s Habits, chance: Chance) -> Self {
        let arrivals = Merge::new(scenario, &chance);
        let streams = (0..scenario.contacts.len() as u32)
            .map(|contact| ContactStreams::new(&chance, contact))
            .collect();
        Self {
            scenario,
            habits,
            chance,
            streams,
            next: arrivals.next_at(),
            arrivals,
            events: Events::default(),
            calls: Calls::default(),
            orbit: Orbit::default(),
            seats: Vec::new(),
            group_of: Vec::new(),
            staff: vec![Staff::default(); scenario.groups.len()],
            inbox: Inbox::default(),
            facts: Vec::new(),
            accepts: scenario.queues.iter().map(|queue| queue.callback_accept).collect(),
            length: Timestamp(scenario.length.0),
            too_late: Vec::new(),
            at_work: 0,
            attempts: 0,
            exceeded: None,
        }
    }

    /// Starts an attempt at the door.
    #[inline]
    fn dial(&mut self, caller: Caller) {
        if self.calls.len() >= CALLS_MAX {
            self.exceeded = Some(Exceeded::Calls);
            return;
        }
        self.attempts += 1;
        let call = self.calls.open(caller);
        let Caller { contact, kind, attempt, .. } = caller;
        let name = self.name_of(caller);
        self.inbox.call_offered(call, (contact, kind, attempt), name);
    }

    /// Returns the number by which reports tell a caller from the others: the trace's own where it has one.
    #[inline]
    fn name_of(&self, caller: Caller) -> u64 {
        const CONTACT_SHIFT: u32 = 48;
        if let scenarios::Arrivals::Trace(calls) =
            &self.scenario.contacts[caller.contact.index()].arrivals
            && let Some(known) = calls.get(caller.number as usize).and_then(|call| call.caller)
        {
            return known;
        }
        u64::from(caller.contact.0) << CONTACT_SHIFT | caller.number
    }

    #[inline]
    fn fresh_call(&mut self) {
        let Some(fresh) = self.arrivals.take() else { return };
        let habits = &self.habits.contacts[fresh.contact.index()];
        let mood = if habits.moods.is_empty() {
            0
        } else {
            let streams = &self.streams[fresh.contact.index()];
            habits.mood_of(streams.mood.draw(fresh.number).uniform())
        };
        self.dial(Caller {
            number: fresh.number,
            contact: fresh.contact,
            kind: AttemptKind::Fresh,
            mood,
            attempt: 0,
            draws: 0,
        });
    }

    /// Sends a caller away who will call again after a delay.
    pub(crate) fn enter_orbit(&mut self, now: Timestamp, caller: Caller, delay: Duration) {
        let Caller { contact, kind, .. } = caller;
        self.facts.push(PersonFact::CallsAgain { contact, kind });
        let at = now.after(delay);
        if at < self.length {
            if self.orbit.len() >= ORBIT_MAX {
                self.exceeded = Some(Exceeded::Orbit);
                return;
            }
            let slot = self.orbit.enter(caller);
            self.events.plan(at, Doing::CallsAgain, slot);
        } else if now < self.length {
            self.too_late.push(PersonFact::LostToClose { contact, kind });
        } else {
            self.facts.push(PersonFact::LostToClose { contact, kind });
        }
    }

    /// Tells those who would call too late that the door is closed; for the moment at which it closes.
    pub(crate) fn close_orbit(&mut self) {
        self.facts.append(&mut self.too_late);
    }

    /// Returns whether nothing can happen any more: no call in the system and nobody at work.
    pub(crate) fn is_quiet(&self) -> bool {
        self.calls.len() == 0 && self.at_work == 0
    }

    /// Returns whether all that is left are callbacks that nobody will ever make: they start when an agent finishes.
    pub(crate) fn is_left_with_callbacks(&self) -> bool {
        self.calls.len() == self.calls.listed && self.at_work == 0
    }

    /// Cancels what a caller would do next.
    #[inline]
    pub(crate) fn cancel(events: &mut Events, call: &mut Call) {
        if call.ticket != NO_TICKET {
            events.note_cancelled(call.ticket);
            call.ticket = NO_TICKET;
        }
    }

    /// Ends a call: what its caller would have done next is cancelled.
    #[inline]
    pub(crate) fn end_call(&mut self, id: CallId) {
        if let Some(call) = self.calls.find(id) {
            Self::cancel(&mut self.events, call);
            self.calls.close(id);
        }
    }

    fn do_due(&mut self, now: Timestamp, due: Due) {
        let Due { doing, slot, ticket, .. } = due;
        match doing {
            Doing::TalkEnds => self.talk_ends(now, slot, ticket),
            Doing::WrapUpEnds => self.wrap_up_ends(slot, ticket),
            Doing::GivesUp => self.gives_up(now, slot, ticket),
            Doing::CallsAgain => {
                let caller = self.orbit.leave(slot);
                self.dial(caller);
            }
            Doing::PicksUp => self.picks_up(slot, ticket),
            Doing::HoldStarts => self.hold_starts(now, slot, ticket),
            Doing::HoldEnds => self.hold_ends(now, slot, ticket),
            Doing::Returns => self.returns(slot, ticket),
            Doing::PromptEnds => self.prompt_ends(slot, ticket),
            Doing::PressesKey => self.presses_key(slot, ticket),
        }
    }

    #[inline]
    fn is_live(calls: &Calls, seats: &[Seat], due: Due) -> bool {
        match due.doing {
            Doing::CallsAgain => true,
            Doing::WrapUpEnds | Doing::PicksUp | Doing::Returns => {
                seats.get(due.slot as usize).is_some_and(|seat| seat.ticket == due.ticket)
            }
            Doing::TalkEnds
            | Doing::GivesUp
            | Doing::HoldStarts
            | Doing::HoldEnds
            | Doing::PromptEnds
            | Doing::PressesKey => calls.is_live(due.slot, due.ticket),
        }
    }

    /// Drops cancelled events from the top and works out when to come back.
    #[inline]
    fn look_ahead(&mut self) {
        let (calls, seats) = (&self.calls, &self.seats);
        self.events.sweep(|due| Self::is_live(calls, seats, due));
        let mut next = self.arrivals.next_at();
        while let Some(due) = self.events.first() {
            if due.at > next {
                break;
            }
            if Self::is_live(&self.calls, &self.seats, due) {
                next = due.at;
                break;
            }
            self.events.drop_cancelled();
        }
        self.next = next;
    }
}

impl Outside for World<'_> {
    #[inline]
    fn handle_command(&mut self, now: Timestamp, command: &Command) {
        match *command {
            Command::Ring { offer, call, since } => self.ring(now, offer, call, since),
            Command::Connect { call, offer } => self.connect(now, call, offer),
            Command::ReleaseAgent { offer, wrap_up, .. } => self.release_agent(now, offer, wrap_up),
            Command::Music { call, since, on_entry, .. } => self.music(now, call, since, on_entry),
            Command::Refuse { call, cause } | Command::Release { call, cause } => {
                self.let_go(now, call, cause);
            }
            Command::CancelRing { offer } => self.cancel_ring(offer),
            Command::AgentOut { agent, reason } => self.agent_out(now, agent, reason),
            Command::OfferCallback { call, queue } => self.offer_callback(call, queue),
            Command::Play { call, flow, step } => self.listen(now, call, flow, step),
            Command::Gather { call, flow, step } => self.choose(now, call, flow, step),
            // Nothing that a person does follows from these.
            Command::Answer { .. } | Command::Hold { .. } | Command::Retrieve { .. } => {}
        }
    }

    #[inline]
    fn handle_timeout(&mut self, now: Timestamp) {
        if !self.inbox.is_empty() {
            // What the office asked for at this instant comes first: an agent told to leave must not return in between.
            return;
        }
        // At one instant a fresh call comes last.
        match self.events.first() {
            Some(due) if due.at <= now && due.at <= self.arrivals.next_at() => {
                self.events.take();
                self.do_due(now, due);
            }
            Some(_) | None => {
                if self.arrivals.next_at() <= now {
                    self.fresh_call();
                }
            }
        }
    }

    #[inline]
    fn poll_input(&mut self) -> Option<Input> {
        let input = self.inbox.pop();
        if input.is_none() {
            self.look_ahead();
        }
        input
    }

    #[inline]
    fn next_timeout(&self) -> Option<Timestamp> {
        (self.next < Timestamp::MAX).then_some(self.next)
    }
}

//! What agents do: pick up, talk, hold, finish, return.

use crate::calls::{Aside, Caller};
use crate::events::{Doing, NO_TICKET, Ticket};
use crate::world::World;
use acd::{AgentId, CallId, Duration, Input, OfferId, Reason, Timestamp};
use chance::Purpose;

/// An agent's seat. Its group stands in a table of its own ([`World::group_of`]): that is all an offer has to read.
#[derive(Debug, Clone)]
pub(crate) struct Seat {
    pub(crate) presence: Presence,
    /// What he does next.
    pub(crate) ticket: Ticket,
    /// The offer that rings, or led to his talk.
    offer: OfferId,
    /// Whose work he does, with the repeat of its draws.
    caller: Caller,
    sent_back: u8,
    /// Whether he does after-call work.
    writes_up: bool,
}

/// Whether somebody sits there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Nobody.
    Out,
    /// An agent.
    In,
    /// An agent who leaves when he finishes, or at once.
    Leaving,
}

impl Seat {
    /// Makes a seat; an agent signs in to it.
    pub(crate) fn new() -> Self {
        let caller = Caller {
            number: 0,
            contact: acd::ContactId(0),
            kind: acd::AttemptKind::Fresh,
            mood: 0,
            attempt: 0,
            draws: 0,
        };
        Self {
            presence: Presence::In,
            ticket: NO_TICKET,
            offer: OfferId::default(),
            caller,
            sent_back: 0,
            writes_up: false,
        }
    }
}

impl World<'_> {
    /// Hears the telephone ring: picks up at once, later, or not at all.
    #[inline]
    pub(crate) fn ring(&mut self, now: Timestamp, offer: OfferId, call: CallId, since: Timestamp) {
        let group = self.group_of[offer.agent.index()];
        let habits = &self.habits.groups[group.index()];
        if habits.pick_up.is_none() && habits.no_answer.share <= 0.0 {
            self.inbox.agent_answered(offer);
        } else {
            self.ring_awhile(now, offer, call, since);
        }
    }

    /// Lets it ring, while the caller's patience runs. What he does is addressed by agent, call and how often that call was offered.
    fn ring_awhile(&mut self, now: Timestamp, offer: OfferId, id: CallId, since: Timestamp) {
        const OFFERS_SHIFT: u32 = 12;
        const CONTACT_SHIFT: u32 = 20;
        self.stop_listening(id);
        self.wait_patiently(now, id, since);
        let Some(call) = self.calls.find(id) else { return };
        let repeat =
            u64::from(call.caller.attempt & 0xFFF) | u64::from(call.offers & 0xFF) << OFFERS_SHIFT;
        call.offers = call.offers.saturating_add(1);
        let number = call.caller.number;
        let group = offer.agent.0 ^ u32::from(call.caller.contact.0) << CONTACT_SHIFT;
        let draw = |purpose| self.chance.stream(purpose, group).draw_again(number, repeat);
        let seat = &mut self.seats[offer.agent.index()];
        seat.offer = offer;
        let habits = &self.habits.groups[self.group_of[offer.agent.index()].index()];
        if draw(Purpose::NoAnswer).happens(habits.no_answer.share) {
            return;
        }
        let pick_up = habits.pick_up.as_ref().map(|law| law.sample(&mut draw(Purpose::PickUp)));
        let at = now.after(Duration::from_secs_f64(pick_up.unwrap_or(0.0)));
        seat.ticket = self.events.plan(at, Doing::PicksUp, offer.agent.0);
    }

    /// Picks up.
    pub(crate) fn picks_up(&mut self, slot: u32, ticket: Ticket) {
        let seat = &mut self.seats[slot as usize];
        if seat.ticket == ticket {
            seat.ticket = NO_TICKET;
            self.inbox.agent_answered(seat.offer);
        }
    }

    /// Hears the telephone fall silent.
    pub(crate) fn cancel_ring(&mut self, offer: OfferId) {
        self.inbox.withdraw_answer(offer);
        self.drop_plan(offer.agent);
    }

    /// Forgets what an agent would do next.
    fn drop_plan(&mut self, agent: AgentId) {
        let seat = &mut self.seats[agent.index()];
        if seat.ticket != NO_TICKET {
            self.events.note_cancelled(seat.ticket);
            seat.ticket = NO_TICKET;
        }
    }

    /// Talks: the length is the call's, rescaled by the group's speed and the caller's mood.
    #[inline]
    pub(crate) fn connect(&mut self, now: Timestamp, id: CallId, offer: OfferId) {
        let Some(call) = self.calls.find(id) else { return };
        Self::cancel(&mut self.events, call);
        let (caller, sent_back) = (call.caller, call.sent_back);
        if self.habits.has_wrap_up {
            // Whose work he does when the call, and its slot, is gone.
            let seat = &mut self.seats[offer.agent.index()];
            (seat.caller, seat.sent_back) = (caller, sent_back);
        }
        self.at_work += 1;
        let (work, slowness) = self.habits.work(caller.contact, self.group_of[offer.agent.index()]);
        let habits = &self.habits.contacts[caller.contact.index()];
        let streams = &self.streams[caller.contact.index()];
        let (number, repeat) = (caller.number, caller.repeat(sent_back));
        let mood = habits.mood(caller.mood).map_or(1.0, |mood| mood.talk);
        let talk = work.talk.sample(&mut streams.talk.draw_again(number, repeat));
        let talk = Duration::from_secs_f64(talk * slowness * mood);
        let hold = work.hold.as_ref().map_or(Duration::ZERO, |law| {
            let hold = law.sample(&mut streams.hold.draw_again(number, repeat));
            Duration::from_secs_f64(hold * slowness)
        });
        let ticket = if hold == Duration::ZERO {
            self.events.plan(now.after(talk), Doing::TalkEnds, id.slot)
        } else {
            // The hold stands in the middle of the talk.
            let before = Duration(talk.0 / 2);
            let aside = self.calls.aside(id);
            (aside.offer, aside.hold, aside.talk_left) = (offer, hold, Duration(talk.0 - before.0));
            self.events.plan(now.after(before), Doing::HoldStarts, id.slot)
        };
        self.calls.talk(id, ticket);
    }

    /// Puts the caller on hold.
    pub(crate) fn hold_starts(&mut self, now: Timestamp, slot: u32, ticket: Ticket) {
        let Some((id, _)) = self.calls.due(slot, ticket) else { return };
        let Aside { offer, hold, .. } = *self.calls.aside(id);
        self.inbox.push(Input::AgentHeld { offer, on: true });
        let ticket = self.events.plan(now.after(hold), Doing::HoldEnds, slot);
        self.calls.set_ticket(slot, ticket);
    }

    /// Takes the caller back.
    pub(crate) fn hold_ends(&mut self, now: Timestamp, slot: u32, ticket: Ticket) {
        let Some((id, _)) = self.calls.due(slot, ticket) else { return };
        let Aside { offer, talk_left, .. } = *self.calls.aside(id);
        self.inbox.push(Input::AgentHeld { offer, on: false });
        let ticket = self.events.plan(now.after(talk_left), Doing::TalkEnds, slot);
        self.calls.set_ticket(slot, ticket);
    }

    /// The caller hangs up, his matter settled.
    #[inline]
    pub(crate) fn talk_ends(&mut self, now: Timestamp, slot: u32, ticket: Ticket) {
        let Some((id, call)) = self.calls.due(slot, ticket) else { return };
        call.ticket = NO_TICKET;
        self.inbox.caller_gone(id);
        self.at_work -= 1;
        self.was_served(now, id);
    }

    /// The talk is over: after-call work, or the next call.
    #[inline]
    pub(crate) fn release_agent(&mut self, now: Timestamp, offer: OfferId, wrap_up: bool) {
        // Without after-call work the seat is left as it is: who is ready is nobody's to ask here.
        if wrap_up {
            self.write_up(now, offer.agent);
        }
    }

    fn write_up(&mut self, now: Timestamp, agent: AgentId) {
        let seat = &mut self.seats[agent.index()];
        let caller = seat.caller;
        let (work, slowness) = self.habits.work(caller.contact, self.group_of[agent.index()]);
        let acw = work.acw.as_ref().map_or(0.0, |law| {
            let stream = &self.streams[caller.contact.index()].acw;
            law.sample(&mut stream.draw_again(caller.number, caller.repeat(seat.sent_back)))
        });
        let acw = Duration::from_secs_f64(acw * slowness);
        if acw == Duration::ZERO {
            self.inbox.wrap_up_done(agent);
            return;
        }
        seat.writes_up = true;
        self.at_work += 1;
        seat.ticket = self.events.plan(now.after(acw), Doing::WrapUpEnds, agent.0);
    }

    /// Finishes after-call work.
    #[inline]
    pub(crate) fn wrap_up_ends(&mut self, slot: u32, ticket: Ticket) {
        let seat = &mut self.seats[slot as usize];
        if seat.ticket == ticket {
            seat.ticket = NO_TICKET;
            seat.writes_up = false;
            self.at_work -= 1;
            self.inbox.wrap_up_done(AgentId(slot));
        }
    }

    /// Learns that the switch signed him out or took him off.
    pub(crate) fn agent_out(&mut self, now: Timestamp, agent: AgentId, reason: Option<Reason>) {
        self.drop_plan(agent);
        let seat = &mut self.seats[agent.index()];
        match reason {
            None => {
                self.at_work -= usize::from(std::mem::take(&mut seat.writes_up));
                self.seat_left(agent);
            }
            Some(Reason::NoAnswer | Reason::Unreachable) => {
                let back = self.habits.groups[self.group_of[agent.index()].index()]
                    .no_answer
                    .returns_after;
                seat.ticket = self.events.plan(now.after(back), Doing::Returns, agent.0);
            }
            // Who is on a break, or away, is called back by the roster.
            Some(Reason::Break | Reason::OtherWork) => {}
        }
    }

    /// Takes calls again.
    pub(crate) fn returns(&mut self, slot: u32, ticket: Ticket) {
        let seat = &mut self.seats[slot as usize];
        if seat.ticket == ticket {
            seat.ticket = NO_TICKET;
            self.inbox.push(Input::Ready { agent: AgentId(slot) });
        }
    }
}

//! What callers do: wait, lose patience, talk, try again.

use crate::calls::{CallState, Caller};
use crate::events::{Doing, NO_TICKET, Ticket};
use crate::world::World;
use acd::{AttemptKind, CallId, Duration, Input, Outcome, QueueId, ReleaseCause, Timestamp};
use reports::PersonFact;
use scenarios::Failure;

impl World<'_> {
    /// Hears music: the caller waits, unless waiting is not for him.
    pub(crate) fn music(&mut self, now: Timestamp, id: CallId, since: Timestamp, on_entry: bool) {
        let Some(call) = self.calls.find(id) else { return };
        if call.state == CallState::Talking {
            // An agent was taken from him: another wait with other patience, and another talk.
            Self::cancel(&mut self.events, call);
            call.sent_back = call.sent_back.saturating_add(1);
            call.deadline = Timestamp::ZERO;
            self.at_work -= 1;
        }
        if call.state == CallState::Ivr {
            Self::cancel(&mut self.events, call);
        }
        if call.state != CallState::Listed {
            call.state = CallState::Waiting;
        }
        let may_balk = self.habits.contacts[call.caller.contact.index()].balk > 0.0;
        if on_entry && may_balk && self.balks(id) {
            self.inbox.caller_gone(id);
            return self.attempt_failed(now, id, Failure::Queue(Outcome::Abandoned));
        }
        self.wait_patiently(now, id, since);
    }

    /// Returns whether the caller leaves rather than wait; asked once, when he gets no offer on entry.
    fn balks(&mut self, id: CallId) -> bool {
        let Some(call) = self.calls.find(id) else { return false };
        let (caller, sent_back, is_promised) = (call.caller, call.sent_back, call.is_promised);
        let share = self.habits.contacts[caller.contact.index()].balk;
        let stream = &self.streams[caller.contact.index()].balk;
        !is_promised && stream.draw_again(caller.number, caller.repeat(sent_back)).happens(share)
    }

    /// Starts the clock of a caller's patience; it runs on where it runs already.
    #[inline]
    pub(crate) fn wait_patiently(&mut self, now: Timestamp, id: CallId, since: Timestamp) {
        let Some(call) = self.calls.find(id) else { return };
        if call.is_promised || call.ticket != NO_TICKET {
            return;
        }
        let caller = call.caller;
        let habits = &self.habits.contacts[caller.contact.index()];
        let Some(patience) = &habits.patience else { return };
        if call.deadline == Timestamp::ZERO {
            let stream = &self.streams[caller.contact.index()].patience;
            let mut draw = stream.draw_again(caller.number, caller.repeat(call.sent_back));
            let factor = habits.mood(caller.mood).map_or(1.0, |mood| mood.patience);
            let patience = Duration::from_secs_f64(patience.sample(&mut draw) * factor);
            call.deadline = since.after(patience);
        }
        call.ticket = self.events.plan(call.deadline.max(now), Doing::GivesUp, id.slot);
    }

    /// Is asked whether he wants to be called back.
    pub(crate) fn offer_callback(&mut self, id: CallId, queue: QueueId) {
        let Some(call) = self.calls.find(id) else { return };
        let caller = call.caller;
        let share = self.accepts.get(queue.index()).copied().unwrap_or(0.0);
        let stream = &self.streams[caller.contact.index()].callback;
        if stream.draw_again(caller.number, caller.repeat(call.sent_back)).happens(share) {
            call.is_promised = true;
            Self::cancel(&mut self.events, call);
            self.inbox.push(Input::CallbackAccepted { call: id });
        }
    }

    /// Loses his patience, in a queue or in the IVR.
    pub(crate) fn gives_up(&mut self, now: Timestamp, slot: u32, ticket: Ticket) {
        let Some((id, call)) = self.calls.due(slot, ticket) else { return };
        call.ticket = NO_TICKET;
        let failure = match call.state {
            CallState::Ivr => Failure::LeftInIvr,
            CallState::Free | CallState::Waiting | CallState::Talking | CallState::Listed => {
                Failure::Queue(Outcome::Abandoned)
            }
        };
        self.inbox.caller_gone(id);
        self.attempt_failed(now, id, failure);
    }

    /// Is let go by the switch.
    pub(crate) fn let_go(&mut self, now: Timestamp, id: CallId, cause: ReleaseCause) {
        let Some(call) = self.calls.find(id) else { return };
        let state = call.state;
        if state == CallState::Talking {
            self.at_work -= 1;
        }
        let failure = match cause {
            ReleaseCause::Blocked => Failure::Blocked,
            ReleaseCause::Closed => Failure::Closed,
            ReleaseCause::Full => Failure::Queue(Outcome::RefusedFull),
            ReleaseCause::TimedOut => Failure::Queue(Outcome::TimedOut),
            ReleaseCause::ClosedOut => match state {
                CallState::Ivr => Failure::Closed,
                // His attempt ended when he was listed.
                CallState::Listed => return self.end_call(id),
                CallState::Free | CallState::Waiting | CallState::Talking => {
                    Failure::Queue(Outcome::ClosedOut)
                }
            },
            ReleaseCause::Cut => match state {
                CallState::Talking if call.is_callback => return self.end_call(id),
                CallState::Ivr => Failure::CutInIvr,
                CallState::Talking => Failure::CutInTalk,
                CallState::Listed => return self.end_call(id),
                CallState::Free | CallState::Waiting => Failure::Queue(Outcome::Cut),
            },
            ReleaseCause::CallbackListed => {
                Self::cancel(&mut self.events, call);
                (call.is_promised, call.is_callback) = (true, true);
                return self.calls.set_state(id, CallState::Listed);
            }
            ReleaseCause::AgentGone => return self.was_served(now, id),
            // Contained by the IVR, or never known: nothing is left to want.
            ReleaseCause::Finished | ReleaseCause::Stale => return self.end_call(id),
        };
        self.attempt_failed(now, id, failure);
    }

    /// Ends an attempt that failed: the caller tries again, or gives up.
    pub(crate) fn attempt_failed(&mut self, now: Timestamp, id: CallId, failure: Failure) {
        let Some(call) = self.calls.find(id) else { return };
        let caller = call.caller;
        self.end_call(id);
        let habits = &self.habits.contacts[caller.contact.index()];
        let repeat = u64::from(caller.attempt & 0xFFF);
        let streams = &self.streams[caller.contact.index()];
        let redial = habits.redial(failure).filter(|redial| {
            let factor = habits.mood(caller.mood).map_or(1.0, |mood| mood.redial);
            let mut draw = streams.redial.draw_again(caller.number, repeat);
            caller.attempt < u16::MAX && draw.happens(redial.share * factor)
        });
        let Some(redial) = redial else {
            let Caller { contact, kind, .. } = caller;
            self.facts.push(PersonFact::GaveUp { contact, kind });
            return;
        };
        let delay =
            redial.delay.sample(&mut streams.redial_delay.draw_again(caller.number, repeat));
        let attempt = caller.attempt + 1;
        let draws = if habits.keeps_draws { caller.draws } else { attempt };
        let again = Caller { kind: AttemptKind::Redial, attempt, draws, ..caller };
        self.enter_orbit(now, again, Duration::from_secs_f64(delay));
    }

    /// Ends a call that was served: some call again.
    #[inline]
    pub(crate) fn was_served(&mut self, now: Timestamp, id: CallId) {
        let Some(call) = self.calls.find(id) else { return };
        let (caller, was_listed) = (call.caller, call.is_callback);
        Self::cancel(&mut self.events, call);
        self.calls.close(id);
        let habits = &self.habits.contacts[caller.contact.index()];
        let Some(reconnect) = &habits.reconnect else { return };
        // The call out to a listed caller is no attempt, so nothing follows from it.
        if was_listed || caller.attempt == u16::MAX {
            return;
        }
        let repeat = u64::from(caller.attempt & 0xFFF);
        let streams = &self.streams[caller.contact.index()];
        if streams.reconnect.draw_again(caller.number, repeat).happens(reconnect.share) {
            let mut draw = streams.reconnect_delay.draw_again(caller.number, repeat);
            let delay = Duration::from_secs_f64(reconnect.delay.sample(&mut draw));
            let attempt = caller.attempt + 1;
            let kind = AttemptKind::Reconnect;
            self.enter_orbit(now, Caller { kind, attempt, draws: attempt, ..caller }, delay);
        }
    }
}

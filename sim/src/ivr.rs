//! What callers do in the IVR: listen, press the key that leads to what they want, hang up when nothing does.

use crate::calls::CallState;
use crate::events::{Doing, NO_TICKET, Ticket};
use crate::wishes::{Move, Wanted};
use crate::world::World;
use acd::{CallId, Duration, FlowId, Input, StepId, Timestamp};

impl World<'_> {
    /// Listens to a prompt.
    pub(crate) fn listen(&mut self, now: Timestamp, id: CallId, flow: FlowId, step: StepId) {
        let Some(time) = self.comes_to(id, flow, step) else { return };
        let Some(call) = self.calls.find(id) else { return };
        call.ticket = self.events.plan(now.after(time), Doing::PromptEnds, id.slot);
    }

    /// Hears a menu: makes the move that leads to what he wants.
    pub(crate) fn choose(&mut self, now: Timestamp, id: CallId, flow: FlowId, step: StepId) {
        let Some(time) = self.comes_to(id, flow, step) else { return };
        let wanted = self.calls.aside(id).wanted;
        let Some(call) = self.calls.find(id) else { return };
        let habits = &self.habits.contacts[call.caller.contact.index()];
        let at = now.after(time);
        match habits.wishes.at_menu(wanted, step) {
            Some(Move::Press(key)) => {
                call.ticket = self.events.plan(at, Doing::PressesKey, id.slot);
                self.calls.aside(id).key = key;
            }
            Some(Move::Stay) => {}
            None => call.ticket = self.events.plan(at, Doing::GivesUp, id.slot),
        }
    }

    /// Comes to a step: notes whether it is the one he wanted, and draws how long he takes.
    fn comes_to(&mut self, id: CallId, flow: FlowId, step: StepId) -> Option<Duration> {
        const STEPS_SHIFT: u32 = 12;
        let call = self.calls.find(id)?;
        Self::cancel(&mut self.events, call);
        call.state = CallState::Ivr;
        let caller = call.caller;
        let aside = self.calls.aside(id);
        aside.step = step;
        aside.steps = aside.steps.wrapping_add(1);
        let wishes = &self.habits.contacts[caller.contact.index()].wishes;
        let streams = &self.streams[caller.contact.index()];
        let attempt = u64::from(caller.attempt & 0xFFF);
        if aside.wanted == Wanted::Unknown {
            aside.wanted =
                wishes.wish_of(streams.choice.draw_again(caller.number, attempt).uniform());
        }
        aside.wanted = wishes.at(aside.wanted, step);
        let repeat = attempt | u64::from(aside.steps & 0xFF) << STEPS_SHIFT;
        let time = self
            .habits
            .step(flow, step)
            .map_or(0.0, |law| law.sample(&mut streams.think.draw_again(caller.number, repeat)));
        Some(Duration::from_secs_f64(time))
    }

    /// A prompt came to its end.
    pub(crate) fn prompt_ends(&mut self, slot: u32, ticket: Ticket) {
        let Some((id, call)) = self.calls.due(slot, ticket) else { return };
        call.ticket = NO_TICKET;
        let step = self.calls.aside(id).step;
        self.inbox.push(Input::PlayEnded { call: id, step });
    }

    /// Presses the key he chose.
    pub(crate) fn presses_key(&mut self, slot: u32, ticket: Ticket) {
        let Some((id, call)) = self.calls.due(slot, ticket) else { return };
        call.ticket = NO_TICKET;
        let digit = self.calls.aside(id).key;
        self.inbox.push(Input::DigitPressed { call: id, digit });
    }

    /// A caller who is put through hears no more of the IVR.
    pub(crate) fn stop_listening(&mut self, id: CallId) {
        if let Some(call) = self.calls.find(id)
            && call.state == CallState::Ivr
        {
            Self::cancel(&mut self.events, call);
            call.state = CallState::Waiting;
        }
    }
}

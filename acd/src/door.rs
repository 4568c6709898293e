//! The door: a call gets a line and enters a queue or a flow, or is refused.

use crate::calls::CallState;
use crate::config::Entry;
use crate::id::{CallId, ContactId, SiteId};
use crate::input::AttemptKind;
use crate::output::{Command, DoorOutcome, Event, Outcome, Output, ReleaseCause};
use crate::switch::Acd;
use crate::units::Duration;

impl Acd {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "on the path of every call; see Acd::handle")]
    pub(crate) fn call_offered(
        &mut self,
        id: CallId,
        contact: ContactId,
        kind: AttemptKind,
        (attempt, caller): (u16, u64),
        out: &mut Vec<Output>,
    ) {
        let Some(entry) = self.config.contacts.get(contact.index()).copied() else {
            return self.stale(Some(id), None, out);
        };
        if self.calls.open(id, contact, kind).is_none() {
            return self.stale(Some(id), None, out);
        }
        self.counts.open_call();
        let line = self.take_line();
        let site = line.ok().flatten();
        out.push(Output::Event(Event::CallArrived {
            call: id,
            contact,
            kind,
            site,
            attempt,
            caller,
        }));
        let call = self.calls.at(id);
        call.site = site;
        call.has_line = line.is_ok();
        match (line, entry) {
            (Err(outcome), _) => self.refuse_at_door(id, outcome, out),
            (Ok(_), Entry::Queue(queue)) => self.enter_queue(id, queue, None, out),
            (Ok(_), Entry::Flow(flow)) => self.enter_flow(id, flow, out),
        }
    }

    /// Takes a line: of the site with the largest free share where lines belong to sites, and of the centre.
    #[inline]
    fn take_line(&mut self) -> Result<Option<SiteId>, DoorOutcome> {
        if self.is_door_closed {
            return Err(DoorOutcome::Closed);
        }
        if !self.lines.is_free() {
            return Err(DoorOutcome::Blocked);
        }
        let site = if self.sites.is_empty() { None } else { self.take_line_at_site()? };
        self.lines.used += 1;
        Ok(site)
    }

    fn take_line_at_site(&mut self) -> Result<Option<SiteId>, DoorOutcome> {
        let mut best: Option<(usize, u64, u64)> = None;
        let mut has_lines = false;
        for (index, site) in self.sites.iter().enumerate() {
            let Some(limit) = site.lines.limit else { continue };
            has_lines = true;
            if site.is_lost || !site.lines.is_free() {
                continue;
            }
            let (free, limit) = (u64::from(limit - site.lines.used), u64::from(limit));
            // free / limit > best's share, without division; ties stay with the first in the file.
            if best.is_none_or(|(_, best_free, best_limit)| free * best_limit > best_free * limit) {
                best = Some((index, free, limit));
            }
        }
        match best {
            Some((index, _, _)) => {
                self.sites[index].lines.used += 1;
                Ok(Some(SiteId::new(index)))
            }
            None if has_lines => Err(DoorOutcome::Blocked),
            None => Ok(None),
        }
    }

    #[inline(never)]
    fn refuse_at_door(&mut self, id: CallId, outcome: DoorOutcome, out: &mut Vec<Output>) {
        let cause = if outcome == DoorOutcome::Closed {
            ReleaseCause::Closed
        } else {
            ReleaseCause::Blocked
        };
        self.leave_door(id, outcome, out);
        out.push(Output::Command(Command::Refuse { call: id, cause }));
    }

    /// Ends an attempt that reached no queue.
    pub(crate) fn leave_door(&mut self, id: CallId, outcome: DoorOutcome, out: &mut Vec<Output>) {
        self.counts.leave_door(outcome);
        out.push(Output::Event(Event::CallLeftDoor { call: id, outcome }));
        self.end_call(id);
    }

    /// Ends an offered attempt with an outcome other than an answer. It must be out of line and out of offers.
    pub(crate) fn leave_queue(
        &mut self,
        id: CallId,
        outcome: Outcome,
        (wait, was_waiting): (Duration, bool),
        out: &mut Vec<Output>,
    ) {
        self.counts.settle_outcome(outcome);
        let queue = self.calls.at(id).queue;
        out.push(Output::Event(Event::CallLeft { call: id, queue, outcome, wait, was_waiting }));
        out.push(Output::Event(Event::CallReleased { call: id }));
        if outcome == Outcome::CallbackListed {
            self.free_line(id);
        } else {
            self.end_call(id);
        }
    }

    /// Gives the call's line back and its slot free.
    #[inline]
    pub(crate) fn end_call(&mut self, id: CallId) {
        self.free_line(id);
        self.calls.at(id).state = CallState::Free;
        self.counts.close_call();
    }

    #[inline]
    pub(crate) fn free_line(&mut self, id: CallId) {
        let call = self.calls.at(id);
        if std::mem::take(&mut call.has_line) {
            let site = call.site;
            self.lines.used -= 1;
            if let Some(site) = site {
                self.sites[site.index()].lines.used -= 1;
            }
        }
    }

    /// Answers the call unless it was answered before.
    #[inline]
    pub(crate) fn take_call(&mut self, id: CallId, out: &mut Vec<Output>) {
        if !std::mem::replace(&mut self.calls.at(id).is_taken, true) {
            out.push(Output::Command(Command::Answer { call: id }));
        }
    }

    /// Lets a call go: refuses it if it was never answered.
    pub(crate) fn let_go(
        &mut self,
        id: CallId,
        is_taken: bool,
        cause: ReleaseCause,
        out: &mut Vec<Output>,
    ) {
        out.push(Output::Command(if is_taken {
            Command::Release { call: id, cause }
        } else {
            Command::Refuse { call: id, cause }
        }));
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "on the path of every call; see Acd::handle")]
    pub(crate) fn caller_gone(&mut self, id: CallId, out: &mut Vec<Output>) {
        let Some(call) = self.calls.find(id) else {
            return self.stale(Some(id), None, out);
        };
        let state = call.state;
        if let CallState::Connected(agent) = state {
            return self.talk_over(agent, None, out);
        }
        self.caller_gone_before_talk(id, state, out);
    }

    #[inline(never)]
    fn caller_gone_before_talk(&mut self, id: CallId, state: CallState, out: &mut Vec<Output>) {
        let call = *self.calls.at(id);
        match state {
            CallState::Free | CallState::Connected(_) => self.stale(Some(id), None, out),
            // He hung up to be called back: his place is kept.
            CallState::Listed => {}
            CallState::Waiting { .. } | CallState::Offered(_) if call.is_held_place => {}
            CallState::Ivr { .. } => self.leave_flow(id, DoorOutcome::LeftInIvr, out),
            CallState::Waiting { .. } => self.leave_line(id, Outcome::Abandoned, out),
            CallState::Offered(agent) => {
                self.abandon_offered(id, Outcome::Abandoned, out);
                self.withdraw_offer(agent, out);
            }
        }
    }
}

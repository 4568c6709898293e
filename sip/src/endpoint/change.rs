//! Changes of a session that stands: re-INVITE and UPDATE, both ways (RFC 3261 §14, RFC 3311).

use super::clients::What;
use super::incoming::{finish_sdp, write_refusal};
use super::legs::{Record, State};
use super::receive::{Early, ServerUse};
use super::schedule::Due;
use super::session::Terms;
use super::{CommandError, Endpoint, Event, Leg, Refusal, Refused};
use crate::flow::Flow;
use crate::limits::GLARE_TRIES_MAX;
use crate::message::{Essentials, Message, Method, Name};
use crate::time::{Duration, Instant};
use crate::transaction::{ClientId, Id, ServerId};
use crate::write::{ReplyHead, ReplyPlan, reason_phrase};

/// A change the peer asked for and the owner has not answered.
#[derive(Debug)]
pub(super) struct Inbound {
    pub(super) server: ServerId,
    head: ReplyHead,
    terms: Terms,
    cseq: u32,
    is_invite: bool,
}

/// A change of ours.
#[derive(Debug)]
pub(super) struct Outbound {
    sdp: Vec<u8>,
    /// `None` while it waits after glare.
    pub(super) client: Option<ClientId>,
    /// Of the INVITE sent last.
    cseq: u32,
    pub(super) timer: Option<Instant>,
    tries: u8,
}

/// Changing a session.
impl Endpoint {
    /// Asks the peer for a change, or refreshes the session, by re-INVITE with an offer.
    ///
    /// Glare (491) is retried after the time RFC 3261 §14.1 gives. [`Event::ChangeAnswered`] or
    /// [`Event::ChangeRefused`] follows, unless the leg ends.
    ///
    /// # Errors
    /// [`CommandError::Busy`] while a change of either side is under way,
    /// [`CommandError::WrongState`] before the session stands.
    pub fn change(&mut self, now: Instant, leg: Leg, sdp: &[u8]) -> Result<(), CommandError> {
        self.advance(now);
        let record = self.record(leg)?;
        if !matches!(record.state, State::Up) {
            return Err(CommandError::WrongState);
        }
        if record.inbound().is_some() || record.outbound().is_some() {
            return Err(CommandError::Busy);
        }
        let outbound = Outbound { sdp: sdp.to_vec(), client: None, cseq: 0, timer: None, tries: 0 };
        record.more().outbound = Some(outbound);
        let sent = self.send_change(leg.0);
        if !sent && let Ok(record) = self.record(leg) {
            record.more().outbound = None;
        }
        self.settle();
        if sent { Ok(()) } else { Err(CommandError::Full) }
    }

    /// Accepts the peer's change ([`Event::Change`]) with the answer, or the offer if it made none.
    ///
    /// # Errors
    /// [`CommandError::WrongState`] when none waits.
    pub fn answer_change(
        &mut self,
        now: Instant,
        leg: Leg,
        sdp: &[u8],
    ) -> Result<(), CommandError> {
        self.advance(now);
        let inbound = self.take_inbound(leg)?;
        self.accept_inbound(leg.0, &inbound, Some(sdp));
        if inbound.is_invite
            && let Ok(record) = self.record(leg)
        {
            let mut free = record.unacknowledged.iter_mut().filter(|open| open.is_none());
            if let Some(free) = free.next() {
                *free = Some((inbound.cseq, inbound.server));
            }
        }
        self.agree(leg.0, inbound.terms);
        self.settle();
        Ok(())
    }

    /// Refuses the peer's change; the session goes on as it was.
    ///
    /// # Errors
    /// [`CommandError::WrongState`] when none waits, [`CommandError::Malformed`] for a status
    /// outside 300 to 699.
    pub fn refuse_change(
        &mut self,
        now: Instant,
        leg: Leg,
        refusal: &Refusal<'_>,
    ) -> Result<(), CommandError> {
        self.advance(now);
        refusal.check()?;
        let inbound = self.take_inbound(leg)?;
        let mut lines = Vec::new();
        write_refusal(refusal, &mut crate::write::Writer::lines(&mut lines));
        self.answer_inbound(leg.0, &inbound, refusal.status, &lines);
        self.settle();
        Ok(())
    }

    fn take_inbound(&mut self, leg: Leg) -> Result<Inbound, CommandError> {
        let more = self.record(leg)?.more.as_mut();
        more.and_then(|more| more.inbound.take()).ok_or(CommandError::WrongState)
    }

    /// A re-INVITE or UPDATE that passed the checks of every request within a dialog.
    pub(super) fn handle_change(
        &mut self,
        id: Id,
        server: ServerId,
        flow: Flow,
        message: &Message<'_>,
        essentials: &Essentials<'_>,
    ) {
        let Some(record) = self.legs.get_mut(id) else { return };
        let is_invite = essentials.cseq.method == Method::Invite;
        if let Some(early) = conflict(record, message, is_invite) {
            return self.refuse_within(server, flow, message, early);
        }
        let terms = match Terms::of(message, &self.settings.session) {
            Ok(terms) => terms,
            Err(early) => return self.refuse_within(server, flow, message, early),
        };
        record.dialog.refresh_target(message);
        let head = ReplyHead::of(message, Some(flow.remote));
        let inbound = Inbound { server, head, terms, cseq: essentials.cseq.number, is_invite };
        self.servers.insert(server, ServerUse { leg: Some(id), merged: None });
        if !is_invite && message.body().is_empty() {
            // RFC 4028 §10: a refresh, and nobody needs to be asked.
            self.accept_inbound(id, &inbound, None);
            return self.agree(id, terms);
        }
        if is_invite {
            self.trying(server, &inbound.head);
        }
        if let Some(record) = self.legs.get_mut(id) {
            record.more().inbound = Some(inbound);
        }
        let request = self.keep(message);
        self.events.push_back(Event::Change { leg: Leg(id), request });
    }

    fn accept_inbound(&mut self, id: Id, inbound: &Inbound, sdp: Option<&[u8]>) {
        let allow = self.allow();
        let Some(record) = self.legs.get(id) else { return };
        let Some(address) = self.sockets.get(&record.flow.socket) else { return };
        let place = super::dialog::Place { flow: record.flow, address };
        let mut buffer = core::mem::take(&mut self.scratch);
        // RFC 3261 §12.1.1 copies Record-Route into responses that create a dialog; this one stands.
        let mut writer = inbound.head.writer(&mut buffer, 200, b"OK", ReplyPlan::default());
        self.write_server(&mut writer);
        record.dialog.contact(place, &mut writer);
        writer.header(Name::Allow, allow).header(Name::Supported, b"timer");
        inbound.terms.write(&mut writer);
        finish_sdp(writer, sdp);
        self.transactions.respond(self.now, inbound.server, 200, &buffer);
        self.scratch = buffer;
    }

    /// Refuses a change with these lines.
    pub(super) fn answer_inbound(
        &mut self,
        _leg: Id,
        inbound: &Inbound,
        status: u16,
        lines: &[u8],
    ) {
        let mut buffer = core::mem::take(&mut self.scratch);
        let reason = reason_phrase(status).as_bytes();
        let mut writer = inbound.head.writer(&mut buffer, status, reason, ReplyPlan::default());
        self.write_server(&mut writer);
        writer.raw(lines);
        writer.finish();
        self.transactions.respond(self.now, inbound.server, status, &buffer);
        self.scratch = buffer;
    }

    /// The peer withdrew its change by CANCEL.
    pub(super) fn withdraw_change(&mut self, id: Id) {
        let Ok(inbound) = self.take_inbound(Leg(id)) else { return };
        self.answer_inbound(id, &inbound, 487, &[]);
        self.events.push_back(Event::ChangeWithdrawn { leg: Leg(id) });
    }

    /// A change is past answering: its transaction is over.
    pub(super) fn drop_inbound(&mut self, id: Id, gone: ServerId) {
        let more = self.legs.get_mut(id).and_then(|record| record.more.as_mut());
        if let Some(more) = more
            && more.inbound.as_ref().is_some_and(|inbound| inbound.server == gone)
        {
            more.inbound = None;
            self.events.push_back(Event::ChangeWithdrawn { leg: Leg(id) });
        }
    }

    fn send_change(&mut self, id: Id) -> bool {
        let Some(record) = self.legs.get_mut(id) else { return false };
        let cseq = record.dialog.next_cseq();
        let allow = self.allow();
        let written = self.write_within(id, Method::Invite, cseq, |mut writer, record, place| {
            record.dialog.contact(place, &mut writer);
            writer.header(Name::Allow, allow);
            record.session.write(true, &mut writer);
            finish_sdp(writer, record.outbound().map(|outbound| &*outbound.sdp));
        });
        let client = written.then(|| self.start_within(id, What::Change(id))).flatten();
        let Some(record) = self.legs.get_mut(id) else { return false };
        if let Some(outbound) = record.more().outbound.as_mut() {
            (outbound.client, outbound.cseq) = (client, cseq);
            outbound.tries += 1;
        }
        client.is_some()
    }

    /// A 2xx to a change of ours; its `cseq` tells a repetition of an older one's apart.
    pub(super) fn change_accepted(&mut self, id: Id, cseq: u32, message: &Message<'_>) {
        self.send_ack(id, cseq, false);
        let Some(record) = self.legs.get_mut(id) else { return };
        let is_up = matches!(record.state, State::Up);
        if !is_up || record.outbound().is_none_or(|outbound| outbound.cseq != cseq) {
            return;
        }
        record.more().outbound = None;
        record.dialog.refresh_target(message);
        record.session.settle(message);
        self.arm_session(id);
        let response = self.keep(message);
        self.events.push_back(Event::ChangeAnswered { leg: Leg(id), response });
    }

    /// A change of ours is refused, or not answered: then `status` is 408.
    pub(super) fn change_refused(&mut self, id: Id, status: u16) {
        let Some(record) = self.legs.get_mut(id) else { return };
        let is_caller = record.is_caller;
        let is_up = matches!(record.state, State::Up);
        let Some(outbound) = record.more.as_mut().and_then(|more| more.outbound.as_mut()) else {
            return;
        };
        if status == 491 && is_up && outbound.tries < GLARE_TRIES_MAX {
            // RFC 3261 §14.1, in steps of 10 ms: who owns the Call-ID waits longer.
            let (from, steps) = if is_caller { (2100, 191) } else { (0, 201) };
            let wait = Duration::from_millis(from + 10 * self.tokens.below(steps));
            outbound.client = None;
            self.schedule.set(&mut outbound.timer, Some(self.now + wait), Due::Glare(id));
            return;
        }
        record.more().outbound = None;
        if !is_up {
            return;
        }
        match status {
            408 | 481 => self.lose_peer(id),
            status => self.events.push_back(Event::ChangeRefused { leg: Leg(id), status }),
        }
    }

    /// The wait after glare is over.
    pub(super) fn glare_over(&mut self, id: Id) {
        let Some(record) = self.legs.get_mut(id) else { return };
        let is_busy = record.inbound().is_some();
        let Some(outbound) = record.more.as_mut().and_then(|more| more.outbound.as_mut()) else {
            return;
        };
        outbound.timer = None;
        if is_busy {
            // The peer's change came first; ours would meet it.
            let at = Some(self.now + Duration::from_secs(2));
            self.schedule.set(&mut outbound.timer, at, Due::Glare(id));
        } else if !self.send_change(id) {
            self.change_refused(id, 503);
        }
    }

    /// An UPDATE of ours, a refresh, is answered.
    pub(super) fn update_answered(&mut self, id: Id, status: u16, message: Option<&Message<'_>>) {
        let Some(record) = self.legs.get_mut(id) else { return };
        if !matches!(record.state, State::Up) {
            return;
        }
        match (status, message) {
            (200..300, Some(message)) => {
                record.dialog.refresh_target(message);
                record.session.settle(message);
                self.arm_session(id);
            }
            (408 | 481, _) => self.lose_peer(id),
            // RFC 4028 §7.3 and §10: the session goes on; it is tried another way.
            (405 | 501, _) => {
                record.session.peer_updates = false;
                self.events.push_back(Event::RefreshDue { leg: Leg(id) });
            }
            _ => {}
        }
    }

    /// A change was sent again with credentials or a longer interval; so was the first INVITE.
    pub(super) fn replace_client(&mut self, what: What, old: ClientId, new: (ClientId, u32)) {
        let Some(record) = what.leg().and_then(|leg| self.legs.get_mut(leg)) else { return };
        if let State::Calling(calling) = &mut record.state
            && calling.client == old
        {
            calling.client = new.0;
        }
        let more = record.more.as_mut();
        if let Some(outbound) = more.and_then(|more| more.outbound.as_mut())
            && outbound.client == Some(old)
        {
            (outbound.client, outbound.cseq) = (Some(new.0), new.1);
        }
    }
}

/// What a change meets (RFC 3261 §14.2, RFC 3311 §5.2).
fn conflict(record: &Record, message: &Message<'_>, is_invite: bool) -> Option<Early> {
    let has_offer = !message.body().is_empty();
    let is_refresh = !is_invite && !has_offer;
    if is_refresh {
        return None;
    }
    let is_first_open = matches!(record.state, State::Incoming(_));
    if record.inbound().is_some() || is_first_open {
        return Some(Early::new(500, Refused::ChangePending));
    }
    let is_ours_open = record.outbound().is_some_and(|outbound| outbound.client.is_some());
    if is_ours_open || matches!(record.state, State::Offered(_)) {
        return Some(Early::new(491, Refused::Glare));
    }
    let is_full = record.unacknowledged.iter().all(Option::is_some);
    (is_invite && is_full).then_some(Early::new(500, Refused::ChangePending))
}

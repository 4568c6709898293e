//! Calls we receive (RFC 3261 §13.3, RFC 6026).

use super::dialog::{Dialog, Place};
use super::legs::{Incoming, Record, State, write_extras};
use super::receive::{Early, ServerUse, write_retry_after};
use super::schedule::Due;
use super::session::{Session, Terms};
use super::{CommandError, End, Endpoint, Event, Leg, Refusal, Refused, tokens};
use crate::flow::Flow;
use crate::message::{Essentials, Kept, Message, Name};
use crate::time::{Duration, Instant};
use crate::transaction::{Id, ServerId};
use crate::write::{ReplyHead, ReplyPlan, Writer, reason_phrase};

/// RFC 3261 §13.3.1.1: "at every minute".
const REPEAT_PROVISIONAL: Duration = Duration::from_secs(60);

/// Answering a call.
impl Endpoint {
    /// Answers an incoming INVITE provisionally: 180, or 183 with SDP. Repeated every minute.
    ///
    /// # Errors
    /// [`CommandError::Malformed`] for a status outside 101 to 199, [`CommandError::WrongState`]
    /// after an answer.
    pub fn progress(
        &mut self,
        now: Instant,
        leg: Leg,
        status: u16,
        sdp: Option<&[u8]>,
    ) -> Result<(), CommandError> {
        self.advance(now);
        if !(101..200).contains(&status) {
            return Err(CommandError::Malformed);
        }
        self.incoming(leg)?;
        let done = self.respond_incoming(leg.0, status, |mut writer, record, place| {
            record.dialog.contact(place, &mut writer);
            finish_sdp(writer, sdp);
        });
        if done.is_ok() {
            self.arm_repeat(leg.0);
        }
        self.settle();
        done
    }

    /// Answers an incoming INVITE with 200; the SDP is the answer, or the offer when the INVITE made
    /// none. Repeated until [`Event::Acknowledged`] or [`Event::NoAck`].
    ///
    /// # Errors
    /// [`CommandError::WrongState`] after an answer.
    pub fn answer(&mut self, now: Instant, leg: Leg, sdp: &[u8]) -> Result<(), CommandError> {
        self.advance(now);
        let (server, terms) = {
            let incoming = self.incoming(leg)?;
            (incoming.server, incoming.terms)
        };
        let allow = self.allow();
        self.respond_incoming(leg.0, 200, |mut writer, record, place| {
            record.dialog.contact(place, &mut writer);
            writer.header(Name::Allow, allow).header(Name::Supported, b"timer");
            terms.write(&mut writer);
            finish_sdp(writer, Some(sdp));
        })?;
        let record = self.record(leg)?;
        let cseq = record.dialog.remote_cseq.unwrap_or_default();
        record.state = State::Answered { bye: None };
        record.unacknowledged[0] = Some((cseq, server));
        self.agree(leg.0, terms);
        self.settle();
        Ok(())
    }

    /// Refuses an incoming INVITE. [`Event::Ended`] follows.
    ///
    /// # Errors
    /// [`CommandError::Malformed`] for a status outside 300 to 699, [`CommandError::WrongState`]
    /// after an answer.
    pub fn refuse(
        &mut self,
        now: Instant,
        leg: Leg,
        refusal: &Refusal<'_>,
    ) -> Result<(), CommandError> {
        self.advance(now);
        refusal.check()?;
        self.incoming(leg)?;
        self.finish_incoming(leg.0, refusal.status, End::Ours, None, |writer| {
            write_refusal(refusal, writer);
        });
        self.settle();
        Ok(())
    }

    /// Asks an unproved caller for credentials: 401 with our challenge. [`Event::Ended`] follows; the
    /// caller's next INVITE is [`Caller::Proved`](super::Caller::Proved) when they are right.
    ///
    /// # Errors
    /// [`CommandError::WrongState`] after an answer, or without a registrar.
    pub fn challenge(&mut self, now: Instant, leg: Leg) -> Result<(), CommandError> {
        self.advance(now);
        self.incoming(leg)?;
        let record = self.legs.get(leg.0).ok_or(CommandError::Gone)?;
        let user = super::accounts::user_of(&record.dialog.remote);
        let registrar = self.registrar.as_mut().ok_or(CommandError::WrongState)?;
        let challenges = registrar.challenges(self.now, &user, false);
        self.finish_incoming(leg.0, 401, End::Ours, None, |writer| {
            for challenge in &challenges {
                writer.header(Name::WwwAuthenticate, challenge);
            }
        });
        self.settle();
        Ok(())
    }

    fn arm_repeat(&mut self, id: Id) {
        let at = Some(self.now + REPEAT_PROVISIONAL);
        if let Some(record) = self.legs.get_mut(id) {
            self.schedule.set(&mut record.timer, at, Due::Session(id));
        }
    }

    /// A minute has passed since the last provisional response.
    pub(super) fn repeat_due(&mut self, id: Id, server: ServerId) {
        self.transactions.repeat_provisional(self.now, server);
        self.arm_repeat(id);
    }

    fn incoming(&mut self, leg: Leg) -> Result<&Incoming, CommandError> {
        match &self.record(leg)?.state {
            State::Incoming(incoming) => Ok(incoming),
            State::Answered { .. }
            | State::Calling(_)
            | State::Offered(_)
            | State::Up
            | State::Ending(_)
            | State::Over => Err(CommandError::WrongState),
        }
    }

    /// An INVITE that starts a call.
    pub(super) fn handle_invite(
        &mut self,
        server: ServerId,
        flow: Flow,
        message: &Message<'_>,
        essentials: &Essentials<'_>,
    ) {
        if self.closed.is_some() || !self.has_room() {
            return self.dismiss(server, flow, message, Early::new(503, Refused::Overload));
        }
        let terms = match Terms::of(message, &self.settings.session) {
            Ok(terms) => terms,
            Err(early) => return self.dismiss(server, flow, message, early),
        };
        let back = flow.for_response(&essentials.via);
        if self.address(back).is_err() {
            return self.dismiss(server, flow, message, Early::new(503, Refused::Overload));
        }
        let head = ReplyHead::of(message, Some(flow.remote));
        let caller = self.identify(flow, message);
        let local_tag = self.tokens.number();
        let id = self.insert_leg(Record {
            state: State::Incoming(Box::new(Incoming { server, head, terms })),
            flow: back,
            dialog: Dialog::of_request(message, essentials, local_tag),
            is_caller: false,
            session: Session::wanted(&self.settings.session),
            timer: None,
            unacknowledged: [None; 2],
            awaiting: 0,
            more: None,
        });
        if let Some(used) = self.servers.get_mut(&server) {
            used.leg = Some(id);
        }
        self.fresh.push(id);
        let request = self.keep(message);
        self.events.push_back(Event::Incoming { leg: Leg(id), flow, caller, request });
    }

    /// Sends the 100 of the calls that nobody has answered since they came.
    ///
    /// RFC 3261 §17.2.1: none is needed where an answer follows at once.
    pub(super) fn try_fresh(&mut self) {
        let mut fresh = core::mem::take(&mut self.fresh);
        for id in fresh.drain(..) {
            let Some(Record { state: State::Incoming(incoming), .. }) = self.legs.get_mut(id)
            else {
                continue;
            };
            let server = incoming.server;
            if self.transactions.has_response(server) {
                continue;
            }
            let mut buffer = core::mem::take(&mut self.scratch);
            write_trying(&incoming.head, &mut buffer);
            self.transactions.respond(self.now, server, 100, &buffer);
            self.scratch = buffer;
        }
        self.fresh = fresh;
    }

    /// Sends a 100: the peer stops repeating itself.
    pub(super) fn trying(&mut self, server: ServerId, head: &ReplyHead) {
        let mut buffer = core::mem::take(&mut self.scratch);
        write_trying(head, &mut buffer);
        self.transactions.respond(self.now, server, 100, &buffer);
        self.scratch = buffer;
    }

    /// Sends a response to the INVITE of a leg.
    fn respond_incoming(
        &mut self,
        id: Id,
        status: u16,
        finish: impl FnOnce(Writer<'_>, &Record, Place<'_>),
    ) -> Result<(), CommandError> {
        let record = self.legs.get(id).ok_or(CommandError::Gone)?;
        let State::Incoming(incoming) = &record.state else { return Err(CommandError::WrongState) };
        let address = self.sockets.get(&record.flow.socket).ok_or(CommandError::NoSocket)?;
        let place = Place { flow: record.flow, address };
        let tag = tokens::text(record.dialog.local_tag);
        let plan = ReplyPlan { to_tag: Some(&tag), creates_dialog: status < 300 };
        let mut buffer = core::mem::take(&mut self.scratch);
        let reason = reason_phrase(status).as_bytes();
        let mut writer = incoming.head.writer(&mut buffer, status, reason, plan);
        self.write_server(&mut writer);
        finish(writer, record, place);
        let sent = self.transactions.respond(self.now, incoming.server, status, &buffer);
        self.scratch = buffer;
        if sent { Ok(()) } else { Err(CommandError::WrongState) }
    }

    /// Refuses the INVITE of a leg and ends it.
    pub(super) fn finish_incoming(
        &mut self,
        id: Id,
        status: u16,
        why: End,
        message: Option<Kept>,
        add: impl FnOnce(&mut Writer<'_>),
    ) {
        // A socket that was unbound, or a transaction that is gone, ends the leg all the same.
        let _ = self.respond_incoming(id, status, |mut writer, _, _| {
            add(&mut writer);
            writer.finish();
        });
        self.end_leg(id, why, message);
    }

    /// An ACK outside any transaction: that of a 2xx (RFC 3261 §13.3.1.4).
    pub(super) fn handle_ack(&mut self, message: &Message<'_>, essentials: &Essentials<'_>) {
        let Some(id) = self.find_leg(essentials) else {
            self.counters.count(Refused::StrayAck);
            return;
        };
        let Some(record) = self.legs.get_mut(id) else { return };
        let number = essentials.cseq.number;
        let mut open = record.unacknowledged.iter_mut();
        let found = open.find(|open| open.is_some_and(|(cseq, _)| cseq == number));
        // A repetition of an ACK answers a repetition of the 2xx.
        let Some((_, server)) = found.and_then(Option::take) else { return };
        self.transactions.acknowledged(server);
        let bye = match &mut record.state {
            State::Answered { bye } => {
                let bye = bye.take();
                record.state = State::Up;
                bye
            }
            State::Incoming(_)
            | State::Calling(_)
            | State::Offered(_)
            | State::Up
            | State::Ending(_)
            | State::Over => None,
        };
        if let Some(lines) = bye {
            return self.send_bye(id, End::Ours, &lines);
        }
        let ack = (!message.body().is_empty()).then(|| self.keep(message));
        self.events.push_back(Event::Acknowledged { leg: Leg(id), ack });
    }

    /// A 2xx of ours, or a refusal, was never acknowledged.
    pub(super) fn handle_no_ack(&mut self, server: ServerId) {
        let Some(id) = self.servers.get(&server).and_then(|used| used.leg) else { return };
        let Some(record) = self.legs.get_mut(id) else { return };
        let mut open = record.unacknowledged.iter_mut();
        let found = open.find(|open| open.is_some_and(|(_, waiting)| waiting == server));
        if found.and_then(Option::take).is_none() {
            return;
        }
        if let State::Answered { bye } = &mut record.state {
            let bye = bye.take();
            // RFC 3261 §15: the BYE may go now.
            record.state = State::Up;
            if let Some(lines) = bye {
                return self.send_bye(id, End::Ours, &lines);
            }
        }
        self.events.push_back(Event::NoAck { leg: Leg(id) });
    }

    /// A peer's transaction is over.
    pub(super) fn forget_server(&mut self, server: ServerId) {
        let Some(ServerUse { merged, .. }) = self.servers.remove(&server) else { return };
        if let Some(key) = merged {
            self.merged.remove(&key);
        }
    }
}

fn write_trying(head: &ReplyHead, buffer: &mut Vec<u8>) {
    head.writer(buffer, 100, b"Trying", ReplyPlan::default()).finish();
}

/// Ends a message with a session description, or none.
pub(super) fn finish_sdp(writer: Writer<'_>, sdp: Option<&[u8]>) {
    match sdp {
        Some(sdp) => writer.finish_with(b"application/sdp", sdp),
        None => writer.finish(),
    }
}

/// Writes what a refusal carries beside its status.
pub(super) fn write_refusal(refusal: &Refusal<'_>, writer: &mut Writer<'_>) {
    if let Some(after) = refusal.retry_after {
        write_retry_after(after, writer);
    }
    write_extras(refusal.headers, writer);
}

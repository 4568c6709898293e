//! Calls we make (RFC 3261 §13.2), and the end of every call (§15).

use core::net::SocketAddr;

use super::clients::What;
use super::dialog::{Dialog, Place};
use super::incoming::finish_sdp;
use super::legs::{Calling, Record, State, write_extras};
use super::session::Session;
use super::{CommandError, Dial, End, Endpoint, Event, Extra, Leg, Refused};
use crate::limits::FORKS_MAX;
use crate::message::{Essentials, Message, Method, Name, NameAddr, Uri};
use crate::sdp::Session as Description;
use crate::sdp::negotiate::write_decline;
use crate::time::Instant;
use crate::transaction::{ClientId, Id};

/// Making and ending a call.
impl Endpoint {
    /// Makes a call: sends an INVITE.
    ///
    /// # Errors
    /// [`CommandError::NoSocket`], [`CommandError::Malformed`], [`CommandError::Full`].
    pub fn dial(&mut self, now: Instant, dial: &Dial<'_>) -> Result<Leg, CommandError> {
        self.advance(now);
        self.address(dial.flow)?;
        if !is_dialable(dial) {
            return Err(CommandError::Malformed);
        }
        if !self.has_room() {
            return Err(CommandError::Full);
        }
        let dialog = Dialog {
            call_id: self.tokens.call_id().as_slice().into(),
            local: dial.from.into(),
            local_tag: self.tokens.number(),
            remote: dial.to.into(),
            target: dial.uri.into(),
            routes: dial.routes.iter().map(|route| Box::from(*route)).collect(),
            contact_user: dial.contact_user.into(),
            local_cseq: 0,
            ..Dialog::default()
        };
        let id = self.insert_leg(Record {
            state: State::Over,
            flow: dial.flow,
            dialog,
            is_caller: true,
            session: Session::wanted(&self.settings.session),
            timer: None,
            unacknowledged: [None; 2],
            awaiting: 0,
            more: None,
        });
        if let (Some(credentials), Some(record)) = (&dial.credentials, self.legs.get_mut(id)) {
            record.more().credentials = Some(credentials.clone());
        }
        let Some(client) = self.send_invite(id, dial) else {
            self.lingering += 1;
            self.release_leg(id);
            return Err(CommandError::Full);
        };
        if let Some(record) = self.legs.get_mut(id) {
            record.state = State::Calling(Calling {
                client,
                has_offer: dial.sdp.is_some(),
                is_withdrawn: false,
            });
        }
        self.settle();
        Ok(Leg(id))
    }

    fn send_invite(&mut self, id: Id, dial: &Dial<'_>) -> Option<ClientId> {
        let cseq = self.legs.get_mut(id)?.dialog.next_cseq();
        let allow = self.allow();
        self.write_within(id, Method::Invite, cseq, |mut writer, record, place| {
            record.dialog.contact(place, &mut writer);
            writer.header(Name::Allow, allow);
            record.session.write(false, &mut writer);
            write_extras(dial.headers, &mut writer);
            finish_sdp(writer, dial.sdp);
        });
        self.start_within(id, What::Invite(id))
    }

    /// Answers the offer of a 2xx in its ACK, when [`Dial::sdp`] was `None`.
    ///
    /// # Errors
    /// [`CommandError::WrongState`] when no offer waits.
    pub fn acknowledge(&mut self, now: Instant, leg: Leg, sdp: &[u8]) -> Result<(), CommandError> {
        self.advance(now);
        let record = self.record(leg)?;
        let State::Offered(cseq) = record.state else { return Err(CommandError::WrongState) };
        record.state = State::Up;
        record.more().answer = sdp.to_vec();
        self.send_ack(leg.0, cseq, true);
        self.arm_session(leg.0);
        self.settle();
        Ok(())
    }

    /// Ends a leg whatever its state: CANCEL, BYE, or 480 to an INVITE not answered yet.
    ///
    /// A CANCEL waits for a provisional response, a BYE for the ACK (RFC 3261 §9.1, §15); a 2xx that
    /// crosses a CANCEL is acknowledged and hung up. `headers` go on the CANCEL or BYE.
    /// [`Event::Ended`] follows when it is done.
    ///
    /// # Errors
    /// [`CommandError::WrongState`] when it is ending already.
    pub fn hang_up(
        &mut self,
        now: Instant,
        leg: Leg,
        headers: &[Extra<'_>],
    ) -> Result<(), CommandError> {
        self.advance(now);
        match &mut self.record(leg)?.state {
            State::Incoming(_) => self.finish_incoming(leg.0, 480, End::Ours, None, |writer| {
                write_extras(headers, writer);
            }),
            State::Answered { bye: Some(_) }
            | State::Calling(Calling { is_withdrawn: true, .. })
            | State::Ending(_)
            | State::Over => return Err(CommandError::WrongState),
            State::Answered { bye } => *bye = Some(crate::write::lines(headers)),
            State::Calling(calling) => {
                calling.is_withdrawn = true;
                let client = calling.client;
                self.transactions.cancel_with(now, client, headers);
            }
            State::Offered(cseq) => {
                let cseq = *cseq;
                self.send_ack(leg.0, cseq, true);
                self.send_bye(leg.0, End::Ours, &crate::write::lines(headers));
            }
            State::Up => self.send_bye(leg.0, End::Ours, &crate::write::lines(headers)),
        }
        self.settle();
        Ok(())
    }

    /// A provisional response to an INVITE of ours.
    pub(super) fn handle_provisional(&mut self, id: Id, status: u16, message: &Message<'_>) {
        let Some(record) = self.legs.get(id) else { return };
        let State::Calling(calling) = &record.state else { return };
        if status == 100 || calling.is_withdrawn {
            return;
        }
        let response = self.keep(message);
        self.events.push_back(Event::Progress { leg: Leg(id), status, response });
    }

    /// A 2xx to an INVITE of ours: the first, a repetition, or another fork's (RFC 3261 §13.2.2.4).
    pub(super) fn handle_accepted(
        &mut self,
        what: What,
        authorization: Vec<u8>,
        message: &Message<'_>,
        essentials: &Essentials<'_>,
    ) {
        let Some(id) = what.leg() else { return };
        let Some(record) = self.legs.get_mut(id) else { return };
        let cseq = essentials.cseq.number;
        if let (What::Invite(_), State::Calling(calling)) = (what, &record.state) {
            let (has_offer, is_withdrawn) = (calling.has_offer, calling.is_withdrawn);
            record.dialog.complete(message, essentials);
            record.session.settle(message);
            if !authorization.is_empty() {
                record.more().authorization = authorization;
            }
            if !has_offer {
                self.decline(id, message);
            }
            if is_withdrawn {
                self.counters.count(Refused::Late);
                self.send_ack(id, cseq, true);
                return self.send_bye(id, End::Ours, &[]);
            }
            let is_answered = has_offer || message.body().is_empty();
            if let Some(record) = self.legs.get_mut(id) {
                record.state = if is_answered { State::Up } else { State::Offered(cseq) };
            }
            if is_answered {
                self.send_ack(id, cseq, true);
                self.arm_session(id);
            }
            let response = self.keep(message);
            self.events.push_back(Event::Answered { leg: Leg(id), response });
            return;
        }
        if *record.dialog.remote_tag != *essentials.to_tag.unwrap_or_default() {
            return self.hang_up_fork(id, message, essentials);
        }
        if matches!(what, What::Change(_)) {
            self.change_accepted(id, cseq, message);
        } else if !matches!(record.state, State::Offered(_)) {
            // While the owner has not answered the offer there is no ACK to repeat.
            self.send_ack(id, cseq, true);
        }
    }

    /// Keeps for the ACK an answer that takes nothing of the offer in a 2xx: who is hung up before the owner answers must
    /// have one all the same (RFC 3261 §13.2.1).
    fn decline(&mut self, id: Id, message: &Message<'_>) {
        let Some(record) = self.legs.get_mut(id) else { return };
        let address = self.sockets.get(&record.flow.socket);
        let address: Option<SocketAddr> = address.and_then(|address| address.parse().ok());
        if let (Some(address), Ok(offer)) = (address, Description::parse(message.body())) {
            let number = record.dialog.local_tag >> 1;
            write_decline(&offer, address.ip(), number, &mut record.more().answer);
        }
    }

    /// Acknowledges a 2xx; `is_first` for that of the INVITE that started the leg.
    pub(super) fn send_ack(&mut self, id: Id, cseq: u32, is_first: bool) {
        let written = self.write_within(id, Method::Ack, cseq, |mut writer, record, _| {
            let more = record.more.as_ref().filter(|_| is_first);
            writer.raw(more.map_or(&[], |more| &more.authorization));
            let answer = more.map(|more| &*more.answer).filter(|answer| !answer.is_empty());
            finish_sdp(writer, answer);
        });
        if let Some(flow) = self.legs.get(id).map(|record| record.flow).filter(|_| written) {
            self.transactions.send_stateless(flow, &self.scratch);
        }
    }

    /// Acknowledges another fork's answer, each time, and hangs it up, once.
    fn hang_up_fork(&mut self, id: Id, message: &Message<'_>, essentials: &Essentials<'_>) {
        let branches = [self.tokens.branch(), self.tokens.branch()];
        let Some(record) = self.legs.get_mut(id) else { return };
        let Some(address) = self.sockets.get(&record.flow.socket) else { return };
        let place = Place { flow: record.flow, address };
        let mut fork = record.dialog.clone();
        fork.complete(message, essentials);
        let cseq = essentials.cseq.number;
        fork.request(Method::Ack, cseq, place, &branches[0], &mut self.scratch).finish();
        self.transactions.send_stateless(record.flow, &self.scratch);
        let more = record.more.get_or_insert_default();
        if more.forks.len() >= FORKS_MAX || more.forks.contains(&fork.remote_tag) {
            return;
        }
        more.forks.push(fork.remote_tag.clone());
        self.counters.count(Refused::Fork);
        let (flow, credentials) = (record.flow, more.credentials.clone());
        fork.request(Method::Bye, cseq + 1, place, &branches[1], &mut self.scratch).finish();
        self.start_client(flow, What::ForkBye, credentials);
    }

    /// An INVITE of ours failed; `message` is `None` when nothing came.
    pub(super) fn handle_failed(&mut self, id: Id, status: u16, message: Option<&Message<'_>>) {
        let Some(record) = self.legs.get(id) else { return };
        let State::Calling(calling) = &record.state else { return };
        let why = match (calling.is_withdrawn, message) {
            (true, _) => End::Ours,
            (false, Some(_)) => End::Refused(status),
            (false, None) if status == 408 => End::TimedOut,
            (false, None) => End::Unreachable,
        };
        let kept = message.map(|message| self.keep(message));
        self.end_leg(id, why, kept);
    }

    /// Hangs up; the leg ends when the BYE is answered.
    pub(super) fn send_bye(&mut self, id: Id, why: End, lines: &[u8]) {
        let Some(record) = self.legs.get_mut(id) else { return };
        record.state = State::Ending(why);
        self.schedule.set(&mut record.timer, None, super::schedule::Due::Session(id));
        let cseq = record.dialog.next_cseq();
        let written = self.write_within(id, Method::Bye, cseq, |mut writer, _, _| {
            writer.raw(lines);
            writer.finish();
        });
        if !written || self.start_within(id, What::Bye(id)).is_none() {
            self.end_leg(id, why, None);
        }
    }

    /// A BYE of ours is answered, or will never be.
    pub(super) fn bye_answered(&mut self, id: Id, answer: Option<&Message<'_>>) {
        let Some(record) = self.legs.get(id) else { return };
        if let State::Ending(why) = record.state {
            let kept = answer.map(|answer| self.keep(answer));
            self.end_leg(id, why, kept);
        }
    }

    /// The peer answered 408 or 481 within the dialog, or not at all (RFC 3261 §12.2.1.2).
    pub(super) fn lose_peer(&mut self, id: Id) {
        if self.legs.get(id).is_some_and(|record| matches!(record.state, State::Up)) {
            self.send_bye(id, End::PeerGone, &[]);
        }
    }
}

/// Whether what was handed in can stand in an INVITE.
fn is_dialable(dial: &Dial<'_>) -> bool {
    let is_address = |value: &[u8]| {
        NameAddr::parse(value).is_some_and(|addr| addr.tag().is_none() && addr.uri().is_ok())
    };
    let is_uri = matches!(Uri::parse(dial.uri), Ok(Uri::Sip(_) | Uri::Tel(_)));
    let user = dial.contact_user;
    let is_user = user.is_empty() || Uri::parse(&[b"sip:", user, b"@a"].concat()).is_ok();
    let is_named = |(name, _): &Extra<'_>| super::command::is_token(name);
    is_uri
        && is_user
        && is_address(dial.from)
        && is_address(dial.to)
        && dial.routes.iter().all(|route| is_address(route))
        && dial.headers.iter().all(is_named)
}

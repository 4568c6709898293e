//! Requests within a call (RFC 3261 §12.2.2).

use super::legs::State;
use super::receive::Early;
use super::{End, Endpoint, Event, Leg, Refused};
use crate::flow::Flow;
use crate::message::{Essentials, Message, Method};
use crate::time::Instant;
use crate::transaction::{Id, ServerId};

impl Endpoint {
    /// Sends an INFO: digits for a peer without telephone-event.
    ///
    /// # Errors
    /// [`CommandError::WrongState`](super::CommandError::WrongState) before the session stands.
    pub fn send_info(
        &mut self,
        now: Instant,
        leg: Leg,
        content_type: &[u8],
        body: &[u8],
    ) -> Result<(), super::CommandError> {
        self.advance(now);
        let record = self.record(leg)?;
        if !matches!(record.state, State::Up) {
            return Err(super::CommandError::WrongState);
        }
        let cseq = record.dialog.next_cseq();
        let written = self.write_within(leg.0, Method::Info, cseq, |writer, _, _| {
            writer.finish_with(content_type, body);
        });
        let sent = written && self.start_within(leg.0, super::clients::What::Info(leg.0)).is_some();
        self.settle();
        if sent { Ok(()) } else { Err(super::CommandError::Full) }
    }

    /// An INFO of ours is answered; a leg that is over has nobody to tell.
    pub(super) fn info_answered(&mut self, id: Id, status: u16) {
        if self.record(Leg(id)).is_ok() {
            self.events.push_back(Event::InfoAnswered { leg: Leg(id), status });
        }
    }

    /// A request whose tags and Call-ID are those of a leg.
    pub(super) fn handle_within(
        &mut self,
        id: Id,
        server: ServerId,
        flow: Flow,
        message: &Message<'_>,
        essentials: &Essentials<'_>,
    ) {
        let Some(record) = self.legs.get_mut(id) else { return };
        let (method, number) = (essentials.cseq.method, essentials.cseq.number);
        let is_gone = match record.state {
            State::Over => true,
            // The only thing left to say is goodbye, and the peer may say it first.
            State::Ending(_) => method != Method::Bye,
            State::Incoming(_)
            | State::Answered { .. }
            | State::Calling(_)
            | State::Offered(_)
            | State::Up => false,
        };
        if is_gone {
            return self.dismiss(server, flow, message, Early::new(481, Refused::NoDialog));
        }
        if record.dialog.remote_cseq.is_some_and(|last| number <= last) {
            let early = Early::new(500, Refused::OutOfOrder);
            return self.refuse_within(server, flow, message, early);
        }
        record.dialog.remote_cseq = Some(number);
        match method {
            Method::Bye => self.handle_bye(id, server, flow, message),
            Method::Invite | Method::Update => {
                self.handle_change(id, server, flow, message, essentials);
            }
            Method::Refer => self.handle_refer(id, server, flow, message, number),
            Method::Info => {
                self.respond_now(server, flow, message, 200, None, |writer| writer.finish());
                if !message.body().is_empty() {
                    let request = self.keep(message);
                    self.events.push_back(Event::Info { leg: Leg(id), request });
                }
            }
            Method::Options => self.handle_options_within(server, flow, message),
            // `check_method` and the transactions let none of these come here.
            Method::Ack
            | Method::Cancel
            | Method::Register
            | Method::Prack
            | Method::Subscribe
            | Method::Notify
            | Method::Message
            | Method::Publish
            | Method::Other(_) => {
                self.dismiss(server, flow, message, Early::new(405, Refused::Method));
            }
        }
    }

    /// BYE (RFC 3261 §15.1.2).
    fn handle_bye(&mut self, id: Id, server: ServerId, flow: Flow, message: &Message<'_>) {
        self.respond_now(server, flow, message, 200, None, |writer| writer.finish());
        let kept = self.keep(message);
        let Some(record) = self.legs.get(id) else { return };
        match record.state {
            State::Incoming(_) => {
                self.finish_incoming(id, 487, End::Cancelled, Some(kept), |_| {});
            }
            State::Ending(why) => self.end_leg(id, why, Some(kept)),
            State::Answered { .. }
            | State::Calling(_)
            | State::Offered(_)
            | State::Up
            | State::Over => self.end_leg(id, End::Hangup, Some(kept)),
        }
    }
}

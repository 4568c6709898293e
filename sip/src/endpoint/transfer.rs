//! REFER within a call, and NOTIFY of what became of it (RFC 3515).

use super::clients::What;
use super::legs::{State, write_extras};
use super::receive::{Early, ServerUse, write_retry_after};
use super::{CommandError, Endpoint, Event, Leg, Refusal, Refused};
use crate::flow::Flow;
use crate::message::{Message, Method, Name};
use crate::time::Instant;
use crate::transaction::{Id, ServerId};
use crate::write::{ReplyHead, ReplyPlan, Writer, reason_phrase};

/// A transfer the peer asked for.
#[derive(Debug)]
pub(super) enum Transfer {
    /// The owner has not answered.
    Asked {
        /// The REFER.
        server: ServerId,
        head: Box<ReplyHead>,
        cseq: u32,
    },
    /// Accepted: the peer is subscribed to its progress.
    Accepted {
        /// The REFER's number, which is the id of the subscription.
        cseq: u32,
    },
}

/// How long a subscription to a transfer is announced to last.
const SUBSCRIBED_SECONDS: u32 = 180;

/// Answering a transfer.
impl Endpoint {
    /// Accepts a REFER: 202, then NOTIFY of a 100 (RFC 3515 §2.4.2, §2.4.4).
    ///
    /// # Errors
    /// [`CommandError::WrongState`] when none waits.
    pub fn accept_transfer(&mut self, now: Instant, leg: Leg) -> Result<(), CommandError> {
        self.advance(now);
        let (server, head, cseq) = self.take_asked(leg)?;
        self.respond_refer(leg.0, server, &head, 202, |_| {});
        self.record(leg)?.more().transfer = Some(Transfer::Accepted { cseq });
        self.notify(leg.0, cseq, 100);
        self.settle();
        Ok(())
    }

    /// Refuses a REFER.
    ///
    /// # Errors
    /// [`CommandError::WrongState`] when none waits, [`CommandError::Malformed`] for a status
    /// outside 300 to 699.
    pub fn refuse_transfer(
        &mut self,
        now: Instant,
        leg: Leg,
        refusal: &Refusal<'_>,
    ) -> Result<(), CommandError> {
        self.advance(now);
        refusal.check()?;
        let (server, head, _) = self.take_asked(leg)?;
        self.respond_refer(leg.0, server, &head, refusal.status, |writer| {
            if let Some(after) = refusal.retry_after {
                write_retry_after(after, writer);
            }
            write_extras(refusal.headers, writer);
        });
        self.settle();
        Ok(())
    }

    /// Reports how an accepted transfer goes: NOTIFY with the status as sipfrag; a final status ends
    /// the subscription.
    ///
    /// # Errors
    /// [`CommandError::WrongState`] when none is accepted, [`CommandError::Malformed`] for a status
    /// outside 100 to 699.
    pub fn report_transfer(
        &mut self,
        now: Instant,
        leg: Leg,
        status: u16,
    ) -> Result<(), CommandError> {
        self.advance(now);
        if !(100..700).contains(&status) {
            return Err(CommandError::Malformed);
        }
        let record = self.record(leg)?;
        let more = record.more.as_mut().ok_or(CommandError::WrongState)?;
        let Some(Transfer::Accepted { cseq }) = more.transfer else {
            return Err(CommandError::WrongState);
        };
        if status >= 200 {
            more.transfer = None;
        }
        self.notify(leg.0, cseq, status);
        self.settle();
        Ok(())
    }

    fn take_asked(&mut self, leg: Leg) -> Result<(ServerId, Box<ReplyHead>, u32), CommandError> {
        let more = self.record(leg)?.more.as_mut().ok_or(CommandError::WrongState)?;
        match more.transfer.take() {
            Some(Transfer::Asked { server, head, cseq }) => Ok((server, head, cseq)),
            accepted @ (Some(Transfer::Accepted { .. }) | None) => {
                more.transfer = accepted;
                Err(CommandError::WrongState)
            }
        }
    }

    pub(super) fn handle_refer(
        &mut self,
        id: Id,
        server: ServerId,
        flow: Flow,
        message: &Message<'_>,
        cseq: u32,
    ) {
        // RFC 3515 §2.4.2: none, two or an unreadable one is a bad request.
        let target = message.address(Name::ReferTo).ok().flatten();
        if target.is_none_or(|target| target.uri().is_err()) {
            return self.refuse_within(server, flow, message, Early::new(400, Refused::Malformed));
        }
        let Some(record) = self.legs.get_mut(id) else { return };
        let is_up = matches!(record.state, State::Up | State::Answered { .. });
        if !is_up || record.more().transfer.is_some() {
            let early = Early::new(500, Refused::ChangePending);
            return self.refuse_within(server, flow, message, early);
        }
        record.dialog.refresh_target(message);
        let head = Box::new(ReplyHead::of(message, Some(flow.remote)));
        record.more().transfer = Some(Transfer::Asked { server, head, cseq });
        self.servers.insert(server, ServerUse { leg: Some(id), merged: None });
        let request = self.keep(message);
        self.events.push_back(Event::Refer { leg: Leg(id), request });
    }

    fn respond_refer(
        &mut self,
        id: Id,
        server: ServerId,
        head: &ReplyHead,
        status: u16,
        add: impl FnOnce(&mut Writer<'_>),
    ) {
        let Some(record) = self.legs.get(id) else { return };
        let Some(address) = self.sockets.get(&record.flow.socket) else { return };
        let place = super::dialog::Place { flow: record.flow, address };
        let mut buffer = core::mem::take(&mut self.scratch);
        let reason = reason_phrase(status).as_bytes();
        let mut writer = head.writer(&mut buffer, status, reason, ReplyPlan::default());
        self.write_server(&mut writer);
        if status < 300 {
            record.dialog.contact(place, &mut writer);
        }
        add(&mut writer);
        writer.finish();
        self.transactions.respond(self.now, server, status, &buffer);
        self.scratch = buffer;
    }

    fn notify(&mut self, id: Id, refer: u32, status: u16) {
        let Some(record) = self.legs.get_mut(id) else { return };
        let cseq = record.dialog.next_cseq();
        let frag = format!("SIP/2.0 {status} {}\r\n", reason_phrase(status));
        let written = self.write_within(id, Method::Notify, cseq, |mut writer, record, place| {
            record.dialog.contact(place, &mut writer);
            // RFC 3515 §2.4.6: the id tells several REFERs of one dialog apart.
            writer.formatted(Name::Event, format_args!("refer;id={refer}"));
            if status < 200 {
                let state = format_args!("active;expires={SUBSCRIBED_SECONDS}");
                writer.formatted(Name::SubscriptionState, state);
            } else {
                writer.header(Name::SubscriptionState, b"terminated;reason=noresource");
            }
            writer.finish_with(b"message/sipfrag;version=2.0", frag.as_bytes());
        });
        if written {
            self.start_within(id, What::Notify(id));
        }
    }

    /// The owner never answered the REFER: its transaction is over.
    pub(super) fn drop_asked(&mut self, id: Id, gone: ServerId) {
        let more = self.legs.get_mut(id).and_then(|record| record.more.as_mut());
        if let Some(more) = more
            && matches!(&more.transfer, Some(Transfer::Asked { server, .. }) if *server == gone)
        {
            more.transfer = None;
        }
    }
}

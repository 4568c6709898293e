//! The record of one leg, and what every part of the endpoint does with it.

use core::net::SocketAddr;

use super::change::{Inbound, Outbound};
use super::dialog::{Dialog, Place};
use super::schedule::Due;
use super::session::{Session, Terms};
use super::transfer::Transfer;
use super::{CommandError, Credentials, End, Endpoint, Event, Extra, Leg};
use crate::flow::{Flow, Transport};
use crate::message::{Essentials, Kept, Message, Method};
use crate::time::Instant;
use crate::transaction::{ClientId, Id, ServerId};
use crate::write::{ReplyHead, Writer};

/// An INVITE we received and have not answered.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) server: ServerId,
    pub(super) head: ReplyHead,
    pub(super) terms: Terms,
}

/// An INVITE we sent and have no final answer to.
#[derive(Debug)]
pub(super) struct Calling {
    pub(super) client: ClientId,
    /// Whether it made an offer; else the 2xx does.
    pub(super) has_offer: bool,
    /// Whether it is withdrawn: what comes now is nobody's business but ours.
    pub(super) is_withdrawn: bool,
}

/// Where a leg stands.
#[derive(Debug)]
pub(super) enum State {
    /// We received the INVITE.
    Incoming(Box<Incoming>),
    /// We sent 2xx and wait for the ACK.
    Answered {
        /// The fields of the BYE that is wanted as soon as the ACK comes (RFC 3261 §15).
        bye: Option<Vec<u8>>,
    },
    /// We sent the INVITE.
    Calling(Calling),
    /// The peer's 2xx made the offer: the owner's answer goes into the ACK of this INVITE.
    Offered(u32),
    /// The session stands.
    Up,
    /// We sent BYE.
    Ending(End),
    /// Told; stays only to acknowledge repetitions of the peer's 2xx.
    Over,
}

/// One leg.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) state: State,
    pub(super) flow: Flow,
    pub(super) dialog: Dialog,
    /// Whether we sent the INVITE: we own the Call-ID.
    pub(super) is_caller: bool,
    pub(super) session: Session,
    pub(super) timer: Option<Instant>,
    /// 2xx of ours without an ACK: the number of the INVITE and its transaction.
    pub(super) unacknowledged: [Option<(u32, ServerId)>; 2],
    /// INVITE transactions of ours that may still bring a 2xx.
    pub(super) awaiting: u8,
    pub(super) more: Option<Box<More>>,
}

/// What few legs have; together it would double the record of all.
#[derive(Debug, Default)]
pub(super) struct More {
    pub(super) inbound: Option<Inbound>,
    pub(super) outbound: Option<Outbound>,
    pub(super) transfer: Option<Transfer>,
    pub(super) credentials: Option<Credentials>,
    /// Authorization lines of the INVITE that was accepted: its ACK carries them too.
    pub(super) authorization: Vec<u8>,
    /// The answer in the ACK, for its repetition.
    pub(super) answer: Vec<u8>,
    /// To tags of other answers to our INVITE, already hung up.
    pub(super) forks: Vec<Box<[u8]>>,
}

impl Record {
    pub(super) fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    pub(super) fn inbound(&self) -> Option<&Inbound> {
        self.more.as_ref()?.inbound.as_ref()
    }

    pub(super) fn outbound(&self) -> Option<&Outbound> {
        self.more.as_ref()?.outbound.as_ref()
    }

    pub(super) fn credentials(&self) -> Option<Credentials> {
        self.more.as_ref()?.credentials.clone()
    }
}

/// Asking about legs.
impl Endpoint {
    /// The flow a leg's requests take.
    pub fn flow_of(&self, leg: Leg) -> Option<Flow> {
        self.legs.get(leg.0).map(|record| record.flow)
    }

    /// The address that the dialog names for its requests (first Route, else the peer's Contact),
    /// if it is a literal one.
    pub fn next_hop(&self, leg: Leg) -> Option<(Transport, SocketAddr)> {
        let (transport, address) = self.legs.get(leg.0)?.dialog.next_hop()?;
        let named = |name: &str| {
            transport.as_ref().is_some_and(|text| text.eq_ignore_ascii_case(name.as_bytes()))
        };
        let transport = match () {
            () if named("tcp") => Transport::Tcp,
            () if named("tls") => Transport::Tls,
            () => Transport::Udp,
        };
        Some((transport, address))
    }

    /// Sends a leg's requests another way from now on.
    ///
    /// # Errors
    /// [`CommandError::Gone`], [`CommandError::NoSocket`].
    pub fn set_flow(&mut self, leg: Leg, flow: Flow) -> Result<(), CommandError> {
        self.address(flow)?;
        self.record(leg)?.flow = flow;
        Ok(())
    }

    /// The Call-ID of a leg.
    pub fn call_id(&self, leg: Leg) -> Option<&[u8]> {
        self.legs.get(leg.0).map(|record| &*record.dialog.call_id)
    }
}

impl Endpoint {
    /// The record of a leg the owner may still command.
    pub(super) fn record(&mut self, leg: Leg) -> Result<&mut Record, CommandError> {
        let record = self.legs.get_mut(leg.0).ok_or(CommandError::Gone)?;
        match record.state {
            State::Over => Err(CommandError::Gone),
            State::Incoming(_)
            | State::Answered { .. }
            | State::Calling(_)
            | State::Offered(_)
            | State::Up
            | State::Ending(_) => Ok(record),
        }
    }

    pub(super) fn insert_leg(&mut self, record: Record) -> Id {
        let tag = record.dialog.local_tag;
        let id = self.legs.insert(record);
        self.by_tag.insert(tag, id);
        id
    }

    /// The leg a message from a peer belongs to, by our tag and the peer's and the Call-ID.
    pub(super) fn find_leg(&self, essentials: &Essentials<'_>) -> Option<Id> {
        let tag = super::tokens::number(essentials.to_tag?)?;
        let id = *self.by_tag.get(&tag)?;
        self.legs.get(id).filter(|record| record.dialog.matches(essentials)).map(|_| id)
    }

    /// Tells the end of a leg and forgets it, as soon as no repetition needs it.
    pub(super) fn end_leg(&mut self, id: Id, why: End, message: Option<Kept>) {
        let Some(record) = self.legs.get_mut(id) else { return };
        if matches!(record.state, State::Over) {
            return;
        }
        record.state = State::Over;
        self.lingering += 1;
        self.schedule.set(&mut record.timer, None, Due::Session(id));
        let unacknowledged = core::mem::take(&mut record.unacknowledged);
        let more = record.more.as_mut();
        let (inbound, outbound) = more.map_or((None, None), |more| {
            more.transfer = None;
            (more.inbound.take(), more.outbound.take())
        });
        // Whoever hung up knows of our 2xx: it is not repeated.
        for (_, server) in unacknowledged.into_iter().flatten() {
            self.transactions.acknowledged(server);
        }
        if let Some(mut outbound) = outbound {
            self.schedule.set(&mut outbound.timer, None, Due::Glare(id));
            if let Some(client) = outbound.client {
                self.transactions.abandon(self.now, client);
            }
        }
        if let Some(inbound) = inbound {
            // RFC 3261 §15.1.2: what is pending is answered 487.
            self.answer_inbound(id, &inbound, 487, &[]);
        }
        self.events.push_back(Event::Ended { leg: Leg(id), why, message });
        self.release_leg(id);
    }

    /// Forgets a leg that is over and awaits nothing.
    pub(super) fn release_leg(&mut self, id: Id) {
        let Some(record) = self.legs.get(id) else { return };
        if matches!(record.state, State::Over)
            && record.awaiting == 0
            && let Some(record) = self.legs.remove(id)
        {
            self.by_tag.remove(&record.dialog.local_tag);
            self.lingering -= 1;
        }
    }

    /// Writes a request within a dialog into the scratch buffer; false when its socket is unknown.
    pub(super) fn write_within(
        &mut self,
        id: Id,
        method: Method<'_>,
        cseq: u32,
        finish: impl FnOnce(Writer<'_>, &Record, Place<'_>),
    ) -> bool {
        let branch = self.tokens.branch();
        let Some(record) = self.legs.get(id) else { return false };
        let Some(address) = self.sockets.get(&record.flow.socket) else { return false };
        let place = Place { flow: record.flow, address };
        let mut writer = record.dialog.request(method, cseq, place, &branch, &mut self.scratch);
        if !self.settings.product.is_empty() && method != Method::Ack {
            writer.header(crate::message::Name::UserAgent, &self.settings.product);
        }
        finish(writer, record, place);
        true
    }

    /// The local address of a flow's socket.
    pub(super) fn address(&self, flow: Flow) -> Result<&str, CommandError> {
        self.sockets.get(&flow.socket).map(|text| &**text).ok_or(CommandError::NoSocket)
    }

    /// Copies a message for an event.
    pub(super) fn keep(&mut self, message: &Message<'_>) -> Kept {
        let mut kept = self.spare.pop().unwrap_or_default();
        kept.fill(message);
        kept
    }
}

/// Writes the owner's fields; one whose name is no token is left out.
pub(super) fn write_extras(extras: &[Extra<'_>], writer: &mut Writer<'_>) {
    for (name, value) in extras {
        writer.named(name.as_bytes(), &[value]);
    }
}

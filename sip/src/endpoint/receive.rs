//! What arrives: sorted, checked, and refused where that needs no owner (RFC 3261 §8.2).

use std::hash::BuildHasher as _;

use super::legs::State;
use super::tokens;
use super::{End, Endpoint, Refused};
use crate::flow::Flow;
use crate::limits::ROUTES_MAX;
use crate::message::{
    Carrier, Essentials, Fault, Index, Message, Method, Name, Rejected, Uri, Verdict,
};
use crate::stream::Framer;
use crate::time::{Duration, Instant};
use crate::transaction::{Handled, Id, ServerId};
use crate::write::{ReplyPlan, Writer, reason_phrase, respond};

/// A refusal decided before anybody is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Early {
    pub(super) status: u16,
    pub(super) why: Refused,
}

impl Early {
    pub(super) fn new(status: u16, why: Refused) -> Self {
        Self { status, why }
    }
}

/// What a transaction of a peer is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct ServerUse {
    pub(super) leg: Option<Id>,
    /// Its place among those a merged request is told by.
    pub(super) merged: Option<u64>,
}

/// The extensions served.
const SUPPORTED: &[u8] = b"timer";

/// What messages arrive through.
impl Endpoint {
    /// Takes one message: a datagram, or a piece that [`Framer`] cut.
    pub fn handle_message(&mut self, now: Instant, flow: Flow, bytes: &[u8]) {
        self.advance(now);
        let carrier =
            if flow.transport.is_reliable() { Carrier::Stream } else { Carrier::Datagram };
        let mut index = core::mem::take(&mut self.index);
        match Message::parse(bytes, carrier, &mut index) {
            Ok(message) => self.handle_parsed(flow, &message),
            Err(rejected) => self.reject(flow, &rejected),
        }
        self.index = index;
        self.settle();
    }

    /// Takes the head of a piece that broke its stream; answers it where that is possible.
    pub fn handle_broken(&mut self, now: Instant, flow: Flow, fault: Fault, head: &[u8]) {
        self.advance(now);
        let mut index = Index::default();
        self.reject(flow, &Framer::reject(fault, head, &mut index));
        self.settle();
    }

    fn handle_parsed(&mut self, flow: Flow, message: &Message<'_>) {
        let essentials = match message.check() {
            Ok(essentials) => essentials,
            Err(fault) => return self.reject(flow, &Rejected { fault, message: Some(*message) }),
        };
        match self.transactions.handle_message(self.now, flow, message, &essentials) {
            Handled::Request(server) => self.handle_request(server, flow, message, &essentials),
            Handled::Cancel { cancel, invite } => {
                self.handle_cancel(cancel, invite, flow, message, &essentials);
            }
            Handled::Ack => self.handle_ack(message, &essentials),
            Handled::Response(client) => self.handle_response(client, message, &essentials),
            Handled::StrayResponse => self.counters.count(Refused::StrayResponse),
            Handled::Absorbed => {}
            Handled::Full => self.refuse_overload(flow, message, &essentials),
        }
    }

    /// Answers what could not be read, without a transaction (RFC 3261 §8.2.7).
    fn reject(&mut self, flow: Flow, rejected: &Rejected<'_>) {
        let (Verdict::Answer(status), Some(message)) = (rejected.verdict(), rejected.message)
        else {
            // Line breaks alone keep a path open (RFC 5626 §3.5.1).
            if rejected.fault != Fault::Empty {
                self.counters.count(Refused::Dropped);
            }
            return;
        };
        self.counters.count(Refused::Malformed);
        let via = message.first(Name::Via).unwrap_or_default();
        let via = crate::message::Values::new(via).next().and_then(crate::message::Via::parse);
        let back = via.map_or(flow, |via| flow.for_response(&via));
        let reason = rejected.fault.reason();
        let tag = self.tag_for(&message);
        let plan = ReplyPlan { to_tag: Some(&tag), creates_dialog: false };
        let source = Some(flow.remote);
        let mut buffer = core::mem::take(&mut self.scratch);
        respond(&message, source, status, reason.as_bytes(), plan, &mut buffer).finish();
        self.transactions.send_stateless(back, &buffer);
        self.scratch = buffer;
    }

    fn refuse_overload(&mut self, flow: Flow, message: &Message<'_>, essentials: &Essentials<'_>) {
        self.counters.count(Refused::Overload);
        let back = flow.for_response(&essentials.via);
        self.write_refusal(flow, message, Early::new(503, Refused::Overload));
        let buffer = core::mem::take(&mut self.scratch);
        self.transactions.send_stateless(back, &buffer);
        self.scratch = buffer;
    }

    fn handle_request(
        &mut self,
        server: ServerId,
        flow: Flow,
        message: &Message<'_>,
        essentials: &Essentials<'_>,
    ) {
        let method = essentials.cseq.method;
        let checked = match check_method(method, essentials.to_tag.is_some()) {
            None => check_request(message, essentials),
            early => early,
        };
        if let Some(early) = checked {
            return self.dismiss(server, flow, message, early);
        }
        if essentials.to_tag.is_some() && method != Method::Register {
            return match self.find_leg(essentials) {
                Some(leg) => self.handle_within(leg, server, flow, message, essentials),
                None if method == Method::Options => self.handle_options(server, flow, message),
                None => self.dismiss(server, flow, message, Early::new(481, Refused::NoDialog)),
            };
        }
        if let Err(fault) = message.audit_beyond(essentials) {
            self.counters.count(Refused::Malformed);
            return self.dismiss_fault(server, flow, message, fault);
        }
        let Some(merged) = self.note_merged(server, essentials) else {
            return self.dismiss(server, flow, message, Early::new(482, Refused::Merged));
        };
        self.servers.insert(server, ServerUse { leg: None, merged: Some(merged) });
        match method {
            Method::Invite => self.handle_invite(server, flow, message, essentials),
            Method::Register => self.handle_register(server, flow, message, essentials),
            Method::Options => self.handle_options(server, flow, message),
            // `check_method` and the transactions let none of these come here.
            Method::Ack
            | Method::Bye
            | Method::Cancel
            | Method::Prack
            | Method::Update
            | Method::Info
            | Method::Refer
            | Method::Subscribe
            | Method::Notify
            | Method::Message
            | Method::Publish
            | Method::Other(_) => {
                self.dismiss(server, flow, message, Early::new(405, Refused::Method));
            }
        }
    }

    /// Remembers a request by what a copy of it shares (RFC 3261 §8.2.2.2); `None` for a copy.
    fn note_merged(&mut self, server: ServerId, essentials: &Essentials<'_>) -> Option<u64> {
        let parts = (essentials.from_tag, essentials.call_id, essentials.cseq.number);
        let key = self.hasher.hash_one((parts, essentials.cseq.method));
        match self.merged.entry(key) {
            std::collections::hash_map::Entry::Occupied(_) => None,
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(server);
                Some(key)
            }
        }
    }

    /// CANCEL (RFC 3261 §9.2).
    fn handle_cancel(
        &mut self,
        cancel: ServerId,
        invite: Option<ServerId>,
        flow: Flow,
        message: &Message<'_>,
        essentials: &Essentials<'_>,
    ) {
        let found = invite.and_then(|invite| self.servers.get(&invite)?.leg);
        let record = found.and_then(|leg| self.legs.get(leg));
        let tag = record.map(|record| record.dialog.local_tag);
        // The branch alone finds the INVITE; a stranger who guessed it knows no tag.
        let is_strange = record.is_some_and(|record| !record.dialog.matches(essentials));
        if invite.is_none() || is_strange {
            return self.dismiss(cancel, flow, message, Early::new(481, Refused::NoDialog));
        }
        // RFC 3261 §9.2: the To tag is that of the INVITE's answer.
        let tag = tag.map_or_else(|| self.tag_for(message), tokens::text);
        self.respond_now(cancel, flow, message, 200, Some(&tag), |writer| writer.finish());
        let (Some(id), Some(invite)) = (found, invite) else { return };
        let Some(record) = self.legs.get(id) else { return };
        if record.inbound().is_some_and(|inbound| inbound.server == invite) {
            self.withdraw_change(id);
        } else if matches!(record.state, State::Incoming(_)) {
            let kept = self.keep(message);
            self.finish_incoming(id, 487, End::Cancelled, Some(kept), |_| {});
        }
    }

    /// OPTIONS (RFC 3261 §11.2).
    fn handle_options(&mut self, server: ServerId, flow: Flow, message: &Message<'_>) {
        let allow = self.allow();
        self.dismiss_with(server, flow, message, 200, |writer| write_abilities(allow, writer));
    }

    /// OPTIONS within a call: remembered, or its copy would be out of order.
    pub(super) fn handle_options_within(
        &mut self,
        server: ServerId,
        flow: Flow,
        message: &Message<'_>,
    ) {
        let allow = self.allow();
        self.respond_now(server, flow, message, 200, None, |writer| write_abilities(allow, writer));
    }

    /// Answers with what `finish` adds, and forgets: a repetition is answered again.
    pub(super) fn dismiss_with(
        &mut self,
        server: ServerId,
        flow: Flow,
        message: &Message<'_>,
        status: u16,
        finish: impl FnOnce(Writer<'_>),
    ) {
        let tag = self.tag_for(message);
        let plan = ReplyPlan { to_tag: Some(&tag), creates_dialog: false };
        let reason = reason_phrase(status).as_bytes();
        let mut buffer = core::mem::take(&mut self.scratch);
        let mut writer = respond(message, Some(flow.remote), status, reason, plan, &mut buffer);
        self.write_server(&mut writer);
        finish(writer);
        self.forget_server(server);
        self.transactions.dismiss(self.now, server, &buffer);
        self.scratch = buffer;
    }

    /// Answers at once with what `finish` adds.
    pub(super) fn respond_now(
        &mut self,
        server: ServerId,
        flow: Flow,
        message: &Message<'_>,
        status: u16,
        to_tag: Option<&[u8]>,
        finish: impl FnOnce(Writer<'_>),
    ) {
        let mut buffer = core::mem::take(&mut self.scratch);
        let plan = ReplyPlan { to_tag, creates_dialog: false };
        let reason = reason_phrase(status).as_bytes();
        let mut writer = respond(message, Some(flow.remote), status, reason, plan, &mut buffer);
        self.write_server(&mut writer);
        finish(writer);
        self.transactions.respond(self.now, server, status, &buffer);
        self.scratch = buffer;
    }

    /// Refuses and forgets: what a stranger can ask for by the thousand costs no memory.
    pub(super) fn dismiss(
        &mut self,
        server: ServerId,
        flow: Flow,
        message: &Message<'_>,
        early: Early,
    ) {
        self.counters.count(early.why);
        self.write_refusal(flow, message, early);
        let buffer = core::mem::take(&mut self.scratch);
        self.forget_server(server);
        self.transactions.dismiss(self.now, server, &buffer);
        self.scratch = buffer;
    }

    /// Refuses a request within a call and remembers it: what is refused now might fit, or find no call, when its copy
    /// comes, and all copies get one answer (RFC 3261 §17.2). Only who knows the tags can ask for it.
    pub(super) fn refuse_within(
        &mut self,
        server: ServerId,
        flow: Flow,
        message: &Message<'_>,
        early: Early,
    ) {
        self.counters.count(early.why);
        self.write_refusal(flow, message, early);
        let buffer = core::mem::take(&mut self.scratch);
        self.transactions.respond(self.now, server, early.status, &buffer);
        self.scratch = buffer;
    }

    fn dismiss_fault(&mut self, server: ServerId, flow: Flow, message: &Message<'_>, fault: Fault) {
        let tag = self.tag_for(message);
        let plan = ReplyPlan { to_tag: Some(&tag), creates_dialog: false };
        let (status, reason) = (fault.status(), fault.reason());
        let mut buffer = core::mem::take(&mut self.scratch);
        respond(message, Some(flow.remote), status, reason.as_bytes(), plan, &mut buffer).finish();
        self.transactions.dismiss(self.now, server, &buffer);
        self.scratch = buffer;
    }

    /// Writes a refusal, with what its status demands, into the scratch buffer.
    fn write_refusal(&mut self, flow: Flow, message: &Message<'_>, early: Early) {
        let tag = self.tag_for(message);
        let plan = ReplyPlan { to_tag: Some(&tag), creates_dialog: false };
        let allow = self.allow();
        let retry_after = self.closed.unwrap_or(self.settings.overload_retry_after);
        let reason = reason_phrase(early.status).as_bytes();
        let mut buffer = core::mem::take(&mut self.scratch);
        let source = Some(flow.remote);
        let mut writer = respond(message, source, early.status, reason, plan, &mut buffer);
        self.write_server(&mut writer);
        match early.status {
            405 | 501 => drop(writer.header(Name::Allow, allow)),
            415 | 406 => write_accept(message, &mut writer),
            420 => write_unsupported(message, &mut writer),
            422 => super::session::write_min(&self.settings.session, &mut writer),
            469 => drop(writer.named(b"Recv-Info", &[b""])),
            489 => drop(writer.header(Name::AllowEvents, b"refer")),
            500 if early.why == Refused::ChangePending => {
                // RFC 3261 §14.2: between 0 and 10 seconds.
                let wait = self.tokens.below(11);
                writer.formatted(Name::RetryAfter, format_args!("{wait}"));
            }
            503 => write_retry_after(retry_after, &mut writer),
            _ => {}
        }
        writer.finish();
        self.scratch = buffer;
    }

    pub(super) fn write_server(&self, writer: &mut Writer<'_>) {
        if !self.settings.product.is_empty() {
            writer.header(Name::Server, &self.settings.product);
        }
    }

    /// A tag that a repetition of the request gets again.
    pub(super) fn tag_for(&self, message: &Message<'_>) -> [u8; 16] {
        let first = |name| message.first(name).unwrap_or_default();
        let pieces = [first(Name::Via), first(Name::CallId), first(Name::CSeq)];
        tokens::text(self.tokens.stateless_tag(pieces))
    }

    pub(super) fn allow(&self) -> &'static [u8] {
        if self.registrar.is_some() {
            b"INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER, REGISTER"
        } else {
            b"INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER"
        }
    }
}

/// Which methods are served where (RFC 3261 §8.2.1, §12.2.2).
fn check_method(method: Method<'_>, is_within: bool) -> Option<Early> {
    let refuse = |status, why| Some(Early::new(status, why));
    match method {
        Method::Invite | Method::Options | Method::Register => None,
        Method::Bye | Method::Info | Method::Update | Method::Refer if is_within => None,
        // A transfer is asked for within a call, by whom we called.
        Method::Refer => refuse(403, Refused::NoDialog),
        // We send no reliable provisional response and subscribe to nothing.
        Method::Bye | Method::Info | Method::Update | Method::Prack | Method::Notify => {
            refuse(481, Refused::NoDialog)
        }
        Method::Subscribe => refuse(489, Refused::Package),
        Method::Message | Method::Publish => refuse(405, Refused::Method),
        Method::Other(_) => refuse(501, Refused::Method),
        // Transactions of their own kind: they do not come here.
        Method::Ack | Method::Cancel => refuse(405, Refused::Method),
    }
}

/// The checks every request passes, in the order of RFC 3261 §8.2.2 and §8.2.3.
fn check_request(message: &Message<'_>, essentials: &Essentials<'_>) -> Option<Early> {
    let method = essentials.cseq.method;
    if essentials.to_tag.is_none() {
        match message.request_uri() {
            Some(Uri::Sip(_)) => {}
            Some(Uri::Tel(_)) if method == Method::Invite => {}
            Some(Uri::Tel(_) | Uri::Other(_)) | None => {
                return Some(Early::new(416, Refused::Scheme));
            }
        }
        // RFC 3261 §16.3: whoever passes calls on refuses; OPTIONS may be answered all the same.
        if essentials.max_forwards == Some(0) && method != Method::Options {
            return Some(Early::new(483, Refused::TooManyHops));
        }
    }
    if message.values(Name::Require).any(|tag| !tag.is_empty() && !is_supported(tag)) {
        return Some(Early::new(420, Refused::Extension));
    }
    if message.values(Name::RecordRoute).nth(ROUTES_MAX).is_some() {
        return Some(Early::new(513, Refused::Malformed));
    }
    if matches!(method, Method::Invite | Method::Update) {
        check_body(message)
    } else if method == Method::Info {
        check_info(message)
    } else {
        None
    }
}

fn is_supported(tag: &[u8]) -> bool {
    tag.eq_ignore_ascii_case(SUPPORTED)
}

/// RFC 3261 §8.2.3: a session description, plain, and an answer of the same kind.
fn check_body(message: &Message<'_>) -> Option<Early> {
    let is_encoded = message
        .values(Name::ContentEncoding)
        .any(|encoding| !encoding.eq_ignore_ascii_case(b"identity"));
    let is_sdp = matches!(message.content_type(), Ok(Some(kind)) if kind.is("application/sdp"));
    if !message.body().is_empty() && (!is_sdp || is_encoded) {
        return Some(Early::new(415, Refused::MediaType));
    }
    let accepts = |value: &[u8]| {
        crate::message::MediaType::parse(value).is_some_and(|kind| {
            kind.is("application/sdp") || kind.is("application/*") || kind.is("*/*")
        })
    };
    let mut accepted = message.values(Name::Accept).peekable();
    let is_told = accepted.peek().is_some();
    (is_told && !accepted.any(accepts)).then_some(Early::new(406, Refused::MediaType))
}

/// RFC 6086 §4.2.2: INFO without a package is the older use; ours is digits.
fn check_info(message: &Message<'_>) -> Option<Early> {
    if message.first(Name::InfoPackage).is_some() {
        return Some(Early::new(469, Refused::Package));
    }
    let is_digits = matches!(message.content_type(), Ok(Some(kind))
        if kind.is("application/dtmf-relay") || kind.is("application/dtmf"));
    let is_empty = message.body().is_empty();
    (!is_empty && !is_digits).then_some(Early::new(415, Refused::MediaType))
}

fn write_accept(message: &Message<'_>, writer: &mut Writer<'_>) {
    let accepted: &[u8] = if message.method() == Some(Method::Info) {
        b"application/dtmf-relay, application/dtmf"
    } else {
        b"application/sdp"
    };
    writer.header(Name::Accept, accepted);
    writer.header(Name::AcceptEncoding, b"identity");
}

fn write_unsupported(message: &Message<'_>, writer: &mut Writer<'_>) {
    for tag in message.values(Name::Require).filter(|tag| !tag.is_empty() && !is_supported(tag)) {
        writer.header(Name::Unsupported, tag);
    }
}

/// Writes what an answer to OPTIONS says.
fn write_abilities(allow: &[u8], mut writer: Writer<'_>) {
    writer.header(Name::Allow, allow).header(Name::Supported, SUPPORTED);
    writer.header(Name::Accept, b"application/sdp");
    writer.header(Name::AllowEvents, b"refer");
    writer.finish();
}

/// Writes Retry-After in whole seconds.
pub(super) fn write_retry_after(after: Duration, writer: &mut Writer<'_>) {
    writer.formatted(Name::RetryAfter, format_args!("{}", after.as_secs()));
}

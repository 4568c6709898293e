//! Our requests: who waits for the answer, and the one retry that a challenge is worth.

use super::session;
use super::{Credentials, Endpoint, Ping};
use crate::digest::{self, Subject};
use crate::flow::Flow;
use crate::message::{AuthParams, Carrier, Essentials, Index, Message, Method, Name, StartLine};
use crate::transaction::{ClientId, Id};
use crate::write::Writer;

/// What a request of ours is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// Starts a leg.
    Invite(Id),
    /// Changes a leg's session.
    Change(Id),
    /// Refreshes a leg's session.
    Update(Id),
    /// Ends a leg.
    Bye(Id),
    /// Digits; the answer changes nothing, but for 408 and 481.
    Info(Id),
    /// Progress of a transfer; likewise.
    Notify(Id),
    /// Ends a call that a fork answered too late.
    ForkBye,
    /// Asks whether a peer lives.
    Ping(Ping),
    /// Registers.
    Register(Id),
}

impl What {
    /// The leg, if it is about one.
    pub(super) fn leg(self) -> Option<Id> {
        match self {
            Self::Invite(leg)
            | Self::Change(leg)
            | Self::Update(leg)
            | Self::Bye(leg)
            | Self::Info(leg)
            | Self::Notify(leg) => Some(leg),
            Self::ForkBye | Self::Ping(_) | Self::Register(_) => None,
        }
    }

    /// Whether it is an INVITE: its transaction may bring several 2xx.
    pub(super) fn is_invite(self) -> bool {
        matches!(self, Self::Invite(_) | Self::Change(_))
    }
}

/// A request of ours that has no final answer, or may have another.
#[derive(Debug)]
pub(super) struct ClientUse {
    pub(super) what: What,
    retry: Option<Box<Retry>>,
}

/// What sends a request again.
#[derive(Debug)]
struct Retry {
    request: Vec<u8>,
    credentials: Option<Credentials>,
    was_challenged: bool,
    was_too_brief: bool,
}

/// What a repeated request has differently.
pub(super) struct Again<'a> {
    pub(super) branch: &'a [u8],
    pub(super) cseq: u32,
    /// Fields that stand in place of those of the same name.
    pub(super) fields: &'a [(Name, Vec<u8>)],
}

/// Writes a request of ours once more, as a new one.
pub(super) fn write_again(request: &[u8], again: &Again<'_>, buffer: &mut Vec<u8>) -> bool {
    let mut index = Index::default();
    let Ok(message) = Message::parse(request, Carrier::Datagram, &mut index) else { return false };
    let StartLine::Request { method, uri } = message.start() else { return false };
    let mut writer = Writer::request(buffer, method, uri);
    for header in message.headers() {
        let is_replaced = again.fields.iter().any(|(name, _)| *name == header.name);
        let is_body = matches!(header.name, Name::ContentLength | Name::ContentType);
        if is_replaced || is_body {
            continue;
        }
        if header.name == Name::Via {
            let end = memchr::memmem::find(header.value, b"branch=").map_or(0, |at| at + 7);
            writer.pieces(Name::Via, &[&header.value[..end], again.branch]);
        } else if header.name == Name::CSeq {
            writer.cseq(again.cseq, method);
        } else {
            writer.named(header.raw_name, &[header.value]);
        }
    }
    for (name, value) in again.fields {
        writer.header(*name, value);
    }
    match message.first(Name::ContentType) {
        Some(kind) if !message.body().is_empty() => writer.finish_with(kind, message.body()),
        _ => writer.finish(),
    }
    true
}

impl Endpoint {
    /// Sends the request in the scratch buffer on a leg's flow.
    pub(super) fn start_within(&mut self, leg: Id, what: What) -> Option<ClientId> {
        let record = self.legs.get(leg)?;
        let (flow, credentials) = (record.flow, record.credentials());
        self.start_client(flow, what, credentials)
    }

    /// Sends the request in the scratch buffer; a copy is kept when a challenge could be answered,
    /// or a 422.
    pub(super) fn start_client(
        &mut self,
        flow: Flow,
        what: What,
        credentials: Option<Credentials>,
    ) -> Option<ClientId> {
        let is_timed = match what {
            What::Invite(_) | What::Change(_) | What::Update(_) => {
                self.settings.session.expires.is_some()
            }
            What::Bye(_)
            | What::Info(_)
            | What::Notify(_)
            | What::ForkBye
            | What::Ping(_)
            | What::Register(_) => false,
        };
        let client = self.transactions.start(self.now, flow, &self.scratch).ok()?;
        let retry = (is_timed || credentials.is_some()).then(|| {
            Box::new(Retry {
                request: self.scratch.clone(),
                credentials,
                was_challenged: false,
                was_too_brief: false,
            })
        });
        self.note_client(client, ClientUse { what, retry });
        Some(client)
    }

    fn note_client(&mut self, client: ClientId, used: ClientUse) {
        if used.what.is_invite()
            && let Some(record) = used.what.leg().and_then(|leg| self.legs.get_mut(leg))
        {
            record.awaiting = record.awaiting.saturating_add(1);
        }
        self.clients.insert(client, used);
    }

    /// Forgets a request; true when it was still known.
    pub(super) fn forget_client(&mut self, client: ClientId) -> Option<What> {
        let used = self.clients.remove(&client)?;
        if used.what.is_invite()
            && let Some(leg) = used.what.leg()
        {
            if let Some(record) = self.legs.get_mut(leg) {
                record.awaiting = record.awaiting.saturating_sub(1);
            }
            self.release_leg(leg);
        }
        Some(used.what)
    }

    /// A response to a request of ours.
    pub(super) fn handle_response(
        &mut self,
        client: ClientId,
        message: &Message<'_>,
        essentials: &Essentials<'_>,
    ) {
        let Some(used) = self.clients.get_mut(&client) else { return };
        let (what, status) = (used.what, message.status().unwrap_or_default());
        if status < 200 {
            if let What::Invite(leg) = what {
                self.handle_provisional(leg, status, message);
            }
            return;
        }
        if status < 300 && what.is_invite() {
            // More 2xx may follow: the use stays until its transaction ends.
            let retry = used.retry.take();
            let authorization =
                retry.map_or_else(Vec::new, |retry| authorization_of(&retry.request));
            return self.handle_accepted(what, authorization, message, essentials);
        }
        let retry = used.retry.take();
        if let Some(retry) = retry
            && self.try_again(client, what, retry, message, status)
        {
            self.forget_client(client);
            return;
        }
        self.forget_client(client);
        self.handle_final(what, status, Some(message));
    }

    /// Answers a challenge, or raises an interval: each once. True when the request is sent again.
    fn try_again(
        &mut self,
        client: ClientId,
        what: What,
        mut retry: Box<Retry>,
        message: &Message<'_>,
        status: u16,
    ) -> bool {
        if what.leg().and_then(|leg| self.legs.get(leg)).is_some_and(|record| {
            matches!(&record.state, super::legs::State::Calling(calling) if calling.is_withdrawn)
        }) {
            return false;
        }
        let fields = match status {
            401 | 407 if !retry.was_challenged => {
                retry.was_challenged = true;
                self.credentials_for(&retry, message)
            }
            422 if !retry.was_too_brief => {
                retry.was_too_brief = true;
                self.longer_interval(what, message)
            }
            _ => None,
        };
        let Some(fields) = fields else { return false };
        let Some(cseq) = self.next_cseq(what) else { return false };
        let Some(flow) = self.transactions.client_flow(client) else { return false };
        let branch = self.tokens.branch();
        let again = Again { branch: &branch, cseq, fields: &fields };
        let mut buffer = core::mem::take(&mut self.scratch);
        let started = write_again(&retry.request, &again, &mut buffer)
            .then(|| self.transactions.start(self.now, flow, &buffer).ok())
            .flatten();
        if let Some(started) = started {
            retry.request.clear();
            retry.request.extend_from_slice(&buffer);
            self.note_client(started, ClientUse { what, retry: Some(retry) });
            self.replace_client(what, client, (started, cseq));
        }
        self.scratch = buffer;
        started.is_some()
    }

    /// The credentials that answer the first challenge we can.
    fn credentials_for(
        &mut self,
        retry: &Retry,
        message: &Message<'_>,
    ) -> Option<Vec<(Name, Vec<u8>)>> {
        let credentials = retry.credentials.clone()?;
        let mut index = Index::default();
        let request = Message::parse(&retry.request, Carrier::Datagram, &mut index).ok()?;
        let StartLine::Request { method, uri } = request.start() else { return None };
        let subject = Subject { method, uri, body: request.body() };
        let cnonce = super::tokens::text(self.tokens.number());
        let sides = [
            (Name::WwwAuthenticate, Name::Authorization),
            (Name::ProxyAuthenticate, Name::ProxyAuthorization),
        ];
        let mut fields = Vec::new();
        for (challenge, name) in sides {
            let mut lines = message.lines(challenge).filter_map(AuthParams::parse);
            let answered = lines.find_map(|challenge| {
                let mut value = Vec::new();
                digest::answer(
                    &challenge,
                    &credentials.account(),
                    &subject,
                    &cnonce,
                    1,
                    &mut value,
                )?;
                Some(value)
            });
            fields.extend(answered.map(|value| (name, value)));
        }
        (!fields.is_empty()).then_some(fields)
    }

    /// RFC 4028 §7.3: a 422 names the least interval.
    fn longer_interval(
        &mut self,
        what: What,
        message: &Message<'_>,
    ) -> Option<Vec<(Name, Vec<u8>)>> {
        let record = self.legs.get_mut(what.leg()?)?;
        let session = &mut record.session;
        session::raise(session, message).then(|| {
            let interval = session.interval.to_string().into_bytes();
            vec![(Name::SessionExpires, interval.clone()), (Name::MinSe, interval)]
        })
    }

    fn next_cseq(&mut self, what: What) -> Option<u32> {
        if let What::Register(id) = what {
            let enrolment = self.registrations.get_mut(id)?;
            enrolment.cseq += 1;
            return Some(enrolment.cseq);
        }
        Some(self.legs.get_mut(what.leg()?)?.dialog.next_cseq())
    }

    /// What comes of a final answer that is no 2xx to an INVITE, or of none (`message` is `None`).
    pub(super) fn handle_final(&mut self, what: What, status: u16, message: Option<&Message<'_>>) {
        match what {
            What::Invite(leg) => self.handle_failed(leg, status, message),
            What::Change(leg) => self.change_refused(leg, status),
            What::Update(leg) => self.update_answered(leg, status, message),
            What::Bye(leg) => self.bye_answered(leg, message),
            // RFC 3261 §12.2.1.2: the peer knows nothing of the dialog.
            What::Info(leg) => match status {
                408 | 481 => self.lose_peer(leg),
                _ => self.info_answered(leg, status),
            },
            What::Notify(leg) => {
                if matches!(status, 408 | 481) {
                    self.lose_peer(leg);
                }
            }
            What::ForkBye => {}
            What::Ping(ping) => {
                let status = message.is_some().then_some(status);
                self.pings = self.pings.saturating_sub(1);
                self.events.push_back(super::Event::Pong { ping, status });
            }
            What::Register(registration) => self.enrol_answered(registration, status, message),
        }
    }
}

/// The credentials a request carried, as lines.
fn authorization_of(request: &[u8]) -> Vec<u8> {
    let mut index = Index::default();
    let Ok(message) = Message::parse(request, Carrier::Datagram, &mut index) else {
        return Vec::new();
    };
    debug_assert_ne!(message.method(), Some(Method::Ack), "a copy of an INVITE");
    let names =
        [("Authorization", Name::Authorization), ("Proxy-Authorization", Name::ProxyAuthorization)];
    let fields: Vec<(&str, &[u8])> = names
        .into_iter()
        .filter_map(|(text, name)| message.first(name).map(|value| (text, value)))
        .collect();
    crate::write::lines(&fields)
}

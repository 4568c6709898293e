//! Our registrations elsewhere (RFC 3261 §10.2), and OPTIONS as a sign of life.

use super::clients::What;
use super::dialog::Place;
use super::schedule::Due;
use super::{
    CommandError, Credentials, Endpoint, Enrol, Event, Extra, Ping, Registration, Standing, tokens,
};
use crate::flow::Flow;
use crate::hash::Table;
use crate::message::{Message, Method, Name, NameAddr, Uri};
use crate::time::{Duration, Instant};
use crate::transaction::Id;
use crate::write::Writer;

/// A registration of ours.
#[derive(Debug)]
pub(super) struct Enrolment {
    flow: Flow,
    registrar: Box<[u8]>,
    address: Box<[u8]>,
    contact_user: Box<[u8]>,
    /// More fields, as lines.
    lines: Box<[u8]>,
    call_id: [u8; 32],
    tag: u64,
    pub(super) cseq: u32,
    /// How long is asked for.
    expires: Duration,
    credentials: Option<Credentials>,
    timer: Option<Instant>,
    /// The request under way; one at a time (RFC 3261 §10.2).
    asked: Option<Ask>,
    /// Whether it is to be removed once the request under way is answered.
    is_unwanted: bool,
    was_too_brief: bool,
}

/// What a REGISTER asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    Keep,
    Remove,
}

/// A refresh goes out this long before the end, or at half time.
const AHEAD: Duration = Duration::from_secs(60);

/// Registering, and asking for life.
impl Endpoint {
    /// Registers at a registrar and keeps it up. [`Event::Registration`] tells how it stands.
    ///
    /// # Errors
    /// [`CommandError::NoSocket`], [`CommandError::Malformed`], [`CommandError::Full`].
    pub fn register(
        &mut self,
        now: Instant,
        enrol: &Enrol<'_>,
    ) -> Result<Registration, CommandError> {
        self.advance(now);
        self.address(enrol.flow)?;
        let is_address = NameAddr::parse(enrol.address)
            .is_some_and(|addr| addr.tag().is_none() && matches!(addr.uri(), Ok(Uri::Sip(_))));
        let is_uri = matches!(Uri::parse(enrol.registrar), Ok(Uri::Sip(_)));
        if !is_address || !is_uri {
            return Err(CommandError::Malformed);
        }
        if self.registrations.len() >= self.settings.legs_max {
            return Err(CommandError::Full);
        }
        let id = self.registrations.insert(Enrolment {
            flow: enrol.flow,
            registrar: enrol.registrar.into(),
            address: enrol.address.into(),
            contact_user: enrol.contact_user.into(),
            lines: crate::write::lines(enrol.headers).into(),
            call_id: self.tokens.call_id(),
            tag: self.tokens.number(),
            cseq: 0,
            expires: enrol.expires,
            credentials: enrol.credentials.clone(),
            timer: None,
            asked: None,
            is_unwanted: false,
            was_too_brief: false,
        });
        let sent = self.send_register(id, Ask::Keep);
        self.settle();
        if sent {
            return Ok(Registration(id));
        }
        self.registrations.remove(id);
        Err(CommandError::Full)
    }

    /// Removes a registration: REGISTER with Expires 0.
    ///
    /// # Errors
    /// [`CommandError::Gone`].
    pub fn unregister(
        &mut self,
        now: Instant,
        registration: Registration,
    ) -> Result<(), CommandError> {
        self.advance(now);
        let id = registration.0;
        let enrolment = self.registrations.get_mut(id).ok_or(CommandError::Gone)?;
        enrolment.is_unwanted = true;
        self.schedule.set(&mut enrolment.timer, None, Due::Refresh(id));
        if enrolment.asked.is_none() && !self.send_register(id, Ask::Remove) {
            self.drop_enrolment(id, Standing::Removed);
        }
        self.settle();
        Ok(())
    }

    /// Forgets a registration without a word to the registrar: it runs out there.
    ///
    /// No event follows. What is under way is not answered for any more.
    pub fn forget_registration(&mut self, registration: Registration) {
        let id = registration.0;
        let Some(mut enrolment) = self.registrations.remove(id) else { return };
        self.schedule.set(&mut enrolment.timer, None, Due::Refresh(id));
    }

    /// Sends an OPTIONS: is the peer there? [`Event::Pong`] follows.
    ///
    /// # Errors
    /// [`CommandError::NoSocket`], [`CommandError::Malformed`], [`CommandError::Full`].
    pub fn ping(
        &mut self,
        now: Instant,
        flow: Flow,
        uri: &[u8],
        headers: &[Extra<'_>],
    ) -> Result<Ping, CommandError> {
        self.advance(now);
        let branch = self.tokens.branch();
        let (call_id, tag) = (self.tokens.call_id(), tokens::text(self.tokens.number()));
        let address = self.sockets.get(&flow.socket).ok_or(CommandError::NoSocket)?;
        if !matches!(Uri::parse(uri), Ok(Uri::Sip(_))) {
            return Err(CommandError::Malformed);
        }
        let place = Place { flow, address };
        let mut writer = Writer::request(&mut self.scratch, Method::Options, uri);
        place.via(&branch, &mut writer);
        writer.header(Name::MaxForwards, b"70");
        writer.pieces(Name::From, &[b"<sip:", address.as_bytes(), b">;tag=", &tag]);
        writer.pieces(Name::To, &[b"<", uri, b">"]);
        writer.header(Name::CallId, &call_id).header(Name::CSeq, b"1 OPTIONS");
        place.contact(&[], &mut writer);
        writer.header(Name::Accept, b"application/sdp");
        super::legs::write_extras(headers, &mut writer);
        writer.finish();
        self.last_ping += 1;
        let ping = Ping(self.last_ping);
        let started = self.start_client(flow, What::Ping(ping), None);
        self.settle();
        if started.is_none() {
            return Err(CommandError::Full);
        }
        self.pings += 1;
        Ok(ping)
    }

    fn send_register(&mut self, id: Id, ask: Ask) -> bool {
        let branch = self.tokens.branch();
        let Some(enrolment) = self.registrations.get_mut(id) else { return false };
        let Some(address) = self.sockets.get(&enrolment.flow.socket) else { return false };
        enrolment.cseq += 1;
        enrolment.asked = Some(ask);
        let place = Place { flow: enrolment.flow, address };
        let mut writer = Writer::request(&mut self.scratch, Method::Register, &enrolment.registrar);
        place.via(&branch, &mut writer);
        writer.header(Name::MaxForwards, b"70");
        let tag = tokens::text(enrolment.tag);
        writer.pieces(Name::From, &[&enrolment.address, b";tag=", &tag]);
        writer.header(Name::To, &enrolment.address);
        writer.header(Name::CallId, &enrolment.call_id);
        writer.cseq(enrolment.cseq, Method::Register);
        place.contact(&enrolment.contact_user, &mut writer);
        let expires = match ask {
            Ask::Keep => enrolment.expires.as_secs(),
            Ask::Remove => 0,
        };
        writer.formatted(Name::Expires, format_args!("{expires}"));
        writer.raw(&enrolment.lines);
        writer.finish();
        let (flow, credentials) = (enrolment.flow, enrolment.credentials.clone());
        self.start_client(flow, What::Register(id), credentials).is_some()
    }

    /// A REGISTER is answered, or not (`message` is `None`).
    pub(super) fn enrol_answered(&mut self, id: Id, status: u16, message: Option<&Message<'_>>) {
        let Some(enrolment) = self.registrations.get_mut(id) else { return };
        match enrolment.asked.take() {
            // Whatever the answer: a binding that was not removed runs out.
            None | Some(Ask::Remove) => return self.drop_enrolment(id, Standing::Removed),
            Some(Ask::Keep) if enrolment.is_unwanted => {
                if !self.send_register(id, Ask::Remove) {
                    self.drop_enrolment(id, Standing::Removed);
                }
                return;
            }
            Some(Ask::Keep) => {}
        }
        match (status, message) {
            (200..300, Some(message)) => self.registered(id, message),
            (423, Some(message)) if !enrolment.was_too_brief => {
                let least = message.min_expires().ok().flatten().unwrap_or_default();
                enrolment.was_too_brief = true;
                let is_more = least > enrolment.expires;
                enrolment.expires = least;
                if !is_more || !self.send_register(id, Ask::Keep) {
                    self.drop_enrolment(id, Standing::Failed(423));
                }
            }
            (status, _) => self.drop_enrolment(id, Standing::Failed(status)),
        }
    }

    fn registered(&mut self, id: Id, message: &Message<'_>) {
        let Some(enrolment) = self.registrations.get_mut(id) else { return };
        let granted = granted(enrolment, &self.sockets, message);
        // RFC 3261 §10.2.4: a registrar that gives nothing has refused.
        if granted.is_zero() {
            return self.drop_enrolment(id, Standing::Failed(200));
        }
        let after = granted.saturating_sub(AHEAD).max(granted / 2);
        self.schedule.set(&mut enrolment.timer, Some(self.now + after), Due::Refresh(id));
        let state = Standing::Registered(granted);
        self.events.push_back(Event::Registration { registration: Registration(id), state });
    }

    pub(super) fn refresh_due(&mut self, id: Id) {
        let Some(enrolment) = self.registrations.get_mut(id) else { return };
        enrolment.timer = None;
        if enrolment.asked.is_none() && !self.send_register(id, Ask::Keep) {
            self.drop_enrolment(id, Standing::Failed(503));
        }
    }

    fn drop_enrolment(&mut self, id: Id, state: Standing) {
        let Some(mut enrolment) = self.registrations.remove(id) else { return };
        self.schedule.set(&mut enrolment.timer, None, Due::Refresh(id));
        self.events.push_back(Event::Registration { registration: Registration(id), state });
    }
}

/// How long the registrar gives: what it says of our Contact, else of all, else what was asked.
fn granted(
    enrolment: &Enrolment,
    sockets: &Table<u32, Box<str>>,
    message: &Message<'_>,
) -> Duration {
    let address = sockets.get(&enrolment.flow.socket);
    let is_ours = |contact: &NameAddr<'_>| {
        let Ok(Uri::Sip(uri)) = contact.uri() else { return false };
        let mut host = Vec::new();
        crate::write::host_port(&uri.host, uri.port, &mut host);
        uri.user.unwrap_or_default() == &*enrolment.contact_user
            && address.is_some_and(|address| address.as_bytes() == host)
    };
    let mut contacts = message.addresses(Name::Contact).filter_map(Result::ok);
    let said = contacts.find(is_ours).and_then(|contact| contact.params.get(b"expires"));
    let said = said.and_then(crate::message::scan::number).map(Duration::from_secs);
    let all = || message.expires().ok().flatten();
    said.or_else(all).unwrap_or(enrolment.expires)
}

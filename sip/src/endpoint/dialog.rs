//! Dialogs (RFC 3261 §12): what makes requests within a call find their way.

use super::tokens;
use crate::flow::Flow;
use crate::limits::ROUTES_MAX;
use crate::message::{Essentials, Host, Message, Method, Name, NameAddr, Uri};
use crate::write::Writer;

/// The state of one dialog.
#[derive(Debug, Clone, Default)]
pub(super) struct Dialog {
    pub(super) call_id: Box<[u8]>,
    /// Our address as it stands in From or To, without the tag.
    pub(super) local: Box<[u8]>,
    pub(super) local_tag: u64,
    /// The peer's address as it stands in From or To, with its tag.
    pub(super) remote: Box<[u8]>,
    pub(super) remote_tag: Box<[u8]>,
    /// The peer's Contact: the Request-URI.
    pub(super) target: Box<[u8]>,
    /// Route values, nearest first.
    pub(super) routes: Box<[Box<[u8]>]>,
    pub(super) contact_user: Box<[u8]>,
    pub(super) local_cseq: u32,
    pub(super) remote_cseq: Option<u32>,
}

/// How a message of ours names us.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) flow: Flow,
    /// Our address on the flow's socket.
    pub(super) address: &'a str,
}

impl Dialog {
    /// The dialog an INVITE we received may become (RFC 3261 §12.1.1).
    pub(super) fn of_request(
        request: &Message<'_>,
        essentials: &Essentials<'_>,
        local_tag: u64,
    ) -> Self {
        let user = request.request_uri().and_then(|uri| uri.as_sip().and_then(|sip| sip.user));
        let mut dialog = Self {
            call_id: essentials.call_id.into(),
            local: request.first(Name::To).unwrap_or_default().into(),
            local_tag,
            remote: request.first(Name::From).unwrap_or_default().into(),
            remote_tag: essentials.from_tag.unwrap_or_default().into(),
            // Clients of RFC 2543 may have no Contact.
            target: essentials.from.raw_uri.into(),
            routes: routes(request, false),
            contact_user: user.unwrap_or_default().into(),
            local_cseq: 0,
            remote_cseq: Some(essentials.cseq.number),
        };
        dialog.refresh_target(request);
        dialog
    }

    /// Completes the dialog an INVITE of ours became (RFC 3261 §12.1.2).
    pub(super) fn complete(&mut self, response: &Message<'_>, essentials: &Essentials<'_>) {
        self.remote = response.first(Name::To).unwrap_or_default().into();
        self.remote_tag = essentials.to_tag.unwrap_or_default().into();
        self.routes = routes(response, true);
        self.refresh_target(response);
    }

    /// Takes the Contact of a target refresh (RFC 3261 §12.2.1.2, §12.2.2).
    pub(super) fn refresh_target(&mut self, message: &Message<'_>) {
        let contact = message.addresses(Name::Contact).next().and_then(Result::ok);
        let is_sip = |contact: &NameAddr<'_>| matches!(contact.uri(), Ok(Uri::Sip(_)));
        if let Some(contact) = contact.filter(is_sip) {
            self.target = contact.raw_uri.into();
        }
    }

    /// Whether a request from the peer belongs here; its To tag is known to be ours.
    pub(super) fn matches(&self, essentials: &Essentials<'_>) -> bool {
        *self.call_id == *essentials.call_id
            && *self.remote_tag == *essentials.from_tag.unwrap_or_default()
    }

    /// The number of the next request.
    pub(super) fn next_cseq(&mut self) -> u32 {
        // RFC 3261 §8.1.1.5: below 2^31.
        self.local_cseq = (self.local_cseq + 1) & 0x7fff_ffff;
        self.local_cseq
    }

    /// Starts a request within the dialog (RFC 3261 §12.2.1.1).
    pub(super) fn request<'b>(
        &self,
        method: Method<'_>,
        cseq: u32,
        place: Place<'_>,
        branch: &[u8],
        buffer: &'b mut Vec<u8>,
    ) -> Writer<'b> {
        let strict = self.routes.first().filter(|route| !is_loose(route));
        let uri = strict.and_then(|route| NameAddr::parse(route)).map(|route| route.raw_uri);
        let mut writer = Writer::request(buffer, method, uri.unwrap_or(&self.target));
        place.via(branch, &mut writer);
        writer.header(Name::MaxForwards, b"70");
        for route in self.routes.iter().skip(usize::from(uri.is_some())) {
            writer.header(Name::Route, route);
        }
        if uri.is_some() {
            writer.pieces(Name::Route, &[b"<", &self.target, b">"]);
        }
        let tag = tokens::text(self.local_tag);
        writer.pieces(Name::From, &[&self.local, b";tag=", &tag]);
        writer.header(Name::To, &self.remote);
        writer.header(Name::CallId, &self.call_id);
        writer.cseq(cseq, method);
        writer
    }

    /// Writes our Contact.
    pub(super) fn contact(&self, place: Place<'_>, writer: &mut Writer<'_>) {
        place.contact(&self.contact_user, writer);
    }

    /// Where the dialog itself would send its requests, if that is an address.
    pub(super) fn next_hop(&self) -> Option<(Option<Box<[u8]>>, core::net::SocketAddr)> {
        const DEFAULT_PORT: u16 = 5060;
        let route = self.routes.first().and_then(|route| NameAddr::parse(route));
        let raw = route.map_or(&*self.target, |route| route.raw_uri);
        let Ok(Uri::Sip(uri)) = Uri::parse(raw) else { return None };
        let Host::Address(address) = uri.host else { return None };
        let transport = uri.params.get(b"transport").map(Into::into);
        let port = uri.port.unwrap_or(DEFAULT_PORT);
        Some((transport, core::net::SocketAddr::new(address, port)))
    }
}

/// The route set: Record-Route in order for the server, reversed for the client.
fn routes(message: &Message<'_>, reversed: bool) -> Box<[Box<[u8]>]> {
    let values = message.values(Name::RecordRoute).take(ROUTES_MAX);
    let mut routes: Vec<Box<[u8]>> = values.map(Into::into).collect();
    if reversed {
        routes.reverse();
    }
    routes.into()
}

fn is_loose(route: &[u8]) -> bool {
    let uri = NameAddr::parse(route).and_then(|route| route.uri().ok());
    uri.is_none_or(|uri| uri.as_sip().is_none_or(|sip| sip.is_loose_router()))
}

impl Place<'_> {
    /// Writes our Via; `rport` brings the answer back through a NAT (RFC 3581).
    pub(super) fn via(self, branch: &[u8], writer: &mut Writer<'_>) {
        let transport = self.flow.transport.text().as_bytes();
        let address = self.address.as_bytes();
        writer
            .pieces(Name::Via, &[b"SIP/2.0/", transport, b" ", address, b";rport;branch=", branch]);
    }

    /// Writes our Contact with this user part, which may be empty.
    pub(super) fn contact(self, user: &[u8], writer: &mut Writer<'_>) {
        let at: &[u8] = if user.is_empty() { b"" } else { b"@" };
        let transport: &[u8] = match self.flow.transport {
            crate::flow::Transport::Udp => b"",
            crate::flow::Transport::Tcp => b";transport=tcp",
            crate::flow::Transport::Tls => b";transport=tls",
        };
        let address = self.address.as_bytes();
        writer.pieces(Name::Contact, &[b"<sip:", user, at, address, transport, b">"]);
    }
}

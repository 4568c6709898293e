//! Messages made from other messages: responses, the ACK of a failure, CANCEL.

use core::net::SocketAddr;

use super::{Writer, clean};
use crate::message::{Essentials, Message, Method, Name, Values};
use crate::text;

/// Room for the names of the copied fields, `received`, `rport` and the rest of a response without a body.
const MORE: usize = 256;

/// What a response copies from its request (RFC 3261 §8.2.6), kept after the request is gone.
///
/// Memory: one allocation of the copied fields' size, about 300 bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplyHead {
    /// Via, From, Call-ID, CSeq, and To last: a tag is added at the end.
    fields: Vec<u8>,
    /// Whether To has its tag, or must do without one.
    has_to_tag: bool,
    record_routes: Vec<u8>,
    timestamp: Vec<u8>,
}

/// What a response adds to the copied fields.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReplyPlan<'a> {
    /// Added to To unless the request had a tag or the status is 100.
    pub to_tag: Option<&'a [u8]>,
    /// Copies Record-Route: for responses that create a dialog (RFC 3261 §12.1.1).
    pub creates_dialog: bool,
}

impl ReplyHead {
    /// Copies what responses to this request need.
    ///
    /// `source` is where the request came from: the topmost Via gets `received` when its host is
    /// another, and the value of `rport` when the client asked for it (RFC 3261 §18.2.1, RFC 3581
    /// §4). Works on a rejected request too; what is missing there is missing here.
    pub fn of(request: &Message<'_>, source: Option<SocketAddr>) -> Self {
        let mut head = Self::default();
        head.has_to_tag = copy_fields(request, source, &mut head.fields);
        copy_lines(request, Name::RecordRoute, &mut head.record_routes);
        if let Ok(Some(timestamp)) = request.timestamp() {
            head.timestamp.extend_from_slice(timestamp.sent);
        }
        head
    }

    /// Starts a response.
    pub fn writer<'b>(
        &self,
        buffer: &'b mut Vec<u8>,
        status: u16,
        reason: &[u8],
        plan: ReplyPlan<'_>,
    ) -> Writer<'b> {
        let mut writer = Writer::response(buffer, status, reason);
        writer.raw(&self.fields);
        if !self.has_to_tag {
            writer.add_to_tag(status, plan);
        }
        if plan.creates_dialog {
            writer.raw(&self.record_routes);
        }
        // RFC 3261 §8.2.6.1: a 100 echoes Timestamp.
        if status == 100 && !self.timestamp.is_empty() {
            writer.header(Name::Timestamp, &self.timestamp);
        }
        writer
    }

    /// Whether the request had a tag in To: it was sent within a dialog.
    pub fn has_to_tag(&self) -> bool {
        self.has_to_tag
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.fields.capacity() + self.record_routes.capacity() + self.timestamp.capacity()
    }
}

/// Starts a response to a request that is still at hand.
pub fn respond<'b>(
    request: &Message<'_>,
    source: Option<SocketAddr>,
    status: u16,
    reason: &[u8],
    plan: ReplyPlan<'_>,
    buffer: &'b mut Vec<u8>,
) -> Writer<'b> {
    let mut writer = Writer::response(buffer, status, reason);
    if !copy_fields(request, source, writer.buffer) {
        writer.add_to_tag(status, plan);
    }
    if plan.creates_dialog {
        copy_lines(request, Name::RecordRoute, writer.buffer);
    }
    // RFC 3261 §8.2.6.1: a 100 echoes Timestamp.
    if status == 100
        && let Ok(Some(timestamp)) = request.timestamp()
    {
        writer.header(Name::Timestamp, timestamp.sent);
    }
    writer
}

impl Writer<'_> {
    /// Adds our tag to the To that was written last.
    fn add_to_tag(&mut self, status: u16, plan: ReplyPlan<'_>) {
        if let Some(tag) = plan.to_tag.filter(|_| status != 100) {
            self.buffer.truncate(self.buffer.len() - b"\r\n".len());
            self.buffer.extend_from_slice(b";tag=");
            self.buffer.extend_from_slice(tag);
            self.buffer.extend_from_slice(b"\r\n");
        }
    }
}

/// Copies Via, From, Call-ID, CSeq and, last, To; returns whether To has its tag, or must do without one.
fn copy_fields(request: &Message<'_>, source: Option<SocketAddr>, out: &mut Vec<u8>) -> bool {
    const COPIED: [Name; 4] = [Name::From, Name::CallId, Name::CSeq, Name::To];
    let vias = request.lines(Name::Via).map(<[u8]>::len);
    let length: usize =
        vias.chain(COPIED.iter().filter_map(|n| Some(request.first(*n)?.len()))).sum();
    out.reserve(length + MORE);
    let mut is_top = true;
    for line in request.lines(Name::Via) {
        field(Name::Via, out);
        match source.filter(|_| is_top) {
            Some(source) => stamp_via(line, source, out),
            None => clean(line, out),
        }
        out.extend_from_slice(b"\r\n");
        is_top = false;
    }
    for name in COPIED {
        if let Some(value) = request.first(name) {
            field(name, out);
            clean(value, out);
            out.extend_from_slice(b"\r\n");
        }
    }
    let to = request.first(Name::To).and_then(crate::message::NameAddr::parse);
    // A To nobody can read gets no tag: it would end up inside an open quoted string.
    to.is_none_or(|to| to.tag().is_some())
}

fn copy_lines(request: &Message<'_>, name: Name, out: &mut Vec<u8>) {
    for line in request.lines(name) {
        field(name, out);
        clean(line, out);
        out.extend_from_slice(b"\r\n");
    }
}

fn field(name: Name, out: &mut Vec<u8>) {
    out.extend_from_slice(name.text().as_bytes());
    out.extend_from_slice(b": ");
}

/// Writes the line with `received` and `rport` noted in its first value.
fn stamp_via(line: &[u8], source: SocketAddr, out: &mut Vec<u8>) {
    let mut values = Values::new(line);
    let top = values.next().unwrap_or_default();
    let Some(via) = crate::message::Via::parse(top) else {
        clean(line, out);
        return;
    };
    let ip = source.ip().to_canonical();
    let asks_rport = via.asks_rport();
    let has_received = via.params.find(b"received").is_some();
    if asks_rport || has_received {
        stamp_params(top, &via, out);
    } else {
        clean(top, out);
    }
    if asks_rport || via.host.address().map(|host| host.to_canonical()) != Some(ip) {
        // RFC 3581 §4: with rport, received is added even when the host says the same.
        out.extend_from_slice(b";received=");
        text::address(ip, out);
    }
    if asks_rport {
        out.extend_from_slice(b";rport=");
        text::decimal(source.port(), out);
    }
    for value in values {
        out.extend_from_slice(b", ");
        clean(value, out);
    }
}

/// Writes a Via without what the client must not say itself, and without the `rport` that is answered.
fn stamp_params(top: &[u8], via: &crate::message::Via<'_>, out: &mut Vec<u8>) {
    let params_at = top.len() - via.params.raw().len();
    clean(&top[..params_at], out);
    for param in via.params.iter() {
        let is = |name: &[u8]| param.name.eq_ignore_ascii_case(name);
        if is(b"received") || (is(b"rport") && param.value.is_none()) {
            continue;
        }
        out.push(b';');
        out.extend_from_slice(param.name);
        if let Some(value) = param.value {
            out.push(b'=');
            clean(value, out);
        }
    }
}

/// Writes the ACK of a 300 to 699 response (RFC 3261 §17.1.1.3).
///
/// The ACK of a 2xx is a request of its own and belongs to the dialog.
pub fn ack_failure(
    invite: &Message<'_>,
    essentials: &Essentials<'_>,
    response: &Message<'_>,
    buffer: &mut Vec<u8>,
) {
    // The To of the response: it may have a tag the request had not.
    let to = response.first(Name::To).or_else(|| invite.first(Name::To)).unwrap_or_default();
    follow_up(invite, essentials, Method::Ack, (to, &[]), buffer);
}

/// Writes the CANCEL of a pending INVITE (RFC 3261 §9.1).
pub fn cancel(invite: &Message<'_>, essentials: &Essentials<'_>, buffer: &mut Vec<u8>) -> bool {
    cancel_with(invite, essentials, &[], buffer)
}

/// As [`cancel`], with more lines: those of [`lines`](super::lines).
pub(crate) fn cancel_with(
    invite: &Message<'_>,
    essentials: &Essentials<'_>,
    lines: &[u8],
    buffer: &mut Vec<u8>,
) -> bool {
    let to = invite.first(Name::To).unwrap_or_default();
    follow_up(invite, essentials, Method::Cancel, (to, lines), buffer)
}

/// A request of the same transaction: same Request-URI, top Via, From, Call-ID, CSeq number and
/// Route. False when `invite` is no request.
fn follow_up(
    invite: &Message<'_>,
    essentials: &Essentials<'_>,
    method: Method<'_>,
    (to, lines): (&[u8], &[u8]),
    buffer: &mut Vec<u8>,
) -> bool {
    let crate::message::StartLine::Request { uri, .. } = invite.start() else { return false };
    let mut writer = Writer::request(buffer, method, uri);
    let via = invite.values(Name::Via).next().unwrap_or_default();
    writer.header(Name::Via, via);
    writer.header(Name::MaxForwards, b"70");
    for route in invite.lines(Name::Route) {
        writer.header(Name::Route, route);
    }
    writer.header(Name::From, invite.first(Name::From).unwrap_or_default());
    writer.header(Name::To, to);
    writer.header(Name::CallId, essentials.call_id);
    writer.cseq(essentials.cseq.number, method);
    // RFC 3261 §22.1: the ACK of a challenged INVITE carries the same credentials.
    if method == Method::Ack {
        for name in [Name::Authorization, Name::ProxyAuthorization] {
            for line in invite.lines(name) {
                writer.header(name, line);
            }
        }
    }
    writer.raw(lines);
    writer.finish();
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Carrier, Index};

    const INVITE: &str = "INVITE sip:ana@example.com SIP/2.0\r\n\
        v: SIP/2.0/UDP 10.0.0.7:5070;rport;branch=z9hG4bK1,\r\n SIP/2.0/TCP p.example.com;branch=z9hG4bK0\r\n\
        Via: SIP/2.0/UDP q.example.com\r\n\
        Record-Route: <sip:p1;lr>\r\nRecord-Route: <sip:p2;lr>\r\nRoute: <sip:r1;lr>\r\n\
        f: Ben\r\n <sip:ben@example.com>;tag=b1\r\nt: <sip:ana@example.com>\r\n\
        i: 4711@x\r\nCSeq: 7 INVITE\r\nTimestamp: 54.2\r\nMax-Forwards: 5\r\nl: 0\r\n\r\n";

    fn with_invite<T>(text: &str, act: impl FnOnce(&Message<'_>) -> T) -> T {
        let mut index = Index::default();
        let parsed = Message::parse(text.as_bytes(), Carrier::Datagram, &mut index);
        act(&parsed.expect("well formed"))
    }

    fn response(status: u16, plan: ReplyPlan<'_>, source: Option<&str>) -> String {
        let source = source.map(|text| text.parse().expect("address"));
        with_invite(INVITE, |invite| {
            let mut buffer = Vec::new();
            let reason = super::super::reason_phrase(status).as_bytes();
            respond(invite, source, status, reason, plan, &mut buffer).finish();
            String::from_utf8(buffer).expect("text")
        })
    }

    #[test]
    fn a_dialog_response_copies_what_rfc_3261_says() {
        let plan = ReplyPlan { to_tag: Some(b"a9"), creates_dialog: true };
        insta::assert_snapshot!(response(200, plan, Some("192.0.2.9:40000")), @r"
        SIP/2.0 200 OK
        Via: SIP/2.0/UDP 10.0.0.7:5070;branch=z9hG4bK1;received=192.0.2.9;rport=40000, SIP/2.0/TCP p.example.com;branch=z9hG4bK0
        Via: SIP/2.0/UDP q.example.com
        From: Ben <sip:ben@example.com>;tag=b1
        Call-ID: 4711@x
        CSeq: 7 INVITE
        To: <sip:ana@example.com>;tag=a9
        Record-Route: <sip:p1;lr>
        Record-Route: <sip:p2;lr>
        Content-Length: 0
        ");
    }

    #[test]
    fn a_100_has_no_tag_and_echoes_the_timestamp() {
        let text = response(100, ReplyPlan { to_tag: Some(b"a9"), creates_dialog: false }, None);
        assert!(text.contains("To: <sip:ana@example.com>\r\n"), "{text}");
        assert!(text.contains("Timestamp: 54.2\r\n"), "{text}");
        assert!(!text.contains("Record-Route"), "{text}");
        assert!(text.contains("5070;rport;branch=z9hG4bK1, SIP/2.0/TCP"), "{text}");
    }

    #[test]
    fn received_is_noted_only_when_it_says_something() {
        let via = |host: &str, source: &str| {
            let line = format!("SIP/2.0/UDP {host};branch=z9hG4bK1");
            let mut out = Vec::new();
            stamp_via(line.as_bytes(), source.parse().expect("address"), &mut out);
            String::from_utf8(out).expect("text")
        };
        assert!(!via("192.0.2.9:5070", "192.0.2.9:1").contains("received"));
        assert!(!via("192.0.2.9:5070", "[::ffff:192.0.2.9]:1").contains("received"));
        assert!(via("pc.example.com", "192.0.2.9:1").ends_with(";received=192.0.2.9"));
        assert!(via("[2001:db8::1]", "[2001:db8::2]:1").ends_with(";received=2001:db8::2"));
        assert!(via("a;received=6.6.6.6", "1.2.3.4:1").ends_with("z9hG4bK1;received=1.2.3.4"));
    }

    #[test]
    fn ack_and_cancel_repeat_the_transaction() {
        let reply = response(486, ReplyPlan { to_tag: Some(b"a9"), creates_dialog: false }, None);
        let (ack, cancel) = with_invite(INVITE, |invite| {
            with_invite(&reply, |reply| {
                let essentials = invite.check().expect("complete");
                let (mut a, mut c) = (Vec::new(), Vec::new());
                ack_failure(invite, &essentials, reply, &mut a);
                assert!(cancel(invite, &essentials, &mut c));
                assert!(!cancel(reply, &essentials, &mut Vec::new()));
                (String::from_utf8(a).expect("text"), String::from_utf8(c).expect("text"))
            })
        });
        insta::assert_snapshot!(ack, @r"
        ACK sip:ana@example.com SIP/2.0
        Via: SIP/2.0/UDP 10.0.0.7:5070;rport;branch=z9hG4bK1
        Max-Forwards: 70
        Route: <sip:r1;lr>
        From: Ben <sip:ben@example.com>;tag=b1
        To: <sip:ana@example.com>;tag=a9
        Call-ID: 4711@x
        CSeq: 7 ACK
        Content-Length: 0
        ");
        assert!(cancel.starts_with("CANCEL ") && cancel.contains("\r\nCSeq: 7 CANCEL\r\n"));
        assert!(cancel.contains("\r\nTo: <sip:ana@example.com>\r\n"));
    }

    #[test]
    fn a_rejected_request_is_answered_with_what_it_had() {
        let text =
            "INVITE sip:a SIP/2.0\r\nv: SIP/2.0/UDP 192.0.2.15;;,;,,\r\nt: \"open <sip:a>\r\n\r\n";
        let mut index = Index::default();
        let message = Message::parse(text.as_bytes(), Carrier::Datagram, &mut index);
        let message = message.expect("framed");
        let mut buffer = Vec::new();
        let source = "192.0.2.15:5060".parse().ok();
        let plan = ReplyPlan { to_tag: Some(b"x"), creates_dialog: false };
        respond(&message, source, 400, b"Bad", plan, &mut buffer).finish();
        let expected = "SIP/2.0 400 Bad\r\nVia: SIP/2.0/UDP 192.0.2.15;;,;,,\r\n\
            To: \"open <sip:a>\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(String::from_utf8_lossy(&buffer), expected);
    }
}

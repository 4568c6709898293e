//! RTP between addresses that session descriptions have named (RFC 3550, RFC 4733).
//!
//! Payload types and telephone events are judged for everybody. One SSRC without gaps is our own
//! promise, not the RFC's, so it is asked only of streams that leave an address one of
//! [`Options::ours`] has named.

use std::collections::BTreeSet;

use core::net::{IpAddr, SocketAddr};

use super::Options;
use super::finding::Complaint;
use super::recent::Recent;
use super::rules::{Check, Rule};
use super::seen::{Passage, Seen};
use crate::rtp::Header;
use crate::sdp::{Media as Section, Session};

const PAYLOAD_TYPE: Rule = Rule {
    id: "rtp-payload-type",
    source: "RFC 3264 §5.1",
    expects: "in RTP only payload types that the receiver's description lists",
    check: Check::Media,
};
const ONE_SSRC: Rule = Rule {
    id: "rtp-one-ssrc",
    source: "RFC 3550 §8",
    expects: "one SSRC from us for a whole call",
    check: Check::Media,
};
const SEQUENCE: Rule = Rule {
    id: "rtp-sequence",
    source: "RFC 3550 §5.1",
    expects: "from us a sequence number one higher in each packet",
    check: Check::Media,
};
const EVENT_LENGTH: Rule = Rule {
    id: "rtp-event-length",
    source: "RFC 4733 §2.3",
    expects: "a telephone event of four bytes, or several of four",
    check: Check::Media,
};
const EVENT_DURATION: Rule = Rule {
    id: "rtp-event-duration",
    source: "RFC 4733 §2.5.1.2",
    expects: "a duration that only grows within one telephone event",
    check: Check::Media,
};
const EVENT_END: Rule = Rule {
    id: "rtp-event-end",
    source: "RFC 4733 §2.5.1.3",
    expects: "a packet with the end bit before the next telephone event",
    check: Check::Media,
};

/// The rules of media.
pub(super) const RULES: &[Rule] =
    &[PAYLOAD_TYPE, ONE_SSRC, SEQUENCE, EVENT_LENGTH, EVENT_DURATION, EVENT_END];

/// From here on an event may go on with a new timestamp and no end: the duration's 16 bits are used
/// up (RFC 4733 §2.5.1.3). One second less than all of them at 8 kHz.
const SEGMENT_LEAST: u16 = u16::MAX - 8000;

/// What is known of media.
#[derive(Debug, Default)]
pub(super) struct Media {
    announced: Recent<Announced>,
    streams: Recent<Stream>,
}

/// An address somebody wants to receive at.
#[derive(Debug)]
struct Announced {
    call_id: Vec<u8>,
    payload_types: BTreeSet<u8>,
    events: BTreeSet<u8>,
    is_ours: bool,
}

/// Packets from one address to another.
#[derive(Debug)]
struct Stream {
    call_id: Vec<u8>,
    ssrc: u32,
    sequence: u16,
    event: Option<TelephoneEvent>,
}

#[derive(Debug, Clone, Copy)]
struct TelephoneEvent {
    timestamp: u32,
    duration: u16,
    is_ended: bool,
}

/// A broken rule, and the call it is about.
pub(super) struct MediaFault {
    pub(super) rule: &'static Rule,
    pub(super) call_id: Vec<u8>,
    pub(super) complaint: Complaint,
}

fn key(address: SocketAddr) -> Vec<u8> {
    address.to_string().into_bytes()
}

impl Media {
    /// Notes the addresses of a session description.
    pub(super) fn describe(&mut self, seen: &Seen, options: &Options) {
        let Some(Ok(session)) = seen.sdp().map(Session::parse) else { return };
        let is_ours = options.ours.contains(&seen.passage.from);
        for section in &session.media {
            let address: Option<IpAddr> =
                session.connection_of(section).and_then(|host| host.address());
            if let Some(ip) = address.filter(|_| section.port != 0) {
                self.announce(SocketAddr::new(ip, section.port), section, seen, is_ours);
            }
        }
    }

    fn announce(&mut self, at: SocketAddr, section: &Section<'_>, seen: &Seen, is_ours: bool) {
        let number = |format: &[u8]| core::str::from_utf8(format).ok()?.parse::<u8>().ok();
        let kinds: BTreeSet<u8> = section.formats().filter_map(number).collect();
        let is_event = |kind: &u8| {
            let name = section.rtpmap(*kind).map(|(name, _)| name);
            name.is_some_and(|name| name.eq_ignore_ascii_case(b"telephone-event"))
        };
        let events: BTreeSet<u8> = kinds.iter().copied().filter(is_event).collect();
        match self.announced.get_mut(&key(at)) {
            Some(known) if known.call_id == seen.call_id => {
                known.payload_types.extend(kinds);
                known.events.extend(events);
                known.is_ours |= is_ours;
            }
            Some(_) | None => {
                let call_id = seen.call_id.clone();
                let announced = Announced { call_id, payload_types: kinds, events, is_ours };
                self.announced.insert(key(at), announced);
            }
        }
    }

    /// Looks at a datagram that is no SIP; true when it was RTP to an address that is known.
    pub(super) fn observe(
        &mut self,
        passage: Passage,
        datagram: &[u8],
        faults: &mut Vec<MediaFault>,
    ) -> bool {
        let Ok(header) = Header::parse(datagram) else { return false };
        let Some(receiver) = self.announced.get(&key(passage.to)) else { return false };
        let sender = self.announced.get(&key(passage.from));
        let is_ours = sender.is_some_and(|sender| sender.is_ours);
        let line = || {
            let Header { payload_type, sequence, timestamp, ssrc, .. } = header;
            Complaint::new(format!(
                "RTP {} to {}: PT {payload_type}, sequence {sequence}, timestamp {timestamp}, SSRC {ssrc:08x}",
                passage.from, passage.to
            ))
        };
        let mut say = |rule: &'static Rule, detail: String| {
            let call_id = receiver.call_id.clone();
            faults.push(MediaFault { rule, call_id, complaint: line().detail(detail) });
        };
        if !receiver.payload_types.contains(&header.payload_type) {
            say(&PAYLOAD_TYPE, format!("{:?} are listed", receiver.payload_types));
        }
        let place = [key(passage.from), key(passage.to)].join(&b' ');
        let is_event = receiver.events.contains(&header.payload_type);
        let event = is_event.then(|| header.payload(datagram));
        match self.streams.get_mut(&place).filter(|stream| stream.call_id == receiver.call_id) {
            Some(stream) => stream.next(&header, event, is_ours, &mut say),
            None => {
                let call_id = receiver.call_id.clone();
                let (ssrc, sequence) = (header.ssrc, header.sequence);
                let mut stream = Stream { call_id, ssrc, sequence, event: None };
                stream.take_event(&header, event, &mut say);
                self.streams.insert(place, stream);
            }
        }
        true
    }
}

impl Stream {
    fn next(
        &mut self,
        header: &Header,
        event: Option<&[u8]>,
        is_ours: bool,
        say: &mut impl FnMut(&'static Rule, String),
    ) {
        if header.ssrc != self.ssrc {
            if is_ours {
                say(&ONE_SSRC, format!("it was {:08x}", self.ssrc));
            }
            (self.ssrc, self.event) = (header.ssrc, None);
        } else if is_ours && header.sequence != self.sequence.wrapping_add(1) {
            say(&SEQUENCE, format!("{} was the last", self.sequence));
        }
        self.sequence = header.sequence;
        self.take_event(header, event, say);
    }

    fn take_event(
        &mut self,
        header: &Header,
        event: Option<&[u8]>,
        say: &mut impl FnMut(&'static Rule, String),
    ) {
        let Some(payload) = event else { return };
        let [_, flags, high, low, ..] = *payload else {
            return say(&EVENT_LENGTH, format!("it has {}", payload.len()));
        };
        if payload.len() % 4 != 0 {
            say(&EVENT_LENGTH, format!("it has {}", payload.len()));
        }
        let duration = u16::from_be_bytes([high, low]);
        let is_end = flags & 0x80 != 0;
        let timestamp = header.timestamp;
        let before = self.event.filter(|last| last.timestamp == timestamp);
        match (before, self.event) {
            (Some(last), _) if duration < last.duration => {
                say(&EVENT_DURATION, format!("{} was the last", last.duration));
            }
            (None, Some(last)) if !last.is_ended && last.duration < SEGMENT_LEAST => {
                say(&EVENT_END, format!("the event of {} had none", last.timestamp));
            }
            (Some(_), _) | (None, Some(_) | None) => {}
        }
        let is_ended = is_end || before.is_some_and(|last| last.is_ended);
        self.event = Some(TelephoneEvent { timestamp, duration, is_ended });
    }
}

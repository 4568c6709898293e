//! Session descriptions (RFC 4566) as far as a voice call needs them.
//!
//! [`Session::parse`] reads one where it lies; unknown lines and attributes are skipped.
//! [`negotiate`] does offer and answer (RFC 3264) for PCMA, PCMU and telephone-event.
//!
//! Not built on a crate: `sdp-types` keeps every line as strings (28 allocations for the SDP of a
//! phone), and nothing here needs what it keeps.

mod control;
pub mod negotiate;

use core::net::IpAddr;

pub use control::Control;

use crate::limits::{SDP_FORMATS_MAX, SDP_MAX, SDP_MEDIA_MAX};
use crate::message::Host;
use crate::message::scan;

/// Why a session description cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SdpFault {
    /// Longer than [`SDP_MAX`], or more media sections or formats than their limits.
    #[error("session description too large")]
    TooLarge,
    /// The first line is not `v=0`.
    #[error("session description without v=0")]
    Version,
    /// A line is not `letter=value`.
    #[error("malformed line in the session description")]
    Line,
    /// The `o=` line is missing or has not six parts.
    #[error("malformed origin in the session description")]
    Origin,
    /// A `c=` line has not three parts.
    #[error("malformed connection in the session description")]
    Connection,
    /// An `m=` line has no port, no protocol or no format.
    #[error("malformed media line in the session description")]
    Media,
}

/// A session description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session<'a> {
    /// Who made it, and which version it is.
    pub origin: Origin<'a>,
    /// The connection of sections that have none of their own.
    pub connection: Option<Host<'a>>,
    /// The session's attribute lines.
    pub attributes: Attributes<'a>,
    /// The media sections in their order.
    pub media: Vec<Media<'a>>,
}

/// The `o=` line: a later description of the same session has a higher version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The session identifier as written.
    pub id: &'a [u8],
    /// The version as written; the same version means the same description (RFC 3264 §8).
    pub version: &'a [u8],
}

/// A media section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Media<'a> {
    /// `audio`, `video`, …
    pub kind: &'a [u8],
    /// The port; 0 refuses the section.
    pub port: u16,
    /// `RTP/AVP`, `RTP/SAVP`, …
    pub protocol: &'a [u8],
    /// The formats as written, separated by spaces.
    pub formats: &'a [u8],
    /// The section's own connection.
    pub connection: Option<Host<'a>>,
    /// The section's attribute lines.
    pub attributes: Attributes<'a>,
}

/// The lines of a section; attributes are looked up in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attributes<'a> {
    lines: &'a [u8],
}

/// Which way media flows, seen from the side that wrote it (RFC 4566 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Both ways; what nothing said means.
    #[default]
    SendRecv,
    /// Out only: the other side is on hold.
    SendOnly,
    /// In only.
    RecvOnly,
    /// Neither way.
    Inactive,
}

impl<'a> Session<'a> {
    /// Reads a description; lines end in `CRLF` or `LF` (RFC 4566 §5), the last may have no end.
    ///
    /// # Errors
    /// The first [`SdpFault`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, SdpFault> {
        if bytes.len() > SDP_MAX {
            return Err(SdpFault::TooLarge);
        }
        let mut sections = Sections { rest: bytes };
        let head = sections.next().ok_or(SdpFault::Version)?;
        let mut lines = lines(head);
        if lines.next() != Some(b"v=0") {
            return Err(SdpFault::Version);
        }
        let mut origin = None;
        for line in lines {
            check_line(line)?;
            if let (None, Some(value)) = (origin, line.strip_prefix(b"o=")) {
                origin = Some(read_origin(value).ok_or(SdpFault::Origin)?);
            }
        }
        let media =
            sections.map(Media::parse).take(SDP_MEDIA_MAX + 1).collect::<Result<Vec<_>, _>>()?;
        if media.len() > SDP_MEDIA_MAX {
            return Err(SdpFault::TooLarge);
        }
        Ok(Self {
            origin: origin.ok_or(SdpFault::Origin)?,
            connection: read_connection(head)?,
            attributes: Attributes { lines: head },
            media,
        })
    }

    /// The connection a section uses.
    pub fn connection_of(&self, media: &Media<'a>) -> Option<Host<'a>> {
        media.connection.or(self.connection)
    }

    /// When the session is active, as written in `t=`: an answer repeats it (RFC 3264 §6). For ever where it is missing.
    pub fn time(&self) -> &'a [u8] {
        let mut times = lines(self.attributes.lines).filter_map(|line| line.strip_prefix(b"t="));
        times.next().unwrap_or(b"0 0")
    }

    /// The direction of a section: its own, else the session's (RFC 4566 §6).
    pub fn direction_of(&self, media: &Media<'a>) -> Direction {
        media.attributes.direction().or_else(|| self.attributes.direction()).unwrap_or_default()
    }
}

impl<'a> Media<'a> {
    fn parse(section: &'a [u8]) -> Result<Self, SdpFault> {
        let mut all = lines(section);
        let first = all.next().and_then(|line| line.strip_prefix(b"m=")).ok_or(SdpFault::Media)?;
        for line in all {
            check_line(line)?;
        }
        let (kind, rest) = split(first).ok_or(SdpFault::Media)?;
        let (port, rest) = split(rest).ok_or(SdpFault::Media)?;
        let (protocol, formats) = split(rest).ok_or(SdpFault::Media)?;
        // RFC 4566 §5.14: a number of ports may follow the slash.
        let port = port.split(|&byte| byte == b'/').next().unwrap_or_default();
        let port = scan::number(port).and_then(|port| u16::try_from(port).ok());
        let port = port.ok_or(SdpFault::Media)?;
        let count = words(formats).count();
        if count == 0 {
            return Err(SdpFault::Media);
        }
        if count > SDP_FORMATS_MAX {
            return Err(SdpFault::TooLarge);
        }
        let connection = read_connection(section)?;
        let attributes = Attributes { lines: section };
        Ok(Self { kind, port, protocol, formats, connection, attributes })
    }

    /// The formats in their order.
    pub fn formats(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        words(self.formats)
    }

    /// What `a=rtpmap` says of a payload type: encoding name and clock rate.
    pub fn rtpmap(&self, payload_type: u8) -> Option<(&'a [u8], u32)> {
        self.attributes.all(b"rtpmap").find_map(|value| {
            let (number, map) = split(value)?;
            if scan::number(number)? != u64::from(payload_type) {
                return None;
            }
            let mut parts = map.split(|&byte| byte == b'/');
            let name = parts.next()?;
            let rate = u32::try_from(scan::number(parts.next()?)?).ok()?;
            Some((name, rate))
        })
    }
}

impl<'a> Attributes<'a> {
    /// The values of all attributes of this name; empty ones for flags.
    pub fn all(&self, name: &'static [u8]) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        lines(self.lines).filter_map(move |line| {
            let rest = line.strip_prefix(b"a=")?.strip_prefix(name)?;
            if rest.is_empty() { Some(rest) } else { rest.strip_prefix(b":") }
        })
    }

    /// The value of the first attribute of this name.
    pub fn get(&self, name: &'static [u8]) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// The direction attribute, if there is one.
    pub fn direction(&self) -> Option<Direction> {
        lines(self.lines).find_map(|line| match line {
            b"a=sendrecv" => Some(Direction::SendRecv),
            b"a=sendonly" => Some(Direction::SendOnly),
            b"a=recvonly" => Some(Direction::RecvOnly),
            b"a=inactive" => Some(Direction::Inactive),
            _ => None,
        })
    }
}

impl Direction {
    /// The attribute's name.
    pub fn text(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// Whether the writer sends.
    pub fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Whether the writer receives.
    pub fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    /// The direction of a side that sends and receives so.
    pub fn of(sends: bool, receives: bool) -> Self {
        match (sends, receives) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }

    /// What to answer to an offer of this direction when we would like `ours` (RFC 3264 §6.1).
    pub fn answer(self, ours: Self) -> Self {
        Self::of(ours.sends() && self.receives(), ours.receives() && self.sends())
    }
}

/// The session section, then each media section.
struct Sections<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Sections<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let next = memchr::memmem::find(self.rest, b"\nm=").map_or(self.rest.len(), |at| at + 1);
        let (section, rest) = self.rest.split_at(next);
        self.rest = rest;
        Some(section)
    }
}

fn lines(section: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = section.split(|&byte| byte == b'\n');
    lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)).filter(|line| !line.is_empty())
}

fn check_line(line: &[u8]) -> Result<(), SdpFault> {
    match line {
        [letter, b'=', ..] if letter.is_ascii_alphabetic() => Ok(()),
        _ => Err(SdpFault::Line),
    }
}

/// The first word and the rest.
fn split(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = value.iter().position(|&byte| byte == b' ')?;
    let (word, rest) = (&value[..space], &value[space + 1..]);
    (!word.is_empty() && !rest.is_empty()).then_some((word, rest))
}

fn words(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b' ').filter(|word| !word.is_empty())
}

fn read_origin(value: &[u8]) -> Option<Origin<'_>> {
    let mut parts = words(value).skip(1);
    let (id, version) = (parts.next()?, parts.next()?);
    (parts.count() == 3).then_some(Origin { id, version })
}

/// The first `c=` line of a section: `IN IP4 192.0.2.1`, maybe with `/ttl`.
fn read_connection(section: &[u8]) -> Result<Option<Host<'_>>, SdpFault> {
    let Some(value) = lines(section).find_map(|line| line.strip_prefix(b"c=")) else {
        return Ok(None);
    };
    let read = || {
        let mut parts = words(value);
        let (network, kind, address) = (parts.next()?, parts.next()?, parts.next()?);
        let address = address.split(|&byte| byte == b'/').next()?;
        let host = Host::parse(address)?;
        let fits = match host {
            Host::Address(IpAddr::V4(_)) => kind == b"IP4",
            Host::Address(IpAddr::V6(_)) => kind == b"IP6",
            Host::Name(_) => kind == b"IP4" || kind == b"IP6",
        };
        (network == b"IN" && fits && parts.next().is_none()).then_some(host)
    };
    read().map(Some).ok_or(SdpFault::Connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[u8] = b"v=0\r\no=bob 280744730 28977631 IN IP4 host.example.com\r\ns=\r\nt=0 0\r\n\
        a=sendonly\r\nm=audio 22334 RTP/AVP 0 96\r\nc=IN IP4 192.0.2.1\r\na=rtpmap:96 telephone-event/8000\r\n\
        m=video 6024/2 RTP/AVP 107\r\nc=IN IP6 2001:db8::1\r\na=inactive\r\na=rtpmap:107 H263-1998/90";

    #[test]
    fn sections_have_their_own_connections_and_directions() {
        let session = Session::parse(TWO).expect("good");
        assert_eq!(
            (session.origin.id, session.origin.version),
            (&b"280744730"[..], &b"28977631"[..])
        );
        let [audio, video] = session.media.as_slice() else { panic!("two sections") };
        let address = |media| session.connection_of(media).and_then(|host| host.address());
        assert_eq!(address(audio), "192.0.2.1".parse().ok());
        assert_eq!(address(video), "2001:db8::1".parse().ok());
        assert_eq!(session.direction_of(audio), Direction::SendOnly);
        assert_eq!(session.direction_of(video), Direction::Inactive);
        assert_eq!(audio.rtpmap(96), Some((&b"telephone-event"[..], 8000)));
        assert_eq!((video.port, video.rtpmap(107)), (6024, Some((&b"H263-1998"[..], 90))));
    }

    #[test]
    fn line_ends_may_be_line_feeds() {
        let lf: Vec<u8> = TWO.iter().copied().filter(|&byte| byte != b'\r').collect();
        assert_eq!(Session::parse(&lf).expect("good").media.len(), 2);
    }

    #[test]
    fn broken_descriptions_are_refused() {
        let head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n";
        let cases = [
            (String::new(), SdpFault::Version),
            ("v=1\r\n".to_owned(), SdpFault::Version),
            ("v=0\r\ns=-\r\n".to_owned(), SdpFault::Origin),
            ("v=0\r\no=- 1 IN IP4 1.1.1.1\r\n".to_owned(), SdpFault::Origin),
            (format!("{head}nonsense\r\n"), SdpFault::Line),
            (format!("{head}c=IN IP4 2001:db8::1\r\n"), SdpFault::Connection),
            (format!("{head}c=IN IP4\r\n"), SdpFault::Connection),
            (format!("{head}m=audio 70000 RTP/AVP 0\r\n"), SdpFault::Media),
            (format!("{head}m=audio 4000 RTP/AVP\r\n"), SdpFault::Media),
            (format!("{head}m=audio 4000 RTP/AVP{}\r\n", " 0".repeat(65)), SdpFault::TooLarge),
            (format!("{head}{}", "m=audio 4000 RTP/AVP 0\r\n".repeat(17)), SdpFault::TooLarge),
            (format!("{head}{}", "a=x\r\n".repeat(SDP_MAX / 5)), SdpFault::TooLarge),
        ];
        for (text, fault) in cases {
            assert_eq!(Session::parse(text.as_bytes()), Err(fault), "{text:.60}");
        }
    }

    #[test]
    fn an_answer_sends_only_what_the_offer_receives() {
        use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
        assert_eq!(SendRecv.answer(SendRecv), SendRecv);
        assert_eq!(SendOnly.answer(SendRecv), RecvOnly);
        assert_eq!(RecvOnly.answer(SendRecv), SendOnly);
        assert_eq!(Inactive.answer(SendRecv), Inactive);
        assert_eq!(SendRecv.answer(SendOnly), SendOnly);
        assert_eq!(SendOnly.answer(SendOnly), Inactive);
    }
}

//! Via: where a response goes (RFC 3261 §20.42, RFC 3581).

use core::net::IpAddr;

use super::scan::Cursor;
use super::uri::host_port;
use super::{Fault, Host, Message, Name, Params};

/// What every branch made by RFC 3261 rules starts with (§8.1.1.7).
pub const MAGIC_COOKIE: &[u8] = b"z9hG4bK";

/// One Via value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Via<'a> {
    /// The transport: `UDP`, `TCP`, … or any token; compared without case.
    pub transport: &'a [u8],
    /// The host part of `sent-by`.
    pub host: Host<'a>,
    /// The port of `sent-by`, if written.
    pub port: Option<u16>,
    /// The parameters.
    pub params: Params<'a>,
    /// Those that are asked for most.
    known: Known<'a>,
}

/// Parameters with a meaning here, each the first of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Known<'a> {
    received: Option<&'a [u8]>,
    /// `Some(None)` without a value, as below.
    branch: Option<Option<&'a [u8]>>,
    rport: Option<Option<&'a [u8]>>,
}

impl<'a> Known<'a> {
    /// Finds them; `None` when one is out of range.
    fn of(params: Params<'a>) -> Option<Self> {
        let mut known = Self::default();
        for param in params.iter() {
            let is = |name: &[u8]| param.name.eq_ignore_ascii_case(name);
            let is_within = |max: u64| {
                let number = param.value.map(super::scan::number);
                number.is_none_or(|number| number.is_some_and(|number| number <= max))
            };
            if is(b"branch") {
                known.branch = known.branch.or(Some(param.value));
            } else if is(b"rport") {
                is_within(u64::from(u16::MAX)).then_some(())?;
                known.rport = known.rport.or(Some(param.value));
            } else if is(b"ttl") {
                is_within(255).then_some(())?;
            } else if is(b"received") {
                param.value.and_then(Host::parse)?;
                known.received = known.received.or(param.value);
            }
        }
        Some(known)
    }
}

impl<'a> Via<'a> {
    /// Reads one value; `None` when it breaks the grammar or a known parameter is out of range.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(value);
        let protocol = cursor.token()?;
        let slash = cursor.eat_separator(b'/');
        // A version other than 2.0 is for the start line to refuse.
        cursor.token()?;
        if !slash || !protocol.eq_ignore_ascii_case(b"SIP") || !cursor.eat_separator(b'/') {
            return None;
        }
        let transport = cursor.token()?;
        let before = cursor.rest().len();
        cursor.skip_lws();
        if cursor.rest().len() == before {
            return None;
        }
        let (host, port, rest) = sent_by(cursor.rest())?;
        let params = Params::parse(rest)?;
        Some(Self { transport, host, port, params, known: Known::of(params)? })
    }

    /// The `branch` parameter.
    pub fn branch(&self) -> Option<&'a [u8]> {
        self.known.branch.flatten()
    }

    /// The branch if it identifies a transaction by RFC 3261 rules.
    ///
    /// A branch of the cookie alone identifies nothing: RFC 4475 §3.2.1 lets it fall back to the
    /// rules of RFC 2543.
    pub fn rfc3261_branch(&self) -> Option<&'a [u8]> {
        let branch = self.branch()?;
        let start = branch.get(..MAGIC_COOKIE.len())?;
        let good = start.eq_ignore_ascii_case(MAGIC_COOKIE) && branch.len() > MAGIC_COOKIE.len();
        good.then_some(branch)
    }

    /// The address a server noted, if it is one.
    pub fn received(&self) -> Option<IpAddr> {
        self.known.received.and_then(Host::parse).and_then(|host| host.address())
    }

    /// Whether the client asks for its source port (`;rport` with no value, RFC 3581 §3).
    pub fn asks_rport(&self) -> bool {
        self.known.rport == Some(None)
    }

    /// The source port a server noted.
    pub fn rport(&self) -> Option<u16> {
        let number = self.known.rport.flatten().and_then(super::scan::number);
        number.and_then(|port| u16::try_from(port).ok())
    }
}

/// `host[:port]`, with white space allowed around the colon (RFC 3261 §25.1 `sent-by`).
fn sent_by(bytes: &[u8]) -> Option<(Host<'_>, Option<u16>, &[u8])> {
    let (host, port, rest) = host_port(bytes)?;
    if port.is_some() {
        return Some((host, port, rest));
    }
    let mut cursor = Cursor::new(rest);
    if !cursor.eat_separator(b':') {
        return Some((host, None, rest));
    }
    let port = cursor.number().and_then(|port| u16::try_from(port).ok())?;
    Some((host, Some(port), cursor.rest()))
}

impl<'a> Message<'a> {
    /// The Via values, topmost first.
    pub fn vias(&self) -> impl Iterator<Item = Result<Via<'a>, Fault>> + use<'a> {
        self.values(Name::Via).map(|value| Via::parse(value).ok_or(Fault::Malformed(Name::Via)))
    }

    /// The topmost Via.
    ///
    /// # Errors
    /// [`Fault::Missing`] or [`Fault::Malformed`].
    pub fn top_via(&self) -> Result<Via<'a>, Fault> {
        self.vias().next().unwrap_or(Err(Fault::Missing(Name::Via)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn via(value: &str) -> Option<Via<'_>> {
        Via::parse(value.as_bytes())
    }

    #[test]
    fn white_space_may_stand_between_all_parts() {
        let read =
            via("SIP  /    2.0\r\n /UDP\r\n    192.0.2.2 : 5070 ;branch=390skdjuw").expect("good");
        assert_eq!(read.transport, b"UDP");
        assert_eq!((read.host.to_string().as_str(), read.port), ("192.0.2.2", Some(5070)));
        assert_eq!(read.branch(), Some(&b"390skdjuw"[..]));
        assert_eq!(read.rfc3261_branch(), None);
    }

    #[test]
    fn received_is_read_with_and_without_brackets() {
        let expected = Some("2001:db8::9:255".parse().expect("address"));
        let bare = "SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3";
        let bracketed =
            "SIP/2.0/UDP [2001:db8::9:1]:6050;received=[2001:db8::9:255];branch=z9hG4bKas3";
        assert_eq!(via(bare).expect("good").received(), expected);
        assert_eq!(via(bracketed).expect("good").received(), expected);
        assert_eq!(via(bracketed).expect("good").port, Some(6050));
    }

    #[test]
    fn rport_is_asked_or_answered() {
        assert!(via("SIP/2.0/UDP a;rport").expect("good").asks_rport());
        assert_eq!(via("SIP/2.0/UDP a;rport=5061").expect("good").rport(), Some(5061));
    }

    #[test]
    fn the_cookie_alone_is_no_branch() {
        assert_eq!(via("SIP/2.0/UDP a;branch=z9hG4bK").expect("good").rfc3261_branch(), None);
        assert!(via("SIP/2.0/UDP a;branch=Z9HG4BK1").expect("good").rfc3261_branch().is_some());
    }

    #[test]
    fn broken_vias_are_refused() {
        for bad in [
            "x",
            "SIP/2.0/UDP",
            "SIP/2.0 UDP a",
            "SIP/2.0/UDP 192.0.2.15;;",
            "HTTP/1.1/TCP a",
            "SIP/2.0/UDP a:99999",
            "SIP/2.0/UDP a;rport=70000",
            "SIP/2.0/UDP a;received=x y",
            "SIP/2.0/UDP a;ttl=256",
            "SIP/2.0/UDP a b",
            "",
            "SIP/2.0/UDP[::1]",
        ] {
            assert_eq!(via(bad), None, "{bad}");
        }
    }
}

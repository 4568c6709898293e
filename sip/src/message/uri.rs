//! SIP, SIPS and tel URIs (RFC 3261 §19.1, RFC 3966).

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::borrow::Cow;

use super::params::Param;
use super::scan::{self, HOST, PASSWORD, TOKEN, URI_HEADER, URI_PARAM, URIC, USER};
use crate::limits::PARAMS_MAX;

/// A URI, its parts still escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uri<'a> {
    /// `sip:` or `sips:`.
    Sip(SipUri<'a>),
    /// `tel:`.
    Tel(TelUri<'a>),
    /// Any other scheme; not looked into.
    Other(OtherUri<'a>),
}

/// A SIP or SIPS URI: `sip:user:password@host:port;parameters?headers`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SipUri<'a> {
    /// Whether the scheme is `sips`.
    pub is_secure: bool,
    /// The user part, escaped; `None` when there is no `@`.
    pub user: Option<&'a [u8]>,
    /// The password, escaped.
    pub password: Option<&'a [u8]>,
    /// The host.
    pub host: Host<'a>,
    /// The port, if written.
    pub port: Option<u16>,
    /// The parameters.
    pub params: UriParams<'a>,
    /// What stands behind the question mark, escaped; empty for none.
    pub headers: &'a [u8],
}

/// A tel URI: `tel:+1-201-555-0123;ext=4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TelUri<'a> {
    /// The number with its visual separators; starts with `+` if global.
    pub number: &'a [u8],
    /// The parameters.
    pub params: UriParams<'a>,
}

/// A URI of a scheme this crate does not read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OtherUri<'a> {
    /// The scheme, before the first colon.
    pub scheme: &'a [u8],
    /// The rest.
    pub opaque: &'a [u8],
}

/// A host: a name or an address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Host<'a> {
    /// A domain name; compared without case.
    Name(&'a [u8]),
    /// A literal address; an IPv6 one stands in brackets on the wire.
    Address(IpAddr),
}

/// Parameters of a URI; unlike header parameters they are escaped and have no white space.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct UriParams<'a> {
    raw: &'a [u8],
}

impl<'a> Uri<'a> {
    /// Reads a URI that fills the bytes.
    ///
    /// # Errors
    /// `UriError` when there is no scheme, or when a SIP, SIPS or tel URI breaks its grammar.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, UriError> {
        let colon = bytes.iter().position(|&byte| byte == b':').ok_or(UriError)?;
        let (scheme, rest) = (&bytes[..colon], &bytes[colon + 1..]);
        if scheme.eq_ignore_ascii_case(b"sip") {
            SipUri::parse(false, rest).map(Self::Sip).ok_or(UriError)
        } else if scheme.eq_ignore_ascii_case(b"sips") {
            SipUri::parse(true, rest).map(Self::Sip).ok_or(UriError)
        } else if scheme.eq_ignore_ascii_case(b"tel") {
            TelUri::parse(rest).map(Self::Tel).ok_or(UriError)
        } else if is_scheme(scheme) && !rest.is_empty() && scan::all_escaped(rest, URIC) {
            Ok(Self::Other(OtherUri { scheme, opaque: rest }))
        } else {
            Err(UriError)
        }
    }

    /// The SIP or SIPS URI, if it is one.
    pub fn as_sip(&self) -> Option<&SipUri<'a>> {
        match self {
            Self::Sip(uri) => Some(uri),
            Self::Tel(_) | Self::Other(_) => None,
        }
    }
}

/// A URI that breaks its grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed URI")]
pub struct UriError;

fn is_scheme(scheme: &[u8]) -> bool {
    // RFC 3986 §3.1.
    scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

impl<'a> SipUri<'a> {
    fn parse(is_secure: bool, rest: &'a [u8]) -> Option<Self> {
        // An `@` stands unescaped nowhere but behind the user part, which may hold `;` and `?`.
        let at = rest.iter().position(|&byte| byte == b'@');
        let (userinfo, rest) = match at {
            Some(at) => (Some(&rest[..at]), &rest[at + 1..]),
            None => (None, rest),
        };
        let (user, password) = match userinfo {
            Some(userinfo) => split_userinfo(userinfo)?,
            None => (None, None),
        };
        let (host, port, rest) = host_port(rest)?;
        let headers_at = rest.iter().position(|&byte| byte == b'?');
        let (params, headers) = match headers_at {
            Some(at) => (&rest[..at], Some(&rest[at + 1..])),
            None => (rest, None),
        };
        let params = UriParams::parse(params)?;
        if headers.is_some_and(|headers| !are_headers(headers)) {
            return None;
        }
        let headers = headers.unwrap_or_default();
        Some(Self { is_secure, user, password, host, port, params, headers })
    }

    /// The user part with its escapes undone: bytes, as a `%00` or Latin-1 may be among them.
    pub fn unescaped_user(&self) -> Option<Cow<'a, [u8]>> {
        self.user.map(unescape)
    }

    /// The `name=value` pairs behind the question mark, escaped.
    pub fn header_pairs(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        let pairs = self.headers.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty());
        pairs.map(|pair| match pair.iter().position(|&byte| byte == b'=') {
            Some(equals) => (&pair[..equals], &pair[equals + 1..]),
            None => (pair, &pair[pair.len()..]),
        })
    }

    /// Whether the URI carries `;lr`: the hop is a loose router (RFC 3261 §19.1.1).
    pub fn is_loose_router(&self) -> bool {
        self.params.find(b"lr").is_some()
    }
}

type Userinfo<'a> = (Option<&'a [u8]>, Option<&'a [u8]>);

fn split_userinfo(userinfo: &[u8]) -> Option<Userinfo<'_>> {
    let colon = userinfo.iter().position(|&byte| byte == b':');
    let (user, password) = match colon {
        Some(colon) => (&userinfo[..colon], Some(&userinfo[colon + 1..])),
        None => (userinfo, None),
    };
    let good = !user.is_empty()
        && scan::all_escaped(user, USER)
        && password.is_none_or(|password| scan::all_escaped(password, PASSWORD));
    good.then_some((Some(user), password))
}

fn are_headers(headers: &[u8]) -> bool {
    let mut count = 0;
    headers.split(|&byte| byte == b'&').all(|pair| {
        count += 1;
        let equals = pair.iter().position(|&byte| byte == b'=');
        equals.is_some_and(|equals| {
            equals > 0
                && count <= PARAMS_MAX
                && scan::all_escaped(&pair[..equals], URI_HEADER)
                && scan::all_escaped(&pair[equals + 1..], URI_HEADER)
        })
    })
}

/// Reads `host[:port]` from the front; the rest starts with `;`, `?` or white space, or is empty.
pub(super) fn host_port(bytes: &[u8]) -> Option<(Host<'_>, Option<u16>, &[u8])> {
    let (host, rest) = Host::take(bytes)?;
    let Some(after) = rest.strip_prefix(b":") else { return Some((host, None, rest)) };
    let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let port = scan::number(&after[..digits]).and_then(|port| u16::try_from(port).ok())?;
    Some((host, Some(port), &after[digits..]))
}

impl<'a> Host<'a> {
    /// Takes a host from the front of the bytes.
    pub(super) fn take(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        if bytes.first() == Some(&b'[') {
            let close = bytes.iter().position(|&byte| byte == b']')?;
            let address = parse_v6(&bytes[1..close])?;
            return Some((Self::Address(address.into()), &bytes[close + 1..]));
        }
        let length = bytes.iter().position(|&byte| !scan::is(byte, HOST)).unwrap_or(bytes.len());
        let (name, rest) = bytes.split_at(length);
        Some((Self::from_name(name)?, rest))
    }

    /// Reads a host that fills the bytes, an IPv6 address with or without its brackets.
    ///
    /// RFC 5118 §4.5: `received` is written both ways.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        if bytes.contains(&b':') && bytes.first() != Some(&b'[') {
            return parse_v6(bytes).map(|address| Self::Address(address.into()));
        }
        Self::take(bytes).and_then(|(host, rest)| rest.is_empty().then_some(host))
    }

    fn from_name(name: &'a [u8]) -> Option<Self> {
        let labels = name.strip_suffix(b".").unwrap_or(name);
        let last = labels.iter().rposition(|&byte| byte == b'.').map_or(0, |dot| dot + 1);
        if labels.get(last).is_some_and(u8::is_ascii_digit) {
            // RFC 3261 §25.1: the last label of a name starts with a letter, so this is an
            // address or nothing.
            return parse_v4(name).map(|address| Self::Address(address.into()));
        }
        let mut labels = labels.split(|&byte| byte == b'.');
        let good = labels.all(|label| label.first().is_some_and(|&first| first != b'-'));
        good.then_some(Self::Name(name))
    }

    /// The address, if the host is one.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Name(_) => None,
            Self::Address(address) => Some(*address),
        }
    }
}

/// Four octets in decimal. By hand: every message holds a handful, and the standard library's parser, which is for all
/// kinds of addresses, takes several times as long.
fn parse_v4(bytes: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut parts = bytes.split(|&byte| byte == b'.');
    for octet in &mut octets {
        let digits = parts.next()?;
        // A leading zero may mean octal to others: refused, as the standard library does.
        if digits.is_empty() || digits.len() > 3 || (digits[0] == b'0' && digits.len() > 1) {
            return None;
        }
        *octet = u8::try_from(scan::number(digits)?).ok()?;
    }
    parts.next().is_none().then(|| octets.into())
}

/// RFC 5118 §4.10: one superfluous colon, which the grammar of RFC 3261 produced, is forgiven.
fn parse_v6(bytes: &[u8]) -> Option<Ipv6Addr> {
    let text = core::str::from_utf8(bytes).ok()?;
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let (before, after) = text.split_once(":::")?;
    [before, "::", after].concat().parse().ok()
}

impl<'a> TelUri<'a> {
    fn parse(rest: &'a [u8]) -> Option<Self> {
        let end = rest.iter().position(|&byte| byte == b';').unwrap_or(rest.len());
        let (number, params) = rest.split_at(end);
        let params = UriParams::parse(params)?;
        let digits = number.strip_prefix(b"+").unwrap_or(number);
        let is_global = digits.len() < number.len();
        let good = digits.iter().all(|byte| match byte {
            b'0'..=b'9' | b'-' | b'.' | b'(' | b')' => true,
            b'*' | b'#' | b'a'..=b'f' | b'A'..=b'F' => !is_global,
            _ => false,
        });
        // RFC 3966 §3: at least one digit beside the separators.
        let has_digit = digits.iter().any(|&byte| !is_separator(byte));
        (good && has_digit).then_some(Self { number, params })
    }

    /// The number without visual separators (RFC 3966 §5.1.1).
    pub fn digits(&self) -> impl Iterator<Item = u8> + use<'a> {
        self.number.iter().copied().filter(|&byte| !is_separator(byte))
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b'.' | b'(' | b')')
}

impl<'a> UriParams<'a> {
    fn parse(raw: &'a [u8]) -> Option<Self> {
        if raw.is_empty() {
            return Some(Self { raw });
        }
        let rest = raw.strip_prefix(b";")?;
        let mut count = 0;
        let good = rest.split(|&byte| byte == b';').all(|param| {
            count += 1;
            let param = split_param(param);
            !param.name.is_empty()
                && scan::all_escaped(param.name, URI_PARAM)
                && param.value.is_none_or(|value| {
                    !value.is_empty() && scan::all_escaped(value, URI_PARAM | TOKEN)
                })
        });
        (good && count <= PARAMS_MAX).then_some(Self { raw })
    }

    /// The parameters in their order, escaped.
    pub fn iter(&self) -> impl Iterator<Item = Param<'a>> + use<'a> {
        let pieces = self.raw.split(|&byte| byte == b';').filter(|piece| !piece.is_empty());
        pieces.map(split_param)
    }

    /// The parameter of this name, escapes in the name undone; `Some(None)` without a value.
    pub fn find(&self, name: &[u8]) -> Option<Option<&'a [u8]>> {
        let mut params = self.iter();
        let found = params.find(|param| unescape(param.name).eq_ignore_ascii_case(name))?;
        Some(found.value)
    }

    /// The value of the parameter of this name, escaped.
    pub fn get(&self, name: &[u8]) -> Option<&'a [u8]> {
        self.find(name).flatten()
    }

    /// The parameters as written, the first semicolon included.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }
}

fn split_param(param: &[u8]) -> Param<'_> {
    match param.iter().position(|&byte| byte == b'=') {
        Some(equals) => Param { name: &param[..equals], value: Some(&param[equals + 1..]) },
        None => Param { name: param, value: None },
    }
}

/// Undoes `%HH`; a `%` that starts none stays.
pub fn unescape(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.contains(&b'%') {
        return Cow::Borrowed(bytes);
    }
    Cow::Owned(Unescaped { bytes }.map(|(byte, _)| byte).collect())
}

/// Bytes with their escapes undone, each with whether it was escaped.
pub(super) struct Unescaped<'a> {
    pub(super) bytes: &'a [u8],
}

impl Iterator for Unescaped<'_> {
    type Item = (u8, bool);

    fn next(&mut self) -> Option<(u8, bool)> {
        let (&first, rest) = self.bytes.split_first()?;
        if let (b'%', [high, low, rest @ ..]) = (first, rest) {
            let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
            if let (Some(high), Some(low)) = (digit(*high), digit(*low)) {
                self.bytes = rest;
                return Some((high * 16 + low, true));
            }
        }
        self.bytes = rest;
        Some((first, false))
    }
}

/// Appends a user part, escaped where it must be.
pub fn escape_user(user: &[u8], out: &mut Vec<u8>) {
    for &byte in user {
        if scan::is(byte, USER) {
            out.push(byte);
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            out.extend([b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
}

impl fmt::Debug for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "{}", name.escape_ascii()),
            Self::Address(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

impl fmt::Debug for OtherUri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scheme.escape_ascii(), self.opaque.escape_ascii())
    }
}

impl fmt::Debug for UriParams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.raw.escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_of_another_scheme_holds_no_control_characters() {
        assert!(Uri::parse(b"http://www.example.com/a?b=%20").is_ok());
        for bad in [&b"http:\0//www.example.com"[..], b"http://a b", b"http://%2", b"urn:\x7f"] {
            assert_eq!(Uri::parse(bad), Err(UriError), "{}", bad.escape_ascii());
        }
    }

    fn sip(uri: &str) -> Option<SipUri<'_>> {
        Uri::parse(uri.as_bytes()).ok()?.as_sip().copied()
    }

    #[test]
    fn all_parts_are_found() {
        let uri = sip("sips:al%20ice:pw@[2001:db8::1]:5061;transport=tcp;lr?a=b&c=").expect("good");
        assert!(uri.is_secure && uri.is_loose_router());
        assert_eq!(uri.unescaped_user().expect("user").as_ref(), b"al ice");
        assert_eq!(uri.password, Some(&b"pw"[..]));
        assert_eq!((uri.host.to_string().as_str(), uri.port), ("[2001:db8::1]", Some(5061)));
        assert_eq!(uri.params.get(b"Transport"), Some(&b"tcp"[..]));
        let pairs: Vec<_> = uri.header_pairs().collect();
        assert_eq!(pairs, [(&b"a"[..], &b"b"[..]), (b"c", b"")]);
    }

    #[test]
    fn the_user_part_may_hold_what_separates_elsewhere() {
        let uri = sip("sip:user;par=u%40example.net@example.com").expect("good");
        assert_eq!(uri.unescaped_user().expect("user").as_ref(), b"user;par=u@example.net");
        let uri = sip("sip:null-%00-null@example.com").expect("good");
        assert_eq!(uri.unescaped_user().expect("user").as_ref(), b"null-\0-null");
    }

    #[test]
    fn broken_uris_are_refused() {
        for bad in [
            "sip:",
            "sip:@a",
            "sip:a@",
            "sip:a@b@c",
            "sip:a b",
            "sip:a:70000",
            "sip:a:",
            "sip:a;",
            "sip:a;=b",
            "sip:a;b=",
            "sip:a?",
            "sip:a?b",
            "sip:%4@a",
            "sip:[::1",
            "sip:[x]",
            "sip:2001:db8::10",
            "sip:1.2.3.4.5",
            "sip:256.1.1.1",
            "sip:a..b",
            "<sip:a>",
            "nocolon",
            ":a",
            "1x:a",
            "tel:",
            "tel:+",
            "tel:-",
            "tel:+1#",
            "tel:abcxyz",
            "sip:a;b\"c",
        ] {
            assert_eq!(Uri::parse(bad.as_bytes()), Err(UriError), "{bad}");
        }
    }

    #[test]
    fn a_superfluous_colon_in_an_ipv6_reference_is_forgiven() {
        let wrong = sip("sip:user@[2001:db8:::192.0.2.1]").expect("forgiven");
        let right = sip("sip:user@[2001:db8::192.0.2.1]").expect("good");
        assert_eq!(wrong.host, right.host);
        assert_eq!(sip("sip:user@[2001:db8::::1]"), None);
    }

    #[test]
    fn the_same_texts_are_ipv4_addresses_as_for_the_standard_library() {
        for text in
            ["1.2.3.4", "0.0.0.0", "255.255.255.255", "256.1.1.1", "01.2.3.4", "00.0.0.0", "1.2.3"]
                .into_iter()
                .chain(["1.2.3.4.", "1.2.3.4.5", "1..3.4", ".1.2.3", "1.2.3.0004", "+1.2.3.4", ""])
        {
            assert_eq!(parse_v4(text.as_bytes()), text.parse().ok(), "{text}");
        }
    }

    #[test]
    fn tel_uris_give_their_digits() {
        let Ok(Uri::Tel(tel)) = Uri::parse(b"tel:+1-(201)-555.0123;ext=4") else { panic!("tel") };
        assert_eq!(tel.digits().collect::<Vec<_>>(), b"+12015550123");
        assert_eq!(tel.params.get(b"ext"), Some(&b"4"[..]));
        assert!(Uri::parse(b"tel:7042;phone-context=example.com").is_ok());
    }

    #[test]
    fn escaping_and_unescaping_undo_each_other() {
        let user: Vec<u8> = (0..=255).collect();
        let mut escaped = Vec::new();
        escape_user(&user, &mut escaped);
        assert!(scan::all_escaped(&escaped, USER));
        assert_eq!(unescape(&escaped).as_ref(), user);
        assert_eq!(unescape(b"100%").as_ref(), b"100%");
        assert_eq!(unescape(b"%Z%45").as_ref(), b"%ZE");
    }
}

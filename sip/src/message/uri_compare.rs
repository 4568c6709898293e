//! When two URIs are the same (RFC 3261 §19.1.4, RFC 5954 §3.2, RFC 3966 §4).

use super::scan::{self, RESERVED};
use super::uri::{Host, SipUri, TelUri, Unescaped, Uri, UriParams};

/// Parameters that never match when only one URI has them.
///
/// `transport` is not in the rule's list but in its examples: `sip:bob@biloxi.com` and
/// `sip:bob@biloxi.com;transport=udp` are not equivalent.
const NEVER_IGNORED: [&[u8]; 5] = [b"user", b"ttl", b"method", b"maddr", b"transport"];

impl Uri<'_> {
    /// Whether both name the same resource.
    ///
    /// Not transitive: parameters that only one of the two has are ignored, but for five. A SIP and
    /// a SIPS URI never match.
    pub fn matches(&self, other: &Uri<'_>) -> bool {
        match (self, other) {
            (Uri::Sip(a), Uri::Sip(b)) => a.matches(b),
            (Uri::Tel(a), Uri::Tel(b)) => a.matches(b),
            (Uri::Other(a), Uri::Other(b)) => {
                a.scheme.eq_ignore_ascii_case(b.scheme) && a.opaque == b.opaque
            }
            (Uri::Sip(_) | Uri::Tel(_) | Uri::Other(_), _) => false,
        }
    }
}

impl SipUri<'_> {
    /// Whether both are the same by RFC 3261 §19.1.4.
    pub fn matches(&self, other: &SipUri<'_>) -> bool {
        self.is_secure == other.is_secure
            && optional(self.user, other.user)
            && optional(self.password, other.password)
            && self.host.matches(&other.host)
            && self.port == other.port
            && params_match(&self.params, &other.params)
            && headers_match(self, other)
    }
}

impl TelUri<'_> {
    /// Whether both are the same number: separators do not count, parameters must all match.
    pub fn matches(&self, other: &TelUri<'_>) -> bool {
        let all_in = |a: &UriParams<'_>, b: &UriParams<'_>| {
            a.iter().all(|param| {
                let found = b.find(&super::unescape(param.name));
                found.is_some_and(|value| same_value(param.value, value))
            })
        };
        self.digits()
            .map(|b| b.to_ascii_lowercase())
            .eq(other.digits().map(|b| b.to_ascii_lowercase()))
            && all_in(&self.params, &other.params)
            && all_in(&other.params, &self.params)
    }
}

impl Host<'_> {
    /// Whether both are the same: names without case, addresses by their bits.
    pub fn matches(&self, other: &Host<'_>) -> bool {
        match (self, other) {
            (Host::Name(a), Host::Name(b)) => a.eq_ignore_ascii_case(b),
            (Host::Address(a), Host::Address(b)) => a == b,
            (Host::Name(_), Host::Address(_)) | (Host::Address(_), Host::Name(_)) => false,
        }
    }
}

/// Text with escapes, case kept. An escaped byte equals the plain one unless it is reserved.
fn same(a: &[u8], b: &[u8]) -> bool {
    let normal = |(byte, is_escaped)| (byte, is_escaped && scan::is(byte, RESERVED));
    a == b || Unescaped { bytes: a }.map(normal).eq(Unescaped { bytes: b }.map(normal))
}

fn same_without_case(a: &[u8], b: &[u8]) -> bool {
    let normal = |(byte, is_escaped): (u8, bool)| {
        (byte.to_ascii_lowercase(), is_escaped && scan::is(byte, RESERVED))
    };
    Unescaped { bytes: a }.map(normal).eq(Unescaped { bytes: b }.map(normal))
}

fn same_value(a: Option<&[u8]>, b: Option<&[u8]>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same_without_case(a, b),
        (a, b) => a == b,
    }
}

fn optional(a: Option<&[u8]>, b: Option<&[u8]>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same(a, b),
        (a, b) => a == b,
    }
}

fn params_match(a: &UriParams<'_>, b: &UriParams<'_>) -> bool {
    let shared_match = a.iter().all(|param| {
        b.find(&super::unescape(param.name)).is_none_or(|value| same_value(param.value, value))
    });
    let one_sided =
        NEVER_IGNORED.iter().any(|name| a.find(name).is_some() != b.find(name).is_some());
    shared_match && !one_sided
}

/// Headers are never ignored; their order does not count.
fn headers_match(a: &SipUri<'_>, b: &SipUri<'_>) -> bool {
    let covered = |a: &SipUri<'_>, b: &SipUri<'_>| {
        a.header_pairs().all(|(name, value)| {
            b.header_pairs().any(|(n, v)| same_without_case(name, n) && same(value, v))
        })
    };
    a.header_pairs().count() == b.header_pairs().count() && covered(a, b) && covered(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same_uri(a: &str, b: &str) -> bool {
        let read = |text: &'static str| Uri::parse(text.as_bytes()).expect("well formed");
        let (a, b) = (read(a.to_owned().leak()), read(b.to_owned().leak()));
        assert_eq!(a.matches(&b), b.matches(&a), "symmetric");
        assert!(a.matches(&a) && b.matches(&b), "reflexive");
        a.matches(&b)
    }

    #[test]
    fn the_equivalent_pairs_of_rfc_3261_match() {
        for (a, b) in [
            ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
            ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
            ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
            (
                "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
                "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
            ),
            (
                "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
                "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
            ),
        ] {
            assert!(same_uri(a, b), "{a} {b}");
        }
    }

    #[test]
    fn the_different_pairs_of_rfc_3261_do_not() {
        for (a, b) in [
            ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
            ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
            ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
            ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
            ("sip:a@b.com", "sips:a@b.com"),
            ("sip:a@b.com", "sip:b.com"),
            ("sip:a%3Bb@c.com", "sip:a;b@c.com"),
            ("sip:a@b.com;maddr=1.2.3.4", "sip:a@b.com"),
        ] {
            assert!(!same_uri(a, b), "{a} {b}");
        }
    }

    #[test]
    fn addresses_compare_by_bits_and_numbers_by_digits() {
        assert!(same_uri("sip:a@[2001:db8::9:1]", "sip:a@[2001:DB8:0:0:0:0:9:01]"));
        assert!(same_uri("tel:+1-201-555-0123", "tel:+1(201)5550123"));
        assert!(!same_uri("tel:+12015550123;ext=1", "tel:+12015550123"));
        assert!(same_uri("im:a@b", "IM:a@b") && !same_uri("im:a@b", "im:a@c"));
    }
}

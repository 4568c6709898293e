//! Header field names: canonical, compact, case-insensitive.

use core::fmt;

macro_rules! names {
    ($($variant:ident $text:literal $compact:expr,)*) => {
        /// The name of a header field.
        ///
        /// Compared without case, compact forms included (RFC 3261 §7.3.1, §7.3.3). Fields without
        /// a name here are [`Name::Other`]; their bytes are in the message.
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Name {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
            /// A field this crate has no name for.
            Other,
        }

        impl Name {
            /// Every name but [`Name::Other`].
            pub const ALL: &'static [Name] = &[$(Name::$variant,)*];

            /// The name in its canonical spelling; empty for [`Name::Other`].
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other => "",
                }
            }

            /// The one-letter form, if the name has one (RFC 3261 §7.3.3, IANA registry).
            pub const fn compact(self) -> Option<u8> {
                match self {
                    $(Self::$variant => $compact,)*
                    Self::Other => None,
                }
            }
        }
    };
}

names! {
    Accept "Accept" None,
    AcceptContact "Accept-Contact" Some(b'a'),
    AcceptEncoding "Accept-Encoding" None,
    AcceptLanguage "Accept-Language" None,
    AlertInfo "Alert-Info" None,
    Allow "Allow" None,
    AllowEvents "Allow-Events" Some(b'u'),
    AuthenticationInfo "Authentication-Info" None,
    Authorization "Authorization" None,
    CSeq "CSeq" None,
    CallId "Call-ID" Some(b'i'),
    CallInfo "Call-Info" None,
    Contact "Contact" Some(b'm'),
    ContentDisposition "Content-Disposition" None,
    ContentEncoding "Content-Encoding" Some(b'e'),
    ContentLanguage "Content-Language" None,
    ContentLength "Content-Length" Some(b'l'),
    ContentType "Content-Type" Some(b'c'),
    Date "Date" None,
    Diversion "Diversion" None,
    Event "Event" Some(b'o'),
    Expires "Expires" None,
    From "From" Some(b'f'),
    HistoryInfo "History-Info" None,
    Identity "Identity" Some(b'y'),
    IdentityInfo "Identity-Info" Some(b'n'),
    InfoPackage "Info-Package" None,
    MaxForwards "Max-Forwards" None,
    MimeVersion "MIME-Version" None,
    MinExpires "Min-Expires" None,
    MinSe "Min-SE" None,
    Organization "Organization" None,
    PAssertedIdentity "P-Asserted-Identity" None,
    PPreferredIdentity "P-Preferred-Identity" None,
    Path "Path" None,
    Priority "Priority" None,
    Privacy "Privacy" None,
    ProxyAuthenticate "Proxy-Authenticate" None,
    ProxyAuthorization "Proxy-Authorization" None,
    ProxyRequire "Proxy-Require" None,
    RAck "RAck" None,
    RSeq "RSeq" None,
    Reason "Reason" None,
    RecordRoute "Record-Route" None,
    ReferTo "Refer-To" Some(b'r'),
    ReferredBy "Referred-By" Some(b'b'),
    RejectContact "Reject-Contact" Some(b'j'),
    Replaces "Replaces" None,
    RequestDisposition "Request-Disposition" Some(b'd'),
    Require "Require" None,
    RetryAfter "Retry-After" None,
    Route "Route" None,
    Server "Server" None,
    ServiceRoute "Service-Route" None,
    SessionExpires "Session-Expires" Some(b'x'),
    SipEtag "SIP-ETag" None,
    SipIfMatch "SIP-If-Match" None,
    Subject "Subject" Some(b's'),
    SubscriptionState "Subscription-State" None,
    Supported "Supported" Some(b'k'),
    Timestamp "Timestamp" None,
    To "To" Some(b't'),
    Unsupported "Unsupported" None,
    UserAgent "User-Agent" None,
    Via "Via" Some(b'v'),
    Warning "Warning" None,
    WwwAuthenticate "WWW-Authenticate" None,
}

/// Places in the table of names.
const PLACES: usize = 256;

/// Found by trial: with it no two names share a place. The build fails when a new name takes a place that is taken; then
/// another odd number is to be found.
const SPREAD: u32 = 0x86f2_c88b;

/// Names by their place: a lookup compares one.
static BY_PLACE: [Name; PLACES] = by_place();

/// Names by their compact letter.
static BY_LETTER: [Option<Name>; 26] = by_letter();

/// Where a name stands: made of its length and three of its letters, without case.
const fn place(name: &[u8]) -> usize {
    let [first, middle, last] = [name[0], name[name.len() / 2], name[name.len() - 1]];
    let key = u32::from_le_bytes([name.len() as u8, first | 0x20, middle | 0x20, last | 0x20]);
    (key.wrapping_mul(SPREAD) >> 24) as usize
}

const fn by_place() -> [Name; PLACES] {
    let mut table = [Name::Other; PLACES];
    let mut i = 0;
    while i < Name::ALL.len() {
        let place = place(Name::ALL[i].text().as_bytes());
        assert!(matches!(table[place], Name::Other), "two names share a place");
        table[place] = Name::ALL[i];
        i += 1;
    }
    table
}

const fn by_letter() -> [Option<Name>; 26] {
    let mut table = [None; 26];
    let mut i = 0;
    while i < Name::ALL.len() {
        if let Some(letter) = Name::ALL[i].compact() {
            table[(letter - b'a') as usize] = Some(Name::ALL[i]);
        }
        i += 1;
    }
    table
}

impl Name {
    /// Names a header field from its bytes on the wire.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        if let [letter] = bytes {
            let place = letter.to_ascii_lowercase().wrapping_sub(b'a');
            return BY_LETTER.get(place as usize).copied().flatten().unwrap_or(Self::Other);
        }
        if bytes.is_empty() {
            return Self::Other;
        }
        let name = BY_PLACE[place(bytes)];
        let text = name.text().as_bytes();
        if text == bytes || text.eq_ignore_ascii_case(bytes) { name } else { Self::Other }
    }

    /// Whether one field line may carry several values between commas.
    ///
    /// RFC 3261 §7.3.1: fields whose grammar is `#(value)`. The four authentication fields use the
    /// comma inside one value.
    pub fn is_list(self) -> bool {
        matches!(
            self,
            Self::Via
                | Self::Route
                | Self::RecordRoute
                | Self::Contact
                | Self::Allow
                | Self::AllowEvents
                | Self::Supported
                | Self::Require
                | Self::ProxyRequire
                | Self::Unsupported
                | Self::Accept
                | Self::AcceptEncoding
                | Self::AcceptLanguage
                | Self::Path
                | Self::ServiceRoute
                | Self::Reason
                | Self::Diversion
                | Self::HistoryInfo
                | Self::PAssertedIdentity
                | Self::PPreferredIdentity
                | Self::Warning
                | Self::CallInfo
                | Self::AlertInfo
        )
    }
}

/// A set of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Names(u128);

const _: () = assert!((Name::Other as u32) < u128::BITS);

impl Names {
    pub(super) fn insert(&mut self, name: Name) {
        self.0 |= 1 << name as u32;
    }

    pub(super) fn contains(self, name: Name) -> bool {
        self.0 >> (name as u32) & 1 == 1
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Other { "(other)" } else { self.text() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_in_any_case_and_in_its_compact_form() {
        for &name in Name::ALL {
            assert_eq!(Name::from_bytes(name.text().as_bytes()), name);
            assert_eq!(Name::from_bytes(name.text().to_uppercase().as_bytes()), name);
            if let Some(letter) = name.compact() {
                assert_eq!(Name::from_bytes(&[letter]), name);
                assert_eq!(Name::from_bytes(&[letter.to_ascii_uppercase()]), name);
            }
        }
    }

    #[test]
    fn other_names_are_other() {
        for other in [&b""[..], b"z", b"[", b"X-Callstorm-Ids", b"C%6Fntact", &[b'a'; 300]] {
            assert_eq!(Name::from_bytes(other), Name::Other);
        }
    }
}

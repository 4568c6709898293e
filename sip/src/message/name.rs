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

/// Names shorter than this have a place in the table of lengths; the build fails on a longer one.
const LENGTH_MAX: usize = 24;

/// Most names of one length; the build of the table fails when a new name does not fit.
const BUCKET_MAX: usize = 9;

/// Names of one length with their text.
type Bucket = [Option<(Name, &'static [u8])>; BUCKET_MAX];

/// Names by their length: a lookup compares only names that can match.
static BY_LENGTH: [Bucket; LENGTH_MAX] = by_length();

/// Names by their compact letter.
static BY_LETTER: [Option<Name>; 26] = by_letter();

const fn by_length() -> [Bucket; LENGTH_MAX] {
    let mut table = [[None; BUCKET_MAX]; LENGTH_MAX];
    let mut i = 0;
    while i < Name::ALL.len() {
        let bucket = Name::ALL[i].text().len();
        let mut slot = 0;
        while table[bucket][slot].is_some() {
            slot += 1;
        }
        table[bucket][slot] = Some((Name::ALL[i], Name::ALL[i].text().as_bytes()));
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
        let Some(bucket) = BY_LENGTH.get(bytes.len()) else {
            return Self::Other;
        };
        let Some(first) = bytes.first() else { return Self::Other };
        // The first letter tells most names of one length apart.
        let mut named = bucket.iter().map_while(|name| *name);
        let found = named.find(|(_, text)| {
            text[0].eq_ignore_ascii_case(first) && text.eq_ignore_ascii_case(bytes)
        });
        found.map_or(Self::Other, |(name, _)| name)
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

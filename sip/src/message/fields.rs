//! The small fields: numbers, tokens and what is made of them.

use core::time::Duration;

use super::params::unquote;
use super::scan::{self, Cursor, TOKEN, WORD};
use super::{Fault, Message, Method, Name, Params};

/// CSeq: a number and a method (RFC 3261 §20.16).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CSeq<'a> {
    /// The number; fits 32 bits (RFC 3261 §8.1.1.5).
    pub number: u32,
    /// The method of the request.
    pub method: Method<'a>,
}

/// RAck: which reliable provisional response a PRACK confirms (RFC 3262 §7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RAck<'a> {
    /// The RSeq of the response.
    pub response: u32,
    /// The CSeq of the response.
    pub cseq: CSeq<'a>,
}

/// Who refreshes a session (RFC 4028 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresher {
    /// The side that sent the request.
    Uac,
    /// The side that answers it.
    Uas,
}

/// Session-Expires (RFC 4028 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionExpires {
    /// How long the session lives without a refresh; whole seconds.
    pub interval: Duration,
    /// Who refreshes it, if said.
    pub refresher: Option<Refresher>,
}

/// Content-Type or one Accept value: `type/subtype;parameters`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaType<'a> {
    /// The type; compared without case.
    pub kind: &'a [u8],
    /// The subtype; compared without case.
    pub subtype: &'a [u8],
    /// The parameters.
    pub params: Params<'a>,
}

/// One Reason value (RFC 3326).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason<'a> {
    /// `SIP`, `Q.850` or another token.
    pub protocol: &'a [u8],
    /// The parameters, `cause` and `text` among them.
    pub params: Params<'a>,
}

/// Timestamp: what the client said, for the server to echo (RFC 3261 §20.38).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp<'a> {
    /// The client's number as written.
    pub sent: &'a [u8],
}

impl<'a> CSeq<'a> {
    /// Reads the value; `None` when it is not a 32-bit number and a method.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(value);
        let cseq = Self::take(&mut cursor)?;
        cursor.is_done().then_some(cseq)
    }

    fn take(cursor: &mut Cursor<'a>) -> Option<Self> {
        let number = u32::try_from(cursor.number()?).ok()?;
        let before = cursor.rest().len();
        cursor.skip_lws();
        let has_space = cursor.rest().len() < before;
        let method = Method::from_bytes(cursor.token()?);
        has_space.then_some(Self { number, method })
    }
}

impl<'a> RAck<'a> {
    /// Reads the value; `None` when it is not two 32-bit numbers and a method.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(value);
        let response = u32::try_from(cursor.number()?).ok()?;
        cursor.skip_lws();
        let cseq = CSeq::take(&mut cursor)?;
        cursor.is_done().then_some(Self { response, cseq })
    }
}

impl SessionExpires {
    /// Reads the value; `None` when it is not a 32-bit number with parameters.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(value);
        let seconds = u32::try_from(cursor.number()?).ok()?;
        let params = Params::parse(cursor.rest())?;
        let refresher = match params.get(b"refresher") {
            None => None,
            Some(who) if who.eq_ignore_ascii_case(b"uac") => Some(Refresher::Uac),
            Some(who) if who.eq_ignore_ascii_case(b"uas") => Some(Refresher::Uas),
            Some(_) => return None,
        };
        Some(Self { interval: Duration::from_secs(seconds.into()), refresher })
    }
}

impl<'a> MediaType<'a> {
    /// Reads the value; `None` when it breaks the grammar.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(value);
        let kind = cursor.token()?;
        let slash = cursor.eat_separator(b'/');
        let subtype = cursor.token()?;
        let params = Params::parse(cursor.rest())?;
        slash.then_some(Self { kind, subtype, params })
    }

    /// Whether this is the type, written `application/sdp`.
    pub fn is(&self, text: &str) -> bool {
        text.split_once('/').is_some_and(|(kind, subtype)| {
            self.kind.eq_ignore_ascii_case(kind.as_bytes())
                && self.subtype.eq_ignore_ascii_case(subtype.as_bytes())
        })
    }
}

impl<'a> Reason<'a> {
    /// Reads one value; `None` when it breaks the grammar.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(value);
        let protocol = cursor.token()?;
        Some(Self { protocol, params: Params::parse(cursor.rest())? })
    }

    /// The cause, if it is a number.
    pub fn cause(&self) -> Option<u32> {
        let cause = scan::number(self.params.get(b"cause")?)?;
        u32::try_from(cause).ok()
    }

    /// The text for people, without quotes.
    pub fn text(&self) -> Option<std::borrow::Cow<'a, [u8]>> {
        self.params.get(b"text").map(unquote)
    }
}

/// Whether the value is a Call-ID: `word` or `word@word` (RFC 3261 §25.1).
fn is_call_id(value: &[u8]) -> bool {
    let mut halves = value.splitn(2, |&byte| byte == b'@');
    halves.all(|half| !half.is_empty() && scan::all(half, WORD))
}

impl<'a> Message<'a> {
    /// Reads a field that stands at most once.
    fn single<T>(
        &self,
        name: Name,
        read: impl FnOnce(&'a [u8]) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let Some(value) = self.only(name)? else { return Ok(None) };
        read(value).map(Some).ok_or(Fault::Malformed(name))
    }

    fn number_up_to(&self, name: Name, max: u64) -> Result<Option<u64>, Fault> {
        self.single(name, |value| scan::number(value).filter(|&number| number <= max))
    }

    fn seconds(&self, name: Name) -> Result<Option<Duration>, Fault> {
        let seconds = self.number_up_to(name, u64::from(u32::MAX))?;
        Ok(seconds.map(Duration::from_secs))
    }

    /// Content-Length in bytes.
    ///
    /// # Errors
    /// [`Fault::Repeated`] or [`Fault::Malformed`]: the end of the body is then unknown.
    pub fn content_length(&self) -> Result<Option<usize>, Fault> {
        let number = self.number_up_to(Name::ContentLength, u64::from(u32::MAX))?;
        Ok(number.and_then(|number| usize::try_from(number).ok()))
    }

    /// The sequence number and method.
    ///
    /// # Errors
    /// [`Fault::Repeated`] or [`Fault::Malformed`].
    pub fn cseq(&self) -> Result<Option<CSeq<'a>>, Fault> {
        self.single(Name::CSeq, CSeq::parse)
    }

    /// The Call-ID; compared byte by byte, with case.
    ///
    /// # Errors
    /// [`Fault::Repeated`] or [`Fault::Malformed`].
    pub fn call_id(&self) -> Result<Option<&'a [u8]>, Fault> {
        self.single(Name::CallId, |value| is_call_id(value).then_some(value))
    }

    /// Max-Forwards, 0 to 255.
    ///
    /// # Errors
    /// [`Fault::Repeated`] or [`Fault::Malformed`].
    pub fn max_forwards(&self) -> Result<Option<u8>, Fault> {
        let number = self.number_up_to(Name::MaxForwards, 255)?;
        Ok(number.and_then(|number| u8::try_from(number).ok()))
    }

    /// Expires, up to 2^32 - 1 seconds.
    ///
    /// # Errors
    /// [`Fault::Repeated`] or [`Fault::Malformed`].
    pub fn expires(&self) -> Result<Option<Duration>, Fault> {
        self.seconds(Name::Expires)
    }

    /// Min-Expires.
    ///
    /// # Errors
    /// [`Fault::Repeated`] or [`Fault::Malformed`].
    pub fn min_expires(&self) -> Result<Option<Duration>, Fault> {
        self.seconds(Name::MinExpires)
    }

    /// Session-Expires.
    ///
    /// # Errors
    /// [`Fault::Repeated`] or [`Fault::Malformed`].
    pub fn session_expires(&self) -> Result<Option<SessionExpires>, Fault> {
        self.single(Name::SessionExpires, SessionExpires::parse)
    }

    /// Min-SE; parameters, which RFC 4028 §5 allows, are not looked at.
    ///
    /// # Errors
    /// [`Fault::Repeated`] or [`Fault::Malformed`].
    pub fn min_se(&self) -> Result<Option<Duration>, Fault> {
        let read = self.single(Name::MinSe, SessionExpires::parse)?;
        Ok(read.map(|min| min.interval))
    }

    /// RSeq of a reliable provisional response.
    ///
    /// # Errors
    /// [`Fault::Repeated`] or [`Fault::Malformed`].
    pub fn rseq(&self) -> Result<Option<u32>, Fault> {
        let number = self.number_up_to(Name::RSeq, u64::from(u32::MAX))?;
        Ok(number.and_then(|number| u32::try_from(number).ok()))
    }

    /// RAck of a PRACK.
    ///
    /// # Errors
    /// [`Fault::Repeated`] or [`Fault::Malformed`].
    pub fn rack(&self) -> Result<Option<RAck<'a>>, Fault> {
        self.single(Name::RAck, RAck::parse)
    }

    /// The type of the body.
    ///
    /// # Errors
    /// [`Fault::Repeated`] or [`Fault::Malformed`].
    pub fn content_type(&self) -> Result<Option<MediaType<'a>>, Fault> {
        self.single(Name::ContentType, MediaType::parse)
    }

    /// The event package with its parameters (RFC 6665 §8.2.1).
    ///
    /// # Errors
    /// [`Fault::Repeated`] or [`Fault::Malformed`].
    pub fn event(&self) -> Result<Option<(&'a [u8], Params<'a>)>, Fault> {
        self.single(Name::Event, |value| {
            let mut cursor = Cursor::new(value);
            let package = cursor.token()?;
            Some((package, Params::parse(cursor.rest())?))
        })
    }

    /// The reasons given (RFC 3326).
    pub fn reasons(&self) -> impl Iterator<Item = Result<Reason<'a>, Fault>> + use<'a> {
        let values = self.values(Name::Reason);
        values.map(|value| Reason::parse(value).ok_or(Fault::Malformed(Name::Reason)))
    }

    /// Timestamp, for the echo in a 100.
    ///
    /// # Errors
    /// [`Fault::Repeated`] or [`Fault::Malformed`].
    pub fn timestamp(&self) -> Result<Option<Timestamp<'a>>, Fault> {
        self.single(Name::Timestamp, |value| {
            let end = value.iter().position(|&byte| scan::is(byte, scan::LWS));
            let sent = &value[..end.unwrap_or(value.len())];
            let good = sent.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
            (good && sent.first().is_some_and(u8::is_ascii_digit)).then_some(Timestamp { sent })
        })
    }

    /// Retry-After; the comment and parameters are not looked at.
    ///
    /// # Errors
    /// [`Fault::Repeated`] or [`Fault::Malformed`].
    pub fn retry_after(&self) -> Result<Option<Duration>, Fault> {
        self.single(Name::RetryAfter, |value| {
            let seconds = Cursor::new(value).number()?;
            u32::try_from(seconds).ok().map(|seconds| Duration::from_secs(seconds.into()))
        })
    }

    /// Whether every warning has a three-digit code (RFC 3261 §20.43).
    pub(super) fn warnings_are_good(&self) -> bool {
        self.values(Name::Warning).all(|value| {
            let end = value.iter().position(|byte| !byte.is_ascii_digit());
            end == Some(3) && value[3] == b' '
        })
    }

    /// Whether each value of a list of media types is well formed; an empty list is.
    pub(super) fn media_types_are_good(&self, name: Name) -> bool {
        let mut values = self.values(name).filter(|value| !value.is_empty());
        values.all(|value| MediaType::parse(value).is_some())
    }

    /// Whether the Priority is a token (RFC 3261 §20.26).
    pub(super) fn priority_is_good(&self) -> bool {
        self.lines(Name::Priority).all(|value| !value.is_empty() && scan::all(value, TOKEN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cseq_is_a_32_bit_number_and_a_method() {
        let invite = CSeq { number: 9, method: Method::Invite };
        assert_eq!(CSeq::parse(b"0009\r\n  INVITE"), Some(invite));
        for bad in [
            &b"36893488147419103232 REGISTER"[..],
            b"4294967296 A",
            b"1",
            b"1INVITE",
            b"-1 A",
            b"1 A B",
        ] {
            assert_eq!(CSeq::parse(bad), None);
        }
        let rack = RAck { response: 776656, cseq: CSeq { number: 1, method: Method::Invite } };
        assert_eq!(RAck::parse(b"776656 1 INVITE"), Some(rack));
    }

    #[test]
    fn session_expires_names_its_refresher() {
        let expected =
            SessionExpires { interval: Duration::from_secs(1800), refresher: Some(Refresher::Uas) };
        assert_eq!(SessionExpires::parse(b"1800 ;refresher=UAS"), Some(expected));
        assert_eq!(SessionExpires::parse(b"1800;refresher=me"), None);
    }

    #[test]
    fn reasons_and_media_types_are_read() {
        let reason =
            Reason::parse(b"SIP ;cause=200 ;text=\"Call completed elsewhere\"").expect("good");
        assert_eq!((reason.protocol, reason.cause()), (&b"SIP"[..], Some(200)));
        assert_eq!(reason.text().expect("text").as_ref(), b"Call completed elsewhere");
        assert!(
            MediaType::parse(b"Application/SDP ; charset=utf-8")
                .expect("good")
                .is("application/sdp")
        );
        assert_eq!(MediaType::parse(b"sdp"), None);
    }

    #[test]
    fn call_ids_are_words() {
        assert!(is_call_id(b"intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{") && is_call_id(b"4711"));
        assert!(
            !is_call_id(b"") && !is_call_id(b"a@") && !is_call_id(b"a b") && !is_call_id(b"a@b@c")
        );
    }
}

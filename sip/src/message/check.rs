//! What every receiver must know of a message, and the check of all the rest.

use super::{AuthParams, CSeq, Fault, Message, Method, Name, NameAddr, StartLine, Via};

/// The fields that every message must have (RFC 3261 §8.1.1), read.
#[derive(Debug, Clone, Copy)]
pub struct Essentials<'a> {
    /// The topmost Via.
    pub via: Via<'a>,
    /// From.
    pub from: NameAddr<'a>,
    /// From's tag; absent from old clients (RFC 2543).
    pub from_tag: Option<&'a [u8]>,
    /// To.
    pub to: NameAddr<'a>,
    /// To's tag; absent outside a dialog.
    pub to_tag: Option<&'a [u8]>,
    /// Call-ID.
    pub call_id: &'a [u8],
    /// CSeq.
    pub cseq: CSeq<'a>,
    /// Max-Forwards; absent from old clients.
    pub max_forwards: Option<u8>,
}

/// Fields beyond the essentials that stand at most once.
const ONCE: [Name; 12] = [
    Name::Expires,
    Name::MinExpires,
    Name::SessionExpires,
    Name::MinSe,
    Name::RSeq,
    Name::RAck,
    Name::ContentType,
    Name::Event,
    Name::Timestamp,
    Name::ReferTo,
    Name::RetryAfter,
    Name::Replaces,
];

/// Fields made of addresses.
const ADDRESSES: [Name; 8] = [
    Name::Contact,
    Name::Route,
    Name::RecordRoute,
    Name::Path,
    Name::ServiceRoute,
    Name::ReferTo,
    Name::ReferredBy,
    Name::Diversion,
];

/// Fields made of tokens.
const TOKENS: [Name; 6] = [
    Name::Allow,
    Name::AllowEvents,
    Name::Supported,
    Name::Require,
    Name::ProxyRequire,
    Name::Unsupported,
];

/// Fields of digest parameters.
const AUTH: [Name; 4] =
    [Name::Authorization, Name::ProxyAuthorization, Name::WwwAuthenticate, Name::ProxyAuthenticate];

impl<'a> Message<'a> {
    /// Reads what every receiver needs; the hot path stops here.
    ///
    /// # Errors
    /// The first essential field that is missing, repeated or malformed, or a CSeq whose method is
    /// not the request's. What a server answers is in [`Fault::status`].
    pub fn check(&self) -> Result<Essentials<'a>, Fault> {
        let need = |name| move || Fault::Missing(name);
        let via = self.top_via()?;
        let cseq = self.cseq()?.ok_or_else(need(Name::CSeq))?;
        if let StartLine::Request { method, .. } = self.start()
            && method != cseq.method
        {
            // RFC 4475 §3.1.2.18: with an unknown method a 501 "has better future-proof
            // characteristics" than a 400.
            return Err(if method.is_known() {
                Fault::CSeqMethod
            } else {
                Fault::CSeqUnknownMethod
            });
        }
        let call_id = self.call_id()?.ok_or_else(need(Name::CallId))?;
        let from = self.address(Name::From)?.ok_or_else(need(Name::From))?;
        let to = self.address(Name::To)?.ok_or_else(need(Name::To))?;
        let max_forwards = self.max_forwards()?;
        let (from_tag, to_tag) = (from.tag(), to.tag());
        Ok(Essentials { via, from, from_tag, to, to_tag, call_id, cseq, max_forwards })
    }

    /// Reads every field this crate knows; for a first request from a stranger, and for lint.
    ///
    /// # Errors
    /// The first malformed or wrongly repeated field.
    pub fn audit(&self) -> Result<(), Fault> {
        self.audit_beyond(&self.check()?)
    }

    /// Reads every field this crate knows beyond those that were read already.
    ///
    /// # Errors
    /// The first malformed or wrongly repeated field.
    pub(crate) fn audit_beyond(&self, essentials: &Essentials<'_>) -> Result<(), Fault> {
        for via in self.vias().skip(1) {
            via?;
        }
        for (name, addr) in [(Name::From, essentials.from), (Name::To, essentials.to)] {
            addr.uri().map_err(|_| Fault::Malformed(name))?;
        }
        self.audit_lists()?;
        self.audit_numbers()?;
        for reason in self.reasons() {
            reason?;
        }
        let rest = [
            (Name::Warning, self.warnings_are_good()),
            (Name::Accept, self.media_types_are_good(Name::Accept)),
            (Name::Priority, self.priority_is_good()),
        ];
        let broken = rest.iter().find(|(_, is_good)| !is_good);
        broken.map_or(Ok(()), |(name, _)| Err(Fault::Malformed(*name)))
    }

    fn audit_lists(&self) -> Result<(), Fault> {
        for name in ADDRESSES.into_iter().filter(|name| self.index.has(*name)) {
            for address in self.addresses(name) {
                address?.uri().map_err(|_| Fault::Malformed(name))?;
            }
        }
        for name in TOKENS.into_iter().filter(|name| self.index.has(*name)) {
            self.tokens(name)?;
        }
        for name in AUTH {
            if self.lines(name).any(|line| AuthParams::parse(line).is_none()) {
                return Err(Fault::Malformed(name));
            }
        }
        Ok(())
    }

    fn audit_numbers(&self) -> Result<(), Fault> {
        for name in ONCE.into_iter().filter(|name| self.index.has(*name)) {
            self.only(name)?;
        }
        self.expires()?;
        self.min_expires()?;
        self.session_expires()?;
        self.min_se()?;
        self.rseq()?;
        self.rack()?;
        self.content_type()?;
        self.event()?;
        self.timestamp()?;
        self.retry_after()?;
        Ok(())
    }
}

impl Essentials<'_> {
    /// Whether the message belongs to the method.
    pub fn is(&self, method: Method<'_>) -> bool {
        self.cseq.method == method
    }
}

//! What the owner tells an endpoint to do.

use std::sync::Arc;

use crate::flow::Flow;
use crate::time::Duration;

/// A header field added to a message: its name, a token, and its value.
pub type Extra<'a> = (&'a str, &'a [u8]);

/// A call to be made; see [`Endpoint::dial`](super::Endpoint::dial).
#[derive(Debug, Clone)]
pub struct Dial<'a> {
    /// Where the INVITE is sent: the flow of a binding, or of a trunk.
    pub flow: Flow,
    /// The Request-URI.
    pub uri: &'a [u8],
    /// From: a `name-addr` without a tag.
    pub from: &'a [u8],
    /// To: a `name-addr` without a tag.
    pub to: &'a [u8],
    /// The user part of our Contact; may be empty.
    pub contact_user: &'a [u8],
    /// Route values ahead of the Request-URI: an outbound proxy.
    pub routes: &'a [&'a [u8]],
    /// More fields: identity, Reason, Alert-Info.
    pub headers: &'a [Extra<'a>],
    /// The offer; without one the peer makes it in its 2xx, and the owner answers with
    /// [`Endpoint::acknowledge`](super::Endpoint::acknowledge).
    pub sdp: Option<&'a [u8]>,
    /// What answers a challenge, once.
    pub credentials: Option<Credentials>,
}

/// A refusal of an INVITE or a change; see [`Endpoint::refuse`](super::Endpoint::refuse).
#[derive(Debug, Clone, Copy)]
pub struct Refusal<'a> {
    /// 300 to 699.
    pub status: u16,
    /// The value of Retry-After, whole seconds.
    pub retry_after: Option<Duration>,
    /// More fields: Reason, Warning, Contact of a 3xx.
    pub headers: &'a [Extra<'a>],
}

impl Refusal<'_> {
    /// A refusal by status alone.
    pub fn status(status: u16) -> Self {
        Self { status, retry_after: None, headers: &[] }
    }

    /// Holds the status against what may refuse.
    pub(super) fn check(&self) -> Result<(), CommandError> {
        if (300..700).contains(&self.status) { Ok(()) } else { Err(CommandError::Malformed) }
    }
}

/// A registration to be kept up; see [`Endpoint::register`](super::Endpoint::register).
#[derive(Debug, Clone)]
pub struct Enrol<'a> {
    /// Where the REGISTER is sent.
    pub flow: Flow,
    /// The Request-URI: the domain, `sip:example.com`.
    pub registrar: &'a [u8],
    /// The address of record, To and From: `<sip:ana@example.com>`.
    pub address: &'a [u8],
    /// The user part of the Contact.
    pub contact_user: &'a [u8],
    /// More fields.
    pub headers: &'a [Extra<'a>],
    /// How long a registration is asked for; refreshed in time.
    pub expires: Duration,
    /// What answers a challenge.
    pub credentials: Option<Credentials>,
}

/// A user and a password, shared between the legs that need them.
#[derive(Clone)]
pub struct Credentials(Arc<(Vec<u8>, Vec<u8>)>);

impl Credentials {
    /// Keeps a user and a password.
    pub fn new(user: &[u8], password: &[u8]) -> Self {
        Self(Arc::new((user.to_vec(), password.to_vec())))
    }

    pub(super) fn account(&self) -> crate::digest::Account<'_> {
        let (user, password) = &*self.0;
        crate::digest::Account { user, secret: crate::digest::Secret::Password(password) }
    }
}

impl core::fmt::Debug for Credentials {
    /// The user; never the password.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Credentials({})", self.0.0.escape_ascii())
    }
}

/// Why a command was not carried out. Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The leg, registration or account is no more, or never was.
    #[error("gone")]
    Gone,
    /// The command does not fit the state: an answer to a call we made, a second answer.
    #[error("not in this state")]
    WrongState,
    /// Another change of the session is under way.
    #[error("a change is under way")]
    Busy,
    /// A limit of [`Settings`](super::Settings) is reached.
    #[error("too many")]
    Full,
    /// No local address is known for the flow's socket; see
    /// [`Endpoint::bind`](super::Endpoint::bind).
    #[error("unknown socket")]
    NoSocket,
    /// A URI, an address or a status handed in cannot stand in a message.
    #[error("malformed")]
    Malformed,
}

/// Whether a header name can stand in a message; another is left out.
pub(crate) fn is_token(name: &str) -> bool {
    use crate::message::scan::{TOKEN, all};
    !name.is_empty() && all(name.as_bytes(), TOKEN)
}

//! What the owner of an endpoint decides once.

use crate::digest::Guard;
use crate::time::Duration;
use crate::transaction;

/// Lengths, limits and manners of an [`Endpoint`](super::Endpoint).
#[derive(Debug)]
pub struct Settings {
    /// Timers and the limit of the transactions beneath.
    pub transactions: transaction::Settings,
    /// `User-Agent` and `Server`; empty sends neither.
    pub product: Vec<u8>,
    /// Most legs at once, those left out that are over and only wait for late messages; an INVITE
    /// beyond is answered 503 with Retry-After.
    pub legs_max: usize,
    /// Retry-After of a 503 for want of room.
    pub overload_retry_after: Duration,
    /// Session timers (RFC 4028).
    pub session: SessionPolicy,
    /// The registrar; `None` answers REGISTER with 405.
    pub registrar: Option<RegistrarSettings>,
}

/// What is asked and accepted of session timers (RFC 4028).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPolicy {
    /// The interval asked for and the longest accepted; `None` asks for none, and still keeps to
    /// one the peer asks for.
    pub expires: Option<Duration>,
    /// The shortest accepted; a shorter one is answered 422. RFC 4028 §4 forbids less than 90 s.
    pub min: Duration,
}

/// What a registrar demands.
#[derive(Debug)]
pub struct RegistrarSettings {
    /// Makes and checks challenges.
    pub guard: Guard,
    /// Shortest registration; a shorter one is answered 423 with Min-Expires.
    pub min: Duration,
    /// Longest registration; a longer one is cut to it.
    pub max: Duration,
    /// Given when the phone asks for no certain time.
    pub default: Duration,
    /// Most bindings of one account; one more is answered 403.
    pub bindings_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            transactions: transaction::Settings::default(),
            product: b"callstorm".to_vec(),
            legs_max: 1 << 17,
            overload_retry_after: Duration::from_secs(5),
            session: SessionPolicy::default(),
            registrar: None,
        }
    }
}

impl Default for SessionPolicy {
    /// RFC 4028 §4: half an hour, at least 90 s.
    fn default() -> Self {
        Self { expires: Some(Duration::from_secs(1800)), min: Duration::from_secs(90) }
    }
}

impl RegistrarSettings {
    /// A registrar that gives 30 s to 1 h.
    pub fn new(guard: Guard) -> Self {
        Self {
            guard,
            min: Duration::from_secs(30),
            max: Duration::from_secs(3600),
            default: Duration::from_secs(3600),
            bindings_max: 10,
        }
    }
}

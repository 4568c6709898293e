//! Limits on everything that arrives, in one place.
//!
//! Each is a bound on work or memory that a stranger can ask for. A message beyond a limit is
//! refused with a [`Fault`](crate::message::Fault), never cut.

/// Longest message accepted, head and body together.
///
/// Unit: bytes. A UDP datagram over IPv4 carries at most 65,507.
pub const MESSAGE_MAX: usize = 64 * 1024;

/// Longest start line with header section, before the body.
///
/// Unit: bytes. On a stream this bounds what is buffered before the length of the body is known.
pub const HEAD_MAX: usize = 32 * 1024;

/// Longest start line or header field, its folded lines together.
///
/// Unit: bytes.
pub const LINE_MAX: usize = 8 * 1024;

/// Most header fields in one message.
pub const HEADERS_MAX: usize = 256;

/// Longest Request-URI; a longer one is answered 414.
///
/// Unit: bytes.
pub const URI_MAX: usize = 4 * 1024;

/// Most parameters on one header value or URI.
pub const PARAMS_MAX: usize = 64;

/// Most line breaks ahead of a message on a stream before the connection is given up.
///
/// RFC 5626 §3.5.1 keep-alives are four bytes every 30 s or more; this allows a burst.
pub const KEEP_ALIVES_MAX: usize = 64;

/// Longest session description read.
///
/// Unit: bytes.
pub const SDP_MAX: usize = 16 * 1024;

/// Most media sections in a session description.
pub const SDP_MEDIA_MAX: usize = 16;

/// Most payload types in one media section.
pub const SDP_FORMATS_MAX: usize = 64;

/// Most Record-Route values a dialog takes; a request or 2xx with more is cut off behind them.
pub const ROUTES_MAX: usize = 16;

/// Most further answers of one forked INVITE that are hung up each once.
pub const FORKS_MAX: usize = 16;

/// How often a change that met glare is tried.
pub const GLARE_TRIES_MAX: u8 = 5;

//! SIP, SDP, RTP and DTMF as sans-IO machines.
//!
//! Nothing but [`net`] reads a clock or opens a socket, and nothing makes a random number: time, tokens and bytes are
//! handed in, so every protocol rule is tested in virtual time. Read in this order:
//!
//! * [`message`] — reads a message where it lies; says what a server answers when it cannot.
//! * [`stream`] — cuts messages out of a TCP or TLS connection.
//! * [`write`](mod@write) — requests, and responses made from requests, into a reused buffer.
//! * [`transaction`] — repeats what is lost, absorbs what comes twice.
//! * [`endpoint`] — calls, registrations and all the manners of a user agent.
//! * [`sdp`] — session descriptions, offer and answer.
//! * [`rtp`] — audio packets: one stream out, statistics in, where packets may go.
//! * [`audio`] — G.711, prompts, recordings, tones.
//! * [`dtmf`] — digits: telephone events, INFO, tones.
//! * [`digest`] — proving a password without sending it, both sides.
//! * [`net`] — sockets, waiting, the clock.
//! * `rsip_types` — to and from the types of the crate `rsip` (feature `rsip`).
//! * [`lint`] — what the RFCs say of a capture; tracks on its own.
//! * [`limits`] — the bound on everything a stranger can send.

pub mod audio;
pub mod digest;
pub mod dtmf;
pub mod endpoint;
pub mod flow;
mod hash;
pub mod limits;
pub mod lint;
pub mod message;
pub mod net;
#[cfg(feature = "rsip")]
pub mod rsip_types;
pub mod rtp;
pub mod sdp;
pub mod stream;
mod text;
pub mod time;
pub mod transaction;
pub mod write;

pub use time::{Duration, Instant};

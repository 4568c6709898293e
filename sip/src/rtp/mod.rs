//! RTP and RTCP for the audio of a telephone call (RFC 3550, RFC 3551).
//!
//! One leg of a call has one [`Outgoing`] and one [`Incoming`], one [`AddressProof`] that says where
//! its packets may go, and one [`rtcp::Session`] that reports on both. A packet's way from one leg to
//! another:
//!
//! ```
//! use sip::Instant;
//! use sip::rtp::{Header, Incoming, Outgoing, Start};
//!
//! let mut from_caller = Incoming::default();
//! let mut to_agent = Outgoing::new(Start { ssrc: 7, sequence: 100, timestamp: 5_000 });
//! let now = Instant::from_micros(1_000_000);
//!
//! // A-law under payload type 8, as it came from the network.
//! let mut datagram = vec![0x80, 8, 0, 1, 0, 0, 0, 160, 0, 0, 0, 9];
//! datagram.extend([0xD5; 160]);
//!
//! let header = Header::parse(&datagram).expect("well formed");
//! assert!(from_caller.receive(now, &header).is_playable());
//! let fresh = to_agent.relay(now, &header, 8).expect("not late");
//! let packet = header.rewrite(&mut datagram, fresh);
//! assert_eq!(packet.len(), 172);
//! ```
//!
//! Reading and writing are own code: `rtp-types` and `rtcp-types` are the oracles of the tests. They
//! read well, but their builders own what they write, and a relay rewrites twelve bytes in place.

mod header;
mod incoming;
mod outgoing;
mod proof;
pub mod rtcp;
mod window;

pub use header::{HEADER, Header, RtpFault, is_rtcp};
pub use incoming::{Incoming, Observed, Reception, SOURCES_MAX, Verdict};
pub use outgoing::{Outgoing, Sent, Start, TooLate};
pub use proof::{AddressProof, Heard, Refusals};

use crate::time::Duration;

/// Samples per second of G.711, and ticks per second of its RTP timestamps and of telephone-event.
pub const CLOCK_RATE: u32 = 8000;

/// Samples in a packet of 20 ms, the length sent (RFC 3551 §4.2).
pub const FRAME: u32 = 160;

/// How long the audio of a packet sent lasts.
pub const FRAME_TIME: Duration = Duration::from_millis(20);

/// Microseconds of one tick of [`CLOCK_RATE`].
const TICK_MICROS: u64 = 125;

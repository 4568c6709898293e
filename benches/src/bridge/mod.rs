//! Many bridged calls at once: what they cost who bridges them, and how long he keeps each packet.
//!
//! ```text
//! telephones, one thread          the process under measurement
//! caller i ──audio i────────► leg of caller i ──► leg of some agent ────────► agents' socket: lost? how late?
//! agent j  ──audio N+j──────► leg of agent j  ──► leg of his caller ────────► callers' socket
//! ```
//!
//! Each payload carries the number of its stream, its own number and the moment it was sent, and G.711 passes unchanged
//! where both legs speak A-law; so it does not matter who talks to whom. The moment of arrival is the kernel's.

pub mod phones;
pub mod process;
pub mod scenario;
pub mod streams;
pub mod tally;

/// Packets of a stream in a second.
pub const PACKETS_PER_SECOND: u64 = 50;

/// A-law at 20 ms: samples, and bytes.
pub const FRAME: usize = 160;

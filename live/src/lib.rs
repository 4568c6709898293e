//! The switch answering real calls: a B2BUA between the wire and `acd`.
//!
//! [`Exchange`] is sans-IO and holds everything: read it first. Rooms:
//! `mapping` (one function for each command of the switch and each message of the wire) · `board` (calls, seats, legs) ·
//! `agents` (registered, signed in, reachable) · `robots` · `media` (prompts, relay, digits, proof of addresses) ·
//! `reach` (whom we may send to) · `chronicle` (ledger and logs) · `setup` (an exchange made of a scenario) ·
//! `shell` (sockets and the clock).

mod agents;
mod board;
mod chronicle;
mod clock;
mod counters;
mod exchange;
mod identity;
mod mapping;
mod media;
mod numbers;
mod plan;
mod prompts;
pub mod reach;
mod record;
mod robots;
mod setup;
pub mod shell;

pub use board::Tokens;
pub use chronicle::Finished;
pub use counters::{Counters, Refused};
pub use exchange::{Exchange, Load};
pub use media::{Channel, Medium, NewRecording, Outbox, Packet, Port, Ports, Quality};
pub use prompts::{Finder, NoPrompt, Prompts};
pub use setup::{Means, Options, SetupError, switch_config};

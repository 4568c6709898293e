//! The endpoint against peers who write by hand, message by message; and two endpoints on a bad line.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test that meets another event shows it")]

mod desk;
mod flows;
mod incoming;
#[path = "../wire/line.rs"]
mod line;
mod outgoing;
mod refusals;
mod registrar;
mod sessions;
mod storm;
mod torture;
mod within;

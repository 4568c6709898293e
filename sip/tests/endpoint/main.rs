//! The endpoint against peers who write by hand, message by message; and two endpoints on a bad line.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test that meets another event shows it")]

mod desk;
mod incoming;
mod outgoing;
mod refusals;
mod registrar;
mod sessions;
mod within;

//! An exchange with callers and telephones around it, in virtual time: no socket, no clock.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of event")]

mod agents;
mod audio;
mod callers;
mod checker;
mod control;
mod menus;
mod storm;
mod town;

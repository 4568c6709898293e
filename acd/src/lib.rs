//! The switch of Callstorm: an automatic call distributor with an IVR, sans-IO and pure.
//!
//! [`Acd`] takes [`Input`]s and a `now`, and says [`Output`]s: commands (do this) and events (this
//! happened). It has no clock, no thread, no random numbers and no floating point in an ordering,
//! so the same inputs give the same outputs, bit for bit, in simulated time and on a live line.
//! [`settle`] is the one loop that drives it; whatever stands outside implements [`Outside`].
//!
//! Rooms: `door` (a call arrives and leaves) · `ivr` (flows) · `queues` (waiting, overflow) ·
//! `offers` (matching from both sides, ringing) · `routing` (whom to ask, one file a strategy) ·
//! `talk` (hold, after-call work) · `staff` (agents come and go) · `callbacks` · `sites` · `laws` ·
//! `recording` (a day said again).

mod agents;
mod callbacks;
mod calls;
mod config;
mod door;
mod id;
mod input;
mod ivr;
pub mod kpi;
mod laws;
mod offers;
mod output;
mod queues;
mod recording;
pub mod routing;
mod settle;
mod sites;
mod snapshot;
mod staff;
mod switch;
mod talk;
mod timers;
mod units;
mod waiting;

pub use agents::AGENTS_MAX;
pub use calls::CALLS_MAX;
pub use config::{
    AcdConfig, Callback, Entry, GroupConfig, Order, Overflow, QueueConfig, SiteConfig, Skill, Takes,
};
pub use id::{AgentId, CallId, ContactId, FlowId, GroupId, OfferId, QueueId, SiteId, StepId};
pub use input::{AttemptKind, Input, OfferFailure, Reason};
pub use ivr::{Flow, FlowFault, Step};
pub use laws::Broken;
pub use output::{
    AgentPhase, Command, DoorOutcome, Event, OfferOutcome, Outcome, Output, ReleaseCause,
};
pub use queues::{HOPS_MAX, OVERFLOW_MAX};
pub use recording::{Recorder, Repeated, Replay, ReplayError};
pub use settle::{Outside, ROUNDS_MAX, settle};
pub use snapshot::RestoreError;
pub use switch::Acd;
pub use units::{Duration, Rate, SECOND, Share, Timestamp, UnitError};

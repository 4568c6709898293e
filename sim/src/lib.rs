//! People and virtual time: synthetic callers and agents around the switch, the managers of the centre, the
//! crises that befall it, and replications of all that on every core.
//!
//! ```text
//! arrivals → world (callers, agents) ⇄ settle ⇄ acd      one moment after the other
//!            office (rosters, timeline, duty manager) ↗   at known times
//!            facts → ledger                               the only place where anything is counted
//! ```
//!
//! [`run`] is the front door: it runs the replications of a scenario and hands each over in order.
//! Everything random is drawn by address from [`chance`], so the callers of a run stay the same, call by call,
//! whatever changes in the centre.

#[cfg(test)]
extern crate self as sim;

mod agenda;
mod agents;
mod arrivals;
mod callers;
mod calls;
#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;
mod context;
mod decisions;
mod events;
mod habits;
mod inbox;
mod ivr;
mod lane;
mod limits;
mod office;
mod playbook;
mod replication;
mod roster;
mod run;
mod staff;
mod streams;
mod timeline;
mod wishes;
mod world;

pub use context::context;
pub use decisions::Decisions;
pub use limits::{CALLS_MAX, CAUSES_PER_INSTANT_MAX, Exceeded, LOG_MAX, ORBIT_MAX, SimError};
pub use playbook::Decision;
pub use replication::{Replication, replicate};
pub use run::{Options, run};

//! Bare loops: the same workloads as `w1.toml`, `w2.toml`, `w3.toml` written by hand with nothing in between.
//!
//! What a general event loop costs when it has no switch, no ledger and no scenario: one binary heap of packed keys,
//! arrivals outside it, a patience timer only for a call that waits, dead timers left in the heap until they come up.
//! They compute abandonment, mean wait, service level, half-hour intervals by arrival and wait quantiles. The product
//! is measured against them (`side-by-side.sh`).

mod events;
mod pool;
mod skills;
mod tally;
mod workday;

pub use pool::{Pool, run as run_pool};
pub use skills::run as run_skills;
pub use tally::Tally;
pub use workday::{CONTACTS, GROUPS, HALF_HOUR, HALF_HOURS, calls_per_half_hour, staff};

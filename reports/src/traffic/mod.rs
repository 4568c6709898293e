//! The figures of a load generator: what was placed, what came of it, how fast, and whether the generator was well.
//!
//! Each thread counts into a [`Tally`], a [`TrafficLedger`] gathers the tallies of all threads by interval, and its
//! [`TrafficLedger::summary`] is judged and written by what judges and writes a simulation's.

mod counts;
mod delays;
mod fact;
mod ledger;
mod live;
mod quality;
mod report;
pub(crate) mod seen;
mod tally;

pub use counts::{KINDS_MAX, Kinds};
pub(crate) use delays::{Delay, Statistic};
pub use fact::{Failure, Health, MessageKind, MethodKind, StreamFigures, TrafficFact};
pub use ledger::{INTERVALS_MAX, STATEMENTS_MAX, TrafficLedger};
pub use live::Live;
pub use quality::{EModel, mos};
pub use report::LoadReport;
pub use tally::{Tables, Tally};

//! From facts to KPIs to pages: the ledger counts, the totals hold sums, the estimates say how sure, the renderers write.
//!
//! [`Ledger::record`] is the only place where anything is counted, in simulation and live alike.
mod column;
mod context;
mod estimates;
mod fact;
mod frame;
mod gate;
mod histogram;
mod kpi;
mod ledger;
mod level;
mod lines;
mod log;
mod moments;
pub mod render;
mod spread;
mod student;
mod summary;
mod totals;
pub mod traffic;
mod watch;

pub use context::*;
pub use estimates::Estimates;
pub use fact::*;
pub use frame::Span;
pub use ledger::Ledger;
pub use log::{CallLog, EventLog};
pub use summary::*;
pub use totals::Totals;
pub use watch::Watch;

//! From facts to KPIs to pages: the ledger counts, the totals hold sums, the estimates say how sure, the renderers write.
//!
//! [`Ledger::record`] is the only place where anything is counted, in simulation and live alike.
mod column;
mod context;
mod fact;
mod frame;
mod histogram;
mod kpi;
mod ledger;
mod level;
mod spread;
mod totals;

pub use context::*;
pub use fact::*;
pub use frame::Span;
pub use ledger::Ledger;
pub use totals::Totals;

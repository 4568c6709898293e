//! From facts to KPIs to pages.
mod context;
mod fact;
pub use context::*;
pub use fact::*;

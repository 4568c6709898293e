//! The switch: an automatic call distributor with an IVR, sans-IO and pure.
pub mod kpi;
mod config; mod id; mod input; mod output; mod units; mod ivr;
pub mod routing;
pub use config::*; pub use id::*; pub use input::*; pub use output::*; pub use units::*; pub use ivr::*;

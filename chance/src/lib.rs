//! Addressed random streams and the laws drawn from them.
mod law;
mod stream;
pub use law::*;
pub use stream::*;

//! Addressed random streams and the laws drawn from them.
//!
//! Every draw has a name, (seed, replication, purpose, group, entity), and is a function of it: changing the routing or
//! the staffing of a centre never changes its callers. All mathematics is plain arithmetic or `libm`'s, so the
//! same seed gives the same bytes on every machine.
//!
//! ```
//! use chance::{Chance, Law, Purpose};
//! let talk = Law::Lognormal { mean: 200.0, cv: 1.15 }.sampler();
//! let stream = Chance::new(1, 0).stream(Purpose::Talk, 0);
//! let third_call = talk.sample(&mut stream.draw(3));
//! assert_eq!(talk.sample(&mut stream.draw(3)), third_call);
//! ```
pub mod battery;
mod exp;
mod law;
mod sampler;
mod stream;
mod ziggurat;
pub use law::*;
pub use sampler::*;
pub use stream::*;

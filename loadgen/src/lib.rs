//! People over SIP: calls placed on a target, counted honestly.
//!
//! [`Crowd`] is sans-IO and holds the callers of one thread: read it first. Rooms: `arrivals` (when calls are due) · `crowd`
//! (what each call does, and what came of it) · `media` · `answer` (a target of our own) · `shell` (sockets, clock, the one
//! loop, the thread's signs of life) · `run` (threads, and what they report) · `plan` (what is asked).

mod answer;
mod arrivals;
mod crowd;
mod description;
mod media;
mod plan;
mod run;
mod search;
mod selftest;
mod shell;
mod table;
mod target;
mod units;
mod watch;
mod wheel;

pub use answer::{Answerer, Manners};
pub use arrivals::Arrivals;
pub use crowd::{Crowd, Going, Line};
pub use media::Voices;
pub use plan::{Plan, Target, TargetError};
pub use run::{Control, FAREWELL_MAX, NewTokens, Outlets, Report, Run};
pub use search::Search;
pub use selftest::{SelfTest, self_test};
pub use shell::Vitals;
pub use target::Reflector;
pub use watch::{Cut, Limits, Watch};

//! The figures of a load generator: what was placed, what came of it, how fast, and whether the generator was well.

mod fact;

pub use fact::{Failure, Health, MessageKind, MethodKind, StreamFigures, TrafficFact};

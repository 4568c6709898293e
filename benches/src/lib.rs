//! Benchmarks and the theory runner.

pub mod bare;
pub mod bridge;
pub mod theory;

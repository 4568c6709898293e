//! Benchmarks and the theory runner.

pub mod bare;
pub mod theory;

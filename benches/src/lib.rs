//! Benchmarks and the theory runner.

pub mod bare;

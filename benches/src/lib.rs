//! Benchmarks and the theory runner.

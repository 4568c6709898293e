//! Routing strategies: which ready agent gets a call that arrives.

/// The names of every strategy, in the order of the documentation.
pub const NAMES: &[&str] =
    &["longest-idle", "round-robin", "linear", "fewest-calls", "random", "fastest-first", "best-skill"];

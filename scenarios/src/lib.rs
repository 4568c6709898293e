//! The typed scenario, its parser and its diagnostics, and the library of scenario files.
mod model;
pub use model::*;

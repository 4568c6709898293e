//! The format of scenario files: every key, how files merge, the data they name, what comes of it.

mod data;
mod help;
mod keys;
mod merging;
mod schema;
mod staffing;
mod switch;

//! Told calls: each a small scene whose timeline reads as it happened.

mod calls;
mod centre;
mod flows;
mod story;

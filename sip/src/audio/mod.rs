//! Audio of telephone calls: G.711, prompts, recordings, tones.
//!
//! Everything is 8,000 samples per second. Files are read and written through what the caller hands
//! in; nothing here opens one.

pub mod g711;
mod halve;
mod prompt;
mod record;
pub mod tone;

pub use prompt::{Player, Prompt, PromptFault};
pub use record::{RecordFault, Recording, Side};

/// Samples per second.
pub const RATE: u32 = 8000;

/// Samples, and bytes of G.711, in a frame of 20 ms.
pub const FRAME: usize = 160;

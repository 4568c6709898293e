//! What is played on a leg: a prompt to its end, or music and tones round and round.

use acd::StepId;
use sip::audio::{FRAME, Prompt};
use sip::sdp::negotiate::Codec;

/// Something being played.
#[derive(Debug, Clone)]
pub(crate) struct Playing {
    prompt: Prompt,
    next: usize,
    /// What to tell at its end; `None`: it has no end.
    pub(crate) end: Option<StepId>,
}

impl Playing {
    /// Plays a prompt once; its end is told under the step's name.
    pub(crate) fn once(prompt: Prompt, step: StepId) -> Self {
        Self { prompt, next: 0, end: Some(step) }
    }

    /// Plays music round and round.
    pub(crate) fn again_and_again(music: Prompt) -> Self {
        Self { prompt: music, next: 0, end: None }
    }

    /// Whether the next frame is the last.
    pub(crate) fn is_last(&self) -> bool {
        self.next + 1 >= self.prompt.frames()
    }

    /// The next frame; after the last of something without end, the first.
    pub(crate) fn next_frame(&mut self, codec: Codec) -> Option<&[u8; FRAME]> {
        let at = self.next;
        self.next = if self.is_last() { 0 } else { at + 1 };
        self.prompt.frame(codec, at)?.try_into().ok()
    }
}

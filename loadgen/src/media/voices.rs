//! What can be heard: made once, shared by all calls.

use scenarios::traffic::{DigitsBy, Sound, Step};
use sip::Duration;
use sip::audio::tone::Tone;
use sip::audio::{FRAME, Prompt, PromptFault};
use sip::dtmf::{self, Digit};
use sip::sdp::negotiate::Codec;

/// Samples of a second.
const RATE: usize = 8000;

/// Loudness of tones, as a share of full scale: -10 dBm0 or so, as telephones have it.
const LEVEL: f64 = 0.25;

/// Samples of a key's tone: 100 ms.
const KEY: usize = RATE / 10;

/// Markers: a pitch of its own for each call, from 400 Hz in steps of 20 Hz; 64 of them, then again.
const MARKER_FIRST: u32 = 400;
const MARKER_STEP: u32 = 20;
const MARKERS: u64 = 64;

/// Something being heard.
#[derive(Debug, Clone)]
pub(super) struct Voice {
    prompt: Option<Prompt>,
    next: usize,
    is_looped: bool,
}

impl Voice {
    /// Silence, on and on.
    pub(super) fn silence() -> Self {
        Self { prompt: None, next: 0, is_looped: true }
    }

    fn of(prompt: Prompt, is_looped: bool) -> Self {
        Self { prompt: Some(prompt), next: 0, is_looped }
    }

    /// How long it lasts; `None`: on and on.
    pub(super) fn length(&self) -> Option<Duration> {
        self.prompt.as_ref().filter(|_| !self.is_looped).map(Prompt::duration)
    }

    /// The next frame; `None` when it is over.
    pub(super) fn next_frame(&mut self, codec: Codec) -> Option<&[u8]> {
        let Some(prompt) = &self.prompt else { return Some(sip::audio::g711::silence(codec)) };
        if self.is_looped && self.next >= prompt.frames() {
            self.next = 0;
        }
        self.next += 1;
        prompt.frame(codec, self.next - 1)
    }
}

/// Every voice that a flow needs.
#[derive(Debug, Clone)]
pub struct Voices {
    /// By step; `None`: silence, or a marker.
    steps: Vec<Option<(Prompt, bool)>>,
    markers: Vec<Prompt>,
    is_marker: Vec<bool>,
    keys: Vec<(char, Prompt)>,
}

impl Voices {
    /// Makes the voices of a flow.
    ///
    /// # Errors
    /// The name of a file that is no prompt, and why.
    pub fn of_flow(flow: &[Step]) -> Result<Self, (String, PromptFault)> {
        let (mut steps, mut is_marker) = (Vec::new(), Vec::new());
        for step in flow {
            let sound = match step {
                Step::Play { sound, .. } => Some(sound),
                Step::Send(_)
                | Step::Expect(_)
                | Step::Pause(_)
                | Step::Digits { .. }
                | Step::Goto(_)
                | Step::End { .. } => None,
            };
            is_marker.push(matches!(sound, Some(Sound::Marker)));
            steps.push(sound.map(prompt).transpose()?.flatten());
        }
        let has_markers = is_marker.contains(&true);
        let pitches = (0..if has_markers { MARKERS } else { 0 }).map(marker_pitch);
        let markers = pitches.map(|hertz| tone_of(hertz, RATE)).collect();
        let keys = "0123456789*#ABCD".chars().filter_map(Digit::from_char).map(|digit| {
            let samples: Vec<i16> = dtmf::sound(digit, LEVEL).take(KEY).collect();
            (digit.to_char(), Prompt::from_samples(&samples))
        });
        Ok(Self { steps, markers, is_marker, keys: keys.collect() })
    }

    /// Whether the flow has audio at all: sounds, or keys that are sent as audio.
    #[must_use]
    pub fn are_needed(flow: &[Step]) -> bool {
        flow.iter().any(|step| match step {
            Step::Play { .. } | Step::Digits { by: DigitsBy::Rtp | DigitsBy::Tone, .. } => true,
            Step::Digits { by: DigitsBy::Info, .. }
            | Step::Send(_)
            | Step::Expect(_)
            | Step::Pause(_)
            | Step::Goto(_)
            | Step::End { .. } => false,
        })
    }

    /// The voice of a step, for a call.
    pub(super) fn of_step(&self, step: usize, call: u64) -> Voice {
        if self.is_marker.get(step) == Some(&true) {
            return Voice::of(self.markers[(call % MARKERS) as usize].clone(), true);
        }
        match self.steps.get(step).and_then(Option::as_ref) {
            Some((prompt, is_looped)) => Voice::of(prompt.clone(), *is_looped),
            None => Voice::silence(),
        }
    }

    /// The tones of a key.
    pub(super) fn of_key(&self, digit: Digit) -> Voice {
        let key = self.keys.iter().find(|(key, _)| *key == digit.to_char());
        key.map_or_else(Voice::silence, |(_, prompt)| Voice::of(prompt.clone(), false))
    }
}

/// The pitch of a call's marker, Hz.
fn marker_pitch(call: u64) -> u32 {
    MARKER_FIRST + MARKER_STEP * (call % MARKERS) as u32
}

/// A tone; a whole second of a whole number of hertz can be repeated without a click.
fn tone_of(hertz: u32, samples: usize) -> Prompt {
    let samples: Vec<i16> = Tone::new(f64::from(hertz), LEVEL).take(samples).collect();
    Prompt::from_samples(&samples)
}

/// What a sound is made of, and whether it goes round and round.
fn prompt(sound: &Sound) -> Result<Option<(Prompt, bool)>, (String, PromptFault)> {
    match sound {
        Sound::Silence | Sound::Marker => Ok(None),
        Sound::Tone { hertz, length: None } => Ok(Some((tone_of(*hertz, RATE), true))),
        Sound::Tone { hertz, length: Some(length) } => {
            let frames = (length.0 / 20_000).max(1) as usize;
            Ok(Some((tone_of(*hertz, frames * FRAME), false)))
        }
        Sound::File { name, wav, is_looped } => match Prompt::read(wav.as_slice()) {
            Ok(prompt) => Ok(Some((prompt, *is_looped))),
            Err(fault) => Err((name.clone(), fault)),
        },
    }
}

//! Prompts and music: WAV files decoded once into frames that all calls share.

use std::io::Read;
use std::sync::Arc;

use super::g711::{encode, silence};
use super::halve::halve;
use super::{FRAME, RATE};
use crate::sdp::negotiate::Codec;
use crate::time::Duration;

/// Longest prompt read: half an hour of music.
const SECONDS_MAX: u32 = 1800;

/// Audio to be played, in both laws. A copy shares the frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    pcma: Arc<[u8]>,
    pcmu: Arc<[u8]>,
}

/// Why a file is no prompt.
#[derive(Debug, thiserror::Error)]
pub enum PromptFault {
    /// Not a WAV file, cut short, or it could not be read.
    #[error("not a complete WAV file: {0}")]
    Wav(#[from] hound::Error),
    /// Neither 16-bit integers nor mono at 8 or 16 kHz.
    #[error(
        "{channels} channels of {bits}-bit {kind} at {rate} Hz; prompts are 16-bit integers, mono, \
         at 8,000 or 16,000 Hz"
    )]
    Format {
        /// Channels.
        channels: u16,
        /// Samples per second.
        rate: u32,
        /// Bits of a sample.
        bits: u16,
        /// What a sample is.
        kind: &'static str,
    },
    /// No sample in it.
    #[error("holds no audio")]
    Empty,
    /// Longer than half an hour.
    #[error("longer than {SECONDS_MAX} s")]
    TooLong,
}

impl Prompt {
    /// Reads a WAV file: 16-bit mono at 8,000 or 16,000 samples per second.
    ///
    /// # Errors
    /// [`PromptFault`], for a person who wrote the scenario.
    pub fn read(file: impl Read) -> Result<Self, PromptFault> {
        let mut wav = hound::WavReader::new(file)?;
        let spec = wav.spec();
        let is_16_bit =
            spec.bits_per_sample == 16 && spec.sample_format == hound::SampleFormat::Int;
        if spec.channels != 1 || !is_16_bit || ![RATE, 2 * RATE].contains(&spec.sample_rate) {
            return Err(format_fault(&spec));
        }
        let most = spec.sample_rate * SECONDS_MAX;
        if wav.duration() > most {
            return Err(PromptFault::TooLong);
        }
        let samples: Vec<i16> = wav.samples().collect::<Result<_, _>>()?;
        if samples.is_empty() {
            return Err(PromptFault::Empty);
        }
        let is_wide = spec.sample_rate != RATE;
        Ok(Self::from_samples(&if is_wide { halve(&samples) } else { samples }))
    }

    /// Makes one of samples at 8,000 a second; the last frame is filled up with silence.
    pub fn from_samples(samples: &[i16]) -> Self {
        let frames = |codec| {
            let mut bytes: Vec<u8> = samples.iter().map(|&sample| encode(codec, sample)).collect();
            bytes.resize(bytes.len().next_multiple_of(FRAME), silence(codec)[0]);
            Arc::from(bytes)
        };
        Self { pcma: frames(Codec::Pcma), pcmu: frames(Codec::Pcmu) }
    }

    /// How many frames of 20 ms it has.
    pub fn frames(&self) -> usize {
        self.pcma.len() / FRAME
    }

    /// How long it plays.
    pub fn duration(&self) -> Duration {
        Duration::from_millis(20 * u64::try_from(self.frames()).expect("half an hour"))
    }

    /// A frame, counted from 0; `None` behind the last.
    pub fn frame(&self, codec: Codec, number: usize) -> Option<&[u8]> {
        let all = match codec {
            Codec::Pcma => &self.pcma,
            Codec::Pcmu => &self.pcmu,
        };
        all.chunks_exact(FRAME).nth(number)
    }
}

fn format_fault(spec: &hound::WavSpec) -> PromptFault {
    let kind = match spec.sample_format {
        hound::SampleFormat::Int => "integers",
        hound::SampleFormat::Float => "floating point",
    };
    PromptFault::Format {
        channels: spec.channels,
        rate: spec.sample_rate,
        bits: spec.bits_per_sample,
        kind,
    }
}

/// A prompt being played on one leg.
#[derive(Debug, Clone)]
pub struct Player {
    prompt: Prompt,
    next: usize,
    is_looped: bool,
}

impl Player {
    /// Begins at the first frame; music is looped, a prompt ends.
    pub fn new(prompt: Prompt, is_looped: bool) -> Self {
        Self { prompt, next: 0, is_looped }
    }

    /// The next frame in a codec; `None` once the prompt is over.
    pub fn next_frame(&mut self, codec: Codec) -> Option<&[u8]> {
        if self.is_looped && self.next >= self.prompt.frames() {
            self.next = 0;
        }
        let frame = self.prompt.frame(codec, self.next)?;
        self.next += 1;
        Some(frame)
    }

    /// Whether the last frame was given out.
    pub fn is_over(&self) -> bool {
        !self.is_looped && self.next >= self.prompt.frames()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::g711::decode;
    use super::super::tone::{Tone, level};
    use super::*;

    fn wav(channels: u16, sample_rate: u32, bits: u16, samples: &[i16]) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        let sample_format = hound::SampleFormat::Int;
        let spec = hound::WavSpec { channels, sample_rate, bits_per_sample: bits, sample_format };
        let mut writer = hound::WavWriter::new(&mut file, spec).expect("memory");
        for &sample in samples {
            writer.write_sample(sample).expect("memory");
        }
        writer.finalize().expect("memory");
        file.into_inner()
    }

    fn decoded(prompt: &Prompt, codec: Codec) -> Vec<i16> {
        let frames = (0..prompt.frames()).map(|n| prompt.frame(codec, n).expect("a frame"));
        frames.flatten().map(|&byte| decode(codec, byte)).collect()
    }

    #[test]
    fn both_rates_give_the_same_tone_in_both_laws() {
        for rate in [8000, 16_000] {
            // The generator counts 8,000 a second: twice the rate needs half the frequency.
            let hertz = 8000.0 / f64::from(rate) * 440.0;
            let samples: Vec<i16> =
                Tone::new(hertz, 0.5).take(usize::try_from(rate).expect("small")).collect();
            let prompt = Prompt::read(&wav(1, rate, 16, &samples)[..]).expect("good");
            assert_eq!((prompt.frames(), prompt.duration()), (50, Duration::from_secs(1)));
            for codec in [Codec::Pcma, Codec::Pcmu] {
                let level = level(&decoded(&prompt, codec), 440.0);
                assert!((level - 0.5).abs() < 0.01, "{rate} {codec:?} {level}");
            }
        }
    }

    #[test]
    fn the_last_frame_is_filled_with_silence() {
        let prompt = Prompt::read(&wav(1, 8000, 16, &[1000; 161])[..]).expect("good");
        assert_eq!(prompt.frames(), 2);
        let last = prompt.frame(Codec::Pcma, 1).expect("the second");
        assert_eq!(last[1..], silence(Codec::Pcma)[1..]);
        assert_eq!(prompt.frame(Codec::Pcma, 2), None);
    }

    #[test]
    fn players_end_or_go_round() {
        let prompt = Prompt::from_samples(&[5; 320]);
        let mut once = Player::new(prompt.clone(), false);
        let mut played = 0;
        while once.next_frame(Codec::Pcmu).is_some() {
            played += 1;
        }
        assert!(played == 2 && once.is_over());
        let mut looped = Player::new(prompt, true);
        assert!((0..5).all(|_| looped.next_frame(Codec::Pcmu).is_some()) && !looped.is_over());
    }

    #[test]
    fn anything_else_is_refused_with_what_it_is() {
        let fault = |bytes: &[u8]| Prompt::read(bytes).expect_err("no prompt").to_string();
        assert!(
            fault(&wav(2, 8000, 16, &[0; 4])).starts_with("2 channels of 16-bit integers at 8000")
        );
        assert!(fault(&wav(1, 44_100, 16, &[0; 4])).contains("44100 Hz"));
        assert!(fault(&wav(1, 8000, 8, &[0; 4])).contains("8-bit"));
        assert_eq!(fault(&wav(1, 8000, 16, &[])), "holds no audio");
        assert!(fault(b"").starts_with("not a complete WAV file"));
        assert!(fault(b"RIFF....WAVEnonsense").starts_with("not a complete WAV file"));
        let whole = wav(1, 8000, 16, &[1; 800]);
        for cut in 0..whole.len() {
            assert!(Prompt::read(&whole[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn a_header_that_promises_gigabytes_takes_no_memory() {
        let mut file = wav(1, 8000, 16, &[1; 8]);
        let length = file.len();
        file[length - 20..length - 16].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(Prompt::read(&file[..]).is_err());
    }
}

//! `play = { tone = "440Hz", for = "2s" }`: what is heard.

use crate::faults::Faults;
use crate::limits;
use crate::model::traffic::{Sound, Step};
use crate::read::{At, Maybe, Read, Text, shorten};
use crate::resolve::Resolver;
use crate::shape::{Leaf, Shape};
use crate::totals::Total;
use crate::traffic_file::Compiler;
use crate::tree::{Node, Value};
use acd::Duration;

/// What is heard: a word, or a table.
#[derive(Debug, Clone)]
pub(crate) enum PlaySettings {
    /// `"silence"`.
    Silence,
    /// `"marker"`.
    Marker,
    /// A tone or a file.
    Sound(SoundSettings),
}

settings! {
    /// A tone or a file.
    pub(crate) struct SoundSettings {
        /// The pitch of a tone, such as `440Hz`.
        tone: Maybe<Pitch>,
        /// How long the tone lasts; until the next `play` when left out.
        r#for: Option<At<Duration>>,
        /// A WAV file.
        file: Option<At<Text>>,
        /// Whether the file is heard again and again.
        r#loop: Option<At<bool>>,
    }
}

const WORDS: [&str; 2] = ["silence", "marker"];
const FORM: &str = "expected `\"silence\"`, `\"marker\"`, `{ tone = \"440Hz\", for = \"2s\" }` or \
                    `{ file = \"hello.wav\" }`";

impl Read for PlaySettings {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        match &node.value {
            Value::Table(_) => SoundSettings::read(node, faults).map(Self::Sound),
            Value::Text(word) if word == "silence" => Some(Self::Silence),
            Value::Text(word) if word == "marker" => Some(Self::Marker),
            Value::Text(word) => {
                let message = format!("`{}` cannot be played", shorten(word));
                faults.error(node.span, message).label(FORM).suggest(word, WORDS);
                None
            }
            Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::List(_) => {
                let message = format!("expected a sound, found {}", node.value.kind());
                faults.error(node.span, message).label(FORM);
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::Either(vec![Shape::Leaf(Leaf::Word(&WORDS)), SoundSettings::shape()])
    }
}

/// The pitch of a tone, Hz.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pitch(u32);

/// The lowest and the highest tone: what a telephone line carries (ITU-T G.712).
const HERTZ: std::ops::RangeInclusive<u32> = 300..=3400;

impl Read for Pitch {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let text = crate::read::text(node, "a pitch", faults)?;
        let number = text.trim().strip_suffix("Hz").map_or("", str::trim_end);
        let pitch = number.parse().ok().filter(|hertz| HERTZ.contains(hertz));
        if pitch.is_none() {
            let (low, high) = (HERTZ.start(), HERTZ.end());
            let fault =
                faults.error(node.span, format!("`{}` is not a tone to be heard", shorten(text)));
            fault.label(format!("expected a pitch from `{low}Hz` to `{high}Hz`"));
            if text.trim().parse::<u32>().is_ok_and(|hertz| HERTZ.contains(&hertz)) {
                fault.hint(format!("did you mean `{}Hz`?", text.trim()));
            }
        }
        pitch.map(Self)
    }

    fn shape() -> Shape {
        Shape::Leaf(Leaf::Form("440Hz"))
    }
}

impl Compiler<'_> {
    /// Turns a step into what is heard.
    pub(crate) fn play(
        &mut self,
        settings: &At<PlaySettings>,
        wait: Option<At<bool>>,
    ) -> Option<Step> {
        let sound = match &settings.value {
            PlaySettings::Silence => Sound::Silence,
            PlaySettings::Marker => Sound::Marker,
            PlaySettings::Sound(sound) => self.sound(settings, sound)?,
        };
        if let Some(wait) = wait.filter(|wait| wait.value && is_endless(&sound)) {
            let fault = self.resolver.faults.error(wait.span, "this sound has no end to wait for");
            fault.label("expected a tone with `for`, or a file without `loop`");
            return None;
        }
        Some(Step::Play { sound, waits: wait.is_some_and(|wait| wait.value) })
    }

    fn sound(&mut self, at: &At<PlaySettings>, sound: &SoundSettings) -> Option<Sound> {
        match (&sound.tone, &sound.file) {
            (Maybe::Faulty, _) => None,
            (Maybe::Given(pitch), None) if sound.r#loop.is_none() => {
                let length = sound.r#for.map(|length| length.value);
                if let Some(length) = sound.r#for.filter(|length| length.value == Duration::ZERO) {
                    let fault = self.resolver.faults.error(length.span, "nothing would be heard");
                    fault.label("expected more than `0s`");
                    return None;
                }
                Some(Sound::Tone { hertz: pitch.0, length })
            }
            (Maybe::Absent, Some(file)) if sound.r#for.is_none() => {
                let is_looped = sound.r#loop.is_some_and(|looped| looped.value);
                wav(file, is_looped, self.resolver)
            }
            (Maybe::Given(_) | Maybe::Absent, _) => {
                let fault = self.resolver.faults.error(at.span, "this is not one sound");
                fault.label(
                    "expected `tone` with or without `for`, or `file` with or without `loop`",
                );
                None
            }
        }
    }
}

/// Returns whether a sound never ends by itself.
fn is_endless(sound: &Sound) -> bool {
    match sound {
        Sound::Silence | Sound::Marker => true,
        Sound::Tone { length, .. } => length.is_none(),
        Sound::File { is_looped, .. } => *is_looped,
    }
}

/// Reads a WAV file as it is; its format is the generator's to judge.
fn wav(file: &At<Text>, is_looped: bool, resolver: &mut Resolver) -> Option<Sound> {
    let read = resolver.read_file(file, limits::LOAD_SOUND_BYTES)?;
    resolver.count(Total::SoundBytes, read.bytes.len() as u64, file.span)?;
    resolver.hash_data(&read.bytes);
    let is_wav =
        matches!(read.bytes[..], [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..]);
    if !is_wav {
        let message = format!("`{}` is not a WAV file", shorten(&file.value.0));
        resolver.faults.error(file.span, message).label("expected 8 kHz, mono, as RIFF WAVE");
        return None;
    }
    Some(Sound::File { name: file.value.0.clone(), wav: read.bytes, is_looped })
}

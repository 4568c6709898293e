//! The sounds of the house: those that are shipped, and those that a scenario names.

use sip::Duration;
use sip::audio::{Prompt, PromptFault, tone::Tone};
use std::collections::BTreeMap;

/// Shipped sounds, by the name under which a scenario plays them. Spoken by espeak-ng, 16-bit mono at 8 kHz.
const SHIPPED: [(&str, &[u8]); 6] = [
    ("balance.wav", include_bytes!("../prompts/balance.wav")),
    ("busy.wav", include_bytes!("../prompts/busy.wav")),
    ("goodbye.wav", include_bytes!("../prompts/goodbye.wav")),
    ("main-menu.wav", include_bytes!("../prompts/main-menu.wav")),
    ("sorry.wav", include_bytes!("../prompts/sorry.wav")),
    ("welcome.wav", include_bytes!("../prompts/welcome.wav")),
];

/// Finds the file of a prompt: its bytes, or why there are none.
pub type Finder<'a> = dyn Fn(&str) -> std::io::Result<Vec<u8>> + 'a;

/// Why a prompt cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum NoPrompt {
    /// It is neither shipped nor found.
    #[error("prompt `{name}`: {error}")]
    NotFound {
        /// Its name in the scenario.
        name: String,
        /// Why.
        error: std::io::Error,
    },
    /// It is no WAV file we play.
    #[error("prompt `{name}`: {fault}")]
    Fault {
        /// Its name in the scenario.
        name: String,
        /// Why.
        fault: PromptFault,
    },
}

/// Prompts that were read once.
#[derive(Debug, Default)]
pub struct Prompts {
    read: BTreeMap<String, Prompt>,
}

impl Prompts {
    /// Returns how long a prompt plays, to its last frame: multiples of 20 ms.
    ///
    /// # Errors
    /// [`NoPrompt`], as when it is served.
    pub fn length(&mut self, name: &str, find: &Finder<'_>) -> Result<Duration, NoPrompt> {
        self.get(name, find).map(|prompt| prompt.duration())
    }

    /// Returns a prompt: the scenario's own file, else the shipped one of that name.
    ///
    /// # Errors
    /// [`NoPrompt`].
    pub(crate) fn get(&mut self, name: &str, find: &Finder<'_>) -> Result<Prompt, NoPrompt> {
        if let Some(known) = self.read.get(name) {
            return Ok(known.clone());
        }
        let read = match find(name) {
            Ok(bytes) => Prompt::read(bytes.as_slice()),
            Err(error) => {
                let shipped = SHIPPED.iter().find(|(shipped, _)| *shipped == name);
                let not_found = || NoPrompt::NotFound { name: name.to_owned(), error };
                Prompt::read(shipped.ok_or_else(not_found)?.1)
            }
        };
        let prompt = read.map_err(|fault| NoPrompt::Fault { name: name.to_owned(), fault })?;
        self.read.insert(name.to_owned(), prompt.clone());
        Ok(prompt)
    }
}

/// The tone a caller hears while a telephone rings: 425 Hz, one second in five (ETSI TR 101 041-2).
pub(crate) fn ringing() -> Prompt {
    let mut tone = Tone::new(425.0, 0.1);
    let samples: Vec<i16> = (0..5 * 8000)
        .map(|at| if at < 8000 { tone.next().unwrap_or_default() } else { 0 })
        .collect();
    Prompt::from_samples(&samples)
}

/// What waits: four soft notes of a chord, eight seconds.
pub(crate) fn music() -> Prompt {
    let notes = [261.6, 329.6, 392.0, 523.3];
    let mut samples = Vec::with_capacity(8 * 8000);
    for beat in 0..16 {
        let mut tone = Tone::new(notes[beat % notes.len()], 0.12);
        for at in 0..4000_u16 {
            // Each note fades, so that none begins or ends with a click.
            let fade = f64::from(4000 - at) / 4000.0 * f64::from(at.min(80)) / 80.0;
            samples.push((f64::from(tone.next().unwrap_or_default()) * fade) as i16);
        }
    }
    Prompt::from_samples(&samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    fn nothing_there(_: &str) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    #[test]
    fn every_shipped_sound_can_be_played() {
        for (name, bytes) in SHIPPED {
            let prompt = Prompts::default().get(name, &nothing_there).expect("shipped");
            assert!(prompt.frames() > 10 && bytes.len() < 80_000, "{name}");
        }
        assert_eq!(ringing().frames(), 250);
        assert!(music().frames() > 100);
    }

    #[test]
    fn a_file_of_the_scenario_comes_before_a_shipped_one_and_faults_name_it() {
        let mut library = Prompts::default();
        let broken = |_: &str| Ok(b"RIFF".to_vec());
        let error = library.get("welcome.wav", &broken).expect_err("no WAV file");
        assert!(error.to_string().starts_with("prompt `welcome.wav`: not a complete WAV file"));
        let error = library.get("missing.wav", &nothing_there).expect_err("not there");
        assert!(error.to_string().contains("missing.wav"), "{error}");
    }
}

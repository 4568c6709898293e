//! Calls recorded to stereo WAV files: the caller left, the agent right.

use super::session::MediaId;
use sip::Instant;
use sip::audio::{Recording, Side};
use sip::rtp::Header;
use sip::sdp::negotiate::Codec;
use std::io::{self, Seek, Write};

/// Most bytes of one recording: four hours.
const BYTES_MAX: u64 = 4 * 3600 * 32_000;

/// Something a recording is written to.
pub trait Medium: Write + Seek + Send {}

impl<T: Write + Seek + Send> Medium for T {}

/// Opens the file of a recording; the call's number among the calls of the run is handed in.
pub type NewRecording = Box<dyn FnMut(u64) -> io::Result<Box<dyn Medium>> + Send>;

/// The recordings under way.
#[derive(Default)]
pub(super) struct Recorder {
    new: Option<NewRecording>,
    under_way: Vec<Tape>,
}

struct Tape {
    caller: MediaId,
    agent: MediaId,
    recording: Recording<Box<dyn Medium>>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recorder({})", self.under_way.len())
    }
}

impl Recorder {
    pub(super) fn new(new: Option<NewRecording>) -> Self {
        Self { new, under_way: Vec::new() }
    }

    /// Begins to record a talk; `false` when the disk refuses.
    pub(super) fn begin(
        &mut self,
        now: Instant,
        number: u64,
        (caller, agent): (MediaId, MediaId),
    ) -> bool {
        let Some(new) = &mut self.new else { return true };
        let begun = new(number).ok().and_then(|to| Recording::begin(to, now, BYTES_MAX).ok());
        let is_begun = begun.is_some();
        self.under_way.extend(begun.map(|recording| Tape { caller, agent, recording }));
        is_begun
    }

    /// Takes the audio of a packet.
    pub(super) fn take(
        &mut self,
        now: Instant,
        from: MediaId,
        header: &Header,
        (codec, payload): (Codec, &[u8]),
    ) {
        let of = |tape: &&mut Tape| tape.caller == from || tape.agent == from;
        if let Some(tape) = self.under_way.iter_mut().find(of) {
            let side = if tape.caller == from { Side::Caller } else { Side::Agent };
            tape.recording.handle_packet(now, side, header, codec, payload);
        }
    }

    /// Writes what is old enough; returns how many recordings the disk ended.
    pub(super) fn write(&mut self, now: Instant) -> usize {
        let tapes = self.under_way.iter_mut();
        tapes.map(|tape| tape.recording.handle_timeout(now)).filter(Result::is_err).count()
    }

    /// Ends the recording that a leg takes part in; `false` when the disk refuses the rest.
    pub(super) fn end(&mut self, now: Instant, leg: MediaId) -> bool {
        let of = |tape: &Tape| tape.caller == leg || tape.agent == leg;
        let Some(at) = self.under_way.iter().position(of) else { return true };
        self.under_way.swap_remove(at).recording.finish(now).is_ok()
    }
}

//! The recording of everything the switch was told and said, on disk: what `callstorm replay` repeats.

use acd::{Acd, Command, Event, Input, Recorder, Timestamp};
use std::io::{self, Write};

/// The recording is written whenever it has grown to this many bytes, and each second.
const CHUNK: usize = 64 * 1024;

/// A recording being made.
pub(crate) struct Tape {
    recorder: Recorder,
    to: Option<Box<dyn Write + Send>>,
    bytes: Vec<u8>,
    error: Option<io::Error>,
}

impl Tape {
    /// Begins with the switch as it is.
    pub(crate) fn new(now: Timestamp, acd: &Acd, to: Box<dyn Write + Send>) -> Self {
        let recorder = Recorder::new(now, acd);
        Self { recorder, to: Some(to), bytes: Vec::new(), error: None }
    }

    pub(crate) fn input(&mut self, now: Timestamp, input: Input) {
        // Between two steps only: what the switch says to this input belongs to its step.
        if self.recorder.unwritten() >= CHUNK {
            self.write();
        }
        self.recorder.input(now, input);
    }

    pub(crate) fn timeout(&mut self, now: Timestamp) {
        self.recorder.timeout(now);
    }

    pub(crate) fn command(&mut self, command: &Command) {
        self.recorder.command(command);
    }

    pub(crate) fn event(&mut self, event: &Event) {
        self.recorder.event(event);
    }

    /// Writes what was gathered; after an error nothing more, for a recording with a hole repeats nothing.
    pub(crate) fn write(&mut self) {
        self.bytes.clear();
        self.recorder.flush(&mut self.bytes);
        let Some(to) = &mut self.to else { return };
        if let Err(error) = to.write_all(&self.bytes).and_then(|()| to.flush()) {
            self.to = None;
            self.error = Some(error);
        }
    }

    /// Ends the recording; returns why it is not whole, if it is not.
    pub(crate) fn finish(mut self) -> Option<io::Error> {
        self.write();
        self.error
    }
}

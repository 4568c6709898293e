//! Everything that was said to a switch, as bytes; and the same said again.
//!
//! A recording holds the switch as it was and then every input and every wake-up with its time, each
//! with a digest of what the switch said to it. [`Replay`] repeats them: the same inputs give the same
//! outputs, so a recording of a live day shows at leisure what was decided and why, and a version that
//! decides otherwise is found at the first step where it does.
//!
//! ```text
//! file   = magic block*
//! block  = kind (1 byte: snapshot or steps) · length (u32) · check sum (u64) · body
//! ```
//!
//! A block is written whole, so a recording cut short by a crash ends with its last whole block.

mod replay;

pub use replay::{Repeated, Replay, ReplayError};

use crate::input::Input;
use crate::output::{Command, Event, Output};
use crate::snapshot::check_sum;
use crate::switch::Acd;
use crate::units::Timestamp;
use serde::{Deserialize, Serialize};

/// Marks the bytes as a recording, with the version of their layout.
const MAGIC: [u8; 8] = *b"CSREC\0\0\x01";
/// Bytes of a block before its body.
const BLOCK_HEAD: usize = 1 + 4 + 8;
/// A block of steps is closed when it is so long.
const BLOCK_LENGTH: usize = 32 * 1024;
/// Room for any one output, encoded.
const OUTPUT_LENGTH_MAX: usize = 128;

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Snapshot = 1,
    Steps = 2,
}

/// The switch as it was.
#[derive(Debug, Serialize, Deserialize)]
struct Taken<'a> {
    at: Timestamp,
    snapshot: &'a [u8],
}

/// One call of the switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Step {
    at: Timestamp,
    /// What was handed over; `None` for [`Acd::handle_timeout`].
    input: Option<Input>,
    /// Of what the switch said to it.
    digest: u32,
}

/// Writes a recording. Tell it each call of the switch, then all that the switch said.
#[derive(Debug)]
pub struct Recorder {
    finished: Vec<u8>,
    steps: Vec<u8>,
    pending: Option<(Timestamp, Option<Input>)>,
    digest: Digest,
}

impl Recorder {
    /// Begins a recording with the switch as it is.
    #[must_use]
    pub fn new(now: Timestamp, acd: &Acd) -> Self {
        let mut recorder = Self {
            finished: MAGIC.to_vec(),
            steps: Vec::new(),
            pending: None,
            digest: Digest::default(),
        };
        recorder.snapshot(now, acd);
        recorder
    }

    /// Notes that [`Acd::handle`] is called.
    pub fn input(&mut self, now: Timestamp, input: Input) {
        self.begin(now, Some(input));
    }

    /// Notes that [`Acd::handle_timeout`] is called.
    pub fn timeout(&mut self, now: Timestamp) {
        self.begin(now, None);
    }

    /// Notes a command of the switch.
    pub fn command(&mut self, command: &Command) {
        self.digest.add(&Output::Command(*command));
    }

    /// Notes an event of the switch.
    pub fn event(&mut self, event: &Event) {
        self.digest.add(&Output::Event(*event));
    }

    /// Notes the switch as it is: a replay can begin here.
    pub fn snapshot(&mut self, now: Timestamp, acd: &Acd) {
        self.end_step();
        self.end_block();
        let taken = Taken { at: now, snapshot: &acd.snapshot() };
        let body = postcard::to_allocvec(&taken).expect("plain data always encodes");
        write_block(Kind::Snapshot, &body, &mut self.finished);
    }

    /// Appends what was recorded since the last time to `out`, in whole blocks.
    pub fn flush(&mut self, out: &mut Vec<u8>) {
        self.end_step();
        self.end_block();
        out.append(&mut self.finished);
    }

    /// Returns how many bytes the next [`Recorder::flush`] will append, about.
    #[must_use]
    pub fn unwritten(&self) -> usize {
        self.finished.len() + self.steps.len()
    }

    fn begin(&mut self, at: Timestamp, input: Option<Input>) {
        self.end_step();
        self.pending = Some((at, input));
        self.digest = Digest::default();
    }

    fn end_step(&mut self) {
        let Some((at, input)) = self.pending.take() else { return };
        let step = Step { at, input, digest: self.digest.value() };
        let steps = std::mem::take(&mut self.steps);
        self.steps = postcard::to_extend(&step, steps).expect("plain data always encodes");
        if self.steps.len() >= BLOCK_LENGTH {
            self.end_block();
        }
    }

    fn end_block(&mut self) {
        if !self.steps.is_empty() {
            write_block(Kind::Steps, &self.steps, &mut self.finished);
            self.steps.clear();
        }
    }
}

fn write_block(kind: Kind, body: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(body.len()).expect("a switch is far below 4 GB");
    out.push(kind as u8);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&check_sum(body).to_le_bytes());
    out.extend_from_slice(body);
}

/// A digest of a stream of outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(check_sum(&[]))
    }
}

impl Digest {
    fn add(&mut self, output: &Output) {
        let mut room = [0; OUTPUT_LENGTH_MAX];
        let bytes = postcard::to_slice(output, &mut room).expect("an output is at most 48 bytes");
        self.0 = self.0.rotate_left(5) ^ check_sum(bytes);
    }

    /// Half of it: a step that differs goes unseen once in four thousand million times.
    fn value(self) -> u32 {
        (self.0 ^ (self.0 >> 32)) as u32
    }
}

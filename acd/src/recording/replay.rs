//! A recording, repeated.

use super::{BLOCK_HEAD, Digest, Kind, MAGIC, Step, Taken};
use crate::input::Input;
use crate::output::Output;
use crate::snapshot::{RestoreError, check_sum};
use crate::switch::Acd;
use crate::units::Timestamp;

/// Why a recording cannot be repeated further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The bytes do not begin as a recording of this version does.
    #[error("not a recording of this version")]
    NotARecording,
    /// A block was changed.
    #[error("the recording is damaged at byte {at}")]
    Damaged {
        /// Where the block begins.
        at: usize,
    },
    /// A snapshot does not restore.
    #[error("the snapshot at byte {at}: {error}")]
    Snapshot {
        /// Where its block begins.
        at: usize,
        /// What is wrong with it.
        error: RestoreError,
    },
}

/// A step that was repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeated {
    /// Which one, from 0.
    pub number: u64,
    /// When it was.
    pub at: Timestamp,
    /// What was handed over; `None` where the switch was woken.
    pub input: Option<Input>,
    /// Whether the switch said the same again.
    pub agrees: bool,
}

/// Repeats a recording step by step.
pub struct Replay<'a> {
    bytes: &'a [u8],
    /// Where the next block begins.
    next: usize,
    /// The steps left of the present block.
    steps: &'a [u8],
    /// Where the present block begins.
    block: usize,
    acd: Acd,
    number: u64,
    differing_snapshots: u64,
}

/// A block and where the next one begins.
struct Block<'a> {
    kind: Kind,
    body: &'a [u8],
    next: usize,
}

impl<'a> Replay<'a> {
    /// Begins at the beginning.
    ///
    /// # Errors
    /// Bytes that are no recording of this version, or whose first snapshot is damaged.
    pub fn new(bytes: &'a [u8]) -> Result<Self, ReplayError> {
        Self::at(bytes, first_block(bytes)?)
    }

    /// Begins at the newest snapshot.
    ///
    /// # Errors
    /// As [`Replay::new`]; also where a block on the way is damaged.
    pub fn from_newest(bytes: &'a [u8]) -> Result<Self, ReplayError> {
        let mut newest = first_block(bytes)?;
        let mut at = newest;
        while let Some(block) = block_at(bytes, at)? {
            if block.kind == Kind::Snapshot {
                newest = at;
            }
            at = block.next;
        }
        Self::at(bytes, newest)
    }

    fn at(bytes: &'a [u8], at: usize) -> Result<Self, ReplayError> {
        let block = block_at(bytes, at)?.ok_or(ReplayError::NotARecording)?;
        if block.kind != Kind::Snapshot {
            return Err(ReplayError::NotARecording);
        }
        let taken = taken(&block, at)?;
        let acd =
            Acd::restore(taken.snapshot).map_err(|error| ReplayError::Snapshot { at, error })?;
        let (next, steps) = (block.next, &[][..]);
        Ok(Self { bytes, next, steps, block: at, acd, number: 0, differing_snapshots: 0 })
    }

    /// Repeats the next step; what the switch says replaces the contents of `out`. `None` at the end.
    ///
    /// # Errors
    /// A damaged block.
    pub fn step(&mut self, out: &mut Vec<Output>) -> Result<Option<Repeated>, ReplayError> {
        out.clear();
        while self.steps.is_empty() {
            if !self.open_block()? {
                return Ok(None);
            }
        }
        let damaged = ReplayError::Damaged { at: self.block };
        let (step, rest) = postcard::take_from_bytes::<Step>(self.steps).map_err(|_| damaged)?;
        self.steps = rest;
        match step.input {
            Some(input) => self.acd.handle(step.at, input, out),
            None => self.acd.handle_timeout(step.at, out),
        }
        let mut digest = Digest::default();
        out.iter().for_each(|output| digest.add(output));
        let number = self.number;
        self.number += 1;
        let agrees = digest.value() == step.digest;
        Ok(Some(Repeated { number, at: step.at, input: step.input, agrees }))
    }

    /// Returns the switch as it is now.
    #[must_use]
    pub fn acd(&self) -> &Acd {
        &self.acd
    }

    /// Returns how many of the later snapshots differ from the switch as it was repeated.
    #[must_use]
    pub fn differing_snapshots(&self) -> u64 {
        self.differing_snapshots
    }

    /// Returns the bytes at the end that are no whole block: what a crash cut short.
    #[must_use]
    pub fn left_over(&self) -> usize {
        self.bytes.len() - self.next
    }

    /// Goes to the next block; `false` at the end.
    fn open_block(&mut self) -> Result<bool, ReplayError> {
        let at = self.next;
        let Some(block) = block_at(self.bytes, at)? else { return Ok(false) };
        (self.block, self.next) = (at, block.next);
        match block.kind {
            Kind::Steps => self.steps = block.body,
            Kind::Snapshot => {
                let differs = taken(&block, at)?.snapshot != self.acd.snapshot();
                self.differing_snapshots += u64::from(differs);
            }
        }
        Ok(true)
    }
}

fn first_block(bytes: &[u8]) -> Result<usize, ReplayError> {
    bytes.starts_with(&MAGIC).then_some(MAGIC.len()).ok_or(ReplayError::NotARecording)
}

/// Cuts out a block; `None` where no whole one is left.
fn block_at(bytes: &[u8], at: usize) -> Result<Option<Block<'_>>, ReplayError> {
    let rest = bytes.get(at..).unwrap_or_default();
    let Some((head, rest)) = rest.split_at_checked(BLOCK_HEAD) else { return Ok(None) };
    let (kind, head) = (head[0], &head[1..]);
    let (length, sum) = head.split_first_chunk::<4>().expect("the head has its length");
    let length = u32::from_le_bytes(*length) as usize;
    let Some(body) = rest.get(..length) else { return Ok(None) };
    if sum != check_sum(body).to_le_bytes() {
        return Err(ReplayError::Damaged { at });
    }
    let kind = match kind {
        kind if kind == Kind::Snapshot as u8 => Kind::Snapshot,
        kind if kind == Kind::Steps as u8 => Kind::Steps,
        _ => return Err(ReplayError::Damaged { at }),
    };
    Ok(Some(Block { kind, body, next: at + BLOCK_HEAD + length }))
}

fn taken<'a>(block: &Block<'a>, at: usize) -> Result<Taken<'a>, ReplayError> {
    postcard::from_bytes(block.body).map_err(|_| ReplayError::Damaged { at })
}

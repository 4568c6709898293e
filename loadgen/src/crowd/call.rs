//! One call of a run.

use sip::Instant;
use sip::endpoint::{Leg, Ping, Registration};
use std::collections::VecDeque;

/// A call, from the moment it is due to its last message.
#[derive(Debug)]
pub(super) struct Call {
    /// Its number over all threads, from 1.
    pub(super) number: u64,
    /// When it was due.
    pub(super) intended: Instant,
    /// When its first request was sent.
    pub(super) sent: Instant,
    /// When it was answered, and when our BYE was sent.
    pub(super) answered: Option<Instant>,
    pub(super) hung_up: Option<Instant>,
    pub(super) leg: Option<Leg>,
    pub(super) enrolment: Option<Registration>,
    pub(super) ping: Option<Ping>,
    /// The step it is at.
    pub(super) step: usize,
    pub(super) wait: Wait,
    /// The socket it goes by.
    pub(super) line: usize,
    /// Whether the target has said how the call stands.
    pub(super) is_requested: bool,
    /// What came while nobody waited for it.
    pub(super) early: VecDeque<Came>,
    /// Pauses made so far: each draws anew.
    pub(super) pauses: u64,
    /// Descriptions of audio that we made.
    pub(super) descriptions: u64,
    /// Keys still to be pressed, the last one first; while a step of keys is under way.
    pub(super) keys: Option<Vec<u8>>,
    /// Whether its flow withdrew it, or the run was stopped.
    pub(super) is_withdrawn: bool,
}

/// What a call waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// Nothing: its steps run.
    Nothing,
    /// A message, at a step that expects one.
    Message,
    /// The end of a pause, of keys, of a sound.
    Pause,
    /// The end of its leg; then it is over, good or not, or merely stopped.
    Leaving(Verdict),
    /// A closed model's caller, between two calls.
    Resting,
}

/// How a call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// As its flow wanted.
    Passed,
    /// Not so.
    Spoilt,
    /// The run was stopped before it could tell.
    Stopped,
}

/// Something that came for a call, or did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// A response.
    Status(u16),
    /// The target hung up.
    Bye,
    /// Nothing, in time.
    Nothing,
}

/// Most messages that wait for their step; a provisional response too many is forgotten.
pub(super) const EARLY_MAX: usize = 16;

impl Call {
    /// A call that is due.
    pub(super) fn new(number: u64, intended: Instant, line: usize) -> Self {
        Self {
            number,
            intended,
            sent: intended,
            answered: None,
            hung_up: None,
            leg: None,
            enrolment: None,
            ping: None,
            step: 0,
            wait: Wait::Nothing,
            line,
            is_requested: false,
            early: VecDeque::new(),
            pauses: 0,
            descriptions: 0,
            keys: None,
            is_withdrawn: false,
        }
    }

    /// Keeps what came for the step that will wait for it.
    pub(super) fn keep(&mut self, came: Came) {
        if self.early.len() < EARLY_MAX {
            self.early.push_back(came);
        }
    }
}

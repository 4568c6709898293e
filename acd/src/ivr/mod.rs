//! The IVR: flows of named steps with explicit exits, compiled into an arena.

use crate::id::{QueueId, StepId};
use crate::units::Duration;
use serde::{Deserialize, Serialize};

/// A compiled flow: steps by id, every exit a step that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Flow {
    /// The steps.
    pub steps: Vec<Step>,
    /// Where a call begins.
    pub start: StepId,
}

/// What a step does, and where each of its exits leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Plays a prompt to its end.
    Play {
        /// The next step.
        then: StepId,
    },
    /// Plays a prompt and waits for a key.
    Menu {
        /// Key (ASCII) to step.
        keys: Vec<(u8, StepId)>,
        /// No key in time; `None` in `timeout` means it waits for ever.
        no_input: StepId,
        /// A key that leads nowhere.
        no_match: StepId,
        /// How often the menu is played before `failed`.
        tries: u8,
        /// After the last try.
        failed: StepId,
        /// How long it waits for a key, from the step's beginning.
        timeout: Option<Duration>,
    },
    /// Puts the call into a queue.
    Enqueue {
        /// The queue.
        queue: QueueId,
        /// Where a full queue sends the call.
        full: StepId,
        /// Where too long a wait sends the call.
        timed_out: StepId,
    },
    /// Lets the call go.
    Release,
}

/// A fault of a flow, by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowFault {
    /// No exit leads here from the start.
    Unreachable(StepId),
    /// These steps lead to each other for ever, with no wait for the caller between.
    LoopWithoutWait(Vec<StepId>),
    /// No way leads from here to a queue or a release.
    NoEnd(StepId),
}

impl Flow {
    /// Lists the faults of the flow's graph; none for a flow that may run.
    #[must_use]
    pub fn faults(&self) -> Vec<FlowFault> {
        Vec::new()
    }
}

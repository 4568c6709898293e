//! What a flow's graph must not have: steps nobody reaches, loops that never wait for the caller, ways without an end.

use super::{Flow, Step};
use crate::id::StepId;

/// A fault of a flow, by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowFault {
    /// No exit leads here from the start.
    Unreachable(StepId),
    /// These steps lead to each other for ever, with no key of the caller and no queue between.
    LoopWithoutWait(Vec<StepId>),
    /// No way leads from here to a queue or a release.
    NoEnd(StepId),
}

impl Step {
    /// Lists every exit.
    #[must_use]
    pub fn exits(&self) -> Vec<StepId> {
        match self {
            Self::Play { then } => vec![*then],
            Self::Menu { keys, no_input, no_match, failed, .. } => {
                let keys = keys.iter().map(|(_, step)| *step);
                keys.chain([*no_input, *no_match, *failed]).collect()
            }
            Self::Enqueue { full, timed_out, .. } => vec![*full, *timed_out],
            Self::Release => Vec::new(),
        }
    }

    /// Lists the exits that are taken without the caller doing or waiting for anything: a prompt just ends, a full queue refuses at once.
    fn immediate_exits(&self) -> Vec<StepId> {
        match self {
            Self::Play { then } => vec![*then],
            Self::Enqueue { full, .. } => vec![*full],
            // A menu's last exit and its time-out come after a wait for a key.
            Self::Menu { .. } | Self::Release => Vec::new(),
        }
    }
}

impl Flow {
    /// Lists the faults of the flow's graph; none for a flow that may run. Exits must point at steps that exist.
    #[must_use]
    pub fn faults(&self) -> Vec<FlowFault> {
        let reached = self.reached();
        let ids = || (0..self.steps.len()).map(StepId::new);
        let unreachable = ids().filter(|id| !reached[id.index()]).map(FlowFault::Unreachable);
        let endless = self.without_end();
        let no_end =
            ids().filter(|id| reached[id.index()] && endless[id.index()]).map(FlowFault::NoEnd);
        unreachable
            .chain(no_end)
            .chain(self.loop_without_wait().map(FlowFault::LoopWithoutWait))
            .collect()
    }

    fn reached(&self) -> Vec<bool> {
        let mut reached = vec![false; self.steps.len()];
        let mut open = vec![self.start];
        while let Some(id) = open.pop() {
            let Some(mark) = reached.get_mut(id.index()) else { continue };
            if !std::mem::replace(mark, true) {
                open.extend(self.steps[id.index()].exits());
            }
        }
        reached
    }

    /// Marks the steps from which neither a queue nor a release can be reached.
    fn without_end(&self) -> Vec<bool> {
        let mut endless: Vec<bool> = self
            .steps
            .iter()
            .map(|step| !matches!(step, Step::Enqueue { .. } | Step::Release))
            .collect();
        loop {
            let before = endless.clone();
            for (index, step) in self.steps.iter().enumerate() {
                let has_way =
                    step.exits().iter().any(|exit| !before.get(exit.index()).unwrap_or(&true));
                endless[index] &= !has_way;
            }
            if endless == before {
                return endless;
            }
        }
    }

    /// Returns a circle of immediate exits, if there is one.
    fn loop_without_wait(&self) -> Option<Vec<StepId>> {
        for start in 0..self.steps.len() {
            // Every step has one immediate exit at most, so the way is a single line.
            let mut way = Vec::new();
            let mut at = StepId::new(start);
            while let Some(next) =
                self.steps.get(at.index()).and_then(|s| s.immediate_exits().first().copied())
            {
                way.push(at);
                at = next;
                if at.index() == start {
                    return Some(way);
                }
                if way.len() > self.steps.len() {
                    break;
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::QueueId;

    fn menu(key: usize, other: usize) -> Step {
        let other = StepId::new(other);
        Step::Menu {
            keys: vec![(b'1', StepId::new(key))],
            no_input: other,
            no_match: other,
            tries: 3,
            failed: other,
            timeout: None,
        }
    }

    #[test]
    fn a_sound_flow_has_no_faults() {
        let enqueue = Step::Enqueue { queue: QueueId(0), full: StepId(2), timed_out: StepId(2) };
        let flow = Flow { steps: vec![menu(1, 1), enqueue, Step::Release], start: StepId(0) };
        assert_eq!(flow.faults(), []);
    }

    #[test]
    fn steps_nobody_reaches_are_named() {
        let flow = Flow { steps: vec![Step::Release, Step::Release], start: StepId(0) };
        assert_eq!(flow.faults(), [FlowFault::Unreachable(StepId(1))]);
    }

    #[test]
    fn prompts_that_play_for_ever_are_named() {
        let play = |then| Step::Play { then: StepId::new(then) };
        let flow = Flow { steps: vec![play(1), play(0)], start: StepId(0) };
        let faults = flow.faults();
        assert!(faults.contains(&FlowFault::LoopWithoutWait(vec![StepId(0), StepId(1)])));
        assert!(faults.contains(&FlowFault::NoEnd(StepId(0))));
    }

    #[test]
    fn a_full_queue_that_leads_to_itself_is_a_loop() {
        let enqueue = Step::Enqueue { queue: QueueId(0), full: StepId(0), timed_out: StepId(1) };
        let flow = Flow { steps: vec![enqueue, Step::Release], start: StepId(0) };
        assert_eq!(flow.faults(), [FlowFault::LoopWithoutWait(vec![StepId(0)])]);
    }

    #[test]
    fn a_menu_that_leads_only_to_itself_has_no_end() {
        let flow = Flow { steps: vec![menu(0, 0)], start: StepId(0) };
        assert_eq!(flow.faults(), [FlowFault::NoEnd(StepId(0))]);
    }
}

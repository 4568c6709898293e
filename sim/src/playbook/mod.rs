//! The duty manager: he reads figures that come late, decides when a trigger has held long enough, and acts. One behaviour file for each action.

mod add_agents;
mod offer_callback;
mod overflow;

use crate::agenda::Item;
use crate::office::Office;
use crate::world::World;
use acd::{Duration, SECOND, Timestamp};
use reports::Watch;
use scenarios::{Action, Play};

/// How often figures are sampled.
const SAMPLE: Duration = Duration(60 * SECOND);

/// The duty manager's desk.
#[derive(Debug)]
pub(crate) struct Duty<'s> {
    plays: Vec<PlayState<'s>>,
    decisions: Vec<Decision>,
}

/// A decision: the play, and when it was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// Which play, by its position in the scenario's playbook.
    pub play: u32,
}

/// One play as he watches it.
#[derive(Debug)]
struct PlayState<'s> {
    play: &'s Play,
    /// Whether it may be decided for; not again until the opposite has held.
    is_armed: bool,
    /// What the last sample said, and since when samples have said so.
    held: bool,
    since: Timestamp,
}

impl PlayState<'_> {
    /// Takes a sample in. Returns whether it asks for a decision.
    fn sample(&mut self, now: Timestamp, holds: bool) -> bool {
        if holds != self.held {
            (self.held, self.since) = (holds, now);
        }
        let is_settled = now.since(self.since) >= self.play.holds_for;
        let decides = is_settled && holds && self.is_armed;
        if is_settled {
            self.is_armed = !holds;
        }
        decides
    }
}

impl<'s> Duty<'s> {
    /// Sits down at the desk with every play ready.
    pub(crate) fn new(plays: &'s [Play]) -> Self {
        let state = |play| PlayState { play, is_armed: true, held: false, since: Timestamp::ZERO };
        Self { plays: plays.iter().map(state).collect(), decisions: Vec::new() }
    }

    /// Returns what was decided, in order.
    pub(crate) fn into_decisions(self) -> Vec<Decision> {
        self.decisions
    }
}

impl Office<'_> {
    /// Samples every trigger; the figures reach the duty manager late, and then he decides.
    pub(crate) fn read(&mut self, now: Timestamp, watch: &mut Watch) {
        for (index, state) in self.duty.plays.iter_mut().enumerate() {
            let when = &state.play.when;
            // An empty window is false.
            let value = watch.value(index, now);
            let holds = value.is_some_and(|value| when.comparison.holds(value, when.value));
            if state.sample(now, holds) {
                let at = now.after(state.play.report_delay);
                self.agenda.add(at, Item::Decide(index as u32));
            }
        }
        let next = now.after(SAMPLE);
        if next.0 < self.scenario.length.0 {
            self.agenda.add(next, Item::Read);
        }
    }

    /// Decides for a play and sets its actions going.
    pub(crate) fn decide(&mut self, now: Timestamp, play: u32, world: &mut World<'_>) {
        self.duty.decisions.push(Decision { at: now, play });
        let play = self.duty.plays[play as usize].play;
        for action in &play.actions {
            match action {
                Action::AddAgents { group, count, lead_time, lasts } => {
                    self.add_agents(now, *group, *count, *lead_time, *lasts);
                }
                Action::Overflow { from, to, after } => overflow::start(*from, *to, *after, world),
                Action::OfferCallback { queue, accept } => {
                    offer_callback::start(*queue, *accept, world);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use acd::kpi::{Comparison, Condition, Kpi, Selector};

    fn play(holds_for: u64) -> Play {
        Play {
            name: "bpo".to_owned(),
            when: Condition {
                text: String::new(),
                kpi: Kpi::ServiceLevel,
                selector: Selector::ALL,
                threshold: None,
                last: Some(SAMPLE),
                comparison: Comparison::Less,
                value: 0.5,
                is_sure: false,
            },
            holds_for: Duration::from_secs(holds_for * 60),
            report_delay: Duration::ZERO,
            actions: Vec::new(),
        }
    }

    fn decisions(holds_for: u64, samples: &[u8]) -> Vec<usize> {
        let play = play(holds_for);
        let mut duty = Duty::new(std::slice::from_ref(&play));
        let at = |minute: usize| Timestamp(minute as u64 * SAMPLE.0);
        (0..samples.len())
            .filter(|minute| duty.plays[0].sample(at(*minute), samples[*minute] == 1))
            .collect()
    }

    #[test]
    fn a_trigger_fires_when_it_has_held_long_enough_and_only_once() {
        assert_eq!(decisions(2, &[0, 1, 1, 0, 1, 1, 1, 1, 1]), [6]);
        assert_eq!(decisions(0, &[0, 1, 1, 1]), [1]);
    }

    #[test]
    fn it_is_armed_again_when_the_opposite_has_held_as_long() {
        assert_eq!(decisions(2, &[1, 1, 1, 0, 1, 1, 1, 1]), [2]);
        assert_eq!(decisions(2, &[1, 1, 1, 0, 0, 0, 1, 1, 1]), [2, 8]);
        assert_eq!(decisions(0, &[1, 0, 1]), [0, 2]);
    }
}

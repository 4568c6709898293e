//! What callers want from an IVR flow, and the moves that lead there.
//!
//! The flow knows no callers and the callers know the menus: whoever wants a step presses, in each menu, the key
//! on the shortest way to it.

use acd::{Entry, Flow, Step, StepId};
use scenarios::{Contact, Scenario};
use std::collections::VecDeque;

/// The wishes of a contact's callers.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    wishes: Vec<Wish>,
    /// The moves of a caller who has what he wanted: to the nearest release.
    way_out: Vec<Option<Move>>,
}

/// What a caller does at a menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    /// Presses a key.
    Press(u8),
    /// Stays on the line and presses none.
    Stay,
}

/// One wish.
#[derive(Debug)]
struct Wish {
    /// Upper end of its share in (0, 1).
    up_to: f64,
    /// The step wanted; `None`: any queue.
    step: Option<StepId>,
    /// What to do at each menu; `None` where nothing leads there.
    moves: Vec<Option<Move>>,
}

/// Which wish a caller has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Wanted {
    /// Not yet asked.
    #[default]
    Unknown,
    /// By number.
    Wish(u8),
    /// He has what he wanted.
    Done,
}

impl Wishes {
    /// Works out every wish of a contact; none where its calls enter a queue.
    pub(crate) fn new(scenario: &Scenario, contact: &Contact) -> Self {
        let Entry::Flow(flow) = contact.entry else { return Self::default() };
        let Some(flow) = scenario.flows.get(flow.index()).map(|flow| &flow.flow) else {
            return Self::default();
        };
        let is_release = |step: &Step| matches!(step, Step::Release);
        let is_queue = |step: &Step| matches!(step, Step::Enqueue { .. });
        let mut up_to = 0.0;
        let mut wishes: Vec<Wish> = contact
            .choices
            .iter()
            .map(|(step, share)| {
                up_to += share;
                Wish { up_to, step: Some(*step), moves: moves_toward(flow, |id, _| id == *step) }
            })
            .collect();
        if wishes.is_empty() {
            let moves = moves_toward(flow, |_, step| is_queue(step));
            wishes.push(Wish { up_to: 1.0, step: None, moves });
        }
        Self { wishes, way_out: moves_toward(flow, |_, step| is_release(step)) }
    }

    /// Returns the wish that a uniform number stands for.
    pub(crate) fn wish_of(&self, uniform: f64) -> Wanted {
        let before = self.wishes.iter().take_while(|wish| wish.up_to <= uniform).count();
        Wanted::Wish(before.min(self.wishes.len().saturating_sub(1)) as u8)
    }

    /// Returns what a caller wants once he has come to a step.
    pub(crate) fn at(&self, wanted: Wanted, step: StepId) -> Wanted {
        match wanted {
            Wanted::Wish(wish) if self.wishes[wish as usize].step == Some(step) => Wanted::Done,
            Wanted::Unknown | Wanted::Wish(_) | Wanted::Done => wanted,
        }
    }

    /// Returns what a caller does at a menu; `None`: nothing leads to what he wants.
    pub(crate) fn at_menu(&self, wanted: Wanted, menu: StepId) -> Option<Move> {
        let moves = match wanted {
            Wanted::Wish(wish) => &self.wishes.get(wish as usize)?.moves,
            Wanted::Unknown | Wanted::Done => &self.way_out,
        };
        moves.get(menu.index()).copied().flatten()
    }
}

/// Lists where a caller can bring himself from a step: a queue that refuses him, or keeps him too long, is none of his doing.
fn ways(id: StepId, step: &Step) -> Vec<(Move, StepId)> {
    match step {
        Step::Play { then } => vec![(Move::Stay, *then)],
        Step::Menu { keys, no_input, failed, timeout, .. } => {
            let presses = keys.iter().map(|(key, next)| (Move::Press(*key), *next));
            // A menu that comes again without a key ends in its last exit.
            let silent = if *no_input == id { *failed } else { *no_input };
            presses.chain(timeout.map(|_| (Move::Stay, silent))).collect()
        }
        Step::Enqueue { .. } | Step::Release => Vec::new(),
    }
}

/// Finds for each step the move on the shortest way to a goal, counted in steps; of equal ones the first.
fn moves_toward(flow: &Flow, is_goal: impl Fn(StepId, &Step) -> bool) -> Vec<Option<Move>> {
    let distances = distances(flow, is_goal);
    let best = |(index, step)| {
        ways(StepId::new(index), step)
            .into_iter()
            .filter_map(|(way, next)| Some((distances.get(next.index()).copied().flatten()?, way)))
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, way)| way)
    };
    flow.steps.iter().enumerate().map(best).collect()
}

/// Counts the steps from each step to the nearest goal; `None` where there is no way.
fn distances(flow: &Flow, is_goal: impl Fn(StepId, &Step) -> bool) -> Vec<Option<u32>> {
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); flow.steps.len()];
    let mut distances = vec![None; flow.steps.len()];
    let mut open: VecDeque<usize> = VecDeque::new();
    for (index, step) in flow.steps.iter().enumerate() {
        let id = StepId::new(index);
        for (_, next) in ways(id, step) {
            if let Some(before) = before.get_mut(next.index()) {
                before.push(index);
            }
        }
        if is_goal(id, step) {
            distances[index] = Some(0);
            open.push_back(index);
        }
    }
    while let Some(at) = open.pop_front() {
        let next = distances[at].map_or(0, |distance| distance + 1);
        for &from in &before[at] {
            if distances[from].is_none() {
                distances[from] = Some(next);
                open.push_back(from);
            }
        }
    }
    distances
}

#[cfg(test)]
mod tests {
    use super::*;
    use acd::QueueId;

    fn menu(keys: &[(u8, usize)], timeout: Option<acd::Duration>) -> Step {
        Step::Menu {
            keys: keys.iter().map(|(key, step)| (*key, StepId::new(*step))).collect(),
            no_input: StepId(0),
            no_match: StepId(0),
            tries: 3,
            failed: StepId(4),
            timeout,
        }
    }

    fn flow(timeout: Option<acd::Duration>) -> Flow {
        let (full, timed_out) = (StepId(4), StepId(4));
        let enqueue = |queue| Step::Enqueue { queue: QueueId(queue), full, timed_out };
        let (first, second) =
            (menu(&[(b'1', 1), (b'2', 2)], timeout), menu(&[(b'1', 0), (b'2', 3)], None));
        Flow { steps: vec![first, second, enqueue(0), enqueue(1), Step::Release], start: StepId(0) }
    }

    fn moves(flow: &Flow, goal: u16) -> Vec<Option<Move>> {
        let mut moves = moves_toward(flow, move |id, _| id == StepId(goal));
        moves.truncate(2);
        moves
    }

    #[test]
    fn callers_press_the_key_on_the_shortest_way() {
        let press = |key| Some(Move::Press(key));
        assert_eq!(moves(&flow(None), 2), [press(b'2'), press(b'1')]);
        assert_eq!(moves(&flow(None), 3), [press(b'1'), press(b'2')]);
    }

    #[test]
    fn who_is_led_on_by_silence_stays_on_the_line() {
        let timeout = Some(acd::Duration::from_secs(5));
        assert_eq!(moves(&flow(timeout), 4), [Some(Move::Stay), Some(Move::Press(b'1'))]);
    }

    #[test]
    fn a_queue_is_no_way_out() {
        assert_eq!(moves(&flow(None), 4), [None, None]);
    }
}

//! Timers of the endpoint itself: few, of any length, often moved.

use std::collections::BTreeSet;

use crate::time::Instant;
use crate::transaction::Id;

/// What a timer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// A session's refresh is due, or its end; before there is one, a repetition of the 180.
    Session(Id),
    /// A change that met glare is tried again.
    Glare(Id),
    /// A contact's time runs out.
    Binding(u64),
    /// A registration of ours wants a refresh.
    Refresh(Id),
}

/// All timers, in the order they are due; one of each kind for each thing.
///
/// A set and not a heap: a timer that is moved or stopped leaves nothing behind, or a million short
/// calls with half-hour sessions would leave a million entries.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    due: BTreeSet<(Instant, Due)>,
}

impl Schedule {
    /// Moves a timer from where `slot` says it stands; `None` stops it.
    pub(super) fn set(&mut self, slot: &mut Option<Instant>, at: Option<Instant>, due: Due) {
        if let Some(old) = slot.take() {
            self.due.remove(&(old, due));
        }
        if let Some(at) = at {
            self.due.insert((at, due));
        }
        *slot = at;
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Takes the first timer due at or before `now`; its owner's slot must be cleared.
    pub(super) fn pop(&mut self, now: Instant) -> Option<Due> {
        self.due.first().filter(|(at, _)| *at <= now)?;
        self.due.pop_first().map(|(_, due)| due)
    }

    pub(super) fn len(&self) -> usize {
        self.due.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_timer_leaves_nothing_behind() {
        let mut schedule = Schedule::default();
        let (mut slot, at) = (None, Instant::from_micros);
        schedule.set(&mut slot, Some(at(5)), Due::Binding(1));
        schedule.set(&mut slot, Some(at(3)), Due::Binding(1));
        assert_eq!((schedule.len(), schedule.next()), (1, Some(at(3))));
        assert_eq!((schedule.pop(at(2)), schedule.pop(at(3))), (None, Some(Due::Binding(1))));
        slot = None;
        schedule.set(&mut slot, Some(at(9)), Due::Binding(1));
        schedule.set(&mut slot, None, Due::Binding(1));
        assert_eq!((schedule.len(), slot), (0, None));
    }
}

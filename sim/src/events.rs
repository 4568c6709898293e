//! The event list: what the people will do, in one order. Packed keys in binary heaps, cancelled lazily.
//!
//! Measured against calendar queues, wider heaps and true cancellation (W1, ns per call): this shape is
//! the fastest up to a thousand agents, and beyond that a [`Lane`] keeps the heap small.

use crate::lane::{Lane, NEVER};
use acd::Timestamp;

/// What a person does when his time comes. The order of the variants is the order within one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Doing {
    /// The talk ends; of a call.
    TalkEnds,
    /// After-call work is done; of an agent.
    WrapUpEnds,
    /// An agent who let calls ring takes calls again; of an agent.
    Returns,
    /// The agent looks something up; of a call.
    HoldStarts,
    /// He is back; of a call.
    HoldEnds,
    /// The agent picks up; of an agent.
    PicksUp,
    /// A prompt came to its end; of a call.
    PromptEnds,
    /// The caller presses a key; of a call.
    PressesKey,
    /// The caller loses his patience; of a call.
    GivesUp,
    /// A caller tries again; of an entry of the orbit.
    CallsAgain,
}

impl Doing {
    const ALL: [Self; 10] = [
        Self::TalkEnds,
        Self::WrapUpEnds,
        Self::Returns,
        Self::HoldStarts,
        Self::HoldEnds,
        Self::PicksUp,
        Self::PromptEnds,
        Self::PressesKey,
        Self::GivesUp,
        Self::CallsAgain,
    ];

    /// Returns the rank within one instant: end of work, answer, caller gives up, arrival.
    const fn rank(self) -> u128 {
        match self {
            Self::TalkEnds
            | Self::WrapUpEnds
            | Self::Returns
            | Self::HoldStarts
            | Self::HoldEnds => 0,
            Self::PicksUp | Self::PromptEnds | Self::PressesKey => 1,
            Self::GivesUp => 2,
            Self::CallsAgain => 3,
        }
    }
}

/// Names one planned event, so that it can be told from those cancelled; the lowest bit is its lane. 0 is no event.
pub(crate) type Ticket = u64;

/// No event planned.
pub(crate) const NO_TICKET: Ticket = 0;

/// One event that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) at: Timestamp,
    pub(crate) doing: Doing,
    pub(crate) slot: u32,
    pub(crate) ticket: Ticket,
}

// time 52 | rank 3 | ticket 41 | doing 4 | slot 28: 142 years, a thousand billion events, 268 million slots.
const SLOT_BITS: u32 = 28;
const DOING_BITS: u32 = 4;
const TICKET_BITS: u32 = 41;
const RANK_BITS: u32 = 3;
const TIME_SHIFT: u32 = SLOT_BITS + DOING_BITS + TICKET_BITS + RANK_BITS;
/// The last moment an event can be planned for; later ones never come.
pub(crate) const LAST_MOMENT: Timestamp = Timestamp((1 << 52) - 1);

/// The events planned.
///
/// Patience has a lane of its own. Nearly every caller is answered before it ends, so that lane is all but empty when
/// the cancelled are swept out, and the other, of those who work, does not carry them.
#[derive(Debug, Default)]
pub(crate) struct Events {
    work: Lane,
    patience: Lane,
    last: Ticket,
    /// A lane may be worth a sweep.
    wants_sweep: bool,
}

impl Events {
    /// Plans an event. One beyond [`LAST_MOMENT`] is never due.
    #[inline]
    pub(crate) fn plan(&mut self, at: Timestamp, doing: Doing, slot: u32) -> Ticket {
        self.last += 2;
        let is_patience = doing == Doing::GivesUp;
        let ticket = self.last | u64::from(is_patience);
        if at > LAST_MOMENT {
            return ticket;
        }
        let key = u128::from(at.0) << TIME_SHIFT
            | doing.rank() << (TIME_SHIFT - RANK_BITS)
            | u128::from(ticket) << (SLOT_BITS + DOING_BITS)
            | (doing as u128) << SLOT_BITS
            | u128::from(slot);
        if is_patience {
            self.patience.add(key);
        } else {
            self.work.add(key);
        }
        ticket
    }

    /// Returns the earliest event, cancelled or not.
    #[inline]
    pub(crate) fn first(&self) -> Option<Due> {
        let key = self.work.first().min(self.patience.first());
        (key != NEVER).then(|| unpack(key))
    }

    /// Takes the event that [`Events::first`] showed.
    #[inline]
    pub(crate) fn take(&mut self) {
        self.first_lane().take();
    }

    /// Drops the event that [`Events::first`] showed, because it was cancelled.
    #[inline]
    pub(crate) fn drop_cancelled(&mut self) {
        self.first_lane().drop_cancelled();
    }

    #[inline]
    fn first_lane(&mut self) -> &mut Lane {
        if self.patience.first() < self.work.first() { &mut self.patience } else { &mut self.work }
    }

    /// Notes that an event was cancelled: it stays, to be dropped when its time comes.
    #[inline]
    pub(crate) fn note_cancelled(&mut self, ticket: Ticket) {
        let lane = if ticket & 1 == 1 { &mut self.patience } else { &mut self.work };
        self.wants_sweep |= lane.note_cancelled();
    }

    /// Sweeps out the cancelled events where they are the most, so that memory follows the calls in the system and
    /// not those past.
    #[inline]
    pub(crate) fn sweep(&mut self, is_live: impl FnMut(Due) -> bool) {
        if self.wants_sweep {
            self.sweep_lanes(is_live);
        }
    }

    #[inline(never)]
    fn sweep_lanes(&mut self, mut is_live: impl FnMut(Due) -> bool) {
        self.wants_sweep = false;
        for lane in [&mut self.work, &mut self.patience] {
            lane.sweep(&mut |key| is_live(unpack(key)));
        }
    }

    /// Returns whether many working events came near together since this was last asked.
    #[inline]
    pub(crate) fn came_near(&mut self) -> bool {
        self.work.came_near()
    }

    /// Returns the slots of the calls whose talk ends among the nearest events, nearly in order.
    pub(crate) fn talks_near(&self) -> impl Iterator<Item = u32> + '_ {
        let talks = self.work.near().filter(|key| doing_of(*key) == Doing::TalkEnds);
        talks.map(slot_of)
    }
}

#[inline]
const fn slot_of(key: u128) -> u32 {
    key as u32 & ((1 << SLOT_BITS) - 1)
}

#[inline]
fn doing_of(key: u128) -> Doing {
    Doing::ALL[(key >> SLOT_BITS) as usize & ((1 << DOING_BITS) - 1)]
}

#[inline]
fn unpack(key: u128) -> Due {
    Due {
        at: Timestamp((key >> TIME_SHIFT) as u64),
        doing: doing_of(key),
        slot: slot_of(key),
        ticket: (key >> (SLOT_BITS + DOING_BITS)) as u64 & ((1 << TICKET_BITS) - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(events: &mut Events) -> Vec<(u64, Doing, u32)> {
        let mut seen = Vec::new();
        while let Some(due) = events.first() {
            events.take();
            seen.push((due.at.0, due.doing, due.slot));
        }
        seen
    }

    #[test]
    fn events_come_by_time_then_rank_then_order_of_planning() {
        let mut events = Events::default();
        events.plan(Timestamp(5), Doing::CallsAgain, 1);
        events.plan(Timestamp(5), Doing::GivesUp, 2);
        events.plan(Timestamp(5), Doing::WrapUpEnds, 3);
        events.plan(Timestamp(5), Doing::PicksUp, 4);
        events.plan(Timestamp(5), Doing::TalkEnds, 5);
        events.plan(Timestamp(4), Doing::CallsAgain, 6);
        let order: Vec<u32> = drain(&mut events).into_iter().map(|(_, _, slot)| slot).collect();
        assert_eq!(order, [6, 3, 5, 4, 2, 1]);
    }

    #[test]
    fn an_event_planned_into_the_hole_is_found_in_order() {
        let mut events = Events::default();
        for at in [10, 20, 30] {
            events.plan(Timestamp(at), Doing::TalkEnds, at as u32);
        }
        assert_eq!(events.first().map(|due| due.slot), Some(10));
        events.take();
        events.plan(Timestamp(25), Doing::TalkEnds, 25);
        let order: Vec<u32> = drain(&mut events).into_iter().map(|(_, _, slot)| slot).collect();
        assert_eq!(order, [20, 25, 30]);
    }

    #[test]
    fn packing_keeps_every_field_at_its_limit() {
        let mut events = Events { last: (1 << TICKET_BITS) - 4, ..Events::default() };
        let slot = (1 << SLOT_BITS) - 1;
        let ticket = events.plan(LAST_MOMENT, Doing::CallsAgain, slot);
        let due = events.first().expect("planned");
        assert_eq!(due, Due { at: LAST_MOMENT, doing: Doing::CallsAgain, slot, ticket });
    }

    #[test]
    fn what_lies_beyond_the_last_moment_never_comes() {
        let mut events = Events::default();
        events.plan(Timestamp::MAX, Doing::GivesUp, 1);
        assert_eq!(events.first(), None);
    }

    #[test]
    fn sweeping_keeps_the_live_events() {
        let mut events = Events::default();
        for slot in 0..5000 {
            for doing in [Doing::GivesUp, Doing::TalkEnds] {
                let ticket = events.plan(Timestamp(u64::from(slot)), doing, slot);
                events.note_cancelled(ticket);
            }
        }
        events.sweep(|due| due.slot % 1000 == 0);
        assert_eq!(drain(&mut events).len(), 10);
        events.plan(Timestamp(1), Doing::GivesUp, 0);
        events.sweep(|_| false);
        assert_eq!(drain(&mut events).len(), 1, "few are not worth a sweep");
    }

    #[test]
    fn every_doing_packs_to_itself() {
        for (index, doing) in Doing::ALL.into_iter().enumerate() {
            assert_eq!(doing as usize, index);
        }
    }
}

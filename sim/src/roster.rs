//! A group's roster: how many agents are scheduled, come, and are on a break, from each moment on.

use acd::{Duration, Timestamp};
use chance::Stream;
use scenarios::Group;

/// A row of a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Row {
    pub(crate) at: Timestamp,
    /// Paid for.
    pub(crate) scheduled: u32,
    /// Of them, who come.
    pub(crate) present: u32,
    /// Of those, who are on a break.
    pub(crate) on_break: u32,
}

/// The rows of a group, walked in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Roster {
    rows: Vec<Row>,
    held: usize,
}

impl Roster {
    /// Works the rows out. Rows from `length` on are left out: the last one before stays until the queue is empty.
    pub(crate) fn new(group: &Group, length: Duration, no_shows: Stream) -> Self {
        let comes = |seat: u64| group.no_show <= 0.0 || !no_shows.draw(seat).happens(group.no_show);
        let mut rows = if group.shifts.is_empty() {
            rows_of_schedule(group, comes)
        } else {
            rows_of_shifts(group, comes)
        };
        rows.retain(|row| row.at.0 < length.0);
        if rows.first().is_none_or(|row| row.at > Timestamp::ZERO) {
            rows.insert(0, Row::default());
        }
        Self { rows, held: 0 }
    }

    /// Returns when the row changes next.
    pub(crate) fn next_change(&self) -> Option<Timestamp> {
        self.rows.get(self.held + 1).map(|row| row.at)
    }

    /// Returns the row that holds at a moment; moments must not go back.
    pub(crate) fn at(&mut self, now: Timestamp) -> Row {
        while self.next_change().is_some_and(|at| at <= now) {
            self.held += 1;
        }
        self.rows[self.held]
    }
}

/// A schedule says how many; its seats are numbered, and a seat that stays empty stays so all run.
fn rows_of_schedule(group: &Group, comes: impl Fn(u64) -> bool) -> Vec<Row> {
    let most = group.schedule.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let mut come = Vec::with_capacity(most as usize + 1);
    come.push(0);
    for seat in 0..most {
        let so_far = come[seat as usize];
        come.push(so_far + u32::from(comes(u64::from(seat))));
    }
    let row = |&(at, scheduled): &(Timestamp, u32)| {
        let present = come[scheduled as usize];
        Row { at, scheduled, present, on_break: 0 }
    };
    group.schedule.iter().map(row).collect()
}

/// Shifts overlap: at each moment the numbers of those that run add up.
fn rows_of_shifts(group: &Group, comes: impl Fn(u64) -> bool) -> Vec<Row> {
    let mut seat = 0;
    let mut come_to = |count: u32| {
        let seats = seat..seat + u64::from(count);
        seat += u64::from(count);
        seats.filter(|seat| comes(*seat)).count() as u32
    };
    let shifts: Vec<_> = group.shifts.iter().map(|shift| (shift, come_to(shift.count))).collect();
    let mut times: Vec<Timestamp> = group
        .shifts
        .iter()
        .flat_map(|shift| shift.breaks.iter().copied().chain([(shift.from, shift.to)]))
        .flat_map(|(from, to)| [from, to])
        .collect();
    times.sort_unstable();
    times.dedup();
    let row = |at: Timestamp| {
        let mut row = Row { at, ..Row::default() };
        for (shift, present) in &shifts {
            if (shift.from..shift.to).contains(&at) {
                row.scheduled += shift.count;
                row.present += present;
                let pauses = shift.breaks.iter().any(|(from, to)| (*from..*to).contains(&at));
                row.on_break += if pauses { *present } else { 0 };
            }
        }
        row
    };
    times.into_iter().map(row).collect()
}

impl Row {
    /// Returns the row without the share that is absent, rounded to whole agents.
    pub(crate) fn without(mut self, absent: f64) -> Self {
        let rest =
            |count: u32| count - libm::round(f64::from(count) * absent.clamp(0.0, 1.0)) as u32;
        self.present = rest(self.present);
        self.on_break = rest(self.on_break);
        self
    }
}

//! A group's roster: how many agents are scheduled, come, and are on a break, from each moment on.

use acd::{Duration, Timestamp};
use chance::Stream;
use scenarios::Group;
use std::collections::BTreeMap;

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

/// Shifts overlap: at each moment the numbers of those that run add up. Each agent of each shift comes or does not.
fn rows_of_shifts(group: &Group, comes: impl Fn(u64) -> bool) -> Vec<Row> {
    let mut changes: BTreeMap<Timestamp, [i64; 3]> = BTreeMap::new();
    let mut add = |from: Timestamp, to: Timestamp, numbers: [i64; 3]| {
        for (at, sign) in [(from, 1), (to, -1)] {
            let change = changes.entry(at).or_default();
            for (change, number) in change.iter_mut().zip(numbers) {
                *change += sign * number;
            }
        }
    };
    let mut seat = 0;
    for shift in &group.shifts {
        let seats = seat..seat + u64::from(shift.count);
        seat = seats.end;
        let present = seats.filter(|seat| comes(*seat)).count() as i64;
        add(shift.from, shift.to, [i64::from(shift.count), present, 0]);
        for (from, to) in &shift.breaks {
            add(*from, *to, [0, 0, present]);
        }
    }
    let mut running = [0; 3];
    let row = |(at, change): (Timestamp, [i64; 3])| {
        for (number, change) in running.iter_mut().zip(change) {
            *number += change;
        }
        let [scheduled, present, on_break] = running.map(|number| number as u32);
        Row { at, scheduled, present, on_break: on_break.min(present) }
    };
    changes.into_iter().map(row).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::{at, group, secs};
    use chance::{Chance, Purpose};
    use scenarios::Shift;

    fn rows(group: &Group) -> Vec<Row> {
        let stream = Chance::new(1, 0).stream(Purpose::NoShow, 0);
        Roster::new(group, secs(10_000), stream).rows
    }

    fn row(start: u64, scheduled: u32, present: u32, on_break: u32) -> Row {
        Row { at: at(start), scheduled, present, on_break }
    }

    #[test]
    fn shifts_that_overlap_add_up() {
        let mut team = group(0, 0);
        let shift = |from, to, count, breaks| Shift { from: at(from), to: at(to), count, breaks };
        team.shifts = vec![
            shift(1000, 5000, 3, vec![(at(2000), at(2500)), (at(4000), at(4500))]),
            shift(2500, 20_000, 2, Vec::new()),
        ];
        let expected = [
            row(0, 0, 0, 0),
            row(1000, 3, 3, 0),
            row(2000, 3, 3, 3),
            row(2500, 5, 5, 0),
            row(4000, 5, 5, 3),
            row(4500, 5, 5, 0),
            row(5000, 2, 2, 0),
        ];
        assert_eq!(rows(&team), expected);
    }

    #[test]
    fn a_seat_that_stays_empty_stays_so_all_run() {
        let mut team = group(0, 0);
        team.no_show = 0.5;
        team.schedule = vec![(at(0), 40), (at(100), 10), (at(200), 40), (at(20_000), 1)];
        let rows = rows(&team);
        assert_eq!(rows.len(), 3, "the row behind the end is left out");
        assert_eq!(rows[0].present, rows[2].present);
        assert!(rows[1].present <= 10 && (5..35).contains(&rows[0].present));
    }

    #[test]
    fn the_absent_are_whole_agents() {
        assert_eq!(row(0, 10, 10, 5).without(0.25), row(0, 10, 7, 4));
        assert_eq!(row(0, 10, 10, 5).without(1.0), row(0, 10, 0, 0));
        assert_eq!(row(0, 10, 10, 5).without(0.0), row(0, 10, 10, 5));
    }
}

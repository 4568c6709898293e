//! A group's roster: how many agents are scheduled, come, and are on a break, from each moment on.

use acd::{SECOND, Timestamp};
use chance::Stream;
use scenarios::{Group, Scenario};
use std::collections::BTreeMap;

const DAY: u64 = 24 * 3600 * SECOND;

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
    /// Works the rows out. Rows from the run's length on are left out: the last one before stays until the queue is empty.
    pub(crate) fn new(scenario: &Scenario, group: &Group, draws: Stream) -> Self {
        let no_shows =
            NoShows { draws, share: group.no_show, start_of_day: scenario.start_of_day.0 };
        let length = Timestamp(scenario.length.0);
        let mut rows = if group.shifts.is_empty() {
            rows_of_schedule(group, length, &no_shows)
        } else {
            rows_of_shifts(group, &no_shows)
        };
        rows.retain(|row| row.at < length);
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

/// Who does not come: drawn for each agent and day, addressed by the day and his number in it.
struct NoShows {
    draws: Stream,
    share: f64,
    start_of_day: u64,
}

impl NoShows {
    fn day_of(&self, at: Timestamp) -> u64 {
        (at.0 + self.start_of_day) / DAY
    }

    /// Returns when the day after a moment's begins.
    fn next_day(&self, at: Timestamp) -> Timestamp {
        Timestamp((self.day_of(at) + 1) * DAY - self.start_of_day)
    }

    fn comes(&self, seat: u64, day: u64) -> bool {
        self.share <= 0.0 || !self.draws.draw_again(seat, day).happens(self.share)
    }

    /// Returns how many of the first 0, 1, 2, … agents come on a day.
    fn come(&self, most: u32, day: u64) -> Vec<u32> {
        let mut come = Vec::with_capacity(most as usize + 1);
        come.push(0);
        for seat in 0..most {
            come.push(come[seat as usize] + u32::from(self.comes(u64::from(seat), day)));
        }
        come
    }
}

/// A schedule says how many; its seats are numbered, and a seat that stays empty stays so all day, midnight to midnight.
fn rows_of_schedule(group: &Group, length: Timestamp, no_shows: &NoShows) -> Vec<Row> {
    let most = group.schedule.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let mut today = None;
    let mut rows = Vec::with_capacity(group.schedule.len());
    let ends = group.schedule.iter().skip(1).map(|(at, _)| *at).chain([length]);
    for (&(from, scheduled), to) in group.schedule.iter().zip(ends) {
        let mut at = from;
        while at < to.min(length) {
            let day = no_shows.day_of(at);
            let (_, come) = match today.take() {
                Some((of, come)) if of == day => today.insert((of, come)),
                Some(_) | None => today.insert((day, no_shows.come(most, day))),
            };
            rows.push(Row { at, scheduled, present: come[scheduled as usize], on_break: 0 });
            // Where everybody comes every day is alike.
            at = if no_shows.share > 0.0 { no_shows.next_day(at) } else { to };
        }
    }
    rows
}

/// Shifts overlap: at each moment the numbers of those that run add up. Each agent of each shift comes or does not.
fn rows_of_shifts(group: &Group, no_shows: &NoShows) -> Vec<Row> {
    let mut changes: BTreeMap<Timestamp, [i64; 3]> = BTreeMap::new();
    let mut add = |from: Timestamp, to: Timestamp, numbers: [i64; 3]| {
        for (at, sign) in [(from, 1), (to, -1)] {
            let change = changes.entry(at).or_default();
            for (change, number) in change.iter_mut().zip(numbers) {
                *change += sign * number;
            }
        }
    };
    let (mut today, mut seat) = (0, 0);
    for shift in &group.shifts {
        let day = no_shows.day_of(shift.from);
        if day != today {
            (today, seat) = (day, 0);
        }
        let seats = seat..seat + u64::from(shift.count);
        seat = seats.end;
        let present = seats.filter(|seat| no_shows.comes(*seat, day)).count() as i64;
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
    use crate::common::{at, group, scenario, secs};
    use chance::{Chance, Purpose};
    use scenarios::Shift;

    /// The rows of a run of so many seconds that begins at 07:00.
    fn rows_of(group: &Group, length: u64) -> Vec<Row> {
        let mut run = scenario(0);
        (run.length, run.start_of_day) = (secs(length), secs(7 * 3600));
        Roster::new(&run, group, Chance::new(1, 0).stream(Purpose::NoShow, 0)).rows
    }

    fn rows(group: &Group) -> Vec<Row> {
        rows_of(group, 10_000)
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
    fn a_seat_that_stays_empty_stays_so_all_day() {
        let mut team = group(0, 0);
        team.no_show = 0.5;
        team.schedule = vec![(at(0), 40), (at(100), 10), (at(200), 40), (at(20_000), 1)];
        let rows = rows(&team);
        assert_eq!(rows.len(), 3, "the row behind the end is left out");
        assert_eq!(rows[0].present, rows[2].present);
        assert!(rows[1].present <= 10 && (5..35).contains(&rows[0].present));
    }

    #[test]
    fn who_does_not_come_is_drawn_anew_each_day() {
        const HOURS: u64 = 3600;
        let mut team = group(0, 400);
        team.no_show = 0.25;
        let by_schedule = rows_of(&team, 72 * HOURS);
        let shift = |day: u64| Shift {
            from: at((24 * day + 1) * HOURS),
            to: at((24 * day + 9) * HOURS),
            count: 400,
            breaks: Vec::new(),
        };
        (team.schedule, team.shifts) = (Vec::new(), (0..3).map(shift).collect());
        let by_shift: Vec<Row> =
            rows_of(&team, 72 * HOURS).into_iter().filter(|row| row.scheduled > 0).collect();
        // Days change at midnight: 17, 41 and 65 hours after the beginning.
        let midnights = [0, 17, 41, 65].map(|hour| at(hour * HOURS));
        assert_eq!(by_schedule.iter().map(|row| row.at).collect::<Vec<_>>(), midnights);
        // Who is scheduled by the clock and who by a shift is the same person with the same luck.
        for (schedule, shift) in by_schedule.iter().zip(&by_shift) {
            assert_eq!(schedule.present, shift.present);
            // Binomial(400, 0.75): 8.7 either way is one deviation.
            assert!((260..340).contains(&shift.present), "{}", shift.present);
        }
        assert_ne!(by_shift[0].present, by_shift[1].present);
        assert_ne!(by_shift[1].present, by_shift[2].present);
    }

    #[test]
    fn a_team_that_all_comes_has_no_rows_at_midnight() {
        assert_eq!(rows_of(&group(0, 40), 72 * 3600).len(), 1);
    }

    #[test]
    fn the_absent_are_whole_agents() {
        assert_eq!(row(0, 10, 10, 5).without(0.25), row(0, 10, 7, 4));
        assert_eq!(row(0, 10, 10, 5).without(1.0), row(0, 10, 0, 0));
        assert_eq!(row(0, 10, 10, 5).without(0.0), row(0, 10, 10, 5));
    }
}

//! The end of a replication: leaves are summed by contact, queue and kind, intervals by run.

use super::Ledger;
use super::calls::{Flags, Leaf, Part, Sign};
use super::served::Served;
use crate::column::{AtLevel, Cells, Column, LEAF_COLUMNS, LEAF_LEVEL_COLUMNS, Table};
use crate::frame::Frame;
use crate::kpi::service::service_level;
use crate::spread::{Waits, WaitsKey};
use crate::totals::Totals;
use acd::kpi::Scope;
use acd::{AttemptKind, CallId, ContactId, QueueId, Timestamp};

const KINDS: usize = AttemptKind::ALL.len();

impl Ledger {
    /// Ends the replication at `now`, the end of the last call (or the length, if later), and sums everything.
    #[must_use]
    pub fn finish(mut self, now: Timestamp) -> Totals {
        let now = now.0;
        if now >= self.until {
            self.roll(now);
        }
        self.settle(now.max(self.since));
        self.count_unfinished(now);
        let Self { frame, leaves, centre, groups, pairs, mut totals, .. } = self;
        for leaf in leaves.all() {
            add_leaf(&frame, leaf, &mut totals);
            totals.spread.waits.push(waits(&frame, leaf));
        }
        add_door(&frame, &centre.door, |_| true, &mut totals);
        add_served(&frame, &groups, &pairs, &mut totals);
        judge_intervals(&frame, &mut totals);
        for table in [
            &mut totals.all,
            &mut totals.queues,
            &mut totals.contacts,
            &mut totals.agents,
            &mut totals.sites,
            &mut totals.pairs,
        ] {
            sum_run(&frame, table);
        }
        let run = frame.run();
        totals.times[run] = totals.times[..frame.intervals].iter().sum();
        finish_spread(&frame, &mut totals);
        totals
    }

    /// Counts calls that still wait: offered, without an outcome, with their wait so far.
    fn count_unfinished(&mut self, now: u64) {
        let unfinished: Vec<(CallId, u64)> = self
            .calls
            .slots()
            .iter()
            .enumerate()
            .filter(|(_, state)| {
                state.flags.has(Flags::OFFERED) && !state.flags.has(Flags::COUNTED)
            })
            .map(|(slot, state)| {
                let call = CallId { slot: slot as u32, age: state.age };
                (call, now.saturating_sub(state.since))
            })
            .collect();
        for (call, wait) in unfinished {
            self.count(call, None, wait, 0, Sign::Add);
        }
    }
}

/// Which tables a leaf's rows add to.
pub(super) fn add_leaf(frame: &Frame, leaf: &Leaf, totals: &mut Totals) {
    let (contact, queue, kind) =
        (usize::from(leaf.contact), usize::from(leaf.queue), leaf.kind as usize);
    let (for_queue, for_contact) = match leaf.part {
        Part::Own => (true, true),
        Part::Moved => (false, true),
        Part::Passing => (true, false),
    };
    for span in 0..=frame.after_close() {
        let row = leaf.read(span);
        if row.iter().all(|cell| *cell == 0) {
            continue;
        }
        if for_queue {
            add_row(&mut totals.queues, (queue, span), row);
            add_queue_levels(frame, &mut totals.queues, (queue, span), row);
        }
        if for_contact {
            for (table, scope) in [(&mut totals.all, 0), (&mut totals.contacts, contact)] {
                add_row(table, (scope, span), row);
                add_shared_levels(frame, queue, table, (scope, span), row);
            }
            let is_in_window = span < frame.intervals;
            for scope in [kind, (contact + 1) * KINDS + kind] {
                let table = &mut totals.attempts;
                add_attempt_row(table, scope, row, is_in_window);
                add_shared_levels(frame, queue, table, (scope, 0), row);
            }
        }
    }
}

/// Takes a leaf's waits.
pub(super) fn waits(frame: &Frame, leaf: &Leaf) -> Waits {
    let key = WaitsKey {
        part: leaf.part as u8,
        contact: leaf.contact,
        queue: leaf.queue,
        kind: leaf.kind as u8,
    };
    Waits {
        key,
        both: leaf.both.sparse(),
        answered_only: leaf.answered_only.sparse(),
        rest: leaf.rest.sparse(),
        sum: (0..=frame.after_close()).map(|span| leaf.read(span)[Column::WaitAll as usize]).sum(),
        squares: leaf.squares,
    }
}

fn add_row(table: &mut Table, (scope, span): (usize, usize), row: &[u64]) {
    for column in &Column::ALL[..LEAF_COLUMNS] {
        let amount = row[*column as usize];
        if *column == Column::MaxWait {
            table.raise(scope, span, *column, amount);
        } else {
            table.add(scope, span, *column, amount);
        }
    }
}

/// Attempt kinds are summed by run at once.
fn add_attempt_row(table: &mut Table, scope: usize, row: &[u64], is_in_window: bool) {
    for column in &Column::ALL[..LEAF_COLUMNS] {
        let amount = row[*column as usize];
        match run_rule(*column) {
            RunRule::Largest => table.raise(scope, 0, *column, amount),
            RunRule::Sum => table.add(scope, 0, *column, amount),
            RunRule::Window if is_in_window => table.add(scope, 0, *column, amount),
            RunRule::Window | RunRule::LargestInWindow | RunRule::Last | RunRule::Made => {}
        }
    }
}

fn leaf_level(row: &[u64], level: usize) -> &[u64] {
    let start = LEAF_COLUMNS + level * LEAF_LEVEL_COLUMNS;
    &row[start..start + LEAF_LEVEL_COLUMNS]
}

fn add_levels(
    table: &mut Table,
    (scope, span): (usize, usize),
    slot: usize,
    counts: &[u64],
    row: &[u64],
) {
    let start = table.layout.level_position(slot, AtLevel::InTime);
    let beside =
        [Column::Offered, Column::Answered, Column::ShortAbandoned].map(|c| row[c as usize]);
    let cells = &mut table.row_mut(scope, span)[start..];
    for (cell, amount) in cells.iter_mut().zip(counts.iter().chain(&beside)) {
        *cell = cell.wrapping_add(*amount);
    }
}

fn add_queue_levels(frame: &Frame, table: &mut Table, place: (usize, usize), row: &[u64]) {
    let queue = &frame.queues[place.0];
    for level in 0..queue.levels.len() {
        add_levels(table, place, level, leaf_level(row, level), row);
    }
    if let Some(target) = queue.target {
        add_target(table, place, target, row);
    }
}

/// Adds the levels of a queue's calls where queues are taken together: each judged by its own first, then at those all have.
fn add_shared_levels(
    frame: &Frame,
    queue: usize,
    table: &mut Table,
    place: (usize, usize),
    row: &[u64],
) {
    let queue = &frame.queues[queue];
    if queue.has_own {
        add_levels(table, place, 0, leaf_level(row, 0), row);
    }
    for (slot, level) in frame.common_levels.iter().enumerate() {
        if let Some(own) = queue.levels.iter().position(|other| other == level) {
            add_levels(table, place, slot + 1, leaf_level(row, own), row);
        }
    }
    if let Some(target) = queue.target {
        add_target(table, place, target, row);
    }
}

fn add_target(table: &mut Table, (scope, span): (usize, usize), target: u64, row: &[u64]) {
    let offered = row[Column::Offered as usize];
    table.add(scope, span, Column::TargetWeight, offered * target);
    table.add(scope, span, Column::TargetOffered, offered);
}

/// Adds what happened at the door by contact, kind and in all.
/// Adds what happened at the door for the contacts that count.
pub(super) fn add_door(
    frame: &Frame,
    door: &Table,
    counts: impl Fn(usize) -> bool,
    totals: &mut Totals,
) {
    let columns = Column::ALL.iter().filter(|column| door.layout.position(**column).is_some());
    for column in columns {
        for scope in 0..door.scopes() {
            let (contact, kind) = (scope / KINDS, scope % KINDS);
            if !counts(contact) {
                continue;
            }
            for span in 0..=frame.after_close() {
                let amount = door.get(scope, span, *column);
                add_at_door(totals, (contact, kind, span), *column, amount, frame);
                if *column == Column::Attempts {
                    let by_kind =
                        [Column::FreshAttempts, Column::Redials, Column::Reconnects][kind];
                    add_at_door(totals, (contact, kind, span), by_kind, amount, frame);
                }
            }
        }
    }
}

fn add_at_door(
    totals: &mut Totals,
    (contact, kind, span): (usize, usize, usize),
    column: Column,
    amount: u64,
    frame: &Frame,
) {
    if amount == 0 {
        return;
    }
    totals.all.add(0, span, column, amount);
    totals.contacts.add(contact, span, column, amount);
    if run_rule(column) == RunRule::Window && span >= frame.intervals {
        return;
    }
    totals.attempts.add(kind, 0, column, amount);
    totals.attempts.add((contact + 1) * KINDS + kind, 0, column, amount);
}

/// Adds what agents did for calls; their states are there already.
pub(super) fn add_served(frame: &Frame, groups: &Served, pairs: &Served, totals: &mut Totals) {
    groups.add_to(&mut totals.agents);
    groups.add_to_sites(&frame.groups, &mut totals.sites);
    pairs.add_to(&mut totals.pairs);
}

/// Completes what variances and quantiles are made of.
pub(super) fn finish_spread(frame: &Frame, totals: &mut Totals) {
    let run = frame.run();
    let Totals { spread, times, all, agents, .. } = totals;
    spread.replications = 1;
    spread.time = times[run];
    spread.waits.sort_by_key(|waits| waits.key);
    let busy = |table: &Table, scope: usize| {
        [Column::Talking, Column::Held, Column::AfterCall]
            .iter()
            .map(|column| u128::from(table.get(scope, run, *column)))
            .sum()
    };
    spread.busy[0].time = busy(all, 0);
    for group in 0..frame.groups.len() {
        spread.busy[group + 1].time = busy(agents, group);
    }
}

/// Counts the intervals whose service level met the target, by scope.
fn judge_intervals(frame: &Frame, totals: &mut Totals) {
    let run = frame.run();
    let queues = (0..frame.queues.len()).map(|q| Scope::Queue(QueueId::new(q)));
    let contacts = (0..frame.contacts).map(|c| Scope::Contact(ContactId::new(c)));
    for scope in [Scope::All].into_iter().chain(queues).chain(contacts) {
        let Some(slot) = frame.level_slot(scope, None) else { continue };
        let definition = frame.definition_of(scope);
        let Some((table, number)) = totals.table_mut(scope) else { continue };
        let (mut judged, mut met) = (0, 0);
        for span in 0..frame.intervals {
            let cells = Cells { layout: &table.layout, row: table.row(number, span), time: 0 };
            let offered = cells.get(Column::TargetOffered);
            let (served, of) = service_level(definition, &cells, slot);
            if offered == 0.0 || of == 0.0 {
                continue;
            }
            judged += 1;
            let target = cells.get(Column::TargetWeight) / offered / 1e6;
            // Targets are held in millionths: a share equal to its target must not fail by a rounding.
            met += u64::from(served / of >= target - 5e-7);
        }
        table.add(number, run, Column::IntervalsJudged, judged);
        table.add(number, run, Column::IntervalsMet, met);
    }
}

/// How a column's run is made from its intervals and the time after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RunRule {
    /// Calls: every span.
    Sum,
    /// Flows and states: the intervals only.
    Window,
    /// The largest of every span.
    Largest,
    /// The largest of the intervals.
    LargestInWindow,
    /// That of the last interval.
    Last,
    /// Made by itself.
    Made,
}

fn run_rule(column: Column) -> RunRule {
    let is_clock_time = |c: Column| {
        let c = c as usize;
        (Column::AnsweredIn as usize..=Column::Acw as usize).contains(&c)
            || (Column::Ready as usize..=Column::NoReady as usize).contains(&c)
            || (Column::TrunkTime as usize..=Column::SystemTime as usize).contains(&c)
            || c == Column::OrbitTime as usize
            || c == Column::QueueTime as usize
            || c == Column::CallbackListTime as usize
    };
    if column == Column::MaxWait {
        RunRule::Largest
    } else if column == Column::MaxQueue {
        RunRule::LargestInWindow
    } else if column == Column::SystemEnd {
        RunRule::Last
    } else if matches!(column, Column::IntervalsMet | Column::IntervalsJudged) {
        RunRule::Made
    } else if is_clock_time(column) {
        RunRule::Window
    } else {
        RunRule::Sum
    }
}

/// Fills the row of the whole run; drops what the warm-up left in its place.
pub(super) fn sum_run(frame: &Frame, table: &mut Table) {
    let (run, after) = (frame.run(), frame.after_close());
    for scope in 0..table.scopes() {
        let mut sums = vec![0_u64; table.layout.stride()];
        for column in Column::ALL {
            let Some(position) = table.layout.position(*column) else { continue };
            let cell = |span: usize| table.row(scope, span)[position];
            sums[position] = match run_rule(*column) {
                RunRule::Sum => (0..=after).map(cell).fold(0, u64::wrapping_add),
                RunRule::Window => (0..after).map(cell).fold(0, u64::wrapping_add),
                RunRule::Largest => (0..=after).map(cell).max().unwrap_or(0),
                RunRule::LargestInWindow => (0..after).map(cell).max().unwrap_or(0),
                RunRule::Last => cell(after.saturating_sub(1)),
                RunRule::Made => cell(run),
            };
        }
        let levels = table.layout.level_position(0, AtLevel::InTime);
        for (position, sum) in sums.iter_mut().enumerate().skip(levels) {
            *sum = (0..=after).map(|span| table.row(scope, span)[position]).sum();
        }
        table.row_mut(scope, run).copy_from_slice(&sums);
    }
}

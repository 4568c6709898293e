//! Figures over the last minutes, while the run goes on: what the duty manager's triggers look at.
//!
//! A watch keeps its own ledger, without intervals, and remembers what it held at earlier moments. A figure over
//! a window is its formula, applied to the difference. A call counts once its fate is known: answered or left;
//! for service level and `p_wait_gt` also once its time to be served has passed.

use crate::column::{AtLevel, Cells, Column, Layout};
use crate::frame::{Frame, Span};
use crate::kpi::{self, Formula};
use crate::ledger::{Ledger, Regard};
use crate::spread::Sample;
use crate::totals::{Totals, divide};
use crate::{Context, Fact};
use acd::kpi::{Condition, Kpi, Selector};
use acd::{SECOND, Timestamp};
use std::collections::VecDeque;
use std::sync::Arc;

/// How often triggers are looked at.
const SAMPLING: u64 = 60 * SECOND;
/// The finest grid on which earlier moments are remembered.
const GRID_MIN: u64 = SECOND;
/// The most earlier moments remembered for the longest window.
const MOMENTS_MAX: u64 = 3600;

/// What one condition looks at.
#[derive(Debug)]
struct Monitor {
    kpi: Kpi,
    selector: Selector,
    /// Length of the window, µs; `None`: since the beginning.
    last: Option<u64>,
    slot: Option<usize>,
    /// Whether it can be asked for at all.
    is_known: bool,
}

/// What a condition's part of the centre had come to at a moment.
#[derive(Debug, Clone, Default)]
struct Memory {
    row: Vec<u64>,
    sample: Option<Sample>,
}

/// A moment remembered: one memory for each condition.
#[derive(Debug)]
struct Moment {
    at: u64,
    memories: Vec<Memory>,
}

/// Computes the figures of conditions over sliding windows.
#[derive(Debug)]
pub struct Watch {
    frame: Arc<Frame>,
    ledger: Ledger,
    regard: Regard,
    monitors: Vec<Monitor>,
    moments: VecDeque<Moment>,
    grid: u64,
    /// The next moment on the grid.
    next: u64,
    longest: u64,
    /// Whether a fact was recorded since the last moment.
    has_news: bool,
}

impl Watch {
    /// Makes a watch over conditions; they are asked for by their position.
    ///
    /// Windows begin on a grid that divides every window and the minute, at the finest a second.
    #[must_use]
    pub fn new(context: &Context, conditions: &[Condition]) -> Self {
        let frame = Arc::new(Frame::for_watch(context, conditions));
        let monitors: Vec<Monitor> = conditions.iter().map(|c| Monitor::new(&frame, c)).collect();
        let longest = monitors.iter().filter_map(|monitor| monitor.last).max().unwrap_or(0);
        let grid = monitors.iter().filter_map(|m| m.last).fold(SAMPLING, greatest_common_divisor);
        let grid = grid.max(GRID_MIN).max(longest / MOMENTS_MAX);
        let next = if monitors.is_empty() { u64::MAX } else { 0 };
        let waits = monitors.iter().any(Monitor::is_statistic);
        Self {
            regard: Regard::new(&frame, monitors.iter().map(|monitor| monitor.selector), waits),
            ledger: Ledger::of(Arc::clone(&frame)),
            frame,
            monitors,
            moments: VecDeque::new(),
            grid,
            next,
            longest,
            has_news: false,
        }
    }

    /// Records a fact that happened at `now`. Without conditions this costs nothing.
    #[inline]
    pub fn record(&mut self, now: Timestamp, fact: &Fact<'_>) {
        if self.monitors.is_empty() {
            return;
        }
        if now.0 >= self.next {
            self.remember_until(now.0);
        }
        self.ledger.record(now, fact);
        self.has_news = true;
    }

    /// Returns the figure of a condition over its window up to `now`.
    ///
    /// `None` where the window is empty, the figure does not apply or a window of it makes no sense.
    pub fn value(&mut self, index: usize, now: Timestamp) -> Option<f64> {
        if self.monitors.get(index).is_none_or(|monitor| !monitor.is_known) {
            return None;
        }
        self.look(now.0);
        let monitor = &self.monitors[index];
        let from = monitor.last.map_or(0, |last| now.0.saturating_sub(last));
        let start = self.moments.iter().rev().find(|moment| moment.at <= from);
        self.over_window(index, start, self.moments.back()?)
    }

    /// Makes sure that the last moment remembered is this one, with all its facts.
    fn look(&mut self, now: u64) {
        if now > self.next {
            self.remember_until(now - 1);
        }
        let is_here = self.moments.back().is_some_and(|moment| moment.at == now);
        if is_here && !self.has_news {
            return;
        }
        let mut present = self.moment(now);
        if is_here && let Some(before) = self.moments.pop_back() {
            present.raise(&before, &self.monitors, &self.frame);
        }
        self.moments.push_back(present);
        self.has_news = false;
        if self.next == now {
            self.next += self.grid;
        }
    }

    #[cold]
    fn remember_until(&mut self, now: u64) {
        while self.next <= now {
            let moment = self.moment(self.next);
            self.moments.push_back(moment);
            self.next += self.grid;
        }
        let Some(oldest) = now.checked_sub(self.longest) else { return };
        // The last moment at or before the window's beginning is its start.
        while self.moments.get(1).is_some_and(|moment| moment.at <= oldest) {
            self.moments.pop_front();
        }
    }

    fn moment(&mut self, now: u64) -> Moment {
        let totals = self.ledger.peek(now, &self.regard);
        let memories = self.monitors.iter().map(|monitor| {
            let Some(cells) = monitor.cells(&totals) else { return Memory::default() };
            let mut row = cells.row.to_vec();
            if let Some(slot) = monitor.slot {
                let over = self.ledger.waiting_longer(now, monitor.selector, slot);
                for column in [AtLevel::Offered, AtLevel::Over] {
                    row[cells.layout.level_position(slot, column)] += over;
                }
            }
            let sample = monitor.is_statistic().then(|| totals.spread.of(monitor.selector));
            Memory { row, sample }
        });
        Moment { at: now, memories: memories.collect() }
    }

    fn over_window(&self, index: usize, start: Option<&Moment>, present: &Moment) -> Option<f64> {
        let monitor = &self.monitors[index];
        let layout = monitor.layout(&self.frame);
        let memory = &present.memories[index];
        let began = start.map_or(0, |start| start.at);
        let zero = Memory::default();
        let earlier = start.map_or(&zero, |start| &start.memories[index]);
        let mut row = memory.row.clone();
        for (cell, before) in row.iter_mut().zip(&earlier.row) {
            *cell = cell.wrapping_sub(*before);
        }
        for column in [Column::MaxWait, Column::MaxQueue] {
            let Some(position) = layout.position(column) else { continue };
            let within = self.moments.iter().filter(|moment| moment.at > began);
            let largest = within.map(|moment| moment.memories[index].row[position]).max();
            row[position] = largest.unwrap_or(0).max(memory.row[position]);
        }
        if let Some(position) = layout.position(Column::SystemEnd) {
            row[position] = memory.row[position];
        }
        let cells = Cells { layout: &layout, row: &row, time: present.at - began };
        match kpi::formula(monitor.kpi) {
            Formula::Count(count) => Some(count(&cells)),
            Formula::Ratio(ratio) => divide(ratio(&cells)),
            Formula::AtLevel(level) => {
                let definition = self.frame.definition_of(monitor.selector.scope);
                divide(level(definition, &cells, monitor.slot?))
            }
            Formula::Statistic(statistic) => {
                let without = earlier.sample.clone().unwrap_or_default();
                memory.sample.as_ref()?.statistics(&without).get(statistic)
            }
            Formula::Worst | Formula::Traffic(..) | Formula::NotFed => None,
        }
    }
}

impl Moment {
    /// Takes over what was largest from an earlier look at the same moment: looking began it anew.
    fn raise(&mut self, before: &Self, monitors: &[Monitor], frame: &Frame) {
        for ((memory, before), monitor) in
            self.memories.iter_mut().zip(&before.memories).zip(monitors)
        {
            let layout = monitor.layout(frame);
            for column in [Column::MaxWait, Column::MaxQueue] {
                let Some(position) = layout.position(column) else { continue };
                // What is not known has no row.
                if let Some(before) = before.row.get(position) {
                    memory.row[position] = memory.row[position].max(*before);
                }
            }
        }
    }
}

impl Monitor {
    fn new(frame: &Frame, condition: &Condition) -> Self {
        let (kpi, selector) = (condition.kpi, condition.selector);
        let formula = kpi::formula(kpi);
        let needs_slot = matches!(formula, Formula::AtLevel(_));
        let slot =
            if needs_slot { frame.level_slot(selector.scope, condition.threshold) } else { None };
        let makes_sense =
            !matches!(formula, Formula::Worst | Formula::Traffic(..) | Formula::NotFed)
                && kpi != Kpi::IntervalsMet;
        Self {
            kpi,
            selector,
            last: condition.last.map(|last| last.0),
            slot,
            is_known: makes_sense
                && kpi::applies(kpi, selector, Span::Run)
                && (!needs_slot || slot.is_some()),
        }
    }

    fn is_statistic(&self) -> bool {
        matches!(kpi::formula(self.kpi), Formula::Statistic(_))
    }

    fn cells<'a>(&self, totals: &'a Totals) -> Option<Cells<'a>> {
        let span = if self.selector.attempt.is_some() { Span::Run } else { Span::Interval(0) };
        totals.cells(self.selector, span)
    }

    fn layout(&self, frame: &Frame) -> Layout {
        Layout::of(self.selector, frame)
    }
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

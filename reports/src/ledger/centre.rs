//! What is in the centre: calls in queues, IVR, talk; lines; callbacks on the list; callers who will call again.

use crate::column::{Column, Layout, Table};
use crate::frame::Frame;
use crate::level::Level;
use crate::totals::Totals;
use acd::AttemptKind;

/// A waiting line and the most that stood in it.
#[derive(Debug, Clone, Copy, Default)]
struct Line {
    waiting: Level,
    most: i64,
}

impl Line {
    #[inline]
    fn up(&mut self, now: u64) {
        self.waiting.up(now);
        self.most = self.most.max(self.waiting.count());
    }
}

/// The levels of the centre.
#[derive(Debug)]
pub(crate) struct Centre {
    queues: Vec<Line>,
    all: Line,
    callback_lists: Vec<Level>,
    pub(crate) in_ivr: Level,
    pub(crate) in_system: Level,
    trunks: Level,
    site_trunks: Vec<Level>,
    /// By contact and kind of attempt.
    orbits: Vec<Level>,
    /// By contact and kind of attempt: what happened at the door.
    pub(crate) door: Table,
}

const KINDS: usize = AttemptKind::ALL.len();

impl Centre {
    pub(crate) fn new(frame: &Frame) -> Self {
        Self {
            queues: vec![Line::default(); frame.queues.len()],
            all: Line::default(),
            callback_lists: vec![Level::default(); frame.queues.len()],
            in_ivr: Level::default(),
            in_system: Level::default(),
            trunks: Level::default(),
            site_trunks: vec![Level::default(); frame.sites],
            orbits: vec![Level::default(); frame.contacts * KINDS],
            door: Table::new(Layout::door(), frame.contacts * KINDS, frame.spans()),
        }
    }

    /// A call joins a waiting line.
    #[inline]
    pub(crate) fn wait(&mut self, now: u64, queue: usize) {
        self.queues[queue].up(now);
        self.all.up(now);
    }

    /// A call leaves a waiting line.
    #[inline]
    pub(crate) fn leave_line(&mut self, now: u64, queue: usize) {
        self.queues[queue].waiting.down(now);
        self.all.waiting.down(now);
    }

    pub(crate) fn list_callback(&mut self, now: u64, queue: usize) {
        self.callback_lists[queue].up(now);
    }

    pub(crate) fn unlist_callback(&mut self, now: u64, queue: usize) {
        self.callback_lists[queue].down(now);
    }

    /// A call takes a line.
    #[inline]
    pub(crate) fn take_line(&mut self, now: u64, site: Option<usize>) {
        self.trunks.up(now);
        if let Some(trunks) = site.and_then(|site| self.site_trunks.get_mut(site)) {
            trunks.up(now);
        }
    }

    /// A call frees its line.
    #[inline]
    pub(crate) fn free_line(&mut self, now: u64, site: Option<usize>) {
        self.trunks.down(now);
        if let Some(trunks) = site.and_then(|site| self.site_trunks.get_mut(site)) {
            trunks.down(now);
        }
    }

    /// A caller will call again.
    pub(crate) fn enter_orbit(&mut self, now: u64, contact: usize, kind: AttemptKind) {
        self.orbits[contact * KINDS + kind as usize].up(now);
    }

    /// A caller calls again, or never will. Where nobody tells who will, the orbit stays empty.
    pub(crate) fn leave_orbit(&mut self, now: u64, contact: usize, kind: AttemptKind) {
        let orbit = &mut self.orbits[contact * KINDS + kind as usize];
        if orbit.count() > 0 {
            orbit.down(now);
        }
    }

    /// Counts something at the door.
    #[inline]
    pub(crate) fn count_at_door(&mut self, contact: u16, kind: u8, span: u32, column: Column) {
        let scope = usize::from(contact) * KINDS + usize::from(kind);
        let position = column as usize - Column::Attempts as usize;
        self.door.row_mut(scope, span as usize)[position] += 1;
    }

    /// Adds what happened since the last roll to a span.
    pub(crate) fn roll(&mut self, now: u64, span: usize, totals: &mut Totals) {
        for (number, line) in self.queues.iter_mut().enumerate() {
            totals.queues.add(number, span, Column::QueueTime, line.waiting.take(now));
            totals.queues.raise(number, span, Column::MaxQueue, line.most.unsigned_abs());
            line.most = line.waiting.count().max(0);
            let listed = self.callback_lists[number].take(now);
            totals.queues.add(number, span, Column::CallbackListTime, listed);
            totals.all.add(0, span, Column::CallbackListTime, listed);
        }
        totals.all.add(0, span, Column::QueueTime, self.all.waiting.take(now));
        totals.all.raise(0, span, Column::MaxQueue, self.all.most.unsigned_abs());
        self.all.most = self.all.waiting.count().max(0);
        totals.all.add(0, span, Column::IvrTime, self.in_ivr.take(now));
        totals.all.add(0, span, Column::SystemTime, self.in_system.take(now));
        totals.all.add(0, span, Column::SystemEnd, self.in_system.count().max(0).unsigned_abs());
        totals.all.add(0, span, Column::TrunkTime, self.trunks.take(now));
        for (site, trunks) in self.site_trunks.iter_mut().enumerate() {
            totals.sites.add(site, span, Column::TrunkTime, trunks.take(now));
        }
        for (scope, orbit) in self.orbits.iter_mut().enumerate() {
            self.door.add(scope, span, Column::OrbitTime, orbit.take(now));
        }
    }
}

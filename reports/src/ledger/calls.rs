//! The calls under way, and what is counted when their fate is known.

use crate::column::{AtLevel, Column, LEAF_COLUMNS, LEAF_LEVEL_COLUMNS};
use crate::frame::{Frame, QueueFrame};
use crate::histogram::Histogram;
use acd::{AttemptKind, CallId, Outcome};

/// What is known about a call, by bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Flags(u16);

impl Flags {
    /// In the IVR now.
    pub(crate) const IN_IVR: u16 = 1;
    /// Counted among the calls in the system now.
    pub(crate) const IN_SYSTEM: u16 = 1 << 1;
    /// Holds a line now.
    pub(crate) const HOLDS_LINE: u16 = 1 << 2;
    /// Reached a queue.
    pub(crate) const OFFERED: u16 = 1 << 3;
    /// Got no offer in the event that enqueued it first.
    pub(crate) const WAITED: u16 = 1 << 4;
    /// Got no offer in the event that enqueued it where it is now.
    pub(crate) const WAITED_HERE: u16 = 1 << 5;
    /// Moved by overflow.
    pub(crate) const MOVED: u16 = 1 << 6;
    /// Accepted a callback that keeps the place.
    pub(crate) const CALLBACK: u16 = 1 << 7;
    /// Accepted it in the queue where it is now.
    pub(crate) const CALLBACK_HERE: u16 = 1 << 8;
    /// Its fate is counted.
    pub(crate) const COUNTED: u16 = 1 << 9;
    /// Was put on the callback list.
    pub(crate) const LISTED: u16 = 1 << 10;
    /// Is on the callback list now.
    pub(crate) const ON_LIST: u16 = 1 << 11;

    #[inline]
    pub(crate) fn has(self, bits: u16) -> bool {
        self.0 & bits != 0
    }

    #[inline]
    pub(crate) fn set(&mut self, bits: u16) {
        self.0 |= bits;
    }

    /// Clears bits; returns whether any was set.
    #[inline]
    pub(crate) fn clear(&mut self, bits: u16) -> bool {
        let had = self.has(bits);
        self.0 &= !bits;
        had
    }
}

/// No site, no leaf.
pub(crate) const NOWHERE: u32 = u32::MAX;
/// A call that holds no site's line.
pub(crate) const NO_SITE: u16 = u16::MAX;

/// A call under way, by its slot. One cache line: in a large centre each call met is a miss.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
pub(crate) struct Call {
    /// First queue entry, or the last sending back; when listed, the moment of listing.
    pub(crate) since: u64,
    /// Waits before sendings back.
    pub(crate) earlier: u64,
    /// The last answer's wait.
    pub(crate) wait: u64,
    /// The last answer's ringing; at most 71 minutes are kept, and no offer rings longer than one hour.
    pub(crate) ring: u32,
    pub(crate) age: u32,
    /// Leaf of the contact in the queue where the call is.
    pub(crate) leaf: u32,
    /// Span of the attempt.
    pub(crate) attempt_span: u32,
    /// Span of the first queue entry.
    pub(crate) first_span: u32,
    /// Span of the entry to the queue where the call is.
    pub(crate) entry_span: u32,
    /// Span of the answer.
    pub(crate) answer_span: u32,
    pub(crate) site: u16,
    pub(crate) contact: u16,
    pub(crate) first_queue: u16,
    pub(crate) queue: u16,
    pub(crate) flags: Flags,
    /// Moves by overflow.
    pub(crate) moves: u8,
    pub(crate) kind: u8,
}

impl Call {
    /// Returns the site whose line it holds.
    #[inline]
    pub(crate) fn line(&self) -> Option<usize> {
        (self.site != NO_SITE).then_some(usize::from(self.site))
    }
}

/// The calls under way.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    slots: Vec<Call>,
}

impl Calls {
    /// Returns a call that arrived and was not replaced since.
    #[inline]
    pub(crate) fn get(&mut self, call: CallId) -> Option<&mut Call> {
        self.slots.get_mut(call.index()).filter(|state| state.age == call.age)
    }

    /// Begins a call in its slot.
    #[inline]
    pub(crate) fn begin(&mut self, call: CallId) -> &mut Call {
        if self.slots.len() <= call.index() {
            self.slots.resize(call.index() + 1, Call::default());
        }
        let state = &mut self.slots[call.index()];
        *state = Call { age: call.age, leaf: NOWHERE, site: NO_SITE, ..Call::default() };
        state
    }

    /// Returns every slot.
    pub(crate) fn slots(&self) -> &[Call] {
        &self.slots
    }
}

/// Whether a fate is counted or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Counted.
    Add,
    /// Taken back: the call was sent back to its queue.
    Remove,
}

/// What became of a call in a queue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fate {
    /// `None`: moved on by overflow, or not known at the end.
    pub(crate) outcome: Option<Outcome>,
    /// The wait that service level and ASA use, µs.
    pub(crate) last: u64,
    /// All its waits, µs.
    pub(crate) total: u64,
    /// Ringing before the answer, µs.
    pub(crate) ring: u64,
    pub(crate) waited: bool,
    pub(crate) callback: bool,
    pub(crate) moves_in: u64,
    pub(crate) moves_out: u64,
}

/// Which calls a leaf's rows are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Calls of a contact and kind whose only queue this was; and what happened in this queue by clock time.
    Own,
    /// Calls of a contact and kind that entered this queue first and moved on: for `all` and contacts only.
    Moved,
    /// What calls that moved did in this queue: for the queue only.
    Passing,
}

/// Rows by interval of what is counted together.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    pub(crate) part: Part,
    pub(crate) contact: u16,
    pub(crate) queue: u16,
    pub(crate) kind: AttemptKind,
    rows: Vec<u64>,
    stride: usize,
    /// Waits of calls answered at the first try: they count among the answered and among all.
    pub(crate) both: Histogram,
    /// Waits that count among the answered only: the last of those sent back.
    pub(crate) answered_only: Histogram,
    /// Waits that count among all only.
    pub(crate) rest: Histogram,
    /// Sum of squares of all waits, µs².
    pub(crate) squares: u128,
}

impl Leaf {
    /// Returns a span's row.
    #[inline]
    pub(crate) fn row(&mut self, span: u32) -> &mut [u64] {
        let start = span as usize * self.stride;
        &mut self.rows[start..start + self.stride]
    }

    /// Reads a span's row.
    pub(crate) fn read(&self, span: usize) -> &[u64] {
        &self.rows[span * self.stride..(span + 1) * self.stride]
    }

    /// Counts a fate, or takes it back.
    #[inline]
    pub(crate) fn count(&mut self, span: u32, queue: &QueueFrame, fate: &Fate, sign: Sign) {
        let one = match sign {
            Sign::Add => 1,
            Sign::Remove => u64::MAX,
        };
        count_row(self.row(span), queue, fate, one);
        let square = u128::from(fate.total) * u128::from(fate.total);
        let (last, total) = match fate.outcome {
            Some(Outcome::Answered) if fate.last == fate.total => {
                return match sign {
                    Sign::Add => {
                        self.both.add(fate.total);
                        self.squares += square;
                    }
                    Sign::Remove => {
                        self.both.remove(fate.total);
                        self.squares -= square;
                    }
                };
            }
            Some(Outcome::Answered) => (Some(fate.last), fate.total),
            Some(_) | None => (None, fate.total),
        };
        match sign {
            Sign::Add => {
                last.into_iter().for_each(|last| self.answered_only.add(last));
                self.rest.add(total);
                self.squares += square;
            }
            Sign::Remove => {
                last.into_iter().for_each(|last| self.answered_only.remove(last));
                self.rest.remove(total);
                self.squares -= square;
            }
        }
    }
}

/// Adds `one` call (or takes it back, with the wrapped −1) to a row.
#[inline]
fn count_row(row: &mut [u64], queue: &QueueFrame, fate: &Fate, one: u64) {
    let mut add = |column: Column, amount: u64| {
        let cell = &mut row[column as usize];
        *cell = cell.wrapping_add(amount.wrapping_mul(one));
    };
    add(Column::Offered, 1);
    add(Column::WaitAll, fate.total);
    if fate.waited {
        add(Column::Waited, 1);
        add(Column::WaitIfWaited, fate.total);
    }
    if fate.callback {
        add(Column::Callbacks, 1);
    }
    if fate.moves_in | fate.moves_out != 0 {
        add(Column::OverflowedIn, fate.moves_in);
        add(Column::OverflowedOut, fate.moves_out);
    }
    if let Some(outcome) = fate.outcome {
        row[Column::Answered as usize + outcome as usize] =
            row[Column::Answered as usize + outcome as usize].wrapping_add(one);
    }
    let longest = &mut row[Column::MaxWait as usize];
    *longest = (*longest).max(fate.total);
    let in_level = match fate.outcome {
        Some(Outcome::Answered) => {
            row[Column::WaitAnswered as usize] =
                row[Column::WaitAnswered as usize].wrapping_add(fate.last.wrapping_mul(one));
            row[Column::Ring as usize] =
                row[Column::Ring as usize].wrapping_add(fate.ring.wrapping_mul(one));
            Some(AtLevel::InTime)
        }
        Some(Outcome::Abandoned) => {
            row[Column::WaitAbandoned as usize] =
                row[Column::WaitAbandoned as usize].wrapping_add(fate.last.wrapping_mul(one));
            if fate.last <= queue.short {
                row[Column::ShortAbandoned as usize] =
                    row[Column::ShortAbandoned as usize].wrapping_add(one);
            }
            Some(AtLevel::AbandonedInTime)
        }
        Some(_) | None => None,
    };
    for (level, cells) in
        queue.levels.iter().zip(row[LEAF_COLUMNS..].chunks_exact_mut(LEAF_LEVEL_COLUMNS))
    {
        if let Some(column) = in_level.filter(|_| fate.last <= *level) {
            cells[column as usize] = cells[column as usize].wrapping_add(one);
        }
        if fate.total > *level {
            cells[AtLevel::Over as usize] = cells[AtLevel::Over as usize].wrapping_add(one);
        }
    }
}

/// The leaves, made when first needed.
#[derive(Debug)]
pub(crate) struct Leaves {
    leaves: Vec<Leaf>,
    /// By contact: key of queue, kind and part, and the leaf. Contacts reach few queues, so a scan is short.
    by_contact: Vec<Vec<(u32, u32)>>,
    /// By queue: the leaf of calls passing.
    passing: Vec<u32>,
    spans: usize,
    stride: usize,
}

impl Leaves {
    /// One span more than the intervals and the time after: the warm-up's, whose counts are dropped.
    pub(crate) fn new(frame: &Frame) -> Self {
        Self {
            leaves: Vec::new(),
            by_contact: vec![Vec::new(); frame.contacts],
            passing: vec![NOWHERE; frame.queues.len()],
            spans: frame.intervals + 2,
            stride: LEAF_COLUMNS + frame.levels_max * LEAF_LEVEL_COLUMNS,
        }
    }

    /// Returns the leaf of a contact's calls of a kind in a queue, `Own` or `Moved`.
    #[inline]
    pub(crate) fn find(&mut self, contact: u16, queue: u16, kind: u8, part: Part) -> u32 {
        let key = u32::from(queue) << 3 | u32::from(kind) << 1 | u32::from(part == Part::Moved);
        match self.by_contact[usize::from(contact)].iter().find(|(other, _)| *other == key) {
            Some((_, leaf)) => *leaf,
            None => self.make(contact, queue, kind, part, key),
        }
    }

    #[cold]
    fn make(&mut self, contact: u16, queue: u16, kind: u8, part: Part, key: u32) -> u32 {
        let leaf = self.push(contact, queue, kind, part);
        self.by_contact[usize::from(contact)].push((key, leaf));
        leaf
    }

    /// Returns the leaf of calls that pass through a queue by overflow.
    pub(crate) fn passing(&mut self, queue: u16) -> u32 {
        if self.passing[usize::from(queue)] == NOWHERE {
            self.passing[usize::from(queue)] = self.push(0, queue, 0, Part::Passing);
        }
        self.passing[usize::from(queue)]
    }

    fn push(&mut self, contact: u16, queue: u16, kind: u8, part: Part) -> u32 {
        let number = self.leaves.len() as u32;
        self.leaves.push(Leaf {
            part,
            contact,
            queue,
            kind: AttemptKind::ALL[usize::from(kind)],
            rows: vec![0; self.spans * self.stride],
            stride: self.stride,
            both: Histogram::default(),
            answered_only: Histogram::default(),
            rest: Histogram::default(),
            squares: 0,
        });
        number
    }

    #[inline]
    pub(crate) fn get(&mut self, leaf: u32) -> &mut Leaf {
        &mut self.leaves[leaf as usize]
    }

    /// Begins the longest wait anew.
    pub(crate) fn forget_longest(&mut self) {
        for leaf in &mut self.leaves {
            for row in leaf.rows.chunks_exact_mut(self.stride) {
                row[Column::MaxWait as usize] = 0;
            }
        }
    }

    /// Returns every leaf, in the order in which they were first needed.
    pub(crate) fn all(&self) -> &[Leaf] {
        &self.leaves
    }
}

//! What variances and quantiles are made of: kept by group of replications, so that the jackknife can leave one out.

use crate::frame::Frame;
use crate::histogram::{Cumulated, Sparse};
use crate::ledger::calls::Part;
use acd::kpi::{Scope, Selector};

/// A figure that is neither a count nor a ratio of sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Statistic {
    /// Standard deviation of the wait of all offered calls.
    SdWait,
    /// Variance over time of the number of busy agents.
    VarBusy,
    /// A quantile of the wait of answered calls: its place in [`PERCENTS`].
    Wait(usize),
    /// A quantile of the wait of all offered calls.
    WaitAll(usize),
}

/// The quantiles reported, in hundredths.
pub(crate) const PERCENTS: [u64; 4] = [50, 90, 95, 99];

/// Whose waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WaitsKey {
    pub(crate) part: u8,
    pub(crate) contact: u16,
    pub(crate) queue: u16,
    pub(crate) kind: u8,
}

impl WaitsKey {
    /// Returns whether these waits belong to a scope, and its kind of attempt if it names one.
    fn belongs_to(self, selector: Selector) -> bool {
        let is_passing = self.part == Part::Passing as u8;
        let is_moved = self.part == Part::Moved as u8;
        let is_kind = selector.attempt.is_none_or(|kind| kind as u8 == self.kind);
        match selector.scope {
            Scope::All => !is_passing && is_kind,
            Scope::Contact(contact) => !is_passing && is_kind && self.contact == contact.0,
            Scope::Queue(queue) => !is_moved && self.queue == queue.0,
            Scope::Agents(_) | Scope::Site(_) | Scope::ContactAgents(..) => false,
        }
    }
}

/// The waits of one leaf of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Waits {
    pub(crate) key: WaitsKey,
    /// Of calls answered at the first try: they count among the answered and among all.
    pub(crate) both: Sparse,
    /// Among the answered only: the last wait of a call sent back.
    pub(crate) answered_only: Sparse,
    /// Among all only.
    pub(crate) rest: Sparse,
    /// Sum of all waits, µs.
    pub(crate) sum: u64,
    /// Sum of their squares, µs².
    pub(crate) squares: u128,
}

impl Waits {
    fn merge(&mut self, other: &Self) {
        self.both.merge(&other.both);
        self.answered_only.merge(&other.answered_only);
        self.rest.merge(&other.rest);
        self.sum += other.sum;
        self.squares += other.squares;
    }
}

/// The busy agents of a scope over time.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Busy {
    /// ∫ busy, agent-µs.
    pub(crate) time: u128,
    /// ∫ busy².
    pub(crate) squares: u128,
}

/// Waits and busy agents over the run of one or several replications.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Spread {
    pub(crate) replications: u32,
    /// Length of the run, summed over replications, µs.
    pub(crate) time: u64,
    /// By key, in order.
    pub(crate) waits: Vec<Waits>,
    /// Of the centre, then of each group.
    pub(crate) busy: Vec<Busy>,
}

impl Spread {
    pub(crate) fn new(frame: &Frame) -> Self {
        Self { busy: vec![Busy::default(); frame.groups.len() + 1], ..Self::default() }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.replications += other.replications;
        self.time += other.time;
        for waits in &other.waits {
            match self.waits.binary_search_by_key(&waits.key, |waits| waits.key) {
                Ok(place) => self.waits[place].merge(waits),
                Err(place) => self.waits.insert(place, waits.clone()),
            }
        }
        for (busy, more) in self.busy.iter_mut().zip(&other.busy) {
            busy.time += more.time;
            busy.squares += more.squares;
        }
    }

    /// Returns how many bytes the histograms take.
    pub(crate) fn size(&self) -> usize {
        let size =
            |waits: &Waits| waits.both.size() + waits.answered_only.size() + waits.rest.size();
        self.waits.iter().map(size).sum()
    }

    /// Sums what belongs to a selector.
    pub(crate) fn of(&self, selector: Selector) -> Sample {
        let mut sample = Sample { time: self.time, ..Sample::default() };
        let (mut both, mut answered, mut all) = Default::default();
        for waits in self.waits.iter().filter(|waits| waits.key.belongs_to(selector)) {
            Sparse::merge(&mut both, &waits.both);
            Sparse::merge(&mut answered, &waits.answered_only);
            Sparse::merge(&mut all, &waits.rest);
            sample.sum += waits.sum;
            sample.squares += waits.squares;
        }
        answered.merge(&both);
        all.merge(&both);
        (sample.answered, sample.all) = (answered.cumulated(), all.cumulated());
        sample.busy = match selector.scope {
            Scope::All => self.busy.first().copied().unwrap_or_default(),
            Scope::Agents(group) => self.busy.get(group.index() + 1).copied().unwrap_or_default(),
            Scope::Queue(_) | Scope::Contact(_) | Scope::Site(_) | Scope::ContactAgents(..) => {
                Busy::default()
            }
        };
        sample
    }
}

/// What the statistics of one selector are made of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sample {
    answered: Cumulated,
    all: Cumulated,
    sum: u64,
    squares: u128,
    busy: Busy,
    time: u64,
}

/// Every statistic of a selector.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Statistics {
    sd_wait: Option<f64>,
    var_busy: Option<f64>,
    wait: Option<[f64; PERCENTS.len()]>,
    wait_all: Option<[f64; PERCENTS.len()]>,
}

impl Sample {
    /// Computes every statistic, leaving a part of the replications out.
    pub(crate) fn statistics(&self, without: &Self) -> Statistics {
        let waits = (self.all.total() - without.all.total()) as f64;
        let variance = variance(
            u128::from(self.sum) - u128::from(without.sum),
            self.squares - without.squares,
            waits,
        );
        Statistics {
            sd_wait: variance.map(|variance| libm::sqrt(variance) / 1e6),
            var_busy: variance_of(
                self.busy.time - without.busy.time,
                self.busy.squares - without.busy.squares,
                self.time - without.time,
            ),
            wait: self.answered.quantiles(PERCENTS, &without.answered),
            wait_all: self.all.quantiles(PERCENTS, &without.all),
        }
    }
}

fn variance_of(sum: u128, squares: u128, over: u64) -> Option<f64> {
    variance(sum, squares, over as f64)
}

/// Mean of squares less square of the mean.
fn variance(sum: u128, squares: u128, over: f64) -> Option<f64> {
    let mean = sum as f64 / over;
    (over > 0.0).then(|| (squares as f64 / over - mean * mean).max(0.0))
}

impl Statistics {
    /// Returns one of them.
    pub(crate) fn get(&self, statistic: Statistic) -> Option<f64> {
        match statistic {
            Statistic::SdWait => self.sd_wait,
            Statistic::VarBusy => self.var_busy,
            Statistic::Wait(place) => self.wait.map(|quantiles| quantiles[place]),
            Statistic::WaitAll(place) => self.wait_all.map(|quantiles| quantiles[place]),
        }
    }
}

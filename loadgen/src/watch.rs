//! Whoever watches a run: gathers what the threads report, ends it in time, and judges the generator itself.

use crate::crowd::Going;
use crate::run::{Report, Run};
use crate::shell::Vitals;
use crate::units::micros;
use acd::kpi::{Kpi, Selector};
use reports::traffic::{Health, Live, TrafficLedger};
use reports::{Context, Summary};
use sip::Duration;
use std::sync::atomic::{AtomicBool, Ordering};

/// How long a target may say nothing while calls wait for it: as long as a request is repeated (64·T1, RFC 3261 §17.1).
const SILENCE_MAX: Duration = Duration::from_secs(32);

/// How much later than a call the loop may come round, 99.9 %: beyond it, retransmissions of ours are late, too.
const LOOP_LAGS: u32 = 10;

/// Most of a core that a thread may take before it is said; above it, it has no room for a burst.
const CPU_MAX: f64 = 0.9;

/// What a run is held to.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How late calls and frames of audio may be sent, 99 %.
    pub start_lag: Duration,
    /// How long calls may go on after the last one was due to start; then they are hung up.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { start_lag: Duration::from_millis(10), drain: Duration::from_secs(60) }
    }
}

/// Why a run ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The user asked for it.
    Asked,
    /// The target said nothing for half a minute.
    Silent,
    /// Calls went on for too long after the last one was started.
    Drained,
}

/// Gathers what a run's threads report.
pub struct Watch {
    ledger: TrafficLedger,
    limits: Limits,
    threads: Vec<Thread>,
    /// When all calls had been started.
    over_at: Option<Duration>,
    cut: Option<Cut>,
    now: Duration,
}

#[derive(Debug, Clone, Default)]
struct Thread {
    at: Duration,
    going: Going,
    vitals: Vitals,
}

impl Watch {
    /// Watches a run of so many threads.
    #[must_use]
    pub fn new(interval: acd::Duration, shards: usize, limits: Limits) -> Self {
        Self {
            ledger: TrafficLedger::new(interval),
            limits,
            threads: vec![Thread::default(); shards],
            over_at: None,
            cut: None,
            now: Duration::ZERO,
        }
    }

    /// Waits for one report at most `within`; returns whether the run still goes on.
    pub fn step(&mut self, run: &Run, stop: &AtomicBool, within: Duration) -> bool {
        match run.next(within) {
            None => return false,
            Some(None) => {}
            Some(Some(report)) => self.take(report),
        }
        if stop.load(Ordering::Relaxed) {
            self.end(run, Cut::Asked);
        }
        if self.is_silent() {
            self.end(run, Cut::Silent);
        }
        let is_over = self.threads.iter().all(|thread| thread.going.is_over);
        if is_over {
            let since = *self.over_at.get_or_insert(self.now);
            if self.now.saturating_sub(since) > self.limits.drain {
                self.end(run, Cut::Drained);
            }
        }
        true
    }

    fn end(&mut self, run: &Run, why: Cut) {
        if self.cut.is_none() {
            self.cut = Some(why);
            run.control().hang_up();
            run.wake();
        }
    }

    fn take(&mut self, report: Report) {
        let began = report.at.saturating_sub(Duration::from_millis(1));
        self.ledger.add(micros(began), &report.tally);
        let thread = &mut self.threads[report.shard];
        (thread.at, thread.going, thread.vitals) = (report.at, report.going, report.vitals);
        self.now = self.now.max(report.at);
        let in_progress = self.threads.iter().map(|thread| thread.going.calls as u64).sum();
        self.ledger.note(micros(began), in_progress);
    }

    /// Whether calls wait for a target that has said nothing for too long.
    fn is_silent(&self) -> bool {
        let waiting = self.threads.iter().filter(|thread| thread.going.calls > 0);
        let mut heard = waiting.map(|thread| thread.going.unheard).peekable();
        heard.peek().is_some() && heard.all(|unheard| unheard >= SILENCE_MAX)
    }

    /// The figures so far, to be stated more about and looked at.
    pub fn ledger(&mut self) -> &mut TrafficLedger {
        &mut self.ledger
    }

    /// The run as it stands.
    #[must_use]
    pub fn live(&self, health: &Health) -> Live {
        self.ledger.live(micros(self.now), health)
    }

    /// The time since the run began.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.now
    }

    /// Why the run ended before its time, if it did.
    #[must_use]
    pub fn cut(&self) -> Option<Cut> {
        self.cut
    }

    /// How the generator fares.
    #[must_use]
    pub fn health(&self) -> Health {
        let vitals = || self.threads.iter().map(|thread| &thread.vitals);
        let share = |part: Duration, thread: &Thread| {
            part.as_secs_f64() / thread.at.as_secs_f64().max(1e-3)
        };
        let starved = self
            .threads
            .iter()
            .filter_map(|thread| thread.vitals.starved.map(|starved| share(starved, thread)));
        let mut health = Health {
            cpu: self.threads.iter().map(|thread| share(thread.vitals.cpu, thread)).collect(),
            starved: starved.reduce(f64::max),
            loop_lag: micros(vitals().map(|v| v.lateness(0.999)).max().unwrap_or_default()),
            audio_lag: vitals().filter_map(|v| v.audio_lag).max().map(micros),
            overflows: vitals().map(|v| v.overflows).sum(),
            send_failures: vitals().map(|v| v.unsent).sum(),
            sent: vitals().map(|v| v.sent).sum(),
            received: vitals().map(|v| v.received).sum(),
            ..Health::default()
        };
        let late: u64 = self.threads.iter().map(|thread| thread.going.late).sum();
        health.faults = self.faults(&health, late);
        health
    }

    /// The run's figures, judged: a generator that was the bottleneck makes them invalid.
    #[must_use]
    pub fn summary(&self, context: &Context) -> Summary {
        let mut health = self.health();
        let draft = self.ledger.summary(context, Health::default());
        let lag = draft.figure(Kpi::StartLagP99, None, Selector::ALL);
        if let Some(lag) = lag {
            health.start_lag = acd::Duration::from_secs_f64(lag.mean);
        }
        if health.start_lag > micros(self.limits.start_lag) {
            health.faults.push(format!(
                "calls were sent {} late (99 %), more than the {} allowed: the load was not the one asked for",
                health.start_lag,
                micros(self.limits.start_lag)
            ));
        }
        self.ledger.summary(context, health)
    }

    fn faults(&self, health: &Health, late: u64) -> Vec<String> {
        let mut faults = Vec::new();
        if late > 0 {
            faults.push(format!(
                "{late} calls were not started: the generator was more than a second late for them"
            ));
        }
        if health.overflows > 0 {
            faults.push(format!(
                "{} messages were lost because the generator did not read them in time",
                health.overflows
            ));
        }
        if health.send_failures > 0 {
            faults.push(format!(
                "{} messages were never sent: the generator had no room for them",
                health.send_failures
            ));
        }
        if let Some(lag) = health.audio_lag.filter(|lag| *lag > micros(self.limits.start_lag)) {
            faults.push(format!("audio was sent {lag} late (99 %): its jitter is the generator's"));
        }
        if health.loop_lag > micros(self.limits.start_lag * LOOP_LAGS) {
            faults.push(format!(
                "the generator came round {} late (99.9 %): its own timers were wrong",
                health.loop_lag
            ));
        }
        faults
    }

    /// What is no fault yet, but close to one.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let health = self.health();
        let busy = health.cpu.iter().filter(|share| **share > CPU_MAX);
        busy.map(|share| {
            format!(
                "a thread of the generator took {:.0} % of its core: use more threads",
                share * 100.0
            )
        })
        .collect()
    }
}

//! One replication: a day, a month, a storm, from the first call to the last.

use crate::habits::Habits;
use crate::limits::{CAUSES_PER_INSTANT_MAX, Exceeded, LOG_MAX, SimError};
use crate::office::Office;
use crate::playbook::Decision;
use crate::world::World;
use crate::{Options, context};
use acd::{Acd, Event, Input, Timestamp, settle};
use chance::Chance;
use reports::{CallLog, EventLog, Fact, Ledger, Totals, Watch};
use scenarios::Scenario;
use std::sync::atomic::{AtomicBool, Ordering};

/// What one replication brought.
#[derive(Debug, Clone)]
pub struct Replication {
    /// Which one, from 0.
    pub index: u32,
    /// Every sum of it.
    pub totals: Totals,
    /// How many laws were checked.
    pub laws_checked: u64,
    /// The laws found broken, each with the command that shows it again.
    pub broken: Vec<String>,
    /// The rows of `calls.csv`, if asked for; the first replication's begin with the header.
    pub calls_csv: Vec<u8>,
    /// The lines of `events.jsonl`, if asked for.
    pub events_jsonl: Vec<u8>,
    /// Attempts that reached the door.
    pub attempts: u64,
    /// What the duty manager decided.
    pub decisions: Vec<Decision>,
    /// The limit that ended it early, if one did.
    pub failed: Option<SimError>,
    /// Whether it was stopped before its end.
    pub was_stopped: bool,
}

/// Who listens to the facts.
struct Listeners {
    ledger: Ledger,
    others: Option<Box<Others>>,
}

/// Those who listen only when asked.
struct Others {
    watch: Option<Watch>,
    calls: Option<CallLog>,
    events: Option<EventLog>,
}

impl Listeners {
    #[inline]
    fn hear(&mut self, now: Timestamp, fact: &Fact<'_>) {
        self.ledger.record(now, fact);
        if let Some(others) = &mut self.others {
            others.hear(now, fact);
        }
    }

    fn watch(&mut self) -> Option<&mut Watch> {
        self.others.as_mut()?.watch.as_mut()
    }

    fn log_size(&self) -> usize {
        let Some(others) = &self.others else { return 0 };
        let calls = others.calls.as_ref().map_or(0, CallLog::size);
        calls.max(others.events.as_ref().map_or(0, EventLog::size))
    }
}

impl Others {
    fn hear(&mut self, now: Timestamp, fact: &Fact<'_>) {
        if let Some(watch) = &mut self.watch {
            watch.record(now, fact);
        }
        if let Some(calls) = &mut self.calls {
            calls.record(now, fact);
        }
        if let Some(events) = &mut self.events {
            events.record(now, fact);
        }
    }
}

/// Runs one replication of a scenario.
#[must_use]
pub fn replicate(scenario: &Scenario, index: u32, options: &Options<'_>) -> Replication {
    replicate_with(scenario, &Habits::new(scenario), index, options)
}

/// Likewise, with the habits compiled before.
pub(crate) fn replicate_with(
    scenario: &Scenario,
    habits: &Habits,
    index: u32,
    options: &Options<'_>,
) -> Replication {
    let chance = Chance::new(scenario.run.seed, index);
    let mut run = Run {
        now: Timestamp::ZERO,
        acd: Acd::new(habits.switch(index)),
        world: World::new(scenario, habits, chance),
        office: Office::new(scenario, &chance),
        listeners: listeners(scenario, index, options),
        stop: options.stop,
        was_stopped: false,
    };
    run.run();
    run.into_replication(scenario, index)
}

fn listeners(scenario: &Scenario, index: u32, options: &Options<'_>) -> Listeners {
    let context = context(scenario);
    let conditions: Vec<_> = scenario.playbook.iter().map(|play| play.when.clone()).collect();
    let others = Others {
        watch: (!conditions.is_empty()).then(|| Watch::new(&context, &conditions)),
        calls: options.calls.then(|| CallLog::new(&context, index)),
        events: options.events.then(|| EventLog::new(&context, index)),
    };
    let is_listening = others.watch.is_some() || others.calls.is_some() || others.events.is_some();
    Listeners { ledger: Ledger::new(&context), others: is_listening.then(|| Box::new(others)) }
}

/// A replication under way.
struct Run<'a> {
    now: Timestamp,
    acd: Acd,
    world: World<'a>,
    office: Office<'a>,
    listeners: Listeners,
    stop: Option<&'a AtomicBool>,
    was_stopped: bool,
}

impl Run<'_> {
    /// Goes from moment to moment until nothing is left to happen.
    fn run(&mut self) {
        let mut out = Vec::with_capacity(64);
        let mut causes = 0_u32;
        let mut next = Some(Timestamp::ZERO);
        loop {
            let agenda = self.office.agenda.next();
            let at = next.unwrap_or(Timestamp::MAX).min(agenda);
            if at > self.now {
                causes = 0;
            }
            causes += 1;
            if at == Timestamp::MAX || self.is_over(next) || self.is_too_much(causes) {
                break;
            }
            self.now = at.max(self.now);
            if agenda <= self.now {
                self.office.act(self.now, &self.acd, &mut self.world, self.listeners.watch());
                if self.is_told_to_stop() {
                    break;
                }
            }
            next = self.settle(&mut out);
        }
    }

    // Once in the binary, called from two places: whatever is below is inlined here, and only because it is here alone.
    #[inline(never)]
    fn settle(&mut self, out: &mut Vec<acd::Output>) -> Option<Timestamp> {
        let (now, listeners) = (self.now, &mut self.listeners);
        let mut observe = |at: Timestamp, event: &Event| listeners.hear(at, &Fact::Switch(event));
        let next = settle(now, &mut self.acd, &mut self.world, out, &mut observe);
        if self.world.events.came_near() {
            self.foresee();
        }
        if !self.world.facts.is_empty() {
            for fact in self.world.facts.drain(..) {
                self.listeners.hear(now, &Fact::Person(fact));
            }
        }
        next
    }

    /// Reads the records of the calls that end next, all at once, though nothing is asked of them yet.
    ///
    /// In a large centre a record lies far off in memory. When the ends of talks ask for one after the other each is
    /// waited for; the processor fetches dozens in the time of one if nothing hangs on them (measured: a third of W3).
    #[inline(never)]
    fn foresee(&self) {
        for slot in self.world.events.talks_near() {
            self.world.calls.foresee(slot);
            self.acd.foresee_call(slot);
            self.listeners.ledger.foresee_call(slot);
        }
        // Which agents they lead to stands in what was just read.
        self.world.events.talks_near().for_each(|slot| self.acd.foresee_agent(slot));
    }

    /// Returns whether the run is over: the door is closed, no call is left and nobody is at work.
    fn is_over(&mut self, next: Option<Timestamp>) -> bool {
        if !self.office.is_closed {
            return false;
        }
        if next.is_none() && self.world.is_left_with_callbacks() && self.world.calls.len() > 0 {
            // Callbacks start when an agent finishes, and nobody ever will.
            self.world.inbox.push(Input::CloseQueues);
            self.settle(&mut Vec::new());
        }
        self.world.is_quiet()
    }

    fn is_too_much(&mut self, causes: u32) -> bool {
        if causes > CAUSES_PER_INSTANT_MAX {
            self.world.exceeded = Some(Exceeded::Instant);
        }
        self.world.exceeded.is_some()
    }

    /// Looks whether the run is to be given up; from time to time, with the agenda.
    fn is_told_to_stop(&mut self) -> bool {
        if self.listeners.log_size() > LOG_MAX {
            self.world.exceeded = Some(Exceeded::Log);
        }
        self.was_stopped = self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
        self.was_stopped
    }

    fn into_replication(mut self, scenario: &Scenario, index: u32) -> Replication {
        self.office.laws.check(self.now, &self.acd);
        if !self.was_stopped && self.world.exceeded.is_none() && !self.acd.is_empty() {
            let detail = format!("{} calls outside", self.world.calls.len());
            let law = "when everybody is gone no call is left";
            self.office.laws.broken.push(acd::Broken { law, at: self.now, detail });
        }
        let (laws, decisions) = self.office.into_decisions();
        let again = context::reproduce(scenario);
        let tell = |broken: &acd::Broken| {
            format!("{broken} in replication {index}; reproduce with: {again}")
        };
        let (mut calls_csv, mut events_jsonl) = (Vec::new(), Vec::new());
        if let Some(others) = self.listeners.others {
            calls_csv = others.calls.map(CallLog::into_bytes).unwrap_or_default();
            events_jsonl = others.events.map(EventLog::into_bytes).unwrap_or_default();
        }
        let (at, replication) = (self.now, index);
        Replication {
            index,
            totals: self.listeners.ledger.finish(self.now),
            laws_checked: laws.checked,
            broken: laws.broken.iter().map(tell).collect(),
            calls_csv,
            events_jsonl,
            attempts: self.world.attempts,
            decisions,
            failed: self.world.exceeded.map(|exceeded| SimError::Limit {
                replication,
                at,
                exceeded,
            }),
            was_stopped: self.was_stopped,
        }
    }
}

//! The replications of a scenario on all cores, handed over in order: the same bytes for any number of threads.

use crate::habits::Habits;
use crate::limits::{SimError, replications_at_once};
use crate::replication::{Replication, replicate_with};
use scenarios::Scenario;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// How a scenario is run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// How many threads; 0 counts as 1.
    pub threads: usize,
    /// Whether to log every call.
    pub calls: bool,
    /// Whether to log every event.
    pub events: bool,
    /// Set by somebody to end the run early; what is complete by then is handed over.
    pub stop: Option<&'a AtomicBool>,
}

/// How far a thread may run ahead of what was handed over, in replications per thread. Bounds the memory.
const WINDOW_PER_THREAD: u32 = 4;

/// Runs every replication and hands each to `each`, in order.
///
/// When told to stop it hands over what is complete without a gap, and returns.
///
/// # Errors
/// The first replication, in order, that exceeded a limit ends the run; those before it were handed over.
pub fn run(
    scenario: &Scenario,
    options: &Options<'_>,
    each: &mut dyn FnMut(Replication),
) -> Result<(), SimError> {
    let habits = Habits::new(scenario);
    let count = scenario.run.replications;
    let at_once = replications_at_once(scenario);
    let threads = options.threads.clamp(1, count.min(at_once).max(1) as usize);
    let make = |index| replicate_with(scenario, &habits, index, options);
    if threads == 1 {
        for index in 0..count {
            if hand_over(make(index), each)?.is_stop() {
                break;
            }
        }
        return Ok(());
    }
    let desk = Desk::new(count, at_once.min(threads as u32 * WINDOW_PER_THREAD));
    thread::scope(|scope| {
        let _closing = Closing(&desk);
        for index in 0..threads {
            thread::Builder::new()
                .name(format!("replications-{index}"))
                .spawn_scoped(scope, || {
                    let _closing = ClosingOnPanic(&desk);
                    while let Some(index) = desk.next_index() {
                        desk.deliver(make(index));
                    }
                })
                .map_err(|error| SimError::Thread(error.to_string()))?;
        }
        while let Some(replication) = desk.next_in_order() {
            if hand_over(replication, each)?.is_stop() {
                break;
            }
        }
        Ok(())
    })
}

/// Whether to go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Go,
    Stop,
}

impl Next {
    fn is_stop(self) -> bool {
        self == Self::Stop
    }
}

fn hand_over(
    replication: Replication,
    each: &mut dyn FnMut(Replication),
) -> Result<Next, SimError> {
    if let Some(error) = replication.failed {
        return Err(error);
    }
    if replication.was_stopped {
        return Ok(Next::Stop);
    }
    each(replication);
    Ok(Next::Go)
}

/// Where threads take numbers and leave results.
struct Desk {
    state: Mutex<State>,
    changed: Condvar,
    count: u32,
    window: u32,
}

#[derive(Default)]
struct State {
    taken: u32,
    handed_over: u32,
    waiting: BTreeMap<u32, Replication>,
    is_closed: bool,
}

/// Closes the desk when the thread that hands over leaves, however it leaves: the others must not wait for it.
struct Closing<'a>(&'a Desk);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Closes the desk when a working thread panics: its result will never come. The scope passes the panic on.
struct ClosingOnPanic<'a>(&'a Desk);

impl Drop for ClosingOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.close();
        }
    }
}

impl Desk {
    fn new(count: u32, window: u32) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), count, window }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// Takes the next number, once it is not too far ahead. `None`: there is nothing more to do.
    fn next_index(&self) -> Option<u32> {
        let mut state = self.lock();
        loop {
            if state.is_closed || state.taken >= self.count {
                return None;
            }
            if state.taken < state.handed_over + self.window {
                state.taken += 1;
                return Some(state.taken - 1);
            }
            state = self.wait(state);
        }
    }

    fn deliver(&self, replication: Replication) {
        self.lock().waiting.insert(replication.index, replication);
        self.changed.notify_all();
    }

    /// Waits for the replication whose turn it is. `None`: all were handed over, or its thread is gone.
    fn next_in_order(&self) -> Option<Replication> {
        let mut state = self.lock();
        loop {
            let turn = state.handed_over;
            if turn >= self.count {
                return None;
            }
            if let Some(replication) = state.waiting.remove(&turn) {
                state.handed_over += 1;
                self.changed.notify_all();
                return Some(replication);
            }
            if state.is_closed {
                return None;
            }
            state = self.wait(state);
        }
    }
}

//! W1 and W3: one queue, one pool of agents, exponential laws, first come first served, longest idle.

use super::Tally;
use super::events::Events;
use chance::{Chance, Draw, Purpose};
use std::collections::VecDeque;

/// An M/M/n+M queue.
#[derive(Debug, Clone, Copy)]
pub struct Pool {
    /// Agents.
    pub agents: u32,
    /// Offered load, Erlang.
    pub load: f64,
    /// Mean service time, s.
    pub service: f64,
    /// Mean patience, s.
    pub patience: f64,
    /// Calls.
    pub calls: u64,
}

impl Pool {
    /// W1: 100 agents, 105 Erlang. In the steady state 7.6187 % abandon and the mean wait is 9.1424 s.
    #[must_use]
    pub fn w1() -> Self {
        Self { agents: 100, load: 105.0, service: 300.0, patience: 120.0, calls: 1_000_000 }
    }

    /// W3: W1 with 20,000 agents and 21,000 Erlang.
    #[must_use]
    pub fn w3() -> Self {
        Self { agents: 20_000, load: 21_000.0, calls: 2_000_000, ..Self::w1() }
    }
}

const SERVED: u8 = 0;
const PATIENCE: u8 = 1;
/// No call, at either end of the queue.
const NONE: u32 = u32::MAX;

/// A call; links of the queue while it waits.
#[derive(Debug, Clone, Copy)]
struct Call {
    arrived: f64,
    service: f64,
    /// Number of its patience timer; 0 when it does not wait.
    timer: u64,
    previous: u32,
    next: u32,
    agent: u32,
}

/// Runs a pool from an empty start until the last call has left.
#[must_use]
pub fn run(pool: Pool, seed: u64) -> Tally {
    let mut centre = Centre::new(pool, seed);
    let mut arrivals = Chance::new(seed, 0).stream(Purpose::Arrival, 0).draw(0);
    let gap = pool.service / pool.load;
    let mut next_arrival = gap * arrivals.exponential();
    let mut left = pool.calls;
    loop {
        if left > 0 && next_arrival <= centre.events.next_time() {
            left -= 1;
            centre.arrive(next_arrival);
            next_arrival += gap * arrivals.exponential();
            continue;
        }
        let Some(event) = centre.events.pop() else { return centre.tally };
        if event.kind == SERVED {
            centre.free(event.slot, event.time);
        } else {
            centre.give_up(event.slot, event.number, event.time);
        }
    }
}

struct Centre {
    pool: Pool,
    services: Draw,
    patiences: Draw,
    events: Events,
    calls: Vec<Call>,
    free_slots: Vec<u32>,
    idle: VecDeque<u32>,
    first: u32,
    last: u32,
    tally: Tally,
}

impl Centre {
    fn new(pool: Pool, seed: u64) -> Self {
        let chance = Chance::new(seed, 0);
        Self {
            pool,
            services: chance.stream(Purpose::Talk, 0).draw(0),
            patiences: chance.stream(Purpose::Patience, 0).draw(0),
            events: Events::default(),
            calls: Vec::new(),
            free_slots: Vec::new(),
            idle: (0..pool.agents).collect(),
            first: NONE,
            last: NONE,
            tally: Tally::default(),
        }
    }

    #[inline]
    fn arrive(&mut self, time: f64) {
        self.tally.offer(time);
        let service = self.pool.service * self.services.exponential();
        let mut call =
            Call { arrived: time, service, timer: 0, previous: self.last, next: NONE, agent: 0 };
        let slot = self.free_slots.pop().unwrap_or(self.calls.len() as u32);
        if let Some(agent) = self.idle.pop_front() {
            call.agent = agent;
            self.tally.answer(time, time);
            self.events.schedule(time + service, SERVED, slot);
        } else {
            let patience = self.pool.patience * self.patiences.exponential();
            call.timer = self.events.schedule(time + patience, PATIENCE, slot);
            match self.last {
                NONE => self.first = slot,
                last => self.calls[last as usize].next = slot,
            }
            self.last = slot;
        }
        if slot as usize == self.calls.len() {
            self.calls.push(call);
        } else {
            self.calls[slot as usize] = call;
        }
    }

    #[inline]
    fn free(&mut self, slot: u32, time: f64) {
        let agent = self.calls[slot as usize].agent;
        self.free_slots.push(slot);
        if self.first == NONE {
            self.idle.push_back(agent);
            return;
        }
        let next = self.first;
        self.unlink(next);
        let call = &mut self.calls[next as usize];
        call.agent = agent;
        self.tally.answer(call.arrived, time);
        self.events.schedule(time + call.service, SERVED, next);
    }

    #[inline]
    fn give_up(&mut self, slot: u32, timer: u64, time: f64) {
        // The call was answered, and perhaps another has its slot.
        if self.calls[slot as usize].timer != timer {
            return;
        }
        self.unlink(slot);
        self.tally.abandon(self.calls[slot as usize].arrived, time);
        self.free_slots.push(slot);
    }

    #[inline]
    fn unlink(&mut self, slot: u32) {
        let Call { previous, next, .. } = self.calls[slot as usize];
        match previous {
            NONE => self.first = next,
            previous => self.calls[previous as usize].next = next,
        }
        match next {
            NONE => self.last = previous,
            next => self.calls[next as usize].previous = previous,
        }
        self.calls[slot as usize].timer = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w1_agrees_with_the_exact_steady_state() {
        let tally = run(Pool::w1(), 1);
        assert_eq!(tally.offered, 1_000_000);
        // The sd of a run of a million calls is 0.12 points and, from the same batches, 0.22 s; 4 of them.
        assert!((tally.abandonment() - 0.076_187).abs() < 0.0048, "{}", tally.abandonment());
        assert!((tally.mean_wait() - 9.1424).abs() < 0.9, "{}", tally.mean_wait());
    }

    #[test]
    fn every_call_is_in_an_interval_with_its_outcome() {
        let tally = run(Pool { calls: 50_000, ..Pool::w1() }, 2);
        let sums = tally
            .intervals
            .iter()
            .fold([0; 3], |sum, row| [sum[0] + row[0], sum[1] + row[1], sum[2] + row[2]]);
        assert_eq!(sums, [50_000, tally.answered, 50_000 - tally.answered]);
    }
}

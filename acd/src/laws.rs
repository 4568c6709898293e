//! The laws of conservation (DESIGN §2): what must hold in the switch after every event. A broken law is a value, never a panic.

use crate::agents::AgentState;
use crate::calls::CallState;
use crate::id::AgentId;
use crate::output::{DoorOutcome, Outcome};
use crate::switch::Acd;
use crate::timers::Cause;
use crate::units::Timestamp;
use serde::{Deserialize, Serialize};

/// A law that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("law broken at {at}: {law} ({detail})")]
pub struct Broken {
    /// The law.
    pub law: &'static str,
    /// When it was found broken.
    pub at: Timestamp,
    /// The numbers or ids that contradict it.
    pub detail: String,
}

/// What the switch has counted since it began.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) attempts: u64,
    pub(crate) door: [u64; 5],
    pub(crate) offered: u64,
    pub(crate) outcomes: [u64; 10],
    pub(crate) closed: u64,
}

impl Counts {
    #[inline]
    pub(crate) fn open_call(&mut self) {
        self.attempts += 1;
    }

    #[inline]
    pub(crate) fn close_call(&mut self) {
        self.closed += 1;
    }

    pub(crate) fn leave_door(&mut self, outcome: DoorOutcome) {
        self.door[outcome as usize] += 1;
    }

    #[inline]
    pub(crate) fn settle_outcome(&mut self, outcome: Outcome) {
        self.outcomes[outcome as usize] += 1;
    }

    pub(crate) fn take_back(&mut self, outcome: Outcome) {
        self.outcomes[outcome as usize] -= 1;
    }

    /// Returns how many calls the switch holds.
    pub(crate) fn in_switch(&self) -> u64 {
        self.attempts - self.closed
    }
}

/// How many calls are in each state.
#[derive(Debug, Default)]
struct Census {
    in_ivr_first: u64,
    in_ivr_pending: u64,
    waiting: u64,
    ringing: u64,
    in_use: u64,
    lines: u64,
}

impl Acd {
    /// Checks every law. Takes time in proportion to calls, agents and queues. Returns how many laws were checked.
    ///
    /// # Errors
    /// The first law found broken.
    pub fn check(&self, now: Timestamp) -> Result<u32, Broken> {
        let census = self.census();
        let laws: [(&'static str, Option<String>); 9] = [
            ("attempts = door outcomes + offered + in IVR", self.door_balances(&census)),
            ("offered = outcomes + still waiting", self.outcomes_balance(&census)),
            ("every enter has one leave", self.lines_balance()),
            ("calls opened = calls closed + calls in use", self.slots_balance(&census)),
            ("lines held = lines in use", self.trunks_balance(&census)),
            ("an offer has one agent, one call and a timer", self.offers_agree()),
            ("one call per agent", self.talks_agree()),
            ("agent state times add to signed-in time", self.times_add_up(now)),
            ("no ready agent while a call he may take waits", self.nobody_idles()),
        ];
        let checked = laws.len() as u32;
        match laws.into_iter().find_map(|(law, fault)| Some((law, fault?))) {
            Some((law, detail)) => Err(Broken { law, at: now, detail }),
            None => Ok(checked),
        }
    }

    fn census(&self) -> Census {
        let mut census = Census::default();
        for (_, call) in self.calls.in_use() {
            census.in_use += 1;
            census.lines += u64::from(call.has_line);
            match call.state {
                CallState::Ivr { .. } if call.was_offered => census.in_ivr_pending += 1,
                CallState::Ivr { .. } => census.in_ivr_first += 1,
                CallState::Waiting { .. } => census.waiting += 1,
                CallState::Offered(_) if !call.is_callback => census.ringing += 1,
                CallState::Offered(_)
                | CallState::Connected(_)
                | CallState::Listed
                | CallState::Free => {}
            }
        }
        census
    }

    fn door_balances(&self, census: &Census) -> Option<String> {
        let c = &self.counts;
        let ended: u64 = c.door.iter().sum();
        let sum = ended + c.offered + census.in_ivr_first;
        (sum != c.attempts).then(|| format!("{} attempts, {sum} accounted for", c.attempts))
    }

    fn outcomes_balance(&self, census: &Census) -> Option<String> {
        let ended: u64 = self.counts.outcomes.iter().sum();
        let sum = ended + census.waiting + census.ringing + census.in_ivr_pending;
        (sum != self.counts.offered)
            .then(|| format!("{} offered, {sum} accounted for", self.counts.offered))
    }

    fn lines_balance(&self) -> Option<String> {
        let mut inside = vec![0_u64; self.queues.len()];
        for (_, call) in self.calls.in_use() {
            let is_inside = matches!(call.state, CallState::Waiting { .. } | CallState::Offered(_));
            if is_inside && !call.is_callback {
                inside[call.queue.index()] += 1;
            }
        }
        let total: u32 = self.queues.iter().map(|queue| queue.line.len()).sum();
        if total != self.waiting {
            return Some(format!("{total} in lines, {} counted", self.waiting));
        }
        let queues = self.queues.iter().zip(&inside).enumerate();
        let mut faults =
            queues.filter(|(_, (queue, inside))| queue.entered != queue.left + **inside);
        faults.next().map(|(index, (queue, inside))| {
            format!(
                "queue {index}: {} entered, {} left, {inside} inside",
                queue.entered, queue.left
            )
        })
    }

    fn slots_balance(&self, census: &Census) -> Option<String> {
        let held = self.counts.in_switch();
        (held != census.in_use).then(|| format!("{held} open, {} in use", census.in_use))
    }

    fn trunks_balance(&self, census: &Census) -> Option<String> {
        let used = u64::from(self.lines.used);
        (used != census.lines)
            .then(|| format!("{used} lines used, {} calls hold one", census.lines))
    }

    fn offers_agree(&self) -> Option<String> {
        let mut rings: Vec<_> =
            self.timers.causes().filter(|cause| matches!(cause, Cause::Ring(_))).collect();
        rings.sort_unstable();
        let mut reserved = 0;
        for (index, agent) in self.agents.iter().enumerate() {
            let AgentState::Reserved { call, .. } = agent.state else { continue };
            let id = AgentId::new(index);
            reserved += 1;
            let has_call =
                self.calls.find(call).is_some_and(|call| call.state == CallState::Offered(id));
            if !has_call || rings.binary_search(&Cause::Ring(agent.offer(id))).is_err() {
                return Some(format!("{id} is reserved for {call} without its call or a timer"));
            }
        }
        let offered =
            self.calls.in_use().filter(|(_, call)| matches!(call.state, CallState::Offered(_)));
        let offered = offered.count();
        (offered != reserved)
            .then(|| format!("{offered} calls offered, {reserved} agents reserved"))
    }

    fn talks_agree(&self) -> Option<String> {
        for (id, call) in self.calls.in_use() {
            let CallState::Connected(agent) = call.state else { continue };
            let state = self.agents[agent.index()].state;
            if !matches!(state, AgentState::Connected { call, .. } if call == id) {
                return Some(format!("{id} is with {agent}, who is {:?}", state.phase()));
            }
        }
        let talking = self
            .agents
            .iter()
            .filter(|agent| matches!(agent.state, AgentState::Connected { .. }))
            .count();
        let connected = self
            .calls
            .in_use()
            .filter(|(_, call)| matches!(call.state, CallState::Connected(_)))
            .count();
        (talking != connected)
            .then(|| format!("{talking} agents talk, {connected} calls are connected"))
    }

    fn times_add_up(&self, now: Timestamp) -> Option<String> {
        let signed_in =
            self.agents.iter().enumerate().filter(|(_, a)| a.state != AgentState::SignedOut);
        for (index, agent) in signed_in {
            let accounted = agent.accounted.0 + now.since(agent.since).0;
            let total = now.since(self.agent_asides[index].signed_in_at).0;
            if accounted != total {
                return Some(format!(
                    "agent {index}: {accounted} µs in states, {total} µs signed in"
                ));
            }
        }
        None
    }

    fn nobody_idles(&self) -> Option<String> {
        for (index, queue) in self.queues.iter().enumerate() {
            if queue.line.len() > 0 && queue.ready > 0 {
                return Some(format!(
                    "queue {index}: {} wait, {} ready",
                    queue.line.len(),
                    queue.ready
                ));
            }
        }
        let mut ready = vec![0; self.queues.len()];
        for agent in self.agents.iter().filter(|agent| agent.state == AgentState::Ready) {
            for skill in &self.config.groups[agent.group.index()].skills {
                ready[skill.queue.index()] += 1;
            }
        }
        let mut pairs = self.queues.iter().zip(&ready).enumerate();
        pairs.find(|(_, (queue, ready))| queue.ready != **ready).map(|(index, (queue, ready))| {
            format!("queue {index}: {} in the ready set, {ready} agents are ready", queue.ready)
        })
    }
}

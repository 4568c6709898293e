//! The switch itself: what it holds, its one door in, and the dispatch of inputs to the rooms that treat them.

use crate::agents::Agent;
use crate::calls::{CallState, Calls};
use crate::config::{AcdConfig, Callback, Overflow};
use crate::id::{AgentId, CallId, GroupId, QueueId};
use crate::input::Input;
use crate::output::{AgentPhase, Event, Output};
use crate::routing::{self, Routing};
use crate::timers::{Cause, Timers};
use crate::units::{Duration, Timestamp};
use crate::waiting::{Line, Link};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The automatic call distributor: queues, agents, flows and lines as one pure state machine.
///
/// It knows no clock: every call hands `now` in, and no `now` may be earlier than one before. The same
/// inputs give the same outputs, bit for bit. Stale or impossible inputs are answered by
/// [`Event::Stale`], never by a panic.
///
/// ```
/// use acd::{Acd, AcdConfig, AgentId, Entry, GroupConfig, GroupId, Input, Output, QueueConfig, QueueId};
/// use acd::{AttemptKind, CallId, Command, ContactId, Skill, Timestamp};
///
/// let mut acd = Acd::new(AcdConfig {
///     contacts: vec![Entry::Queue(QueueId(0))],
///     queues: vec![QueueConfig::default()],
///     groups: vec![GroupConfig {
///         skills: vec![Skill { queue: QueueId(0), level: 1, handling: Default::default() }],
///         ..GroupConfig::default()
///     }],
///     ..AcdConfig::default()
/// });
/// let (mut out, call) = (Vec::new(), CallId { slot: 0, age: 0 });
/// acd.handle(Timestamp(0), Input::SignIn { agent: AgentId(0), group: GroupId(0) }, &mut out);
/// let offered = Input::CallOffered { call, contact: ContactId(0), kind: AttemptKind::Fresh, attempt: 0, caller: 7 };
/// acd.handle(Timestamp(5), offered, &mut out);
/// assert!(out.iter().any(|o| matches!(o, Output::Command(Command::Ring { .. }))));
/// ```
#[derive(Serialize, Deserialize)]
pub struct Acd {
    pub(crate) config: AcdConfig,
    pub(crate) calls: Calls,
    pub(crate) links: Vec<Link>,
    pub(crate) queues: Vec<Queue>,
    pub(crate) groups: Vec<Group>,
    pub(crate) agents: Vec<Agent>,
    pub(crate) agent_asides: Vec<crate::agents::Aside>,
    /// For each seat, one entry a skill of its group: the seat's number in that queue.
    pub(crate) memberships: Vec<u32>,
    pub(crate) timers: Timers,
    pub(crate) sites: Vec<Site>,
    pub(crate) lines: Lines,
    pub(crate) now: Timestamp,
    /// Rises with each agent who becomes ready.
    pub(crate) sequence: u64,
    /// Calls in all waiting lines.
    pub(crate) waiting: u32,
    /// Calls on all lists of callbacks.
    pub(crate) listed: u32,
    pub(crate) is_door_closed: bool,
    pub(crate) is_closed: bool,
    pub(crate) counts: crate::laws::Counts,
}

/// A queue at work.
#[derive(Serialize, Deserialize)]
pub(crate) struct Queue {
    pub(crate) line: Line,
    #[serde(skip, default = "no_routing")]
    pub(crate) routing: Box<dyn Routing>,
    /// Seat number to agent.
    pub(crate) members: Vec<AgentId>,
    pub(crate) ready: u32,
    pub(crate) overflow: Vec<Overflow>,
    pub(crate) callback: Callback,
    /// Callbacks to be made.
    pub(crate) listed: VecDeque<CallId>,
    /// Calls that entered, and calls that left, for the law of the line.
    pub(crate) entered: u64,
    pub(crate) left: u64,
}

fn no_routing() -> Box<dyn Routing> {
    routing::make("")
}

/// A group at work.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) agents: Vec<AgentId>,
    /// How many who finish sign out instead of becoming ready.
    pub(crate) sign_out_next: u32,
}

/// Lines, of the centre or of a site.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Lines {
    pub(crate) limit: Option<u32>,
    pub(crate) used: u32,
}

impl Lines {
    /// Returns whether a line is free.
    #[inline]
    pub(crate) fn is_free(self) -> bool {
        self.limit.is_none_or(|limit| self.used < limit)
    }
}

/// A site at work.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Site {
    pub(crate) lines: Lines,
    pub(crate) is_lost: bool,
}

impl Acd {
    /// Makes the switch: every seat empty, every line free, the door open.
    #[must_use]
    pub fn new(config: AcdConfig) -> Self {
        let queues = config.queues.iter().map(|queue| Queue {
            line: Line::new(queue.order),
            routing: routing::make(&queue.routing),
            members: Vec::new(),
            ready: 0,
            overflow: queue.overflow.clone(),
            callback: queue.callback,
            listed: VecDeque::new(),
            entered: 0,
            left: 0,
        });
        let site = |lines| Site { lines: Lines { limit: lines, used: 0 }, is_lost: false };
        Self {
            queues: queues.collect(),
            groups: vec![Group::default(); config.groups.len()],
            sites: config.sites.iter().map(|s| site(s.lines)).collect(),
            lines: Lines { limit: config.lines, used: 0 },
            calls: Calls::default(),
            links: Vec::new(),
            agents: Vec::new(),
            agent_asides: Vec::new(),
            memberships: Vec::new(),
            timers: Timers::default(),
            now: Timestamp::ZERO,
            sequence: 0,
            waiting: 0,
            listed: 0,
            is_door_closed: false,
            is_closed: false,
            counts: crate::laws::Counts::default(),
            config,
        }
    }

    /// Fires the timers due at or before `now`, then applies the input. Appends what it says to `out`.
    // Inlining is pinned: one more call site in the binary otherwise costs 14 % (measured).
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "measured: 20 to 41 ns per call")]
    pub fn handle(&mut self, now: Timestamp, input: Input, out: &mut Vec<Output>) {
        if self.next_timeout().is_some_and(|due| due <= now) {
            self.handle_timeout(now, out);
        }
        self.now = now;
        if let Input::CallOffered { call, contact, kind, attempt, caller } = input {
            self.call_offered(call, contact, kind, (attempt, caller), out);
        } else if let Input::AgentAnswered { offer } = input {
            self.agent_answered(offer, out);
        } else if let Input::CallerGone { call } = input {
            self.caller_gone(call, out);
        } else if let Input::WrapUpDone { agent } = input {
            self.wrap_up_done(agent, out);
        } else {
            self.handle_rare(input, out);
        }
        self.drop_dead_timers();
    }

    /// The inputs that are not on the path of every call.
    #[inline(never)]
    fn handle_rare(&mut self, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::CallOffered { call, .. } | Input::CallerGone { call } => {
                self.stale(Some(call), None, out)
            }
            Input::AgentAnswered { offer } => self.stale(None, Some(offer.agent), out),
            Input::WrapUpDone { agent } => self.stale(None, Some(agent), out),
            Input::DigitPressed { call, digit } => self.digit_pressed(call, digit, out),
            Input::PlayEnded { call, step } => self.play_ended(call, step, out),
            Input::CallbackAccepted { call } => self.callback_accepted(call, out),
            Input::OfferFailed { offer, why } => self.offer_failed(offer, why, out),
            Input::AgentGone { offer } => self.agent_gone(offer, out),
            Input::AgentHeld { offer, on } => self.agent_held(offer, on, out),
            Input::SignIn { agent, group } => self.sign_in(agent, group, out),
            Input::SignOut { agent } => self.sign_out(agent, out),
            Input::SignOutNext { group, count } => self.sign_out_next(group, count, out),
            Input::SendBack { agent } => self.send_back(agent, out),
            Input::CutOff { agent } => self.cut_off(agent, out),
            Input::NotReady { agent, reason } => self.not_ready(agent, reason, out),
            Input::Ready { agent } => self.ready_again(agent, out),
            Input::SiteLost { site } => self.site_lost(site, out),
            Input::SiteRestored { site } => self.site_restored(site, out),
            Input::SetLines { site, lines } => self.set_lines(site, lines, out),
            Input::AddOverflow { from, to, after } => self.add_overflow(from, to, after, out),
            Input::OfferCallbacks { queue, on } => self.offer_callbacks(queue, on, out),
            Input::CloseDoor => self.is_door_closed = true,
            Input::CloseQueues => self.close_queues(out),
        }
    }

    /// Fires the timers due at or before `now`. Spurious calls are harmless.
    #[inline(never)]
    pub fn handle_timeout(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        while let Some((due, cause)) = self.timers.first() {
            if due > now {
                break;
            }
            self.timers.drop_first();
            if self.is_live(cause) {
                self.now = due.max(self.now);
                self.fire(cause, out);
            }
        }
        self.now = now;
        self.drop_dead_timers();
    }

    fn fire(&mut self, cause: Cause, out: &mut Vec<Output>) {
        match cause {
            Cause::Ring(offer) => self.ring_timed_out(offer, out),
            Cause::BackOff(agent, _) => self.back_off_over(agent, out),
            Cause::MaxWait(call) => self.max_wait_reached(call, out),
            Cause::Overflow(call) => self.overflow_due(call, out),
            Cause::Menu(call, _, _) => self.menu_timed_out(call, out),
        }
    }

    /// Returns when [`Acd::handle_timeout`] should be called next. The timer named is always live.
    #[inline]
    #[must_use]
    pub fn next_timeout(&self) -> Option<Timestamp> {
        self.timers.next_due()
    }

    #[inline]
    fn drop_dead_timers(&mut self) {
        while let Some((_, cause)) = self.timers.first() {
            if self.is_live(cause) {
                break;
            }
            self.timers.drop_first();
        }
    }

    /// Ignores an input that does not fit; the outside hangs up what it names.
    #[inline(never)]
    pub(crate) fn stale(
        &mut self,
        call: Option<CallId>,
        agent: Option<AgentId>,
        out: &mut Vec<Output>,
    ) {
        out.push(Output::Event(Event::Stale { call, agent }));
    }

    /// Lists a group's ready agents, the longest idle first.
    #[must_use]
    pub fn ready_agents(&self, group: GroupId) -> Vec<AgentId> {
        let mut ready =
            self.agents_where(group, |agent| agent.state == crate::agents::AgentState::Ready);
        ready.sort_by_key(|agent| self.agents[agent.index()].ready_sequence);
        ready
    }

    /// Lists a group's agents who are signed in but not ready and not leaving anyway, those longest in their state first.
    #[must_use]
    pub fn busy_agents(&self, group: GroupId) -> Vec<AgentId> {
        use crate::agents::{AgentState, Intent};
        let mut busy = self.agents_where(group, |agent| {
            !matches!(agent.state, AgentState::SignedOut | AgentState::Ready)
                && agent.intent != Intent::SignOut
        });
        busy.sort_by_key(|agent| (self.agents[agent.index()].since, *agent));
        busy
    }

    /// Returns the phase an agent is in: signed out for a seat that nobody ever took.
    #[must_use]
    pub fn phase(&self, agent: AgentId) -> AgentPhase {
        self.agents.get(agent.index()).map_or(AgentPhase::SignedOut, |agent| agent.state.phase())
    }

    fn agents_where(&self, group: GroupId, is_wanted: impl Fn(&Agent) -> bool) -> Vec<AgentId> {
        let Some(group) = self.groups.get(group.index()) else { return Vec::new() };
        group
            .agents
            .iter()
            .copied()
            .filter(|agent| is_wanted(&self.agents[agent.index()]))
            .collect()
    }

    /// Reads the record of the call in a slot, so that it is at hand when the call is next heard of. Changes nothing.
    #[inline]
    pub fn foresee_call(&self, slot: u32) {
        std::hint::black_box(self.calls.state(slot));
    }

    /// Likewise reads the record of the agent who talks with the call in a slot.
    #[inline]
    pub fn foresee_agent(&self, slot: u32) {
        if let Some(CallState::Connected(agent)) = self.calls.state(slot) {
            std::hint::black_box(self.agents[agent.index()].since);
        }
    }

    /// Returns how many calls wait in a queue.
    #[must_use]
    pub fn waiting_calls(&self, queue: QueueId) -> u32 {
        self.queues.get(queue.index()).map_or(0, |queue| queue.line.len())
    }

    /// Returns whether no call is in the switch: none in a flow, waiting, ringing, talking or listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.in_switch() == 0
    }

    /// Returns how long an offer to this group rings.
    pub(crate) fn ring_timeout(&self, group: GroupId) -> Duration {
        const RING_MAX: Duration = Duration::from_secs(3600);
        self.config.groups[group.index()].ring_timeout.unwrap_or(RING_MAX)
    }
}

//! The switch against a slow, obvious reference: the same random inputs, the same offers in the same order; and the laws after every input.

mod recording;
mod wild;

use acd::{
    Acd, AcdConfig, AgentId, AttemptKind, CallId, ContactId, Duration, Entry, Event, GroupConfig,
    GroupId, Input, OfferFailure, OfferId, Output, QueueConfig, QueueId, Reason, Skill, Takes,
    Timestamp,
};
use proptest::prelude::*;
use wild::{raw_input, wild_config};

/// One thing a world may do, with small numbers that are taken modulo what exists.
#[derive(Debug, Clone)]
enum Act {
    Call(u8),
    HangUp(u8),
    Answer(u8),
    LetRing(u8),
    Refuse(u8),
    EndWork(u8),
    SignIn(u8),
    SignOut(u8),
    Pause(u8),
    Resume(u8),
    Wait(u8),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => any::<u8>().prop_map(Act::Call),
        2 => any::<u8>().prop_map(Act::HangUp),
        4 => any::<u8>().prop_map(Act::Answer),
        1 => any::<u8>().prop_map(Act::LetRing),
        1 => any::<u8>().prop_map(Act::Refuse),
        3 => any::<u8>().prop_map(Act::EndWork),
        2 => any::<u8>().prop_map(Act::SignIn),
        1 => any::<u8>().prop_map(Act::SignOut),
        1 => any::<u8>().prop_map(Act::Pause),
        1 => any::<u8>().prop_map(Act::Resume),
        3 => any::<u8>().prop_map(Act::Wait),
    ]
}

#[derive(Debug, Clone)]
struct Plan {
    routing: [usize; 2],
    takes: [u8; 3],
    levels: [[u8; 2]; 3],
    priority: i32,
    ageing: u32,
    wrap_up: bool,
}

fn plan() -> impl Strategy<Value = Plan> {
    (
        [0_usize..3, 0..3],
        [0_u8..3, 0..3, 0..3],
        [[0_u8..3, 0..3], [0_u8..3, 0..3], [0_u8..3, 0..3]],
        0..3,
        0_u32..4000,
        any::<bool>(),
    )
        .prop_map(|(routing, takes, levels, priority, ageing, wrap_up)| Plan {
            routing,
            takes,
            levels,
            priority,
            ageing,
            wrap_up,
        })
}

const STRATEGIES: [&str; 3] = ["longest-idle", "linear", "best-skill"];
const TAKES: [Takes; 3] = [Takes::Priority, Takes::Level, Takes::LongestWait];
const SEATS: usize = 6;

impl Plan {
    fn config(&self) -> AcdConfig {
        let queue = |index: usize| QueueConfig {
            routing: STRATEGIES[self.routing[index]].to_owned(),
            priority: if index == 0 { self.priority } else { 0 },
            ageing_milli_per_min: if index == 1 { self.ageing } else { 0 },
            wrap_up: self.wrap_up,
            ..QueueConfig::default()
        };
        let group = |index: usize| GroupConfig {
            skills: self.skills(index),
            takes: TAKES[self.takes[index] as usize],
            ring_timeout: Some(Duration::from_secs(20)),
            back_off: Duration::from_secs(7),
            ..GroupConfig::default()
        };
        AcdConfig {
            contacts: vec![Entry::Queue(QueueId(0)), Entry::Queue(QueueId(1))],
            queues: vec![queue(0), queue(1)],
            groups: (0..3).map(group).collect(),
            ..AcdConfig::default()
        }
    }

    /// Level 0 stands for *cannot*; a group that could nothing can the first.
    fn skills(&self, group: usize) -> Vec<Skill> {
        let levels = self.levels[group];
        let can = |queue: usize| levels[queue] > 0 || (queue == 0 && levels == [0, 0]);
        let skill = |queue: usize| Skill {
            queue: QueueId::new(queue),
            level: levels[queue].max(1),
            handling: Duration::ZERO,
        };
        (0..2).filter(|queue| can(*queue)).map(skill).collect()
    }
}

/// A waiting call as the reference sees it.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    call: CallId,
    queue: usize,
    since: u64,
    serial: u64,
}

/// The obvious switch: lists, and a scan for every decision.
struct Reference {
    plan: Plan,
    waiting: Vec<Waiting>,
    /// Ready agents, the longest idle first; the number rises with each who becomes ready.
    idle: Vec<(u64, AgentId)>,
    /// The number under which each agent became ready last.
    became_ready: [u64; SEATS],
    readied: u64,
    groups: Vec<usize>,
}

impl Reference {
    fn level(&self, agent: AgentId, queue: usize) -> Option<u8> {
        let skills = self.plan.skills(self.groups[agent.index()]);
        skills.iter().find(|skill| skill.queue.index() == queue).map(|skill| skill.level)
    }

    fn become_ready(&mut self, agent: AgentId) {
        self.readied += 1;
        self.became_ready[agent.index()] = self.readied;
        self.resume(agent);
    }

    /// Puts an agent at the place that his last readiness gives him.
    fn resume(&mut self, agent: AgentId) {
        self.idle.push((self.became_ready[agent.index()], agent));
        self.idle.sort_unstable();
    }

    fn leave(&mut self, agent: AgentId) {
        self.idle.retain(|(_, idle)| *idle != agent);
    }

    /// Who gets a call of this queue.
    fn agent_for(&self, queue: usize) -> Option<AgentId> {
        let agents = self.idle.iter().map(|(_, agent)| *agent);
        let able = agents.filter(|agent| self.level(*agent, queue).is_some());
        let strategy = STRATEGIES[self.plan.routing[queue]];
        able.enumerate()
            .min_by_key(|(place, agent)| match strategy {
                "linear" => (self.groups[agent.index()], *place),
                "best-skill" => (usize::from(self.level(*agent, queue).unwrap_or(9)), *place),
                _ => (0, *place),
            })
            .map(|(_, agent)| agent)
    }

    /// Which call an agent takes.
    fn call_for(&self, agent: AgentId, now: u64) -> Option<CallId> {
        let score = |call: &Waiting| {
            let (priority, ageing) =
                if call.queue == 0 { (self.plan.priority, 0) } else { (0, self.plan.ageing) };
            i128::from(priority) * 60_000_000_000
                + i128::from(ageing) * i128::from(now - call.since)
        };
        let takes = TAKES[self.plan.takes[self.groups[agent.index()]] as usize];
        let able =
            self.waiting.iter().filter_map(|call| Some((call, self.level(agent, call.queue)?)));
        // Within a queue the order is that of entry, whatever the rule.
        let first = able.filter(|(call, _)| {
            !self.waiting.iter().any(|other| {
                other.queue == call.queue && (other.since, other.serial) < (call.since, call.serial)
            })
        });
        first
            .min_by_key(|(call, level)| match takes {
                Takes::Priority => (-score(call), i128::from(*level), call.since, call.serial),
                Takes::Level => (i128::from(*level), -score(call), call.since, call.serial),
                Takes::LongestWait => (0, 0, call.since, call.serial),
            })
            .map(|(call, _)| call.call)
    }
}

/// Plays acts against the switch and holds each decision against the reference.
struct Match {
    acd: Acd,
    reference: Reference,
    now: Timestamp,
    calls: Vec<(CallId, u64)>,
    offers: Vec<OfferId>,
    seats: usize,
    serial: u64,
    /// When each call first entered a queue.
    since: Vec<u64>,
}

impl Match {
    fn new(plan: Plan) -> Self {
        Self {
            acd: Acd::new(plan.config()),
            reference: Reference {
                plan,
                waiting: Vec::new(),
                idle: Vec::new(),
                became_ready: [0; SEATS],
                readied: 0,
                groups: Vec::new(),
            },
            now: Timestamp(1_000_000),
            calls: Vec::new(),
            offers: Vec::new(),
            seats: 0,
            serial: 0,
            since: Vec::new(),
        }
    }

    fn play(&mut self, act: &Act) {
        let pick = |index: u8, len: usize| if len == 0 { None } else { Some(index as usize % len) };
        let input = match *act {
            Act::Wait(seconds) => {
                self.now = Timestamp(self.now.0 + u64::from(seconds) * 100_000);
                return self.fire();
            }
            Act::Call(contact) => {
                let call = CallId { slot: self.calls.len() as u32, age: 3 };
                self.serial += 1;
                self.calls.push((call, self.serial));
                self.since.push(self.now.0);
                let contact = ContactId::new(usize::from(contact % 2));
                Some(Input::CallOffered {
                    call,
                    contact,
                    kind: AttemptKind::Fresh,
                    attempt: 0,
                    caller: 0,
                })
            }
            Act::HangUp(i) => {
                pick(i, self.calls.len()).map(|i| Input::CallerGone { call: self.calls[i].0 })
            }
            Act::Answer(i) => {
                pick(i, self.offers.len()).map(|i| Input::AgentAnswered { offer: self.offers[i] })
            }
            Act::LetRing(i) | Act::Refuse(i) => pick(i, self.offers.len())
                .map(|i| Input::OfferFailed { offer: self.offers[i], why: OfferFailure::Declined }),
            Act::EndWork(i) => {
                pick(i, self.seats).map(|i| Input::WrapUpDone { agent: AgentId::new(i) })
            }
            Act::SignIn(i) => self.seat_for(i),
            Act::SignOut(i) => {
                pick(i, self.seats).map(|i| Input::SignOut { agent: AgentId::new(i) })
            }
            Act::Pause(i) => pick(i, self.seats)
                .map(|i| Input::NotReady { agent: AgentId::new(i), reason: Reason::Break }),
            Act::Resume(i) => pick(i, self.seats).map(|i| Input::Ready { agent: AgentId::new(i) }),
        };
        if let Some(input) = input {
            let mut out = Vec::new();
            self.fire();
            self.acd.handle(self.now, input, &mut out);
            self.watch(&out);
        }
    }

    fn seat_for(&mut self, index: u8) -> Option<Input> {
        if self.seats < SEATS && index.is_multiple_of(2) {
            self.reference.groups.push(usize::from(index / 2) % 3);
            self.seats += 1;
            let seat = self.seats - 1;
            let group = GroupId::new(self.reference.groups[seat]);
            return Some(Input::SignIn { agent: AgentId::new(seat), group });
        }
        let seat = (self.seats > 0).then(|| usize::from(index) % self.seats)?;
        Some(Input::SignIn {
            agent: AgentId::new(seat),
            group: GroupId::new(self.reference.groups[seat]),
        })
    }

    fn fire(&mut self) {
        while let Some(due) = self.acd.next_timeout().filter(|due| *due <= self.now) {
            let mut out = Vec::new();
            let now = std::mem::replace(&mut self.now, due);
            self.acd.handle_timeout(due, &mut out);
            self.watch(&out);
            self.now = now.max(due);
        }
    }

    /// Follows the events, and holds every offer against what the reference would have done.
    fn watch(&mut self, out: &[Output]) {
        let mut freed: Option<AgentId> = None;
        for output in out {
            let Output::Event(event) = output else { continue };
            match *event {
                Event::OfferMade { offer, call, queue, was_waiting, .. } => {
                    self.check_offer(offer.agent, call, queue.index(), was_waiting, freed.take());
                    self.offers.push(offer);
                    self.reference.leave(offer.agent);
                    self.reference.waiting.retain(|waiting| waiting.call != call);
                }
                Event::CallWaits { call, queue } => self.stands(call, queue),
                Event::OfferEnded { offer, call, queue, next, waits_again, .. } => {
                    if waits_again {
                        self.stands(call, queue);
                    }
                    if next == acd::AgentPhase::Ready {
                        freed = Some(offer.agent);
                        self.reference.resume(offer.agent);
                    }
                }
                Event::CallLeft { call, .. } => self.reference.waiting.retain(|w| w.call != call),
                Event::TalkEnded { offer: OfferId { agent, .. }, next, .. }
                | Event::AcwEnded { agent, next, .. }
                    if next == acd::AgentPhase::Ready =>
                {
                    freed = Some(agent);
                    self.reference.become_ready(agent);
                }
                Event::AgentChanged { agent, to, .. } => {
                    self.reference.leave(agent);
                    if to == acd::AgentPhase::Ready {
                        freed = Some(agent);
                        self.reference.become_ready(agent);
                    }
                }
                Event::TalkEnded { .. }
                | Event::AcwEnded { .. }
                | Event::CallAnswered { .. }
                | Event::CallArrived { .. }
                | Event::CallLeftDoor { .. }
                | Event::CallEnqueued { .. }
                | Event::CallMoved { .. }
                | Event::CallReleased { .. }
                | Event::CallbackAccepted { .. }
                | Event::CallbackDropped { .. }
                | Event::CallSentBack { .. }
                | Event::HoldStarted { .. }
                | Event::HoldEnded { .. }
                | Event::IvrEntered { .. }
                | Event::IvrStepEntered { .. }
                | Event::LinesChanged { .. }
                | Event::Stale { .. } => {}
            }
        }
        if let Err(broken) = self.acd.check(self.now) {
            panic!("{broken}");
        }
    }

    fn stands(&mut self, call: CallId, queue: QueueId) {
        let serial = self.calls[call.index()].1;
        let since = self.since[call.index()];
        self.reference.waiting.push(Waiting { call, queue: queue.index(), since, serial });
    }

    fn check_offer(
        &mut self,
        agent: AgentId,
        call: CallId,
        queue: usize,
        was_waiting: bool,
        freed: Option<AgentId>,
    ) {
        if was_waiting {
            assert_eq!(freed, Some(agent), "a waiting call goes to the agent who became free");
            assert_eq!(self.reference.call_for(agent, self.now.0), Some(call), "pull");
        } else {
            assert_eq!(self.reference.agent_for(queue), Some(agent), "push");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_offer_is_the_one_an_obvious_scan_would_make(plan in plan(), acts in prop::collection::vec(act(), 1..120)) {
        let mut game = Match::new(plan);
        for act in &acts {
            game.play(act);
        }
    }

    #[test]
    fn a_restored_switch_continues_identically(
        routing in 0_usize..7,
        acts in prop::collection::vec(raw_input(), 1..150),
        cut in 0_usize..150,
        close in 50_usize..300,
    ) {
        let mut first = Acd::new(wild_config(routing));
        let mut second: Option<Acd> = None;
        let mut now = 0;
        for (index, (step, input)) in acts.iter().enumerate() {
            now += u64::from(*step) * 500_000;
            let mut out = Vec::new();
            let input = if index == close { &Input::CloseQueues } else { input };
            let is_quiet = first.next_timeout().is_none_or(|due| due > Timestamp(now));
            first.handle(Timestamp(now), *input, &mut out);
            let waiting = first.waiting_calls(QueueId(0)) + first.waiting_calls(QueueId(1));
            prop_assert!(index < close || waiting == 0, "{waiting} wait in a closed centre");
            prop_assert!(first.check(Timestamp(now)).is_ok(), "{:?}", first.check(Timestamp(now)));
            // What a timer did before is another breath.
            prop_assert_eq!(offer_made_in_vain(&out).filter(|_| is_quiet), None);
            if let Some(second) = &mut second {
                let mut again = Vec::new();
                second.handle(Timestamp(now), *input, &mut again);
                prop_assert_eq!(&out, &again);
            }
            if index == cut {
                second = Some(Acd::restore(&first.snapshot()).expect("its own snapshot"));
            }
        }
    }

    #[test]
    fn damaged_snapshots_are_refused(position in any::<prop::sample::Index>(), flip in 1_u8..) {
        let mut bytes = Acd::new(wild_config(0)).snapshot();
        let at = position.index(bytes.len());
        bytes[at] ^= flip;
        prop_assert!(Acd::restore(&bytes).is_err());
    }
}

/// Returns an offer that the switch made and took back in one breath: it knew better all along.
fn offer_made_in_vain(out: &[Output]) -> Option<OfferId> {
    let ended = |made: &OfferId| {
        out.iter().any(|output| {
            matches!(output, Output::Event(Event::OfferEnded { offer, .. }) if offer == made)
        })
    };
    out.iter().find_map(|output| match output {
        Output::Event(Event::OfferMade { offer, .. }) => Some(*offer).filter(ended),
        Output::Event(_) | Output::Command(_) => None,
    })
}

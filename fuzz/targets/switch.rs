#![no_main]
//! Any list of operations on a small switch: no panic, every law holds, a restored switch continues alike.

use acd::{
    Acd, AcdConfig, AgentId, AttemptKind, CallId, Callback, Command, ContactId, Duration, Entry,
    Event, Flow, FlowId, GroupConfig, GroupId, Input, OfferFailure, OfferId, Order, Output,
    Overflow, QueueConfig, QueueId, Reason, SiteConfig, SiteId, Skill, Step, StepId, Takes,
    Timestamp,
};
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

/// The most operations of one run.
const OPERATIONS_MAX: usize = 400;

/// How the switch is set up.
#[derive(Debug, Arbitrary)]
struct Setup {
    routings: [u8; 3],
    limits: [u8; 3],
    priorities: [i8; 3],
    ageing: u8,
    callbacks: [u8; 3],
    is_last_come: bool,
    lines: Option<u8>,
    site_lines: Option<u8>,
    overflow_after: Option<u16>,
    max_wait: Option<u16>,
    takes: u8,
    has_wrap_up: bool,
}

/// Time passes, or something is told. Ids are small, some of them beyond what there is.
#[derive(Debug, Arbitrary)]
enum Operation {
    Pass(u16),
    Call { slot: u8, contact: u8, kind: u8 },
    Gone(u8),
    Digit { slot: u8, digit: u8 },
    PlayEnded { slot: u8, step: u8 },
    AcceptCallback(u8),
    Answer(u8),
    Fail(u8),
    Hang(u8),
    Hold { agent: u8, on: bool },
    WrapUp(u8),
    Stale { agent: u8, age: u8 },
    SignIn { agent: u8, group: u8 },
    SignOut(u8),
    SignOutNext { group: u8, count: u8 },
    SendBack(u8),
    CutOff(u8),
    NotReady(u8),
    Ready(u8),
    LoseSite(u8),
    RestoreSite(u8),
    SetLines { site: Option<u8>, lines: Option<u8> },
    AddOverflow { from: u8, to: u8, after: u16 },
    OfferCallbacks { queue: u8, on: bool },
    Restore,
    CloseDoor,
    CloseQueues,
}

const SLOTS: u8 = 24;
const SEATS: u8 = 10;

fuzz_target!(|input: (Setup, Vec<Operation>)| {
    let (setup, operations) = input;
    let mut world = World::new(&setup);
    for operation in operations.iter().take(OPERATIONS_MAX) {
        world.apply(operation);
        if let Err(broken) = world.acd.check(world.now) {
            panic!("{broken} after {operation:?}");
        }
    }
});

/// The switch, and what the outside must remember to answer it.
struct World {
    acd: Acd,
    now: Timestamp,
    ages: [u32; SLOTS as usize],
    offers: [OfferId; SEATS as usize],
    out: Vec<Output>,
}

impl World {
    fn new(setup: &Setup) -> Self {
        Self {
            acd: Acd::new(config(setup)),
            now: Timestamp(0),
            ages: [0; SLOTS as usize],
            offers: [OfferId::default(); SEATS as usize],
            out: Vec::new(),
        }
    }

    fn apply(&mut self, operation: &Operation) {
        match *operation {
            Operation::Pass(tenths) => self.pass(tenths),
            Operation::Restore => self.restore(),
            Operation::Call { slot, .. } => {
                let slot = usize::from(slot % SLOTS);
                self.ages[slot] += 1;
                self.tell(operation);
            }
            ref other => self.tell(other),
        }
    }

    /// Lets time pass; every timer on the way fires at its own time.
    fn pass(&mut self, tenths: u16) {
        let end = self.now.after(Duration(u64::from(tenths) * 100_000));
        while let Some(due) = self.acd.next_timeout().filter(|due| *due <= end) {
            self.now = due.max(self.now);
            self.acd.handle_timeout(self.now, &mut self.out);
            self.note();
        }
        self.now = end;
    }

    fn tell(&mut self, operation: &Operation) {
        if let Some(input) = self.input(operation) {
            self.acd.handle(self.now, input, &mut self.out);
            self.note();
        }
    }

    /// A restored switch is the same switch.
    fn restore(&mut self) {
        let bytes = self.acd.snapshot();
        self.acd = Acd::restore(&bytes).expect("a snapshot restores");
        assert_eq!(self.acd.snapshot(), bytes);
    }

    /// Remembers the newest offer of each agent.
    fn note(&mut self) {
        for output in self.out.drain(..) {
            canary(&output);
            if let Output::Command(Command::Ring { offer, .. }) = output {
                self.offers[offer.agent.index()] = offer;
            }
        }
    }

    fn call(&self, slot: u8) -> CallId {
        let slot = slot % SLOTS;
        CallId { slot: slot.into(), age: self.ages[usize::from(slot)] }
    }

    fn offer(&self, agent: u8) -> OfferId {
        self.offers[usize::from(agent % SEATS)]
    }

    fn input(&self, operation: &Operation) -> Option<Input> {
        let agent = |agent: u8| AgentId(u32::from(agent % SEATS));
        let queue = |queue: u8| QueueId(u16::from(queue % 4));
        let site = |site: u8| SiteId(u16::from(site % 3));
        let group = |group: u8| GroupId(u16::from(group % 4));
        Some(match *operation {
            Operation::Pass(_) | Operation::Restore => return None,
            Operation::Call { slot, contact, kind } => Input::CallOffered {
                call: self.call(slot),
                contact: ContactId(u16::from(contact % 5)),
                kind: AttemptKind::ALL[usize::from(kind % 3)],
                attempt: 0,
                caller: slot.into(),
            },
            Operation::Gone(slot) => Input::CallerGone { call: self.call(slot) },
            Operation::Digit { slot, digit } => Input::DigitPressed {
                call: self.call(slot),
                digit: b"123#x"[usize::from(digit % 5)],
            },
            Operation::PlayEnded { slot, step } => {
                Input::PlayEnded { call: self.call(slot), step: StepId(u16::from(step % 8)) }
            }
            Operation::AcceptCallback(slot) => Input::CallbackAccepted { call: self.call(slot) },
            Operation::Answer(seat) => Input::AgentAnswered { offer: self.offer(seat) },
            Operation::Fail(seat) => {
                Input::OfferFailed { offer: self.offer(seat), why: OfferFailure::Busy }
            }
            Operation::Hang(seat) => Input::AgentGone { offer: self.offer(seat) },
            Operation::Hold { agent, on } => Input::AgentHeld { offer: self.offer(agent), on },
            Operation::WrapUp(seat) => Input::WrapUpDone { agent: agent(seat) },
            Operation::Stale { agent: seat, age } => Input::AgentAnswered {
                offer: OfferId { agent: AgentId(seat.into()), age: age.into() },
            },
            Operation::SignIn { agent: seat, group: g } => {
                Input::SignIn { agent: agent(seat), group: group(g) }
            }
            Operation::SignOut(seat) => Input::SignOut { agent: agent(seat) },
            Operation::SignOutNext { group: g, count } => {
                Input::SignOutNext { group: group(g), count: count.into() }
            }
            Operation::SendBack(seat) => Input::SendBack { agent: agent(seat) },
            Operation::CutOff(seat) => Input::CutOff { agent: agent(seat) },
            Operation::NotReady(seat) => {
                Input::NotReady { agent: agent(seat), reason: Reason::Break }
            }
            Operation::Ready(seat) => Input::Ready { agent: agent(seat) },
            Operation::LoseSite(s) => Input::SiteLost { site: site(s) },
            Operation::RestoreSite(s) => Input::SiteRestored { site: site(s) },
            Operation::SetLines { site: s, lines } => {
                Input::SetLines { site: s.map(site), lines: lines.map(u32::from) }
            }
            Operation::AddOverflow { from, to, after } => Input::AddOverflow {
                from: queue(from),
                to: queue(to),
                after: Duration(u64::from(after) * 100_000),
            },
            Operation::OfferCallbacks { queue: q, on } => {
                Input::OfferCallbacks { queue: queue(q), on }
            }
            Operation::CloseDoor => Input::CloseDoor,
            Operation::CloseQueues => Input::CloseQueues,
        })
    }
}

/// Something rare that a good search reaches within a minute: an agent answers a call, which takes five
/// operations that fit each other.
fn canary(output: &Output) {
    let is_rare = matches!(output, Output::Event(Event::CallAnswered { .. }));
    assert!(!cfg!(feature = "canary") || !is_rare, "canary");
}

/// A switch with three queues, three groups, two sites and a flow.
fn config(setup: &Setup) -> AcdConfig {
    AcdConfig {
        tie_break_seed: 1,
        lines: setup.lines.map(u32::from),
        contacts: vec![
            Entry::Queue(QueueId(0)),
            Entry::Queue(QueueId(1)),
            Entry::Queue(QueueId(2)),
            Entry::Flow(FlowId(0)),
        ],
        queues: (0..3).map(|index| queue(setup, index)).collect(),
        groups: vec![
            group(setup, Some(SiteId(0)), &[(0, 1), (1, 2)]),
            group(setup, Some(SiteId(1)), &[(1, 1), (2, 1)]),
            group(setup, None, &[(0, 3), (1, 3), (2, 3)]),
        ],
        sites: vec![SiteConfig { lines: setup.site_lines.map(u32::from) }; 2],
        flows: vec![flow()],
    }
}

fn queue(setup: &Setup, index: usize) -> QueueConfig {
    let next = QueueId::new((index + 1) % 3);
    let after = setup.overflow_after.map(|tenths| Duration(u64::from(tenths) * 100_000));
    let names = acd::routing::NAMES;
    QueueConfig {
        routing: names[usize::from(setup.routings[index]) % names.len()].to_owned(),
        order: if setup.is_last_come { Order::LastCome } else { Order::FirstCome },
        priority: setup.priorities[index].into(),
        ageing_milli_per_min: u32::from(setup.ageing) * 100,
        max_length: (setup.limits[index] < 8).then_some(setup.limits[index].into()),
        max_wait: setup.max_wait.map(|tenths| Duration(u64::from(tenths) * 100_000)),
        overflow: vec![Overflow { after, to: next }],
        callback: match setup.callbacks[index] % 3 {
            0 => Callback::None,
            1 => Callback::VirtualHold,
            _ => Callback::List { if_queue_at_least: 1, idle_reserve: 0 },
        },
        wrap_up: setup.has_wrap_up,
    }
}

fn group(setup: &Setup, site: Option<SiteId>, skills: &[(u16, u8)]) -> GroupConfig {
    GroupConfig {
        site,
        skills: skills
            .iter()
            .map(|&(queue, level)| Skill {
                queue: QueueId(queue),
                level,
                handling: Duration::from_secs(u64::from(level) * 60),
            })
            .collect(),
        takes: [Takes::Priority, Takes::Level, Takes::LongestWait][usize::from(setup.takes % 3)],
        ring_timeout: Some(Duration::from_secs(15)),
        back_off: Duration::from_secs(10),
        not_ready_after: 3,
    }
}

fn flow() -> Flow {
    let menu = Step::Menu {
        keys: vec![(b'1', StepId(1)), (b'2', StepId(2)), (b'3', StepId(3))],
        no_input: StepId(0),
        no_match: StepId(0),
        tries: 3,
        failed: StepId(4),
        timeout: Some(Duration::from_secs(8)),
    };
    let enqueue =
        |queue| Step::Enqueue { queue: QueueId(queue), full: StepId(3), timed_out: StepId(3) };
    Flow {
        steps: vec![menu, enqueue(0), enqueue(2), Step::Play { then: StepId(4) }, Step::Release],
        start: StepId(0),
    }
}

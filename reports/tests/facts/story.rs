//! Hand-made facts: a small centre and the words to tell what happens in it.

use acd::kpi::{Kpi, Scope, Selector, ServiceLevelDefinition};
use acd::{
    AgentId, AgentPhase, AttemptKind, CallId, ContactId, DoorOutcome, Duration, Event, FlowId,
    GroupId, OfferId, OfferOutcome, Outcome, QueueId, Reason, SiteId, Timestamp,
};
use reports::{Context, Fact, GroupContext, Ledger, PersonFact, QueueContext, Span, Totals};

/// Sales (80 % in 20 s) and support (70 % in 60 s); groups `north` at site `city` and `home`; ten minutes in two intervals.
pub(crate) fn context() -> Context {
    let queue = |name: &str, share: f64, within: u64| QueueContext {
        name: name.to_owned(),
        target: Some((share, secs(within))),
        definition: ServiceLevelDefinition::ExcludingAbandonsInTarget,
        levels: vec![secs(within), secs(30)],
        short_abandon: secs(10),
    };
    Context {
        mode: "sim",
        title: "A small centre".to_owned(),
        question: "Are two agents enough?".to_owned(),
        file: "small.toml".to_owned(),
        hash: "0123456789abcdef".to_owned(),
        seed: 1,
        start_of_day: secs(8 * 3600),
        start: None,
        length: secs(600),
        interval: secs(300),
        warm_up: Duration::ZERO,
        queues: vec![queue("sales", 0.8, 20), queue("support", 0.7, 60)],
        contacts: vec!["buyers".to_owned(), "owners".to_owned()],
        groups: vec![
            GroupContext { name: "north".to_owned(), site: Some(SiteId(0)) },
            GroupContext { name: "home".to_owned(), site: None },
        ],
        sites: vec!["city".to_owned()],
        pairs: vec![(ContactId(0), GroupId(0))],
        marks: Vec::new(),
        gate: Vec::new(),
        reproduce: "callstorm run small.toml --seed 1".to_owned(),
    }
}

pub(crate) const SALES: QueueId = QueueId(0);
pub(crate) const SUPPORT: QueueId = QueueId(1);
pub(crate) const BUYERS: ContactId = ContactId(0);
pub(crate) const OWNERS: ContactId = ContactId(1);
pub(crate) const NORTH: GroupId = GroupId(0);
pub(crate) const HOME: GroupId = GroupId(1);
pub(crate) const CITY: SiteId = SiteId(0);

pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn call(number: u32) -> CallId {
    CallId { slot: number, age: 1 }
}

pub(crate) const fn offer(agent: u32) -> OfferId {
    OfferId { agent: AgentId(agent), age: 1 }
}

/// A fact that owns its event.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Told {
    Switch(Event),
    Person(PersonFact),
}

impl Told {
    pub(crate) fn fact(&self) -> Fact<'_> {
        match self {
            Self::Switch(event) => Fact::Switch(event),
            Self::Person(fact) => Fact::Person(*fact),
        }
    }
}

/// What happens, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Story {
    pub(crate) facts: Vec<(Timestamp, Told)>,
}

impl Story {
    pub(crate) fn event(&mut self, at: u64, event: Event) -> &mut Self {
        self.facts.push((Timestamp(at * acd::SECOND), Told::Switch(event)));
        self
    }

    pub(crate) fn person(&mut self, at: u64, fact: PersonFact) -> &mut Self {
        self.facts.push((Timestamp(at * acd::SECOND), Told::Person(fact)));
        self
    }

    pub(crate) fn scheduled(&mut self, at: u64, group: GroupId, count: u32) -> &mut Self {
        self.person(at, PersonFact::Scheduled { group, count })
    }

    pub(crate) fn signs_in(&mut self, at: u64, agent: u32, group: GroupId) -> &mut Self {
        self.agent(at, agent, group, AgentPhase::SignedOut, AgentPhase::Ready, None)
    }

    pub(crate) fn agent(
        &mut self,
        at: u64,
        agent: u32,
        group: GroupId,
        from: AgentPhase,
        to: AgentPhase,
        reason: Option<Reason>,
    ) -> &mut Self {
        self.event(at, Event::AgentChanged { agent: AgentId(agent), group, from, to, reason })
    }

    pub(crate) fn arrives(
        &mut self,
        at: u64,
        number: u32,
        contact: ContactId,
        kind: AttemptKind,
    ) -> &mut Self {
        let event = Event::CallArrived {
            call: call(number),
            contact,
            kind,
            site: None,
            attempt: 0,
            caller: 7,
        };
        self.event(at, event)
    }

    pub(crate) fn enqueued(
        &mut self,
        at: u64,
        number: u32,
        contact: ContactId,
        queue: QueueId,
    ) -> &mut Self {
        let since = Timestamp(at * acd::SECOND);
        let event = Event::CallEnqueued {
            call: call(number),
            queue,
            contact,
            from: None,
            since,
            from_ivr: false,
        };
        self.event(at, event)
    }

    pub(crate) fn overflows(
        &mut self,
        at: u64,
        number: u32,
        contact: ContactId,
        since: u64,
        way: [QueueId; 2],
    ) -> &mut Self {
        let was_waiting = at > since;
        self.event(at, Event::CallMoved { call: call(number), queue: way[0], was_waiting });
        let event = Event::CallEnqueued {
            call: call(number),
            queue: way[1],
            contact,
            from: Some(way[0]),
            since: Timestamp(since * acd::SECOND),
            from_ivr: false,
        };
        self.event(at, event)
    }

    pub(crate) fn waits(&mut self, at: u64, number: u32, queue: QueueId) -> &mut Self {
        self.event(at, Event::CallWaits { call: call(number), queue })
    }

    /// A fresh call of buyers to sales that waits.
    pub(crate) fn waits_in_sales(&mut self, at: u64, number: u32) -> &mut Self {
        self.arrives(at, number, BUYERS, AttemptKind::Fresh)
            .enqueued(at, number, BUYERS, SALES)
            .waits(at, number, SALES)
    }

    pub(crate) fn offered(
        &mut self,
        at: u64,
        number: u32,
        agent: u32,
        queue: QueueId,
        was_waiting: bool,
    ) -> &mut Self {
        let event = Event::OfferMade {
            offer: offer(agent),
            call: call(number),
            queue,
            was_waiting,
            is_callback: false,
        };
        self.event(at, event)
    }

    pub(crate) fn answered(
        &mut self,
        at: u64,
        number: u32,
        agent: u32,
        queue: QueueId,
        wait: u64,
        ring: u64,
    ) -> &mut Self {
        let event = Event::CallAnswered {
            offer: offer(agent),
            call: call(number),
            queue,
            wait: secs(wait),
            ring: secs(ring),
            is_callback: false,
        };
        self.event(at, event)
    }

    pub(crate) fn talk_ends(
        &mut self,
        at: u64,
        number: u32,
        agent: u32,
        talk: u64,
        next: AgentPhase,
    ) -> &mut Self {
        let event = Event::TalkEnded {
            offer: offer(agent),
            call: call(number),
            talk: secs(talk),
            hold: Duration::ZERO,
            next,
            reason: None,
            was_cut: false,
            is_callback: false,
        };
        self.event(at, event)
    }

    pub(crate) fn acw_ends(&mut self, at: u64, number: u32, agent: u32, acw: u64) -> &mut Self {
        let event = Event::AcwEnded {
            agent: AgentId(agent),
            call: call(number),
            acw: secs(acw),
            next: AgentPhase::Ready,
            reason: None,
        };
        self.event(at, event)
    }

    pub(crate) fn leaves(
        &mut self,
        at: u64,
        number: u32,
        queue: QueueId,
        outcome: Outcome,
        wait: u64,
    ) -> &mut Self {
        let left = Event::CallLeft {
            call: call(number),
            queue,
            outcome,
            wait: secs(wait),
            was_waiting: true,
        };
        self.event(at, left).event(at, Event::CallReleased { call: call(number) })
    }

    pub(crate) fn leaves_door(&mut self, at: u64, number: u32, outcome: DoorOutcome) -> &mut Self {
        self.event(at, Event::CallLeftDoor { call: call(number), outcome })
    }

    pub(crate) fn enters_ivr(&mut self, at: u64, number: u32) -> &mut Self {
        self.event(at, Event::IvrEntered { call: call(number), flow: FlowId(0) })
    }

    pub(crate) fn offer_ends(
        &mut self,
        at: u64,
        number: u32,
        agent: u32,
        queue: QueueId,
        next: AgentPhase,
    ) -> &mut Self {
        let event = Event::OfferEnded {
            offer: offer(agent),
            call: call(number),
            queue,
            outcome: OfferOutcome::NoAnswer,
            next,
            reason: None,
            waits_again: true,
        };
        self.event(at, event)
    }

    pub(crate) fn totals(&self, context: &Context, end: u64) -> Totals {
        let mut ledger = Ledger::new(context);
        for (at, told) in &self.facts {
            ledger.record(*at, &told.fact());
        }
        ledger.finish(Timestamp(end * acd::SECOND))
    }
}

/// Reads figures of totals in few words.
pub(crate) struct Figures<'a>(pub(crate) &'a Totals);

impl Figures<'_> {
    pub(crate) fn of(&self, key: &str, scope: Scope, span: Span) -> Option<f64> {
        let kpi = Kpi::from_key(key).expect("a key");
        self.0.figure(kpi, None, Selector::of(scope), span)
    }

    pub(crate) fn run(&self, key: &str) -> f64 {
        self.of(key, Scope::All, Span::Run).unwrap_or_else(|| panic!("no {key}"))
    }

    pub(crate) fn at(&self, key: &str, scope: Scope) -> f64 {
        self.of(key, scope, Span::Run).unwrap_or_else(|| panic!("no {key} of {scope:?}"))
    }

    pub(crate) fn interval(&self, key: &str, number: u32) -> f64 {
        self.of(key, Scope::All, Span::Interval(number))
            .unwrap_or_else(|| panic!("no {key} in {number}"))
    }

    pub(crate) fn service(&self, definition: ServiceLevelDefinition, scope: Scope) -> f64 {
        let level = self.0.service_level(definition, None, Selector::of(scope), Span::Run);
        level.expect("calls")
    }
}

/// Asserts that two numbers are the same but for rounding.
#[track_caller]
pub(crate) fn same(value: f64, expected: f64) {
    assert!(
        (value - expected).abs() <= 1e-12 * expected.abs().max(1.0),
        "{value}, expected {expected}"
    );
}

//! A story: people by name, a clock, and the timeline of what happened, as a person would tell it.

use acd::{
    Acd, AcdConfig, AgentId, AttemptKind, CallId, ContactId, Duration, Entry, Event, GroupConfig,
    GroupId, Input, OfferId, Output, QueueConfig, QueueId, Skill, Timestamp,
};
use std::fmt::Write as _;

/// A small centre whose events are told line by line.
pub(crate) struct Story {
    pub(crate) acd: Acd,
    now: Timestamp,
    queues: Vec<String>,
    agents: Vec<String>,
    callers: Vec<String>,
    ring: Vec<(OfferId, CallId)>,
    told: String,
    pub(crate) events: Vec<(Timestamp, Event)>,
}

/// Makes a queue with the defaults of a story: no after-call work.
pub(crate) fn queue() -> QueueConfig {
    QueueConfig { wrap_up: false, ..QueueConfig::default() }
}

/// Opens a centre with one queue and one group.
pub(crate) fn billing(queue: QueueConfig) -> Story {
    Story::new(
        &["billing"],
        AcdConfig { queues: vec![queue], groups: vec![group(&[(0, 1)])], ..AcdConfig::default() },
    )
}

/// A duration in seconds.
pub(crate) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Makes a group with skills as (queue, level).
pub(crate) fn group(skills: &[(usize, u8)]) -> GroupConfig {
    let skill = |&(queue, level): &(usize, u8)| Skill {
        queue: QueueId::new(queue),
        level,
        handling: Duration::from_secs(u64::from(level) * 60),
    };
    GroupConfig {
        skills: skills.iter().map(skill).collect(),
        ring_timeout: Some(Duration::from_secs(15)),
        back_off: Duration::from_secs(10),
        ..GroupConfig::default()
    }
}

impl Story {
    /// Opens a centre with these queues and groups; contact i enters queue i unless `config` has contacts.
    pub(crate) fn new(queues: &[&str], mut config: AcdConfig) -> Self {
        if config.contacts.is_empty() {
            config.contacts = (0..queues.len()).map(|q| Entry::Queue(QueueId::new(q))).collect();
        }
        Self {
            acd: Acd::new(config),
            now: Timestamp::ZERO,
            queues: queues.iter().map(|&q| q.to_owned()).collect(),
            agents: Vec::new(),
            callers: Vec::new(),
            ring: Vec::new(),
            told: String::new(),
            events: Vec::new(),
        }
    }

    /// Moves the clock to `hh:mm:ss`, firing the switch's timers on the way.
    pub(crate) fn at(&mut self, clock: &str) -> &mut Self {
        let mut seconds = 0;
        for part in clock.split(':') {
            seconds = seconds * 60 + part.parse::<u64>().expect("a number");
        }
        let until = Timestamp(seconds * acd::SECOND);
        while let Some(due) = self.acd.next_timeout().filter(|due| *due <= until) {
            let mut out = Vec::new();
            self.acd.handle_timeout(due, &mut out);
            self.now = due;
            self.tell(&out);
        }
        self.now = until;
        self
    }

    /// Hands an input over and tells what followed; the laws must hold.
    pub(crate) fn say(&mut self, input: Input) -> &mut Self {
        let mut out = Vec::new();
        self.acd.handle(self.now, input, &mut out);
        self.tell(&out);
        self
    }

    /// Signs an agent in to a group.
    pub(crate) fn ready(&mut self, agent: &str, group: usize) -> &mut Self {
        let id = self.agents.iter().position(|name| name == agent).unwrap_or_else(|| {
            self.agents.push(agent.to_owned());
            self.agents.len() - 1
        });
        self.say(Input::SignIn { agent: AgentId::new(id), group: GroupId::new(group) })
    }

    /// Lets a caller reach the door for a contact.
    pub(crate) fn call(&mut self, caller: &str, contact: usize) -> &mut Self {
        self.callers.push(caller.to_owned());
        let call = CallId { slot: self.callers.len() as u32 - 1, age: 0 };
        let kind = AttemptKind::Fresh;
        self.say(Input::CallOffered {
            call,
            contact: ContactId::new(contact),
            kind,
            attempt: 0,
            caller: 1,
        })
    }

    /// The agent takes the call that rings at him.
    pub(crate) fn answers(&mut self, agent: &str) -> &mut Self {
        let agent = self.agent(agent);
        let ringing = self.ring.iter().rev().find(|(offer, _)| offer.agent == agent);
        let offer = ringing.expect("a call rings").0;
        self.say(Input::AgentAnswered { offer })
    }

    /// The caller hangs up.
    pub(crate) fn hangs_up(&mut self, caller: &str) -> &mut Self {
        let call = self.caller(caller);
        self.say(Input::CallerGone { call })
    }

    pub(crate) fn agent(&self, name: &str) -> AgentId {
        AgentId::new(self.agents.iter().position(|agent| agent == name).expect("an agent"))
    }

    pub(crate) fn caller(&self, name: &str) -> CallId {
        let slot = self.callers.iter().position(|caller| caller == name).expect("a caller");
        CallId { slot: slot as u32, age: 0 }
    }

    /// Returns what was told since the last time.
    pub(crate) fn timeline(&mut self) -> String {
        std::mem::take(&mut self.told)
    }

    fn tell(&mut self, out: &[Output]) {
        for output in out {
            let Output::Event(event) = output else { continue };
            if let Event::OfferMade { offer, call, .. } = event {
                self.ring.push((*offer, *call));
            }
            self.events.push((self.now, *event));
            if let Some(line) = self.line(event) {
                let _ = writeln!(self.told, "{}  {line}", self.now);
            }
        }
        if let Err(broken) = self.acd.check(self.now) {
            panic!("{broken}\n{}", self.told);
        }
    }

    fn line(&self, event: &Event) -> Option<String> {
        let who = |call: &CallId| self.callers[call.index()].clone();
        let agent =
            |id: AgentId| self.agents.get(id.index()).map_or("?", String::as_str).to_owned();
        let queue = |id: &QueueId| self.queues[id.index()].clone();
        Some(match event {
            Event::CallLeftDoor { call, outcome } => format!("{} {}", who(call), outcome.name()),
            Event::IvrStepEntered { call, step, .. } => format!("{} step {}", who(call), step.0),
            Event::CallEnqueued { call, queue: q, from: Some(from), .. } => {
                format!("{} overflowed {} to {}", who(call), queue(from), queue(q))
            }
            Event::CallEnqueued { call, queue: q, .. } => {
                format!("{} offered {}", who(call), queue(q))
            }
            Event::CallWaits { call, .. } => format!("{} waits", who(call)),
            Event::CallbackAccepted { call, .. } => format!("{} keeps the place", who(call)),
            Event::CallbackDropped { call, .. } => format!("{} will not be called back", who(call)),
            Event::OfferMade { offer, call, .. } => {
                format!("{} rings {}", who(call), agent(offer.agent))
            }
            Event::OfferEnded { offer, call, outcome, next, .. } => {
                format!("{} {} {outcome:?}, then {next:?}", who(call), agent(offer.agent))
            }
            Event::CallAnswered { offer, call, wait, .. } => {
                format!("{} answered {} waited {wait}", who(call), agent(offer.agent))
            }
            Event::CallLeft { call, outcome, wait, .. } => {
                format!("{} {} after {wait}", who(call), outcome.name())
            }
            Event::CallSentBack { offer, call, .. } => {
                format!("{} sent back by {}", who(call), agent(offer.agent))
            }
            Event::HoldStarted { call, .. } => format!("{} on hold", who(call)),
            Event::HoldEnded { call, .. } => format!("{} off hold", who(call)),
            Event::TalkEnded { offer, call, talk, hold, next, was_cut, .. } => {
                let how = if *was_cut { "cut" } else { "talked" };
                format!("{} {how} {talk} hold {hold}, {} {next:?}", who(call), agent(offer.agent))
            }
            Event::AcwEnded { agent: id, acw, next, .. } => {
                format!("{} acw {acw}, {next:?}", agent(*id))
            }
            Event::AgentChanged { agent: id, from, to, .. } => {
                format!("{} {from:?} to {to:?}", agent(*id))
            }
            Event::Stale { .. } => "stale".to_owned(),
            Event::CallArrived { .. }
            | Event::IvrEntered { .. }
            | Event::CallMoved { .. }
            | Event::CallReleased { .. }
            | Event::LinesChanged { .. } => return None,
        })
    }
}

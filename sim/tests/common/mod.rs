//! Scenarios built in code, for tests: one contact, one queue, one group, to be changed as needed.
#![allow(dead_code, reason = "each test file uses its part")]

use acd::kpi::ServiceLevelDefinition;
use acd::{Callback, ContactId, Duration, Entry, Order, QueueId, Rate, Takes, Timestamp};
use chance::Law;
use scenarios::{
    Arrivals, Close, Contact, Group, NoAnswer, Poisson, Queue, RateCurve, RedialDraws, Run,
    Scenario, StaffRule, Target,
};

/// Returns whole seconds.
pub const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Returns the moment that many seconds after the beginning.
pub const fn at(seconds: u64) -> Timestamp {
    Timestamp(seconds * acd::SECOND)
}

/// Returns an exponential law.
pub fn exponential(mean: f64) -> Law {
    Law::Exponential { mean }
}

/// Returns Poisson arrivals at a constant rate.
pub fn poisson(per_hour: f64) -> Arrivals {
    Arrivals::Poisson(Poisson { rate: RateCurve::Constant(Rate { per_hour }), busyness: None })
}

/// Returns a contact whose calls enter a queue: patient callers, exponential talk of 180 s.
pub fn contact(queue: u16) -> Contact {
    Contact {
        name: format!("contact-{queue}"),
        entry: Entry::Queue(QueueId(queue)),
        arrivals: poisson(200.0),
        talk: exponential(180.0),
        hold: Law::Constant(0.0),
        acw: Law::Constant(0.0),
        patience: exponential(120.0),
        balk: 0.0,
        mood: Vec::new(),
        redial: Vec::new(),
        redial_draws: RedialDraws::Fresh,
        reconnect: None,
        choices: Vec::new(),
    }
}

/// Returns a plain queue with a target.
pub fn queue(name: &str) -> Queue {
    Queue {
        name: name.to_owned(),
        target: Some(Target { share: 0.8, within: secs(20) }),
        definition: ServiceLevelDefinition::default(),
        service_level_at: Vec::new(),
        short_abandon: secs(10),
        routing: "longest-idle".to_owned(),
        order: Order::FirstCome,
        priority: 0,
        ageing_milli_per_min: 0,
        max_length: None,
        max_wait: None,
        overflow: Vec::new(),
        callback: Callback::None,
        callback_accept: 0.0,
    }
}

/// Returns a group of so many agents for one queue.
pub fn group(queue: u16, count: u32) -> Group {
    Group {
        name: format!("group-{queue}"),
        site: None,
        skills: vec![(QueueId(queue), 1)],
        takes: Takes::Priority,
        schedule: vec![(Timestamp::ZERO, count)],
        shifts: Vec::new(),
        speed: 1.0,
        talk: Vec::new(),
        hold: Vec::new(),
        acw: Vec::new(),
        pick_up: Law::Constant(0.0),
        ring_timeout: secs(15),
        no_answer: NoAnswer {
            share: 0.0,
            back_off: secs(10),
            not_ready_after: 0,
            returns_after: secs(300),
        },
        no_show: 0.0,
    }
}

/// Returns one contact, one queue, one group of agents, for 8 hours.
pub fn scenario(agents: u32) -> Scenario {
    Scenario {
        file: "scenarios/test.toml".to_owned(),
        hash: "0123456789abcdef".to_owned(),
        title: "Test".to_owned(),
        question: String::new(),
        start: None,
        start_of_day: Duration::ZERO,
        length: secs(8 * 3600),
        interval: secs(1800),
        run: Run {
            seed: 1,
            replications: 4,
            warm_up: Duration::ZERO,
            when_staff_shrinks: StaffRule::NamedFinish,
            close: Close::Serve,
            drain_limit: secs(4 * 3600),
        },
        lines: None,
        demand_scale: 1.0,
        contacts: vec![contact(0)],
        queues: vec![queue("sales")],
        groups: vec![group(0, agents)],
        sites: Vec::new(),
        flows: Vec::new(),
        timeline: Vec::new(),
        playbook: Vec::new(),
        gate: Vec::new(),
        pairs: Vec::new(),
    }
}

/// Names the first contact.
pub const FIRST: ContactId = ContactId(0);

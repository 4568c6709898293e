//! Scenarios built in code, for tests: one contact, one queue, one group, to be changed as needed.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use acd::kpi::{Comparison, Condition, Kpi, Selector, ServiceLevelDefinition};
use acd::{
    Callback, ContactId, Duration, Entry, Flow, FlowId, GroupId, Order, Outcome, Overflow, QueueId,
    Rate, SiteId, Step, StepId, Takes, Timestamp,
};
use chance::Law;
use reports::{Estimate, Estimates, LawsChecked, Summary};
use scenarios::{
    Action, Arrivals, Close, Contact, Failure, Group, Happening, IvrFlow, Mood, NoAnswer, Play,
    Poisson, Queue, RateCurve, Reconnect, Redial, RedialDraws, Run, Scenario, StaffRule, Target,
    TimelineEntry,
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
        numbers: Vec::new(),
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
        wrap_up: None,
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
        live: scenarios::Live::default(),
    }
}

/// Names the first contact.
pub const FIRST: ContactId = ContactId(0);

/// Runs a scenario on two threads, and asserts that no law is broken.
pub fn simulate(scenario: &Scenario) -> Summary {
    let mut estimates = Estimates::new(&sim::context(scenario));
    let mut laws = LawsChecked::default();
    let options = sim::Options { threads: 2, ..sim::Options::default() };
    sim::run(scenario, &options, &mut |replication| {
        estimates.add(replication.totals);
        laws.checked += replication.laws_checked;
        laws.broken.extend(replication.broken);
    })
    .expect("within the limits");
    let summary = estimates.finish(laws);
    assert_eq!(summary.laws.broken, [] as [String; 0]);
    summary
}

/// Asserts that an interval of confidence three times as wide as at 95 % holds the exact value (|t| ≤ 6 about), and is not too vague to mean anything.
pub fn assert_near(estimate: Estimate, exact: f64, what: &str) {
    let (low, high) = estimate.ci95.expect("several replications");
    let (low, high) = (3.0 * low - 2.0 * estimate.mean, 3.0 * high - 2.0 * estimate.mean);
    assert!((low..=high).contains(&exact), "{what}: {exact} outside {low}..{high}");
    assert!(high - low < 0.25 * exact.max(0.01), "{what} is too vague: {low}..{high}");
}

/// Likewise, of a figure of the whole centre and run.
pub fn assert_meets(summary: &Summary, kpi: Kpi, exact: f64) {
    let estimate = summary.figure(kpi, None, Selector::ALL).expect("observed");
    assert_near(estimate, exact, kpi.key());
}

/// Returns the mean of a figure of the whole centre and run.
pub fn mean(summary: &Summary, kpi: Kpi) -> f64 {
    summary.figure(kpi, None, Selector::ALL).expect("observed").mean
}

/// Returns a centre with a bit of everything: two contacts of which one comes through an IVR, moods, redials, hold, after-call work, two sites, overflow, callbacks, no-shows, and a bad morning with a plan.
pub fn storm() -> Scenario {
    let mut storm = scenario(0);
    storm.length = secs(4 * 3600);
    storm.queues = vec![queue("sales"), queue("support")];
    storm.contacts = vec![contact(0), contact(1)];
    storm.contacts[0].name = "sales".to_owned();
    storm.contacts[1].name = "support".to_owned();
    storm.sites = ["north", "south"]
        .map(|name| scenarios::Site { name: name.to_owned(), lines: Some(20) })
        .to_vec();
    moody_callers(&mut storm.contacts[0]);
    through_the_ivr(&mut storm);
    let mut both = group(0, 12);
    both.name = "both".to_owned();
    both.site = Some(SiteId(0));
    both.skills = vec![(QueueId(0), 1), (QueueId(1), 2)];
    both.pick_up = exponential(3.0);
    both.no_answer.share = 0.03;
    both.no_answer.not_ready_after = 2;
    both.no_show = 0.05;
    let mut support = group(1, 7);
    support.name = "support".to_owned();
    support.site = Some(SiteId(1));
    support.talk = vec![(ContactId(1), exponential(150.0))];
    support.schedule = vec![(at(0), 7), (at(7200), 3)];
    storm.groups = vec![both, support];
    storm.queues[0].callback = Callback::VirtualHold;
    storm.queues[0].callback_accept = 0.2;
    storm.queues[1].max_length = Some(8);
    storm.queues[1].overflow = vec![Overflow { after: Some(secs(60)), to: QueueId(0) }];
    bad_morning(&mut storm);
    storm
}

fn moody_callers(contact: &mut Contact) {
    let mood = |name: &str, share, patience, talk, redial| Mood {
        name: name.to_owned(),
        share,
        patience,
        talk,
        redial,
    };
    contact.mood = vec![mood("calm", 0.7, 1.0, 1.0, 1.0), mood("irritated", 0.3, 0.4, 1.2, 1.6)];
    contact.talk = Law::Lognormal { mean: 180.0, cv: 1.1 };
    contact.hold = exponential(10.0);
    contact.acw = exponential(30.0);
    contact.balk = 0.05;
    let after = [Outcome::Abandoned, Outcome::Cut, Outcome::RefusedFull];
    let after = after.map(Failure::Queue).into_iter();
    contact.redial = vec![Redial {
        after: after.chain([Failure::Blocked, Failure::CutInTalk]).collect(),
        share: 0.5,
        delay: exponential(300.0),
    }];
    contact.reconnect = Some(Reconnect { share: 0.1, delay: exponential(1200.0) });
}

/// Sends the second contact through a menu: 1 for an agent, 2 for the balance, silence for an agent.
fn through_the_ivr(scenario: &mut Scenario) {
    let (menu, agent, balance, bye) = (StepId(0), StepId(1), StepId(2), StepId(3));
    let steps = vec![
        Step::Menu {
            keys: vec![(b'1', agent), (b'2', balance)],
            no_input: agent,
            no_match: menu,
            tries: 2,
            failed: agent,
            timeout: Some(secs(60)),
        },
        Step::Enqueue { queue: QueueId(1), full: bye, timed_out: bye },
        Step::Play { then: bye },
        Step::Release,
    ];
    scenario.flows = vec![IvrFlow {
        name: "main".to_owned(),
        flow: Flow { steps, start: menu },
        step_names: ["menu", "agent", "balance", "bye"].map(str::to_owned).to_vec(),
        step_times: vec![
            exponential(20.0),
            Law::Constant(0.0),
            Law::Constant(15.0),
            Law::Constant(0.0),
        ],
        prompts: vec![String::new(); 4],
        keying: vec![None; 4],
    }];
    scenario.contacts[1].entry = Entry::Flow(FlowId(0));
    scenario.contacts[1].choices = vec![(agent, 0.75), (balance, 0.25)];
}

fn bad_morning(storm: &mut Scenario) {
    let entry = |name: &str, start, happening| TimelineEntry {
        name: name.to_owned(),
        at: at(start),
        happening,
    };
    let (site, lasts) = (SiteId(1), secs(1800));
    let lost = Happening::TrunkLoss { site: Some(SiteId(0)), share: 0.5, lasts };
    storm.timeline = vec![
        entry("surge", 1800, Happening::Demand { factor: 1.8, contacts: Vec::new(), lasts }),
        entry("power", 4000, Happening::SiteOutage { site, lasts }),
        entry("flu", 0, Happening::Absence { groups: Vec::new(), share: 0.1, lasts: secs(9000) }),
        entry("lines", 8000, lost),
    ];
    storm.playbook = vec![Play {
        name: "bpo".to_owned(),
        when: Condition {
            text: "service_level{last=15m} < 0.7".to_owned(),
            kpi: Kpi::ServiceLevel,
            selector: Selector::ALL,
            threshold: None,
            last: Some(secs(900)),
            comparison: Comparison::Less,
            value: 0.7,
            is_sure: false,
        },
        holds_for: secs(120),
        report_delay: secs(90),
        actions: vec![
            Action::AddAgents {
                group: GroupId(0),
                count: 4,
                lead_time: secs(600),
                lasts: Some(secs(3600)),
            },
            Action::OfferCallback { queue: QueueId(0), accept: 0.5 },
            Action::Overflow { from: QueueId(0), to: QueueId(1), after: secs(90) },
        ],
    }];
}

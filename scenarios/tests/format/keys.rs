//! Good files: every key of the format, and what it becomes.

use crate::help::{SMALL, load, load_with, small};
use acd::kpi::{Comparison, Kpi, Scope, ServiceLevelDefinition};
use acd::{
    Callback, ContactId, DoorOutcome, Duration, Entry, FlowId, GroupId, Order, Outcome, Overflow,
    QueueId, Rate, SiteId, Step, StepId, Takes, Timestamp,
};
use chance::Law;
use scenarios::*;

const HOUR: u64 = 3600;

fn at(seconds: u64) -> Timestamp {
    Timestamp(seconds * acd::SECOND)
}

fn per_hour(per_hour: f64) -> Rate {
    Rate { per_hour }
}

fn everything() -> Scenario {
    let loaded = load(include_str!("../good/everything.toml"));
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
    loaded.scenario
}

#[test]
fn frame_of_the_run_is_read() {
    let scenario = everything();
    assert_eq!(scenario.title, "Monday peak at Northwind Bank");
    assert_eq!(scenario.question, "Do we need an extra Monday shift?");
    assert_eq!(scenario.start.as_deref(), Some("2026-03-02T07:00:00"));
    assert_eq!(scenario.start_of_day, Duration::from_secs(7 * HOUR));
    assert_eq!(scenario.length, Duration::from_secs(14 * HOUR));
    assert_eq!(scenario.interval, Duration::from_secs(1800));
    assert_eq!((scenario.lines, scenario.demand_scale), (Some(240), 1.0));
    assert_eq!(scenario.run.seed, 1);
    assert_eq!(scenario.run.when_staff_shrinks, StaffRule::NamedFinish);
    assert_eq!(scenario.run.close, Close::Serve);
    assert_eq!(scenario.run.drain_limit, Duration::from_secs(4 * HOUR));
}

#[test]
fn what_is_left_out_has_the_documented_value() {
    let scenario = load("length = \"20m\"\n[contact.a]\nqueue = \"q\"\ntalk = \"9s\"\narrivals.poisson.rate = \"6/h\"\n[queue.q]\n[agents.g]\ncount = 2\nskills.q = 1\n").scenario;
    assert_eq!((scenario.title.as_str(), scenario.question.as_str()), ("test", ""));
    assert_eq!((scenario.start.clone(), scenario.start_of_day), (None, Duration::ZERO));
    assert_eq!(scenario.interval, scenario.length, "half an hour, but no longer than the run");
    assert_eq!((scenario.run.seed, scenario.run.replications), (1, 20));
    let contact = &scenario.contacts[0];
    assert_eq!(contact.patience, Law::Unlimited);
    assert_eq!((&contact.hold, &contact.acw), (&Law::Constant(0.0), &Law::Constant(0.0)));
    assert!(contact.mood.is_empty() && contact.redial.is_empty() && contact.choices.is_empty());
    let queue = &scenario.queues[0];
    assert_eq!(queue.target, None);
    assert_eq!(queue.definition, ServiceLevelDefinition::ExcludingAbandonsInTarget);
    assert_eq!(queue.short_abandon, Duration::from_secs(10));
    assert_eq!((queue.routing.as_str(), queue.order), ("longest-idle", Order::FirstCome));
    assert_eq!((queue.max_length, queue.max_wait, queue.callback), (None, None, Callback::None));
    let group = &scenario.groups[0];
    assert_eq!(group.schedule, [(Timestamp::ZERO, 2)]);
    assert_eq!((group.speed, group.no_show, &group.pick_up), (1.0, 0.0, &Law::Constant(0.0)));
    assert_eq!(group.ring_timeout, Duration::from_secs(15));
    assert_eq!((group.no_answer.share, group.no_answer.not_ready_after), (0.0, 0));
}

#[test]
fn people_of_a_contact_are_read() {
    let scenario = everything();
    let sales = &scenario.contacts[0];
    assert_eq!((sales.name.as_str(), sales.entry), ("sales", Entry::Queue(QueueId(0))));
    assert_eq!(sales.talk, Law::Lognormal { mean: 200.0, cv: 1.15 });
    assert_eq!(sales.hold, Law::Exponential { mean: 20.0 });
    assert_eq!(sales.patience, Law::Exponential { mean: 360.0 });
    assert_eq!(sales.balk, 0.02);
    let hurried =
        Mood { name: "hurried".into(), share: 0.3, patience: 0.6, talk: 0.9, redial: 1.3 };
    assert_eq!(sales.mood[1], hurried);
    assert_eq!(sales.redial[0].after, [Failure::Queue(Outcome::Abandoned)]);
    assert_eq!(sales.redial[1].after[0], Failure::Blocked);
    assert_eq!(sales.redial[1].after[5], Failure::CutInTalk);
    assert_eq!((sales.redial[1].share, &sales.redial[1].delay), (0.8, &Law::Constant(120.0)));
    assert_eq!(sales.redial_draws, RedialDraws::Fresh);
    assert_eq!(sales.reconnect.as_ref().map(|again| again.share), Some(0.1));
}

#[test]
fn every_way_to_fail_is_a_word_of_redial_and_of_the_figures() {
    let queue = Outcome::ALL.into_iter().filter(|outcome| {
        // Answered is no failure; who is on the list waits for a call.
        !matches!(outcome, Outcome::Answered | Outcome::CallbackListed)
    });
    let queue = queue.map(|outcome| (outcome.name(), Failure::Queue(outcome)));
    let others = [
        (DoorOutcome::Blocked.name(), Failure::Blocked),
        (DoorOutcome::Closed.name(), Failure::Closed),
        (DoorOutcome::LeftInIvr.name(), Failure::LeftInIvr),
        (DoorOutcome::CutInIvr.name(), Failure::CutInIvr),
        (Kpi::CutInTalk.key(), Failure::CutInTalk),
    ];
    for (word, failure) in queue.chain(others) {
        let rule = format!("[{{ after = [\"{word}\"], share = 0.5, delay = \"1m\" }}]");
        let scenario = load_with(SMALL, &[&format!("contact.sales.redial={rule}")]).scenario;
        assert_eq!(scenario.contacts[0].redial[0].after, [failure], "{word}");
    }
}

#[test]
fn every_arrival_model_is_read() {
    let scenario = everything();
    let arrivals: Vec<_> = scenario.contacts.iter().map(|contact| &contact.arrivals).collect();
    let Arrivals::Poisson(Poisson { rate: RateCurve::Steps(profile), busyness }) = arrivals[0]
    else {
        panic!("a profile: {:?}", arrivals[0])
    };
    assert_eq!((profile.len(), profile[0]), (28, (at(0), per_hour(200.0))));
    assert_eq!(profile[27], (at(13 * HOUR + 1800), per_hour(254.0)));
    assert_eq!(*busyness, Some(Busyness { cv: 0.06, each: Each::Day }));
    let steps = vec![(at(0), per_hour(20.0)), (at(HOUR), per_hour(100.0))];
    let steps = Poisson { rate: RateCurve::Steps(steps), busyness: None };
    assert_eq!(*arrivals[1], Arrivals::Poisson(steps));
    let Arrivals::Poisson(Poisson {
        rate: RateCurve::Wave { mean, amplitude, period, .. }, ..
    }) = arrivals[2]
    else {
        panic!("a wave: {:?}", arrivals[2])
    };
    assert_eq!((*mean, *amplitude), (per_hour(100.0), per_hour(20.0)));
    assert_eq!(*period, Duration::from_secs(24 * HOUR));
    let Arrivals::Trace(calls) = arrivals[3] else { panic!("a trace: {:?}", arrivals[3]) };
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0], TraceCall { at: at(30), caller: Some(17) });
    assert_eq!(calls[1].at, at(75 * 60));
    let gap = Law::Hyperexponential { phases: vec![(0.8, 9.0), (0.2, 54.0)] };
    assert_eq!(*arrivals[4], Arrivals::Renewal { gap });
    let stay = vec![Duration::from_secs(1200), Duration::from_secs(600)];
    assert_eq!(
        *arrivals[5],
        Arrivals::Mmpp { rates: vec![per_hour(120.0), per_hour(400.0)], stay }
    );
    let size = Law::Uniform { min: 1.0, max: 5.0 };
    assert_eq!(*arrivals[6], Arrivals::Batch { rate: per_hour(20.0), size });
}

#[test]
fn every_law_is_read() {
    for (text, law) in [
        ("\"90s\"", Law::Constant(90.0)),
        ("{ constant = \"1m30s\" }", Law::Constant(90.0)),
        ("{ exponential = { mean = \"90s\" } }", Law::Exponential { mean: 90.0 }),
        ("{ lognormal = { mean = \"90s\", cv = 1.2 } }", Law::Lognormal { mean: 90.0, cv: 1.2 }),
        (
            "{ lognormal = { mean = \"90s\", sd = \"45s\" } }",
            Law::Lognormal { mean: 90.0, cv: 0.5 },
        ),
        ("{ weibull = { mean = \"90s\", shape = 0.7 } }", Law::Weibull { mean: 90.0, shape: 0.7 }),
        ("{ gamma = { mean = \"90s\", shape = 3 } }", Law::Gamma { mean: 90.0, shape: 3.0 }),
        ("{ gamma = { mean = \"90s\", cv = 0.5 } }", Law::Gamma { mean: 90.0, shape: 4.0 }),
        ("{ gamma = { mean = \"90s\", sd = \"45s\" } }", Law::Gamma { mean: 90.0, shape: 4.0 }),
        ("{ erlang = { mean = \"90s\", k = 3 } }", Law::Gamma { mean: 90.0, shape: 3.0 }),
        (
            "{ hyperexponential = { p = [0.4, \"60%\"], mean = [\"30s\", \"180s\"] } }",
            Law::Hyperexponential { phases: vec![(0.4, 30.0), (0.6, 180.0)] },
        ),
        ("{ uniform = { min = \"0s\", max = \"30s\" } }", Law::Uniform { min: 0.0, max: 30.0 }),
        (
            "{ triangular = { min = \"1s\", mode = \"2s\", max = \"5s\" } }",
            Law::Triangular { min: 1.0, mode: 2.0, max: 5.0 },
        ),
        (
            "{ empirical = { values = [\"12s\", \"10s\", \"11s\"] } }",
            Law::Empirical { values: vec![10.0, 11.0, 12.0] },
        ),
        (
            "{ empirical = { file = \"values.csv\", column = \"talk_s\" } }",
            Law::Empirical { values: vec![10.5, 90.0, 120.0] },
        ),
        (
            "{ mixture = [{ share = 0.1, law = \"0s\" }, { share = 0.9, law = { exponential = { mean = \"5m\" } } }] }",
            Law::Mixture {
                parts: vec![(0.1, Law::Constant(0.0)), (0.9, Law::Exponential { mean: 300.0 })],
            },
        ),
    ] {
        let scenario = small(&format!("[contact.sales]\ntalk = {text}\n")).scenario;
        assert_eq!(scenario.contacts[0].talk, law, "{text}");
    }
}

#[test]
fn hyperexponential_by_cv_has_that_mean_and_cv() {
    let text = "[contact.sales]\ntalk = { hyperexponential = { mean = \"90s\", cv = 1.7 } }\n";
    let talk = small(text).scenario.contacts[0].talk.clone();
    assert!((talk.mean() - 90.0).abs() < 1e-9 && (talk.cv() - 1.7).abs() < 1e-9, "{talk:?}");
    let Law::Hyperexponential { phases } = talk else { panic!("two phases") };
    assert!((phases[0].0 * phases[0].1 - phases[1].0 * phases[1].1).abs() < 1e-9, "balanced means");
}

#[test]
fn queues_are_read() {
    let scenario = everything();
    let sales = &scenario.queues[0];
    assert_eq!(sales.target, Some(Target { share: 0.8, within: Duration::from_secs(20) }));
    assert_eq!(sales.service_level_at, [20, 30].map(Duration::from_secs));
    assert_eq!((sales.priority, sales.ageing_milli_per_min), (0, 500));
    assert_eq!((sales.max_length, sales.max_wait), (Some(500), Some(Duration::from_secs(1800))));
    let to = QueueId(1);
    let after = Overflow { after: Some(Duration::from_secs(60)), to };
    assert_eq!(sales.overflow, [after, Overflow { after: None, to }]);
    assert_eq!((sales.callback, sales.callback_accept), (Callback::VirtualHold, 0.3));
    let support = &scenario.queues[1];
    assert_eq!((support.routing.as_str(), support.order), ("best-skill", Order::LastCome));
    assert_eq!(support.callback, Callback::List { if_queue_at_least: 3, idle_reserve: 1 });
}

#[test]
fn every_routing_strategy_and_service_level_definition_is_known() {
    for name in acd::routing::NAMES {
        let text = format!("[queue.sales]\nrouting.{name} = {{}}\n");
        assert_eq!(small(&text).scenario.queues[0].routing, *name);
    }
    for definition in ServiceLevelDefinition::ALL {
        let text = format!("[queue.sales]\nservice_level = \"{}\"\n", definition.name());
        assert_eq!(small(&text).scenario.queues[0].definition, definition);
    }
}

#[test]
fn groups_are_read() {
    let scenario = everything();
    let names: Vec<_> = scenario.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["generalists", "specialists", "from-file", "early", "bpo"], "file order");
    let generalists = &scenario.groups[0];
    assert_eq!(generalists.site, Some(SiteId(0)));
    assert_eq!(generalists.skills, [(QueueId(0), 1), (QueueId(1), 2)]);
    assert_eq!(generalists.talk, [(ContactId(1), Law::Exponential { mean: 300.0 })]);
    assert_eq!((&generalists.pick_up, generalists.no_show), (&Law::Constant(1.0), 0.04));
    let no_answer = NoAnswer {
        share: 0.02,
        back_off: Duration::from_secs(10),
        not_ready_after: 3,
        returns_after: Duration::from_secs(600),
    };
    assert_eq!(generalists.no_answer, no_answer);
    let specialists = &scenario.groups[1];
    assert_eq!(specialists.schedule, [(at(0), 7), (at(5 * HOUR), 9)]);
    assert_eq!(specialists.takes, Takes::Level);
    assert_eq!(specialists.acw.len(), scenario.contacts.len(), "one law for every contact");
    assert_eq!(scenario.groups[2].takes, Takes::LongestWait);
    assert_eq!(scenario.groups[2].schedule, [(at(0), 5), (at(2 * HOUR), 8), (at(13 * HOUR), 3)]);
    let early = &scenario.groups[3];
    assert!(early.schedule.is_empty());
    let breaks = vec![(at(4 * HOUR), at(4 * HOUR + 1800))];
    assert_eq!(early.shifts[0], Shift { from: at(0), to: at(8 * HOUR), count: 10, breaks });
    assert_eq!(scenario.groups[4].schedule, [(at(0), 0)], "a play brings its agents");
}

#[test]
fn ivr_is_compiled() {
    let scenario = everything();
    let flow = &scenario.flows[0];
    assert_eq!(flow.step_names, ["menu", "agent", "balance", "bye"]);
    assert_eq!(flow.prompts, ["main.wav", "", "balance.wav", ""]);
    assert_eq!(flow.step_times[0], Law::Exponential { mean: 30.0 });
    let menu = Step::Menu {
        keys: vec![(b'1', StepId(1)), (b'2', StepId(2))],
        no_input: StepId(1),
        no_match: StepId(0),
        tries: 3,
        failed: StepId(1),
        timeout: Some(Duration::from_secs(60)),
    };
    let enqueue = Step::Enqueue { queue: QueueId(0), full: StepId(3), timed_out: StepId(3) };
    assert_eq!(flow.flow.steps, [menu, enqueue, Step::Play { then: StepId(3) }, Step::Release]);
    let support = &scenario.contacts[1];
    assert_eq!(support.entry, Entry::Flow(FlowId(0)));
    assert_eq!(support.choices, [(StepId(1), 0.75), (StepId(2), 0.25)]);
}

#[test]
fn caller_who_names_no_wish_wants_the_only_queue() {
    let flow = "[ivr.main]\nstart = \"hello\"\nstep.hello.play = { time = \"5s\", then = \"in\" }\nstep.in.enqueue = { queue = \"sales\", full = \"out\", timed_out = \"out\" }\nstep.out.release = {}\n";
    let text = SMALL.replace("queue = \"sales\"\n", "ivr = \"main\"\n");
    let scenario = load(&format!("{text}{flow}")).scenario;
    assert_eq!(scenario.contacts[0].choices, [(StepId(1), 1.0)]);
}

#[test]
fn timeline_is_read() {
    let timeline = everything().timeline;
    let lasts = |seconds| Duration::from_secs(seconds);
    let power = Happening::SiteOutage { site: SiteId(0), lasts: lasts(2 * HOUR) };
    assert_eq!(
        timeline[0],
        TimelineEntry { name: "power".into(), at: at(3 * HOUR + 900), happening: power }
    );
    let blast =
        Happening::Demand { factor: 1.6, contacts: vec![ContactId(0)], lasts: lasts(2 * HOUR) };
    assert_eq!((timeline[1].at, &timeline[1].happening), (at(3 * HOUR + 900), &blast));
    let flu = Happening::Absence { groups: vec![GroupId(0)], share: 0.15, lasts: lasts(4 * HOUR) };
    assert_eq!((timeline[2].at, &timeline[2].happening), (at(5 * HOUR), &flu));
    let digger = Happening::TrunkLoss { site: None, share: 0.5, lasts: lasts(5400) };
    assert_eq!((timeline[3].at, &timeline[3].happening), (at(9 * HOUR), &digger));
}

#[test]
fn a_rule_about_a_pair_asks_for_its_figures() {
    let gate = "gate.must=[\"aht_s{contact=sales, agents=team} < 300s\"]";
    let scenario = load_with(SMALL, &[gate]).scenario;
    assert_eq!(scenario.pairs, [(ContactId(0), GroupId(0))]);
    let asked = "report.pairs=[\"sales,team\"]";
    assert_eq!(load_with(SMALL, &[gate, asked]).scenario.pairs.len(), 1);
}

#[test]
fn playbook_gate_and_pairs_are_read() {
    let scenario = everything();
    let play = &scenario.playbook[0];
    assert_eq!((play.when.kpi, play.when.comparison), (Kpi::ServiceLevel, Comparison::Less));
    assert_eq!(play.when.last, Some(Duration::from_secs(900)));
    assert_eq!(
        (play.holds_for, play.report_delay),
        (Duration::from_secs(300), Duration::from_secs(120))
    );
    let add = Action::AddAgents {
        group: GroupId(4),
        count: 40,
        lead_time: Duration::from_secs(2700),
        lasts: Some(Duration::from_secs(3 * HOUR)),
    };
    let overflow =
        Action::Overflow { from: QueueId(0), to: QueueId(2), after: Duration::from_secs(30) };
    let callback = Action::OfferCallback { queue: QueueId(0), accept: 0.4 };
    assert_eq!(play.actions, [add, overflow, callback]);
    let sure: Vec<_> = scenario.gate.iter().map(|condition| condition.is_sure).collect();
    assert_eq!(sure, [false, false, true]);
    assert_eq!(scenario.gate[0].selector.scope, Scope::Queue(QueueId(0)));
    assert_eq!(scenario.pairs, [(ContactId(0), GroupId(0))]);
}

#[test]
fn keys_of_the_live_switch_are_accepted() {
    let text = "[live]\nanswer = \"early\"\nrtp_ports = \"20000-29999\"\n[live.agent.ana]\ngroup = \"team\"\nextension = \"201\"\npassword_env = \"ANA_PW\"\n[contact.sales]\nnumbers = [\"100\"]\n[agents.team]\nwrap_up = \"30s\"\n";
    assert!(small(text).warnings.is_empty());
}

#[test]
fn seeds_use_all_64_bits() {
    let scenario = load_with(SMALL, &["run.seed=18446744073709551615"]).scenario;
    assert_eq!(scenario.run.seed, u64::MAX);
}

#[test]
fn every_scenario_of_the_library_loads() {
    for entry in std::fs::read_dir(env!("CARGO_MANIFEST_DIR")).expect("the crate's folder") {
        let path = entry.expect("readable").path();
        let is_toml = path.extension().is_some_and(|extension| extension == "toml");
        if !is_toml || path.file_name().is_some_and(|name| name == "Cargo.toml") {
            continue;
        }
        let loaded = scenarios::load(&path, &LoadOptions::default());
        let loaded = loaded.unwrap_or_else(|faults| panic!("{faults}"));
        assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
        assert_eq!(acd_config(&loaded.scenario).groups.len(), loaded.scenario.groups.len());
    }
}

#[test]
fn gate_on_service_level_and_abandonment_both_is_warned_about() {
    let text =
        "[gate]\nmust = [\"service_level{queue=sales} >= 0.8\", \"abandonment_rate <= 5%\"]\n";
    let warnings = small(text).warnings.to_string();
    assert!(
        warnings.starts_with("warning: the gate holds service level and abandonment both"),
        "{warnings}"
    );
    assert!(warnings.contains("must = [") && warnings.contains("hint: "), "{warnings}");
}

#[test]
fn queue_that_no_call_comes_to_is_warned_about() {
    let text = "[queue.spare]\n[agents.other]\ncount = 1\nskills.spare = 1\n";
    let warnings = small(text).warnings.to_string();
    assert!(warnings.starts_with("warning: no call ever comes to queue `spare`"), "{warnings}");
}

//! Random centres, each with some faults wholly off: the laws hold all the way, and when calm returns the queue empties.
//!
//! A seed makes a scenario; `CALLSTORM_SWARM_SEED=8812 cargo test -p callstorm-sim --test swarm` runs one seed again;
//! `CALLSTORM_SWARM_CENTRES=10000` makes as many.

mod common;

use acd::{Callback, GroupId, Outcome, Overflow, QueueId, Rate, SiteId};
use chance::{Chance, Draw, Law, Purpose};
use common::{at, contact, exponential, group, queue, scenario, secs, storm};
use scenarios::{
    Action, Arrivals, Busyness, Close, Each, Failure, Happening, Poisson, RateCurve, Reconnect,
    Redial, Scenario, Shift, Site, StaffRule, TimelineEntry,
};

/// How many centres a run of the tests makes.
const CENTRES: u64 = 150;

/// Draws for the making of a scenario.
struct Maker {
    draw: Draw,
}

impl Maker {
    fn below(&mut self, bound: u64) -> u64 {
        self.draw.next_word() % bound
    }

    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    fn happens(&mut self, share: f64) -> bool {
        self.draw.happens(share)
    }

    fn share(&mut self, most: f64) -> f64 {
        self.draw.uniform() * most
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// Which kinds of trouble a centre may know: half of them are off in each.
#[derive(Debug)]
struct Faults {
    outages: bool,
    lines: bool,
    absences: bool,
    surges: bool,
    no_answers: bool,
    staff_changes: bool,
    overflows: bool,
    callbacks: bool,
    redials: bool,
    plays: bool,
    ivr: bool,
    limits: bool,
}

fn faults(maker: &mut Maker) -> Faults {
    let mut coin = || maker.happens(0.5);
    Faults {
        outages: coin(),
        lines: coin(),
        absences: coin(),
        surges: coin(),
        no_answers: coin(),
        staff_changes: coin(),
        overflows: coin(),
        callbacks: coin(),
        redials: coin(),
        plays: coin(),
        ivr: coin(),
        limits: coin(),
    }
}

fn random_centre(seed: u64) -> Scenario {
    let mut maker = Maker { draw: Chance::new(seed, 0).stream(Purpose::Modulation, 9).draw(0) };
    let faults = faults(&mut maker);
    let mut centre = scenario(1);
    centre.run.seed = seed;
    centre.length = secs(maker.between(1, 6) * 1800);
    centre.run.when_staff_shrinks = maker.one_of(&[
        StaffRule::NamedFinish,
        StaffRule::FirstToFinish,
        StaffRule::Requeue,
        StaffRule::Cut,
    ]);
    centre.run.close = maker.one_of(&[Close::Serve, Close::Serve, Close::Disconnect]);
    centre.run.drain_limit = secs(maker.one_of(&[0, 600, 14_400]));
    centre.sites = (0..2).map(|n| Site { name: format!("site-{n}"), lines: None }).collect();
    let queues = maker.between(1, 4) as u16;
    centre.queues = (0..queues).map(|n| queue(&format!("queue-{n}"))).collect();
    centre.contacts = (0..queues).map(contact).collect();
    if faults.ivr {
        let storm = storm();
        centre.flows = storm.flows;
        let last = centre.contacts.last_mut().expect("at least one");
        (last.entry, last.choices) = (storm.contacts[1].entry, storm.contacts[1].choices.clone());
        if let acd::Step::Enqueue { queue, .. } = &mut centre.flows[0].flow.steps[1] {
            *queue = QueueId(queues - 1);
        }
    }
    make_queues(&mut maker, &faults, &mut centre);
    make_callers(&mut maker, &faults, &mut centre);
    make_agents(&mut maker, &faults, &mut centre);
    make_troubles(&mut maker, &faults, &mut centre);
    centre
}

fn make_queues(maker: &mut Maker, faults: &Faults, centre: &mut Scenario) {
    let count = centre.queues.len() as u64;
    for index in 0..count {
        let queue = &mut centre.queues[index as usize];
        queue.routing = maker.one_of(&acd::routing::NAMES[..]).to_owned();
        queue.order =
            maker.one_of(&[acd::Order::FirstCome, acd::Order::FirstCome, acd::Order::LastCome]);
        queue.priority = maker.below(3) as i32;
        queue.ageing_milli_per_min = maker.one_of(&[0, 0, 1500]);
        if faults.limits {
            queue.max_length = maker.happens(0.5).then(|| maker.below(6) as u32);
            queue.max_wait = maker.happens(0.5).then(|| secs(maker.between(10, 300)));
        }
        if faults.overflows && count > 1 {
            let to = QueueId(((index + 1 + maker.below(count - 1)) % count) as u16);
            // Not at once: who is asked for a callback and moves on in the same moment says yes to nobody.
            let after = maker.happens(0.7).then(|| secs(maker.between(1, 120)));
            queue.overflow = vec![Overflow { after, to }];
        }
        if faults.callbacks {
            queue.callback = maker.one_of(&[
                Callback::None,
                Callback::VirtualHold,
                Callback::List { if_queue_at_least: 1, idle_reserve: 1 },
            ]);
            queue.callback_accept = maker.share(1.0);
        }
    }
}

fn make_callers(maker: &mut Maker, faults: &Faults, centre: &mut Scenario) {
    for contact in &mut centre.contacts {
        let rate = Rate { per_hour: maker.between(20, 300) as f64 };
        contact.arrivals = match maker.below(4) {
            0 => Arrivals::Batch {
                rate: Rate { per_hour: rate.per_hour / 5.0 },
                size: exponential(5.0),
            },
            1 => Arrivals::Mmpp {
                rates: vec![rate, Rate { per_hour: 0.0 }],
                stay: vec![secs(300), secs(200)],
            },
            2 => Arrivals::Poisson(Poisson {
                rate: RateCurve::Steps(vec![(at(0), rate), (at(1000), Rate { per_hour: 60.0 })]),
                busyness: Some(Busyness { cv: 0.5, each: Each::Run }),
            }),
            _ => common::poisson(rate.per_hour),
        };
        contact.talk = maker.one_of(&[60.0, 120.0, 180.0]).pipe(exponential);
        contact.hold = if maker.happens(0.3) { exponential(20.0) } else { Law::Constant(0.0) };
        contact.acw = if maker.happens(0.5) { exponential(30.0) } else { Law::Constant(0.0) };
        contact.patience = match maker.below(4) {
            0 => Law::Unlimited,
            // On the second, so that people do things at one instant.
            1 => Law::Constant(60.0),
            _ => exponential(90.0),
        };
        contact.balk = maker.share(0.2);
        contact.mood =
            if maker.happens(0.3) { storm().contacts[0].mood.clone() } else { Vec::new() };
        if faults.redials {
            let after = Outcome::ALL.into_iter().filter(|outcome| *outcome != Outcome::Answered);
            let after = after.map(Failure::Queue).chain([
                Failure::Blocked,
                Failure::Closed,
                Failure::LeftInIvr,
                Failure::CutInIvr,
                Failure::CutInTalk,
            ]);
            // Below one with the keenest mood: who is sure to redial at once would do so for ever.
            let (share, at_once) = (maker.share(0.6), maker.happens(0.2));
            let delay = if at_once { Law::Constant(0.0) } else { exponential(120.0) };
            contact.redial = vec![Redial { after: after.collect(), share, delay }];
            contact.reconnect =
                Some(Reconnect { share: maker.share(0.3), delay: exponential(300.0) });
        }
    }
}

trait Pipe: Sized {
    fn pipe<T>(self, to: impl FnOnce(Self) -> T) -> T {
        to(self)
    }
}

impl Pipe for f64 {}

fn make_agents(maker: &mut Maker, faults: &Faults, centre: &mut Scenario) {
    let queues = centre.queues.len() as u64;
    centre.groups = (0..maker.between(1, 4))
        .map(|index| {
            let mut group = group((index % queues) as u16, 0);
            group.name = format!("group-{index}");
            group.site = maker.happens(0.7).then(|| SiteId(maker.below(2) as u16));
            let other = QueueId(maker.below(queues) as u16);
            if group.skills[0].0 != other {
                group.skills.push((other, maker.between(1, 3) as u8));
            }
            group.takes =
                maker.one_of(&[acd::Takes::Priority, acd::Takes::Level, acd::Takes::LongestWait]);
            group.speed = maker.one_of(&[0.8, 1.0, 1.0, 1.5]);
            let rows = if faults.staff_changes { maker.between(1, 8) } else { 1 };
            group.schedule = (0..rows).map(|row| (at(row * 700), maker.below(12) as u32)).collect();
            if faults.staff_changes && maker.happens(0.3) {
                group.schedule = Vec::new();
                group.shifts = (0..maker.between(1, 3)).map(|_| shift(maker)).collect();
            }
            if faults.no_answers {
                group.pick_up = maker.one_of(&[0.0, 3.0, 20.0]).pipe(Law::Constant);
                group.no_answer.share = maker.share(0.4);
                group.no_answer.not_ready_after = maker.below(3) as u32;
                group.no_answer.returns_after = secs(maker.between(1, 300));
                group.no_show = maker.share(0.3);
            }
            group
        })
        .collect();
}

fn shift(maker: &mut Maker) -> Shift {
    let from = maker.below(4) * 600;
    let to = from + maker.between(2, 12) * 600;
    let pause = from + maker.below(3) * 600;
    Shift {
        from: at(from),
        to: at(to),
        count: maker.between(1, 8) as u32,
        breaks: if maker.happens(0.6) {
            vec![(at(pause), at((pause + 600).min(to)))]
        } else {
            Vec::new()
        },
    }
}

fn make_troubles(maker: &mut Maker, faults: &Faults, centre: &mut Scenario) {
    let half = centre.length.0 / 2 / acd::SECOND;
    let mut add = |maker: &mut Maker, is_on: bool, happening: &dyn Fn(&mut Maker) -> Happening| {
        for _ in 0..if is_on { maker.between(1, 2) } else { 0 } {
            let entry = TimelineEntry {
                name: "trouble".to_owned(),
                at: at(maker.below(half)),
                happening: happening(maker),
            };
            centre.timeline.push(entry);
        }
    };
    // On whole ten minutes, so that several things happen at one instant.
    let lasts = |maker: &mut Maker| secs(maker.between(1, 4) * 600);
    add(maker, faults.outages, &|maker| Happening::SiteOutage {
        site: SiteId(maker.below(2) as u16),
        lasts: lasts(maker),
    });
    add(maker, faults.absences, &|maker| Happening::Absence {
        groups: Vec::new(),
        share: maker.share(1.0),
        lasts: lasts(maker),
    });
    add(maker, faults.surges, &|maker| Happening::Demand {
        factor: maker.share(4.0),
        contacts: Vec::new(),
        lasts: lasts(maker),
    });
    if faults.lines {
        centre.lines = maker.happens(0.7).then(|| maker.between(5, 40) as u32);
        for site in &mut centre.sites {
            site.lines = maker.happens(0.7).then(|| maker.between(3, 20) as u32);
        }
        let place = centre.sites.len() as u64;
        let mut more = Vec::new();
        for _ in 0..2 {
            let at = at(maker.below(half));
            let site = maker.happens(0.5).then(|| SiteId(maker.below(place) as u16));
            let happening =
                Happening::TrunkLoss { site, share: maker.share(1.0), lasts: lasts(maker) };
            more.push(TimelineEntry { name: "lines".to_owned(), at, happening });
        }
        centre.timeline.extend(more);
    }
    if faults.plays {
        centre.playbook = storm().playbook;
        centre.playbook[0].holds_for = secs(maker.below(300));
        centre.playbook[0].report_delay = secs(maker.below(100));
        centre.playbook[0].when.value = maker.share(1.0);
        let (group, count) = (GroupId(0), maker.between(1, 5) as u32);
        let lasts = maker.happens(0.5).then(|| secs(600));
        let lead_time = secs(maker.below(900));
        let (from, after) = (QueueId(0), secs(maker.between(1, 100)));
        centre.playbook[0].actions = vec![
            Action::AddAgents { group, count, lead_time, lasts },
            Action::OfferCallback { queue: from, accept: maker.share(1.0) },
        ];
        if centre.queues.len() > 1 {
            let overflow = Action::Overflow { from, to: QueueId(1), after };
            centre.playbook[0].actions.push(overflow);
        }
    }
}

/// Runs the centre of a seed. Every law is checked at each interval and at the end, where the switch must be empty.
fn weather(seed: u64) -> Result<u64, String> {
    let centre = random_centre(seed);
    let again = format!(
        "reproduce with: CALLSTORM_SWARM_SEED={seed} cargo test -p callstorm-sim --test swarm"
    );
    let options = sim::Options { calls: true, events: true, ..sim::Options::default() };
    let replication = sim::replicate(&centre, 0, &options);
    if let Some(error) = replication.failed {
        return Err(format!("{error}; {again}"));
    }
    if let Some(broken) = replication.broken.first() {
        return Err(format!("{broken}; {again}"));
    }
    let log = String::from_utf8_lossy(&replication.calls_csv).into_owned();
    let fates = log.lines().filter_map(|line| line.split(',').nth(14)).collect::<Vec<_>>();
    if fates.first() != Some(&"outcome") || fates.contains(&"") {
        return Err(format!("a call has no fate; {again}"));
    }
    // People who know what happened to them say nothing that the switch must ignore.
    let events = String::from_utf8_lossy(&replication.events_jsonl).into_owned();
    if let Some(stale) = events.lines().find(|line| line.contains("\"stale\"")) {
        return Err(format!("{stale}; {again}"));
    }
    Ok(replication.attempts)
}

#[test]
fn random_centres_keep_every_law_and_their_queues_empty() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let one = number("CALLSTORM_SWARM_SEED");
    let centres = number("CALLSTORM_SWARM_CENTRES").unwrap_or(CENTRES);
    let seeds = one.map_or(0..centres, |seed| seed..seed + 1);
    let results: Vec<_> = seeds.map(weather).collect();
    let broken: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert!(broken.is_empty(), "{} of {} centres: {broken:#?}", broken.len(), results.len());
    let attempts: u64 = results.iter().flatten().sum();
    assert!(one.is_some() || attempts > 20_000, "{attempts}");
}

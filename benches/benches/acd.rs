//! What a decision of the switch costs in a large centre: 500 queues, 20,000 agents with 10 random skills each.
//!
//! Each bench asserts that every decision was made, and by an agent who has the skill, before it is timed. Targets:
//! 1 µs per push or pull decision, 2.5 µs per call in all, 20,000 agents at most three times as dear as 100.

use acd::{
    Acd, AcdConfig, AgentId, AttemptKind, CallId, ContactId, Duration, Entry, Event, GroupConfig,
    GroupId, Input, OfferId, Output, QueueConfig, QueueId, Skill, Timestamp,
};
use chance::{Chance, Draw, Purpose};
use criterion::{Criterion, criterion_group, criterion_main};
use std::collections::VecDeque;
use std::hint::black_box;
use std::time::Instant;

/// Decisions timed in one go.
const BLOCK: u64 = 1000;

/// A switch and the least that must stand outside it.
struct Centre {
    acd: Acd,
    now: Timestamp,
    out: Vec<Output>,
    draw: Draw,
    queues: u16,
    skills: Vec<Vec<Skill>>,
    /// Next age of each slot, and the slots no call has.
    ages: Vec<u32>,
    free: Vec<u32>,
    /// Offers not yet answered, with the queue that made them.
    open: Vec<(OfferId, QueueId)>,
    talking: VecDeque<OfferId>,
}

impl Centre {
    /// A centre in which every agent is a group of his own with `skills` different random skills.
    fn new(queues: u16, agents: u16, skills: usize) -> Self {
        let mut draw = Chance::new(1, 0).stream(Purpose::Choice, 0).draw(0);
        let skills: Vec<Vec<Skill>> =
            (0..agents).map(|_| distinct_skills(&mut draw, queues, skills)).collect();
        let config = AcdConfig {
            contacts: (0..queues).map(|queue| Entry::Queue(QueueId(queue))).collect(),
            queues: vec![
                QueueConfig { wrap_up: false, ..QueueConfig::default() };
                usize::from(queues)
            ],
            groups: skills
                .iter()
                .map(|skills| GroupConfig { skills: skills.clone(), ..GroupConfig::default() })
                .collect(),
            ..AcdConfig::default()
        };
        let mut centre = Self {
            acd: Acd::new(config),
            now: Timestamp::ZERO,
            out: Vec::new(),
            draw,
            queues,
            skills,
            ages: Vec::new(),
            free: Vec::new(),
            open: Vec::new(),
            talking: VecDeque::new(),
        };
        for agent in 0..agents {
            let sign_in = Input::SignIn { agent: AgentId(u32::from(agent)), group: GroupId(agent) };
            centre.tell(sign_in);
        }
        centre
    }

    /// Tells the switch something and keeps book on what it says.
    fn tell(&mut self, input: Input) {
        self.now = self.now.after(Duration(1000));
        self.acd.handle(self.now, input, &mut self.out);
        for output in self.out.drain(..) {
            match output {
                Output::Event(Event::OfferMade { offer, queue, .. }) => {
                    self.open.push((offer, queue))
                }
                Output::Event(Event::TalkEnded { call, .. }) => self.free.push(call.slot),
                Output::Event(Event::Stale { .. }) => panic!("{input:?} is stale"),
                Output::Event(_) | Output::Command(_) => {}
            }
        }
    }

    /// A call to a random queue.
    fn call(&mut self) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.ages.push(0);
            self.ages.len() as u32 - 1
        });
        self.ages[slot as usize] += 1;
        let contact = ContactId(below(&mut self.draw, self.queues));
        let call = CallId { slot, age: self.ages[slot as usize] };
        self.tell(Input::CallOffered {
            call,
            contact,
            kind: AttemptKind::Fresh,
            attempt: 0,
            caller: 0,
        });
    }

    /// The agents who ring take their calls.
    fn answer(&mut self) {
        for (offer, _) in std::mem::take(&mut self.open) {
            self.tell(Input::AgentAnswered { offer });
            self.talking.push_back(offer);
        }
    }

    /// The longest talk ends.
    fn end_talk(&mut self) {
        let offer = self.talking.pop_front().expect("somebody talks");
        self.tell(Input::AgentGone { offer });
    }

    fn assert_offers(&self, count: u64) {
        assert_eq!(self.open.len() as u64, count, "every decision finds an agent or a call");
        for (offer, queue) in &self.open {
            let skills = &self.skills[offer.agent.index()];
            assert!(skills.iter().any(|skill| skill.queue == *queue), "{offer} lacks the skill");
        }
    }
}

/// A random number below `limit`.
fn below(draw: &mut Draw, limit: u16) -> u16 {
    (draw.uniform() * f64::from(limit)) as u16
}

fn distinct_skills(draw: &mut Draw, queues: u16, count: usize) -> Vec<Skill> {
    let mut skills: Vec<Skill> = Vec::with_capacity(count);
    while skills.len() < count.min(usize::from(queues)) {
        let queue = QueueId(below(draw, queues));
        if skills.iter().all(|skill| skill.queue != queue) {
            skills.push(Skill { queue, level: 1, handling: Duration::ZERO });
        }
    }
    skills
}

/// Calls arrive while all agents are idle: which agent gets the call?
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn push(criterion: &mut Criterion) {
    let mut centre = Centre::new(500, 20_000, 10);
    criterion.bench_function("acd/push/500x20000", |bencher| {
        bencher.iter_custom(|decisions| {
            let mut elapsed = std::time::Duration::ZERO;
            for block in blocks(decisions) {
                let started = Instant::now();
                (0..block).for_each(|_| centre.call());
                elapsed += started.elapsed();
                centre.assert_offers(block);
                centre.answer();
                (0..block).for_each(|_| centre.end_talk());
            }
            elapsed
        });
    });
}

/// Agents come free while calls wait in every queue: which call does he take?
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn pull(criterion: &mut Criterion) {
    let mut centre = Centre::new(500, 20_000, 10);
    while centre.acd.waiting_calls(QueueId(0)) < 20 {
        centre.call();
        centre.answer();
    }
    criterion.bench_function("acd/pull/500x20000", |bencher| {
        bencher.iter_custom(|decisions| {
            let mut elapsed = std::time::Duration::ZERO;
            for block in blocks(decisions) {
                let started = Instant::now();
                (0..block).for_each(|_| centre.end_talk());
                elapsed += started.elapsed();
                centre.assert_offers(block);
                centre.answer();
                (0..block).for_each(|_| centre.call());
            }
            elapsed
        });
    });
}

/// A call from arrival to hang-up, 95 % of the agents talking.
fn call(criterion: &mut Criterion) {
    for (queues, agents, skills) in [(1, 100, 1), (1, 20_000, 1), (500, 20_000, 10)] {
        let mut centre = Centre::new(queues, agents, skills);
        let talking = usize::from(agents) / 20 * 19;
        while centre.talking.len() < talking {
            centre.call();
            centre.answer();
        }
        for _ in 0..10_000 {
            one_call(&mut centre);
        }
        assert!(centre.talking.len().abs_diff(talking) <= usize::from(agents) / 20);
        criterion.bench_function(&format!("acd/call/{queues}x{agents}"), |bencher| {
            bencher.iter(|| one_call(black_box(&mut centre)));
        });
        assert!(centre.acd.check(centre.now).is_ok(), "{:?}", centre.acd.check(centre.now));
    }
}

fn one_call(centre: &mut Centre) {
    centre.call();
    centre.answer();
    centre.end_talk();
    centre.answer();
}

/// Cuts `total` into blocks that leave most agents as they were.
fn blocks(total: u64) -> impl Iterator<Item = u64> {
    (0..total.div_ceil(BLOCK)).map(move |index| (total - index * BLOCK).min(BLOCK))
}

criterion_group!(benches, push, pull, call);
criterion_main!(benches);

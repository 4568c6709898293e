//! The ledger against a slow, obvious recomputation: random lives of calls, told as facts to the one and as plain records to the other.

use crate::story::*;
use acd::kpi::{Kpi, Scope, Selector, ServiceLevelDefinition};
use acd::{
    AgentId, AgentPhase, AttemptKind, ContactId, Duration, Event, FlowId, GroupId, OfferId,
    Outcome, QueueId, Timestamp,
};
use proptest::prelude::*;
use reports::{Context, Fact, Ledger, Span, Totals};

/// A stretch of talk, with an agent of its own.
#[derive(Debug, Clone)]
struct Talk {
    group: u16,
    /// Ringing before it, part of the wait.
    ring: u64,
    talk: u64,
    acw: u64,
    was_cut: bool,
}

/// A call from the door to its end; times in µs.
#[derive(Debug, Clone)]
struct Life {
    number: u32,
    contact: u16,
    kind: AttemptKind,
    arrives: u64,
    ivr: u64,
    queue: u16,
    /// Wait after which it moves to the other queue.
    moves: Option<u64>,
    /// Wait from the entry to the (first) answer or the end.
    wait: u64,
    /// `None`: it leaves with this outcome instead.
    talk: Option<Talk>,
    leaves: Outcome,
    /// Sent back after this talk; then waits for this long, and is answered again or abandons.
    back: Option<(u64, u64, Option<Talk>)>,
}

impl Life {
    fn offered(&self) -> u64 {
        self.arrives + self.ivr
    }

    /// The move, where it comes before the end of the wait and leaves time to ring.
    fn moved(&self) -> Option<u64> {
        let ring = self.talk.as_ref().map_or(0, |talk| talk.ring.min(self.wait));
        self.moves.filter(|after| *after + ring < self.wait)
    }

    fn last_queue(&self) -> u16 {
        if self.moved().is_some() { 1 - self.queue } else { self.queue }
    }

    fn was_sent_back(&self) -> bool {
        self.talk.is_some() && self.back.is_some()
    }

    fn outcome(&self) -> Outcome {
        match (&self.talk, &self.back) {
            (Some(_), Some((_, _, Some(_)))) | (Some(_), None) => Outcome::Answered,
            (Some(_), Some((_, _, None))) => Outcome::Abandoned,
            (None, _) => self.leaves,
        }
    }

    /// The wait that service level looks at, and all waits.
    fn waits(&self) -> (u64, u64) {
        match &self.back {
            Some((_, again, _)) if self.was_sent_back() => (*again, self.wait + again),
            _ => (self.wait, self.wait),
        }
    }

    /// The talk that counts as the answer, its beginning, its agent.
    fn answer(&self) -> Option<(&Talk, u64, u32)> {
        let first = self.talk.as_ref()?;
        match &self.back {
            None => Some((first, self.offered() + self.wait, self.number)),
            Some((talked, again, Some(second))) => {
                Some((second, self.offered() + self.wait + talked + again, self.number + 1000))
            }
            Some((_, _, None)) => None,
        }
    }

    /// When the call is over, without after-call work.
    fn end(&self) -> u64 {
        match (self.answer(), &self.back) {
            (Some((talk, from, _)), _) => from + talk.talk,
            (None, Some((talked, again, _))) if self.talk.is_some() => {
                self.offered() + self.wait + talked + again
            }
            (None, _) => self.offered() + self.wait,
        }
    }

    /// Stretches in a waiting line: queue, from, to.
    fn in_line(&self) -> Vec<(u16, u64, u64)> {
        let ring = self.talk.as_ref().map_or(0, |talk| talk.ring.min(self.wait));
        let (from, to) = (self.offered(), self.offered() + self.wait - ring);
        let mut stretches = match self.moved() {
            Some(after) => {
                vec![(self.queue, from, from + after), (self.last_queue(), from + after, to)]
            }
            None => vec![(self.queue, from, to)],
        };
        if let (true, Some((talked, again, second))) = (self.was_sent_back(), &self.back) {
            let back = self.offered() + self.wait + talked;
            let ring = second.as_ref().map_or(0, |talk| talk.ring.min(*again));
            stretches.push((self.last_queue(), back, back + again - ring));
        }
        stretches
    }

    /// Work: group, busy from, to.
    fn work(&self) -> Vec<(u16, u64, u64)> {
        let mut work = Vec::new();
        if let (Some(talk), Some((talked, _, _))) = (&self.talk, &self.back) {
            let from = self.offered() + self.wait;
            work.push((talk.group, from, from + talked));
        }
        if let Some((talk, from, _)) = self.answer() {
            work.push((talk.group, from, from + talk.talk + talk.acw));
        }
        work
    }
}

/// Tells a life as events: time, order within the life, event.
fn tell(life: &Life) -> Vec<(u64, Event)> {
    let id = call(life.number);
    let (contact, kind) = (ContactId(life.contact), life.kind);
    let arrived = Event::CallArrived { call: id, contact, kind, site: None, attempt: 0, caller: 0 };
    let mut told = vec![(life.arrives, arrived)];
    let from_ivr = life.ivr > 0;
    if from_ivr {
        told.push((life.arrives, Event::IvrEntered { call: id, flow: FlowId(0) }));
    }
    let offered = life.offered();
    let since = Timestamp(offered);
    let enter = |queue: u16, from: Option<QueueId>| Event::CallEnqueued {
        call: id,
        queue: QueueId(queue),
        contact,
        from,
        since,
        from_ivr: from_ivr && from.is_none(),
    };
    told.push((offered, enter(life.queue, None)));
    told.push((offered, Event::CallWaits { call: id, queue: QueueId(life.queue) }));
    if let Some(after) = life.moved() {
        let queue = QueueId(life.queue);
        told.push((offered + after, Event::CallMoved { call: id, queue, was_waiting: true }));
        told.push((offered + after, enter(life.last_queue(), Some(queue))));
        let queue = QueueId(life.last_queue());
        told.push((offered + after, Event::CallWaits { call: id, queue }));
    }
    let end = offered + life.wait;
    let Some(talk) = &life.talk else {
        leave(&mut told, life, end, life.leaves, life.wait);
        return told;
    };
    answer(&mut told, life, (end, life.wait), (talk, life.number));
    match &life.back {
        None => finish(&mut told, life, end, (talk, life.number)),
        Some((talked, again, second)) => {
            let back = end + talked;
            let offer = OfferId { agent: AgentId(life.number), age: 1 };
            let queue = QueueId(life.last_queue());
            let (talk_so_far, hold) = (Duration(*talked), Duration::ZERO);
            told.push((
                back,
                Event::CallSentBack { offer, call: id, queue, talk: talk_so_far, hold },
            ));
            told.push((
                back,
                changed(life.number, talk.group, AgentPhase::Talking, AgentPhase::SignedOut),
            ));
            match second {
                Some(second) => {
                    answer(&mut told, life, (back + again, *again), (second, life.number + 1000));
                    finish(&mut told, life, back + again, (second, life.number + 1000));
                }
                None => leave(&mut told, life, back + again, Outcome::Abandoned, *again),
            }
        }
    }
    told
}

fn changed(agent: u32, group: u16, from: AgentPhase, to: AgentPhase) -> Event {
    Event::AgentChanged { agent: AgentId(agent), group: GroupId(group), from, to, reason: None }
}

fn leave(told: &mut Vec<(u64, Event)>, life: &Life, at: u64, outcome: Outcome, wait: u64) {
    let (id, queue) = (call(life.number), QueueId(life.last_queue()));
    let left =
        Event::CallLeft { call: id, queue, outcome, wait: Duration(wait), was_waiting: true };
    told.push((at, left));
    told.push((at, Event::CallReleased { call: id }));
}

fn answer(
    told: &mut Vec<(u64, Event)>,
    life: &Life,
    (at, wait): (u64, u64),
    (talk, agent): (&Talk, u32),
) {
    let (id, queue) = (call(life.number), QueueId(life.last_queue()));
    let (offer, ring) = (offer(agent), talk.ring.min(wait));
    let made = Event::OfferMade { offer, call: id, queue, was_waiting: true, is_callback: false };
    told.push((at - ring, made));
    let (wait, ring) = (Duration(wait), Duration(ring));
    told.push((at, Event::CallAnswered { offer, call: id, queue, wait, ring, is_callback: false }));
}

fn finish(told: &mut Vec<(u64, Event)>, life: &Life, from: u64, (talk, agent): (&Talk, u32)) {
    let ended = Event::TalkEnded {
        offer: offer(agent),
        call: call(life.number),
        talk: Duration(talk.talk),
        hold: Duration::ZERO,
        next: AgentPhase::Acw,
        reason: None,
        was_cut: talk.was_cut,
        is_callback: false,
    };
    told.push((from + talk.talk, ended));
    let (agent, acw) = (AgentId(agent), Duration(talk.acw));
    let over = Event::AcwEnded {
        agent,
        call: call(life.number),
        acw,
        next: AgentPhase::Ready,
        reason: None,
    };
    told.push((from + talk.talk + talk.acw, over));
}

const SECONDS: u64 = 1_000_000;

fn talk() -> impl Strategy<Value = Talk> {
    (
        0_u16..2,
        1_u64..5 * SECONDS,
        1_u64..200 * SECONDS,
        1_u64..30 * SECONDS,
        prop::bool::weighted(0.1),
    )
        .prop_map(|(group, ring, talk, acw, was_cut)| Talk { group, ring, talk, acw, was_cut })
}

fn life() -> impl Strategy<Value = Life> {
    let kind = prop::sample::select(AttemptKind::ALL.to_vec());
    let leaves =
        prop::sample::select(vec![Outcome::Abandoned, Outcome::Abandoned, Outcome::TimedOut]);
    let back = (1_u64..60 * SECONDS, 6 * SECONDS..40 * SECONDS, prop::option::of(talk()));
    (
        (0_u16..2, kind, 1_u64..580 * SECONDS, prop_oneof![Just(0), 1_u64..40 * SECONDS]),
        (0_u16..2, prop::option::weighted(0.3, 1_u64..40 * SECONDS)),
        // The wait is long enough for the telephone to ring.
        (6 * SECONDS..90 * SECONDS, prop::option::weighted(0.7, talk()), leaves),
        prop::option::weighted(0.2, back),
    )
        .prop_map(
            |((contact, kind, arrives, ivr), (queue, moves), (wait, talk, leaves), back)| Life {
                number: 0,
                contact,
                kind,
                arrives,
                ivr,
                queue,
                moves,
                wait,
                talk,
                leaves,
                back,
            },
        )
}

/// A stay of a call in a queue: the call, whether it ends here, the wait that service level looks at, all waits.
type Stay<'a> = (&'a Life, bool, u64, u64);

/// Everything that the slow side reads figures from.
struct Slow<'a> {
    context: &'a Context,
    lives: &'a [Life],
    end: u64,
}

impl Slow<'_> {
    fn window(&self, span: Span) -> (u64, u64) {
        let (warm_up, length, interval) =
            (self.context.warm_up.0, self.context.length.0, self.context.interval.0);
        match span {
            Span::Run => (warm_up, length),
            Span::AfterClose => (length, self.end),
            Span::Interval(n) => {
                let from = u64::from(n) * interval;
                (from.max(warm_up), (from + interval).min(length))
            }
        }
    }

    /// Whether something offered then counts in a span: the run holds what comes after the length, too.
    fn holds(&self, span: Span, at: u64) -> bool {
        let (from, to) = self.window(span);
        at >= from && (at < to || span != Span::Interval(0) && !matches!(span, Span::Interval(_)))
    }

    fn integral(&self, span: Span, stretches: impl Iterator<Item = (u64, u64)>) -> f64 {
        let (from, to) = self.window(span);
        stretches.map(|(a, b)| b.min(to).saturating_sub(a.max(from)) as f64).sum()
    }

    /// The stays of a scope's calls.
    fn stays(&self, scope: Scope, span: Span) -> Vec<Stay<'_>> {
        let mut stays = Vec::new();
        for life in self.lives.iter().filter(|life| life.offered() >= self.context.warm_up.0) {
            let (last, total) = life.waits();
            match scope {
                Scope::Queue(queue) => {
                    let moved = life.moved();
                    if let Some(after) = moved.filter(|_| life.queue == queue.0)
                        && self.holds(span, life.offered())
                    {
                        stays.push((life, false, after, after));
                    }
                    let entry = life.offered() + moved.unwrap_or(0);
                    if life.last_queue() == queue.0 && self.holds(span, entry) {
                        stays.push((life, true, last, total));
                    }
                }
                Scope::Contact(contact) if life.contact != contact.0 => {}
                Scope::All | Scope::Contact(_) if self.holds(span, life.offered()) => {
                    stays.push((life, true, last, total));
                }
                Scope::All | Scope::Contact(_) => {}
                Scope::Agents(_) | Scope::Site(_) | Scope::ContactAgents(..) => {}
            }
        }
        stays
    }
}

fn seconds(us: f64) -> f64 {
    us / 1e6
}

#[track_caller]
fn close(found: Option<f64>, expected: f64, what: &str) {
    let is_same = match found {
        Some(found) => (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
        None => expected.is_nan(),
    };
    assert!(is_same, "{what}: {found:?}, expected {expected}");
}

fn check_calls(slow: &Slow<'_>, totals: &Totals, scope: Scope, span: Span) {
    let figure =
        |kpi: Kpi, at: Option<u64>| totals.figure(kpi, at.map(secs), Selector::of(scope), span);
    let stays = slow.stays(scope, span);
    let ended = |outcome: Outcome| stays.iter().filter(move |s| s.1 && s.0.outcome() == outcome);
    let count = |outcome: Outcome| ended(outcome).count() as f64;
    let offered = stays.len() as f64;
    let name = |kpi: Kpi| format!("{} {scope:?} {span:?}", kpi.key());
    let check = |kpi: Kpi, expected: f64| close(figure(kpi, None), expected, &name(kpi));
    check(Kpi::Offered, offered);
    check(Kpi::Answered, count(Outcome::Answered));
    check(Kpi::Abandoned, count(Outcome::Abandoned));
    check(Kpi::TimedOut, count(Outcome::TimedOut));
    check(Kpi::AbandonmentRate, count(Outcome::Abandoned) / offered);
    let sum = |value: &dyn Fn(&Stay<'_>) -> u64| stays.iter().map(value).sum::<u64>() as f64;
    check(Kpi::MeanWait, seconds(sum(&|s| s.3)) / offered);
    check(Kpi::PWait, if offered > 0.0 { 1.0 } else { f64::NAN });
    let answered = || ended(Outcome::Answered);
    let asa = answered().map(|s| s.2).sum::<u64>() as f64;
    check(Kpi::Asa, seconds(asa) / count(Outcome::Answered));
    let ring = |s: &Stay<'_>| s.0.answer().map_or(0, |(talk, _, _)| talk.ring.min(s.2));
    let ringing = answered().map(ring).sum::<u64>() as f64;
    check(Kpi::AsaToOffer, seconds(asa - ringing) / count(Outcome::Answered));
    let lost = ended(Outcome::Abandoned).map(|s| s.2).sum::<u64>() as f64;
    check(Kpi::MeanWaitAbandoned, seconds(lost) / count(Outcome::Abandoned));
    check(Kpi::MaxWait, seconds(stays.iter().map(|s| s.3).max().unwrap_or(0) as f64));
    for at in [30, 20] {
        if at == 20 && scope != Scope::Queue(SALES) {
            continue;
        }
        let within =
            |outcome: Outcome| ended(outcome).filter(|s| s.2 <= at * SECONDS).count() as f64;
        let (s, l) = (within(Outcome::Answered), within(Outcome::Abandoned));
        let short = ended(Outcome::Abandoned).filter(|s| s.2 <= 10 * SECONDS).count() as f64;
        let expected = [
            s / offered,
            s / (offered - l),
            (s + l) / offered,
            s / count(Outcome::Answered),
            s / (offered - short),
        ];
        for (definition, expected) in ServiceLevelDefinition::ALL.into_iter().zip(expected) {
            let found = totals.service_level(definition, Some(secs(at)), Selector::of(scope), span);
            close(found, expected, &format!("{} at {at} {scope:?} {span:?}", definition.name()));
        }
        let over = stays.iter().filter(|s| s.3 > at * SECONDS).count() as f64;
        close(figure(Kpi::PWaitGt, Some(at)), over / offered, &name(Kpi::PWaitGt));
    }
    if span == Span::Run {
        let mean = sum(&|s| s.3) / offered;
        let squares = stays.iter().map(|s| (s.3 as f64 - mean) * (s.3 as f64 - mean)).sum::<f64>();
        let found = figure(Kpi::SdWait, None).unwrap_or(f64::NAN);
        let expected = seconds(f64::sqrt(squares / offered));
        assert!(offered == 0.0 || (found - expected).abs() < 1e-6, "{found} {expected}");
    }
}

fn check_states(slow: &Slow<'_>, totals: &Totals, span: Span) {
    let (from, to) = slow.window(span);
    let time = (to - from) as f64;
    let all = |kpi: Kpi| totals.figure(kpi, None, Selector::ALL, span);
    let of = |kpi: Kpi, scope: Scope| totals.figure(kpi, None, Selector::of(scope), span);
    let lives = || slow.lives.iter();
    let line: Vec<(u16, u64, u64)> = lives().flat_map(Life::in_line).collect();
    for queue in 0..2 {
        let stretches = line.iter().filter(|s| s.0 == queue).map(|s| (s.1, s.2));
        let expected = slow.integral(span, stretches) / time;
        close(
            of(Kpi::MeanQueueLength, Scope::Queue(QueueId(queue))),
            expected,
            "mean_queue_length",
        );
    }
    let most = |at: u64| line.iter().filter(|s| s.1 <= at && at < s.2).count();
    let moments = line.iter().map(|s| s.1).filter(|at| (from..to).contains(at)).chain([from]);
    if span != Span::AfterClose {
        close(
            all(Kpi::MaxQueueLength),
            moments.map(most).max().unwrap_or(0) as f64,
            "max_queue_length",
        );
    }
    let in_system =
        || lives().map(|life| (life.arrives + if life.ivr > 0 { 0 } else { life.ivr }, life.end()));
    close(all(Kpi::MeanInSystem), slow.integral(span, in_system()) / time, "mean_in_system");
    close(all(Kpi::MeanBusyTrunks), slow.integral(span, in_system()) / time, "mean_busy_trunks");
    let ivr = lives().map(|life| (life.arrives, life.offered()));
    close(all(Kpi::MeanInIvr), slow.integral(span, ivr) / time, "mean_in_ivr");
    let left = in_system().filter(|(a, b)| *a < to && to <= *b).count() as f64;
    if span != Span::AfterClose {
        close(all(Kpi::InSystemEnd), left, "in_system_end");
    }
    let work: Vec<(u16, u64, u64)> = lives().flat_map(Life::work).collect();
    for group in 0..2 {
        let stretches = || work.iter().filter(|w| w.0 == group).map(|w| (w.1, w.2));
        let scope = Scope::Agents(GroupId(group));
        close(of(Kpi::Busy, scope), seconds(slow.integral(span, stretches())), "busy_s");
        if span == Span::Run {
            close(
                of(Kpi::VarBusy, scope),
                variance(&stretches().collect::<Vec<_>>(), from, to),
                "var_busy",
            );
        }
    }
    let handled = || {
        let talks = lives().filter_map(|life| life.answer().map(|(talk, at, _)| (talk, at)));
        talks.filter(|(talk, at)| (from..to).contains(&(at + talk.talk + talk.acw)))
    };
    // The end of the run is the end of the last work, and counts with what comes after the length.
    if span != Span::AfterClose {
        let worked: u64 = handled().map(|(talk, _)| talk.talk + talk.acw).sum();
        close(all(Kpi::Aht), seconds(worked as f64) / handled().count() as f64, "aht_s");
        let in_kpis = || lives().filter(|life| life.offered() >= slow.context.warm_up.0);
        let answered_at = |life: &Life| life.answer().map(|(_, at, _)| at);
        let count = in_kpis().filter_map(answered_at).filter(|at| (from..to).contains(at)).count();
        close(all(Kpi::AnsweredIn), count as f64, "answered_in");
        let lost = in_kpis().filter(|life| life.outcome() == Outcome::Abandoned).map(Life::end);
        close(
            all(Kpi::AbandonedIn),
            lost.filter(|at| (from..to).contains(at)).count() as f64,
            "abandoned_in",
        );
    }
}

/// The variance over time of how many stretches cover a moment, from one change to the next.
fn variance(stretches: &[(u64, u64)], from: u64, to: u64) -> f64 {
    let mut changes: Vec<u64> =
        stretches.iter().flat_map(|(a, b)| [*a, *b]).chain([from, to]).collect();
    changes.sort_unstable();
    let (mut sum, mut squares) = (0.0, 0.0);
    for pair in changes.windows(2).filter(|pair| pair[0] >= from && pair[1] <= to) {
        let count = stretches.iter().filter(|(a, b)| *a <= pair[0] && pair[0] < *b).count() as f64;
        sum += count * (pair[1] - pair[0]) as f64;
        squares += count * count * (pair[1] - pair[0]) as f64;
    }
    let time = (to - from) as f64;
    squares / time - (sum / time) * (sum / time)
}

fn check_all(slow: &Slow<'_>, totals: &Totals) {
    let context = slow.context;
    let intervals = context.length.0.div_ceil(context.interval.0) as u32;
    let spans = (0..intervals).map(Span::Interval).filter(|span| {
        let (from, to) = slow.window(*span);
        from < to
    });
    for span in spans.chain([Span::Run, Span::AfterClose]) {
        let scopes =
            [Scope::All, Scope::Queue(SALES), Scope::Queue(SUPPORT), Scope::Contact(BUYERS)];
        for scope in scopes {
            check_calls(slow, totals, scope, span);
        }
        check_states(slow, totals, span);
    }
    for kind in AttemptKind::ALL {
        let selector = Selector { scope: Scope::Contact(OWNERS), attempt: Some(kind) };
        let of_kind = |life: &&Life| life.kind == kind && life.contact == OWNERS.0;
        let count = slow
            .lives
            .iter()
            .filter(of_kind)
            .filter(|life| life.arrives >= context.warm_up.0)
            .count();
        close(
            totals.figure(Kpi::Attempts, None, selector, Span::Run),
            count as f64,
            "attempts by kind",
        );
    }
    for group in 0..2 {
        let of_group = |life: &&Life| life.answer().is_some_and(|(talk, _, _)| talk.group == group);
        let counted =
            slow.lives.iter().filter(|life| life.offered() >= context.warm_up.0).filter(of_group);
        let (count, cut) = counted.fold((0, 0), |(count, cut), life| {
            (count + 1, cut + usize::from(life.answer().is_some_and(|(talk, _, _)| talk.was_cut)))
        });
        let selector = Selector::of(Scope::Agents(GroupId(group)));
        close(
            totals.figure(Kpi::Answered, None, selector, Span::Run),
            count as f64,
            "answered by group",
        );
        close(totals.figure(Kpi::CutInTalk, None, selector, Span::Run), cut as f64, "cut in talk");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn the_ledger_agrees_with_plain_records(
        mut lives in prop::collection::vec(life(), 1..25),
        warm_up in prop_oneof![Just(0), 1_u64..300],
        interval in 70_u64..400,
    ) {
        let mut context = context();
        (context.warm_up, context.interval) = (secs(warm_up), secs(interval));
        let mut facts: Vec<(u64, usize, Event)> = Vec::new();
        for (number, life) in (0_u32..).zip(&mut lives) {
            life.number = number;
            for (agent, talk) in [(number, life.talk.as_ref()), (number + 1000, life.back.as_ref().and_then(|b| b.2.as_ref()))] {
                if let Some(talk) = talk {
                    let event = changed(agent, talk.group, AgentPhase::SignedOut, AgentPhase::Ready);
                    facts.push((0, facts.len(), event));
                }
            }
        }
        for life in &lives {
            for (at, event) in tell(life) {
                facts.push((at, facts.len(), event));
            }
        }
        facts.sort_by_key(|(at, order, _)| (*at, *order));
        let mut ledger = Ledger::new(&context);
        for (at, _, event) in &facts {
            ledger.record(Timestamp(*at), &Fact::Switch(event));
        }
        let last = facts.last().map_or(0, |(at, _, _)| *at);
        let end = last.max(context.length.0 + 1);
        let totals = ledger.finish(Timestamp(end));
        check_all(&Slow { context: &context, lives: &lives, end }, &totals);
    }
}

//! Triggers: figures over the last minutes.

use crate::story::*;
use acd::kpi::{Comparison, Condition, Kpi, Scope, Selector};
use acd::{AgentPhase, AttemptKind, Event, Outcome, Timestamp};
use reports::Watch;

fn condition(kpi: Kpi, scope: Scope, last: u64) -> Condition {
    Condition {
        text: String::new(),
        kpi,
        selector: Selector::of(scope),
        threshold: None,
        last: Some(secs(last)),
        comparison: Comparison::Less,
        value: 0.5,
        is_sure: false,
    }
}

/// Tells the story up to each time asked for, and asks for every condition.
fn values(story: &Story, conditions: &[Condition], times: &[u64]) -> Vec<Vec<Option<f64>>> {
    let mut watch = Watch::new(&context(), conditions);
    let mut told = story.facts.iter().peekable();
    let mut values = Vec::new();
    for time in times {
        let now = Timestamp(time * acd::SECOND);
        while let Some((at, fact)) = told.next_if(|(at, _)| *at <= now) {
            watch.record(*at, &fact.fact());
        }
        values.push((0..conditions.len()).map(|index| watch.value(index, now)).collect());
    }
    values
}

#[test]
fn a_call_counts_once_its_fate_is_known() {
    let mut story = Story::default();
    story.signs_in(0, 0, NORTH);
    // Answered after 5 s: in time. Then two wait: one is answered after 90 s, one leaves after 200 s.
    story.waits_in_sales(10, 0).offered(15, 0, 0, SALES, true).answered(15, 0, 0, SALES, 5, 0);
    story.waits_in_sales(50, 1).waits_in_sales(55, 2);
    story.talk_ends(140, 0, 0, 125, AgentPhase::Ready);
    story.offered(140, 1, 0, SALES, true).answered(140, 1, 0, SALES, 90, 0);
    story.leaves(255, 2, SALES, Outcome::Abandoned, 200);
    let conditions = [
        condition(Kpi::ServiceLevel, Scope::Queue(SALES), 60),
        condition(Kpi::AbandonmentRate, Scope::Queue(SALES), 60),
        condition(Kpi::Answered, Scope::All, 60),
    ];
    let found = values(&story, &conditions, &[60, 120, 180, 240, 300, 360]);
    let level: Vec<Option<f64>> = found.iter().map(|row| row[0]).collect();
    // At 60 the later two may still be answered within 20 s. At 120 their 20 s have passed; their ends count no more.
    assert_eq!(level, [Some(1.0), Some(0.0), None, None, None, None]);
    let abandoned: Vec<Option<f64>> = found.iter().map(|row| row[1]).collect();
    assert_eq!(abandoned, [Some(0.0), None, Some(0.0), None, Some(1.0), None]);
    let answered: Vec<Option<f64>> = found.iter().map(|row| row[2]).collect();
    assert_eq!(answered, [Some(1.0), Some(0.0), Some(1.0), Some(0.0), Some(0.0), Some(0.0)]);
}

#[test]
fn levels_are_averaged_over_the_window_even_off_the_minute() {
    let mut story = Story::default();
    story.signs_in(0, 0, NORTH);
    story.waits_in_sales(30, 0).waits_in_sales(40, 1);
    story.offered(100, 0, 0, SALES, true).answered(100, 0, 0, SALES, 70, 0);
    story.leaves(110, 1, SALES, Outcome::Abandoned, 70);
    story.talk_ends(400, 0, 0, 300, AgentPhase::Ready);
    let conditions = [
        condition(Kpi::MeanQueueLength, Scope::Queue(SALES), 90),
        condition(Kpi::Occupancy, Scope::Agents(NORTH), 90),
        condition(Kpi::MaxQueueLength, Scope::All, 90),
        condition(Kpi::MaxWait, Scope::All, 90),
        condition(Kpi::WaitAllP50, Scope::All, 90),
        condition(Kpi::InSystemEnd, Scope::All, 90),
    ];
    let found = values(&story, &conditions, &[60, 120, 240, 420]);
    // [0, 60]: 30 + 20 call-seconds in 60 s, for there was no time before.
    assert_eq!(found[0][0], Some(50.0 / 60.0));
    // [30, 120]
    assert_eq!(found[1][0], Some(140.0 / 90.0));
    assert_eq!(found[1][1], Some(20.0 / 90.0));
    // [330, 420]
    assert_eq!(found[3][1], Some(70.0 / 90.0));
    let most: Vec<Option<f64>> = found.iter().map(|row| row[2]).collect();
    assert_eq!(most, [Some(2.0), Some(2.0), Some(0.0), Some(0.0)]);
    let longest: Vec<Option<f64>> = found.iter().map(|row| row[3]).collect();
    assert_eq!(longest, [Some(0.0), Some(70.0), Some(0.0), Some(0.0)]);
    assert_eq!(found[0][4], None);
    assert!(found[1][4].is_some_and(|p50| (p50 - 70.0).abs() < 0.14));
    let there: Vec<Option<f64>> = found.iter().map(|row| row[5]).collect();
    assert_eq!(there, [Some(2.0), Some(1.0), Some(1.0), Some(0.0)]);
}

#[test]
fn a_watch_asked_twice_says_the_same() {
    let mut story = Story::default();
    story.waits_in_sales(10, 0).waits_in_sales(20, 1).leaves(30, 0, SALES, Outcome::Abandoned, 20);
    let conditions = [
        condition(Kpi::MaxQueueLength, Scope::All, 60),
        condition(Kpi::MaxQueueLength, Scope::All, 60),
    ];
    let mut watch = Watch::new(&context(), &conditions);
    for (at, told) in &story.facts {
        watch.record(*at, &told.fact());
    }
    let now = Timestamp(60 * acd::SECOND);
    for _ in 0..3 {
        assert_eq!(watch.value(0, now), Some(2.0));
        assert_eq!(watch.value(1, now), Some(2.0));
    }
    // A fact of the same moment is seen, and what was largest is not forgotten.
    let arrived = Event::CallArrived {
        call: call(7),
        contact: BUYERS,
        kind: AttemptKind::Fresh,
        site: None,
        attempt: 0,
        caller: 0,
    };
    watch.record(now, &reports::Fact::Switch(&arrived));
    assert_eq!(watch.value(0, now), Some(2.0));
}

#[test]
fn another_threshold_and_the_door_can_be_watched() {
    let mut story = Story::default();
    story.signs_in(0, 0, NORTH);
    story.waits_in_sales(10, 0).offered(35, 0, 0, SALES, true).answered(35, 0, 0, SALES, 25, 0);
    story.arrives(40, 1, BUYERS, AttemptKind::Fresh).leaves_door(40, 1, acd::DoorOutcome::Blocked);
    let mut within = condition(Kpi::ServiceLevel, Scope::All, 60);
    within.threshold = Some(secs(25));
    let conditions = [
        within,
        condition(Kpi::ServiceLevel, Scope::All, 60),
        condition(Kpi::BlockRate, Scope::All, 60),
        condition(Kpi::Blocked, Scope::Contact(BUYERS), 60),
        condition(Kpi::WorstInterval, Scope::All, 60),
        condition(Kpi::Cost, Scope::All, 60),
        condition(Kpi::ServiceLevel, Scope::Agents(NORTH), 60),
    ];
    let found = values(&story, &conditions, &[60]);
    assert_eq!(found[0], [Some(1.0), Some(0.0), Some(0.5), Some(1.0), None, None, None]);
}

#[test]
fn a_watch_without_conditions_has_nothing_to_say() {
    let mut watch = Watch::new(&context(), &[]);
    assert_eq!(watch.value(0, Timestamp(5)), None);
}

#[test]
fn a_condition_has_the_same_value_alone_and_among_all_others() {
    let mut story = Story::default();
    story.signs_in(0, 0, NORTH).signs_in(0, 1, NORTH);
    for number in 0..6 {
        let at = 20 + 40 * u64::from(number);
        let kind = if number == 4 { AttemptKind::Redial } else { AttemptKind::Fresh };
        let contact = if number % 3 == 2 { OWNERS } else { BUYERS };
        let queue = if contact == OWNERS { SUPPORT } else { SALES };
        let agent = number % 2;
        story.arrives(at, number, contact, kind).enqueued(at, number, contact, queue);
        story.waits(at, number, queue);
        if number == 3 {
            story.leaves(at + 15, number, queue, Outcome::Abandoned, 15);
            continue;
        }
        story.offered(at + 10, number, agent, queue, true);
        story.answered(at + 10, number, agent, queue, 10, 0);
        story.talk_ends(at + 30, number, agent, 20, AgentPhase::Ready);
    }
    story.facts.sort_by_key(|(at, _)| *at);
    let scopes = [
        Scope::All,
        Scope::Queue(SALES),
        Scope::Queue(SUPPORT),
        Scope::Contact(BUYERS),
        Scope::Contact(OWNERS),
        Scope::Agents(NORTH),
        Scope::Site(CITY),
        Scope::ContactAgents(BUYERS, NORTH),
        // Not among the pairs that are reported on.
        Scope::ContactAgents(OWNERS, NORTH),
    ];
    let mut conditions = Vec::new();
    for scope in scopes {
        for attempt in [None, Some(AttemptKind::Fresh), Some(AttemptKind::Redial)] {
            let selector = Selector { scope, attempt };
            let of = |kpi: &Kpi| Condition { selector, ..condition(*kpi, scope, 120) };
            conditions.extend(Kpi::ALL.iter().map(of));
        }
    }
    let times = [60, 120, 180, 240, 300];
    let together = values(&story, &conditions, &times);
    let mut seen = 0;
    for (index, one) in conditions.iter().enumerate() {
        let alone = values(&story, std::slice::from_ref(one), &times);
        for (alone, together) in alone.iter().zip(&together) {
            assert_eq!(alone[0], together[index], "{:?} of {:?}", one.kpi, one.selector);
            seen += usize::from(alone[0].is_some_and(|value| value > 0.0));
        }
    }
    assert!(seen > 300, "{seen} values that are something");
}

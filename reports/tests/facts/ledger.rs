//! What every number means, by stories short enough to count by hand.

use crate::story::*;
use acd::kpi::{Kpi, Scope, Selector, ServiceLevelDefinition};
use acd::{
    AgentId, AgentPhase, AttemptKind, DoorOutcome, Duration, Event, Outcome, Reason, Timestamp,
};
use reports::{PersonFact, Span};

const ALL: Scope = Scope::All;
const FRESH: AttemptKind = AttemptKind::Fresh;
const READY: AgentPhase = AgentPhase::Ready;

/// Two agents, five calls: one abandons, one waits long, one is a redial that talks past the close.
fn five_calls() -> Story {
    let mut story = Story::default();
    story.scheduled(0, NORTH, 2).signs_in(0, 0, NORTH).signs_in(0, 1, NORTH);
    story
        .arrives(10, 0, BUYERS, FRESH)
        .enqueued(10, 0, BUYERS, SALES)
        .offered(10, 0, 0, SALES, false);
    story.answered(13, 0, 0, SALES, 3, 3);
    story
        .arrives(20, 1, BUYERS, FRESH)
        .enqueued(20, 1, BUYERS, SALES)
        .offered(20, 1, 1, SALES, false);
    story.answered(20, 1, 1, SALES, 0, 0);
    story.waits_in_sales(30, 2).waits_in_sales(40, 3);
    story.leaves(45, 2, SALES, Outcome::Abandoned, 15);
    story.person(45, PersonFact::CallsAgain { contact: OWNERS, kind: AttemptKind::Redial });
    story.talk_ends(113, 0, 0, 100, AgentPhase::Acw).acw_ends(123, 0, 0, 10);
    story.offered(123, 3, 0, SALES, true).answered(123, 3, 0, SALES, 83, 0);
    story.talk_ends(320, 1, 1, 300, READY);
    story.talk_ends(323, 3, 0, 200, AgentPhase::Acw).acw_ends(333, 3, 0, 10);
    story.arrives(400, 4, OWNERS, AttemptKind::Redial).enqueued(400, 4, OWNERS, SUPPORT);
    story.offered(400, 4, 0, SUPPORT, false).answered(400, 4, 0, SUPPORT, 0, 0);
    story.talk_ends(620, 4, 0, 220, READY);
    story
}

#[test]
fn calls_are_counted_once_in_all_and_by_queue_contact_and_kind() {
    let totals = five_calls().totals(&context(), 620);
    let figures = Figures(&totals);
    for (key, all, sales, support) in [
        ("offered", 5.0, 4.0, 1.0),
        ("answered", 4.0, 3.0, 1.0),
        ("abandoned", 1.0, 1.0, 0.0),
        ("short_abandoned", 0.0, 0.0, 0.0),
    ] {
        same(figures.run(key), all);
        same(figures.at(key, Scope::Queue(SALES)), sales);
        same(figures.at(key, Scope::Queue(SUPPORT)), support);
        same(figures.at(key, Scope::Contact(BUYERS)), sales);
    }
    same(figures.run("attempts"), 5.0);
    same(figures.run("unique_callers"), 4.0);
    same(figures.run("redials"), 1.0);
    same(figures.run("abandonment_rate"), 0.2);
    let redials = Selector { scope: ALL, attempt: Some(AttemptKind::Redial) };
    assert_eq!(totals.figure(Kpi::Answered, None, redials, Span::Run), Some(1.0));
    assert_eq!(totals.figure(Kpi::Abandoned, None, redials, Span::Run), Some(0.0));
    let fresh = Selector { scope: ALL, attempt: Some(FRESH) };
    assert_eq!(totals.figure(Kpi::AbandonmentRate, None, fresh, Span::Run), Some(0.25));
}

#[test]
fn service_level_has_five_definitions() {
    use ServiceLevelDefinition as D;
    let totals = five_calls().totals(&context(), 620);
    let figures = Figures(&totals);
    let sales = Scope::Queue(SALES);
    same(figures.service(D::OfOffered, sales), 2.0 / 4.0);
    same(figures.service(D::ExcludingAbandonsInTarget, sales), 2.0 / 3.0);
    same(figures.service(D::CountingAbandonsInTarget, sales), 3.0 / 4.0);
    same(figures.service(D::OfAnswered, sales), 2.0 / 3.0);
    same(figures.service(D::ExcludingShortAbandons, sales), 2.0 / 4.0);
    // Each call by its own queue's time: sales 20 s, support 60 s.
    same(figures.run("service_level"), 3.0 / 4.0);
    let at_30 =
        |scope| totals.figure(Kpi::ServiceLevel, Some(secs(30)), Selector::of(scope), Span::Run);
    assert_eq!(at_30(ALL), Some(0.75));
    assert_eq!(at_30(sales), Some(2.0 / 3.0));
    let no_level = totals.figure(Kpi::ServiceLevel, Some(secs(5)), Selector::of(sales), Span::Run);
    assert_eq!(no_level, None);
    let over = |t| totals.figure(Kpi::PWaitGt, Some(secs(t)), Selector::of(sales), Span::Run);
    assert_eq!((over(20), over(30)), (Some(0.25), Some(0.25)));
}

#[test]
fn waits_run_to_the_agents_answer() {
    let totals = five_calls().totals(&context(), 620);
    let figures = Figures(&totals);
    same(figures.run("asa_s"), 86.0 / 4.0);
    same(figures.run("asa_to_offer_s"), 83.0 / 4.0);
    same(figures.run("mean_wait_s"), 101.0 / 5.0);
    same(figures.run("mean_wait_abandoned_s"), 15.0);
    same(figures.run("mean_wait_if_wait_s"), 49.0);
    same(figures.run("p_wait"), 0.4);
    same(figures.run("max_wait_s"), 83.0);
    same(figures.run("wait_p50_s"), 0.0);
    assert!((figures.run("wait_p90_s") - 83.0).abs() < 83.0 * 0.002);
    assert!((figures.run("wait_all_p50_s") - 3.0).abs() < 3.0 * 0.002);
    // 3, 0, 15, 83, 0: mean 20.2.
    let squares = 9.0 + 225.0 + 6889.0;
    same(figures.run("sd_wait_s"), f64::sqrt(squares / 5.0 - 20.2 * 20.2));
    same(figures.at("asa_s", Scope::Agents(NORTH)), 86.0 / 4.0);
    same(figures.at("asa_s", Scope::Site(CITY)), 86.0 / 4.0);
    same(figures.at("asa_s", Scope::ContactAgents(BUYERS, NORTH)), 86.0 / 3.0);
    assert_eq!(figures.of("asa_s", Scope::Agents(HOME), Span::Run), None);
}

#[test]
fn states_are_averaged_over_the_run_and_over_intervals() {
    let totals = five_calls().totals(&context(), 620);
    let figures = Figures(&totals);
    same(figures.run("mean_queue_length"), 98.0 / 600.0);
    same(figures.interval("mean_queue_length", 0), 98.0 / 300.0);
    same(figures.run("max_queue_length"), 2.0);
    same(figures.interval("max_queue_length", 1), 0.0);
    same(figures.run("busy_s"), 820.0);
    same(figures.interval("busy_s", 0), 567.0);
    same(figures.interval("mean_busy", 1), 253.0 / 300.0);
    same(figures.of("busy_s", ALL, Span::AfterClose).expect("after"), 20.0);
    same(figures.of("mean_busy", ALL, Span::AfterClose).expect("after"), 1.0);
    same(figures.run("var_busy"), 1420.0 / 600.0 - (820.0 / 600.0) * (820.0 / 600.0));
    same(figures.run("all_busy_share"), 0.5);
    same(figures.at("all_busy_share", Scope::Agents(NORTH)), 0.5);
    same(figures.at("all_busy_share", Scope::Agents(HOME)), 1.0);
    same(figures.at("all_busy_share", Scope::Site(CITY)), 0.5);
    same(figures.interval("all_busy_share", 0), 280.0 / 300.0);
    same(figures.run("occupancy"), 820.0 / 1200.0);
    same(figures.run("utilisation"), 820.0 / 1200.0);
    same(figures.run("mean_busy_trunks"), 901.0 / 600.0);
    same(figures.run("mean_in_system"), 901.0 / 600.0);
    same(figures.run("in_system_end"), 1.0);
    same(figures.interval("in_system_end", 0), 2.0);
    same(figures.run("mean_orbit"), 355.0 / 600.0);
    let redials = Selector { scope: ALL, attempt: Some(AttemptKind::Redial) };
    assert_eq!(totals.figure(Kpi::MeanOrbit, None, redials, Span::Run), Some(355.0 / 600.0));
}

#[test]
fn handling_belongs_to_the_clock_and_offers_to_their_interval() {
    let totals = five_calls().totals(&context(), 620);
    let figures = Figures(&totals);
    same(figures.run("aht_s"), 620.0 / 3.0);
    same(figures.run("talk_s"), 200.0);
    same(figures.run("acw_s"), 20.0 / 3.0);
    same(figures.interval("aht_s", 0), 110.0);
    same(figures.interval("aht_s", 1), 510.0 / 2.0);
    same(figures.of("talk_s", ALL, Span::AfterClose).expect("after"), 220.0);
    same(figures.at("aht_s", Scope::Agents(NORTH)), 620.0 / 3.0);
    same(figures.at("aht_s", Scope::Contact(BUYERS)), 620.0 / 3.0);
    same(figures.interval("answered", 0), 3.0);
    same(figures.interval("answered", 1), 1.0);
    same(figures.interval("answered_in", 0), 3.0);
    same(figures.interval("abandoned_in", 0), 1.0);
    // Interval 1 holds one call of support, in time; interval 0 misses 80 % with two of three.
    same(figures.run("intervals_met"), 0.5);
    same(figures.at("intervals_met", Scope::Queue(SALES)), 0.0);
    same(figures.at("intervals_met", Scope::Queue(SUPPORT)), 1.0);
    same(figures.run("worst_interval"), 0.0);
}

#[test]
fn a_boundary_belongs_to_the_interval_it_begins() {
    let mut story = Story::default();
    story.signs_in(0, 0, NORTH);
    story.waits_in_sales(299, 0);
    story.offered(300, 0, 0, SALES, true).answered(300, 0, 0, SALES, 1, 0);
    story.arrives(300, 1, BUYERS, FRESH).enqueued(300, 1, BUYERS, SALES).waits(300, 1, SALES);
    story.talk_ends(600, 0, 0, 300, READY);
    story.offered(600, 1, 0, SALES, true).answered(600, 1, 0, SALES, 300, 0);
    story.talk_ends(610, 1, 0, 10, READY);
    let totals = story.totals(&context(), 610);
    let figures = Figures(&totals);
    same(figures.interval("offered", 0), 1.0);
    same(figures.interval("offered", 1), 1.0);
    same(figures.interval("answered_in", 0), 0.0);
    same(figures.interval("answered_in", 1), 1.0);
    same(figures.of("answered_in", ALL, Span::AfterClose).expect("after"), 1.0);
    same(figures.interval("busy_s", 1), 300.0);
    same(figures.run("answered_in"), 1.0);
    same(figures.run("answered"), 2.0);
    same(figures.interval("mean_queue_length", 1), 1.0);
    same(figures.run("occupancy"), 0.5);
}

#[test]
fn overflow_moves_the_call_and_all_counts_it_once() {
    let mut story = Story::default();
    story.signs_in(0, 0, HOME);
    // Waits 25 s in sales, moves to support, is answered there after 40 s in all.
    story
        .waits_in_sales(10, 0)
        .overflows(35, 0, BUYERS, 10, [SALES, SUPPORT])
        .waits(35, 0, SUPPORT);
    story.offered(50, 0, 0, SUPPORT, true).answered(50, 0, 0, SUPPORT, 40, 0);
    story.talk_ends(60, 0, 0, 10, READY);
    // Moves on entry and gets its offer at once: no wait.
    story.arrives(70, 1, BUYERS, FRESH).enqueued(70, 1, BUYERS, SALES);
    story.overflows(70, 1, BUYERS, 70, [SALES, SUPPORT]).offered(70, 1, 0, SUPPORT, false);
    story.answered(70, 1, 0, SUPPORT, 0, 0).talk_ends(80, 1, 0, 10, READY);
    let totals = story.totals(&context(), 600);
    let figures = Figures(&totals);
    let (sales, support) = (Scope::Queue(SALES), Scope::Queue(SUPPORT));
    for (key, all, in_sales, in_support) in [
        ("offered", 2.0, 2.0, 2.0),
        ("answered", 2.0, 0.0, 2.0),
        ("overflowed_out", 2.0, 2.0, 0.0),
        ("overflowed_in", 2.0, 0.0, 2.0),
        // Sales judges by 20 s and keeps both as not served in time; support by 60 s.
        ("service_level", 0.5, 0.0, 1.0),
        ("mean_wait_s", 20.0, 12.5, 20.0),
        ("p_wait", 0.5, 0.5, 0.5),
        ("max_wait_s", 40.0, 25.0, 40.0),
    ] {
        same(figures.run(key), all);
        same(figures.at(key, sales), in_sales);
        same(figures.at(key, support), in_support);
    }
    same(figures.at("asa_s", support), 20.0);
    assert_eq!(figures.of("asa_s", sales, Span::Run), None);
    // Handled where served.
    same(figures.at("talk_s", support), 10.0);
    assert_eq!(figures.of("talk_s", sales, Span::Run), None);
    same(figures.at("wait_p50_s", support), 0.0);
    assert!((figures.at("wait_p99_s", support) - 40.0).abs() < 0.08);
    assert_eq!(figures.of("wait_p50_s", sales, Span::Run), None);
    same(figures.at("mean_queue_length", sales), 25.0 / 600.0);
    same(figures.at("mean_queue_length", support), 15.0 / 600.0);
}

#[test]
fn a_call_sent_back_counts_its_last_outcome_and_all_its_waits() {
    let mut story = Story::default();
    story.signs_in(0, 0, NORTH).signs_in(0, 1, HOME);
    story.waits_in_sales(10, 0).offered(40, 0, 0, SALES, true).answered(40, 0, 0, SALES, 30, 0);
    story.waits_in_sales(15, 1).offered(45, 1, 1, SALES, true).answered(45, 1, 1, SALES, 30, 0);
    // Both lose their agents at 100; one is answered again after 5 s, one gives up after 8 s.
    for (number, group) in [(0, NORTH), (1, HOME)] {
        let (talk, hold) = (secs(55), Duration::ZERO);
        let back = Event::CallSentBack {
            offer: offer(number),
            call: call(number),
            queue: SALES,
            talk,
            hold,
        };
        story.event(100, back);
        story.agent(100, number, group, AgentPhase::Talking, AgentPhase::SignedOut, None);
    }
    story.signs_in(105, 2, HOME);
    story.offered(105, 0, 2, SALES, true).answered(105, 0, 2, SALES, 5, 0);
    story.leaves(108, 1, SALES, Outcome::Abandoned, 8);
    story.talk_ends(200, 0, 2, 95, READY);
    let totals = story.totals(&context(), 600);
    let figures = Figures(&totals);
    same(figures.run("offered"), 2.0);
    same(figures.run("answered"), 1.0);
    same(figures.run("abandoned"), 1.0);
    same(figures.run("answered_in"), 1.0);
    same(figures.run("asa_s"), 5.0);
    same(figures.run("mean_wait_s"), (35.0 + 38.0) / 2.0);
    same(figures.run("mean_wait_abandoned_s"), 8.0);
    same(figures.run("max_wait_s"), 38.0);
    // Served in time by the last answer; the abandonment within 20 s falls out.
    same(figures.run("service_level"), 1.0);
    assert!((figures.run("wait_p50_s") - 5.0).abs() < 0.01);
    assert!((figures.run("wait_all_p50_s") - 35.0).abs() < 0.07);
    same(figures.run("sd_wait_s"), 1.5);
    same(figures.at("answered", Scope::Agents(HOME)), 1.0);
    same(figures.at("answered", Scope::Agents(NORTH)), 0.0);
    // The lost talk makes agents busy, but is no handled call.
    same(figures.run("busy_s"), 60.0 + 55.0 + 95.0);
    same(figures.run("aht_s"), 95.0);
    same(figures.run("mean_queue_length"), (30.0 + 30.0 + 5.0 + 8.0) / 600.0);
}

#[test]
fn calls_of_the_warm_up_count_nowhere_but_states_go_on() {
    let mut context = context();
    context.warm_up = secs(100);
    let mut story = Story::default();
    story.scheduled(0, NORTH, 1).signs_in(0, 0, NORTH);
    story.waits_in_sales(20, 0);
    story.offered(150, 0, 0, SALES, true).answered(150, 0, 0, SALES, 130, 0);
    story.talk_ends(250, 0, 0, 100, READY);
    story.waits_in_sales(120, 1).leaves(140, 1, SALES, Outcome::Abandoned, 20);
    let totals = story.totals(&context, 600);
    let figures = Figures(&totals);
    same(figures.run("offered"), 1.0);
    same(figures.run("attempts"), 1.0);
    same(figures.run("answered"), 0.0);
    same(figures.run("answered_in"), 0.0);
    same(figures.run("abandoned_in"), 1.0);
    same(figures.run("mean_queue_length"), (50.0 + 20.0) / 500.0);
    same(figures.interval("mean_queue_length", 0), 70.0 / 200.0);
    same(figures.run("occupancy"), 100.0 / 500.0);
    same(figures.run("talk_s"), 100.0);
    assert!((figures.run("wait_all_p99_s") - 20.0).abs() < 0.04);
    assert_eq!(figures.of("wait_p50_s", ALL, Span::Run), None);
    context.warm_up = secs(300);
    let totals = story.totals(&context, 600);
    assert_eq!(Figures(&totals).of("offered", ALL, Span::Interval(0)), None);
    same(Figures(&totals).run("offered"), 0.0);
}

#[test]
fn the_door_stage_ends_in_one_way() {
    let mut story = Story::default();
    let outcomes = [
        DoorOutcome::Blocked,
        DoorOutcome::Closed,
        DoorOutcome::Contained,
        DoorOutcome::LeftInIvr,
        DoorOutcome::CutInIvr,
    ];
    for (number, outcome) in (0_u32..).zip(outcomes) {
        story.arrives(10, number, BUYERS, FRESH);
        if number >= 2 {
            story.enters_ivr(10, number);
        }
        story.leaves_door(if number >= 2 { 70 } else { 10 }, number, outcome);
    }
    let failed = PersonFact::GaveUp { contact: BUYERS, kind: FRESH };
    story
        .person(70, failed)
        .person(70, PersonFact::CallsAgain { contact: BUYERS, kind: AttemptKind::Redial });
    story.person(600, PersonFact::LostToClose { contact: BUYERS, kind: AttemptKind::Redial });
    let totals = story.totals(&context(), 600);
    let figures = Figures(&totals);
    for key in
        ["blocked", "closed", "contained", "left_in_ivr", "cut_in_ivr", "gave_up", "lost_to_close"]
    {
        same(figures.run(key), 1.0);
        same(figures.at(key, Scope::Contact(BUYERS)), 1.0);
        same(figures.at(key, Scope::Contact(OWNERS)), 0.0);
    }
    same(figures.run("attempts"), 5.0);
    same(figures.run("offered"), 0.0);
    same(figures.run("block_rate"), 0.2);
    same(figures.run("mean_in_ivr"), 180.0 / 600.0);
    same(figures.run("mean_in_system"), 180.0 / 600.0);
    same(figures.run("mean_busy_trunks"), 180.0 / 600.0);
    same(figures.run("mean_orbit"), 530.0 / 600.0);
    assert_eq!(figures.of("service_level", ALL, Span::Run), None);
}

#[test]
fn the_ivr_ends_where_the_queue_begins_and_lines_belong_to_sites() {
    let mut story = Story::default();
    let arrived = Event::CallArrived {
        call: call(0),
        contact: BUYERS,
        kind: FRESH,
        site: Some(CITY),
        attempt: 0,
        caller: 1,
    };
    story.event(10, arrived).enters_ivr(10, 0);
    let since = Timestamp(40 * acd::SECOND);
    let enqueued = Event::CallEnqueued {
        call: call(0),
        queue: SALES,
        contact: BUYERS,
        from: None,
        since,
        from_ivr: true,
    };
    story.event(40, enqueued).waits(40, 0, SALES);
    story.leaves(50, 0, SALES, Outcome::TimedOut, 10);
    let totals = story.totals(&context(), 600);
    let figures = Figures(&totals);
    same(figures.run("mean_in_ivr"), 30.0 / 600.0);
    same(figures.run("mean_in_system"), 40.0 / 600.0);
    same(figures.at("mean_busy_trunks", Scope::Site(CITY)), 40.0 / 600.0);
    same(figures.run("timed_out"), 1.0);
    same(figures.run("service_level"), 0.0);
    same(figures.run("mean_wait_s"), 10.0);
}

#[test]
fn a_call_cut_while_talking_stays_answered() {
    let mut story = Story::default();
    story.signs_in(0, 0, NORTH);
    story
        .arrives(10, 0, BUYERS, FRESH)
        .enqueued(10, 0, BUYERS, SALES)
        .offered(10, 0, 0, SALES, false);
    story.answered(10, 0, 0, SALES, 0, 0);
    let cut = Event::TalkEnded {
        offer: offer(0),
        call: call(0),
        talk: secs(40),
        hold: Duration::ZERO,
        next: AgentPhase::SignedOut,
        reason: None,
        was_cut: true,
        is_callback: false,
    };
    story.event(50, cut);
    let totals = story.totals(&context(), 600);
    let figures = Figures(&totals);
    same(figures.run("answered"), 1.0);
    same(figures.run("cut"), 0.0);
    for scope in
        [ALL, Scope::Queue(SALES), Scope::Contact(BUYERS), Scope::Agents(NORTH), Scope::Site(CITY)]
    {
        same(figures.at("cut_in_talk", scope), 1.0);
    }
    same(figures.at("cut_in_talk", Scope::ContactAgents(BUYERS, NORTH)), 1.0);
    same(figures.run("service_level"), 1.0);
    same(figures.run("occupancy"), 40.0 / 50.0);
}

#[test]
fn an_agent_who_lets_it_ring_leaves_the_call_waiting() {
    let mut story = Story::default();
    story.signs_in(0, 0, NORTH).signs_in(0, 1, NORTH);
    story
        .arrives(10, 0, BUYERS, FRESH)
        .enqueued(10, 0, BUYERS, SALES)
        .offered(10, 0, 0, SALES, false);
    story.offer_ends(25, 0, 0, SALES, AgentPhase::BackOff);
    story.offered(25, 0, 1, SALES, true).answered(30, 0, 1, SALES, 20, 5);
    story.agent(35, 0, NORTH, AgentPhase::BackOff, READY, None);
    story.talk_ends(90, 0, 1, 60, READY);
    let totals = story.totals(&context(), 600);
    let figures = Figures(&totals);
    // It got an offer in the event that enqueued it.
    same(figures.run("p_wait"), 0.0);
    same(figures.run("asa_s"), 20.0);
    same(figures.run("asa_to_offer_s"), 15.0);
    same(figures.run("service_level"), 1.0);
    same(figures.run("mean_queue_length"), 0.0);
    // Backing off is signed in and not `NotReady`.
    same(figures.run("occupancy"), 60.0 / 1200.0);
    same(figures.run("all_busy_share"), 10.0 / 600.0);
}

#[test]
fn schedules_are_held_against_who_is_there() {
    let mut story = Story::default();
    story.scheduled(0, NORTH, 2).signs_in(0, 0, NORTH);
    // One comes 100 s late; takes a break of 60 s, is unreachable for 30 s; both stay 40 s beyond the schedule.
    story.signs_in(100, 1, NORTH);
    story.agent(200, 1, NORTH, READY, AgentPhase::NotReady, Some(Reason::Break));
    story.agent(260, 1, NORTH, AgentPhase::NotReady, READY, None);
    story.agent(300, 1, NORTH, READY, AgentPhase::NotReady, Some(Reason::Unreachable));
    story.agent(330, 1, NORTH, AgentPhase::NotReady, READY, None);
    story.scheduled(400, NORTH, 0);
    for agent in 0..2 {
        story.agent(440, agent, NORTH, READY, AgentPhase::SignedOut, None);
    }
    let totals = story.totals(&context(), 600);
    let figures = Figures(&totals);
    same(figures.run("adherence"), (800.0 - 100.0 - 30.0) / 800.0);
    same(figures.run("shrinkage"), (100.0 + 60.0 + 30.0) / 800.0);
    same(figures.run("overtime_s"), 80.0);
    same(figures.interval("overtime_s", 0), 0.0);
    same(figures.run("occupancy"), 0.0);
    same(figures.run("utilisation"), 0.0);
    let (group, site) = (Scope::Agents(NORTH), Scope::Site(CITY));
    same(figures.at("overtime_s", group), figures.at("overtime_s", site));
    assert_eq!(figures.of("utilisation", Scope::Agents(HOME), Span::Run), None);
}

#[test]
fn a_break_that_begins_after_a_call_is_a_break() {
    let mut story = Story::default();
    story.scheduled(0, NORTH, 1).signs_in(0, 0, NORTH);
    story.arrives(10, 0, BUYERS, FRESH).enqueued(10, 0, BUYERS, SALES);
    story.offered(10, 0, 0, SALES, false).answered(10, 0, 0, SALES, 0, 0);
    story.talk_ends(110, 0, 0, 100, AgentPhase::Acw);
    let on_break = Event::AcwEnded {
        agent: AgentId(0),
        call: call(0),
        acw: secs(10),
        next: AgentPhase::NotReady,
        reason: Some(Reason::Break),
    };
    story.event(120, on_break);
    story.agent(180, 0, NORTH, AgentPhase::NotReady, READY, None);
    let totals = story.totals(&context(), 600);
    let figures = Figures(&totals);
    same(figures.run("adherence"), 1.0);
    same(figures.run("shrinkage"), 60.0 / 600.0);
}

#[test]
fn without_a_schedule_adherence_is_not_observed() {
    let mut story = Story::default();
    story.signs_in(0, 0, NORTH);
    let totals = story.totals(&context(), 600);
    for key in ["utilisation", "adherence", "shrinkage", "overtime_s", "fcr"] {
        assert_eq!(Figures(&totals).of(key, ALL, Span::Run), None, "{key}");
    }
    same(Figures(&totals).run("occupancy"), 0.0);
}

#[test]
fn a_call_that_still_waits_at_the_end_is_offered_without_an_outcome() {
    let mut story = Story::default();
    story.waits_in_sales(590, 0);
    let totals = story.totals(&context(), 600);
    let figures = Figures(&totals);
    same(figures.run("offered"), 1.0);
    same(figures.run("mean_wait_s"), 10.0);
    same(figures.run("service_level"), 0.0);
    same(figures.run("in_system_end"), 1.0);
}

#[test]
fn slots_are_reused_while_after_call_work_goes_on() {
    let mut story = Story::default();
    story.signs_in(0, 0, NORTH);
    story
        .arrives(10, 0, BUYERS, FRESH)
        .enqueued(10, 0, BUYERS, SALES)
        .offered(10, 0, 0, SALES, false);
    story.answered(10, 0, 0, SALES, 0, 0).talk_ends(50, 0, 0, 40, AgentPhase::Acw);
    let again = acd::CallId { slot: 0, age: 2 };
    let arrived = Event::CallArrived {
        call: again,
        contact: OWNERS,
        kind: FRESH,
        site: None,
        attempt: 0,
        caller: 2,
    };
    story.event(55, arrived);
    let acw = Event::AcwEnded {
        agent: AgentId(0),
        call: call(0),
        acw: secs(20),
        next: READY,
        reason: None,
    };
    story.event(70, acw);
    // A late event of the earlier call changes nothing.
    story.event(71, Event::CallReleased { call: call(0) });
    let totals = story.totals(&context(), 600);
    let figures = Figures(&totals);
    same(figures.at("aht_s", Scope::Contact(BUYERS)), 60.0);
    assert_eq!(figures.of("aht_s", Scope::Contact(OWNERS), Span::Run), None);
    same(figures.run("mean_busy_trunks"), (40.0 + 545.0) / 600.0);
}

#[test]
fn merging_replications_makes_counts_means_and_ratios_ratios_of_totals() {
    let mut one = five_calls().totals(&context(), 620);
    let mut story = Story::default();
    story.waits_in_sales(10, 0).leaves(60, 0, SALES, Outcome::Abandoned, 50);
    let other = story.totals(&context(), 600);
    one.merge(&other);
    let figures = Figures(&one);
    assert_eq!(one.replications(), 2);
    same(figures.run("offered"), 3.0);
    same(figures.run("abandonment_rate"), 2.0 / 6.0);
    same(figures.run("mean_queue_length"), (98.0 + 50.0) / 1200.0);
    same(figures.run("max_wait_s"), (83.0 + 50.0) / 2.0);
    same(figures.run("intervals_met"), 1.0 / 3.0);
    same(figures.of("busy_s", ALL, Span::AfterClose).expect("after"), 10.0);
}

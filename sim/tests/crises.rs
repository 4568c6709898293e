//! What befalls a centre, and what is done about it, one thing at a time.

mod common;

use acd::kpi::{Kpi, Selector};
use acd::{Callback, GroupId, Outcome, QueueId, SiteId, Timestamp};
use chance::Law;
use common::{at, exponential, group, mean, queue, scenario, secs, simulate, storm};
use reports::Summary;
use scenarios::{Action, Close, Failure, Happening, Play, Redial, Scenario, Site, TimelineEntry};

fn entry(start: u64, happening: Happening) -> TimelineEntry {
    TimelineEntry { name: "trouble".to_owned(), at: at(start), happening }
}

/// A figure of the whole centre in one half-hour.
fn in_interval(summary: &Summary, interval: usize, kpi: Kpi) -> f64 {
    let figures = summary.intervals().nth(interval).expect("an interval").kpis;
    let all = figures.iter().find(|scope| scope.selector == Selector::ALL).expect("observed");
    all.figure(kpi, None).map_or(0.0, |estimate| estimate.mean)
}

/// Two sites of 10 agents and 30 lines each, 10 Erlang.
fn two_sites() -> Scenario {
    let mut sites = scenario(10);
    let site = |name: &str| Site { name: name.to_owned(), lines: Some(30) };
    sites.sites = vec![site("north"), site("south")];
    sites.groups.push(group(0, 10));
    for (index, group) in sites.groups.iter_mut().enumerate() {
        group.site = Some(SiteId::new(index));
    }
    sites.length = secs(4 * 3600);
    sites.run.replications = 60;
    sites
}

#[test]
fn a_lost_site_cuts_its_calls_and_comes_back_with_its_agents() {
    let mut outage = two_sites();
    let redial = Redial {
        after: vec![Failure::CutInTalk, Failure::Queue(Outcome::Cut)],
        share: 1.0,
        delay: Law::Constant(60.0),
    };
    outage.contacts[0].redial = vec![redial];
    outage.timeline =
        vec![entry(5400, Happening::SiteOutage { site: SiteId(0), lasts: secs(3600) })];
    let summary = simulate(&outage);
    // Ten talk, half of the lines are at each site; a call is cut by its line's site or its agent's.
    let cut = mean(&summary, Kpi::CutInTalk);
    assert!((6.5..8.5).contains(&cut), "{cut}");
    let redials = mean(&summary, Kpi::Redials);
    assert!((redials - cut - mean(&summary, Kpi::Cut)).abs() < 1e-9, "{redials} after {cut}");
    // Before: 20 agents for 10 Erlang. During: 10 agents. After: 20 again.
    for (interval, ready) in [(2, 20.0), (3, 10.0), (4, 10.0), (5, 20.0), (7, 20.0)] {
        let busy = in_interval(&summary, interval, Kpi::MeanBusy);
        let occupancy = in_interval(&summary, interval, Kpi::Occupancy);
        assert!((busy / occupancy - ready).abs() < 1e-6, "{interval}: {}", busy / occupancy);
    }
    assert!(in_interval(&summary, 4, Kpi::AbandonmentRate) > 0.1);
    assert!(in_interval(&summary, 7, Kpi::AbandonmentRate) < 0.01);
}

#[test]
fn outages_of_one_site_that_overlap_end_with_the_last() {
    let mut outage = two_sites();
    let lost =
        |start, lasts| entry(start, Happening::SiteOutage { site: SiteId(0), lasts: secs(lasts) });
    outage.timeline = vec![lost(1800, 3600), lost(3600, 3600)];
    let summary = simulate(&outage);
    let signed_in = |interval| {
        in_interval(&summary, interval, Kpi::MeanBusy)
            / in_interval(&summary, interval, Kpi::Occupancy)
    };
    let seen: Vec<f64> = (0..5).map(signed_in).collect();
    for (seen, exact) in seen.iter().zip([20.0, 10.0, 10.0, 10.0, 20.0]) {
        assert!((seen - exact).abs() < 1e-6, "{seen} is not {exact}");
    }
}

#[test]
fn lost_lines_cut_the_newest_calls_and_block_until_they_are_back() {
    let mut lines = scenario(20);
    lines.lines = Some(24);
    lines.length = secs(2 * 3600);
    lines.run.replications = 40;
    lines.timeline =
        vec![entry(1800, Happening::TrunkLoss { site: None, share: 0.75, lasts: secs(1800) })];
    let summary = simulate(&lines);
    // 10 Erlang on 6 lines: Erlang B 0.4845. Before and after 24 lines: nearly never blocked.
    let blocked = in_interval(&summary, 1, Kpi::BlockRate);
    assert!((blocked - 0.4845).abs() < 0.04, "{blocked}");
    assert!(in_interval(&summary, 0, Kpi::BlockRate) < 0.002);
    assert!(in_interval(&summary, 3, Kpi::BlockRate) < 0.002);
    let cut = mean(&summary, Kpi::CutInTalk);
    assert!((3.0..5.5).contains(&cut), "{cut}");
    assert!(in_interval(&summary, 1, Kpi::MeanBusyTrunks) <= 6.0);
}

/// One hour of calm, then three times the calls.
fn surge() -> Scenario {
    let mut surge = scenario(14);
    let happening = Happening::Demand { factor: 3.0, contacts: Vec::new(), lasts: secs(7200) };
    surge.timeline = vec![entry(3600, happening)];
    surge.length = secs(4 * 3600);
    surge.run.replications = 40;
    surge
}

fn plan(actions: Vec<Action>) -> Play {
    let mut play = storm().playbook.remove(0);
    play.when.value = 0.5;
    play.actions = actions;
    play
}

#[test]
fn agents_called_in_arrive_after_their_lead_time_and_leave_again() {
    let mut plan_b = surge();
    let action = Action::AddAgents {
        group: GroupId(0),
        count: 20,
        lead_time: secs(900),
        lasts: Some(secs(3600)),
    };
    plan_b.playbook = vec![plan(vec![action])];
    let options = sim::Options::default();
    let replication = sim::replicate(&plan_b, 0, &options);
    let decided = replication.decisions.first().expect("the surge is noticed").at;
    // Noticed within 15 minutes; sampled on the minute, read 90 s late.
    assert!(decided > at(3600) && decided < at(4800), "{decided}");
    assert_eq!(decided.0 % (60 * acd::SECOND), 30 * acd::SECOND);
    let (calm, planned) = (simulate(&surge()), simulate(&plan_b));
    let before = in_interval(&calm, 4, Kpi::AbandonmentRate);
    let after = in_interval(&planned, 4, Kpi::AbandonmentRate);
    assert!(before > 0.4 && after < 0.15, "{before} and {after}");
    assert!(
        (in_interval(&planned, 0, Kpi::Offered) - in_interval(&calm, 0, Kpi::Offered)).abs() < 1e-9
    );
}

#[test]
fn a_plan_of_overflow_sends_callers_to_the_others() {
    let mut two = surge();
    two.queues.push(queue("support"));
    two.groups.push(group(1, 30));
    two.run.replications = 20;
    let without = simulate(&two);
    let (from, to, after) = (QueueId(0), QueueId(1), secs(30));
    two.playbook = vec![plan(vec![Action::Overflow { from, to, after }])];
    let with = simulate(&two);
    assert!(mean(&with, Kpi::AbandonmentRate) < 0.5 * mean(&without, Kpi::AbandonmentRate));
}

#[test]
fn callbacks_offered_by_a_plan_keep_callers_who_would_have_left() {
    let mut plan_c = surge();
    plan_c.run.replications = 20;
    plan_c.queues[0].callback = Callback::None;
    let (queue, accept) = (QueueId(0), 0.6);
    plan_c.playbook = vec![plan(vec![Action::OfferCallback { queue, accept }])];
    let summary = simulate(&plan_c);
    let callbacks = mean(&summary, Kpi::Callbacks);
    assert!(callbacks > 100.0, "{callbacks}");
    assert!(mean(&summary, Kpi::AbandonmentRate) < mean(&simulate(&surge()), Kpi::AbandonmentRate));
}

#[test]
fn the_queue_is_served_after_the_close_or_sent_away() {
    let mut evening = scenario(2);
    evening.contacts[0].patience = Law::Unlimited;
    evening.length = secs(3600);
    evening.run.replications = 20;
    // Ten hours of work come in one; two agents need four for what remains.
    evening.run.drain_limit = secs(24 * 3600);
    let served = simulate(&evening);
    assert_eq!(mean(&served, Kpi::Answered), mean(&served, Kpi::Offered));
    evening.run.close = Close::Disconnect;
    let sent_away = simulate(&evening);
    let closed_out = mean(&sent_away, Kpi::ClosedOut);
    let (answered, offered) = (mean(&sent_away, Kpi::Answered), mean(&sent_away, Kpi::Offered));
    assert!((answered + closed_out - offered).abs() < 1e-9, "{answered}, {closed_out}, {offered}");
    assert!(closed_out > 100.0, "{closed_out}");
    evening.run.close = Close::Serve;
    evening.run.drain_limit = secs(600);
    let drained = mean(&simulate(&evening), Kpi::ClosedOut);
    assert!(drained > 100.0 && drained < closed_out, "{drained} of {closed_out}");
}

#[test]
fn callbacks_that_nobody_will_ever_make_do_not_keep_the_centre_open() {
    let mut list = scenario(1);
    // The last agent leaves before the list is worked off.
    list.groups[0].schedule = vec![(Timestamp::ZERO, 1), (at(600), 0)];
    list.queues[0].callback = Callback::List { if_queue_at_least: 0, idle_reserve: 5 };
    list.queues[0].callback_accept = 1.0;
    list.length = secs(3600);
    let summary = simulate(&list);
    assert!(mean(&summary, Kpi::CallbackListed) > 100.0);
}

#[test]
fn callers_who_would_call_after_the_close_are_lost_to_it() {
    let mut late = scenario(0);
    late.contacts[0].patience = exponential(30.0);
    late.contacts[0].redial = vec![Redial {
        after: vec![Failure::Queue(Outcome::Abandoned)],
        share: 1.0,
        delay: Law::Constant(1800.0),
    }];
    late.length = secs(3600);
    late.run.replications = 20;
    let summary = simulate(&late);
    let (fresh, redials) = (mean(&summary, Kpi::UniqueCallers), mean(&summary, Kpi::Redials));
    // Everybody fails; each failure in the first half-hour is a redial, each later one is lost.
    assert!((mean(&summary, Kpi::LostToClose) - fresh).abs() < 1e-9);
    assert!((redials / fresh - 0.5).abs() < 0.05, "{redials} of {fresh}");
    assert_eq!(mean(&summary, Kpi::GaveUp), 0.0);
}

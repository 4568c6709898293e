//! Callers in the IVR: they press the keys that lead to what they want.

mod common;

use acd::kpi::Kpi;
use acd::{Entry, Outcome, Step, StepId};
use chance::Law;
use common::{assert_meets, exponential, mean, scenario, secs, simulate, storm};
use scenarios::Scenario;

/// Case IV1: 300 calls/h into a menu of 60 s, 60 % to 10 agents, talk 180 s, nobody gives up; 24 lines. Product form.
fn iv1() -> Scenario {
    let mut ivr = scenario(10);
    let storm = storm();
    ivr.flows = storm.flows;
    ivr.flows[0].step_times = [60.0, 0.0, 0.0, 0.0].map(exponential).to_vec();
    ivr.flows[0].step_times[1..].fill(Law::Constant(0.0));
    if let Step::Menu { timeout, .. } = &mut ivr.flows[0].flow.steps[0] {
        *timeout = None;
    }
    if let Step::Enqueue { queue, .. } = &mut ivr.flows[0].flow.steps[1] {
        *queue = acd::QueueId(0);
    }
    let contact = &mut ivr.contacts[0];
    contact.entry = Entry::Flow(acd::FlowId(0));
    contact.choices = vec![(StepId(1), 0.6), (StepId(2), 0.4)];
    contact.arrivals = common::poisson(300.0);
    contact.patience = Law::Unlimited;
    ivr.lines = Some(24);
    ivr.length = secs(400 * 3600);
    ivr.run.warm_up = secs(3600);
    ivr.run.replications = 12;
    ivr
}

#[test]
fn menu_and_lines_meet_the_product_form() {
    let summary = simulate(&iv1());
    assert_meets(&summary, Kpi::BlockRate, 0.035_081);
    assert_meets(&summary, Kpi::MeanBusyTrunks, 4.824_594 + 2.095_172 + 8.684_269);
    let contained = mean(&summary, Kpi::Contained)
        / (mean(&summary, Kpi::Contained) + mean(&summary, Kpi::Offered));
    assert!((contained - 0.4).abs() < 0.005, "{contained}");
    assert_eq!(mean(&summary, Kpi::LeftInIvr), 0.0);
}

#[test]
fn who_finds_no_way_to_what_he_wants_hangs_up() {
    let mut lost = iv1();
    lost.length = secs(8 * 3600);
    // The balance is behind a key that the menu does not have.
    if let Step::Menu { keys, .. } = &mut lost.flows[0].flow.steps[0] {
        keys.truncate(1);
    }
    let summary = simulate(&lost);
    let left = mean(&summary, Kpi::LeftInIvr) / mean(&summary, Kpi::Attempts);
    assert!((left - 0.4).abs() < 0.03, "{left}");
    assert_eq!(mean(&summary, Kpi::Contained), 0.0);
}

#[test]
fn who_hung_up_in_the_ivr_calls_again_where_the_file_says_so() {
    let mut lost = iv1();
    lost.length = secs(8 * 3600);
    lost.run.warm_up = secs(0);
    if let Step::Menu { keys, .. } = &mut lost.flows[0].flow.steps[0] {
        keys.truncate(1);
    }
    lost.contacts[0].redial = vec![scenarios::Redial {
        after: vec![scenarios::Failure::LeftInIvr],
        share: 1.0,
        delay: Law::Constant(600.0),
    }];
    let summary = simulate(&lost);
    let left = mean(&summary, Kpi::LeftInIvr);
    assert!(left > 500.0, "{left}");
    // Only those who found no line give up.
    assert_eq!(mean(&summary, Kpi::GaveUp), mean(&summary, Kpi::Blocked));
    assert!(mean(&summary, Kpi::Redials) > 0.9 * left);
}

#[test]
fn who_is_slower_than_the_menu_goes_where_it_goes() {
    let mut slow = iv1();
    slow.length = secs(8 * 3600);
    if let Step::Menu { timeout, .. } = &mut slow.flows[0].flow.steps[0] {
        *timeout = Some(secs(30));
    }
    slow.flows[0].step_times[0] = Law::Constant(31.0);
    let summary = simulate(&slow);
    // No key in time leads to the agents, for those too who wanted their balance.
    assert_eq!(mean(&summary, Kpi::Contained), 0.0);
    assert!(mean(&summary, Kpi::Offered) > 1000.0);
}

#[test]
fn a_full_queue_sends_the_caller_back_into_his_flow() {
    let mut full = iv1();
    full.length = secs(8 * 3600);
    full.queues[0].max_length = Some(0);
    full.contacts[0].redial = vec![scenarios::Redial {
        after: vec![scenarios::Failure::Queue(Outcome::RefusedFull)],
        share: 1.0,
        delay: Law::Constant(600.0),
    }];
    let summary = simulate(&full);
    let (refused, redials) = (mean(&summary, Kpi::RefusedFull), mean(&summary, Kpi::Redials));
    assert!(refused > 100.0, "{refused}");
    assert!(redials + mean(&summary, Kpi::LostToClose) + mean(&summary, Kpi::GaveUp) >= refused);
    assert!(redials > 0.8 * refused, "{redials} after {refused}");
}

//! The switch's set-up made from a scenario.

use crate::help::{SMALL, load};
use acd::{AcdConfig, Duration, Entry, FlowId, QueueId};
use scenarios::acd_config;

fn config(text: &str) -> AcdConfig {
    acd_config(&load(text).scenario)
}

#[test]
fn set_up_of_the_whole_format_is_made() {
    let scenario = load(include_str!("../good/everything.toml")).scenario;
    let config = acd_config(&scenario);
    assert_eq!((config.tie_break_seed, config.lines), (1, Some(240)));
    assert_eq!(config.contacts[..2], [Entry::Queue(QueueId(0)), Entry::Flow(FlowId(0))]);
    assert_eq!(config.queues.len(), 3);
    assert_eq!(config.queues[0].overflow, scenario.queues[0].overflow);
    assert_eq!(config.groups[0].ring_timeout, Some(Duration::from_secs(15)));
    assert_eq!(config.groups[0].not_ready_after, 3);
    assert_eq!(config.sites[0].lines, Some(140));
    assert_eq!(config.flows[0], scenario.flows[0].flow);
}

#[test]
fn seed_breaks_ties() {
    let scenario = crate::help::load_with(SMALL, &["run.seed=77"]).scenario;
    assert_eq!(acd_config(&scenario).tie_break_seed, 77);
}

/// Two contacts, two queues; calls of `sales` may come to `support` in some way.
fn two(queue: &str, way: &str, acw: &str) -> AcdConfig {
    let text = format!(
        "{}\n[contact.support]\nqueue = \"support\"\narrivals.poisson.rate = \"6/h\"\ntalk = \"100s\"\n[queue.support]\n{way}\n[agents.other]\ncount = 1\nskills.support = 1\n",
        SMALL
            .replace("talk = \"200s\"", &format!("talk = \"200s\"\n{acw}"))
            .replace("target = \"80% in 20s\"", queue)
    );
    config(&text)
}

#[test]
fn queue_has_after_call_work_only_if_a_call_that_may_come_has() {
    let wrap_up = |queue: &str, way: &str, acw: &str| -> Vec<bool> {
        two(queue, way, acw).queues.iter().map(|queue| queue.wrap_up).collect()
    };
    let ten = "acw = \"10s\"";
    assert_eq!(wrap_up("", "", ""), [false, false]);
    assert_eq!(wrap_up("", "", "acw = \"0s\""), [false, false]);
    assert_eq!(wrap_up("", "", ten), [true, false]);
    let overflow = "overflow = [{ after = \"9s\", to = \"support\" }]";
    assert_eq!(wrap_up(overflow, "", ten), [true, true]);
    let play = "[[playbook]]\nname = \"help\"\nwhen = \"asa_s{queue=sales, last=15m} > 60s\"\nactions = [{ overflow = { from = \"sales\", to = \"support\" } }]";
    assert_eq!(wrap_up("", play, ten), [true, true]);
    let group = "[agents.more]\ncount = 1\nskills.sales = 1\nacw = { sales = \"5s\" }";
    assert_eq!(wrap_up("", group, ""), [true, false]);
}

#[test]
fn handling_is_the_mean_over_contacts_and_laws_of_the_group_at_its_speed() {
    let handling =
        |text: &str, group: usize, skill: usize| config(text).groups[group].skills[skill].handling;
    assert_eq!(handling(SMALL, 0, 0), Duration::from_secs(200));
    let fast = SMALL.replace("count = 12", "count = 12\nspeed = 2.0");
    assert_eq!(handling(&fast, 0, 0), Duration::from_secs(100));
    let own = SMALL.replace("count = 12", "count = 12\ntalk = \"50s\"\nacw = { sales = \"10s\" }");
    assert_eq!(handling(&own, 0, 0), Duration::from_secs(60));
    let both = format!(
        "{SMALL}\n[contact.short]\nqueue = \"sales\"\narrivals.poisson.rate = \"6/h\"\ntalk = \"80s\"\nhold = \"20s\"\n"
    );
    assert_eq!(handling(&both, 0, 0), Duration::from_secs(150));
}

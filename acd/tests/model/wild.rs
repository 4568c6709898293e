//! A centre with everything, and anything that can be said to it.

use acd::{
    AcdConfig, AgentId, AttemptKind, CallId, ContactId, Duration, Entry, GroupConfig, GroupId,
    Input, OfferFailure, OfferId, Overflow, QueueConfig, QueueId, Reason, SiteConfig, SiteId,
    Skill,
};
use proptest::prelude::*;

/// A centre with everything: two sites, lines, overflow, callbacks, a strategy of choice.
pub(crate) fn wild_config(routing: usize) -> AcdConfig {
    let queue = |callback, to: usize| QueueConfig {
        routing: acd::routing::NAMES[routing].to_owned(),
        max_length: Some(3),
        max_wait: Some(Duration::from_secs(40)),
        overflow: vec![Overflow { after: Some(Duration::from_secs(9)), to: QueueId::new(to) }],
        callback,
        ..QueueConfig::default()
    };
    let skill =
        |queue: usize| Skill { queue: QueueId::new(queue), level: 1, handling: Duration::ZERO };
    let group = |site, queues: &[usize]| GroupConfig {
        site: Some(SiteId::new(site)),
        skills: queues.iter().map(|queue| skill(*queue)).collect(),
        ring_timeout: Some(Duration::from_secs(15)),
        back_off: Duration::from_secs(3),
        not_ready_after: 2,
        ..GroupConfig::default()
    };
    let list = acd::Callback::List { if_queue_at_least: 1, idle_reserve: 0 };
    AcdConfig {
        tie_break_seed: 7,
        lines: Some(9),
        contacts: vec![Entry::Queue(QueueId(0)), Entry::Queue(QueueId(1))],
        queues: vec![queue(acd::Callback::VirtualHold, 1), queue(list, 0)],
        groups: vec![group(0, &[0]), group(1, &[0, 1])],
        sites: vec![SiteConfig { lines: Some(5) }, SiteConfig { lines: Some(5) }],
        ..AcdConfig::default()
    }
}

/// Any input with ids that mostly exist, and the half-seconds before it.
pub(crate) fn raw_input() -> impl Strategy<Value = (u8, Input)> {
    let call = (0_u32..12, 0_u32..2).prop_map(|(slot, age)| CallId { slot, age });
    let offer =
        (0_u32..5, 0_u32..6).prop_map(|(agent, age)| OfferId { agent: AgentId(agent), age });
    let agent = (0_u32..5).prop_map(AgentId);
    let site = (0_u16..2).prop_map(SiteId);
    let input = prop_oneof![
        8 => (call.clone(), 0_u16..2).prop_map(|(call, contact)| Input::CallOffered {
            call, contact: ContactId(contact), kind: AttemptKind::Fresh, attempt: 0, caller: 1,
        }),
        4 => call.clone().prop_map(|call| Input::CallerGone { call }),
        2 => call.prop_map(|call| Input::CallbackAccepted { call }),
        8 => offer.clone().prop_map(|offer| Input::AgentAnswered { offer }),
        1 => offer.clone().prop_map(|offer| Input::OfferFailed { offer, why: OfferFailure::Busy }),
        1 => offer.clone().prop_map(|offer| Input::AgentGone { offer }),
        1 => (offer, any::<bool>()).prop_map(|(offer, on)| Input::AgentHeld { offer, on }),
        4 => agent.clone().prop_map(|agent| Input::WrapUpDone { agent }),
        6 => (agent.clone(), 0_u16..2).prop_map(|(agent, g)| Input::SignIn { agent, group: GroupId(g) }),
        1 => agent.clone().prop_map(|agent| Input::SignOut { agent }),
        1 => agent.clone().prop_map(|agent| Input::SendBack { agent }),
        1 => agent.clone().prop_map(|agent| Input::CutOff { agent }),
        1 => agent.clone().prop_map(|agent| Input::NotReady { agent, reason: Reason::Break }),
        2 => agent.prop_map(|agent| Input::Ready { agent }),
        1 => (0_u16..2, 0_u32..3).prop_map(|(g, count)| Input::SignOutNext { group: GroupId(g), count }),
        1 => site.clone().prop_map(|site| Input::SiteLost { site }),
        1 => site.clone().prop_map(|site| Input::SiteRestored { site }),
        1 => (site, prop::option::of(0_u32..6))
            .prop_map(|(site, lines)| Input::SetLines { site: Some(site), lines }),
        1 => prop::option::of(3_u32..12).prop_map(|lines| Input::SetLines { site: None, lines }),
        1 => (0_u16..2, any::<bool>()).prop_map(|(q, on)| Input::OfferCallbacks { queue: QueueId(q), on }),
    ];
    (0_u8..8, input)
}

//! Several contacts or groups: PR, PA, NM, MM, HA.

use crate::theory::case::{Case, Fault};
use crate::theory::centre::{Arrivals, Centre, Contact, Group, Queue};
use crate::theory::figure::Figure;
use crate::theory::laws;
use crate::theory::measure::{Kind, Measure, agents, common, contact, queue};
use crate::theory::setup::{self, Setup, levels, longest, services, steady};
use crate::theory::words::indexed;
use acd::kpi::{Kpi, Scope, Selector};
use acd::{ContactId, GroupId};
use chance::Law;

/// The name of the n-th of several alike, from 1.
fn name(what: &str, number: usize) -> String {
    format!("{what}{number}")
}

/// One queue for each contact, first served first; all judged at the times of the case.
fn queues(case: &Case, count: usize) -> Vec<Queue> {
    let queue =
        |number| Queue { name: name("q", number), levels: levels(case), ..Queue::default() };
    (1..=count).map(queue).collect()
}

/// Contacts with a queue each: the rates of `rates`, the patience of `patience` or for ever.
fn contacts(rates: &[f64], patience: Option<&[f64]>, talk: &[Law]) -> Vec<Contact> {
    let make = |(i, rate): (usize, &f64)| {
        let patience = patience.map_or(Law::Unlimited, |means| Law::Exponential { mean: means[i] });
        let (contact, queue) = (name("type", i + 1), name("q", i + 1));
        setup::contact(&contact, &queue, Arrivals::Rate(*rate), talk[i].clone(), patience)
    };
    rates.iter().enumerate().map(make).collect()
}

/// Checks that two lists of a case are of one length.
fn same_length(case: &Case, left: &[f64], right: &[f64], what: &str) -> Result<(), Fault> {
    if left.len() == right.len() {
        return Ok(());
    }
    Err(case.fault(format!("{what}: {} and {} entries", left.len(), right.len())))
}

fn largest(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// Classes that one group serves, the first class first, nobody interrupted.
pub(super) fn priorities(case: &Case) -> Result<Vec<Setup>, Fault> {
    let (aht, team) = (case.aht()?, case.servers()?);
    let rates = case.numbers("lambda_by_class")?;
    let patience = match case.extra.contains_key("patience_by_class_s") {
        true => Some(case.numbers("patience_by_class_s")?),
        false => None,
    };
    let forget = match &patience {
        Some(means) => {
            same_length(case, &rates, means, "lambda_by_class, patience_by_class_s")?;
            10.0 * largest(means)
        }
        None => setup::queueing(case, aht, f64::from(team), rates.iter().sum())?,
    };
    let talk = vec![laws::service(case)?; rates.len()];
    let contacts = contacts(&rates, patience.as_deref(), &talk);
    let mut queues = queues(case, rates.len());
    for (i, queue) in queues.iter_mut().enumerate() {
        queue.priority = (rates.len() - i) as i32;
    }
    let skills = queues.iter().map(|queue| (queue.name.clone(), 1)).collect();
    let group = Group { name: "team".to_owned(), staff: vec![team], skills, ..Group::default() };
    let centre = setup::centre(contacts, queues, vec![group]);
    Ok(steady(centre, longest(&[services(aht), forget])))
}

pub(super) fn measure_priorities(_: &Case, name: &str) -> Option<Measure> {
    match indexed(name, "_class") {
        Some((name, class)) => common(&name, queue(class)),
        None => common(name, Selector::ALL),
    }
}

/// Two types, two groups: the second helps the first type, too.
pub(super) fn n_model(case: &Case) -> Result<Vec<Setup>, Fault> {
    let rates = case.numbers("lambda_by_type")?;
    let patience = case.numbers("patience_s")?;
    same_length(case, &rates, &patience, "lambda_by_type, patience_s")?;
    let aht = |key: &str| case.number(key);
    let (own1, helped, own2) = (aht("aht_t1g1")?, aht("aht_t1g2")?, aht("aht_t2g2")?);
    let law = |mean: f64| Law::Exponential { mean };
    let contacts = contacts(&rates, Some(&patience), &[law(own1), law(own2)]);
    let mut queues = queues(case, 2);
    // Type 1 tries its own group before the other; groups stand in that order.
    queues[0].routing = Some("linear");
    let first = case.text("g2_freed_takes_first").and_then(|text| text.trim().chars().last());
    let levels_of_2 = match first {
        Some('1') => [1, 2],
        Some('2') => [2, 1],
        _ => return Err(case.fault("g2_freed_takes_first is neither `type 1` nor `type 2`")),
    };
    let groups = vec![
        Group {
            name: "g1".to_owned(),
            staff: vec![case.whole("n1")?],
            skills: vec![("q1".to_owned(), 1)],
            ..Group::default()
        },
        Group {
            name: "g2".to_owned(),
            staff: vec![case.whole("n2")?],
            skills: vec![("q1".to_owned(), levels_of_2[0]), ("q2".to_owned(), levels_of_2[1])],
            takes: Some("level"),
            talk: vec![("type1".to_owned(), law(helped))],
            ..Group::default()
        },
    ];
    let mut centre = setup::centre(contacts, queues, groups);
    centre.pairs = vec![("type1".to_owned(), "g2".to_owned())];
    let slowest = services(largest(&[own1, helped, own2]));
    Ok(steady(centre, longest(&[slowest, 10.0 * largest(&patience)])))
}

pub(super) fn measure_n_model(case: &Case, name: &str) -> Option<Measure> {
    if name == "frac_type1_served_by_g2" {
        let pair = Scope::ContactAgents(ContactId::new(0), GroupId::new(1));
        let helped = Figure::kpi(Kpi::Answered, Selector::of(pair));
        let share = helped / Figure::kpi(Kpi::Answered, contact(1));
        return Some(Measure::pooled(share, Kind::Share));
    }
    measure_m_model(case, name)
}

/// A group for each type, and a last one that serves all, the first type first.
pub(super) fn m_model(case: &Case) -> Result<Vec<Setup>, Fault> {
    let rates = case.numbers("lambda_by_type")?;
    let patience = case.numbers("patience_s")?;
    same_length(case, &rates, &patience, "lambda_by_type, patience_s")?;
    let (handling, staff) = (case.numbers("aht_by_group")?, case.numbers("n_by_group")?);
    same_length(case, &handling, &staff, "aht_by_group, n_by_group")?;
    let types = rates.len();
    if staff.len() != types + 1 {
        return Err(case.fault("n_by_group must have one entry more than lambda_by_type"));
    }
    let law = |mean: f64| Law::Exponential { mean };
    let talk: Vec<_> = handling.iter().map(|mean| law(*mean)).collect();
    let contacts = contacts(&rates, Some(&patience), &talk);
    let mut queues = queues(case, types);
    for (i, queue) in queues.iter_mut().enumerate() {
        // Specialists stand before the generalists, who take the first type first.
        queue.routing = Some("linear");
        queue.priority = (types - i) as i32;
    }
    let own = |number: usize| vec![(name("q", number), 1)];
    let group = |i: usize, skills| Group {
        name: name("g", i + 1),
        staff: vec![staff[i] as u32],
        skills,
        ..Group::default()
    };
    let mut groups: Vec<_> = (0..types).map(|i| group(i, own(i + 1))).collect();
    let mut shared = group(types, (1..=types).flat_map(own).collect());
    shared.talk = (1..=types).map(|i| (name("type", i), law(handling[types]))).collect();
    groups.push(shared);
    let centre = setup::centre(contacts, queues, groups);
    let slowest = services(largest(&handling));
    Ok(steady(centre, longest(&[slowest, 10.0 * largest(&patience)])))
}

pub(super) fn measure_m_model(case: &Case, name: &str) -> Option<Measure> {
    if name == "occupancy_generalist" {
        let last = case.numbers("n_by_group").ok()?.len();
        return common("occupancy", agents(last));
    }
    if let Some((name, number)) = indexed(name, "_type") {
        return common(&name, queue(number));
    }
    match indexed(name, "_g") {
        Some((name, number)) => common(&name, agents(number)),
        None => common(name, Selector::ALL),
    }
}

/// Agents of unlike speed, a group each.
pub(super) fn unlike_agents(case: &Case) -> Result<Vec<Setup>, Fault> {
    let means = case.numbers("agent_mean_service_s")?;
    let (_, patience) = laws::patience(case)?;
    let slowest = largest(&means);
    let forget = if patience.mean().is_finite() {
        10.0 * patience.mean()
    } else {
        let speed: f64 = means.iter().map(|mean| 1.0 / mean).sum();
        let count = means.len() as f64;
        setup::queueing(case, count / speed, count, case.arrivals()?)?
    };
    let centre = unlike_centre(case, &means, patience)?;
    Ok(steady(centre, longest(&[services(slowest), forget])))
}

fn unlike_centre(case: &Case, means: &[f64], patience: Law) -> Result<Centre, Fault> {
    let law = |mean: f64| Law::Exponential { mean };
    let arrivals = Arrivals::Rate(case.arrivals()?);
    let mut centre = setup::single(case, arrivals, law(means[0]), patience, 1);
    let strategy = match case.text("agent_selection") {
        Some("longest_idle") => "longest-idle",
        Some("fastest") => "fastest-first",
        Some("random") => "random",
        // Groups stand in this order in the file.
        Some("slowest") => "linear",
        _ => return Err(case.fault("agent_selection is none of the known strategies")),
    };
    centre.queues[0].routing = Some(strategy);
    let order = order(case, means);
    let group = |i: &usize| Group {
        name: name("agent", i + 1),
        staff: vec![1],
        skills: vec![("calls".to_owned(), 1)],
        talk: vec![("calls".to_owned(), law(means[*i]))],
        ..Group::default()
    };
    centre.groups = order.iter().map(group).collect();
    Ok(centre)
}

/// In which order the agents stand in the file: the slowest first where that is asked, else as given.
fn order(case: &Case, means: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..means.len()).collect();
    if case.text("agent_selection") == Some("slowest") {
        order.sort_by(|left, right| means[*right].total_cmp(&means[*left]));
    }
    order
}

pub(super) fn measure_unlike_agents(case: &Case, name: &str) -> Option<Measure> {
    let Some((name, agent)) = indexed(name, "_agent") else {
        return common(name, Selector::ALL);
    };
    let means = case.numbers("agent_mean_service_s").ok()?;
    let place = order(case, &means).iter().position(|i| i + 1 == agent)?;
    common(&name, agents(place + 1))
}

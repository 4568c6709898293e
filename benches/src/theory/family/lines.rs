//! Centres with few lines: TR, AW, IV. "Of offered" in the file means of the attempts at the door.

use super::single;
use crate::theory::case::{Case, Fault};
use crate::theory::centre::{Arrivals, Centre, Menu};
use crate::theory::figure::Figure;
use crate::theory::laws;
use crate::theory::measure::{Kind, Measure, common, level};
use crate::theory::setup::{self, Setup, longest, services, steady};
use crate::theory::words::seconds_in;
use acd::kpi::{Kpi, Selector};
use chance::Law;
use reports::Span;

/// A line is held while waiting and in talk; who finds none is blocked.
pub(super) fn trunks(case: &Case) -> Result<Vec<Setup>, Fault> {
    let (aht, agents, rate) = (case.aht()?, case.servers()?, case.arrivals()?);
    let (balk, patience) = laws::patience(case)?;
    let talk = laws::service(case)?;
    let mut centre = setup::single(case, Arrivals::Rate(rate), talk, patience, agents);
    centre.contacts[0].balk = balk;
    centre.lines = Some(case.places()?);
    let forget = forget(&centre, aht, f64::from(single::waiting_places(case)?));
    Ok(steady(centre, forget))
}

/// Ten patiences, or where callers are patient ten relaxation times of the bounded queue; at least twenty services.
fn forget(centre: &Centre, aht: f64, places: f64) -> f64 {
    let patience = centre.contacts[0].patience.mean();
    let agents = f64::from(centre.groups[0].staff[0]);
    let rate = centre.contacts[0].arrivals.mean_per_hour();
    let queue = if patience.is_finite() {
        10.0 * patience
    } else {
        setup::bounded_queueing(aht, agents, rate, places)
    };
    longest(&[services(aht), queue])
}

pub(super) fn measure_trunks(_: &Case, name: &str) -> Option<Measure> {
    at_the_door(name).or_else(|| common(name, Selector::ALL))
}

/// The names that count every attempt, blocked ones too.
fn at_the_door(name: &str) -> Option<Measure> {
    let attempts = Figure::all(Kpi::Attempts);
    let share = |figure: Figure| Some(Measure::pooled(figure, Kind::Share));
    let of_attempts = |kpi: Kpi| share(Figure::all(kpi) / attempts.clone());
    match name {
        "p_block" => return of_attempts(Kpi::Blocked),
        "p_abandon_of_offered" => return of_attempts(Kpi::Abandoned),
        "p_served_of_offered" => return of_attempts(Kpi::Answered),
        "p_wait_of_offered" => {
            return share(Figure::all(Kpi::PWait) * Figure::all(Kpi::Offered) / attempts);
        }
        "mean_wait_accepted_s" => {
            return Some(Measure::pooled(Figure::all(Kpi::MeanWait), Kind::Plain));
        }
        _ => {}
    }
    let within = |time| Figure::answered_within(time, Selector::ALL, Span::Run);
    let abandoned = |time| Figure::abandoned_within(time, Selector::ALL, Span::Run);
    let offered = Figure::all(Kpi::Offered);
    if let Some((time, "")) = seconds_in(name, "frac_abandoned_within_") {
        return share(abandoned(time) / attempts);
    }
    if let Some((time, "")) = seconds_in(name, "frac_answered_within_") {
        return share(within(time) / attempts);
    }
    match seconds_in(name, "sl")? {
        (time, "_answered_over_accepted") => share(within(time) / offered),
        (time, "_offered_minus_blocked_minus_shortab") => {
            share(within(time) / (offered - abandoned(time)))
        }
        (time, basis) => share(level(basis, time, Selector::ALL, attempts)?),
    }
}

/// The line is free when the talk ends, the agent when his work after it ends.
pub(super) fn after_call_work(case: &Case) -> Result<Vec<Setup>, Fault> {
    let (talk_s, acw_s) = (case.number("talk_mean_s")?, case.number("acw_mean_s")?);
    let (agents, rate) = (case.servers()?, case.arrivals()?);
    let (balk, patience) = laws::patience(case)?;
    let talk = Law::Exponential { mean: talk_s };
    let mut centre = setup::single(case, Arrivals::Rate(rate), talk, patience, agents);
    centre.contacts[0].balk = balk;
    centre.contacts[0].acw = Some(Law::Exponential { mean: acw_s });
    centre.lines = case.capacity;
    let aht = talk_s + acw_s;
    let places = case.capacity.map_or(f64::INFINITY, f64::from);
    let forget = forget(&centre, aht, places);
    Ok(steady(centre, forget))
}

pub(super) fn measure_after_call_work(case: &Case, name: &str) -> Option<Measure> {
    let occupancy = Figure::all(Kpi::Occupancy);
    match name {
        "occupancy_incl_acw" => Some(Measure::pooled(occupancy, Kind::Share)),
        "talk_utilisation" => {
            let talk = Figure::all(Kpi::Talk) / Figure::all(Kpi::Aht);
            Some(Measure::pooled(occupancy * talk, Kind::Share))
        }
        "mean_busy_trunks" => Some(Measure::pooled(Figure::all(Kpi::MeanBusyTrunks), Kind::Plain)),
        _ => measure_trunks(case, name),
    }
}

/// A line is held in the menu, too; some callers hang up there.
pub(super) fn ivr(case: &Case) -> Result<Vec<Setup>, Fault> {
    let (aht, agents, rate) = (case.aht()?, case.servers()?, case.arrivals()?);
    let (balk, patience) = laws::patience(case)?;
    let menu_s = case.number("ivr_mean_s")?;
    let to_agent = case.number("p_to_agent")?;
    let talk = laws::service(case)?;
    let mut centre = setup::single(case, Arrivals::Rate(rate), talk, patience, agents);
    centre.contacts[0].balk = balk;
    centre.lines = case.capacity;
    centre.menu = Some(Menu { time: Law::Exponential { mean: menu_s }, to_agent });
    let rate = rate * to_agent;
    let queue = match case.capacity {
        Some(lines) => {
            let places = f64::from(lines.saturating_sub(agents));
            setup::bounded_queueing(aht, f64::from(agents), rate, places)
        }
        None => setup::queueing(case, aht, f64::from(agents), rate)?,
    };
    Ok(steady(centre, longest(&[services(aht), services(menu_s), queue])))
}

pub(super) fn measure_ivr(_: &Case, name: &str) -> Option<Measure> {
    let all = |kpi: Kpi, kind: Kind| Some(Measure::pooled(Figure::all(kpi), kind));
    match name {
        "p_block" => {
            let blocked = Figure::all(Kpi::Blocked) / Figure::all(Kpi::Attempts);
            Some(Measure::pooled(blocked, Kind::Share))
        }
        "p_wait_agent_arrivals" => all(Kpi::PWait, Kind::Share),
        "occupancy_agents" => all(Kpi::Occupancy, Kind::Share),
        "mean_in_ivr" => all(Kpi::MeanInIvr, Kind::Plain),
        "mean_busy_trunks" => all(Kpi::MeanBusyTrunks, Kind::Plain),
        _ => {
            let name = name.replace("_of_agent_arrivals", "");
            common(&name, Selector::ALL)
        }
    }
}

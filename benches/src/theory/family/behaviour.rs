//! Callers who call again or are called back: CB, CQ, RT, RD.

use super::single;
use crate::theory::case::{Case, Fault};
use crate::theory::centre::{Again, Arrivals};
use crate::theory::figure::Figure;
use crate::theory::laws;
use crate::theory::measure::{Kind, Measure, common};
use crate::theory::setup::{self, Setup, longest, orbit, services, steady};
use acd::AttemptKind;
use acd::kpi::{Kpi, Scope, Selector};
use chance::Law;

/// A caller who must wait may keep his place without holding the line.
pub(super) fn virtual_hold(case: &Case) -> Result<Vec<Setup>, Fault> {
    let (aht, agents, rate) = (case.aht()?, case.servers()?, case.arrivals()?);
    let (balk, patience) = laws::patience(case)?;
    let accept = case.number("p_accept")?;
    // Those who accept never abandon: where they alone fill the agents, there is no steady state.
    setup::queueing(case, aht, f64::from(agents), rate * accept)?;
    let load = rate * aht / 3600.0 / f64::from(agents);
    let relaxation = match load < 1.0 {
        true => setup::queueing(case, aht, f64::from(agents), rate)?,
        false => 10.0 * patience.mean() / (1.0 - accept),
    };
    let forget = longest(&[services(aht), 10.0 * patience.mean(), relaxation]);
    let talk = laws::service(case)?;
    let mut centre = setup::single(case, Arrivals::Rate(rate), talk, patience, agents);
    centre.contacts[0].balk = balk;
    centre.queues[0].callback = Some(format!("{{ virtual_hold = {{ accept = {accept} }} }}"));
    Ok(steady(centre, forget))
}

pub(super) fn measure_virtual_hold(_: &Case, name: &str) -> Option<Measure> {
    match name {
        "mean_callback_delay_given_offered_wait_s" => {
            Some(Measure::pooled(Figure::all(Kpi::CallbackDelay), Kind::Plain))
        }
        "p_abandon_of_nonacceptors_waiting" => {
            let waiting = Figure::all(Kpi::PWait) * Figure::all(Kpi::Offered);
            let others = waiting - Figure::all(Kpi::Callbacks);
            Some(Measure::pooled(Figure::all(Kpi::Abandoned) / others, Kind::Share))
        }
        _ => common(name, Selector::ALL),
    }
}

/// A caller who must wait may put himself on a list, called when agents are idle.
pub(super) fn callback_list(case: &Case) -> Result<Vec<Setup>, Fault> {
    let (aht, agents, rate) = (case.aht()?, case.servers()?, case.arrivals()?);
    let (balk, patience) = laws::patience(case)?;
    let (accept, at_least) = (case.number("p_accept")?, case.whole("offer_if_queue_at_least")?);
    let reserve = case.whole("idle_reserve")?;
    // The list empties only when agents are idle: it forgets much more slowly than the queue.
    let forget = longest(&[5.0 * services(aht), 10.0 * patience.mean()]);
    let talk = laws::service(case)?;
    let mut centre = setup::single(case, Arrivals::Rate(rate), talk, patience, agents);
    centre.contacts[0].balk = balk;
    centre.queues[0].callback = Some(format!(
        "{{ list = {{ accept = {accept}, if_queue_at_least = {at_least}, \
         idle_reserve = {reserve} }} }}"
    ));
    Ok(steady(centre, forget))
}

pub(super) fn measure_callback_list(_: &Case, name: &str) -> Option<Measure> {
    let all = Figure::all;
    let share = |figure: Figure| Some(Measure::pooled(figure, Kind::Share));
    let listed = all(Kpi::CallbackListed);
    match name {
        "p_wait_all_busy" => share(all(Kpi::PWait)),
        "p_callback" => share(listed / all(Kpi::Attempts)),
        "p_abandon_of_offered" => share(all(Kpi::Abandoned) / all(Kpi::Attempts)),
        "mean_callback_backlog" => Some(Measure::pooled(all(Kpi::MeanCallbackList), Kind::Plain)),
        "mean_callback_delay_s" => Some(Measure::pooled(all(Kpi::CallbackDelay), Kind::Plain)),
        "mean_wait_nonCB_s" => {
            let offered = all(Kpi::Offered);
            let waits = all(Kpi::MeanWait) * offered.clone();
            Some(Measure::pooled(waits / (offered - listed), Kind::Plain))
        }
        _ => common(name, Selector::ALL),
    }
}

/// Nobody waits: who is refused calls again after a while.
pub(super) fn retrials(case: &Case) -> Result<Vec<Setup>, Fault> {
    let (aht, agents, rate) = (case.aht()?, case.servers()?, case.arrivals()?);
    let persistence = case.optional("persistence").unwrap_or(1.0);
    let delay_s = case.number("retry_mean_s")?;
    let delay = laws::law(case, case.text("retry_delay").unwrap_or("Exp"), Some(delay_s))?;
    let load = rate * aht / 3600.0 / f64::from(agents);
    if load >= 1.0 && persistence >= 1.0 {
        return Err(case.fault(format!("no steady state at load {load:.3}: nobody gives up")));
    }
    let talk = laws::service(case)?;
    let mut centre = setup::single(case, Arrivals::Rate(rate), talk, Law::Unlimited, agents);
    centre.queues[0].max_length = Some(single::waiting_places(case)?);
    centre.contacts[0].redial = Some(Again { after: "refused_full", share: persistence, delay });
    let forget = longest(&[
        services(aht),
        setup::bounded_queueing(aht, f64::from(agents), rate, 0.0),
        orbit(delay_s, persistence, load),
    ]);
    Ok(steady(centre, forget))
}

pub(super) fn measure_retrials(_: &Case, name: &str) -> Option<Measure> {
    let all = Figure::all;
    let refused = |kind: Option<AttemptKind>| {
        let selector = Selector { scope: Scope::All, attempt: kind };
        let refused = Figure::kpi(Kpi::RefusedFull, selector);
        Some(Measure::pooled(refused / Figure::kpi(Kpi::Attempts, selector), Kind::Share))
    };
    let fresh = all(Kpi::UniqueCallers);
    match name {
        "p_block_primary" => refused(Some(AttemptKind::Fresh)),
        "p_block_retrial" => refused(Some(AttemptKind::Redial)),
        "p_block_any_attempt" => refused(None),
        "mean_orbit" => Some(Measure::pooled(all(Kpi::MeanOrbit), Kind::Plain)),
        "retrial_attempts_per_hour" => {
            Some(Measure::pooled(all(Kpi::Redials) / Figure::Hours, Kind::Plain))
        }
        "attempts_per_primary_call" => {
            Some(Measure::pooled(all(Kpi::Attempts) / fresh, Kind::Plain))
        }
        "p_eventually_lost" => Some(Measure::pooled(all(Kpi::GaveUp) / fresh, Kind::Share)),
        _ => common(name, Selector::ALL),
    }
}

/// Who abandons may call again, and so may who was served.
pub(super) fn redials(case: &Case) -> Result<Vec<Setup>, Fault> {
    let (aht, agents, rate) = (case.aht()?, case.servers()?, case.arrivals()?);
    let (balk, patience) = laws::patience(case)?;
    let (p_redial, q_reconnect) = (case.number("p_redial")?, case.number("q_reconnect")?);
    let (redial_s, reconnect_s) = (case.number("redial_mean_s")?, case.number("reconnect_mean_s")?);
    let delay = |mean: f64| laws::law(case, case.text("all delays").unwrap_or("Exp"), Some(mean));
    let load = rate * aht / 3600.0 / f64::from(agents);
    let forget = longest(&[
        services(aht),
        10.0 * patience.mean(),
        orbit(redial_s, p_redial, load),
        orbit(reconnect_s, q_reconnect, 1.0),
    ]);
    let talk = laws::service(case)?;
    let mut centre = setup::single(case, Arrivals::Rate(rate), talk, patience, agents);
    let contact = &mut centre.contacts[0];
    contact.balk = balk;
    contact.redial = Some(Again { after: "abandoned", share: p_redial, delay: delay(redial_s)? });
    contact.reconnect =
        Some(Again { after: "answered", share: q_reconnect, delay: delay(reconnect_s)? });
    Ok(steady(centre, forget))
}

pub(super) fn measure_redials(_: &Case, name: &str) -> Option<Measure> {
    let all = Figure::all;
    let of = |kpi: Kpi, kind: AttemptKind| {
        Figure::kpi(kpi, Selector { scope: Scope::All, attempt: Some(kind) })
    };
    let plain = |figure: Figure| Some(Measure::pooled(figure, Kind::Plain));
    match name {
        "mean_redial_orbit" => plain(of(Kpi::MeanOrbit, AttemptKind::Redial)),
        "mean_reconnect_orbit" => plain(of(Kpi::MeanOrbit, AttemptKind::Reconnect)),
        "total_attempts_per_hour" => plain(all(Kpi::Attempts) / Figure::Hours),
        "redials_per_hour" => plain(all(Kpi::Redials) / Figure::Hours),
        "reconnects_per_hour" => plain(all(Kpi::Reconnects) / Figure::Hours),
        "p_abandon_per_attempt" => Some(Measure::pooled(all(Kpi::AbandonmentRate), Kind::Share)),
        "mean_wait_per_attempt_s" => plain(all(Kpi::MeanWait)),
        "p_wait_fresh" => Some(Measure::pooled(of(Kpi::PWait, AttemptKind::Fresh), Kind::Share)),
        _ => common(name, Selector::ALL),
    }
}

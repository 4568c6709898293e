//! One contact, one queue, one group: EB, EC, EA, PK, MD, EG.

use crate::theory::case::{Case, Fault};
use crate::theory::centre::Arrivals;
use crate::theory::figure::Figure;
use crate::theory::laws;
use crate::theory::measure::{Kind, Measure, common};
use crate::theory::setup::{self, Setup, longest, services, steady};
use acd::kpi::{Kpi, Selector};
use chance::Law;

/// M/G/n/K: who finds no agent and no place is refused.
pub(super) fn loss(case: &Case) -> Result<Vec<Setup>, Fault> {
    let (aht, agents, rate) = (case.aht()?, case.servers()?, case.arrivals()?);
    let talk = laws::service(case)?;
    let places = waiting_places(case)?;
    let arrivals = Arrivals::Rate(rate);
    let mut centre = setup::single(case, arrivals, talk, Law::Unlimited, agents);
    centre.queues[0].max_length = Some(places);
    let relaxation = setup::bounded_queueing(aht, f64::from(agents), rate, f64::from(places));
    Ok(steady(centre, longest(&[services(aht), relaxation])))
}

/// Places besides the agents.
pub(super) fn waiting_places(case: &Case) -> Result<u32, Fault> {
    let agents = case.servers()?;
    let places = case.capacity.unwrap_or(agents);
    places.checked_sub(agents).ok_or_else(|| case.fault("queue_capacity is below servers"))
}

pub(super) fn measure_loss(_: &Case, name: &str) -> Option<Measure> {
    let refused = Figure::all(Kpi::RefusedFull);
    match name {
        "p_block" => Some(Measure::pooled(refused / Figure::all(Kpi::Attempts), Kind::Share)),
        "calls_blocked_per_hour" => Some(Measure::pooled(refused / Figure::Hours, Kind::Plain)),
        _ => common(name, Selector::ALL),
    }
}

/// Waiting callers, patient or not: M/G/n, M/M/n+G with balking.
pub(super) fn delay(case: &Case) -> Result<Vec<Setup>, Fault> {
    with_service(case, laws::service(case)?)
}

/// M/D/n, also where the case does not name the law.
pub(super) fn fixed_service(case: &Case) -> Result<Vec<Setup>, Fault> {
    with_service(case, Law::Constant(case.aht()?))
}

fn with_service(case: &Case, talk: Law) -> Result<Vec<Setup>, Fault> {
    let (aht, agents, rate) = (case.aht()?, case.servers()?, case.arrivals()?);
    let (balk, patience) = laws::patience(case)?;
    let mean_patience = patience.mean();
    let forget = if mean_patience.is_finite() {
        10.0 * mean_patience
    } else {
        setup::queueing(case, aht, f64::from(agents), rate * (1.0 - balk))?
    };
    let mut centre = setup::single(case, Arrivals::Rate(rate), talk, patience, agents);
    centre.contacts[0].balk = balk;
    Ok(steady(centre, longest(&[services(aht), forget])))
}

pub(super) fn measure(_: &Case, name: &str) -> Option<Measure> {
    common(name, Selector::ALL)
}

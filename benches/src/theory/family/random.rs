//! Random intensity and random staff: BU, GB, NS.

use crate::theory::case::{Case, Fault};
use crate::theory::centre::Arrivals;
use crate::theory::figure::Figure;
use crate::theory::laws;
use crate::theory::measure::{Estimator, Kind, Measure, common, level};
use crate::theory::setup::{self, CALLS_MIN, Setup, Watch, longest, services};
use crate::theory::words::{self, seconds_in};
use acd::kpi::{Kpi, Selector};
use chance::Law;

/// Arrivals in bursts: a modulated Poisson process, or gaps of any law.
pub(super) fn bursts(case: &Case) -> Result<Vec<Setup>, Fault> {
    let (aht, agents) = (case.aht()?, case.servers()?);
    let (balk, patience) = laws::patience(case)?;
    let (arrivals, turn_s) = match case.text("interarrival") {
        Some(text) => (Arrivals::Renewal(gap(case, text)?), 0.0),
        None => {
            let (rates, stays) = (case.numbers("rates_per_hour")?, case.numbers("mean_sojourn_s")?);
            let longest_stay = longest(&stays);
            (Arrivals::Mmpp(rates, stays), longest_stay)
        }
    };
    let queue = if patience.mean().is_finite() {
        10.0 * patience.mean()
    } else {
        setup::queueing(case, aht, f64::from(agents), arrivals.mean_per_hour())?
    };
    let talk = laws::service(case)?;
    let mut centre = setup::single(case, arrivals, talk, patience, agents);
    centre.contacts[0].balk = balk;
    Ok(setup::steady(centre, longest(&[services(aht), queue, 10.0 * turn_s])))
}

/// Reads gaps: two exponentials and the chance of the first, or one named law whose mean follows from the rate.
fn gap(case: &Case, text: &str) -> Result<Law, Fault> {
    let means: Vec<f64> = words::exponentials(text).iter().map(Law::mean).collect();
    match (words::number_after(text, "w.p."), means.as_slice()) {
        (Some(p), [first, second]) => {
            Ok(Law::Hyperexponential { phases: vec![(p, *first), (1.0 - p, *second)] })
        }
        _ => laws::law(case, text, Some(3600.0 / case.arrivals()?)),
    }
}

pub(super) fn measure_bursts(_: &Case, name: &str) -> Option<Measure> {
    match name {
        "p_wait_seen_by_arrivals" => common("p_wait", Selector::ALL),
        "p_all_busy_time_average" => {
            Some(Measure::pooled(Figure::all(Kpi::AllBusyShare), Kind::Share))
        }
        "mean_rate_per_hour" => {
            Some(Measure::pooled(Figure::all(Kpi::Attempts) / Figure::Hours, Kind::Plain))
        }
        _ => common(name, Selector::ALL),
    }
}

// The set-ups of a busy day, by number.
const POOLED: usize = 0;
const LONG_DAYS: usize = 1;
const FIXED_RATE: usize = 2;
const ONE_HOUR: usize = 3;

/// A rate multiplied once per day by a gamma factor; each replication is a day in its steady state.
pub(super) fn busyness(case: &Case) -> Result<Vec<Setup>, Fault> {
    let (aht, agents, rate) = (case.aht()?, case.servers()?, case.arrivals()?);
    let (balk, patience) = laws::patience(case)?;
    let cv = 1.0 / libm::sqrt(case.number("alpha")?);
    let warm_up_s = longest(&[services(aht), 10.0 * patience.mean()]);
    let talk = laws::service(case)?;
    let setup = |name, arrivals, watch| {
        let mut centre = setup::single(case, arrivals, talk.clone(), patience.clone(), agents);
        centre.contacts[0].balk = balk;
        Setup { name, centre, watch }
    };
    let steady = |calls: f64| Watch::Steady { warm_up_s, calls };
    let hour = Watch::Whole { length_s: 3600.0, interval_s: 3600.0 };
    let busy = Arrivals::BusyRate(rate, cv);
    Ok(vec![
        setup("", busy.clone(), Watch::Short { warm_up_s }),
        // A day's own ratio is crooked by about 4 ÷ calls of itself: a quarter of the error allowed.
        setup("days", busy.clone(), steady(2.0 * CALLS_MIN)),
        setup("fixed", Arrivals::Rate(rate), steady(CALLS_MIN)),
        setup("hour", busy, hour),
    ])
}

pub(super) fn measure_busyness(_: &Case, name: &str) -> Option<Measure> {
    let counts = Figure::all(Kpi::Attempts);
    let hourly = |estimator, kind| Some(Measure { setup: ONE_HOUR, estimator, kind });
    match name {
        "occupancy" => return Some(common(name, Selector::ALL)?.in_setup(POOLED)),
        "var_hourly_count" => return hourly(Estimator::Variance(counts), Kind::Variance),
        "index_of_dispersion_hourly" => {
            return hourly(Estimator::Dispersion(counts), Kind::Plain);
        }
        _ => {}
    }
    if let Some(name) = name.strip_suffix("_if_rate_fixed") {
        return Some(ratio(name)?.in_setup(FIXED_RATE));
    }
    if let Some(name) = name.strip_prefix("ratio_of_means_") {
        return Some(ratio(name)?.in_setup(POOLED));
    }
    let measure = ratio(name.strip_prefix("mean_of_ratios_")?)?;
    let Estimator::Pooled(figure) = measure.estimator else { return None };
    Some(Measure { setup: LONG_DAYS, estimator: Estimator::Mean(figure), kind: measure.kind })
}

/// A ratio by its name after `ratio_of_means_`, `mean_of_ratios_` or `mean_`.
fn ratio(name: &str) -> Option<Measure> {
    match name {
        "wait_all_s" => return common("mean_wait_all_s", Selector::ALL),
        "wait_served_s" => return common("mean_wait_served_s", Selector::ALL),
        _ => {}
    }
    if let Some((time, basis)) = seconds_in(name, "sl") {
        let figure = level(basis, time, Selector::ALL, Figure::all(Kpi::Offered))?;
        return Some(Measure::pooled(figure, Kind::Share));
    }
    common(name, Selector::ALL)
}

/// Every agent comes with some chance, drawn once per day; each replication is a day in its steady state.
pub(super) fn no_shows(case: &Case) -> Result<Vec<Setup>, Fault> {
    let (aht, agents, rate) = (case.aht()?, case.servers()?, case.arrivals()?);
    let (balk, patience) = laws::patience(case)?;
    let warm_up_s = longest(&[services(aht), 10.0 * patience.mean()]);
    let talk = laws::service(case)?;
    let mut centre = setup::single(case, Arrivals::Rate(rate), talk, patience, agents);
    centre.contacts[0].balk = balk;
    centre.groups[0].no_show = 1.0 - case.number("p_show")?;
    Ok(vec![Setup { name: "", centre, watch: Watch::Short { warm_up_s } }])
}

/// The rate is the same each day, so the mean of the days' shares is the share of all days' calls:
/// measured so, a short day's ratio, which is crooked, never enters.
pub(super) fn measure_no_shows(_: &Case, name: &str) -> Option<Measure> {
    match name.strip_prefix("mean_") {
        Some(name) => match name.strip_prefix("mean_") {
            Some(wait) => ratio(wait),
            None => ratio(name),
        },
        None => common(name, Selector::ALL),
    }
}

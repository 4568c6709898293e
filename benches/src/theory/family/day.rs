//! Days from an empty beginning to their end: TV, TI, FH, CC, SSJ.

use crate::theory::case::{Case, Fault};
use crate::theory::centre::{Arrivals, Centre};
use crate::theory::figure::Figure;
use crate::theory::laws;
use crate::theory::measure::{Estimator, Kind, Measure};
use crate::theory::setup::{self, Setup, Watch};
use crate::theory::words::{self, seconds_in};
use acd::Duration;
use acd::kpi::{Kpi, Selector, ServiceLevelDefinition};
use chance::Law;
use reports::Span;

fn whole(centre: Centre, length_s: f64, interval_s: f64) -> Vec<Setup> {
    vec![Setup { name: "", centre, watch: Watch::Whole { length_s, interval_s } }]
}

fn of_span(kpi: Kpi, span: Span) -> Figure {
    Figure::Kpi(kpi, None, Selector::ALL, span)
}

/// Finds `lambda_per_hour_by_30min` by its beginning.
fn by_interval(case: &Case, prefix: &str) -> Result<Vec<f64>, Fault> {
    let key = case.extra.keys().find(|key| key.starts_with(prefix));
    case.numbers(key.map_or(prefix, String::as_str))
}

/// The file's word for what happens to agents who are too many.
fn staff_rule(case: &Case) -> Result<&'static str, Fault> {
    match case.text("staff_drop_rule") {
        Some("marked") => Ok("named-finish"),
        None | Some("counter") => Ok("first-to-finish"),
        Some("preempt") => Ok("requeue"),
        Some("cut") => Ok("cut"),
        Some(other) => Err(case.fault(format!("no staff_drop_rule `{other}` is known"))),
    }
}

/// Makes the day of a single queue with a rate and a staff for each span.
fn spans(
    case: &Case,
    (rates, staff): (Vec<f64>, Vec<f64>),
    span_s: f64,
    cv: Option<f64>,
) -> Result<Vec<Setup>, Fault> {
    if rates.len() != staff.len() {
        return Err(case.fault("as many rates as numbers of agents are needed"));
    }
    let (balk, patience) = laws::patience(case)?;
    let length_s = span_s * rates.len() as f64;
    let arrivals = Arrivals::Steps(span_s, rates, cv);
    let mut centre = setup::single(case, arrivals, laws::service(case)?, patience, 0);
    centre.contacts[0].balk = balk;
    centre.groups[0].staff = staff.iter().map(|count| *count as u32).collect();
    centre.groups[0].span_s = span_s;
    centre.staff_rule = Some(staff_rule(case)?);
    Ok(whole(centre, length_s, span_s))
}

/// TV: rates and staff by interval, each staff rule.
pub(super) fn varying(case: &Case) -> Result<Vec<Setup>, Fault> {
    let rates = by_interval(case, "lambda_per_hour_by_")?;
    let staff = by_interval(case, "servers_by_")?;
    spans(case, (rates, staff), case.number("interval_s")?, None)
}

pub(super) fn measure_varying(_: &Case, name: &str) -> Option<Measure> {
    let pooled = |kpi: Kpi, span: Span, kind: Kind| Some(Measure::pooled(of_span(kpi, span), kind));
    if let Some((number, name)) = seconds_in(name, "int") {
        let span = Span::Interval((number as u32).checked_sub(1)?);
        return match name {
            "_p_wait_arrivals" => pooled(Kpi::PWait, span, Kind::Share),
            "_abandon" => pooled(Kpi::AbandonedIn, span, Kind::CountPerDay),
            "_mean_queue" => pooled(Kpi::MeanQueueLength, span, Kind::Plain),
            "_mean_busy" => pooled(Kpi::MeanBusy, span, Kind::Plain),
            "_in_system_end" => pooled(Kpi::InSystemEnd, span, Kind::CountPerDay),
            "_overtime_agent_s" => pooled(Kpi::Overtime, span, Kind::AgentSeconds),
            _ => None,
        };
    }
    match name {
        "after_close_abandon" => pooled(Kpi::AbandonedIn, Span::AfterClose, Kind::CountPerDay),
        "after_close_busy_agent_s" => pooled(Kpi::Busy, Span::AfterClose, Kind::AgentSeconds),
        "day_arrivals" => pooled(Kpi::Attempts, Span::Run, Kind::CountPerDay),
        "day_p_abandon" => pooled(Kpi::AbandonmentRate, Span::Run, Kind::Share),
        "day_mean_wait_all_s" => pooled(Kpi::MeanWait, Span::Run, Kind::Plain),
        _ => None,
    }
}

/// TI: a sine rate, callers who leave at one rate, waiting or served. Then the number in the system is Poisson under
/// any staffing, so staff goes up and down here.
pub(super) fn equal_rates(case: &Case) -> Result<Vec<Setup>, Fault> {
    let text = case.text("lambda_t").ok_or_else(|| case.fault("extra_json has no `lambda_t`"))?;
    let rate = words::sine(text).ok_or_else(|| case.fault(format!("`{text}` is no sine")))?;
    let length_s = case.number("t_hours")? * 3600.0;
    let period_s = std::f64::consts::TAU / rate.frequency * 3600.0;
    let arrivals = Arrivals::Wave(rate.mean, rate.amplitude, period_s);
    let (aht, agents) = (case.aht()?, case.servers()?);
    let (_, patience) = laws::patience(case)?;
    let law = Law::Exponential { mean: aht };
    let mut centre = setup::single(case, arrivals, law, patience, agents);
    let spans = (length_s / 1800.0).ceil() as u32;
    centre.groups[0].staff = (0..spans).map(|i| agents - i % 2 * (agents / 4)).collect();
    centre.groups[0].span_s = 1800.0;
    centre.staff_rule = Some("first-to-finish");
    Ok(whole(centre, length_s, length_s))
}

pub(super) fn measure_equal_rates(_: &Case, name: &str) -> Option<Measure> {
    let present = of_span(Kpi::InSystemEnd, Span::Interval(0));
    let measure = |estimator, kind| Some(Measure { setup: 0, estimator, kind });
    match name {
        "mean_in_system" => measure(Estimator::Mean(present), Kind::Plain),
        "var_in_system" => measure(Estimator::Variance(present), Kind::Variance),
        _ => {
            let (least, rest) = seconds_in(name, "p_in_system_ge_")?;
            let share = measure(Estimator::AtLeast(present, least), Kind::Share);
            share.filter(|_| rest.is_empty())
        }
    }
}

/// FH: hours from empty, then the queue is served.
pub(super) fn horizon(case: &Case) -> Result<Vec<Setup>, Fault> {
    let text = case.text("rule").unwrap_or_default();
    let minutes = words::number_after(text, "arrivals stop at")
        .or_else(|| words::number_after(&case.model, "horizon").map(|hours| hours * 60.0))
        .ok_or_else(|| case.fault("neither `rule` nor the model tells when arrivals stop"))?;
    let (balk, patience) = laws::patience(case)?;
    let (rate, agents) = (case.arrivals()?, case.servers()?);
    let talk = laws::service(case)?;
    let mut centre = setup::single(case, Arrivals::Rate(rate), talk, patience, agents);
    centre.contacts[0].balk = balk;
    centre.lines = case.capacity;
    centre.queues[0].levels = vec![target(case)?];
    Ok(whole(centre, minutes * 60.0, minutes * 60.0))
}

/// `wait<20 s`.
fn target(case: &Case) -> Result<f64, Fault> {
    let text = case.text("target").unwrap_or("wait<20 s");
    let number = words::number_after(text, "<=").or_else(|| words::number_after(text, "<"));
    number.ok_or_else(|| case.fault(format!("`{text}` is no target")))
}

pub(super) fn measure_horizon(case: &Case, name: &str) -> Option<Measure> {
    let target = target(case).ok()?;
    let (attempts, answered) = (Figure::all(Kpi::Attempts), Figure::all(Kpi::Answered));
    let good = Figure::answered_within(target, Selector::ALL, Span::Run);
    let early = Figure::abandoned_within(target, Selector::ALL, Span::Run);
    let share = |figure: Figure| Some(Measure::pooled(figure, Kind::Share));
    let count = |figure: Figure| Some(Measure::pooled(figure, Kind::CountPerDay));
    match name {
        "arrivals" => count(attempts),
        "in_target" => count(good),
        "abandoned" => count(Figure::all(Kpi::Abandoned)),
        "blocked" => count(Figure::all(Kpi::Blocked)),
        "served" => count(answered),
        "sl_served" => share(good / answered),
        "sl_served_plus_lateab" => share(good / (answered + (Figure::all(Kpi::Abandoned) - early))),
        "sl_offered" => share(good / attempts),
        "sl_offered_minus_shortab" => share(good / (attempts - early)),
        "asa_served_min" => Some(Measure::pooled(Figure::all(Kpi::Asa) / 60.0, Kind::Plain)),
        "occupancy" => share(Figure::all(Kpi::Occupancy)),
        _ => None,
    }
}

/// CC, SSJ: hourly rates and staff, perhaps a gamma factor on the day.
pub(super) fn hours(case: &Case) -> Result<Vec<Setup>, Fault> {
    let (rates, staff) = (case.numbers("lambda_h")?, case.numbers("servers")?);
    let cv = case.optional("alpha0").map(|alpha| 1.0 / libm::sqrt(alpha));
    let mut setups = spans(case, (rates, staff), 3600.0, cv)?;
    if case.family() == "SSJ" {
        setups[0].centre.queues[0].levels = vec![good_within(case)?];
    }
    Ok(setups)
}

/// `'good' = wait<20 s INCLUDING abandons <20 s`.
fn good_within(case: &Case) -> Result<f64, Fault> {
    let read = case.text("rule").and_then(|text| words::number_after(text, "wait<"));
    read.ok_or_else(|| case.fault("`rule` does not tell which waits are good"))
}

/// CC: service level by the hour of arrival, the clock beginning with the earliest hour named.
pub(super) fn measure_hours(case: &Case, name: &str) -> Option<Measure> {
    if name == "occupancy_all" {
        return Some(Measure::pooled(Figure::all(Kpi::Occupancy), Kind::Share));
    }
    let (time, rest) = seconds_in(name, "sl")?;
    let span = match seconds_in(rest, "_h") {
        Some((hour, "")) => Span::Interval((hour as u32).checked_sub(first_hour(case)?)?),
        Some(_) => return None,
        None if rest == "_all" => Span::Run,
        None => return None,
    };
    let leaves_out_abandons = case.text("sl").is_none_or(|text| text.contains("-abandoned"));
    let definition = match leaves_out_abandons {
        true => ServiceLevelDefinition::ExcludingAbandonsInTarget,
        false => ServiceLevelDefinition::OfOffered,
    };
    let within = Duration::from_secs_f64(time);
    let figure = Figure::Level(definition, within, Selector::ALL, span);
    Some(Measure::pooled(figure, Kind::Share))
}

/// The day of the published example begins at eight; a file that names an earlier or later one moves it.
fn first_hour(case: &Case) -> Option<u32> {
    let spans = case.numbers("lambda_h").ok()?.len() as u32;
    let named = case.rows.iter().filter_map(|row| {
        let (_, rest) = seconds_in(&row.metric, "sl")?;
        seconds_in(rest, "_h").map(|(hour, _)| hour as u32)
    });
    let hours: Vec<u32> = named.collect();
    let (first, last) = (*hours.iter().min()?, *hours.iter().max()?);
    let begins_at_eight = first >= 8 && last < 8 + spans;
    Some(if begins_at_eight { 8 } else { first })
}

/// SSJ: everything is divided by the mean number of arrivals, not by the day's.
pub(super) fn measure_busy_day(case: &Case, name: &str) -> Option<Measure> {
    let usual: f64 = case.numbers("lambda_h").ok()?.iter().sum();
    let plain = |figure: Figure| Some(Measure::pooled(figure, Kind::Plain));
    let share = |figure: Figure| Some(Measure::pooled(figure / usual, Kind::Share));
    let offered = Figure::all(Kpi::Offered);
    match name.strip_suffix("_approx").unwrap_or(name) {
        "arrivals_per_day" => plain(Figure::all(Kpi::Attempts)),
        "mean_wait_over_a_s" => plain(Figure::all(Kpi::MeanWait) * offered / usual),
        "lost_over_a" => share(Figure::all(Kpi::Abandoned)),
        "good_over_a" => {
            let within = good_within(case).ok()?;
            let answered = Figure::answered_within(within, Selector::ALL, Span::Run);
            share(answered + Figure::abandoned_within(within, Selector::ALL, Span::Run))
        }
        _ => None,
    }
}

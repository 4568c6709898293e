//! What a row's metric is in a run, and how sure its estimate must be.

use super::figure::Figure;
use super::words::{self, seconds_in};
use acd::kpi::{Kpi, Scope, Selector};
use acd::{ContactId, GroupId, QueueId};
use reports::Span;

/// What kind of number a figure is: it sets the error that is small enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A fraction from 0 to 1.
    Share,
    /// A number of calls per day.
    CountPerDay,
    /// Agent-seconds.
    AgentSeconds,
    /// A variance.
    Variance,
    /// A quantile, known to 0.2 %.
    Quantile,
    /// Anything else: seconds, levels, rates.
    Plain,
}

/// How a figure is made of the replications.
#[derive(Debug, Clone, PartialEq)]
pub enum Estimator {
    /// The figure of all replications together.
    Pooled(Figure),
    /// The mean over replications of each one's figure.
    Mean(Figure),
    /// The share of replications whose figure is at least this.
    AtLeast(Figure, f64),
    /// The variance over replications.
    Variance(Figure),
    /// The variance over replications ÷ their mean.
    Dispersion(Figure),
}

/// A row's metric, as something a run tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Which of the case's set-ups tells it.
    pub setup: usize,
    /// How.
    pub estimator: Estimator,
    /// What kind of number it is.
    pub kind: Kind,
}

impl Measure {
    /// A figure of all replications of the first set-up together.
    #[must_use]
    pub fn pooled(figure: Figure, kind: Kind) -> Self {
        Self { setup: 0, estimator: Estimator::Pooled(figure), kind }
    }

    /// The same measure, told by another set-up.
    #[must_use]
    pub fn in_setup(self, setup: usize) -> Self {
        Self { setup, ..self }
    }
}

/// The queue at this place, counted from 1 as the file does.
#[must_use]
pub fn queue(number: usize) -> Selector {
    Selector::of(Scope::Queue(QueueId::new(number - 1)))
}

/// The contact at this place, counted from 1.
#[must_use]
pub fn contact(number: usize) -> Selector {
    Selector::of(Scope::Contact(ContactId::new(number - 1)))
}

/// The group of agents at this place, counted from 1.
#[must_use]
pub fn agents(number: usize) -> Selector {
    Selector::of(Scope::Agents(GroupId::new(number - 1)))
}

/// Reads the names that mean the same in every family.
#[must_use]
pub fn common(name: &str, selector: Selector) -> Option<Measure> {
    let kpi = |kpi: Kpi, kind: Kind| Some(Measure::pooled(Figure::kpi(kpi, selector), kind));
    match name {
        "p_wait" => kpi(Kpi::PWait, Kind::Share),
        "p_abandon" => kpi(Kpi::AbandonmentRate, Kind::Share),
        "asa_s" | "mean_wait_served_s" => kpi(Kpi::Asa, Kind::Plain),
        "mean_wait_s" | "mean_wait_all_s" => kpi(Kpi::MeanWait, Kind::Plain),
        "mean_wait_abandoned_s" => kpi(Kpi::MeanWaitAbandoned, Kind::Plain),
        "mean_wait_if_wait_s" => kpi(Kpi::MeanWaitIfWait, Kind::Plain),
        "mean_queue" => kpi(Kpi::MeanQueueLength, Kind::Plain),
        "mean_busy" => kpi(Kpi::MeanBusy, Kind::Plain),
        "mean_in_system" => kpi(Kpi::MeanInSystem, Kind::Plain),
        "occupancy" => kpi(Kpi::Occupancy, Kind::Share),
        "sd_wait_s" => kpi(Kpi::SdWait, Kind::Plain),
        "var_wait_s2" => {
            let sd = Figure::kpi(Kpi::SdWait, selector);
            Some(Measure::pooled(sd.clone() * sd, Kind::Variance))
        }
        _ => quantile(name, selector).or_else(|| share_in_time(name, selector)),
    }
}

/// `wait_p90_s`, `wait_p99_all_s_approx`.
fn quantile(name: &str, selector: Selector) -> Option<Measure> {
    let (percent, rest) = seconds_in(name, "wait_p")?;
    let of_all = match rest.strip_suffix("_approx").unwrap_or(rest) {
        "_s" => false,
        "_all_s" => true,
        _ => return None,
    };
    let kpi = match (percent as u32, of_all) {
        (50, false) => Kpi::WaitP50,
        (90, false) => Kpi::WaitP90,
        (95, false) => Kpi::WaitP95,
        (99, false) => Kpi::WaitP99,
        (50, true) => Kpi::WaitAllP50,
        (90, true) => Kpi::WaitAllP90,
        (95, true) => Kpi::WaitAllP95,
        (99, true) => Kpi::WaitAllP99,
        _ => return None,
    };
    Some(Measure::pooled(Figure::kpi(kpi, selector), Kind::Quantile))
}

/// Shares of the offered calls within a time: service levels, and waits above or up to a time.
fn share_in_time(name: &str, selector: Selector) -> Option<Measure> {
    let share = |figure: Figure| Some(Measure::pooled(figure, Kind::Share));
    if let Some((time, "")) = seconds_in(name, "p_wait_gt_") {
        return share(Figure::waited_longer(time, selector));
    }
    if let Some((time, "s")) = seconds_in(name, "p_wait_le_") {
        return share(Figure::Number(1.0) - Figure::waited_longer(time, selector));
    }
    let offered = Figure::kpi(Kpi::Offered, selector);
    if let Some((time, "")) = seconds_in(name, "frac_answered_within_") {
        return share(Figure::answered_within(time, selector, Span::Run) / offered);
    }
    if let Some((time, "")) = seconds_in(name, "frac_abandoned_within_") {
        return share(Figure::abandoned_within(time, selector, Span::Run) / offered);
    }
    let (time, basis) = seconds_in(name, "sl")?;
    share(level(basis, time, selector, offered)?)
}

/// Service level by the words of the file after `sl20`; `offered` is what it counts as offered.
#[must_use]
pub fn level(basis: &str, time: f64, selector: Selector, offered: Figure) -> Option<Figure> {
    let answered = Figure::answered_within(time, selector, Span::Run);
    let abandoned = Figure::abandoned_within(time, selector, Span::Run);
    match basis {
        "" | "_answered_over_offered" | "_offered" => Some(answered / offered),
        "_over_offered_minus_shortab" => Some(answered / (offered - abandoned)),
        "_answered_plus_shortab" => Some((answered + abandoned) / offered),
        "_answered_over_answered" => Some(answered / Figure::kpi(Kpi::Answered, selector)),
        _ => None,
    }
}

/// Returns the times, in seconds, at which a case's metrics judge waits, ascending.
#[must_use]
pub fn times<'a>(metrics: impl Iterator<Item = &'a str>) -> Vec<f64> {
    let mut times: Vec<f64> = metrics.filter_map(time_in).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    times
}

fn time_in(metric: &str) -> Option<f64> {
    let marks = ["p_wait_gt_", "p_wait_le_", "_within_", "_sl", "sl"];
    marks.into_iter().find_map(|mark| {
        let at = metric.find(mark)?;
        words::leading_number(&metric[at + mark.len()..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_in_every_spelling() {
        let names = [
            "sl20_answered_over_offered",
            "p_wait_le_300s",
            "frac_abandoned_within_25",
            "p_wait_gt_20",
            "ratio_of_means_sl45_offered",
            "mean_wait_all_s",
            "sl30_h08",
        ];
        assert_eq!(times(names.into_iter()), [20.0, 25.0, 30.0, 45.0, 300.0]);
    }

    #[test]
    fn quantiles_are_told_apart() {
        let of = |name| common(name, Selector::ALL).map(|measure| measure.estimator);
        assert_eq!(of("wait_p90_s"), Some(Estimator::Pooled(Figure::all(Kpi::WaitP90))));
        assert_eq!(
            of("wait_p99_all_s_approx"),
            Some(Estimator::Pooled(Figure::all(Kpi::WaitAllP99)))
        );
        assert_eq!(of("wait_p91_s"), None);
    }

    #[test]
    fn an_unknown_name_is_not_guessed() {
        for name in ["p_waiting", "sl", "sl20_of_calls", "occupancy_g1", "mean_wait"] {
            assert_eq!(common(name, Selector::ALL), None, "{name}");
        }
    }
}

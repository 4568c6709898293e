//! The families of exact models: for each, the centre to build and what its metrics are called.

mod behaviour;
mod day;
mod lines;
mod overflow;
mod random;
mod single;
mod skills;

use super::case::{Case, Fault};
use super::measure::Measure;
use super::setup::Setup;

/// A family of cases.
pub struct Family {
    /// The letters its cases begin with.
    pub letters: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// Builds the centres of a case.
    pub setups: fn(&Case) -> Result<Vec<Setup>, Fault>,
    /// Finds out what a metric is.
    pub measure: fn(&Case, &str) -> Option<Measure>,
}

/// Every family, in the order of the file's description.
pub const FAMILIES: &[Family] = &[
    Family {
        letters: "EB",
        title: "Erlang B: loss",
        setups: single::loss,
        measure: single::measure_loss,
    },
    Family {
        letters: "EC",
        title: "Erlang C: delay",
        setups: single::delay,
        measure: single::measure,
    },
    Family {
        letters: "EA",
        title: "Erlang A: abandonment",
        setups: single::delay,
        measure: single::measure,
    },
    Family {
        letters: "TR",
        title: "finite trunks",
        setups: lines::trunks,
        measure: lines::measure_trunks,
    },
    Family {
        letters: "PK",
        title: "one agent, general service",
        setups: single::delay,
        measure: single::measure,
    },
    Family {
        letters: "MD",
        title: "deterministic service",
        setups: single::fixed_service,
        measure: single::measure,
    },
    Family {
        letters: "EG",
        title: "general patience and balking",
        setups: single::delay,
        measure: single::measure,
    },
    Family {
        letters: "CB",
        title: "callback by virtual hold",
        setups: behaviour::virtual_hold,
        measure: behaviour::measure_virtual_hold,
    },
    Family {
        letters: "PR",
        title: "priorities",
        setups: skills::priorities,
        measure: skills::measure_priorities,
    },
    Family {
        letters: "PA",
        title: "priorities with abandonment",
        setups: skills::priorities,
        measure: skills::measure_priorities,
    },
    Family {
        letters: "OV",
        title: "overflow without a queue",
        setups: overflow::setups,
        measure: overflow::measure,
    },
    Family {
        letters: "RT",
        title: "retrials of blocked callers",
        setups: behaviour::retrials,
        measure: behaviour::measure_retrials,
    },
    Family {
        letters: "RD",
        title: "redials and reconnects",
        setups: behaviour::redials,
        measure: behaviour::measure_redials,
    },
    Family {
        letters: "NM",
        title: "N-model",
        setups: skills::n_model,
        measure: skills::measure_n_model,
    },
    Family {
        letters: "MM",
        title: "M-model",
        setups: skills::m_model,
        measure: skills::measure_m_model,
    },
    Family {
        letters: "HA",
        title: "heterogeneous agents",
        setups: skills::unlike_agents,
        measure: skills::measure_unlike_agents,
    },
    Family {
        letters: "AW",
        title: "after-call work and trunks",
        setups: lines::after_call_work,
        measure: lines::measure_after_call_work,
    },
    Family {
        letters: "IV",
        title: "IVR and trunks",
        setups: lines::ivr,
        measure: lines::measure_ivr,
    },
    Family {
        letters: "CQ",
        title: "callbacks from a list",
        setups: behaviour::callback_list,
        measure: behaviour::measure_callback_list,
    },
    Family {
        letters: "BU",
        title: "bursty arrivals",
        setups: random::bursts,
        measure: random::measure_bursts,
    },
    Family {
        letters: "GB",
        title: "gamma busyness",
        setups: random::busyness,
        measure: random::measure_busyness,
    },
    Family {
        letters: "NS",
        title: "no-shows",
        setups: random::no_shows,
        measure: random::measure_no_shows,
    },
    Family {
        letters: "TV",
        title: "time-varying staff",
        setups: day::varying,
        measure: day::measure_varying,
    },
    Family {
        letters: "TI",
        title: "patience rate equal to service rate",
        setups: day::equal_rates,
        measure: day::measure_equal_rates,
    },
    Family {
        letters: "FH",
        title: "finite horizon",
        setups: day::horizon,
        measure: day::measure_horizon,
    },
    Family {
        letters: "CC",
        title: "whole day, service level by hour",
        setups: day::hours,
        measure: day::measure_hours,
    },
    Family {
        letters: "SSJ",
        title: "whole day with busyness",
        setups: day::hours,
        measure: day::measure_busy_day,
    },
];

/// Finds the family of a case.
///
/// # Errors
/// None has its letters.
pub fn of(case: &Case) -> Result<&'static Family, Fault> {
    let found = FAMILIES.iter().find(|family| family.letters == case.family());
    found.ok_or_else(|| Fault::Family {
        case: case.id.clone(),
        family: case.family().to_owned(),
        model: case.model.clone(),
    })
}

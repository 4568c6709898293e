//! Set-ups: a centre and for how long it must run before and while it is watched.

use super::case::{Case, Fault};
use super::centre::{Arrivals, Centre, Contact, Group, Queue};
use super::measure;
use chance::Law;

/// A centre to run for one case, or for some rows of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// What it is for, where a case has several.
    pub name: &'static str,
    /// The centre; its times are filled in from `watch`.
    pub centre: Centre,
    /// How long it runs.
    pub watch: Watch,
}

/// How long a centre runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Watch {
    /// Until it has forgotten its beginning, then at least so many calls.
    Steady {
        /// Time to forget, s.
        warm_up_s: f64,
        /// Calls to be counted, at least.
        calls: f64,
    },
    /// Until it has forgotten its beginning, then as long again: where replications differ more than calls do.
    Short {
        /// Time to forget, s.
        warm_up_s: f64,
    },
    /// From an empty beginning to its end.
    Whole {
        /// How long calls are let in, s.
        length_s: f64,
        /// Length of a reporting interval, s.
        interval_s: f64,
    },
}

/// Calls counted in one replication at least: fewer would make ratios of one replication crooked.
pub const CALLS_MIN: f64 = 2000.0;

impl Setup {
    /// Fills in the centre's times and returns it. `precision` above 1 shortens the watch: less is asked of it.
    #[must_use]
    pub fn centre(&self, title: &str, precision: f64) -> Centre {
        let mut centre = self.centre.clone();
        centre.title =
            if self.name.is_empty() { title.to_owned() } else { format!("{title}-{}", self.name) };
        match self.watch {
            Watch::Steady { warm_up_s, calls } => {
                // The warm-up is an eighth of a run at full precision, a third of the test suite's at twice the error.
                let times = (7.0 / (precision * precision)).clamp(1.0, 7.0);
                let rate: f64 =
                    centre.contacts.iter().map(|contact| contact.arrivals.mean_per_hour()).sum();
                let measured = f64::max(times * warm_up_s, calls * 3600.0 / rate);
                centre.warm_up_s = warm_up_s.ceil();
                centre.length_s = centre.warm_up_s + measured.ceil();
                centre.interval_s = centre.length_s;
            }
            Watch::Short { warm_up_s } => {
                centre.warm_up_s = warm_up_s.ceil();
                centre.length_s = 2.0 * centre.warm_up_s;
                centre.interval_s = centre.length_s;
            }
            Watch::Whole { length_s, interval_s } => {
                centre.length_s = length_s;
                centre.interval_s = interval_s;
            }
        }
        centre
    }

    /// Returns the hours in which calls are counted.
    #[must_use]
    pub fn hours(centre: &Centre) -> f64 {
        (centre.length_s - centre.warm_up_s) / 3600.0
    }
}

/// Makes a centre of one contact, one queue and one group.
#[must_use]
pub fn single(case: &Case, arrivals: Arrivals, talk: Law, patience: Law, agents: u32) -> Centre {
    let name = || "calls".to_owned();
    let queue = Queue { name: name(), levels: levels(case), ..Queue::default() };
    let group = Group {
        name: "team".to_owned(),
        staff: vec![agents],
        skills: vec![(name(), 1)],
        ..Group::default()
    };
    let contact = contact("calls", "calls", arrivals, talk, patience);
    centre(vec![contact], vec![queue], vec![group])
}

/// Makes a centre of these parts, without lines or menus.
#[must_use]
pub fn centre(contacts: Vec<Contact>, queues: Vec<Queue>, groups: Vec<Group>) -> Centre {
    Centre {
        title: String::new(),
        warm_up_s: 0.0,
        length_s: 0.0,
        interval_s: 0.0,
        staff_rule: None,
        lines: None,
        contacts,
        queues,
        groups,
        pairs: Vec::new(),
        menu: None,
    }
}

/// Makes a contact that neither balks nor calls again.
#[must_use]
pub fn contact(name: &str, queue: &str, arrivals: Arrivals, talk: Law, patience: Law) -> Contact {
    Contact {
        name: name.to_owned(),
        queue: queue.to_owned(),
        arrivals,
        talk,
        acw: None,
        patience,
        balk: 0.0,
        redial: None,
        reconnect: None,
    }
}

/// Returns the times at which a case's rows judge waits.
#[must_use]
pub fn levels(case: &Case) -> Vec<f64> {
    measure::times(case.rows.iter().map(|row| row.metric.as_str()))
}

/// A steady run of one set-up.
#[must_use]
pub fn steady(centre: Centre, warm_up_s: f64) -> Vec<Setup> {
    vec![Setup { name: "", centre, watch: Watch::Steady { warm_up_s, calls: CALLS_MIN } }]
}

/// What a steady centre needs to forget its beginning, s: the longest of several times.
#[must_use]
pub fn longest(times: &[f64]) -> f64 {
    times.iter().copied().fold(0.0, f64::max)
}

/// Twenty handling times.
#[must_use]
pub fn services(aht_s: f64) -> f64 {
    20.0 * aht_s
}

/// Ten relaxation times of a queue without abandonment: AHT / (n (1 − √ρ)²), s.
///
/// # Errors
/// The load is not below the staff, so there is no steady state.
pub fn queueing(case: &Case, aht_s: f64, agents: f64, calls_per_hour: f64) -> Result<f64, Fault> {
    let load = calls_per_hour * aht_s / 3600.0 / agents;
    if load >= 1.0 {
        return Err(case.fault(format!("no steady state at load {load:.3} without abandonment")));
    }
    let gap = 1.0 - libm::sqrt(load);
    Ok(10.0 * aht_s / (agents * gap * gap))
}

/// Above this load a queue with few places forgets as it empties and fills, sooner than the formula says.
const NEAR_CRITICAL: f64 = 0.95;

/// As [`queueing`], where at most so many calls wait, at any load.
#[must_use]
pub fn bounded_queueing(aht_s: f64, agents: f64, calls_per_hour: f64, places: f64) -> f64 {
    let load = calls_per_hour * aht_s / 3600.0 / agents;
    let gap = 1.0 - libm::sqrt(load);
    let passes = 1.0 / (gap * gap);
    let filled = (places + 1.0) * (places + 1.0);
    let passes = if load < NEAR_CRITICAL { passes } else { f64::min(passes, filled) };
    10.0 * aht_s / agents * passes
}

/// Ten delays of a call made again, over the share of calls that is not: the orbit turns over so slowly, s.
#[must_use]
pub fn orbit(delay_s: f64, share: f64, load: f64) -> f64 {
    // Either the load leaves room, or callers give up: the larger gap decides. Both small is refused by the cap on calls.
    let gap = f64::max(1.0 - load, 1.0 - share).max(0.01);
    10.0 * delay_s / gap
}

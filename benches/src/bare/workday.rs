//! The day of W2: how many calls of which contact and how many agents in each half-hour.
//!
//! 100,000 calls a day in the shape 1 − 0.8 cos(2π (h − 8) ÷ 48) over the 48 half-hours h (low at 4 in the morning,
//! high at 4 in the afternoon). Staff of each group is its share of 1.02 × the offered load, after-call work included,
//! rounded up.

/// Half-hours of a day.
pub const HALF_HOURS: usize = 48;
/// Length of a half-hour, s.
pub const HALF_HOUR: f64 = 1800.0;
const CALLS_PER_DAY: f64 = 100_000.0;
/// Mean after-call work, s.
pub(super) const ACW: f64 = 30.0;
/// Staff ÷ load.
const SURPLUS: f64 = 1.02;

/// A kind of call.
#[derive(Debug, Clone, Copy)]
pub struct Contact {
    /// Its name in `w2.toml`.
    pub name: &'static str,
    /// Share of all calls.
    pub share: f64,
    /// Mean talk time, s.
    pub talk: f64,
    /// The groups that serve it, best first.
    pub groups: &'static [usize],
}

/// A group of agents.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// Its name in `w2.toml`.
    pub name: &'static str,
    /// Share of all agents.
    pub share: f64,
    /// The contacts it serves, first choice first.
    pub contacts: &'static [usize],
}

/// The kinds of calls.
pub const CONTACTS: [Contact; 3] = [
    Contact { name: "orders", share: 0.5, talk: 300.0, groups: &[0, 2] },
    Contact { name: "billing", share: 0.3, talk: 240.0, groups: &[1, 3, 2] },
    Contact { name: "faults", share: 0.2, talk: 420.0, groups: &[3, 2] },
];

/// The groups of agents.
pub const GROUPS: [Group; 4] = [
    Group { name: "order-takers", share: 0.35, contacts: &[0] },
    Group { name: "clerks", share: 0.2, contacts: &[1] },
    Group { name: "generalists", share: 0.3, contacts: &[2, 0, 1] },
    Group { name: "engineers", share: 0.15, contacts: &[2, 1] },
];

/// Returns the expected calls of all contacts in a half-hour of the day.
#[must_use]
pub fn calls_per_half_hour(half_hour: usize) -> f64 {
    let angle = 2.0 * std::f64::consts::PI * (half_hour as f64 - 8.0) / HALF_HOURS as f64;
    CALLS_PER_DAY / HALF_HOURS as f64 * (1.0 - 0.8 * libm::cos(angle))
}

/// Returns the agents of each group in a half-hour of the day.
#[must_use]
pub fn staff(half_hour: usize) -> [u32; 4] {
    let handling: f64 = CONTACTS.iter().map(|contact| contact.share * (contact.talk + ACW)).sum();
    let load = calls_per_half_hour(half_hour) / HALF_HOUR * handling;
    GROUPS.map(|group| libm::ceil(load * SURPLUS * group.share) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_a_hundred_thousand_calls() {
        let total: f64 = (0..HALF_HOURS).map(calls_per_half_hour).sum();
        assert!((total - CALLS_PER_DAY).abs() < 1e-6);
        assert!((0..HALF_HOURS).all(|half_hour| calls_per_half_hour(half_hour) > 400.0));
    }

    #[test]
    fn contacts_and_groups_name_each_other() {
        for (c, contact) in CONTACTS.iter().enumerate() {
            for (g, group) in GROUPS.iter().enumerate() {
                assert_eq!(contact.groups.contains(&g), group.contacts.contains(&c));
            }
        }
    }
}

//! The two kinds of runs that conditions are held against.

use acd::kpi::Kpi;

/// What kind of run a condition is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum World {
    /// A centre seen from inside, simulated or live: every figure has its parts.
    Centre,
    /// A target seen from outside by a load generator: one run, no parts.
    Load,
}

impl World {
    /// Returns whether this kind of run has a figure.
    #[must_use]
    pub fn has(self, kpi: Kpi) -> bool {
        match self {
            Self::Centre => !kpi.applies().load,
            Self::Load => kpi.applies().load,
        }
    }

    /// Names a figure that everybody knows.
    pub(crate) const fn example(self) -> &'static str {
        match self {
            Self::Centre => "service_level",
            Self::Load => "established_share",
        }
    }

    /// Says whose figure it is, when it is none of this kind of run, and where it would be held.
    pub(crate) const fn others(self) -> [&'static str; 2] {
        match self {
            Self::Centre => {
                ["a load run", "the `[gate]` of a load file holds it: `callstorm load`"]
            }
            Self::Load => [
                "the centre",
                "the `[gate]` of a scenario holds it; from outside a caller's delay shows: `answer_p99_s`",
            ],
        }
    }
}

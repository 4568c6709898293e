//! What a scenario takes in all: counted as it is read, so that no sum of small parts grows too large.

use crate::limits;
use crate::resolve::Resolver;
use crate::source::Span;
use chance::Law;

/// Something that is counted over the whole scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Total {
    /// Numbers that laws keep: phases, parts, recorded values; each copy anew.
    LawNumbers,
    /// Laws of groups for contacts.
    Overrides,
    /// Skills.
    Skills,
    /// Rows of schedules, repeated by day.
    ScheduleRows,
    /// Shifts, repeated by day.
    Shifts,
    /// Steps of arrival rates, repeated by day.
    RateRows,
    /// Calls of traces.
    TraceCalls,
    /// Bytes of data files read.
    DataBytes,
    /// Bytes of sound files read.
    SoundBytes,
}

impl Total {
    /// How many there are.
    const COUNT: usize = 9;

    /// Returns the most there may be, and what it is called.
    const fn limit(self) -> (u64, &'static str) {
        match self {
            Self::LawNumbers => (limits::LAW_NUMBERS, "numbers in laws"),
            Self::Overrides => (limits::OVERRIDES, "laws of groups for contacts"),
            Self::Skills => (limits::SKILLS, "skills"),
            Self::ScheduleRows => (limits::SCHEDULE_ROWS, "rows of schedules, repeated by day,"),
            Self::Shifts => (limits::SHIFTS, "shifts, repeated by day,"),
            Self::RateRows => (limits::RATE_ROWS, "steps of arrival rates, repeated by day,"),
            Self::TraceCalls => (limits::TRACE_CALLS, "calls of traces"),
            Self::DataBytes => (limits::ALL_DATA_BYTES, "bytes of data files"),
            Self::SoundBytes => (limits::LOAD_SOUND_BYTES, "bytes of sound files"),
        }
    }
}

/// The counts so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Totals([u64; Total::COUNT]);

impl Resolver {
    /// Adds to a total; says where it becomes too much.
    pub(crate) fn count(&mut self, total: Total, more: u64, span: Span) -> Option<()> {
        let count = &mut self.totals.0[total as usize];
        *count = count.saturating_add(more);
        let (count, (most, what)) = (*count, total.limit());
        if count <= most {
            return Some(());
        }
        self.faults
            .error(span, format!("{count} {what} are too many"))
            .label(format!("expected at most {most} in all"));
        None
    }
}

/// Returns how many numbers a law keeps.
pub(crate) fn numbers(law: &Law) -> u64 {
    match law {
        Law::Hyperexponential { phases } => phases.len() as u64,
        Law::Empirical { values } => values.len() as u64,
        Law::Mixture { parts } => parts.iter().map(|(_, law)| 1 + numbers(law)).sum(),
        Law::Unlimited
        | Law::Constant(_)
        | Law::Exponential { .. }
        | Law::Lognormal { .. }
        | Law::Weibull { .. }
        | Law::Gamma { .. }
        | Law::Uniform { .. }
        | Law::Triangular { .. } => 1,
    }
}

//! `[[agents.x.shift]]`: shifts with breaks; by clock times they are worked each day.

use crate::clock::{DAY, When};
use crate::model::Shift;
use crate::moments::Moment;
use crate::read::{At, Count};
use crate::resolve::Resolver;
use crate::source::Span;
use crate::totals::Total;
use acd::Timestamp;

settings! {
    /// A shift.
    pub(crate) struct ShiftSettings {
        /// When it begins.
        from: At<Moment>,
        /// When it ends; a clock time before `from` is on the next day.
        to: At<Moment>,
        /// How many agents work it.
        count: Count<1, 200_000>,
        /// Breaks of all who work it.
        breaks: Vec<At<BreakSettings>> = Vec::new(),
    }
}

settings! {
    /// A break.
    pub(crate) struct BreakSettings {
        /// When it begins.
        from: At<Moment>,
        /// When it ends.
        to: At<Moment>,
    }
}

/// Turns the shifts of a group into those worked in the run, in order of their beginning.
pub(crate) fn resolve(
    settings: &[At<ShiftSettings>],
    group: &str,
    span: Span,
    resolver: &mut Resolver,
) -> Option<Vec<Shift>> {
    let mut shifts = Vec::new();
    let mut is_whole = true;
    for shift in settings {
        let worked = shift.value.worked(shift.span, group, resolver);
        is_whole &= worked.is_some();
        shifts.extend(worked.unwrap_or_default());
    }
    resolver.count(Total::Shifts, shifts.len() as u64, span)?;
    shifts.sort_by_key(|shift| (shift.from, shift.to));
    is_whole.then_some(shifts)
}

/// One working of a shift, µs from the beginning; it may have begun before.
#[derive(Clone, Copy)]
struct Worked {
    from: i64,
    to: i64,
    /// The day by whose clock it began, where it goes by the clock.
    day: i64,
}

impl ShiftSettings {
    fn worked(&self, span: Span, group: &str, resolver: &mut Resolver) -> Option<Vec<Shift>> {
        let worked = match (self.from.value.0, self.to.value.0) {
            (When::Clock(from), When::Clock(to)) => daily(from, to, resolver),
            (_, _) => self.once(resolver)?,
        };
        if worked.is_empty() {
            let extent = resolver.clock.extent();
            resolver
                .faults
                .error(span, format!("a shift of group `{group}` is never worked"))
                .label(format!("expected a shift within the run, {extent}"));
            return None;
        }
        let mut shifts = Vec::with_capacity(worked.len());
        for shift in worked {
            let breaks = self.breaks(shift, resolver)?;
            let (from, to) = (micros(shift.from), micros(shift.to));
            shifts.push(Shift { from, to, count: self.count.as_u32(), breaks });
        }
        Some(shifts)
    }

    fn once(&self, resolver: &mut Resolver) -> Option<Vec<Worked>> {
        let (from, to) = (resolver.moment(self.from), resolver.moment(self.to));
        let (from, to) = (from?, to?);
        if from >= to {
            let fault = resolver.faults.error(self.to.span, "this shift ends before it begins");
            fault.label("expected a time after `from`");
            return None;
        }
        Some(vec![Worked { from: signed(from), to: signed(to), day: 0 }])
    }

    /// Returns the breaks that are not over when the run begins.
    fn breaks(
        &self,
        shift: Worked,
        resolver: &mut Resolver,
    ) -> Option<Vec<(Timestamp, Timestamp)>> {
        let mut breaks = Vec::with_capacity(self.breaks.len());
        for pause in &self.breaks {
            let begins = moment(pause.value.from, shift.day, shift.from, resolver)?;
            let ends = moment(pause.value.to, shift.day, begins, resolver)?;
            if begins >= ends || ends > shift.to {
                resolver
                    .faults
                    .error(pause.span, "this break is not within its shift")
                    .label("expected a break that begins and ends within the shift");
                return None;
            }
            if ends > 0 {
                breaks.push((micros(begins), micros(ends)));
            }
        }
        breaks.sort_unstable();
        if breaks.windows(2).any(|pair| pair[1].0 < pair[0].1) {
            let span = self.breaks.first().map_or(Span::NOWHERE, |pause| pause.span);
            let fault = resolver.faults.error(span, "two breaks of this shift overlap");
            fault.label("expected one after the other");
            return None;
        }
        Some(breaks)
    }
}

/// Lists the workings of a shift by clock times that overlap the run.
fn daily(from: i64, to: i64, resolver: &Resolver) -> Vec<Worked> {
    let clock = &resolver.clock;
    let overnight = i64::from(to <= from);
    let mut worked = Vec::new();
    for day in -1..=clock.end() / DAY + 2 {
        let (from, to) = (clock.clock_on(day, from), clock.clock_on(day + overnight, to));
        if to > 0 && from < clock.end() && from < to {
            worked.push(Worked { from, to, day });
        }
    }
    worked
}

/// Finds a moment; a clock time on the given day, or the next where that is before `not_before`.
fn moment(at: At<Moment>, day: i64, not_before: i64, resolver: &mut Resolver) -> Option<i64> {
    let When::Clock(time) = at.value.0 else { return resolver.moment(at).map(signed) };
    let today = resolver.clock.clock_on(day, time);
    Some(if today < not_before { resolver.clock.clock_on(day + 1, time) } else { today })
}

fn signed(at: Timestamp) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}

/// Returns a moment of the run; what came before it counts from the beginning.
fn micros(at: i64) -> Timestamp {
    Timestamp(u64::try_from(at).unwrap_or(0))
}

//! `[[agents.x.shift]]`: shifts with breaks; by clock times they are worked each day.

use crate::clock::{DAY, When};
use crate::limits;
use crate::model::Shift;
use crate::moments::Moment;
use crate::read::{At, Count};
use crate::resolve::Resolver;
use crate::source::Span;
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
    resolver.within(shifts.len(), limits::SHIFTS, "shifts", span)?;
    shifts.sort_by_key(|shift| (shift.from, shift.to));
    is_whole.then_some(shifts)
}

impl ShiftSettings {
    fn worked(&self, span: Span, group: &str, resolver: &mut Resolver) -> Option<Vec<Shift>> {
        let spans = match (self.from.value.0, self.to.value.0) {
            (When::Clock(from), When::Clock(to)) => self.daily(from, to, resolver),
            (_, _) => self.once(resolver)?,
        };
        if spans.is_empty() {
            let extent = resolver.clock.extent();
            resolver
                .faults
                .error(span, format!("a shift of group `{group}` is never worked"))
                .label(format!("expected a shift within the run, {extent}"));
            return None;
        }
        let mut shifts = Vec::with_capacity(spans.len());
        for (from, to, day) in spans {
            let (from, to) = (micros(from), micros(to));
            let breaks = self.breaks(from, to, day, resolver)?;
            shifts.push(Shift { from, to, count: self.count.as_u32(), breaks });
        }
        Some(shifts)
    }

    /// Lists the days on which the shift overlaps the run: from, to, day.
    fn daily(&self, from: i64, to: i64, resolver: &Resolver) -> Vec<(i64, i64, i64)> {
        let clock = &resolver.clock;
        let overnight = i64::from(to <= from);
        let mut spans = Vec::new();
        for day in -1..=clock.end() / DAY + 2 {
            let (from, to) = (clock.clock_on(day, from), clock.clock_on(day + overnight, to));
            if to > 0 && from < clock.end() && from < to {
                spans.push((from.max(0), to, day));
            }
        }
        spans
    }

    fn once(&self, resolver: &mut Resolver) -> Option<Vec<(i64, i64, i64)>> {
        let (from, to) = (resolver.moment(self.from), resolver.moment(self.to));
        let (from, to) = (from?, to?);
        if from >= to {
            let fault = resolver.faults.error(self.to.span, "this shift ends before it begins");
            fault.label("expected a time after `from`");
            return None;
        }
        let signed = |at: Timestamp| i64::try_from(at.0).unwrap_or(i64::MAX);
        Some(vec![(signed(from), signed(to), 0)])
    }

    fn breaks(
        &self,
        from: Timestamp,
        to: Timestamp,
        day: i64,
        resolver: &mut Resolver,
    ) -> Option<Vec<(Timestamp, Timestamp)>> {
        let mut breaks = Vec::with_capacity(self.breaks.len());
        for pause in &self.breaks {
            let (begins, ends) = pause.value.within(day, from, resolver)?;
            if begins >= ends || begins < from && from > Timestamp::ZERO || ends > to {
                resolver
                    .faults
                    .error(pause.span, "this break is not within its shift")
                    .label("expected a break that begins and ends within the shift");
                return None;
            }
            // A shift under way at the beginning may have had its break already.
            if ends > from {
                breaks.push((begins.max(from), ends));
            }
        }
        breaks.sort_unstable();
        if breaks.windows(2).any(|pair| pair[1].0 < pair[0].1) {
            let span = self.breaks.first().map_or(Span::NOWHERE, |pause| pause.span);
            resolver
                .faults
                .error(span, "two breaks of this shift overlap")
                .label("expected one after the other");
            return None;
        }
        Some(breaks)
    }
}

impl BreakSettings {
    fn within(
        &self,
        day: i64,
        shift: Timestamp,
        resolver: &mut Resolver,
    ) -> Option<(Timestamp, Timestamp)> {
        let begins = moment(self.from, day, shift, resolver)?;
        Some((begins, moment(self.to, day, begins, resolver)?))
    }
}

/// Finds a clock time on the shift's day, or the next where that is before `not_before`.
fn moment(
    at: At<Moment>,
    day: i64,
    not_before: Timestamp,
    resolver: &mut Resolver,
) -> Option<Timestamp> {
    let When::Clock(time) = at.value.0 else { return resolver.moment(at) };
    let on = |day| resolver.clock.clock_on(day, time);
    let today = on(day);
    let is_before = today < i64::try_from(not_before.0).unwrap_or(i64::MAX);
    // A shift that began before the run may have its break before it too: it stays on its day.
    let is_early = day < 0 || not_before == Timestamp::ZERO;
    Some(micros(if is_before && !is_early { on(day + 1) } else { today }))
}

fn micros(at: i64) -> Timestamp {
    Timestamp(u64::try_from(at).unwrap_or(0))
}

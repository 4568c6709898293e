//! `poisson = { rate = "120/h" }`, or by `steps`, `profile` or `wave`; with a random busyness if asked
//! (gamma distributed, mean 1: Avramidis, Deslauriers and L'Ecuyer 2004, *Modeling Daily Arrivals to a
//! Telephone Call Center*).

use crate::clock::When;
use crate::model::{Arrivals, Busyness, Each, Poisson, RateCurve};
use crate::moments::{Moment, Spread};
use crate::read::{At, Factor, Maybe, Positive, Text};
use crate::resolve::Resolver;
use crate::source::Span;
use crate::tables;
use crate::totals::Total;
use acd::{Duration, Rate, Timestamp};

settings! {
    /// Poisson arrivals.
    pub(crate) struct Settings {
        /// A rate that never changes.
        rate: Maybe<Rate>,
        /// A rate that changes at some times; zero before the first.
        steps: Maybe<At<Vec<RateStep>>>,
        /// A CSV file `start,calls`: calls in each interval; equal steps, no gaps. One shorter than the run repeats each day.
        profile: Maybe<At<Text>>,
        /// A rate that swings.
        wave: Maybe<At<Wave>>,
        /// A factor on the rate: a contact's part in a profile that several share.
        scale: Factor = Factor(1.0),
        /// A random factor on the rate.
        busyness: Option<BusynessSettings>,
    }
}

settings! {
    /// A rate from a time on.
    pub(crate) struct RateStep {
        /// From when. Clock times alone repeat each day.
        at: At<Moment>,
        /// The rate.
        rate: Rate,
    }
}

settings! {
    /// mean + amplitude · sin(2π (t + phase) ÷ period), t from the beginning.
    pub(crate) struct Wave {
        /// The mean.
        mean: Rate,
        /// The amplitude, at most the mean.
        amplitude: Rate,
        /// The period.
        period: Duration,
        /// By how much the swing is ahead.
        phase: Duration = Duration::ZERO,
    }
}

settings! {
    /// A random factor on the rate, mean 1.
    pub(crate) struct BusynessSettings {
        /// Gamma distributed.
        gamma: GammaBusyness,
        /// Drawn for each `day`, or once for the `run`.
        each: Each = Each::Day,
    }
}

settings! {
    /// A gamma distributed factor with mean 1.
    pub(crate) struct GammaBusyness {
        /// Standard deviation ÷ mean.
        cv: Positive,
    }
}

words! { Each { Self::Day => "day", Self::Run => "run" } }

impl Settings {
    pub(crate) fn resolve(&self, span: Span, resolver: &mut Resolver) -> Option<Arrivals> {
        let rate = scaled(self.curve(span, resolver)?, self.scale.0);
        let busyness = self.busyness.as_ref();
        let busyness =
            busyness.map(|busyness| Busyness { cv: busyness.gamma.cv.0, each: busyness.each });
        resolver.expect_calls(mean_per_hour(&rate, resolver.clock.length()), span)?;
        Some(Arrivals::Poisson(Poisson { rate, busyness }))
    }

    fn curve(&self, span: Span, resolver: &mut Resolver) -> Option<RateCurve> {
        let absent = [
            self.rate.is_absent(),
            self.steps.is_absent(),
            self.profile.is_absent(),
            self.wave.is_absent(),
        ];
        let message = match absent.into_iter().filter(|is_absent| !is_absent).count() {
            0 => "Poisson arrivals have no rate",
            1 => return self.only_curve(resolver),
            _ => "two rates at once",
        };
        let fault = resolver.faults.error(span, message);
        fault.label("expected one of `rate`, `steps`, `profile`, `wave`");
        None
    }

    fn only_curve(&self, resolver: &mut Resolver) -> Option<RateCurve> {
        if let Some(rate) = self.rate.given() {
            return Some(RateCurve::Constant(*rate));
        }
        if let Some(steps) = self.steps.given() {
            return by_steps(steps, resolver).map(RateCurve::Steps);
        }
        if let Some(path) = self.profile.given() {
            return by_profile(path, resolver).map(RateCurve::Steps);
        }
        by_wave(self.wave.given()?, resolver)
    }
}

fn scaled(curve: RateCurve, factor: f64) -> RateCurve {
    let scale = |rate: Rate| Rate { per_hour: rate.per_hour * factor };
    match curve {
        RateCurve::Constant(rate) => RateCurve::Constant(scale(rate)),
        RateCurve::Steps(steps) => {
            RateCurve::Steps(steps.into_iter().map(|(at, rate)| (at, scale(rate))).collect())
        }
        RateCurve::Wave { mean, amplitude, period, phase } => {
            RateCurve::Wave { mean: scale(mean), amplitude: scale(amplitude), period, phase }
        }
    }
}

fn spread(what: &'static str, span: Span) -> Spread<Rate> {
    Spread { what, span, before: Rate::default(), total: Total::RateRows, goes_on: true }
}

fn by_steps(steps: &At<Vec<RateStep>>, resolver: &mut Resolver) -> Option<Vec<(Timestamp, Rate)>> {
    let rows: Vec<_> = steps.value.iter().map(|step| (step.at, step.rate)).collect();
    resolver.spread(spread("step", steps.span), &rows)
}

fn by_profile(path: &At<Text>, resolver: &mut Resolver) -> Option<Vec<(Timestamp, Rate)>> {
    let profile = tables::profile(path, resolver)?;
    let hours = profile.step as f64 / 3.6e9;
    let mut rows: Vec<(When, Rate)> = Vec::with_capacity(profile.calls.len() + 1);
    let mut offset = 0;
    for calls in &profile.calls {
        rows.push((
            crate::moments::later(profile.first, offset)?,
            Rate { per_hour: calls / hours },
        ));
        offset += profile.step;
    }
    if let When::Clock(time) = profile.first {
        let begins = resolver.clock.clock_on(0, time);
        let is_over =
            begins + offset <= crate::clock::DAY && resolver.clock.end() <= crate::clock::DAY;
        if begins > 0 && is_over {
            resolver.warn_late("row of the profile", path.span, begins);
        }
    }
    // The last interval ends as all others do; a profile of a whole day goes on with its first row.
    if !(matches!(profile.first, When::Clock(_)) && offset == crate::clock::DAY) {
        rows.push((crate::moments::later(profile.first, offset)?, Rate::default()));
    }
    resolver.spread_file(spread("profile", path.span), &rows)
}

fn by_wave(wave: &At<Wave>, resolver: &mut Resolver) -> Option<RateCurve> {
    let Wave { mean, amplitude, period, phase } = wave.value;
    if amplitude > mean {
        let fault = resolver.faults.error(wave.span, "the rate of this wave falls below zero");
        fault.label(format!("expected an amplitude of at most the mean, {mean}"));
        return None;
    }
    if period == Duration::ZERO {
        resolver.faults.error(wave.span, "the period of this wave is zero").label("expected more");
        return None;
    }
    Some(RateCurve::Wave { mean, amplitude, period, phase })
}

/// Returns about how many calls come per hour, over the run.
fn mean_per_hour(curve: &RateCurve, length: Duration) -> f64 {
    match curve {
        RateCurve::Constant(rate) => rate.per_hour,
        RateCurve::Wave { mean, amplitude, .. } => mean.per_hour + amplitude.per_hour,
        RateCurve::Steps(steps) => {
            let ends = steps.iter().skip(1).map(|(at, _)| *at).chain([Timestamp(length.0)]);
            let calls: f64 = steps
                .iter()
                .zip(ends)
                .map(|((at, rate), end)| rate.per_hour * end.since(*at).as_secs())
                .sum();
            calls / length.as_secs()
        }
    }
}

//! `[load]`: when calls begin, and how many.

use crate::faults::Faults;
use crate::law::{LawSettings, Seconds};
use crate::limits;
use crate::model::traffic::{Gaps, Segment, Shape};
use crate::read::{At, Count, Maybe, Read, Text};
use crate::resolve::Resolver;
use crate::shape::{Leaf, Shape as FileShape};
use crate::source::Span;
use crate::traffic_file::profile::parse_profile;
use crate::tree::{Node, Value};
use acd::Duration;
use chance::Law;

settings! {
    /// When calls begin, and how many.
    pub(crate) struct LoadSettings {
        /// Calls begun per time, such as `500/s` or `10/s for 30s, ramp to 500/s in 1m`.
        rate: Maybe<At<RateText>>,
        /// Or so many callers, each of whom calls again when a call is over.
        callers: Maybe<At<Count<1, { limits::LOAD_CALLERS }>>>,
        /// A caller's time from the end of a call to the next.
        between: Option<At<LawSettings<Seconds>>>,
        /// The gaps between calls of a rate: as people call, or all alike.
        gaps: Option<At<Gaps>>,
        /// How long calls begin, where the rate does not say.
        length: Option<At<Duration>>,
        /// How many calls begin at most.
        calls: Option<Count<1, { limits::CALLS }>>,
        /// Length of a reporting interval.
        interval: At<Duration> = At { value: INTERVAL, span: Span::NOWHERE },
        /// Seed of everything random.
        seed: Count<0, { u64::MAX }> = Count(1),
    }
}

words! { Gaps { Self::Poisson => "poisson", Self::Even => "even" } }

/// Length of a reporting interval unless the file says otherwise.
pub(crate) const INTERVAL: Duration = Duration::from_secs(10);

/// A rate that may change with time, as it stands in the file.
#[derive(Debug, Clone, Default)]
pub(crate) struct RateText(Text);

impl Read for RateText {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let number = match node.value {
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Text(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::List(_)
            | Value::Table(_) => return Text::read(node, faults).map(Self),
        };
        let number = crate::read::shorten(&number);
        faults
            .error(node.span, format!("{number} needs a unit"))
            .label("expected a rate with its unit in quotes, such as `\"500/s\"`")
            .hint(format!("did you mean `\"{number}/s\"`?"));
        None
    }

    fn shape() -> FileShape {
        FileShape::Leaf(Leaf::Form("10/s for 30s, ramp to 500/s in 1m, 500/s for 5m"))
    }
}

/// When calls begin, and for how long.
pub(crate) struct Plan {
    /// When.
    pub(crate) shape: Shape,
    /// How long; `None`: until somebody stops them.
    pub(crate) length: Option<Duration>,
}

impl LoadSettings {
    /// Returns whether calls come at a rate.
    pub(crate) fn is_open(&self) -> bool {
        self.callers.is_absent()
    }

    /// Turns the settings into the model; `at` is the place of the table.
    pub(crate) fn resolve(&self, at: Span, resolver: &mut Resolver) -> Option<Plan> {
        let plan = match (&self.rate, &self.callers) {
            (Maybe::Given(rate), Maybe::Absent) => self.open(rate, resolver),
            (Maybe::Absent, Maybe::Given(callers)) => self.closed(callers.value.as_u32(), resolver),
            (Maybe::Given(_), Maybe::Given(callers)) => {
                let fault = resolver.faults.error(callers.span, "calls begin in two ways at once");
                fault.label("expected `rate` or `callers`, not both");
                None
            }
            (Maybe::Absent, Maybe::Absent) => {
                let fault = resolver.faults.error(at, "it is not said when calls begin");
                fault.label("expected `rate = \"…\"` or `callers = …` in `[load]`");
                None
            }
            (Maybe::Faulty, _) | (_, Maybe::Faulty) => None,
        };
        self.interval(plan.as_ref().and_then(|plan| plan.length), resolver)?;
        plan
    }

    fn open(&self, rate: &At<RateText>, resolver: &mut Resolver) -> Option<Plan> {
        if let Some(between) = &self.between {
            let fault = resolver.faults.error(between.span, "calls of a rate wait for no other");
            fault.label("expected `between` only with `callers`");
        }
        let text = At { value: rate.value.0.clone(), span: rate.span };
        let mut profile = resolver.read_text(&text, parse_profile(&text.value.0))?;
        if let Some(length) = self.length {
            end_with(&mut profile, length, resolver)?;
        }
        let lengths: Option<Vec<Duration>> = profile.iter().map(|part| part.length).collect();
        let sum = |lengths: Vec<Duration>| {
            Duration(lengths.iter().fold(0, |sum, length| length.0.saturating_add(sum)))
        };
        let gaps = self.gaps.map(|gaps| gaps.value).unwrap_or_default();
        Some(Plan { shape: Shape::Open { profile, gaps }, length: lengths.map(sum) })
    }

    fn closed(&self, callers: u32, resolver: &mut Resolver) -> Option<Plan> {
        if let Some(gaps) = &self.gaps {
            let fault = resolver.faults.error(gaps.span, "callers leave no gaps of their own");
            fault.label("expected `gaps` only with `rate`; with `callers` it is `between`");
        }
        let between = match &self.between {
            Some(law) => law.value.resolve(resolver)?,
            None => Law::Constant(0.0),
        };
        let length = self.length.map(|length| length.value);
        if let Some(length) = self.length {
            within_a_run(length, resolver)?;
        }
        Some(Plan { shape: Shape::Closed { callers, between }, length })
    }

    fn interval(&self, length: Option<Duration>, resolver: &mut Resolver) -> Option<()> {
        let At { value: interval, span } = self.interval;
        if interval < Duration::from_secs(1) {
            let fault = resolver.faults.error(span, "the interval is too short");
            fault.label("expected at least `1s`");
            return None;
        }
        let count = length.map_or(1, |length| length.0.div_ceil(interval.0));
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        resolver.within(count, limits::INTERVALS, "intervals", span)
    }
}

/// Gives the last part of a profile the length that makes the whole as long as said.
fn end_with(profile: &mut [Segment], length: At<Duration>, resolver: &mut Resolver) -> Option<()> {
    within_a_run(length, resolver)?;
    let last = profile.len() - 1;
    let before: u64 = profile[..last].iter().filter_map(|part| part.length).map(|l| l.0).sum();
    if profile[last].length.is_some() {
        let fault = resolver.faults.error(length.span, "the rate says how long calls begin");
        fault.label("expected `length` only where the last part of `rate` has no time");
        return None;
    }
    let rest = Duration(length.value.0.saturating_sub(before));
    if rest == Duration::ZERO {
        let fault = resolver.faults.error(length.span, "the last part of the rate never begins");
        fault.label(format!("expected more than the {} before it", Duration(before)));
        return None;
    }
    profile[last].length = Some(rest);
    Some(())
}

fn within_a_run(length: At<Duration>, resolver: &mut Resolver) -> Option<()> {
    let most = Duration::from_secs(limits::LENGTH_HOURS * 3600);
    if length.value > Duration::ZERO && length.value <= most {
        return Some(());
    }
    let size = if length.value > most { "is too long" } else { "has no length" };
    let expected = format!("expected more than `0s`, at most {} hours", limits::LENGTH_HOURS);
    resolver.faults.error(length.span, format!("the run {size}")).label(expected);
    None
}

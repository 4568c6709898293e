//! `[queue.x]`: who waits where, for how long, and in which order.

use crate::faults::{Faults, one_of};
use crate::limits;
use crate::model::{Queue, Target};
use crate::read::{At, Bounded, Count, Maybe, Name, Read, choice_table, chosen, shorten, text};
use crate::resolve::{Kind, Resolver};
use crate::shape::{ChoiceShape, Leaf, Shape, Variant};
use crate::source::Span;
use crate::tree::Node;
use acd::kpi::ServiceLevelDefinition;
use acd::{Callback, Duration, Order, Overflow, QueueId, Rate, Share};

settings! {
    /// A queue.
    pub(crate) struct QueueSettings {
        /// The share to serve within a time, such as `80% in 20s`.
        target: Option<At<TargetText>>,
        /// The definition of service level.
        service_level: ServiceLevelDefinition = ServiceLevelDefinition::default(),
        /// Further times at which service level is reported.
        service_level_at: At<Vec<Duration>> = At { value: Vec::new(), span: Span::NOWHERE },
        /// An abandonment within this time is short.
        short_abandon: Duration = Duration::from_secs(10),
        /// Which ready agent gets a call that arrives.
        routing: Routing = Routing::default(),
        /// In which order waiting calls are taken; `last-come` is for study.
        order: Order = Order::FirstCome,
        /// Higher is served first.
        priority: Bounded<-1_000_000, 1_000_000> = Bounded(0),
        /// Priority gained by waiting.
        ageing: At<Rate> = At { value: Rate::default(), span: Span::NOWHERE },
        /// Calls that may wait; no limit when left out.
        max_length: Option<Count<0, 1_000_000>>,
        /// The longest wait; no limit when left out.
        max_wait: Option<At<Duration>>,
        /// When calls move on to another queue; the first rule that applies wins.
        overflow: At<Vec<At<OverflowSettings>>> = At { value: Vec::new(), span: Span::NOWHERE },
        /// Whether callers are offered to be called back when they would have to wait.
        callback: Option<CallbackSettings>,
    }
}

settings! {
    /// A rule of overflow: after a wait, or when the queue is full.
    pub(crate) struct OverflowSettings {
        /// After which wait, from the first queue entry.
        after: Maybe<Duration>,
        /// `full`: on entry, when no more calls may wait.
        when: Maybe<Full>,
        /// The queue the call moves to.
        to: At<Name>,
    }
}

/// The word `full`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

words! { Full { Self => "full" } }
words! { Order { Self::FirstCome => "first-come", Self::LastCome => "last-come" } }
words! { ServiceLevelDefinition {
    Self::OfOffered => "of-offered",
    Self::ExcludingAbandonsInTarget => "excluding-abandons-in-target",
    Self::CountingAbandonsInTarget => "counting-abandons-in-target",
    Self::OfAnswered => "of-answered",
    Self::ExcludingShortAbandons => "excluding-short-abandons",
} }

choice! {
    /// A callback.
    pub(crate) enum CallbackSettings "kind of callback" => (Callback, f64) {
        /// The caller keeps his place and cannot abandon.
        VirtualHold "virtual_hold" (VirtualHold),
        /// The call ends; it is made again when agents are idle.
        List "list" (CallbackList),
    }
}

settings! {
    /// A callback that keeps the caller's place.
    pub(crate) struct VirtualHold {
        /// The share that accepts.
        accept: Share,
    }
}

settings! {
    /// A callback list, served when agents are idle.
    pub(crate) struct CallbackList {
        /// The share that accepts.
        accept: Share,
        /// Asked only when at least this many calls wait already.
        if_queue_at_least: Count<0, 1_000_000> = Count(0),
        /// Made only while more than this many agents of the queue are idle.
        idle_reserve: Count<0, 200_000> = Count(0),
    }
}

impl VirtualHold {
    #[expect(clippy::unnecessary_wraps, reason = "every settings type resolves alike")]
    fn resolve(&self, _: Span, _: &mut Resolver) -> Option<(Callback, f64)> {
        Some((Callback::VirtualHold, self.accept.0))
    }
}

impl CallbackList {
    #[expect(clippy::unnecessary_wraps, reason = "every settings type resolves alike")]
    fn resolve(&self, _: Span, _: &mut Resolver) -> Option<(Callback, f64)> {
        let (if_queue_at_least, idle_reserve) =
            (self.if_queue_at_least.as_u32(), self.idle_reserve.as_u32());
        Some((Callback::List { if_queue_at_least, idle_reserve }, self.accept.0))
    }
}

/// A target such as `80% in 20s`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TargetText(Target);

impl Read for TargetText {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let text = text(node, "a target such as `80% in 20s`", faults)?;
        let target = parse_target(text);
        if target.is_none() {
            let fault = faults.error(node.span, format!("`{}` is not a target", shorten(text)));
            fault.label("expected a share and a time, such as `80% in 20s`");
            if let Some(turned) = turned(text) {
                fault.hint(format!("did you mean `{turned}`?"));
            }
        }
        target.map(Self)
    }

    fn shape() -> Shape {
        Shape::Leaf(Leaf::Form("80% in 20s"))
    }
}

fn parse_target(text: &str) -> Option<Target> {
    let (share, within) = text.split_once(" in ")?;
    let share: Share = share.trim().parse().ok()?;
    Some(Target { share: share.0, within: within.trim().parse().ok()? })
}

/// Understands `80/20`, as the trade says it.
fn turned(text: &str) -> Option<String> {
    let (share, seconds) = text.split_once('/')?;
    let (share, seconds): (u32, u32) = (share.trim().parse().ok()?, seconds.trim().parse().ok()?);
    (share <= 100).then(|| format!("{share}% in {seconds}s"))
}

/// A routing strategy: a one-key table whose key is in the switch's registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Routing(String);

impl Default for Routing {
    fn default() -> Self {
        Self("longest-idle".to_owned())
    }
}

settings! {
    /// Strategies have no settings yet.
    struct NoSettings {}
}

impl Read for Routing {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let table = choice_table(node, "routing strategy", &acd::routing::NAMES[..], faults)?;
        let what = "routing strategy";
        let entry = chosen(table, node.span, what, &acd::routing::NAMES[..], faults)?;
        NoSettings::read(&entry.node, faults)?;
        Some(Self(entry.key.clone()))
    }

    fn shape() -> Shape {
        let variant = |key: &&'static str| Variant {
            key,
            about: "A routing strategy.",
            shape: NoSettings::shape,
        };
        Shape::Choice(ChoiceShape {
            name: "routing".to_owned(),
            what: "routing strategy",
            variants: acd::routing::NAMES.iter().map(variant).collect(),
        })
    }
}

impl QueueSettings {
    /// Turns the settings into a queue.
    pub(crate) fn resolve(
        &self,
        id: QueueId,
        name: &str,
        resolver: &mut Resolver,
    ) -> Option<Queue> {
        let overflow = self.overflow(id, name, resolver);
        self.check(resolver);
        let callback = match &self.callback {
            Some(callback) => callback.resolve(resolver)?,
            None => (Callback::None, 0.0),
        };
        Some(Queue {
            name: name.to_owned(),
            target: self.target.map(|target| target.value.0),
            definition: self.service_level,
            service_level_at: self.service_level_at.value.clone(),
            short_abandon: self.short_abandon,
            routing: self.routing.0.clone(),
            order: self.order,
            priority: i32::try_from(self.priority.0).unwrap_or(0),
            ageing_milli_per_min: milli_per_min(self.ageing.value),
            max_length: self.max_length.map(Count::as_u32),
            max_wait: self.max_wait.map(|wait| wait.value),
            overflow: overflow?,
            callback: callback.0,
            callback_accept: callback.1,
        })
    }

    fn check(&self, resolver: &mut Resolver) {
        if let Some(target) = self.target
            && target.value.0.within == Duration::ZERO
        {
            resolver
                .faults
                .error(target.span, "nobody is served within no time")
                .label("expected more than `0s`");
        }
        let levels = self.service_level_at.value.len() + usize::from(self.target.is_some());
        resolver.within(
            levels,
            limits::SERVICE_LEVELS,
            "times of service level",
            self.service_level_at.span,
        );
        if self.ageing.value.per_hour > 0.0 && milli_per_min(self.ageing.value) == 0 {
            let fault =
                resolver.faults.error(self.ageing.span, "this ageing is too slow to be kept");
            fault.label("expected at least a thousandth of a point per minute, or `0/min`");
        }
        if self.max_wait.is_some_and(|wait| wait.value == Duration::ZERO) {
            let span = self.max_wait.map_or(Span::NOWHERE, |wait| wait.span);
            let fault =
                resolver.faults.error(span, "no call may wait").label("expected more than `0s`");
            fault.hint("for a queue without waiting places write `max_length = 0`");
        }
    }

    fn overflow(&self, id: QueueId, name: &str, resolver: &mut Resolver) -> Option<Vec<Overflow>> {
        let At { value: rules, span } = &self.overflow;
        resolver.within(rules.len(), limits::OVERFLOWS, "overflow rules", *span)?;
        let mut overflow = Vec::with_capacity(rules.len());
        for rule in rules {
            overflow.push(rule.value.resolve(id, name, rule.span, self, resolver));
        }
        overflow.into_iter().collect()
    }
}

impl OverflowSettings {
    fn resolve(
        &self,
        from: QueueId,
        name: &str,
        span: Span,
        queue: &QueueSettings,
        resolver: &mut Resolver,
    ) -> Option<Overflow> {
        let to = resolver.find(Kind::Queue, &self.to).map(QueueId::new);
        if to == Some(from) {
            let message = format!("queue `{name}` overflows to itself");
            resolver.faults.error(self.to.span, message).label("expected another queue");
            return None;
        }
        resolver.overflows.extend(to);
        if self.after.is_absent() == self.when.is_absent() {
            let fault = resolver.faults.error(span, "when do calls overflow?");
            fault.label(one_of(["after", "when"]));
            return None;
        }
        if let Some(after) = self.after.given() {
            return Some(Overflow { after: Some(*after), to: to? });
        }
        let Full = self.when.given()?;
        if queue.max_length.is_none() {
            let fault = resolver.faults.error(span, format!("queue `{name}` is never full"));
            fault.label("expected `max_length` in this queue, or `after`");
            return None;
        }
        Some(Overflow { after: None, to: to? })
    }
}

/// Returns the ageing as the switch counts it, thousandths of a point per minute.
fn milli_per_min(rate: Rate) -> u32 {
    // A cast saturates; the rate is neither negative nor NaN.
    (rate.per_hour * 1000.0 / 60.0 + 0.5) as u32
}

//! A whole scenario file: its tables, and how they become a [`Scenario`].

use crate::agents::GroupSettings;
use crate::clock::{Clock, date_time};
use crate::contact::ContactSettings;
use crate::faults::Faults;
use crate::ivr::FlowSettings;
use crate::limits;
use crate::live::LiveSettings;
use crate::model::{Close, Run, Scenario, Site, StaffRule};
use crate::playbook::{ActionSettings, PlaySettings};
use crate::queue::QueueSettings;
use crate::read::{At, Count, Factor, Growing, KeyName, Map, Maybe, Named, Read, Text, shorten};
use crate::resolve::{NameList, Names, Resolver};
use crate::shape::{Leaf, Shape};
use crate::source::Span;
use crate::timeline::EntrySettings;
use crate::tree::{Node, Value};
use acd::kpi::{Condition, Scope};
use acd::{ContactId, Duration, GroupId, QueueId};
use jiff::civil::DateTime;
use std::collections::{BTreeMap, BTreeSet};

settings! {
    /// A scenario of a contact centre.
    pub(crate) struct Document {
        /// What the scenario is called; the file's name when left out.
        title: Option<Text>,
        /// The question it answers.
        question: Text = Text::default(),
        /// Local date and time of the beginning, such as `2026-03-02T07:00`.
        start: Option<At<Start>>,
        /// The time zone that brings daylight saving, such as `Europe/Berlin`.
        timezone: Option<At<Text>>,
        /// How long attempts are let in.
        length: Length,
        /// Length of a reporting interval; `30m` when left out.
        interval: Option<At<Duration>>,
        /// How it is run.
        run: RunSettings,
        /// The centre's lines.
        trunks: TrunksSettings,
        /// Demand as a whole.
        demand: DemandSettings,
        /// The kinds of calls.
        contact: At<Map<ContactSettings>>,
        /// The IVR flows.
        ivr: At<Map<FlowSettings>>,
        /// The queues.
        queue: At<Map<QueueSettings>>,
        /// The groups of agents.
        agents: At<Map<GroupSettings>>,
        /// The sites.
        site: At<Map<SiteSettings>>,
        /// What happens to the centre.
        timeline: At<Growing<At<EntrySettings>>>,
        /// What is done about it.
        playbook: At<Growing<At<PlaySettings>>>,
        /// What fails the build.
        gate: GateSettings,
        /// What is reported besides.
        report: ReportSettings,
        /// How real calls are answered; a simulation ignores it.
        live: LiveSettings,
        ignored {
            /// The version of this format: 1.
            schema: Schema,
            /// A file that this one starts from; its tables are merged with this one's.
            extends: Text,
            /// What to delete from the file that this one extends: dotted paths.
            remove: Vec<Text>,
        }
    }
}

settings! {
    /// How a scenario is run.
    pub(crate) struct RunSettings {
        /// Seed of everything random.
        seed: Count<0, { u64::MAX }> = Count(1),
        /// Independent repetitions.
        replications: Count<1, { limits::REPLICATIONS }> = Count(20),
        /// Calls before this are in no KPI.
        warm_up: At<Duration> = At { value: Duration::ZERO, span: Span::NOWHERE },
        /// What happens to agents who are too many when a schedule row has fewer.
        when_staff_shrinks: StaffRule = StaffRule::NamedFinish,
        /// What happens to the queue at the end.
        close: Close = Close::Serve,
        /// How long after the end calls may still be served.
        drain_limit: At<Duration> = At { value: Duration::from_secs(4 * 3600), span: Span::NOWHERE },
    }
}

settings! {
    /// The centre's lines.
    pub(crate) struct TrunksSettings {
        /// How many; unlimited when left out. Held in IVR, queue and talk, released at after-call work.
        lines: Option<Count<0, { limits::LINES }>>,
    }
}

settings! {
    /// Demand as a whole.
    pub(crate) struct DemandSettings {
        /// Factor on every arrival rate.
        scale: Factor = Factor(1.0),
    }
}

settings! {
    /// A site.
    pub(crate) struct SiteSettings {
        /// Its lines; when left out, calls do not belong to this site.
        trunks: Option<Count<0, { limits::LINES }>>,
    }
}

settings! {
    /// What fails the build.
    pub(crate) struct GateSettings {
        /// Conditions that must hold, such as `service_level{queue=sales} >= 0.80`.
        must: Vec<At<Text>> = Vec::new(),
    }
}

settings! {
    /// What is reported besides.
    pub(crate) struct ReportSettings {
        /// Pairs of contact and agent group, such as `sales,generalists`.
        pairs: Vec<At<Text>> = Vec::new(),
    }
}

words! { StaffRule {
    Self::NamedFinish => "named-finish",
    Self::FirstToFinish => "first-to-finish",
    Self::Requeue => "requeue",
    Self::Cut => "cut",
} }
words! { Close { Self::Serve => "serve", Self::Disconnect => "disconnect" } }

/// The version of the format.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schema;

impl Read for Schema {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        if node.value == Value::Integer(1) {
            return Some(Self);
        }
        let fault = faults.error(node.span, "this format is not known");
        fault.label("expected `schema = 1`");
        None
    }

    fn shape() -> Shape {
        Shape::Leaf(Leaf::Integer { least: 1, most: 1 })
    }
}

/// The length of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Length(Duration);

impl Read for Length {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let length = Duration::read(node, faults)?;
        let most = Duration::from_secs(limits::LENGTH_HOURS * 3600);
        if length > Duration::ZERO && length <= most {
            return Some(Self(length));
        }
        let size = if length > most { "is too long" } else { "has no length" };
        let expected = format!("expected more than `0s`, at most {} hours", limits::LENGTH_HOURS);
        faults.error(node.span, format!("the run {size}")).label(expected);
        None
    }

    fn shape() -> Shape {
        Duration::shape()
    }

    fn stand_in() -> Option<Self> {
        // Long enough that no moment of the file seems to fall behind the end.
        Some(Self(Duration::from_secs(30 * 86_400)))
    }
}

/// A local date and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start(DateTime);

impl Read for Start {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let expected = "expected a local date and time such as `2026-03-02T07:00`";
        let (Value::Text(text) | Value::Datetime(text)) = &node.value else {
            let message = format!("expected a date, found {}", node.value.kind());
            faults.error(node.span, message).label(expected);
            return None;
        };
        let start = date_time(text);
        if start.is_none() {
            let fault =
                faults.error(node.span, format!("`{}` is not a date with a time", shorten(text)));
            fault.label(expected);
            if text.ends_with(['Z', 'z'])
                || text.get(16..).is_some_and(|rest| rest.contains(['+', '-']))
            {
                fault.hint("the time is local: leave the offset out and set `timezone`");
            }
        }
        start.map(Self)
    }

    fn shape() -> Shape {
        Shape::Leaf(Leaf::Form("2026-03-02T07:00"))
    }
}

impl Document {
    /// Returns the run's frame of time.
    pub(crate) fn clock(&self, faults: &mut Faults) -> Clock {
        let zone = self.timezone.as_ref().and_then(|zone| {
            if self.start.is_none() {
                let fault = faults.error(zone.span, "a time zone without a date means nothing");
                fault.label("expected `start`, the local date and time of the beginning");
            }
            // The zones compiled in, not the machine's: same file, same run.
            let found = jiff::tz::TimeZoneDatabase::bundled().get(&zone.value.0).ok();
            if found.is_none() {
                faults
                    .error(zone.span, format!("unknown time zone `{}`", shorten(&zone.value.0)))
                    .label("expected a name of the IANA list such as `Europe/Berlin`");
            }
            found
        });
        Clock::new(self.start.map(|start| start.value.0), zone, self.length.0)
    }

    /// Lists every name.
    pub(crate) fn names(&self) -> Names {
        Names {
            contacts: NameList::new(self.contact.value.names()),
            queues: NameList::new(self.queue.value.names()),
            groups: NameList::new(self.agents.value.names()),
            sites: NameList::new(self.site.value.names()),
            flows: NameList::new(self.ivr.value.names()),
        }
    }

    /// Returns the factor on every arrival rate.
    pub(crate) fn scale(&self) -> f64 {
        self.demand.scale.0
    }

    /// Returns whether the centre's lines are counted.
    pub(crate) fn has_lines(&self) -> bool {
        self.trunks.lines.is_some()
    }

    /// Lists the groups whose agents a play brings.
    pub(crate) fn brought(&self) -> BTreeSet<String> {
        let plays = self.playbook.value.0.iter();
        let actions = plays.flat_map(|play| &play.value.actions.value).filter_map(Maybe::given);
        actions
            .filter_map(|action| match action {
                ActionSettings::AddAgents(agents, _) => Some(agents.group.value.0.clone()),
                ActionSettings::Overflow(..) | ActionSettings::OfferCallback(..) => None,
            })
            .collect()
    }

    /// Tells, for each site, whether its lines are counted.
    pub(crate) fn sites_with_lines(&self) -> Vec<bool> {
        let lines = |site: &Named<SiteSettings>| {
            site.value.as_ref().is_some_and(|site| site.value.trunks.is_some())
        };
        self.site.value.entries.iter().map(lines).collect()
    }

    /// Returns the place of the interval, if it is given.
    pub(crate) fn interval_span(&self) -> Option<Span> {
        self.interval.map(|interval| interval.span)
    }

    /// Lists the places of the gate's conditions.
    pub(crate) fn gate_spans(&self) -> impl Iterator<Item = Span> {
        self.gate.must.iter().map(|text| text.span)
    }

    /// Lists the places of the plays' triggers.
    pub(crate) fn trigger_spans(&self) -> impl Iterator<Item = Span> {
        self.playbook.value.0.iter().map(|play| play.value.when.span)
    }

    /// Turns the document into a scenario, as far as it is free of faults.
    pub(crate) fn resolve(&self, file: &str, resolver: &mut Resolver) -> Option<Scenario> {
        self.sizes(resolver)?;
        let interval = self.interval(resolver);
        let run = self.run(resolver);
        let sites = self.sites();
        let queues = each(&self.queue.value, resolver, |id, name, _, queue, resolver| {
            queue.resolve(QueueId::new(id), name, resolver)
        });
        let flows = each(&self.ivr.value, resolver, |_, name, span, flow, resolver| {
            flow.resolve(name, span, resolver)
        });
        let contacts = each(&self.contact.value, resolver, |_, name, span, contact, resolver| {
            contact.resolve(name, span, resolver)
        });
        let groups = each(&self.agents.value, resolver, |_, name, span, group, resolver| {
            group.resolve(name, span, resolver)
        });
        let timeline: Vec<_> =
            self.timeline.value.0.iter().map(|entry| entry.value.resolve(resolver)).collect();
        self.name_once(resolver);
        let playbook: Vec<_> =
            self.playbook.value.0.iter().map(|play| play.value.resolve(resolver)).collect();
        let gate = self.gate.resolve(resolver);
        let mut pairs = self.pairs(resolver);
        if let (Some(pairs), Some(gate)) = (&mut pairs, &gate) {
            add_pairs_of_gate(pairs, gate);
        }
        self.numbers_once(resolver);
        let live = self.live.resolve(resolver);
        Some(Scenario {
            file: file.to_owned(),
            hash: String::new(),
            title: title(&self.title, file),
            question: self.question.0.clone(),
            start: self.start.map(|start| start.value.0.to_string()),
            start_of_day: resolver.clock.start_of_day(),
            length: resolver.clock.length(),
            interval: interval?,
            run,
            lines: self.trunks.lines.map(Count::as_u32),
            demand_scale: self.demand.scale.0,
            contacts: contacts?,
            queues: queues?,
            groups: groups?,
            sites,
            flows: flows?,
            timeline: timeline.into_iter().collect::<Option<_>>()?,
            playbook: playbook.into_iter().collect::<Option<_>>()?,
            gate: gate?,
            pairs: pairs?,
            live: live?,
        })
    }

    fn sizes(&self, resolver: &mut Resolver) -> Option<()> {
        let sizes = [
            (self.contact.value.entries.len(), limits::CONTACTS, "contacts", self.contact.span),
            (self.queue.value.entries.len(), limits::QUEUES, "queues", self.queue.span),
            (self.agents.value.entries.len(), limits::GROUPS, "groups of agents", self.agents.span),
            (self.site.value.entries.len(), limits::SITES, "sites", self.site.span),
            (self.ivr.value.entries.len(), limits::FLOWS, "IVR flows", self.ivr.span),
            (self.timeline.value.0.len(), limits::TIMELINE, "timeline entries", self.timeline.span),
            (self.playbook.value.0.len(), limits::PLAYS, "plays", self.playbook.span),
            (self.gate.must.len(), limits::CONDITIONS, "conditions of the gate", Span::NOWHERE),
            (self.report.pairs.len(), limits::PAIRS, "pairs", Span::NOWHERE),
        ];
        let mut is_within = true;
        for (count, most, what, span) in sizes {
            is_within &= resolver.within(count, most, what, span).is_some();
        }
        is_within.then_some(())
    }

    fn interval(&self, resolver: &mut Resolver) -> Option<Duration> {
        let length = resolver.clock.length();
        let Some(At { value: interval, span }) = self.interval else {
            return Some(Duration::from_secs(1800).min(length));
        };
        if interval < Duration::from_secs(1) {
            let fault = resolver.faults.error(span, "the interval is too short");
            fault.label("expected at least `1s`");
            return None;
        }
        let intervals = length.0.div_ceil(interval.0);
        resolver.within(
            usize::try_from(intervals).unwrap_or(usize::MAX),
            limits::INTERVALS,
            "intervals",
            span,
        )?;
        if !length.0.is_multiple_of(interval.0) {
            let rest = Duration(length.0 % interval.0);
            resolver
                .faults
                .warning(span, format!("the last interval is only {rest} long"))
                .label(format!("expected a length that divides the run, {length}"));
        }
        Some(interval)
    }

    fn run(&self, resolver: &mut Resolver) -> Run {
        let run = &self.run;
        if run.warm_up.value >= resolver.clock.length() {
            resolver
                .faults
                .error(run.warm_up.span, "the warm-up is as long as the run: no call would count")
                .label(format!("expected less than the length, {}", resolver.clock.length()));
        }
        Run {
            seed: run.seed.0,
            replications: run.replications.as_u32(),
            warm_up: run.warm_up.value,
            when_staff_shrinks: run.when_staff_shrinks,
            close: run.close,
            drain_limit: run.drain_limit.value,
        }
    }

    fn sites(&self) -> Vec<Site> {
        let site = |site: &Named<SiteSettings>| Site {
            name: site.name.value.clone(),
            lines: site.value.as_ref().and_then(|site| site.value.trunks).map(Count::as_u32),
        };
        self.site.value.entries.iter().map(site).collect()
    }

    /// Says where two entries of a list have one name: `--set` and `extends` go by it.
    fn name_once(&self, resolver: &mut Resolver) {
        let entries = self.timeline.value.0.iter().map(|entry| &entry.value.name);
        unique(entries, "timeline entries", resolver);
        unique(self.playbook.value.0.iter().map(|play| &play.value.name), "plays", resolver);
    }

    /// Says where a number leads to two contacts.
    fn numbers_once(&self, resolver: &mut Resolver) {
        let mut seen = BTreeMap::new();
        for Named { name, value } in &self.contact.value.entries {
            let Some(contact) = value else { continue };
            for number in contact.value.numbers() {
                let text = number.value.0.as_str();
                if let Some(other) = seen.insert(text, &name.value) {
                    let fault =
                        resolver.faults.error(number.span, format!("number `{text}` is taken"));
                    fault.label(format!("it leads to contact `{other}` already"));
                }
            }
        }
    }

    fn pairs(&self, resolver: &mut Resolver) -> Option<Vec<(ContactId, GroupId)>> {
        let mut pairs = Vec::with_capacity(self.report.pairs.len());
        for text in &self.report.pairs {
            pairs.push(resolver.pair(text));
        }
        pairs.into_iter().collect()
    }
}

impl GateSettings {
    /// Reads the conditions.
    pub(crate) fn resolve(&self, resolver: &mut Resolver) -> Option<Vec<Condition>> {
        let mut gate = Vec::with_capacity(self.must.len());
        for text in &self.must {
            let condition = resolver.condition(text);
            if condition.as_ref().is_some_and(|condition| condition.last.is_some()) {
                resolver
                    .faults
                    .error(text.span, "the gate judges the whole run")
                    .label("expected no `last`: that is for playbooks");
            }
            gate.push(condition);
        }
        gate.into_iter().collect()
    }
}

/// Returns a title, or else the file's name without its folder and ending.
pub(crate) fn title(given: &Option<Text>, file: &str) -> String {
    let stem = std::path::Path::new(file).file_stem();
    let stem = stem.map(|stem| stem.to_string_lossy().into_owned());
    given.as_ref().map(|title| title.0.clone()).or(stem).unwrap_or_default()
}

/// A rule about a pair asks for it as well as `[report]` does.
fn add_pairs_of_gate(pairs: &mut Vec<(ContactId, GroupId)>, gate: &[Condition]) {
    for condition in gate {
        if let Scope::ContactAgents(contact, group) = condition.selector.scope
            && !pairs.contains(&(contact, group))
        {
            pairs.push((contact, group));
        }
    }
}

fn unique<'a>(names: impl Iterator<Item = &'a At<KeyName>>, what: &str, resolver: &mut Resolver) {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name.value.0.as_str()) {
            let message = format!("two {what} are called `{}`", name.value.0);
            let fault = resolver.faults.error(name.span, message);
            fault.label("expected another name for one of them");
        }
    }
}

/// Resolves every entry of a map, so that all faults are found; `None` where one failed.
fn each<T, M>(
    map: &Map<T>,
    resolver: &mut Resolver,
    mut resolve: impl FnMut(usize, &str, Span, &T, &mut Resolver) -> Option<M>,
) -> Option<Vec<M>> {
    let mut list = Vec::with_capacity(map.entries.len());
    for (id, entry) in map.entries.iter().enumerate() {
        if resolver.faults.is_full() {
            return None;
        }
        let name = &entry.name;
        let resolved = entry
            .value
            .as_ref()
            .map(|settings| resolve(id, &name.value, name.span, &settings.value, resolver));
        list.push(resolved.flatten());
    }
    list.into_iter().collect()
}

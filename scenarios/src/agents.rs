//! `[agents.x]`: a group of agents alike; who is there when, what they can do, how they work.

use crate::bounds::LEAST_WAIT;
use crate::faults::Faults;
use crate::law::{LawSettings, Seconds};
use crate::model::{Group, NoAnswer, Shift};
use crate::moments::{Moment, Spread};
use crate::read::{At, Count, Growing, Map, Maybe, Meant, Name, Positive, Read, Text};
use crate::resolve::{Kind, Resolver};
use crate::shape::Shape;
use crate::shifts::ShiftSettings;
use crate::source::Span;
use crate::tables;
use crate::totals::{self, Total};
use crate::tree::{Node, Value};
use acd::{ContactId, Duration, QueueId, Share, SiteId, Takes, Timestamp};
use chance::Law;

settings! {
    /// A group of agents alike.
    pub(crate) struct GroupSettings {
        /// How many there are, all the time.
        count: Maybe<At<Count<0, 200_000>>>,
        /// How many there are from each time on: a CSV file `start,<group>,…` or a list.
        schedule: Maybe<At<ScheduleSettings>>,
        /// Shifts with breaks, instead.
        shift: Maybe<Growing<At<ShiftSettings>>>,
        /// The site they sit at.
        site: Option<At<Name>>,
        /// What they can do: queue and level, 1 being best.
        skills: Maybe<At<Map<Count<1, 255>, Meant>>>,
        /// Which waiting call they take first.
        takes: Takes = Takes::Priority,
        /// Talk, hold and after-call work are divided by this.
        speed: Positive = Positive(1.0),
        /// Talk time in this group: one law, or a law for each contact.
        talk: Option<At<Override>>,
        /// Time on hold in this group: one law, or a law for each contact.
        hold: Option<At<Override>>,
        /// After-call work in this group: one law, or a law for each contact.
        acw: Option<At<Override>>,
        /// Time to answer an offer.
        pick_up: Option<LawSettings<Seconds>>,
        /// How long an offer rings.
        ring_timeout: At<Duration> = At { value: Duration::from_secs(15), span: Span::NOWHERE },
        /// Offers that are not answered.
        no_answer: NoAnswerSettings,
        /// Share of agents who do not come, drawn for each seat and run.
        no_show: Share = Share(0.0),
        /// Limit of after-call work, for the live switch.
        wrap_up: Option<Duration>,
    }
}

settings! {
    /// Offers that are not answered.
    pub(crate) struct NoAnswerSettings {
        /// Share of offers the agent lets ring.
        share: Share = Share(0.0),
        /// How long he is left alone then.
        back_off: Duration = Duration::from_secs(10),
        /// Unanswered offers in a row after which he is not ready; 0: never.
        not_ready_after: Count<0, 1_000> = Count(0),
        /// How long he is not ready then.
        returns_after: Duration = Duration::from_secs(300),
    }
}

settings! {
    /// A number of agents from a time on.
    pub(crate) struct ScheduleRow {
        /// From when. Clock times alone repeat each day.
        at: At<Moment>,
        /// How many.
        count: Count<0, 200_000>,
    }
}

words! { Takes {
    Self::Priority => "priority",
    Self::Level => "level",
    Self::LongestWait => "longest-wait",
} }

/// Who is there when.
#[derive(Debug, Clone)]
pub(crate) enum ScheduleSettings {
    /// A CSV file.
    File(Text),
    /// A list.
    Rows(Vec<ScheduleRow>),
}

impl Read for ScheduleSettings {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        match node.value {
            Value::Text(_) => Text::read(node, faults).map(Self::File),
            Value::List(_) => Vec::read(node, faults).map(Self::Rows),
            Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::Table(_) => {
                faults
                    .error(node.span, format!("expected a schedule, found {}", node.value.kind()))
                    .label(
                        "expected a CSV file's name, or a list of `{ at = \"08:00\", count = 7 }`",
                    )
                    .hint("a number that never changes is `count`");
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::Either(vec![Text::shape(), Vec::<ScheduleRow>::shape()])
    }
}

/// A schedule and shifts, one of which is empty.
type Staff = (Vec<(Timestamp, u32)>, Vec<Shift>);

/// One law for every contact, or one for each.
#[derive(Debug, Clone)]
pub(crate) enum Override {
    /// For every contact.
    All(LawSettings<Seconds>),
    /// For some.
    Some(Map<LawSettings<Seconds>, Meant>),
}

impl Read for Override {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let Value::Table(table) = &node.value else {
            return LawSettings::read(node, faults).map(Self::All);
        };
        let laws = crate::law::names();
        if table.entries.iter().any(|entry| laws.contains(&entry.key.as_str())) {
            return LawSettings::read(node, faults).map(Self::All);
        }
        Map::read(node, faults).map(Self::Some)
    }

    fn shape() -> Shape {
        let map = Map::<LawSettings<Seconds>, Meant>::shape();
        Shape::Either(vec![LawSettings::<Seconds>::shape(), map])
    }
}

impl GroupSettings {
    /// Turns the settings into a group; `span` is its name's place.
    pub(crate) fn resolve(&self, name: &str, span: Span, resolver: &mut Resolver) -> Option<Group> {
        let site = self.site.as_ref().map(|site| resolver.find(Kind::Site, site).map(SiteId::new));
        let skills = self.skills(name, span, resolver);
        let (schedule, shifts) = self.staff(name, span, resolver).unzip();
        let talk = overrides(self.talk.as_ref(), resolver);
        let hold = overrides(self.hold.as_ref(), resolver);
        let acw = overrides(self.acw.as_ref(), resolver);
        let pick_up = match &self.pick_up {
            Some(law) => law.resolve(resolver),
            None => LawSettings::<Seconds>::zero(),
        };
        self.check_ringing(pick_up.as_ref(), resolver);
        Some(Group {
            name: name.to_owned(),
            site: match site {
                Some(site) => Some(site?),
                None => None,
            },
            skills: skills?,
            takes: self.takes,
            schedule: schedule?,
            shifts: shifts?,
            speed: self.speed.0,
            talk: talk?,
            hold: hold?,
            acw: acw?,
            pick_up: pick_up?,
            ring_timeout: self.ring_timeout.value,
            no_answer: NoAnswer {
                share: self.no_answer.share.0,
                back_off: self.no_answer.back_off,
                not_ready_after: self.no_answer.not_ready_after.as_u32(),
                returns_after: self.no_answer.returns_after,
            },
            no_show: self.no_show.0,
            wrap_up: self.wrap_up,
        })
    }

    fn skills(
        &self,
        name: &str,
        span: Span,
        resolver: &mut Resolver,
    ) -> Option<Vec<(QueueId, u8)>> {
        if self.skills.is_absent() {
            let fault = resolver.faults.error(span, format!("agents `{name}` have no skills"));
            fault.label("expected `skills = { … }`, a level for each queue they serve");
        }
        let At { value: map, span } = self.skills.given()?;
        if map.entries.is_empty() {
            let fault = resolver.faults.error(*span, format!("agents `{name}` have no skills"));
            fault.label("expected a level for each queue they serve");
        }
        resolver.count(Total::Skills, map.entries.len() as u64, *span)?;
        let mut skills = Vec::with_capacity(map.entries.len());
        for entry in &map.entries {
            let queue = resolver.names.queues.get(&entry.name.value);
            if queue.is_none() {
                unknown_skill(name, &entry.name, resolver);
            }
            let level = entry.value.as_ref().and_then(|level| u8::try_from(level.value.0).ok());
            skills.push((queue.map(QueueId::new), level));
        }
        skills.into_iter().map(|(queue, level)| Some((queue?, level?))).collect()
    }

    /// Returns the schedule and the shifts, one of which is empty.
    fn staff(&self, name: &str, span: Span, resolver: &mut Resolver) -> Option<Staff> {
        let absent = [self.count.is_absent(), self.schedule.is_absent(), self.shift.is_absent()];
        let given = absent.into_iter().filter(|is_absent| !is_absent).count();
        if given > 1 {
            let message = format!("two schedules at once for group `{name}`");
            let label = "expected one of `count`, `schedule`, `shift`";
            resolver.faults.error(span, message).label(label);
            return None;
        }
        if given == 0 {
            self.check_brought(name, span, resolver);
            return Some((vec![(Timestamp::ZERO, 0)], Vec::new()));
        }
        if let Some(count) = self.count.given() {
            return Some((vec![(Timestamp::ZERO, count.value.as_u32())], Vec::new()));
        }
        if let Some(schedule) = self.schedule.given() {
            return Some((schedule.value.rows(name, schedule.span, resolver)?, Vec::new()));
        }
        let shifts = crate::shifts::resolve(&self.shift.given()?.0, name, span, resolver)?;
        Some((Vec::new(), shifts))
    }

    fn check_brought(&self, name: &str, span: Span, resolver: &mut Resolver) {
        if !resolver.is_brought(name) {
            resolver
                .faults
                .error(span, format!("nobody works in group `{name}`"))
                .label("expected `count`, `schedule` or `[[agents.….shift]]`")
                .hint("a group may be left empty where a play brings its agents by `add_agents`");
        }
    }

    fn check_ringing(&self, pick_up: Option<&Law>, resolver: &mut Resolver) {
        let At { value: timeout, span } = self.ring_timeout;
        if timeout < LEAST_WAIT {
            let fault =
                resolver.faults.error(span, "an offer that hardly rings is hardly answered");
            fault.label(format!("expected at least {LEAST_WAIT}"));
        } else if pick_up.is_some_and(|law| law.cv() == 0.0 && law.mean() >= timeout.as_secs()) {
            resolver
                .faults
                .warning(
                    (span != Span::NOWHERE).then_some(span),
                    "no offer is answered before it stops ringing",
                )
                .label("expected `ring_timeout` above `pick_up`");
        }
    }
}

impl ScheduleSettings {
    fn rows(
        &self,
        group: &str,
        span: Span,
        resolver: &mut Resolver,
    ) -> Option<Vec<(Timestamp, u32)>> {
        let spread =
            |what, goes_on| Spread { what, span, before: 0, total: Total::ScheduleRows, goes_on };
        match self {
            Self::File(path) => {
                let path = At { value: path.clone(), span };
                let rows = tables::schedule(&path, group, resolver)?;
                resolver.spread_file(spread("schedule", false), &rows)
            }
            Self::Rows(rows) => {
                let rows: Vec<_> = rows.iter().map(|row| (row.at, row.count.as_u32())).collect();
                resolver.spread(spread("schedule row", true), &rows)
            }
        }
    }
}

fn unknown_skill(group: &str, skill: &At<String>, resolver: &mut Resolver) {
    let queues = crate::faults::quoted(resolver.names.queues.iter());
    let shown = crate::read::shorten(&skill.value);
    resolver
        .faults
        .error(skill.span, format!("agents `{group}` have a skill that no queue asks for"))
        .label(format!("no queue `{shown}`; queues are {queues}"))
        .suggest(&skill.value, resolver.names.queues.iter());
}

/// Turns one law or several into a law for each contact named.
fn overrides(
    settings: Option<&At<Override>>,
    resolver: &mut Resolver,
) -> Option<Vec<(ContactId, Law)>> {
    match settings.map(|settings| &settings.value) {
        None => Some(Vec::new()),
        Some(Override::All(law)) => {
            let law = law.resolve(resolver)?;
            let contacts = resolver.names.contacts.list.len();
            resolver.count(Total::Overrides, contacts as u64, settings?.span)?;
            // Each contact has its copy.
            let numbers = contacts as u64 * totals::numbers(&law);
            resolver.count(Total::LawNumbers, numbers, settings?.span)?;
            Some((0..contacts).map(|contact| (ContactId::new(contact), law.clone())).collect())
        }
        Some(Override::Some(laws)) => {
            resolver.count(Total::Overrides, laws.entries.len() as u64, settings?.span)?;
            let mut found = Vec::with_capacity(laws.entries.len());
            for entry in &laws.entries {
                let name = At { value: Name(entry.name.value.clone()), span: entry.name.span };
                let contact = resolver.find(Kind::Contact, &name).map(ContactId::new);
                let law = entry.value.as_ref().and_then(|law| law.value.resolve(resolver));
                found.push((contact, law));
            }
            found.into_iter().map(|(contact, law)| Some((contact?, law?))).collect()
        }
    }
}

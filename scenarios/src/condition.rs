//! Conditions: `[sure] figure{selectors} < value`, in the gate and in playbooks.

use crate::faults::{one_of, quoted};
use crate::read::shorten;
use crate::resolve::{Kind, Names};
use crate::text_error::{TextError, error, suggest, trim};
use crate::world::World;
use acd::kpi::{Comparison, Condition, Kpi, Scope, Selector, Unit};
use acd::{AttemptKind, ContactId, Duration, GroupId, QueueId, Share, SiteId};
use std::ops::Range;

/// The names that selectors may use, in the order of their ids.
#[derive(Debug, Clone, Copy, Default)]
pub struct ConditionNames<'a> {
    /// Contacts.
    pub contacts: &'a [String],
    /// Queues.
    pub queues: &'a [String],
    /// Groups of agents.
    pub groups: &'a [String],
    /// Sites.
    pub sites: &'a [String],
}

/// Reads a condition such as `sure service_level{queue=sales, last=15m} >= 80%`, or of a load run `answer_p99_s < 200ms`.
///
/// # Errors
///
/// Says what is wrong, where in the text, and what was expected; a figure of the other world is wrong, too.
pub fn parse_condition(
    text: &str,
    names: ConditionNames<'_>,
    world: World,
) -> Result<Condition, TextError> {
    let list = |names: &[String]| crate::resolve::NameList::new(names.to_vec());
    let names = Names {
        contacts: list(names.contacts),
        queues: list(names.queues),
        groups: list(names.groups),
        sites: list(names.sites),
        flows: list(&[]),
    };
    parse(text, &names, world)
}

/// Reads a condition by the file's own lists of names.
pub(crate) fn parse(text: &str, names: &Names, world: World) -> Result<Condition, TextError> {
    let (is_sure, rest) = take_sure(text, 0..text.len());
    let (left, comparison, right) = split(text, &rest)?;
    let (is_sure_too, right) = take_sure(text, right);
    let (key, braces) = braces(text, &left)?;
    let kpi = figure(text, &key, world)?;
    let mut parts = Parts::default();
    let selector = match world {
        World::Centre => {
            for item in braces.map(|braces| items(text, braces)).unwrap_or_default() {
                parts.add(kpi, text, item, names)?;
            }
            parts.selector(kpi, &left)?
        }
        World::Load => {
            of_whole_run(kpi, &left, braces, is_sure || is_sure_too)?;
            Selector::ALL
        }
    };
    let value = value(kpi, text, &right)?;
    Ok(Condition {
        text: text.trim().to_owned(),
        kpi,
        selector,
        threshold: parts.threshold,
        last: parts.last,
        comparison,
        value,
        is_sure: is_sure || is_sure_too,
    })
}

/// Takes the word `sure` off the front or the back.
fn take_sure(text: &str, range: Range<usize>) -> (bool, Range<usize>) {
    let range = trim(text, range);
    let part = &text[range.clone()];
    if part.strip_prefix("sure").is_some_and(|rest| rest.starts_with(char::is_whitespace)) {
        return (true, trim(text, range.start + "sure".len()..range.end));
    }
    if part.strip_suffix("sure").is_some_and(|rest| rest.ends_with(char::is_whitespace)) {
        return (true, trim(text, range.start..range.end - "sure".len()));
    }
    (false, range)
}

const FORM: &str = "expected a condition such as `service_level{queue=sales} >= 0.80`";

fn split(
    text: &str,
    range: &Range<usize>,
) -> Result<(Range<usize>, Comparison, Range<usize>), TextError> {
    let part = &text[range.clone()];
    if let Some(open) = part.find('{').filter(|_| !part.contains('}')) {
        let place = range.start + open..range.end;
        return Err(error("the brace is not closed", &place, "expected `}` before the comparison"));
    }
    let Some(at) = part
        .find(['<', '>', '=', '≥', '≤'])
        .filter(|at| !in_braces(part, *at))
        .or_else(|| outside(part))
    else {
        return Err(error("the comparison is missing", range, FORM));
    };
    let rest = &part[at..];
    let signs = [
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
    ];
    let Some((sign, comparison)) = signs.into_iter().find(|(sign, _)| rest.starts_with(sign))
    else {
        let width =
            rest.chars().take_while(|c| "=≥≤<>".contains(*c)).map(char::len_utf8).sum::<usize>();
        let place = range.start + at..range.start + at + width;
        return Err(error("unknown comparison", &place, "expected one of `<`, `<=`, `>`, `>=`"));
    };
    let middle = range.start + at;
    Ok((trim(text, range.start..middle), comparison, trim(text, middle + sign.len()..range.end)))
}

fn in_braces(part: &str, at: usize) -> bool {
    part[..at].rfind('{') > part[..at].rfind('}')
}

/// Finds the comparison behind the braces.
fn outside(part: &str) -> Option<usize> {
    let close = part.rfind('}')? + 1;
    part[close..].find(['<', '>', '=', '≥', '≤']).map(|at| close + at)
}

fn braces(
    text: &str,
    range: &Range<usize>,
) -> Result<(Range<usize>, Option<Range<usize>>), TextError> {
    let part = &text[range.clone()];
    let Some(open) = part.find('{') else {
        return Ok((range.clone(), None));
    };
    let open = range.start + open;
    if !part.ends_with('}') {
        return Err(error(
            "the brace is not closed",
            &(open..range.end),
            "expected `}` before the comparison",
        ));
    }
    Ok((trim(text, range.start..open), Some(open + 1..range.end - 1)))
}

fn items(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut start = range.start;
    let mut items = Vec::new();
    for part in text[range].split(',') {
        let item = trim(text, start..start + part.len());
        start += part.len() + 1;
        if !item.is_empty() {
            items.push(item);
        }
    }
    items
}

fn figure(text: &str, range: &Range<usize>, world: World) -> Result<Kpi, TextError> {
    let key = &text[range.clone()];
    if key.is_empty() {
        return Err(error("the figure is missing", range, FORM));
    }
    let expected = format!("expected a KPI such as `{}`", world.example());
    match Kpi::from_key(key) {
        Some(kpi) if world.has(kpi) => Ok(kpi),
        Some(_) => {
            let [whose, hint] = world.others();
            let mut error = error(format!("`{key}` is a figure of {whose}"), range, expected);
            error.hint = Some(hint.to_owned());
            Err(error)
        }
        None => {
            let keys = Kpi::ALL.iter().filter(|kpi| world.has(**kpi)).map(|kpi| kpi.key());
            let message = format!("unknown figure `{}`", shorten(key));
            Err(suggest(error(message, range, expected), key, keys))
        }
    }
}

/// Refuses what makes sense only where there are parts, or more than one run.
fn of_whole_run(
    kpi: Kpi,
    left: &Range<usize>,
    braces: Option<Range<usize>>,
    is_sure: bool,
) -> Result<(), TextError> {
    let key = kpi.key();
    if let Some(inner) = braces {
        let place = inner.start - 1..inner.end + 1;
        let message = format!("`{key}` is counted for the whole run only");
        return Err(error(message, &place, "expected the figure alone"));
    }
    if is_sure {
        let message = "a load run is one run and cannot be `sure`";
        return Err(error(message, left, "expected the figure alone"));
    }
    Ok(())
}

/// What the braces say.
#[derive(Default)]
struct Parts {
    queue: Option<QueueId>,
    contact: Option<ContactId>,
    agents: Option<GroupId>,
    site: Option<SiteId>,
    attempt: Option<AttemptKind>,
    threshold: Option<Duration>,
    last: Option<Duration>,
}

const SELECTORS: [&str; 7] = ["queue", "contact", "agents", "site", "attempt", "within", "last"];

impl Parts {
    fn add(
        &mut self,
        kpi: Kpi,
        text: &str,
        item: Range<usize>,
        names: &Names,
    ) -> Result<(), TextError> {
        let Some((key, value)) = text[item.clone()].split_once('=') else {
            return self.bare(kpi, text, &item);
        };
        let key_place = trim(text, item.start..item.start + key.len());
        let place = trim(text, item.end - value.len()..item.end);
        let (key, word) = (key.trim(), value.trim());
        let name = |kind| name(kind, word, &place, names);
        let is_new = match key {
            "queue" => self.queue.replace(QueueId::new(name(Kind::Queue)?)).is_none(),
            "contact" => self.contact.replace(ContactId::new(name(Kind::Contact)?)).is_none(),
            "agents" => self.agents.replace(GroupId::new(name(Kind::Group)?)).is_none(),
            "site" => self.site.replace(SiteId::new(name(Kind::Site)?)).is_none(),
            "attempt" => self.attempt.replace(attempt(word, &place)?).is_none(),
            "last" => self.last.replace(duration(word, &place)?).is_none(),
            "within" if kpi == Kpi::ServiceLevel => {
                self.threshold.replace(duration(word, &place)?).is_none()
            }
            "within" => {
                let expected = "only `service_level` is asked for within another time";
                return Err(error(
                    format!("`{}` has no `within`", kpi.key()),
                    &key_place,
                    expected,
                ));
            }
            _ => {
                let message = format!("unknown selector `{}`", shorten(key));
                let expected = format!("expected one of {}", quoted(SELECTORS));
                return Err(suggest(error(message, &key_place, expected), key, SELECTORS));
            }
        };
        if is_new {
            Ok(())
        } else {
            Err(error(format!("`{key}` is given twice"), &key_place, "expected it once"))
        }
    }

    /// Takes a time alone, as `p_wait_gt{20s}` has it.
    fn bare(&mut self, kpi: Kpi, text: &str, item: &Range<usize>) -> Result<(), TextError> {
        let word = &text[item.clone()];
        if kpi != Kpi::PWaitGt {
            let message = format!("`{}` is no selector", shorten(word));
            let expected = format!("expected `key=value`, the key one of {}", quoted(SELECTORS));
            return Err(error(message, item, expected));
        }
        let threshold = duration(word, item)?;
        if self.threshold.replace(threshold).is_some() {
            return Err(error("two times at once", item, "expected one"));
        }
        Ok(())
    }

    fn selector(&self, kpi: Kpi, place: &Range<usize>) -> Result<Selector, TextError> {
        let scope = self.scope(place)?;
        let applies = kpi.applies();
        let (is_allowed, by) = match scope {
            Scope::All => (applies.all, "for the whole centre"),
            Scope::Queue(_) => (applies.queue, "by queue"),
            Scope::Contact(_) => (applies.contact, "by contact"),
            Scope::Agents(_) => (applies.agents, "by agents"),
            Scope::Site(_) => (applies.site, "by site"),
            Scope::ContactAgents(..) => {
                (applies.contact && applies.agents, "by contact and agents")
            }
        };
        if !is_allowed {
            let message = format!("`{}` is not counted {by}", kpi.key());
            return Err(error(message, place, format!("it is counted {}", counted(kpi))));
        }
        if self.attempt.is_some()
            && !(applies.contact && matches!(scope, Scope::All | Scope::Contact(_)))
        {
            let message = format!("`{}` is not counted by attempt here", kpi.key());
            return Err(error(message, place, "expected `attempt` with `contact` or alone"));
        }
        if kpi == Kpi::PWaitGt && self.threshold.is_none() {
            return Err(error("`p_wait_gt` needs its time", place, "expected `p_wait_gt{20s}`"));
        }
        Ok(Selector { scope, attempt: self.attempt })
    }

    fn scope(&self, place: &Range<usize>) -> Result<Scope, TextError> {
        match (self.queue, self.contact, self.agents, self.site) {
            (None, None, None, None) => Ok(Scope::All),
            (Some(queue), None, None, None) => Ok(Scope::Queue(queue)),
            (None, Some(contact), None, None) => Ok(Scope::Contact(contact)),
            (None, None, Some(group), None) => Ok(Scope::Agents(group)),
            (None, None, None, Some(site)) => Ok(Scope::Site(site)),
            (None, Some(contact), Some(group), None) => Ok(Scope::ContactAgents(contact, group)),
            (_, _, _, _) => Err(error(
                "these selectors cannot be combined",
                place,
                "expected one of `queue`, `contact`, `agents`, `site`, or `contact` with `agents`",
            )),
        }
    }
}

/// Lists where a figure is counted.
fn counted(kpi: Kpi) -> String {
    let applies = kpi.applies();
    let places = [
        (applies.all, "for the whole centre"),
        (applies.queue, "by queue"),
        (applies.contact, "by contact"),
        (applies.agents, "by agents"),
        (applies.site, "by site"),
    ];
    let places: Vec<_> = places.into_iter().filter(|(is, _)| *is).map(|(_, by)| by).collect();
    places.join(", ")
}

fn name(kind: Kind, word: &str, place: &Range<usize>, names: &Names) -> Result<usize, TextError> {
    let names = names.of(kind);
    names.get(word).ok_or_else(|| {
        let (one, many, _) = kind.words();
        let message = format!("there is no {one} `{}`", shorten(word));
        let expected = if names.list.is_empty() {
            format!("there are no {many}")
        } else {
            format!("{many} are {}", quoted(names.iter()))
        };
        suggest(error(message, place, expected), word, names.iter())
    })
}

fn attempt(word: &str, place: &Range<usize>) -> Result<AttemptKind, TextError> {
    let names = || AttemptKind::ALL.into_iter().map(AttemptKind::name);
    AttemptKind::ALL.into_iter().find(|kind| kind.name() == word).ok_or_else(|| {
        let message = format!("unknown kind of attempt `{}`", shorten(word));
        suggest(error(message, place, one_of(names())), word, names())
    })
}

fn duration(word: &str, place: &Range<usize>) -> Result<Duration, TextError> {
    let message = || format!("`{}` is not a duration", shorten(word));
    let duration: Duration =
        word.parse().map_err(|fault: acd::UnitError| error(message(), place, fault.expected))?;
    if duration == Duration::ZERO {
        return Err(error("this time is zero", place, "expected more than zero"));
    }
    Ok(duration)
}

fn value(kpi: Kpi, text: &str, place: &Range<usize>) -> Result<f64, TextError> {
    let word = &text[place.clone()];
    if word.is_empty() {
        return Err(error("the value is missing", place, FORM));
    }
    match kpi.unit() {
        Unit::Share => word.parse::<Share>().map(|share| share.0).map_err(|fault| {
            let message = format!("`{}` is not a share", shorten(word));
            let mut error = error(message, place, fault.expected);
            let is_percent =
                word.parse::<f64>().is_ok_and(|number| (1.0..=100.0).contains(&number));
            error.hint = is_percent.then(|| format!("did you mean `{word}%`?"));
            error
        }),
        Unit::Seconds | Unit::AgentSeconds => seconds(kpi, word, place),
        Unit::Count | Unit::Level | Unit::Variance | Unit::Money | Unit::Score => {
            match word.parse::<f64>() {
                Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
                Ok(_) | Err(_) => Err(error(
                    format!("`{}` is not a number", shorten(word)),
                    place,
                    "expected a plain number that is not negative",
                )),
            }
        }
    }
}

fn seconds(kpi: Kpi, word: &str, place: &Range<usize>) -> Result<f64, TextError> {
    word.parse::<Duration>().map(Duration::as_secs).map_err(|fault| {
        let is_bare = word.parse::<f64>().is_ok_and(f64::is_finite);
        let message = if is_bare {
            format!("`{}` is a time: {word} needs a unit", kpi.key())
        } else {
            format!("`{}` is not a duration", shorten(word))
        };
        let mut error = error(message, place, fault.expected);
        error.hint = is_bare.then(|| format!("did you mean `{word}s`?"));
        error
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> [Vec<String>; 4] {
        [["sales", "support"], ["sales", "support"], ["generalists", "bpo"], ["north", "south"]]
            .map(|names| names.map(str::to_owned).to_vec())
    }

    fn read(text: &str) -> Result<Condition, TextError> {
        let [contacts, queues, groups, sites] = &names();
        parse_condition(text, ConditionNames { contacts, queues, groups, sites }, World::Centre)
    }

    fn read_load(text: &str) -> Result<Condition, TextError> {
        parse_condition(text, ConditionNames::default(), World::Load)
    }

    #[test]
    fn load_run_is_judged_by_the_same_grammar() {
        for (text, kpi, value) in [
            ("established_share >= 99.9%", Kpi::EstablishedShare, 0.999),
            ("answer_p99_s < 0.2s", Kpi::AnswerP99, 0.2),
            ("answer_p99_s < 200ms", Kpi::AnswerP99, 0.2),
            ("missed_arrivals <= 0", Kpi::MissedArrivals, 0.0),
            ("mos_min >= 3.6", Kpi::MosMin, 3.6),
        ] {
            let condition = read_load(text).expect(text);
            assert_eq!(condition.kpi, kpi, "{text}");
            assert!((condition.value - value).abs() < 1e-12, "{text}");
            assert_eq!(condition.selector, Selector::ALL);
        }
    }

    #[test]
    fn figure_of_the_other_world_is_refused_with_a_hint() {
        let error = read("answer_p99_s < 0.2s").expect_err("no figure of a centre");
        assert_eq!(error.message, "`answer_p99_s` is a figure of a load run");
        assert_eq!(error.place, 0.."answer_p99_s".len());
        assert!(error.hint.is_some_and(|hint| hint.contains("callstorm load")));
        let error = read_load("service_level >= 80%").expect_err("no figure of a load run");
        assert_eq!(error.message, "`service_level` is a figure of the centre");
        assert!(error.hint.is_some_and(|hint| hint.contains("scenario")));
        // A slip of the finger is mended within the file's own world.
        let error = read_load("answered_share >= 80%").expect_err("no figure at all");
        assert_ne!(error.hint.as_deref(), Some("did you mean `answered`?"));
    }

    #[test]
    fn load_run_has_neither_parts_nor_confidence() {
        for (text, word) in [
            ("placed{queue=sales} > 1", "{queue=sales}"),
            ("placed{} > 1", "{}"),
            ("sure placed > 1", "placed"),
            ("answer_p99_s < 0.2", "0.2"),
        ] {
            let error = read_load(text).expect_err(text);
            assert_eq!(&text[error.place.clone()], word, "{text}: {error}");
        }
    }

    #[test]
    fn every_form_of_condition_is_read() {
        let condition = read("service_level{queue=support, last=15m} < 0.5").expect("a condition");
        assert_eq!(condition.selector, Selector::of(Scope::Queue(QueueId(1))));
        assert_eq!(condition.last, Some(Duration::from_secs(900)));
        assert_eq!((condition.comparison, condition.value), (Comparison::Less, 0.5));
        let condition = read("p_wait_gt{20s, queue=sales} <= 10%").expect("a condition");
        assert_eq!((condition.threshold, condition.value), (Some(Duration::from_secs(20)), 0.1));
        let condition = read("service_level{within=30s}>=80%").expect("a condition");
        assert_eq!(condition.threshold, Some(Duration::from_secs(30)));
        for text in
            ["sure service_level{queue=sales} >= 0.80", "service_level{queue=sales} >= 0.80 sure"]
        {
            assert!(read(text).expect("a condition").is_sure, "{text}");
        }
        let condition = read("asa_s{contact=sales, agents=bpo} < 1m").expect("a condition");
        assert_eq!(condition.selector.scope, Scope::ContactAgents(ContactId(0), GroupId(1)));
        assert_eq!(condition.value, 60.0);
        let condition = read("offered{attempt=redial} > 100").expect("a condition");
        assert_eq!(condition.selector.attempt, Some(AttemptKind::Redial));
    }

    #[test]
    fn faults_of_conditions_point_at_their_word() {
        for (text, word) in [
            ("service_levle >= 0.8", "service_levle"),
            ("service_level{queue=slaes} >= 0.8", "slaes"),
            ("service_level{que=sales} >= 0.8", "que"),
            ("service_level{queue=sales} >= 80", "80"),
            ("asa_s <= 20", "20"),
            ("occupancy{queue=sales} <= 0.9", "occupancy{queue=sales}"),
            ("p_wait_gt <= 0.1", "p_wait_gt"),
            ("service_level{queue=sales} => 0.8", "=>"),
            ("service_level{queue=sales >= 0.8", "{queue=sales >= 0.8"),
            ("asa_s{within=20s} < 3s", "within"),
            ("service_level{last=0s} < 0.3", "0s"),
        ] {
            let error = read(text).expect_err(text);
            assert_eq!(&text[error.place.clone()], word, "{text}: {error}");
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic() {
        let text = "sure service_level{queue=sales, last=15m} ≥ 80% sure";
        for start in text.char_indices().map(|(at, _)| at) {
            for end in text.char_indices().map(|(at, _)| at).filter(|end| *end >= start) {
                let _ = read(&text[start..end]);
                let _ = read_load(&text[start..end]);
            }
        }
    }
}

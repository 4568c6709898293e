//! `expect = "200"`: a message that is waited for, and what else may come.

use crate::faults::Faults;
use crate::limits;
use crate::model::traffic::{Branch, Expect, Expected, Test};
use crate::read::{At, Name, Read, Text, shorten};
use crate::shape::{Leaf, Shape};
use crate::source::Span;
use crate::traffic_file::Compiler;
use crate::traffic_file::headers::is_token;
use crate::traffic_file::step::StepSettings;
use crate::tree::{Node, Value};
use acd::Duration;

/// How long a message may take unless the file says so: as long as a proxy lets a call ring
/// (RFC 3261 §16.6, timer C). A request without any answer fails earlier, by timers B and F.
pub(crate) const WITHIN: Duration = Duration::from_secs(180);

/// The shortest time that a message may be waited for.
const WITHIN_LEAST: Duration = Duration(10_000);

settings! {
    /// What else may come instead of an expected message.
    pub(crate) struct BranchSettings {
        /// A response with this status, such as `486` or `5xx`.
        status: Option<At<Statuses>>,
        /// A response with this header.
        header: Option<At<Text>>,
        /// A text in that header, anywhere, in upper or lower case.
        contains: Option<At<Text>>,
        /// Nothing comes in time.
        timed_out: Option<At<bool>>,
        /// The target hangs up.
        bye: Option<At<bool>>,
        /// The step where the call goes on.
        to: At<Name>,
    }
}

/// Statuses: one, or a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Statuses {
    low: u16,
    high: u16,
}

const STATUS_FORM: &str = "expected a status such as `180`, or a class from `1xx` to `6xx`";

impl Statuses {
    fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let [class @ b'1'..=b'6', rest @ ..] = bytes else { return None };
        let low = u16::from(class - b'0') * 100;
        match rest {
            b"xx" | b"XX" => Some(Self { low, high: low + 99 }),
            [b'0'..=b'9', b'0'..=b'9'] => {
                let status = text.parse().ok()?;
                Some(Self { low: status, high: status })
            }
            _ => None,
        }
    }

    /// Takes a text or a whole number for statuses.
    fn of(node: &Node) -> Option<Self> {
        match &node.value {
            Value::Text(text) => Self::parse(text.trim()),
            Value::Integer(number) => Self::parse(&number.to_string()),
            Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::List(_)
            | Value::Table(_) => None,
        }
    }

    fn shape_of(example: &'static str) -> Shape {
        let number = Shape::Leaf(Leaf::Integer { least: 100, most: 699 });
        Shape::Either(vec![Shape::Leaf(Leaf::Form(example)), number])
    }

    /// Returns whether all of `other` is here.
    fn covers(self, other: Self) -> bool {
        self.low <= other.low && other.high <= self.high
    }
}

/// Says that something is no status.
fn refuse<'f>(node: &Node, expected: &str, faults: &'f mut Faults) -> &'f mut crate::faults::Fault {
    let found = match &node.value {
        Value::Text(text) => format!("`{}` is not a status", shorten(text)),
        Value::Integer(number) => format!("{} is not a status", shorten(&number.to_string())),
        other @ (Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::List(_)
        | Value::Table(_)) => format!("expected a status, found {}", other.kind()),
    };
    faults.error(node.span, found).label(expected)
}

impl Read for Statuses {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let statuses = Self::of(node);
        if statuses.is_none() {
            refuse(node, STATUS_FORM, faults);
        }
        statuses
    }

    fn shape() -> Shape {
        Self::shape_of("486")
    }
}

/// A message that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExpectedMessage(pub(crate) Expected);

impl Read for ExpectedMessage {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        if node.value.as_text() == Some("BYE") {
            return Some(Self(Expected::Bye));
        }
        let statuses = Statuses::of(node);
        if statuses.is_none() {
            let expected = "expected a status such as `180`, a class such as `2xx`, or `BYE`";
            let fault = refuse(node, expected, faults);
            if let Some(text) = node.value.as_text() {
                fault.suggest(text, ["BYE"]);
            }
        }
        statuses.map(|Statuses { low, high }| Self(Expected::Status { low, high }))
    }

    fn shape() -> Shape {
        Statuses::shape_of("200")
    }
}

impl Compiler<'_> {
    /// Turns a step into what is waited for.
    pub(crate) fn expect(
        &mut self,
        what: &At<ExpectedMessage>,
        step: &StepSettings,
    ) -> Option<Expect> {
        let within = self.within(step.within);
        let branches = &step.branch;
        self.resolver.within(
            branches.value.len(),
            limits::LOAD_BRANCHES,
            "branches",
            branches.span,
        )?;
        let tests: Vec<_> = branches.value.iter().map(|branch| self.branch(branch)).collect();
        self.covered_branches(&branches.value);
        self.covered_message(what, &branches.value);
        Some(Expect {
            what: what.value.0,
            within: within?,
            is_optional: step.optional.is_some_and(|optional| optional.value),
            branches: tests.into_iter().collect::<Option<_>>()?,
        })
    }

    fn within(&mut self, within: Option<At<Duration>>) -> Option<Duration> {
        let Some(within) = within else { return Some(WITHIN) };
        let most = Duration::from_secs(limits::LENGTH_HOURS * 3600);
        if (WITHIN_LEAST..=most).contains(&within.value) {
            return Some(within.value);
        }
        let size = if within.value > most { "too long" } else { "too short" };
        let fault = self.resolver.faults.error(within.span, format!("this time is {size}"));
        fault.label(format!("expected from {WITHIN_LEAST} to {} hours", limits::LENGTH_HOURS));
        None
    }

    fn branch(&mut self, branch: &At<BranchSettings>) -> Option<Branch> {
        let to = self.step(&branch.value.to);
        let test = self.test(branch);
        Some(Branch { test: test?, to: to? })
    }

    fn test(&mut self, branch: &At<BranchSettings>) -> Option<Test> {
        let BranchSettings { status, header, contains, timed_out, bye, .. } = &branch.value;
        for flag in [timed_out, bye].into_iter().flatten() {
            if !flag.value {
                let fault = self.resolver.faults.error(flag.span, "this branch is never taken");
                fault.label("expected `true`, or no such branch");
                return None;
            }
        }
        match (status, header, timed_out, bye) {
            (Some(status), None, None, None) if contains.is_none() => {
                let Statuses { low, high } = status.value;
                Some(Test::Status { low, high })
            }
            (None, Some(header), None, None) => self.header_test(header, contains.as_ref()),
            (None, None, Some(_), None) if contains.is_none() => Some(Test::TimedOut),
            (None, None, None, Some(_)) if contains.is_none() => Some(Test::Bye),
            (_, _, _, _) => {
                let fault = self.resolver.faults.error(branch.span, "a branch asks one question");
                fault.label(
                    "expected one of `status`, `header` (with or without `contains`), `timed_out`, \
                     `bye`",
                );
                None
            }
        }
    }

    fn header_test(&mut self, name: &At<Text>, contains: Option<&At<Text>>) -> Option<Test> {
        if !is_token(&name.value.0) {
            let message = format!("`{}` is not the name of a header", shorten(&name.value.0));
            let fault = self.resolver.faults.error(name.span, message);
            fault.label("expected letters, digits and `-`, such as `X-Queue`");
            return None;
        }
        let text = contains.map_or("", |text| &text.value.0);
        if let Some(contains) = contains.filter(|_| text.len() as u64 > limits::LOAD_TEXT) {
            let fault = self.resolver.faults.error(contains.span, "the text is too long");
            fault.label(format!("expected at most {} bytes", limits::LOAD_TEXT));
            return None;
        }
        Some(Test::Header { name: name.value.0.clone(), contains: text.to_owned() })
    }

    /// Says where a branch takes every message that the step waits for.
    fn covered_message(&mut self, what: &At<ExpectedMessage>, branches: &[At<BranchSettings>]) {
        let waits_for_bye = what.value.0 == Expected::Bye;
        let covers = |branch: &BranchSettings| match (what.value.0, branch.status) {
            (Expected::Status { low, high }, Some(status)) => {
                status.value.covers(Statuses { low, high })
            }
            (Expected::Status { .. } | Expected::Bye, _) => waits_for_bye && branch.bye.is_some(),
        };
        if branches.iter().any(|branch| covers(&branch.value)) {
            let fault = self.resolver.faults.error(what.span, "a branch takes this message");
            fault.label("branches are asked first: the step after this one is never next");
        }
    }

    /// Says which branches are never looked at because one before them takes all that they would.
    fn covered_branches(&mut self, branches: &[At<BranchSettings>]) {
        let mut seen: Vec<Statuses> = Vec::new();
        let mut flags: [Option<Span>; 2] = [None, None];
        for branch in branches {
            let settings = &branch.value;
            let is_covered = if let Some(status) = settings.status {
                let is_covered = seen.iter().any(|before| before.covers(status.value));
                seen.push(status.value);
                is_covered.then_some(status.span)
            } else {
                let given = [settings.timed_out, settings.bye];
                given.iter().zip(&mut flags).find_map(|(flag, before)| {
                    let span = flag.filter(|flag| flag.value).map(|flag| flag.span)?;
                    before.replace(span).map(|_| span)
                })
            };
            if let Some(span) = is_covered {
                let fault = self.resolver.faults.error(span, "this branch is never taken");
                fault.label("one before it takes all that it would: the first that fits counts");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_three_digits_or_a_class() {
        assert_eq!(Statuses::parse("180"), Some(Statuses { low: 180, high: 180 }));
        assert_eq!(Statuses::parse("5xx"), Some(Statuses { low: 500, high: 599 }));
        for text in ["", "99", "7xx", "700", "2x", "2xx ", "20", "2000", "+20", "OK", "xxx"] {
            assert_eq!(Statuses::parse(text), None, "{text}");
        }
    }
}

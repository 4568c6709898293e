//! `summary.json`: the contract with scripts and CI.
//!
//! Beyond the scopes themselves, `kpis.attempt` holds the figures by kind of attempt
//! (`{"redial": {"all": {…}, "contact": {"sales": {…}}}}`, the kinds that occurred), and `kpis."contact,agents"` the
//! pairs asked for (`{"sales,north": {…}}`). Service level at further times stands in its `at`
//! (`{"30s": {"of-offered": {…}, …}}`). Intervals have `start_s` and `end_s`; the time after the close is marked
//! `"after_close": true` and has no `end_s`. Numbers are in their shortest exact form.

use super::{ScopeKind, digits, scope_name};
use crate::Context;
use crate::summary::{
    Estimate, Figure, GateResult, IntervalFigures, ScopeFigures, ServiceAt, ServiceFigures, Summary,
};
use acd::kpi::ServiceLevelDefinition;
use acd::{AttemptKind, Duration, Timestamp};
use std::borrow::Cow;
use std::io;

/// Returns the summary as JSON, ending in a newline.
#[must_use]
pub fn json(context: &Context, summary: &Summary) -> String {
    let mut bytes = Vec::new();
    write_json(context, summary, &mut bytes).expect("a vector takes every byte");
    String::from_utf8(bytes).expect("only text was written")
}

/// Writes the summary as JSON bit by bit: a year of half-hours is more than a hundred megabytes.
///
/// # Errors
/// Those of `to`.
pub fn write_json(context: &Context, summary: &Summary, to: &mut dyn io::Write) -> io::Result<()> {
    let mut out = Writer::new(to);
    out.object(|out| {
        out.field("schema", |out| out.raw("1"));
        out.field("version", |out| out.text(summary.version));
        out.field("mode", |out| out.text(context.mode));
        out.field("scenario", |out| {
            out.inline(|out| {
                out.field("title", |out| out.text(&context.title));
                out.field("file", |out| out.text(&context.file));
                out.field("hash", |out| out.text(&context.hash));
            });
        });
        out.field("seed", |out| out.raw(&context.seed.to_string()));
        out.field("replications", |out| out.raw(&summary.replications.to_string()));
        out.field("valid", |out| out.raw(if summary.valid { "true" } else { "false" }));
        out.field("kpis", |out| scopes(out, context, &summary.kpis));
        out.field("intervals", |out| {
            out.list(summary.intervals(), |out, interval| write_interval(out, context, &interval));
        });
        out.field("gate", |out| out.list(&summary.gate, write_gate));
        out.field("laws", |out| {
            out.inline(|out| {
                out.field("checked", |out| out.raw(&summary.laws.checked.to_string()));
                out.field("broken", |out| {
                    out.inline_list(&summary.laws.broken, |out, law| out.text(law))
                });
            });
        });
        if let Some(load) = summary.load() {
            out.field("load", |out| super::load::write_json(out, load));
        }
    });
    out.raw("\n");
    out.finish()
}

/// Writes scopes by kind, each by name, then kinds of attempts.
fn scopes(out: &mut Writer<'_>, context: &Context, figures: &[ScopeFigures]) {
    out.object(|out| {
        kinds(out, context, figures, None);
        let by_attempt = |kind| figures.iter().filter(move |f| f.selector.attempt == Some(kind));
        if figures.iter().any(|f| f.selector.attempt.is_some()) {
            out.field("attempt", |out| {
                out.object(|out| {
                    for kind in
                        AttemptKind::ALL.into_iter().filter(|k| by_attempt(*k).next().is_some())
                    {
                        out.field(kind.name(), |out| {
                            out.object(|out| kinds(out, context, figures, Some(kind)));
                        });
                    }
                });
            });
        }
    });
}

fn kinds(
    out: &mut Writer<'_>,
    context: &Context,
    figures: &[ScopeFigures],
    attempt: Option<AttemptKind>,
) {
    for kind in ScopeKind::ALL {
        let of_kind: Vec<&ScopeFigures> = figures
            .iter()
            .filter(|f| f.selector.attempt == attempt && ScopeKind::of(f.selector) == kind)
            .collect();
        // Queues, contacts, groups and sites always have their place, pairs and attempts only when there are any.
        let is_named = !matches!(kind, ScopeKind::All | ScopeKind::Pair);
        if of_kind.is_empty() && (attempt.is_some() || !is_named) {
            continue;
        }
        out.field(kind.key(), |out| {
            if let (ScopeKind::All, Some(all)) = (kind, of_kind.first()) {
                return scope(out, all);
            }
            out.object(|out| {
                for figures in of_kind {
                    let name = scope_name(context, figures.selector.scope);
                    out.named(&name, |out| scope(out, figures));
                }
            });
        });
    }
}

fn scope(out: &mut Writer<'_>, figures: &ScopeFigures) {
    let mut service = figures.service.as_ref();
    out.object(|out| {
        for figure in &figures.figures {
            // Service level stands at its place in the table of keys.
            if figure.kpi > acd::kpi::Kpi::ServiceLevel
                && let Some(service) = service.take()
            {
                write_service(out, service);
            }
            out.field(&figure_key(figure), |out| write_figure(out, figure));
        }
        if let Some(service) = service {
            write_service(out, service);
        }
    });
}

/// Returns a figure's key, with its time in braces: `p_wait_gt{20s}`.
pub(crate) fn figure_key(figure: &Figure) -> Cow<'static, str> {
    match figure.threshold {
        Some(threshold) => format!("{}{{{threshold}}}", figure.kpi.key()).into(),
        None => figure.kpi.key().into(),
    }
}

const NOT_OBSERVED: &str = "not_observed";

fn write_figure(out: &mut Writer<'_>, figure: &Figure) {
    out.inline(|out| match figure.estimate {
        Some(estimate) => write_estimate(out, estimate),
        None => out.field(NOT_OBSERVED, |out| out.raw("true")),
    });
}

fn write_estimate(out: &mut Writer<'_>, estimate: Estimate) {
    out.field("mean", |out| out.number(estimate.mean));
    out.field("ci95", |out| match estimate.ci95 {
        Some((low, high)) => out.inline_list([low, high], Writer::number),
        None => out.raw("null"),
    });
    if let Some(mean_of_days) = estimate.mean_of_days {
        out.field("mean_of_days", |out| out.number(mean_of_days));
    }
}

fn write_service(out: &mut Writer<'_>, service: &ServiceFigures) {
    let Some(own) = &service.own else { return };
    // A service level of no call is absent.
    let Some(chosen) = own.by(service.definition) else { return };
    out.field(acd::kpi::Kpi::ServiceLevel.key(), |out| {
        out.inline(|out| {
            write_estimate(out, chosen);
            out.field("definition", |out| out.text(service.definition.name()));
            out.field("threshold_s", |out| match own.threshold {
                Some(threshold) => out.seconds(threshold),
                None => out.raw("null"),
            });
            out.field("by_definition", |out| by_definition(out, own));
            if !service.further.is_empty() {
                out.field("at", |out| {
                    out.inline(|out| {
                        for at in &service.further {
                            let key = at.threshold.unwrap_or_default().to_string();
                            out.field(&key, |out| by_definition(out, at));
                        }
                    });
                });
            }
        });
    });
}

fn by_definition(out: &mut Writer<'_>, at: &ServiceAt) {
    out.inline(|out| {
        for definition in ServiceLevelDefinition::ALL {
            if let Some(estimate) = at.by(definition) {
                out.field(definition.name(), |out| out.inline(|out| write_estimate(out, estimate)));
            }
        }
    });
}

fn write_interval(out: &mut Writer<'_>, context: &Context, interval: &IntervalFigures) {
    out.object(|out| {
        out.field("start_s", |out| out.seconds(interval.start.since(Timestamp::ZERO)));
        match interval.end {
            None => out.field("after_close", |out| out.raw("true")),
            Some(end) => out.field("end_s", |out| out.seconds(end.since(Timestamp::ZERO))),
        }
        out.field("kpis", |out| scopes(out, context, &interval.kpis));
    });
}

fn write_gate(out: &mut Writer<'_>, result: &GateResult) {
    out.inline(|out| {
        out.field("text", |out| out.text(&result.text));
        out.field("passed", |out| out.raw(if result.passed { "true" } else { "false" }));
        out.field("value", |out| match result.value {
            Some(value) => out.number(value),
            None => out.raw("null"),
        });
        if let Some(reason) = &result.reason {
            out.field("reason", |out| out.text(reason));
        }
    });
}

/// Writes JSON without holding it as a tree: 500 queues by 28 intervals are a million numbers.
pub(super) struct Writer<'a> {
    to: &'a mut dyn io::Write,
    /// What was not handed on yet.
    bytes: Vec<u8>,
    /// The first fault of `to`; nothing is handed on after it.
    fault: io::Result<()>,
    depth: usize,
    /// Within an object or list kept on one line.
    inline: usize,
    /// Whether something stands already in the innermost object or list.
    has_items: bool,
}

impl<'a> Writer<'a> {
    fn new(to: &'a mut dyn io::Write) -> Self {
        Self { to, bytes: Vec::new(), fault: Ok(()), depth: 0, inline: 0, has_items: false }
    }

    fn finish(mut self) -> io::Result<()> {
        self.hand_on();
        self.fault
    }

    fn hand_on(&mut self) {
        if self.fault.is_ok() {
            self.fault = self.to.write_all(&self.bytes);
        }
        self.bytes.clear();
    }

    pub(super) fn raw(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(super) fn text(&mut self, text: &str) {
        serde_json::to_writer(&mut self.bytes, text).expect("a vector takes every byte");
    }

    /// Writes a number in its shortest form; what is no number, as `null`.
    pub(super) fn number(&mut self, number: f64) {
        if let Some(count) = digits::count(number) {
            digits::push_count(&mut self.bytes, count);
            self.raw(".0");
        } else {
            serde_json::to_writer(&mut self.bytes, &number).expect("a vector takes every byte");
        }
    }

    /// Writes that a value was not observed.
    pub(super) fn not_observed(&mut self) {
        self.inline(|out| out.field(NOT_OBSERVED, |out| out.raw("true")));
    }

    /// Writes seconds, without a fraction where there is none.
    pub(super) fn seconds(&mut self, duration: Duration) {
        if duration.0.is_multiple_of(acd::SECOND) {
            self.raw(&(duration.0 / acd::SECOND).to_string());
        } else {
            self.number(duration.as_secs());
        }
    }

    fn enclosed(
        &mut self,
        [open, close]: [&str; 2],
        inline: bool,
        content: impl FnOnce(&mut Self),
    ) {
        self.raw(open);
        let had_items = std::mem::replace(&mut self.has_items, false);
        self.depth += 1;
        self.inline += usize::from(inline);
        content(self);
        self.depth -= 1;
        if self.has_items && self.inline == 0 {
            self.new_line();
        }
        self.inline -= usize::from(inline);
        self.has_items = had_items;
        self.raw(close);
    }

    fn new_line(&mut self) {
        const HAND_ON_AT: usize = 1 << 16;
        if self.bytes.len() >= HAND_ON_AT {
            self.hand_on();
        }
        self.raw("\n");
        self.bytes.extend(std::iter::repeat_n(b' ', self.depth));
    }

    fn next_item(&mut self) {
        let is_first = !std::mem::replace(&mut self.has_items, true);
        if !is_first {
            self.raw(",");
        }
        if self.inline == 0 {
            self.new_line();
        } else if !is_first {
            self.raw(" ");
        }
    }

    pub(super) fn object(&mut self, content: impl FnOnce(&mut Self)) {
        self.enclosed(["{", "}"], false, content);
    }

    pub(super) fn inline(&mut self, content: impl FnOnce(&mut Self)) {
        self.enclosed(["{", "}"], true, content);
    }

    /// Writes a field whose key is one of ours: it holds nothing to be escaped.
    pub(super) fn field(&mut self, key: &str, value: impl FnOnce(&mut Self)) {
        self.next_item();
        self.raw("\"");
        self.raw(key);
        self.raw("\": ");
        value(self);
    }

    /// Writes a field whose key is a name out of the scenario.
    pub(super) fn named(&mut self, name: &str, value: impl FnOnce(&mut Self)) {
        self.next_item();
        self.text(name);
        self.raw(": ");
        value(self);
    }

    fn list<T>(&mut self, items: impl IntoIterator<Item = T>, write: impl Fn(&mut Self, T)) {
        self.enclosed(["[", "]"], false, |out| {
            for item in items {
                out.next_item();
                write(out, item);
            }
        });
    }

    pub(super) fn inline_list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        write: impl Fn(&mut Self, T),
    ) {
        self.inline += 1;
        self.list(items, write);
        self.inline -= 1;
    }
}

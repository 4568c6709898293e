//! `intervals.csv`: every figure of every interval, one line each.

use super::{ScopeKind, digits, json::figure_key, scope_name};
use crate::log::safe_for_spreadsheets;
use crate::summary::{Estimate, ScopeFigures, Summary};
use crate::{Context, Span};
use acd::kpi::{Kpi, ServiceLevelDefinition};
use std::io;

/// Returns the intervals as CSV; see [`write_intervals_csv`].
#[must_use]
pub fn intervals_csv(context: &Context, summary: &Summary) -> String {
    let mut bytes = Vec::new();
    write_intervals_csv(context, summary, &mut bytes).expect("a vector takes every byte");
    String::from_utf8(bytes).expect("only text was written")
}

/// Writes the intervals as CSV, bit by bit: `start_s,clock,span,scope,name,kpi,mean,low95,high95`.
///
/// `clock` is local time, `span` is `interval` or `after_close`. Besides `service_level` by the definition in
/// use, each definition has its line
/// (`service_level{of-offered}`), and each further time (`service_level{within=30s}`). Figures not observed have the mean `not observed`.
///
/// # Errors
/// Those of `to`.
pub fn write_intervals_csv(
    context: &Context,
    summary: &Summary,
    to: &mut dyn io::Write,
) -> io::Result<()> {
    let mut rows = Rows { to, place: Vec::new(), lines: Vec::new() };
    rows.push("start_s,clock,span,scope,name,kpi,mean,low95,high95\n");
    for interval in summary.intervals() {
        let start = super::number(interval.start.as_secs());
        let clock = super::clock(context, interval.start);
        let span = if interval.span == Span::AfterClose { "after_close" } else { "interval" };
        for scope in &interval.kpis {
            let name = scope_name(context, scope.selector.scope);
            let kind = ScopeKind::of(scope.selector).key();
            rows.enter([&*start, &*clock, span, kind, &*safe_for_spreadsheets(&name)])?;
            rows.scope(scope);
            rows.hand_on()?;
        }
    }
    rows.hand_on()?;
    rows.to.flush()
}

/// The rows of one place at a time. What is the same in every row of a place is quoted once: a long run has millions.
struct Rows<'a> {
    to: &'a mut dyn io::Write,
    /// The first five fields, each with its comma.
    place: Vec<u8>,
    /// Lines that were not handed on yet.
    lines: Vec<u8>,
}

impl Rows<'_> {
    /// Begins the rows of a place.
    fn enter(&mut self, place: [&str; 5]) -> io::Result<()> {
        self.place.clear();
        let mut writer = ::csv::WriterBuilder::new()
            .terminator(::csv::Terminator::Any(b','))
            .buffer_capacity(256)
            .from_writer(&mut self.place);
        writer.write_record(place)?;
        writer.flush()
    }

    fn hand_on(&mut self) -> io::Result<()> {
        self.to.write_all(&self.lines)?;
        self.lines.clear();
        Ok(())
    }

    fn push(&mut self, text: &str) {
        self.lines.extend_from_slice(text.as_bytes());
    }

    fn scope(&mut self, scope: &ScopeFigures) {
        let key = Kpi::ServiceLevel.key();
        if let Some(service) = &scope.service {
            if let Some(own) = &service.own {
                self.level(&[key], own.by(service.definition));
                for definition in ServiceLevelDefinition::ALL {
                    self.level(&[key, "{", definition.name(), "}"], own.by(definition));
                }
            }
            for at in &service.further {
                let within = at.threshold.unwrap_or_default().to_string();
                self.level(&[key, "{within=", &within, "}"], at.by(service.definition));
            }
        }
        for figure in &scope.figures {
            self.figure(&[&figure_key(figure)], figure.estimate);
        }
    }

    /// Writes a service level, unless it is one of no call.
    fn level(&mut self, key: &[&str], level: Option<Estimate>) {
        if level.is_some() {
            self.figure(key, level);
        }
    }

    /// Writes a row; its key comes in parts. Keys and numbers hold nothing that would need quotes.
    fn figure(&mut self, key: &[&str], figure: Option<Estimate>) {
        self.lines.extend_from_slice(&self.place);
        key.iter().for_each(|part| self.push(part));
        match figure {
            Some(estimate) => {
                let (low, high) = estimate.ci95.unzip();
                for number in [Some(estimate.mean), low, high] {
                    self.push(",");
                    number
                        .into_iter()
                        .for_each(|number| digits::push_shortest(&mut self.lines, number));
                }
            }
            None => self.push(",not observed,,"),
        }
        self.push("\n");
    }
}

//! `intervals.csv`: every figure of every interval, one line each.

use super::{ScopeKind, json::figure_key, scope_name};
use crate::log::safe_for_spreadsheets;
use crate::summary::{Estimate, ScopeFigures, Summary};
use crate::{Context, Span};
use acd::kpi::{Kpi, ServiceLevelDefinition};
use std::fmt::Write as _;
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
    let mut rows = Rows { writer: ::csv::Writer::from_writer(to), number: String::new() };
    let header = ["start_s", "clock", "span", "scope", "name", "kpi", "mean", "low95", "high95"];
    rows.writer.write_record(header)?;
    for interval in &summary.intervals {
        let start = super::number(interval.start.as_secs());
        let clock = super::clock(context, interval.start);
        let span = if interval.span == Span::AfterClose { "after_close" } else { "interval" };
        for scope in &interval.kpis {
            let name = scope_name(context, scope.selector.scope);
            let kind = ScopeKind::of(scope.selector).key();
            let place = [&*start, &*clock, span, kind, &*safe_for_spreadsheets(&name)];
            rows.scope(place, scope)?;
        }
    }
    rows.writer.flush()
}

/// The rows, and room to write a number in: a long run has millions.
struct Rows<'a> {
    writer: ::csv::Writer<&'a mut dyn io::Write>,
    number: String,
}

impl Rows<'_> {
    fn scope(&mut self, place: [&str; 5], scope: &ScopeFigures) -> io::Result<()> {
        let key = Kpi::ServiceLevel.key();
        if let Some(service) = &scope.service {
            if let Some(own) = &service.own {
                self.level(place, key, own.by(service.definition))?;
                for definition in ServiceLevelDefinition::ALL {
                    let key = format!("{key}{{{}}}", definition.name());
                    self.level(place, &key, own.by(definition))?;
                }
            }
            for at in &service.further {
                let within = at.threshold.unwrap_or_default();
                let key = format!("{key}{{within={within}}}");
                self.level(place, &key, at.by(service.definition))?;
            }
        }
        for figure in &scope.figures {
            self.figure(place, &figure_key(figure), figure.estimate)?;
        }
        Ok(())
    }

    /// Writes a service level, unless it is one of no call.
    fn level(&mut self, place: [&str; 5], key: &str, level: Option<Estimate>) -> io::Result<()> {
        if level.is_some() { self.figure(place, key, level) } else { Ok(()) }
    }

    fn figure(&mut self, place: [&str; 5], key: &str, figure: Option<Estimate>) -> io::Result<()> {
        for field in place {
            self.writer.write_field(field)?;
        }
        self.writer.write_field(key)?;
        match figure {
            Some(estimate) => {
                self.field(Some(estimate.mean))?;
                let (low, high) = estimate.ci95.unzip();
                self.field(low)?;
                self.field(high)?;
            }
            None => ["not observed", "", ""].iter().try_for_each(|f| self.writer.write_field(f))?,
        }
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Writes a number, or nothing.
    fn field(&mut self, number: Option<f64>) -> io::Result<()> {
        self.number.clear();
        if let Some(number) = number {
            let _ = write!(self.number, "{number}");
        }
        self.writer.write_field(&self.number)?;
        Ok(())
    }
}

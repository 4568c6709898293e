//! `intervals.csv`: every figure of every interval, one line each.

use super::{ScopeKind, json::figure_key, scope_name};
use crate::log::safe_for_spreadsheets;
use crate::summary::{Estimate, ScopeFigures, Summary};
use crate::{Context, Span};
use acd::kpi::{Kpi, ServiceLevelDefinition};

type Writer = ::csv::Writer<Vec<u8>>;

/// Writes the intervals as CSV: `start_s,clock,span,scope,name,kpi,mean,low95,high95`.
///
/// `clock` is local time, `span` is `interval` or `after_close`. Besides `service_level` by the definition in
/// use, each definition has its line
/// (`service_level{of-offered}`), and each further time (`service_level{within=30s}`). Figures not observed have the mean `not observed`.
#[must_use]
pub fn intervals_csv(context: &Context, summary: &Summary) -> String {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let header = ["start_s", "clock", "span", "scope", "name", "kpi", "mean", "low95", "high95"];
    write(&mut writer, header.map(str::to_owned));
    for interval in &summary.intervals {
        let start = interval.start;
        let span = if interval.span == Span::AfterClose { "after_close" } else { "interval" };
        let clock = super::clock(context, start);
        for scope in &interval.kpis {
            let kind = ScopeKind::of(scope.selector).key();
            let name = scope_name(context, scope.selector.scope);
            let prefix = [
                super::number(start.as_secs()),
                clock.clone(),
                span.to_owned(),
                kind.to_owned(),
                safe_for_spreadsheets(&name).into_owned(),
            ];
            write_scope(&mut writer, &prefix, scope);
        }
    }
    let bytes = writer.into_inner().expect("a vector takes every byte");
    String::from_utf8(bytes).expect("only text was written")
}

fn write_scope(writer: &mut Writer, prefix: &[String; 5], scope: &ScopeFigures) {
    if let Some(service) = &scope.service {
        let key = Kpi::ServiceLevel.key();
        let mut write_level = |key: &str, estimate: Option<Estimate>| {
            if estimate.is_some() {
                write_figure(writer, prefix, key, estimate);
            }
        };
        if let Some(own) = &service.own {
            write_level(key, own.by(service.definition));
            for definition in ServiceLevelDefinition::ALL {
                write_level(&format!("{key}{{{}}}", definition.name()), own.by(definition));
            }
        }
        for at in &service.further {
            let within = at.threshold.unwrap_or_default();
            write_level(&format!("{key}{{within={within}}}"), at.by(service.definition));
        }
    }
    for figure in &scope.figures {
        write_figure(writer, prefix, &figure_key(figure), figure.estimate);
    }
}

fn write_figure(writer: &mut Writer, prefix: &[String; 5], key: &str, estimate: Option<Estimate>) {
    let [start, clock, span, kind, name] = prefix.clone();
    let (mean, low, high) = match estimate {
        Some(estimate) => {
            let (low, high) = estimate.ci95.unzip();
            let bound = |bound: Option<f64>| bound.map(super::number).unwrap_or_default();
            (super::number(estimate.mean), bound(low), bound(high))
        }
        None => ("not observed".to_owned(), String::new(), String::new()),
    };
    write(writer, [start, clock, span, kind, name, key.to_owned(), mean, low, high]);
}

fn write(writer: &mut Writer, fields: [String; 9]) {
    writer.write_record(fields).expect("a vector takes every byte");
}

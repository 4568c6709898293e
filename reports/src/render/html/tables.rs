//! The tables: every figure by part of the centre, and the intervals one by one.

use crate::Context;
use crate::render::json::figure_key;
use crate::render::words::{self, escape};
use crate::render::{ScopeKind, clock, scope_name};
use crate::summary::{Estimate, ScopeFigures, Summary};
use crate::{Figure, Span};
use acd::kpi::{Kpi, Selector, ServiceLevelDefinition};

/// The most parts of the centre set side by side; the files have them all.
const COLUMNS_MAX: usize = 12;

/// Writes the tables.
pub(super) fn write(page: &mut String, context: &Context, summary: &Summary) {
    write_intervals(page, context, summary);
    page.push_str("<section>\n<h2>All figures</h2>\n");
    for kind in ScopeKind::ALL {
        let scopes: Vec<&ScopeFigures> = summary
            .kpis
            .iter()
            .filter(|scope| {
                scope.selector.attempt.is_none() && ScopeKind::of(scope.selector) == kind
            })
            .collect();
        write_scopes(page, context, kind, &scopes);
    }
    write_attempts(page, context, summary);
    page.push_str("</section>\n");
}

fn heading(kind: ScopeKind) -> &'static str {
    match kind {
        ScopeKind::All => "The whole centre",
        ScopeKind::Queue => "By queue",
        ScopeKind::Contact => "By contact",
        ScopeKind::Agents => "By agent group",
        ScopeKind::Site => "By site",
        ScopeKind::Pair => "By contact and group",
    }
}

fn write_scopes(page: &mut String, context: &Context, kind: ScopeKind, scopes: &[&ScopeFigures]) {
    if scopes.is_empty() {
        return;
    }
    let open = if matches!(kind, ScopeKind::All | ScopeKind::Queue) { " open" } else { "" };
    page.push_str(&format!("<details{open}>\n<summary>{}</summary>\n", heading(kind)));
    let names = scopes.iter().map(|scope| scope_name(context, scope.selector.scope));
    write_table(page, &names.collect::<Vec<_>>(), scopes);
    page.push_str("</details>\n");
}

fn write_attempts(page: &mut String, context: &Context, summary: &Summary) {
    let scopes: Vec<&ScopeFigures> = summary
        .kpis
        .iter()
        .filter(|scope| {
            scope.selector.attempt.is_some() && scope.selector.scope == Selector::ALL.scope
        })
        .collect();
    if scopes.is_empty() {
        return;
    }
    page.push_str("<details>\n<summary>By kind of attempt</summary>\n");
    let name = |scope: &&ScopeFigures| {
        scope
            .selector
            .attempt
            .map_or_else(|| scope_name(context, scope.selector.scope), |k| k.name().to_owned())
    };
    write_table(page, &scopes.iter().map(name).collect::<Vec<_>>(), &scopes);
    page.push_str("</details>\n");
}

/// Writes figures as lines, parts of the centre as columns.
pub(in crate::render) fn write_table(
    page: &mut String,
    names: &[String],
    scopes: &[&ScopeFigures],
) {
    page.push_str("<div class=\"scroll\"><table>\n<thead><tr><th>figure</th>");
    for name in names.iter().take(COLUMNS_MAX) {
        page.push_str(&format!("<th>{}</th>", escape(name)));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for kpi in Kpi::ALL {
        if *kpi == Kpi::ServiceLevel {
            write_service(page, scopes);
            continue;
        }
        let has_line = |scope: &&&ScopeFigures| scope.figures.iter().any(|f| f.kpi == *kpi);
        let Some(first) = scopes.iter().find(has_line) else { continue };
        let lines: Vec<&Figure> = first.figures.iter().filter(|f| f.kpi == *kpi).collect();
        for line in lines {
            let cells = scopes.iter().map(|scope| match scope.line(*kpi, line.threshold) {
                Some(Figure { estimate: Some(estimate), .. }) => words::estimate(*kpi, *estimate),
                Some(Figure { estimate: None, .. }) => "not observed".to_owned(),
                None => String::new(),
            });
            write_line(page, &figure_key(line), kpi.meaning(), cells);
        }
    }
    page.push_str("</tbody>\n</table></div>\n");
    if scopes.len() > COLUMNS_MAX {
        let more = scopes.len() - COLUMNS_MAX;
        page.push_str(&format!("<p>… and {more} more in <code>summary.json</code>.</p>\n"));
    }
}

fn write_line(page: &mut String, key: &str, meaning: &str, cells: impl Iterator<Item = String>) {
    let (key, meaning) = (escape(key), escape(meaning));
    page.push_str(&format!("<tr><th scope=\"row\" title=\"{meaning}\">{key}</th>"));
    for cell in cells.take(COLUMNS_MAX) {
        page.push_str(&format!("<td>{}</td>", escape(&cell)));
    }
    page.push_str("</tr>\n");
}

/// Service level by the definition used, then by each; then at further times.
fn write_service(page: &mut String, scopes: &[&ScopeFigures]) {
    let text = |estimate: Option<Estimate>| {
        estimate.map(|e| words::estimate(Kpi::ServiceLevel, e)).unwrap_or_default()
    };
    if scopes.iter().all(|scope| scope.service.is_none()) {
        return;
    }
    let own = |scope: &&ScopeFigures| {
        let service = scope.service.as_ref();
        let at = service.and_then(|service| Some((service.own.as_ref()?, service.definition)));
        match at {
            Some((at, definition)) => {
                let within = at.threshold.map(|t| format!(" in {t}")).unwrap_or_default();
                format!("{}{within}, {}", text(at.by(definition)), definition.name())
            }
            None => String::new(),
        }
    };
    write_line(page, Kpi::ServiceLevel.key(), Kpi::ServiceLevel.meaning(), scopes.iter().map(own));
    for definition in ServiceLevelDefinition::ALL {
        let cells = scopes.iter().map(|scope| {
            let own = scope.service.as_ref().and_then(|service| service.own.as_ref());
            text(own.and_then(|at| at.by(definition)))
        });
        write_line(page, &format!("… {}", definition.name()), Kpi::ServiceLevel.meaning(), cells);
    }
    let mut times: Vec<_> = scopes
        .iter()
        .filter_map(|scope| scope.service.as_ref())
        .flat_map(|service| service.further.iter().filter_map(|at| at.threshold))
        .collect();
    times.sort_unstable();
    times.dedup();
    for time in times {
        let cells = scopes.iter().map(|scope| text(scope.figure(Kpi::ServiceLevel, Some(time))));
        let key = format!("{}{{within={time}}}", Kpi::ServiceLevel.key());
        write_line(page, &key, Kpi::ServiceLevel.meaning(), cells);
    }
}

/// What the table of intervals shows.
const BY_INTERVAL: [Kpi; 8] = [
    Kpi::Offered,
    Kpi::Answered,
    Kpi::Abandoned,
    Kpi::AbandonmentRate,
    Kpi::ServiceLevel,
    Kpi::Asa,
    Kpi::MeanWait,
    Kpi::Occupancy,
];

fn write_intervals(page: &mut String, context: &Context, summary: &Summary) {
    page.push_str("<section>\n<h2>Interval by interval</h2>\n<details open>\n<summary>The whole centre</summary>\n");
    page.push_str("<div class=\"scroll\"><table>\n<thead><tr><th>from</th>");
    for kpi in BY_INTERVAL {
        page.push_str(&format!("<th title=\"{}\">{}</th>", escape(kpi.meaning()), kpi.key()));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for (start, span, scope) in summary.intervals_of(Selector::ALL, &BY_INTERVAL) {
        let clock = match span {
            Span::AfterClose => "after the close".to_owned(),
            Span::Run | Span::Interval(_) => clock(context, start),
        };
        page.push_str(&format!("<tr><th scope=\"row\">{}</th>", escape(&clock)));
        for kpi in BY_INTERVAL {
            let text = scope.figure(kpi, None).map(|e| words::estimate(kpi, e)).unwrap_or_default();
            page.push_str(&format!("<td>{}</td>", escape(&text)));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table></div>\n</details>\n");
    write_missed(page, context, summary);
    page.push_str("</section>\n");
}

/// The intervals below the target, queue by queue: where the verdict's numbers stand.
fn write_missed(page: &mut String, context: &Context, summary: &Summary) {
    let verdict = crate::render::verdict::verdict(context, summary);
    for queue in verdict.queues.iter().filter(|queue| !queue.missed.is_empty()).take(COLUMNS_MAX) {
        let (count, target) = (queue.missed.len(), words::target(queue.target));
        let (name, of) = (escape(&queue.name), queue.intervals);
        page.push_str(&format!(
            "<details>\n<summary>{name}: {count} of {of} intervals miss {target}</summary>\n<div class=\"scroll\"><table>\n"
        ));
        page.push_str("<thead><tr><th>lowest first</th><th>service level</th><th>abandonment</th>");
        page.push_str("<th>mean wait</th><th>offered</th></tr></thead>\n<tbody>\n");
        for interval in &queue.missed {
            let cells = [
                (Kpi::ServiceLevel, Some(interval.level)),
                (Kpi::AbandonmentRate, interval.abandonment_rate),
                (Kpi::MeanWait, interval.mean_wait),
                (Kpi::Offered, interval.offered),
            ];
            page.push_str(&format!("<tr><th scope=\"row\">{}</th>", interval.clock));
            for (kpi, estimate) in cells {
                let text = estimate.map(|e| words::estimate(kpi, e)).unwrap_or_default();
                page.push_str(&format!("<td>{text}</td>"));
            }
            page.push_str("</tr>\n");
        }
        page.push_str("</tbody>\n</table></div>\n</details>\n");
    }
    write_split(page, &verdict.abandonment);
}

fn write_split(page: &mut String, abandonment: &crate::render::verdict::Abandonment) {
    let rate = |rate: Option<f64>| {
        rate.map_or_else(|| "no calls".to_owned(), |rate| words::value(Kpi::AbandonmentRate, rate))
    };
    let (missed, met) = (rate(abandonment.where_missed()), rate(abandonment.where_met()));
    page.push_str(&format!(
        "<p>Abandonment where the interval misses its queue's target: {missed}; where it is met: {met}.</p>\n"
    ));
}

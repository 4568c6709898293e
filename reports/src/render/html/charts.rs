//! The charts: calls, service level, waits and occupancy by interval, with what happened marked on each.

use super::plot::{self, Axis, Chart, Colour, Line, Shade, Time};
use crate::render::words::{self, escape};
use crate::render::{clock, scope_name};
use crate::summary::{Estimate, Summary};
use crate::{Context, Span};
use acd::Timestamp;
use acd::kpi::{Kpi, Scope, Selector};

/// The most queues that have a chart of their own.
const QUEUES_MAX: usize = 6;

/// Writes every chart.
pub(super) fn write(page: &mut String, context: &Context, summary: &Summary) {
    page.push_str("<section>\n<h2>Through the day</h2>\n");
    write_chart(page, context, &calls(context, summary));
    for chart in service_levels(context, summary) {
        write_chart(page, context, &chart);
    }
    write_chart(page, context, &waits(context, summary));
    write_chart(page, context, &occupancy(context, summary));
    if !context.marks.is_empty() {
        page.push_str("<ul class=\"marks\">\n");
        for (number, mark) in context.marks.iter().enumerate() {
            let (from, to) = (clock(context, mark.from), clock(context, mark.to));
            let (number, label) = (number + 1, escape(&mark.label));
            let when = if from == to { from } else { format!("{from}–{to}") };
            page.push_str(&format!("<li>{number}: {label}, {when}</li>\n"));
        }
        page.push_str("</ul>\n");
    }
    page.push_str("</section>\n");
}

/// Writes a chart twice, for a wide and for a narrow page: text in a shrunken picture cannot be read.
pub(in crate::render) fn write_chart(page: &mut String, context: &Context, chart: &Chart) {
    if chart.lines.iter().all(|line| line.steps.is_empty()) {
        return;
    }
    page.push_str(&format!("<figure>\n<h3>{}</h3>\n<figcaption>", escape(&chart.title)));
    for line in &chart.lines {
        let colour = line.colour.variable();
        let name = escape(&line.name);
        page.push_str(&format!(
            "<span class=\"key\"><i style=\"background:{colour}\"></i>{name}</span> "
        ));
    }
    if let Some((_, name)) = &chart.level {
        page.push_str(&format!(
            "<span class=\"key\"><i class=\"level\"></i>{}</span> ",
            escape(name)
        ));
    }
    page.push_str(&format!("{}</figcaption>\n", escape(&chart.note)));
    for (class, size) in [("wide", (1080, 300)), ("narrow", (390, 260))] {
        if let Ok(svg) = plot::draw(context, chart, size) {
            page.push_str(&format!("<div class=\"{class}\">{svg}</div>\n"));
        }
    }
    page.push_str("</figure>\n");
}

/// Reads a figure interval by interval: from, to, value, and its interval of confidence; hours as seconds of the run.
fn steps(context: &Context, summary: &Summary, selector: Selector, kpi: Kpi) -> Vec<plot::Step> {
    let mut steps = Vec::new();
    for (start, span, scope) in summary.intervals_of(selector, &[kpi]) {
        let Some(Estimate { mean, ci95, .. }) = scope.figure(kpi, None) else { continue };
        if span == Span::AfterClose {
            continue;
        }
        let to = start.after(context.interval).min(Timestamp(context.length.0));
        steps.push(plot::Step { from: start.as_secs(), to: to.as_secs(), value: mean, band: ci95 });
    }
    steps
}

fn line(
    context: &Context,
    summary: &Summary,
    selector: Selector,
    (kpi, name): (Kpi, &str),
    colour: Colour,
) -> Line {
    Line {
        name: name.to_owned(),
        colour,
        steps: steps(context, summary, selector, kpi),
        is_banded: false,
    }
}

fn calls(context: &Context, summary: &Summary) -> Chart {
    let of = |kpi, name, colour| line(context, summary, Selector::ALL, (kpi, name), colour);
    Chart {
        title: "Calls by interval".to_owned(),
        note: "mean per replication, by the interval in which they were offered".to_owned(),
        axis: Axis::Number,
        time: Time::Clock,
        lines: vec![
            of(Kpi::Offered, "offered", Colour::One),
            of(Kpi::Answered, "answered", Colour::Two),
            of(Kpi::Abandoned, "abandoned", Colour::Three),
        ],
        level: None,
    }
}

/// One chart for each queue with a target; for the centre where no queue has one.
fn service_levels(context: &Context, summary: &Summary) -> Vec<Chart> {
    let queues = context.queues.iter().enumerate().filter_map(|(number, queue)| {
        let target = queue.target?;
        let selector = Selector::of(Scope::Queue(acd::QueueId::new(number)));
        Some((selector, target, queue.definition))
    });
    queues
        .take(QUEUES_MAX)
        .map(|(selector, target, definition)| {
            let name = scope_name(context, selector.scope);
            let goal = words::target(target);
            let mut line =
                line(context, summary, selector, (Kpi::ServiceLevel, &name), Colour::One);
            line.is_banded = true;
            Chart {
                title: format!("Service level of {name} by interval"),
                note: format!("{}; shaded: 95% confidence", definition.name()),
                axis: Axis::Share,
                time: Time::Clock,
                lines: vec![line],
                level: Some((target.0, format!("target {goal}"))),
            }
        })
        .collect()
}

fn waits(context: &Context, summary: &Summary) -> Chart {
    let p90 = summary.figure(Kpi::WaitP90, None, Selector::ALL);
    let note = match p90 {
        Some(p90) => format!(
            "mean per interval; over the whole run 90% are answered within {}",
            words::estimate(Kpi::WaitP90, p90)
        ),
        None => "mean per interval".to_owned(),
    };
    let mut asa = line(context, summary, Selector::ALL, (Kpi::Asa, "answered (ASA)"), Colour::One);
    asa.is_banded = true;
    let all = line(context, summary, Selector::ALL, (Kpi::MeanWait, "all offered"), Colour::Three);
    Chart {
        title: "Waits by interval".to_owned(),
        note,
        axis: Axis::Seconds,
        time: Time::Clock,
        lines: vec![asa, all],
        level: p90.map(|p90| (p90.mean, "p90 of the run".to_owned())),
    }
}

fn occupancy(context: &Context, summary: &Summary) -> Chart {
    let mut all =
        line(context, summary, Selector::ALL, (Kpi::Occupancy, "all agents"), Colour::One);
    all.is_banded = true;
    let mut lines = vec![all];
    // With two groups their lines say more; with many they would only tangle.
    if context.groups.len() == 2 {
        for (number, colour) in [Colour::Two, Colour::Three].into_iter().enumerate() {
            let selector = Selector::of(Scope::Agents(acd::GroupId::new(number)));
            let name = context.groups[number].name.clone();
            lines.push(line(context, summary, selector, (Kpi::Occupancy, &name), colour));
        }
    }
    Chart {
        title: "Occupancy by interval".to_owned(),
        note:
            "talk, hold and after-call work ÷ time signed in and not away; shaded: 95% confidence"
                .to_owned(),
        axis: Axis::Share,
        time: Time::Clock,
        lines,
        level: None,
    }
}

/// The shades of what happened, by their beginning.
pub(super) fn shades(context: &Context) -> Vec<Shade> {
    let mut shades: Vec<Shade> = context
        .marks
        .iter()
        .enumerate()
        .map(|(number, mark)| Shade {
            from: mark.from.as_secs(),
            to: mark.to.as_secs(),
            number: number + 1,
            label: words::plain(&mark.label),
            is_action: mark.is_action,
        })
        .collect();
    shades.sort_by(|a, b| a.from.total_cmp(&b.from));
    shades
}

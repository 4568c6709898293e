//! The charts of a load run: calls, delays, what is up, and the generator's own lateness.

use crate::Context;
use crate::render::html::charts::write_chart;
use crate::render::html::plot::{Axis, Chart, Colour, Line, Step, Time};
use crate::summary::{IntervalFigures, Summary};
use crate::traffic::LoadReport;
use acd::Duration;
use acd::kpi::Kpi;

/// Writes every chart of which anything was seen.
pub(super) fn write(page: &mut String, context: &Context, summary: &Summary, load: &LoadReport) {
    let intervals: Vec<IntervalFigures> = summary.intervals().collect();
    // Calls go on after the last one was let in: the axis shows all of it.
    let length = Duration(load.end.0.max(1));
    let context = Context { length, ..context.clone() };
    page.push_str("<section>\n<h2>Through the run</h2>\n");
    let charts = [calls(&intervals), registrations(&intervals), delays(&intervals)];
    for chart in charts.into_iter().chain([in_progress(&intervals), lateness(&intervals)]) {
        write_chart(page, &context, &chart);
    }
    page.push_str("</section>\n");
}

/// A line of a figure; of counts, a second.
fn line(intervals: &[IntervalFigures], kpi: Kpi, name: &str, colour: Colour, rate: bool) -> Line {
    let step = |interval: &IntervalFigures| {
        let estimate = interval.kpis.first()?.figure(kpi, None)?;
        let (from, to) = (interval.start.as_secs(), interval.end?.as_secs());
        let value = if rate { estimate.mean / (to - from).max(1e-6) } else { estimate.mean };
        Some(Step { from, to, value, band: None })
    };
    let steps = intervals.iter().filter_map(step).collect();
    Line { name: name.to_owned(), colour, steps, is_banded: false }
}

fn chart(title: &str, note: &str, axis: Axis, lines: Vec<Line>) -> Chart {
    // Of a kind of traffic that there was none of, no line is drawn.
    let lines = lines.into_iter().filter(|line| !line.steps.is_empty()).collect();
    Chart {
        title: title.to_owned(),
        note: note.to_owned(),
        axis,
        time: Time::Elapsed,
        lines,
        level: None,
    }
}

fn calls(intervals: &[IntervalFigures]) -> Chart {
    let of = |kpi, name, colour| line(intervals, kpi, name, colour, true);
    let lines = vec![
        of(Kpi::Placed, "placed", Colour::One),
        of(Kpi::Established, "established", Colour::Two),
        of(Kpi::Failed, "failed", Colour::Three),
    ];
    chart("Calls a second", "by the moment it happened", Axis::Number, lines)
}

fn registrations(intervals: &[IntervalFigures]) -> Chart {
    let of = |kpi, name, colour| line(intervals, kpi, name, colour, true);
    let lines = vec![
        of(Kpi::Registered, "registrations accepted", Colour::One),
        of(Kpi::Pong, "OPTIONS answered", Colour::Two),
        of(Kpi::NotRegistered, "registrations failed", Colour::Three),
    ];
    chart("Registrations and OPTIONS a second", "by the moment it happened", Axis::Number, lines)
}

fn delays(intervals: &[IntervalFigures]) -> Chart {
    let of = |kpi, name, colour| line(intervals, kpi, name, colour, false);
    let lines = vec![
        of(Kpi::AnswerP50, "answer, half within", Colour::Two),
        of(Kpi::AnswerP99, "answer, 99% within", Colour::One),
        of(Kpi::RrdP99, "registering, 99% within", Colour::Three),
    ];
    chart("Delays", "answers from the moment a call was due", Axis::Delay, lines)
}

fn in_progress(intervals: &[IntervalFigures]) -> Chart {
    let lines = vec![line(intervals, Kpi::InProgressMax, "calls", Colour::One, false)];
    chart("Calls up at once", "most in each interval", Axis::Number, lines)
}

fn lateness(intervals: &[IntervalFigures]) -> Chart {
    let lines = vec![line(intervals, Kpi::StartLagP99, "99% within", Colour::Three, false)];
    let note = "how late the generator itself sent calls: beside the delays, it should be nothing";
    chart("Our own lateness", note, Axis::Delay, lines)
}

//! What people and scripts read of a load run.

use crate::run::*;
use acd::kpi::Kpi;
use reports::traffic::{Failure, Health, StreamFigures, TrafficFact as Fact};
use reports::{Summary, render};

fn unwell() -> Health {
    let faults = vec!["calls went out late: 99% within 80ms, at most 10ms are allowed".to_owned()];
    Health { faults, ..health() }
}

fn terminal(summary: &Summary) -> String {
    render::terminal(&context(), summary)
}

#[test]
fn the_terminal_leads_with_whether_the_run_holds() {
    insta::assert_snapshot!(terminal(&minute().summary(&context(), health())));
}

#[test]
fn an_invalid_run_says_so_first_and_why() {
    let text = terminal(&minute().summary(&context(), unwell()));
    let invalid = text.find("INVALID  The generator was not well").expect("the word");
    let reason = text.find("calls went out late").expect("the reason");
    let figures = text.find("calls were placed").expect("the figures");
    assert!(invalid < reason && reason < figures, "{text}");
    let page = render::html(&context(), &minute().summary(&context(), unwell()));
    assert!(page.contains("<p class=\"word bad\">INVALID</p>"));
    assert!(page.contains("calls went out late"));
}

#[test]
fn the_terminal_fits_eighty_columns() {
    let runs = [
        minute().summary(&context(), health()),
        minute().summary(&context(), unwell()),
        summary_of(&[], Health::default()),
    ];
    for line in
        runs.iter().flat_map(|run| terminal(run).lines().map(str::to_owned).collect::<Vec<_>>())
    {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn what_was_not_observed_is_no_zero() {
    let text = terminal(&summary_of(&[Fact::Placed { lag: ms(1) }], health()));
    let row = |what: &str| {
        let line = text.lines().find(|line| line.starts_with(what));
        line.unwrap_or_else(|| panic!("no {what}: {text}")).to_owned()
    };
    assert!(row("answer, from due").contains("not observed"));
    assert!(row("mean duration").contains("not observed"));
    assert!(row("up at once").contains("not observed"));
    assert!(text.contains("No call was established"));
    assert!(!text.contains("MOS"), "nobody sent audio: {text}");
    let silent = StreamFigures { sent: 100, ..StreamFigures::default() };
    let text = terminal(&summary_of(&[Fact::Streamed(silent)], health()));
    assert!(text.contains("no quality was observed; nothing came in 1."), "{text}");
}

#[test]
fn the_summary_has_the_shape_of_a_simulations_and_the_load_besides() {
    let summary = minute().summary(&context(), health());
    let json = render::json(&context(), &summary);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["mode"], "load");
    assert_eq!(json["valid"], true);
    let all = &json["kpis"]["all"];
    assert_eq!(all["placed"]["mean"], figure(&summary, Kpi::Placed));
    assert_eq!(all["answer_p99_s"]["ci95"], serde_json::Value::Null);
    assert!(all.get("attempts").is_none(), "a figure of a centre");
    assert!(all.get("pong").is_none(), "nobody asked for OPTIONS");
    let intervals = json["intervals"].as_array().expect("a list");
    assert_eq!(intervals.len(), 70);
    assert_eq!((&intervals[3]["start_s"], &intervals[3]["end_s"]), (&3.into(), &4.into()));
    assert!(intervals[31]["kpis"]["all"]["answer_p99_s"]["mean"].as_f64() > Some(0.1));
    assert_eq!(intervals[65]["kpis"]["all"]["answer_p99_s"]["not_observed"], true);
    assert_eq!(json["gate"][0]["passed"], false);
    let load = &json["load"];
    assert_eq!(load["setup"]["target"], "sip:127.0.0.1:5060;transport=udp");
    assert_eq!(load["statuses"]["200"], figure(&summary, Kpi::Established) as u64);
    assert_eq!(load["failures"]["503"], figure(&summary, Kpi::Failed) as u64);
    assert!(load["retransmissions"]["INVITE"].as_u64() > Some(0));
    assert!(load["repeats_came"]["200 INVITE"].as_u64() > Some(0));
    assert_eq!(load["health"]["cpu_by_thread"][0], 0.31);
    assert_eq!(load["mos_model"]["bpl"], 4.3);
}

fn figure(summary: &Summary, kpi: Kpi) -> f64 {
    summary.figure(kpi, None, acd::kpi::Selector::ALL).expect("it was observed").mean
}

#[test]
fn starvation_nobody_measured_is_not_observed() {
    let summary = summary_of(&[], Health::default());
    let json: serde_json::Value =
        serde_json::from_str(&render::json(&context(), &summary)).expect("JSON");
    assert_eq!(json["load"]["health"]["starved"]["not_observed"], true);
    assert_eq!(json["kpis"]["all"]["generator_starved"]["not_observed"], true);
    assert_eq!(json["kpis"]["all"]["placed"]["mean"], 0.0);
    assert!(json["load"].get("mos_model").is_none());
}

#[test]
fn intervals_are_rows_for_spreadsheets() {
    let csv = render::intervals_csv(&context(), &minute().summary(&context(), health()));
    assert!(csv.starts_with("start_s,clock,span,scope,name,kpi,mean,low95,high95\n"));
    assert!(csv.contains("\n30,00:00:30,interval,all,all,answer_p99_s,"), "{}", &csv[..600]);
    assert!(csv.contains("\n65,00:01:05,interval,all,all,answer_p99_s,not observed,,\n"));
}

#[test]
fn the_generators_health_is_a_case_of_the_suite() {
    let xml = render::junit(&context(), &minute().summary(&context(), unwell()));
    assert!(xml.contains("tests=\"5\" failures=\"2\""), "{xml}");
    assert!(
        xml.contains("name=\"the generator was well\">\n   <failure message=\"calls went out late")
    );
    let xml = render::junit(&context(), &minute().summary(&context(), health()));
    assert!(xml.contains("name=\"the generator was well\"/>"), "{xml}");
}

#[test]
fn the_page_stands_alone_and_lets_nothing_through() {
    let mut hostile = context();
    hostile.title = "<script>alert(1)</script>".to_owned();
    let mut ledger = minute();
    ledger.state("target", "sip:\"><img src=x>\u{1b}[31m");
    let summary = ledger.summary(&hostile, health());
    let page = render::html(&hostile, &summary);
    for forbidden in ["<script", "<img", "<link", "http://", "https://", "\u{1b}"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("callstorm load front-desk.toml --seed 7"));
    for title in ["Calls a second", "Delays", "Calls up at once", "Our own lateness"] {
        assert!(page.contains(&format!("<h3>{title}</h3>")), "{title}");
    }
    assert!(!page.contains("Registrations and OPTIONS a second"), "there were none");
    assert!(!render::terminal(&hostile, &summary).contains('\u{1b}'));
}

#[test]
fn a_target_that_falls_silent_is_told_of() {
    let mut ledger = reports::traffic::TrafficLedger::new(acd::Duration::from_secs(1));
    for second in 0..20 {
        let mut tally = reports::traffic::Tally::new();
        for _ in 0..10 {
            tally.record(&Fact::Placed { lag: ms(0) });
            tally.record(&if second < 8 {
                Fact::Established { from_intended: ms(2), from_send: ms(2) }
            } else {
                Fact::Failed { why: Failure::TimedOut, delay: ms(32_000) }
            });
        }
        ledger.add(acd::Duration::from_secs(second), &tally);
    }
    let text = terminal(&ledger.summary(&context(), health()));
    assert!(text.contains("From 8s on, none of 120 further calls was established."), "{text}");
    assert!(!terminal(&minute().summary(&context(), health())).contains("none of"));
}

#[test]
fn the_slowest_interval_is_named_where_it_stands_out() {
    let text = terminal(&minute().summary(&context(), health()));
    assert!(text.contains("It was slowest from 32s to 33s"), "{text}");
}

#[test]
fn reasons_of_failures_are_named_for_people() {
    let why = [Failure::Status(486), Failure::Status(499), Failure::TimedOut, Failure::Withdrawn];
    let failed = why.map(|why| Fact::Failed { why, delay: ms(5) });
    let placed = [Fact::Placed { lag: ms(0) }; 4];
    let text = terminal(&summary_of(&[placed, failed].concat(), health()));
    for reason in ["486 Busy Here", "499 ", "no answer in time", "withdrawn by us"] {
        assert!(text.lines().any(|line| line.starts_with(reason)), "{reason}: {text}");
    }
}

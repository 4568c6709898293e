//! What people and scripts read.

use crate::story::*;
use acd::kpi::{Comparison, Condition, Kpi, Scope, Selector};
use acd::{AgentPhase, AttemptKind, Outcome, Timestamp};
use reports::{Context, Estimates, LawsChecked, Mark, PersonFact, Summary, render};

/// A day with some calls of sales answered at once, some late, and some abandoned.
fn day(at_once: u32, late: u32, abandoned: u32) -> Story {
    let mut story = Story::default();
    story.scheduled(0, NORTH, 40);
    for number in 0..at_once + late {
        story.signs_in(0, number, NORTH);
    }
    for number in 0..at_once {
        story.arrives(5, number, BUYERS, AttemptKind::Fresh).enqueued(5, number, BUYERS, SALES);
        story.offered(5, number, number, SALES, false).answered(5, number, number, SALES, 0, 0);
    }
    for number in at_once..at_once + late + abandoned {
        story.waits_in_sales(310, number);
    }
    for number in at_once + late..at_once + late + abandoned {
        story.leaves(325, number, SALES, Outcome::Abandoned, 15);
        story.person(325, PersonFact::GaveUp { contact: BUYERS, kind: AttemptKind::Fresh });
    }
    for number in at_once..at_once + late {
        story.offered(350, number, number, SALES, true).answered(350, number, number, SALES, 40, 0);
    }
    for number in 0..at_once {
        story.talk_ends(400, number, number, 395, AgentPhase::Ready);
    }
    for number in at_once..at_once + late {
        story.talk_ends(620, number, number, 270, AgentPhase::Ready);
    }
    story
}

fn framed() -> Context {
    let mut context = context();
    context.gate = vec![Condition {
        text: "service_level{queue=sales} >= 0.80".to_owned(),
        kpi: Kpi::ServiceLevel,
        selector: Selector::of(Scope::Queue(SALES)),
        threshold: None,
        last: None,
        comparison: Comparison::GreaterOrEqual,
        value: 0.8,
        is_sure: false,
    }];
    let (from, to) = (Timestamp(310 * acd::SECOND), Timestamp(360 * acd::SECOND));
    context.marks = vec![Mark { from, to, label: "rush".to_owned(), is_action: false }];
    context
}

fn summary(context: &Context, days: &[(u32, u32, u32)]) -> Summary {
    let mut estimates = Estimates::new(context);
    for (at_once, late, abandoned) in days {
        estimates.add(day(*at_once, *late, *abandoned).totals(context, 620));
    }
    estimates.finish(LawsChecked { checked: 12, broken: Vec::new() })
}

const DAYS: [(u32, u32, u32); 3] = [(20, 8, 2), (22, 10, 3), (18, 6, 1)];

#[test]
fn the_terminal_leads_with_the_verdict() {
    let context = framed();
    let text = render::terminal(&context, &summary(&context, &DAYS));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_target_within_the_interval_is_uncertain() {
    let context = framed();
    let text = render::terminal(&context, &summary(&context, &[(20, 3, 2), (22, 8, 3)]));
    assert!(
        text.contains("UNCERTAIN  It is uncertain whether you meet 80% in 20s in sales: "),
        "{text}"
    );
    let sure =
        render::terminal(&context, &summary(&context, &[(20, 1, 2), (21, 1, 2), (20, 1, 3)]));
    assert!(sure.contains("MET        You meet 80% in 20s in sales: "), "{sure}");
    let one = render::terminal(&context, &summary(&context, &DAYS[..1]));
    assert!(one.contains("in one replication"), "{one}");
}

/// Every number of the sentences must stand in a table below them.
#[test]
fn every_number_of_the_verdict_stands_in_a_table() {
    let context = framed();
    let text = render::terminal(&context, &summary(&context, &DAYS));
    let (sentences, tables) = text.split_once("\n\nqueue ").expect("the first table");
    let sentences = sentences.split_once("\n\n").expect("the title").1;
    let is_number =
        |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) || word.starts_with('(');
    for word in sentences.split_whitespace().filter(is_number) {
        let word = word.trim_end_matches(['.', ',', ';', ':']);
        assert!(tables.contains(word), "{word} is in no table:\n{text}");
    }
}

#[test]
fn the_summary_follows_the_contract() {
    let context = framed();
    let json = render::json(&context, &summary(&context, &DAYS));
    insta::assert_snapshot!(json);
    let parsed: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let keys: Vec<&String> = parsed.as_object().expect("an object").keys().collect();
    let contract = [
        "schema",
        "version",
        "mode",
        "scenario",
        "seed",
        "replications",
        "valid",
        "kpis",
        "intervals",
        "gate",
        "laws",
    ];
    assert_eq!(keys, contract);
    let kinds: Vec<&String> = parsed["kpis"].as_object().expect("an object").keys().collect();
    assert_eq!(kinds, ["all", "queue", "contact", "agents", "site", "contact,agents"]);
    let level = &parsed["kpis"]["queue"]["sales"]["service_level"];
    assert_eq!(level["definition"], "excluding-abandons-in-target");
    assert_eq!(level["threshold_s"], 20);
    assert_eq!(level["mean"], level["by_definition"]["excluding-abandons-in-target"]["mean"]);
    assert_eq!(level["by_definition"].as_object().map(serde_json::Map::len), Some(5));
    // Sales has 20 s, support 60 s.
    assert!(parsed["kpis"]["all"]["service_level"]["threshold_s"].is_null());
    assert!(parsed["kpis"]["queue"]["sales"]["p_wait_gt{20s}"]["mean"].is_number());
    assert_eq!(parsed["intervals"][2]["after_close"], true);
    assert_eq!(parsed["kpis"]["all"]["fcr"]["not_observed"], true);
    assert!(parsed["kpis"]["all"].get("csat").is_none());
}

#[test]
fn the_same_facts_give_the_same_bytes() {
    let context = framed();
    let (one, two) = (summary(&context, &DAYS), summary(&context, &DAYS));
    assert_eq!(render::json(&context, &one), render::json(&context, &two));
    assert_eq!(render::html(&context, &one), render::html(&context, &two));
    assert_eq!(render::intervals_csv(&context, &one), render::intervals_csv(&context, &two));
}

#[test]
fn the_intervals_are_lines_of_csv() {
    let context = framed();
    let csv = render::intervals_csv(&context, &summary(&context, &DAYS));
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("start_s,clock,span,scope,name,kpi,mean,low95,high95"));
    assert!(lines.clone().all(|line| line.split(',').count() == 9));
    let offered = lines.find(|line| line.contains(",queue,sales,offered,")).expect("a line");
    assert!(offered.starts_with("0,08:00,interval,queue,sales,offered,20,"), "{offered}");
    assert!(csv.contains("600,08:10,after_close,all,all,busy_s,"));
}

#[test]
fn the_gate_is_a_junit_suite() {
    let mut context = framed();
    context.title = "A <small> \"centre\" & more".to_owned();
    let xml = render::junit(&context, &summary(&context, &DAYS));
    insta::assert_snapshot!(xml);
    assert!(is_well_formed(&xml), "{xml}");
}

#[test]
fn the_page_is_well_formed_and_needs_nothing_else() {
    let context = framed();
    let page = render::html(&context, &summary(&context, &DAYS));
    assert!(is_well_formed(&page));
    for outside in ["http:", "https:", "<script", "<link", "@import", "url(", "src="] {
        assert!(!page.contains(outside), "{outside}");
    }
    for part in [
        "<h1>A small centre</h1>",
        "Are two agents enough?",
        "reproduce",
        "callstorm run small.toml",
    ] {
        assert!(page.contains(part), "{part}");
    }
    if cfg!(feature = "charts") {
        // Calls, service level of sales (support had no call), waits, occupancy: wide and narrow, each with its mark.
        assert_eq!(page.matches("<svg ").count(), 8);
        assert_eq!(page.matches("1 rush").count(), 8);
        assert!(!page.contains("#0102"), "a colour was not replaced");
    }
}

#[test]
fn names_from_outside_are_escaped_everywhere() {
    let mut context = framed();
    let evil = "<img src=x onerror=alert(1)>\u{1b}[31m".to_owned();
    context.title.clone_from(&evil);
    context.question.clone_from(&evil);
    context.queues[0].name.clone_from(&evil);
    context.groups[0].name.clone_from(&evil);
    context.contacts[0].clone_from(&evil);
    context.sites[0].clone_from(&evil);
    context.marks[0].label.clone_from(&evil);
    context.gate[0].text.clone_from(&evil);
    context.reproduce.clone_from(&evil);
    let summary = summary(&context, &DAYS);
    let page = render::html(&context, &summary);
    assert!(!page.contains("<img") && !page.contains('\u{1b}'));
    assert!(is_well_formed(&page));
    assert!(!render::terminal(&context, &summary).contains('\u{1b}'));
    assert!(is_well_formed(&render::junit(&context, &summary)));
    assert!(serde_json::from_str::<serde_json::Value>(&render::json(&context, &summary)).is_ok());
}

/// Checks that every tag is closed in order; void elements of HTML need no end.
fn is_well_formed(page: &str) -> bool {
    const VOID: [&str; 2] = ["meta", "br"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let Some(end) = rest[start..].find('>') else { return false };
        let tag = &rest[start + 1..start + end];
        rest = &rest[start + end + 1..];
        let name = tag.split_whitespace().next().unwrap_or("");
        if tag.starts_with(['!', '?']) || tag.ends_with('/') || VOID.contains(&name) {
            continue;
        }
        if let Some(closed) = name.strip_prefix('/') {
            if open.pop() != Some(closed) {
                return false;
            }
        } else {
            open.push(name);
            // What stands in a style sheet is no tag.
            if name == "style" {
                let Some(close) = rest.find("</style>") else { return false };
                rest = &rest[close..];
            }
        }
    }
    open.is_empty()
}

//! The tables of the documentation are those of the code.

use acd::kpi::{Applies, Kpi, ServiceLevelDefinition, Unit};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

#[test]
fn kpi_table_is_the_vocabulary() {
    let mut table = String::from("| key | unit | asked for by | meaning |\n|---|---|---|---|\n");
    for kpi in Kpi::ALL {
        let unit = unit(kpi.unit());
        let by = asked_for_by(kpi.applies());
        writeln!(table, "| `{}` | {unit} | {by} | {} |", kpi.key(), kpi.meaning())
            .expect("a string takes all");
    }
    table_in("docs/kpis.md", "kpis", &table);
}

#[test]
fn definitions_of_service_level_are_all_explained() {
    let page = read("docs/kpis.md");
    for definition in ServiceLevelDefinition::ALL {
        assert!(page.contains(&format!("| `{}` |", definition.name())), "{}", definition.name());
    }
}

#[test]
fn limits_table_is_that_of_the_parser() {
    let mut table = String::from("| what | at most |\n|---|---|\n");
    for limit in scenarios::limits::LIMITS {
        writeln!(table, "| {} | {} |", limit.what, grouped(limit.most))
            .expect("a string takes all");
    }
    table_in("docs/limits.md", "limits", &table);
}

#[test]
fn rules_table_is_that_of_the_checker_of_captures() {
    let mut table = String::from("| rule | source | expects |\n|---|---|---|\n");
    for rule in sip::lint::rules() {
        writeln!(table, "| `{}` | {} | {} |", rule.id, rule.source, rule.expects)
            .expect("a string takes all");
    }
    table_in("docs/lint.md", "lint", &table);
}

#[test]
fn routing_strategies_are_all_named() {
    let page = read("docs/scenario.md");
    for name in acd::routing::NAMES {
        assert!(page.contains(&format!("`{name}`")), "routing strategy `{name}`");
    }
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    for page in [
        "README.md",
        "CONTRIBUTING.md",
        "docs/kpis.md",
        "docs/limits.md",
        "docs/lint.md",
        "docs/live.md",
        "docs/load-file.md",
        "docs/scenario.md",
    ] {
        let folder = Path::new(page).parent().expect("a file stands in a folder");
        for target in read(page).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap_or("");
            let is_ours = !path.is_empty() && !path.contains("://");
            let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(path);
            assert!(!is_ours || full.exists(), "{page} links to {target}");
        }
    }
}

/// Holds the table between `<!-- name -->` and `<!-- /name -->` of a page against the code's.
fn table_in(page: &str, name: &str, expected: &str) {
    let text = read(page);
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let found = text.split_once(&open).and_then(|(_, rest)| rest.split_once(&close));
    let (found, _) = found.unwrap_or_else(|| panic!("{page} has no table `{name}`"));
    assert!(found.trim() == expected.trim(), "the table in {page} should be:\n\n{expected}");
}

fn read(page: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{page}: {error}"))
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "count",
        Unit::Share => "share",
        Unit::Seconds => "s",
        Unit::AgentSeconds => "agent-seconds",
        Unit::Level => "mean number",
        Unit::Variance => "variance",
        Unit::Money => "money",
        Unit::Score => "MOS",
    }
}

fn asked_for_by(applies: Applies) -> String {
    let places = [
        (applies.all, "all"),
        (applies.queue, "queue"),
        (applies.contact, "contact"),
        (applies.agents, "agents"),
        (applies.site, "site"),
        (applies.load, "load"),
        (applies.interval, "interval"),
    ];
    let names: Vec<&str> = places.iter().filter(|(is, _)| *is).map(|(_, name)| *name).collect();
    names.join(", ")
}

/// Writes 4194304 as 4,194,304.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn every_key_of_a_scenario_is_explained() {
    keys_are_explained(&scenarios::json_schema(), 80, "docs/scenario.md");
}

#[test]
fn every_key_of_a_load_file_is_explained() {
    // Laws are explained with scenarios.
    let pages = ["docs/load-file.md", "docs/scenario.md"];
    keys_are_explained(&scenarios::traffic_json_schema(), 50, &pages.join(" "));
}

#[test]
fn every_example_of_a_load_file_loads_without_a_warning() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let rows = "number,customer,user,pin\n4711,Ann,ann,1234\n";
    fs::write(folder.path().join("customers.csv"), rows).expect("writable");
    let options =
        scenarios::LoadOptions { set: Vec::new(), allow_paths: vec![folder.path().to_owned()] };
    let page = read("docs/load-file.md");
    let examples = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut count = 0;
    for example in examples {
        let loaded = scenarios::load_traffic_str("example.toml", example, &options);
        let loaded = loaded.unwrap_or_else(|faults| panic!("{faults}\n{example}"));
        assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
        count += 1;
    }
    assert_eq!(count, 3);
}

/// Holds the keys of a schema against the words of pages.
fn keys_are_explained(schema: &serde_json::Value, least: usize, pages: &str) {
    let page: String = pages.split(' ').map(read).collect();
    let mut keys = Vec::new();
    keys_of(schema, &mut keys);
    assert!(keys.len() > least, "the schema has {} keys", keys.len());
    let is_explained = |key: &str| {
        page.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).any(|word| word == key)
    };
    let missing: Vec<String> = keys.into_iter().filter(|key| !is_explained(key)).collect();
    assert!(missing.is_empty(), "{pages} says nothing of {missing:?}");
}

/// Collects the names under every `properties` of a schema.
fn keys_of(schema: &serde_json::Value, keys: &mut Vec<String>) {
    if let Some(properties) = schema.get("properties").and_then(|p| p.as_object()) {
        keys.extend(properties.keys().cloned());
    }
    match schema {
        serde_json::Value::Object(members) => members.values().for_each(|v| keys_of(v, keys)),
        serde_json::Value::Array(items) => items.iter().for_each(|v| keys_of(v, keys)),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}

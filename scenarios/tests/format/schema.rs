//! The JSON Schema against the files that the reader takes and refuses.

use crate::help::load;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Says what of a value is against a schema: the part of JSON Schema that ours uses, patterns left out.
fn faults(schema: &Value, value: &Value, root: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|to| to.strip_prefix("#/$defs/")) {
        return faults(&root["$defs"][name], value, root, path, found);
    }
    let fits = |schema: &Value| {
        let mut inner = Vec::new();
        faults(schema, value, root, path, &mut inner);
        inner.is_empty()
    };
    if let Some(any) = schema["anyOf"].as_array()
        && !any.iter().any(fits)
    {
        found.push(format!("{path} fits none: {value}"));
    }
    if let Some(one) = schema["oneOf"].as_array()
        && one.iter().filter(|schema| fits(schema)).count() != 1
    {
        found.push(format!("{path} fits not exactly one"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        found.push(format!("{path} is no word of {words:?}"));
    }
    let has_type = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some(_) | None => true,
    };
    if !has_type {
        found.push(format!("{path} has another type than {}", schema["type"]));
    }
    if let (Some(number), Some(least)) = (value.as_f64(), schema["minimum"].as_f64())
        && number < least
    {
        found.push(format!("{path} is below {least}"));
    }
    if let (Some(number), Some(most)) = (value.as_f64(), schema["maximum"].as_f64())
        && number > most
    {
        found.push(format!("{path} is above {most}"));
    }
    for (position, item) in value.as_array().into_iter().flatten().enumerate() {
        faults(&schema["items"], item, root, &format!("{path}[{position}]"), found);
    }
    object_faults(schema, value, root, path, found);
}

fn object_faults(schema: &Value, value: &Value, root: &Value, path: &str, found: &mut Vec<String>) {
    let Some(object) = value.as_object() else { return };
    for required in schema["required"].as_array().into_iter().flatten() {
        if !object.contains_key(required.as_str().expect("keys are strings")) {
            found.push(format!("{path} lacks {required}"));
        }
    }
    if schema["maxProperties"].as_u64().is_some_and(|most| object.len() as u64 > most) {
        found.push(format!("{path} has too many keys"));
    }
    for (key, inner) in object {
        let path = format!("{path}.{key}");
        match (&schema["properties"][key], &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => found.push(format!("{path} is unknown")),
            (Value::Null, other) => faults(other, inner, root, &path, found),
            (known, _) => faults(known, inner, root, &path, found),
        }
    }
}

fn check(text: &str) -> Vec<String> {
    let is_traffic = text.contains("[load]");
    let schema =
        if is_traffic { scenarios::traffic_json_schema() } else { scenarios::json_schema() };
    let mut found = Vec::new();
    let value: Value = toml::from_str(text).expect("the file is TOML");
    faults(&schema, &value, &schema, "", &mut found);
    found
}

#[test]
fn schema_takes_what_the_reader_takes() {
    let text = include_str!("../good/everything.toml");
    load(text);
    assert_eq!(check(text), Vec::<String>::new());
    assert_eq!(check(&scenarios::starter("a day")), Vec::<String>::new());
    assert_eq!(check(include_str!("../good/load-everything.toml")), Vec::<String>::new());
    let full =
        text.replace("schedule = \"shifts.csv\"", "schedule = [{ at = \"07:00\", count = 1 }]");
    assert_eq!(check(&full), Vec::<String>::new());
}

#[test]
fn schema_takes_the_library() {
    let mut files = 0;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [root.to_owned(), root.join("load")];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("of the source"));
    for entry in entries {
        let path = entry.expect("readable").path();
        let is_scenario = path.extension().is_some_and(|extension| extension == "toml");
        if !is_scenario || path.file_name().is_some_and(|name| name == "Cargo.toml") {
            continue;
        }
        files += 1;
        let text = fs::read_to_string(&path).expect("readable");
        let mut found = check(&text);
        if text.contains("extends = ") {
            // What is required may stand in the file that this one extends.
            found.retain(|fault| !fault.contains("lacks") && !fault.contains("exactly one"));
        }
        assert_eq!(found, Vec::<String>::new(), "{}", path.display());
    }
    assert!(files > 0);
}

#[test]
fn schema_refuses_slips_of_form_as_the_reader_does() {
    for name in [
        "unknown-key",
        "unknown-table",
        "unknown-strategy",
        "unknown-law",
        "two-arrival-models",
        "two-laws",
        "bare-duration",
        "bare-rate",
        "negative-number",
        "share-above-one",
        "million-agents",
        "level-zero",
        "wrong-types",
        "unknown-action",
        "timeline-as-a-table",
        "load-rate-without-unit",
        "load-step-actions",
        "load-step-as-a-table",
        "load-sounds",
    ] {
        let path = Path::new("tests/bad").join(name).with_extension("toml");
        let found = check(&fs::read_to_string(&path).expect("readable"));
        let found: Vec<_> = found.iter().filter(|fault| !fault.contains(" lacks ")).collect();
        assert!(!found.is_empty(), "{name}");
    }
}

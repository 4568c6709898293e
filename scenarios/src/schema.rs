//! The JSON Schemas of scenarios and load files, from the same shapes that the readers go by.

use crate::document::Document;
use crate::limits;
use crate::read::Read;
use crate::shape::{ChoiceShape, Leaf, Shape, TableShape};
use crate::traffic_file::TrafficDocument;
use serde_json::{Map, Value, json};

/// Returns the JSON Schema (draft 2020-12) of a scenario file.
///
/// It knows keys, forms and bounds. What only the whole shows (names that exist, files, totals of
/// shares) is for `callstorm check`.
#[must_use]
pub fn json_schema() -> Value {
    schema("Callstorm scenario", &Document::shape())
}

/// Returns the JSON Schema (draft 2020-12) of a load file. Likewise it knows keys, forms and bounds.
#[must_use]
pub fn traffic_json_schema() -> Value {
    schema("Callstorm load file", &TrafficDocument::shape())
}

fn schema(title: &str, shape: &Shape) -> Value {
    let mut writer = Writer { definitions: Map::new() };
    let root = writer.shape(shape);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "$ref": root["$ref"],
        "$defs": writer.definitions,
    })
}

struct Writer {
    definitions: Map<String, Value>,
}

impl Writer {
    fn shape(&mut self, shape: &Shape) -> Value {
        match shape {
            Shape::Leaf(leaf) => self.leaf(*leaf),
            Shape::Table(table) => self.table(table),
            Shape::Choice(choice) => self.choice(choice),
            Shape::Map(item) => {
                let item = self.shape(&item());
                json!({"type": "object", "additionalProperties": item})
            }
            Shape::List { item, .. } => json!({"type": "array", "items": self.shape(&item())}),
            Shape::Either(shapes) => {
                let any: Vec<Value> = shapes.iter().map(|shape| self.shape(shape)).collect();
                json!({"anyOf": any})
            }
            Shape::Any => json!({}),
        }
    }

    /// Refers to a definition and makes it first if it is new; a law may hold laws.
    fn define(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.definitions.contains_key(name) {
            self.definitions.insert(name.to_owned(), Value::Null);
            let definition = make(self);
            self.definitions.insert(name.to_owned(), definition);
        }
        json!({"$ref": format!("#/$defs/{name}")})
    }

    fn table(&mut self, table: &TableShape) -> Value {
        self.define(&(table.name)(), |writer| {
            let mut properties = Map::new();
            let mut required = Vec::new();
            for field in table.fields {
                let shape = writer.shape(&(field.shape)());
                properties.insert(field.key.to_owned(), described(shape, field.about));
                if (field.is_required)() {
                    required.push(field.key);
                }
            }
            let mut schema = json!({"type": "object", "description": tidy(table.about)});
            if let Some(flat) = table.flat {
                let choice = flat();
                let one = choice.variants.iter().map(|variant| json!({"required": [variant.key]}));
                schema["oneOf"] = one.collect();
                writer.variants(&choice, &mut properties);
            }
            schema["properties"] = Value::Object(properties);
            if !required.is_empty() {
                schema["required"] = json!(required);
            }
            schema["additionalProperties"] = json!(false);
            schema
        })
    }

    fn variants(&mut self, choice: &ChoiceShape, properties: &mut Map<String, Value>) {
        for variant in &choice.variants {
            let shape = self.shape(&(variant.shape)());
            properties.insert(variant.key.to_owned(), described(shape, variant.about));
        }
    }

    fn choice(&mut self, choice: &ChoiceShape) -> Value {
        self.define(&choice.name, |writer| {
            let mut properties = Map::new();
            writer.variants(choice, &mut properties);
            json!({
                "type": "object",
                "description": format!("One {}.", choice.what),
                "properties": properties,
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": false,
            })
        })
    }

    fn leaf(&mut self, leaf: Leaf) -> Value {
        match leaf {
            Leaf::Text => json!({"type": "string"}),
            Leaf::Form(example) => json!({"type": "string", "examples": [example]}),
            Leaf::Boolean => json!({"type": "boolean"}),
            Leaf::Word(words) => json!({"enum": words}),
            Leaf::Integer { least, most } => {
                json!({"type": "integer", "minimum": clamp(least), "maximum": clamp(most)})
            }
            Leaf::Number { least, most } => json!({"type": "number", "minimum": least, "maximum": most}),
            Leaf::Name => self.define("name", |_| {
                json!({"type": "string", "pattern": "^[a-z][a-z0-9-]*$", "maxLength": limits::NAME_LENGTH})
            }),
            Leaf::Duration => self.define("duration", |_| quantity(DURATION, &["90s", "1h30m", "250ms"])),
            Leaf::Rate => self.define("rate", |_| quantity(RATE, &["120/h", "2/min"])),
            Leaf::Share => self.define("share", |_| {
                let number = json!({"type": "number", "minimum": 0, "maximum": 1});
                json!({"anyOf": [number, quantity(SHARE, &["40%", "0.4"])]})
            }),
        }
    }
}

const DURATION: &str = r"^\s*([0-9.]+\s*(us|ms|s|sec|m|min|h|d|day|days|w)\s*)+$";
const RATE: &str = r"^\s*[0-9.]+\s*/\s*(s|sec|m|min|h|hour|d|day)\s*$";
const SHARE: &str = r"^\s*[0-9.]+\s*%?\s*$";

fn quantity(pattern: &str, examples: &[&str]) -> Value {
    json!({"type": "string", "pattern": pattern, "examples": examples})
}

/// Puts a description beside a schema; a reference may have one too.
fn described(mut schema: Value, about: &str) -> Value {
    schema["description"] = Value::String(tidy(about));
    schema
}

fn tidy(about: &str) -> String {
    about.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns a bound that JSON readers keep exactly.
fn clamp(bound: i128) -> i64 {
    i64::try_from(bound).unwrap_or(if bound < 0 { i64::MIN } else { i64::MAX })
}

/// Returns a short name of a settings type, unique in a schema.
pub(crate) fn type_name<T: ?Sized>() -> String {
    let full = std::any::type_name::<T>().replace("scenarios::", "");
    let mut name = String::new();
    for character in full.chars() {
        match character {
            'A'..='Z' => {
                if !name.ends_with('-') {
                    name.push('-');
                }
                name.push(character.to_ascii_lowercase());
            }
            'a'..='z' | '0'..='9' => name.push(character),
            _ if !name.ends_with('-') => name.push('-'),
            _ => {}
        }
    }
    let parts: Vec<&str> =
        name.split('-').filter(|part| !part.is_empty() && *part != "settings").collect();
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_of_the_schema_leads_somewhere() {
        for (schema, least) in [(json_schema(), 50), (traffic_json_schema(), 20)] {
            let text = schema.to_string();
            let mut references = 0;
            for part in text.split("\"#/$defs/").skip(1) {
                let name = part.split('"').next().expect("a quote ends it");
                assert!(schema["$defs"][name].is_object(), "{name}");
                references += 1;
            }
            assert!(references > least, "{references}");
            assert!(!text.contains("null"), "a definition was left open");
        }
    }

    #[test]
    fn schema_knows_keys_bounds_and_meanings() {
        let schema = json_schema();
        let run = &schema["$defs"]["document-run"]["properties"];
        assert_eq!(run["replications"]["minimum"], 1, "{run}");
        assert_eq!(run["close"]["enum"], json!(["serve", "disconnect"]));
        assert_eq!(run["warm_up"]["description"], "Calls before this are in no KPI.");
        assert_eq!(schema["$defs"]["document-document"]["required"], json!(["length"]));
    }

    #[test]
    fn every_key_has_a_meaning() {
        let (scenario, traffic) = (json_schema(), traffic_json_schema());
        let definitions = |schema: &Value| schema["$defs"].as_object().expect("an object").clone();
        for (name, definition) in definitions(&scenario).iter().chain(&definitions(&traffic)) {
            let Some(properties) = definition["properties"].as_object() else { continue };
            for (key, property) in properties {
                let about = property["description"].as_str().unwrap_or("");
                assert!(about.ends_with('.') && about.len() > 5, "{name}.{key}: {about}");
            }
        }
    }
}

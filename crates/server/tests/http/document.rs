//! The API document is complete, stable, and the one that is checked in.

use muster_server::openapi::openapi_json;
use serde_json::Value;

#[test]
fn the_checked_in_document_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/muster.json");
    let stored = std::fs::read_to_string(path).unwrap();
    assert!(stored == openapi_json(), "openapi/muster.json is out of date; run `cargo xtask openapi`");
    assert_eq!(openapi_json(), openapi_json());
}

#[test]
fn every_operation_is_described() {
    let document: Value = serde_json::from_str(&openapi_json()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let tags: Vec<&str> = document["tags"].as_array().unwrap().iter().filter_map(|tag| tag["name"].as_str()).collect();
    let mut ids = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            let id = operation["operationId"].as_str().unwrap_or_default();
            assert!(!id.is_empty() && ids.insert(id), "{name}: operation id `{id}`");
            assert!(operation["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{name}: summary");
            assert!(tags.contains(&operation["tags"][0].as_str().unwrap()), "{name}: tag");
            let problem = &operation["responses"]["default"]["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(problem, "#/components/schemas/Problem", "{name}: problem");
            let public = operation["x-muster-scope"] == "public";
            assert_eq!(operation["security"].as_array().unwrap().is_empty(), public, "{name}: security");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document: Value = serde_json::from_str(&openapi_json()).unwrap();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 100);
    for reference in references {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            references.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| collect(value, references));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, references)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

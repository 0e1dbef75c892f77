//! Documents, values and times for the tests.

use jiff::Timestamp;
use muster_plugins::{Document, Plugin};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A plugin `things` of the given version, told apart by `id`, with the fields of `parts` and whatever else it holds.
pub(crate) fn document(version: &str, parts: Value) -> Value {
    let mut document = json!({
        "name": "things", "version": version, "assetkind": "thing", "identityfield": "id",
        "fields": {"id": {"type": "string"}},
    });
    let Value::Object(parts) = parts else { panic!("{parts} is no object") };
    for (name, value) in parts {
        match (name.as_str(), value) {
            ("fields", Value::Object(fields)) => {
                document["fields"].as_object_mut().expect("fields are an object").extend(fields);
            }
            (name, value) => document[name] = value,
        }
    }
    document
}

pub(crate) fn parsed(document: &Value) -> Document {
    Document::parse(document.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}: {:#?}", error.faults))
}

pub(crate) fn plugin(document: &Value) -> Plugin {
    Plugin::parse(document.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}: {:#?}", error.faults))
}

/// Noon of a day in 2026.
pub(crate) fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("this is a time")
}

/// Any JSON, with names and words that mean something here among others.
pub(crate) fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|it| json!(it)),
        any::<f64>().prop_map(|it| json!(it)),
        any::<i64>().prop_map(|it| json!(it)),
        any::<String>().prop_map(|it| json!(it)),
        word().prop_map(|it| json!(it)),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let name = prop_oneof![word(), any::<String>()];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| json!(items)),
            prop::collection::btree_map(name, inner, 0..6).prop_map(|members| json!(members)),
        ]
    })
}

fn word() -> impl Strategy<Value = String> {
    let words = [
        "hostname",
        "macaddress",
        "id",
        "type",
        "string",
        "object",
        "items",
        "properties",
        "pattern",
        "$ref",
        "anyOf",
        "#/$defs/x",
        "format",
        "date-time",
        "required",
        "enum",
        "x-identity",
        "mac",
        "$defs",
        "x",
        "not",
    ];
    prop::sample::select(words.to_vec()).prop_map(str::to_owned)
}

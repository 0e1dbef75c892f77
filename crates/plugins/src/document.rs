//! The plugin document (CC-1): what an author declares, read from JSON and looked through as a whole.
//!
//! ```json
//! {
//!   "name": "badge-printers",
//!   "version": "1.0.0",
//!   "assetkind": "printer",
//!   "identityfield": "serialnumber",
//!   "fields": { "serialnumber": { "type": "string" }, "cards": { "$ref": "#/$defs/count" } },
//!   "required": ["serialnumber"],
//!   "$defs": { "count": { "type": "integer", "minimum": 0 } }
//! }
//! ```
//!
//! `$defs` holds schemas that fields refer to as `#/$defs/NAME`; references lead nowhere else, and never in a circle.
//! Left out, `required` is the identity field, and `additionalfields` is `warn`.
//! What may be sent by such a document is for [`crate::Plugin`] to say.

mod reader;
mod references;
mod schemas;

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;
use serde_json::{Map, Value};

use crate::{AssetKind, InvalidDocument, PluginName, json};

/// Fields of one plugin.
pub(crate) const MOST_FIELDS: usize = 200;

/// A plugin document without fault in itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What the plugin is called; the last part of its endpoint's address.
    pub name: PluginName,
    /// Its version.
    pub version: Version,
    /// What kind of asset it tells of.
    pub assetkind: AssetKind,
    /// The field that tells one asset from another: required, and a string.
    pub identityfield: String,
    /// The schema of each field.
    pub fields: BTreeMap<String, Value>,
    /// Fields that every submission has, the identity among them.
    pub required: BTreeSet<String>,
    /// Fields whose value should not be found under two identities, in the document's order.
    pub secondaryidentity: Vec<String>,
    /// What becomes of fields that are not declared.
    pub additionalfields: AdditionalFields,
    /// For people.
    pub description: Option<String>,
    /// A submission.
    pub example: Option<Value>,
    /// Schemas that fields refer to, by name.
    pub definitions: Map<String, Value>,
    source: Value,
}

/// What becomes of a field that the plugin does not declare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AdditionalFields {
    /// It is passed over with a warning.
    #[default]
    Warn,
    /// The submission is refused.
    Reject,
    /// It is stored unchecked.
    Store,
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// Every fault that was found, with its JSON pointer; where the text is no JSON, that alone.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidDocument> {
        let value = json::read(bytes, json::Limits::DOCUMENT).map_err(|fault| {
            let message = format!("line {}, column {}: {}", fault.line, fault.column, fault.kind);
            InvalidDocument::one(None, &fault.pointer, message)
        })?;
        reader::read(value)
    }

    /// The document as its author wrote it, but for white space.
    pub fn source(&self) -> &Value {
        &self.source
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_smallest_document() {
        // CC-1
        let document = read(&smallest()).unwrap();
        assert_eq!(document.name.as_str(), "badges");
        assert_eq!(document.version, Version::new(1, 0, 0));
        assert_eq!(document.additionalfields, AdditionalFields::Warn);
        assert_eq!(document.required, BTreeSet::from(["id".to_owned()]));
        assert_eq!(document.source(), &smallest());
    }

    #[test]
    fn everything_that_can_be_declared() {
        // CC-1
        let mut whole = smallest();
        whole["fields"] = json!({"id": {"$ref": "#/$defs/name"}, "mac": {"type": "string"}, "any": true});
        whole["required"] = json!(["id", "mac"]);
        whole["secondaryidentity"] = json!(["mac"]);
        whole["additionalfields"] = json!("store");
        whole["description"] = json!("Badges.");
        whole["example"] = json!({"id": "1", "mac": "aa:bb:cc:00:11:22"});
        whole["$defs"] = json!({"name": {"type": "string", "maxLength": 9}});
        let document = read(&whole).unwrap();
        assert_eq!(document.additionalfields, AdditionalFields::Store);
        assert_eq!(document.secondaryidentity, ["mac"]);
        assert_eq!(document.required.len(), 2);
        assert_eq!(document.description.as_deref(), Some("Badges."));
    }

    #[test]
    fn what_is_no_json_is_told_by_line() {
        let fault = Document::parse(b"{\n \"name\": \"a\",\n \"name\": \"b\"}").unwrap_err();
        assert_eq!(
            fault.faults[0].to_string(),
            "/name: line 3, column 7: this name stands twice in one object; keep one of them"
        );
        assert!(Document::parse(b"").is_err());
        assert_faults(&json!([]), &["the document: is a list; write an object with `name`, `version`"]);
        let huge = format!("{{\"description\": \"{}\"}}", "x".repeat(300_000));
        assert!(Document::parse(huge.as_bytes()).unwrap_err().to_string().contains("at most 262144"));
    }

    #[test]
    fn all_faults_are_told_at_once() {
        // CC-2
        let document = json!({
            "name": "Badges", "version": "1", "assetkind": 5, "identityfield": "id", "requierd": [],
            "fields": {"id": {"type": "string", "maxlength": 5}, "n": {"type": "text"}, " ": true, "x": 5},
            "additionalfields": "ignore",
        });
        assert_faults(
            &document,
            &[
                "/additionalfields: `ignore` is not known; use `warn`, `reject` or `store`",
                "/assetkind: is a number; write a string",
                "/fields/ : is no name for a field",
                "/fields/id/maxlength: is no keyword of JSON Schema 2020-12; did you mean `maxLength`?",
                "/fields/n/type: \"text\" is not",
                "/fields/x: is a number; a schema is an object, true or false",
                "/name: `Badges` is no name",
                "/requierd: is not a part of a plugin document; did you mean `required`?",
                "/version: `1` is no version",
            ],
        );
    }

    #[test]
    fn parts_that_are_missing_are_named() {
        assert_faults(
            &json!({}),
            &[
                "/assetkind: is missing; say what kind of asset this is, such as \"computer\"",
                "/fields: is missing",
                "/identityfield: is missing",
                "/name: is missing",
                "/version: is missing",
            ],
        );
        let mut document = smallest();
        document["fields"] = json!({});
        assert_faults(&document, &["/fields: is empty", "/identityfield: `id` is not among the fields"]);
    }

    #[test]
    fn the_identity_is_a_required_string() {
        // CC-1, CC-6
        let with = |key: &str, value: Value| {
            let mut document = smallest();
            document[key] = value;
            document
        };
        assert_faults(&with("identityfield", json!("other")), &["/identityfield: `other` is not among the fields"]);
        assert_faults(&with("fields", json!({"id": {"type": "integer"}})), &["/fields/id: tells assets apart"]);
        assert_faults(
            &with("fields", json!({"id": {"type": ["string", "null"]}})),
            &["/fields/id: tells assets apart"],
        );
        assert_faults(&with("fields", json!({"id": true})), &["/fields/id: tells assets apart"]);
        assert_faults(&with("required", json!([])), &["/required: lacks the identity field; add `id`"]);
        assert_faults(
            &with("required", json!(["id", "y", "id"])),
            &["/required/1: `y` is not among the fields", "/required/2: `id` stands here twice"],
        );
        assert_faults(&with("secondaryidentity", json!(["id"])), &["/secondaryidentity/0: `id` is the identity"]);
        assert_faults(&with("secondaryidentity", json!("mac")), &["/secondaryidentity: is a string; write a list"]);
    }

    #[test]
    fn schemas_that_would_hurt_are_refused() {
        // The list of bad input: recursive, unresolvable, remote, backtracking, no schemas at all.
        let with = |fields: Value, definitions: Value| {
            let mut document = smallest();
            document["fields"]["f"] = fields;
            document["$defs"] = definitions;
            document
        };
        let none = json!({});
        assert_faults(
            &with(json!({"$ref": "https://example.com/a.json"}), none.clone()),
            &["/fields/f/$ref: leads out of"],
        );
        assert_faults(
            &with(json!({"$ref": "#/$defs/none"}), none.clone()),
            &["/fields/f/$ref: there is no `none` in $defs"],
        );
        assert_faults(&with(json!({"$ref": "#"}), none.clone()), &["/fields/f/$ref: leads out of"]);
        assert_faults(
            &with(json!({"items": {"$id": "x"}}), none.clone()),
            &["/fields/f/items/$id: a field's schema has no"],
        );
        assert_faults(&with(json!({"pattern": "^(?=a)"}), none.clone()), &["/fields/f/pattern: cannot be run"]);
        assert_faults(
            &with(json!({"patternProperties": {"(a)\\1": {}}}), none.clone()),
            &["/fields/f/patternProperties/(a)\\1: cannot be run"],
        );
        assert_faults(
            &with(json!({"format": "datetime"}), none.clone()),
            &["/fields/f/format: `datetime` is no format that"],
        );
        assert_faults(&with(json!({"minLength": -1}), none), &["/fields/f/minLength: "]);
        assert_faults(
            &with(json!({"x-identity": "name"}), json!({})),
            &["/fields/f/x-identity: is not known; use \"hostname\""],
        );
        assert_faults(
            &with(json!({"items": {"x-identity": "mac"}}), json!({})),
            &["/fields/f/items/x-identity: says who an asset is, and counts at the top of a field only"],
        );
        let circle = json!({"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"not": {"$ref": "#/$defs/a"}}});
        assert_faults(&with(json!({"$ref": "#/$defs/a"}), circle), &["/$defs/a: leads back to itself: a, b, a"]);
        let bomb: Map<String, Value> = (0..30).map(|n| (format!("d{n}"), doubled(n + 1))).collect();
        let mut bomb = Value::Object(bomb);
        bomb["d30"] = json!({});
        assert_faults(&with(json!({"$ref": "#/$defs/d0"}), bomb), &["/fields: come to more than 2000 schemas"]);
    }

    #[test]
    fn there_is_an_end_to_fields_and_patterns() {
        let mut document = smallest();
        for number in 0..MOST_FIELDS {
            document["fields"][format!("f{number}")] = json!({"type": "string"});
        }
        assert_faults(&document, &["/fields: has 201 fields; a plugin may have 200"]);
        let patterns: Vec<Value> = (0..65).map(|n| json!({"pattern": format!("^{n}")})).collect();
        let mut document = smallest();
        document["fields"]["f"] = json!({"anyOf": patterns});
        assert_faults(&document, &["/fields/f/anyOf/64/pattern: is one regular expression more than the 64"]);
    }

    fn doubled(next: usize) -> Value {
        let next = json!({"$ref": format!("#/$defs/d{next}")});
        json!({"allOf": [next, next]})
    }

    fn smallest() -> Value {
        json!({
            "name": "badges", "version": "1.0.0", "assetkind": "badge", "identityfield": "id",
            "fields": {"id": {"type": "string"}},
        })
    }

    fn read(document: &Value) -> Result<Document, InvalidDocument> {
        Document::parse(document.to_string().as_bytes())
    }

    /// Each fault begins with the text at its place.
    fn assert_faults(document: &Value, expected: &[&str]) {
        let told: Vec<String> = read(document).unwrap_err().faults.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), expected.len(), "{told:#?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.starts_with(expected), "{told}\nshould begin with\n{expected}");
        }
    }
}

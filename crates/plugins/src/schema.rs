//! The JSON Schema of a plugin's submissions: put together from its fields, compiled once, and as discovery shows it.
//!
//! Nothing is ever fetched, regular expressions run in linear time, and formats are demands.

use jsonschema::{Draft, PatternOptions, Regex, ValidationError, ValidationOptions, Validator};
use serde_json::{Map, Value, json};

use crate::{AdditionalFields, Document};

/// The dialect that every plugin speaks.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Memory of one compiled regular expression, in bytes; what would need more is refused.
const PATTERN_BYTES: usize = 2 * 1024 * 1024;

/// How regular expressions are run. This engine has no look-around and no back-references, and so cannot backtrack.
pub(crate) fn pattern_options() -> PatternOptions<Regex> {
    PatternOptions::regex().size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES)
}

/// How schemas are compiled.
pub(crate) fn options() -> ValidationOptions<'static> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .offline()
        .with_pattern_options(pattern_options())
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
}

/// Whether a format is one that is checked.
pub(crate) fn is_known_format(format: &str) -> bool {
    options().is_known_format(Draft::Draft202012, format)
}

/// What the engine says of a regular expression that it cannot run.
pub(crate) fn pattern_fault(pattern: &str) -> Option<String> {
    options().build(&json!({ "pattern": pattern })).err().map(|error| error.masked_with("it").to_string())
}

/// What a submission is checked against. Fields that may be cleared are left out by the caller where they are `null`.
pub(crate) fn effective(document: &Document) -> Value {
    let fields = document.fields.iter().map(|(name, schema)| (name.clone(), schema.clone())).collect();
    assembled(document, &fields)
}

/// Compiles it.
///
/// # Errors
/// When the schema is none after all. A document that was read has been looked through, so this is rare.
pub(crate) fn compiled(document: &Document) -> Result<Validator, ValidationError<'static>> {
    options().build(&effective(document))
}

/// The schema as others may use it: with its `$id`, and with `null` where it clears a field (CC-6, CC-11).
pub(crate) fn published(document: &Document) -> Value {
    let fields = document.fields.iter().map(|(name, schema)| {
        let is_required = document.required.contains(name);
        (name.clone(), if is_required { schema.clone() } else { or_null(schema) })
    });
    let mut schema = assembled(document, &fields.collect());
    let extra = schema.as_object_mut().expect("a schema is put together as an object");
    extra.insert("$schema".into(), DIALECT.into());
    extra.insert("$id".into(), format!("urn:muster:collector:{}:{}", document.name, document.version).into());
    extra.insert("title".into(), document.name.as_str().into());
    extra.extend(document.description.as_ref().map(|text| ("description".into(), text.as_str().into())));
    extra.extend(document.example.as_ref().map(|example| ("examples".into(), json!([example]))));
    schema
}

fn assembled(document: &Document, fields: &Map<String, Value>) -> Value {
    let is_open = match document.additionalfields {
        AdditionalFields::Warn | AdditionalFields::Store => true,
        AdditionalFields::Reject => false,
    };
    let mut schema = json!({
        "type": "object",
        "properties": fields,
        "required": document.required,
        "additionalProperties": is_open,
    });
    if !document.definitions.is_empty() {
        schema["$defs"] = document.definitions.clone().into();
    }
    schema
}

/// The schema, and `null` beside. A plain list of types is extended, since it reads better than a choice of schemas.
fn or_null(schema: &Value) -> Value {
    const OTHERS: &[&str] = &["$ref", "const", "enum", "not", "allOf", "anyOf", "oneOf", "if"];
    let plain = schema.as_object().filter(|members| OTHERS.iter().all(|name| !members.contains_key(*name)));
    let types = plain.and_then(|members| members.get("type")).map(|types| match types {
        Value::Array(types) => types.clone(),
        single => vec![single.clone()],
    });
    match types {
        Some(mut types) => {
            if !types.contains(&json!("null")) {
                types.push("null".into());
            }
            let mut schema = schema.clone();
            schema["type"] = types.into();
            schema
        }
        None => json!({ "anyOf": [{ "type": "null" }, schema] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_added_so_that_nothing_else_changes() {
        // CC-6
        let check = |schema: Value, expected: Value| assert_eq!(or_null(&schema), expected);
        check(json!({"type": "string", "maxLength": 3}), json!({"type": ["string", "null"], "maxLength": 3}));
        check(json!({"type": ["null", "string"]}), json!({"type": ["null", "string"]}));
        check(
            json!({"type": "string", "enum": ["a"]}),
            json!({"anyOf": [{"type": "null"}, {"type": "string", "enum": ["a"]}]}),
        );
        check(json!(true), json!({"anyOf": [{"type": "null"}, true]}));
    }

    #[test]
    fn patterns_cannot_backtrack() {
        assert_eq!(pattern_fault("^(a+)+$"), None);
        for bad in ["(?=a)b", "(a)\\1", "(", "[z-a]", "(?<!a)b", "((a{1000}){1000}){1000}"] {
            assert!(pattern_fault(bad).is_some(), "{bad}");
        }
        let validator = options().build(&json!({"pattern": "^(a+)+$"})).unwrap();
        assert!(!validator.is_valid(&json!(format!("{}b", "a".repeat(50_000)))));
    }

    #[test]
    fn nothing_is_fetched() {
        assert!(options().build(&json!({"$ref": "http://127.0.0.1:9/schema.json"})).is_err());
        assert!(options().build(&json!({"$ref": "file:///etc/hostname"})).is_err());
    }
}

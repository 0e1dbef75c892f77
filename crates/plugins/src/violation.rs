//! What is wrong with a submission, for whoever wrote the script that sent it (CC-8).
//!
//! Values are quoted in part only: a message about a list of ten thousand rows does not repeat them.

use jsonschema::{ValidationError, error::ValidationErrorKind};
use serde::Serialize;
use serde_json::Value;

use crate::pointer::{self, clip};

/// Violations that are told at once.
pub(crate) const MOST_VIOLATIONS: usize = 100;

/// Characters of a message.
const LONGEST_MESSAGE: usize = 300;

/// One thing to repair.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Violation {
    /// JSON pointer into the submission; of a member that is missing, where it should stand.
    pub pointer: String,
    /// The keyword of the schema that is not met. `identityfield` where the identity tells nobody apart.
    pub keyword: String,
    /// What is wrong, for people.
    pub message: String,
}

/// Everything that is wrong with a submission: at least one violation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the submission does not fit the plugin's schema in {total} place(s)")]
pub struct Violations {
    /// By pointer, at most a hundred.
    pub list: Vec<Violation>,
    /// How many there are, those included that are not in the list.
    pub total: usize,
}

/// Violations as they are found.
#[derive(Debug, Default)]
pub(crate) struct Found(Vec<Violation>);

impl Found {
    pub(crate) fn add(&mut self, pointer: &str, keyword: &str, message: &str) {
        let (pointer, keyword) = (clip(pointer, LONGEST_MESSAGE), keyword.to_owned());
        self.0.push(Violation { pointer, keyword, message: clip(message, LONGEST_MESSAGE) });
    }

    /// Adds what the schema's validator says. A missing or surplus member is told at its own place, one by one.
    pub(crate) fn add_error(&mut self, error: &ValidationError<'_>) {
        let place = error.instance_path().as_str();
        let keyword = error.kind().keyword();
        match error.kind() {
            ValidationErrorKind::Required { property: Value::String(name) } => {
                self.add(&pointer::child(place, name), keyword, "is required and missing");
            }
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                for name in unexpected {
                    self.add(&pointer::child(place, name), keyword, "is not declared, and nothing else is taken here");
                }
            }
            _ => self.add(place, keyword, &error.masked_with(said(error.instance())).to_string()),
        }
    }

    /// Sorted, each once, and no more than a reader wants.
    pub(crate) fn finish(self) -> Result<(), Violations> {
        let mut list = self.0;
        list.sort();
        list.dedup();
        let total = list.len();
        list.truncate(MOST_VIOLATIONS);
        if total == 0 { Ok(()) } else { Err(Violations { list, total }) }
    }
}

/// A value as it may stand in a sentence.
fn said(value: &Value) -> String {
    match value {
        Value::String(text) => format!("\"{}\"", clip(text, 60).escape_default()),
        Value::Array(_) => "the list".to_owned(),
        Value::Object(_) => "the object".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;
    use serde_json::json;

    #[test]
    fn every_violation_is_told_with_pointer_keyword_and_message() {
        // CC-8
        let schema = json!({
            "properties": {
                "a": {"type": "number"}, "b": {"maxLength": 2}, "t": {"format": "date-time"},
                "rows": {"items": {"required": ["name"], "additionalProperties": false, "properties": {"name": {}}}},
            },
            "required": ["id"],
        });
        let submission = json!({"a": "x", "b": "xyz", "t": "yesterday", "rows": [{"name": 1}, {"extra/1": 2}]});
        let told: Vec<String> = violations(&schema, &submission).list.iter().map(line).collect();
        assert_eq!(
            told,
            [
                "/a type: \"x\" is not of type \"number\"",
                "/b maxLength: \"xyz\" is longer than 2 characters",
                "/id required: is required and missing",
                "/rows/1/extra~11 additionalProperties: is not declared, and nothing else is taken here",
                "/rows/1/name required: is required and missing",
                "/t format: \"yesterday\" is not a \"date-time\"",
            ]
        );
    }

    #[test]
    fn messages_and_their_number_are_bounded() {
        let schema = json!({"additionalProperties": {"type": "string"}, "properties": {"x": {"type": "number"}}});
        let mut submission = json!({"x": "y".repeat(100_000)});
        for number in 0..500 {
            submission[format!("n{number:03}")] = json!([vec![1; 100]]);
        }
        let found = violations(&schema, &submission);
        assert_eq!((found.total, found.list.len()), (501, MOST_VIOLATIONS));
        assert_eq!(found.list[0].message, "the list is not of type \"string\"");
        let long = violations(&schema, &json!({"x": "y".repeat(100_000)}));
        assert!(long.list[0].message.len() < 100, "{}", long.list[0].message);
    }

    fn violations(schema: &Value, submission: &Value) -> Violations {
        let validator = schema::options().build(schema).unwrap();
        let mut found = Found::default();
        validator.iter_errors(submission).for_each(|error| found.add_error(&error));
        found.finish().unwrap_err()
    }

    fn line(violation: &Violation) -> String {
        format!("{} {}: {}", violation.pointer, violation.keyword, violation.message)
    }
}

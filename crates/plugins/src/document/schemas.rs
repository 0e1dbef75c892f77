//! Looks through the schemas of a plugin document: whether each is one, and whether none could hurt who uses it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::references;
use crate::{
    fault::Faults,
    pointer, schema,
    vocabulary::{self, Keyword},
};

/// Regular expressions of one plugin; each may take megabytes.
const MOST_PATTERNS: usize = 64;

/// Notes what is wrong with the schemas of fields and definitions.
pub(super) fn check(fields: &BTreeMap<String, Value>, definitions: &Map<String, Value>, faults: &mut Faults) {
    let mut look = Look { definitions, patterns: 0, faults };
    for (name, schema) in fields {
        look.schema(&pointer::of(&["fields", name]), schema);
    }
    for (name, schema) in definitions {
        look.schema(&pointer::of(&["$defs", name]), schema);
    }
    against_the_dialect(fields, definitions, faults);
    references::check(fields, definitions, faults);
}

/// Whether a schema demands a string and nothing else, itself or through a reference.
pub(super) fn is_string(schema: &Value, definitions: &Map<String, Value>) -> bool {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(references::target);
    let target = target.and_then(|name| definitions.get(&name));
    // One step is followed: the type of an identity should be plain to whoever reads the document.
    [Some(schema), target].into_iter().flatten().any(|schema| schema.get("type") == Some(&json!("string")))
}

/// Types of what stands behind keywords, as the dialect's own schema has them.
fn against_the_dialect(fields: &BTreeMap<String, Value>, definitions: &Map<String, Value>, faults: &mut Faults) {
    let whole = json!({ "properties": fields, "$defs": definitions });
    for error in jsonschema::draft202012::meta::validator().iter_errors(&whole) {
        let place = error.instance_path().as_str();
        let place = place.strip_prefix("/properties").map_or(place.to_owned(), |rest| format!("/fields{rest}"));
        if !faults.is_known(&place) {
            let value = pointer::clip(&error.instance().to_string(), 60);
            let message = pointer::clip(&error.masked_with(value).to_string(), 200);
            faults.add(&place, format!("{message}; see JSON Schema 2020-12 for what may stand here"));
        }
    }
}

struct Look<'a> {
    definitions: &'a Map<String, Value>,
    patterns: usize,
    faults: &'a mut Faults,
}

impl Look<'_> {
    fn schema(&mut self, place: &str, schema: &Value) {
        let members = match schema {
            Value::Object(members) => members,
            Value::Bool(_) => return,
            Value::Null => return self.faults.add(place, "is null; a schema is an object, true or false"),
            Value::Number(_) => return self.faults.add(place, "is a number; a schema is an object, true or false"),
            Value::String(_) => return self.faults.add(place, "is a string; a schema is an object, true or false"),
            Value::Array(_) => return self.faults.add(place, "is a list; a schema is an object, true or false"),
        };
        for (name, value) in members {
            self.member(&pointer::child(place, name), name, value);
        }
        for (way, child) in vocabulary::children(members) {
            self.schema(&format!("{place}{way}"), child);
        }
    }

    fn member(&mut self, place: &str, name: &str, value: &Value) {
        match vocabulary::keyword(name) {
            None => self.unknown(place, name),
            Some(Keyword::Refused(reason)) => self.faults.add(place, reason),
            Some(Keyword::Reference) => self.reference(place, value),
            Some(Keyword::Pattern) => value.as_str().into_iter().for_each(|pattern| self.pattern(place, pattern)),
            Some(Keyword::SchemasByPattern) => {
                for pattern in value.as_object().into_iter().flat_map(Map::keys) {
                    self.pattern(&pointer::child(place, pattern), pattern);
                }
            }
            Some(Keyword::Format) => value.as_str().into_iter().for_each(|format| self.format(place, format)),
            Some(Keyword::Annotation) if name == crate::role::KEYWORD => self.role(place, value),
            Some(
                Keyword::Demand | Keyword::Annotation | Keyword::Schema | Keyword::Schemas | Keyword::SchemasByName,
            ) => {}
        }
    }

    fn unknown(&mut self, place: &str, name: &str) {
        let meant = vocabulary::nearest_keyword(name);
        let advice = meant.map_or("remove it, or begin it with `x-`".to_owned(), |it| format!("did you mean `{it}`?"));
        self.faults.add(place, format!("is no keyword of JSON Schema 2020-12; {advice}"));
    }

    fn reference(&mut self, place: &str, value: &Value) {
        let Some(reference) = value.as_str() else { return };
        match references::target(reference) {
            Some(name) if self.definitions.contains_key(&name) => {}
            Some(name) => {
                let meant = vocabulary::nearest(&name, self.definitions.keys().map(String::as_str));
                let advice = meant.map_or("add it there".to_owned(), |it| format!("did you mean `{it}`?"));
                self.faults.add(place, format!("there is no `{name}` in $defs; {advice}"));
            }
            None => {
                let message = "leads out of this document's $defs, and nothing is ever fetched; copy the schema into \
                               $defs and refer to it as \"#/$defs/NAME\"";
                self.faults.add(place, message);
            }
        }
    }

    fn pattern(&mut self, place: &str, pattern: &str) {
        self.patterns += 1;
        if self.patterns > MOST_PATTERNS {
            let message = format!("is one regular expression more than the {MOST_PATTERNS} a plugin may have");
            return self.faults.add(place, message);
        }
        if let Some(fault) = schema::pattern_fault(pattern) {
            let advice = "write it without look-around and back-references, and shorter where it repeats";
            self.faults.add(place, format!("cannot be run in linear time: {}; {advice}", pointer::clip(&fault, 200)));
        }
    }

    fn format(&mut self, place: &str, format: &str) {
        if !schema::is_known_format(format) {
            let message =
                format!("`{format}` is no format that is checked; use one of JSON Schema 2020-12, or `pattern`");
            self.faults.add(place, message);
        }
    }

    fn role(&mut self, place: &str, value: &Value) {
        let is_of_a_field = place.starts_with("/fields/") && place.matches('/').count() == 3;
        if !is_of_a_field {
            let message = "says who an asset is, and counts at the top of a field only; move it there or remove it";
            self.faults.add(place, message);
        } else if crate::role::declared(value).is_none() {
            let message = "is not known; use \"hostname\", \"mac\", \"serial\", \"ip\" or \"none\"";
            self.faults.add(place, message);
        }
    }
}

//! The keywords of JSON Schema 2020-12: what stands behind each, and which of them a plugin's schemas may use.
//!
//! Everything in this crate that walks through a schema asks here, so that it never takes the name of a property for a
//! keyword. An unknown keyword would be ignored by every validator, and a misspelt `maxLength` checks nothing;
//! so unknown ones are refused, unless they begin with `x-`.

use serde_json::{Map, Value};

use crate::pointer;

/// What stands behind a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyword {
    /// A demand on the value itself.
    Demand,
    /// A word for people or programs that demands nothing.
    Annotation,
    /// A schema.
    Schema,
    /// A list of schemas.
    Schemas,
    /// Schemas by name.
    SchemasByName,
    /// Schemas by the pattern of a name.
    SchemasByPattern,
    /// A regular expression.
    Pattern,
    /// The name of a format.
    Format,
    /// Another schema of the same document.
    Reference,
    /// What a plugin's document must not say.
    Refused(&'static str),
}

const NO_IDENTITY: &str = "a field's schema has no identity or dialect of its own; remove it, for every plugin is JSON \
                           Schema 2020-12, and Muster gives the whole its $id";
const NO_ANCHOR: &str = "refer to a definition by its place instead: {\"$ref\": \"#/$defs/NAME\"}, and remove this";
const NO_DEFINITIONS: &str = "put definitions into $defs at the top of the document";

/// Every keyword, in the order of the specification's vocabularies.
const KEYWORDS: &[(&str, Keyword)] = &[
    ("$id", Keyword::Refused(NO_IDENTITY)),
    ("$schema", Keyword::Refused(NO_IDENTITY)),
    ("$vocabulary", Keyword::Refused(NO_IDENTITY)),
    ("$anchor", Keyword::Refused(NO_ANCHOR)),
    ("$dynamicAnchor", Keyword::Refused(NO_ANCHOR)),
    ("$dynamicRef", Keyword::Refused(NO_ANCHOR)),
    ("$defs", Keyword::Refused(NO_DEFINITIONS)),
    ("definitions", Keyword::Refused(NO_DEFINITIONS)),
    ("$ref", Keyword::Reference),
    ("$comment", Keyword::Annotation),
    ("allOf", Keyword::Schemas),
    ("anyOf", Keyword::Schemas),
    ("oneOf", Keyword::Schemas),
    ("not", Keyword::Schema),
    ("if", Keyword::Schema),
    ("then", Keyword::Schema),
    ("else", Keyword::Schema),
    ("dependentSchemas", Keyword::SchemasByName),
    ("prefixItems", Keyword::Schemas),
    ("items", Keyword::Schema),
    ("contains", Keyword::Schema),
    ("properties", Keyword::SchemasByName),
    ("patternProperties", Keyword::SchemasByPattern),
    ("additionalProperties", Keyword::Schema),
    ("propertyNames", Keyword::Schema),
    ("unevaluatedItems", Keyword::Schema),
    ("unevaluatedProperties", Keyword::Schema),
    ("type", Keyword::Demand),
    ("const", Keyword::Demand),
    ("enum", Keyword::Demand),
    ("multipleOf", Keyword::Demand),
    ("maximum", Keyword::Demand),
    ("exclusiveMaximum", Keyword::Demand),
    ("minimum", Keyword::Demand),
    ("exclusiveMinimum", Keyword::Demand),
    ("maxLength", Keyword::Demand),
    ("minLength", Keyword::Demand),
    ("pattern", Keyword::Pattern),
    ("maxItems", Keyword::Demand),
    ("minItems", Keyword::Demand),
    ("uniqueItems", Keyword::Demand),
    ("maxContains", Keyword::Demand),
    ("minContains", Keyword::Demand),
    ("maxProperties", Keyword::Demand),
    ("minProperties", Keyword::Demand),
    ("required", Keyword::Demand),
    ("dependentRequired", Keyword::Demand),
    ("format", Keyword::Format),
    ("title", Keyword::Annotation),
    ("description", Keyword::Annotation),
    ("default", Keyword::Annotation),
    ("deprecated", Keyword::Annotation),
    ("readOnly", Keyword::Annotation),
    ("writeOnly", Keyword::Annotation),
    ("examples", Keyword::Annotation),
    ("contentEncoding", Keyword::Annotation),
    ("contentMediaType", Keyword::Annotation),
    ("contentSchema", Keyword::Annotation),
];

/// What stands behind a keyword; nothing for what is none.
pub(crate) fn keyword(name: &str) -> Option<Keyword> {
    let known = KEYWORDS.iter().find(|(known, _)| *known == name).map(|(_, keyword)| *keyword);
    known.or_else(|| name.starts_with("x-").then_some(Keyword::Annotation))
}

/// The keyword that was probably meant.
pub(crate) fn nearest_keyword(name: &str) -> Option<&'static str> {
    nearest(name, KEYWORDS.iter().map(|(known, _)| *known))
}

/// Which of the known names was probably meant: the one that differs in at most two letters, in any case.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name: String = name.to_lowercase().chars().filter(|c| !matches!(c, '_' | '-' | ' ')).take(80).collect();
    let distance = |known: &str| strsim::osa_distance(&name, &known.to_lowercase());
    known.map(|known| (distance(known), known)).filter(|(distance, _)| *distance <= 2).min().map(|(_, known)| known)
}

/// The schemas that stand directly in a schema, with the pointer to each from there.
pub(crate) fn children(schema: &Map<String, Value>) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (name, value) in schema {
        match keyword(name) {
            Some(Keyword::Schema) => found.push((pointer::of(&[name]), value)),
            Some(Keyword::SchemasByName | Keyword::SchemasByPattern) => {
                let members = value.as_object().into_iter().flatten();
                found.extend(members.map(|(member, value)| (pointer::of(&[name, member]), value)));
            }
            Some(Keyword::Schemas) => {
                let items = value.as_array().into_iter().flatten().enumerate();
                found.extend(items.map(|(place, value)| (format!("/{name}/{place}"), value)));
            }
            Some(
                Keyword::Demand
                | Keyword::Annotation
                | Keyword::Pattern
                | Keyword::Format
                | Keyword::Reference
                | Keyword::Refused(_),
            )
            | None => {}
        }
    }
    found
}

/// The schema without its annotations: what it demands and nothing else.
pub(crate) fn bare(schema: &Value) -> Value {
    let Value::Object(members) = schema else { return schema.clone() };
    let demands = members.iter().filter(|(name, _)| keyword(name) != Some(Keyword::Annotation));
    demands.map(|(name, value)| (name.clone(), bare_member(name, value))).collect()
}

fn bare_member(name: &str, value: &Value) -> Value {
    match (keyword(name), value) {
        (Some(Keyword::Schema), schema) => bare(schema),
        (Some(Keyword::Schemas), Value::Array(schemas)) => schemas.iter().map(bare).collect(),
        (Some(Keyword::SchemasByName | Keyword::SchemasByPattern), Value::Object(schemas)) => {
            schemas.iter().map(|(name, schema)| (name.clone(), bare(schema))).collect()
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn misspelt_keywords_are_recognised() {
        assert_eq!(keyword("maxLength"), Some(Keyword::Demand));
        assert_eq!(keyword("x-anything"), Some(Keyword::Annotation));
        assert_eq!(keyword("maxlenght"), None);
        assert_eq!(nearest_keyword("maxlenght"), Some("maxLength"));
        assert_eq!(nearest_keyword("max_length"), Some("maxLength"));
        assert_eq!(nearest_keyword("colour"), None);
    }

    #[test]
    fn annotations_go_and_properties_of_their_name_stay() {
        let schema = json!({
            "title": "t", "x-a": 1, "type": "object", "const": {"title": "kept"},
            "properties": {"title": {"type": "string", "description": "d"}, "description": true},
            "allOf": [{"default": 1, "minimum": 2}], "items": {"examples": []},
        });
        let expected = json!({
            "type": "object", "const": {"title": "kept"},
            "properties": {"title": {"type": "string"}, "description": true},
            "allOf": [{"minimum": 2}], "items": {},
        });
        assert_eq!(bare(&schema), expected);
    }

    #[test]
    fn children_are_schemas_only() {
        let schema = json!({
            "const": {"not": 1}, "properties": {"items": {"a": 1}}, "anyOf": [true, false], "not": {},
        });
        let found: Vec<_> = children(schema.as_object().unwrap()).into_iter().map(|(place, _)| place).collect();
        assert_eq!(found, ["/anyOf/0", "/anyOf/1", "/not", "/properties/items"]);
    }
}

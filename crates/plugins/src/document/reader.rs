//! Reads the members of a plugin document, and notes every fault instead of stopping at the first.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};

use semver::Version;
use serde_json::{Map, Value};

use super::{AdditionalFields, Document, MOST_FIELDS, schemas};
use crate::{InvalidDocument, PluginName, fault::Faults, name::is_field_name, pointer, vocabulary};

/// Members of a document, each with what to write where it is missing.
const MEMBERS: &[(&str, Option<&str>)] = &[
    ("name", Some("name the plugin, such as \"network-devices\"")),
    ("version", Some("give it a version, such as \"1.0.0\"")),
    ("assetkind", Some("say what kind of asset this is, such as \"computer\"")),
    ("identityfield", Some("name the field that tells one asset from another")),
    ("fields", Some("declare the fields: an object of a JSON Schema for each; without it there is no endpoint")),
    ("required", None),
    ("secondaryidentity", None),
    ("additionalfields", None),
    ("description", None),
    ("example", None),
    ("$defs", None),
];

/// Reads a document from its JSON.
pub(super) fn read(source: Value) -> Result<Document, InvalidDocument> {
    let Value::Object(members) = &source else {
        let message = format!("is {}; write an object with `name`, `version` and the rest", said(&source));
        return Err(InvalidDocument::one(None, "", message));
    };
    let mut reader = Reader { members, faults: Faults::default() };
    let document = reader.document();
    let name = members.get("name").and_then(Value::as_str).and_then(|name| name.parse::<PluginName>().ok());
    match document {
        Some(document) if reader.faults.is_empty() => Ok(Document { source, ..document }),
        _ => Err(InvalidDocument { name, faults: reader.faults.into_vec() }),
    }
}

/// What a value is, in words.
fn said(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

struct Reader<'a> {
    members: &'a Map<String, Value>,
    faults: Faults,
}

impl<'a> Reader<'a> {
    /// The document, unless a part that it cannot do without has a fault.
    fn document(&mut self) -> Option<Document> {
        self.unknown_members();
        let name = self.parsed("name");
        let version = self.version();
        let assetkind = self.parsed("assetkind");
        let identityfield = self.text("identityfield");
        let definitions = self.object("$defs").cloned().unwrap_or_default();
        let fields = self.fields();
        schemas::check(&fields, &definitions, &mut self.faults);
        self.identity(identityfield, &fields, &definitions);
        let required = self.required(identityfield, &fields);
        let secondaryidentity = self.secondary(identityfield, &fields);
        let additionalfields = self.additional();
        let description = self.text("description").map(str::to_owned);
        Some(Document {
            name: name?,
            version: version?,
            assetkind: assetkind?,
            identityfield: identityfield?.to_owned(),
            fields,
            required,
            secondaryidentity,
            additionalfields,
            description,
            example: self.members.get("example").cloned(),
            definitions,
            source: Value::Null,
        })
    }

    fn unknown_members(&mut self) {
        for name in self.members.keys().filter(|name| MEMBERS.iter().all(|(known, _)| known != name)) {
            let meant = vocabulary::nearest(name, MEMBERS.iter().map(|(known, _)| *known));
            let advice = meant.map_or("remove it".to_owned(), |meant| format!("did you mean `{meant}`?"));
            let message = format!("is not a part of a plugin document; {advice}");
            self.faults.add(&pointer::of(&[name]), message);
        }
    }

    /// A member, noted as missing where the document cannot do without.
    fn member(&mut self, name: &str) -> Option<&'a Value> {
        let value = self.members.get(name);
        if value.is_none() {
            let advice = MEMBERS.iter().find(|(known, _)| *known == name).and_then(|(_, advice)| *advice);
            if let Some(advice) = advice {
                self.faults.add(&pointer::of(&[name]), format!("is missing; {advice}"));
            }
        }
        value
    }

    fn text(&mut self, name: &str) -> Option<&'a str> {
        let value = self.member(name)?;
        if value.as_str().is_none() {
            self.faults.add(&pointer::of(&[name]), format!("is {}; write a string", said(value)));
        }
        value.as_str()
    }

    fn object(&mut self, name: &str) -> Option<&'a Map<String, Value>> {
        let value = self.member(name)?;
        if value.as_object().is_none() {
            self.faults.add(&pointer::of(&[name]), format!("is {}; write an object of a schema for each", said(value)));
        }
        value.as_object()
    }

    fn parsed<T: FromStr<Err: ToString>>(&mut self, name: &str) -> Option<T> {
        let parsed = self.text(name)?.parse();
        parsed.map_err(|fault: T::Err| self.faults.add(&pointer::of(&[name]), fault.to_string())).ok()
    }

    fn version(&mut self) -> Option<Version> {
        let text = self.text("version")?;
        let parsed = Version::parse(text);
        let advice = "write MAJOR.MINOR.PATCH, such as 1.0.0 (semver.org)";
        parsed.map_err(|fault| self.faults.add("/version", format!("`{text}` is no version ({fault}); {advice}"))).ok()
    }

    fn fields(&mut self) -> BTreeMap<String, Value> {
        let Some(fields) = self.object("fields") else { return BTreeMap::new() };
        if fields.is_empty() {
            self.faults.add("/fields", "is empty; declare at least the identity field");
        }
        if fields.len() > MOST_FIELDS {
            let message =
                format!("has {} fields; a plugin may have {MOST_FIELDS}, put some into one object", fields.len());
            self.faults.add("/fields", message);
        }
        for name in fields.keys().filter(|name| !is_field_name(name)) {
            let message = "is no name for a field; use 1 to 64 characters, no control characters, no space around";
            self.faults.add(&pointer::of(&["fields", name]), message);
        }
        fields.iter().map(|(name, schema)| (name.clone(), schema.clone())).collect()
    }

    fn identity(&mut self, field: Option<&str>, fields: &BTreeMap<String, Value>, definitions: &Map<String, Value>) {
        let Some(field) = field else { return };
        let Some(schema) = fields.get(field) else {
            let meant = vocabulary::nearest(field, fields.keys().map(String::as_str));
            let advice = meant.map_or("declare it there".to_owned(), |meant| format!("did you mean `{meant}`?"));
            return self.faults.add("/identityfield", format!("`{field}` is not among the fields; {advice}"));
        };
        let place = pointer::of(&["fields", field]);
        if !schemas::is_string(schema, definitions) && !self.faults.is_known(&place) {
            self.faults.add(&place, "tells assets apart, so it must be a string; give it \"type\": \"string\"");
        }
    }

    fn required(&mut self, identity: Option<&str>, fields: &BTreeMap<String, Value>) -> BTreeSet<String> {
        if !self.members.contains_key("required") {
            return identity.map(str::to_owned).into_iter().collect();
        }
        let required: BTreeSet<String> = self.listed("required", fields).into_iter().collect();
        let missing = identity.filter(|identity| !required.contains(*identity) && fields.contains_key(*identity));
        if let Some(identity) = missing {
            self.faults.add("/required", format!("lacks the identity field; add `{identity}`"));
        }
        required
    }

    fn secondary(&mut self, identity: Option<&str>, fields: &BTreeMap<String, Value>) -> Vec<String> {
        let listed = self.listed("secondaryidentity", fields);
        for (place, field) in listed.iter().enumerate().filter(|(_, field)| Some(field.as_str()) == identity) {
            let message = format!("`{field}` is the identity itself; remove it here");
            self.faults.add(&format!("/secondaryidentity/{place}"), message);
        }
        listed
    }

    /// A list of names of fields, without those that are none.
    fn listed(&mut self, name: &str, fields: &BTreeMap<String, Value>) -> Vec<String> {
        let Some(value) = self.members.get(name) else { return Vec::new() };
        let Some(items) = value.as_array() else {
            self.faults.add(&pointer::of(&[name]), format!("is {}; write a list of names of fields", said(value)));
            return Vec::new();
        };
        let mut listed = Vec::new();
        for (place, item) in items.iter().enumerate() {
            match self.field(item, fields, &listed) {
                Ok(field) => listed.push(field),
                Err(message) => self.faults.add(&format!("/{name}/{place}"), message),
            }
        }
        listed
    }

    fn field(&self, item: &Value, fields: &BTreeMap<String, Value>, before: &[String]) -> Result<String, String> {
        let name = item.as_str().ok_or_else(|| format!("is {}; write the name of a field", said(item)))?;
        if before.iter().any(|known| known == name) {
            return Err(format!("`{name}` stands here twice; keep one"));
        }
        if fields.contains_key(name) {
            return Ok(name.to_owned());
        }
        let meant = vocabulary::nearest(name, fields.keys().map(String::as_str));
        let advice =
            meant.map_or("declare it there, or remove it here".to_owned(), |it| format!("did you mean `{it}`?"));
        Err(format!("`{name}` is not among the fields; {advice}"))
    }

    fn additional(&mut self) -> AdditionalFields {
        match self.text("additionalfields") {
            None | Some("warn") => AdditionalFields::Warn,
            Some("reject") => AdditionalFields::Reject,
            Some("store") => AdditionalFields::Store,
            Some(other) => {
                let message = format!("`{other}` is not known; use `warn`, `reject` or `store`");
                self.faults.add("/additionalfields", message);
                AdditionalFields::Warn
            }
        }
    }
}

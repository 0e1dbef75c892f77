//! A plugin that can be used: its document, with everything that is worked out of it once (CC-2).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jsonschema::Validator;
use muster_model::Identity;
use serde_json::Value;

use crate::{
    Document, Fields, InvalidDocument, Rejection, Submission, Violation, Violations, json, pointer, role::Role, schema,
    submission,
};

/// A plugin document with its compiled schema.
#[derive(Debug)]
pub struct Plugin {
    document: Document,
    pub(crate) validator: Validator,
    pub(crate) roles: BTreeMap<String, Role>,
    /// Fields whose own schema says that they hold a time.
    pub(crate) times: BTreeSet<String>,
}

impl Plugin {
    /// Reads and compiles a plugin document.
    ///
    /// # Errors
    /// Every fault that was found, with its JSON pointer.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidDocument> {
        Document::parse(bytes).and_then(Self::compile)
    }

    /// Compiles a document.
    ///
    /// # Errors
    /// When its schema does not compile, or its example does not fit.
    pub fn compile(document: Document) -> Result<Self, InvalidDocument> {
        let validator = schema::compiled(&document).map_err(|error| {
            let place = error.instance_path().as_str();
            let place = place.strip_prefix("/properties").map_or(place.to_owned(), |rest| format!("/fields{rest}"));
            let message = format!("cannot be compiled: {}; write it more simply", error.masked());
            InvalidDocument::one(Some(document.name.clone()), &place, message)
        })?;
        let role = |(name, schema): (&String, &Value)| Some((name.clone(), Role::of_field(name, schema)?));
        let roles = document.fields.iter().filter_map(role).collect();
        let is_time = |schema: &Value| schema.get("format").and_then(Value::as_str) == Some("date-time");
        let times =
            document.fields.iter().filter(|(_, schema)| is_time(schema)).map(|(name, _)| name.clone()).collect();
        let plugin = Self { document, validator, roles, times };
        plugin.check_example()?;
        Ok(plugin)
    }

    fn check_example(&self) -> Result<(), InvalidDocument> {
        let Some(example) = &self.document.example else { return Ok(()) };
        // The time only decides about warnings, which an example may give.
        let Err(violations) = self.accept(example.clone(), Timestamp::UNIX_EPOCH) else { return Ok(()) };
        let mut faults = crate::fault::Faults::default();
        for Violation { pointer, keyword, message } in violations.list {
            let place = format!("{}{pointer}", pointer::of(&["example"]));
            faults.add(&place, format!("does not fit the plugin's own fields: {message} ({keyword})"));
        }
        Err(InvalidDocument { name: Some(self.document.name.clone()), faults: faults.into_vec() })
    }

    /// What the author declared.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The full JSON Schema with its `$id`, as discovery shows it (CC-11). A validator of any make that knows 2020-12
    /// takes by it what this crate takes, but for the forms of hardware addresses and identities.
    pub fn published_schema(&self) -> Value {
        schema::published(&self.document)
    }

    /// The role of a field, where it says who the asset is.
    pub fn role(&self, field: &str) -> Option<Role> {
        self.roles.get(field).copied()
    }

    /// Reads a submission.
    ///
    /// # Errors
    /// When the text cannot be read, or does not fit the schema.
    pub fn read(&self, bytes: &[u8], now: Timestamp) -> Result<Submission, Rejection> {
        let value = json::read(bytes, json::Limits::SUBMISSION)?;
        Ok(self.accept(value, now)?)
    }

    /// Takes a submission that was read already.
    ///
    /// # Errors
    /// Everything in which it does not fit the schema.
    pub fn accept(&self, value: Value, now: Timestamp) -> Result<Submission, Violations> {
        submission::accept(self, value, now)
    }

    /// What the fields of an asset say about who it is (CC-13): host names, hardware addresses, addresses, serial
    /// number.
    pub fn evidence(&self, fields: &Fields) -> Identity {
        let mut identity = Identity::default();
        for (name, role) in &self.roles {
            let values = fields.get(name).into_iter().flat_map(|value| match value {
                Value::Array(items) => items.as_slice(),
                single => std::slice::from_ref(single),
            });
            values.filter_map(Value::as_str).for_each(|text| role.tell(text, &mut identity));
        }
        identity
    }
}

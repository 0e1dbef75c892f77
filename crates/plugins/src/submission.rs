//! One submission: from JSON to what it changes about one asset (CC-6, CC-7, CC-8).
//!
//! The order is: strings are trimmed; fields that `null` clears are set aside; the rest is checked against the schema;
//! what says who the asset is gets its normal form; long texts are cut. Nothing is taken of a submission that has a
//! fault.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::{
    AdditionalFields, JsonFault, Plugin, Violations,
    name::is_field_name,
    normalise, pointer,
    role::Role,
    violation::Found,
    vocabulary,
    warning::{Warning, bounded},
};

/// Fields of an asset, by name. A field that was cleared or never sent is not there.
pub type Fields = Map<String, Value>;

/// Characters of an identity.
const LONGEST_IDENTITY: usize = 255;

/// How far clocks may differ without a word.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// A submission that fits its plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// Normal form of the identity: one asset of the plugin's kind has it.
    pub identity: String,
    /// Normal forms of the secondary identities that were sent and tell assets apart, by field.
    pub secondary: BTreeMap<String, String>,
    /// What it says of each field that it names: a value, or that there is none any more.
    pub changes: BTreeMap<String, Option<Value>>,
    /// What may not be what the sender meant; at most a hundred and one.
    pub warnings: Vec<Warning>,
}

/// Why a submission was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It cannot be read, or is larger than what is read.
    #[error("the submission cannot be read: {0}")]
    Unreadable(#[from] JsonFault),
    /// It does not fit the schema.
    #[error(transparent)]
    Unfit(#[from] Violations),
}

/// Takes a submission of a plugin.
pub(crate) fn accept(plugin: &Plugin, mut value: Value, now: Timestamp) -> Result<Submission, Violations> {
    let mut found = Found::default();
    normalise::tidy(&mut value);
    let Value::Object(mut members) = value else {
        found.add("", "type", "a submission is an object of fields and their values; send one in { }");
        return Err(found.finish().expect_err("a violation was added"));
    };
    normalise::refuse_nul(&mut members, &mut found);
    let cleared = take_cleared(plugin, &mut members);
    let whole = Value::Object(members);
    // Most submissions fit, and that is known faster than why one does not.
    if !plugin.validator.is_valid(&whole) {
        plugin.validator.iter_errors(&whole).for_each(|error| found.add_error(&error));
    }
    let Value::Object(mut members) = whole else { unreachable!("it was made of an object above") };
    for (name, role) in &plugin.roles {
        members.get_mut(name).into_iter().for_each(|value| normal_form(name, *role, value, &mut found));
    }
    check_identity(plugin, &members, &mut found);
    found.finish()?;
    Ok(taken(plugin, members, cleared, now))
}

/// Sets aside what is `null` and need not be there (CC-6). A field of a plugin that takes in what it does not know may
/// be cleared as well.
fn take_cleared(plugin: &Plugin, members: &mut Map<String, Value>) -> Vec<String> {
    let document = plugin.document();
    let may_be_cleared = |name: &String| match document.additionalfields {
        AdditionalFields::Store => !document.required.contains(name),
        AdditionalFields::Warn | AdditionalFields::Reject => {
            document.fields.contains_key(name) && !document.required.contains(name)
        }
    };
    let nulls = members.iter().filter(|(name, value)| value.is_null() && may_be_cleared(name));
    let cleared: Vec<String> = nulls.map(|(name, _)| name.clone()).collect();
    cleared.iter().for_each(|name| drop(members.remove(name)));
    cleared
}

/// Gives a value, or each of a list, the form of its role.
fn normal_form(name: &str, role: Role, value: &mut Value, found: &mut Found) {
    let place = pointer::of(&[name]);
    match value {
        Value::String(text) => normal_text(&place, role, text, found),
        Value::Array(items) => {
            for (number, item) in items.iter_mut().enumerate() {
                if let Value::String(text) = item {
                    normal_text(&format!("{place}/{number}"), role, text, found);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
    }
}

fn normal_text(place: &str, role: Role, text: &mut String, found: &mut Found) {
    match role.normal(text) {
        Ok(normal) => *text = normal,
        Err(reason) => found.add(place, "format", &reason),
    }
}

fn check_identity(plugin: &Plugin, members: &Map<String, Value>, found: &mut Found) {
    let field = &plugin.document().identityfield;
    let Some(text) = members.get(field).and_then(Value::as_str) else { return };
    let place = pointer::of(&[field]);
    let advice = "it would make one asset of many; send what tells this one apart";
    if text.is_empty() {
        found.add(&place, "identityfield", "is empty, and tells assets apart; send a value");
    } else if text.chars().count() > LONGEST_IDENTITY {
        found.add(
            &place,
            "identityfield",
            "is longer than 255 characters; send a shorter value that tells assets apart",
        );
    } else if text.chars().any(|c| c.is_control() && c != '\0') {
        found.add(&place, "identityfield", "contains a control character; leave it out");
    } else if let Some(reason) = plugin.role(field).and_then(|role| role.shared_by_many(text)) {
        found.add(&place, "identityfield", &format!("{reason}; {advice}"));
    }
}

fn taken(plugin: &Plugin, mut members: Map<String, Value>, cleared: Vec<String>, now: Timestamp) -> Submission {
    let mut warnings = Vec::new();
    let unknown = take_unknown(plugin, &mut members);
    warnings.extend(unknown.iter().map(|name| unknown_field(plugin, name)));
    warnings.extend(plugin.times.iter().filter_map(|name| future_time(name, members.get(name)?, now)));
    normalise::truncate(&mut members, &mut warnings);
    let document = plugin.document();
    let text = |name: &String| members.get(name).and_then(Value::as_str);
    let identity = text(&document.identityfield).expect("the schema demands a string there").to_owned();
    let secondary = document.secondaryidentity.iter().filter_map(|name| {
        let text = text(name).filter(|text| !text.is_empty())?;
        let is_shared = plugin.role(name).is_some_and(|role| role.shared_by_many(text).is_some());
        (!is_shared).then(|| (name.clone(), text.to_owned()))
    });
    let secondary = secondary.collect();
    let mut changes: BTreeMap<String, Option<Value>> = cleared.into_iter().map(|name| (name, None)).collect();
    changes.extend(members.into_iter().map(|(name, value)| (name, Some(value))));
    Submission { identity, secondary, changes, warnings: bounded(warnings) }
}

/// Takes out what is not to be stored.
fn take_unknown(plugin: &Plugin, members: &mut Map<String, Value>) -> Vec<String> {
    let document = plugin.document();
    let is_kept = |name: &String| match document.additionalfields {
        AdditionalFields::Store => is_field_name(name),
        AdditionalFields::Warn | AdditionalFields::Reject => false,
    };
    let unknown = members.keys().filter(|name| !document.fields.contains_key(*name) && !is_kept(name));
    let unknown: Vec<String> = unknown.cloned().collect();
    unknown.iter().for_each(|name| drop(members.remove(name)));
    unknown
}

fn unknown_field(plugin: &Plugin, name: &str) -> Warning {
    let meant = vocabulary::nearest(name, plugin.document().fields.keys().map(String::as_str));
    let pointer = pointer::clip(&pointer::of(&[name]), 200);
    Warning::UnknownField { pointer, did_you_mean: meant.map(str::to_owned) }
}

fn future_time(name: &str, value: &Value, now: Timestamp) -> Option<Warning> {
    let ahead = value.as_str()?.parse::<Timestamp>().ok()?.duration_since(now);
    (ahead > CLOCK_TOLERANCE).then(|| Warning::FutureTime { pointer: pointer::of(&[name]), ahead })
}

//! What a new version of a plugin takes away from those who send by the old one (CC-4).
//!
//! The promise: if [`Comparison::is_compatible`], then every submission that fits the old document and has only fields
//! which that declares fits the new one, tells the same asset, and keeps all it says. Whether the schema of a field
//! takes everything that the old one took is decided by the schema library's set algebra on what both demand; what it
//! cannot decide counts as tightened. A field that is new is no break, although somebody may have sent another value
//! under its name and been warned.

use jsonschema::{Draft, canonical};
use semver::Version;
use serde_json::{Map, Value, json};

use crate::{
    AdditionalFields, Document, pointer,
    role::Role,
    schema,
    vocabulary::{bare, keyword},
};

/// Two versions of a plugin beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What differs and matters to senders, by pointer.
    pub changes: Vec<Change>,
    /// The version before.
    pub old: Version,
    /// The version after.
    pub new: Version,
    is_same: bool,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// JSON pointer into the old document; into the new one for what is new.
    pub pointer: String,
    /// What was done.
    pub kind: ChangeKind,
}

/// What was done to a part of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeKind {
    /// A field is new.
    #[error("is new")]
    Added,
    /// A field is gone.
    #[error("was removed")]
    Removed,
    /// A field is gone, and another with the same schema is new.
    #[error("was renamed to `{0}`")]
    Renamed(String),
    /// A field takes less than before, or it cannot be shown that it does not.
    #[error("was tightened: {0}")]
    Tightened(String),
    /// A field must be there that need not be before.
    #[error("became required")]
    BecameRequired,
    /// Assets are told apart by something else, so that each would be another.
    #[error("changed the identity of assets: {0}")]
    Identity(String),
    /// Undeclared fields fare worse.
    #[error("changed from `{0}` to `{1}`, which takes in less")]
    AdditionalFields(&'static str, &'static str),
}

/// The version of a new document does not say what it changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionFault {
    /// Something was removed, renamed or tightened, and the major version is the same (CC-4).
    #[error(
        "version {new} after {old} needs to be {}.0.0, since {}; raise the version, or leave the field as it was",
        old.major + 1,
        said(breaks)
    )]
    NeedsMajor {
        /// The version before.
        old: Version,
        /// The version after.
        new: Version,
        /// What was removed, renamed or tightened: at least one change.
        breaks: Vec<Change>,
    },
    /// The document differs, and the version does not.
    #[error("version {0} is in force with another document; raise the version with every change")]
    Unchanged(Version),
    /// The version is lower.
    #[error("version {new} is lower than {old}, which is in force; raise it above that, or remove the plugin first")]
    Lower {
        /// The version before.
        old: Version,
        /// The version after.
        new: Version,
    },
}

fn said(breaks: &[Change]) -> String {
    let parts: Vec<String> = breaks.iter().map(|change| format!("{} {}", change.pointer, change.kind)).collect();
    parts.join("; ")
}

impl ChangeKind {
    /// Whether submissions by the old document may fare worse by the new one.
    pub fn is_break(&self) -> bool {
        match self {
            Self::Added => false,
            Self::Removed
            | Self::Renamed(_)
            | Self::Tightened(_)
            | Self::BecameRequired
            | Self::Identity(_)
            | Self::AdditionalFields(..) => true,
        }
    }
}

impl Comparison {
    /// Whether every submission by the old document fares as well by the new one.
    pub fn is_compatible(&self) -> bool {
        !self.changes.iter().any(|change| change.kind.is_break())
    }

    /// Whether the step from one version to the other says what was changed.
    ///
    /// # Errors
    /// Which version it takes, and because of which fields.
    pub fn check_version(&self) -> Result<(), VersionFault> {
        let (old, new) = (self.old.clone(), self.new.clone());
        match new.cmp_precedence(&old) {
            std::cmp::Ordering::Less => Err(VersionFault::Lower { old, new }),
            std::cmp::Ordering::Equal if self.is_same => Ok(()),
            std::cmp::Ordering::Equal => Err(VersionFault::Unchanged(old)),
            std::cmp::Ordering::Greater if self.is_compatible() || new.major > old.major => Ok(()),
            std::cmp::Ordering::Greater => {
                let breaks = self.changes.iter().filter(|change| change.kind.is_break()).cloned().collect();
                Err(VersionFault::NeedsMajor { old, new, breaks })
            }
        }
    }
}

/// Compares a plugin document with the one that should take its place.
///
/// Takes milliseconds; for documents at the edge of what a document may be, seconds. So call it where waiting is
/// allowed.
pub fn compare(old: &Document, new: &Document) -> Comparison {
    let mut changes = Vec::new();
    let mut note = |pointer: String, kind| changes.push(Change { pointer, kind });
    for (name, schema) in &old.fields {
        let place = pointer::of(&["fields", name]);
        match new.fields.get(name) {
            None => note(place, renamed(name, old, new).map_or(ChangeKind::Removed, ChangeKind::Renamed)),
            Some(after) => {
                if let Some(reason) = tightened(name, (old, schema), (new, after)) {
                    note(place.clone(), ChangeKind::Tightened(reason));
                }
                if new.required.contains(name) && !old.required.contains(name) {
                    note(place, ChangeKind::BecameRequired);
                }
            }
        }
    }
    for name in new.fields.keys().filter(|name| !old.fields.contains_key(*name)) {
        let is_required = new.required.contains(name);
        note(pointer::of(&["fields", name]), if is_required { ChangeKind::BecameRequired } else { ChangeKind::Added });
    }
    changes.extend(identity(old, new));
    changes.extend(additional(old.additionalfields, new.additionalfields));
    changes.sort_by(|one, other| one.pointer.cmp(&other.pointer));
    Comparison { changes, old: old.version.clone(), new: new.version.clone(), is_same: is_same(old, new) }
}

/// Whether two documents say the same, but for words to people.
fn is_same(old: &Document, new: &Document) -> bool {
    let said = |document: &Document| {
        let mut source = document.source().clone();
        let members = source.as_object_mut().expect("a document was read from an object");
        members.retain(|name, _| !matches!(name.as_str(), "description" | "example"));
        for part in ["fields", "$defs"] {
            let schemas = members.get_mut(part).and_then(Value::as_object_mut).into_iter().flatten();
            // A role is an annotation by its spelling only.
            schemas.for_each(|(_, schema)| *schema = json!([bare(schema), schema.get(crate::role::KEYWORD)]));
        }
        source
    };
    said(old) == said(new)
}

/// The one new field with the demands of one that is gone.
fn renamed(name: &str, old: &Document, new: &Document) -> Option<String> {
    let demands = standalone(&old.fields[name], old);
    let added = new.fields.iter().filter(|(name, _)| !old.fields.contains_key(*name));
    let mut alike = added.filter(|(_, schema)| standalone(schema, new) == demands).map(|(name, _)| name.clone());
    alike.next().filter(|_| alike.next().is_none())
}

/// Why a field takes less than before, if so or if that cannot be told.
fn tightened(name: &str, old: (&Document, &Value), new: (&Document, &Value)) -> Option<String> {
    let (before, after) = (standalone(old.1, old.0), standalone(new.1, new.0));
    let role = |schema| Role::of_field(name, schema);
    if role(new.1) == Some(Role::Mac) && role(old.1) != Some(Role::Mac) {
        return Some("only hardware addresses are taken now".to_owned());
    }
    let is_covered = before == after || covers(&after, &before).is_some_and(|covers| covers);
    (!is_covered).then(|| differing_keywords(&before, &after))
}

/// What a schema demands, with the definitions that it may refer to.
fn standalone(schema: &Value, document: &Document) -> Value {
    let mut schema = bare(schema);
    if let Some(members) = schema.as_object_mut()
        && !document.definitions.is_empty()
    {
        let definitions: Map<String, Value> =
            document.definitions.iter().map(|(name, schema)| (name.clone(), bare(schema))).collect();
        members.insert("$defs".into(), definitions.into());
    }
    schema
}

/// Whether one schema takes everything that the other takes; nothing where that cannot be decided.
fn covers(outer: &Value, inner: &Value) -> Option<bool> {
    let canonical = |schema| {
        canonical::options()
            .with_draft(Draft::Draft202012)
            .offline()
            .should_validate_formats(true)
            .with_pattern_options(schema::pattern_options())
            .canonicalize(schema)
            .ok()
    };
    match canonical(outer)?.covers(&canonical(inner)?).ok()? {
        canonical::Containment::Yes => Some(true),
        canonical::Containment::No => Some(false),
        canonical::Containment::Unknown => None,
    }
}

/// The keywords that differ at the top of two schemas, in words.
fn differing_keywords(before: &Value, after: &Value) -> String {
    let nothing = Map::new();
    let [before, after] = [before, after].map(|schema| schema.as_object().unwrap_or(&nothing));
    let differs = |name: &&String| before.get(*name) != after.get(*name);
    let mut names: Vec<&str> = before.keys().chain(after.keys()).filter(differs).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    let parts: Vec<String> = names.into_iter().map(|name| step(name, before.get(name), after.get(name))).collect();
    if parts.is_empty() { "it takes less than before".to_owned() } else { parts.join(", ") }
}

fn step(name: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    let is_short = |value: &&Value| !value.is_object() && value.to_string().len() <= 80;
    let said = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
    let is_plain = keyword(name).is_some() && before.iter().chain(&after).all(is_short);
    if is_plain { format!("`{name}` from {} to {}", said(before), said(after)) } else { format!("`{name}` differs") }
}

fn identity(old: &Document, new: &Document) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut note = |pointer: &str, reason: String| {
        changes.push(Change { pointer: pointer.to_owned(), kind: ChangeKind::Identity(reason) });
    };
    if old.identityfield != new.identityfield {
        note("/identityfield", format!("from `{}` to `{}`", old.identityfield, new.identityfield));
    } else if role_of_identity(old) != role_of_identity(new) {
        note("/identityfield", format!("`{}` is read in another way", old.identityfield));
    }
    if old.assetkind != new.assetkind {
        note("/assetkind", format!("from `{}` to `{}`", old.assetkind, new.assetkind));
    }
    changes
}

fn role_of_identity(document: &Document) -> Option<Role> {
    Role::of_field(&document.identityfield, document.fields.get(&document.identityfield)?)
}

/// From storing to refusing, each step takes in less.
fn additional(old: AdditionalFields, new: AdditionalFields) -> Option<Change> {
    let rank = |fate| match fate {
        AdditionalFields::Reject => (0, "reject"),
        AdditionalFields::Warn => (1, "warn"),
        AdditionalFields::Store => (2, "store"),
    };
    let (old, new) = (rank(old), rank(new));
    let kind = ChangeKind::AdditionalFields(old.1, new.1);
    (new.0 < old.0).then(|| Change { pointer: "/additionalfields".to_owned(), kind })
}

//! What a submission makes of the asset that is stored (CC-6, CC-7): what it does not name stays, `null` clears, the
//! rest replaces.

use json_patch::Patch;

use crate::{Fields, Submission, patch::difference};

/// Fields of one asset. Only a plugin that stores what it does not know can come near.
pub const MOST_STORED_FIELDS: usize = 1_000;

/// What became of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It was not known.
    Created,
    /// Something is different now.
    Updated,
    /// Nothing is.
    Noop,
}

impl Action {
    /// The word in answers and in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Noop => "noop",
        }
    }
}

/// An asset after a submission.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// What became of it.
    pub action: Action,
    /// Its fields now.
    pub fields: Fields,
    /// How to get from its fields before to those now (RFC 6902); from no fields where it was not known.
    pub difference: Patch,
}

/// An asset cannot take in more fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the asset would have {fields} fields, and {MOST_STORED_FIELDS} are kept; clear some by sending them as null")]
pub struct TooManyFields {
    /// Fields that it would have.
    pub fields: usize,
}

/// Applies a submission to what is stored.
///
/// # Errors
/// When the asset would have more fields than are kept.
pub fn merge(stored: Option<&Fields>, submission: &Submission) -> Result<Merged, TooManyFields> {
    let mut fields = stored.cloned().unwrap_or_default();
    for (name, value) in &submission.changes {
        match value {
            Some(value) => drop(fields.insert(name.clone(), value.clone())),
            None => drop(fields.remove(name)),
        }
    }
    if fields.len() > MOST_STORED_FIELDS {
        return Err(TooManyFields { fields: fields.len() });
    }
    let nothing = Fields::new();
    let difference = difference(stored.unwrap_or(&nothing), &fields);
    let action = match stored {
        None => Action::Created,
        Some(_) if difference.is_empty() => Action::Noop,
        Some(_) => Action::Updated,
    };
    Ok(Merged { action, fields, difference })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn absent_keeps_null_clears_present_replaces() {
        // CC-6
        let stored = fields(json!({"hostname": "pc-1", "osname": "Windows", "imagename": "w11"}));
        let merged = merge(Some(&stored), &submission(json!({"hostname": "pc-1", "osname": null, "imagename": "w12"})));
        let merged = merged.unwrap();
        assert_eq!(merged.action, Action::Updated);
        assert_eq!(merged.fields, fields(json!({"hostname": "pc-1", "imagename": "w12"})));
        assert_eq!(
            json!(merged.difference),
            json!([{"op": "replace", "path": "/imagename", "value": "w12"}, {"op": "remove", "path": "/osname"}])
        );
    }

    #[test]
    fn what_changes_nothing_is_told_so() {
        // CC-7
        let stored = fields(json!({"hostname": "pc-1", "osname": "Debian"}));
        let merged = merge(Some(&stored), &submission(json!({"hostname": "pc-1", "cputype": null}))).unwrap();
        assert_eq!((merged.action, merged.difference.len()), (Action::Noop, 0));
        assert_eq!(merged.fields, stored);
        let created = merge(None, &submission(json!({"hostname": "pc-1", "cputype": null}))).unwrap();
        assert_eq!(created.action, Action::Created);
        assert_eq!(created.fields, fields(json!({"hostname": "pc-1"})));
    }

    #[test]
    fn an_asset_does_not_grow_for_ever() {
        let many: Value = (0..MOST_STORED_FIELDS).map(|number| (format!("f{number}"), json!(1))).collect();
        let stored = fields(many);
        assert!(merge(Some(&stored), &submission(json!({"f0": 2}))).is_ok());
        let error = merge(Some(&stored), &submission(json!({"g": 2}))).unwrap_err();
        assert_eq!(error.fields, 1_001);
    }

    proptest! {
        #[test]
        fn the_second_time_is_a_noop(
            stored in prop::collection::btree_map("[a-d]", 0..3_u8, 0..4),
            sent in prop::collection::btree_map("[a-d]", prop::option::of(0..3_u8), 0..4),
        ) {
            // CC-6
            let stored = fields(json!(stored));
            let submission = submission(json!(sent));
            let first = merge(Some(&stored), &submission).unwrap();
            prop_assert_eq!(first.action == Action::Noop, first.fields == stored);
            let second = merge(Some(&first.fields), &submission).unwrap();
            prop_assert_eq!(second.action, Action::Noop);
        }
    }

    fn fields(value: Value) -> Fields {
        let Value::Object(fields) = value else { panic!("{value} is no object") };
        fields
    }

    fn submission(value: Value) -> Submission {
        let changes = fields(value).into_iter().map(|(name, value)| (name, (!value.is_null()).then_some(value)));
        Submission {
            identity: "pc-1".into(),
            secondary: BTreeMap::new(),
            changes: changes.collect(),
            warnings: Vec::new(),
        }
    }
}

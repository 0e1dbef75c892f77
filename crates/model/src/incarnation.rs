//! Which of several guests that had one number, one after the other (D-6).
//!
//! A platform gives the number of a removed guest to a new one. What tells them apart is what each was made with: its
//! SMBIOS UUID and the time of its making. Either alone may be changed by hand; both together are another guest.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, StrExt};

use crate::{Record, ResourceKind, is_placeholder_identifier};

/// What a guest was made with. A part that is not known speaks neither for nor against.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Incarnation {
    /// SMBIOS UUID, lower-case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dmi_uuid: Option<SmolStr>,
    /// When it was made, by the platform's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

impl Incarnation {
    /// Whether nothing is known of it.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// Both parts, where both are known.
    pub fn whole(&self) -> Option<(&str, Timestamp)> {
        self.dmi_uuid.as_deref().zip(self.created_at)
    }

    /// Whether both parts are known of both, and both differ.
    pub fn is_another_than(&self, other: &Self) -> bool {
        self.whole().zip(other.whole()).is_some_and(|(ours, theirs)| ours.0 != theirs.0 && ours.1 != theirs.1)
    }

    /// What is known now that this was said of the same guest. A whole word replaces what was known; half of one fills
    /// blanks only, so that the other half may still show that the guest is another one.
    #[must_use]
    pub fn after(self, before: &Self) -> Self {
        if self.whole().is_some() {
            return self;
        }
        let Self { dmi_uuid, created_at } = before;
        Self { dmi_uuid: dmi_uuid.clone().or(self.dmi_uuid), created_at: created_at.or(self.created_at) }
    }
}

impl Record {
    /// What the record says of its guest's making; nothing for what is no guest.
    pub fn incarnation(&self) -> Incarnation {
        if !matches!(self.kind, ResourceKind::Vm | ResourceKind::SystemContainer) {
            return Incarnation::default();
        }
        let uuid = self.identity.dmi_uuid.as_deref().filter(|uuid| !is_placeholder_identifier(uuid));
        let created_at = self.facets.iter().find_map(|facet| facet.as_guest()?.created_at);
        Incarnation { dmi_uuid: uuid.map(|uuid| uuid.trim().to_ascii_lowercase_smolstr()), created_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(uuid: Option<&str>, created_at: Option<i64>) -> Incarnation {
        let created_at = created_at.map(|second| Timestamp::from_second(second).unwrap());
        Incarnation { dmi_uuid: uuid.map(SmolStr::new), created_at }
    }

    #[test]
    fn only_both_together_are_another_guest() {
        // D-6
        let first = made(Some("a"), Some(1));
        let check = |other: Incarnation, expected| {
            assert_eq!(first.is_another_than(&other), expected, "{other:?}");
            assert_eq!(other.is_another_than(&first), expected, "{other:?}");
        };
        check(made(Some("b"), Some(2)), true);
        check(made(Some("b"), Some(1)), false);
        check(made(Some("a"), Some(2)), false);
        check(made(Some("b"), None), false);
        check(made(None, Some(2)), false);
        check(made(None, None), false);
    }

    #[test]
    fn half_a_word_does_not_hide_the_other_half() {
        // D-6: the parts may become known one after the other.
        let first = made(Some("a"), Some(1));
        let half = made(Some("b"), None).after(&first);
        assert_eq!(half, first);
        assert!(made(Some("b"), Some(2)).is_another_than(&half));
        assert_eq!(made(Some("b"), Some(1)).after(&first), made(Some("b"), Some(1)));
        assert_eq!(made(None, Some(1)).after(&made(Some("a"), None)), first);
    }

    #[test]
    fn bindings_of_older_logs_know_no_making() {
        // D-15
        let stored = r#"{"resourceId":"vm-0123456789abcdef","evidence":[],"firstSeenAt":"2026-01-01T00:00:00Z"}"#;
        let binding: crate::Binding = serde_json::from_str(stored).unwrap();
        assert!(binding.incarnation.is_unknown());
        assert_eq!(serde_json::to_string(&binding).unwrap(), stored, "and what is not known takes no room");
    }
}

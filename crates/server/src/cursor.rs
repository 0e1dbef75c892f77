//! Page tokens of lists that are ordered by time and id, by the ids of resources, or by how sure pairs of them are.

use std::{cmp::Reverse, fmt::Display};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use muster_api::{PageToken, ProblemCode};
use muster_estate::Conflict;
use muster_model::ResourceId;
use uuid::Uuid;

use crate::problem::ApiError;

/// The last row of a page: the next page begins behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeCursor {
    pub(crate) at: Timestamp,
    pub(crate) id: Uuid,
}

impl TimeCursor {
    /// As a token that belongs to one list: `list` names it with its filters.
    pub(crate) fn token(self, list: &str) -> PageToken {
        token(format_args!("{} {}", self.at.as_microsecond(), self.id), list)
    }

    /// Reads a token of the same list.
    pub(crate) fn read(token: &str, list: &str) -> Result<Self, ApiError> {
        place(token, list, |text| {
            let (at, id) = text.split_once(' ')?;
            Some(Self { at: Timestamp::from_microsecond(at.parse().ok()?).ok()?, id: id.parse().ok()? })
        })
    }
}

/// The last resource of a page: the next page begins behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct IdCursor(pub(crate) ResourceId);

impl IdCursor {
    /// As a token that belongs to one list: `list` names it with its filters.
    pub(crate) fn token(self, list: &str) -> PageToken {
        token(self.0, list)
    }

    /// Reads a token of the same list.
    pub(crate) fn read(token: &str, list: &str) -> Result<Self, ApiError> {
        place(token, list, |text| text.parse().ok().map(Self))
    }
}

/// The last pair of a page of conflicts: the next page begins behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PairCursor {
    /// In thousandths, surest first.
    confidence: Reverse<u32>,
    first: ResourceId,
    second: ResourceId,
}

impl PairCursor {
    /// The place of a conflict in their order.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a confidence is from 0 to 1")]
    pub(crate) fn of(conflict: &Conflict) -> Self {
        let confidence = Reverse((conflict.confidence * 1000.0).round() as u32);
        Self { confidence, first: conflict.first, second: conflict.second }
    }

    /// As a token that belongs to one list.
    pub(crate) fn token(self, list: &str) -> PageToken {
        let Self { confidence: Reverse(confidence), first, second } = self;
        token(format_args!("{confidence} {first} {second}"), list)
    }

    /// Reads a token of the same list.
    pub(crate) fn read(token: &str, list: &str) -> Result<Self, ApiError> {
        place(token, list, |text| {
            let (confidence, pair) = text.split_once(' ')?;
            let (first, second) = pair.split_once(' ')?;
            let confidence = Reverse(confidence.parse().ok()?);
            Some(Self { confidence, first: first.parse().ok()?, second: second.parse().ok()? })
        })
    }
}

/// A place in a list, with the list's name behind it.
fn token(place: impl Display, list: &str) -> PageToken {
    PageToken(BASE64_URL_SAFE_NO_PAD.encode(format!("{place} {list}")))
}

/// The place in a list that one of its tokens names.
fn place<T>(token: &str, list: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, ApiError> {
    let text = BASE64_URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let place = text.as_deref().and_then(|text| text.strip_suffix(list)?.strip_suffix(' '));
    place.and_then(read).ok_or_else(|| {
        let message = "this list did not issue it for these filters; begin again without it";
        ApiError::field(ProblemCode::InvalidPageToken, "pageToken", message)
    })
}

#[cfg(test)]
mod tests {
    use muster_model::ResourceKind;

    use super::*;

    #[test]
    fn a_token_leads_back_to_its_row() {
        let cursor =
            TimeCursor { at: Timestamp::from_microsecond(1_700_000_000_123_456).unwrap(), id: Uuid::from_u128(7) };
        let PageToken(token) = cursor.token("timeline restart");
        assert_eq!(TimeCursor::read(&token, "timeline restart").unwrap(), cursor);
        assert!(TimeCursor::read(&token, "timeline").is_err());
        assert!(TimeCursor::read("nonsense", "timeline").is_err());
    }

    #[test]
    fn a_token_leads_back_to_its_resource() {
        let cursor = IdCursor(ResourceId::mint(ResourceKind::Vm, "x"));
        let PageToken(token) = cursor.token("workloads -");
        assert_eq!(IdCursor::read(&token, "workloads -").unwrap(), cursor);
        assert!(IdCursor::read(&token, "infrastructure").is_err());
        assert!(IdCursor::read("nonsense", "workloads -").is_err());
    }

    #[test]
    fn a_token_leads_back_to_its_pair() {
        let [first, second] = ["x", "y"].map(|name| ResourceId::mint(ResourceKind::Agent, name));
        let cursor = PairCursor { confidence: Reverse(500), first, second };
        let PageToken(token) = cursor.token("conflicts");
        assert_eq!(PairCursor::read(&token, "conflicts").unwrap(), cursor);
        assert!(PairCursor::read(&token, "rulings").is_err());
        let PageToken(other) = IdCursor(first).token("conflicts");
        assert!(PairCursor::read(&other, "conflicts").is_err());
    }
}

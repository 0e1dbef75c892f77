//! Page tokens of lists that are ordered by time and id, by the ids of resources, or by how sure pairs of them are.

use std::cmp::Reverse;

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
        PageToken(BASE64_URL_SAFE_NO_PAD.encode(format!("{} {} {list}", self.at.as_microsecond(), self.id)))
    }

    /// Reads a token of the same list.
    pub(crate) fn read(token: &str, list: &str) -> Result<Self, ApiError> {
        let cursor = text(token).and_then(|text| Self::decode(&text, list));
        cursor.ok_or_else(foreign_token)
    }

    fn decode(text: &str, list: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ' ');
        let at = Timestamp::from_microsecond(parts.next()?.parse().ok()?).ok()?;
        let id = parts.next()?.parse().ok()?;
        (parts.next()? == list).then_some(Self { at, id })
    }
}

/// The last resource of a page: the next page begins behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct IdCursor(pub(crate) ResourceId);

impl IdCursor {
    /// As a token that belongs to one list: `list` names it with its filters.
    pub(crate) fn token(self, list: &str) -> PageToken {
        PageToken(BASE64_URL_SAFE_NO_PAD.encode(format!("{} {list}", self.0)))
    }

    /// Reads a token of the same list.
    pub(crate) fn read(token: &str, list: &str) -> Result<Self, ApiError> {
        let cursor = text(token).and_then(|text| Self::decode(&text, list));
        cursor.ok_or_else(foreign_token)
    }

    fn decode(text: &str, list: &str) -> Option<Self> {
        let (id, issued_by) = text.split_once(' ')?;
        (issued_by == list).then(|| id.parse().ok().map(Self))?
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
        PageToken(BASE64_URL_SAFE_NO_PAD.encode(format!("{confidence} {first} {second} {list}")))
    }

    /// Reads a token of the same list.
    pub(crate) fn read(token: &str, list: &str) -> Result<Self, ApiError> {
        let cursor = text(token).and_then(|text| Self::decode(&text, list));
        cursor.ok_or_else(foreign_token)
    }

    fn decode(text: &str, list: &str) -> Option<Self> {
        let mut parts = text.splitn(4, ' ');
        let confidence = Reverse(parts.next()?.parse().ok()?);
        let (first, second) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        (parts.next()? == list).then_some(Self { confidence, first, second })
    }
}

fn text(token: &str) -> Option<String> {
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(token).ok()?).ok()
}

fn foreign_token() -> ApiError {
    let message = "this list did not issue it for these filters; begin again without it";
    ApiError::field(ProblemCode::InvalidPageToken, "pageToken", message)
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
}

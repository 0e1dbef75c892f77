//! Pages of the resource list, in the order of the snapshot.
//!
//! A page begins after the last row of the page before, found by binary search. It stays in place while resources come
//! and go: nothing that stays is shown twice or left out.

use std::{cmp::Ordering, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use muster_api::{PageToken, ProblemCode, resource::ResourceQuery};
use muster_estate::{Row, Snapshot};
use muster_model::ResourceId;
use sha2::{Digest, Sha256};

use super::filter::Filter;
use crate::problem::ApiError;

/// Rows of a page where the client does not say.
const DEFAULT_ROWS: u32 = 100;

/// The most rows of a page.
const MAX_ROWS: u32 = 1000;

/// The rows of one page.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    /// The rows.
    pub(crate) rows: Vec<&'a Arc<Row>>,
    /// Where the next page begins; `None` on the last.
    pub(crate) next: Option<PageToken>,
}

/// Ties a page token to the filter that it was issued for.
type FilterHash = [u8; 8];

#[derive(Debug)]
struct Cursor {
    /// The display name in lower case, as the snapshot is ordered by it.
    name: String,
    id: ResourceId,
}

/// Reads a limit; the refusal names the parameter.
pub(crate) fn limit(limit: Option<u32>, default: u32, most: u32) -> Result<usize, ApiError> {
    let limit = limit.unwrap_or(default);
    if limit == 0 || limit > most {
        return Err(ApiError::query("limit", format!("use 1 to {most}")));
    }
    Ok(usize::try_from(limit).expect("a page fits into memory"))
}

/// Which page of the list.
#[derive(Debug)]
pub(crate) struct Request {
    limit: usize,
    after: Option<Cursor>,
    filter: FilterHash,
}

impl Request {
    /// Reads which page; the refusal names the parameter.
    pub(crate) fn read(query: &ResourceQuery) -> Result<Self, ApiError> {
        let limit = limit(query.limit, DEFAULT_ROWS, MAX_ROWS)?;
        let filter = filter_hash(query);
        let token = query.page_token.as_deref();
        let after = token.map(|token| read_token(token, filter).ok_or_else(foreign_token)).transpose()?;
        Ok(Self { limit, after, filter })
    }

    /// What is asked, in a text that differs for every other question.
    pub(crate) fn question(&self, query: &ResourceQuery) -> String {
        let token = query.page_token.as_deref().unwrap_or_default();
        format!("{} {} {token}", BASE64_URL_SAFE_NO_PAD.encode(self.filter), self.limit)
    }

    /// The rows of the page.
    pub(crate) fn rows<'a>(&self, snapshot: &'a Snapshot, filter: &Filter) -> Rows<'a> {
        let start = self.after.as_ref().map_or(0, |cursor| start_after(snapshot, cursor));
        let mut matching = snapshot.rows()[start..].iter().filter(|row| filter.is_empty() || filter.matches(row));
        let rows: Vec<_> = matching.by_ref().take(self.limit).collect();
        let next = matching.next().and(rows.last()).map(|last| token_after(last, self.filter));
        Rows { rows, next }
    }
}

fn start_after(snapshot: &Snapshot, cursor: &Cursor) -> usize {
    snapshot.rows().partition_point(|row| order(row, cursor) != Ordering::Greater)
}

fn order(row: &Row, cursor: &Cursor) -> Ordering {
    sort_name(row).as_str().cmp(&cursor.name).then(row.id.cmp(&cursor.id))
}

fn sort_name(row: &Row) -> String {
    row.display_name.trim().to_lowercase()
}

fn token_after(row: &Row, hash: FilterHash) -> PageToken {
    let mut bytes = hash.to_vec();
    bytes.extend(format!("{}\n{}", row.id, sort_name(row)).into_bytes());
    PageToken(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

fn read_token(token: &str, expected: FilterHash) -> Option<Cursor> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
    let (hash, text) = bytes.split_at_checked(expected.len())?;
    let (id, name) = std::str::from_utf8(text).ok()?.split_once('\n')?;
    let cursor = Cursor { id: id.parse().ok()?, name: name.to_owned() };
    (hash == expected).then_some(cursor)
}

fn filter_hash(query: &ResourceQuery) -> FilterHash {
    // How much of each row to send, and how many rows, may differ from page to page.
    let ResourceQuery { kind, status, source, q, tag, parent, fields: _, limit: _, page_token: _ } = query;
    let mut hash = Sha256::new();
    for part in [kind, status, source, q, tag, parent] {
        hash.update(part.as_deref().unwrap_or_default().as_bytes());
        hash.update([0]);
    }
    let mut short = FilterHash::default();
    let length = short.len();
    short.copy_from_slice(&hash.finalize()[..length]);
    short
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
    fn a_token_belongs_to_its_filter() {
        let query = |kind: &str| ResourceQuery { kind: Some(kind.into()), ..ResourceQuery::default() };
        let id = ResourceId::mint(ResourceKind::Agent, "x");
        let hash = filter_hash(&query("vm"));
        let mut bytes = hash.to_vec();
        bytes.extend(format!("{id}\nnas\n2").into_bytes());
        let token = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let cursor = read_token(&token, hash).unwrap();
        assert_eq!((cursor.name.as_str(), cursor.id), ("nas\n2", id));
        assert!(read_token(&token, filter_hash(&query("agent"))).is_none());
        for bad in ["", "!", "AAAA", &token[..token.len() - 20]] {
            assert!(read_token(bad, hash).is_none(), "{bad}");
        }
    }

    #[test]
    fn limits_are_bounded() {
        assert_eq!(limit(None, 100, 1000).unwrap(), 100);
        assert_eq!(limit(Some(1000), 100, 1000).unwrap(), 1000);
        assert!(limit(Some(0), 100, 1000).is_err());
        assert!(limit(Some(1001), 100, 1000).is_err());
    }
}

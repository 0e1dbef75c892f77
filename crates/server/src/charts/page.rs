//! Pages of charts, in the order of the resources' ids: one answer is about some thousand resources at most.
//!
//! A page begins behind the last resource of the page before, so that it stays in place while resources come and go.

use std::sync::Arc;

use muster_api::PageToken;
use muster_estate::Row;

use crate::{cursor::IdCursor, extract::within, problem::ApiError};

/// The most resources of a page. With all metrics, their shortest charts are as many values as an answer may have.
const MOST_RESOURCES: u32 = 5000;

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Page {
    limit: usize,
    after: Option<IdCursor>,
}

impl Page {
    /// Reads which page of a list; the refusal names the parameter.
    pub(crate) fn read(limit: Option<u32>, token: Option<&str>, list: &str) -> Result<Self, ApiError> {
        let limit = within("limit", limit.unwrap_or(MOST_RESOURCES), 1..=MOST_RESOURCES)?;
        let after = token.map(|token| IdCursor::read(token, list)).transpose()?;
        Ok(Self { limit: limit as usize, after })
    }

    /// The rows of the page, and where the next one begins; `None` behind the last.
    pub(super) fn cut<'a>(
        self,
        rows: impl Iterator<Item = &'a Arc<Row>>,
        list: &str,
    ) -> (Vec<&'a Arc<Row>>, Option<PageToken>) {
        let mut rows: Vec<_> = rows.filter(|row| self.after.is_none_or(|IdCursor(after)| row.id > after)).collect();
        rows.sort_unstable_by_key(|row| row.id);
        let is_last = rows.len() <= self.limit;
        rows.truncate(self.limit);
        let next = rows.last().filter(|_| !is_last).map(|last| IdCursor(last.id).token(list));
        (rows, next)
    }
}

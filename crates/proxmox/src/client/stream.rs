//! Asks for lists that are too long to stand in memory: their rows are handed on while they arrive.

use serde::de::DeserializeOwned;

use super::{ApiError, Asking, Call, Client, ErrorKind, Place, decode::Senseless, objects::Objects};
use crate::wire::json;

/// No list that is read this way is larger, unpacked. Half an hour of 500 guests is about 90 MB.
const MOST_BYTES: usize = 192 * 1024 * 1024;

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Through {
    /// Any entry point.
    Any,
    /// This one and no other, by its place in the connection.
    Entry(usize),
}

/// A question with a long answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) call: Call,
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) through: Through,
    /// The node that has the work, although the path does not name it.
    pub(crate) at_work: Option<&'a str>,
}

impl Client {
    /// How many entry points there are.
    pub(crate) fn entry_count(&self) -> usize {
        self.entries.len()
    }

    /// Asks about the cluster, and hands on each row as it arrives. Rows that cannot be read are left out.
    ///
    /// # Errors
    /// As those of [`get`](Self::get). Rows that were handed on by then are a part of the answer.
    pub(crate) async fn rows<T: DeserializeOwned>(
        &self,
        question: Question<'_>,
        mut take: impl FnMut(T) + Send,
    ) -> Result<(), ApiError> {
        let Question { call, query, through, at_work } = question;
        let _permit = self.budget.enter(at_work, call.spec().cost).await;
        let (entry, answer) = match through {
            Through::Any => self.answered(Asking::usual(call, Place::CLUSTER, query)).await?,
            Through::Entry(entry) => (entry, self.at(entry, Asking::usual(call, Place::CLUSTER, query)).await?),
        };
        let failed = |kind| self.error(call, Place::CLUSTER, entry, kind);
        let (mut objects, mut odd) = (Objects::default(), 0_u64);
        let mut read = |object: &[u8]| match json::read(&String::from_utf8_lossy(object)) {
            Ok(row) => take(row),
            Err(_) => odd += 1,
        };
        let pieces = answer.unpacked_by_pieces(MOST_BYTES, |piece| objects.push(piece, &mut read)).await;
        pieces.map_err(|error| failed(ErrorKind::Transport(error)))?;
        objects.finish().map_err(|Senseless(why)| failed(ErrorKind::Malformed(why)))?;
        if odd > 0 {
            tracing::debug!(call = call.name(), rows = odd, "rows of an answer could not be read");
        }
        Ok(())
    }

    /// Asks one entry point about the cluster, and no other in its place.
    ///
    /// # Errors
    /// As those of [`get`](Self::get).
    pub(crate) async fn get_at<T: DeserializeOwned + Send + 'static>(
        &self,
        entry: usize,
        call: Call,
    ) -> Result<T, ApiError> {
        let answer = self.at(entry, Asking::usual(call, Place::CLUSTER, &[])).await?;
        self.decoded(entry, call, Place::CLUSTER, answer).await
    }
}

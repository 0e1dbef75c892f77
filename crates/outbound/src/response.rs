//! An answer whose body is read within a bound, or not at all. What is unpacked counts by what comes out of it.

use hyper::{body::Bytes, ext::ReasonPhrase};
use reqwest::{
    StatusCode,
    header::{CONTENT_ENCODING, HeaderMap},
};

use crate::{client::Time, error::OutboundError, failure, target::Target, unpack::Unpacker};

/// A reason phrase is told no further than this, in bytes.
const MOST_REASON: usize = 512;

/// An answer.
pub struct Response {
    answer: reqwest::Response,
    target: Target,
    time: Time,
}

impl Response {
    pub(crate) fn new(answer: reqwest::Response, target: Target, time: Time) -> Self {
        Self { answer, target, time }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.answer.status()
    }

    /// The words beside the status, where they are not the usual ones for it; control characters become spaces. Words with
    /// bytes beyond ASCII are lost on the way here.
    pub fn reason(&self) -> Option<String> {
        let phrase = self.answer.extensions().get::<ReasonPhrase>()?.as_bytes();
        let phrase = String::from_utf8_lossy(&phrase[..phrase.len().min(MOST_REASON)]);
        let phrase: String = phrase.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        (!phrase.is_empty()).then_some(phrase)
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.answer.headers()
    }

    /// Who answered: the last one, where redirects were followed.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The whole body.
    ///
    /// # Errors
    /// When it is larger than `most_bytes`, breaks off, or takes longer than the call may.
    pub async fn body(mut self, most_bytes: usize) -> Result<Vec<u8>, OutboundError> {
        let too_large = |target: &Target| OutboundError::TooLarge { origin: target.origin(), most_bytes };
        if self.answer.content_length().is_some_and(|length| length > most_bytes as u64) {
            return Err(too_large(&self.target));
        }
        let mut body = Vec::new();
        while let Some(piece) = self.piece().await? {
            body.extend_from_slice(&piece);
            if body.len() > most_bytes {
                return Err(too_large(&self.target));
            }
        }
        Ok(body)
    }

    /// The whole body, unpacked where it is packed with gzip; for a request that was [`packed`](crate::Request::packed).
    ///
    /// # Errors
    /// When it is larger than `most_bytes` packed or unpacked, is damaged, breaks off, or takes longer than the call may.
    pub async fn unpacked(mut self, most_bytes: usize) -> Result<Vec<u8>, OutboundError> {
        if !self.is_packed() {
            return self.body(most_bytes).await;
        }
        let mut unpacker = Unpacker::new(most_bytes);
        while let Some(piece) = self.piece().await? {
            unpacker.push(&piece).map_err(|error| error.of(&self.target, most_bytes))?;
        }
        unpacker.finish().map_err(|error| error.of(&self.target, most_bytes))
    }

    /// The same piece by piece, as it arrives, for a body that is not to stand in memory as a whole. `take` should be
    /// quick: it runs between one read of the connection and the next.
    ///
    /// # Errors
    /// As those of [`unpacked`](Self::unpacked). Pieces that were handed on by then are all that ever comes.
    pub async fn unpacked_by_pieces(
        mut self,
        most_bytes: usize,
        mut take: impl FnMut(&[u8]) + Send,
    ) -> Result<(), OutboundError> {
        let mut unpacker = self.is_packed().then(|| Unpacker::new(most_bytes));
        let mut plain = 0;
        while let Some(piece) = self.piece().await? {
            let Some(unpacker) = &mut unpacker else {
                plain += piece.len();
                if plain > most_bytes {
                    return Err(OutboundError::TooLarge { origin: self.target.origin(), most_bytes });
                }
                take(&piece);
                continue;
            };
            unpacker.push(&piece).map_err(|error| error.of(&self.target, most_bytes))?;
            take(&unpacker.take());
        }
        if let Some(unpacker) = unpacker {
            take(&unpacker.finish().map_err(|error| error.of(&self.target, most_bytes))?);
        }
        Ok(())
    }

    fn is_packed(&self) -> bool {
        let encoding = self.headers().get(CONTENT_ENCODING);
        encoding.is_some_and(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"gzip"))
    }

    /// The first `most_bytes` of the body, or what came of them: for a message, where a second error would only hide the
    /// first.
    pub async fn beginning(mut self, most_bytes: usize) -> Vec<u8> {
        let mut body = Vec::new();
        while let Ok(Some(piece)) = self.piece().await {
            body.extend_from_slice(&piece);
            if body.len() >= most_bytes {
                break;
            }
        }
        body.truncate(most_bytes);
        body
    }

    /// One more piece, which is as large as one read from the connection; none at the end.
    async fn piece(&mut self) -> Result<Option<Bytes>, OutboundError> {
        let piece = self.time.limit(&self.target, self.answer.chunk()).await?;
        piece.map_err(|cause| failure::of_call(&self.target, std::time::Duration::ZERO, cause))
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response").field("status", &self.status()).finish_non_exhaustive()
    }
}

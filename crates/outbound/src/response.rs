//! An answer whose body is read within a bound, or not at all. Nothing is unpacked: what is sent is what counts.

use reqwest::{StatusCode, header::HeaderMap};

use crate::{
    client::{Time, unreachable},
    error::OutboundError,
    target::Target,
};

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
        while self.read_on(&mut body).await? {
            if body.len() > most_bytes {
                return Err(too_large(&self.target));
            }
        }
        Ok(body)
    }

    /// The first `most_bytes` of the body, or what came of them: for a message, where a second error would only hide the
    /// first.
    pub async fn beginning(mut self, most_bytes: usize) -> Vec<u8> {
        let mut body = Vec::new();
        while body.len() < most_bytes && matches!(self.read_on(&mut body).await, Ok(true)) {}
        body.truncate(most_bytes);
        body
    }

    /// Reads one more piece, which is as large as one read from the connection; says whether there was one.
    async fn read_on(&mut self, body: &mut Vec<u8>) -> Result<bool, OutboundError> {
        let piece = self.time.limit(&self.target, self.answer.chunk()).await?;
        let piece = piece.map_err(|cause| unreachable(&self.target, cause))?;
        body.extend_from_slice(piece.as_deref().unwrap_or_default());
        Ok(piece.is_some())
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response").field("status", &self.status()).finish_non_exhaustive()
    }
}

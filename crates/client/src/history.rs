//! Calls about history that take as long as their data is long: they stream, and are bounded by pieces and not by time.

use std::{io, time::Duration};

use futures::Stream;
use muster_api::{
    history_file::{ExportQuery, ImportQuery, Imported},
    history_stats::{HistoryStats, HistoryStatsQuery, VerifyLine},
};
use reqwest::{Body, Method, Response, header::CONTENT_TYPE};

use crate::{Client, ClientError};

/// The longest that a stream may take.
pub(crate) const STREAM_TIMEOUT: Duration = Duration::from_secs(24 * 3600);

/// The longest line of a streamed answer.
const MAX_LINE_BYTES: usize = 64 * 1024 * 1024;

/// The formats of history as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Comma-separated values.
    Csv,
    /// Prometheus' text format with timestamps.
    Prometheus,
}

impl FileFormat {
    /// The format's name in a query.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Prometheus => "prometheus",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Prometheus => "text/plain",
        }
    }
}

/// A file on its way to us, piece by piece.
#[derive(Debug)]
pub struct Download {
    client: Client,
    response: Response,
}

impl Download {
    pub(crate) fn new(client: Client, response: Response) -> Self {
        Self { client, response }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// When the server breaks off: what came so far is not the whole file.
    pub async fn piece(&mut self) -> Result<Option<Vec<u8>>, ClientError> {
        let piece = self.response.chunk().await.map_err(|cause| self.client.transport(cause))?;
        Ok(piece.map(|piece| piece.to_vec()))
    }
}

impl Client {
    /// What history holds and costs, and what another retention would change.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn history_stats(&self, query: &HistoryStatsQuery) -> Result<HistoryStats, ClientError> {
        self.get(&["api", "history", "stats"], query).await
    }

    /// Begins an export.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn export_history(&self, query: &ExportQuery) -> Result<Download, ClientError> {
        let request = self.request(Method::GET, &["api", "history", "export"]).query(query).timeout(STREAM_TIMEOUT);
        Ok(Download::new(self.clone(), self.checked(request).await?))
    }

    /// Sends a file, piece by piece.
    ///
    /// # Errors
    /// See [`ClientError`]; a refusal names the line.
    pub async fn import_history(
        &self,
        format: FileFormat,
        query: &ImportQuery,
        pieces: impl Stream<Item = io::Result<Vec<u8>>> + Send + 'static,
    ) -> Result<Imported, ClientError> {
        let request = self.request(Method::POST, &["api", "history", "import"]).query(query).timeout(STREAM_TIMEOUT);
        self.answer(request.header(CONTENT_TYPE, format.content_type()).body(Body::wrap_stream(pieces))).await
    }

    /// Has everything that is stored read, and hands over each line of the answer as it comes; the last one is the
    /// result.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn verify_history(&self, mut line: impl FnMut(VerifyLine)) -> Result<(), ClientError> {
        let request = self.request(Method::POST, &["api", "history", "verify"]).timeout(STREAM_TIMEOUT);
        let mut response = self.checked(request).await?;
        let (status, mut begun) = (response.status().as_u16(), Begun::default());
        while let Some(piece) = response.chunk().await.map_err(|cause| self.transport(cause))? {
            begun.add(&piece, |whole| {
                line(serde_json::from_slice(whole).map_err(|error| self.unexpected(status, error.to_string()))?);
                Ok(())
            })?;
            if begun.0.len() > MAX_LINE_BYTES {
                return Err(self.unexpected(status, format!("a line is longer than {MAX_LINE_BYTES} bytes")));
            }
        }
        Ok(())
    }
}

/// The beginning of a line whose end has not come.
#[derive(Debug, Default)]
struct Begun(Vec<u8>);

impl Begun {
    /// Hands over the lines that a piece completes, without their ends. Looks at each byte once.
    fn add<E>(&mut self, piece: &[u8], mut line: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let mut parts = piece.split(|byte| *byte == b'\n');
        let last = parts.next_back().unwrap_or_default();
        for part in parts {
            self.0.extend_from_slice(part);
            line(&self.0)?;
            self.0.clear();
        }
        self.0.extend_from_slice(last);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_do_not_depend_on_the_pieces() {
        let text = b"{1}\n{22}\n\n{333}\n{4";
        for length in 1..=text.len() {
            let (mut begun, mut seen) = (Begun::default(), Vec::new());
            for piece in text.chunks(length) {
                let noted = begun.add(piece, |line| {
                    seen.push(String::from_utf8_lossy(line).into_owned());
                    Ok::<(), ()>(())
                });
                noted.unwrap();
            }
            assert_eq!(
                (seen.as_slice(), begun.0.as_slice()),
                (&["{1}", "{22}", "", "{333}"].map(String::from)[..], &b"{4"[..])
            );
        }
    }
}

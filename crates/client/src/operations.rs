//! Calls about running the server: backups, self-examination, reloading.

use muster_api::doctor::{BackupQuery, DoctorReport, Reloaded};
use reqwest::Method;

use crate::{Client, ClientError, Download, history::STREAM_TIMEOUT};

impl Client {
    /// Begins a backup. One that breaks off is none.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn backup(&self, query: &BackupQuery) -> Result<Download, ClientError> {
        let request = self.request(Method::POST, &["api", "system", "backup"]).query(query).timeout(STREAM_TIMEOUT);
        Ok(Download::new(self.clone(), self.checked(request).await?))
    }

    /// What the server finds when it examines itself.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn doctor(&self) -> Result<DoctorReport, ClientError> {
        self.get(&["api", "system", "doctor"], &()).await
    }

    /// Has the server read its configuration again.
    ///
    /// # Errors
    /// See [`ClientError`]; a refusal names file and line.
    pub async fn reload(&self) -> Result<Reloaded, ClientError> {
        self.answer(self.request(Method::POST, &["api", "system", "reload"])).await
    }
}

//! Calls about the audit log.

use muster_api::{
    Page,
    audit::{AuditExportQuery, AuditHeads, AuditQuery, AuditRow, AuditVerdict, AuditVerifyQuery},
};
use reqwest::Method;

use crate::{Client, ClientError, Download, history::STREAM_TIMEOUT};

impl Client {
    /// A page of the audit log, newest first.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn audit(&self, query: &AuditQuery) -> Result<Page<AuditRow>, ClientError> {
        self.get(&["api", "audit"], query).await
    }

    /// Begins an export of the audit log.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn export_audit(&self, query: &AuditExportQuery) -> Result<Download, ClientError> {
        let request = self.request(Method::GET, &["api", "audit", "export"]).query(query).timeout(STREAM_TIMEOUT);
        Ok(Download::new(self.clone(), self.checked(request).await?))
    }

    /// The ends of the audit log's chains.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn audit_heads(&self) -> Result<AuditHeads, ClientError> {
        self.get(&["api", "audit", "head"], &()).await
    }

    /// Has the whole chain recomputed, and compared with heads that were noted before.
    ///
    /// # Errors
    /// See [`ClientError`]. What is wrong with the log is no error but the answer.
    pub async fn verify_audit(&self, query: &AuditVerifyQuery) -> Result<AuditVerdict, ClientError> {
        let request = self.request(Method::GET, &["api", "audit", "verify"]).query(query);
        self.answer(request.timeout(STREAM_TIMEOUT)).await
    }
}

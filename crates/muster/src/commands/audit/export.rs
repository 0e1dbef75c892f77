//! `muster audit export`: rows as they come.

use std::path::Path;

use muster_api::audit::AuditExportQuery;
use muster_client::Client;

use crate::{
    cli::{AuditFilter, AuditFormat},
    commands::{CommandError, download},
    output,
};

/// Exports what the filter lets through.
pub(super) async fn run(
    client: &Client,
    filter: AuditFilter,
    format: AuditFormat,
    file: Option<&Path>,
) -> Result<(), CommandError> {
    let AuditFilter { actor, action, on, outcome, from, to, text } = filter;
    let format = Some(format.as_str().to_owned());
    let query = AuditExportQuery { format, actor, action, target: on, outcome, stream: None, from, to, q: text };
    let bytes = download::save(client.export_audit(&query).await?, file, |_| {}).await?;
    if let Some(file) = file {
        output::note(&format!("{} written to {}", output::bytes(bytes as f64), file.display()));
    }
    Ok(())
}

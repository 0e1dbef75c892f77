//! `muster audit export`: rows as they come, to standard output or to a file that appears when it is whole.

use std::{io, path::Path};

use muster_api::audit::AuditExportQuery;
use muster_client::{Client, Download};
use tokio::{
    fs::{self, File},
    io::{AsyncWrite, AsyncWriteExt},
};

use crate::{
    cli::{AuditFilter, AuditFormat},
    commands::CommandError,
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
    let download = client.export_audit(&query).await?;
    match file {
        Some(file) => to_file(download, file).await,
        None => copy(download, &mut tokio::io::stdout(), Path::new("standard output")).await.map(drop),
    }
}

async fn to_file(download: Download, path: &Path) -> Result<(), CommandError> {
    let part = path.with_added_extension("part");
    let mut file = File::create(&part).await.map_err(|error| on_file("creating", &part, &error))?;
    let written = match copy(download, &mut file, &part).await {
        Ok(bytes) => file.sync_all().await.map(|()| bytes).map_err(|error| on_file("writing", &part, &error)),
        Err(error) => Err(error),
    };
    match written {
        Ok(bytes) => {
            fs::rename(&part, path).await.map_err(|error| on_file("renaming to", path, &error))?;
            output::note(&format!("{} written to {}", output::bytes(bytes as f64), path.display()));
            Ok(())
        }
        Err(error) => {
            // Half a file helps nobody; what cannot be removed still has a name that says so.
            let _ = fs::remove_file(&part).await;
            Err(error)
        }
    }
}

async fn copy(mut download: Download, out: &mut (impl AsyncWrite + Unpin), path: &Path) -> Result<u64, CommandError> {
    let mut bytes = 0;
    while let Some(piece) = download.piece().await? {
        match out.write_all(&piece).await {
            Ok(()) => bytes += piece.len() as u64,
            // A reader that has seen enough (`| head`) is no failure.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(bytes),
            Err(error) => return Err(on_file("writing", path, &error)),
        }
    }
    match out.flush().await {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(on_file("writing", path, &error)),
        Ok(()) | Err(_) => Ok(bytes),
    }
}

fn on_file(doing: &str, path: &Path, error: &io::Error) -> CommandError {
    CommandError::Failed(format!("{doing} {}: {error}", path.display()))
}

//! `muster backup`: all that a server holds, as one file, while it runs.
//!
//! The file appears under its name when it is whole: it is written under another name, read again from its beginning to
//! its end, and then renamed.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use muster_api::doctor::BackupQuery;
use muster_backup::{Manifest, StatePart};
use muster_client::Download;
use muster_server::Errand;
use serde::Serialize;
use tokio::io::AsyncWriteExt;

use super::{CommandError, download::on_file, reach::Reach};
use crate::{
    cli::{BackupArgs, OutputFormat},
    output, progress,
};

/// What a backup tells at its end.
#[derive(Debug, Serialize)]
struct Made {
    file: PathBuf,
    bytes: u64,
    manifest: Manifest,
}

/// Makes a backup.
pub(crate) async fn run(args: BackupArgs, format: OutputFormat) -> Result<(), CommandError> {
    let BackupArgs { target, file, with_key } = args;
    let reach = Reach::server_for(&target, Errand::Long).await?;
    let query = BackupQuery { with_key: Some(with_key) };
    let made = match reach.client().backup(&query).await {
        Ok(download) if file == Path::new("-") => to_stdout(download).await.map(|()| None),
        Ok(download) => to_file(download, &file).await.map(Some),
        Err(error) => Err(error.into()),
    };
    reach.close().await;
    let Some(made) = made? else { return Ok(()) };
    if let StatePart::Postgresql { database, command } = &made.manifest.state {
        output::note(&format!("the state is in {database} and not in this file; now run: {command}"));
    }
    Ok(output::print(format, &made, text)?)
}

fn text(made: &Made) -> String {
    let Made { file, bytes, manifest } = made;
    let key = if manifest.has_key() { "with the master key" } else { "without the master key" };
    let (size, content) = (output::bytes(*bytes as f64), output::bytes(manifest.bytes() as f64));
    format!("{} as of {}: {size} ({content} unpacked), {key}", file.display(), manifest.marker.taken_at)
}

async fn to_file(download: Download, path: &Path) -> Result<Made, CommandError> {
    let part = path.with_added_extension("part");
    // What an attempt that was killed has left may carry other rights.
    let _ = std::fs::remove_file(&part);
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part);
    let file = created.map_err(|error| on_file("creating", &part, &error))?;
    let finished = match write(download, tokio::fs::File::from_std(file), &part).await {
        Ok(bytes) => publish(&part, path).await.map(|manifest| Made { file: path.to_owned(), bytes, manifest }),
        Err(error) => Err(error),
    };
    if finished.is_err() {
        // Half a backup helps nobody; what cannot be removed still has a name that says so.
        let _ = std::fs::remove_file(&part);
    }
    finished
}

async fn write(mut download: Download, mut file: tokio::fs::File, part: &Path) -> Result<u64, CommandError> {
    let (bar, mut bytes) = (progress::bytes(None), 0);
    while let Some(piece) = download.piece().await? {
        file.write_all(&piece).await.map_err(|error| on_file("writing", part, &error))?;
        bytes += piece.len() as u64;
        bar.set_position(bytes);
    }
    bar.finish_and_clear();
    file.sync_all().await.map_err(|error| on_file("writing", part, &error))?;
    Ok(bytes)
}

/// A backup that cannot be read is none: it is read before it gets its name.
async fn publish(part: &Path, path: &Path) -> Result<Manifest, CommandError> {
    let (part, path) = (part.to_owned(), path.to_owned());
    let publish = move || {
        let bar = progress::bytes(std::fs::metadata(&part).ok().map(|metadata| metadata.len()));
        let manifest = muster_backup::check(&part, |bytes| bar.inc(bytes));
        bar.finish_and_clear();
        let manifest = manifest.map_err(|error| CommandError::failed(&error))?;
        std::fs::rename(&part, &path).map_err(|error| on_file("renaming to", &path, &error))?;
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(|error| on_file("writing", directory, &error))?;
        Ok(manifest)
    };
    tokio::task::spawn_blocking(publish).await.map_err(|panic| CommandError::Failed(panic.to_string()))?
}

/// For a pipe: whoever reads it must look at the exit code, and at the archive itself when it is restored.
async fn to_stdout(mut download: Download) -> Result<(), CommandError> {
    let (mut out, place) = (tokio::io::stdout(), Path::new("standard output"));
    while let Some(piece) = download.piece().await? {
        out.write_all(&piece).await.map_err(|error| on_file("writing", place, &error))?;
    }
    out.flush().await.map_err(|error| on_file("writing", place, &error))
}

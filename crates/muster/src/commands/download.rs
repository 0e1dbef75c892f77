//! What the server writes as a file: to standard output, or to a file that appears under its name when it is whole.

use std::{io, path::Path};

use muster_client::Download;
use tokio::{
    fs::{self, File},
    io::{AsyncWrite, AsyncWriteExt},
};

use super::CommandError;
use crate::progress;

/// Writes all that comes, to standard output where no file is named. Says how many bytes came. `look` sees each piece
/// before it is written.
pub(super) async fn save(
    download: Download,
    file: Option<&Path>,
    look: impl FnMut(&[u8]),
) -> Result<u64, CommandError> {
    match file {
        Some(file) => to_file(download, file, look).await,
        None => copy(download, &mut tokio::io::stdout(), Path::new("standard output"), look).await,
    }
}

/// What became of an attempt to do something with a file.
pub(super) fn on_file(doing: &str, path: &Path, error: &io::Error) -> CommandError {
    CommandError::Failed(format!("{doing} {}: {error}", path.display()))
}

async fn to_file(download: Download, path: &Path, look: impl FnMut(&[u8])) -> Result<u64, CommandError> {
    let part = path.with_added_extension("part");
    let mut file = File::create(&part).await.map_err(|error| on_file("creating", &part, &error))?;
    let written = match copy(download, &mut file, &part, look).await {
        Ok(bytes) => file.sync_all().await.map(|()| bytes).map_err(|error| on_file("writing", &part, &error)),
        Err(error) => Err(error),
    };
    match written {
        Ok(bytes) => {
            fs::rename(&part, path).await.map_err(|error| on_file("renaming to", path, &error))?;
            Ok(bytes)
        }
        Err(error) => {
            // Half a file helps nobody; what cannot be removed still has a name that says so.
            let _ = fs::remove_file(&part).await;
            Err(error)
        }
    }
}

async fn copy(
    mut download: Download,
    out: &mut (impl AsyncWrite + Unpin),
    path: &Path,
    mut look: impl FnMut(&[u8]),
) -> Result<u64, CommandError> {
    let (bar, mut bytes) = (progress::bytes(None), 0);
    while let Some(piece) = download.piece().await? {
        look(&piece);
        match out.write_all(&piece).await {
            Ok(()) => {}
            // A reader that has seen enough (`| head`) is no failure.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            Err(error) => return Err(on_file("writing", path, &error)),
        }
        bytes += piece.len() as u64;
        bar.set_position(bytes);
    }
    bar.finish_and_clear();
    match out.flush().await {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(on_file("writing", path, &error)),
        Ok(()) | Err(_) => Ok(bytes),
    }
}

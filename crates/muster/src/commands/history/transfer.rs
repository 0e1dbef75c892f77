//! `muster history export` and `import`: files that may be longer than memory, moved a piece at a time.

use std::{
    io,
    path::{Path, PathBuf},
};

use futures::{Stream, stream};
use indicatif::ProgressBar;
use muster_api::history_file::{ExportQuery, ImportQuery, Imported};
use muster_client::{Client, FileFormat};
use muster_server::Errand;
use serde::Serialize;
use tokio::{
    fs::{self, File},
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
};

use super::super::CommandError;
use crate::{
    cli::{ExportArgs, OutputFormat, Target},
    commands::reach::Reach,
    output, progress,
};

/// Bytes read at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// What an export to a file tells at its end.
#[derive(Debug, Serialize)]
struct Exported {
    file: PathBuf,
    bytes: u64,
}

/// Writes history as a file, or to standard output.
pub(super) async fn export(args: ExportArgs, output: OutputFormat) -> Result<(), CommandError> {
    let ExportArgs { target, format, range, from, to, resources, metrics, file } = args;
    let format = Some(FileFormat::from(format).as_str().to_owned());
    let query = ExportQuery { format, range, from, to, resources, metrics };
    let reach = Reach::server_for(&target, Errand::Long).await?;
    let exported = match &file {
        Some(file) => export_to_file(reach.client(), &query, file).await.map(Some),
        None => export_to_stdout(reach.client(), &query).await.map(|()| None),
    };
    reach.close().await;
    match exported? {
        Some(exported) => Ok(output::print(output, &exported, |exported| {
            format!("{} written to {}", output::bytes(exported.bytes as f64), exported.file.display())
        })?),
        None => Ok(()),
    }
}

/// The file appears under its name when it is whole.
async fn export_to_file(client: &Client, query: &ExportQuery, path: &Path) -> Result<Exported, CommandError> {
    let part = path.with_added_extension("part");
    let mut file = File::create(&part).await.map_err(|error| on_file("creating", &part, &error))?;
    let written = write_pieces(client, query, &mut file, &part).await;
    let finished = match written {
        Ok(bytes) => file.sync_all().await.map_err(|error| on_file("writing", &part, &error)).map(|()| bytes),
        Err(error) => Err(error),
    };
    match finished {
        Ok(bytes) => {
            fs::rename(&part, path).await.map_err(|error| on_file("renaming to", path, &error))?;
            Ok(Exported { file: path.to_owned(), bytes })
        }
        Err(error) => {
            // Half a file helps nobody; what cannot be removed still has a name that says so.
            let _ = fs::remove_file(&part).await;
            Err(error)
        }
    }
}

async fn export_to_stdout(client: &Client, query: &ExportQuery) -> Result<(), CommandError> {
    let path = Path::new("standard output");
    write_pieces(client, query, &mut tokio::io::stdout(), path).await.map(drop)
}

async fn write_pieces(
    client: &Client,
    query: &ExportQuery,
    out: &mut (impl AsyncWrite + Unpin),
    path: &Path,
) -> Result<u64, CommandError> {
    let mut download = client.export_history(query).await?;
    let (bar, mut bytes) = (progress::bytes(None), 0);
    while let Some(piece) = download.piece().await? {
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

/// Sends a file to the server.
pub(super) async fn import(
    target: &Target,
    path: &Path,
    format: Option<FileFormat>,
    resource: Option<String>,
    output: OutputFormat,
) -> Result<(), CommandError> {
    let format = format.or_else(|| format_of(path)).ok_or_else(|| {
        CommandError::Usage(format!("say with --format what {} is: csv or prometheus", path.display()))
    })?;
    let (file, length) = open(path).await?;
    let reach = Reach::server_for(target, Errand::Long).await?;
    let bar = progress::bytes(length);
    let imported = reach.client().import_history(format, &ImportQuery { resource }, pieces(file, bar.clone())).await;
    bar.finish_and_clear();
    reach.close().await;
    Ok(output::print(output, &imported?, summary)?)
}

/// The file and, where it is one, its length.
async fn open(path: &Path) -> Result<(Box<dyn AsyncRead + Send + Unpin>, Option<u64>), CommandError> {
    if path == Path::new("-") {
        return Ok((Box::new(tokio::io::stdin()), None));
    }
    let file = File::open(path).await.map_err(|error| on_file("opening", path, &error))?;
    let length = file.metadata().await.ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len());
    Ok((Box::new(file), length))
}

fn format_of(path: &Path) -> Option<FileFormat> {
    match path.extension()?.to_str()? {
        "csv" => Some(FileFormat::Csv),
        "prom" | "txt" => Some(FileFormat::Prometheus),
        _ => None,
    }
}

fn pieces(
    file: Box<dyn AsyncRead + Send + Unpin>,
    bar: ProgressBar,
) -> impl Stream<Item = io::Result<Vec<u8>>> + Send + 'static {
    stream::try_unfold((file, bar), async |(mut file, bar)| {
        let mut piece = vec![0; PIECE_BYTES];
        let length = file.read(&mut piece).await?;
        piece.truncate(length);
        bar.inc(length as u64);
        Ok((length > 0).then_some((piece, (file, bar))))
    })
}

fn summary(imported: &Imported) -> String {
    let Imported { lines, samples, written, covered, without_value } = imported;
    let empty = if *without_value > 0 { format!(", {without_value} lines without a value") } else { String::new() };
    format!("{samples} samples in {lines} lines{empty}: {written} written, {covered} were covered already.")
}

fn on_file(doing: &str, path: &Path, error: &io::Error) -> CommandError {
    CommandError::Failed(format!("{doing} {}: {error}", path.display()))
}

//! `muster history export` and `import`: files that may be longer than memory, moved a piece at a time.
//!
//! Who exports nothing is told so, and importing nothing is a failure: both are mistaken for success otherwise.

use std::{
    io,
    path::{Path, PathBuf},
};

use futures::{Stream, stream};
use indicatif::ProgressBar;
use muster_api::history_file::{ExportQuery, ImportQuery};
use muster_client::{Client, FileFormat};
use muster_server::Errand;
use serde::Serialize;
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt},
};

use super::{super::CommandError, outcome, value_lines::ValueLines, words};
use crate::{
    cli::{ExportArgs, OutputFormat, Target},
    commands::{
        download::{self, on_file},
        reach::Reach,
    },
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

/// What came over while it was written.
#[derive(Debug)]
struct Written {
    bytes: u64,
    /// Whether there is anything in the file besides what every file has.
    has_values: bool,
}

/// Writes history as a file, or to standard output.
pub(super) async fn export(args: ExportArgs, output: OutputFormat) -> Result<(), CommandError> {
    let ExportArgs { target, format, range, from, to, resources, metrics, file } = args;
    let format = FileFormat::from(format);
    let query = ExportQuery { format: Some(format.as_str().to_owned()), range, from, to, resources, metrics };
    let reach = Reach::server_for(&target, Errand::Long).await?;
    let written = written(reach.client(), format, &query, file.as_deref()).await;
    reach.close().await;
    let Written { bytes, has_values } = written?;
    if !has_values {
        output::note("nothing was exported: no history of what was asked for lies in the span");
    }
    let Some(file) = file else { return Ok(()) };
    Ok(output::print(output, &Exported { file, bytes }, |exported| {
        format!("{} written to {}", output::bytes(exported.bytes as f64), exported.file.display())
    })?)
}

async fn written(
    client: &Client,
    format: FileFormat,
    query: &ExportQuery,
    file: Option<&Path>,
) -> Result<Written, CommandError> {
    let download = client.export_history(query).await.map_err(words::told)?;
    let (mut lines, mut has_values) = (ValueLines::new(format), false);
    let bytes = download::save(download, file, |piece| has_values |= lines.are_in(piece)).await?;
    Ok(Written { bytes, has_values })
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
    let imported = imported.map_err(words::told)?;
    output::print(output, &imported, outcome::summary)?;
    outcome::conclude(&imported, path)
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

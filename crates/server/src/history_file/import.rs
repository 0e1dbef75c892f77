//! Reads history from a body, line by line, and hands it over a chunk at a time.
//!
//! A line that makes no sense ends the import with its number; nothing of its chunk is written, and the answer says how
//! much of what came before was. Since covered spans are left alone, the corrected file may be sent again as a whole.
//! A line whose value cannot be is left out, counted and named, and the import goes on: one broken sensor is no reason to
//! go without all others.

use std::{collections::HashMap, sync::Arc};

use axum::body::{Body, BodyDataStream, Bytes};
use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};
use muster_api::{
    ProblemCode,
    history_file::{Imported, RefusedLine},
};
use muster_estate::Snapshot;
use muster_history::{AppendError, BackfillError, Backfilled};
use muster_model::{Metric, ResourceId, SourceId};

use super::{
    Format,
    chunk::Chunk,
    entry::Read,
    lines::{LineError, Lines},
    prometheus::{self, shown},
    table::Columns,
};
use crate::{app::App, problem::ApiError};

/// The largest body. A year of a large estate is smaller.
const MOST_BYTES: u64 = 64 << 30;

/// What is still read of a body that was refused, so that its sender comes to reading the answer.
const DRAINED_BYTES: u64 = 64 << 20;

/// How many of the lines that are left out are named.
const NAMED_REFUSALS: usize = 10;

/// How far ahead of ours the clock may be that a sample was stamped with.
const CLOCK_LEAD: SignedDuration = SignedDuration::from_secs(60);

/// An import.
pub(crate) struct Import {
    app: App,
    snapshot: Arc<Snapshot>,
    format: Format,
    /// Whose the lines are that name nobody, or somebody unknown.
    fallback: Option<(ResourceId, SourceId)>,
    /// When the piece came that is being read: a body may take a day to come.
    now: Timestamp,
    columns: Option<Columns>,
    chunk: Chunk,
    done: Imported,
    /// Whether writing broke off, so that more may have been written than was counted.
    broke_off: bool,
    /// Names that were found, so that each is looked up once. A file may have any number of others.
    resources: HashMap<String, (ResourceId, SourceId)>,
    metrics: HashMap<String, Metric>,
}

/// What is wrong with a line.
#[derive(Debug)]
enum Fault {
    /// It is none.
    Malformed(String),
    /// It is one, and cannot be true here.
    Unacceptable(String),
}

impl From<LineError> for Fault {
    fn from(error: LineError) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl Import {
    /// Prepares an import; `fallback` is the resource that lines belong to which name none, or an unknown one.
    pub(crate) fn new(
        app: &App,
        snapshot: Arc<Snapshot>,
        format: Format,
        fallback: Option<&str>,
    ) -> Result<Self, ApiError> {
        let unknown = || ApiError::query("resource", "no resource has this id");
        let find = |id: &str| owner(&snapshot, id).ok_or_else(unknown);
        Ok(Self {
            app: app.clone(),
            format,
            fallback: fallback.map(find).transpose()?,
            now: app.now(),
            columns: None,
            chunk: Chunk::default(),
            done: Imported::default(),
            broke_off: false,
            resources: HashMap::new(),
            metrics: HashMap::new(),
            snapshot,
        })
    }

    /// Reads a body to its end.
    pub(crate) async fn read(mut self, body: Body) -> Result<Imported, ApiError> {
        let mut pieces = body.into_data_stream();
        match self.pieces(&mut pieces).await {
            Ok(()) => Ok(self.done),
            Err(error) => {
                drain(&self.app, pieces).await;
                Err(error.and(&self.written_so_far()))
            }
        }
    }

    async fn pieces(&mut self, pieces: &mut BodyDataStream) -> Result<(), ApiError> {
        let (mut lines, mut bytes) = (Lines::default(), 0);
        while let Some(piece) = next(&self.app, pieces).await? {
            bytes += piece.len() as u64;
            self.now = self.app.now();
            if bytes > MOST_BYTES {
                return Err(ApiError::new(ProblemCode::BodyTooLarge, "Send the file in parts."));
            }
            let read = lines.push(&piece, |number, line| self.line(number, line));
            read.map_err(|fault| refuse(lines.number(), fault))?;
            self.done.lines = lines.number();
            if self.chunk.is_full() {
                self.write().await?;
            }
        }
        let read = lines.finish(|number, line| self.line(number, line));
        read.map_err(|fault| refuse(lines.number(), fault))?;
        self.done.lines = lines.number();
        self.write().await
    }

    fn line(&mut self, number: u64, line: &str) -> Result<(), Fault> {
        match self.format {
            Format::Prometheus => match prometheus::read(line).map_err(Fault::Malformed)? {
                Some(read) => self.sample(number, &read),
                None => Ok(()),
            },
            Format::Csv => match self.columns {
                None => {
                    self.columns = Some(Columns::read(line).map_err(Fault::Malformed)?);
                    Ok(())
                }
                Some(columns) => match columns.pick(line).map_err(Fault::Malformed)? {
                    Some(picked) => self.sample(number, &picked.as_read()),
                    None => Ok(()),
                },
            },
        }
    }

    fn sample(&mut self, line: u64, read: &Read<'_>) -> Result<(), Fault> {
        let metric = self.metric(read.metric)?;
        let (id, source) = self.owner(&read.resource)?;
        let at = Timestamp::from_millisecond(read.at_ms)
            .map_err(|_| Fault::Malformed(format!("{} ms is beyond all times", read.at_ms)))?;
        if at.duration_since(self.now) > CLOCK_LEAD {
            return Err(Fault::Unacceptable(format!("{at} lies in the future")));
        }
        if !read.value.is_finite() {
            self.done.without_value += 1;
        } else if is_possible(id, metric, read.value) {
            self.done.samples += 1;
            self.chunk.add((id, metric), &source, at, read.value);
        } else {
            self.leave_out(line, id, metric, read.value);
        }
        Ok(())
    }

    fn leave_out(&mut self, line: u64, id: ResourceId, metric: Metric, value: f64) {
        self.done.refused += 1;
        if self.done.refusals.len() < NAMED_REFUSALS {
            let range = metric.range(id.kind());
            let message = format!("{metric} of {id} cannot be {value}; possible is {range}");
            self.done.refusals.push(RefusedLine { line, field: "value".to_owned(), value, message });
        }
    }

    fn metric(&mut self, name: &str) -> Result<Metric, Fault> {
        if let Some(metric) = self.metrics.get(name) {
            return Ok(*metric);
        }
        let metric = match self.format {
            Format::Csv => name.parse().ok(),
            Format::Prometheus => Metric::from_exposition_name(name),
        };
        let metric = metric.ok_or_else(|| Fault::Unacceptable(format!("`{}` is no metric of ours", shown(name))))?;
        self.metrics.insert(name.to_owned(), metric);
        Ok(metric)
    }

    fn owner(&mut self, name: &str) -> Result<(ResourceId, SourceId), Fault> {
        if let Some(owner) = self.resources.get(name) {
            return Ok(owner.clone());
        }
        if let Some(owner) = owner(&self.snapshot, name) {
            self.resources.insert(name.to_owned(), owner.clone());
            return Ok(owner);
        }
        self.fallback.clone().ok_or_else(|| {
            let who = if name.is_empty() {
                "no resource is named".to_owned()
            } else {
                format!("no resource has the id `{}`", shown(name))
            };
            Fault::Unacceptable(format!("{who}; say with `?resource=` whose these samples are"))
        })
    }

    async fn write(&mut self) -> Result<(), ApiError> {
        let (chunk, app, snapshot) = (std::mem::take(&mut self.chunk), self.app.clone(), Arc::clone(&self.snapshot));
        if chunk.is_empty() {
            return Ok(());
        }
        self.broke_off = true;
        let written = tokio::task::spawn_blocking(move || {
            let former = |id| snapshot.aliases_of(id).to_vec();
            let written = chunk.write(app.history(), snapshot.tenant(), former);
            // A part of it may be there when it failed, and all of it when nobody waits for it any more.
            app.past_changed();
            written
        });
        let written = written.await.map_err(ApiError::internal)?;
        if let Err(BackfillError::NotDurable { written, .. }) = written {
            self.done.written += written;
        }
        let Backfilled { written, covered, shared } = written.map_err(refused)?;
        self.broke_off = false;
        self.done.written += written;
        self.done.covered += covered;
        self.done.shared_tick += shared;
        Ok(())
    }

    /// What a refusal says besides its cause.
    fn written_so_far(&self) -> String {
        let count = match self.done.written {
            1 => "1 sample was written".to_owned(),
            written => format!("{written} samples were written"),
        };
        let again = "the whole file may be sent again.";
        match (self.done.written, self.broke_off) {
            (0, false) => "Nothing was written.".to_owned(),
            (1.., false) => format!("Of the lines before, {count}; {again}"),
            (_, true) => format!("{count}, and perhaps some of those that were on their way; {again}"),
        }
    }
}

fn refuse(line: u64, fault: Fault) -> ApiError {
    let (code, message) = match fault {
        Fault::Malformed(message) => (ProblemCode::InvalidBody, message),
        Fault::Unacceptable(message) => (ProblemCode::InvalidValue, message),
    };
    ApiError::field(code, format!("line {line}"), format!("{message}."))
}

/// Whether a resource of this kind can have such a value. It is judged as it would be stored: others round less.
fn is_possible(id: ResourceId, metric: Metric, value: f64) -> bool {
    let range = metric.range(id.kind());
    range.contains(value) || range.contains(metric.precision().apply(value))
}

/// A resource that is known, and the strongest source that reports it.
fn owner(snapshot: &Snapshot, id: &str) -> Option<(ResourceId, SourceId)> {
    let row = snapshot.get(id.parse().ok()?)?;
    Some((row.id, row.sources.first()?.source.clone()))
}

fn refused(error: BackfillError) -> ApiError {
    match error {
        BackfillError::Append(AppendError::Closed) => {
            ApiError::new(ProblemCode::Unavailable, "The server is stopping; send the file again later.")
        }
        BackfillError::NotDurable { why, .. } => ApiError::new(
            ProblemCode::StorageUnavailable,
            format!("The history cannot be written: {why}. Send the file again when that is mended."),
        ),
        BackfillError::Read(error) => error.into(),
        BackfillError::Plan(_) | BackfillError::Append(_) => ApiError::internal(error),
    }
}

/// The next piece of a body. A long body may take long; one that does not move may not.
async fn next(app: &App, pieces: &mut BodyDataStream) -> Result<Option<Bytes>, ApiError> {
    // Cancel-safe: a body that was given up is not read any more.
    let piece = tokio::select! {
        piece = pieces.next() => piece,
        () = app.clock().sleep(app.limits().request_timeout) => {
            return Err(ApiError::new(ProblemCode::Timeout, "Nothing more came for too long; send the file again."));
        }
    };
    let broken = |_| ApiError::new(ProblemCode::InvalidBody, "The body broke off; send the file again.");
    piece.transpose().map_err(broken)
}

/// Reads what is left of a body that was refused: a sender that is cut off in the middle never reads why.
pub(crate) async fn drain(app: &App, mut pieces: BodyDataStream) {
    let mut bytes = 0;
    while let Ok(Some(piece)) = next(app, &mut pieces).await {
        bytes += piece.len() as u64;
        if bytes > DRAINED_BYTES {
            return;
        }
    }
}

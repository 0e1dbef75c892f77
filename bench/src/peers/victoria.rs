//! VictoriaMetrics, from Debian's package, as a user would run it: one process on loopback with a data directory.
//!
//! It is given samples as JSON lines (`/api/v1/import`) an hour at a time, asked over its Prometheus API, and weighed after
//! it was told to flush and to merge everything into its final parts. It ends with this value.

mod answer;
mod import;

use std::{
    fs,
    io::ErrorKind,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use jiff::{SignedDuration, Timestamp};
use muster_runtime::{Clock, Shutdown, SystemClock, Tasks};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) use self::answer::Matrix;
use self::answer::metric;
use crate::{
    data::Hour,
    disk,
    http::{Connection, Get},
};

const PROGRAM: &str = "victoria-metrics";

/// Its data directory, below its own.
const DATA: &str = "data";

const PAUSE: Duration = Duration::from_millis(100);

/// How many pauses are enough for it to start, or to merge.
const PATIENCE: u32 = 1_200;

/// So many pauses without a change mean that it has come to rest.
const QUIET: u32 = 10;

/// A question over a span.
#[derive(Debug, Clone)]
pub(crate) struct Range {
    /// In its query language.
    pub(crate) query: String,
    /// The first point.
    pub(crate) from: Timestamp,
    /// The last point.
    pub(crate) to: Timestamp,
    pub(crate) step: SignedDuration,
}

/// A running process with a client.
pub(crate) struct Victoria {
    // Declared first, so that it has ended when its directory goes.
    _process: Process,
    directory: TempDir,
    runtime: Runtime,
    connection: Connection,
}

/// The process; it ends with this value.
struct Process(Child);

impl Victoria {
    /// Starts one on an empty directory.
    pub(crate) fn start(runtime: Runtime) -> Result<Self> {
        let directory = disk::scratch()?;
        let address = free_address()?;
        let process = spawn(directory.path(), address)?;
        let tasks = Tasks::new(Shutdown::new());
        let connection = runtime.block_on(connect(address, &tasks))?;
        Ok(Self { _process: process, directory, runtime, connection })
    }

    /// Hands in an hour of samples.
    pub(crate) fn import(&mut self, hour: &Hour) -> Result<()> {
        self.runtime.block_on(self.connection.post("/api/v1/import", import::lines(hour)))
    }

    /// Has everything written and merged, and waits until it has come to rest.
    pub(crate) fn settle(&mut self) -> Result<()> {
        for path in ["/internal/force_flush", "/internal/force_merge"] {
            self.get(path)?;
        }
        let clock = SystemClock::new();
        let (mut quiet, mut before) = (0, 0);
        for _ in 0..PATIENCE {
            self.runtime.block_on(async { clock.sleep(PAUSE).await });
            let bytes = self.bytes()?;
            let rests = bytes == before && !self.merges()?;
            (quiet, before) = (if rests { quiet + 1 } else { 0 }, bytes);
            if quiet >= QUIET {
                return Ok(());
            }
        }
        bail!("VictoriaMetrics did not finish merging")
    }

    /// The length of all its files, in bytes.
    pub(crate) fn bytes(&self) -> Result<u64> {
        disk::length_below(&self.directory.path().join(DATA))
    }

    /// Asks over a span. Gives back the answer unread.
    pub(crate) fn range(&mut self, range: &Range) -> Result<hyper::body::Bytes> {
        let Range { query, from, to, step } = range;
        let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let (from, to, step) = (from.as_second(), to.as_second(), step.as_secs());
        self.get(&format!("/api/v1/query_range?query={query}&start={from}&end={to}&step={step}"))
    }

    fn merges(&mut self) -> Result<bool> {
        let body = self.get("/metrics")?;
        let text = std::str::from_utf8(&body).context("reading the metrics of VictoriaMetrics")?;
        Ok(metric(text, "vm_active_merges") + metric(text, "vm_active_force_merges") > 0.0)
    }

    fn get(&mut self, path: &str) -> Result<hyper::body::Bytes> {
        let answer = self.runtime.block_on(self.connection.get_ok(Get { path, token: None, known: None }));
        Ok(answer.context("asking VictoriaMetrics")?.body)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended by itself is gone, which is what is wanted.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn spawn(directory: &Path, address: SocketAddr) -> Result<Process> {
    let log = fs::File::create(directory.join("log")).context("creating a log for VictoriaMetrics")?;
    let mut command = Command::new(PROGRAM);
    command
        .arg(format!("-storageDataPath={}", directory.join(DATA).display()))
        .arg(format!("-httpListenAddr={address}"))
        .args(["-retentionPeriod=100y", "-loggerLevel=ERROR"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    let process = command.spawn().map_err(|error| match error.kind() {
        ErrorKind::NotFound => anyhow!("{PROGRAM} is missing; install it with `scripts/setup bench`"),
        _ => anyhow::Error::new(error).context(format!("starting {PROGRAM}")),
    });
    process.map(Process)
}

/// An address that nobody listens at.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("looking for a free port")?;
    listener.local_addr().context("looking for a free port")
}

/// Connects as soon as it listens.
async fn connect(address: SocketAddr, tasks: &Tasks) -> Result<Connection> {
    let clock = SystemClock::new();
    let mut last = None;
    for _ in 0..PATIENCE {
        match Connection::open(address, tasks).await {
            Ok(connection) => return Ok(connection),
            Err(error) => last = Some(error),
        }
        clock.sleep(PAUSE).await;
    }
    Err(last.expect("it was tried at least once")).context("waiting for VictoriaMetrics to listen")
}

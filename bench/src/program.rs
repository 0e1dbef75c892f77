//! The program itself, as people run it: `muster serve` in a process of its own, beside this one.

use std::{
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use muster_client::Client;
use muster_runtime::{Clock, Shutdown, SystemClock, Tasks};
use secrecy::SecretString;
use tokio::runtime::Runtime;

use crate::{
    http::{Connection, Get},
    process::{self, Memory},
    site,
};

const PAUSE: Duration = Duration::from_millis(100);

/// How many pauses are enough for it to start.
const PATIENCE: u32 = 300;

/// A running program with an administrator's token; it ends with this value.
pub(crate) struct Program {
    process: Child,
    address: SocketAddr,
    token: SecretString,
    pub(crate) client: Client,
    pub(crate) runtime: Runtime,
}

impl Program {
    /// Starts it on an empty directory and waits until it answers.
    pub(crate) fn start(directory: &Path) -> Result<Self> {
        let program = beside()?;
        let runtime = site::runtime()?;
        let log = File::create(directory.join("log")).context("creating a log for the program")?;
        let mut command = Command::new(&program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(directory.join("data"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let mut process = command.spawn().with_context(|| format!("starting {}", program.display()))?;
        let started = reached(&runtime, &program, &directory.join("data"));
        let (address, token) = started.inspect_err(|_| drop(process.kill()))?;
        let client = Client::new(&format!("http://{address}"), &token).context("addressing the program")?;
        Ok(Self { process, address, token, client, runtime })
    }

    /// CPU time that it has used.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        process::cpu_of(self.process.id())
    }

    /// Its memory.
    pub(crate) fn memory(&self) -> Result<Memory> {
        process::memory_of(self.process.id())
    }

    /// What it tells Prometheus of itself.
    pub(crate) fn metrics(&self) -> Result<String> {
        let get = Get { path: "/metrics/server", token: Some(&self.token), known: None };
        let body = self.runtime.block_on(async {
            let tasks = Tasks::new(Shutdown::new());
            Connection::open(self.address, &tasks).await?.get_ok(get).await
        })?;
        String::from_utf8(body.body.to_vec()).context("reading its metrics")
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.runtime.block_on(async { SystemClock::new().sleep(time).await });
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended by itself is gone, which is what is wanted.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The program that was built with this one.
fn beside() -> Result<PathBuf> {
    let here = std::env::current_exe().context("finding this program")?;
    let program = here.with_file_name("muster");
    ensure!(program.exists(), "{} is missing; `make bench` builds it", program.display());
    Ok(program)
}

/// Waits until it listens, and makes a token on the same machine.
fn reached(runtime: &Runtime, program: &Path, data: &Path) -> Result<(SocketAddr, SecretString)> {
    for _ in 0..PATIENCE {
        if let Ok(said) = std::fs::read_to_string(data.join("server.address")) {
            let address = said.lines().next().context("it says nowhere that it listens")?;
            let address = address.trim_start_matches("http://").parse().context("reading where it listens")?;
            return Ok((address, token(program, data)?));
        }
        runtime.block_on(async { SystemClock::new().sleep(PAUSE).await });
    }
    bail!("the program did not start; see its log beside {}", data.display())
}

fn token(program: &Path, data: &Path) -> Result<SecretString> {
    let mut command = Command::new(program);
    command.args(["token", "create", "--name", "bench", "--role", "admin", "--data-dir"]).arg(data);
    let output = command.output().context("making a token")?;
    ensure!(output.status.success(), "making a token: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).context("reading a token")?;
    Ok(SecretString::from(text.trim().to_owned()))
}

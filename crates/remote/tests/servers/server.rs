//! Real servers from Debian's packages, each on a free loopback port and in a directory of its own.
//!
//! A shell script owns each server: it waits at the end of a pipe that this process holds open. However this process ends,
//! the pipe closes and the server is killed.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use muster_remote::{Credentials, Remote, Settings};
use muster_runtime::{Clock, SystemClock};
use tempfile::TempDir;

/// Starts the program that is given as arguments, and kills it when the pipe closes.
const SCRIPT: &str = r#"
    "$@" >"$LOG" 2>&1 &
    echo started
    exec >&-
    read -r _
    kill -KILL $!
    wait
"#;

/// How long a server may take to be ready.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server program and how it is told what to do.
#[derive(Debug, Clone)]
pub(crate) enum Program {
    VictoriaMetrics,
    Prometheus {
        /// How old a sample may be that it takes out of order, such as `1h`.
        out_of_order: Option<&'static str>,
        /// Samples that a query may load.
        query_samples: u32,
    },
}

impl Program {
    pub(crate) const PROMETHEUS: Self = Self::Prometheus { out_of_order: None, query_samples: 50_000_000 };

    pub(crate) const BOTH: [Self; 2] = [Self::VictoriaMetrics, Self::PROMETHEUS];

    fn path(&self) -> &'static str {
        match self {
            Self::VictoriaMetrics => "/usr/bin/victoria-metrics",
            Self::Prometheus { .. } => "/usr/bin/prometheus",
        }
    }

    fn ready_path(&self) -> &'static str {
        match self {
            Self::VictoriaMetrics => "/health",
            Self::Prometheus { .. } => "/-/ready",
        }
    }

    fn arguments(&self, directory: &Path, port: u16) -> Vec<String> {
        let data = directory.join("data").display().to_string();
        match self {
            Self::VictoriaMetrics => vec![
                format!("-storageDataPath={data}"),
                format!("-httpListenAddr=127.0.0.1:{port}"),
                "-memory.allowedBytes=100MB".into(),
            ],
            Self::Prometheus { out_of_order, query_samples } => {
                let window =
                    out_of_order.map(|window| format!("storage: {{tsdb: {{out_of_order_time_window: {window}}}}}\n"));
                let config = directory.join("prometheus.yml");
                fs::write(&config, format!("global: {{}}\n{}", window.unwrap_or_default())).unwrap();
                vec![
                    format!("--config.file={}", config.display()),
                    format!("--storage.tsdb.path={data}"),
                    format!("--web.listen-address=127.0.0.1:{port}"),
                    format!("--query.max-samples={query_samples}"),
                    "--web.enable-remote-write-receiver".into(),
                ]
            }
        }
    }
}

/// A running server, killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) program: Program,
    directory: TempDir,
    port: u16,
    script: Child,
}

impl Server {
    pub(crate) async fn start(program: Program) -> Self {
        let installed = Path::new(program.path()).is_file();
        assert!(installed, "this test needs {}: run `scripts/setup db`, which installs it", program.path());
        let directory = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let script = spawn(&program, directory.path(), port);
        let server = Self { program, directory, port, script };
        server.ready().await;
        server
    }

    /// Kills the server as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        drop(self.script.stdin.take());
        self.script.wait().unwrap();
    }

    /// Starts it again in the same directory and on the same port.
    pub(crate) async fn restart(&mut self) {
        self.script = spawn(&self.program, self.directory.path(), self.port);
        self.ready().await;
    }

    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn remote(&self) -> Remote {
        let read_address = self.address();
        let write_address = format!("{read_address}/api/v1/write");
        Remote::new(&Settings { write_address, read_address, credentials: Credentials::None }).unwrap()
    }

    /// Asks something of the server that is not part of what is tested.
    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<String, reqwest::Error> {
        get(&self.address(), path, query).await
    }

    /// Where the server is, if it needs time until accepted samples show and survive.
    pub(crate) fn settles_at(&self) -> Option<String> {
        match self.program {
            Program::VictoriaMetrics => Some(self.address()),
            Program::Prometheus { .. } => None,
        }
    }

    async fn ready(&self) {
        let clock = SystemClock::new();
        while clock.monotonic() < PATIENCE {
            if self.get(self.program.ready_path(), &[]).await.is_ok() {
                return;
            }
            clock.sleep(Duration::from_millis(20)).await;
        }
        let log = fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
        panic!("{} is not ready after {PATIENCE:?}:\n{log}", self.program.path());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(crate) async fn get(address: &str, path: &str, query: &[(&str, &str)]) -> Result<String, reqwest::Error> {
    // Only the first installation in a process counts.
    let _ = rustls::crypto::CryptoProvider::install_default(rustls::crypto::ring::default_provider());
    let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
    http.get(format!("{address}{path}")).query(query).send().await?.error_for_status()?.text().await
}

fn spawn(program: &Program, directory: &Path, port: u16) -> Child {
    let mut script = Command::new("sh")
        .args(["-c", SCRIPT, "sh", program.path()])
        .args(program.arguments(directory, port))
        .env("LOG", directory.join("log"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(script.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first.trim(), "started");
    script
}

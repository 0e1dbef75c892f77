//! Real metrics stores from Debian's packages, each on a free loopback port and in a directory of its own.
//!
//! A shell script owns each server: it waits at the end of a pipe that this process holds open. However this process ends,
//! the pipe closes and the server is killed.

use std::{
    fs,
    io::{self, BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use muster_runtime::{Clock, SystemClock};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

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
const PATIENCE: Duration = Duration::from_secs(60);

/// How long VictoriaMetrics may go on saying that a series is not there after it has been made.
const NEW_SERIES_SHOW_AFTER: Duration = Duration::from_millis(1500);

/// Counts the series that VictoriaMetrics has made since it was started.
const SERIES_MADE: &str = "vm_new_timeseries_created_total ";

/// A server program and how it is told what to do.
#[derive(Debug, Clone)]
pub enum Program {
    /// As it comes.
    VictoriaMetrics,
    /// With basic authentication: the user `muster`, and this password.
    GuardedVictoriaMetrics(&'static str),
    /// With a receiver for remote write.
    Prometheus {
        /// How old a sample may be that it takes out of order, such as `1h`.
        out_of_order: Option<&'static str>,
        /// Samples that a query may load.
        query_samples: u32,
    },
    /// Prometheus that scrapes a server of ours every second.
    Scraper {
        /// Host and port.
        target: String,
        /// The API token that it sends.
        token: String,
    },
}

impl Program {
    /// Prometheus as it comes.
    pub const PROMETHEUS: Self = Self::Prometheus { out_of_order: None, query_samples: 50_000_000 };

    /// Each program once.
    pub const BOTH: [Self; 2] = [Self::VictoriaMetrics, Self::PROMETHEUS];

    fn path(&self) -> &'static str {
        match self {
            Self::VictoriaMetrics | Self::GuardedVictoriaMetrics(_) => "/usr/bin/victoria-metrics",
            Self::Prometheus { .. } | Self::Scraper { .. } => "/usr/bin/prometheus",
        }
    }

    fn ready_path(&self) -> &'static str {
        match self {
            Self::VictoriaMetrics | Self::GuardedVictoriaMetrics(_) => "/health",
            Self::Prometheus { .. } | Self::Scraper { .. } => "/-/ready",
        }
    }

    fn arguments(&self, directory: &Path, port: u16) -> Vec<String> {
        let data = directory.join("data").display().to_string();
        let victoria_metrics = || {
            let listen = format!("-httpListenAddr=127.0.0.1:{port}");
            vec![format!("-storageDataPath={data}"), listen, "-memory.allowedBytes=100MB".into()]
        };
        match self {
            Self::VictoriaMetrics => victoria_metrics(),
            Self::GuardedVictoriaMetrics(password) => {
                let guard = ["-httpAuth.username=muster".to_owned(), format!("-httpAuth.password={password}")];
                victoria_metrics().into_iter().chain(guard).collect()
            }
            Self::Scraper { target, token } => {
                let config = directory.join("prometheus.yml");
                let text = format!(
                    "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\nscrape_configs:\n  - job_name: muster\n    \
                     static_configs: [{{targets: ['{target}']}}]\n    authorization: {{credentials: '{token}'}}\n"
                );
                fs::write(&config, text).expect("the directory can be written");
                vec![
                    format!("--config.file={}", config.display()),
                    format!("--storage.tsdb.path={data}"),
                    format!("--web.listen-address=127.0.0.1:{port}"),
                ]
            }
            Self::Prometheus { out_of_order, query_samples } => {
                let window =
                    out_of_order.map(|window| format!("storage: {{tsdb: {{out_of_order_time_window: {window}}}}}\n"));
                let config = directory.join("prometheus.yml");
                let text = format!("global: {{}}\n{}", window.unwrap_or_default());
                fs::write(&config, text).expect("the directory can be written");
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
pub struct MetricsStore {
    program: Program,
    directory: TempDir,
    port: u16,
    script: Child,
}

/// What a server does with time: makes it do at once what it does within seconds.
#[derive(Debug, Clone)]
pub struct Settling {
    port: u16,
    is_needed: bool,
    series_made: Arc<Mutex<String>>,
}

impl MetricsStore {
    /// Starts a server and waits until it is ready.
    ///
    /// # Panics
    /// When it is not installed, or does not become ready.
    pub async fn start(program: Program) -> Self {
        let installed = Path::new(program.path()).is_file();
        assert!(installed, "this test needs {}: run `scripts/setup db`, which installs it", program.path());
        let directory = tempfile::tempdir().expect("a directory for the server");
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.expect("a free port").port();
        let script = spawn(&program, directory.path(), port);
        let store = Self { program, directory, port, script };
        store.ready().await;
        store
    }

    /// Kills the server as `kill -9` does. Killing it twice changes nothing.
    ///
    /// # Panics
    /// When the operating system refuses.
    pub fn kill(&mut self) {
        drop(self.script.stdin.take());
        self.script.wait().expect("the script ends with its server");
    }

    /// Starts it again in the same directory and on the same port, and waits until it is ready.
    ///
    /// # Panics
    /// When it does not become ready.
    pub async fn restart(&mut self) {
        self.script = spawn(&self.program, self.directory.path(), self.port);
        self.ready().await;
    }

    /// Where it answers.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it is.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Asks something of it by `GET`: the body, where its answer is 200.
    ///
    /// # Errors
    /// When it cannot be reached or refuses.
    pub async fn get(&self, path_and_query: &str) -> io::Result<String> {
        get(self.port, path_and_query).await
    }

    /// Asks until the answer is as it should be, and returns it.
    ///
    /// # Panics
    /// When it never is.
    pub async fn eventually(&self, path_and_query: &str, is_right: impl Fn(&str) -> bool) -> String {
        let clock = SystemClock::new();
        let mut last = String::new();
        while clock.monotonic() < PATIENCE {
            last = self.get(path_and_query).await.unwrap_or_else(|error| error.to_string());
            if is_right(&last) {
                return last;
            }
            clock.sleep(Duration::from_millis(50)).await;
        }
        panic!("{path_and_query} answers after {PATIENCE:?}: {last}");
    }

    /// Lets it have the time that it needs.
    pub fn settling(&self) -> Settling {
        let is_needed = !matches!(self.program, Program::Prometheus { .. } | Program::Scraper { .. });
        Settling { port: self.port, is_needed, series_made: Arc::default() }
    }

    async fn ready(&self) {
        let clock = SystemClock::new();
        while clock.monotonic() < PATIENCE {
            if self.get(self.program.ready_path()).await.is_ok() {
                return;
            }
            clock.sleep(Duration::from_millis(20)).await;
        }
        let log = fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
        panic!("{} is not ready after {PATIENCE:?}:\n{log}", self.program.path());
    }
}

impl Settling {
    /// A snapshot puts everything accepted on disk. Only that new series show cannot be hurried. A server that is down has
    /// nothing to settle.
    ///
    /// # Panics
    /// When an earlier call did.
    pub async fn settle(&self) {
        if !self.is_needed {
            return;
        }
        let _ = get(self.port, "/snapshot/create").await;
        let counters = get(self.port, "/metrics").await.unwrap_or_default();
        let made = counters.lines().find_map(|line| line.strip_prefix(SERIES_MADE)).unwrap_or("0").to_owned();
        let is_news = {
            let mut known = self.series_made.lock().expect("nobody panics with it");
            made != "0" && made != std::mem::replace(&mut *known, made.clone())
        };
        if is_news {
            SystemClock::new().sleep(NEW_SERIES_SHOW_AFTER).await;
        }
    }
}

impl Drop for MetricsStore {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(program: &Program, directory: &Path, port: u16) -> Child {
    let mut script = Command::new("sh")
        .args(["-c", SCRIPT, "sh", program.path()])
        .args(program.arguments(directory, port))
        .env("LOG", directory.join("log"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut first = String::new();
    let said = script.stdout.take().expect("its output is piped");
    BufReader::new(said).read_line(&mut first).expect("it says one line");
    assert_eq!(first.trim(), "started");
    script
}

/// One request of HTTP 1.0, whose answer ends with its connection.
async fn get(port: u16, path_and_query: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(format!("GET {path_and_query} HTTP/1.0\r\nHost: localhost\r\n\r\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.split(' ').nth(1) == Some("200") => Ok(body.to_owned()),
        Some((head, _)) => Err(io::Error::other(head.to_owned())),
        None => Err(io::Error::other(answer)),
    }
}

//! A real server process on a data directory and a port of its own.

use std::{
    io::{BufRead, BufReader, Read},
    net::{SocketAddr, TcpListener},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    time::Duration,
};

/// Nothing in these tests takes this long; reaching it means that something never happened.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    said: Arc<Said>,
}

/// What a server has said, and news of more.
#[derive(Default)]
struct Said {
    bytes: Mutex<Vec<u8>>,
    more: Condvar,
}

/// The `muster` command, with an environment that cannot disturb it.
pub(crate) fn muster() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command.env_clear().env("PATH", std::env::var("PATH").unwrap_or_default());
    command
}

/// `muster serve` on a data directory, on a free port: it says on which.
pub(crate) fn serve(data_dir: &Path) -> Command {
    let mut command = muster();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data_dir);
    command
}

/// An address that nobody listened on just now.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}

/// Runs a command to its end and returns its exit code and what it said on standard error.
pub(crate) fn fails(command: &mut Command) -> (i32, String) {
    let output = command.stdin(Stdio::null()).output().expect("the command starts");
    assert!(!output.status.success(), "{command:?} should have failed");
    let said = String::from_utf8(output.stderr).expect("messages are UTF-8");
    (output.status.code().unwrap_or(-1), said)
}

/// The one line that a failed command says.
pub(crate) fn one_line(said: &str) -> &str {
    let complaints: Vec<_> = said.lines().filter(|line| line.starts_with("muster: ")).collect();
    let [line] = complaints.as_slice() else { panic!("one clear line, not {said:?}") };
    line
}

/// Makes a command run as an ordinary user where the test runs as root, whom permissions do not stop.
pub(crate) fn as_ordinary_user(command: &mut Command) -> &mut Command {
    if rustix::process::geteuid().is_root() { command.uid(65_534).gid(65_534) } else { command }
}

impl Server {
    /// Starts a server and waits until it says that it is ready.
    pub(crate) fn start(data_dir: &Path) -> Self {
        Self::from(&mut serve(data_dir))
    }

    /// Starts the given `serve` command and waits until it says that it is ready.
    pub(crate) fn from(command: &mut Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let mut errors = child.stderr.take().expect("stderr is piped");
        let ready = lines.by_ref().map_while(Result::ok).find_map(|line| {
            line.strip_prefix("Muster is ready at http")?.trim_start_matches('s').strip_prefix("://")?.parse().ok()
        });
        let Some(address) = ready else {
            let mut said = String::new();
            let _ = errors.read_to_string(&mut said);
            panic!("the server did not start: {said}");
        };
        // A full pipe must not stop the server.
        let said = Arc::<Said>::default();
        let (from_lines, from_errors) = (Arc::clone(&said), Arc::clone(&said));
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| from_lines.hear(line.as_bytes())));
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = errors.read(&mut piece) {
                from_errors.hear(&piece[..length]);
            }
        });
        Self { child, address, said }
    }

    /// What it has said since it was ready, on both pipes.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&self.said.lock()).into_owned()
    }

    /// What it has said since it was ready, once that holds some words.
    pub(crate) fn said_until(&self, words: &str) -> String {
        let lacks = |bytes: &mut Vec<u8>| !String::from_utf8_lossy(bytes).contains(words);
        let (said, waited) =
            self.said.more.wait_timeout_while(self.said.lock(), PATIENCE, lacks).expect("nobody panics with it");
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(!waited.timed_out(), "`{words}` was never said, but: {said}");
        said
    }

    /// The process's number.
    pub(crate) fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.child)
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.pid(), signal).expect("the server runs");
    }

    /// Ends the server without warning.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("the server runs");
        self.child.wait().expect("the server ends");
    }

    /// Asks the server to stop and returns how it ended.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.signal(rustix::process::Signal::TERM);
        self.child.wait().expect("the server ends")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Said {
    fn hear(&self, piece: &[u8]) {
        self.lock().extend_from_slice(piece);
        self.more.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.bytes.lock().expect("nobody panics with it")
    }
}

/// Creates an API token on a data directory, as an operator does.
pub(crate) fn token(data_dir: &Path, role: &str) -> String {
    let mut command = muster();
    let output = command.args(["token", "create", "--name", role, "--role", role, "--data-dir"]).arg(data_dir).output();
    let output = output.expect("the command starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("a token is ASCII").trim().to_owned()
}

/// A client that no environment can disturb.
pub(crate) fn http() -> reqwest::Client {
    // Only the first installation in a process counts.
    let _ = rustls::crypto::CryptoProvider::install_default(rustls::crypto::ring::default_provider());
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("an HTTP client")
}

/// Sends JSON to the API and returns the status.
pub(crate) async fn post(server: &Server, path: &str, body: &serde_json::Value) -> u16 {
    post_to(server.address, path, body).await
}

/// Sends JSON to the API of an address and returns the status.
pub(crate) async fn post_to(address: SocketAddr, path: &str, body: &serde_json::Value) -> u16 {
    let url = format!("http://{address}{path}");
    http().post(url).json(body).send().await.expect("the server answers").status().as_u16()
}

/// Sends a text to another server, which must take it.
pub(crate) async fn post_text(url: &str, text: String) {
    let answer = http().post(url).body(text).send().await.expect("it answers");
    assert!(answer.status().is_success(), "{}", answer.status());
}

/// Asks the API and returns status and JSON.
pub(crate) async fn get(server: &Server, token: &str, path: &str) -> (u16, serde_json::Value) {
    let url = format!("http://{}{path}", server.address);
    let response = http().get(url).bearer_auth(token).send().await.expect("the server answers");
    (response.status().as_u16(), response.json().await.expect("answers are JSON"))
}

/// Asks the API under another host name, and returns status and JSON.
pub(crate) async fn get_as(server: &Server, token: &str, path: &str, host: &str) -> (u16, serde_json::Value) {
    let url = format!("http://{}{path}", server.address);
    let response = http().get(url).bearer_auth(token).header("host", host).send().await.expect("the server answers");
    (response.status().as_u16(), response.json().await.expect("answers are JSON"))
}

/// Asks until the answer satisfies, within patience; shows the last answer otherwise.
pub(crate) async fn eventually(
    server: &Server,
    token: &str,
    path: &str,
    satisfied: impl Fn(&serde_json::Value) -> bool,
) -> serde_json::Value {
    let mut last = serde_json::Value::Null;
    let asking = async {
        loop {
            last = get(server, token, path).await.1;
            if satisfied(&last) {
                return last.clone();
            }
            tokio::task::yield_now().await;
        }
    };
    let outcome = tokio::time::timeout(PATIENCE, asking).await;
    outcome.unwrap_or_else(|_| panic!("{path} never satisfied; it answered last: {last:#}"))
}

//! A private PostgreSQL server from the system's packages.
//!
//! `initdb` refuses to run as root, so that a root test process drops to the `postgres` user for it (D-29). A shell
//! script owns the server: it waits at the end of a pipe that this process holds open. However this process ends, by
//! itself, by a panic or by SIGKILL, the pipe closes, and the script stops the server and removes its directory. Should
//! the script itself be killed, the next test process cleans up after it.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use rustix::process::geteuid;

/// Where Debian's packages put each major version.
const INSTALLED: &str = "/usr/lib/postgresql";

/// The user whom Debian's packages create.
const USER: &str = "postgres";

/// How directories of clusters begin; the rest is the process id. Short, since the path of a socket may not be long.
const PREFIX: &str = "muster-pg-";

/// `$1` is the directory of the programs, `$2` that of the cluster. `watch` tells the living from the stale.
const SCRIPT: &str = r#"
    echo $$ > "$2/watch"
    clean() { "$1/pg_ctl" -D "$2/data" -m immediate -w stop >>"$2/log" 2>&1; rm -rf "$2"; }
    if "$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$2/log" 2>&1 &&
       "$1/pg_ctl" -D "$2/data" -l "$2/log" -w start >>"$2/log" 2>&1 -o "-k $2 -c listen_addresses= \
           -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300"
    then echo ready; else cat "$2/log"; fi
    exec >&- 2>&-
    read -r _
    clean "$1" "$2"
"#;

/// A running server.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    directory: PathBuf,
    databases: AtomicU32,
    /// Its standard input is the pipe that keeps the server alive.
    _script: Child,
}

impl Postgres {
    /// The server of this test process, started on first use.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Starts a server of its own. Prefer [`shared`](Self::shared), since a start takes a second.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    pub fn start() -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let programs = newest_programs();
        remove_stale(&programs);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let directory = std::env::temp_dir().join(format!("{PREFIX}{}-{number}", std::process::id()));
        make_directory(&directory);
        let script = run_script(&programs, &directory);
        Self { programs, directory, databases: AtomicU32::new(0), _script: script }
    }

    /// Creates an empty database and says its URL.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn create_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let url = |name: &str| format!("postgresql://postgres@localhost/{name}?host={}", self.directory.display());
        self.query(&url("postgres"), &format!("CREATE DATABASE {name}"));
        url(&name)
    }

    /// Runs SQL on a database and says what it answers, unaligned and without headings.
    ///
    /// # Panics
    /// When the SQL fails.
    pub fn query(&self, url: &str, sql: &str) -> String {
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql])
            .output()
            .expect("psql comes with PostgreSQL and starts");
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

fn newest_programs() -> PathBuf {
    let versions = fs::read_dir(INSTALLED).into_iter().flatten().flatten();
    let newest = versions
        .filter(|version| version.path().join("bin/initdb").is_file())
        .max_by_key(|version| version.file_name().to_string_lossy().parse().unwrap_or(0_u32));
    let newest = newest.unwrap_or_else(|| {
        panic!("these tests need PostgreSQL's server programs below {INSTALLED}: run `make setup`, which installs them")
    });
    newest.path().join("bin")
}

/// Makes the directory of a cluster, owned by whoever will run the server and closed to everybody else.
fn make_directory(directory: &Path) {
    // A directory of that name is left from a process that had the same id.
    let _ = fs::remove_dir_all(directory);
    fs::create_dir(directory).expect("the temporary directory is writable");
    fs::set_permissions(directory, std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .expect("the owner may change the rights");
    if let Some((user, group)) = other_user() {
        chown(directory, Some(user), Some(group)).expect("root may give files away");
    }
}

/// The user and group to run the server as, when this process is root.
fn other_user() -> Option<(u32, u32)> {
    if !geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("every system has /etc/passwd");
    let line = users.lines().find(|line| line.split(':').next() == Some(USER));
    let line = line
        .unwrap_or_else(|| panic!("PostgreSQL does not run as root, and there is no user {USER}: run `make setup`"));
    let mut ids = line.split(':').skip(2).map(|id| id.parse().expect("ids are numbers"));
    ids.next().zip(ids.next())
}

fn run_script(programs: &Path, directory: &Path) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", SCRIPT, "sh"]).args([programs, directory]).current_dir(directory);
    // A group of its own, so that Ctrl-C in a terminal ends the tests and leaves the script to clean up.
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    if let Some((user, group)) = other_user() {
        command.uid(user).gid(group);
    }
    let mut script = command.spawn().expect("sh starts");
    let mut output = BufReader::new(script.stdout.take().expect("standard output is a pipe"));
    let mut first = String::new();
    output.read_line(&mut first).expect("the script's output can be read");
    if first.trim() != "ready" {
        let mut rest = String::new();
        let _ = output.read_to_string(&mut rest);
        panic!("PostgreSQL does not start:\n{first}{rest}");
    }
    script
}

/// Removes clusters whose script was killed.
fn remove_stale(programs: &Path) {
    let entries = fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    for directory in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        if is_stale(&directory.path()) {
            stop(programs, &directory.path());
            // Another process may be doing the same.
            let _ = fs::remove_dir_all(directory.path());
        }
    }
}

/// Whether the script that watches over a cluster is gone. One that has not begun to watch is left alone.
fn is_stale(directory: &Path) -> bool {
    let Ok(watch) = fs::read_to_string(directory.join("watch")) else { return false };
    let command_line = fs::read(format!("/proc/{}/cmdline", watch.trim())).unwrap_or_default();
    let name = directory.as_os_str().as_encoded_bytes();
    !command_line.split(|byte| *byte == 0).any(|argument| argument == name)
}

fn stop(programs: &Path, directory: &Path) {
    let mut command = Command::new(programs.join("pg_ctl"));
    command.args(["-m", "immediate", "-w", "stop", "-D"]).arg(directory.join("data"));
    command.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
    if let Some((user, group)) = other_user() {
        command.uid(user).gid(group);
    }
    // It fails when the server has ended already, which is as good.
    let _ = command.status();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_ends_with_its_process_and_leaves_nothing() {
        let mut server = Postgres::start();
        let directory = server.directory.clone();
        assert!(directory.join("data/postmaster.pid").exists());
        // What the end of the process does: the pipe closes.
        drop(server._script.stdin.take());
        server._script.wait().unwrap();
        assert!(!directory.exists());
    }

    #[test]
    fn what_a_killed_script_left_behind_is_removed() {
        let mut server = Postgres::start();
        server._script.kill().unwrap();
        server._script.wait().unwrap();
        assert!(is_stale(&server.directory));
        remove_stale(&server.programs);
        assert!(!server.directory.exists());
        assert!(!is_stale(&Postgres::shared().directory), "a running one stays");
    }
}

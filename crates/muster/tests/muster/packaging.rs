//! What is around the binary where it is installed: the service unit, what the supervisor is told, the container's
//! entrypoint with read-only mounts in namespaces of its own.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        net::UnixDatagram,
    },
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use rustix::process::Signal;

use crate::process::{PATIENCE, Server, as_ordinary_user, muster, serve};

#[test]
fn the_service_has_as_few_rights_as_it_can_work_with() {
    let unit = fs::read_to_string(packaging("systemd/muster.service")).unwrap();
    for line in [
        "Type=notify",
        "DynamicUser=yes",
        "StateDirectory=muster",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "ProtectSystem=strict",
        "SystemCallFilter=@system-service",
        "WatchdogSec=60s",
    ] {
        assert!(unit.lines().any(|other| other == line), "{line}");
    }
    // Only what it is said to start is not on this machine.
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("muster.service");
    fs::write(&path, unit.replace("/usr/bin/muster ", "/bin/true ")).unwrap();
    let Some(verified) = analyze(&["verify"], &path) else { return };
    assert!(verified.status.success() && verified.stderr.is_empty(), "{verified:?}");
    // Exposure in tenths, of at most 100: a service without any protection has 96.
    let judged = analyze(&["security", "--offline=yes", "--threshold=20"], &path).expect("it was there just now");
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stdout));
}

#[test]
fn a_drop_in_opens_ports_below_1024_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let (path, drop_ins) = (directory.path().join("muster.service"), directory.path().join("muster.service.d"));
    let unit = fs::read_to_string(packaging("systemd/muster.service")).unwrap();
    fs::write(&path, unit.replace("/usr/bin/muster ", "/bin/true ")).unwrap();
    fs::create_dir(&drop_ins).unwrap();
    let low_ports = fs::read_to_string(packaging("systemd/low-ports.conf")).unwrap();
    fs::write(drop_ins.join("low-ports.conf"), &low_ports).unwrap();
    let documented = fs::read_to_string(packaging("../docs/operating/service.md")).unwrap();
    for line in low_ports.lines().skip_while(|line| *line != "[Service]") {
        assert!(documented.lines().any(|other| other == line), "{line}");
    }
    let Some(verified) = analyze(&["verify"], &path) else { return };
    assert!(verified.status.success() && verified.stderr.is_empty(), "{verified:?}");
}

#[tokio::test]
async fn the_image_is_reached_from_outside_and_speaks_tls() {
    let image = fs::read_to_string(packaging("container/Containerfile")).unwrap();
    let copied = "packaging/container/muster.toml /etc/muster/muster.toml";
    assert!(image.lines().any(|line| line.starts_with("COPY") && line.ends_with(copied)), "{image}");
    let directory = tempfile::tempdir().unwrap();
    let mut configured = 0;
    let mut command = muster();
    command.args(["serve", "--no-local-agent"]);
    for (name, value) in image.lines().filter_map(|line| line.strip_prefix("ENV ")?.split_once('=')) {
        // What the host is another place for.
        let value = match name {
            "MUSTER_CONFIG" => value.replace("/etc/muster", packaging("container").to_str().unwrap()),
            "MUSTER_SERVER__DATA_DIR" => value.replace("/data", directory.path().to_str().unwrap()),
            "MUSTER_SERVER__LISTEN" => value.replace("8420", "0"),
            other => panic!("{other} is not known here"),
        };
        command.env(name, value);
        configured += 1;
    }
    assert_eq!(configured, 3);
    let server = Server::from(&mut command);
    // An address that a listener on 127.0.0.1 does not have.
    let elsewhere = format!("https://127.0.0.2:{}/healthz", server.address.port());
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().danger_accept_invalid_certs(true).build().unwrap();
    assert_eq!(client.get(elsewhere).send().await.unwrap().status(), 200);
    assert!(server.stop().success());
}

#[test]
fn a_supervisor_is_told_how_it_goes() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("notify");
    let socket = UnixDatagram::bind(&place).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let heard = |wanted: &str| {
        let mut message = [0; 4096];
        while let Ok(length) = socket.recv(&mut message) {
            if String::from_utf8_lossy(&message[..length]).lines().any(|line| line == wanted) {
                return;
            }
        }
        panic!("{wanted} was never said");
    };
    let mut command = serve(&directory.path().join("data"));
    command.arg("--no-local-agent").env("NOTIFY_SOCKET", &place).env("WATCHDOG_USEC", "100000");
    let server = Server::from(&mut command);
    for wanted in ["READY=1", "WATCHDOG=1", "WATCHDOG=1"] {
        heard(wanted);
    }
    server.signal(Signal::HUP);
    for wanted in ["RELOADING=1", "READY=1"] {
        heard(wanted);
    }
    server.signal(Signal::TERM);
    heard("STOPPING=1");
}

#[test]
fn who_is_not_root_gets_the_command_as_it_is() {
    //
    let mut command = entrypoint(&["sh", "-c", "id -u; echo \"$@\"", "-", "a b"]);
    let output = as_ordinary_user(&mut command).env("PUID", "1234").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.ends_with("a b\n") && !said.starts_with("1234"), "{said}");
    for (wrong, arguments) in [("-1", &["true"][..]), ("1000", &[])] {
        assert!(!entrypoint(arguments).env("PUID", wrong).stderr(Stdio::null()).status().unwrap().success());
    }
}

#[test]
fn immutable_paths_are_never_touched() {
    // the ownership command fails on listed paths, and the start succeeds all the same.
    let world = World::new();
    let config = world.config();
    let listed = [config.join("secret.key"), config.join("certs/tls.pem")];
    let output = world.stubbed(&[("MUSTER_IMMUTABLE_OWNERSHIP_PATHS", &join(&listed))]);
    let (said, calls) = (String::from_utf8_lossy(&output.stderr).into_owned(), world.calls());
    assert!(output.status.success(), "{said}");
    for path in &listed {
        assert!(!calls.contains(&format!(" {}\n", path.display())), "{calls}");
        assert!(said.contains(&format!("leaving {} as it is", path.display())), "{said}");
    }
    for path in [config.join("certs"), config.join("muster.toml"), config.clone()] {
        assert!(calls.contains(&format!("chown -h 1234:2345 {}\n", path.display())), "{calls}");
    }
    let last = calls.lines().rfind(|line| line.contains("/config")).unwrap();
    assert!(last.ends_with("/config"), "the root comes last: {last}");
    assert!(!calls.contains("-R"), "never a whole tree at once");
    assert!(calls.contains("setpriv --reuid 1234 --regid 2345 --clear-groups"), "R-209: {calls}");
}

#[test]
fn data_that_is_the_users_already_is_not_walked() {
    //
    let world = World::new();
    world.stubbed(&[]);
    assert!(world.calls().contains("/data/state.db\n"), "{}", world.calls());
    if rustix::process::geteuid().is_root() {
        chown(world.data(), Some(1234), Some(2345)).unwrap();
        world.forget_calls();
        world.stubbed(&[]);
        let calls = world.calls();
        assert!(!calls.lines().any(|call| call.starts_with("chown") && call.contains("/data")), "{calls}");
    }
    fs::remove_dir_all(world.data()).unwrap();
    assert!(world.stubbed(&[]).status.success(), "missing trees are ignored");
}

#[test]
fn a_failing_step_ends_the_start() {
    //
    let world = World::new();
    let refused = world.stubbed(&[("STUB_REFUSES", "muster.toml")]);
    assert!(!refused.status.success());
    assert!(!world.calls().contains("setpriv"), "{}", world.calls());
}

#[test]
fn a_read_only_root_stops_no_start() {
    // where names for the ids cannot be written, the command starts without.
    let world = World::new();
    let output = world.stubbed(&[("STUB_FAILS", "groupadd groupmod useradd usermod")]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("no names for the ids 1234:2345"), "{said}");
    let calls = world.calls();
    assert!(calls.contains("chown -h 1234:2345") && calls.contains("setpriv --reuid 1234"), "{calls}");
}

#[test]
fn the_server_starts_as_its_user_with_read_only_files_in_its_configuration() {
    // the real thing, where this test may have namespaces as root.
    if !rustix::process::geteuid().is_root() || !namespaces_work() {
        return;
    }
    let world = World::new();
    let readable = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    readable(world.root.path(), 0o755);
    fs::copy("/etc/passwd", world.root.path().join("passwd")).unwrap();
    let config = world.config();
    let (listed, unlisted) = (config.join("secret.key"), config.join("muster.toml"));
    // A copy of /etc, because the user is made; two files of the configuration on read-only mounts, one of them unlisted.
    let script = "set -e
        cp -a /etc \"$ROOT/etc\"; mount --bind \"$ROOT/etc\" /etc
        for file in \"$LISTED\" \"$UNLISTED\"; do mount --bind \"$file\" \"$file\"; mount -o remount,ro,bind \"$file\"; done
        exec \"$ENTRYPOINT\" \"$@\"";
    let plain = serve(&world.data());
    let mut command = Command::new("unshare");
    command.args(["-m", "--propagation", "private", "sh", "-c", script, "-"]);
    command.arg(plain.get_program()).args(plain.get_args()).arg("--no-local-agent");
    command.env("ROOT", world.root.path()).env("LISTED", &listed).env("UNLISTED", &unlisted);
    command.env("ENTRYPOINT", packaging("container/entrypoint"));
    command.env("MUSTER_IMMUTABLE_OWNERSHIP_PATHS", &listed);
    command.env("MUSTER_CONFIG", &unlisted);
    world.environment(&mut command);
    let server = Server::from(&mut command);
    let owner = |path: &Path| fs::metadata(path).unwrap().uid();
    assert_eq!(owner(&world.data().join("server.lock")), 1234, "the process runs as the user");
    assert_eq!((owner(&config), owner(&config.join("certs")), owner(&listed), owner(&unlisted)), (1234, 1234, 0, 0));
    assert!(server.stop().success(), "R-209: the signal reaches the server");
}

/// A configuration, data, and programs that write down how they were called.
struct World {
    root: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { root: tempfile::tempdir().unwrap() };
        let (config, data) = (world.config(), world.data());
        fs::create_dir_all(config.join("certs")).unwrap();
        fs::create_dir(&data).unwrap();
        for file in ["secret.key", "certs/tls.pem", "muster.toml"] {
            fs::write(config.join(file), "").unwrap();
        }
        fs::write(data.join("state.db"), "").unwrap();
        let stubs = world.root.path().join("stubs");
        fs::create_dir(&stubs).unwrap();
        // The ownership command fails where it is told to, and on everything that is listed.
        let stub = "#!/bin/sh\nname=${0##*/}\nprintf '%s %s\\n' \"$name\" \"$*\" >> \"$CALLS\"\n\
            for last; do :; done\n\
            case \" ${STUB_FAILS:-} \" in *\" $name \"*) exit 1 ;; esac\n\
            [ \"$name\" = chown ] || exit 0\n\
            case \":${MUSTER_IMMUTABLE_OWNERSHIP_PATHS:-}:\" in *\":$last:\"*) exit 1 ;; esac\n\
            case \"$last\" in */\"${STUB_REFUSES:-none}\") exit 1 ;; esac\n";
        for program in ["chown", "setpriv", "groupadd", "groupmod", "useradd", "usermod"] {
            let path = stubs.join(program);
            fs::write(&path, stub).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        world
    }

    fn config(&self) -> PathBuf {
        self.root.path().join("config")
    }

    fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    fn environment(&self, command: &mut Command) {
        command.env("MUSTER_CONFIG_ROOT", self.config()).env("MUSTER_DATA_ROOT", self.data());
        command.env("PUID", "1234").env("PGID", "2345");
    }

    /// Starts `true` through the entrypoint, as root of a namespace of its own, with programs that only write down.
    fn stubbed(&self, environment: &[(&str, &str)]) -> Output {
        let path = format!("{}:{}", self.root.path().join("stubs").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("unshare");
        // Who is root already needs no namespace to be it, and sees everybody's files as they are.
        command.args(if rustix::process::geteuid().is_root() { &["-m"][..] } else { &["-Ur"][..] });
        command.arg(packaging("container/entrypoint")).arg("true");
        self.environment(&mut command);
        command.env("PATH", path).env("CALLS", self.root.path().join("calls")).envs(environment.iter().copied());
        command.output().unwrap()
    }

    fn calls(&self) -> String {
        fs::read_to_string(self.root.path().join("calls")).unwrap_or_default()
    }

    fn forget_calls(&self) {
        fs::write(self.root.path().join("calls"), "").unwrap();
    }
}

fn packaging(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging").join(path)
}

fn entrypoint(arguments: &[&str]) -> Command {
    let mut command = Command::new(packaging("container/entrypoint"));
    command.args(arguments);
    command
}

fn join(paths: &[PathBuf]) -> String {
    let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    paths.join(":")
}

/// None where the machine has no systemd.
fn analyze(arguments: &[&str], unit: &Path) -> Option<Output> {
    Command::new("systemd-analyze").args(arguments).arg(unit).output().ok()
}

fn namespaces_work() -> bool {
    Command::new("unshare").args(["-m", "true"]).status().is_ok_and(|status| status.success())
}

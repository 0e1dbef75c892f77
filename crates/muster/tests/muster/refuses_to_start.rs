//! What a server that cannot start says: one clear line with what, where and what to do, an exit code, and nothing
//! half-written.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt, path::Path};

use crate::process::{Server, as_ordinary_user, fails, muster, one_line, serve};

fn check(data_dir: &Path, code: i32, wanted: &[&str]) {
    let (exit, said) = fails(&mut serve(data_dir));
    let line = one_line(&said);
    assert_eq!(exit, code, "{line}");
    for part in wanted {
        assert!(line.contains(part), "`{part}` is missing from: {line}");
    }
}

#[test]
fn a_malformed_configuration_names_its_line() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("muster.toml");
    fs::write(&file, "[server]\nlistn = \"127.0.0.1:0\"\n").unwrap();
    let (exit, said) = fails(muster().args(["serve", "--config"]).arg(&file));
    assert_eq!(exit, 2);
    let line = one_line(&said);
    assert!(line.contains("muster.toml line 2: unknown key `server.listn`; did you mean `server.listen`?"), "{line}");
}

#[test]
fn an_address_that_others_can_reach_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (exit, said) = fails(muster().args(["serve", "--listen", "0.0.0.0:0", "--data-dir"]).arg(directory.path()));
    assert_eq!(exit, 2);
    assert!(one_line(&said).contains("option --listen: server.listen: 0.0.0.0 can be reached"), "{said}");
}

#[test]
fn an_occupied_port_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (exit, said) = fails(muster().args(["serve", "--listen", &address, "--data-dir"]).arg(directory.path()));
    assert_eq!(exit, 1);
    let line = one_line(&said);
    assert!(line.contains(&address) && line.contains("another program uses it") && line.contains("--listen"), "{line}");
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("state.db");
    fs::write(&database, "not a database at all, but somebody's notes\n".repeat(100)).unwrap();
    let before = fs::read(&database).unwrap();
    check(directory.path(), 1, &["state.db"]);
    assert_eq!(fs::read(&database).unwrap(), before);
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    // D-15
    let directory = tempfile::tempdir().unwrap();
    assert!(Server::start(directory.path()).stop().success());
    let path = directory.path().join("state.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    database.execute("UPDATE schema_version SET version = 9000, min_reader = 9000", ()).unwrap();
    drop(database);
    let before = fs::read(&path).unwrap();
    check(directory.path(), 1, &["state.db", "it has level 9000", "start the newer version, or restore a backup"]);
    // Nor does anything else open it.
    let backup = directory.path().join("backup");
    for command in [&["user", "list"][..], &["backup", backup.to_str().unwrap()]] {
        let (exit, said) = fails(muster().args(command).arg("--data-dir").arg(directory.path()));
        assert_eq!(exit, 1, "{command:?}");
        assert!(one_line(&said).contains("level 9000"), "{said}");
    }
    assert!(!backup.exists());
    assert!(fs::read(&path).unwrap() == before, "every byte is as it was");
}

#[test]
fn a_directory_of_somebody_else_is_named() {
    let root = tempfile::tempdir().unwrap();
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let (exit, said) = fails(as_ordinary_user(&mut serve(&root.path().join("data/below"))));
    if rustix::process::geteuid().is_root() {
        assert_eq!(exit, 1);
        let line = one_line(&said);
        assert!(line.contains("creating the data directory") && line.contains("--data-dir"), "{line}");
    }
}

#[test]
fn a_read_only_data_directory_is_named() {
    let root = tempfile::tempdir().unwrap();
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let data_dir = root.path().join("data");
    fs::create_dir(&data_dir).unwrap();
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&data_dir, Some(65_534), Some(65_534)).unwrap();
    }
    fs::set_permissions(&data_dir, fs::Permissions::from_mode(0o500)).unwrap();
    let (exit, said) = fails(as_ordinary_user(&mut serve(&data_dir)));
    assert_eq!(exit, 1);
    let line = one_line(&said);
    assert!(line.contains(data_dir.to_str().unwrap()) && line.contains("read-only"), "{line}");
    assert_eq!(fs::read_dir(&data_dir).unwrap().count(), 0, "nothing is half-written");
}

#[test]
fn a_second_server_on_the_same_data_names_the_first() {
    let directory = tempfile::tempdir().unwrap();
    let first = Server::start(directory.path());
    check(directory.path(), 1, &["another server (process ", directory.path().to_str().unwrap()]);
    assert!(first.stop().success());
}

#[test]
fn an_unreachable_postgresql_is_named_without_its_password() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("postgres://muster:hunter2@{}/muster", crate::process::free_address());
    let (exit, said) = fails(serve(directory.path()).env("MUSTER_DATABASE__URL", url));
    assert_eq!(exit, 1);
    let line = one_line(&said);
    assert!(line.contains("postgres") && !said.contains("hunter2"), "{line}");
}

//! `muster audit` on a running server: rows, a file, the head to note, and a log that somebody has written to behind its back.

use std::{fs, path::Path, process::Output};

use crate::process::{Server, muster, one_line, token};

#[test]
fn a_log_that_was_tampered_with_is_found_out() {
    // D-18
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    for name in ["viewer", "operator", "admin"] {
        token(directory.path(), name);
    }
    let head = said(&audit(directory.path(), &["head"]));
    let listed = said(&audit(directory.path(), &["list", "--action", "token.create"]));
    assert!(listed.contains("viewer") && listed.contains("operator"), "{listed}");
    let file = directory.path().join("audit.csv");
    audit(directory.path(), &["export", "--format", "csv", "--file", file.to_str().unwrap()]);
    assert!(fs::read_to_string(&file).unwrap().starts_with("at,actor,action,"));
    let sound = said(&audit(directory.path(), &["verify", "--anchor", head.trim()]));
    assert!(sound.contains("Nothing is wrong") && sound.contains("confirmed"), "{sound}");

    let behind = rusqlite::Connection::open(directory.path().join("state.db")).unwrap();
    behind.execute("UPDATE audit_entry SET actor = 'user:eve' WHERE target = 'operator'", []).unwrap();
    let found = audit(directory.path(), &["verify"]);
    assert_eq!(found.status.code(), Some(1));
    let table = String::from_utf8(found.stdout).unwrap();
    assert!(table.contains("changed") && table.contains("does not hold what was written"), "{table}");
    let said = String::from_utf8(found.stderr).unwrap();
    assert!(one_line(&said).contains("the audit log is not what was written: 1 finding"), "{said}");
    assert!(server.stop().success());
}

fn audit(directory: &Path, arguments: &[&str]) -> Output {
    muster().arg("audit").args(arguments).arg("--data-dir").arg(directory).output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

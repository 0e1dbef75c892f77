//! Whoever is killed while a backup is restored leaves the directory as it was, and the next attempt goes through.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use muster_backup::restore;

use crate::world::{KNOWN, World, notes};

/// Says to the copy of this test that it is the one to be killed.
const CHILD: &str = "MUSTER_TEST_RESTORE";

#[test]
fn a_killed_restore_leaves_nothing_wrong() {
    if let Ok(paths) = std::env::var(CHILD) {
        let (archive, target) = paths.split_once('|').unwrap();
        let progress = |_| {
            say("read a piece");
            wait_to_be_let_go();
        };
        restore(archive.as_ref(), target.as_ref(), KNOWN, progress).unwrap();
        return say("restored");
    }
    let world = World::with_notes(4000);
    let expected = notes(&world.data());
    let mut pieces = 0;
    restore(&world.archive(), &world.target(), KNOWN, |_| pieces += 1).unwrap();
    fs::remove_dir_all(world.target()).unwrap();
    // One that never gets further than its first piece.
    kill_after(&world, 1, Stdio::piped());
    assert!(!world.target().exists());
    // D-30. From the first piece to the end: it is read twice, and from the middle on it is written.
    let rounds = rounds();
    for round in 1..=rounds {
        kill_after(&world, 1 + pieces * round / rounds, Stdio::null());
        if world.target().exists() {
            assert_eq!(notes(&world.target()), expected, "round {round}: what is there is whole");
            fs::remove_dir_all(world.target()).unwrap();
        }
    }
    world.restore().unwrap();
    assert_eq!(notes(&world.target()), expected);
    assert_eq!(world.root_entries(), ["backup.tar.zst", "data", "restored"], "the drafts of those killed are gone");
}

/// Restores in a process of its own, and kills it once it has said so many lines. Where its input stays open, it waits
/// behind each line.
fn kill_after(world: &World, lines: u64, input: Stdio) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::a_killed_restore_leaves_nothing_wrong", "--nocapture"])
        .env(CHILD, format!("{}|{}", world.archive().display(), world.target().display()))
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let said = said.filter(|line| line.contains("read a piece") || line.contains("restored"));
    assert!(said.take(lines as usize).count() > 0, "the child restores");
    child.kill().unwrap();
    child.wait().unwrap();
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever reads it may have seen enough.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn wait_to_be_let_go() {
    // The end of the input lets it go.
    let _ = std::io::read_to_string(std::io::stdin());
}

fn rounds() -> u64 {
    std::env::var("MUSTER_SOAK_ROUNDS").map_or(10, |rounds| rounds.parse().unwrap())
}

//! What is whole comes back as it was, in one step, and nowhere else.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::Path,
};

use muster_backup::{BackupError, StatePart, StateSource, check, clear_leftovers};

use crate::world::{KNOWN, LOG, MARKER, World, notes};

#[test]
fn what_was_backed_up_comes_back() {
    // D-17
    let world = World::new();
    let written = world.restore().unwrap();
    assert_eq!((written.marker.id, written.marker.revisions["default"]), (MARKER, 42));
    assert_eq!(notes(&world.target()), notes(&world.data()));
    let read = |path: &str| fs::read_to_string(world.target().join(path)).unwrap();
    assert_eq!(read(LOG), "twelve bytes", "what came behind the line stays out");
    assert_eq!(read("secret.key"), "a master key");
    let names: Vec<_> = world.entries().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["manifest.json", "state.db", "history/history.db", LOG, "secret.key"]);
    assert_eq!(world.root_entries(), ["backup.tar.zst", "data", "restored"], "no drafts are left");
}

#[test]
fn everything_restored_is_its_owners_alone() {
    let world = World::new();
    world.restore().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let target = world.target();
    for directory in [target.clone(), target.join("history")] {
        assert_eq!(mode(&directory), 0o700, "{}", directory.display());
    }
    for file in ["state.db", "history/history.db", LOG, "secret.key"] {
        assert_eq!(mode(&target.join(file)), 0o600, "{file}");
    }
}

#[test]
fn the_key_stays_out_unless_it_is_wanted() {
    // D-21
    let world = World::new();
    assert!(check(&world.archive(), |_| {}).unwrap().has_key());
    world.write_backup(false);
    assert!(!world.restore().unwrap().has_key());
    assert!(!world.target().join("secret.key").exists());
}

#[test]
fn a_directory_with_something_in_it_is_left_alone() {
    let world = World::new();
    fs::create_dir(world.target()).unwrap();
    world.restore().unwrap();
    let error = world.restore().unwrap_err();
    assert!(error.contains("restored is not empty"), "{error}");
    fs::remove_dir_all(world.target()).unwrap();
    fs::write(world.target(), "a file").unwrap();
    assert!(world.restore().is_err());
    assert_eq!(fs::read_to_string(world.target()).unwrap(), "a file");
}

#[test]
fn what_somebody_else_put_in_the_way_is_left_alone() {
    let world = World::new();
    let (draft, elsewhere) =
        (world.target().with_file_name(".restored.restoring"), world.target().with_file_name("mine"));
    fs::create_dir(&elsewhere).unwrap();
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(elsewhere.join("notes"), "dear").unwrap();
    let refused = || {
        let error = world.restore().unwrap_err();
        assert!(error.contains(".restored.restoring is in the way"), "{error}");
    };
    symlink(&elsewhere, &draft).unwrap();
    refused();
    assert_eq!(fs::read_to_string(elsewhere.join("notes")).unwrap(), "dear", "a link is not followed");
    fs::remove_file(&draft).unwrap();
    fs::create_dir(&draft).unwrap();
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o755)).unwrap();
    refused();
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o700)).unwrap();
    if rustix::process::geteuid().is_root() {
        chown(&draft, Some(1234), None).unwrap();
        refused();
        chown(&draft, Some(0), None).unwrap();
    }
    world.restore().unwrap();
}

#[test]
fn a_state_elsewhere_is_named_and_not_copied() {
    // D-17
    let world = World::new();
    let mut source = world.source(false);
    let (database, command) = ("postgresql://db:5432/muster".to_owned(), "pg_dump …".to_owned());
    source.state = StateSource::Postgresql { database, command };
    let staged = source.prepare(&world.data()).unwrap().stage(|_| true).unwrap();
    staged.write(fs::File::create(world.archive()).unwrap()).unwrap();
    let manifest = world.restore().unwrap();
    assert!(matches!(manifest.state, StatePart::Postgresql { command, .. } if command == "pg_dump …"));
    assert!(!world.target().join("state.db").exists());
    assert!(world.target().join("history/history.db").exists());
}

#[test]
fn copies_go_when_they_are_no_longer_needed() {
    let world = World::new();
    let copies = world.data().join("backup.part");
    let prepared = world.source(false).prepare(&world.data()).unwrap();
    assert!(matches!(world.source(false).prepare(&world.data()), Err(BackupError::Busy { .. })), "one at a time");
    let staged = prepared.stage(|_| true).unwrap();
    assert!(copies.exists());
    let full = staged.write(Full);
    assert!(matches!(full, Err(BackupError::Write(_))), "{full:?}");
    assert!(!copies.exists());

    // What a crash leaves behind.
    fs::create_dir(&copies).unwrap();
    fs::write(copies.join("state.db"), "half").unwrap();
    drop(world.source(false).prepare(&world.data()).unwrap());
    assert!(!copies.exists());
    fs::create_dir(&copies).unwrap();
    clear_leftovers(&world.data()).unwrap();
    clear_leftovers(&world.data()).unwrap();
    assert!(!copies.exists());
}

#[test]
fn who_reads_is_told_how_far_it_is() {
    let world = World::new();
    let (length, mut read) = (fs::metadata(world.archive()).unwrap().len(), 0);
    muster_backup::restore(&world.archive(), &world.target(), KNOWN, |bytes| read += bytes).unwrap();
    assert_eq!(read, 2 * length, "it is checked whole before anything is written");
}

/// A reader that has gone.
struct Full;

impl std::io::Write for Full {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::StorageFull.into())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

//! Each kind of damage is refused, with the reason and the member, before anything is written.

use std::fs;

use serde_json::json;

use crate::world::{LOG, World};

fn refused(world: &World, wanted: &[&str]) {
    let error = world.restore().expect_err("a damaged backup is refused");
    for part in wanted {
        assert!(error.contains(part), "`{part}` is missing from: {error}");
    }
    assert!(!world.target().exists());
}

#[test]
fn a_flipped_bit_is_refused() {
    let world = World::new();
    let whole = fs::read(world.archive()).unwrap();
    let restored = world.entries();
    let mut refusals = 0;
    for place in (0..whole.len()).step_by(whole.len() / 200) {
        let mut damaged = whole.clone();
        damaged[place] ^= 1 << (place % 8);
        fs::write(world.archive(), &damaged).unwrap();
        match world.restore() {
            Err(_) => refusals += 1,
            // A bit of the frame's own description may mean nothing: then every member is as it was.
            Ok(_) => {
                assert_eq!(world.entries(), restored, "byte {place}");
                fs::remove_dir_all(world.target()).unwrap();
            }
        }
    }
    assert!(refusals > 190, "{refusals} of about 200 were refused");
}

#[test]
fn a_file_that_was_cut_off_is_refused() {
    let world = World::new();
    let whole = fs::read(world.archive()).unwrap();
    for length in (0..whole.len()).step_by(whole.len() / 100).chain([whole.len() - 1, whole.len() - 4]) {
        fs::write(world.archive(), &whole[..length]).unwrap();
        refused(&world, &["backup.tar.zst is not restored"]);
    }
}

#[test]
fn something_behind_the_end_is_refused() {
    let world = World::new();
    let mut longer = fs::read(world.archive()).unwrap();
    longer.extend_from_slice(b"and more");
    fs::write(world.archive(), longer).unwrap();
    refused(&world, &["damaged"]);
}

#[test]
fn what_is_no_backup_at_all_is_refused() {
    let world = World::new();
    fs::write(world.archive(), "somebody's notes\n".repeat(100)).unwrap();
    refused(&world, &["no backup of Muster"]);
    world.pack(&[("notes.txt".to_owned(), b"notes".to_vec())]);
    refused(&world, &["`manifest.json` is missing"]);
    world.pack(&[]);
    refused(&world, &["it is empty"]);
}

#[test]
fn a_changed_member_is_named() {
    for (name, wanted) in [("state.db", "SHA-256"), ("history/history.db", "SHA-256"), (LOG, "SHA-256")] {
        let world = World::new();
        let mut entries = world.entries();
        let entry = entries.iter_mut().find(|entry| entry.0 == name).unwrap();
        *entry.1.last_mut().unwrap() ^= 1;
        world.pack(&entries);
        refused(&world, &[name, wanted]);
    }
}

#[test]
fn a_shorter_member_is_named() {
    let world = World::new();
    let mut entries = world.entries();
    entries[3].1.pop();
    world.pack(&entries);
    refused(&world, &[LOG, "11 bytes", "should have 12"]);
}

#[test]
fn a_missing_member_is_named() {
    for missing in 1..5 {
        let world = World::new();
        let mut entries = world.entries();
        let (name, _) = entries.remove(missing);
        world.pack(&entries);
        refused(&world, &[&name, "is missing"]);
    }
}

#[test]
fn a_member_too_many_is_named() {
    let world = World::new();
    let mut entries = world.entries();
    entries.push(("state.db-wal".to_owned(), b"a journal".to_vec()));
    world.pack(&entries);
    refused(&world, &["`state.db-wal`"]);
}

#[test]
fn a_member_of_another_backup_is_named() {
    // D-17: one marker across both files. The checksums are right: somebody has put two backups together.
    let world = World::new();
    let mut entries = world.entries();
    let history = entries[2].1.clone();
    let foreign = {
        let mut foreign = history;
        foreign[60..64].copy_from_slice(&99_u32.to_be_bytes());
        foreign
    };
    entries[2].1 = foreign.clone();
    world.pack(&entries);
    world.edit_manifest(|manifest| manifest["members"][1]["sha256"] = json!(sha256(&foreign)));
    refused(&world, &["history/history.db", "another backup", "99"]);

    let world = World::new();
    world.edit_manifest(|manifest| manifest["marker"]["id"] = json!(7));
    refused(&world, &["state.db", "another backup", "this backup has 7"]);
}

#[test]
fn levels_that_this_program_does_not_know_are_refused() {
    // D-15
    let check = |place: &str, change: serde_json::Value, wanted: &[&str]| {
        let world = World::new();
        world.edit_manifest(|manifest| {
            let part = &mut manifest[place];
            for (key, value) in change.as_object().unwrap() {
                part[key] = value.clone();
            }
        });
        match wanted {
            [] => drop(world.restore().unwrap()),
            wanted => refused(&world, wanted),
        }
    };
    check("state", json!({"version": 9, "minReader": 3}), &[]);
    check(
        "state",
        json!({"version": 9, "minReader": 4}),
        &["state.db", "level 9", "knows level 4", "this one knows 3"],
    );
    check("history", json!({"version": 3, "minReader": 3}), &["history/history.db", "level 3", "newer version"]);
    check("history", json!({"version": 1, "minReader": 1}), &["history/history.db", "does not read any more"]);
}

#[test]
fn a_manifest_that_makes_no_sense_is_refused() {
    let check = |edit: fn(&mut serde_json::Value), wanted: &[&str]| {
        let world = World::new();
        world.edit_manifest(edit);
        refused(&world, wanted);
    };
    check(|manifest| manifest["minReader"] = json!(2), &["1.2.3", "newer format"]);
    check(|manifest| manifest["members"][0]["name"] = json!("../../state.db"), &["manifest", "no member of a backup"]);
    check(|manifest| manifest["state"] = json!({"engine": "oracle"}), &["manifest"]);
    check(
        |manifest| {
            let twice = manifest["members"][2].clone();
            manifest["members"].as_array_mut().unwrap().push(twice);
        },
        &["twice"],
    );
}

fn sha256(content: &[u8]) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(content))
}

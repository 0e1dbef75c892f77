//! A data directory with something in it, its backup, and archives that are put together by hand.

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use muster_backup::{Known, LogPart, Manifest, Marker, Pinned, Source, StateSource, restore};
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

/// The levels that these tests' program knows.
pub(crate) const KNOWN: Known = Known { state: 3, history: 2 };

/// The marker of every backup here, unless a test says otherwise.
pub(crate) const MARKER: u32 = 0x1234_5678;

/// The member that is a sweep log.
pub(crate) const LOG: &str = "history/sweeps-00000007.log";

/// A data directory and its backup.
pub(crate) struct World {
    root: TempDir,
}

/// A tar member.
pub(crate) type Entry = (String, Vec<u8>);

impl World {
    /// A directory with a few rows, and its backup.
    pub(crate) fn new() -> Self {
        Self::with_notes(50)
    }

    /// The same with so many rows that nobody can compress.
    pub(crate) fn with_notes(rows: u32) -> Self {
        let world = Self { root: tempfile::tempdir().unwrap() };
        let history = world.data().join("history");
        fs::create_dir_all(&history).unwrap();
        let state = format!(
            "CREATE TABLE schema_version (id INTEGER PRIMARY KEY, version INTEGER, min_reader INTEGER);
            INSERT INTO schema_version VALUES (1, 3, 1);
            CREATE TABLE note (text TEXT);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
            INSERT INTO note SELECT hex(randomblob(400)) FROM n;"
        );
        make(&world.data().join("state.db"), &state);
        make(
            &history.join("history.db"),
            "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL);
             INSERT INTO meta VALUES ('version', 2), ('min_reader', 2);",
        );
        fs::write(world.data().join("secret.key"), "a master key").unwrap();
        fs::write(world.data().join(LOG), "twelve bytes and what came later").unwrap();
        world.write_backup(true);
        world
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.root.path().join("backup.tar.zst")
    }

    /// Somewhere to restore to that does not exist.
    pub(crate) fn target(&self) -> PathBuf {
        self.root.path().join("restored")
    }

    /// Everything that lies beside the data: what a restore that failed must not have changed.
    pub(crate) fn root_entries(&self) -> Vec<String> {
        let names = fs::read_dir(self.root.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn source(&self, with_key: bool) -> Source {
        let marker = Marker {
            id: MARKER,
            taken_at: Timestamp::constant(1_800_000_000, 0),
            sweeps: 7,
            revisions: [("default".to_owned(), 42)].into(),
            history_through: None,
        };
        let log = LogPart {
            name: "sweeps-00000007.log".to_owned(),
            file: File::open(self.data().join(LOG)).unwrap(),
            bytes: 12,
        };
        Source {
            marker,
            version: "1.2.3".to_owned(),
            state: StateSource::Sqlite(Pinned::open(&self.data().join("state.db")).unwrap()),
            history: Pinned::open(&self.data().join("history/history.db")).unwrap(),
            logs: vec![log],
            key: with_key.then(|| self.data().join("secret.key")),
        }
    }

    pub(crate) fn write_backup(&self, with_key: bool) {
        let staged = self.source(with_key).prepare(&self.data()).unwrap().stage(|_| true).unwrap();
        staged.write(File::create(self.archive()).unwrap()).unwrap();
    }

    /// Restores, and if that fails makes sure that nothing was left behind.
    pub(crate) fn restore(&self) -> Result<Manifest, String> {
        let before = self.root_entries();
        let restored = restore(&self.archive(), &self.target(), KNOWN, |_| {});
        if restored.is_err() {
            assert_eq!(self.root_entries(), before, "a refused backup leaves nothing behind");
        }
        restored.map_err(|error| error.to_string())
    }

    /// The members of the archive, manifest first.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let mut archive = tar::Archive::new(zstd::Decoder::new(File::open(self.archive()).unwrap()).unwrap());
        let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
            let mut entry = entry.unwrap();
            let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            (name, content)
        };
        archive.entries().unwrap().map(read).collect()
    }

    /// Puts an archive together by hand, as somebody would who has the tools and no idea.
    pub(crate) fn pack(&self, entries: &[Entry]) {
        let mut archive = tar::Builder::new(zstd::Encoder::new(Vec::new(), 1).unwrap());
        for (name, content) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            // Names are set by hand: the library refuses those that lead elsewhere.
            header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            archive.append(&header, content.as_slice()).unwrap();
        }
        let packed = archive.into_inner().unwrap().finish().unwrap();
        File::create(self.archive()).unwrap().write_all(&packed).unwrap();
    }

    /// Changes the manifest's text, and nothing else.
    pub(crate) fn edit_manifest(&self, edit: impl FnOnce(&mut Value)) {
        let mut entries = self.entries();
        let mut manifest = serde_json::from_slice(&entries[0].1).unwrap();
        edit(&mut manifest);
        entries[0].1 = serde_json::to_vec(&manifest).unwrap();
        self.pack(&entries);
    }
}

fn make(path: &Path, sql: &str) {
    let database = Connection::open(path).unwrap();
    database.execute_batch(&format!("PRAGMA journal_mode = WAL; {sql}")).unwrap();
}

/// The rows of a restored state database.
pub(crate) fn notes(directory: &Path) -> Vec<String> {
    let database = Connection::open(directory.join("state.db")).unwrap();
    let mut query = database.prepare("SELECT text FROM note ORDER BY rowid").unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

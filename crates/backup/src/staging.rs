//! Copies what is behind the line into a directory of its own beside the data, so that a slow reader of the archive holds
//! up nobody: the databases are let go of as soon as they are copied, which is as fast as the disk.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use crate::{
    Manifest, Marker, Member, MemberName, Pinned, Staged, StatePart,
    error::BackupError,
    hashing::{self, MoveError},
};

/// Where copies lie while an archive is written.
const DIRECTORY: &str = "backup.part";

/// Room that is left to others when free space is judged, in bytes.
const RESERVE_BYTES: u64 = 64 << 20;

/// A file of the sweep log: whatever is safely in it behind the line.
#[derive(Debug)]
pub struct LogPart {
    /// Its file name.
    pub name: String,
    /// The file, open: it may be deleted meanwhile.
    pub file: File,
    /// How many of its bytes lie behind the line.
    pub bytes: u64,
}

/// The state behind the line.
#[derive(Debug)]
pub enum StateSource {
    /// A file, held still.
    Sqlite(Pinned),
    /// A database that has tools of its own: its place without user and password, and the command that backs it up.
    Postgresql {
        /// The database.
        database: String,
        /// The command.
        command: String,
    },
}

/// Everything that belongs into an archive, held still at one moment.
#[derive(Debug)]
pub struct Source {
    /// The moment.
    pub marker: Marker,
    /// The version of Muster.
    pub version: String,
    /// The state.
    pub state: StateSource,
    /// `history.db`.
    pub history: Pinned,
    /// The sweep log, oldest file first.
    pub logs: Vec<LogPart>,
    /// The file of the master key, where it is wanted.
    pub key: Option<PathBuf>,
}

impl Source {
    /// Makes sure that the copies fit, and takes the turn: one backup of a directory at a time.
    ///
    /// # Errors
    /// When there is too little space, or another backup is being made.
    pub fn prepare(self, data_directory: &Path) -> Result<Prepared, BackupError> {
        let needed = self.bytes()?;
        let free = free_bytes(data_directory).map_err(BackupError::file("measuring free space in", data_directory))?;
        if needed.saturating_add(RESERVE_BYTES) > free {
            return Err(BackupError::NoSpace { path: data_directory.to_owned(), needed, free });
        }
        let staging = Staging::begin(data_directory)?;
        Ok(Prepared { source: self, staging, bytes: needed })
    }

    fn bytes(&self) -> Result<u64, BackupError> {
        let state = match &self.state {
            StateSource::Sqlite(pinned) => pinned.bytes()?,
            StateSource::Postgresql { .. } => 0,
        };
        let logs: u64 = self.logs.iter().map(|log| log.bytes).sum();
        Ok(state + self.history.bytes()? + logs)
    }
}

/// A source whose copies fit.
#[derive(Debug)]
pub struct Prepared {
    source: Source,
    staging: Staging,
    bytes: u64,
}

impl Prepared {
    /// Bytes that will be copied, and as many that will go into the archive.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Copies. Tells `progress` the length of each piece, and stops when it answers false.
    ///
    /// # Errors
    /// When a database cannot be copied, or the disk refuses. The copies are removed then.
    pub fn stage(self, mut progress: impl FnMut(u64) -> bool) -> Result<Staged, BackupError> {
        let Self { source: Source { marker, version, state, history, logs, key }, staging, bytes: _ } = self;
        let history_levels = history.history_levels()?;
        let mut members = Vec::new();
        let state = match state {
            StateSource::Sqlite(pinned) => {
                let levels = pinned.state_levels()?;
                members.push(staging.database(&pinned, MemberName::State, marker.id, &mut progress)?);
                StatePart::Sqlite(levels)
            }
            StateSource::Postgresql { database, command } => StatePart::Postgresql { database, command },
        };
        members.push(staging.database(&history, MemberName::History, marker.id, &mut progress)?);
        // Let go of: from here on the write-ahead log may shrink again.
        drop(history);
        for log in logs {
            members.push(staging.log(log, &mut progress)?);
        }
        if let Some(path) = key {
            members.push(staging.key(&path)?);
        }
        Ok(Staged { manifest: Manifest::new(&version, marker, state, history_levels, members), staging })
    }
}

/// A directory of copies; removed when it is dropped, or, after a crash, by the next one.
#[derive(Debug)]
pub(crate) struct Staging {
    path: PathBuf,
    /// Locked until dropped.
    _turn: File,
}

impl Staging {
    fn begin(data_directory: &Path) -> Result<Self, BackupError> {
        let path = data_directory.join(DIRECTORY);
        let attempted = "preparing";
        DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(BackupError::file(attempted, &path))?;
        let turn = File::open(&path).map_err(BackupError::file(attempted, &path))?;
        match turn.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BackupError::Busy { path: data_directory.to_owned() }),
            Err(TryLockError::Error(cause)) => return Err(BackupError::file("locking", &path)(cause)),
        }
        empty(&path).map_err(BackupError::file("emptying", &path))?;
        Ok(Self { path, _turn: turn })
    }

    /// Where the copy of a member is.
    pub(crate) fn path_of(&self, name: &MemberName) -> PathBuf {
        self.path.join(name.to_string().replace('/', "-"))
    }

    fn database(
        &self,
        pinned: &Pinned,
        name: MemberName,
        marker: u32,
        progress: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Member, BackupError> {
        let path = self.path_of(&name);
        pinned.copy(&path, marker, progress)?;
        let mut file = File::open(&path).map_err(BackupError::file("reading", &path))?;
        self.describe(name, &mut file, &mut io::sink(), &path)
    }

    fn log(&self, log: LogPart, progress: &mut dyn FnMut(u64) -> bool) -> Result<Member, BackupError> {
        let LogPart { name, file, bytes } = log;
        let name = MemberName::SweepLog(name);
        let member = self.copy(name.clone(), &mut file.take(bytes))?;
        if member.bytes != bytes {
            let cause = io::Error::new(io::ErrorKind::UnexpectedEof, "it is shorter than what was written to it");
            return Err(BackupError::file("reading", name.path())(cause));
        }
        if progress(bytes) { Ok(member) } else { Err(BackupError::Write(io::ErrorKind::BrokenPipe.into())) }
    }

    fn key(&self, path: &Path) -> Result<Member, BackupError> {
        let mut file = File::open(path).map_err(BackupError::file("reading the master key", path))?;
        self.copy(MemberName::Key, &mut file)
    }

    fn copy(&self, name: MemberName, from: &mut dyn Read) -> Result<Member, BackupError> {
        let path = self.path_of(&name);
        let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let mut to = created.map_err(BackupError::file("creating", &path))?;
        self.describe(name, from, &mut to, &path)
    }

    fn describe(
        &self,
        name: MemberName,
        from: &mut dyn Read,
        to: &mut dyn Write,
        path: &Path,
    ) -> Result<Member, BackupError> {
        let moved = hashing::pump(from, to, &mut |_| {}).map_err(|error| match error {
            MoveError::Read(cause) => BackupError::file("reading", path)(cause),
            MoveError::Write(cause) => BackupError::file("writing", path)(cause),
        })?;
        Ok(Member { name, bytes: moved.bytes, sha256: moved.sha256 })
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What cannot be removed now is removed before the next backup.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes the copies that a crash left behind.
///
/// # Errors
/// When there are some that cannot be removed.
pub fn clear_leftovers(data_directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(data_directory.join(DIRECTORY)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Removes everything in a directory, and keeps the directory, which may be locked.
pub(crate) fn empty(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Bytes that this user may still write to the file system of a directory.
pub(crate) fn free_bytes(directory: &Path) -> io::Result<u64> {
    let numbers = rustix::fs::statvfs(directory)?;
    Ok(numbers.f_bavail.saturating_mul(numbers.f_frsize))
}

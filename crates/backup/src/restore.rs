//! Publishes an archive as a data directory: checked whole before anything is written, checked again while it is written,
//! and put in place by one rename. Until then the directory is as it was; a crash leaves a directory with another name
//! behind, which the next attempt removes.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
};

use crate::{
    Levels, Manifest, MemberName, RestoreError, StatePart, archive,
    archive::Sink,
    error::Unfit,
    staging::{empty, free_bytes},
};

/// Levels that this program knows.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// The highest level of a state database.
    pub state: i64,
    /// The level of a metrics history; earlier ones are not read any more.
    pub history: i64,
}

/// Restores an archive as a data directory that does not exist yet or is empty. Tells `progress` how many bytes of the
/// archive were read; it is read twice.
///
/// # Errors
/// See [`RestoreError`]. The directory is as it was before then.
pub fn restore(
    archive: &Path,
    directory: &Path,
    known: Known,
    mut progress: impl FnMut(u64),
) -> Result<Manifest, RestoreError> {
    let target = Target::of(directory)?;
    let manifest = archive::check(archive, &mut progress)?;
    fits_levels(&manifest, known).map_err(|unfit| RestoreError::Unfit { archive: archive.to_owned(), unfit })?;
    target.has_room(manifest.bytes())?;
    let draft = Draft::begin(&target)?;
    let mut unpack = Unpack { directory: &draft.path, expected: &manifest, archive };
    let manifest = archive::read(archive, &mut unpack, progress)?;
    draft.publish(&target)?;
    Ok(manifest)
}

/// D-15: a database says who may use it.
fn fits_levels(manifest: &Manifest, known: Known) -> Result<(), Unfit> {
    let check = |member: MemberName, levels: Levels, known: i64| {
        let Levels { version, min_reader } = levels;
        if min_reader <= known {
            return Ok(());
        }
        Err(Unfit::NewerLevel { member: member.to_string(), version, min_reader, known })
    };
    match &manifest.state {
        StatePart::Sqlite(levels) => check(MemberName::State, *levels, known.state)?,
        StatePart::Postgresql { .. } => {}
    }
    check(MemberName::History, manifest.history, known.history)?;
    let version = manifest.history.version;
    if version < known.history {
        return Err(Unfit::OlderLevel { member: MemberName::History.to_string(), version });
    }
    Ok(())
}

/// Where to restore to.
struct Target {
    path: PathBuf,
    /// The directory that it lies in.
    parent: PathBuf,
}

impl Target {
    fn of(directory: &Path) -> Result<Self, RestoreError> {
        let read = RestoreError::file("looking at", directory);
        // A link leads to the directory that is meant.
        let path = match fs::canonicalize(directory) {
            Ok(path) => path,
            Err(error) if error.kind() == io::ErrorKind::NotFound => std::path::absolute(directory).map_err(read)?,
            Err(error) => return Err(read(error)),
        };
        let parent = path.parent().filter(|_| path.file_name().is_some());
        let parent = parent.ok_or_else(|| RestoreError::MountPoint { path: path.clone() })?.to_owned();
        if path.exists() {
            let mut entries = fs::read_dir(&path).map_err(RestoreError::file("reading", &path))?;
            if entries.next().is_some() {
                return Err(RestoreError::NotEmpty { path });
            }
            if device(&path)? != device(&parent)? {
                return Err(RestoreError::MountPoint { path });
            }
        }
        DirBuilder::new().recursive(true).create(&parent).map_err(RestoreError::file("creating", &parent))?;
        Ok(Self { path, parent })
    }

    fn has_room(&self, needed: u64) -> Result<(), RestoreError> {
        let free = free_bytes(&self.parent).map_err(RestoreError::file("measuring free space in", &self.parent))?;
        if needed <= free { Ok(()) } else { Err(RestoreError::NoSpace { path: self.parent.clone(), needed, free }) }
    }
}

fn device(path: &Path) -> Result<u64, RestoreError> {
    Ok(fs::metadata(path).map_err(RestoreError::file("looking at", path))?.dev())
}

/// A directory under another name, beside the one that it becomes.
struct Draft {
    path: PathBuf,
    /// Locked until dropped.
    turn: File,
    published: bool,
}

impl Draft {
    fn begin(target: &Target) -> Result<Self, RestoreError> {
        let name = target.path.file_name().expect("a target has a name").to_string_lossy().into_owned();
        let path = target.parent.join(format!(".{name}.restoring"));
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(RestoreError::file("creating", &path)(error)),
        }
        let turn = own_directory(&path)?;
        match turn.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(RestoreError::Busy { path: target.path.clone() }),
            Err(TryLockError::Error(cause)) => return Err(RestoreError::file("locking", &path)(cause)),
        }
        // What an attempt that was killed has left.
        empty(&path).map_err(RestoreError::file("emptying", &path))?;
        Ok(Self { path, turn, published: false })
    }

    /// The one step: whoever looks sees all of it or nothing. A directory that somebody filled meanwhile is not replaced.
    fn publish(mut self, target: &Target) -> Result<(), RestoreError> {
        for directory in [self.path.join("history"), self.path.clone()] {
            sync(&directory)?;
        }
        fs::rename(&self.path, &target.path).map_err(|cause| match cause.kind() {
            io::ErrorKind::DirectoryNotEmpty => RestoreError::NotEmpty { path: target.path.clone() },
            io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices => {
                RestoreError::MountPoint { path: target.path.clone() }
            }
            _ => RestoreError::file("putting in place", &target.path)(cause),
        })?;
        self.published = true;
        sync(&target.parent)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published {
            // What cannot be removed has a name that nobody starts a server on, and goes with the next attempt.
            let _ = fs::remove_dir_all(&self.path);
        }
        let _ = self.turn.unlock();
    }
}

/// Opens a directory that nobody but this user can have made or filled: its name is known to everybody beforehand, and
/// what is in it is removed.
fn own_directory(path: &Path) -> Result<File, RestoreError> {
    let foreign = || RestoreError::Foreign { path: path.to_owned() };
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let opened = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| match error {
        Errno::LOOP | Errno::NOTDIR | Errno::ACCESS => foreign(),
        other => RestoreError::file("opening", path)(other.into()),
    });
    let directory = File::from(opened?);
    let metadata = directory.metadata().map_err(RestoreError::file("looking at", path))?;
    let ours = metadata.uid() == rustix::process::geteuid().as_raw();
    if ours && metadata.permissions().mode() & 0o777 == 0o700 { Ok(directory) } else { Err(foreign()) }
}

fn sync(directory: &Path) -> Result<(), RestoreError> {
    File::open(directory).and_then(|it| it.sync_all()).map_err(RestoreError::file("writing", directory))
}

/// Writes each member to its place.
struct Unpack<'a> {
    directory: &'a Path,
    expected: &'a Manifest,
    archive: &'a Path,
}

impl Sink for Unpack<'_> {
    fn begin(&mut self, manifest: &Manifest) -> Result<(), RestoreError> {
        if manifest != self.expected {
            let unfit = Unfit::Manifest("the file was changed while it was restored".to_owned());
            return Err(RestoreError::Unfit { archive: self.archive.to_owned(), unfit });
        }
        let history = self.directory.join("history");
        DirBuilder::new().mode(0o700).create(&history).map_err(RestoreError::file("creating", history))
    }

    fn open(&mut self, name: &MemberName) -> Result<Box<dyn Write>, RestoreError> {
        let path = self.directory.join(name.path());
        let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        Ok(Box::new(Synced(created.map_err(RestoreError::file("creating", path))?)))
    }
}

/// A file whose `flush` waits for the disk.
struct Synced(File);

impl Write for Synced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }
}

//! One process at a time writes a history directory. The lock ends with the process, however it ends.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// The right to write a history directory.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

/// Why there is no such right.
#[derive(Debug)]
pub(crate) enum LockError {
    /// Somebody else has it: this process, if it said so.
    Held { holder: Option<u32> },
    /// The lock file cannot be opened or written.
    Io { path: PathBuf, cause: io::Error },
}

impl Lock {
    /// Takes the lock, and writes into it whose it is.
    pub(crate) fn take(directory: &Path) -> Result<Self, LockError> {
        let path = directory.join("lock");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let mut file = file.map_err(|cause| LockError::Io { path: path.clone(), cause })?;
        match file.try_lock() {
            // Whose it is, is a courtesy; a full disk must not keep a history from opening.
            Ok(()) => {
                let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
                Ok(Self { file })
            }
            Err(TryLockError::WouldBlock) => Err(LockError::Held { holder: holder(&mut file) }),
            Err(TryLockError::Error(cause)) => Err(LockError::Io { path, cause }),
        }
    }
}

impl Drop for Lock {
    /// Closing the file is not enough: a child process that is being started has a copy of it for a moment.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

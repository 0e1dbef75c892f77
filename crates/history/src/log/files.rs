//! The few things that the sweep log asks of a file system, so that a test can let each of them fail.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    marker::Sync,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// A file system.
pub(crate) trait Files: fmt::Debug + Send + Sync + 'static {
    /// Makes an empty file that only its owner can read, so that it is still there after a power cut.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Appendable>>;

    /// Deletes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// A file that is written from front to back.
pub(crate) trait Appendable: fmt::Debug + Send {
    /// Writes all of it at the end. After an error some of it may be there.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Waits until the disk has all that was appended.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the file off.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

/// The machine's own.
#[derive(Debug)]
pub(crate) struct Disk;

impl Files for Disk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Appendable>> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        File::open(path.parent().expect("a log file lies in a directory"))?.sync_all()?;
        Ok(Box::new(file))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
}

impl Appendable for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}

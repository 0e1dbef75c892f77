//! The data directory: who may read it, who holds it, where its server listens.
//!
//! One server at a time holds the directory, by a lock on `server.lock` that ends with the process, however it ends.
//! While it runs, the file `server.address` says where it listens, so that other commands on this machine find it.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use muster_outbound::Fingerprint;
use rustix::fs::{FlockOperation, flock};

/// A data directory that exists and that only its owner can read.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
}

/// The right to write a data directory. Ends with the process.
#[derive(Debug)]
pub(crate) struct Held {
    path: PathBuf,
    _lock: File,
}

/// Who holds a data directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occupant {
    /// Nobody.
    Nobody,
    /// A server that is not ready yet, or another command.
    Busy,
    /// A server that listens there.
    Server(SocketAddr),
}

/// Why a data directory cannot be used. One line: what, where, what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataDirError {
    #[error("creating the data directory {}: {cause}; create it yourself or name another with --data-dir", path.display())]
    Create { path: PathBuf, cause: io::Error },
    #[error("{} is not a directory; name another with --data-dir", path.display())]
    NotADirectory { path: PathBuf },
    #[error("there is no data directory {}; start a server on it first, or name another with --data-dir", path.display())]
    Missing { path: PathBuf },
    #[error("closing the data directory {} to other users: {cause}; it must belong to the user that runs the server", path.display())]
    Protect { path: PathBuf, cause: io::Error },
    #[error("writing to the data directory {}: {cause}; check its owner, that its file system is not read-only and not full", path.display())]
    Write { path: PathBuf, cause: io::Error },
    #[error("another server{} uses the data directory {}; stop it, or name another with --data-dir", holder.map(|pid| format!(" (process {pid})")).unwrap_or_default(), path.display())]
    Held { path: PathBuf, holder: Option<u32> },
}

impl DataDir {
    /// Opens the directory, creating it when absent, and closes it to other users.
    pub(crate) fn create(path: &Path) -> Result<Self, DataDirError> {
        let created = DirBuilder::new().recursive(true).mode(0o700).create(path);
        created.map_err(|cause| match cause.kind() {
            io::ErrorKind::AlreadyExists => DataDirError::NotADirectory { path: path.to_owned() },
            _ => DataDirError::Create { path: path.to_owned(), cause },
        })?;
        let protect = |cause| DataDirError::Protect { path: path.to_owned(), cause };
        let mode = fs::metadata(path).map_err(protect)?.permissions().mode();
        if mode & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(protect)?;
        }
        Ok(Self { path: path.to_owned() })
    }

    /// Opens a directory that must exist.
    pub(crate) fn open(path: &Path) -> Result<Self, DataDirError> {
        if !path.is_dir() {
            return Err(DataDirError::Missing { path: path.to_owned() });
        }
        Ok(Self { path: path.to_owned() })
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the right to run a server on the directory.
    pub(crate) fn hold(&self) -> Result<Held, DataDirError> {
        let lock_path = self.path.join("server.lock");
        let write = |cause| DataDirError::Write { path: self.path.clone(), cause };
        let mut options = OpenOptions::new();
        let mut lock =
            options.read(true).write(true).create(true).truncate(false).mode(0o600).open(&lock_path).map_err(write)?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            let holder = fs::read_to_string(&lock_path).ok().and_then(|text| text.trim().parse().ok());
            return Err(DataDirError::Held { path: self.path.clone(), holder });
        }
        // The address of whoever held it before leads nowhere, or to somebody else.
        let _ = fs::remove_file(self.path.join("server.address"));
        lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id())).map_err(write)?;
        Ok(Held { path: self.path.clone(), _lock: lock })
    }

    /// Whether a server runs on this directory, and where it listens.
    pub(crate) fn occupant(&self) -> Occupant {
        let Ok(lock) = File::open(self.path.join("server.lock")) else { return Occupant::Nobody };
        if flock(&lock, FlockOperation::NonBlockingLockShared).is_ok() {
            return Occupant::Nobody;
        }
        let said = fs::read_to_string(self.path.join("server.address")).ok();
        let address = said.and_then(|text| text.lines().next()?.trim().parse().ok());
        address.map_or(Occupant::Busy, Occupant::Server)
    }

    /// The certificate that the server on this directory shows; `None` where it speaks plain text.
    pub(crate) fn pin(&self) -> Option<Fingerprint> {
        let said = fs::read_to_string(self.path.join("server.address")).ok()?;
        said.lines().nth(1)?.parse().ok()
    }
}

impl Held {
    /// Says where the server listens and, where it speaks TLS, with which certificate.
    pub(crate) fn announce(&self, address: SocketAddr, pin: Option<Fingerprint>) -> Result<(), DataDirError> {
        write_address(&self.path, address, pin)
    }

    /// Leaves the set-up link where only the owner can read it (D-21).
    pub(crate) fn write_setup_link(&self, link: &str) -> Result<PathBuf, DataDirError> {
        self.write_private("setup-link", &format!("{link}\n"))
    }

    /// Removes the set-up link: it was used, or a newer one replaces it.
    pub(crate) fn remove_setup_link(&self) {
        // Absent is what is wanted.
        let _ = fs::remove_file(self.path.join("setup-link"));
    }

    /// Replaces a file in one step, readable by its owner alone.
    fn write_private(&self, name: &str, content: &str) -> Result<PathBuf, DataDirError> {
        write_private(&self.path, name, content)
    }
}

/// Replaces a file of a directory in one step, readable by its owner alone.
pub(crate) fn write_private(directory: &Path, name: &str, content: &str) -> Result<PathBuf, DataDirError> {
    let (path, draft) = (directory.join(name), directory.join(format!("{name}.new")));
    let write = |cause| DataDirError::Write { path: directory.to_owned(), cause };
    // A draft that a crash left behind may carry other permissions.
    let _ = fs::remove_file(&draft);
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(&draft).map_err(write)?;
    file.write_all(content.as_bytes()).and_then(|()| file.sync_all()).map_err(write)?;
    fs::rename(&draft, &path).map_err(write)?;
    Ok(path)
}

/// Says in a data directory where its server listens and, where it speaks TLS, with which certificate.
pub(crate) fn write_address(
    directory: &Path,
    address: SocketAddr,
    pin: Option<Fingerprint>,
) -> Result<(), DataDirError> {
    let pin = pin.map(|pin| format!("{pin}\n")).unwrap_or_default();
    write_private(directory, "server.address", &format!("{}\n{pin}", reachable(address))).map(drop)
}

/// A server that listens everywhere is asked at loopback: the wildcard is no address to ask for.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(v4) if v4.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(v6) if v6.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    };
    SocketAddr::new(ip, address.port())
}

impl Drop for Held {
    fn drop(&mut self) {
        // What a crash leaves behind is removed by whoever holds the directory next, before anybody can read it there.
        let _ = fs::remove_file(self.path.join("server.address"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_and_its_files_are_the_owners_alone() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b");
        fs::create_dir_all(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let held = DataDir::create(&path).unwrap().hold().unwrap();
        let link = held.write_setup_link("http://127.0.0.1:8420/#setup=x").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&link), 0o600);
        assert_eq!(mode(&path.join("server.lock")), 0o600);
    }

    #[test]
    fn one_server_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let directory = DataDir::create(root.path()).unwrap();
        let held = directory.hold().unwrap();
        let pin = Fingerprint::of(b"a certificate");
        held.announce("0.0.0.0:8420".parse().unwrap(), Some(pin)).unwrap();
        assert_eq!(directory.pin(), Some(pin));
        held.announce("127.0.0.1:8420".parse().unwrap(), None).unwrap();
        assert_eq!(directory.pin(), None);
        assert_eq!(directory.occupant(), Occupant::Server("127.0.0.1:8420".parse().unwrap()));
        let second = directory.hold().unwrap_err().to_string();
        assert!(second.contains(&format!("(process {})", std::process::id())), "{second}");
        drop(held);
        assert_eq!(directory.occupant(), Occupant::Nobody);
        directory.hold().unwrap();
    }

    #[test]
    fn an_address_that_a_crash_left_behind_is_never_asked() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("server.address"), "127.0.0.1:9\n").unwrap();
        let directory = DataDir::create(root.path()).unwrap();
        assert_eq!(directory.occupant(), Occupant::Nobody);
        let _held = directory.hold().unwrap();
        assert_eq!(directory.occupant(), Occupant::Busy, "it has not said yet where it listens");
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        fs::write(&path, "").unwrap();
        let error = DataDir::create(&path).unwrap_err().to_string();
        assert!(error.contains("is not a directory") && error.contains("--data-dir"), "{error}");
        let error = DataDir::open(&root.path().join("absent")).unwrap_err().to_string();
        assert!(error.starts_with("there is no data directory"), "{error}");
    }
}

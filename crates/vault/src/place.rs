//! Where the master key lies: a file that an operator names, or one that the server keeps in its data directory.
//!
//! A named file is only read. A kept one is made when nothing is sealed yet; where something is, a new key could not
//! open it, so the start fails instead.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use muster_runtime::Entropy;
use secrecy::{ExposeSecret, SecretString};

use crate::{InvalidKey, MasterKey, UnsealError, seal};

/// Where the master key lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// A file that an operator provides.
    Named(PathBuf),
    /// A file that the server makes itself when it needs one.
    Kept(PathBuf),
}

/// Why there is no master key. Says what was attempted and what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no file, and things are sealed.
    #[error("the master key {} is missing, and the database holds secrets that were sealed with it; put the key back, or name it with MUSTER_SECRET_KEY_FILE", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be read.
    #[error("reading the master key {}: {cause}; check that the file exists and belongs to the user that runs the server", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The file could not be written.
    #[error("writing the master key {}: {cause}; check the directory's owner and free space", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// Other users of the machine may read or change it.
    #[error("other users may read or change the master key {} (mode {mode:04o}); `chmod 600` it, and give it a new content if somebody may have read it", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file holds something else.
    #[error("reading the master key {}: {cause}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        cause: InvalidKey,
    },
    /// The key is not the one that sealed what is stored.
    #[error("the master key {} is not the right one: {cause}", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What was expected.
        cause: UnsealError,
    },
}

impl KeyPlace {
    pub(crate) fn open(&self, sealed: Option<&SecretString>, entropy: &Entropy) -> Result<MasterKey, KeyError> {
        let (path, may_make) = match self {
            Self::Named(path) => (path, false),
            Self::Kept(path) => (path, sealed.is_none()),
        };
        let key = match read(path) {
            Err(KeyError::Read { cause, .. }) if cause.kind() == io::ErrorKind::NotFound && may_make => {
                return make(path, entropy);
            }
            Err(KeyError::Read { cause, path }) if cause.kind() == io::ErrorKind::NotFound && sealed.is_some() => {
                return Err(KeyError::Missing { path });
            }
            read => read?,
        };
        if let Some(sealed) = sealed {
            seal::check_key(&key, sealed).map_err(|cause| KeyError::Other { path: path.clone(), cause })?;
        }
        Ok(key)
    }
}

fn read(path: &Path) -> Result<MasterKey, KeyError> {
    let failed = |cause| KeyError::Read { path: path.to_owned(), cause };
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Open { path: path.to_owned(), mode });
    }
    let text = SecretString::from(fs::read_to_string(path).map_err(failed)?);
    MasterKey::parse(&text).map_err(|cause| KeyError::Invalid { path: path.to_owned(), cause })
}

/// Appears under its name only when it is whole and on the disk: half a key would lock everything away.
fn make(path: &Path, entropy: &Entropy) -> Result<MasterKey, KeyError> {
    let key = MasterKey::generate(entropy);
    let failed = |cause| KeyError::Write { path: path.to_owned(), cause };
    let draft = path.with_extension("key.new");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(failed)?;
    let line = format!("{}\n", key.to_text().expose_secret());
    file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&draft, path).map_err(failed)?;
    if let Some(directory) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed)?;
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vault;

    #[test]
    fn a_kept_key_is_made_once_for_its_owner_alone() {
        // D-21
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret.key");
        let place = KeyPlace::Kept(path.clone());
        let entropy = Entropy::seeded(1);
        let first = Vault::open(&place, None, &entropy).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let again = Vault::open(&place, None, &entropy).unwrap();
        assert_eq!(first.key_id(), again.key_id());
    }

    #[test]
    fn a_missing_key_stops_the_start_where_something_is_sealed() {
        // D-21
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret.key");
        let place = KeyPlace::Kept(path.clone());
        let entropy = Entropy::seeded(1);
        let sealed = Vault::open(&place, None, &entropy).unwrap().seal("c", &"s".into(), &entropy);
        fs::remove_file(&path).unwrap();
        let error = Vault::open(&place, Some(&sealed), &entropy).unwrap_err();
        assert!(matches!(error, KeyError::Missing { .. }), "{error}");
        assert!(!path.exists(), "a new key would hide that the old one is gone");
        Vault::open(&place, None, &entropy).unwrap();
        let error = Vault::open(&place, Some(&sealed), &entropy).unwrap_err();
        assert!(matches!(error, KeyError::Other { .. }), "{error}");
    }

    #[test]
    fn a_named_key_is_never_made() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("absent");
        let error = Vault::open(&KeyPlace::Named(path.clone()), None, &Entropy::seeded(1)).unwrap_err();
        assert!(matches!(error, KeyError::Read { .. }), "{error}");
        assert!(!path.exists());
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret.key");
        let place = KeyPlace::Kept(path.clone());
        Vault::open(&place, None, &Entropy::seeded(1)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = Vault::open(&place, None, &Entropy::seeded(1)).unwrap_err();
        assert!(error.to_string().contains("0640") && error.to_string().contains("chmod 600"), "{error}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "nonsense").unwrap();
        let error = Vault::open(&place, None, &Entropy::seeded(1)).unwrap_err();
        assert!(matches!(error, KeyError::Invalid { .. }), "{error}");
    }
}

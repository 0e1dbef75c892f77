//! A certificate and its key, from two PEM files.
//!
//! A key that others can read is no secret, so such a file is refused. Whether a file has changed is told by its time, length
//! and number; that sees through renames and symbolic links, as certificate tools and container mounts use them.

use std::{
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};

use super::facts::{Facts, InvalidCertificate};

/// A chain or key is never larger.
const MOST_BYTES: u64 = 1024 * 1024;

/// Where a certificate and its key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairFiles {
    /// The certificate, and behind it those that vouch for it, in PEM.
    pub certificate: PathBuf,
    /// The key in PEM, readable by its owner alone.
    pub key: PathBuf,
}

/// Why a certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// A file cannot be read.
    #[error("reading {}; check that it exists and that the server's user may read it", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// Others can read the key.
    #[error("the key file {path} is open to other users (mode {mode:03o}); run `chmod 600 {path}`", path = path.display())]
    OpenKey {
        /// Which.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// There is no certificate in the file.
    #[error("{} holds no certificate in PEM form (`-----BEGIN CERTIFICATE-----`)", path.display())]
    NoCertificate {
        /// Which.
        path: PathBuf,
    },
    /// The certificate cannot be read.
    #[error("reading the certificate of {}", path.display())]
    Certificate {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: InvalidCertificate,
    },
    /// There is no key in the file.
    #[error("{} holds no private key in PEM form; a key with a passphrase must be stored without it", path.display())]
    NoKey {
        /// Which.
        path: PathBuf,
    },
    /// The key is of an unknown sort, or not the certificate's.
    #[error("using the key of {}; it must be the key of the certificate: RSA, ECDSA or Ed25519", path.display())]
    Key {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: rustls::Error,
    },
    /// The new certificate holds no longer.
    #[error("the certificate of {} has expired; renew it", path.display())]
    Expired {
        /// Which.
        path: PathBuf,
    },
}

/// A certificate that can be shown.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) key: Arc<CertifiedKey>,
    pub(super) facts: Facts,
}

/// What tells a file from the one that was there before.
pub(super) type Stamp = [Option<FileStamp>; 2];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileStamp {
    changed: (i64, i64),
    length: u64,
    number: u64,
}

impl PairFiles {
    /// Reads both and checks that they belong together.
    pub(super) fn load(&self) -> Result<Pair, PairError> {
        let pem = read(&self.certificate, |_| Ok(()))?;
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let no_certificate = || PairError::NoCertificate { path: self.certificate.clone() };
        let chain = chain.ok().filter(|chain| !chain.is_empty()).ok_or_else(no_certificate)?;
        let unreadable = |cause| PairError::Certificate { path: self.certificate.clone(), cause };
        let facts = Facts::read(&chain[0]).map_err(unreadable)?;
        let key = read(&self.key, |file| check_closed(&self.key, file))?;
        let key = PrivateKeyDer::from_pem_slice(&key).map_err(|_| PairError::NoKey { path: self.key.clone() })?;
        let key = CertifiedKey::from_der(chain, key, &ring::default_provider());
        let key = key.map_err(|cause| PairError::Key { path: self.key.clone(), cause })?;
        Ok(Pair { key: Arc::new(key), facts })
    }

    /// What the files look like from outside.
    pub(super) fn stamp(&self) -> Stamp {
        [&self.certificate, &self.key].map(|path| {
            let data = fs::metadata(path).ok()?;
            Some(FileStamp { changed: (data.mtime(), data.mtime_nsec()), length: data.len(), number: data.ino() })
        })
    }
}

fn read(path: &Path, check: impl FnOnce(&File) -> Result<(), PairError>) -> Result<Vec<u8>, PairError> {
    let failed = |cause| PairError::Read { path: path.to_owned(), cause };
    let file = File::open(path).map_err(failed)?;
    check(&file)?;
    let mut content = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut content).map_err(failed)?;
    Ok(content)
}

fn check_closed(path: &Path, file: &File) -> Result<(), PairError> {
    let data = file.metadata().map_err(|cause| PairError::Read { path: path.to_owned(), cause })?;
    let mode = data.mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(PairError::OpenKey { path: path.to_owned(), mode })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use jiff::Timestamp;
    use tempfile::TempDir;

    use super::{super::self_signed, *};

    #[test]
    fn a_pair_says_what_it_is() {
        let (_directory, files) = pair();
        let facts = files.load().unwrap().facts;
        assert_eq!(facts.names, ["muster.lan", "10.0.0.5", "::1"]);
        assert!(facts.self_signed && facts.subject.contains("CN="), "{facts:?}");
        assert!(facts.not_before < facts.not_after);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let (_directory, files) = pair();
        for mode in [0o640, 0o604, 0o660, 0o601] {
            fs::set_permissions(&files.key, fs::Permissions::from_mode(mode)).unwrap();
            let error = files.load().unwrap_err().to_string();
            assert!(error.contains(&format!("(mode {mode:o})")) && error.contains("chmod 600"), "{error}");
        }
        for mode in [0o600, 0o400] {
            fs::set_permissions(&files.key, fs::Permissions::from_mode(mode)).unwrap();
            files.load().unwrap();
        }
    }

    #[test]
    fn what_is_no_pair_is_refused_with_its_file() {
        let (_directory, good) = pair();
        let (_other_directory, other) = pair();
        let check = |certificate: &Path, key: &Path, words: &str| {
            let files = PairFiles { certificate: certificate.to_owned(), key: key.to_owned() };
            let error = muster_runtime::chain(&files.load().unwrap_err());
            assert!(error.contains(words), "{error}");
        };
        check(&good.certificate, &other.key, "must be the key of the certificate");
        check(&good.key, &good.key, "holds no certificate");
        check(&good.certificate, Path::new("/nonexistent"), "reading /nonexistent");
        let text = good.key.with_extension("text");
        fs::write(&text, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
        fs::set_permissions(&text, fs::Permissions::from_mode(0o600)).unwrap();
        check(&text, &good.key, "reading the certificate of");
        check(&good.certificate, &text, "holds no private key");
    }

    #[test]
    fn a_replaced_file_looks_different() {
        let (_directory, files) = pair();
        let before = files.stamp();
        assert_eq!(files.stamp(), before);
        let copy = files.key.with_extension("new");
        fs::copy(&files.key, &copy).unwrap();
        fs::rename(&copy, &files.key).unwrap();
        assert_ne!(files.stamp(), before);
    }

    fn pair() -> (TempDir, PairFiles) {
        let directory = tempfile::tempdir().unwrap();
        let names = ["muster.lan".to_owned(), "10.0.0.5".to_owned(), "::1".to_owned()];
        let made = self_signed("Muster", &names, Timestamp::constant(1_800_000_000, 0)).unwrap();
        let files = PairFiles { certificate: directory.path().join("tls.crt"), key: directory.path().join("tls.key") };
        fs::write(&files.certificate, made.certificate).unwrap();
        fs::write(&files.key, secrecy::ExposeSecret::expose_secret(&made.key)).unwrap();
        fs::set_permissions(&files.key, fs::Permissions::from_mode(0o600)).unwrap();
        (directory, files)
    }
}

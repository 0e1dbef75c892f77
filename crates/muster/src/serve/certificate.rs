//! The certificate that the server shows: from somebody's files, or its own, kept in the data directory.
//!
//! A certificate of our own is made once and kept, so that whoever compared its fingerprint need not do so again. Another one
//! is made only when it holds no longer for long, or is not for a name that the configuration gives. What this machine is
//! called and which addresses it has come and go; they stand in a certificate as they are when it is made, and make no other.

use std::{collections::BTreeSet, fs, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use muster_runtime::{Clock, Shutdown, Tasks, chain};
use muster_server::{Certificates, PairFiles, PemPair, self_signed, self_signed_with};
use nix::sys::socket::{SockaddrIn, SockaddrIn6, SockaddrStorage};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::{
    commands::CommandError,
    config::{Config, TlsConfig},
    data_dir::{self, DataDir},
};

const CERTIFICATE: &str = "tls.crt";
const KEY: &str = "tls.key";

/// A certificate of our own is replaced when it holds for less than this.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How often that is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(24 * 3600);

/// The certificate that the configuration wants; none where plain text is spoken.
pub(super) fn load(
    config: &Config,
    data_dir: &DataDir,
    now: Timestamp,
) -> Result<Option<Arc<Certificates>>, CommandError> {
    let files = match &config.server.tls {
        None => return Ok(None),
        Some(TlsConfig::Files(files)) => files.clone(),
        Some(TlsConfig::SelfSigned) => {
            let own = Own::of(config, data_dir);
            own.ensure(now)?;
            own.files
        }
    };
    let certificates = Certificates::load(files, now).map_err(|error| CommandError::failed(&error))?;
    let facts = certificates.facts();
    if facts.not_after <= now {
        warn!(not_after = %facts.not_after, "the certificate has expired; clients will refuse it");
    }
    Ok(Some(Arc::new(certificates)))
}

/// What has to go on for as long as the certificate is shown.
pub(super) struct Upkeep {
    pub(super) certificates: Arc<Certificates>,
    pub(super) address: SocketAddr,
    pub(super) data_dir: PathBuf,
    pub(super) clock: Arc<dyn Clock>,
}

impl Upkeep {
    /// Watches the files, renews what is our own, follows reloads, and tells other commands of the machine.
    pub(super) fn begin(self, config: watch::Receiver<Arc<Config>>, tasks: &Tasks) {
        let Self { certificates, address, data_dir, clock } = self;
        let shutdown = tasks.shutdown();
        tasks.spawn("certificate files", Arc::clone(&certificates).watch(Arc::clone(&clock), shutdown.clone()));
        let tell = tell(certificates.fingerprint(), address, data_dir.clone(), shutdown.clone());
        tasks.spawn("certificate news", tell);
        let own = config.borrow().server.tls == Some(TlsConfig::SelfSigned);
        if own && let Ok(directory) = DataDir::open(&data_dir) {
            let own = Own::of(&config.borrow(), &directory);
            tasks.spawn("certificate renewal", own.renew(clock, shutdown.clone()));
        }
        tasks.spawn("certificate reload", follow(certificates, config, shutdown.clone()));
    }
}

/// Has the files read again whenever the configuration is.
async fn follow(certificates: Arc<Certificates>, mut config: watch::Receiver<Arc<Config>>, shutdown: Shutdown) {
    loop {
        // Cancel-safe: a change that is not taken stays marked as one.
        tokio::select! {
            changed = config.changed() => if changed.is_err() { return },
            () = shutdown.requested() => return,
        }
        config.mark_unchanged();
        certificates.reload();
    }
}

/// Leaves each new fingerprint where other commands of this machine look for it.
async fn tell(
    mut pin: watch::Receiver<muster_outbound::Fingerprint>,
    address: SocketAddr,
    data_dir: PathBuf,
    shutdown: Shutdown,
) {
    loop {
        // Cancel-safe: a change that is not taken stays marked as one.
        tokio::select! {
            changed = pin.changed() => if changed.is_err() { return },
            () = shutdown.requested() => return,
        }
        let pin = *pin.borrow_and_update();
        if let Err(error) = data_dir::write_address(&data_dir, address, Some(pin)) {
            warn!(%error, "commands on this machine cannot be told of the new certificate");
        }
    }
}

/// A certificate of our own.
struct Own {
    directory: PathBuf,
    files: PairFiles,
    /// What it must be for.
    required: BTreeSet<String>,
    /// Whether it should be for whatever else this machine is called.
    everywhere: bool,
}

impl Own {
    fn of(config: &Config, data_dir: &DataDir) -> Self {
        let directory = data_dir.path().to_owned();
        let files = PairFiles { certificate: directory.join(CERTIFICATE), key: directory.join(KEY) };
        Self { directory, files, required: required(config), everywhere: config.server.listen.ip().is_unspecified() }
    }

    /// Makes a certificate where there is none that will do.
    fn ensure(&self, now: Timestamp) -> Result<(), CommandError> {
        let kept = Certificates::load(self.files.clone(), now).map(|certificates| certificates.facts()).ok();
        let kept = kept.filter(|facts| facts.not_after > now + RENEW_BEFORE);
        if kept.as_ref().is_some_and(|facts| self.required.iter().all(|name| facts.names.contains(name))) {
            return Ok(());
        }
        let names = self.names();
        let made = self.make(kept.is_some(), &names, now)?;
        // The key first: a certificate without its key would be taken for a broken pair for a moment.
        data_dir::write_private(&self.directory, KEY, made.key.expose_secret())?;
        data_dir::write_private(&self.directory, CERTIFICATE, &made.certificate)?;
        info!(names = names.join(", "), "a certificate was made");
        Ok(())
    }

    /// Makes a certificate, for the key that is there where it is as good as it was.
    fn make(&self, with_same_key: bool, names: &[String], now: Timestamp) -> Result<PemPair, CommandError> {
        let subject = format!("Muster on {}", host_name());
        let key = with_same_key.then(|| fs::read_to_string(&self.files.key).ok()).flatten().map(SecretString::from);
        let made = match key {
            Some(key) => self_signed_with(&key, &subject, names, now).map(|certificate| PemPair { certificate, key }),
            None => self_signed(&subject, names, now),
        };
        made.map_err(|error| CommandError::failed(&error))
    }

    /// What clients may call this machine just now.
    fn names(&self) -> Vec<String> {
        let mut names = self.required.clone();
        if self.everywhere {
            names.insert(host_name());
            names.extend(addresses());
        }
        names.into_iter().filter(|name| !name.is_empty()).collect()
    }

    async fn renew(self, clock: Arc<dyn Clock>, shutdown: Shutdown) {
        loop {
            // Cancel-safe: dropping the wait forgets only the wait.
            tokio::select! {
                () = clock.sleep(LOOK_EVERY) => {}
                () = shutdown.requested() => return,
            }
            if let Err(error) = self.ensure(clock.now()) {
                warn!(error = chain(&error), "the server's own certificate could not be renewed");
            }
        }
    }
}

/// What clients call this machine whatever happens: what the configuration gives, and this machine's name for itself.
fn required(config: &Config) -> BTreeSet<String> {
    let listen = config.server.listen.ip();
    let mut names: BTreeSet<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    names.extend(config.server.allowed_hosts.iter().map(|name| name.trim_end_matches('.').to_lowercase()));
    if !listen.is_unspecified() {
        names.insert(listen.to_string());
    }
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().to_lowercase()
}

/// The addresses of this machine, without link-local ones: they change, and nobody types them.
fn addresses() -> BTreeSet<String> {
    let found = nix::ifaddrs::getifaddrs().into_iter().flatten().filter_map(|interface| interface.address);
    let v4 = |address: &SockaddrStorage| {
        address.as_sockaddr_in().map(SockaddrIn::ip).filter(|ip| !ip.is_link_local()).map(|ip| ip.to_string())
    };
    let v6 = |address: &SockaddrStorage| {
        address.as_sockaddr_in6().map(SockaddrIn6::ip).filter(|ip| !ip.is_unicast_link_local()).map(|ip| ip.to_string())
    };
    found.filter_map(|address| v4(&address).or_else(|| v6(&address))).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use crate::config::Flags;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    #[test]
    fn a_certificate_is_kept_until_it_will_not_do() {
        let root = tempfile::tempdir().unwrap();
        let data_dir = DataDir::create(root.path()).unwrap();
        let print = |hosts: &str, now| load(&config(hosts), &data_dir, now).unwrap().unwrap().facts().fingerprint;
        let key = || fs::read_to_string(root.path().join(KEY)).unwrap();
        let first = print("muster.lan", NOW);
        assert_eq!(print("muster.lan", NOW + SignedDuration::from_hours(300 * 24)), first);
        let first_key = key();
        let wider = print("muster.lan,other.lan", NOW);
        assert_ne!(wider, first, "a name was missing");
        assert_eq!(key(), first_key, "nothing was wrong with the key");
        assert_eq!(print("muster.lan", NOW), wider, "one name more does no harm");
        assert_ne!(print("muster.lan", NOW + SignedDuration::from_hours(380 * 24)), wider, "it was about to expire");
        assert_ne!(key(), first_key);
    }

    #[test]
    fn a_machine_that_was_called_otherwise_keeps_its_certificate() {
        let root = tempfile::tempdir().unwrap();
        let data_dir = DataDir::create(root.path()).unwrap();
        let names = ["localhost", "127.0.0.1", "::1", "muster.lan", "former-name", "192.0.2.7"].map(str::to_owned);
        let made = self_signed("Muster", &names, NOW).unwrap();
        data_dir::write_private(root.path(), KEY, made.key.expose_secret()).unwrap();
        data_dir::write_private(root.path(), CERTIFICATE, &made.certificate).unwrap();
        let facts = load(&config("muster.lan"), &data_dir, NOW).unwrap().unwrap().facts();
        assert!(facts.names.contains(&"former-name".to_owned()), "{:?}", facts.names);
    }

    #[test]
    fn our_own_key_is_nobody_else_s() {
        let root = tempfile::tempdir().unwrap();
        let data_dir = DataDir::create(root.path()).unwrap();
        let facts = load(&config("Muster.Lan."), &data_dir, NOW).unwrap().unwrap().facts();
        assert!(
            ["localhost", "127.0.0.1", "::1", "muster.lan", &host_name()]
                .iter()
                .all(|name| facts.names.contains(&(*name).to_owned())),
            "{:?}",
            facts.names
        );
        let mode = fs::metadata(root.path().join(KEY)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    fn config(hosts: &str) -> Config {
        let environment = [
            ("MUSTER_SERVER__LISTEN", "0.0.0.0:0"),
            ("MUSTER_SERVER__TLS__SELF_SIGNED", "true"),
            ("MUSTER_SERVER__ALLOWED_HOSTS", hosts),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Config::load(&Flags::default(), environment.into_iter()).unwrap()
    }
}

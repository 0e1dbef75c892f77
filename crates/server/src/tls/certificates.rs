//! The certificate in force, and the watch over its files.
//!
//! Files are looked at every few seconds rather than watched by the kernel: such a watch does not see through the
//! symbolic links and mounts that certificates are delivered by, and a certificate that is ten seconds late is not late. A
//! new pair that cannot be used leaves the old one in force, and says so in the log and on the System page.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use muster_api::system::{FailedReload, TlsHealth};
use muster_outbound::Fingerprint;
use muster_runtime::{Clock, Shutdown, chain};
use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::sync::{Notify, watch};
use tracing::{error, info};

use super::{
    facts::Facts,
    pair::{Pair, PairError, PairFiles, Stamp},
};

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// The certificate that the server shows.
pub struct Certificates {
    files: PairFiles,
    current: ArcSwap<Pair>,
    last: Mutex<Last>,
    wanted: Notify,
    news: watch::Sender<Fingerprint>,
}

/// The last attempt to read the files.
#[derive(Debug)]
struct Last {
    stamp: Stamp,
    succeeded_at: Timestamp,
    failed: Option<FailedReload>,
}

impl Certificates {
    /// Reads a certificate and its key.
    ///
    /// # Errors
    /// When they cannot be used. An expired certificate can: clients see that for themselves.
    pub fn load(files: PairFiles, now: Timestamp) -> Result<Self, PairError> {
        let stamp = files.stamp();
        let pair = files.load()?;
        let last = Last { stamp, succeeded_at: now, failed: None };
        Ok(Self {
            news: watch::Sender::new(pair.facts.fingerprint),
            current: ArcSwap::from_pointee(pair),
            last: Mutex::new(last),
            wanted: Notify::new(),
            files,
        })
    }

    /// What stands in the certificate in force.
    pub fn facts(&self) -> Facts {
        self.current.load().facts.clone()
    }

    /// Always holds the fingerprint of the certificate in force.
    pub fn fingerprint(&self) -> watch::Receiver<Fingerprint> {
        self.news.subscribe()
    }

    /// Has the files read again soon, changed or not.
    pub fn reload(&self) {
        self.wanted.notify_one();
    }

    /// Reads the files again whenever they change or somebody asks, until shutdown.
    pub async fn watch(self: Arc<Self>, clock: Arc<dyn Clock>, shutdown: Shutdown) {
        loop {
            // Cancel-safe: a wish that is not taken stays, and the files are there at the next look.
            let asked = tokio::select! {
                () = self.wanted.notified() => true,
                () = clock.sleep(LOOK_EVERY) => false,
                () = shutdown.requested() => return,
            };
            let (here, now) = (Arc::clone(&self), clock.now());
            // A panic there is a bug of ours and no reason to go on without a watch.
            tokio::task::spawn_blocking(move || here.look(asked, now)).await.expect("looking at files does not panic");
        }
    }

    /// How TLS is doing.
    pub(crate) fn health(&self) -> TlsHealth {
        let Facts { subject, names, not_before, not_after, self_signed, fingerprint } = self.facts();
        let last = self.last();
        TlsHealth {
            subject,
            names,
            not_before,
            not_after,
            self_signed,
            fingerprint: fingerprint.to_string(),
            loaded_at: last.succeeded_at,
            failed_reload: last.failed.clone(),
        }
    }

    fn look(&self, asked: bool, now: Timestamp) {
        let stamp = self.files.stamp();
        if !asked && stamp == self.last().stamp {
            return;
        }
        let loaded = self.files.load().and_then(|pair| self.unexpired(pair, now));
        let mut last = self.last();
        last.stamp = stamp;
        match loaded {
            Ok(pair) => {
                let facts = &pair.facts;
                info!(subject = facts.subject, not_after = %facts.not_after, fingerprint = %facts.fingerprint, "certificate loaded");
                (last.succeeded_at, last.failed) = (now, None);
                let fingerprint = facts.fingerprint;
                // Whoever hears of it finds it in force.
                self.current.store(Arc::new(pair));
                self.news.send_replace(fingerprint);
            }
            Err(error) => {
                let message = chain(&error);
                error!(error = message, "the new certificate cannot be used; the old one stays in force");
                last.failed = Some(FailedReload { at: now, message });
            }
        }
    }

    /// A certificate that holds gives way to no expired one.
    fn unexpired(&self, pair: Pair, now: Timestamp) -> Result<Pair, PairError> {
        let (old, new) = (self.current.load().facts.not_after, pair.facts.not_after);
        if new <= now && old > now {
            return Err(PairError::Expired { path: self.files.certificate.clone() });
        }
        Ok(pair)
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Last> {
        // Its fields are replaced one by one and none is left half-written.
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.load().key))
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").field("files", &self.files).finish_non_exhaustive()
    }
}

//! Examines a server from inside.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use muster_api::doctor::DoctorReport;
use muster_engine::EngineHandle;
use muster_history::History;
use muster_model::TenantId;
use muster_runtime::{Clock, chain};
use muster_server::Certificates;
use muster_store::{Store, known_level};

use super::{clock, configuration, database, disk, history, network, permissions, report};
use crate::{reload::Reloader, remote_history};

/// What is examined.
pub(crate) struct Patient {
    pub(crate) reloader: Arc<Reloader>,
    pub(crate) data_dir: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) store: Store,
    pub(crate) history: History,
    pub(crate) engine: EngineHandle,
    pub(crate) certificates: Option<Arc<Certificates>>,
    pub(crate) remote: Option<remote_history::Health>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Patient {
    /// Examines.
    pub(crate) async fn examine(&self) -> DoctorReport {
        let config = self.reloader.current();
        let now = self.clock.now();
        let (files, stats) = self.look_at_files().await;
        let certificate = self.certificates.as_ref().map(|certificates| certificates.facts());
        let mut findings = vec![
            configuration(&config),
            network::listening(self.listen),
            network::certificate(certificate.as_ref(), self.listen, now),
        ];
        findings.extend(files);
        let place = config.database.to_string();
        let looked = self.store.look().await;
        findings.push(match &looked {
            Ok(look) => database::level(&place, look.level, known_level()),
            Err(error) => database::unreachable(&place, &chain(error)),
        });
        let write_error = self.engine.stats().store_error.or(self.store.stats().last_error);
        findings.extend(database::writes(write_error.as_deref()));
        let snapshot = self.engine.snapshot(&TenantId::DEFAULT);
        let newest = snapshot.sources().filter_map(|source| source.last_seen).max();
        findings.extend(clock::check(now, looked.ok().map(|look| look.now), newest));
        if let Some(stats) = stats {
            findings.extend(history::check(&stats));
        }
        if let Some(remote) = &self.remote {
            findings.push(history::remote(&remote.tell()));
        }
        report(findings, &config, now)
    }

    /// What waits for a disk, on the blocking pool.
    async fn look_at_files(&self) -> (Vec<muster_api::doctor::Finding>, Option<muster_history::Stats>) {
        let (data_dir, history) = (self.data_dir.clone(), self.history.clone());
        let retention = self.reloader.current().history.retention;
        let look = move || {
            let stats = history.stats();
            let rate = stats.forecast(&retention).bytes_per_day;
            let mut findings = permissions::check(&data_dir);
            findings.push(disk::check(&disk::Space::of(&data_dir), Some(rate)));
            (findings, Some(stats))
        };
        tokio::task::spawn_blocking(look).await.unwrap_or_default()
    }
}

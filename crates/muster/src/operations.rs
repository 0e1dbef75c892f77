//! What a running server does for whoever runs it: backups, self-examination, reloading. The API asks for it through
//! [`muster_server::Operations`], so that the command line, the web application and cron all ask for the same.

mod backup;

use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture};
use muster_api::doctor::{DoctorReport, Reloaded};
use muster_server::{BackupArchive, OperationError, Operations};

use crate::{doctor::running::Patient, reload::Reloader};

pub(crate) use backup::Backups;

/// The operations of one server.
pub(crate) struct ServerOperations {
    pub(crate) backups: Backups,
    pub(crate) patient: Patient,
    pub(crate) reloader: Arc<Reloader>,
}

impl Operations for ServerOperations {
    fn backup(&self, with_key: bool) -> BoxFuture<'_, Result<BackupArchive, OperationError>> {
        self.backups.begin(with_key).boxed()
    }

    fn doctor(&self) -> BoxFuture<'_, DoctorReport> {
        self.patient.examine().boxed()
    }

    fn reload(&self) -> BoxFuture<'_, Result<Reloaded, OperationError>> {
        let reloaded = self.reloader.reload().map_err(|error| OperationError::Configuration(error.to_string()));
        std::future::ready(reloaded).boxed()
    }
}

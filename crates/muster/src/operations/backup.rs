//! Draws one line across state and history (D-17), and hands over what is behind it as an archive.

use std::{
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
};

use muster_backup::{BackupError, LogPart, Marker, Pinned, Prepared, Source, StateSource};
use muster_engine::{EngineHandle, Rest};
use muster_history::{Cut, CutLog, History};
use muster_model::TenantId;
use muster_runtime::{Entropy, chain};
use muster_server::{BackupArchive, OperationError};
use muster_store::{DatabaseUrl, Store};

/// Makes backups of one server.
pub(crate) struct Backups {
    pub(crate) data_dir: PathBuf,
    pub(crate) database: DatabaseUrl,
    pub(crate) store: Store,
    pub(crate) history: History,
    pub(crate) engine: EngineHandle,
    pub(crate) entropy: Arc<Entropy>,
    /// Where the master key is, if there is one.
    pub(crate) key: PathBuf,
}

/// State and history at one moment.
struct Moment {
    state: Option<Pinned>,
    history: Cut,
}

impl Backups {
    /// Draws the line. What is copied is copied later, while the archive is written.
    pub(crate) async fn begin(&self, with_key: bool) -> Result<BackupArchive, OperationError> {
        let key = self.key(with_key)?;
        let pg_dump = self.pg_dump().await?;
        let rest = self.engine.rest().await.map_err(|error| OperationError::Busy(format!("{error}.")))?;
        let moment = self.hold().await?;
        let marker = self.marker(&rest, &moment);
        if !rest.end() {
            let detail = "Holding state and history still took too long, because the disk is slow; try again.";
            return Err(OperationError::Busy(detail.to_owned()));
        }
        let Moment { state, history: Cut { path, database, logs, through: _ } } = moment;
        let logs = logs.into_iter().map(|CutLog { name, file, bytes }| LogPart { name, file, bytes });
        let source = Source {
            marker,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            state: match state {
                Some(pinned) => StateSource::Sqlite(pinned),
                None => StateSource::Postgresql { database: self.database.to_string(), command: pg_dump },
            },
            history: Pinned::held(path, database),
            logs: logs.collect(),
            key,
        };
        let taken_at = source.marker.taken_at;
        let data_dir = self.data_dir.clone();
        let prepared = tokio::task::spawn_blocking(move || source.prepare(&data_dir)).await;
        let prepared =
            prepared.map_err(|panic| OperationError::Failed(panic.to_string()))?.map_err(|error| refusal(&error))?;
        let file_name = format!("muster-{}.tar.zst", taken_at.strftime("%Y-%m-%dT%H-%M-%SZ"));
        let write = Box::new(move |out: &mut dyn Write, wanted: &dyn Fn() -> bool| {
            write(prepared, out, wanted).map_err(|error| io::Error::other(chain(&error)))
        });
        Ok(BackupArchive { file_name, write })
    }

    async fn hold(&self) -> Result<Moment, OperationError> {
        let (history, database) = (self.history.clone(), self.database.clone());
        let hold = move || {
            let state = match &database {
                DatabaseUrl::Sqlite(path) => Some(Pinned::open(path).map_err(|error| chain(&error))?),
                DatabaseUrl::Postgres(_) => None,
            };
            Ok(Moment { state, history: history.cut().map_err(|error| chain(&error))? })
        };
        let held =
            tokio::task::spawn_blocking(hold).await.map_err(|panic| OperationError::Failed(panic.to_string()))?;
        held.map_err(OperationError::Failed)
    }

    fn marker(&self, rest: &Rest, moment: &Moment) -> Marker {
        // SQLite's field is signed, and 0 is what every database has at first.
        let id = (u32::from_be_bytes(self.entropy.bytes()) >> 1).max(1);
        let revision = |(tenant, revision): (&TenantId, &muster_model::Revision)| (tenant.to_string(), revision.0);
        Marker {
            id,
            taken_at: rest.at,
            sweeps: rest.sweeps,
            revisions: rest.revisions.iter().map(revision).collect(),
            history_through: moment.history.through,
        }
    }

    fn key(&self, wanted: bool) -> Result<Option<PathBuf>, OperationError> {
        match (wanted, self.key.exists()) {
            (false, _) => Ok(None),
            (true, true) => Ok(Some(self.key.clone())),
            (true, false) => {
                let path = self.key.display();
                let detail = format!("There is no master key at {path}: no secret was stored yet. Leave the key out.");
                Err(OperationError::Refused(detail))
            }
        }
    }

    /// The command that backs up a state which is not ours to copy; empty where it is.
    async fn pg_dump(&self) -> Result<String, OperationError> {
        match &self.database {
            DatabaseUrl::Sqlite(_) => Ok(String::new()),
            DatabaseUrl::Postgres(_) => {
                let look = self.store.look().await.map_err(|error| OperationError::Failed(chain(&error)))?;
                Ok(pg_dump(&look.server_version, &self.database.to_string()))
            }
        }
    }
}

/// `pg_dump` refuses servers that are newer than itself.
fn pg_dump(server_version: &str, database: &str) -> String {
    let major: String = server_version.chars().take_while(char::is_ascii_digit).collect();
    format!("pg_dump --format=custom --no-owner --file=muster-state.dump {database}  # pg_dump {major} or newer")
}

fn write(prepared: Prepared, out: &mut dyn Write, wanted: &dyn Fn() -> bool) -> Result<(), BackupError> {
    prepared.stage(|_| wanted())?.write(out)
}

fn refusal(error: &BackupError) -> OperationError {
    let text = chain(error);
    match error {
        BackupError::NoSpace { .. } => OperationError::NoSpace(text),
        BackupError::Busy { .. } => OperationError::Busy(text),
        BackupError::Database { .. } | BackupError::File { .. } | BackupError::Write(_) => OperationError::Failed(text),
    }
}

#[cfg(test)]
mod tests;

//! `muster restore`: a backup becomes a data directory, in one step or not at all.

use std::path::PathBuf;

use muster_backup::{Known, Manifest, StatePart, restore};
use muster_history::History;
use serde::Serialize;

use super::CommandError;
use crate::{
    cli::{OutputFormat, RestoreArgs},
    output, progress,
};

/// What a restore tells at its end.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Restored {
    data_dir: PathBuf,
    manifest: Manifest,
}

/// Restores.
pub(crate) async fn run(args: RestoreArgs, format: OutputFormat) -> Result<(), CommandError> {
    let RestoreArgs { file, data_dir } = args;
    let known = Known { state: muster_store::known_level(), history: History::FORMAT };
    let work = move || {
        // It is read twice: once to check it, once to write it.
        let length = std::fs::metadata(&file).ok().map(|metadata| 2 * metadata.len());
        let bar = progress::bytes(length);
        let restored = restore(&file, &data_dir, known, |bytes| bar.inc(bytes));
        bar.finish_and_clear();
        restored.map(|manifest| Restored { data_dir, manifest }).map_err(|error| CommandError::failed(&error))
    };
    let restored =
        tokio::task::spawn_blocking(work).await.map_err(|panic| CommandError::Failed(panic.to_string()))??;
    if let StatePart::Postgresql { database, .. } = &restored.manifest.state {
        output::note(&format!(
            "the state was in {database}; restore its dump too: pg_restore --clean --if-exists --no-owner --dbname={database} muster-state.dump"
        ));
    }
    Ok(output::print(format, &restored, text)?)
}

fn text(restored: &Restored) -> String {
    let Restored { data_dir, manifest } = restored;
    let (taken_at, made_by) = (manifest.marker.taken_at, &manifest.version);
    let key =
        if manifest.has_key() { "" } else { "\nThe backup holds no master key: put yours in place before the start." };
    format!("{} is as it was on {taken_at}, by a backup that version {made_by} made.{key}", data_dir.display())
}

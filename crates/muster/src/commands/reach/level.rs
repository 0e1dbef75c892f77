//! Whether a command may open a state database: only `muster serve` brings one to another level (D-15).
//!
//! A command of another version that did so would change the database under the server that runs on it, or take away the
//! way back that a backup before an update is for. So the level is looked at first, and nothing is changed by looking.

use muster_store::{DatabaseUrl, StoredLevel, known_level, look};

use super::CommandError;

/// Refuses a database that is not of this program's level: the server that runs on it is of another version, or has
/// another database.
pub(super) async fn same(database: &DatabaseUrl) -> Result<(), CommandError> {
    match found(database).await? {
        Some(StoredLevel { version, .. }) if version == known_level() => Ok(()),
        Some(StoredLevel { version, .. }) => Err(CommandError::Failed(format!(
            "the server runs another version: {database} has level {version}, and this program knows {}; restart the \
             server first, or use the program that it was started with",
            known_level()
        ))),
        None => Err(CommandError::Failed(format!(
            "{database} is empty, so it is not the one of the server that runs; name that one with --database-url"
        ))),
    }
}

/// Refuses a database that a server of this program would bring to a higher level. What it may not use at all, it
/// refuses when it opens it.
pub(super) async fn not_earlier(database: &DatabaseUrl) -> Result<(), CommandError> {
    let Some(StoredLevel { version, .. }) = found(database).await?.filter(|found| found.version < known_level()) else {
        return Ok(());
    };
    Err(CommandError::Failed(format!(
        "{database} has level {version}, and only a start of the server brings it to {}; for a backup from before \
         that, use the program that ran last, or copy the data directory as it is",
        known_level()
    )))
}

async fn found(database: &DatabaseUrl) -> Result<Option<StoredLevel>, CommandError> {
    if let DatabaseUrl::Sqlite(path) = database
        && !path.exists()
    {
        return Ok(None);
    }
    let looked = look(database).await.map_err(|error| CommandError::failed(&error))?;
    Ok(looked.level)
}

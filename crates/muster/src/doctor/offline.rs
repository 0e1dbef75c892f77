//! Examines a data directory that no server holds, and what a server started on it would meet. Changes nothing.

use std::{path::Path, sync::Arc};

use jiff::Timestamp;
use muster_api::doctor::{DoctorReport, Finding};
use muster_backup::Pinned;
use muster_history::History;
use muster_runtime::{SystemClock, chain};
use muster_store::{DatabaseUrl, known_level};

use super::{clock, configuration, database, disk, fail, network, ok, permissions, report};
use crate::config::Config;

/// Examines.
pub(crate) async fn examine(config: &Config, now: Timestamp) -> DoctorReport {
    let mut findings = vec![configuration(config), network::free(config.server.listen).await];
    if config.data_dir.is_dir() {
        findings.extend(permissions::check(&config.data_dir));
        findings.push(disk::check(&disk::Space::of(&config.data_dir), None));
        findings.push(history(&config.data_dir.join("history/history.db")));
    } else {
        let what = format!("{} does not exist yet; the first start makes it.", config.data_dir.display());
        findings.push(ok("data directory", what));
    }
    findings.extend(state(&config.database, now).await);
    let settings = config.layers.in_force();
    let remote =
        [("history.remote.write", "history.remote_write_url"), ("history.remote.read", "history.remote_read_url")];
    for (check, key) in remote {
        let address = settings.iter().find(|setting| setting.key == key).and_then(|setting| setting.value.as_deref());
        if let Some(address) = address {
            findings.push(network::reachable(check, address, Arc::new(SystemClock::new())).await);
        }
    }
    report(findings, config, now)
}

async fn state(place: &DatabaseUrl, now: Timestamp) -> Vec<Finding> {
    if let DatabaseUrl::Sqlite(path) = place
        && !path.exists()
    {
        return vec![ok("database", format!("{place} does not exist yet; the first start makes it."))];
    }
    match muster_store::look(place).await {
        Ok(look) => {
            let mut findings = vec![database::level(&place.to_string(), look.level, known_level())];
            findings.extend(clock::check(now, Some(look.now), None));
            findings
        }
        Err(error) => vec![database::unreachable(&place.to_string(), &chain(&error))],
    }
}

fn history(path: &Path) -> Finding {
    if !path.exists() {
        return ok("history", "There is no metrics history yet; the first start makes it.");
    }
    let remedy = "Start the version that wrote it, or restore a backup.";
    let why = "A server that is started now would refuse it.";
    match Pinned::open(path).and_then(|pinned| pinned.history_levels()) {
        Ok(levels) if levels.min_reader <= History::FORMAT => ok(
            "history",
            format!("{} has level {}; run `muster history verify` to read all of it.", path.display(), levels.version),
        ),
        Ok(levels) => {
            let what =
                format!("{} has level {}, and this version knows {}.", path.display(), levels.version, History::FORMAT);
            fail("history", what, why, remedy)
        }
        Err(error) => fail("history", format!("{} cannot be read: {}.", path.display(), chain(&error)), why, remedy),
    }
}

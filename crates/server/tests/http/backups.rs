//! What the audit log tells of backups, as whoever asks for them over HTTP sees it.

use std::{io::Write, sync::Arc};

use futures::{FutureExt, future::BoxFuture};
use muster_api::doctor::{DoctorReport, Reloaded};
use muster_model::Role;
use muster_server::{BackupArchive, OperationError, Operations};
use reqwest::{Method, StatusCode};

use crate::harness::{Front, Harness, send};

#[tokio::test]
async fn a_backup_is_told_of_when_it_begins_and_when_it_ended() {
    // D-18
    let front = Front { operations: Some(Arc::new(Root)), ..Front::default() };
    let harness = Harness::behind(front, |_| {}).await;
    let admin = harness.token(Role::Admin).await;
    let backup = async |query: &str| {
        send(harness.request(Method::POST, &format!("/api/system/backup{query}")).bearer_auth(&admin)).await
    };
    assert_eq!(backup("").await.text, "an archive");
    assert_eq!(told(&harness, &admin).await, ["system.backup ok", "system.backup.begin ok"]);

    assert_eq!(backup("?withKey=true").await.status, StatusCode::INSUFFICIENT_STORAGE);
    assert_eq!(told(&harness, &admin).await[..2], ["system.backup insufficient_storage", "system.backup.begin ok"]);
}

/// What the log says of backups, newest first; of one moment, ends before beginnings.
async fn told(harness: &Harness, admin: &str) -> Vec<String> {
    harness.pass(jiff::SignedDuration::from_secs(1));
    let rows = harness.json("/api/audit?action=system.backup", admin).await;
    let word = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().to_owned();
    let row = |row: &serde_json::Value| (word(row, "at"), format!("{} {}", word(row, "action"), word(row, "outcome")));
    let mut rows: Vec<_> = rows["items"].as_array().unwrap().iter().map(row).collect();
    rows.sort_by(|(a_at, a), (b_at, b)| b_at.cmp(a_at).then(a.cmp(b)));
    rows.into_iter().map(|(_, told)| told).collect()
}

/// A composition root whose disk has room for a backup without the key, and not for one more byte.
struct Root;

impl Operations for Root {
    fn backup(&self, with_key: bool) -> BoxFuture<'_, Result<BackupArchive, OperationError>> {
        let write = Box::new(|out: &mut dyn Write, _: &dyn Fn() -> bool| out.write_all(b"an archive"));
        let archive = BackupArchive { file_name: "backup".to_owned(), write };
        let refused = || OperationError::NoSpace("There is no room.".to_owned());
        async move { if with_key { Err(refused()) } else { Ok(archive) } }.boxed()
    }

    fn doctor(&self) -> BoxFuture<'_, DoctorReport> {
        unreachable!("nobody asks here")
    }

    fn reload(&self) -> BoxFuture<'_, Result<Reloaded, OperationError>> {
        unreachable!("nobody asks here")
    }
}

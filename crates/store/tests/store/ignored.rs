//! Machines that people ignore.

use muster_model::{IgnorableKind, IgnoredMachine, SourceId};
use muster_store::{AuditEntry, AuditQuery, Ignoring};
use muster_testkit::database::each;

use crate::common::{DEFAULT, at, host, open, other_tenant, stored, uuid};

#[tokio::test]
async fn what_is_ignored_comes_back_until_it_is_restored() {
    // R-175, D-4
    each(async |database| {
        let store = open(&database).await;
        let (agent, cluster) = (machine(IgnorableKind::Agent, "local"), machine(IgnorableKind::Kubernetes, "prod"));
        assert_eq!(store.ignored_insert(&DEFAULT, &cluster).await.unwrap(), Ignoring::Begun);
        assert_eq!(store.ignored_insert(&DEFAULT, &agent).await.unwrap(), Ignoring::Begun);
        let later = IgnoredMachine { name: "other".into(), ignored_by: "user:bob".into(), ..agent.clone() };
        assert_eq!(store.ignored_insert(&DEFAULT, &later).await.unwrap(), Ignoring::Already(as_stored(&agent)));
        assert_eq!(store.ignored_list(&DEFAULT).await.unwrap(), [as_stored(&agent), as_stored(&cluster)]);
        assert!(store.ignored_list(&other_tenant()).await.unwrap().is_empty());

        let delete = async |id| store.ignored_delete(&DEFAULT, IgnorableKind::Agent, id).await.unwrap();
        let elsewhere = store.ignored_delete(&other_tenant(), IgnorableKind::Agent, "local").await;
        assert_eq!(elsewhere.unwrap(), None);
        assert_eq!(delete("prod").await, None, "a control id belongs to its kind");
        assert_eq!(delete("local").await, Some(as_stored(&agent)));
        assert_eq!(delete("local").await, None);
        assert_eq!(store.ignored_list(&DEFAULT).await.unwrap(), [as_stored(&cluster)]);
    })
    .await;
}

#[tokio::test]
async fn an_engine_that_starts_reads_it_with_the_log() {
    //
    each(async |database| {
        let store = open(&database).await;
        let agent = machine(IgnorableKind::Agent, "local");
        store.ignored_insert(&DEFAULT, &agent).await.unwrap();
        store.close().await;
        let store = open(&database).await;
        assert_eq!(store.log_load(&DEFAULT).await.unwrap().ignored, [as_stored(&agent)]);
        assert!(store.log_load(&other_tenant()).await.unwrap().ignored.is_empty());
    })
    .await;
}

#[tokio::test]
async fn only_a_change_is_told_of() {
    // D-18
    each(async |database| {
        let store = open(&database).await;
        let recorded = |number| store.recording(&DEFAULT, entry(number));
        let agent = machine(IgnorableKind::Agent, "local");
        recorded(10).ignored_insert(&DEFAULT, &agent).await.unwrap();
        recorded(11).ignored_insert(&DEFAULT, &agent).await.unwrap();
        recorded(12).ignored_delete(&DEFAULT, IgnorableKind::Agent, "local").await.unwrap();
        recorded(13).ignored_delete(&DEFAULT, IgnorableKind::Agent, "local").await.unwrap();
        let rows = store.audit_list(&DEFAULT, &AuditQuery::newest(100)).await.unwrap();
        let mut told: Vec<_> = rows.iter().map(|row| row.entry.id).collect();
        told.sort_unstable();
        assert_eq!(told, [uuid(10), uuid(12)]);
    })
    .await;
}

fn machine(kind: IgnorableKind, control_id: &str) -> IgnoredMachine {
    IgnoredMachine {
        kind,
        control_id: control_id.into(),
        source: SourceId::new(kind.source_kind(), control_id).unwrap(),
        name: "Vault".into(),
        hostname: (kind == IgnorableKind::Agent).then(|| "vault.lan".into()),
        resource: host("vault"),
        ignored_at: at(0),
        ignored_by: "user:anna".into(),
    }
}

fn as_stored(machine: &IgnoredMachine) -> IgnoredMachine {
    IgnoredMachine { ignored_at: stored(machine.ignored_at), ..machine.clone() }
}

fn entry(number: u128) -> AuditEntry {
    AuditEntry {
        id: uuid(number),
        at: at(1),
        actor: "user:anna".into(),
        action: "infrastructure.ignore".into(),
        target: Some("Vault".into()),
        outcome: "ok".into(),
        remote_addr: None,
        request_id: None,
        occurrences: 1,
        detail: serde_json::Value::Null,
    }
}

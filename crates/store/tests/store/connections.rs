//! Connections to platforms.

use muster_model::{ConnectionId, Platform, PveOptions};
use muster_store::{AuditEntry, AuditQuery, ConnectionBody, ConnectionSaveError, Login, NewConnection, Store};
use muster_testkit::database::each;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::common::{DEFAULT, at, open, other_tenant, stored, uuid};

#[tokio::test]
async fn a_connection_comes_back_as_it_was_stored() {
    // D-4
    each(async |database| {
        let store = open(&database).await;
        insert(&store, 1, &body("Lab")).await.unwrap();
        let attic = ConnectionBody {
            login: Login::Password { user: "root@pam".into() },
            pins: vec!["AB:CD".into(), "EF:01".into()],
            endpoints: vec!["https://10.0.0.9:8006".into(), "https://10.0.0.8:8006".into()],
            interval_seconds: 60,
            is_enabled: false,
            options: serde_json::from_value(json!({"guestAgent": {"retries": 0}, "zfs": {"enabled": false}})).unwrap(),
            ..body(" attic ")
        };
        insert(&store, 2, &attic).await.unwrap();
        let listed = store.connection_list(&DEFAULT).await.unwrap();
        let names: Vec<_> = listed.iter().map(|connection| connection.body.name.as_str()).collect();
        assert_eq!(names, ["attic", "Lab"], "by name, without case");
        assert_eq!(listed[0].body, ConnectionBody { name: "attic".into(), ..attic });
        let lab = store.connection_get(&DEFAULT, id(1)).await.unwrap().unwrap();
        assert_eq!((lab.id, lab.platform, lab.version), (id(1), Platform::ProxmoxPve, 1));
        assert_eq!((lab.created_at, lab.updated_at), (stored(at(0)), stored(at(0))));
        assert_eq!((lab.sealed_secret.expose_secret(), lab.body), ("1.key.wrapped.body", body("Lab")));
        assert!(store.connection_get(&other_tenant(), id(1)).await.unwrap().is_none());
        assert!(store.connection_list(&other_tenant()).await.unwrap().is_empty());
        assert!(!store.connection_delete(&other_tenant(), id(1)).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn names_are_taken_once_and_changes_build_on_what_was_read() {
    each(async |database| {
        let store = open(&database).await;
        insert(&store, 1, &body("Lab")).await.unwrap();
        let error = insert(&store, 2, &body(" lAB ")).await.unwrap_err();
        assert!(matches!(&error, ConnectionSaveError::NameTaken { name } if name == "lAB"), "{error}");
        insert(&store, 2, &body("Attic")).await.unwrap();
        let taken = update(&store, 2, 1, &body("LAB"), "1.a").await.unwrap_err();
        assert!(matches!(taken, ConnectionSaveError::NameTaken { .. }), "{taken}");
        let options = serde_json::from_value(json!({"disks": {"everyMinutes": 60}})).unwrap();
        let lab = ConnectionBody { options, ..body("lab") };
        update(&store, 1, 1, &lab, "1.b").await.unwrap();
        let late = update(&store, 1, 1, &body("Lab 2"), "1.c").await.unwrap_err();
        assert!(matches!(late, ConnectionSaveError::Changed), "{late}");
        let lab = store.connection_get(&DEFAULT, id(1)).await.unwrap().unwrap();
        assert_eq!((lab.body.name.as_str(), lab.version, lab.updated_at), ("lab", 2, stored(at(5))));
        assert_eq!((lab.sealed_secret.expose_secret(), lab.body.options), ("1.b", options));
        assert!(store.connection_delete(&DEFAULT, id(1)).await.unwrap());
        assert!(!store.connection_delete(&DEFAULT, id(1)).await.unwrap());
        let gone = update(&store, 1, 2, &body("Lab"), "1.d").await.unwrap_err();
        assert!(matches!(gone, ConnectionSaveError::Changed), "{gone}");
        insert(&store, 3, &body("Lab")).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_change_and_the_row_that_tells_of_it_are_one() {
    // D-18
    each(async |database| {
        let store = open(&database).await;
        let recorded = |number| store.recording(&DEFAULT, entry(number));
        insert(&recorded(10), 1, &body("Lab")).await.unwrap();
        insert(&recorded(11), 2, &body("Lab")).await.unwrap_err();
        update(&recorded(12), 1, 7, &body("Lab"), "1.a").await.unwrap_err();
        update(&recorded(13), 1, 1, &body("Lab"), "1.a").await.unwrap();
        assert!(recorded(14).connection_delete(&DEFAULT, id(1)).await.unwrap());
        assert!(!recorded(15).connection_delete(&DEFAULT, id(1)).await.unwrap());
        let rows = store.audit_list(&DEFAULT, &AuditQuery::newest(100)).await.unwrap();
        let mut told: Vec<_> = rows.iter().map(|row| row.entry.id).collect();
        told.sort_unstable();
        assert_eq!(told, [uuid(10), uuid(13), uuid(14)]);
    })
    .await;
}

#[tokio::test]
async fn a_sealed_secret_asks_for_its_master_key() {
    // D-21
    each(async |database| {
        let store = open(&database).await;
        assert!(store.sealed_secret_any().await.unwrap().is_none());
        insert(&store, 1, &body("Lab")).await.unwrap();
        let sealed = store.sealed_secret_any().await.unwrap().unwrap();
        assert_eq!(sealed.expose_secret(), "1.key.wrapped.body");
        assert!(!format!("{:?}", store.connection_list(&DEFAULT).await.unwrap()).contains("wrapped"));
    })
    .await;
}

fn body(name: &str) -> ConnectionBody {
    ConnectionBody {
        name: name.to_owned(),
        endpoints: vec!["https://pve1.example.org:8006".into()],
        login: Login::Token { user: "monitor@pve".into(), token: "muster".into() },
        pins: vec![],
        interval_seconds: 10,
        is_enabled: true,
        options: PveOptions::default(),
    }
}

async fn insert(store: &Store, number: u128, body: &ConnectionBody) -> Result<(), ConnectionSaveError> {
    let new = NewConnection {
        id: id(number),
        platform: Platform::ProxmoxPve,
        body: body.clone(),
        sealed_secret: "1.key.wrapped.body".into(),
    };
    store.connection_insert(&DEFAULT, &new, at(0)).await
}

async fn update(
    store: &Store,
    number: u128,
    version: u32,
    body: &ConnectionBody,
    sealed: &str,
) -> Result<(), ConnectionSaveError> {
    store.connection_update(&DEFAULT, (id(number), version), body, &SecretString::from(sealed), at(5)).await
}

fn id(number: u128) -> ConnectionId {
    ConnectionId(uuid(number))
}

fn entry(number: u128) -> AuditEntry {
    AuditEntry {
        id: uuid(number),
        at: at(1),
        actor: "user:anna".into(),
        action: "connection.create".into(),
        target: Some("Lab".into()),
        outcome: "ok".into(),
        remote_addr: None,
        request_id: None,
        occurrences: 1,
        detail: serde_json::Value::Null,
    }
}

//! What the store's tests share: opening, and small values to store.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use muster_model::{
    Binding, ChangeId, ChangeKind, ChangeOrigin, Confidence, Identity, Incarnation, LogEntry, LogOp, NativeKey, Record,
    RecordRef, ResourceChange, ResourceId, ResourceKind, Revision, Role, Ruling, RulingId, SourceId, Status, TenantId,
    Verdict,
};
use muster_runtime::{Shutdown, Tasks};
use muster_store::{NewUser, Store};
use muster_testkit::database::Database;
use uuid::Uuid;

pub(crate) const DEFAULT: TenantId = TenantId::DEFAULT;

pub(crate) fn other_tenant() -> TenantId {
    "other".parse().unwrap()
}

pub(crate) async fn open(database: &Database) -> Store {
    let url = database.url().parse().unwrap();
    Store::open(&url, &Tasks::new(Shutdown::new())).await.unwrap()
}

/// So many seconds after some start. Not whole microseconds, as real clocks are not.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::new(1_800_000_000 + seconds, 123_456_789).unwrap()
}

/// What a time becomes by being stored.
pub(crate) fn stored(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap()
}

pub(crate) fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn agent(name: &str) -> SourceId {
    SourceId::new(muster_model::SourceKind::Agent, name).unwrap()
}

pub(crate) fn host(stable: &str) -> ResourceId {
    ResourceId::mint(ResourceKind::Agent, stable)
}

pub(crate) fn observed(revision: u64, source: &SourceId, key: &str, resource: ResourceId, name: &str) -> LogEntry {
    let record = Record {
        key: NativeKey::new(key).unwrap(),
        kind: resource.kind(),
        name: name.into(),
        status: Status::Online,
        technology: None,
        identity: Identity { machine_id: Some("m".into()), ..Identity::default() },
        parent: None,
        links: vec![],
        tags: ["a".into()].into(),
        facets: vec![],
    };
    entry(revision, LogOp::Observed { source: source.clone(), record: Arc::new(record), binding: bound_to(resource) })
}

pub(crate) fn withdrawn(revision: u64, source: &SourceId, key: &str, resource: ResourceId) -> LogEntry {
    let key = NativeKey::new(key).unwrap();
    let (source, binding) = (source.clone(), bound_to(resource));
    entry(revision, LogOp::Withdrawn { source, key, binding, identity: Box::default() })
}

fn bound_to(resource_id: ResourceId) -> Binding {
    let (evidence, incarnation) = (vec![], Incarnation::default());
    Binding { resource_id, evidence, first_seen_at: at(0), incarnation, origin: None }
}

pub(crate) fn joined(revision: u64, survivor: ResourceId, absorbed: ResourceId) -> LogEntry {
    entry(revision, LogOp::Joined { survivor, absorbed, evidence: vec![], absorbed_first_seen_at: None })
}

/// A person's word that two are one.
pub(crate) fn ruled(revision: u64, number: u128, verdict: Verdict) -> LogEntry {
    let ruling = Ruling { id: RulingId(uuid(number)), at: at(0), by: "user:anna".into(), note: None, verdict };
    entry(revision, LogOp::Ruled { ruling, absorbed_first_seen_at: Some(at(0)) })
}

/// A person's word that one record of a resource is of another one.
pub(crate) fn split(
    revision: u64,
    [survivor, departed]: [ResourceId; 2],
    aliases: Vec<ResourceId>,
    record: RecordRef,
) -> LogEntry {
    let verdict = Verdict::Distinct { first: survivor, second: departed };
    let id = RulingId(uuid(u128::from(revision) + 1000));
    let ruling = Ruling { id, at: at(0), by: "user:anna".into(), note: None, verdict };
    let (survivor_first_seen_at, departed_first_seen_at, records) = (at(0), at(0), vec![record]);
    let op =
        LogOp::Split { ruling, survivor, survivor_first_seen_at, departed, departed_first_seen_at, aliases, records };
    entry(revision, op)
}

pub(crate) fn entry(revision: u64, op: LogOp) -> LogEntry {
    LogEntry { revision: Revision(revision), at: at(i64::try_from(revision).unwrap()), op }
}

/// A timeline row of a resource, observed so many seconds after the start.
pub(crate) fn change(resource: ResourceId, seconds: i64) -> ResourceChange {
    let kind = ChangeKind::StateTransition;
    let revision = Revision(u64::try_from(seconds).unwrap());
    ResourceChange {
        id: ChangeId::derive(&DEFAULT, revision, resource, kind),
        resource_id: resource,
        kind,
        observed_at: stored(at(seconds)),
        occurred_at: Some(stored(at(seconds) - SignedDuration::from_secs(5))),
        from: Some("absent".into()),
        to: Some("online".into()),
        origin: ChangeOrigin::Diff,
        source: Some(SourceId::local_agent()),
        confidence: Confidence::High,
        actor: None,
        reason: Some("it appeared".into()),
        related_resources: vec![host("related")],
        metadata: BTreeMap::from([("changeType".into(), "resource_created".into())]),
    }
}

pub(crate) fn user(number: u128, name: &str) -> NewUser {
    NewUser {
        id: uuid(number),
        name: name.into(),
        password_hash: "$argon2id$stub".into(),
        role: Role::Operator,
        created_at: at(0),
    }
}

//! The log seam (D-3): one transaction for a sweep, and the way back after a restart.
//!
//! The log is compacted as it is written: an entry replaces the earlier one about the same record of the same source, the
//! same source's judgement or the same ruling; joins and splits all stay. Its last entry is therefore always there, and
//! revisions are never used twice. From the first entry on that programs from before rulings could not read, they are
//! refused (D-15).

mod projection;
mod split;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use muster_model::{
    IgnoredMachine, KnownGap, LogEntry, LogOp, NativeKey, ResourceChange, Revision, SourceId, SourceStamp, TenantId,
};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use sha2::{Digest, Sha256};

use self::projection::Projection;
use crate::{
    Store, StoreError, change, column,
    entity::{log_entry, source_stamp},
    gap, postgres, schema,
};

/// Rows in one INSERT. Both engines bound the number of parameters.
pub(crate) const CHUNK: usize = 500;

/// What one sweep writes. Everything, or nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SweepCommit {
    /// Log entries, by rising revision.
    pub entries: Vec<LogEntry>,
    /// Timeline rows. One that is there already stays as it is.
    pub changes: Vec<ResourceChange>,
    /// When sources last spoke.
    pub sources: Vec<SourceStamp>,
    /// Gaps that opened or closed. A gap is named by its source and start.
    pub gaps: Vec<KnownGap>,
}

/// What a tenant's state depends on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredLog {
    /// The compacted log, by rising revision.
    pub entries: Vec<LogEntry>,
    /// When each source last spoke, by source.
    pub sources: Vec<SourceStamp>,
    /// What is ignored: whoever is named here is not listened to.
    pub ignored: Vec<IgnoredMachine>,
    /// The highest revision ever given; zero before the first.
    pub last_revision: Revision,
}

/// Why a sweep was not written. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Another entry has one of the revisions: somebody else writes the same estate.
    #[error(
        "writing a sweep of tenant {tenant}: revision {revision} is taken; another server writes the same database, \
         stop one of them"
    )]
    RevisionTaken {
        /// Whose estate.
        tenant: TenantId,
        /// The revision.
        revision: Revision,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a log could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// An entry makes no sense to this version.
    #[error("reading the log of tenant {tenant}: entry {revision} makes no sense to this version of Muster")]
    Unreadable {
        /// Whose estate.
        tenant: TenantId,
        /// Which entry.
        revision: Revision,
        /// What is wrong with it.
        #[source]
        cause: serde_json::Error,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Writes a sweep in one transaction. Writing it again, alone or with more behind it, leaves it once: whoever does
    /// not know whether a commit succeeded may repeat it.
    ///
    /// # Errors
    /// When somebody else has written one of its revisions, or the database fails.
    pub async fn sweep_commit(&self, tenant: &TenantId, commit: &SweepCommit) -> Result<(), CommitError> {
        let sweep = PreparedSweep::new(tenant, commit);
        let taken = self.write("writing a sweep", move |txn| Box::pin(sweep.write_in_txn(txn))).await?;
        taken.map_or(Ok(()), |revision| Err(CommitError::RevisionTaken { tenant: tenant.clone(), revision }))
    }

    /// Reads the compacted log and the sources.
    ///
    /// # Errors
    /// When an entry cannot be understood, or the database fails.
    pub async fn log_load(&self, tenant: &TenantId) -> Result<StoredLog, LoadError> {
        let rows = log_entry::Entity::find()
            .filter(log_entry::Column::TenantId.eq(tenant.as_str()))
            .order_by_asc(log_entry::Column::Revision)
            .all(self.readers())
            .await
            .map_err(StoreError::while_("reading the log"))?;
        let entries = rows.iter().map(|row| entry_from_row(tenant, row)).collect::<Result<Vec<_>, _>>()?;
        let last_revision = entries.last().map_or(Revision::ZERO, |entry| entry.revision);
        let (sources, ignored) = (self.source_list(tenant).await?, self.ignored_list(tenant).await?);
        Ok(StoredLog { entries, sources, ignored, last_revision })
    }

    /// When each source last spoke, by source.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn source_list(&self, tenant: &TenantId) -> Result<Vec<SourceStamp>, StoreError> {
        source_stamp::Entity::find()
            .filter(source_stamp::Column::TenantId.eq(tenant.as_str()))
            .order_by_asc(source_stamp::Column::Source)
            .all(self.readers())
            .await
            .and_then(|rows| rows.iter().map(stamp_from_row).collect())
            .map_err(StoreError::while_("reading when sources last spoke"))
    }
}

/// A sweep as rows: whatever can be done before the writer's turn is done.
struct PreparedSweep {
    tenant: TenantId,
    entries: Vec<log_entry::Model>,
    /// Whether programs from before rulings could not read one of them.
    is_since_rulings: bool,
    projection: Projection,
    changes: Vec<ResourceChange>,
    sources: Vec<source_stamp::Model>,
    gaps: Vec<KnownGap>,
}

impl PreparedSweep {
    fn new(tenant: &TenantId, commit: &SweepCommit) -> Self {
        let SweepCommit { entries, changes, sources, gaps } = commit;
        Self {
            tenant: tenant.clone(),
            entries: entries.iter().map(|entry| entry_row(tenant, entry)).collect(),
            is_since_rulings: entries.iter().any(|entry| entry.op.is_since_rulings()),
            projection: Projection::of(tenant, entries),
            changes: changes.clone(),
            sources: sources.iter().map(|stamp| stamp_row(tenant, stamp)).collect(),
            gaps: gaps.clone(),
        }
    }

    /// Writes everything, or says which revision is taken.
    async fn write_in_txn(self, txn: &DatabaseTransaction) -> Result<Option<Revision>, DbErr> {
        postgres::exclusive_in_txn(txn, &format!("log.{}", self.tenant)).await?;
        if let Some(taken) = revision_taken_in_txn(txn, &self.tenant, &self.entries).await? {
            return Ok(Some(taken));
        }
        entry_upsert_in_txn(txn, self.entries).await?;
        if self.is_since_rulings {
            schema::need_reader_in_txn(txn, schema::RULINGS).await?;
        }
        self.projection.write_in_txn(txn).await?;
        change::change_insert_in_txn(txn, &self.tenant, &self.changes).await?;
        for stamp in &self.sources {
            gap::gap_close_heard_in_txn(txn, &self.tenant, &stamp.source, stamp.last_seen).await?;
        }
        stamp_upsert_in_txn(txn, self.sources).await?;
        gap::gap_upsert_in_txn(txn, &self.tenant, &self.gaps).await?;
        Ok(None)
    }
}

/// The first revision that somebody else has used. What is stored and equal was written by an earlier attempt.
async fn revision_taken_in_txn(
    txn: &DatabaseTransaction,
    tenant: &TenantId,
    entries: &[log_entry::Model],
) -> Result<Option<Revision>, DbErr> {
    let Some(first) = entries.first() else { return Ok(None) };
    let stored = log_entry::Entity::find()
        .filter(log_entry::Column::TenantId.eq(tenant.as_str()))
        .filter(log_entry::Column::Revision.gte(first.revision))
        .order_by_asc(log_entry::Column::Revision)
        .limit(entries.len() as u64 + 1)
        .all(txn)
        .await?;
    let ours: BTreeMap<i64, &str> = entries.iter().map(|entry| (entry.revision, entry.body.as_str())).collect();
    let taken = stored.iter().find(|stored| ours.get(&stored.revision) != Some(&stored.body.as_str()));
    Ok(taken.map(|stored| revision_from(stored.revision)))
}

async fn entry_upsert_in_txn(txn: &DatabaseTransaction, entries: Vec<log_entry::Model>) -> Result<(), DbErr> {
    use log_entry::Column;
    // The last word on each slot; the others would be replaced within the same statement, which PostgreSQL refuses.
    let last: BTreeMap<Vec<u8>, log_entry::Model> =
        entries.into_iter().map(|entry| (entry.slot.clone(), entry)).collect();
    let rows: Vec<_> = last.into_values().map(IntoActiveModel::into_active_model).collect();
    let replace = OnConflict::columns([Column::TenantId, Column::Slot])
        .update_columns([Column::Revision, Column::ResourceId, Column::IsPresent, Column::Body])
        .to_owned();
    for chunk in rows.chunks(CHUNK) {
        let insert = log_entry::Entity::insert_many(chunk.iter().cloned());
        insert.on_conflict(replace.clone()).exec_without_returning(txn).await?;
    }
    Ok(())
}

async fn stamp_upsert_in_txn(txn: &DatabaseTransaction, stamps: Vec<source_stamp::Model>) -> Result<(), DbErr> {
    use source_stamp::Column;
    let replace = OnConflict::columns([Column::TenantId, Column::Source])
        .update_columns([Column::LastSeen, Column::IntervalMicroseconds])
        .to_owned();
    for stamp in stamps {
        let insert = source_stamp::Entity::insert(stamp.into_active_model());
        insert.on_conflict(replace.clone()).exec_without_returning(txn).await?;
    }
    Ok(())
}

fn entry_row(tenant: &TenantId, entry: &LogEntry) -> log_entry::Model {
    let (resource_id, is_present) = match &entry.op {
        LogOp::Observed { binding, .. } => (Some(binding.resource_id), true),
        LogOp::Withdrawn { binding, .. } => (Some(binding.resource_id), false),
        LogOp::SourceJudged { .. }
        | LogOp::Joined { .. }
        | LogOp::Ruled { .. }
        | LogOp::RulingWithdrawn { .. }
        | LogOp::Split { .. } => (None, false),
    };
    log_entry::Model {
        tenant_id: tenant.as_str().to_owned(),
        revision: revision_column(entry.revision),
        slot: slot(entry),
        resource_id: resource_id.map(|id| id.to_string()),
        is_present,
        body: column::json(entry),
    }
}

/// What an entry is about, as a digest: keys of sources may be of any length and hold any character.
fn slot(entry: &LogEntry) -> Vec<u8> {
    match &entry.op {
        LogOp::Observed { source, record, .. } => record_slot(source, &record.key),
        LogOp::Withdrawn { source, key, .. } => record_slot(source, key),
        LogOp::SourceJudged { source, .. } => digest("judgement", &source.to_string(), ""),
        LogOp::Joined { .. } => digest("join", "", &entry.revision.to_string()),
        LogOp::Ruled { ruling, .. } => digest("ruling", "", &ruling.id.to_string()),
        LogOp::RulingWithdrawn { ruling } => digest("ruling", "", &ruling.to_string()),
        LogOp::Split { .. } => digest("split", "", &entry.revision.to_string()),
    }
}

/// What every entry about a record replaces.
fn record_slot(source: &SourceId, key: &NativeKey) -> Vec<u8> {
    digest("record", &source.to_string(), key.as_str())
}

fn digest(class: &str, source: &str, key: &str) -> Vec<u8> {
    let parts = [class, source, key].iter().fold(Sha256::new(), |hash, part| {
        hash.chain_update((part.len() as u64).to_be_bytes()).chain_update(part.as_bytes())
    });
    parts.finalize().to_vec()
}

fn entry_from_row(tenant: &TenantId, row: &log_entry::Model) -> Result<LogEntry, LoadError> {
    serde_json::from_str(&row.body).map_err(|cause| LoadError::Unreadable {
        tenant: tenant.clone(),
        revision: revision_from(row.revision),
        cause,
    })
}

fn revision_column(revision: Revision) -> i64 {
    i64::try_from(revision.0).expect("revisions stay below 2^53")
}

fn revision_from(column: i64) -> Revision {
    Revision(u64::try_from(column).expect("revisions are written from unsigned numbers"))
}

fn stamp_row(tenant: &TenantId, stamp: &SourceStamp) -> source_stamp::Model {
    let SourceStamp { source, last_seen, interval } = stamp;
    source_stamp::Model {
        tenant_id: tenant.as_str().to_owned(),
        source: column::text(&source.to_string()),
        last_seen: column::micros(*last_seen),
        interval_microseconds: i64::try_from(interval.as_micros()).unwrap_or(i64::MAX),
    }
}

fn stamp_from_row(row: &source_stamp::Model) -> Result<SourceStamp, DbErr> {
    let source_stamp::Model { tenant_id: _, source, last_seen, interval_microseconds } = row;
    Ok(SourceStamp {
        source: column::parse(source, "source_stamp.source")?,
        last_seen: column::time(*last_seen, "source_stamp.last_seen")?,
        interval: SignedDuration::from_micros(*interval_microseconds),
    })
}

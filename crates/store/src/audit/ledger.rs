//! What the writer does for the audit log in one transaction: rows go in with the changes they tell of, and one link for
//! each chain when the group ends.
//!
//! A chain belongs to a tenant, a stream and a writer. Its segments are closed by size or day; a segment rests on the
//! closing hash of the one before. Closed segments are never written to again.

use std::collections::BTreeMap;

use muster_model::TenantId;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, sea_query::OnConflict,
};

use super::{AuditEntry, AuditStream, canonical};
use crate::{
    column,
    entity::{audit_entry, audit_link, audit_segment},
    postgres,
};

/// A segment is closed at the first entry after so many.
pub(super) const SEGMENT_ENTRIES: i64 = 10_000;

/// Microseconds of a day (UTC).
const DAY: i64 = 86_400_000_000;

/// Who writes. Servers that share a state will each have a name of their own, and so a chain of their own.
const WRITER: &str = "main";

/// An entry on its way.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) tenant: TenantId,
    pub(crate) stream: AuditStream,
    pub(crate) entry: AuditEntry,
}

/// The chains that one transaction adds to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    chains: BTreeMap<(String, AuditStream), Chain>,
}

/// A chain's open segment, and the rows that have no link yet.
#[derive(Debug, Clone)]
struct Chain {
    segment: audit_segment::Model,
    unlinked: Vec<canonical::Hash>,
}

impl Ledger {
    /// Writes an entry at the end of its chain, within the transaction of what it tells of. After an error the ledger
    /// is spoilt together with that transaction: go on with a copy from before.
    pub(crate) async fn enter(&mut self, txn: &DatabaseTransaction, line: &Line) -> Result<(), DbErr> {
        self.place(txn, entry_row(line), line.stream, async |row| {
            audit_entry::Entity::insert(row.into_active_model()).exec_without_returning(txn).await.map(drop)
        })
        .await
    }

    /// Takes a row into its chain that stands outside it.
    pub(super) async fn adopt(&mut self, txn: &DatabaseTransaction, row: audit_entry::Model) -> Result<(), DbErr> {
        let stream = column::parse(&row.stream, "audit_entry.stream")?;
        self.place(txn, row, stream, async |row| {
            audit_entry::Entity::update(row.into_active_model().reset_all()).exec(txn).await.map(drop)
        })
        .await
    }

    /// Adds the links that are missing. Called once, when everything is written.
    pub(crate) async fn seal(self, txn: &DatabaseTransaction) -> Result<(), DbErr> {
        for mut chain in self.chains.into_values() {
            chain.link(txn).await?;
        }
        Ok(())
    }

    async fn place(
        &mut self,
        txn: &DatabaseTransaction,
        mut row: audit_entry::Model,
        stream: AuditStream,
        write: impl AsyncFnOnce(audit_entry::Model) -> Result<(), DbErr>,
    ) -> Result<(), DbErr> {
        let key = (row.tenant_id.clone(), stream);
        let open = match self.chains.remove(&key) {
            Some(chain) => Some(chain),
            None => Chain::load(txn, &key.0, stream).await?,
        };
        let mut chain = match open {
            Some(chain) if chain.has_room_for(&row) => chain,
            Some(chain) => chain.roll_over(txn, &row).await?,
            None => Chain::begin(txn, &row, stream).await?,
        };
        let digest = chain.take(&mut row);
        write(row).await?;
        chain.unlinked.push(digest);
        self.chains.insert(key, chain);
        Ok(())
    }
}

impl Chain {
    /// The last segment of a chain, and nobody else writes to it until the transaction ends.
    async fn load(txn: &DatabaseTransaction, tenant: &str, stream: AuditStream) -> Result<Option<Self>, DbErr> {
        use audit_segment::Column;
        postgres::exclusive_in_txn(txn, &format!("audit.{tenant}")).await?;
        let last = audit_segment::Entity::find()
            .filter(Column::TenantId.eq(tenant))
            .filter(Column::Stream.eq(stream.as_str()))
            .filter(Column::Writer.eq(WRITER))
            .order_by_desc(Column::Number)
            .one(txn)
            .await?;
        Ok(last.map(|segment| Self { segment, unlinked: Vec::new() }))
    }

    /// The first segment of a chain.
    async fn begin(txn: &DatabaseTransaction, row: &audit_entry::Model, stream: AuditStream) -> Result<Self, DbErr> {
        let opening = canonical::genesis(&row.tenant_id, stream.as_str(), WRITER);
        Self::open(txn, row, stream.as_str(), opening).await
    }

    async fn open(
        txn: &DatabaseTransaction,
        row: &audit_entry::Model,
        stream: &str,
        opening: canonical::Hash,
    ) -> Result<Self, DbErr> {
        let segment = audit_segment::Model {
            tenant_id: row.tenant_id.clone(),
            number: next_number(txn, &row.tenant_id).await?,
            stream: stream.to_owned(),
            writer: WRITER.to_owned(),
            opened_at: row.at,
            last_at: row.at,
            links: 0,
            entries: 0,
            opening: opening.to_vec(),
            head: opening.to_vec(),
            closing: None,
            kept: true,
        };
        // It has its number from now on: another chain may begin a segment in the same transaction.
        audit_segment::Entity::insert(segment.clone().into_active_model()).exec_without_returning(txn).await?;
        Ok(Self { segment, unlinked: Vec::new() })
    }

    /// Whether a row still belongs to the open segment.
    fn has_room_for(&self, row: &audit_entry::Model) -> bool {
        let entries = self.segment.entries + count(&self.unlinked);
        self.segment.closing.is_none()
            && entries < SEGMENT_ENTRIES
            && row.at.div_euclid(DAY) == self.segment.opened_at.div_euclid(DAY)
    }

    /// Closes the segment and begins the next.
    async fn roll_over(mut self, txn: &DatabaseTransaction, row: &audit_entry::Model) -> Result<Self, DbErr> {
        self.link(txn).await?;
        let closing = canonical::closing(&self.segment);
        self.segment.closing = Some(closing.to_vec());
        self.save(txn).await?;
        Self::open(txn, row, &self.segment.stream, closing).await
    }

    /// Gives a row its place and its digest.
    fn take(&mut self, row: &mut audit_entry::Model) -> canonical::Hash {
        row.segment = self.segment.number;
        row.sequence = self.segment.entries + count(&self.unlinked) + 1;
        self.segment.last_at = row.at;
        let digest = canonical::row(row);
        row.digest = Some(digest.to_vec());
        digest
    }

    /// Adds one link over the rows that have none.
    async fn link(&mut self, txn: &DatabaseTransaction) -> Result<(), DbErr> {
        if self.unlinked.is_empty() {
            return Ok(());
        }
        let mut link = audit_link::Model {
            tenant_id: self.segment.tenant_id.clone(),
            segment: self.segment.number,
            number: self.segment.links + 1,
            first_sequence: self.segment.entries + 1,
            entries: count(&self.unlinked),
            hash: Vec::new(),
        };
        let digests = self.unlinked.iter().map(canonical::Hash::as_slice);
        link.hash = canonical::link(&self.segment.head, &self.segment, &link, digests).to_vec();
        self.segment.links = link.number;
        self.segment.entries += link.entries;
        self.segment.head.clone_from(&link.hash);
        self.unlinked.clear();
        audit_link::Entity::insert(link.into_active_model()).exec_without_returning(txn).await?;
        self.save(txn).await
    }

    async fn save(&self, txn: &DatabaseTransaction) -> Result<(), DbErr> {
        use audit_segment::Column;
        let changes = [Column::LastAt, Column::Links, Column::Entries, Column::Head, Column::Closing];
        let replace = OnConflict::columns([Column::TenantId, Column::Number]).update_columns(changes).to_owned();
        let row = self.segment.clone().into_active_model();
        audit_segment::Entity::insert(row).on_conflict(replace).exec_without_returning(txn).await.map(drop)
    }
}

/// Segments count through all chains of a tenant. Rows from before there were chains have a segment without a chain.
async fn next_number(txn: &DatabaseTransaction, tenant: &str) -> Result<i64, DbErr> {
    let of_segments: Option<Option<i64>> = audit_segment::Entity::find()
        .select_only()
        .column_as(audit_segment::Column::Number.max(), "number")
        .filter(audit_segment::Column::TenantId.eq(tenant))
        .into_tuple()
        .one(txn)
        .await?;
    if let Some(last) = of_segments.flatten() {
        return Ok(last + 1);
    }
    let of_rows: Option<Option<i64>> = audit_entry::Entity::find()
        .select_only()
        .column_as(audit_entry::Column::Segment.max(), "segment")
        .filter(audit_entry::Column::TenantId.eq(tenant))
        .into_tuple()
        .one(txn)
        .await?;
    Ok(of_rows.flatten().unwrap_or_default() + 1)
}

/// The row of an entry, its place still open.
fn entry_row(line: &Line) -> audit_entry::Model {
    let Line { tenant, stream, entry } = line;
    let AuditEntry { id, at, actor, action, target, outcome, remote_addr, request_id, occurrences, detail } = entry;
    audit_entry::Model {
        tenant_id: tenant.as_str().to_owned(),
        id: *id,
        segment: 0,
        sequence: 0,
        at: column::micros(*at),
        actor: column::text(actor),
        action: column::text(action),
        target: column::optional_text(target.as_deref()),
        outcome: column::text(outcome),
        remote_addr: column::optional_text(remote_addr.as_deref()),
        request_id: column::optional_text(request_id.as_deref()),
        detail: column::json(detail),
        stream: stream.as_str().to_owned(),
        occurrences: i64::from(*occurrences),
        digest: None,
    }
}

fn count(digests: &[canonical::Hash]) -> i64 {
    i64::try_from(digests.len()).expect("a group is small")
}

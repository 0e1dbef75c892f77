//! Reads a tenant's whole audit log, segment by segment, and has it checked. Each segment as of one moment: the walk may
//! take minutes, and a database that must show one moment for so long keeps everything that is written meanwhile. A closed
//! segment never changes, but that it may be dropped; segments that begin during the walk are not seen.

use std::collections::{BTreeMap, BTreeSet};

use muster_model::TenantId;
use sea_orm::{
    ColumnTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    TransactionTrait,
};

use super::{
    AnchorState, AuditFault, AuditFinding, AuditHead, AuditVerdict,
    check::{self, Candidates, Stored},
    head,
    ledger::SEGMENT_ENTRIES,
};
use crate::{
    Store, StoreError, column,
    entity::{audit_entry, audit_link, audit_segment},
    postgres,
};

/// Rows or links of one segment that are looked at. The log writes no more than half of it.
const SEGMENT_LIMIT: u64 = 2 * SEGMENT_ENTRIES.unsigned_abs();

/// A chain is told by its stream and its writer.
type ChainKey = (String, String);

impl Store {
    /// Recomputes the whole chain of every stream, and compares it with heads that were noted before.
    ///
    /// # Errors
    /// When the database fails. What is wrong with the log is no error but the answer.
    pub async fn audit_verify(&self, tenant: &TenantId, anchors: &[AuditHead]) -> Result<AuditVerdict, StoreError> {
        walk(self.readers(), tenant, anchors).await.map_err(StoreError::while_("checking the audit log"))
    }
}

async fn walk(readers: &DatabaseConnection, tenant: &TenantId, anchors: &[AuditHead]) -> Result<AuditVerdict, DbErr> {
    let (segments, strays) = survey(readers, tenant).await?;
    let mut verdict = begun(anchors);
    verdict.add(numbering(&segments));
    verdict.add(strays);
    verdict.add(dropped_late(&segments));
    let ends: BTreeMap<ChainKey, i64> = segments.iter().map(|segment| (key(segment), segment.number)).collect();
    let mut chains: BTreeMap<ChainKey, Candidates> = BTreeMap::new();
    for listed in &segments {
        let continued = ends.get(&key(listed)) != Some(&listed.number);
        let Some(stored) = read(readers, listed, continued).await? else {
            verdict.add([check::of_segment(listed, AuditFault::Missing, "the segment went while it was to be read")]);
            continue;
        };
        let previous = chains.remove(&key(listed));
        let (stored, found, next) = checked(stored, previous).await?;
        verdict.add(found);
        count(&mut verdict, &stored);
        compare(&mut verdict.anchors, &stored);
        chains.insert(key(listed), next);
        if !continued {
            verdict.heads.extend(head::head_of(stored.segment).ok());
        }
    }
    Ok(verdict)
}

fn key(segment: &audit_segment::Model) -> ChainKey {
    (segment.stream.clone(), segment.writer.clone())
}

/// Hashing takes its time, and none of the threads that everybody waits for.
async fn checked(
    stored: Stored,
    previous: Option<Candidates>,
) -> Result<(Stored, Vec<AuditFinding>, Candidates), DbErr> {
    let check = move || {
        let (found, next) = check::segment(&stored, previous.as_ref());
        (stored, found, next)
    };
    tokio::task::spawn_blocking(check).await.map_err(|panic| DbErr::Custom(panic.to_string()))
}

/// Which segments there are, and what belongs to none of them.
async fn survey(
    readers: &DatabaseConnection,
    tenant: &TenantId,
) -> Result<(Vec<audit_segment::Model>, Vec<AuditFinding>), DbErr> {
    let txn = readers.begin_with_options(postgres::one_moment(readers)).await?;
    let of_tenant = audit_segment::Column::TenantId.eq(tenant.as_str());
    let segments =
        audit_segment::Entity::find().filter(of_tenant).order_by_asc(audit_segment::Column::Number).all(&txn).await?;
    let strays = strays(&txn, tenant, &segments).await?;
    txn.rollback().await?;
    Ok((segments, strays))
}

/// All of a segment as it is now, which may be longer than it was listed, or dropped since.
async fn read(
    readers: &DatabaseConnection,
    listed: &audit_segment::Model,
    continued: bool,
) -> Result<Option<Stored>, DbErr> {
    let txn = readers.begin_with_options(postgres::one_moment(readers)).await?;
    let place = (listed.tenant_id.clone(), listed.number);
    let stored = match audit_segment::Entity::find_by_id(place).one(&txn).await? {
        Some(segment) => {
            let (links, rows) = (links(&txn, &segment).await?, rows(&txn, &segment).await?);
            Some(Stored { segment, links, rows, continued })
        }
        None => None,
    };
    txn.rollback().await?;
    Ok(stored)
}

fn begun(anchors: &[AuditHead]) -> AuditVerdict {
    AuditVerdict {
        segments: 0,
        links: 0,
        entries: 0,
        dropped_segments: 0,
        dropped_entries: 0,
        dropped_until: None,
        faults: 0,
        findings: Vec::new(),
        // What is not found on the way is not there.
        anchors: anchors.iter().map(|anchor| (anchor.clone(), AnchorState::Absent)).collect(),
        heads: Vec::new(),
    }
}

fn count(verdict: &mut AuditVerdict, stored: &Stored) {
    let of = &stored.segment;
    if of.kept {
        verdict.segments += 1;
        verdict.links += stored.links.len() as u64;
        verdict.entries += stored.rows.len() as u64;
    } else {
        verdict.dropped_segments += 1;
        verdict.dropped_entries += of.entries.unsigned_abs();
        // A time that is none is a finding already.
        let until = column::time(of.last_at, "audit_segment.last_at").ok();
        verdict.dropped_until = verdict.dropped_until.max(until);
    }
}

async fn links(txn: &DatabaseTransaction, of: &audit_segment::Model) -> Result<Vec<audit_link::Model>, DbErr> {
    use audit_link::Column;
    audit_link::Entity::find()
        .filter(Column::TenantId.eq(of.tenant_id.as_str()))
        .filter(Column::Segment.eq(of.number))
        .order_by_asc(Column::Number)
        .limit(SEGMENT_LIMIT)
        .all(txn)
        .await
}

async fn rows(txn: &DatabaseTransaction, of: &audit_segment::Model) -> Result<Vec<audit_entry::Model>, DbErr> {
    use audit_entry::Column;
    audit_entry::Entity::find()
        .filter(Column::TenantId.eq(of.tenant_id.as_str()))
        .filter(Column::Segment.eq(of.number))
        .order_by_asc(Column::Sequence)
        .limit(SEGMENT_LIMIT)
        .all(txn)
        .await
}

/// Segments count through all chains without holes. Where rows are older than the chain, the first one is not 1.
fn numbering(segments: &[audit_segment::Model]) -> Vec<AuditFinding> {
    let holes = segments.windows(2).filter(|pair| pair[1].number != pair[0].number.saturating_add(1));
    holes
        .map(|pair| {
            let what = format!("segments between {} and {} are gone", pair[0].number, pair[1].number);
            check::of_segment(&pair[1], AuditFault::Missing, &what)
        })
        .collect()
}

/// Retention drops the oldest segments of a chain and none behind one that is kept.
fn dropped_late(segments: &[audit_segment::Model]) -> Vec<AuditFinding> {
    let what = "the segment was dropped, and an older one of its chain is kept";
    let (mut kept, mut findings) = (BTreeMap::new(), Vec::new());
    for segment in segments {
        let earlier_is_kept = kept.insert(key(segment), segment.kept).unwrap_or_default();
        if earlier_is_kept && !segment.kept {
            findings.push(check::of_segment(segment, AuditFault::Missing, what));
        }
    }
    findings
}

/// Rows and links of segments that are not there.
async fn strays(
    txn: &DatabaseTransaction,
    tenant: &TenantId,
    segments: &[audit_segment::Model],
) -> Result<Vec<AuditFinding>, DbErr> {
    let known: BTreeSet<i64> = segments.iter().map(|segment| segment.number).collect();
    let of_rows: Vec<i64> = audit_entry::Entity::find()
        .select_only()
        .column(audit_entry::Column::Segment)
        .filter(audit_entry::Column::TenantId.eq(tenant.as_str()))
        .distinct()
        .into_tuple()
        .all(txn)
        .await?;
    let of_links: Vec<i64> = audit_link::Entity::find()
        .select_only()
        .column(audit_link::Column::Segment)
        .filter(audit_link::Column::TenantId.eq(tenant.as_str()))
        .distinct()
        .into_tuple()
        .all(txn)
        .await?;
    let found: BTreeSet<i64> = of_rows.into_iter().chain(of_links).collect();
    let stray = |number: &i64| AuditFinding {
        fault: AuditFault::Added,
        segment: number.unsigned_abs(),
        link: None,
        rows: None,
        id: None,
        what: "there are rows or links of a segment that is not there".to_owned(),
    };
    Ok(found.difference(&known).map(stray).collect())
}

/// What becomes of the anchors that lie in a segment.
fn compare(anchors: &mut [(AuditHead, AnchorState)], stored: &Stored) {
    let of = &stored.segment;
    let lies_here = |anchor: &AuditHead| {
        of.number.unsigned_abs() == anchor.segment && of.stream == anchor.stream.as_str() && of.writer == anchor.writer
    };
    for (anchor, state) in anchors.iter_mut().filter(|(anchor, _)| lies_here(anchor)) {
        *state = state_of(anchor, stored);
    }
}

fn state_of(anchor: &AuditHead, stored: &Stored) -> AnchorState {
    let of = &stored.segment;
    if !of.kept && of.links.unsigned_abs() != anchor.link {
        return AnchorState::Dropped;
    }
    let hash = if of.kept {
        stored.links.iter().find(|link| link.number.unsigned_abs() == anchor.link).map(|link| &link.hash)
    } else {
        Some(&of.head)
    };
    match hash {
        Some(hash) if *hash == anchor.hash => AnchorState::Confirmed,
        Some(_) => AnchorState::Contradicted,
        None => AnchorState::Absent,
    }
}

//! The durable timeline: written by sweeps, read page by page, pruned by age and count.

use jiff::Timestamp;
use muster_model::{ChangeId, ChangeKind, ResourceChange, ResourceId, TenantId};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Expr, ExprTrait, OnConflict, Query, SelectStatement},
};

use crate::{Store, StoreError, column, entity::resource_change, log::CHUNK};

/// Which rows of the timeline. Newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeQuery {
    /// Only those of these resources, each with its aliases; `None` for all of the tenant.
    pub resources: Option<Vec<ResourceId>>,
    /// Only those kinds; empty for all.
    pub kinds: Vec<ChangeKind>,
    /// Only rows observed at or after this time.
    pub since: Option<Timestamp>,
    /// Only rows that come after this one in the list, so older ones.
    pub before: Option<ChangeCursor>,
    /// At most so many rows.
    pub limit: u32,
}

impl ChangeQuery {
    /// The newest rows of everything.
    pub fn newest(limit: u32) -> Self {
        Self { resources: None, kinds: vec![], since: None, before: None, limit }
    }
}

/// A row's place in the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeCursor {
    /// When it was observed.
    pub observed_at: Timestamp,
    /// Its id, which orders rows of one moment.
    pub id: ChangeId,
}

impl From<&ResourceChange> for ChangeCursor {
    fn from(change: &ResourceChange) -> Self {
        Self { observed_at: change.observed_at, id: change.id }
    }
}

impl Store {
    /// Lists timeline rows, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_list(&self, tenant: &TenantId, query: &ChangeQuery) -> Result<Vec<ResourceChange>, StoreError> {
        selected(tenant, query)
            .all(self.readers())
            .await
            .and_then(|rows| rows.into_iter().map(change_from_row).collect())
            .map_err(StoreError::while_("reading the timeline"))
    }

    /// Deletes the oldest rows: those observed before `older_than`, and those beyond the newest `keep_rows`. At most
    /// `batch` in one call; says how many. Fewer than `batch` means that nothing is left to delete.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_prune(
        &self,
        tenant: &TenantId,
        older_than: Timestamp,
        keep_rows: u64,
        batch: u64,
    ) -> Result<u64, StoreError> {
        let tenant = tenant.clone();
        self.write("pruning the timeline", move |txn| {
            Box::pin(async move {
                let by_age = prune_aged_in_txn(txn, &tenant, older_than, batch).await?;
                let by_count = prune_surplus_in_txn(txn, &tenant, keep_rows, batch - by_age).await?;
                Ok(by_age + by_count)
            })
        })
        .await
    }
}

pub(crate) async fn change_insert_in_txn(
    txn: &DatabaseTransaction,
    tenant: &TenantId,
    changes: &[ResourceChange],
) -> Result<(), DbErr> {
    use resource_change::Column;
    let rows: Vec<_> = changes.iter().map(|change| change_row(tenant, change).into_active_model()).collect();
    let keep = OnConflict::columns([Column::TenantId, Column::Id]).do_nothing().to_owned();
    for chunk in rows.chunks(CHUNK) {
        let insert = resource_change::Entity::insert_many(chunk.iter().cloned());
        insert.on_conflict(keep.clone()).exec_without_returning(txn).await?;
    }
    Ok(())
}

fn selected(tenant: &TenantId, query: &ChangeQuery) -> Select<resource_change::Entity> {
    use resource_change::Column;
    let ChangeQuery { resources, kinds, since, before, limit } = query;
    let of_resources = resources.as_ref().map(|ids| Column::ResourceId.is_in(ids.iter().map(ToString::to_string)));
    let of_kinds = (!kinds.is_empty()).then(|| Column::Kind.is_in(kinds.iter().map(|kind| <&str>::from(*kind))));
    let since = since.map(|since| Column::ObservedAt.gte(column::micros(since)));
    let before = before.map(|before| {
        place().lt(Expr::tuple([Expr::value(column::micros(before.observed_at)), Expr::value(before.id.0)]))
    });
    resource_change::Entity::find()
        .filter(Column::TenantId.eq(tenant.as_str()))
        .filter(Condition::all().add_option(of_resources).add_option(of_kinds).add_option(since).add_option(before))
        .order_by_desc(Column::ObservedAt)
        .order_by_desc(Column::Id)
        .limit(u64::from(*limit))
}

/// A row's place, as one comparable value.
fn place() -> Expr {
    Expr::tuple([Expr::col(resource_change::Column::ObservedAt), Expr::col(resource_change::Column::Id)])
}

async fn prune_aged_in_txn(
    txn: &DatabaseTransaction,
    tenant: &TenantId,
    older_than: Timestamp,
    batch: u64,
) -> Result<u64, DbErr> {
    let aged = Expr::col(resource_change::Column::ObservedAt).lt(column::micros(older_than));
    prune_in_txn(txn, tenant, oldest(tenant, batch).and_where(aged).take()).await
}

async fn prune_surplus_in_txn(
    txn: &DatabaseTransaction,
    tenant: &TenantId,
    keep_rows: u64,
    batch: u64,
) -> Result<u64, DbErr> {
    let newest_surplus = selected(tenant, &ChangeQuery::newest(1)).offset(keep_rows).one(txn).await?;
    let Some(surplus) = newest_surplus else { return Ok(0) };
    let last = Expr::tuple([Expr::value(surplus.observed_at), Expr::value(surplus.id)]);
    prune_in_txn(txn, tenant, oldest(tenant, batch).and_where(place().lte(last)).take()).await
}

fn oldest(tenant: &TenantId, batch: u64) -> SelectStatement {
    use resource_change::Column;
    Query::select()
        .column(Column::Id)
        .from(resource_change::Entity)
        .and_where(Column::TenantId.eq(tenant.as_str()))
        .order_by(Column::ObservedAt, sea_orm::Order::Asc)
        .order_by(Column::Id, sea_orm::Order::Asc)
        .limit(batch)
        .take()
}

async fn prune_in_txn(txn: &DatabaseTransaction, tenant: &TenantId, ids: SelectStatement) -> Result<u64, DbErr> {
    let deleted = resource_change::Entity::delete_many()
        .filter(resource_change::Column::TenantId.eq(tenant.as_str()))
        .filter(Expr::col(resource_change::Column::Id).in_subquery(ids))
        .exec(txn)
        .await?;
    Ok(deleted.rows_affected)
}

fn change_row(tenant: &TenantId, change: &ResourceChange) -> resource_change::Model {
    let ResourceChange {
        id,
        resource_id,
        kind,
        observed_at,
        occurred_at,
        from,
        to,
        origin,
        source,
        confidence,
        actor,
        reason,
        related_resources,
        metadata,
    } = change;
    resource_change::Model {
        tenant_id: tenant.as_str().to_owned(),
        id: id.0,
        resource_id: resource_id.to_string(),
        kind: <&str>::from(*kind).to_owned(),
        observed_at: column::micros(*observed_at),
        occurred_at: occurred_at.map(column::micros),
        from_state: column::optional_text(from.as_deref()),
        to_state: column::optional_text(to.as_deref()),
        origin: <&str>::from(*origin).to_owned(),
        source: source.as_ref().map(|source| column::text(&source.to_string())),
        confidence: <&str>::from(*confidence).to_owned(),
        actor: column::optional_text(actor.as_deref()),
        reason: column::optional_text(reason.as_deref()),
        related_resources: column::json(related_resources),
        metadata: column::json(metadata),
    }
}

fn change_from_row(row: resource_change::Model) -> Result<ResourceChange, DbErr> {
    let resource_change::Model {
        tenant_id: _,
        id,
        resource_id,
        kind,
        observed_at,
        occurred_at,
        from_state,
        to_state,
        origin,
        source,
        confidence,
        actor,
        reason,
        related_resources,
        metadata,
    } = row;
    Ok(ResourceChange {
        id: ChangeId(id),
        resource_id: column::parse(&resource_id, "resource_change.resource_id")?,
        kind: column::parse(&kind, "resource_change.kind")?,
        observed_at: column::time(observed_at, "resource_change.observed_at")?,
        occurred_at: column::optional_time(occurred_at, "resource_change.occurred_at")?,
        from: from_state,
        to: to_state,
        origin: column::parse(&origin, "resource_change.origin")?,
        source: source.map(|source| column::parse(&source, "resource_change.source")).transpose()?,
        confidence: column::parse(&confidence, "resource_change.confidence")?,
        actor,
        reason,
        related_resources: column::from_json(&related_resources, "resource_change.related_resources")?,
        metadata: column::from_json(&metadata, "resource_change.metadata")?,
    })
}

#[cfg(test)]
mod tests {
    use muster_model::ResourceKind;
    use muster_runtime::{Shutdown, Tasks};
    use muster_testkit::database::Database;
    use sea_orm::{ConnectionTrait, DbBackend, QueryTrait};

    use super::*;

    #[tokio::test]
    async fn a_page_is_read_through_an_index() {
        let database = Database::sqlite();
        let store = Store::open(&database.url().parse().unwrap(), &Tasks::new(Shutdown::new())).await.unwrap();
        let nas = ResourceId::mint(ResourceKind::Agent, "nas");
        let before = Some(ChangeCursor { observed_at: Timestamp::UNIX_EPOCH, id: ChangeId(uuid::Uuid::nil()) });
        let all = ChangeQuery { before, ..ChangeQuery::newest(50) };
        let of_one = ChangeQuery { resources: Some(vec![nas]), ..all.clone() };
        let (all, of_one) = (plan(&store, &all).await, plan(&store, &of_one).await);
        // One step each: nothing is sorted either.
        let read = |index: &str, key: &str| {
            [format!("SEARCH resource_change USING INDEX {index} ({key} AND (observed_at,id)<(?,?))")]
        };
        assert_eq!(all, read("resource_change_by_time", "tenant_id=?"));
        assert_eq!(of_one, read("resource_change_by_resource", "tenant_id=? AND resource_id=?"));
    }

    /// How SQLite reads a page.
    async fn plan(store: &Store, query: &ChangeQuery) -> Vec<String> {
        let mut explain = selected(&TenantId::DEFAULT, query).build(DbBackend::Sqlite);
        explain.sql = format!("EXPLAIN QUERY PLAN {}", explain.sql);
        let rows = store.readers().query_all_raw(explain).await.unwrap();
        rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect()
    }
}

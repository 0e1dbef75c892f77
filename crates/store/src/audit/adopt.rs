//! Takes rows into the chain that stand outside it: those from before there was one. Called at every start.
//!
//! In batches, each with a link of its own, so that it goes on where it was interrupted. It vouches for nothing: a row
//! is chained as it is found.

use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, TransactionTrait,
    sea_query::{Expr, ExprTrait},
};
use tracing::info;
use uuid::Uuid;

use super::Ledger;
use crate::{
    entity::audit_entry::{self, Column},
    sqlite,
};

/// Rows of one transaction.
const BATCH: u64 = 1000;

/// How many batches between two lines in the server's log.
const TOLD_EVERY: u64 = 20;

/// A row's place in the order in which rows are taken in.
type Place = (String, i64, Uuid);

/// Takes in all there are, before anybody writes.
pub(crate) async fn adopt(connection: &DatabaseConnection) -> Result<(), DbErr> {
    let outside = audit_entry::Entity::find().filter(Column::Digest.is_null()).count(connection).await?;
    if outside == 0 {
        return Ok(());
    }
    info!(rows = outside, "rows of the audit log from before its chain are taken into it");
    let (mut last, mut batches) = (None, 0);
    loop {
        last = adopt_batch(connection, last).await?;
        if last.is_none() {
            return Ok(());
        }
        batches += 1;
        if batches % TOLD_EVERY == 0 {
            info!(done = batches * BATCH, of = outside, "still taking in rows of the audit log");
        }
    }
}

/// Goes on behind a row, so that no batch reads what an earlier one did. Says with which row it ended, if there may be
/// more.
async fn adopt_batch(connection: &DatabaseConnection, after: Option<Place>) -> Result<Option<Place>, DbErr> {
    let txn = connection.begin_with_options(sqlite::immediate()).await?;
    let rows = batch(after).all(&txn).await?;
    let last = rows.last().filter(|_| rows.len() as u64 == BATCH);
    let last = last.map(|row| (row.tenant_id.clone(), row.at, row.id));
    let mut ledger = Ledger::default();
    for row in rows {
        ledger.adopt(&txn, row).await?;
    }
    ledger.seal(&txn).await?;
    txn.commit().await?;
    Ok(last)
}

fn batch(after: Option<Place>) -> Select<audit_entry::Entity> {
    let place = Expr::tuple([Expr::col(Column::TenantId), Expr::col(Column::At), Expr::col(Column::Id)]);
    let behind =
        after.map(|(tenant, at, id)| place.gt(Expr::tuple([Expr::value(tenant), Expr::value(at), Expr::value(id)])));
    audit_entry::Entity::find()
        .filter(Condition::all().add(Column::Digest.is_null()).add_option(behind))
        .order_by_asc(Column::TenantId)
        .order_by_asc(Column::At)
        .order_by_asc(Column::Id)
        .limit(BATCH)
}

#[cfg(test)]
mod tests {
    use muster_runtime::{Shutdown, Tasks};
    use muster_testkit::database::Database;
    use sea_orm::{ConnectionTrait, DbBackend, QueryTrait};

    use super::*;
    use crate::Store;

    #[tokio::test]
    async fn a_batch_begins_where_the_one_before_ended() {
        let database = Database::sqlite();
        let store = Store::open(&database.url().parse().unwrap(), &Tasks::new(Shutdown::new())).await.unwrap();
        let mut explain = batch(Some(("default".to_owned(), 1, Uuid::nil()))).build(DbBackend::Sqlite);
        explain.sql = format!("EXPLAIN QUERY PLAN {}", explain.sql);
        let steps = store.readers().query_all_raw(explain).await.unwrap();
        let steps: Vec<String> = steps.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        // One step: nothing is sorted either.
        assert_eq!(steps, ["SEARCH audit_entry USING INDEX audit_entry_by_time ((tenant_id,at,id)>(?,?,?))"]);
    }
}

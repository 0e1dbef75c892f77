//! Numbered, forward-only schema levels, and the check of who may use which (D-15).
//!
//! A level is definitions only; moving data is a separate, batched job. A database says which level it has and the
//! lowest level a program must know to use it: a newer database stays usable by an older program until a level says
//! otherwise. A ready-made migrator is not used, since it refuses every database that a newer program has touched.

mod level_1;
mod level_2;
mod level_3;
mod level_4;
mod level_5;
mod level_6;
mod parts;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryFilter,
    Schema, Statement, TransactionTrait,
    sea_query::{Expr, OnConflict, TableCreateStatement},
};

use crate::{entity::schema_version, postgres, sqlite};

/// One level of the schema.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Level {
    /// Its number; levels are numbered from 1 without holes.
    pub(crate) version: i64,
    /// The lowest level that a program must know to use a database of this one.
    pub(crate) min_reader: i64,
    /// The statements that lead here from the level before.
    pub(crate) statements: fn(DbBackend) -> Vec<Statement>,
}

/// Every level, oldest first. A released one is frozen: change the schema by adding another.
pub(crate) const LEVELS: &[Level] =
    &[level_1::LEVEL, level_2::LEVEL, level_3::LEVEL, level_4::LEVEL, level_5::LEVEL, level_6::LEVEL];

/// The level whose programs understand rulings in the log, and the kinds of facts and evidence that came with them.
pub(crate) const RULINGS: i64 = 6;

/// Why a schema could not be brought up to date.
#[derive(Debug)]
pub(crate) enum SchemaError {
    /// The database is for programs that know a higher level than this one does.
    Newer { version: i64, min_reader: i64, known: i64 },
    /// A statement failed; nothing was changed.
    Database(DbErr),
}

impl From<DbErr> for SchemaError {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

/// Brings the database to the last of the given levels, all at once or not at all. A database that is further already
/// is left as it is.
pub(crate) async fn bring_up(database: &DatabaseConnection, levels: &[Level]) -> Result<(), SchemaError> {
    let txn = database.begin_with_options(sqlite::immediate()).await?;
    postgres::exclusive_in_txn(&txn, "schema").await?;
    let found = version_get_in_txn(&txn).await?;
    let known = levels.last().map_or(0, |level| level.version);
    if let Some(found) = &found
        && found.min_reader > known
    {
        return Err(SchemaError::Newer { version: found.version, min_reader: found.min_reader, known });
    }
    // What a level keeps older programs away from is still there after the next one.
    let mut min_reader = found.as_ref().map_or(0, |found| found.min_reader);
    let version = found.map_or(0, |found| found.version);
    for level in levels.iter().filter(|level| level.version > version) {
        min_reader = min_reader.max(level.min_reader);
        raise_in_txn(&txn, &Level { min_reader, ..*level }).await?;
    }
    Ok(txn.commit().await?)
}

/// Keeps programs away that know less than a level, from now on: something was written that they would not understand. A
/// database in which that never happens stays open to them.
pub(crate) async fn need_reader_in_txn(txn: &DatabaseTransaction, level: i64) -> Result<(), DbErr> {
    use schema_version::Column;
    schema_version::Entity::update_many()
        .col_expr(Column::MinReader, Expr::value(level))
        .filter(Column::MinReader.lt(level))
        .exec(txn)
        .await?;
    Ok(())
}

async fn version_get_in_txn(txn: &DatabaseTransaction) -> Result<Option<schema_version::Model>, DbErr> {
    txn.execute(&version_table(txn.get_database_backend())).await?;
    schema_version::Entity::find_by_id(1).one(txn).await
}

/// The one table that no level defines, since it says which level there is. Its columns never change.
fn version_table(backend: DbBackend) -> TableCreateStatement {
    Schema::new(backend).create_table_from_entity(schema_version::Entity).if_not_exists().to_owned()
}

async fn raise_in_txn(txn: &DatabaseTransaction, level: &Level) -> Result<(), DbErr> {
    for statement in (level.statements)(txn.get_database_backend()) {
        txn.execute_raw(statement).await?;
    }
    let row =
        schema_version::ActiveModel { id: Set(1), version: Set(level.version), min_reader: Set(level.min_reader) };
    let replace = OnConflict::column(schema_version::Column::Id)
        .update_columns([schema_version::Column::Version, schema_version::Column::MinReader])
        .to_owned();
    schema_version::Entity::insert(row).on_conflict(replace).exec_without_returning(txn).await?;
    Ok(())
}

#[cfg(test)]
mod tests;

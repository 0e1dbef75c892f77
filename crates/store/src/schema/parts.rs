//! What the statements of a level are put together from. Released levels are frozen, and so is what stands here for
//! them: another type or another way of writing one gets a function of its own.

use sea_orm::sea_query::{
    ColumnDef, Expr, ForeignKey, ForeignKeyAction, ForeignKeyCreateStatement, Index, IndexCreateStatement, Table,
    TableAlterStatement,
};

/// A column that always has a value.
pub(super) fn text(name: &'static str) -> ColumnDef {
    optional_text(name).not_null().take()
}

/// A column that always has a value.
pub(super) fn integer(name: &'static str) -> ColumnDef {
    optional_integer(name).not_null().take()
}

/// A column that always has a value.
pub(super) fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

/// A column that always has a value.
pub(super) fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().take()
}

/// A column that always has a value.
pub(super) fn bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().not_null().take()
}

/// A column that always has a value: 32 bytes.
pub(super) fn digest(name: &'static str) -> ColumnDef {
    optional_digest(name).not_null().take()
}

/// A column that may lack a value, as one that is added to a table must.
pub(super) fn optional_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().take()
}

/// A column that may lack a value.
pub(super) fn optional_integer(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().take()
}

/// A column that may lack a value.
pub(super) fn optional_digest(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().check(Expr::cust(format!("length({name}) = 32"))).take()
}

/// Adds a column. SQLite takes one to a statement.
pub(super) fn add(table: &'static str, mut column: ColumnDef) -> TableAlterStatement {
    Table::alter().table(table).add_column(&mut column).take()
}

/// An index of a table that exists.
pub(super) fn index(name: &'static str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    columns.iter().fold(Index::create(), |mut index, column| index.col(*column).take()).name(name).table(table).take()
}

/// Rows that belong to a user, and go with the user.
pub(super) fn of_user(name: &'static str, table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(name)
        .from(table, ("tenant_id", "user_id"))
        .to("user_account", ("tenant_id", "id"))
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

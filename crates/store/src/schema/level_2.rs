//! Level 2: who is let in. Users can be disabled or come from an identity provider, second factors, token rotation.
//!
//! A program of level 1 knows neither disabled users nor second factors and would let both in, so it is refused.

use sea_orm::{
    ConditionalStatement, DbBackend, Statement,
    sea_query::{
        ColumnDef, Expr, ForeignKey, ForeignKeyAction, ForeignKeyCreateStatement, Index, Table, TableAlterStatement,
        TableCreateStatement,
    },
};

use super::Level;

pub(super) const LEVEL: Level = Level { version: 2, min_reader: 2, statements };

fn statements(backend: DbBackend) -> Vec<Statement> {
    // One column to a statement: SQLite takes no more.
    let columns = [
        add("user_account", integer("disabled_at")),
        add("user_account", text("issuer")),
        add("user_account", text("subject")),
        add("user_account", integer("last_sign_in_at")),
        add("user_account", integer("vouched_at")),
        add("user_account", integer("dismissed_at")),
        add("api_token", digest("previous_hash")),
        add("api_token", integer("previous_until")),
    ];
    let identity = Index::create()
        .name("user_account_by_identity")
        .table("user_account")
        .col("tenant_id")
        .col("issuer")
        .col("subject")
        .unique()
        .take();
    let previous = Index::create()
        .name("api_token_by_previous_hash")
        .table("api_token")
        .col("previous_hash")
        .and_where(Expr::cust("previous_hash IS NOT NULL"))
        .take();
    let mut statements: Vec<Statement> = columns.iter().map(|column| backend.build(column)).collect();
    statements.extend([user_totp(), user_recovery_code()].iter().map(|table| backend.build(table)));
    statements.extend([identity, previous].iter().map(|index| backend.build(index)));
    statements
}

/// A user's second factor. The secret is sealed with the master key (D-21).
fn user_totp() -> TableCreateStatement {
    Table::create()
        .table("user_totp")
        .col(text("tenant_id").not_null())
        .col(uuid("user_id"))
        .col(text("sealed_secret").not_null())
        .col(integer("created_at").not_null())
        .col(integer("confirmed_at"))
        .col(integer("last_step"))
        .primary_key(Index::create().col("tenant_id").col("user_id"))
        .foreign_key(&mut owner("user_totp_user", "user_totp"))
        .take()
}

fn user_recovery_code() -> TableCreateStatement {
    Table::create()
        .table("user_recovery_code")
        .col(text("tenant_id").not_null())
        .col(uuid("user_id"))
        .col(digest("code_hash").not_null())
        .col(integer("used_at"))
        .primary_key(Index::create().col("tenant_id").col("user_id").col("code_hash"))
        .foreign_key(&mut owner("user_recovery_code_user", "user_recovery_code"))
        .take()
}

fn owner(name: &'static str, table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(name)
        .from(table, ("tenant_id", "user_id"))
        .to("user_account", ("tenant_id", "id"))
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

fn add(table: &'static str, mut column: ColumnDef) -> TableAlterStatement {
    Table::alter().table(table).add_column(&mut column).take()
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().take()
}

fn integer(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().take()
}

fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

fn digest(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().check(Expr::cust(format!("length({name}) = 32"))).take()
}

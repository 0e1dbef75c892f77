//! Level 5: connections to platforms. A program of level 4 does not know the table and polls nothing of it.

use sea_orm::{
    DbBackend, Statement,
    sea_query::{Expr, Index, Table, TableCreateStatement},
};

use super::{
    Level,
    parts::{flag, integer, optional_text, text, uuid},
};

pub(super) const LEVEL: Level = Level { version: 5, min_reader: 3, statements };

fn statements(backend: DbBackend) -> Vec<Statement> {
    vec![backend.build(&connection())]
}

/// The secret is sealed with the master key (D-21), for the places that it may be sent to (D-20).
fn connection() -> TableCreateStatement {
    let mut names = Index::create().name("connection_by_name").unique().col("tenant_id").col("name_key").take();
    Table::create()
        .table("connection")
        .col(text("tenant_id"))
        .col(uuid("id"))
        .col(text("platform"))
        .col(text("name"))
        .col(text("name_key"))
        .col(text("endpoints"))
        .col(text("login_user"))
        .col(optional_text("login_token"))
        .col(text("pins"))
        .col(integer("interval_seconds").check(Expr::cust("interval_seconds > 0")))
        .col(flag("is_enabled"))
        .col(text("sealed_secret"))
        .col(integer("version"))
        .col(integer("created_at"))
        .col(integer("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .index(&mut names)
        .take()
}

//! Level 2: who is let in. Users can be disabled or come from an identity provider, second factors, token rotation.
//!
//! A program of level 1 knows neither disabled users nor second factors and would let both in, so it is refused.

use sea_orm::{
    ConditionalStatement, DbBackend, Statement,
    sea_query::{Expr, Index, Table, TableCreateStatement},
};

use super::{
    Level,
    parts::{add, digest, index, integer, of_user, optional_digest, optional_integer, optional_text, text, uuid},
};

pub(super) const LEVEL: Level = Level { version: 2, min_reader: 2, statements };

fn statements(backend: DbBackend) -> Vec<Statement> {
    let columns = [
        add("user_account", optional_integer("disabled_at")),
        add("user_account", optional_text("issuer")),
        add("user_account", optional_text("subject")),
        add("user_account", optional_integer("last_sign_in_at")),
        add("user_account", optional_integer("vouched_at")),
        add("user_account", optional_integer("dismissed_at")),
        add("api_token", optional_digest("previous_hash")),
        add("api_token", optional_integer("previous_until")),
    ];
    let identity =
        index("user_account_by_identity", "user_account", &["tenant_id", "issuer", "subject"]).unique().take();
    let previous = index("api_token_by_previous_hash", "api_token", &["previous_hash"])
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
        .col(text("tenant_id"))
        .col(uuid("user_id"))
        .col(text("sealed_secret"))
        .col(integer("created_at"))
        .col(optional_integer("confirmed_at"))
        .col(optional_integer("last_step"))
        .primary_key(Index::create().col("tenant_id").col("user_id"))
        .foreign_key(&mut of_user("user_totp_user", "user_totp"))
        .take()
}

fn user_recovery_code() -> TableCreateStatement {
    Table::create()
        .table("user_recovery_code")
        .col(text("tenant_id"))
        .col(uuid("user_id"))
        .col(digest("code_hash"))
        .col(optional_integer("used_at"))
        .primary_key(Index::create().col("tenant_id").col("user_id").col("code_hash"))
        .foreign_key(&mut of_user("user_recovery_code_user", "user_recovery_code"))
        .take()
}

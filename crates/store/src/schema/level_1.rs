//! Level 1: the log and its projections, the timeline, users and their credentials, audit, settings.

use sea_orm::{
    ConditionalStatement, DbBackend, Statement, StatementBuilder,
    sea_query::{Expr, ExprTrait, Index, IndexCreateStatement, Table, TableCreateStatement},
};

use super::{
    Level,
    parts::{bytes, digest, flag, index, integer, of_user, text, uuid},
};

pub(super) const LEVEL: Level = Level { version: 1, min_reader: 1, statements };

fn statements(backend: DbBackend) -> Vec<Statement> {
    let tables = [
        log_entry(),
        resource(),
        resource_alias(),
        source_stamp(),
        known_gap(),
        resource_change(),
        user_account(),
        user_session(),
        api_token(),
        audit_entry(),
        setting(),
    ];
    let indexes = [
        // Who still has a resource, when one of its sources withdraws it.
        index("log_entry_by_resource", "log_entry", &["tenant_id", "resource_id"]),
        index("resource_alias_by_resource", "resource_alias", &["tenant_id", "resource_id"]),
        index("resource_change_by_time", "resource_change", &["tenant_id", "observed_at", "id"]),
        index("resource_change_by_resource", "resource_change", &["tenant_id", "resource_id", "observed_at", "id"]),
        index("user_session_by_user", "user_session", &["tenant_id", "user_id"]),
        index("user_session_by_expiry", "user_session", &["expires_at"]),
        live_token_names(),
        index("audit_entry_by_time", "audit_entry", &["tenant_id", "at", "id"]),
    ];
    tables
        .iter()
        .map(|table| table as &dyn SchemaStatement)
        .chain(indexes.iter().map(|index| index as &dyn SchemaStatement))
        .map(|statement| statement.on(backend))
        .collect()
}

fn log_entry() -> TableCreateStatement {
    table("log_entry", &["tenant_id", "revision"])
        .col(text("tenant_id"))
        .col(integer("revision"))
        .col(bytes("slot"))
        .col(text("resource_id").null())
        .col(flag("is_present"))
        .col(text("body"))
        .index(&mut unique("log_entry_by_slot", &["tenant_id", "slot"]))
        .take()
}

fn resource() -> TableCreateStatement {
    table("resource", &["tenant_id", "id"])
        .col(text("tenant_id"))
        .col(text("id"))
        .col(text("kind"))
        .col(text("name"))
        .col(integer("first_seen"))
        .col(integer("removed_at").null())
        .take()
}

fn resource_alias() -> TableCreateStatement {
    table("resource_alias", &["tenant_id", "alias"])
        .col(text("tenant_id"))
        .col(text("alias"))
        .col(text("resource_id"))
        .col(integer("since"))
        .take()
}

fn source_stamp() -> TableCreateStatement {
    table("source_stamp", &["tenant_id", "source"])
        .col(text("tenant_id"))
        .col(text("source"))
        .col(integer("last_seen"))
        .col(integer("interval_microseconds"))
        .take()
}

fn known_gap() -> TableCreateStatement {
    table("known_gap", &["tenant_id", "source", "started_at"])
        .col(text("tenant_id"))
        .col(text("source"))
        .col(integer("started_at"))
        .col(integer("ended_at").null())
        .col(text("reason"))
        .take()
}

fn resource_change() -> TableCreateStatement {
    table("resource_change", &["tenant_id", "id"])
        .col(text("tenant_id"))
        .col(uuid("id"))
        .col(text("resource_id"))
        .col(text("kind"))
        .col(integer("observed_at"))
        .col(integer("occurred_at").null())
        .col(text("from_state").null())
        .col(text("to_state").null())
        .col(text("origin"))
        .col(text("source").null())
        .col(text("confidence"))
        .col(text("actor").null())
        .col(text("reason").null())
        .col(text("related_resources"))
        .col(text("metadata"))
        .take()
}

fn user_account() -> TableCreateStatement {
    table("user_account", &["tenant_id", "id"])
        .col(text("tenant_id"))
        .col(uuid("id"))
        .col(text("name"))
        .col(text("name_key"))
        .col(text("password_hash"))
        .col(text("role"))
        .col(integer("created_at"))
        .index(&mut unique("user_account_by_name", &["tenant_id", "name_key"]))
        .take()
}

fn user_session() -> TableCreateStatement {
    table("user_session", &["tenant_id", "id"])
        .col(text("tenant_id"))
        .col(uuid("id"))
        .col(digest("token_hash").unique_key())
        .col(digest("csrf_hash"))
        .col(uuid("user_id"))
        .col(integer("created_at"))
        .col(integer("expires_at"))
        .col(integer("last_used_at"))
        .col(text("remote_addr").null())
        .col(text("user_agent").null())
        .foreign_key(&mut of_user("user_session_user", "user_session"))
        .take()
}

fn api_token() -> TableCreateStatement {
    table("api_token", &["tenant_id", "id"])
        .col(text("tenant_id"))
        .col(uuid("id"))
        .col(text("name"))
        .col(text("name_key"))
        .col(digest("token_hash").unique_key())
        .col(text("role"))
        .col(text("scopes"))
        .col(integer("created_at"))
        .col(text("created_by"))
        .col(integer("expires_at").null())
        .col(integer("last_used_at").null())
        .col(integer("revoked_at").null())
        .take()
}

/// A revoked token gives its name free.
fn live_token_names() -> IndexCreateStatement {
    index("api_token_by_live_name", "api_token", &["tenant_id", "name_key"])
        .unique()
        .and_where(Expr::col("revoked_at").is_null())
        .take()
}

/// `segment` and `sequence` are what the hash chain will run along (D-18).
fn audit_entry() -> TableCreateStatement {
    table("audit_entry", &["tenant_id", "id"])
        .col(text("tenant_id"))
        .col(uuid("id"))
        .col(integer("segment"))
        .col(integer("sequence"))
        .col(integer("at"))
        .col(text("actor"))
        .col(text("action"))
        .col(text("target").null())
        .col(text("outcome"))
        .col(text("remote_addr").null())
        .col(text("request_id").null())
        .col(text("detail"))
        .index(&mut unique("audit_entry_by_sequence", &["tenant_id", "segment", "sequence"]))
        .take()
}

fn setting() -> TableCreateStatement {
    table("setting", &["tenant_id", "key"]).col(text("tenant_id")).col(text("key")).col(text("value")).take()
}

trait SchemaStatement {
    fn on(&self, backend: DbBackend) -> Statement;
}

impl<S: StatementBuilder> SchemaStatement for S {
    fn on(&self, backend: DbBackend) -> Statement {
        backend.build(self)
    }
}

fn table(name: &'static str, key: &[&'static str]) -> TableCreateStatement {
    let mut primary = Index::create();
    for column in key {
        primary.col(*column);
    }
    Table::create().table(name).primary_key(&mut primary).take()
}

fn unique(name: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut unique = Index::create().name(name).unique().take();
    for column in columns {
        unique.col(*column);
    }
    unique
}

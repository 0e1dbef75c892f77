//! Level 3: the chain of the audit log (D-18). Rows get a stream, a digest and a count; links and segments their tables.
//!
//! A program of level 2 would write rows outside the chain, so it is refused. Rows from before this level have no digest
//! until `audit::adopt` takes them into the chain.

use sea_orm::{
    ConditionalStatement, DbBackend, Statement,
    sea_query::{Expr, Index, IndexCreateStatement, Table, TableCreateStatement},
};

use super::{
    Level,
    parts::{add, digest, flag, index, integer, optional_digest, text},
};

pub(super) const LEVEL: Level = Level { version: 3, min_reader: 3, statements };

fn statements(backend: DbBackend) -> Vec<Statement> {
    let columns = [
        add("audit_entry", text("stream").default("actions").take()),
        add("audit_entry", integer("occurrences").default(1).take()),
        add("audit_entry", optional_digest("digest")),
    ];
    let mut statements: Vec<Statement> = columns.iter().map(|column| backend.build(column)).collect();
    statements.extend([audit_segment(), audit_link()].iter().map(|table| backend.build(table)));
    statements.extend([by_actor(), outside_the_chain()].iter().map(|index| backend.build(index)));
    statements
}

/// A stretch of one chain. It stays when retention drops what it holds.
fn audit_segment() -> TableCreateStatement {
    Table::create()
        .table("audit_segment")
        .col(text("tenant_id"))
        .col(integer("number"))
        .col(text("stream"))
        .col(text("writer"))
        .col(integer("opened_at"))
        .col(integer("last_at"))
        .col(integer("links"))
        .col(integer("entries"))
        .col(digest("opening"))
        .col(digest("head"))
        .col(optional_digest("closing"))
        .col(flag("kept"))
        .primary_key(Index::create().col("tenant_id").col("number"))
        .take()
}

fn audit_link() -> TableCreateStatement {
    Table::create()
        .table("audit_link")
        .col(text("tenant_id"))
        .col(integer("segment"))
        .col(integer("number"))
        .col(integer("first_sequence"))
        .col(integer("entries"))
        .col(digest("hash"))
        .primary_key(Index::create().col("tenant_id").col("segment").col("number"))
        .take()
}

fn by_actor() -> IndexCreateStatement {
    index("audit_entry_by_actor", "audit_entry", &["tenant_id", "actor", "at", "id"])
}

/// What `audit::adopt` looks for at every start: nothing, as a rule.
fn outside_the_chain() -> IndexCreateStatement {
    index("audit_entry_outside_the_chain", "audit_entry", &["tenant_id"]).and_where(Expr::cust("digest IS NULL")).take()
}

//! Level 3: the chain of the audit log (D-18). Rows get a stream, a digest and a count; links and segments their tables.
//!
//! A program of level 2 would write rows outside the chain, so it is refused. Rows from before this level have no digest
//! until `audit::adopt` takes them into the chain.

use sea_orm::{
    ConditionalStatement, DbBackend, Statement,
    sea_query::{ColumnDef, Expr, Index, IndexCreateStatement, Table, TableAlterStatement, TableCreateStatement},
};

use super::Level;

pub(super) const LEVEL: Level = Level { version: 3, min_reader: 3, statements };

fn statements(backend: DbBackend) -> Vec<Statement> {
    // One column to a statement: SQLite takes no more.
    let columns = [
        add(text("stream").default("actions").take()),
        add(integer("occurrences").default(1).take()),
        add(ColumnDef::new("digest").blob().check(Expr::cust("length(digest) = 32")).take()),
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
        .col(digest("opening").not_null())
        .col(digest("head").not_null())
        .col(digest("closing"))
        .col(ColumnDef::new("kept").boolean().not_null())
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
        .col(digest("hash").not_null())
        .primary_key(Index::create().col("tenant_id").col("segment").col("number"))
        .take()
}

fn by_actor() -> IndexCreateStatement {
    let columns = ["tenant_id", "actor", "at", "id"];
    columns
        .iter()
        .fold(Index::create(), |mut index, column| index.col(*column).take())
        .name("audit_entry_by_actor")
        .table("audit_entry")
        .take()
}

/// What `audit::adopt` looks for at every start: nothing, as a rule.
fn outside_the_chain() -> IndexCreateStatement {
    Index::create()
        .name("audit_entry_outside_the_chain")
        .table("audit_entry")
        .col("tenant_id")
        .and_where(Expr::cust("digest IS NULL"))
        .take()
}

fn add(mut column: ColumnDef) -> TableAlterStatement {
    Table::alter().table("audit_entry").add_column(&mut column).take()
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

fn integer(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

fn digest(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().check(Expr::cust(format!("length({name}) = 32"))).take()
}

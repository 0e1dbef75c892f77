//! Level 6: what people have decided about the estate, and the options of a connection. A program of level 5 does not know
//! either: it listens to whoever is ignored, and looks at platforms as if nobody had chosen anything. It may do so until
//! the log holds what it cannot read; then it is refused.

use sea_orm::{
    DbBackend, Statement,
    sea_query::{Index, Table, TableCreateStatement},
};

use super::{
    Level,
    parts::{add, integer, optional_text, text},
};

pub(super) const LEVEL: Level = Level { version: 6, min_reader: 3, statements };

fn statements(backend: DbBackend) -> Vec<Statement> {
    vec![backend.build(&ignored_machine()), backend.build(&add("connection", optional_text("options")))]
}

/// Machines of which one connection is ignored. A source is ignored once.
fn ignored_machine() -> TableCreateStatement {
    let mut sources = Index::create().name("ignored_machine_by_source").unique().col("tenant_id").col("source").take();
    Table::create()
        .table("ignored_machine")
        .col(text("tenant_id"))
        .col(text("kind"))
        .col(text("control_id"))
        .col(text("source"))
        .col(text("name"))
        .col(optional_text("hostname"))
        .col(text("resource_id"))
        .col(integer("ignored_at"))
        .col(text("ignored_by"))
        .primary_key(Index::create().col("tenant_id").col("kind").col("control_id"))
        .index(&mut sources)
        .take()
}

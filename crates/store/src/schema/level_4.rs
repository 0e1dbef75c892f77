//! Level 4: views that users have saved. A program of level 3 does not know the table and loses nothing by it.

use sea_orm::{
    ConditionalStatement, DbBackend, Statement,
    sea_query::{Expr, Index, IndexCreateStatement, Table, TableCreateStatement},
};

use super::{
    Level,
    parts::{flag, index, integer, of_user, text, uuid},
};

pub(super) const LEVEL: Level = Level { version: 4, min_reader: 3, statements };

fn statements(backend: DbBackend) -> Vec<Statement> {
    vec![backend.build(&saved_view()), backend.build(&one_default()), backend.build(&by_page())]
}

fn saved_view() -> TableCreateStatement {
    let mut names = Index::create()
        .name("saved_view_by_name")
        .unique()
        .col("tenant_id")
        .col("user_id")
        .col("page")
        .col("name_key")
        .take();
    Table::create()
        .table("saved_view")
        .col(text("tenant_id"))
        .col(uuid("id"))
        .col(uuid("user_id"))
        .col(text("page"))
        .col(text("name"))
        .col(text("name_key"))
        .col(text("query"))
        .col(flag("is_shared"))
        .col(flag("is_default"))
        .col(integer("version"))
        .col(integer("created_at"))
        .col(integer("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .index(&mut names)
        .foreign_key(&mut of_user("saved_view_user", "saved_view"))
        .take()
}

/// A page opens with one view, or with none.
fn one_default() -> IndexCreateStatement {
    index("saved_view_one_default", "saved_view", &["tenant_id", "user_id", "page"])
        .unique()
        .and_where(Expr::cust("is_default"))
        .take()
}

fn by_page() -> IndexCreateStatement {
    index("saved_view_by_page", "saved_view", &["tenant_id", "page"])
}

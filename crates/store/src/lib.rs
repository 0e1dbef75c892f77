//! Relational state: entities, migrations and queries on SQLite or PostgreSQL.

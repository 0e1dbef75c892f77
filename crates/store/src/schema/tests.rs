//! Levels from nothing, from each level with data in it, and the refusal of databases from the future.
//!
//! A level's fixture lies in `levels/<version>/`: `schema.sql` is an SQLite database of that level, with which tests of the
//! whole program begin as well; `fill.sql` puts data into it, `queries.sql` is the frozen set of what a program of that level
//! asks, one query a line, and `answers.txt` what it expects. Adding a level means adding such a directory; a released
//! one is never edited.

use std::{fs, path::PathBuf, sync::Arc};

use muster_model::{
    Binding, Evidence, EvidenceKind, Facet, Identity, Incarnation, LogEntry, LogOp, NativeKey, Record, ResourceId,
    ResourceKind, Revision, RulingId, Status, TenantId,
};
use muster_testkit::database::{Database, each};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use super::{LEVELS, Level, SchemaError, bring_up};
use crate::{DatabaseUrl, OpenError, Store, SweepCommit, backend::Backend};

#[test]
fn levels_are_numbered_without_holes_and_each_has_a_fixture() {
    for (expected, level) in (1..).zip(LEVELS) {
        assert_eq!(level.version, expected);
        assert!(level.min_reader <= level.version);
        assert!(fixtures(level).join("answers.txt").exists(), "level {expected} has no fixture");
    }
}

#[tokio::test]
async fn the_schema_is_as_described() {
    each(async |database| {
        let connection = connect(&database).await;
        bring_up(&connection, LEVELS).await.unwrap();
        insta::assert_snapshot!(format!("schema-{database}"), describe(&connection).await);
    })
    .await;
}

#[tokio::test]
async fn a_released_level_is_frozen() {
    // D-15
    for (number, level) in (1..).zip(LEVELS) {
        let database = Database::sqlite();
        let connection = connect(&database).await;
        bring_up(&connection, &LEVELS[..number]).await.unwrap();
        assert_eq!(describe(&connection).await.replace('\n', ";\n"), fixture(level, "schema.sql"), "level {number}");
    }
}

#[tokio::test]
async fn every_level_keeps_what_the_one_before_it_asks() {
    // D-15
    each(async |database| {
        for number in 1..=LEVELS.len() {
            let database = if database.sqlite_file().is_some() { Database::sqlite() } else { Database::postgres() };
            let connection = connect(&database).await;
            bring_up(&connection, &LEVELS[..number]).await.unwrap();
            let level = &LEVELS[number - 1];
            run(&connection, &fixture(level, "fill.sql")).await;
            bring_up(&connection, LEVELS).await.unwrap();
            assert_eq!(ask(&connection, &fixture(level, "queries.sql")).await, fixture(level, "answers.txt"));
        }
    })
    .await;
}

#[tokio::test]
async fn bringing_up_twice_changes_nothing() {
    each(async |database| {
        let connection = connect(&database).await;
        bring_up(&connection, LEVELS).await.unwrap();
        run(&connection, &fixture(&LEVELS[0], "fill.sql")).await;
        bring_up(&connection, LEVELS).await.unwrap();
        assert_eq!(ask(&connection, &fixture(&LEVELS[0], "queries.sql")).await, fixture(&LEVELS[0], "answers.txt"));
    })
    .await;
}

#[tokio::test]
async fn a_level_that_fails_leaves_the_database_as_it_was() {
    fn broken(backend: DbBackend) -> Vec<Statement> {
        ["CREATE TABLE half (id integer)", "CREATE TABLE half (id integer)"]
            .map(|sql| Statement::from_string(backend, sql))
            .into()
    }
    each(async |database| {
        let connection = connect(&database).await;
        bring_up(&connection, LEVELS).await.unwrap();
        let before = describe(&connection).await;
        let next = Level { version: 1000, min_reader: 1, statements: broken };
        let levels: Vec<Level> = LEVELS.iter().copied().chain([next]).collect();
        assert!(matches!(bring_up(&connection, &levels).await, Err(SchemaError::Database(_))));
        assert_eq!(describe(&connection).await, before);
    })
    .await;
}

#[tokio::test]
async fn a_newer_database_is_used_while_it_allows_that() {
    // D-15
    each(async |database| {
        let connection = connect(&database).await;
        bring_up(&connection, LEVELS).await.unwrap();
        run(&connection, "UPDATE schema_version SET version = 1000, min_reader = 1").await;
        let url: DatabaseUrl = database.url().parse().unwrap();
        open(&url).await.unwrap().close().await;
        assert_eq!(ask(&connection, "SELECT CAST(version AS TEXT) FROM schema_version").await, "1000\n");

        run(&connection, "UPDATE schema_version SET min_reader = 999").await;
        let error = open(&url).await.unwrap_err();
        let known = LEVELS.len() as i64;
        assert!(matches!(error, OpenError::Newer { version: 1000, min_reader: 999, known: k, .. } if k == known));
        for part in ["level 1000", "knows level 999", "start the newer version"] {
            assert!(error.to_string().contains(part), "{error}");
        }
    })
    .await;
}

#[tokio::test]
async fn from_the_first_ruling_on_programs_that_know_none_are_refused() {
    // D-15
    refused_from_the_first(&LogOp::RulingWithdrawn { ruling: RulingId(uuid::Uuid::nil()) }).await;
}

#[tokio::test]
async fn from_the_first_fact_on_that_came_with_rulings_programs_that_know_none_are_refused() {
    // D-15: they could not read the log any more.
    let (survivor, absorbed) = (resource("nas"), resource("twin"));
    let evidence = vec![Evidence { kind: EvidenceKind::DevicePath, value: "sda".into() }];
    refused_from_the_first(&LogOp::Joined { survivor, absorbed, evidence, absorbed_first_seen_at: None }).await;
    let record = Record {
        key: NativeKey::new("qemu/100").unwrap(),
        kind: ResourceKind::Vm,
        name: "web".into(),
        status: Status::Online,
        technology: None,
        identity: Identity::default(),
        parent: None,
        links: vec![],
        tags: [].into(),
        facets: vec![Arc::new(Facet::Protection(Box::default()))],
    };
    let binding = Binding {
        resource_id: ResourceId::mint(ResourceKind::Vm, "web"),
        evidence: vec![],
        first_seen_at: jiff::Timestamp::UNIX_EPOCH,
        incarnation: Incarnation::default(),
        origin: None,
    };
    let source = "agent:a".parse().unwrap();
    refused_from_the_first(&LogOp::Observed { source, record: Arc::new(record), binding }).await;
}

fn resource(name: &str) -> ResourceId {
    ResourceId::mint(ResourceKind::PhysicalDisk, name)
}

/// A program of the level before rulings is refused from this entry on, and not before.
async fn refused_from_the_first(op: &LogOp) {
    each(async |database| {
        let url: DatabaseUrl = database.url().parse().unwrap();
        let store = open(&url).await.unwrap();
        let connection = connect(&database).await;
        let before = ask(&connection, "SELECT CAST(min_reader AS TEXT) FROM schema_version").await;
        assert_ne!(before, "6\n");
        let entry = LogEntry { revision: Revision(1), at: jiff::Timestamp::UNIX_EPOCH, op: op.clone() };
        let commit = SweepCommit { entries: vec![entry], ..SweepCommit::default() };
        store.sweep_commit(&TenantId::DEFAULT, &commit).await.unwrap();
        store.close().await;
        let refused = bring_up(&connection, &LEVELS[..5]).await;
        assert!(matches!(refused, Err(SchemaError::Newer { min_reader: 6, known: 5, .. })), "{refused:?}");
        open(&url).await.unwrap().close().await;
    })
    .await;
}

async fn open(url: &DatabaseUrl) -> Result<Store, OpenError> {
    Store::open(url, &muster_runtime::Tasks::new(muster_runtime::Shutdown::new())).await
}

async fn connect(database: &Database) -> DatabaseConnection {
    let url = database.url().parse().unwrap();
    if let Some(file) = database.sqlite_file() {
        crate::sqlite::Turn::take(&file).await.unwrap();
    }
    Backend::new(&url).unwrap().connect_writer().await.unwrap()
}

fn fixtures(level: &Level) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("src/schema/levels/{}", level.version))
}

fn fixture(level: &Level, name: &str) -> String {
    fs::read_to_string(fixtures(level).join(name)).unwrap()
}

/// Runs statements. `{uuid:…}` and `{bytes:…}` stand for values that the engines write differently.
async fn run(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(&literals(sql, connection.get_database_backend())).await.unwrap();
}

fn literals(sql: &str, backend: DbBackend) -> String {
    let mut parts = sql.split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (literal, rest) = part.split_once('}').unwrap();
        out += &match (literal.split_once(':'), backend) {
            (Some(("uuid", uuid)), DbBackend::Sqlite) => format!("X'{}'", uuid.replace('-', "")),
            (Some(("uuid", uuid)), _) => format!("'{uuid}'"),
            (Some(("bytes", hex)), DbBackend::Sqlite) => format!("X'{hex}'"),
            (Some(("bytes", hex)), _) => format!("'\\x{hex}'"),
            _ => format!("{{{literal}}}"),
        };
        out += rest;
    }
    out
}

/// Asks one query a line, each for one column of text; answers line by line.
async fn ask(connection: &DatabaseConnection, queries: &str) -> String {
    let backend = connection.get_database_backend();
    let mut answers = String::new();
    for query in queries.lines().filter(|line| !line.is_empty() && !line.starts_with("--")) {
        let rows = connection.query_all_raw(Statement::from_string(backend, literals(query, backend))).await.unwrap();
        for row in rows {
            answers += &row.try_get_by_index::<String>(0).unwrap();
            answers.push('\n');
        }
    }
    answers
}

async fn describe(connection: &DatabaseConnection) -> String {
    let sqlite = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name";
    let columns = "SELECT table_name || '.' || column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position";
    let constraints = "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1";
    let indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY tablename, indexname";
    match connection.get_database_backend() {
        DbBackend::Sqlite => ask(connection, sqlite).await,
        _ => ask(connection, &[columns, constraints, indexes].join("\n")).await,
    }
}

//! Updates of a whole server: from the data directory of each older level, and the way back.
//!
//! An older data directory is made of one of today: its state database gets the tables and columns of that level, as the
//! store's fixtures have them, and what today's has for them.

use std::{
    fs::{self, DirBuilder, File},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use muster_backup::{LogPart, Marker, Pinned, Source, StateSource};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    backup::{fill, run},
    operations::{doctor, finding, level},
    process::{Server, get, muster, post, serve, token},
};

/// The first level that knows whether a user is disabled.
const DISABLED_USERS: i64 = 2;

#[tokio::test]
async fn an_older_data_directory_is_brought_up_served_and_gone_back_to() {
    // D-15
    let root = tempfile::tempdir().unwrap();
    let today = root.path().join("today");
    fill(&today, &["ada", "brian"]).await;
    run(muster().args(["user", "disable", "brian", "--data-dir"]).arg(&today));
    let admin = token(&today, "admin");
    let before = served(&today, &admin).await;
    let known = level(&today, 0);
    for older in 1..known {
        let place = |name: &str| root.path().join(format!("{name}-{older}"));
        let (data, restored, archive) = (place("data"), place("restored"), place("backup"));
        copy(&today, &data);
        set_back(&data, older);
        let content = rows(&data);
        back_up(&data, &archive);

        check(&served(&data, &admin).await, &before, older);
        assert_eq!(level(&data, 0), known);

        run(muster().args(["restore", "--data-dir"]).arg(&restored).arg(&archive));
        assert_eq!((level(&restored, 0), rows(&restored)), (older, content), "it is where it was");
        check(&served(&restored, &admin).await, &before, older);
    }
}

/// What a server answers with.
struct Picture {
    users: Value,
    tokens: Value,
    resources: Value,
    timeline: Vec<Value>,
}

/// What was there is there, as far as the level had a place for it.
fn check(after: &Picture, before: &Picture, older: i64) {
    // Somebody signs in between.
    let users = |picture: &Picture| match (without(&picture.users, "lastSignInAt"), older < DISABLED_USERS) {
        (users, true) => without(&users, "disabledAt"),
        (users, false) => users,
    };
    assert_eq!(users(after), users(before), "level {older}");
    assert_eq!(after.tokens, before.tokens, "level {older}");
    assert_eq!(after.resources, before.resources, "level {older}");
    // A start adds to it.
    for entry in &before.timeline {
        assert!(after.timeline.contains(entry), "level {older}: {entry} is missing");
    }
}

/// Runs a server on a data directory and asks it.
async fn served(data: &Path, admin: &str) -> Picture {
    let server = Server::from(serve(data).arg("--no-local-agent"));
    let items = async |path: &str| {
        let (status, list) = get(&server, admin, path).await;
        assert_eq!(status, 200, "{path}: {list}");
        list["items"].as_array().unwrap().clone()
    };
    let picture = Picture {
        users: items("/api/users").await.into(),
        tokens: lasting(items("/api/tokens").await),
        resources: named(items("/api/resources").await),
        timeline: items("/api/resources/timeline?limit=200").await,
    };
    assert!(!picture.timeline.is_empty() && picture.resources != json!([]));
    let password = json!({"username": "ada", "password": "correct horse battery"});
    assert_eq!(post(&server, "/api/login", &password).await, 200);
    let report = doctor(data, &[]).unwrap();
    assert_eq!((&report["failures"], &finding(&report, "database")["level"]), (&json!(0), &json!("ok")), "{report:#}");
    run(muster().args(["audit", "verify", "--data-dir"]).arg(data));
    assert!(server.stop().success());
    picture
}

/// Tokens but for those that commands give themselves, without when they were used: this test uses one.
fn lasting(mut tokens: Vec<Value>) -> Value {
    tokens.retain(|token| !token["name"].as_str().unwrap().starts_with("cli-"));
    without(&tokens.into(), "lastUsedAt")
}

fn named(resources: Vec<Value>) -> Value {
    resources.into_iter().map(|row| json!([row["id"], row["kind"], row["name"]])).collect()
}

fn without(items: &Value, field: &str) -> Value {
    let mut items = items.clone();
    for item in items.as_array_mut().unwrap() {
        assert!(item.as_object_mut().unwrap().remove(field).is_some(), "{item} has no {field}");
    }
    items
}

fn copy(from: &Path, to: &Path) {
    DirBuilder::new().mode(0o700).create(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

/// Brings a state database to an older level.
fn set_back(data: &Path, older: i64) {
    let (path, newer) = (data.join("state.db"), data.join("newer.db"));
    fs::rename(&path, &newer).unwrap();
    let database = Connection::open(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    database.execute_batch("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF").unwrap();
    database.execute_batch(&schema(older)).unwrap();
    database.execute("ATTACH ?1 AS newer", [newer.to_str().unwrap()]).unwrap();
    for table in tables(&database) {
        let columns = texts(&database, &format!("SELECT name FROM pragma_table_info('{table}', 'main')")).join(", ");
        let insert = format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}");
        database.execute(&insert, ()).unwrap();
    }
    database.execute("UPDATE schema_version SET version = ?1, min_reader = ?1", [older]).unwrap();
    database.close().unwrap();
    fs::remove_file(newer).unwrap();
}

fn schema(level: i64) -> String {
    let levels = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../store/src/schema/levels");
    fs::read_to_string(levels.join(level.to_string()).join("schema.sql")).unwrap()
}

fn tables(database: &Connection) -> Vec<String> {
    texts(database, "SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name")
}

fn texts(database: &Connection, query: &str) -> Vec<String> {
    let mut query = database.prepare(query).unwrap();
    query.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Every row of a state database.
fn rows(data: &Path) -> Vec<String> {
    let database = Connection::open(data.join("state.db")).unwrap();
    let of = |table: String| {
        let columns = texts(&database, &format!("SELECT 'quote(' || name || ')' FROM pragma_table_info('{table}')"));
        let row = format!("SELECT '{table}: ' || {} FROM {table} ORDER BY 1", columns.join(" || ', ' || "));
        texts(&database, &row)
    };
    tables(&database).into_iter().flat_map(of).collect()
}

/// A backup as the version of that time made it: of the database as it is.
fn back_up(data: &Path, archive: &Path) {
    let history = data.join("history");
    let logs = fs::read_dir(&history).unwrap().map(|entry| entry.unwrap().path());
    let logs = logs.filter(|path| path.extension().is_some_and(|extension| extension == "log"));
    let marker =
        Marker { id: 7, taken_at: Timestamp::UNIX_EPOCH, sweeps: 0, revisions: [].into(), history_through: None };
    let source = Source {
        marker,
        version: "an older one".to_owned(),
        state: StateSource::Sqlite(Pinned::open(&data.join("state.db")).unwrap()),
        history: Pinned::open(&history.join("history.db")).unwrap(),
        logs: logs.map(|path| log_part(&path)).collect(),
        key: None,
    };
    let staged = source.prepare(data).unwrap().stage(|_| true).unwrap();
    staged.write(File::create(archive).unwrap()).unwrap();
}

fn log_part(path: &Path) -> LogPart {
    let file = File::open(path).unwrap();
    let bytes = file.metadata().unwrap().len();
    LogPart { name: path.file_name().unwrap().to_str().unwrap().to_owned(), file, bytes }
}

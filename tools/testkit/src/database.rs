//! Databases for tests: a fresh one for each test, on SQLite and on a real PostgreSQL server.
//!
//! Tests hand the URL to the code under test; nothing here knows what it stores. The PostgreSQL server is private to the
//! test process: started on first use, on a socket in a directory of its own, without durability, and removed with the
//! process, however that ends.

mod postgres;

use std::{
    fmt,
    future::Future,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

pub use postgres::Postgres;

/// An empty database, gone when dropped or when the test process ends.
#[derive(Debug)]
pub struct Database {
    url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Sqlite(TempDir),
    Postgres,
}

impl Database {
    /// A SQLite file that does not exist yet, in a directory of its own.
    ///
    /// # Panics
    /// When no temporary directory can be made.
    pub fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let url = format!("sqlite:{}", directory.path().join("state.db").display());
        Self { url, place: Place::Sqlite(directory) }
    }

    /// An empty database on the process's PostgreSQL server.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    pub fn postgres() -> Self {
        Self { url: Postgres::shared().create_database(), place: Place::Postgres }
    }

    /// What to connect to.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The file, on SQLite.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        match &self.place {
            Place::Sqlite(directory) => Some(Path::join(directory.path(), "state.db")),
            Place::Postgres => None,
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.place {
            Place::Sqlite(_) => "SQLite",
            Place::Postgres => "PostgreSQL",
        })
    }
}

/// Runs a test on an empty database of each engine, one after the other. A failed test's output names the engine last.
///
/// # Panics
/// When PostgreSQL is not installed: a test that is skipped proves nothing.
pub async fn each<Test, Run>(test: Test)
where
    Test: Fn(Database) -> Run,
    Run: Future<Output = ()>,
{
    for database in [Database::sqlite(), Database::postgres()] {
        announce(&database);
        Box::pin(test(database)).await;
    }
}

#[expect(clippy::print_stdout, reason = "test output: the harness shows it where a test fails")]
fn announce(database: &Database) {
    println!("on {database}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_are_fresh_and_apart() {
        let (one, two) = (Database::postgres(), Database::postgres());
        assert_ne!(one.url(), two.url());
        let psql = |url: &str, sql: &str| Postgres::shared().query(url, sql);
        psql(one.url(), "CREATE TABLE only_here (id integer)");
        let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
        assert_eq!(psql(one.url(), tables), "1");
        assert_eq!(psql(two.url(), tables), "0");
    }

    #[tokio::test]
    async fn each_runs_on_both_engines() {
        let seen = std::sync::Mutex::new(vec![]);
        each(async |database| seen.lock().unwrap().push(database.to_string())).await;
        assert_eq!(seen.into_inner().unwrap(), ["SQLite", "PostgreSQL"]);
    }
}

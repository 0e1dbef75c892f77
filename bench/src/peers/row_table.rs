//! A SQLite table with a row for each sample: what most dashboards begin with.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::data::{Hour, Series};

/// The journal is written through to the disk with every transaction, as ours is.
const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE sample (
        resource TEXT NOT NULL,
        metric TEXT NOT NULL,
        at INTEGER NOT NULL,
        value REAL NOT NULL
    ) STRICT;
    CREATE INDEX sample_by_series ON sample (resource, metric, at);";

/// The table and its file.
#[derive(Debug)]
pub(crate) struct RowTable {
    connection: Connection,
}

impl RowTable {
    /// An empty table.
    pub(crate) fn create(directory: &Path) -> Result<Self> {
        let connection = Connection::open(directory.join("rows.db")).context("opening the row table")?;
        connection.execute_batch(SCHEMA).context("creating the row table")?;
        Ok(Self { connection })
    }

    /// Inserts an hour, one transaction a sweep.
    pub(crate) fn insert(&mut self, hour: &Hour) -> Result<()> {
        hour.sweeps().try_for_each(|(at, values)| self.insert_sweep(&hour.series, at, values))
    }

    fn insert_sweep(&mut self, series: &[Series], at: Timestamp, values: &[f64]) -> Result<()> {
        let transaction = self.connection.transaction()?;
        let mut insert = transaction.prepare_cached("INSERT INTO sample VALUES (?1, ?2, ?3, ?4)")?;
        for (series, value) in series.iter().zip(values).filter(|(_, value)| !value.is_nan()) {
            insert.execute(params![series.text, series.metric.as_str(), at.as_millisecond(), value])?;
        }
        drop(insert);
        transaction.commit().context("committing a sweep to the row table")
    }

    /// Closes the table, which empties its journal, and says how long its file is, in bytes.
    pub(crate) fn close(self) -> Result<u64> {
        let path = self.connection.path().context("the row table is a file")?.to_owned();
        self.connection.close().map_err(|(_, error)| error).context("closing the row table")?;
        Ok(fs::metadata(&path).with_context(|| format!("reading the length of {path}"))?.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{DataSet, reference::Reference};

    #[test]
    fn each_known_value_is_a_row() {
        let mut hour = Reference::new(2).next_hour();
        hour.values[0] = f64::NAN;
        let directory = tempfile::tempdir().unwrap();
        let mut table = RowTable::create(directory.path()).unwrap();
        table.insert(&hour).unwrap();
        let count = table.connection.query_one("SELECT count(*) FROM sample", [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count, 2 * 7 * 360 - 1);
        assert!(table.close().unwrap() > 0);
    }
}

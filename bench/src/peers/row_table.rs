//! A SQLite table with a row for each sample: what most dashboards begin with.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use muster_model::ResourceId;
use rusqlite::{Connection, params};

use crate::reference::{Hour, Series};

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

/// One bucket a row: the same columns as our chart has.
const CHART: &str = "
    SELECT metric, at / ?4, avg(value), min(value), max(value) FROM sample
    WHERE resource = ?1 AND at BETWEEN ?2 AND ?3
    GROUP BY metric, at / ?4";

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
    pub(crate) fn insert(&mut self, series: &[Series], hour: &Hour) -> Result<()> {
        hour.sweeps().try_for_each(|sweep| self.insert_sweeps(series, std::iter::once(sweep)))
    }

    /// Inserts an hour in one transaction: to have the rows soon, not to measure how they came.
    pub(crate) fn load(&mut self, series: &[Series], hour: &Hour) -> Result<()> {
        self.insert_sweeps(series, hour.sweeps())
    }

    fn insert_sweeps<'a>(
        &mut self,
        series: &[Series],
        sweeps: impl Iterator<Item = (jiff::Timestamp, &'a [f64])>,
    ) -> Result<()> {
        let transaction = self.connection.transaction()?;
        let mut insert = transaction.prepare_cached("INSERT INTO sample VALUES (?1, ?2, ?3, ?4)")?;
        for (at, values) in sweeps {
            for (series, value) in series.iter().zip(values) {
                insert.execute(params![series.text, series.metric.as_str(), at.as_millisecond(), value])?;
            }
        }
        drop(insert);
        transaction.commit().context("committing a sweep to the row table")
    }

    /// A chart's buckets. Gives back how many there are.
    pub(crate) fn chart(&self, resource: ResourceId, from_ms: i64, to_ms: i64, step_ms: i64) -> Result<usize> {
        let mut statement = self.connection.prepare_cached(CHART)?;
        let bucket = |row: &rusqlite::Row<'_>| {
            let metric: String = row.get(0)?;
            Ok((metric, row.get::<_, i64>(1)?, [row.get::<_, f64>(2)?, row.get(3)?, row.get(4)?]))
        };
        let buckets = statement.query_map(params![resource.to_string(), from_ms, to_ms, step_ms], bucket)?;
        let buckets: Vec<(String, i64, [f64; 3])> = buckets.collect::<rusqlite::Result<_>>()?;
        Ok(std::hint::black_box(buckets).len())
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
    use crate::reference::{METRICS, Reference};

    #[test]
    fn both_ways_to_insert_give_the_same_chart() {
        let mut reference = Reference::new(2);
        let (series, hour) = (reference.series().to_vec(), reference.next_hour());
        let directories = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [mut inserted, mut loaded] =
            directories.each_ref().map(|directory| RowTable::create(directory.path()).unwrap());
        inserted.insert(&series, &hour).unwrap();
        loaded.load(&series, &hour).unwrap();
        let (from, to) = hour.span_ms();
        for table in [&inserted, &loaded] {
            let minutes = table.chart(series[0].resource, from, to, 60_000).unwrap();
            assert_eq!(minutes, METRICS.len() * 60);
        }
        assert!(inserted.close().unwrap() > 0);
    }
}

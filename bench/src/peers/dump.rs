//! A folder of scripts: what a source said lies in a JSON dump, is read whole, and is compared row by row.

use std::collections::HashMap;

use anyhow::{Context, Result};
use muster_model::Record;
use serde::Serialize;
use serde_json::Value;

/// A JSON dump of records.
#[derive(Debug)]
pub(crate) struct Dump(Vec<u8>);

impl Dump {
    /// Writes records down.
    pub(crate) fn of(records: &[impl AsRef<Record> + Serialize]) -> Result<Self> {
        serde_json::to_vec(records).map(Self).context("writing a JSON dump")
    }

    /// Reads it back, each row under its key.
    pub(crate) fn read(&self) -> Result<HashMap<String, Value>> {
        let rows: Vec<Value> = serde_json::from_slice(&self.0).context("reading a JSON dump")?;
        let keyed = rows.into_iter().map(|row| {
            let key = row["key"].as_str().context("a row of a JSON dump has no key")?;
            Ok((key.to_owned(), row))
        });
        keyed.collect()
    }

    /// How many rows differ from an earlier dump, or are not in it.
    pub(crate) fn differences(&self, earlier: &Self) -> Result<usize> {
        let (rows, before) = (self.read()?, earlier.read()?);
        Ok(rows.iter().filter(|(key, row)| before.get(*key) != Some(*row)).count())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use muster_testkit::{EstateSpec, SyntheticEstate};

    use super::*;

    #[test]
    fn a_changed_row_is_found() {
        let report = SyntheticEstate::new(EstateSpec { resources: 30, seed: 1 }).single_report();
        let before = Dump::of(&report.records).unwrap();
        let mut records = report.records;
        Arc::make_mut(&mut records[3]).tags = ["changed".into()].into();
        let after = Dump::of(&records).unwrap();
        assert_eq!(after.read().unwrap().len(), 30);
        assert_eq!(after.differences(&before).unwrap(), 1);
        assert_eq!(after.differences(&after).unwrap(), 0);
    }
}

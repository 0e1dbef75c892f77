//! All that is durable, at one moment: for a backup, which copies it while sweeps go on.
//!
//! A cut holds what is needed and nothing else: a database in a read transaction, and the open files of the sweep log with
//! the length that counts. It copies nothing by itself.

use std::{fs::File, path::PathBuf};

use jiff::Timestamp;
use rusqlite::Connection;

use crate::{
    History,
    error::CutError,
    log::{self, LogError},
    store::StoreError,
};

/// History behind a line: every sweep that was appended before, and none that comes later.
#[derive(Debug)]
pub struct Cut {
    /// Where `history.db` is.
    pub path: PathBuf,
    /// `history.db` in a read transaction.
    pub database: Connection,
    /// Files of the sweep log whose rows the database does not have yet, oldest first.
    pub logs: Vec<CutLog>,
    /// The newest sample that is durable; `None` when there is none.
    pub through: Option<Timestamp>,
}

/// A file of the sweep log.
#[derive(Debug)]
pub struct CutLog {
    /// Its file name.
    pub name: String,
    /// The file. It may be deleted while it is read.
    pub file: File,
    /// How many of its bytes lie behind the line; more may follow while it is read.
    pub bytes: u64,
}

impl History {
    /// The format of `history.db` that this version writes, and the only one that it reads.
    pub const FORMAT: i64 = crate::store::FORMAT;

    /// Draws a line. Sweeps wait for the moment that takes, and not for what is done with it.
    ///
    /// # Errors
    /// When what waits to be logged cannot be, or a file cannot be opened.
    pub fn cut(&self) -> Result<Cut, CutError> {
        let shared = self.shared();
        let mut intake = shared.intake();
        shared.log_pending(&mut intake)?;
        let kept = intake.log.kept().iter();
        let mut logs = kept.map(|(number, bytes)| self.open_log(*number, *bytes)).collect::<Result<Vec<_>, _>>()?;
        // Only now: blocks may be written between the two, and then a file is there that is not needed.
        let (database, flushed) = shared.readers.pin()?;
        logs.retain(|(number, _)| *number > flushed);
        let through = shared.tally().last_durable;
        drop(intake);
        let path = shared.directory.join("history.db");
        Ok(Cut { path, database, logs: logs.into_iter().map(|(_, log)| log).collect(), through })
    }

    fn open_log(&self, number: u64, bytes: u64) -> Result<(u64, CutLog), LogError> {
        let path = log::path(&self.shared().directory, number);
        let file = File::open(&path).map_err(LogError::while_("opening", path))?;
        Ok((number, CutLog { name: log::file_name(number), file, bytes }))
    }
}

impl From<LogError> for CutError {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

impl From<StoreError> for CutError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Read};

    use jiff::SignedDuration;
    use muster_model::{Metric, ResourceId, ResourceKind, SourceId, TenantId};

    use super::*;
    use crate::{Cancel, Options, PlanSamples, Recorded, SeriesQuery, Sync};

    #[test]
    fn what_comes_after_the_line_is_not_in_it() {
        // D-17
        let root = tempfile::tempdir().unwrap();
        let history = open(&root.path().join("a"));
        (0..40).for_each(|sweep| append(&history, sweep));
        history.flush().unwrap();
        (40..50).for_each(|sweep| append(&history, sweep));
        let cut = history.cut().unwrap();
        (50..60).for_each(|sweep| append(&history, sweep));
        // The files of the log go, and blocks are written.
        history.flush().unwrap();
        assert_eq!(cut.through, Some(at(49)));
        let copy = root.path().join("b");
        keep(cut, &copy);
        assert_eq!(recorded(&open(&copy)), (0..50).map(|sweep| (at(sweep), f64::from(sweep))).collect::<Vec<_>>());
        assert_eq!(recorded(&history).len(), 60);
    }

    fn open(directory: &std::path::Path) -> History {
        History::open(directory, Options { sync: Sync::None, ..Options::default() }).unwrap()
    }

    fn at(sweep: u32) -> Timestamp {
        Timestamp::constant(1_800_000_000, 0) + SignedDuration::from_secs(10 * i64::from(sweep))
    }

    fn host() -> ResourceId {
        ResourceId::mint(ResourceKind::Agent, "machine:1")
    }

    fn append(history: &History, sweep: u32) {
        let period = history.period(SignedDuration::from_secs(10));
        let series = [(host(), Metric::Cpu)];
        let plan = history.plan(&TenantId::DEFAULT, &SourceId::local_agent(), period, &series).unwrap();
        let appended = history.append(&[PlanSamples { plan, at: at(sweep), values: &[f64::from(sweep)] }]).unwrap();
        assert_eq!(appended.not_durable, None);
    }

    /// Copies as a backup does, in the simplest way.
    fn keep(cut: Cut, directory: &std::path::Path) {
        fs::create_dir(directory).unwrap();
        let Cut { path: _, database, logs, through: _ } = cut;
        // The transaction goes with the connection's own backup of itself; `VACUUM INTO` needs one of its own.
        let mut target = Connection::open(directory.join("history.db")).unwrap();
        let backup = rusqlite::backup::Backup::new(&database, &mut target).unwrap();
        backup.run_to_completion(100, std::time::Duration::ZERO, None).unwrap();
        for CutLog { name, file, bytes } in logs {
            let mut content = Vec::new();
            file.take(bytes).read_to_end(&mut content).unwrap();
            fs::write(directory.join(name), content).unwrap();
        }
    }

    fn recorded(history: &History) -> Vec<(Timestamp, f64)> {
        let (from, to) = (at(0), at(1000));
        let query = SeriesQuery { tenant: TenantId::DEFAULT, resources: vec![host()], metric: Metric::Cpu, from, to };
        let mut all = Vec::new();
        history.walk(&query, &Cancel::default(), |one| all.push(one)).unwrap();
        let sample = |one| match one {
            Recorded::Sample { at, value } => (at, value),
            Recorded::Bucket { .. } => panic!("everything is new: {one:?}"),
        };
        all.into_iter().map(sample).collect()
    }
}

//! Work in a process of its own: this program starts itself again, so that nothing measured before is in the way.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::rows;

/// The first argument of such a process; the job follows.
pub(crate) const ARGUMENT: &str = "child";

/// What to do there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Job {
    /// Find out what active series take of memory.
    SeriesMemory { series: usize },
    /// Take in an hour of sweeps.
    HourOfSweeps { series: usize },
    /// Find out what a server takes of memory.
    ServerMemory { hosts: usize },
}

/// What was found out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// How many series there were.
    pub(crate) series: u64,
    /// How long it took.
    pub(crate) seconds: f64,
    /// How much memory was taken.
    pub(crate) bytes: u64,
    /// Samples that memory let go of or that were lost, because they came faster than they could be written.
    pub(crate) lost: u64,
}

impl Finding {
    /// A value that was found, which does not count where samples were lost: it is no number then, and reaches no bar.
    pub(crate) fn counted(&self, value: f64) -> f64 {
        if self.lost == 0 { value } else { f64::NAN }
    }
}

/// Has a job done in a process of its own.
pub(crate) fn run(job: &Job) -> Result<Finding> {
    let program = std::env::current_exe().context("finding this program")?;
    let output = Command::new(program).arg(ARGUMENT).arg(serde_json::to_string(job)?).output();
    let output = output.with_context(|| format!("starting a process for {job:?}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the process for {job:?} ended with {}: {said}", output.status);
    serde_json::from_slice(&output.stdout).with_context(|| format!("reading what the process for {job:?} found"))
}

/// Does a job, in such a process. Gives back what to print.
pub(crate) fn work(job: &str) -> Result<String> {
    let found = match serde_json::from_str(job).with_context(|| format!("reading the job `{job}`"))? {
        Job::SeriesMemory { series } => rows::series_memory(series),
        Job::HourOfSweeps { series } => rows::hour_of_sweeps(series),
        Job::ServerMemory { hosts } => rows::server_memory(hosts),
    };
    serde_json::to_string(&found?).context("writing what was found")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_survive_the_command_line() {
        let job = Job::ServerMemory { hosts: 100 };
        let text = serde_json::to_string(&job).unwrap();
        assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
    }

    #[test]
    fn what_lost_samples_reaches_no_bar() {
        let found = |lost| Finding { series: 1, seconds: 2.0, bytes: 3, lost };
        assert_eq!(found(0).counted(2.0), 2.0);
        assert!(found(1).counted(2.0).is_nan());
    }

    #[test]
    fn a_small_job_finds_something() {
        let found: Finding = serde_json::from_str(&work(r#"{"seriesMemory":{"series":500}}"#).unwrap()).unwrap();
        assert_eq!(found.series, 504);
        let found: Finding = serde_json::from_str(&work(r#"{"hourOfSweeps":{"series":500}}"#).unwrap()).unwrap();
        assert!(found.seconds > 0.0 && found.bytes > 0);
        assert!(work("{}").is_err());
    }
}

//! The agent: what one report of this machine costs, beside the shell script that one would write instead.

use std::{process::Command, sync::Arc};

use anyhow::{Context, Result, ensure};
use muster_agent::{Agent, Config};
use muster_model::{SourceId, TenantId};
use muster_runtime::SystemClock;

use crate::{
    result::{Bar, Of, Op, Peer, Row},
    timing::Stopwatch,
};

const RUNS: usize = 200;

/// Prints the numbers that the agent turns into readings, and nothing of what it knows besides.
const SCRIPT: &str = "df -P; cat /proc/stat /proc/meminfo /proc/loadavg /proc/diskstats /proc/net/dev";

/// Wall time of one report once the agent has its baselines, so that rates are part of it.
pub(super) fn one_report(stopwatch: &Stopwatch) -> Result<Row> {
    let clock = Arc::new(SystemClock::new());
    let mut agent = Agent::new(Config::default(), clock, SourceId::local_agent(), TenantId::DEFAULT);
    let report = agent.collect();
    ensure!(!report.records.is_empty(), "the agent saw nothing of this machine");
    let ours = stopwatch.runs(RUNS, || (), |()| agent.collect());
    run_script()?;
    let script = stopwatch.runs(RUNS, || (), |()| run_script());
    Ok(Row {
        id: "agent.report",
        what: "agent: one report of this machine",
        unit: "ms",
        ours: ours.median_milliseconds(),
        peer: Some(Peer { name: "df and cat in a shell", value: script.median_milliseconds() }),
        bar: Some(Bar { op: Op::AtMost, value: 3.0, of: Of::Absolute }),
    })
}

fn run_script() -> Result<()> {
    let output = Command::new("sh").args(["-c", SCRIPT]).output().context("running sh for comparison")?;
    ensure!(!output.stdout.is_empty(), "the script for comparison printed nothing");
    Ok(())
}

//! What a whole server takes of memory after some minutes of sweeps, in a process of its own.

mod hosts;

use std::time::Duration;

use anyhow::{Result, ensure};

use muster_runtime::{Clock, SystemClock};
use tokio::runtime::Runtime;

use self::hosts::{Hosts, RESOURCES_PER_HOST};
use crate::{
    child::{self, Finding, Job},
    data::TICK,
    disk, process,
    result::{Bar, Of, Op, Row},
    site::{self, Site},
    timing::Stopwatch,
};

/// Ten minutes of them.
const SWEEPS: i32 = 60;

const PAUSE: Duration = Duration::from_millis(200);

/// So many pauses in which memory moved by less than a hundredth mean that it has settled.
const QUIET: u32 = 10;

/// It is measured after so many pauses in any case.
const PATIENCE: u32 = 100;

pub(super) fn rows() -> Result<Vec<Row>> {
    Ok(vec![
        row("server.memory.100", "server: resident memory with 100 hosts (40,000 series) after 60 sweeps", 100, 150.0)?,
        row("server.memory.1000", "server: the same with 1,000 hosts (400,000 series)", 1_000, 500.0)?,
    ])
}

fn row(id: &'static str, what: &'static str, hosts: usize, most: f64) -> Result<Row> {
    let found = child::run(&Job::ServerMemory { hosts })?;
    let bar = Some(Bar { op: Op::AtMost, value: most, of: Of::Absolute });
    Ok(Row { id, what, unit: "MB", ours: found.counted(found.bytes as f64 / 1e6), peer: None, bar })
}

/// Runs a server with so many hosts through its sweeps, and finds out what memory it holds.
pub(crate) fn server_memory(hosts: usize) -> Result<Finding> {
    let directory = disk::scratch()?;
    let runtime = site::runtime()?;
    let site = runtime.block_on(Site::start(directory.path()))?;
    let (swept, took) = Stopwatch::start().once(|| runtime.block_on(sweep(&site, hosts)));
    swept?;
    let bytes = settled(&runtime)?;
    let stats = site.history().stats();
    let (series, lost) = (stats.series, super::dropped(&stats));
    ensure!(series >= 400 * hosts as u64, "{series} series are fewer than they should be");
    runtime.block_on(site.stop())?;
    Ok(Finding { series, seconds: took.as_secs_f64(), bytes, lost })
}

async fn sweep(site: &Site, hosts: usize) -> Result<()> {
    let mut hosts = Hosts::new(hosts);
    let first = SystemClock::new().now() - TICK * SWEEPS;
    for sweep in 0..SWEEPS {
        let reports = hosts.next_reports(first + TICK * sweep);
        site.fill(reports, hosts.count() * RESOURCES_PER_HOST).await?;
    }
    Ok(())
}

/// Resident memory once it has come to rest.
fn settled(runtime: &Runtime) -> Result<u64> {
    let clock = SystemClock::new();
    let (mut quiet, mut before) = (0, process::memory()?.resident);
    for _ in 0..PATIENCE {
        runtime.block_on(async { clock.sleep(PAUSE).await });
        let now = process::memory()?.resident;
        quiet = if now.abs_diff(before) < before / 100 { quiet + 1 } else { 0 };
        before = now;
        if quiet >= QUIET {
            break;
        }
    }
    Ok(before)
}

//! Records this machine through the local agent: `muster-bench record SECONDS` writes `bench/data/recorded.csv.gz`.
//!
//! It takes a sample a second, and the data set gives each the length of a tick: ten hours' worth of ticks in one.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use muster_agent::{Agent, Config};
use muster_model::{SourceId, TenantId};
use muster_runtime::{Clock, SystemClock};

use crate::{
    data::{
        recorded,
        recording::{self, Recorder},
    },
    site,
};

const PACE: Duration = Duration::from_secs(1);

/// Records for so many seconds and writes the file.
pub(crate) fn record(seconds: &str) -> Result<()> {
    let seconds: u32 = seconds.parse().context("reading how many seconds to record")?;
    let clock = Arc::new(SystemClock::new());
    let mut agent = Agent::new(Config::default(), clock.clone(), SourceId::local_agent(), TenantId::DEFAULT);
    let runtime = site::runtime()?;
    let mut recorder = Recorder::default();
    // The first report has no rates.
    agent.collect();
    for due in 1..=seconds {
        let wait = (PACE * due).saturating_sub(clock.monotonic());
        runtime.block_on(async { clock.sleep(wait).await });
        recorder.add(&agent.collect());
    }
    let lines = recorder.finish();
    ensure!(!lines.is_empty(), "the agent measured nothing on this machine");
    recording::write(Path::new(recorded::FILE), &lines)
}

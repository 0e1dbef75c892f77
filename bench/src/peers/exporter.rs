//! A poller as exporters for Prometheus are: each interval the list of a cluster, and then the state of each guest that
//! runs, one after the other. It keeps nothing and shows nothing.
//!
//! It runs in a process of its own, with the same HTTP client and the same TLS as ours.

use std::{collections::BTreeSet, process::Command, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use futures::future::join_all;
use muster_outbound::{Limits, Outbound, Request, Target, Trust};
use muster_runtime::{Clock, SystemClock};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{platform::Place, process, site};

/// The first argument of such a process; the job follows.
pub(crate) const ARGUMENT: &str = "exporter";

/// Bytes that an answer may have.
const MOST_BYTES: usize = 64 << 20;

/// Which clusters to poll.
#[derive(Debug, Serialize, Deserialize)]
struct Job {
    clusters: Vec<Place>,
    interval: Duration,
    cycles: u32,
}

/// What it took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// CPU time in seconds of each second.
    pub(crate) cores: f64,
    /// Requests to each cluster in a minute.
    pub(crate) requests_per_minute: f64,
    /// The longest cycle of any cluster, in seconds.
    pub(crate) longest_cycle: f64,
}

/// Polls clusters for so many cycles, in a process of its own.
pub(crate) fn measure(clusters: &[Place], interval: Duration, cycles: u32) -> Result<Cost> {
    let job = serde_json::to_string(&Job { clusters: clusters.to_vec(), interval, cycles })?;
    let program = std::env::current_exe().context("finding this program")?;
    let output = Command::new(program).arg(ARGUMENT).arg(job).output().context("starting the exporter")?;
    ensure!(output.status.success(), "the exporter ended: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("reading what the exporter took")
}

/// Does a job, in such a process. Gives back what to print.
pub(crate) fn run(job: &str) -> Result<String> {
    let Job { clusters, interval, cycles } = serde_json::from_str(job).context("reading what to poll")?;
    let clock = Arc::new(SystemClock::new());
    let (cpu, began) = (process::cpu()?, clock.monotonic());
    let polls = clusters.iter().map(|place| poll(place, interval, cycles, clock.clone()));
    let polled: Result<Vec<_>> = site::runtime()?.block_on(join_all(polls)).into_iter().collect();
    let (polled, took) = (polled?, (clock.monotonic() - began).as_secs_f64());
    let requests: u64 = polled.iter().map(|(requests, _)| requests).sum();
    let cost = Cost {
        cores: (process::cpu()? - cpu).as_secs_f64() / took,
        requests_per_minute: requests as f64 / clusters.len() as f64 / took * 60.0,
        longest_cycle: polled.iter().map(|(_, longest)| longest.as_secs_f64()).fold(0.0, f64::max),
    };
    serde_json::to_string(&cost).context("writing what it took")
}

async fn poll(place: &Place, interval: Duration, cycles: u32, clock: Arc<SystemClock>) -> Result<(u64, Duration)> {
    let client = Client::of(place, clock.clone())?;
    let (mut requests, mut longest) = (0, Duration::ZERO);
    for _ in 0..cycles {
        let began = clock.monotonic();
        let list = client.get("/cluster/resources").await?;
        let guests = list["data"].as_array().context("a list of resources is none")?;
        requests += 1;
        for guest in guests.iter().filter(|row| row["vmid"].is_u64() && row["status"] == "running") {
            let (node, id) = (guest["node"].as_str().unwrap_or_default(), guest["id"].as_str().unwrap_or_default());
            client.get(&format!("/nodes/{node}/{id}/status/current")).await?;
            requests += 1;
        }
        let took = clock.monotonic() - began;
        longest = longest.max(took);
        clock.sleep(interval.saturating_sub(took)).await;
    }
    Ok((requests, longest))
}

struct Client {
    outbound: Outbound,
    base: String,
    authorization: String,
}

impl Client {
    fn of(place: &Place, clock: Arc<SystemClock>) -> Result<Self> {
        let pins: Result<BTreeSet<_>, _> = place.pins.iter().map(|pin| pin.parse()).collect();
        let trust = Trust::PinnedAny { pins: pins.context("reading a pin")? };
        let limits = Limits { idle: Duration::from_secs(4), ..Limits::default() };
        let (token, secret) = &place.token;
        Ok(Self {
            outbound: Outbound::new(limits, trust, clock)?,
            base: format!("{}/api2/json", place.endpoints[0]),
            authorization: format!("PVEAPIToken={token}={secret}"),
        })
    }

    async fn get(&self, path: &str) -> Result<Value> {
        let target: Target = format!("{}{path}", self.base).parse()?;
        let authorization = self.authorization.parse().context("writing a header")?;
        let request = Request::get(target).packed().header(hyper::header::AUTHORIZATION, authorization);
        let body = self.outbound.send(request).await?.unpacked(MOST_BYTES).await?;
        serde_json::from_slice(&body).with_context(|| format!("reading the answer to {path}"))
    }
}

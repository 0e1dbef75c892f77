//! Fifty clusters of 200 guests at 10 s. Of the clusters, one in twenty is dead and one in twenty slow.

use std::time::Duration;

use anyhow::{Context, Result};

use super::{INTERVAL, Punctuality, connect, connections, now, wait_until};
use crate::{
    disk,
    peers::exporter::{self, Cost},
    platform::{Condition, Place, Platform, Requests, Wanted},
    program::Program,
    result::{Bar, Of, Op, Peer, Row},
};

const CLUSTERS: usize = 50;
const NODES: usize = 4;
const GUESTS: usize = 200;

/// The clusters that are not well, 5 % dead and 5 % slow, and some whose preferred entry point is gone. The others are.
const UNWELL: [Condition; 9] = [
    Condition::Refuses,
    Condition::Silent,
    Condition::Silent,
    Condition::Slow(3.0),
    Condition::Slow(4.0),
    Condition::Slow(5.0),
    Condition::FirstNodeGone,
    Condition::FirstNodeGone,
    Condition::FirstNodeGone,
];

/// Until all that is looked at rarely was looked at once.
const WARM_UP: Duration = Duration::from_secs(120);

/// How long is measured, in seconds, unless said otherwise: each guest's agent is asked at least once in it.
const WINDOW: u64 = 180;

/// Says otherwise.
const WINDOW_VARIABLE: &str = "MUSTER_BENCH_WINDOW_SECONDS";

/// Cycles of the exporter.
const PEER_CYCLES: u32 = 3;

const PATIENCE: Duration = Duration::from_secs(180);

pub(in crate::rows) fn fifty_clusters() -> Result<Vec<Row>> {
    let directory = disk::scratch()?;
    let wanted = |place: usize| {
        let condition = UNWELL.get(place).copied().unwrap_or(Condition::Well);
        Wanted { nodes: NODES, guests: GUESTS, condition }
    };
    let mut platform = Platform::start(&(0..CLUSTERS).map(wanted).collect::<Vec<_>>())?;
    let program = Program::start(directory.path())?;
    let clusters = platform.clusters.clone();
    connect(&program, &clusters)?;
    let answering = clusters.iter().filter(|place| answers(place.condition)).count();
    wait_until(&program, PATIENCE, || Ok(succeeded(&program)? == answering)).context("waiting for first reports")?;
    program.pass(WARM_UP);
    let found = measure(&program, &mut platform, window()?)?;
    let memory = program.memory()?;
    drop(program);
    let well: Vec<Place> = clusters.into_iter().filter(|place| place.condition == Condition::Well).collect();
    let peer = exporter::measure(&well, INTERVAL, PEER_CYCLES)?;
    Ok(rows(&found, answering, memory.peak, peer))
}

/// What was found in a window.
struct Found {
    seconds: f64,
    cpu_seconds: f64,
    simulation_seconds: f64,
    punctuality: Punctuality,
    /// Requests to clusters that are well.
    requests: Requests,
    well: usize,
}

impl Found {
    fn per_cluster_and_minute(&self, requests: u64) -> f64 {
        requests as f64 / self.well as f64 / self.seconds * 60.0
    }
}

fn measure(program: &Program, platform: &mut Platform, window: Duration) -> Result<Found> {
    let (requests, punctuality) = (platform.requests()?, Punctuality::of(program)?);
    let (began, cpu, simulation) = (now(), program.cpu()?, platform.cpu()?);
    program.pass(window);
    let seconds = now().duration_since(began).as_secs_f64();
    let (cpu, simulation) = (program.cpu()? - cpu, platform.cpu()? - simulation);
    let punctuality = Punctuality::of(program)?.since(&punctuality);
    let after = platform.requests()?;
    let well = |place: &usize| platform.clusters[*place].condition == Condition::Well;
    let places: Vec<usize> = (0..platform.clusters.len()).filter(well).collect();
    let mut added = Requests::new();
    for place in &places {
        for (call, count) in &after[*place] {
            let before = requests[*place].get(call).copied().unwrap_or_default();
            *added.entry(call.clone()).or_default() += count - before;
        }
    }
    Ok(Found {
        seconds,
        cpu_seconds: cpu.as_secs_f64(),
        simulation_seconds: simulation.as_secs_f64(),
        punctuality,
        requests: added,
        well: places.len(),
    })
}

fn rows(found: &Found, answering: usize, peak: u64, peer: Cost) -> Vec<Row> {
    let absolute = |value| Some(Bar { op: Op::AtMost, value, of: Of::Absolute });
    let row = |id, what, unit, ours, bar| Row { id, what, unit, ours, peer: None, bar };
    let beside = |value| Some(Peer { name: "a poller that asks for each guest", value });
    let Punctuality { lag, delivery, .. } = &found.punctuality;
    let planned = answering as f64 * found.seconds / INTERVAL.as_secs_f64();
    let missed = (1.0 - delivery.count() as f64 / planned).max(0.0) * 100.0;
    let lists = found.requests.get("/cluster/resources").copied().unwrap_or_default();
    let all = found.requests.values().sum();
    vec![
        Row {
            peer: beside(peer.cores),
            ..row(
                "proxmox.cpu",
                "Proxmox VE: CPU with 50 clusters × 200 guests at 10 s, 5 % dead, 5 % slow",
                "cores",
                found.cpu_seconds / found.seconds,
                absolute(1.0),
            )
        },
        row(
            "proxmox.lag",
            "Proxmox VE: 99 % of looks began no later than this, dead and slow clusters included",
            "s",
            lag.at_most(0.99),
            absolute(7.5),
        ),
        row(
            "proxmox.delivery",
            "Proxmox VE: 99 % of reports were seen no later than this after their moment, slow clusters included",
            "s",
            delivery.at_most(0.99),
            absolute(7.5),
        ),
        row("proxmox.missed", "Proxmox VE: reports that did not come", "%", missed, absolute(1.0)),
        Row {
            peer: beside(peer.requests_per_minute),
            ..row(
                "proxmox.requests",
                "Proxmox VE: requests to a cluster of 200 guests in a minute",
                "1/min",
                found.per_cluster_and_minute(all),
                Some(Bar { op: Op::AtMost, value: 1.0, of: Of::Peer }),
            )
        },
        row(
            "proxmox.lists",
            "Proxmox VE: of those, lists of everything",
            "1/min",
            found.per_cluster_and_minute(lists),
            absolute(6.5),
        ),
        row("proxmox.memory", "Proxmox VE: peak memory with 10,000 guests", "MB", peak as f64 / 1e6, absolute(500.0)),
        row(
            "proxmox.simulation",
            "Proxmox VE: CPU of the simulated clusters meanwhile",
            "cores",
            found.simulation_seconds / found.seconds,
            None,
        ),
    ]
}

fn answers(condition: Condition) -> bool {
    match condition {
        Condition::Well | Condition::FirstNodeGone | Condition::Slow(_) => true,
        Condition::Refuses | Condition::Silent => false,
    }
}

/// How many connections have worked at least once.
fn succeeded(program: &Program) -> Result<usize> {
    Ok(connections(program)?.iter().filter(|connection| connection.poll.last_success_at.is_some()).count())
}

fn window() -> Result<Duration> {
    let Ok(said) = std::env::var(WINDOW_VARIABLE) else { return Ok(Duration::from_secs(WINDOW)) };
    let seconds = said.parse().with_context(|| format!("reading {WINDOW_VARIABLE}, a number of seconds"))?;
    Ok(Duration::from_secs(seconds))
}

//! The remote is killed, again and again, while samples flow: nothing is lost and nothing is there twice (D-30).
//!
//! `MUSTER_SOAK_ROUNDS` sets how often.

use std::time::Duration;

use muster_model::Metric;
use muster_remote::{Batch, Dropped, Position};
use muster_runtime::{Clock, Entropy, SystemClock};

use crate::{
    oracle::{self, Held, PERIOD_MS, an_hour_ago, everything, expected, series, vm},
    server::{Program, Server},
};

const METRICS: [Metric; 2] = [Metric::Cpu, Metric::MemoryUsed];
const RESOURCES: usize = 50;

/// Samples of a series in one batch.
const SAMPLES: i64 = 2;

/// Batches that are shipped between two kills.
const BATCHES: i64 = 2;

/// About as long as a batch takes: a kill comes within this time after one was confirmed.
const BATCH_TAKES: Duration = Duration::from_millis(60);

#[tokio::test]
async fn victoria_metrics_may_be_killed_at_any_moment() {
    let (batches, seed) = (batches(), seed());
    println!("seed {seed}");
    let server = survives(Program::VictoriaMetrics, &batches, seed).await;
    for metric in METRICS {
        let once = batches.len() * RESOURCES * SAMPLES as usize;
        assert_eq!(exported(&server, metric).await, once, "{metric}: copies");
    }
}

#[tokio::test]
async fn prometheus_may_be_killed_at_any_moment() {
    let seed = seed();
    println!("seed {seed}");
    survives(Program::PROMETHEUS, &batches(), seed).await;
}

/// Ships while the server is killed and restarted, and compares what is there in the end with what was in the queue.
async fn survives(program: Program, batches: &[Batch], seed: u64) -> Server {
    let entropy = Entropy::seeded(seed);
    let mut server = Server::start(program).await;
    let status = oracle::ship(batches, &mut server, async |server, status| {
        for round in 0..rounds() {
            status.wait_for(|status| status.confirmed >= Some(Position(round * BATCHES))).await.unwrap();
            SystemClock::new().sleep(BATCH_TAKES.mul_f64(entropy.fraction())).await;
            server.kill();
            server.restart().await;
        }
    });
    let (status, sent) = (status.await, batches.len() * METRICS.len() * RESOURCES * SAMPLES as usize);
    assert_eq!((status.shipped, status.dropped), (sent as u64, Dropped::default()));
    // What was confirmed is on disk there.
    server.kill();
    server.restart().await;
    let mut held = Held::new();
    for metric in METRICS {
        held.extend(oracle::held(&server, metric, everything()).await);
    }
    assert_eq!(held, expected(batches));
    server
}

fn seed() -> u64 {
    u64::from_le_bytes(Entropy::system().bytes())
}

fn rounds() -> i64 {
    std::env::var("MUSTER_SOAK_ROUNDS").map_or(10, |rounds| rounds.parse().unwrap())
}

/// How many samples the server holds of a metric, copies counted.
async fn exported(server: &Server, metric: Metric) -> usize {
    let lines = server.get(&format!("/api/v1/export?match[]={}", metric.exposition_name())).await.unwrap();
    let line = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
    lines.lines().map(|text| line(text)["values"].as_array().unwrap().len()).sum()
}

fn batches() -> Vec<Batch> {
    let batch = |number: i64| {
        let from_ms = an_hour_ago() + number * SAMPLES * PERIOD_MS;
        let values = |resource: usize| [0, 1].map(|at| (resource as i64 * 1_000_000 + number * SAMPLES + at) as f64);
        let one = |at: usize| METRICS.map(|metric| series(metric, vm(at), from_ms, &values(at)));
        Batch { position: Position(number), series: (0..RESOURCES).flat_map(one).collect() }
    };
    (0..=rounds() * BATCHES).map(batch).collect()
}

//! What comes back is what was sent, bit for bit where the server stores bits.

use muster_model::{Metric, Precision};
use muster_remote::{Batch, Dropped, Position};
use muster_runtime::Entropy;

use crate::{
    oracle::{self, Held, PERIOD_MS, an_hour_ago, everything, expected, series, vm},
    server::{Program, Server},
};

/// Values at the edges of what a double can be.
const EDGES: [f64; 14] = [
    0.0,
    -0.0,
    1e300,
    -1e300,
    5e-324,
    f64::MIN_POSITIVE,
    f64::MAX,
    f64::MIN,
    f64::EPSILON,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.1,
    1.0 / 3.0,
    9_007_199_254_740_993.0,
];

#[tokio::test]
async fn prometheus_returns_every_double_bit_for_bit() {
    let mut server = Server::start(Program::PROMETHEUS).await;
    let random = random_doubles(3_000);
    let values: Vec<f64> = EDGES.iter().copied().chain(random).collect();
    let all: Vec<_> =
        values.chunks(300).enumerate().map(|(n, values)| series(Metric::NetIn, vm(n), an_hour_ago(), values)).collect();
    let batches = [Batch { position: Position(1), series: all }];
    let status = oracle::ship_in_peace(&batches, &mut server).await;
    assert_eq!(status.shipped, values.len() as u64);
    assert_eq!(oracle::held(&server, Metric::NetIn, everything()).await, expected(&batches));
}

#[tokio::test]
async fn both_return_what_our_metrics_hold() {
    for program in Program::BOTH {
        let mut server = Server::start(program).await;
        let all =
            Metric::ALL.iter().map(|metric| series(*metric, vm(0), an_hour_ago(), &likely(*metric, 200))).collect();
        let batches = [Batch { position: Position(1), series: all }];
        let status = oracle::ship_in_peace(&batches, &mut server).await;
        assert_eq!(status.dropped, Dropped::default());
        let mut held = Held::new();
        for metric in Metric::ALL {
            held.extend(oracle::held(&server, *metric, everything()).await);
        }
        assert_eq!(held, expected(&batches), "{:?}", server.program());
    }
}

#[tokio::test]
async fn a_gap_begins_with_a_marker_that_is_no_value() {
    for program in Program::BOTH {
        let mut server = Server::start(program).await;
        let start = an_hour_ago();
        let mut with_gap = series(Metric::Cpu, vm(0), start, &[1.5, 2.5, 3.5]);
        // Five periods pass between the second sample and the third.
        with_gap.samples[2].at_ms = start + 6 * PERIOD_MS;
        with_gap.samples[2].gap_before = Some(start + PERIOD_MS);
        let batches = [Batch { position: Position(1), series: vec![with_gap] }];
        oracle::ship_in_peace(&batches, &mut server).await;
        assert_eq!(oracle::held(&server, Metric::Cpu, everything()).await, expected(&batches));
        // Without a marker, the value of before the gap would be drawn into it.
        let mut shown = vec![];
        for period in 0..7 {
            shown.push(shows_a_value(&server, start + period * PERIOD_MS).await);
        }
        assert_eq!(shown, [true, true, false, false, false, false, true], "{:?}", server.program());
    }
}

async fn shows_a_value(server: &Server, at_ms: i64) -> bool {
    let time = (at_ms / 1000).to_string();
    let answer =
        server.get(&format!("/api/v1/query?query={}&time={time}", Metric::Cpu.exposition_name())).await.unwrap();
    answer.contains("\"value\"")
}

fn random_doubles(count: usize) -> Vec<f64> {
    let entropy = Entropy::seeded(11);
    let bits = std::iter::repeat_with(|| f64::from_bits(u64::from_le_bytes(entropy.bytes())));
    bits.filter(|value| !value.is_nan()).take(count).collect()
}

/// Values as history stores them: of the size that the metric has, at the metric's precision.
fn likely(metric: Metric, count: usize) -> Vec<f64> {
    let entropy = Entropy::seeded(metric.code().into());
    let value = || match metric.precision() {
        Precision::Exact => (entropy.fraction() * 1e9).floor(),
        Precision::Decimal { .. } => entropy.fraction() * 400.0,
        Precision::Step { .. } => 10f64.powf(entropy.fraction() * 15.0),
        Precision::Significant { .. } => 10f64.powf(entropy.fraction() * 12.0 - 2.0),
    };
    (0..count).map(|_| metric.precision().apply(value())).collect()
}

//! A server that takes no older samples: they are left out and counted, and everything else arrives.

use muster_model::Metric;
use muster_remote::{Batch, Dropped, Position};

use crate::{
    oracle::{self, Held, PERIOD_MS, an_hour_ago, everything, expected, series, vm},
    server::{Program, Server},
};

#[tokio::test]
async fn prometheus_takes_nothing_out_of_order_by_default() {
    let batches = [first(), with_late_samples()];
    let mut server = Server::start(Program::PROMETHEUS).await;
    let status = oracle::ship_in_peace(&batches, &mut server).await;
    assert_eq!(status.dropped, Dropped { refused: 3, ..Dropped::default() });
    // Of the second batch, only what is newer than the first is there.
    let mut second = with_late_samples();
    second.series.iter_mut().for_each(|series| series.samples.retain(|sample| sample.at_ms > newest_of_first()));
    assert_eq!(oracle::held(&server, Metric::Cpu, everything()).await, expected(&[first(), second]));
}

#[tokio::test]
async fn prometheus_takes_older_samples_within_its_window() {
    let program = Program::Prometheus { out_of_order: Some("30m"), query_samples: 50_000_000 };
    let batches = [first(), with_late_samples(), far_too_old()];
    let mut server = Server::start(program).await;
    let status = oracle::ship_in_peace(&batches, &mut server).await;
    assert_eq!(status.dropped, Dropped { refused: 2, ..Dropped::default() });
    assert_eq!(held(&server).await, expected(&[first(), with_late_samples()]));
}

#[tokio::test]
async fn a_queue_that_was_set_back_drops_nothing() {
    // Everything is refused, because everything is there.
    let batches = [first(), Batch { position: Position(2), ..first() }];
    for program in Program::BOTH {
        let mut server = Server::start(program).await;
        let status = oracle::ship_in_peace(&batches, &mut server).await;
        assert_eq!(status.dropped, Dropped::default(), "{:?}", server.program());
        assert_eq!(held(&server).await, expected(&[first()]));
    }
}

#[tokio::test]
async fn what_victoria_metrics_takes_and_does_not_keep_is_counted() {
    let mut beyond_retention = far_too_old();
    beyond_retention.series[0].samples.iter_mut().for_each(|sample| sample.at_ms -= 400 * 86_400_000);
    let mut server = Server::start(Program::VictoriaMetrics).await;
    let status = oracle::ship_in_peace(&[first(), beyond_retention], &mut server).await;
    assert_eq!(status.dropped, Dropped { not_kept: 2, ..Dropped::default() });
}

async fn held(server: &Server) -> Held {
    oracle::held(server, Metric::Cpu, everything()).await
}

fn first() -> Batch {
    let series = (0..3).map(|at| series(Metric::Cpu, vm(at), an_hour_ago(), &[1.5; 10])).collect();
    Batch { position: Position(1), series }
}

fn newest_of_first() -> i64 {
    an_hour_ago() + 9 * PERIOD_MS
}

/// Three samples of the first resource that lie between older ones, before new samples of all.
fn with_late_samples() -> Batch {
    let mut all: Vec<_> =
        (0..3).map(|at| series(Metric::Cpu, vm(at), newest_of_first() + PERIOD_MS, &[2.5, 3.5])).collect();
    let late = series(Metric::Cpu, vm(0), an_hour_ago() + 5, &[7.5, 8.5, 9.5]);
    all[0].samples.splice(0..0, late.samples);
    Batch { position: Position(2), series: all }
}

fn far_too_old() -> Batch {
    let series = series(Metric::Cpu, vm(0), an_hour_ago() - 24 * 3_600_000, &[1.5, 2.5]);
    Batch { position: Position(3), series: vec![series] }
}

//! Reading back: in pieces that the server accepts, as long as somebody wants it, and in buckets.

use std::{num::NonZeroU32, ops::ControlFlow};

use muster_model::{Metric, TenantId};
use muster_remote::{Batch, Position, Question, Reader, Resources, Span};

use crate::{
    oracle::{self, PERIOD_MS, an_hour_ago, everything, expected, series, vm},
    server::{Program, Server, remote},
};

#[tokio::test]
async fn a_span_that_is_too_much_is_read_in_shorter_ones() {
    let program = Program::Prometheus { out_of_order: None, query_samples: 300 };
    let mut server = Server::start(program).await;
    let batches = [batch(20)];
    oracle::ship_in_peace(&batches, &mut server).await;
    assert_eq!(oracle::held(&server, Metric::Cpu, everything()).await, expected(&batches));
}

#[tokio::test]
async fn only_the_resources_and_the_span_that_are_asked_for_come_back() {
    for program in Program::BOTH {
        let mut server = Server::start(program).await;
        oracle::ship_in_peace(&[batch(3)], &mut server).await;
        let span = Span { from_ms: an_hour_ago() + PERIOD_MS, to_ms: an_hour_ago() + 3 * PERIOD_MS };
        let question = about(vec![vm(1), vm(2), vm(77)], span);
        let mut found = vec![];
        let reader = Reader::new(remote(&server));
        let read = reader.raw(&question, |samples| {
            found.extend(samples);
            ControlFlow::Continue(())
        });
        assert!(read.await.unwrap().is_continue());
        let times: Vec<_> = found.iter().map(|(id, s)| (*id, s.iter().map(|one| one.at_ms).collect())).collect();
        let both = vec![span.from_ms, span.from_ms + PERIOD_MS];
        let mut all = [(vm(1), both.clone()), (vm(2), both)];
        all.sort();
        assert_eq!(times, all, "{:?}", server.program());
    }
}

#[tokio::test]
async fn buckets_are_ours() {
    for program in Program::BOTH {
        let mut server = Server::start(program).await;
        oracle::ship_in_peace(&[batch(1)], &mut server).await;
        let reader = Reader::new(remote(&server));
        let minute = NonZeroU32::new(60_000).unwrap();
        let buckets = reader.buckets(&about(vec![vm(0)], everything()), minute).await.unwrap();
        let counts: u64 = buckets[&vm(0)].iter().map(|bucket| bucket.count).sum();
        assert_eq!(counts, 60);
        let full = buckets[&vm(0)].iter().find(|bucket| bucket.count == 6).unwrap();
        let first = ((full.from_ms - an_hour_ago()) / PERIOD_MS) as f64;
        assert_eq!((full.min, full.max, full.last), (first, first + 5.0, first + 5.0));
        assert_eq!(full.sum, 6.0 * first + 15.0);
    }
}

#[tokio::test]
async fn reading_ends_when_nobody_wants_more() {
    let mut server = Server::start(Program::VictoriaMetrics).await;
    oracle::ship_in_peace(&[batch(1)], &mut server).await;
    // Years, and so many pieces.
    let span = Span { from_ms: an_hour_ago() - 3 * 365 * 86_400_000, ..everything() };
    let mut pieces = 0;
    let question = about(vec![vm(0)], span);
    let reader = Reader::new(remote(&server));
    let read = reader.raw(&question, |_| {
        pieces += 1;
        ControlFlow::Break(())
    });
    assert!(read.await.unwrap().is_break());
    assert_eq!(pieces, 1);
}

/// Ten minutes of some resources, each value its own number.
fn batch(resources: usize) -> Batch {
    let values: Vec<f64> = (0..60).map(f64::from).collect();
    let all = (0..resources).map(|at| series(Metric::Cpu, vm(at), an_hour_ago(), &values));
    Batch { position: Position(1), series: all.collect() }
}

fn about(resources: Vec<muster_model::ResourceId>, span: Span) -> Question {
    Question { tenant: TenantId::DEFAULT, metric: Metric::Cpu, resources: Resources::These(resources), span }
}

//! A queue that knows everything it ever handed out, and what a remote must hold in the end.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::ControlFlow,
    sync::{Arc, LazyLock},
};

use muster_model::{Metric, ResourceId, ResourceKind, TenantId};
use muster_remote::{
    Batch, Feed, FeedError, FeedSample, FeedSeries, Pace, Position, Question, Reader, Resources, Shipper, Shipping,
    Span, Status,
};
use muster_runtime::{Clock, Entropy, Shutdown, SystemClock};

use crate::{
    clock::FastClock,
    server::{Server, remote},
};

/// The time between two samples of a series.
pub(crate) const PERIOD_MS: i64 = 10_000;

/// Value bits by series and time.
pub(crate) type Held = BTreeMap<(Metric, ResourceId), BTreeMap<i64, u64>>;

/// Batches that are handed out until they are confirmed.
#[derive(Debug)]
pub(crate) struct Queue(VecDeque<Batch>);

impl Queue {
    pub(crate) fn of(batches: &[Batch]) -> Self {
        Self(batches.to_vec().into())
    }
}

impl Feed for Queue {
    fn next(&mut self, _: usize) -> Result<Option<Batch>, FeedError> {
        Ok(self.0.front().cloned())
    }

    fn confirm(&mut self, position: Position) -> Result<(), FeedError> {
        let confirmed = self.0.pop_front().map(|batch| batch.position);
        assert_eq!(confirmed, Some(position), "only what was handed out is confirmed");
        Ok(())
    }
}

/// Ships batches to a server while something happens to it, until all of them are confirmed and it has happened.
pub(crate) async fn ship(
    batches: &[Batch],
    server: &mut Server,
    meanwhile: impl AsyncFnOnce(&mut Server, &mut tokio::sync::watch::Receiver<Status>),
) -> Status {
    let clock = Arc::new(FastClock::new(Some(server.settling())));
    let shipper = Shipper::new(Pace { request_samples: 50, ..Pace::default() }, Arc::new(Entropy::seeded(3)));
    let (shipping, mut status) = Shipping::new(Box::new(Queue::of(batches)), remote(server), shipper, clock);
    let (shutdown, last) = (Shutdown::new(), batches.last().unwrap().position);
    let end = async {
        meanwhile(server, &mut status).await;
        let done = status.wait_for(|status| status.confirmed == Some(last)).await.unwrap().clone();
        shutdown.begin();
        done
    };
    tokio::join!(end, shipping.run(shutdown.clone())).0
}

/// Ships batches to a server that is left in peace.
pub(crate) async fn ship_in_peace(batches: &[Batch], server: &mut Server) -> Status {
    ship(batches, server, async |_, _| {}).await
}

/// What a remote that takes everything holds after these batches.
pub(crate) fn expected(batches: &[Batch]) -> Held {
    let mut held = Held::new();
    for series in batches.iter().flat_map(|batch| &batch.series) {
        let values = series.samples.iter().map(|sample| (sample.at_ms, sample.value.to_bits()));
        held.entry((series.metric, series.resource)).or_default().extend(values);
    }
    held
}

/// What the server holds of a metric, through the reader.
pub(crate) async fn held(server: &Server, metric: Metric, span: Span) -> Held {
    let question = Question { tenant: TenantId::DEFAULT, metric, resources: Resources::All, span };
    let mut held = Held::new();
    let all = Reader::new(remote(server))
        .raw(&question, |samples| {
            for (resource, samples) in samples {
                let of_series = held.entry((metric, resource)).or_default();
                for sample in samples {
                    let twice = of_series.insert(sample.at_ms, sample.value.to_bits());
                    assert_eq!(twice, None, "the reader brings {resource} at {} twice", sample.at_ms);
                }
            }
            ControlFlow::Continue(())
        })
        .await
        .unwrap();
    assert!(all.is_continue());
    held
}

/// A full ten seconds, an hour before these tests began: what a server takes that knows nothing newer.
pub(crate) fn an_hour_ago() -> i64 {
    static MOMENT: LazyLock<i64> = LazyLock::new(|| {
        let now = SystemClock::new().now().as_millisecond();
        (now - 3_600_000).div_euclid(PERIOD_MS) * PERIOD_MS
    });
    *MOMENT
}

/// The span of everything that these tests write.
pub(crate) fn everything() -> Span {
    let hour = 3_600_000;
    Span { from_ms: an_hour_ago() - 48 * hour, to_ms: an_hour_ago() + 2 * hour }
}

pub(crate) fn vm(number: usize) -> ResourceId {
    ResourceId::mint(ResourceKind::Vm, &number.to_string())
}

/// One series of samples at the period, without gaps.
pub(crate) fn series(metric: Metric, resource: ResourceId, from_ms: i64, values: &[f64]) -> FeedSeries {
    let times = (from_ms..).step_by(PERIOD_MS as usize);
    let samples = times.zip(values).map(|(at_ms, value)| FeedSample { at_ms, value: *value, gap_before: None });
    FeedSeries { tenant: TenantId::DEFAULT, resource, metric, period_ms: PERIOD_MS, samples: samples.collect() }
}

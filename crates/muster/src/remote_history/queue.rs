//! History as the queue that samples are shipped from.

use std::sync::Arc;

use jiff::Timestamp;
use muster_history::{History, Parcel, ParcelSample};
use muster_remote::{Batch, Feed, FeedError, FeedSample, FeedSeries, Position};
use muster_runtime::Clock;
use tokio::sync::watch;

/// History as the queue.
pub(super) struct Queue {
    history: History,
    clock: Arc<dyn Clock>,
    confirmed_at: watch::Sender<Option<Timestamp>>,
}

impl Queue {
    /// The receiver holds when something was last confirmed.
    pub(super) fn new(history: History, clock: Arc<dyn Clock>) -> (Self, watch::Receiver<Option<Timestamp>>) {
        let (confirmed_at, receiver) = watch::channel(None);
        (Self { history, clock, confirmed_at }, receiver)
    }
}

impl Feed for Queue {
    fn next(&mut self, most: usize) -> Result<Option<Batch>, FeedError> {
        let parcel = self.history.parcel(most);
        Ok(parcel.map_err(|error| FeedError::new("reading what is to be shipped", error))?.map(batch))
    }

    fn confirm(&mut self, position: Position) -> Result<(), FeedError> {
        let noted = self.history.confirm(position.0);
        noted.map_err(|error| FeedError::new("noting what was shipped", error))?;
        self.confirmed_at.send_replace(Some(self.clock.now()));
        Ok(())
    }
}

fn batch(parcel: Parcel) -> Batch {
    let series = parcel.series.into_iter().map(|series| FeedSeries {
        tenant: series.tenant,
        resource: series.resource,
        metric: series.metric,
        period_ms: series.period_ms,
        samples: series.samples.into_iter().map(sample).collect(),
    });
    Batch { position: Position(parcel.position), series: series.collect() }
}

fn sample(sample: ParcelSample) -> FeedSample {
    let ParcelSample { at_ms, value, gap_before_ms } = sample;
    FeedSample { at_ms, value, gap_before: gap_before_ms }
}

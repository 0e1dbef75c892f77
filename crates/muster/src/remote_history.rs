//! Connects the embedded history with a remote store: the history is the queue that samples are shipped from, and asks the
//! remote store for what is older than itself.

use std::{collections::BTreeMap, fmt, num::NonZeroU32, sync::Arc, time::Duration};

use muster_history::{Archive, ArchiveBucket, ArchiveError, ArchiveQuery, Cancel, History, Parcel, ParcelSample};
use muster_remote::{
    Batch, Feed, FeedError, FeedSample, FeedSeries, Pace, Position, Question, Reader, Remote, Resources, Settings,
    Shipper, Shipping, Span, Status,
};
use muster_runtime::{Clock, Entropy, Tasks};
use tokio::{runtime::Handle, sync::watch};

use crate::commands::CommandError;

/// Starts shipping, and lets history ask for what is older. The receiver holds how it goes.
pub(crate) fn start(
    settings: &Settings,
    history: &History,
    tasks: &Tasks,
    clock: Arc<dyn Clock>,
    entropy: Arc<Entropy>,
) -> Result<watch::Receiver<Status>, CommandError> {
    let remote = Remote::new(settings).map_err(|error| CommandError::failed(&error))?;
    let reader = Reader::new(remote.clone());
    history.set_archive(Arc::new(RemoteArchive { reader, clock: Arc::clone(&clock), runtime: Handle::current() }));
    let shipper = Shipper::new(Pace::default(), entropy);
    let (shipping, status) = Shipping::new(Box::new(Queue(history.clone())), remote, shipper, clock);
    tasks.spawn("remote history", shipping.run(tasks.shutdown().clone()));
    Ok(status)
}

/// History as the queue.
#[derive(Debug)]
struct Queue(History);

impl Feed for Queue {
    fn next(&mut self, most: usize) -> Result<Option<Batch>, FeedError> {
        let parcel = self.0.parcel(most).map_err(|error| FeedError::new("reading what is to be shipped", error))?;
        Ok(parcel.map(batch))
    }

    fn confirm(&mut self, position: Position) -> Result<(), FeedError> {
        self.0.confirm(position.0).map_err(|error| FeedError::new("noting what was shipped", error))
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

/// The remote store as history asks it: from a thread that may block.
struct RemoteArchive {
    reader: Reader,
    clock: Arc<dyn Clock>,
    runtime: Handle,
}

impl fmt::Debug for RemoteArchive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteArchive").field("reader", &self.reader).finish_non_exhaustive()
    }
}

impl Archive for RemoteArchive {
    fn buckets(&self, query: &ArchiveQuery, cancel: &Cancel) -> Result<Vec<ArchiveBucket>, ArchiveError> {
        let width = u32::try_from(query.width_ms).ok().and_then(NonZeroU32::new);
        let width = width.ok_or_else(|| ArchiveError("a point is wider than 49 days; ask for more points".into()))?;
        let question = Question {
            tenant: query.tenant.clone(),
            metric: query.metric,
            resources: Resources::These(query.resources.clone()),
            span: Span { from_ms: query.from_ms, to_ms: query.to_ms },
        };
        let answer = self.runtime.block_on(async {
            // Cancel-safe: an answer that nobody waits for is dropped.
            tokio::select! {
                answer = self.reader.buckets(&question, width) => Some(answer),
                () = left(cancel, &*self.clock) => None,
            }
        });
        let Some(answer) = answer else { return Ok(Vec::new()) };
        let mut by_resource = answer.map_err(|error| ArchiveError(Box::new(error)))?;
        Ok(united(query.resources.iter().map(|id| by_resource.remove(id).unwrap_or_default())))
    }
}

/// Ends soon after the asker has left.
async fn left(cancel: &Cancel, clock: &dyn Clock) {
    const LOOK_EVERY: Duration = Duration::from_millis(200);
    while !cancel.is_cancelled() {
        clock.sleep(LOOK_EVERY).await;
    }
}

/// The buckets of a resource and its former ids: where several know of a bucket, the earlier id's word.
fn united(ids: impl Iterator<Item = Vec<muster_remote::Bucket>>) -> Vec<ArchiveBucket> {
    let mut by_time = BTreeMap::new();
    for bucket in ids.flatten() {
        by_time.entry(bucket.from_ms).or_insert(bucket);
    }
    let archived = |bucket: muster_remote::Bucket| ArchiveBucket {
        at_ms: bucket.from_ms,
        count: u32::try_from(bucket.count).unwrap_or(u32::MAX),
        sum: bucket.sum,
        min: bucket.min,
        max: bucket.max,
        last: bucket.last,
    };
    by_time.into_values().map(archived).collect()
}

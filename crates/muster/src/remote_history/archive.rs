//! The remote store as history asks it for older spans: from a thread that may block.

use std::{
    collections::BTreeMap,
    fmt,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use muster_history::{Archive, ArchiveBucket, ArchiveError, ArchiveQuery, Cancel};
use muster_remote::{Bucket, Buckets, Question, Reader, RemoteError, Resources, Span};
use muster_runtime::{Clock, chain};
use tokio::runtime::Handle;

/// After a failure it is left alone for so long. Otherwise every chart of a page would wait for a store that is away.
const LEFT_ALONE: Duration = Duration::from_secs(10);

/// The remote store as history asks it.
pub(super) struct RemoteArchive {
    reader: Reader,
    clock: Arc<dyn Clock>,
    runtime: Handle,
    /// The last failure, and until when it stands for an answer.
    failed: Mutex<Option<Failed>>,
}

#[derive(Debug, Clone)]
struct Failed {
    until: Duration,
    why: String,
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
        if let Some(why) = self.recent_failure() {
            return Err(ArchiveError(why.into()));
        }
        let question = Question {
            tenant: query.tenant.clone(),
            metric: query.metric,
            resources: Resources::These(query.resources.clone()),
            span: Span { from_ms: query.from_ms, to_ms: query.to_ms },
        };
        let Some(answer) = self.ask(&question, width, cancel) else { return Ok(Vec::new()) };
        self.remember(answer.as_ref().err());
        let mut by_resource = answer.map_err(|error| ArchiveError(Box::new(error)))?;
        Ok(united(query.resources.iter().map(|id| by_resource.remove(id).unwrap_or_default())))
    }
}

impl RemoteArchive {
    /// An archive that waits for answers on this runtime.
    pub(super) fn new(reader: Reader, clock: Arc<dyn Clock>, runtime: Handle) -> Self {
        Self { reader, clock, runtime, failed: Mutex::default() }
    }

    /// The answer; `None` when the asker has left.
    fn ask(&self, question: &Question, width: NonZeroU32, cancel: &Cancel) -> Option<Result<Buckets, RemoteError>> {
        self.runtime.block_on(async {
            // Cancel-safe: an answer that nobody waits for is dropped.
            tokio::select! {
                answer = self.reader.buckets(question, width) => Some(answer),
                () = left(cancel, &*self.clock) => None,
            }
        })
    }

    fn recent_failure(&self) -> Option<String> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.as_ref().filter(|failed| self.clock.monotonic() < failed.until).map(|failed| failed.why.clone())
    }

    fn remember(&self, error: Option<&RemoteError>) {
        let until = self.clock.monotonic() + LEFT_ALONE;
        let failed = error.map(|error| Failed { until, why: chain(error) });
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = failed;
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
fn united(ids: impl Iterator<Item = Vec<Bucket>>) -> Vec<ArchiveBucket> {
    let mut by_time = BTreeMap::new();
    for bucket in ids.flatten() {
        by_time.entry(bucket.from_ms).or_insert(bucket);
    }
    let archived = |bucket: Bucket| ArchiveBucket {
        at_ms: bucket.from_ms,
        count: u32::try_from(bucket.count).unwrap_or(u32::MAX),
        sum: bucket.sum,
        min: bucket.min,
        max: bucket.max,
        last: bucket.last,
    };
    by_time.into_values().map(archived).collect()
}

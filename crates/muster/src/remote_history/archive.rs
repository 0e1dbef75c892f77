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
    fn buckets(&self, query: &ArchiveQuery, cancel: &Cancel) -> Result<Vec<Vec<ArchiveBucket>>, ArchiveError> {
        let width = u32::try_from(query.width_ms).ok().and_then(NonZeroU32::new);
        let width = width.ok_or_else(|| ArchiveError("a point is wider than 49 days; ask for more points".into()))?;
        if let Some(why) = self.recent_failure() {
            return Err(ArchiveError(why.into()));
        }
        let question = Question {
            tenant: query.tenant.clone(),
            metric: query.metric,
            resources: Resources::These(query.resources.concat()),
            span: Span { from_ms: query.from_ms, to_ms: query.to_ms },
        };
        let Some(answer) = self.ask(&question, width, cancel) else { return Ok(Vec::new()) };
        self.remember(answer.as_ref().err());
        let by_resource = answer.map_err(|error| ArchiveError(Box::new(error)))?;
        let of_ids = |ids: &Vec<_>| united(ids.iter().filter_map(|id| by_resource.get(id)));
        Ok(query.resources.iter().map(of_ids).collect())
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
fn united<'a>(ids: impl Iterator<Item = &'a Vec<Bucket>>) -> Vec<ArchiveBucket> {
    let mut by_time = BTreeMap::new();
    for bucket in ids.flatten() {
        by_time.entry(bucket.from_ms).or_insert(bucket);
    }
    let archived = |bucket: &Bucket| ArchiveBucket {
        at_ms: bucket.from_ms,
        count: u32::try_from(bucket.count).unwrap_or(u32::MAX),
        sum: bucket.sum,
        min: bucket.min,
        max: bucket.max,
        last: bucket.last,
    };
    by_time.into_values().map(archived).collect()
}

#[cfg(test)]
mod tests {
    use muster_model::{Metric, ResourceId, ResourceKind, TenantId};
    use muster_remote::{Credentials, Remote, Settings};
    use muster_runtime::SystemClock;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    #[tokio::test]
    async fn a_page_of_charts_is_one_question_a_metric() {
        let [nas, former, tower, silent] = ["nas", "former", "tower", "silent"].map(host);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let archive = archive(&format!("http://{}", listener.local_addr().unwrap()));
        let question = ArchiveQuery {
            tenant: TenantId::DEFAULT,
            resources: vec![vec![nas, former], vec![silent], vec![tower], vec![nas]],
            metric: Metric::Cpu,
            from_ms: 0,
            to_ms: 60_000,
            width_ms: 10_000,
        };
        let asked = tokio::task::spawn_blocking(move || archive.buckets(&question, &Cancel::default()));
        // One request is taken, so that a second one would wait for ever.
        let series = [(nas, 10, 1.0), (former, 10, 7.0), (former, 20, 2.0), (tower, 30, 3.0)];
        let sent = serve_once(&listener, &matrix(&series)).await;
        let told = asked.await.unwrap().unwrap();
        let told =
            told.iter().map(|buckets| buckets.iter().map(|it| (it.at_ms, it.last)).collect()).collect::<Vec<Vec<_>>>();
        assert_eq!(told, [vec![(10_000, 1.0), (20_000, 2.0)], vec![], vec![(30_000, 3.0)], vec![(10_000, 1.0)]]);
        assert!(sent.starts_with("POST /api/v1/query HTTP/1.1") && sent.contains(&nas.to_string()), "{sent}");
    }

    /// Answers one request, and gives it back.
    async fn serve_once(listener: &TcpListener, body: &str) -> String {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 16_384];
        let mut read = 0;
        while !String::from_utf8_lossy(&request[..read]).contains("&time=") {
            let more = stream.read(&mut request[read..]).await.unwrap();
            assert!(more > 0, "the request broke off");
            read += more;
        }
        let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        String::from_utf8_lossy(&request[..read]).into_owned()
    }

    fn archive(address: &str) -> RemoteArchive {
        let settings = Settings {
            write_address: format!("{address}/api/v1/write").parse().unwrap(),
            read_address: address.parse().unwrap(),
            credentials: Credentials::None,
        };
        let reader = Reader::new(Remote::new(&settings).unwrap());
        RemoteArchive::new(reader, Arc::new(SystemClock::new()), Handle::current())
    }

    /// An answer with samples: whose, at which second, and what.
    fn matrix(samples: &[(ResourceId, i64, f64)]) -> String {
        let series = |(id, second, value): &(ResourceId, i64, f64)| serde_json::json!({"metric": {"resource": id}, "values": [[second, value.to_string()]]});
        let result: Vec<_> = samples.iter().map(series).collect();
        serde_json::json!({"status": "success", "data": {"resultType": "matrix", "result": result}}).to_string()
    }

    fn host(name: &str) -> ResourceId {
        ResourceId::mint(ResourceKind::Agent, name)
    }
}

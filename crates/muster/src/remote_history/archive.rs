//! The remote store as history asks it for older spans: from a thread that may block.

use std::{
    collections::BTreeMap,
    fmt,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use muster_history::{Archive, ArchiveBucket, ArchiveError, ArchiveQuery, Cancel};
use muster_remote::{Bucket, Question, Reader, RemoteError, Resources, Span};
use muster_runtime::{Clock, chain};
use tokio::runtime::Handle;

/// After a failure it is left alone for so long. Otherwise every chart of a page would wait for a store that is away.
const LEFT_ALONE: Duration = Duration::from_secs(10);

/// A chart waits no longer for it: it is one of few that history answers at a time.
const PATIENCE: Duration = Duration::from_secs(20);

type Tell<'a> = &'a mut dyn FnMut(Vec<Vec<ArchiveBucket>>);

/// The remote store as history asks it.
pub(super) struct RemoteArchive {
    reader: Reader,
    clock: Arc<dyn Clock>,
    runtime: Handle,
    /// The last failure, and until when it stands for an answer.
    failed: Mutex<Option<Failed>>,
}

/// Why it did not tell everything.
#[derive(Debug, thiserror::Error)]
enum Silence {
    /// It takes too long.
    #[error("it took longer than {} seconds; ask for a shorter span", PATIENCE.as_secs())]
    TooSlow,
    /// It failed.
    #[error(transparent)]
    Failed(#[from] RemoteError),
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
    fn buckets(&self, questions: &[ArchiveQuery], cancel: &Cancel, tell: Tell<'_>) -> Result<(), ArchiveError> {
        let questions = questions.iter().map(|query| Some((query, width(query)?))).collect::<Option<Vec<_>>>();
        let questions =
            questions.ok_or_else(|| ArchiveError("a point is wider than 49 days; ask for more points".into()))?;
        if let Some(why) = self.recent_failure() {
            return Err(ArchiveError(why.into()));
        }
        let Some(answered) = self.in_time(self.answer(&questions, tell), cancel) else { return Ok(()) };
        self.remember(answered.as_ref().err());
        answered.map_err(|error| ArchiveError(Box::new(error)))
    }
}

impl RemoteArchive {
    /// An archive that waits for answers on this runtime.
    pub(super) fn new(reader: Reader, clock: Arc<dyn Clock>, runtime: Handle) -> Self {
        Self { reader, clock, runtime, failed: Mutex::default() }
    }

    async fn answer(&self, questions: &[(&ArchiveQuery, NonZeroU32)], tell: Tell<'_>) -> Result<(), Silence> {
        for (query, width) in questions {
            let question = Question {
                tenant: query.tenant.clone(),
                metric: query.metric,
                resources: Resources::These(query.resources.concat()),
                span: Span { from_ms: query.from_ms, to_ms: query.to_ms },
            };
            let by_resource = self.reader.buckets(&question, *width).await?;
            let of_ids = |ids: &Vec<_>| united(ids.iter().filter_map(|id| by_resource.get(id)));
            tell(query.resources.iter().map(of_ids).collect());
        }
        Ok(())
    }

    /// What becomes of an answer; `None` when the asker has left.
    fn in_time(
        &self,
        answer: impl Future<Output = Result<(), Silence>>,
        cancel: &Cancel,
    ) -> Option<Result<(), Silence>> {
        self.runtime.block_on(async {
            // Cancel-safe: an answer that nobody waits for is dropped.
            tokio::select! {
                answered = answer => Some(answered),
                () = left(cancel, &*self.clock) => None,
                () = self.clock.sleep(PATIENCE) => Some(Err(Silence::TooSlow)),
            }
        })
    }

    fn recent_failure(&self) -> Option<String> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.as_ref().filter(|failed| self.clock.monotonic() < failed.until).map(|failed| failed.why.clone())
    }

    fn remember(&self, error: Option<&Silence>) {
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

/// The width of a question's buckets, if the remote store can be asked for such.
fn width(query: &ArchiveQuery) -> Option<NonZeroU32> {
    u32::try_from(query.width_ms).ok().and_then(NonZeroU32::new)
}

/// The buckets of a resource and its former ids, united by time (D-11): in a bucket in which one took over from the other,
/// both have a part. The last sample is the earlier id's.
fn united<'a>(ids: impl Iterator<Item = &'a Vec<Bucket>>) -> Vec<ArchiveBucket> {
    let mut by_time: BTreeMap<i64, ArchiveBucket> = BTreeMap::new();
    for bucket in ids.flatten() {
        let former = archived(bucket);
        by_time.entry(bucket.from_ms).and_modify(|known| add(known, &former)).or_insert(former);
    }
    by_time.into_values().collect()
}

fn add(known: &mut ArchiveBucket, former: &ArchiveBucket) {
    known.count = known.count.saturating_add(former.count);
    known.sum += former.sum;
    (known.min, known.max) = (known.min.min(former.min), known.max.max(former.max));
}

fn archived(bucket: &Bucket) -> ArchiveBucket {
    let Bucket { from_ms, count, sum, min, max, last } = *bucket;
    ArchiveBucket { at_ms: from_ms, count: u32::try_from(count).unwrap_or(u32::MAX), sum, min, max, last }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use muster_model::{Metric, ResourceId, ResourceKind, TenantId};
    use muster_outbound::{Outbound, Trust};
    use muster_remote::{Credentials, Remote, Settings};
    use muster_runtime::{ManualClock, SystemClock};
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
            resources: vec![vec![nas, former], vec![silent], vec![tower], vec![nas]],
            ..question(vec![])
        };
        let asked = tokio::task::spawn_blocking(move || ask(&archive, &[question]));
        // One request is taken, so that a second one would wait for ever.
        let series = [(nas, 10, 1.0), (former, 20, 2.0), (tower, 30, 3.0)];
        let sent = serve_once(&listener, &matrix(&series)).await;
        let (told, answered) = asked.await.unwrap();
        answered.unwrap();
        let told: Vec<Vec<_>> =
            told[0].iter().map(|buckets| buckets.iter().map(|it| (it.at_ms, it.last)).collect()).collect();
        assert_eq!(told, [vec![(10_000, 1.0), (20_000, 2.0)], vec![], vec![(30_000, 3.0)], vec![(10_000, 1.0)]]);
        assert!(sent.starts_with("POST /api/v1/query HTTP/1.1") && sent.contains(&nas.to_string()), "{sent}");
    }

    #[test]
    fn former_ids_have_a_part_in_the_bucket_that_they_end_in() {
        // D-11
        let bucket = |from_ms, count, sum, min, max, last| Bucket { from_ms, count, sum, min, max, last };
        let (own, former) = (vec![bucket(20, 1, 9.0, 9.0, 9.0, 9.0)], vec![bucket(10, 2, 3.0, 1.0, 2.0, 2.0)]);
        let shared = [former, vec![bucket(20, 2, 7.0, 3.0, 4.0, 4.0)]].concat();
        let archived = |at_ms, count, sum, min, max, last| ArchiveBucket { at_ms, count, sum, min, max, last };
        let expected = [archived(10, 2, 3.0, 1.0, 2.0, 2.0), archived(20, 3, 16.0, 3.0, 9.0, 9.0)];
        assert_eq!(united([&own, &shared].into_iter()), expected);
    }

    #[tokio::test]
    async fn a_store_that_is_away_is_asked_once_for_a_page_of_charts() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let archive = archive(&format!("http://{}", listener.local_addr().unwrap()));
        let page = tokio::task::spawn_blocking(move || {
            let chart = |name: &str| vec![question(vec![vec![host(name)]]), question(vec![vec![host("other")]])];
            ["nas", "tower", "rack"].map(|name| ask(&archive, &chart(name)).1.is_err())
        });
        let hangs_up = async {
            let mut requests = 0;
            loop {
                drop(listener.accept().await.unwrap());
                requests += 1;
                if requests > 1 {
                    return;
                }
            }
        };
        tokio::select! {
            () = hangs_up => panic!("it was asked again"),
            failed = page => assert_eq!(failed.unwrap(), [true; 3]),
        }
    }

    #[tokio::test]
    async fn a_store_that_is_slow_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let archive = archive_on(&format!("http://{}", listener.local_addr().unwrap()), Arc::new(clock.clone()));
        let questions = ["nas", "tower", "rack"].map(|name| question(vec![vec![host(name)]]));
        let asked = tokio::task::spawn_blocking(move || ask(&archive, &questions));
        // All questions share the time: the first two are answered in it, the third is not.
        for _ in 0..2 {
            serve_once(&listener, &matrix(&[])).await;
            clock.advance(PATIENCE / 3);
        }
        let (held, _) = listener.accept().await.unwrap();
        clock.advance(PATIENCE / 3 + Duration::from_secs(1));
        let (told, answered) = asked.await.unwrap();
        drop(held);
        assert_eq!(told.len(), 2, "what was told is kept");
        let error = chain(&answered.unwrap_err());
        assert!(error.contains("longer than 20 seconds"), "{error}");
    }

    /// What it tells, and how that ends.
    fn ask(
        archive: &RemoteArchive,
        questions: &[ArchiveQuery],
    ) -> (Vec<Vec<Vec<ArchiveBucket>>>, Result<(), ArchiveError>) {
        let mut told = Vec::new();
        let answered = archive.buckets(questions, &Cancel::default(), &mut |answer| told.push(answer));
        (told, answered)
    }

    fn question(resources: Vec<Vec<ResourceId>>) -> ArchiveQuery {
        let (tenant, metric) = (TenantId::DEFAULT, Metric::Cpu);
        ArchiveQuery { tenant, resources, metric, from_ms: 0, to_ms: 60_000, width_ms: 10_000 }
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
        archive_on(address, Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH)))
    }

    fn archive_on(address: &str, clock: Arc<dyn Clock>) -> RemoteArchive {
        let settings = Settings {
            write_address: format!("{address}/api/v1/write").parse().unwrap(),
            read_address: address.parse().unwrap(),
            credentials: Credentials::None,
        };
        let outbound = Outbound::new(Remote::LIMITS, Trust::System, Arc::new(SystemClock::new())).unwrap();
        let reader = Reader::new(Remote::new(&settings, outbound).unwrap());
        RemoteArchive::new(reader, clock, Handle::current())
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

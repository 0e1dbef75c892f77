//! A real server under mixed load: readers, live clients, writers, slow clients and bad clients at once.
//!
//! `MUSTER_SOAK_SECONDS` sets how long the load lasts: some seconds in `make test`, so that the loop itself does not rot,
//! and 20 minutes in `make soak`, which prints the figures. It ends with a verdict on file descriptors and answers and, of
//! a run that is long enough to tell, on memory and how long a reader waits. A binary of its own, because nothing else of
//! ours may run beside it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod answers;
mod bad;
mod figures;
mod health;
mod live;
mod reader;
mod site;
mod slow;
mod writers;

#[expect(dead_code, reason = "shared with the tests of single behaviours, which need more of it")]
#[path = "../muster/process.rs"]
mod process;

use std::{sync::Arc, time::Duration};

use muster_runtime::{Shutdown, Tasks};

use self::{
    figures::Figures,
    health::Health,
    reader::{Pace, Waits},
    site::Site,
};

/// Nothing of a client takes so long once it is asked to end; the longest is a request that the server gives up.
const FAREWELL: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread")]
async fn a_server_stands_mixed_load() {
    let span = span();
    let directory = tempfile::tempdir().unwrap();
    let site = Arc::new(Site::start(directory.path()).await);
    let alone = read_alone(&site, span).await;
    let mut health = Health::begin(&site);

    let load = Tasks::new(Shutdown::new());
    let crowded = Arc::new(Waits::default());
    start(&site, &load, &crowded);
    health.watch(&site, span).await;
    load.shutdown().begin();
    assert!(load.finish(FAREWELL).await, "clients that did not end in time were not answered");
    assert!(!load.panicked(), "a client failed; see above");
    health.end(&site).await;

    let figures = Figures { span, alone: alone.percentiles(), crowded: crowded.percentiles(), health };
    figures.print(&site);
    figures.judge(&site);
    assert_eq!(site.errors_in_its_log(), Vec::<String>::new());
    let site = Arc::into_inner(site).expect("every client has ended");
    assert!(site.stop().success());
}

/// How long the load lasts.
fn span() -> Duration {
    let seconds = std::env::var("MUSTER_SOAK_SECONDS").map_or(15, |seconds| seconds.parse().unwrap());
    assert!(seconds >= 8, "MUSTER_SOAK_SECONDS: a quarter of less says nothing; use 8 or more");
    Duration::from_secs(seconds)
}

/// What a reader waits when nobody else is there, measured for a tenth of the time.
async fn read_alone(site: &Arc<Site>, span: Duration) -> Arc<Waits> {
    let (alone, tasks) = (Arc::new(Waits::default()), Tasks::new(Shutdown::new()));
    reader::warm_up(site).await;
    reader::start(site, &tasks, Pace::Steady, &alone);
    site.pause(tasks.shutdown(), (span / 10).clamp(Duration::from_secs(3), Duration::from_secs(30))).await;
    tasks.shutdown().begin();
    assert!(tasks.finish(FAREWELL).await && !tasks.panicked());
    alone
}

/// Everybody at once. The reader whose waits count asks as it did when it was alone.
fn start(site: &Arc<Site>, load: &Tasks, crowded: &Arc<Waits>) {
    reader::start(site, load, Pace::Steady, crowded);
    for _ in 0..3 {
        reader::start(site, load, Pace::Hasty, &Arc::default());
    }
    live::start(site, load);
    writers::start(site, load);
    slow::start(site, load);
    bad::start(site, load);
}

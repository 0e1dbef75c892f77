//! Readers: lists, charts, searches, one after the other, as a browser or a script asks.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use muster_runtime::{Clock, Shutdown, Tasks};
use reqwest::Method;

use crate::site::Site;

/// How often a reader asks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// Twenty times a second at most: the reader whose waits are measured.
    Steady,
    /// Again as soon as it has an answer, but for a moment.
    Hasty,
}

impl Pace {
    fn token(self, site: &Site) -> &str {
        match self {
            Self::Steady => &site.viewer,
            Self::Hasty => &site.operator,
        }
    }

    fn pause(self) -> Duration {
        match self {
            Self::Steady => Duration::from_millis(50),
            Self::Hasty => Duration::from_millis(20),
        }
    }
}

/// How long a reader waited for each answer, to its last byte.
#[derive(Debug, Default)]
pub(crate) struct Waits(Mutex<Vec<Duration>>);

/// The waits of one reader in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Percentiles {
    pub(crate) answers: usize,
    pub(crate) median: f64,
    pub(crate) p99: f64,
    pub(crate) most: f64,
}

impl Waits {
    fn note(&self, wait: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(wait);
    }

    /// Values that occurred.
    pub(crate) fn percentiles(&self) -> Percentiles {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        assert!(!waits.is_empty(), "the reader was never answered");
        waits.sort_unstable();
        let at = |share: f64| {
            let rank = (waits.len() as f64 * share).ceil() as usize;
            waits[rank.clamp(1, waits.len()) - 1].as_secs_f64() * 1e3
        };
        Percentiles { answers: waits.len(), median: at(0.5), p99: at(0.99), most: at(1.0) }
    }
}

/// Asks for everything twice, so that nothing is measured that happens once.
pub(crate) async fn warm_up(site: &Site) {
    for path in paths(site).iter().chain(&paths(site)) {
        ask(site, Pace::Steady, path).await;
    }
}

/// Starts a reader.
pub(crate) fn start(site: &Arc<Site>, tasks: &Tasks, pace: Pace, waits: &Arc<Waits>) {
    let (site, end, waits) = (Arc::clone(site), tasks.shutdown().clone(), Arc::clone(waits));
    tasks.spawn("reader", async move { read(&site, &end, pace, &waits).await });
}

async fn read(site: &Site, end: &Shutdown, pace: Pace, waits: &Waits) {
    let paths = paths(site);
    for path in paths.iter().cycle() {
        if end.begun() {
            return;
        }
        let began = site.clock.monotonic();
        ask(site, pace, path).await;
        waits.note(site.clock.monotonic() - began);
        site.pause(end, pace.pause()).await;
    }
}

async fn ask(site: &Site, pace: Pace, path: &str) {
    let token = if path.starts_with("/api/audit") { &site.admin } else { pace.token(site) };
    let request = site.request(Method::GET, path).bearer_auth(token);
    if let Some(answer) = site.expect("reader", request, 200).await
        && let Err(error) = answer.bytes().await
    {
        site.answers.strange(format!("reader: the answer to {path} broke off: {error}"));
    }
}

fn paths(site: &Site) -> Vec<String> {
    let host = &site.host;
    let of_host = |path: &str| path.replace("HOST", host);
    [
        "/api/resources?limit=200",
        "/api/resources?fields=facts&limit=200",
        "/api/resources/HOST",
        "/api/state",
        "/api/overview",
        "/api/search?q=eth",
        "/api/metrics/history?resource=HOST&metrics=cpu,memory&range=1h&points=300",
        "/api/metrics/sparklines?resources=HOST&metrics=cpu&range=1h",
        "/api/metrics/summary?metric=cpu&range=1h",
        "/api/charts/infrastructure?range=1h",
        "/api/charts/workloads?range=1h",
        "/api/charts/storage-summary?range=24h",
        "/api/resources/timeline?limit=50",
        "/api/system",
        "/api/audit?limit=50",
        "/metrics",
    ]
    .map(of_host)
    .into()
}

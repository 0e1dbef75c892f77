//! What a platform is to its owner: lanes that can be looked into.

use std::{pin::Pin, time::Duration};

use jiff::{SignedDuration, Timestamp};
use muster_model::{MemoryDecisions, Metric, NativeKey, Report};

use crate::{Failure, Observed};

/// A future behind a seam.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A part of a platform that is looked into at a cadence of its own (D-28).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Its name, such as `bulk` or `disks`. Unique within a provider.
    pub name: &'static str,
    /// How often.
    pub every: SignedDuration,
    /// How long one look may take as a whole.
    pub deadline: Duration,
}

/// What came of a look.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    /// What there is now, as a whole; a lane of details has none and is heard of in the next report of the bulk lane.
    pub report: Option<Report>,
    /// What the platform remembers of the time before.
    pub backfill: Vec<Backfill>,
    /// What was seen, for people.
    pub observed: Observed,
}

/// Samples of the past, of one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Backfill {
    /// The thing, by the source's key.
    pub key: NativeKey,
    /// What was measured.
    pub metric: Metric,
    /// When, and how much; in order of time.
    pub samples: Vec<(Timestamp, f64)>,
}

/// A platform behind one connection. Lanes are looked into at the same time, but no lane twice.
///
/// The first lane is the bulk lane: its looks make the reports, its interval is the connection's.
pub trait Provider: Send + Sync + 'static {
    /// Its lanes, the bulk lane first.
    fn lanes(&self) -> Vec<Lane>;

    /// Looks into a lane. `due` is the moment of the grid for which it looks.
    ///
    /// Cancel-safe: a look that is given up leaves what is known as it was.
    fn look(&self, lane: &'static str, due: Timestamp) -> BoxFuture<'_, Result<Look, Failure>>;

    /// The address that the next look dials first, such as `https://pve2.example.org:8006`: that of the entry point in
    /// use, which need not be the preferred one. Looks that dial the same address take turns.
    fn address(&self) -> String;

    /// Requests that it has sent since it was made.
    fn requests(&self) -> u64;

    /// Why the memory of each node and guest is what its last report says. A platform that leaves no choice has none to
    /// tell of.
    fn memory(&self) -> MemoryDecisions {
        MemoryDecisions::default()
    }
}

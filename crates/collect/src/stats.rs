//! How polling goes in numbers, for metrics: how punctual looks are, how long they take, how many fail.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use muster_model::{Platform, SourceId, TenantId};
use strum::{IntoStaticStr, VariantArray};

use crate::{FailureCategory, Health};

/// How a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Standing {
    /// It is not polled.
    Disabled,
    /// Its first look is not over.
    Waiting,
    /// All of it can be read.
    Working,
    /// Parts of it cannot be read.
    Degraded,
    /// None of it can be read.
    Failing,
}

impl Standing {
    /// Every standing.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The standing's name on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    pub(crate) fn of(is_enabled: bool, health: &Health) -> Self {
        if !is_enabled {
            Self::Disabled
        } else if health.last_error.is_some() {
            Self::Failing
        } else if health.last_success_at.is_none() {
            Self::Waiting
        } else if health.observed.issues.is_empty() {
            Self::Working
        } else {
            Self::Degraded
        }
    }
}

/// How long things took, in buckets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Histogram {
    /// How many fell into each bucket of [`Histogram::BOUNDS`] and no lower one; the last has no bound.
    pub buckets: [u64; Self::BOUNDS.len() + 1],
    /// The sum of all, in seconds.
    pub seconds: f64,
}

impl Histogram {
    /// Upper bounds of the buckets, in seconds, and how they are written.
    pub const BOUNDS: [(f64, &'static str); 10] = [
        (0.05, "0.05"),
        (0.1, "0.1"),
        (0.5, "0.5"),
        (1.0, "1.0"),
        (2.5, "2.5"),
        (5.0, "5.0"),
        (7.5, "7.5"),
        (10.0, "10.0"),
        (30.0, "30.0"),
        (60.0, "60.0"),
    ];

    fn note(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = Self::BOUNDS.iter().position(|(bound, _)| seconds <= *bound).unwrap_or(Self::BOUNDS.len());
        self.buckets[bucket] += 1;
        self.seconds += seconds;
    }
}

/// Looks into one lane, over all connections to a platform.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LaneStats {
    /// From the moment that a look was planned for until it began.
    pub lag: Histogram,
    /// From its begin to its end.
    pub duration: Histogram,
    /// From the moment that a look was planned for until its report could be seen. Looks without a report are left out.
    pub delivery: Histogram,
    /// Those that failed, by what sort of failure it was.
    pub failures: BTreeMap<FailureCategory, u64>,
}

/// Looks since start, by platform and lane.
type Lanes = BTreeMap<(Platform, &'static str), LaneStats>;

/// How polling goes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CollectStats {
    /// Looks since start, by platform and lane.
    pub lanes: Lanes,
    /// How many connections stand how; each standing is there.
    pub standings: BTreeMap<Standing, u64>,
    /// Requests that were sent, by source.
    pub requests: BTreeMap<SourceId, u64>,
}

/// A look that is over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    pub(crate) lag: Duration,
    pub(crate) took: Duration,
    /// From the moment that it was planned for until its report could be seen; absent where there was none.
    pub(crate) delivered: Option<Duration>,
    pub(crate) failure: Option<FailureCategory>,
}

/// Gathers what looks took.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<BTreeMap<TenantId, Lanes>>);

impl Tally {
    pub(crate) fn note(&self, tenant: &TenantId, platform: Platform, lane: &'static str, timing: Timing) {
        // Counts are valid whatever happened between two of them.
        let mut tenants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = tenants.entry(tenant.clone()).or_default().entry((platform, lane)).or_default();
        lane.lag.note(timing.lag);
        lane.duration.note(timing.took);
        if let Some(delivered) = timing.delivered {
            lane.delivery.note(delivered);
        }
        if let Some(category) = timing.failure {
            *lane.failures.entry(category).or_default() += 1;
        }
    }

    pub(crate) fn read(&self, tenant: &TenantId) -> Lanes {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_counted_for_their_tenant_and_lane() {
        // D-4
        let (ours, theirs) = (TenantId::DEFAULT, "theirs".parse().unwrap());
        let tally = Tally::default();
        let timing = |failure| Timing { lag: Duration::ZERO, took: Duration::from_secs(2), delivered: None, failure };
        let delivered = Timing { delivered: Some(Duration::from_secs(3)), ..timing(None) };
        tally.note(&ours, Platform::ProxmoxPve, "bulk", delivered);
        tally.note(&ours, Platform::ProxmoxPve, "bulk", timing(Some(FailureCategory::TimedOut)));
        tally.note(&theirs, Platform::ProxmoxPve, "bulk", timing(None));
        let lane = tally.read(&ours)[&(Platform::ProxmoxPve, "bulk")].clone();
        assert_eq!((lane.lag.buckets[0], lane.duration.buckets[4], lane.duration.seconds), (2, 2, 4.0));
        assert_eq!((lane.delivery.buckets[5], lane.delivery.seconds), (1, 3.0), "a look that failed delivered nothing");
        assert_eq!(lane.failures, [(FailureCategory::TimedOut, 1)].into());
        assert_eq!(tally.read(&theirs)[&(Platform::ProxmoxPve, "bulk")].lag.buckets[0], 1);
    }
}

//! Lets go of parts of the audit log that are older than its retention, a whole segment at a time (D-18). That it did
//! stands in the audit log.
//!
//! What goes is gone for good, and the wall clock alone says what is old. So it is believed only where it agrees with
//! monotonic time, and with the newest row at the first run; after a disagreement nothing goes for a day, in which whoever
//! reads the server's log can set the clock right.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use muster_model::TenantId;
use muster_runtime::{Clock, Entropy, Shutdown, chain};
use muster_store::{AuditEntry, AuditPruned, Store, StoreError};
use serde_json::json;
use tracing::{info, warn};

/// The first run waits until the start is over.
const FIRST_AFTER: Duration = Duration::from_secs(60);

/// How often. Segments end with the day.
const EVERY: Duration = Duration::from_secs(3600);

/// The wall clock and monotonic time may drift apart by so much between two runs.
const DRIFT: SignedDuration = SignedDuration::from_mins(10);

/// A first run expects the newest row to be no older. A log that nobody wrote to for longer waits a day more.
const SILENCE: SignedDuration = SignedDuration::from_hours(24 * 30);

/// How long the wall clock must go evenly before it is believed again.
const PROBATION: Duration = Duration::from_secs(24 * 3600);

/// What the task works with.
pub(crate) struct Retention {
    pub(crate) store: Store,
    pub(crate) tenants: Vec<TenantId>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<Entropy>,
    /// How long rows are kept.
    pub(crate) keep: SignedDuration,
}

impl Retention {
    /// Runs until shutdown.
    pub(crate) async fn run(self, shutdown: Shutdown) {
        let (mut wait, mut watch) = (FIRST_AFTER, Watch::default());
        loop {
            tokio::select! {
                // Cancel-safe: dropping the wait forgets only the wait.
                () = self.clock.sleep(wait) => {}
                // Cancel-safe: asking again gives the same answer.
                () = shutdown.requested() => return,
            }
            if let Err(error) = self.prune(&mut watch, &shutdown).await {
                warn!(
                    error = chain(&error),
                    "old parts of the audit log could not be dropped; the next run tries again"
                );
            }
            wait = EVERY;
        }
    }

    async fn prune(&self, watch: &mut Watch, shutdown: &Shutdown) -> Result<(), StoreError> {
        let reading = Reading { wall: self.clock.now(), monotonic: self.clock.monotonic() };
        if watch.is_new() {
            watch.begin(self.newest().await?, reading);
        }
        if !watch.believes(reading) {
            warn!(
                clock = %reading.wall,
                "the system clock jumped or does not fit the audit log; none of it is dropped until the clock has gone \
                 evenly for a day. If the time is wrong, set it (for example with `timedatectl`)"
            );
            return Ok(());
        }
        for tenant in &self.tenants {
            while let Some(old) = self.store.audit_prunable(tenant, reading.wall, self.keep).await?
                && !shutdown.begun()
            {
                self.drop_segment(tenant, &old).await?;
            }
        }
        Ok(())
    }

    async fn drop_segment(&self, tenant: &TenantId, old: &AuditPruned) -> Result<(), StoreError> {
        let AuditPruned { segment, entries, found, to, .. } = old;
        if entries != found {
            warn!(
                %tenant, segment, expected = entries, found,
                "an old part of the audit log does not have the rows that were written to it; somebody changed it"
            );
        }
        let recorded = self.store.recording(tenant, self.entry(old));
        let rows = recorded.audit_drop(tenant, *segment).await?;
        info!(%tenant, segment, rows, until = %to, "an old part of the audit log was dropped");
        Ok(())
    }

    /// When the last row was written, of all tenants.
    async fn newest(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut newest = None;
        for tenant in &self.tenants {
            newest = newest.max(self.store.audit_last_at(tenant).await?);
        }
        Ok(newest)
    }

    fn entry(&self, old: &AuditPruned) -> AuditEntry {
        let AuditPruned { segment, stream, entries, found, from, to } = old;
        let at = self.clock.now();
        let millis = u64::try_from(at.as_millisecond()).unwrap_or_default();
        AuditEntry {
            id: uuid::Builder::from_unix_timestamp_millis(millis, &self.entropy.bytes()).into_uuid(),
            at,
            actor: "system".to_owned(),
            action: "audit.drop".to_owned(),
            target: Some(format!("segment {segment}")),
            outcome: "ok".to_owned(),
            remote_addr: None,
            request_id: None,
            occurrences: 1,
            detail: json!({
                "stream": stream.as_str(), "rowsExpected": entries, "rowsFound": found, "from": from, "to": to,
            }),
        }
    }
}

/// Both clocks at one moment.
#[derive(Debug, Clone, Copy)]
struct Reading {
    wall: Timestamp,
    monotonic: Duration,
}

/// Whether the wall clock is to be believed.
#[derive(Debug, Default)]
struct Watch {
    last: Option<Reading>,
    /// Nothing is believed before this, by monotonic time.
    believes_from: Duration,
}

impl Watch {
    fn is_new(&self) -> bool {
        self.last.is_none()
    }

    /// Compares the first reading with the newest row.
    fn begin(&mut self, newest: Option<Timestamp>, reading: Reading) {
        let age = newest.map(|newest| reading.wall.duration_since(newest));
        if age.is_some_and(|age| age > SILENCE || age < -DRIFT) {
            self.believes_from = reading.monotonic + PROBATION;
        }
        self.last = Some(reading);
    }

    /// Compares a reading with the one before. A jump begins the probation anew.
    fn believes(&mut self, reading: Reading) -> bool {
        let last = self.last.replace(reading).unwrap_or(reading);
        let passed = SignedDuration::try_from(reading.monotonic.saturating_sub(last.monotonic));
        let drift = passed.map(|passed| reading.wall.duration_since(last.wall) - passed);
        if drift.is_ok_and(|drift| drift.abs() > DRIFT) {
            self.believes_from = reading.monotonic + PROBATION;
        }
        reading.monotonic >= self.believes_from
    }
}

#[cfg(test)]
mod tests {
    use muster_runtime::{ManualClock, Tasks};
    use muster_store::{AuditQuery, DatabaseUrl};

    use super::*;

    const TENANT: TenantId = TenantId::DEFAULT;

    #[tokio::test]
    async fn old_days_go_and_the_log_says_so() {
        // D-18
        let directory = tempfile::tempdir().unwrap();
        let (retention, clock) = opened(directory.path()).await;
        let store = retention.store.clone();
        write_days(&retention, &clock, 60).await;
        retention.prune(&mut Watch::default(), &Shutdown::new()).await.unwrap();
        let rows = store.audit_list(&TENANT, &AuditQuery::newest(1000)).await.unwrap();
        let oldest = rows.last().unwrap().entry.at;
        assert!(clock.now().duration_since(oldest) <= SignedDuration::from_hours(24 * 30));
        let dropped = rows.iter().filter(|row| row.entry.at == clock.now()).count();
        assert_eq!((rows.len(), dropped), (30 + 30, 30), "a row for each day that went");
        let verdict = store.audit_verify(&TENANT, &[]).await.unwrap();
        assert!(verdict.is_sound() && verdict.dropped_entries == 30, "{verdict:?}");
        store.close().await;
    }

    #[tokio::test]
    async fn a_clock_that_jumps_costs_nothing() {
        // D-18: what goes is gone for good.
        let directory = tempfile::tempdir().unwrap();
        let (retention, clock) = opened(directory.path()).await;
        write_days(&retention, &clock, 10).await;
        let (mut watch, right) = (Watch::default(), clock.now());
        assert_eq!(pruned(&retention, &mut watch).await, 0);
        // Ten years ahead for a run, and right again.
        clock.set_wall(right + SignedDuration::from_hours(24 * 3650));
        clock.advance(EVERY);
        assert_eq!(pruned(&retention, &mut watch).await, 0);
        clock.set_wall(right + SignedDuration::from_hours(1));
        clock.advance(EVERY);
        assert_eq!(pruned(&retention, &mut watch).await, 0);
        // Who goes evenly for long enough is believed again.
        let mut dropped = 0;
        for _ in 0..40 {
            clock.advance(PROBATION);
            dropped += pruned(&retention, &mut watch).await;
        }
        assert_eq!(dropped, 10, "each when it is 30 days old");
        retention.store.close().await;
    }

    #[tokio::test]
    async fn a_clock_that_is_wrong_from_the_start_has_a_day_to_be_set() {
        let directory = tempfile::tempdir().unwrap();
        let (retention, clock) = opened(directory.path()).await;
        write_days(&retention, &clock, 10).await;
        clock.set_wall(clock.now() + SignedDuration::from_hours(24 * 3650));
        let mut watch = Watch::default();
        for _ in 0..24 {
            assert_eq!(pruned(&retention, &mut watch).await, 0);
            clock.advance(EVERY);
        }
        assert!(pruned(&retention, &mut watch).await > 0, "it may have been off for ten years");
        retention.store.close().await;
    }

    #[tokio::test]
    async fn rows_that_somebody_took_away_are_told_of_when_the_rest_goes() {
        // D-18
        let directory = tempfile::tempdir().unwrap();
        let (retention, clock) = opened(directory.path()).await;
        write_days(&retention, &clock, 40).await;
        let raw = rusqlite::Connection::open(directory.path().join("state.db")).unwrap();
        assert_eq!(raw.execute("DELETE FROM audit_entry WHERE segment = 1", []).unwrap(), 1);
        assert_eq!(pruned(&retention, &mut Watch::default()).await, 10);
        let query = AuditQuery { target: Some("segment 1".to_owned()), ..AuditQuery::newest(1) };
        let told = retention.store.audit_list(&TENANT, &query).await.unwrap().remove(0).entry.detail;
        assert_eq!((&told["rowsExpected"], &told["rowsFound"]), (&json!(1), &json!(0)));
        retention.store.close().await;
    }

    async fn opened(directory: &std::path::Path) -> (Retention, ManualClock) {
        let database = DatabaseUrl::Sqlite(directory.join("state.db"));
        let store = Store::open(&database, &Tasks::new(Shutdown::new())).await.unwrap();
        let clock = ManualClock::at("2026-06-01T12:00:00Z".parse().unwrap());
        let retention = Retention {
            store,
            tenants: vec![TENANT],
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(Entropy::seeded(1)),
            keep: SignedDuration::from_hours(24 * 30),
        };
        (retention, clock)
    }

    /// A row on each of some days.
    async fn write_days(retention: &Retention, clock: &ManualClock, days: u64) {
        for day in 0..days {
            let (stream, now) = (muster_store::AuditStream::Actions, clock.now());
            let told = AuditPruned { segment: 1000 + day, stream, entries: 1, found: 1, from: now, to: now };
            retention.store.audit_append(&TENANT, &retention.entry(&told)).await.unwrap();
            clock.advance(Duration::from_secs(24 * 3600));
        }
    }

    /// How many segments a run drops.
    async fn pruned(retention: &Retention, watch: &mut Watch) -> u64 {
        let dropped = async || retention.store.audit_verify(&TENANT, &[]).await.unwrap().dropped_segments;
        let before = dropped().await;
        retention.prune(watch, &Shutdown::new()).await.unwrap();
        dropped().await - before
    }
}

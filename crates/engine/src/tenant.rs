//! One tenant's part of a sweep: its estate, and what the sweep owes to log, history and readers.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use muster_estate::{Applied, Estate, RestoreError, Stored};
use muster_history::{History, PlanId};
use muster_model::{LogOp, Report, ResourceId, Revision, SourceFreshness, SourceId, SourceStamp, TenantId};
use muster_store::StoredLog;
use tracing::warn;

use crate::{
    debt::Debt,
    gaps::Gaps,
    plans::{PlannedSamples, Plans, ReportTime},
};

/// Last-seen stamps are written at most this often (D-12).
const STAMP_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// How far a source's clock may run ahead before its samples are stamped with ours.
const MAX_CLOCK_LEAD: SignedDuration = SignedDuration::from_secs(60);

/// One tenant: its estate and everything around it that the engine alone may touch.
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) estate: Estate,
    pub(crate) debt: Debt,
    /// Resources with new readings since the last publication.
    pub(crate) fresh: BTreeSet<ResourceId>,
    /// The revision last published, and whether there is anything newer to publish.
    pub(crate) published: Revision,
    pub(crate) unpublished: bool,
    plans: Plans,
    gaps: Gaps,
    stamps: BTreeMap<SourceId, Stamp>,
}

#[derive(Debug)]
struct Stamp {
    latest: SourceStamp,
    written: Option<Timestamp>,
}

/// What one report brought, besides what the tenant keeps.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) rejected: usize,
    pub(crate) clock_ahead: bool,
    pub(crate) samples: Option<PlannedSamples>,
}

impl Tenant {
    /// Restores a tenant from its log; a tenant without a log starts empty.
    /// `recorded` is how far history reaches: stored stamps may be older by a minute.
    pub(crate) fn restore(
        id: TenantId,
        stored: StoredLog,
        start: Revision,
        recorded: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, RestoreError> {
        let StoredLog { entries, sources, .. } = stored;
        let gaps = Gaps::after_restart(&sources, recorded);
        let estate = Estate::restore(id.clone(), Stored { entries, sources }, start, now)?;
        Ok(Self {
            id,
            estate,
            debt: Debt::default(),
            fresh: BTreeSet::new(),
            published: Revision::ZERO,
            unpublished: true,
            plans: Plans::default(),
            gaps,
            stamps: BTreeMap::new(),
        })
    }

    /// Lets go of a poll plan that history does not know any more.
    pub(crate) fn forget_plan(&mut self, plan: PlanId) {
        self.plans.forget(plan);
    }

    /// Applies one report.
    pub(crate) fn apply(&mut self, report: &Report, history: &History, now: Timestamp) -> Outcome {
        let Applied { entries, changes, samples, rejected } = self.estate.apply(report, now);
        self.debt.owe(entries, changes);
        self.hear(report, now);
        self.fresh.extend(samples.iter().map(|sample| sample.resource));
        self.unpublished = true;
        if let Some(first) = rejected.first() {
            warn!(source.id = %report.source, rejected = rejected.len(), first = %first, "parts of a report were left out");
        }
        let clock_ahead = report.reported_at.duration_since(now) > MAX_CLOCK_LEAD;
        let at = if clock_ahead { now } else { report.reported_at };
        let time = ReportTime { source: &report.source, at, interval: report.interval };
        let samples = self.plans.arrange(history, &self.id, time, &samples).unwrap_or_else(|error| {
            warn!(source.id = %report.source, error = &error as &dyn std::error::Error, "samples cannot be recorded");
            None
        });
        Outcome { rejected: rejected.len(), clock_ahead, samples }
    }

    /// Lets a source go: its resources, its gap, its stamp.
    pub(crate) fn dismiss(&mut self, source: &SourceId, now: Timestamp) -> Outcome {
        let Applied { entries, changes, samples: _, rejected: _ } = self.estate.dismiss(source, now);
        if let Some(gap) = self.gaps.forget(source, now) {
            self.debt.owe_gap(gap);
        }
        self.stamps.remove(source);
        self.plans.forget_source(source);
        self.unpublished |= !entries.is_empty();
        self.debt.owe(entries, changes);
        Outcome::default()
    }

    /// Judges who has fallen silent.
    pub(crate) fn judge(&mut self, now: Timestamp) {
        let Applied { entries, changes, samples: _, rejected: _ } = self.estate.judge(now);
        if entries.is_empty() && changes.is_empty() {
            return;
        }
        for entry in &entries {
            if let LogOp::SourceJudged { source, freshness: SourceFreshness::Stale } = &entry.op
                && let Some(gap) = self.gaps.fell_silent(source)
            {
                self.debt.owe_gap(gap);
            }
        }
        self.debt.owe(entries, changes);
        self.unpublished = true;
    }

    /// Owes every stamp, however recent: the process is about to end.
    pub(crate) fn stamp_all(&mut self) {
        for stamp in self.stamps.values() {
            self.debt.owe_stamp(stamp.latest.clone());
        }
    }

    fn hear(&mut self, report: &Report, now: Timestamp) {
        let latest = SourceStamp { source: report.source.clone(), last_seen: now, interval: report.interval };
        if let Some(gap) = self.gaps.heard(&report.source, report.interval, now) {
            self.debt.owe_gap(gap);
        }
        let written = self.stamps.get(&report.source).and_then(|stamp| stamp.written);
        // A wall clock that went back makes every stamp due: better one write too many than none for an hour.
        let due = written.is_none_or(|written| now.duration_since(written).abs() >= STAMP_EVERY);
        if due {
            self.debt.owe_stamp(latest.clone());
        }
        let written = if due { Some(now) } else { written };
        self.stamps.insert(report.source.clone(), Stamp { latest, written });
    }
}

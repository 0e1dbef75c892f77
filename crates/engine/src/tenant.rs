//! One tenant's part of a sweep: its estate, and what the sweep owes to log, history and readers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use muster_estate::{Applied, Estate, Order, Refusal, RestoreError, Ruled, Stored};
use muster_history::{History, PlanId};
use muster_model::{
    GapReason, IgnoredMachine, KnownGap, LogOp, Report, ResourceId, Revision, SourceFreshness, SourceId, SourceStamp,
    TenantId,
};
use muster_store::StoredLog;
use tracing::warn;

use crate::{
    Decision,
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
    /// Who is not listened to.
    ignored: BTreeMap<SourceId, IgnoredMachine>,
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
    /// Of an order only.
    pub(crate) decision: Option<Result<Decision, Refusal>>,
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
        let StoredLog { entries, sources, ignored, last_revision: _ } = stored;
        let gaps = Gaps::after_restart(&sources, recorded);
        let estate = Estate::restore(id.clone(), Stored { entries, sources }, start, now)?;
        let mut tenant = Self {
            id,
            estate,
            debt: Debt::default(),
            fresh: BTreeSet::new(),
            published: Revision::ZERO,
            unpublished: true,
            plans: Plans::default(),
            gaps,
            stamps: BTreeMap::new(),
            ignored: BTreeMap::new(),
        };
        // Whoever died between the list and the estate left it to the next start.
        for machine in &ignored {
            tenant.ignore(machine, now);
        }
        Ok(tenant)
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
        Outcome { rejected: rejected.len(), clock_ahead, samples, decision: None }
    }

    /// Lets a source go: its resources, its gap, its stamp.
    pub(crate) fn dismiss(&mut self, source: &SourceId, now: Timestamp) -> Outcome {
        let applied = self.estate.dismiss(source, now);
        self.let_go(source, applied, now)
    }

    /// Nobody asks a source any more until it is heard again.
    pub(crate) fn disabled(&mut self, source: &SourceId) -> Outcome {
        self.gaps.disabled(source);
        Outcome::default()
    }

    /// Ignores a machine: its source is let go of, and not listened to any more.
    pub(crate) fn ignore(&mut self, machine: &IgnoredMachine, now: Timestamp) -> Outcome {
        self.ignored.insert(machine.source.clone(), machine.clone());
        let applied = self.estate.ignore(machine, now);
        self.let_go(&machine.source, applied, now)
    }

    /// Listens to an ignored machine again. What it said meanwhile is missing.
    pub(crate) fn hear_again(&mut self, machine: &IgnoredMachine, by: &str, now: Timestamp) -> Outcome {
        if let Some(IgnoredMachine { source, ignored_at: from, .. }) = self.ignored.remove(&machine.source) {
            self.debt.owe_gap(KnownGap { source, from, to: Some(now), reason: GapReason::MachineIgnored });
            self.debt.owe(vec![], vec![self.estate.hear_again(machine, by, now)]);
        }
        Outcome::default()
    }

    /// Whether a source is not listened to.
    pub(crate) fn ignores(&self, source: &SourceId) -> bool {
        self.ignored.contains_key(source)
    }

    /// Who is not listened to, by source.
    pub(crate) fn ignored(&self) -> Arc<[IgnoredMachine]> {
        self.ignored.values().cloned().collect()
    }

    fn let_go(&mut self, source: &SourceId, applied: Applied, now: Timestamp) -> Outcome {
        let Applied { entries, changes, samples: _, rejected: _ } = applied;
        // Whoever had been let go of before is missed by nobody.
        if let Some(gap) = self.gaps.forget(source, now).filter(|_| !entries.is_empty()) {
            self.debt.owe_gap(gap);
        }
        self.stamps.remove(source);
        self.plans.forget_source(source);
        self.unpublished |= !entries.is_empty();
        self.debt.owe(entries, changes);
        Outcome::default()
    }

    /// Rules on who is who.
    pub(crate) fn rule(&mut self, order: Order, now: Timestamp) -> Outcome {
        let decision = self.estate.rule(order, now).map(|Ruled { ruling, is_new, against, applied }| {
            let Applied { entries, changes, samples: _, rejected: _ } = applied;
            self.unpublished |= !entries.is_empty();
            self.debt.owe(entries, changes);
            Decision { ruling, is_new, against }
        });
        Outcome { decision: Some(decision), ..Outcome::default() }
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

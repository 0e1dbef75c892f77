//! From bound samples to history's poll plans: as long as a source measures the same things in the same order, a sweep
//! is one array of numbers.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use muster_estate::BoundSample;
use muster_history::{History, Period, PlanError, PlanId};
use muster_model::{Metric, ResourceId, SampleValue, SourceId, TenantId};

/// The plans in use, by source.
#[derive(Debug, Default)]
pub(crate) struct Plans(HashMap<SourceId, CachedPlan>);

#[derive(Debug)]
struct CachedPlan {
    period: Period,
    series: Vec<(ResourceId, Metric)>,
    plan: PlanId,
}

/// One report's samples, ready for history.
#[derive(Debug)]
pub(crate) struct PlannedSamples {
    pub(crate) plan: PlanId,
    pub(crate) at: Timestamp,
    pub(crate) values: Vec<f64>,
}

impl Plans {
    /// Finds or makes the plan of a report's samples. `None` when there are none.
    pub(crate) fn arrange(
        &mut self,
        history: &History,
        tenant: &TenantId,
        report: ReportTime<'_>,
        samples: &[BoundSample],
    ) -> Result<Option<PlannedSamples>, PlanError> {
        if samples.is_empty() {
            return Ok(None);
        }
        let period = history.period(report.interval);
        let plan = match self.0.get(report.source) {
            Some(cached) if cached.fits(period, samples) => cached.plan,
            _ => self.make(history, tenant, report.source, period, samples)?,
        };
        let values = samples.iter().map(|sample| number(sample.value)).collect();
        Ok(Some(PlannedSamples { plan, at: report.at, values }))
    }

    /// Lets go of a plan that history does not know any more: it is made anew with the next report.
    pub(crate) fn forget(&mut self, plan: PlanId) {
        self.0.retain(|_, cached| cached.plan != plan);
    }

    /// Lets go of the plan of a source that will not report again.
    pub(crate) fn forget_source(&mut self, source: &SourceId) {
        self.0.remove(source);
    }

    fn make(
        &mut self,
        history: &History,
        tenant: &TenantId,
        source: &SourceId,
        period: Period,
        samples: &[BoundSample],
    ) -> Result<PlanId, PlanError> {
        let series: Vec<_> = samples.iter().map(|sample| (sample.resource, sample.metric)).collect();
        let plan = history.plan(tenant, source, period, &series)?;
        self.0.insert(source.clone(), CachedPlan { period, series, plan });
        Ok(plan)
    }
}

/// When a report was made, by whom, and when the next one is due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReportTime<'a> {
    pub(crate) source: &'a SourceId,
    pub(crate) at: Timestamp,
    pub(crate) interval: SignedDuration,
}

impl CachedPlan {
    fn fits(&self, period: Period, samples: &[BoundSample]) -> bool {
        let same =
            |(series, sample): (&(ResourceId, Metric), &BoundSample)| *series == (sample.resource, sample.metric);
        self.period == period && self.series.len() == samples.len() && self.series.iter().zip(samples).all(same)
    }
}

/// History's way of writing "no value" in an array of numbers; it never leaves that array.
fn number(value: SampleValue) -> f64 {
    match value {
        SampleValue::Value(value) => value,
        SampleValue::Unknown(_) => f64::NAN,
    }
}

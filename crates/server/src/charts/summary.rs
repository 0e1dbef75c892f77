//! One metric of many resources as one, however many there are: columns are folded a few hundred at a time.
//!
//! Everything is exact. For the quantiles one number a resource and point is kept; in a very large estate points become
//! fewer.

use std::collections::BTreeSet;

use muster_api::{
    Values,
    summary::{MetricsSummary, TopResource},
};
use muster_estate::Snapshot;
use muster_history::{ManyAnswer, QueryError};
use muster_model::{Metric, ResourceId};

use super::{
    Computed, Inputs, computed, count,
    folds::{Folded, Folds},
    held::{drop_until, ending_before, hold_all, lead},
    origin::Origin,
    point::{Point, Told},
    question::Summary,
    ranking::{Ranked, distribution, top},
    subjects,
    table::{Wanted, fewer},
};
use crate::{
    rounding,
    subject::{Subject, seconds},
};

/// Numbers kept at a time, of four bytes each: beyond it, points become fewer.
const MOST_NUMBERS: usize = 8_000_000;

pub(super) fn compute(question: &Summary, inputs: &Inputs<'_>) -> Result<Computed, QueryError> {
    let subjects = measured(question, inputs);
    let points = fewer(question.points, MOST_NUMBERS / subjects.len().max(1));
    let lead = lead(inputs.snapshot, &subjects, question.range, points);
    let metrics = [question.metric];
    let wanted = Wanted { resources: &subjects, metrics: &metrics, range: question.range, points, lead };
    let mut crowd = Crowd { folds: Folds::new(), ranked: Vec::new(), origin: Origin::default() };
    wanted.each(inputs, |subjects, answer| crowd.add(subjects, answer, wanted.begin(inputs)))?;
    let summary = crowd.named(question, inputs, subjects.len());
    let step = jiff::SignedDuration::from_secs(summary.step_seconds.into());
    Ok(computed(&summary, step, subjects.len()))
}

/// Resources of the wanted kinds that have such a series at all, by their former ids too.
fn measured(question: &Summary, inputs: &Inputs<'_>) -> Vec<Subject> {
    let series = inputs.history.series(inputs.snapshot.tenant()).into_iter();
    let with_series: BTreeSet<ResourceId> =
        series.filter(|(_, metric)| *metric == question.metric).map(|(id, _)| inputs.snapshot.canonical(id)).collect();
    let wanted = |id: ResourceId| question.kinds.is_empty() || question.kinds.contains(&id.kind());
    let rows = inputs.snapshot.rows().iter().filter(|row| wanted(row.id) && with_series.contains(&row.id));
    subjects(inputs.snapshot, rows)
}

/// What is kept of all resources.
struct Crowd {
    folds: Folds<Point>,
    ranked: Vec<Ranked>,
    origin: Origin,
}

impl Crowd {
    /// Adds the columns of some resources, from the given time on.
    fn add(&mut self, subjects: &[Subject], mut answer: ManyAnswer, begin: i64) {
        self.origin.note(&answer);
        let told = ranked(subjects, &answer, begin);
        hold_all(&mut answer);
        drop_until(&mut answer, begin);
        let held = ranked(subjects, &answer, begin);
        // Who told nothing in the span itself, as somebody may who is asked once a day, stands with what is carried into it.
        self.ranked.extend(told.into_iter().zip(held).filter_map(|(told, held)| told.or(held)));
        let points = self.folds.parts(&answer);
        for column in answer.resources.iter().flatten() {
            let values = column.avg.iter().zip(&column.min).zip(&column.max);
            for (point, ((avg, min), max)) in points.iter_mut().zip(values) {
                if let (Some(avg), Some(min), Some(max)) = (*avg, *min, *max) {
                    point.take(avg, min, max);
                }
            }
        }
    }

    fn named(mut self, question: &Summary, inputs: &Inputs<'_>, resources: usize) -> MetricsSummary {
        let metric = question.metric;
        let Folded { step, times, mut parts } = self.folds.finish();
        let counts = parts.iter().map(|point| count(point.count())).collect();
        let told: Vec<Option<Told>> = parts.iter_mut().map(Point::tell).collect();
        let column = |value: fn(&Told) -> f64| column(metric, &told, value);
        let top = top(&mut self.ranked, question.top).iter();
        MetricsSummary {
            metric,
            unit: metric.unit(),
            range_seconds: seconds(question.range),
            step_seconds: seconds(step),
            tier: self.origin.tier(),
            source: self.origin.source(),
            archive_error: self.origin.archive_error(),
            resources: count(resources),
            timestamp: inputs.now.as_millisecond(),
            times,
            count: counts,
            sum: column(|told| told.sum),
            avg: column(|told| told.avg),
            min: column(|told| told.min),
            max: column(|told| told.max),
            p50: column(|told| told.p50),
            p95: column(|told| told.p95),
            top: top.filter_map(|ranked| top_resource(metric, inputs.snapshot, ranked)).collect(),
            distribution: distribution(metric, &self.ranked),
        }
    }
}

/// What each resource comes to from a time on.
fn ranked(subjects: &[Subject], answer: &ManyAnswer, begin: i64) -> Vec<Option<Ranked>> {
    let early = ending_before(answer, begin);
    let columns = answer.resources.iter().flatten();
    subjects.iter().zip(columns).map(|(subject, column)| Ranked::of(subject.id, column, early)).collect()
}

fn column(metric: Metric, told: &[Option<Told>], value: impl Fn(&Told) -> f64) -> Values {
    rounding::column(metric, told.iter().map(|told| told.as_ref().map(&value)).collect())
}

fn top_resource(metric: Metric, snapshot: &Snapshot, ranked: &Ranked) -> Option<TopResource> {
    let row = snapshot.get(ranked.id)?;
    Some(TopResource {
        resource_id: row.id,
        name: row.display_name.clone(),
        kind: row.kind,
        avg: rounding::number(metric, ranked.avg),
        max: rounding::number(metric, ranked.max),
        last: rounding::number(metric, ranked.last),
    })
}

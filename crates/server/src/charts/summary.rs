//! One metric of many resources as one: history folds the columns, here they get names.

use std::collections::BTreeSet;

use jiff::Timestamp;
use muster_api::summary::{DistributionBin, MetricsSummary, TopResource};
use muster_estate::Snapshot;
use muster_history::{Aggregate, AggregateQuery, QueryError, Ranked, Tier};
use muster_model::{Metric, ResourceId, Unit};

use super::{Computed, Inputs, computed, question::Summary, table::subjects};
use crate::{
    rounding,
    subject::{Subject, seconds, source, tier},
};

/// Bins of the distribution.
const BINS: usize = 10;

pub(super) fn compute(question: &Summary, inputs: &Inputs<'_>) -> Result<Computed, QueryError> {
    let subjects = measured(question, inputs);
    let answer = ask(question, inputs, &subjects)?;
    let step = answer.step;
    let source = source(answer.from_memory, answer.in_memory);
    let summary = MetricsSummary { source, ..named(question, inputs, &subjects, answer) };
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

fn ask(question: &Summary, inputs: &Inputs<'_>, subjects: &[Subject]) -> Result<Aggregate, QueryError> {
    if subjects.is_empty() {
        return Ok(nobody());
    }
    let query = AggregateQuery {
        tenant: inputs.snapshot.tenant().clone(),
        resources: subjects.iter().map(|subject| subject.ids.clone()).collect(),
        metric: question.metric,
        from: inputs.now.saturating_sub(question.range).unwrap_or(Timestamp::MIN),
        to: inputs.now,
        points: question.points,
        // All of them, for the distribution.
        top: subjects.len(),
    };
    inputs.history.aggregate(&query, inputs.cancel)
}

fn nobody() -> Aggregate {
    Aggregate {
        step: jiff::SignedDuration::ZERO,
        times: Vec::new(),
        count: Vec::new(),
        sum: Vec::new(),
        avg: Vec::new(),
        min: Vec::new(),
        max: Vec::new(),
        p50: Vec::new(),
        p95: Vec::new(),
        top: Vec::new(),
        tier: Tier::Raw,
        from_memory: true,
        in_memory: true,
        archive_error: None,
    }
}

fn named(question: &Summary, inputs: &Inputs<'_>, subjects: &[Subject], answer: Aggregate) -> MetricsSummary {
    let metric = question.metric;
    let column = |values| rounding::column(metric, values);
    let top = answer.top.iter().take(question.top);
    MetricsSummary {
        metric,
        unit: metric.unit(),
        range_seconds: seconds(question.range),
        step_seconds: seconds(answer.step),
        tier: tier(answer.tier),
        source: source(answer.from_memory, true),
        archive_error: answer.archive_error,
        resources: u32::try_from(subjects.len()).unwrap_or(u32::MAX),
        timestamp: inputs.now.as_millisecond(),
        times: answer.times,
        count: answer.count,
        sum: column(answer.sum),
        avg: column(answer.avg),
        min: column(answer.min),
        max: column(answer.max),
        p50: column(answer.p50),
        p95: column(answer.p95),
        top: top.filter_map(|ranked| top_resource(metric, inputs.snapshot, subjects, ranked)).collect(),
        distribution: distribution(metric, &answer.top),
    }
}

fn top_resource(metric: Metric, snapshot: &Snapshot, subjects: &[Subject], ranked: &Ranked) -> Option<TopResource> {
    let row = snapshot.get(subjects.get(ranked.index)?.id)?;
    Some(TopResource {
        resource_id: row.id,
        name: row.display_name.clone(),
        kind: row.kind,
        avg: rounding::number(metric, ranked.avg),
        max: rounding::number(metric, ranked.max),
        last: rounding::number(metric, ranked.last),
    })
}

/// How many resources have which average. Percentages have round bins, from 0 to 100 at least.
fn distribution(metric: Metric, ranked: &[Ranked]) -> Vec<DistributionBin> {
    let averages = || ranked.iter().map(|ranked| ranked.avg);
    let (Some(least), Some(greatest)) = (averages().reduce(f64::min), averages().reduce(f64::max)) else {
        return Vec::new();
    };
    let (from, to) = match metric.unit() {
        Unit::Percent => (0.0, (greatest / 100.0).ceil().max(1.0) * 100.0),
        Unit::Bytes | Unit::BytesPerSecond | Unit::Celsius | Unit::Number | Unit::Hours => (least, greatest),
    };
    let width = (to - from) / BINS as f64;
    let mut counts = [0; BINS];
    for average in averages() {
        counts[bin(average - from, width)] += 1;
    }
    let edge = |place: usize| rounding::number(metric, from + width * place as f64);
    let bins = counts.iter().enumerate();
    bins.map(|(place, count)| DistributionBin { from: edge(place), to: edge(place + 1), count: *count }).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the bins")]
fn bin(offset: f64, width: f64) -> usize {
    if width > 0.0 { (offset / width).clamp(0.0, (BINS - 1) as f64) as usize } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_is_in_one_bin() {
        let check = |metric, averages: &[f64], expected: &[u32]| {
            let ranked: Vec<_> =
                averages.iter().map(|avg| Ranked { index: 0, avg: *avg, max: *avg, last: *avg }).collect();
            let counts: Vec<u32> = distribution(metric, &ranked).iter().map(|bin| bin.count).collect();
            assert_eq!(counts, expected);
        };
        check(Metric::Cpu, &[0.0, 9.9, 10.0, 100.0], &[2, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
        check(Metric::Cpu, &[250.0], &[0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
        check(Metric::NetIn, &[5.0, 5.0], &[2, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        check(Metric::NetIn, &[], &[]);
    }
}

//! The same metrics of many resources on one time axis, asked for in a few large questions.

use std::num::NonZeroU32;

use jiff::{SignedDuration, Timestamp};
use muster_history::{Column, ManyAnswer, ManyQuery, QueryError};
use muster_model::{Metric, ResourceId};

use super::{Inputs, origin::Origin};
use crate::subject::Subject;

/// Resources of one question. History answers a question in one pass, so the number of passes does not depend on the
/// number of resources below this.
const RESOURCES_A_QUESTION: usize = 500;

/// Values of one answer: beyond it, points become fewer. It bounds the memory of an answer to some fifty megabytes and
/// its text to some ten.
const MOST_VALUES: usize = 1_000_000;

/// The fewest points that a chart is coarsened to.
const FEWEST_POINTS: u32 = 24;

/// Which table.
pub(super) struct Wanted<'a> {
    pub(super) resources: &'a [Subject],
    pub(super) metrics: &'a [Metric],
    pub(super) range: SignedDuration,
    pub(super) points: NonZeroU32,
    /// How long before the range to begin, in addition, in points of the same width.
    pub(super) lead: SignedDuration,
}

/// One row a resource, in it one column a metric.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) step: SignedDuration,
    pub(super) times: Vec<i64>,
    pub(super) rows: Vec<Vec<Column>>,
    pub(super) origin: Origin,
}

impl Wanted<'_> {
    /// How many series it asks for.
    pub(super) fn columns(&self) -> usize {
        self.resources.len() * self.metrics.len()
    }

    /// Asks history for a table. Of more values than an answer may have, points become fewer.
    pub(super) fn ask(&self, inputs: &Inputs<'_>) -> Result<Table, QueryError> {
        let points = fewer(self.points, MOST_VALUES / self.columns().max(1));
        let wanted = Wanted { points, ..*self };
        let mut table = Table::empty();
        wanted.each(inputs, |_, answer| table.append(answer))?;
        Ok(table)
    }

    /// Asks history in questions of bounded size, and hands over each answer with the subjects that it is about.
    pub(super) fn each(
        &self,
        inputs: &Inputs<'_>,
        mut take: impl FnMut(&[Subject], ManyAnswer),
    ) -> Result<(), QueryError> {
        let points = self.points_with_lead();
        let columns = MOST_VALUES / points.get() as usize;
        let resources = (columns / self.metrics.len().max(1)).clamp(1, RESOURCES_A_QUESTION);
        for subjects in self.resources.chunks(resources) {
            let query = self.question(inputs, subjects, points);
            take(subjects, inputs.history.query_many(&query, inputs.cancel)?);
        }
        Ok(())
    }

    /// The moment that the range begins at, in epoch milliseconds.
    pub(super) fn begin(&self, inputs: &Inputs<'_>) -> i64 {
        inputs.now.saturating_sub(self.range).unwrap_or(Timestamp::MIN).as_millisecond()
    }

    fn question(&self, inputs: &Inputs<'_>, resources: &[Subject], points: NonZeroU32) -> ManyQuery {
        let length = self.range.saturating_add(self.lead);
        ManyQuery {
            tenant: inputs.snapshot.tenant().clone(),
            resources: resources.iter().map(|subject| subject.ids.clone()).collect(),
            metrics: self.metrics.to_vec(),
            from: inputs.now.saturating_sub(length).unwrap_or(Timestamp::MIN),
            to: inputs.now,
            points,
        }
    }

    /// So many points that their width is the same with the lead as without.
    fn points_with_lead(&self) -> NonZeroU32 {
        let lead = self.lead.as_millis() * i128::from(self.points.get()) / self.range.as_millis().max(1);
        self.points.saturating_add(u32::try_from(lead).unwrap_or(u32::MAX))
    }
}

/// No more points than can be afforded, and no fewer than a chart needs.
pub(super) fn fewer(points: NonZeroU32, affordable: usize) -> NonZeroU32 {
    let affordable = u32::try_from(affordable).unwrap_or(u32::MAX).max(FEWEST_POINTS);
    points.min(NonZeroU32::new(affordable).expect("it is at least the fewest points"))
}

impl Table {
    fn empty() -> Self {
        Self { step: SignedDuration::ZERO, times: Vec::new(), rows: Vec::new(), origin: Origin::default() }
    }

    /// When the first point begins that has a value in any row, in epoch milliseconds.
    pub(super) fn oldest(&self) -> Option<i64> {
        let first = |column: &Column| column.avg.iter().position(Option::is_some);
        let first = self.rows.iter().flatten().filter_map(first).min()?;
        self.times.get(first).copied()
    }

    /// Adds the rows of one answer. Where all of its resources are sampled more slowly than the points follow each
    /// other, its axis is a coarser one; the finer of both is kept.
    fn append(&mut self, answer: ManyAnswer) {
        self.origin.note(&answer);
        let ManyAnswer { step, times, mut resources, .. } = answer;
        if self.rows.is_empty() || step < self.step {
            let coarse = std::mem::replace(&mut self.times, times);
            spread(&mut self.rows, &coarse, &self.times, step);
            self.step = step;
        } else if step > self.step {
            spread(&mut resources, &times, &self.times, self.step);
        }
        self.rows.append(&mut resources);
    }
}

/// Moves columns onto a finer axis: each value to the point in which its own begins.
fn spread(rows: &mut [Vec<Column>], from: &[i64], to: &[i64], step: SignedDuration) {
    let (Some(first), step_ms) = (to.first(), step.as_millis()) else { return };
    let place = |time: &i64| usize::try_from((i128::from(*time - first) / step_ms.max(1)).max(0)).unwrap_or(usize::MAX);
    let places: Vec<usize> = from.iter().map(place).collect();
    for column in rows.iter_mut().flatten() {
        for values in [&mut column.avg, &mut column.min, &mut column.max] {
            let coarse = std::mem::replace(values, vec![None; to.len()]);
            for (value, place) in coarse.into_iter().zip(&places) {
                if let Some(slot) = values.get_mut(*place) {
                    *slot = value;
                }
            }
        }
    }
}

/// Whether a column has any value.
pub(super) fn is_known(column: &Column) -> bool {
    column.avg.iter().any(Option::is_some)
}

/// The subjects with their rows.
pub(super) fn by_resource(
    subjects: &[Subject],
    rows: Vec<Vec<Column>>,
) -> impl Iterator<Item = (ResourceId, Vec<Column>)> {
    subjects.iter().map(|subject| subject.id).zip(rows)
}

#[cfg(test)]
mod tests {
    use muster_history::Tier;

    use super::*;

    #[test]
    fn answers_of_different_steps_share_the_finer_axis() {
        let mut table = Table::empty();
        table.append(answer(60, &[0, 60_000], &[Some(1.0), Some(2.0)]));
        table.append(answer(20, &[0, 20_000, 40_000, 60_000], &[Some(5.0), None, Some(6.0), Some(7.0)]));
        table.append(answer(60, &[0, 60_000], &[None, Some(3.0)]));
        let columns: Vec<_> = table.rows.iter().map(|row| row[0].avg.clone()).collect();
        assert_eq!(table.step, SignedDuration::from_secs(20));
        assert_eq!(columns[0], [Some(1.0), None, None, Some(2.0)]);
        assert_eq!(columns[1], [Some(5.0), None, Some(6.0), Some(7.0)]);
        assert_eq!(columns[2], [None, None, None, Some(3.0)]);
    }

    fn answer(step: i64, times: &[i64], values: &[Option<f64>]) -> ManyAnswer {
        let values = values.to_vec();
        let column =
            Column { metric: Metric::Cpu, avg: values.clone(), min: values.clone(), max: values, gaps: Vec::new() };
        ManyAnswer {
            step: SignedDuration::from_secs(step),
            times: times.to_vec(),
            resources: vec![vec![column]],
            tier: Tier::Raw,
            from_memory: true,
            in_memory: true,
            archive_error: None,
        }
    }
}

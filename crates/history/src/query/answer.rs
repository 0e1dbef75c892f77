//! Answers questions: first a view of memory under a short lock, then everything else without any.

use muster_model::{Metric, ResourceId};

use crate::{
    cancel::Cancel,
    grid::{Grid, Period},
    head::Head,
    query::{
        Answer, Column, ManyAnswer, ManyQuery, Query, QueryError, Recorded, Tier,
        aggregate::{Aggregate, AggregateQuery, Fold},
        buckets::Buckets,
        coverage::covers,
        gaps::GapFinder,
        stretch::Braid,
        window::{Axis, Span},
    },
    store::{Blocks, StoreError},
};

/// A checked question and all that memory knows of its answer.
#[derive(Debug)]
pub(crate) struct View {
    grid: Grid,
    span: Span,
    axis: Axis,
    /// One entry a resource; in it, one braid a metric.
    resources: Vec<Vec<(Metric, Braid)>>,
    from_memory: bool,
}

impl From<Query> for ManyQuery {
    fn from(query: Query) -> Self {
        let Query { tenant, resources, metrics, from, to, points } = query;
        Self { tenant, resources: vec![resources], metrics, from, to, points }
    }
}

impl From<AggregateQuery> for ManyQuery {
    fn from(query: AggregateQuery) -> Self {
        let AggregateQuery { tenant, resources, metric, from, to, points, top: _ } = query;
        Self { tenant, resources, metrics: vec![metric], from, to, points }
    }
}

impl From<ManyAnswer> for Answer {
    fn from(answer: ManyAnswer) -> Self {
        let ManyAnswer { step, times, resources, tier, from_memory } = answer;
        Self { step, times, columns: resources.into_iter().flatten().collect(), tier, from_memory }
    }
}

impl View {
    /// Checks a question and gathers what memory knows of its answer.
    pub(crate) fn gather(head: &Head, grid: Grid, query: &ManyQuery) -> Result<Self, QueryError> {
        let columns = query.resources.len().saturating_mul(query.metrics.len());
        if columns == 0 || query.resources.iter().any(Vec::is_empty) {
            return Err(QueryError::Nothing);
        }
        let points = query.points.get();
        if columns > ManyQuery::MOST_COLUMNS {
            return Err(QueryError::TooMuch { columns, points });
        }
        let span = Span::new(grid, query.from, query.to)?;
        let braids = |ids: &Vec<ResourceId>| {
            query.metrics.iter().map(|metric| (*metric, braid(head, query, ids, *metric, span))).collect()
        };
        let resources: Vec<Vec<(Metric, Braid)>> = query.resources.iter().map(braids).collect();
        let period = resources.iter().flatten().filter_map(|(_, braid)| braid.period()).min();
        let axis = Axis::cut(span, points, period.map_or(1, Period::get));
        if columns * axis.buckets() > ManyQuery::MOST_VALUES {
            return Err(QueryError::TooMuch { columns, points });
        }
        let covered = query.resources.iter().all(|ids| is_covered(head, grid, query, ids, span));
        let from_memory = covered && !resources.iter().flatten().any(|(_, braid)| braid.is_stored());
        Ok(Self { grid, span, axis, resources, from_memory })
    }

    /// Whether blocks on disk must be read.
    pub(crate) fn needs_blocks(&self) -> bool {
        self.resources.iter().flatten().any(|(_, braid)| braid.is_stored())
    }

    /// Builds the answer, one column after the other.
    pub(crate) fn answer(self, blocks: &Blocks<'_>, cancel: &Cancel) -> Result<ManyAnswer, QueryError> {
        let mut resources: Vec<Vec<Column>> = self.resources.iter().map(|_| Vec::new()).collect();
        self.columns(blocks, cancel, |resource, column| resources[resource].push(column))?;
        Ok(ManyAnswer {
            resources,
            step: self.axis.step(self.grid),
            times: self.axis.times(self.grid),
            tier: Tier::Raw,
            from_memory: self.from_memory,
        })
    }

    /// Builds one answer of all resources.
    pub(crate) fn aggregate(self, blocks: &Blocks<'_>, cancel: &Cancel, top: usize) -> Result<Aggregate, QueryError> {
        let mut fold = Fold::new(self.axis.buckets(), top);
        self.columns(blocks, cancel, |resource, column| fold.add(resource, &column))?;
        Ok(fold.finish(self.axis.step(self.grid), self.axis.times(self.grid), Tier::Raw, self.from_memory))
    }

    fn columns(
        &self,
        blocks: &Blocks<'_>,
        cancel: &Cancel,
        mut sink: impl FnMut(usize, Column),
    ) -> Result<(), QueryError> {
        for (resource, columns) in self.resources.iter().enumerate() {
            for (metric, braid) in columns {
                cancel.check()?;
                sink(resource, self.column(*metric, braid, blocks).map_err(QueryError::Read)?);
            }
        }
        Ok(())
    }

    /// Hands over every sample of the first column, in ascending order of time.
    pub(crate) fn samples(
        &self,
        blocks: &Blocks<'_>,
        cancel: &Cancel,
        mut sink: impl FnMut(Recorded),
    ) -> Result<(), QueryError> {
        cancel.check()?;
        let (_, braid) = &self.resources[0][0];
        let walked = braid.walk(self.span, blocks, |tick, value, _| {
            sink(Recorded::Sample { at: self.grid.time(tick), value });
        });
        walked.map_err(QueryError::Read)
    }

    fn column(&self, metric: Metric, braid: &Braid, blocks: &Blocks<'_>) -> Result<Column, StoreError> {
        let mut buckets = Buckets::new(self.axis);
        let mut gaps = GapFinder::new(self.grid, self.span, self.axis.step_ticks());
        braid.walk(self.span, blocks, |tick, value, period| {
            buckets.add(tick, value);
            gaps.sample(tick, period);
        })?;
        Ok(buckets.column(metric, gaps.finish()))
    }
}

fn braid(head: &Head, query: &ManyQuery, ids: &[ResourceId], metric: Metric, span: Span) -> Braid {
    let strands = |id: &ResourceId| head.strands(&query.tenant, (*id, metric), span.from, span.to);
    Braid { ids: ids.iter().map(strands).collect(), last_block: head.last_block }
}

/// Whether the longest span of any metric asked for covers the window.
fn is_covered(head: &Head, grid: Grid, query: &ManyQuery, ids: &[ResourceId], span: Span) -> bool {
    let of_metric = |metric: &Metric| {
        let spans = ids.iter().filter_map(|id| head.memory_span(&query.tenant, (*id, *metric), span.from, span.to));
        let (first, last) = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
        Some(last.0 - first.0)
    };
    let longest = query.metrics.iter().filter_map(of_metric).max();
    longest.is_some_and(|ticks| covers(grid.duration(span.ticks()), grid.duration(ticks)))
}

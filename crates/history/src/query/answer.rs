//! Answers questions: first a view of memory under a short lock, then everything else without any.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use muster_model::{Metric, ResourceId, TenantId};

use crate::{
    archive::{Archive, ArchiveBucket, ArchiveQuery},
    calendar::Window,
    cancel::Cancel,
    codec::scale::Scale,
    grid::{Grid, Period, Tick},
    head::Head,
    index::{BlockMeta, ShardBlocks},
    options::Settings,
    plan::Shard,
    query::{
        Answer, Column, ManyAnswer, ManyQuery, Query, QueryError, Recorded, Tier,
        aggregate::{Aggregate, AggregateQuery, Fold, Found},
        buckets::Buckets,
        coverage::covers,
        gaps::GapFinder,
        reading::{Pieces, Reading, Run, Sink, Strand},
        sources::{Holdings, Piece, cut_apart, tier_of_step},
        window::{Axis, Span},
    },
    rollup::Bucket,
    store::Blocks,
};

/// A checked question and all that memory knows of its answer.
#[derive(Debug)]
pub(crate) struct View {
    tenant: TenantId,
    ids: Vec<Vec<ResourceId>>,
    archive: Option<Arc<dyn Archive>>,
    settings: Settings,
    span: Span,
    axis: Axis,
    metrics: Vec<Metric>,
    /// One entry a resource; in it, one strand an id that anything is known of.
    resources: Vec<Vec<Strand>>,
    shards: HashMap<Shard, Arc<ShardBlocks>>,
    /// How each shard answers.
    pieces: Pieces,
    /// How each shard answers in the finest resolution, where a resource has ids in several shards.
    finest: Pieces,
    /// The state of the database that this is a view of.
    pub(crate) generation: i64,
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
        let ManyAnswer { step, times, resources, tier, from_memory, in_memory, archive_error } = answer;
        let columns = resources.into_iter().flatten().collect();
        Self { step, times, columns, tier, from_memory, in_memory, archive_error }
    }
}

/// How the points of an answer come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolution {
    /// So many points at most.
    Points,
    /// Everything that is stored, as fine as it is there.
    Finest,
}

impl View {
    /// Checks a question and gathers what memory knows of its answer.
    pub(crate) fn gather(
        head: &Head,
        archive: Option<&Arc<dyn Archive>>,
        query: &ManyQuery,
        resolution: Resolution,
    ) -> Result<Self, QueryError> {
        let columns = query.resources.len().saturating_mul(query.metrics.len());
        if columns == 0 || query.resources.iter().any(Vec::is_empty) {
            return Err(QueryError::Nothing);
        }
        let points = query.points.get();
        if columns > ManyQuery::MOST_COLUMNS {
            return Err(QueryError::TooMuch { columns, points });
        }
        let settings = head.settings;
        let span = Span::new(settings.grid, query.from, query.to)?;
        let mut resources: Vec<Vec<Strand>> = query.resources.iter().map(|ids| strands(head, query, ids)).collect();
        let shards = shards(head, &resources);
        let fresh = head.fresh_windows();
        let plan = |span: Span, tier| pieces(head, &shards, &fresh, span.window(), tier);
        let (axis, span, pieces) = match resolution {
            Resolution::Finest => (Axis::cut(span, points, 1), span, plan(span, Tier::Raw)),
            Resolution::Points => {
                let least = shortest_period(head, &resources);
                resolve(&settings, span, points, least, plan)
            }
        };
        if columns * axis.buckets() > ManyQuery::MOST_VALUES {
            return Err(QueryError::TooMuch { columns, points });
        }
        let is_mixed = resources.iter().any(|strands| shards_of(strands).len() > 1);
        let finest = if is_mixed { plan(span, Tier::Raw) } else { Pieces::new() };
        for strand in resources.iter_mut().flatten() {
            strand.remember(head, &query.metrics, span);
        }
        let metrics = query.metrics.clone();
        let generation = head.index.generation;
        let archive = archive.filter(|_| resolution == Resolution::Points).cloned();
        let (tenant, ids) = (query.tenant.clone(), query.resources.clone());
        Ok(Self { tenant, ids, archive, settings, span, axis, metrics, resources, shards, pieces, finest, generation })
    }

    /// Whether blocks on disk must be read.
    pub(crate) fn needs_blocks(&self) -> bool {
        self.any_block(|shard, block| shard.resident(block.id).is_none())
    }

    /// Whether memory has a part of the answer.
    fn has_memory(&self) -> bool {
        let has_fresh = self.resources.iter().flatten().any(|strand| strand.fresh.iter().any(|it| !it.is_empty()));
        has_fresh || self.any_block(|shard, block| shard.resident(block.id).is_some())
    }

    /// Whether something holds for any block that the answer is made of.
    fn any_block(&self, holds: impl Fn(&ShardBlocks, &BlockMeta) -> bool) -> bool {
        let in_shard = |(shard, pieces): (&Shard, &Vec<Piece>)| {
            let blocks = &self.shards[shard];
            let touched =
                |piece: &Piece, block: &BlockMeta| block.window.touches(piece.window.first, piece.window.last);
            let of_piece =
                |piece: &Piece| blocks.of_tier(piece.tier).iter().any(|it| touched(piece, it) && holds(blocks, it));
            pieces.iter().any(of_piece)
        };
        self.pieces.iter().chain(&self.finest).any(in_shard)
    }

    /// Builds the answer, one resource after the other.
    pub(crate) fn answer(self, blocks: &Blocks<'_>, cancel: &Cancel) -> Result<ManyAnswer, QueryError> {
        let mut resources: Vec<Vec<Column>> = self.resources.iter().map(|_| Vec::new()).collect();
        let found = self.columns(blocks, cancel, |resource, column| resources[resource].push(column))?;
        Ok(ManyAnswer {
            resources,
            step: self.axis.step(self.settings.grid),
            times: self.axis.times(self.settings.grid),
            tier: self.coarsest(),
            from_memory: found.from_memory,
            in_memory: found.in_memory,
            archive_error: found.archive_error,
        })
    }

    /// Builds one answer of all resources.
    pub(crate) fn aggregate(self, blocks: &Blocks<'_>, cancel: &Cancel, top: usize) -> Result<Aggregate, QueryError> {
        let mut fold = Fold::new(self.axis.buckets(), top);
        let found = self.columns(blocks, cancel, |resource, column| fold.add(resource, &column))?;
        let grid = self.settings.grid;
        Ok(fold.finish(self.axis.step(grid), self.axis.times(grid), self.coarsest(), found))
    }

    /// Hands over everything that is known of the first metric of the first resource, in ascending order of time.
    pub(crate) fn recorded(
        &self,
        blocks: &Blocks<'_>,
        cancel: &Cancel,
        sink: impl FnMut(Recorded),
    ) -> Result<(), QueryError> {
        let scale = Scale::of_code(self.metrics[0].code(), self.settings.rounding);
        let mut sink = Recorder { grid: self.settings.grid, scale, sink };
        self.reading(0, |reading| reading.run(blocks, cancel, &mut sink))
    }

    fn coarsest(&self) -> Tier {
        coarsest(&self.pieces).max(coarsest(&self.finest))
    }

    /// Hands over every column.
    fn columns(
        &self,
        blocks: &Blocks<'_>,
        cancel: &Cancel,
        mut sink: impl FnMut(usize, Column),
    ) -> Result<Found, QueryError> {
        let (mut covered, mut archive) = (true, self.archive.as_ref().map(|archive| Asking::new(self, &**archive)));
        for resource in 0..self.resources.len() {
            cancel.check()?;
            let mut columns: Vec<Building> = self.metrics.iter().map(|metric| Building::new(self, *metric)).collect();
            if let Some(archive) = &mut archive {
                archive.ask(resource, &mut columns, cancel)?;
            }
            self.reading(resource, |reading| reading.run(blocks, cancel, &mut columns.as_mut_slice()))?;
            covered &= self.is_covered(&columns);
            columns.into_iter().for_each(|column| sink(resource, column.finish()));
        }
        let archive_error = archive.and_then(|archive| archive.error);
        Ok(Found { from_memory: covered && !self.needs_blocks(), in_memory: self.has_memory(), archive_error })
    }

    /// From when on this history knows of a resource, or of others beside it: what is older was here once, if ever.
    fn first_here(&self, resource: usize) -> Option<Tick> {
        let strands = &self.resources[resource];
        let fresh = strands.iter().flat_map(|strand| strand.fresh.iter().flatten());
        let fresh = fresh.filter_map(|fresh| Some(fresh.samples.first()?.0));
        let shards = shards_of(strands);
        let stored = shards.iter().filter_map(|shard| self.shards.get(shard)).flat_map(|shard| shard.all());
        fresh.chain(stored.map(|block| block.window.first)).min()
    }

    fn reading<T>(&self, resource: usize, read: impl FnOnce(Reading<'_>) -> T) -> T {
        let strands = &self.resources[resource];
        let pieces = self.pieces_of(strands);
        let own = if shards_of(strands).len() > 1 { &self.finest } else { &self.pieces };
        let (metrics, shards, settings) = (&self.metrics, &self.shards, &self.settings);
        read(Reading { metrics, strands, shards, own, pieces: &pieces, settings })
    }

    /// What answers for a resource. Ids in different shards may be summed up to different times, so that only what is
    /// finest can be laid over each other.
    fn pieces_of(&self, strands: &[Strand]) -> Cow<'_, [Piece]> {
        let shards = shards_of(strands);
        match shards.len() {
            0 => Cow::Borrowed(&[]),
            1 => Cow::Borrowed(shards.first().and_then(|shard| self.pieces.get(shard)).map_or(&[], Vec::as_slice)),
            _ => {
                let pieces: Vec<Piece> = shards.iter().flat_map(|shard| &self.finest[shard]).copied().collect();
                Cow::Owned(cut_apart(&pieces))
            }
        }
    }

    /// Whether the longest span of any metric asked for covers the window.
    fn is_covered(&self, columns: &[Building]) -> bool {
        let longest = columns.iter().filter_map(|column| column.extent).map(|(first, last)| last.0 - first.0).max();
        let grid = self.settings.grid;
        longest.is_some_and(|ticks| covers(grid.duration(self.span.ticks()), grid.duration(ticks)))
    }
}

fn strands(head: &Head, query: &ManyQuery, ids: &[ResourceId]) -> Vec<Strand> {
    let tracks = ids.iter().filter_map(|id| head.catalogue.track_of(&query.tenant, *id));
    tracks.map(Strand::new).collect()
}

fn shards(head: &Head, resources: &[Vec<Strand>]) -> HashMap<Shard, Arc<ShardBlocks>> {
    let wanted: BTreeSet<Shard> = resources.iter().flat_map(|strands| shards_of(strands)).collect();
    wanted.into_iter().map(|shard| (shard, head.index.shard(shard).cloned().unwrap_or_default())).collect()
}

fn shards_of(strands: &[Strand]) -> BTreeSet<Shard> {
    strands.iter().map(|strand| strand.track.shard()).collect()
}

fn shortest_period(head: &Head, resources: &[Vec<Strand>]) -> i64 {
    let tracks = resources.iter().flatten().map(|strand| &head.catalogue.tracks()[strand.track.0 as usize]);
    tracks.map(|track| track.period).min().map_or(1, Period::get)
}

fn pieces(
    head: &Head,
    shards: &HashMap<Shard, Arc<ShardBlocks>>,
    fresh: &BTreeSet<Window>,
    span: Window,
    tier: Tier,
) -> Pieces {
    let of_shard = |(shard, blocks): (&Shard, &Arc<ShardBlocks>)| {
        let holdings = Holdings { blocks, fresh, settings: &head.settings, present: head.present() };
        (*shard, holdings.pieces(span, tier))
    };
    shards.iter().map(of_shard).collect()
}

fn coarsest(pieces: &Pieces) -> Tier {
    pieces.values().flatten().map(|piece| piece.tier).max().unwrap_or(Tier::Raw)
}

/// Chooses points, the time they cover, and resolution: the coarsest that is no coarser than a point, or what is left of the past.
fn resolve(
    settings: &Settings,
    span: Span,
    points: u32,
    period: i64,
    plan: impl Fn(Span, Tier) -> Pieces,
) -> (Axis, Span, Pieces) {
    let calendar = settings.calendar;
    let mut axis = Axis::cut(span, points, period);
    loop {
        let tier = tier_of_step(calendar, axis.step_ticks());
        let pieces = plan(span, tier);
        if coarsest(&pieces) == Tier::Raw {
            return (axis, span, pieces);
        }
        // Sums are counted whole, and so is everything else then.
        let pieces = plan(axis.span(), tier);
        let width = calendar.width(coarsest(&pieces));
        if axis.step_ticks() % width == 0 {
            return (axis, axis.span(), pieces);
        }
        axis = Axis::cut_in_multiples(span, points, axis.step_ticks().max(width), width);
    }
}

/// A column while it is read.
#[derive(Debug)]
struct Building {
    metric: Metric,
    widths: [i64; 4],
    buckets: Buckets,
    gaps: GapFinder,
    extent: Option<(Tick, Tick)>,
}

impl Building {
    fn new(view: &View, metric: Metric) -> Self {
        let View { settings, span, axis, .. } = view;
        Self {
            metric,
            widths: Tier::ALL.map(|tier| settings.calendar.width(tier)),
            buckets: Buckets::new(*axis, Scale::of_code(metric.code(), settings.rounding)),
            gaps: GapFinder::new(settings.grid, *span, axis.step_ticks()),
            extent: None,
        }
    }

    fn cover(&mut self, first: Tick, last: Tick) {
        let (known_first, known_last) = self.extent.unwrap_or((first, last));
        self.extent = Some((known_first.min(first), known_last.max(last)));
    }

    fn add_archived(&mut self, buckets: &[ArchiveBucket], grid: Grid, width: i64) {
        for archived in buckets {
            let tick = Tick(archived.at_ms.div_euclid(grid.tick_ms()));
            // It may have answered more than it was asked.
            if !self.buckets.contains(tick) {
                continue;
            }
            let ArchiveBucket { count, sum, min, max, last, .. } = *archived;
            self.buckets.merge_in_unit(tick, Bucket { count, sum, min, max, last });
            let last = tick.plus(width - 1);
            self.gaps.covered(tick, last, Period::of_ticks(std::num::NonZeroU32::MIN));
            self.cover(tick, last);
        }
    }

    fn finish(self) -> Column {
        self.buckets.column(self.metric, self.gaps.finish())
    }
}

impl Sink for &mut [Building] {
    fn samples(&mut self, metric: usize, run: Run<'_, f64>) {
        let column = &mut self[metric];
        column.buckets.add(run.ticks, run.values);
        column.gaps.samples(run.ticks, run.period);
        column.cover(run.ticks[0], run.ticks[run.ticks.len() - 1]);
    }

    fn buckets(&mut self, metric: usize, tier: Tier, run: Run<'_, Bucket>) {
        let column = &mut self[metric];
        let (first, last) = (run.ticks[0], run.ticks[run.ticks.len() - 1].plus(column.widths[tier as usize] - 1));
        column.buckets.merge_all(run.ticks, run.values);
        column.gaps.buckets(run.ticks, column.widths[tier as usize], run.period);
        column.cover(first, last);
    }
}

/// Asks a store elsewhere for what is older than the local pieces. After it has failed once it is asked no more.
struct Asking<'a> {
    view: &'a View,
    archive: &'a dyn Archive,
    error: Option<String>,
}

impl<'a> Asking<'a> {
    fn new(view: &'a View, archive: &'a dyn Archive) -> Self {
        Self { view, archive, error: None }
    }

    fn ask(&mut self, resource: usize, columns: &mut [Building], cancel: &Cancel) -> Result<(), QueryError> {
        let View { settings, span, axis, ids, tenant, .. } = self.view;
        let local = self.view.first_here(resource);
        let width = axis.step_ticks();
        // Only whole points: one that both know of is told by what is here.
        let until = local.map_or(axis.span().to.0 + 1, |first| first.0.div_euclid(width) * width);
        let from = axis.span().from;
        if until <= from.0 || until <= span.from.0 {
            return Ok(());
        }
        for column in columns {
            if self.error.is_some() {
                return Ok(());
            }
            cancel.check()?;
            let question = ArchiveQuery {
                tenant: tenant.clone(),
                resources: ids[resource].clone(),
                metric: column.metric,
                from_ms: settings.grid.epoch_ms(from),
                to_ms: settings.grid.epoch_ms(Tick(until)),
                width_ms: settings.grid.epoch_ms(Tick(width)),
            };
            match self.archive.buckets(&question, cancel) {
                Ok(buckets) => column.add_archived(&buckets, settings.grid, width),
                Err(error) => self.error = Some(muster_runtime::chain(&error)),
            }
        }
        Ok(())
    }
}

/// Hands everything on as it is.
struct Recorder<F> {
    grid: Grid,
    scale: Scale,
    sink: F,
}

impl<F: FnMut(Recorded)> Sink for Recorder<F> {
    fn samples(&mut self, _: usize, run: Run<'_, f64>) {
        for (tick, value) in run.ticks.iter().zip(run.values) {
            (self.sink)(Recorded::Sample { at: self.grid.time(*tick), value: *value });
        }
    }

    fn buckets(&mut self, _: usize, tier: Tier, run: Run<'_, Bucket>) {
        for (tick, bucket) in run.ticks.iter().zip(run.values) {
            let Bucket { count, min, max, last, .. } = *bucket;
            let (at, sum) = (self.grid.time(*tick), bucket.sum(self.scale));
            (self.sink)(Recorded::Bucket { at, tier, count: u64::from(count), sum, min, max, last });
        }
    }
}

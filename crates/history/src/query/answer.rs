//! Answers questions: first a view of memory under a short lock, then everything else without any.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use muster_model::{Metric, ResourceId};

use crate::{
    calendar::Window,
    cancel::Cancel,
    codec::{buckets::Fields, scale::Scale},
    grid::{Grid, Period, Tick},
    head::Head,
    index::{BlockMeta, ShardBlocks},
    options::Settings,
    plan::Shard,
    query::{
        Answer, ManyAnswer, ManyQuery, Query, QueryError, Recorded, Tier,
        builder::Builder,
        building::Built,
        coverage::covers,
        older::Older,
        reading::{Pieces, Reading, Run, Sink, Strand},
        sources::{Holdings, Piece, cut_apart, tier_of_step},
        window::{Axis, Span},
    },
    rollup::Bucket,
    store::{Blocks, Readers},
};

/// A checked question and all that memory knows of its answer.
#[derive(Debug)]
pub(crate) struct View {
    pub(super) settings: Settings,
    /// The span that is read: where sums are, all of every point.
    pub(super) span: Span,
    /// The end of the span asked for, which may lie within the last point.
    pub(super) end: Tick,
    pub(super) axis: Axis,
    pub(super) metrics: Vec<Metric>,
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

/// Which look at the stored blocks a question takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// The first one.
    First,
    /// Another one, after blocks changed in between.
    Again,
}

impl Look {
    /// Whether several threads may build the answer. Each of them looks at the database when it begins, and a single
    /// write until the last one has begun is the end of it all. One thread has begun at once, so that writes which go on
    /// and on do not keep a question from ever being answered.
    pub(super) fn may_share(self) -> bool {
        match self {
            Self::First => true,
            Self::Again => false,
        }
    }
}

impl View {
    /// Checks a question and gathers what memory knows of its answer.
    pub(crate) fn gather(head: &Head, query: &ManyQuery, resolution: Resolution) -> Result<Self, QueryError> {
        let columns = query.resources.len().saturating_mul(query.metrics.len());
        if columns == 0 || query.resources.iter().any(Vec::is_empty) {
            return Err(QueryError::Nothing);
        }
        let points = query.points.get();
        if columns > ManyQuery::MOST_COLUMNS {
            return Err(QueryError::TooMuch { columns, points });
        }
        let settings = head.settings;
        let asked = Span::new(settings.grid, query.from, query.to)?;
        let mut resources: Vec<Vec<Strand>> = query.resources.iter().map(|ids| strands(head, query, ids)).collect();
        let shards = shards(head, &resources);
        let fresh = head.fresh_windows();
        let plan = |span: Span, tier| pieces(head, &shards, &fresh, span.window(), tier);
        let (axis, span, pieces) = match resolution {
            Resolution::Finest => (Axis::cut(asked, points, 1), asked, plan(asked, Tier::Raw)),
            Resolution::Points => {
                let least = shortest_period(head, &resources);
                resolve(&settings, asked, points, least, plan)
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
        Ok(Self { settings, span, end: asked.to, axis, metrics, resources, shards, pieces, finest, generation })
    }

    /// Whether blocks on disk must be read.
    fn needs_blocks(&self) -> bool {
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

    /// Builds the answer. `None` when memory and database tell of different blocks, as they do for a moment after each
    /// write.
    pub(crate) fn answer(
        &self,
        look: Look,
        older: &Older,
        readers: &Readers,
        cancel: &Cancel,
    ) -> Result<Option<ManyAnswer>, QueryError> {
        let builder = Builder { view: self, older, readers, cancel };
        let Some(built) = builder.build(look)? else { return Ok(None) };
        let mut resources = vec![Vec::with_capacity(self.metrics.len()); self.resources.len()];
        let mut longest = vec![None; self.resources.len()];
        for Built { resource, column, ticks, .. } in built {
            longest[resource] = longest[resource].max(ticks);
            resources[resource].push(column);
        }
        Ok(Some(ManyAnswer {
            resources,
            step: self.axis.step(self.settings.grid),
            times: self.axis.times(self.settings.grid),
            tier: self.coarsest(),
            from_memory: !self.needs_blocks() && longest.into_iter().all(|ticks| self.is_covered(ticks)),
            in_memory: self.has_memory(),
            archive_error: older.error().map(str::to_owned),
        }))
    }

    /// Hands over everything that is known of the first metric of the first resource, in ascending order of time.
    /// `None` as above, and then nothing was handed over.
    pub(crate) fn recorded(
        &self,
        readers: &Readers,
        cancel: &Cancel,
        sink: impl FnMut(Recorded),
    ) -> Result<Option<()>, QueryError> {
        let scale = Scale::of_code(self.metrics[0].code(), self.settings.rounding);
        let mut sink = Recorder { grid: self.settings.grid, scale, sink };
        self.reading(0, &[0], |reading| {
            let stretches = reading.stretches();
            self.read(readers, |blocks| reading.run(&stretches, blocks, cancel, &mut sink))
        })
    }

    fn coarsest(&self) -> Tier {
        coarsest(&self.pieces).max(coarsest(&self.finest))
    }

    /// Reads blocks, if any are needed, in the state that this view tells of.
    pub(super) fn read<T>(
        &self,
        readers: &Readers,
        read: impl FnOnce(&Blocks<'_>) -> Result<T, QueryError>,
    ) -> Result<Option<T>, QueryError> {
        if !self.needs_blocks() {
            return read(&readers.none()).map(Some);
        }
        let checked = |blocks: &Blocks<'_>| (self.generation == blocks.generation).then(|| read(blocks)).transpose();
        readers.read(checked).map_err(QueryError::Read)?
    }

    /// How many resources are asked for.
    pub(super) fn resources(&self) -> usize {
        self.resources.len()
    }

    /// About how many values are read.
    pub(super) fn values(&self) -> i64 {
        let span = self.span.window();
        let of_piece = |piece: &Piece| {
            let window = piece.window;
            (window.last.min(span.last).0 - window.first.max(span.first).0) / self.settings.calendar.width(piece.tier)
        };
        let values: i64 = self.pieces.values().flatten().map(of_piece).sum();
        values.saturating_mul((self.resources.len() * self.metrics.len()) as i64)
    }

    /// Where in the span there may be anything.
    pub(crate) fn extent(&self) -> Option<Window> {
        let stored = self.shards.values().flat_map(|blocks| blocks.all()).map(|block| block.window);
        let fresh = self.resources.iter().flatten().flat_map(|strand| strand.fresh.iter().flatten());
        let fresh = fresh.filter_map(|it| Some(Window { first: it.samples.first()?.0, last: it.samples.last()?.0 }));
        let known =
            stored.chain(fresh).reduce(|a, b| Window { first: a.first.min(b.first), last: a.last.max(b.last) })?;
        let (first, last) = (known.first.max(self.span.from), known.last.min(self.span.to));
        (first <= last).then_some(Window { first, last })
    }

    /// From when on this history knows of each resource, or of others beside it: what is older was here once, if ever.
    pub(super) fn first_here(&self) -> Vec<Option<Tick>> {
        let of_shard = |blocks: &Arc<ShardBlocks>| blocks.all().map(|block| block.window.first).min();
        let stored: HashMap<Shard, Option<Tick>> =
            self.shards.iter().map(|(id, blocks)| (*id, of_shard(blocks))).collect();
        let of_strands = |strands: &Vec<Strand>| {
            let fresh = strands.iter().flat_map(|strand| strand.fresh.iter().flatten());
            let fresh = fresh.filter_map(|fresh| Some(fresh.samples.first()?.0));
            fresh.chain(strands.iter().filter_map(|strand| stored[&strand.track.shard()])).min()
        };
        self.resources.iter().map(of_strands).collect()
    }

    /// Everything that is needed to read some metrics of a resource.
    pub(super) fn reading<T>(&self, resource: usize, wanted: &[usize], read: impl FnOnce(Reading<'_>) -> T) -> T {
        let strands = &self.resources[resource];
        let pieces = self.pieces_of(strands);
        let own = if shards_of(strands).len() > 1 { &self.finest } else { &self.pieces };
        let (metrics, shards, settings) = (&self.metrics, &self.shards, &self.settings);
        read(Reading { metrics, wanted, strands, shards, own, pieces: &pieces, settings })
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
    fn is_covered(&self, longest: Option<i64>) -> bool {
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
    let tracks = resources.iter().flatten().filter_map(|strand| head.catalogue.track_by_id(strand.track));
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

/// Chooses points, the time they cover, and resolution: the coarsest that is no coarser than a point, or what is left of
/// the past.
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

/// Hands everything on as it is.
struct Recorder<F> {
    grid: Grid,
    scale: Scale,
    sink: F,
}

impl<F: FnMut(Recorded)> Sink for Recorder<F> {
    fn fields(&self, _: usize) -> Fields {
        Fields::All
    }

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

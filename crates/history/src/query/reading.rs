//! Reads what is stored and remembered of one resource: piece by piece, a bounded stretch of time at a time, each block
//! once for all metrics that are asked for.

use std::{collections::HashMap, sync::Arc};

use muster_model::Metric;

use crate::{
    calendar::{Level, Window},
    cancel::Cancel,
    codec::{buckets::Fields, bytes::Malformed, pack::Pack},
    columns::{Column, Place, merge_places, places},
    grid::{Period, Tick},
    head::{Fresh, Head},
    index::{BlockMeta, ShardBlocks},
    options::Settings,
    plan::{Shard, TrackId},
    query::{QueryError, Tier, sources::Piece, window::Span},
    rollup::Bucket,
    store::Blocks,
};

/// One id of a resource.
#[derive(Debug)]
pub(crate) struct Strand {
    pub(crate) track: TrackId,
    /// What memory has of each metric asked for, older words first.
    pub(crate) fresh: Vec<Vec<Fresh>>,
}

/// What one block, or memory, has of a series.
#[derive(Debug)]
enum Layer<C: Column> {
    Stored(C),
    Fresh(Vec<Place<C::Value>>),
}

/// How each shard answers.
pub(crate) type Pieces = HashMap<Shard, Vec<Piece>>;

/// For each metric asked for, what there is of it, layer by layer.
type Layers<C> = Vec<Vec<Layer<C>>>;

/// What is read of one resource.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) metrics: &'a [Metric],
    /// The places of those that are read.
    pub(crate) wanted: &'a [usize],
    /// The resource's id, then its aliases.
    pub(crate) strands: &'a [Strand],
    pub(crate) shards: &'a HashMap<Shard, Arc<ShardBlocks>>,
    /// What each shard answers with.
    pub(crate) own: &'a Pieces,
    /// All of that, cut so that no two pieces of one resolution overlap.
    pub(crate) pieces: &'a [Piece],
    pub(crate) settings: &'a Settings,
}

/// Takes what is read: the place of the metric, then what there is of it, in ascending order of time.
pub(crate) trait Sink {
    /// What it needs of the buckets of a metric.
    fn fields(&self, metric: usize) -> Fields;

    fn samples(&mut self, metric: usize, run: Run<'_, f64>);
    fn buckets(&mut self, metric: usize, tier: Tier, run: Run<'_, Bucket>);
}

/// What was recorded one after the other with the same period. Never empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run<'a, V> {
    pub(crate) period: Period,
    pub(crate) ticks: &'a [Tick],
    /// One for each tick.
    pub(crate) values: &'a [V],
}

impl Strand {
    pub(crate) fn new(track: TrackId) -> Self {
        Self { track, fresh: Vec::new() }
    }

    /// Takes what memory has of some metrics in a span.
    pub(crate) fn remember(&mut self, head: &Head, metrics: &[Metric], span: Span) {
        self.fresh = metrics.iter().map(|metric| head.fresh(self.track, *metric, span.from, span.to)).collect();
    }
}

impl Reading<'_> {
    /// All that is read, in the order in which it is: cut where no block reaches across.
    pub(crate) fn stretches(&self) -> Vec<Piece> {
        let of_piece = |piece: &Piece| {
            let tier = piece.tier;
            self.windows(*piece).map(move |window| Piece { window, tier })
        };
        self.pieces.iter().flat_map(of_piece).collect()
    }

    /// Hands over what there is in some stretches.
    pub(crate) fn run(
        &self,
        stretches: &[Piece],
        blocks: &Blocks<'_>,
        cancel: &Cancel,
        sink: &mut impl Sink,
    ) -> Result<(), QueryError> {
        for Piece { window, tier } in stretches {
            cancel.check()?;
            match *tier {
                Tier::Raw => self.samples(*window, blocks, sink)?,
                tier @ (Tier::Minute | Tier::TenMinutes | Tier::Hour) => self.buckets(tier, *window, blocks, sink)?,
            }
        }
        Ok(())
    }

    /// Cuts a piece where no block reaches across.
    fn windows(&self, piece: Piece) -> impl Iterator<Item = Window> {
        let level = match piece.tier {
            Tier::Raw | Tier::Minute => Level::Day,
            Tier::TenMinutes | Tier::Hour => Level::TenDays,
        };
        let (calendar, mut next) = (self.settings.calendar, piece.window.first);
        let spans = self.extent(piece);
        std::iter::from_fn(move || {
            let spans = spans?;
            next = next.max(spans.first);
            let last = calendar.window(level, next).last.min(piece.window.last).min(spans.last);
            let window = (next <= last).then_some(Window { first: next, last });
            next = last.plus(1);
            window
        })
    }

    /// Where there is anything of a piece: a long span with little in it is walked quickly.
    fn extent(&self, piece: Piece) -> Option<Window> {
        let stored = self.strands.iter().filter_map(|strand| self.shards.get(&strand.track.shard()));
        let stored =
            stored.flat_map(|shard| shard.of_tier(piece.tier)).map(|block| (block.window.first, block.window.last));
        let fresh = self.strands.iter().flat_map(|strand| strand.fresh.iter().flatten());
        let fresh = fresh.filter(|_| piece.tier == Tier::Raw);
        let fresh = fresh.filter_map(|fresh| Some((fresh.samples.first()?.0, fresh.samples.last()?.0)));
        let extents = stored.chain(fresh).filter(|(first, last)| piece.window.touches(*first, *last));
        let (first, last) = extents.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
        Some(Window { first: first.max(piece.window.first), last: last.min(piece.window.last) })
    }

    fn samples(&self, window: Window, blocks: &Blocks<'_>, sink: &mut impl Sink) -> Result<(), QueryError> {
        let mut layers = self.no_layers();
        // The first id's word counts most, so it comes last.
        for strand in self.strands.iter().rev().filter(|strand| self.answers(strand, Tier::Raw, window)) {
            self.stored(strand, Tier::Raw, window, blocks, &mut layers, |pack, _, code| pack.samples(code))?;
            for (layers, fresh) in layers.iter_mut().zip(self.wanted.iter().map(|metric| &strand.fresh[*metric])) {
                layers.extend(fresh.iter().map(|fresh| Layer::Fresh(clip(fresh, window))));
            }
        }
        for (metric, layers) in layers.into_iter().enumerate() {
            emit(&layers, window, |run| sink.samples(metric, run));
        }
        Ok(())
    }

    fn buckets(&self, tier: Tier, window: Window, blocks: &Blocks<'_>, sink: &mut impl Sink) -> Result<(), QueryError> {
        let mut layers = self.no_layers();
        let fields: Vec<Fields> = (0..self.wanted.len()).map(|metric| sink.fields(metric)).collect();
        for strand in self.strands.iter().rev().filter(|strand| self.answers(strand, tier, window)) {
            let decode = |pack: &Pack<'_>, metric: usize, code| pack.buckets(code, fields[metric]);
            self.stored(strand, tier, window, blocks, &mut layers, decode)?;
        }
        for (metric, layers) in layers.into_iter().enumerate() {
            emit(&layers, window, |run| sink.buckets(metric, tier, run));
        }
        Ok(())
    }

    /// Whether the shard of a strand answers with this resolution here.
    fn answers(&self, strand: &Strand, tier: Tier, window: Window) -> bool {
        let own = self.own.get(&strand.track.shard()).into_iter().flatten();
        own.filter(|piece| piece.tier == tier).any(|piece| piece.window.holds(window.first, window.last))
    }

    fn no_layers<C: Column>(&self) -> Layers<C> {
        self.wanted.iter().map(|_| Vec::new()).collect()
    }

    /// Adds what blocks have of a strand in a window, older words first.
    fn stored<C: Column>(
        &self,
        strand: &Strand,
        tier: Tier,
        window: Window,
        blocks: &Blocks<'_>,
        layers: &mut Layers<C>,
        decode: impl Fn(&Pack<'_>, usize, u8) -> Result<Option<C>, Malformed>,
    ) -> Result<(), QueryError> {
        let Some(shard) = self.shards.get(&strand.track.shard()) else { return Ok(()) };
        let inside = |block: &&BlockMeta| block.window.touches(window.first, window.last);
        for block in shard.of_tier(tier).iter().filter(inside) {
            let resident = shard.resident(block.id);
            let columns = match resident {
                Some(resident) => resident.pack(strand.track).map(|it| self.decode(Pack::remembered(it), &decode)),
                None => {
                    let read = |bytes: &[u8]| self.decode(Pack::open(bytes), &decode);
                    blocks.pack(block.id, strand.track, read).map_err(QueryError::Read)?
                }
            };
            match columns {
                Some(Ok(columns)) => {
                    for (layers, column) in layers.iter_mut().zip(columns) {
                        let Some(column) = column else { continue };
                        if resident.is_none() {
                            blocks.note_read();
                        }
                        layers.push(Layer::Stored(column));
                    }
                }
                Some(Err(error)) => blocks.malformed(block.id, strand.track, error),
                None => {}
            }
        }
        Ok(())
    }

    fn decode<C>(
        &self,
        pack: Result<Pack<'_>, Malformed>,
        decode: &impl Fn(&Pack<'_>, usize, u8) -> Result<Option<C>, Malformed>,
    ) -> Result<Vec<Option<C>>, Malformed> {
        let pack = pack?;
        let codes = self.wanted.iter().map(|metric| self.metrics[*metric].code());
        codes.enumerate().map(|(metric, code)| decode(&pack, metric, code)).collect()
    }
}

impl<C: Column> Layer<C> {
    fn extent(&self) -> Option<(Tick, Tick)> {
        match self {
            Self::Stored(column) => {
                let ticks = &column.axis().ticks;
                Some((*ticks.first()?, *ticks.last()?))
            }
            Self::Fresh(places) => Some((places.first()?.tick, places.last()?.tick)),
        }
    }

    /// Hands over what lies in a window.
    fn runs(&self, window: Window, each: &mut impl FnMut(Run<'_, C::Value>)) {
        match self {
            Self::Stored(column) => {
                let (axis, values) = (column.axis(), column.values());
                let start = axis.ticks.partition_point(|tick| *tick < window.first);
                let end = axis.ticks.partition_point(|tick| *tick <= window.last);
                let mut next = 0;
                for run in &axis.periods {
                    let (first, last) = (start.max(next), end.min(next + run.count as usize));
                    next += run.count as usize;
                    if first < last {
                        let (ticks, values) = (&axis.ticks[first..last], &values[first..last]);
                        each(Run { period: run.period, ticks, values });
                    }
                }
            }
            Self::Fresh(places) => runs_of(places, each),
        }
    }

    fn places(&self, window: Window) -> Vec<Place<C::Value>> {
        match self {
            Self::Stored(column) => places(column).filter(|place| window.contains(place.tick)).collect(),
            Self::Fresh(places) => places.clone(),
        }
    }
}

fn runs_of<V: Copy>(places: &[Place<V>], each: &mut impl FnMut(Run<'_, V>)) {
    for run in places.chunk_by(|a, b| a.period == b.period) {
        let (ticks, values): (Vec<Tick>, Vec<V>) = run.iter().map(|place| (place.tick, place.value)).unzip();
        each(Run { period: run[0].period, ticks: &ticks, values: &values });
    }
}

/// Hands over what layers have in a window, in ascending order of time; where several have the same tick, the later
/// layer's word. Layers that do not overlap, as most, are handed over as they are.
fn emit<C: Column>(layers: &[Layer<C>], window: Window, mut each: impl FnMut(Run<'_, C::Value>)) {
    let mut by_time: Vec<(Tick, Tick, &Layer<C>)> =
        layers.iter().filter_map(|layer| layer.extent().map(|(first, last)| (first, last, layer))).collect();
    by_time.sort_by_key(|(first, _, _)| *first);
    if by_time.windows(2).all(|pair| pair[0].1 < pair[1].0) {
        return by_time.iter().for_each(|(_, _, layer)| layer.runs(window, &mut each));
    }
    let places = layers.iter().map(|layer| layer.places(window)).collect();
    runs_of(&merge_places(places, &|_, newer| newer), &mut each);
}

fn clip(fresh: &Fresh, window: Window) -> Vec<Place<f64>> {
    let start = fresh.samples.partition_point(|(tick, _)| *tick < window.first);
    let end = fresh.samples.partition_point(|(tick, _)| *tick <= window.last);
    let place = |(tick, value): &(Tick, f64)| Place { tick: *tick, period: fresh.period, value: *value };
    fresh.samples[start..end.max(start)].iter().map(place).collect()
}

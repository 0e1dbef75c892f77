//! Columns laid over each other, and columns summed up. Pure: what blocks are merged with, and made of.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    calendar::Calendar,
    codec::{
        axis::{Axis, PeriodRun},
        pack::{BucketColumn, SampleColumn},
        scale::Scale,
    },
    grid::{Period, Tick},
    options::Rounding,
    query::Tier,
    rollup::Bucket,
};

/// A column of anything that lies on an axis.
pub(crate) trait Column: Sized {
    /// What is there for one tick.
    type Value: Copy;

    fn metric(&self) -> u8;
    fn axis(&self) -> &Arc<Axis>;
    fn values(&self) -> &[Self::Value];
    fn new(metric: u8, axis: Arc<Axis>, values: Vec<Self::Value>) -> Self;
}

impl Column for SampleColumn {
    type Value = f64;

    fn metric(&self) -> u8 {
        self.metric
    }

    fn axis(&self) -> &Arc<Axis> {
        &self.axis
    }

    fn values(&self) -> &[f64] {
        &self.values
    }

    fn new(metric: u8, axis: Arc<Axis>, values: Vec<f64>) -> Self {
        Self { metric, axis, values }
    }
}

impl Column for BucketColumn {
    type Value = Bucket;

    fn metric(&self) -> u8 {
        self.metric
    }

    fn axis(&self) -> &Arc<Axis> {
        &self.axis
    }

    fn values(&self) -> &[Bucket] {
        &self.buckets
    }

    fn new(metric: u8, axis: Arc<Axis>, buckets: Vec<Bucket>) -> Self {
        Self { metric, axis, buckets }
    }
}

/// What a column has at one tick.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<V> {
    pub(crate) tick: Tick,
    pub(crate) period: Period,
    pub(crate) value: V,
}

/// The places of a column, in ascending order of time.
pub(crate) fn places<C: Column>(column: &C) -> impl Iterator<Item = Place<C::Value>> {
    let rows = column.axis().rows().zip(column.values());
    rows.map(|((tick, period), value)| Place { tick, period, value: *value })
}

/// Lays columns over each other: where several have the same tick, the later layer's word counts.
pub(crate) fn overlay<C: Column>(layers: Vec<Vec<C>>) -> Vec<C> {
    merge(layers, |_, newer| newer)
}

/// Adds up buckets of different samples.
pub(crate) fn combine(layers: Vec<Vec<BucketColumn>>) -> Vec<BucketColumn> {
    merge(layers, |mut older, newer| {
        older.merge(&newer);
        older
    })
}

fn merge<C: Column>(layers: Vec<Vec<C>>, both: impl Fn(C::Value, C::Value) -> C::Value) -> Vec<C> {
    let mut by_metric: BTreeMap<u8, Vec<C>> = BTreeMap::new();
    for column in layers.into_iter().flatten() {
        by_metric.entry(column.metric()).or_default().push(column);
    }
    let merged = by_metric.into_iter().map(|(metric, mut columns)| match columns.len() {
        1 => columns.remove(0),
        _ => of_places(metric, merge_places(columns.iter().map(|column| places(column).collect()).collect(), &both)),
    });
    share_axes(merged.collect())
}

/// Unites places of one series, layer by layer.
pub(crate) fn merge_places<V: Copy>(mut layers: Vec<Vec<Place<V>>>, both: &impl Fn(V, V) -> V) -> Vec<Place<V>> {
    layers.retain(|layer| !layer.is_empty());
    let in_order = layers.windows(2).all(|pair| pair[0][pair[0].len() - 1].tick < pair[1][0].tick);
    if in_order {
        return layers.concat();
    }
    let mut all: Vec<Place<V>> = layers.concat();
    // Stable: among equal ticks the order of the layers remains.
    all.sort_by_key(|place| place.tick);
    let mut merged: Vec<Place<V>> = Vec::with_capacity(all.len());
    for place in all {
        match merged.last_mut() {
            Some(last) if last.tick == place.tick => {
                *last = Place { value: both(last.value, place.value), ..place };
            }
            Some(_) | None => merged.push(place),
        }
    }
    merged
}

/// A column of places, of which there is at least one.
pub(crate) fn of_places<C: Column>(metric: u8, places: Vec<Place<C::Value>>) -> C {
    let mut axis = Axis::default();
    let mut values = Vec::with_capacity(places.len());
    for Place { tick, period, value } in places {
        axis.ticks.push(tick);
        match axis.periods.last_mut() {
            Some(run) if run.period == period => run.count += 1,
            Some(_) | None => axis.periods.push(PeriodRun { period, count: 1 }),
        }
        values.push(value);
    }
    C::new(metric, Arc::new(axis), values)
}

/// Lets neighbours with the same ticks share them.
pub(crate) fn share_axes<C: Column>(columns: Vec<C>) -> Vec<C> {
    let mut shared: Option<Arc<Axis>> = None;
    let share = |column: C| match &shared {
        Some(axis) if axis == column.axis() => C::new(column.metric(), Arc::clone(axis), column.values().to_vec()),
        Some(_) | None => {
            shared = Some(Arc::clone(column.axis()));
            column
        }
    };
    columns.into_iter().map(share).collect()
}

/// Sums buckets up by the wider buckets of another tier.
pub(crate) fn roll_up_buckets(columns: &[BucketColumn], tier: Tier, calendar: Calendar) -> Vec<BucketColumn> {
    let summed = columns.iter().map(|column| {
        let mut buckets: Vec<Place<Bucket>> = Vec::new();
        for place in places(column) {
            let first = calendar.bucket(tier, place.tick);
            match buckets.last_mut() {
                Some(last) if last.tick == first => {
                    last.value.merge(&place.value);
                    last.period = place.period;
                }
                Some(_) | None => buckets.push(Place { tick: first, ..place }),
            }
        }
        of_places(column.metric, buckets)
    });
    share_axes(summed.collect())
}

/// Sums samples up by the buckets of a tier.
pub(crate) fn roll_up(
    columns: &[SampleColumn],
    tier: Tier,
    calendar: Calendar,
    rounding: Rounding,
) -> Vec<BucketColumn> {
    let summed = columns.iter().map(|column| {
        let scale = Scale::of_code(column.metric, rounding);
        let mut buckets: Vec<Place<Bucket>> = Vec::new();
        for Place { tick, period, value } in places(column) {
            let first = calendar.bucket(tier, tick);
            match buckets.last_mut() {
                Some(last) if last.tick == first => {
                    last.value.add(value, scale);
                    last.period = period;
                }
                Some(_) | None => buckets.push(Place { tick: first, period, value: Bucket::of(value, scale) }),
            }
        }
        of_places(column.metric, buckets)
    });
    share_axes(summed.collect())
}

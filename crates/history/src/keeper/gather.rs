//! Frozen rows as blocks: one for each window of two hours and each shard.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Result;

use crate::{
    calendar::{Level, Window},
    codec::pack::{SampleColumn, encode_samples},
    columns::{Place, merge_places, of_places, share_axes},
    grid::Tick,
    head::Frozen,
    options::Settings,
    plan::{Shard, TrackId},
    query::Tier,
    store::{Edit, OpenBlock},
};

/// Where the columns of a track are found in frozen rows.
#[derive(Debug, Clone, Copy)]
struct Run {
    frozen: usize,
    first: usize,
    end: usize,
}

/// Writes frozen rows to blocks. Says how many samples they have.
pub(super) fn gather(edit: &mut Edit<'_>, frozen: &[Frozen], settings: &Settings) -> Result<u64> {
    let mut runs: BTreeMap<TrackId, Vec<Run>> = BTreeMap::new();
    for (number, Frozen { plan, .. }) in frozen.iter().enumerate() {
        for (track, columns) in plan.runs() {
            let run = Run { frozen: number, first: columns.start, end: columns.end };
            runs.entry(track).or_default().push(run);
        }
    }
    let windows = windows(frozen, settings);
    let mut blocks = begin(edit, &runs, &windows)?;
    let mut samples = 0;
    for (track, runs) in &runs {
        for window in &windows {
            let columns = columns(frozen, runs, *window);
            if columns.is_empty() {
                continue;
            }
            let block = blocks.get_mut(&(track.shard(), *window)).expect("every shard has a block for every window");
            samples += put_samples(edit, block, *track, &columns, settings)?;
        }
    }
    blocks.into_values().try_for_each(|block| edit.end(block))?;
    Ok(samples)
}

/// Begins the blocks in ascending order of time, so that the order of their ids is the order of each series' samples.
/// Those that stay empty vanish.
fn begin(
    edit: &mut Edit<'_>,
    runs: &BTreeMap<TrackId, Vec<Run>>,
    windows: &[Window],
) -> Result<BTreeMap<(Shard, Window), OpenBlock>> {
    let shards: BTreeSet<Shard> = runs.keys().map(|track| track.shard()).collect();
    let mut blocks = BTreeMap::new();
    for shard in shards {
        for window in windows {
            blocks.insert((shard, *window), edit.begin(Tier::Raw, Level::Gathered, shard, true)?);
        }
    }
    Ok(blocks)
}

/// Adds columns of samples to a block. Says how many samples they have.
pub(super) fn put_samples(
    edit: &mut Edit<'_>,
    block: &mut OpenBlock,
    track: TrackId,
    columns: &[SampleColumn],
    settings: &Settings,
) -> Result<u64> {
    let Some(window) = extent(columns) else { return Ok(0) };
    let samples = columns.iter().map(|column| column.values.len() as u64).sum();
    edit.put(block, track, &encode_samples(columns, settings.rounding), window, samples)?;
    Ok(samples)
}

fn extent(columns: &[SampleColumn]) -> Option<Window> {
    let first = columns.iter().filter_map(|column| column.axis.ticks.first()).min()?;
    let last = columns.iter().filter_map(|column| column.axis.ticks.last()).max()?;
    Some(Window { first: *first, last: *last })
}

fn windows(frozen: &[Frozen], settings: &Settings) -> Vec<Window> {
    let mut windows = BTreeSet::new();
    for Frozen { rows, .. } in frozen {
        let mut ticks = rows.ticks();
        while let Some(first) = ticks.first() {
            let window = settings.calendar.window(Level::TwoHours, *first);
            windows.insert(window);
            ticks = &ticks[ticks.partition_point(|tick| *tick <= window.last)..];
        }
    }
    windows.into_iter().collect()
}

/// The columns of a track in one window.
fn columns(frozen: &[Frozen], runs: &[Run], window: Window) -> Vec<SampleColumn> {
    let mut by_metric: BTreeMap<u8, Vec<Vec<Place<f64>>>> = BTreeMap::new();
    for run in runs {
        let Frozen { plan, rows } = &frozen[run.frozen];
        for column in run.first..run.end {
            let Some((_, metric)) = plan.cell(column) else { continue };
            let place = |(tick, value): (Tick, f64)| Place { tick, period: plan.period, value };
            let places: Vec<_> = rows.samples(column, window.first, window.last).map(place).collect();
            if !places.is_empty() {
                by_metric.entry(metric.code()).or_default().push(places);
            }
        }
    }
    let column = |(metric, layers)| of_places(metric, merge_places(layers, &|_, newer| newer));
    share_axes(by_metric.into_iter().map(column).collect())
}

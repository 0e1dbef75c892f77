//! The estate as families: what each resource is, whether anybody current speaks of it, and its readings.
//!
//! A reading of a source that has fallen silent is no sample: a graph shows a gap, as our own charts do. Each family is
//! written row by row, so that an answer takes the memory of a piece and of the readings, however many rows there are.

use muster_estate::{Row, Snapshot};
use muster_model::{Metric, Reading, SourceFreshness};

use super::{
    family::{self as f, Family},
    health::{seconds, truth},
    text::Exposition,
};
use crate::feed::Feed;

/// Writes all of it, or until the reader has gone.
pub(super) fn write(snapshot: &Snapshot, text: &mut Exposition, feed: &mut Feed) {
    write_info(snapshot, text, feed);
    family(snapshot, &f::RESOURCE_STATUS, text, feed, |row, labels, text, out| {
        let [resource, kind, name, parent] = *labels;
        let labels = [resource, kind, name, parent, ("status", row.status.as_str())];
        text.sample((&f::RESOURCE_STATUS, ""), &labels, 1.0, out);
    });
    family(snapshot, &f::RESOURCE_STALE, text, feed, |row, labels, text, out| {
        text.sample((&f::RESOURCE_STALE, ""), labels, truth(is_stale(row)), out);
    });
    family(snapshot, &f::RESOURCE_SEEN, text, feed, |row, labels, text, out| {
        if let Some(seen) = snapshot.witnesses(row).last_seen() {
            text.sample((&f::RESOURCE_SEEN, ""), labels, seconds(seen), out);
        }
    });
    write_readings(snapshot, text, feed);
}

fn write_info(snapshot: &Snapshot, text: &mut Exposition, feed: &mut Feed) {
    family(snapshot, &f::RESOURCE_INFO, text, feed, |row, labels, text, out| {
        let [resource, kind, name, parent] = *labels;
        let parent_name = row.parent.and_then(|id| snapshot.get(id)).map_or("", |parent| &parent.display_name);
        let technology = row.technology.as_deref().unwrap_or_default();
        let labels = [resource, kind, name, parent, ("parent_name", parent_name), ("technology", technology)];
        text.sample((&f::RESOURCE_INFO, ""), &labels, 1.0, out);
    });
}

/// Readings by metric: the rows by their places, looked through once.
fn write_readings(snapshot: &Snapshot, text: &mut Exposition, feed: &mut Feed) {
    let mut readings: Vec<Vec<(usize, f64)>> = vec![Vec::new(); Metric::ALL.len()];
    for (place, row) in snapshot.rows().iter().enumerate() {
        for (metric, reading) in snapshot.witnesses(row).readings() {
            if let Some(value) = current(snapshot, &reading) {
                readings[usize::from(metric.code())].push((place, value));
            }
        }
    }
    for metric in Metric::ALL {
        let of_metric = std::mem::take(&mut readings[usize::from(metric.code())]);
        let f::MetricFamily { family, scale } = f::of_metric(*metric);
        if of_metric.is_empty() {
            continue;
        }
        feed.write(|out| text.begin(&family, out));
        for (place, value) in of_metric {
            let row = &snapshot.rows()[place];
            feed.write(|out| with_labels(row, |labels| text.sample((&family, ""), labels, scaled(value, scale), out)));
        }
    }
}

/// A value that a current source measured.
fn current(snapshot: &Snapshot, reading: &Reading<f64>) -> Option<f64> {
    match reading {
        Reading::Known { value, at: _, source } => {
            let is_current = snapshot.source(source).is_some_and(|it| it.freshness == SourceFreshness::Online);
            Some(*value).filter(|value| is_current && value.is_finite())
        }
        Reading::Unknown { reason: _ } => None,
    }
}

fn is_stale(row: &Row) -> bool {
    !row.sources.iter().any(|source| source.status == SourceFreshness::Online)
}

/// Dividing gives the nearest ratio to a percentage; multiplying by a hundredth does not.
fn scaled(value: f64, scale: f64) -> f64 {
    if scale < 1.0 { value / scale.recip().round() } else { value * scale }
}

/// A family with something to say of each row.
fn family(
    snapshot: &Snapshot,
    family: &Family,
    text: &mut Exposition,
    feed: &mut Feed,
    say: impl Fn(&Row, &[(&str, &str); 4], &mut Exposition, &mut String),
) {
    feed.write(|out| text.begin(family, out));
    for row in snapshot.rows() {
        feed.write(|out| with_labels(row, |labels| say(row, labels, text, out)));
    }
}

/// The labels that every sample of a row has.
fn with_labels(row: &Row, say: impl FnOnce(&[(&str, &str); 4])) {
    let (resource, parent) = (row.id.to_string(), row.parent.map(|id| id.to_string()).unwrap_or_default());
    say(&[("resource", &resource), ("kind", row.kind.as_str()), ("name", &row.display_name), ("parent", &parent)]);
}

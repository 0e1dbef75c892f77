//! `/cluster/metrics/export`: samples of everything, also of the past half hour.

use serde::Serialize;
use smol_str::{SmolStr, format_smolstr};

use super::{Answer, Asking, Body, rrd::invalid};
use crate::pve::{simulation::TICK, world::GuestKind};

/// How many samples each node keeps.
const GENERATIONS: i64 = 180;

/// The whole answer, which has `data` twice. The past is only told when it is asked for.
pub(super) fn export(asking: &Asking<'_>) -> Result<Answer, Box<Answer>> {
    asking.need("/", &["Sys.Audit"])?;
    if asking.asked.parameter("node-list").is_some() && !asking.world.version.since(9, 1) {
        let text = "property is not defined in schema and the schema does not allow additional properties";
        return Err(invalid(asking.world.version, "node-list", text));
    }
    let newest = asking.now - asking.now.rem_euclid(TICK);
    let start: Option<i64> = asking.asked.parameter("start-time").and_then(|start| start.parse().ok());
    let kept = if asking.asked.flag("history") { GENERATIONS - 1 } else { 0 };
    let mut points = Vec::new();
    for time in (0..=kept).rev().map(|back| newest - back * TICK) {
        sample(asking, time, start, &mut points);
    }
    points.sort_by_key(|point| point.timestamp);
    let points = Envelope { data: Envelope { data: points } };
    let body = Body::Written(serde_json::to_vec(&points).expect("its keys are text"));
    Ok(Answer { status: 200, reason: None, body })
}

#[derive(Serialize)]
struct Envelope<T> {
    data: T,
}

/// One value. There may be hundreds of thousands, so that they are written without being built as trees.
#[derive(Serialize)]
struct Point {
    id: SmolStr,
    metric: &'static str,
    timestamp: i64,
    r#type: &'static str,
    value: Number,
}

/// A value: whole ones are written without a fraction.
#[derive(Clone, Copy, Serialize)]
#[serde(untagged)]
enum Number {
    Whole(u64),
    Part(f64),
}

impl From<u64> for Number {
    fn from(whole: u64) -> Self {
        Self::Whole(whole)
    }
}

impl From<u32> for Number {
    fn from(whole: u32) -> Self {
        Self::Whole(whole.into())
    }
}

impl From<f64> for Number {
    fn from(part: f64) -> Self {
        Self::Part(part)
    }
}

/// Seconds since a start, which is never later than now.
fn seconds(uptime: i64) -> Number {
    Number::Whole(u64::try_from(uptime).unwrap_or_default())
}

/// Whose node looked at it, and what it is called.
struct Subject {
    id: SmolStr,
    time: i64,
}

impl Subject {
    fn gauge(&self, points: &mut Vec<Point>, metric: &'static str, value: impl Into<Number>) {
        self.push(points, metric, "gauge", value.into());
    }

    fn derive(&self, points: &mut Vec<Point>, metric: &'static str, value: u64) {
        self.push(points, metric, "derive", value.into());
    }

    fn push(&self, points: &mut Vec<Point>, metric: &'static str, r#type: &'static str, value: Number) {
        points.push(Point { id: self.id.clone(), metric, timestamp: self.time, r#type, value });
    }
}

/// The samples that were taken at a time, of the nodes that answer now.
fn sample(asking: &Asking<'_>, time: i64, start: Option<i64>, points: &mut Vec<Point>) {
    let is_local = asking.asked.flag("local-only");
    let wanted: Option<Vec<&str>> = asking.asked.parameter("node-list").map(|list| list.split(',').collect());
    let answers: Vec<bool> = asking
        .world
        .nodes
        .iter()
        .enumerate()
        .map(|(place, node)| {
            let is_asked = wanted.as_ref().is_none_or(|wanted| wanted.contains(&node.name.as_str()));
            let is_told = start.is_none_or(|start| time + node.skew > start);
            is_asked && (!is_local || place == asking.entry) && node.is_up() && node.reported(time) && is_told
        })
        .collect();
    if !answers.contains(&true) {
        return;
    }
    nodes(asking, time, &answers, points);
    guests(asking, time, &answers, points);
    storages(asking, time, &answers, points);
}

fn nodes(asking: &Asking<'_>, time: i64, answers: &[bool], points: &mut Vec<Point>) {
    let samples = asking.world.node_samples(time);
    for ((node, sample), _) in asking.world.nodes.iter().zip(samples).zip(answers).filter(|(_, answers)| **answers) {
        let subject = Subject { id: format_smolstr!("node/{}", node.name), time: time + node.skew };
        subject.gauge(points, "uptime", seconds(sample.uptime));
        subject.derive(points, "net_in", sample.net_in);
        subject.derive(points, "net_out", sample.net_out);
        subject.gauge(points, "cpu_avg1", sample.load);
        subject.gauge(points, "cpu_avg5", sample.load * 0.9);
        subject.gauge(points, "cpu_avg15", sample.load * 0.8);
        subject.gauge(points, "cpu_max", node.threads);
        subject.gauge(points, "cpu_current", sample.cpu);
        subject.gauge(points, "cpu_iowait", sample.wait);
        subject.gauge(points, "mem_total", node.memory);
        subject.gauge(points, "mem_used", sample.memory);
        subject.gauge(points, "swap_total", node.swap);
        subject.gauge(points, "swap_used", sample.swap);
        subject.gauge(points, "disk_total", node.root);
        subject.gauge(points, "disk_used", sample.root);
    }
}

fn guests(asking: &Asking<'_>, time: i64, answers: &[bool], points: &mut Vec<Point>) {
    let there = asking.world.guests.values().filter(|guest| guest.created <= time);
    for (guest, place) in there.map(|guest| (guest, guest.node_at(time))).filter(|(_, place)| answers[*place]) {
        let skew = asking.world.nodes[place].skew;
        let subject = Subject { id: format_smolstr!("{}/{}", guest.kind.word(), guest.id), time: time + skew };
        let sample = guest.sample(time, asking.world.version).map(|(_, sample)| sample);
        subject.gauge(points, "uptime", seconds(sample.map_or(0, |sample| sample.uptime)));
        subject.gauge(points, "cpu_max", guest.cores);
        subject.gauge(points, "mem_total", guest.memory);
        subject.gauge(points, "disk_total", guest.root_size());
        let Some(sample) = sample else { continue };
        subject.gauge(points, "cpu_current", sample.cpu);
        subject.gauge(points, "mem_used", sample.memory);
        subject.derive(points, "disk_read", sample.disk_read);
        subject.derive(points, "disk_write", sample.disk_write);
        subject.derive(points, "net_in", sample.net_in);
        subject.derive(points, "net_out", sample.net_out);
        if guest.kind == GuestKind::Container {
            subject.gauge(points, "disk_used", sample.root);
        }
    }
}

fn storages(asking: &Asking<'_>, time: i64, answers: &[bool], points: &mut Vec<Point>) {
    for (place, node) in asking.world.nodes.iter().enumerate().filter(|(place, _)| answers[*place]) {
        for storage in asking.world.storages.iter().filter(|storage| !storage.unreachable.contains(&place)) {
            let id = format_smolstr!("storage/{}/{}", node.name, storage.name);
            let subject = Subject { id, time: time + node.skew };
            subject.gauge(points, "disk_total", storage.size);
            subject.gauge(points, "disk_used", storage.used(place, time));
        }
    }
}

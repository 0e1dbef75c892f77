//! Averages of the past: `rrddata` of nodes, guests and storages.
//!
//! What was not measured has no value, and its row lacks the key.

use serde_json::{Map, Value, json};

use super::{Asking, Told, resources::object};
use crate::pve::{simulation::TICK, version::Version};

/// Rows of a time frame, and seconds from one to the next.
struct Frame {
    rows: i64,
    step: i64,
}

/// `/nodes/{node}/rrddata`: whoever is asked answers, also for a node that is down.
pub(super) fn node(asking: &Asking<'_>) -> Told {
    let (place, node) = asking.known_node()?;
    asking.need(&format!("/nodes/{}", node.name), &["Sys.Audit"])?;
    let is_new = asking.world.version.major >= 9;
    asking.rows(|time| {
        if !node.reported(time) {
            return Map::new();
        }
        let sample = asking.world.node_samples(time)[place];
        let at = time - TICK * 6;
        let (net_in, net_out) = (node.net_in.sum(at, time) / 60.0, node.net_out.sum(at, time) / 60.0);
        let mut row = object(json!({
            "loadavg": sample.load, "maxcpu": node.threads, "cpu": sample.cpu, "iowait": sample.wait,
            "memtotal": node.memory, "memused": float(sample.memory), "swaptotal": node.swap,
            "swapused": sample.swap, "roottotal": float(node.root), "rootused": float(sample.root),
            "netin": net_in, "netout": net_out,
        }));
        if is_new {
            row.extend(object(json!({
                "memavailable": float(node.memory - sample.memory), "arcsize": float(node.memory / 16),
                "pressurecpusome": sample.cpu * 10.0, "pressureiosome": sample.wait * 10.0,
                "pressureiofull": sample.wait * 5.0, "pressurememorysome": 0, "pressurememoryfull": 0,
            })));
        }
        row
    })
}

/// `/nodes/{node}/qemu/{guest}/rrddata` and the same of containers.
pub(super) fn guest(asking: &Asking<'_>) -> Told {
    let (_, guest) = asking.guest_anywhere()?;
    let is_machine = guest.kind.word() == "qemu";
    let version = asking.world.version;
    asking.rows(|time| {
        if time < guest.created || !asking.world.nodes[guest.node_at(time)].reported(time) {
            return Map::new();
        }
        let mut row = object(json!({
            "maxcpu": guest.cores, "maxmem": guest.memory, "maxdisk": guest.root_size(), "disk": 0,
        }));
        let Some((run, sample)) = guest.sample(time, version) else { return row };
        let from = run.since.max(time - 60);
        #[expect(clippy::cast_precision_loss, reason = "it is at most a minute")]
        let rate = |wave: &crate::pve::wave::Wave| wave.sum(from, time) / (time - from).max(1) as f64;
        row.extend(object(json!({
            "cpu": sample.cpu, "mem": float(sample.memory), "netin": rate(&guest.net_in),
            "netout": rate(&guest.net_out), "diskread": rate(&guest.disk_read), "diskwrite": rate(&guest.disk_write),
        })));
        if !is_machine {
            row.insert("disk".to_owned(), sample.root.into());
        }
        if version.major >= 9 {
            row.extend(pressure(sample.cpu).into_iter().map(|(name, value)| (name.to_owned(), value.into())));
            if is_machine {
                row.insert("memhost".to_owned(), float(sample.memory_host));
            }
        }
        row
    })
}

/// `/nodes/{node}/storage/{name}/rrddata`.
pub(super) fn storage(asking: &Asking<'_>) -> Told {
    let (place, node) = asking.node()?;
    let storage = asking.storage()?;
    asking.rows(|time| {
        if node.reported(time) {
            object(json!({"used": float(storage.used(place, time)), "total": float(storage.size)}))
        } else {
            Map::new()
        }
    })
}

/// How much of the last 10 s tasks waited, in percent.
pub(super) fn pressure(cpu: f64) -> [(&'static str, f64); 6] {
    let part = |of: f64| (cpu * of * 100.0).round() / 100.0;
    [
        ("pressurecpusome", part(8.0)),
        ("pressurecpufull", 0.0),
        ("pressureiosome", part(2.0)),
        ("pressureiofull", part(1.0)),
        ("pressurememorysome", part(0.5)),
        ("pressurememoryfull", part(0.2)),
    ]
}

impl Asking<'_> {
    /// A row for each step of the time frame that is asked for.
    fn rows(&self, of: impl Fn(i64) -> Map<String, Value>) -> Told {
        let Frame { rows, step } = self.frame()?;
        let last = self.now - self.now.rem_euclid(step);
        let times = (0..rows).rev().map(|back| last - back * step);
        let row = |time: i64| {
            let mut row = of(time);
            row.insert("time".to_owned(), time.into());
            Value::Object(row)
        };
        Ok(times.map(row).collect())
    }

    fn frame(&self) -> Result<Frame, Box<super::Answer>> {
        let is_new = self.world.version.major >= 9;
        let frame = |(rows, step), (new_rows, new_step)| {
            if is_new { Frame { rows: new_rows, step: new_step } } else { Frame { rows, step } }
        };
        match self.asked.parameter("timeframe") {
            Some("hour") => Ok(frame((60, 60), (60, 60))),
            Some("day") => Ok(frame((70, 1800), (1440, 60))),
            Some("week") => Ok(frame((70, 10_800), (336, 1800))),
            Some("month") => Ok(frame((70, 43_200), (1440, 1800))),
            Some("year") => Ok(frame((70, 604_800), (1440, 21_600))),
            Some("decade") if is_new => Ok(Frame { rows: 570, step: 604_800 }),
            Some(other) => {
                let known =
                    if is_new { "hour, day, week, month, year, decade" } else { "hour, day, week, month, year" };
                let text = format!("value '{other}' does not have a value in the enumeration '{known}'");
                Err(invalid(self.world.version, "timeframe", &text))
            }
            None => Err(invalid(self.world.version, "timeframe", "property is missing and it is not optional")),
        }
    }
}

/// A parameter that is wrong.
pub(super) fn invalid(version: Version, parameter: &str, text: &str) -> Box<super::Answer> {
    let mut answer = super::Answer::failure(version, 400, "Parameter verification failed.");
    if let super::Body::Json(body) = &mut answer.body {
        body["errors"] = json!({ parameter: text });
    }
    Box::new(answer)
}

/// An average: it comes as a number with a fraction.
#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^53")]
fn float(bytes: u64) -> Value {
    json!(bytes as f64)
}

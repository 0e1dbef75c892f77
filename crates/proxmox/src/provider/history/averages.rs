//! From the averages of each minute to samples of the past. An average holds for its whole span; a key that is missing
//! is a gap.

use jiff::{SignedDuration, Timestamp};
use muster_collect::Backfill;
use muster_model::Metric;

use crate::{
    provider::key::{self, GuestKey, GuestKind},
    wire::metrics::RrdRow,
};

const STEP: SignedDuration = SignedDuration::from_secs(60);
const TICK: SignedDuration = SignedDuration::from_secs(10);

/// How a value is found in a row.
type Of = fn(&RrdRow) -> Option<f64>;

/// Samples of a node.
pub(super) fn node(name: &str, rows: &[RrdRow], since: Timestamp, until: Timestamp) -> Vec<Backfill> {
    let of: &[(Metric, Of)] = &[
        (Metric::Cpu, |row| Some(row.cpu? * 100.0)),
        (Metric::Load1, |row| row.loadavg),
        (Metric::Memory, |row| percent(row.memused?, row.memtotal?)),
        (Metric::MemoryUsed, |row| row.memused),
        (Metric::Swap, |row| percent(row.swapused?, row.swaptotal?)),
        (Metric::Disk, |row| percent(row.rootused?, row.roottotal?)),
        (Metric::NetIn, |row| row.netin),
        (Metric::NetOut, |row| row.netout),
    ];
    series(&key::node(name), rows, since, until, of)
}

/// Samples of a guest. Traffic is bytes a second here; the use of a virtual machine's disks means nothing.
pub(super) fn guest(
    guest: GuestKey,
    rows: &[RrdRow],
    since: Timestamp,
    until: Timestamp,
    memory: bool,
) -> Vec<Backfill> {
    let mut of: Vec<(Metric, Of)> = vec![
        (Metric::Cpu, |row| Some(row.cpu? * 100.0)),
        (Metric::NetIn, |row| row.netin),
        (Metric::NetOut, |row| row.netout),
        (Metric::DiskRead, |row| row.diskread),
        (Metric::DiskWrite, |row| row.diskwrite),
    ];
    if memory {
        of.push((Metric::Memory, |row| percent(row.mem?, row.maxmem?)));
        of.push((Metric::MemoryUsed, |row| row.mem));
    }
    if guest.kind == GuestKind::Lxc {
        of.push((Metric::Disk, |row| percent(row.disk?, row.maxdisk?)));
    }
    series(&guest.to_string(), rows, since, until, &of)
}

fn percent(used: f64, total: f64) -> Option<f64> {
    (total > 0.0).then(|| (used * 100.0 / total).clamp(0.0, 100.0))
}

fn series(key: &str, rows: &[RrdRow], since: Timestamp, until: Timestamp, of: &[(Metric, Of)]) -> Vec<Backfill> {
    let rows: Vec<&RrdRow> = rows.iter().filter(|row| until.duration_since(row.time) >= STEP * 2).collect();
    let one = |(metric, of): &(Metric, Of)| {
        let valued = rows.iter().filter_map(|row| Some((row.time, of(row).filter(|value| value.is_finite())?)));
        let spread = valued.flat_map(|(from, value)| (0..6).map(move |tick| (from + TICK * tick, value)));
        let samples: Vec<_> = spread.filter(|(at, _)| *at >= since && *at < until).collect();
        (!samples.is_empty()).then(|| Backfill { key: key::native(key), metric: *metric, samples })
    };
    of.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_holds_for_its_minute_and_a_missing_key_is_a_gap() {
        let rows: Vec<RrdRow> = serde_json::from_str(
            r#"[{"time":600,"cpu":0.5,"netin":100},{"time":660,"netin":200},{"time":720,"cpu":0.25},{"time":780,"cpu":1}]"#,
        )
        .unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let found = node("pve1", &rows, at(630), at(870));
        let cpu = &found.iter().find(|series| series.metric == Metric::Cpu).unwrap().samples;
        let expected = [(630, 50.0), (640, 50.0), (650, 50.0), (720, 25.0), (730, 25.0), (740, 25.0)];
        assert_eq!(cpu[..6], expected.map(|(second, value)| (at(second), value)));
        // The newest row is not complete yet.
        assert_eq!(cpu.len(), 9);
        assert!(found.iter().all(|series| series.metric != Metric::Memory));
    }
}

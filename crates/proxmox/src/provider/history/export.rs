//! From the platform's export to samples of the past: gauges as they stand, counters as rates.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use muster_collect::Backfill;
use muster_model::Metric;

use crate::{
    provider::{
        key::{self, GuestKind},
        state::State,
    },
    wire::metrics::MetricRow,
};

/// A longer silence tells nothing of how fast it went.
const LONGEST_GAP: SignedDuration = SignedDuration::from_mins(5);

type Series = BTreeMap<Timestamp, f64>;

/// Samples of everything that is known to us, from a moment on.
pub(super) fn backfill(state: &State, rows: &[MetricRow], since: Timestamp) -> Vec<Backfill> {
    let mut things: BTreeMap<&str, BTreeMap<&str, Series>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.value.is_finite() && row.timestamp >= since) {
        things.entry(&row.id).or_default().entry(&row.metric).or_default().insert(row.timestamp, row.value);
    }
    let mut all = Vec::new();
    for (id, measured) in &things {
        let Some((key, guest)) = state.exported(id) else { continue };
        let memory = guest.is_none_or(|guest| state.tells_memory(guest));
        let disk = guest.is_none_or(|guest| guest.kind == GuestKind::Lxc);
        let series = if id.starts_with("storage/") { storage(measured) } else { machine(measured, memory, disk) };
        let named = series.into_iter().filter(|(_, samples)| !samples.is_empty());
        all.extend(named.map(|(metric, samples)| Backfill {
            key: key::native(&key),
            metric,
            samples: samples.into_iter().collect(),
        }));
    }
    all
}

/// A node or a guest. The use of a virtual machine's disks is always nothing there, which means nothing.
fn machine(measured: &BTreeMap<&str, Series>, memory: bool, disk: bool) -> Vec<(Metric, Series)> {
    let gauge = |name, factor| measured.get(name).map(|series| scaled(series, factor)).unwrap_or_default();
    let counter = |name| measured.get(name).map(rates).unwrap_or_default();
    let mut series = vec![
        (Metric::Cpu, gauge("cpu_current", 100.0)),
        (Metric::Load1, gauge("cpu_avg1", 1.0)),
        (Metric::Load5, gauge("cpu_avg5", 1.0)),
        (Metric::Load15, gauge("cpu_avg15", 1.0)),
        (Metric::Swap, percent(measured, "swap_used", "swap_total")),
        (Metric::NetIn, counter("net_in")),
        (Metric::NetOut, counter("net_out")),
        (Metric::DiskRead, counter("disk_read")),
        (Metric::DiskWrite, counter("disk_write")),
    ];
    if memory {
        series.push((Metric::Memory, percent(measured, "mem_used", "mem_total")));
        series.push((Metric::MemoryUsed, gauge("mem_used", 1.0)));
    }
    if disk {
        series.push((Metric::Disk, percent(measured, "disk_used", "disk_total")));
    }
    series
}

fn storage(measured: &BTreeMap<&str, Series>) -> Vec<(Metric, Series)> {
    let gauge = |name| measured.get(name).cloned().unwrap_or_default();
    vec![
        (Metric::Usage, percent(measured, "disk_used", "disk_total")),
        (Metric::Used, gauge("disk_used")),
        (Metric::Total, gauge("disk_total")),
    ]
}

fn scaled(series: &Series, factor: f64) -> Series {
    series.iter().map(|(at, value)| (*at, value * factor)).collect()
}

fn percent(measured: &BTreeMap<&str, Series>, used: &str, total: &str) -> Series {
    let (Some(used), Some(total)) = (measured.get(used), measured.get(total)) else { return Series::new() };
    let of = |(at, used): (&Timestamp, &f64)| {
        let total = total.get(at).filter(|total| **total > 0.0)?;
        Some((*at, (used * 100.0 / total).clamp(0.0, 100.0)))
    };
    used.iter().filter_map(of).collect()
}

fn rates(series: &Series) -> Series {
    let pairs = series.iter().zip(series.iter().skip(1));
    let rate = |((from, before), (to, now)): ((&Timestamp, &f64), (&Timestamp, &f64))| {
        let elapsed = to.duration_since(*from);
        (now >= before && elapsed <= LONGEST_GAP).then(|| (*to, (now - before) / elapsed.as_secs_f64()))
    };
    pairs.filter_map(rate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_become_rates_and_a_reset_becomes_nothing() {
        // D-9
        let series: Series = [(0, 100.0), (10, 300.0), (20, 50.0), (30, 150.0), (400, 900.0)].map(at).into();
        assert_eq!(rates(&series), [(10, 20.0), (30, 10.0)].map(at).into());
    }

    #[test]
    fn shares_need_both_numbers_of_one_moment() {
        // D-9
        let used: Series = [(0, 1.0), (10, 2.0), (20, 9.0)].map(at).into();
        let total: Series = [(0, 4.0), (10, 0.0), (20, 8.0)].map(at).into();
        let measured = [("mem_used", used), ("mem_total", total)].into();
        assert_eq!(percent(&measured, "mem_used", "mem_total"), [(0, 25.0), (20, 100.0)].map(at).into());
    }

    fn at((second, value): (i64, f64)) -> (Timestamp, f64) {
        (Timestamp::from_second(second).unwrap(), value)
    }
}

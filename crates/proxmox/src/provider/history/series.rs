//! From what the export tells of one thing to samples of the past: gauges as they stand, counters as rates.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use muster_model::Metric;
use smol_str::SmolStr;

/// A longer silence tells nothing of how fast it went.
const LONGEST_GAP: SignedDuration = SignedDuration::from_mins(5);

/// Values in order of time.
pub(super) type Series = BTreeMap<Timestamp, f64>;

/// What was measured of one thing, by the platform's names.
pub(super) type Measured = HashMap<SmolStr, Series>;

/// The platform's names of what we keep.
pub(super) const KEPT: &[&str] = &[
    "uptime",
    "cpu_current",
    "cpu_avg1",
    "cpu_avg5",
    "cpu_avg15",
    "swap_used",
    "swap_total",
    "mem_used",
    "mem_total",
    "disk_used",
    "disk_total",
    "net_in",
    "net_out",
    "disk_read",
    "disk_write",
];

/// What a machine tells of itself that means the same as what its chart shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tells {
    pub(super) memory: bool,
    /// The use of a virtual machine's disks is always nothing there, which means nothing.
    pub(super) disk: bool,
}

/// A node or a guest.
pub(super) fn machine(measured: &Measured, tells: Tells) -> Vec<(Metric, Series)> {
    let gauge = |name, factor| measured.get(name).map(|series| scaled(series, factor)).unwrap_or_default();
    let uptime = measured.get("uptime");
    let counter = |name| measured.get(name).map(|series| rates(series, uptime)).unwrap_or_default();
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
    if tells.memory {
        series.push((Metric::Memory, percent(measured, "mem_used", "mem_total")));
        series.push((Metric::MemoryUsed, gauge("mem_used", 1.0)));
    }
    if tells.disk {
        series.push((Metric::Disk, percent(measured, "disk_used", "disk_total")));
    }
    series
}

/// A storage.
pub(super) fn storage(measured: &Measured) -> Vec<(Metric, Series)> {
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

fn percent(measured: &Measured, used: &str, total: &str) -> Series {
    let (Some(used), Some(total)) = (measured.get(used), measured.get(total)) else { return Series::new() };
    let of = |(at, used): (&Timestamp, &f64)| {
        let total = total.get(at).filter(|total| **total > 0.0)?;
        Some((*at, (used * 100.0 / total).clamp(0.0, 100.0)))
    };
    used.iter().filter_map(of).collect()
}

/// Counters begin anew with a start, and on the node to which a guest was moved; then its uptime does, too.
fn rates(series: &Series, uptime: Option<&Series>) -> Series {
    let pairs = series.iter().zip(series.iter().skip(1));
    let up = |at: &Timestamp| uptime.and_then(|uptime| uptime.get(at).copied());
    let rate = |((from, before), (to, now)): ((&Timestamp, &f64), (&Timestamp, &f64))| {
        let elapsed = to.duration_since(*from);
        let began_anew = up(from).zip(up(to)).is_some_and(|(before, now)| now < before);
        let tells = now >= before && elapsed <= LONGEST_GAP && !began_anew;
        tells.then(|| (*to, (now - before) / elapsed.as_secs_f64()))
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
        assert_eq!(rates(&series, None), [(10, 20.0), (30, 10.0)].map(at).into());
    }

    #[test]
    fn a_counter_that_began_anew_above_where_it_was_is_no_spike() {
        // D-9
        let series: Series = [(0, 100.0), (10, 300.0), (20, 9000.0), (30, 9100.0)].map(at).into();
        let uptime: Series = [(0, 50.0), (10, 60.0), (20, 5.0), (30, 15.0)].map(at).into();
        assert_eq!(rates(&series, Some(&uptime)), [(10, 20.0), (30, 10.0)].map(at).into());
    }

    #[test]
    fn shares_need_both_numbers_of_one_moment() {
        // D-9
        let used: Series = [(0, 1.0), (10, 2.0), (20, 9.0)].map(at).into();
        let total: Series = [(0, 4.0), (10, 0.0), (20, 8.0)].map(at).into();
        let measured = [("mem_used".into(), used), ("mem_total".into(), total)].into();
        assert_eq!(percent(&measured, "mem_used", "mem_total"), [(0, 25.0), (20, 100.0)].map(at).into());
    }

    fn at((second, value): (i64, f64)) -> (Timestamp, f64) {
        (Timestamp::from_second(second).unwrap(), value)
    }
}

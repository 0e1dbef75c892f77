//! How polling of connections goes, as families: whether looks are punctual, how long they take, what they cost.

use muster_collect::{CollectStats, Histogram, LaneStats};
use muster_model::Platform;

use super::{
    family::{self as f, Family},
    text::Exposition,
};

/// Writes all of it.
pub(super) fn write(stats: &CollectStats, text: &mut Exposition, out: &mut String) {
    text.begin(&f::CONNECTIONS, out);
    for (standing, count) in &stats.standings {
        text.sample((&f::CONNECTIONS, ""), &[("standing", standing.as_str())], *count as f64, out);
    }
    histograms(&f::POLL_LAG, stats, |lane| &lane.lag, text, out);
    histograms(&f::POLL_DURATION, stats, |lane| &lane.duration, text, out);
    histograms(&f::POLL_DELIVERY, stats, |lane| &lane.delivery, text, out);
    write_failures(stats, text, out);
    text.begin(&f::POLL_REQUESTS, out);
    for (source, requests) in &stats.requests {
        text.sample((&f::POLL_REQUESTS, ""), &[("source", &source.to_string())], *requests as f64, out);
    }
}

fn histograms(
    family: &Family,
    stats: &CollectStats,
    of: impl Fn(&LaneStats) -> &Histogram,
    text: &mut Exposition,
    out: &mut String,
) {
    text.begin(family, out);
    for (lane, stats) in &stats.lanes {
        let Histogram { buckets, seconds } = of(stats);
        let bounds = Histogram::BOUNDS.iter().map(|(_, written)| *written);
        text.histogram(family, &labels(lane), (buckets, bounds, *seconds), out);
    }
}

fn write_failures(stats: &CollectStats, text: &mut Exposition, out: &mut String) {
    text.begin(&f::POLL_FAILURES, out);
    for (lane, stats) in &stats.lanes {
        let [platform, name] = labels(lane);
        for (category, count) in &stats.failures {
            let labels = [platform, name, ("category", category.as_str())];
            text.sample((&f::POLL_FAILURES, ""), &labels, *count as f64, out);
        }
    }
}

fn labels((platform, lane): &(Platform, &'static str)) -> [(&'static str, &'static str); 2] {
    [("platform", platform.as_str()), ("lane", *lane)]
}

#[cfg(test)]
mod tests {
    use muster_collect::{FailureCategory, Standing};
    use muster_model::ConnectionId;
    use uuid::Uuid;

    use super::{super::text::Format, *};

    #[test]
    fn lanes_are_told_apart_and_nothing_is_told_of_what_never_was() {
        let empty = written(&CollectStats::default());
        assert_eq!(empty.lines().find(|line| !line.starts_with('#')), None, "{empty}");

        let mut lag = Histogram { seconds: 7.5, ..Histogram::default() };
        (lag.buckets[0], lag.buckets[5]) = (3, 1);
        let lane = LaneStats { lag, failures: [(FailureCategory::TimedOut, 2)].into(), ..LaneStats::default() };
        let stats = CollectStats {
            lanes: [((Platform::ProxmoxPve, "bulk"), lane)].into(),
            standings: [(Standing::Working, 4), (Standing::Failing, 0)].into(),
            requests: [(ConnectionId(Uuid::nil()).source(Platform::ProxmoxPve), 90)].into(),
        };
        let text = written(&stats);
        for line in [
            "muster_connections{standing=\"working\"} 4",
            "muster_connections{standing=\"failing\"} 0",
            "muster_poll_lag_seconds_bucket{platform=\"proxmox-pve\",lane=\"bulk\",le=\"0.05\"} 3",
            "muster_poll_lag_seconds_bucket{platform=\"proxmox-pve\",lane=\"bulk\",le=\"5.0\"} 4",
            "muster_poll_lag_seconds_sum{platform=\"proxmox-pve\",lane=\"bulk\"} 7.5",
            "muster_poll_lag_seconds_count{platform=\"proxmox-pve\",lane=\"bulk\"} 4",
            "muster_poll_failures_total{platform=\"proxmox-pve\",lane=\"bulk\",category=\"timed_out\"} 2",
            "muster_poll_requests_total{source=\"proxmox:00000000-0000-0000-0000-000000000000\"} 90",
        ] {
            assert!(text.lines().any(|it| it == line), "no {line} in {text}");
        }
    }

    fn written(stats: &CollectStats) -> String {
        let mut out = String::new();
        write(stats, &mut Exposition::new(Format::Prometheus), &mut out);
        out
    }
}

//! What the platform remembers of the time before.

use jiff::Timestamp;
use muster_collect::Backfill;
use muster_model::Metric;
use muster_testkit::pve::{Cluster, Version};

use super::lab::{Lab, key};

#[tokio::test]
async fn a_first_look_brings_the_last_half_hour() {
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "lxc");
    let now = lab.whole().await.reported_at;
    let look = lab.look("history").await;
    let cpu = samples(&look.backfill, &key(&guest), Metric::Cpu);
    assert!(cpu.len() > 150, "{} samples", cpu.len());
    assert!(cpu.iter().all(|(at, value)| now.duration_since(*at).as_secs() <= 1800 && (0.0..=1000.0).contains(value)));
    assert!(cpu.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert!(lab.look("history").await.backfill.is_empty(), "nothing is missing any more");
}

#[tokio::test]
async fn an_outage_is_healed_from_the_export() {
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    lab.whole().await;
    lab.look("history").await;
    let before = lab.after(10).await.reported_at;
    lab.pass(300);
    let after = lab.report().await.reported_at;
    let look = lab.look("history").await;
    let net = samples(&look.backfill, &key(&guest), Metric::NetIn);
    assert!(net.len() >= 25, "{} samples", net.len());
    assert!(net.iter().all(|(at, value)| *at >= before && *at <= after && *value >= 0.0));
    assert!(look.backfill.iter().any(|series| series.key.as_str() == "node/pve1" && series.metric == Metric::Load1));
}

#[tokio::test]
async fn older_releases_tell_averages_of_each_minute() {
    let lab = Lab::of(Cluster::builder().version(Version::V8_2)).await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "lxc");
    lab.whole().await;
    lab.pass(30);
    let look = lab.look("history").await;
    let cpu = samples(&look.backfill, &key(&guest), Metric::Cpu);
    assert!(cpu.len() > 100, "{} samples", cpu.len());
    assert!(!samples(&look.backfill, "node/pve1", Metric::NetIn).is_empty());
    assert_eq!(lab.asked("/cluster/metrics/export"), 0);
}

fn samples<'a>(backfill: &'a [Backfill], key: &str, metric: Metric) -> &'a [(Timestamp, f64)] {
    let found = backfill.iter().find(|series| series.key.as_str() == key && series.metric == metric);
    found.map(|series| series.samples.as_slice()).unwrap_or_default()
}

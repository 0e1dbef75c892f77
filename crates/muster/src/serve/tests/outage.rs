//! A cluster that nobody can reach for a while: what is shown meanwhile, and what the charts hold afterwards.

use jiff::Timestamp;
use muster_testkit::pve::{Action, Cluster, Running, Version};
use serde_json::Value;

use super::site::Site;

#[tokio::test]
async fn an_outage_heals_from_the_export_without_a_hole() {
    // D-10, D-11
    assert_heals(Version::V9_1, 10 * 60, 20).await;
}

#[tokio::test]
async fn an_outage_heals_through_each_nodes_own_entry() {
    assert_heals(Version::V8_3, 10 * 60, 20).await;
}

#[tokio::test]
async fn an_outage_heals_from_averages_where_there_is_no_export() {
    assert_heals(Version::V8_2, 10 * 60, 180).await;
}

#[tokio::test]
async fn what_nobody_remembers_stays_a_known_gap() {
    // D-11
    let site = Site::new().await;
    let cluster = site.cluster(Cluster::builder().nodes(2).guests(4)).await;
    site.connect("lab", &cluster).await;
    let from = site.now();
    outage(&site, &cluster, 50 * 60).await;
    let chart = site.chart("node/pve1", "cpu", from, site.now()).await;
    let [gap] = chart.known_gaps.as_slice() else { panic!("one gap, not {:?}", chart.known_gaps) };
    assert_eq!(gap["reason"], "source_unreachable");
    let to: Timestamp = gap["to"].as_str().unwrap().parse().unwrap();
    let healed = site.now().duration_since(to).as_secs();
    assert!((25 * 60..35 * 60).contains(&healed), "half an hour is remembered, {healed} s were healed");
    assert!(chart.gaps.iter().all(|(_, end)| *end <= to.as_second() + 20), "{:?}", chart.gaps);
}

#[tokio::test]
async fn a_connection_that_was_disabled_is_not_called_unreachable() {
    // D-11
    let site = Site::new().await;
    let cluster = site.cluster(Cluster::builder().nodes(1).guests(2)).await;
    let id = site.connect("lab", &cluster).await;
    let from = site.now();
    site.enable(&id, false).await;
    site.pass(40 * 60).await;
    site.enable(&id, true).await;
    site.pass(60).await;
    let chart = site.chart("node/pve1", "cpu", from, site.now()).await;
    let reasons: Vec<_> = chart.known_gaps.iter().map(|gap| gap["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["connection_disabled"], "{:?}", chart.known_gaps);
}

#[tokio::test]
async fn rows_go_stale_with_their_age_and_never_stay_green() {
    // R-9, D-26
    let site = Site::new().await;
    let (cluster, other) = (site.cluster(Cluster::builder().nodes(2).guests(6)).await, site.cluster(rack()).await);
    let connection = site.connect("lab", &cluster).await;
    site.connect("rack", &other).await;
    let before = site.resources().await;
    let last = site.json(&format!("/api/connections/{connection}")).await["poll"]["lastSuccessAt"].clone();
    let down = site.now();
    away(&cluster, true);
    site.pass(90).await;
    let source = site.json(&format!("/api/connections/{connection}")).await["source"].clone();
    let rows = site.resources().await;
    assert_eq!(rows.len(), before.len(), "nothing goes because nobody answers");
    for row in &rows {
        let lost = row["sources"][0]["source"] == source;
        assert_eq!(row["sources"][0]["status"], if lost { "stale" } else { "online" }, "{row}");
        let seen: Timestamp = row["lastSeen"].as_str().unwrap().parse().unwrap();
        assert!(!lost || seen <= down, "its age is told: {row}");
        assert!(!lost || row["status"] != "online", "it is not green: {row}");
    }
    let health = site.json(&format!("/api/connections/{connection}")).await;
    assert!(health["poll"]["consecutiveFailures"].as_u64().unwrap() > 1, "{health}");
    assert_eq!(health["poll"]["lastError"]["category"], "unreachable", "{health}");
    assert!(health["poll"]["lastSuccessAt"].as_str().unwrap() >= last.as_str().unwrap(), "{health}");
    away(&cluster, false);
    site.until(&format!("/api/connections/{connection}"), "it is read again", |connection| {
        connection["poll"]["lastError"] == Value::Null
    })
    .await;
    site.pass(30).await;
    let rows = site.resources().await;
    assert!(rows.iter().all(|row| row["sources"][0]["status"] == "online"), "{rows:?}");
}

/// Lets a cluster be away for a while, and looks at the charts over it. Values may stand as far apart as a release's
/// memory has them.
async fn assert_heals(version: Version, seconds: u64, wait: u64) {
    let site = Site::new().await;
    let cluster = site.cluster(Cluster::builder().version(version).nodes(3).guests(9)).await;
    site.connect("lab", &cluster).await;
    let from = site.now();
    outage(&site, &cluster, seconds).await;
    site.pass(wait).await;
    let to = site.now();
    let running = site.resources().await;
    let guests: Vec<String> = running.iter().filter(|row| is_running_guest(row)).map(native_key).collect();
    assert!(guests.len() >= 3, "{guests:?}");
    // Of pools the platform remembers nothing.
    let storages = running.iter().map(native_key).filter(|key| key.starts_with("storage/"));
    let wanted = cluster.nodes().into_iter().map(|node| (format!("node/{node}"), vec!["cpu", "memory", "netin"]));
    let wanted = wanted.chain(guests.into_iter().map(|guest| (guest, vec!["cpu", "netin", "diskwrite"])));
    for (key, metrics) in wanted.chain(storages.map(|storage| (storage, vec!["usage"]))) {
        for metric in metrics {
            let chart = site.chart(&key, metric, from, to).await;
            assert!(chart.gaps.is_empty(), "{key} {metric}: {:?}", chart.gaps);
            assert!(chart.longest_hole() <= 20, "{key} {metric}: {} s", chart.longest_hole());
            assert!(chart.known_gaps.is_empty(), "{key} {metric}: {:?}", chart.known_gaps);
        }
    }
}

async fn outage(site: &Site, cluster: &Running, seconds: u64) {
    away(cluster, true);
    site.pass(seconds).await;
    away(cluster, false);
    // A connection that failed for long is asked every few minutes.
    site.until("/api/connections", "it is read again", |list| list["items"][0]["poll"]["lastError"] == Value::Null)
        .await;
    site.pass(60).await;
}

/// Cuts a cluster off, or lets it be reached again: its nodes go on all the while.
pub(super) fn away(cluster: &Running, is_away: bool) {
    for node in cluster.nodes() {
        cluster.act(Action::CutOff { node, cut: is_away });
    }
}

fn rack() -> muster_testkit::pve::ClusterBuilder {
    Cluster::builder().name("rack").seed(7).nodes(1).guests(3)
}

fn is_running_guest(row: &Value) -> bool {
    let is_guest = row["kind"] == "vm" || row["kind"] == "system-container";
    is_guest && row["status"] == "online"
}

fn native_key(row: &Value) -> String {
    row["sources"][0]["key"].as_str().unwrap().to_owned()
}

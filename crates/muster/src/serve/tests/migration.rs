//! A guest that is moved from node to node: it stays the same guest.

use jiff::Timestamp;
use muster_testkit::pve::{Action, Cluster, GuestFacts, Running};
use serde_json::Value;

use super::{
    outage::away,
    site::{Site, id, is_called},
};

#[tokio::test]
async fn a_live_migration_changes_no_id_no_chart_and_no_link_and_is_one_line() {
    // D-6, R-29
    let (site, cluster, guest, move_) = moving("qemu").await;
    cluster.act(Action::Migrate { guest: guest.id, to: move_.target.clone() });
    site.pass(180).await;
    move_.check(&site).await;
    let lines = move_.lines(&site).await;
    let [line] = lines.as_slice() else { panic!("one line, not {lines:#?}") };
    assert_eq!((line["kind"].as_str(), line["resourceId"].as_str()), (Some("relationship_change"), Some(&*move_.id)));
    let (from, to) = (id(&site.resource(&node(&guest.node)).await), id(&site.resource(&node(&move_.target)).await));
    assert_eq!((line["from"].as_str(), line["to"].as_str()), (Some(&*from), Some(&*to)), "{line}");
}

#[tokio::test]
async fn a_move_that_nobody_saw_is_told_once_and_its_chart_is_whole() {
    // D-6, D-11
    let (site, cluster, guest, move_) = moving("qemu").await;
    away(&cluster, true);
    site.pass(120).await;
    cluster.act(Action::Migrate { guest: guest.id, to: move_.target.clone() });
    site.pass(120).await;
    away(&cluster, false);
    site.until("/api/connections", "it is read again", |list| list["items"][0]["poll"]["lastError"] == Value::Null)
        .await;
    site.pass(180).await;
    move_.check(&site).await;
    let lines = move_.lines(&site).await;
    let of_guest: Vec<_> = lines.iter().filter(|line| line["resourceId"] == *move_.id).collect();
    // That it came back tells that it moved, too (one line for each look at a resource); before that it went stale.
    let [back, stale] = of_guest.as_slice() else { panic!("two lines, not {of_guest:#?}") };
    assert_eq!((stale["kind"].as_str(), stale["origin"].as_str()), (Some("state_transition"), Some("heuristic")));
    assert!(back["metadata"]["changedFields"].as_str().unwrap().contains("parentId"), "{back}");
    let nodes = [id(&site.resource(&node(&guest.node)).await), id(&site.resource(&node(&move_.target)).await)];
    assert_eq!(back["relatedResources"], serde_json::json!(nodes), "{back}");
}

#[tokio::test]
async fn a_container_that_is_stopped_to_be_moved_tells_that_too() {
    // D-6, R-29
    let (site, cluster, guest, move_) = moving("lxc").await;
    cluster.act(Action::Stop { guest: guest.id });
    site.pass(30).await;
    cluster.act(Action::Migrate { guest: guest.id, to: move_.target.clone() });
    site.pass(30).await;
    cluster.act(Action::Start { guest: guest.id });
    site.pass(120).await;
    move_.check(&site).await;
    let mut lines = move_.lines(&site).await;
    lines.retain(|line| line["kind"] != "activity");
    assert!(lines.iter().all(|line| line["resourceId"] == *move_.id), "{lines:#?}");
    let told: Vec<_> = lines.iter().rev().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(told, ["state_transition", "relationship_change", "state_transition"], "{lines:#?}");
}

/// A cluster with a guest that is to be moved.
async fn moving(kind: &str) -> (Site, Running, GuestFacts, Move) {
    let site = Site::new().await;
    let cluster = site.cluster(Cluster::builder().nodes(3).guests(8)).await;
    site.connect("lab", &cluster).await;
    let guest = guest(&cluster, kind);
    let move_ = Move::begin(&site, &cluster, &guest).await;
    (site, cluster, guest, move_)
}

/// What is to stay the same.
struct Move {
    key: String,
    id: String,
    target: String,
    began: Timestamp,
    lines: usize,
    ids: Vec<String>,
}

impl Move {
    async fn begin(site: &Site, cluster: &Running, guest: &GuestFacts) -> Self {
        let key = format!("{}/{}", guest.kind, guest.id);
        let target = cluster.nodes().into_iter().find(|node| *node != guest.node).unwrap();
        let began = site.now();
        site.pass(120).await;
        let ids = site.resources().await.iter().map(id).collect();
        Self { id: id(&site.resource(&key).await), key, target, began, lines: site.lines().await.len(), ids }
    }

    /// The same resources under the same ids, on another node, and charts without a hole, a spike or a second series.
    async fn check(&self, site: &Site) {
        let all = site.resources().await;
        assert_eq!(all.iter().map(id).collect::<Vec<_>>(), self.ids);
        assert_eq!(all.iter().filter(|row| is_called(row, &self.key)).count(), 1);
        let row = site.json(&format!("/api/resources/{}", self.id)).await;
        let target = id(&site.resource(&node(&self.target)).await);
        assert_eq!(row["parentId"], *target);
        let runs_on: Vec<_> = relations(&row).filter(|to| to.starts_with("agent-")).collect();
        assert_eq!(runs_on, [target], "{}", row["relationships"]);
        let (to, hole) = (site.now(), 30);
        for metric in ["cpu", "netin", "diskwrite"] {
            let chart = site.chart(&self.key, metric, self.began, to).await;
            assert!(chart.longest_hole() <= hole, "{metric}: {chart:?}");
            // Counters begin anew on another node, and the next sample may be the same once more: such a rate may lack two
            // ticks, which is a gap of its own (D-10). What is no rate lacks nothing.
            assert!(chart.gaps.is_empty() || metric != "cpu", "{metric}: {chart:?}");
            let usual =
                site.chart(&self.key, metric, self.began, self.began + jiff::SignedDuration::from_secs(120)).await;
            assert!(chart.peak() <= usual.peak() * 20.0 + 100.0, "{metric} has a spike: {chart:?}");
        }
    }

    /// What the timeline tells since.
    async fn lines(&self, site: &Site) -> Vec<Value> {
        let mut lines = site.lines().await;
        lines.truncate(lines.len() - self.lines);
        lines
    }
}

fn relations(row: &Value) -> impl Iterator<Item = String> + '_ {
    row["relationships"].as_array().unwrap().iter().filter_map(|relation| {
        let runs_on = relation["type"] == "runs_on" && relation["sourceId"] == row["id"];
        runs_on.then(|| relation["targetId"].as_str().unwrap().to_owned())
    })
}

fn guest(cluster: &Running, kind: &str) -> GuestFacts {
    let all = cluster.guests().into_iter().filter_map(|guest| cluster.guest(guest));
    all.into_iter().find(|guest| guest.kind == kind && guest.runs && !guest.is_template).unwrap()
}

fn node(name: &str) -> String {
    format!("node/{name}")
}

//! What the platform remembers of the time before.

use jiff::Timestamp;
use muster_collect::Backfill;
use muster_model::Metric;
use muster_testkit::pve::{Action, Cluster, Fault, Version, Where};

use super::lab::{Lab, key};

const EXPORT: &str = "/cluster/metrics/export";

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
    assert!(net.len() >= 30, "{} samples", net.len());
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
    let of_storages = look.backfill.iter().filter(|series| series.key.as_str().starts_with("storage/"));
    assert!(of_storages.clone().count() > 0 && of_storages.clone().all(|series| series.samples.len() > 100));
    assert_eq!(lab.asked(EXPORT), 0);
    assert!(lab.look("history").await.backfill.is_empty(), "the newest averages are not complete yet");
    lab.pass(180);
    let rest = lab.look("history").await;
    let rest = samples(&rest.backfill, &key(&guest), Metric::Cpu);
    assert!(rest.last() > cpu.last(), "{:?}", rest.last());
    assert!(lab.look("history").await.backfill.is_empty());
}

#[tokio::test]
async fn nodes_are_asked_one_by_one_so_that_no_answer_is_larger_than_a_nodes() {
    // What four nodes remember of 200 guests is twice as large as any answer that is read at once.
    let check = async |version: Version, parameter: &str| {
        let lab = Lab::of(Cluster::builder().version(version).nodes(4).guests(200)).await;
        lab.report().await;
        lab.cluster.forget_requests();
        let look = lab.look("history").await;
        let asked: Vec<_> = lab.cluster.requests().into_iter().filter(|request| request.call == Some(EXPORT)).collect();
        assert_eq!(asked.len(), 4, "{asked:#?}");
        assert!(asked.iter().all(|request| request.path.contains(parameter)), "{asked:#?}");
        assert!(lab.cluster.counts().peak_by_node.values().all(|peak| *peak <= 2));
        let running = lab.cluster.guests().into_iter().filter_map(|guest| lab.cluster.guest(guest));
        for guest in running.filter(|guest| guest.runs && !guest.is_template) {
            let cpu = samples(&look.backfill, &key(&guest), Metric::Cpu);
            assert!(cpu.len() >= 179, "{}: {} samples", key(&guest), cpu.len());
        }
    };
    check(Version::V9_1, "node-list=").await;
    check(Version::V8_4, "local-only=1").await;
}

#[tokio::test]
async fn a_cluster_with_one_entry_is_asked_as_a_whole_where_nodes_cannot_be_named() {
    let lab = Lab::through(Cluster::builder().version(Version::V8_3), 1).await;
    lab.report().await;
    let look = lab.look("history").await;
    for node in lab.cluster.nodes() {
        assert!(samples(&look.backfill, &format!("node/{node}"), Metric::Cpu).len() >= 179, "{node}");
    }
    assert_eq!(lab.asked(EXPORT), 1);
}

#[tokio::test]
async fn a_node_that_is_away_is_asked_when_it_is_back() {
    let lab = Lab::new().await;
    lab.whole().await;
    lab.look("history").await;
    lab.after(10).await;
    lab.pass(120);
    lab.act(Action::CutOff { node: "pve2".to_owned(), cut: true });
    lab.act(Action::StatusDaemon { node: "pve3".to_owned(), works: false });
    lab.report().await;
    let fault = muster_testkit::pve::Fault::Status { code: 596, reason: "Connection timed out".to_owned() };
    lab.cluster.fail(muster_testkit::pve::Where::path(EXPORT).times(1), fault);
    let some = lab.look("history").await;
    assert_eq!(some.observed.issues.len(), 1, "{:?}", some.observed.issues);
    lab.pass(10);
    let rest = lab.look("history").await;
    let told =
        |look: &muster_collect::Look, node: &str| samples(&look.backfill, &format!("node/{node}"), Metric::Cpu).len();
    for node in lab.cluster.nodes() {
        assert!(told(&some, &node) + told(&rest, &node) >= 10, "{node}");
    }
    assert!(lab.look("history").await.backfill.is_empty());
}

#[tokio::test]
async fn samples_of_a_node_whose_clock_is_wrong_stand_where_they_belong() {
    for seconds in [3600, -3600] {
        for version in [Version::V9_1, Version::V8_2] {
            let lab = Lab::of(Cluster::builder().version(version).nodes(1)).await;
            lab.act(Action::ClockSkew { node: "pve1".to_owned(), seconds });
            let now = lab.report().await.reported_at;
            let look = lab.look("history").await;
            let cpu = samples(&look.backfill, "node/pve1", Metric::Cpu);
            assert!(cpu.len() >= 160, "{version} {seconds}: {} samples", cpu.len());
            assert!(cpu.iter().all(|(at, _)| (-10..=1800).contains(&now.duration_since(*at).as_secs())), "{seconds}");
        }
    }
}

#[tokio::test]
async fn samples_stay_where_they_are_although_a_node_took_none_for_a_while() {
    let lab = Lab::new().await;
    lab.whole().await;
    lab.look("history").await;
    lab.after(10).await;
    lab.pass(120);
    lab.act(Action::StatusDaemon { node: "pve3".to_owned(), works: false });
    lab.pass(180);
    let now = lab.report().await.reported_at;
    let look = lab.look("history").await;
    let cpu = samples(&look.backfill, "node/pve3", Metric::Cpu);
    assert!(cpu.len() >= 10, "{} samples", cpu.len());
    assert!(cpu.iter().all(|(at, _)| now.duration_since(*at).as_secs() >= 170), "{:?}", cpu.last());
}

#[tokio::test]
async fn samples_of_a_node_stay_where_they_are_although_the_one_before_it_was_slow() {
    let lab = Lab::of(Cluster::builder().nodes(4)).await;
    lab.report().await;
    let due = lab.after(10).await.reported_at;
    for _ in 0..2 {
        lab.cluster.fail(Where::path(EXPORT).times(1), Fault::Slow { seconds: 35.0 });
    }
    let (look, took) = lab.look_in_time("history").await;
    assert!(took.as_secs() >= 60, "{took:?}");
    let cpu = samples(&look.backfill, "node/pve4", Metric::Cpu);
    // Those of the time in which the others were waited for are a part of it.
    assert!(cpu.last().is_some_and(|(at, _)| at.duration_since(due).as_secs() >= 50), "{:?}", cpu.last());
}

#[tokio::test]
async fn what_was_read_of_a_slow_cluster_is_handed_on_and_the_rest_has_its_turn() {
    let lab = Lab::of(Cluster::builder().nodes(6)).await;
    lab.report().await;
    lab.cluster.fail(Where::path(EXPORT), Fault::Slow { seconds: 35.0 });
    let (some, took) = lab.look_in_time("history").await;
    assert!(took.as_secs() < 180, "{took:?}");
    let (rest, _) = lab.look_in_time("history").await;
    let is_told = |look: &muster_collect::Look, node: &str| {
        !samples(&look.backfill, &format!("node/{node}"), Metric::Load1).is_empty()
    };
    for node in lab.cluster.nodes() {
        assert!(is_told(&some, &node) != is_told(&rest, &node), "{node}");
    }
}

#[tokio::test]
async fn averages_of_a_slow_cluster_are_read_a_part_at_a_time() {
    let lab = Lab::of(Cluster::builder().version(Version::V8_2).nodes(1).guests(36)).await;
    lab.whole().await;
    lab.pass(200);
    lab.report().await;
    lab.cluster.fail(Where::path("/nodes/**"), Fault::Slow { seconds: 12.0 });
    let mut told: Vec<String> = Vec::new();
    for _ in 0..4 {
        let (look, took) = lab.look_in_time("history").await;
        assert!(took.as_secs() < 180, "{took:?}");
        let more = look.backfill.iter().filter(|series| matches!(series.metric, Metric::Cpu | Metric::Usage));
        told.extend(more.map(|series| series.key.to_string()));
    }
    let all = told.len();
    told.sort();
    told.dedup();
    assert!(told.len() > 30, "more than one look can read: {told:?}");
    assert_eq!(told.len(), all, "nothing is read twice before all of it was read");
}

#[tokio::test]
async fn a_node_that_tells_nothing_is_asked_for_its_averages() {
    // A member of an older release behind an entry point that has the export.
    let lab = Lab::new().await;
    lab.report().await;
    let nothing = Fault::Body { text: r#"{"data":{"data":[]}}"#.to_owned() };
    lab.cluster.fail(Where::path(EXPORT), nothing);
    lab.look("history").await;
    lab.look("history").await;
    let asked = lab.asked(EXPORT);
    let look = lab.look("history").await;
    assert_eq!(lab.asked(EXPORT), asked, "they were asked often enough");
    for node in lab.cluster.nodes() {
        assert!(samples(&look.backfill, &format!("node/{node}"), Metric::Cpu).len() > 100, "{node}");
    }
}

#[tokio::test]
async fn times_that_are_none_and_things_that_nobody_knows_are_left_out() {
    let lab = Lab::of(Cluster::builder().nodes(1)).await;
    lab.report().await;
    let row = |id: &str, timestamp: i64| serde_json::json!({"id": id, "metric": "cpu_avg1", "timestamp": timestamp, "type": "gauge", "value": 1.0});
    let rows =
        [row("node/pve1", 253_402_207_199), row("node/pve1", -377_705_023_201), row("node/other", 1_767_225_590)];
    let body = serde_json::json!({"data": {"data": rows}}).to_string();
    lab.cluster.fail(Where::path(EXPORT), Fault::Body { text: body });
    lab.refuse("/nodes/pve1/time", 500, "no");
    let look = lab.look("history").await;
    assert!(look.backfill.iter().all(|series| series.key.as_str() == "node/pve1"), "{:?}", look.backfill);
}

fn samples<'a>(backfill: &'a [Backfill], key: &str, metric: Metric) -> &'a [(Timestamp, f64)] {
    let found = backfill.iter().find(|series| series.key.as_str() == key && series.metric == metric);
    found.map(|series| series.samples.as_slice()).unwrap_or_default()
}

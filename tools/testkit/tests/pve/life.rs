//! What lives in a cluster: guests that move, start, stop and are made again, and nodes that say nothing.

use std::time::Duration;

use muster_runtime::ManualClock;
use muster_testkit::pve::{Action, GuestFacts, Running, Script};
use serde_json::{Value, json};

use crate::asker::{Asker, START, at_rest, row, rows};

#[tokio::test]
async fn a_guest_that_moves_keeps_what_it_is_and_counts_anew() {
    let (cluster, asker, clock) = started().await;
    let guest = running(&cluster, "qemu");
    let before = resource(&asker, &guest).await;
    let to = cluster.nodes().into_iter().find(|node| *node != guest.node).unwrap();
    cluster.act(Action::Migrate { guest: guest.id, to: to.clone() });
    clock.advance(Duration::from_secs(30));
    let after = resource(&asker, &guest).await;
    let facts = GuestFacts { node: to.clone(), cpu: 0.0, ..guest.clone() };
    assert_eq!(GuestFacts { cpu: 0.0, ..cluster.guest(guest.id).unwrap() }, facts);
    assert_eq!((&after["node"], &after["id"]), (&json!(to), &before["id"]));
    assert!(after["netin"].as_u64() < before["netin"].as_u64(), "{before} {after}");
    assert!(after["uptime"].as_i64().unwrap() <= 30);
    let tasks = asker.data("/cluster/tasks").await;
    let task = row(&tasks, "type", "qmigrate");
    assert_eq!((&task["id"], &task["node"]), (&json!(guest.id.to_string()), &json!(guest.node)));
    // Where it was, it is not any more.
    let gone = asker.get(&format!("/nodes/{}/qemu/{}/config", guest.node, guest.id)).await;
    assert_eq!(gone.status, 500);
    assert!(gone.reason.ends_with("does not exist"), "{}", gone.reason);
}

#[tokio::test]
async fn a_number_is_used_again_by_another_guest() {
    let (cluster, asker, clock) = started().await;
    let old = running(&cluster, "qemu");
    clock.advance(Duration::from_secs(60));
    cluster.act(Action::Recreate { guest: old.id });
    let new = cluster.guest(old.id).unwrap();
    assert_eq!(new.node, old.node);
    assert_ne!((&new.uuid, new.created, &new.macs), (&old.uuid, old.created, &old.macs));
    let tasks = asker.data("/cluster/tasks").await;
    let of_it: Vec<&Value> = rows(&tasks, "id", &old.id.to_string()).iter().map(|task| &task["type"]).collect();
    assert!(of_it.contains(&&json!("qmdestroy")) && of_it.len() == 2, "{of_it:?}");
    cluster.act(Action::Destroy { guest: old.id });
    assert_eq!(cluster.guest(old.id), None);
}

#[tokio::test]
async fn a_guest_that_stops_is_shown_so_by_the_next_tick() {
    let (cluster, asker, clock) = started().await;
    let guest = running(&cluster, "lxc");
    clock.advance(Duration::from_secs(1));
    cluster.act(Action::Stop { guest: guest.id });
    assert_eq!(resource(&asker, &guest).await["status"], "running");
    clock.advance(Duration::from_secs(10));
    let row = resource(&asker, &guest).await;
    assert_eq!(
        (&row["status"], &row["cpu"], &row["mem"], &row["uptime"]),
        (&json!("stopped"), &json!(0.0), &json!(0), &json!(0))
    );
    cluster.act(Action::Start { guest: guest.id });
    clock.advance(Duration::from_secs(20));
    let row = resource(&asker, &guest).await;
    assert_eq!(row["status"], "running");
    assert!(row["uptime"].as_u64().unwrap() < 21);
}

#[tokio::test]
async fn counters_grow_and_the_past_stays_as_it_was() {
    let (cluster, asker, clock) = started().await;
    let guest = running(&cluster, "qemu");
    let path = "/cluster/metrics/export?history=1";
    let before = asker.data(path).await;
    clock.advance(Duration::from_secs(60));
    let after = asker.data(path).await;
    let series = |export: &Value, metric: &str| -> Vec<(i64, f64)> {
        let all = export["data"].as_array().unwrap().iter();
        let id = format!("qemu/{}", guest.id);
        let of_it = all.filter(|point| point["id"] == id && point["metric"] == metric);
        of_it.map(|point| (point["timestamp"].as_i64().unwrap(), point["value"].as_f64().unwrap())).collect()
    };
    let (old, new) = (series(&before, "net_in"), series(&after, "net_in"));
    assert_eq!((old.len(), new.len()), (180, 180));
    assert_eq!(old[6..], new[..174]);
    assert!(new.is_sorted_by(|one, other| one.0 + 10 == other.0 && one.1 < other.1));
    let since = old.last().unwrap().0;
    let news = asker.data(&format!("/cluster/metrics/export?history=1&start-time={since}")).await;
    assert_eq!(series(&news, "net_in"), new[174..]);
    // Without asking for the past there is only the latest.
    let latest = asker.data(&format!("/cluster/metrics/export?start-time={since}")).await;
    assert_eq!(series(&latest, "cpu_current").len(), 1);
}

#[tokio::test]
async fn what_was_down_did_not_measure() {
    let (cluster, asker, clock) = started().await;
    let guest =
        cluster.guests_by_node()["pve2"].iter().find_map(|id| cluster.guest(*id).filter(|guest| guest.runs)).unwrap();
    cluster.act(Action::NodeDown { node: "pve2".to_owned() });
    // Its guests look alive for five minutes.
    clock.advance(Duration::from_secs(290));
    assert_eq!(resource(&asker, &guest).await["status"], "running");
    clock.advance(Duration::from_secs(30));
    assert_eq!(resource(&asker, &guest).await["status"], "unknown");
    cluster.act(Action::NodeUp { node: "pve2".to_owned() });
    clock.advance(Duration::from_secs(120));
    let export = asker.data("/cluster/metrics/export?history=1").await;
    let points = export["data"].as_array().unwrap().iter();
    let of_it = points.filter(|point| point["id"] == "node/pve2" && point["metric"] == "uptime");
    let times: Vec<i64> = of_it.map(|point| point["timestamp"].as_i64().unwrap()).collect();
    let widest = times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!((310..=330).contains(&widest), "{widest}");
    let history = asker.data("/nodes/pve2/rrddata?timeframe=hour").await;
    let empty = history.as_array().unwrap().iter().filter(|row| row.get("cpu").is_none()).count();
    assert!((5..=6).contains(&empty), "{empty}");
}

#[tokio::test]
async fn a_silent_status_daemon_makes_rows_unknown_while_the_api_answers() {
    let (cluster, asker, clock) = started().await;
    cluster.act(Action::StatusDaemon { node: "pve3".to_owned(), works: false });
    clock.advance(Duration::from_secs(320));
    let resources = asker.data("/cluster/resources").await;
    assert_eq!(row(&resources, "id", "node/pve3")["status"], "unknown");
    let status = asker.data("/cluster/status").await;
    assert_eq!(row(&status, "name", "pve3")["online"], 1);
    assert_eq!(asker.get("/nodes/pve3/status").await.status, 200);
}

#[tokio::test]
async fn a_clock_that_is_wrong_shows_in_what_its_node_says() {
    let (cluster, asker, clock) = started().await;
    cluster.act(Action::ClockSkew { node: "pve2".to_owned(), seconds: -90 });
    let times = |export: &Value, id: &str| -> Vec<i64> {
        let all = export["data"].as_array().unwrap().iter();
        all.filter(|point| point["id"] == id).map(|point| point["timestamp"].as_i64().unwrap()).collect()
    };
    let export = asker.data("/cluster/metrics/export").await;
    assert_eq!(times(&export, "node/pve2")[0], times(&export, "node/pve1")[0] - 90);
    let time = asker.data("/nodes/pve2/time").await["time"].as_i64().unwrap();
    assert_eq!(time, START.parse::<jiff::Timestamp>().unwrap().as_second() - 90);
    // It is asked anew each time.
    clock.advance(Duration::from_secs(1));
    assert_eq!(asker.data("/nodes/pve2/time").await["time"], time + 1);
}

#[tokio::test]
async fn the_same_seed_says_the_same_and_another_one_does_not() {
    let (builder, clock) = at_rest();
    let (one, twin) = (builder.clone().start().await, builder.clone().start().await);
    let other = builder.seed(99).start().await;
    clock.advance(Duration::from_secs(75));
    for path in ["/cluster/resources", "/nodes/pve2/status", "/nodes/pve1/disks/list", "/cluster/tasks"] {
        let said = Asker::of(&one, "pve1").data(path).await;
        assert_eq!(said, Asker::of(&twin, "pve1").data(path).await);
        if !path.ends_with("tasks") {
            assert_ne!(said, Asker::of(&other, "pve1").data(path).await);
        }
    }
}

#[tokio::test]
async fn a_scenario_plays_by_the_clock() {
    let (cluster, asker, clock) = started().await;
    let guest = running(&cluster, "qemu").id;
    let name = "a\u{1b}[31m\n<script>alert(1)</script>".to_owned();
    let script = Script::default()
        .then(60.0, Action::Stop { guest })
        .then(30.0, Action::Rename { guest, name: name.clone() })
        .then(90.0, Action::Quorum { quorate: false });
    cluster.play(script, |error| panic!("{error}"));
    let wait = async |sleepers: usize| {
        while clock.sleepers() < sleepers {
            tokio::task::yield_now().await;
        }
    };
    wait(1).await;
    clock.advance(Duration::from_secs(30));
    wait(1).await;
    assert_eq!(cluster.guest(guest).map(|guest| (guest.name, guest.runs)), Some((name.clone(), true)));
    let listed = asker.data("/cluster/resources?type=vm").await;
    assert_eq!(row(&listed, "name", &name)["vmid"], guest);
    clock.advance(Duration::from_secs(30));
    wait(1).await;
    assert!(!cluster.guest(guest).unwrap().runs);
    clock.advance(Duration::from_secs(30));
    while asker.data("/cluster/status").await[0]["quorate"] == 1 {
        clock.advance(Duration::from_secs(10));
    }
}

#[test]
fn the_scenario_that_stands_beside_the_simulator_can_be_read() {
    let script = Script::parse(include_str!("../../scenarios/troubles.toml")).unwrap();
    assert!(script.steps.len() > 5);
}

#[tokio::test]
async fn what_is_not_there_cannot_happen() {
    let (cluster, ..) = started().await;
    let error = cluster.try_act(Action::Start { guest: 7 }).unwrap_err();
    assert_eq!(error.to_string(), "this cluster has no guest `7`");
    let (node, pool) = ("pve1".to_owned(), "lake".to_owned());
    let error = cluster.try_act(Action::Zfs { node, pool, degraded: true }).unwrap_err();
    assert_eq!(error.to_string(), "this cluster has no pool `lake`");
}

#[tokio::test]
async fn two_guests_can_have_one_identifier() {
    let (cluster, asker, _clock) = started().await;
    let ids: Vec<GuestFacts> =
        cluster.guests().into_iter().filter_map(|id| cluster.guest(id)).filter(|g| g.kind == "qemu").collect();
    cluster.act(Action::CopyUuid { guest: ids[1].id, from: ids[0].id });
    let config = asker.data(&format!("/nodes/{}/qemu/{}/config", ids[1].node, ids[1].id)).await;
    assert_eq!(config["smbios1"], format!("uuid={}", ids[0].uuid));
}

async fn started() -> (Running, Asker, ManualClock) {
    let (builder, clock) = at_rest();
    let cluster = builder.start().await;
    let asker = Asker::of(&cluster, "pve1");
    (cluster, asker, clock)
}

fn running(cluster: &Running, kind: &str) -> GuestFacts {
    let all = cluster.guests().into_iter().filter_map(|id| cluster.guest(id));
    all.into_iter().find(|guest| guest.kind == kind && guest.runs).unwrap()
}

async fn resource(asker: &Asker, guest: &GuestFacts) -> Value {
    let resources = asker.data("/cluster/resources").await;
    row(&resources, "id", &format!("{}/{}", guest.kind, guest.id)).clone()
}

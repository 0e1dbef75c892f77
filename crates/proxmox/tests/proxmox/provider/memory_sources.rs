//! The ladder of sources of a guest's memory, rung by rung.

use std::time::Duration;

use muster_model::{GuestMemoryDecision, MemorySource};
use muster_testkit::pve::{Action, Cluster, GuestFacts, Rights, Version};
use serde_json::{Value, json};

use super::lab::{Ask, Lab, key, path};

const GIB: u64 = 1 << 30;
const MIB: u64 = 1 << 20;

#[tokio::test]
async fn each_source_of_a_machine_in_turn_and_none_below_it_is_asked() {
    //
    let (lab, guest) = readable().await;
    let rrd = path(&guest, "rrddata");
    lab.answer(&path(&guest, "status/current"), &status(&json!({"meminfo": {"total": 8 * GIB, "available": 5 * GIB}})));
    lab.answer(&rrd, &json!([{"time": 60, "memavailable": 4.0 * GIB as f64}]));
    lab.report().await;
    // Without a value of its own a source has that of the list.
    let step = async |source: MemorySource, reason: Option<&str>, used: Option<u64>, asked: (usize, usize)| {
        lab.cluster.forget_requests();
        let decision = decided(&lab, &guest).await;
        assert_eq!((decision.memory_source, decision.fallback_reason.as_deref()), (source, reason));
        assert_eq!((decision.memory.used_bytes, decision.trust), (used.or(decision.raw.listing_mem), source.trust()));
        let of = |rest: &str| lab.asked_for(&path(&guest, rest));
        assert_eq!((of("rrddata"), of("agent/file-read")), asked, "{source:?}");
    };
    step(MemorySource::AvailableField, None, Some(3 * GIB), (0, 0)).await;
    lab.answer(&path(&guest, "status/current"), &status(&json!({})));
    step(MemorySource::RrdMemavailable, Some("rrd-memavailable"), Some(4 * GIB), (1, 0)).await;
    lab.answer(&rrd, &json!([{"time": 60, "mem": 1}]));
    let file = path(&guest, "agent/file-read");
    lab.answer(&file, &json!({"content": "MemTotal: 8388608 kB\nMemAvailable: 2097152 kB\n"}));
    step(MemorySource::GuestAgentMeminfo, Some("guest-agent-meminfo"), Some(6 * GIB), (1, 1)).await;
    lab.refuse(&file, 500, "QEMU guest agent is not running");
    step(MemorySource::StatusMem, Some("status-mem"), None, (1, 1)).await;
    lab.refuse(&path(&guest, "status/current"), 500, "got timeout");
    step(MemorySource::ClusterResources, Some("cluster-resources"), None, (0, 0)).await;
    lab.act(Action::Stop { guest: guest.id });
    lab.pass(10);
    step(MemorySource::PoweredOff, None, Some(0), (0, 0)).await;
}

#[tokio::test]
async fn an_agent_that_is_off_is_not_asked_for_memory() {
    // R-69, step 3
    let (lab, guest) = readable().await;
    without_history(&lab, &guest);
    lab.answer(&path(&guest, "status/current"), &status(&json!({"agent": 0})));
    assert_eq!(decided(&lab, &guest).await.memory_source, MemorySource::StatusMem);
    assert_eq!(lab.asked_for(&path(&guest, "agent/file-read")), 0);
}

#[tokio::test]
async fn the_kernels_parts_are_believed_until_they_miss_four_mebibytes() {
    //
    let (lab, guest) = readable().await;
    let check = async |info: Value, source: MemorySource, available: u64| {
        lab.answer(&path(&guest, "status/current"), &status(&json!({ "meminfo": info })));
        let decision = decided(&lab, &guest).await;
        assert_eq!(decision.memory_source, source, "{info}");
        assert_eq!(decision.memory.free_bytes, Some(available), "{info}");
        assert_eq!(decision.raw.meminfo_total, Some(8 * GIB), "{info}");
    };
    let info = |left: u64| json!({"total": 8 * GIB, "used": 8 * GIB - left * MIB, "free": 1000 * MIB});
    check(info(1003), MemorySource::DerivedFreeBuffersCached, 1000 * MIB).await;
    check(info(1004), MemorySource::DerivedTotalMinusUsed, 1004 * MIB).await;
    let parts = json!({"total": 8 * GIB, "used": GIB, "free": GIB, "buffers": GIB, "cached": 2 * GIB});
    check(parts, MemorySource::DerivedFreeBuffersCached, 4 * GIB).await;
}

#[tokio::test]
async fn the_newest_sound_point_of_a_guests_own_history_counts() {
    // by connection, node and guest; two clusters may name all of these alike.
    let (one, guest) = readable().await;
    let (other, same) = readable().await;
    assert_eq!((&guest.node, guest.id), (&same.node, same.id));
    for (lab, available) in [(&one, 3.6), (&other, 5.0)] {
        let newest = json!([
            {"time": 60, "memavailable": 9.0}, {"time": 120, "memavailable": available},
            {"time": 180, "memavailable": 0}, {"time": 240, "memavailable": "NaN"}, {"time": 300},
        ]);
        lab.answer(&path(&guest, "status/current"), &status(&json!({})));
        lab.answer(&path(&guest, "rrddata"), &newest);
    }
    assert_eq!(decided(&one, &guest).await.raw.rrd_available, Some(4));
    assert_eq!(decided(&other, &same).await.raw.rrd_available, Some(5));
    assert!(one.asked_for(&path(&guest, "rrddata?timeframe=hour&cf=AVERAGE")) > 0);
}

#[tokio::test]
async fn no_single_source_is_waited_for_long() {
    // 2 s for a machine's history, 3 s for its agent, 5 s for a container's history.
    let (lab, guest) = readable().await;
    let container = lab.guest(|guest| guest.runs && guest.kind == "lxc");
    let seconds = async |path: String| {
        lab.hang(&path);
        lab.pass(301);
        lab.report().await;
        let (_, took) = lab.look_in_time("guests").await;
        lab.heal(&path);
        took.as_secs()
    };
    lab.answer(&path(&guest, "status/current"), &status(&json!({})));
    lab.report().await;
    assert_eq!(seconds(path(&guest, "rrddata")).await, 2);
    without_history(&lab, &guest);
    assert_eq!(seconds(path(&guest, "agent/file-read")).await, 3);
    assert_eq!(seconds(path(&container, "rrddata")).await, 5);
}

#[tokio::test]
async fn a_kernel_that_cannot_be_read_is_asked_once_in_five_minutes() {
    //
    let (lab, guest) = readable().await;
    let file = path(&guest, "agent/file-read");
    without_history(&lab, &guest);
    lab.answer(&path(&guest, "status/current"), &status(&json!({})));
    lab.refuse(&file, 500, "no such file");
    lab.report().await;
    lab.cluster.forget_requests();
    let mut minutes = Vec::new();
    for minute in 1..=11 {
        lab.pass(60);
        // Whoever has the value of the list is asked seldom; this keeps it from being so.
        lab.answer(&path(&guest, "status/current"), &status(&json!({"meminfo": {"total": 1, "available": 1}})));
        lab.look("guests").await;
        lab.pass(60);
        lab.answer(&path(&guest, "status/current"), &status(&json!({})));
        let before = lab.asked_for(&file);
        lab.look("guests").await;
        if lab.asked_for(&file) > before {
            minutes.push(2 * minute);
        }
    }
    assert!(minutes.windows(2).all(|pair| pair[1] - pair[0] >= 5), "{minutes:?}");
    assert!((2..=5).contains(&minutes.len()), "{minutes:?}");
}

#[tokio::test]
async fn a_balloon_does_not_pin_a_machine_at_full() {
    //
    let (lab, guest) = readable().await;
    without_history(&lab, &guest);
    lab.refuse(&path(&guest, "agent/file-read"), 500, "no such file");
    let check = async |of: Value, source: MemorySource, used: Option<u64>| {
        lab.answer(&path(&guest, "status/current"), &status(&of));
        let decision = decided(&lab, &guest).await;
        assert_eq!(decision.memory_source, source, "{of}");
        assert!(used.is_none() || decision.memory.used_bytes == used, "{of}: {:?}", decision.memory);
    };
    let ballooned = json!({"mem": 8 * GIB, "balloon": 4 * GIB, "freemem": 3 * GIB});
    check(ballooned, MemorySource::StatusFreemem, Some(GIB)).await;
    let four = |mem: u64, free: u64| json!({"maxmem": 4 * GIB, "mem": mem, "freemem": free});
    check(four(3 * GIB, GIB), MemorySource::StatusMem, None).await;
    check(four(3 * GIB, GIB + 127 * MIB), MemorySource::StatusMem, None).await;
    check(four(3 * GIB, GIB + 129 * MIB), MemorySource::StatusFreemem, Some(3 * GIB - 129 * MIB)).await;
    check(four(0, GIB), MemorySource::StatusFreemem, Some(3 * GIB)).await;
    lab.answer(&path(&guest, "status/current"), &status(&four(0, 0)));
    let unknown = decided(&lab, &guest).await;
    assert_eq!((unknown.memory_source, unknown.memory.used_bytes), (MemorySource::StatusUnavailable, None), "D-9");
}

#[tokio::test]
async fn a_windows_machine_whose_balloon_took_memory_is_not_full() {
    //
    let lab = Lab::of(Cluster::builder().guests(40)).await;
    let guest = lab.guest(|guest| guest.runs && guest.is_windows && guest.has_balloon);
    lab.act(Action::Balloon { guest: guest.id, bytes: guest.memory / 2 });
    lab.whole().await;
    let decision = lab.decision(&guest);
    assert_eq!(decision.memory_source, MemorySource::StatusFreemem);
    assert_eq!(decision.memory.used_bytes, Some(guest.memory / 2 - guest.memory / 2 / 4 * 3));
    assert_eq!(decision.raw.status_mem, Some(guest.memory), "the status itself says that it is full");
}

#[tokio::test]
async fn a_containers_history_is_used_where_it_is_sane() {
    //
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "lxc");
    lab.answer("/nodes/*/qemu/*/rrddata", &json!([{"time": 60, "memavailable": 1}]));
    lab.answer("/nodes/*/lxc/*/rrddata", &json!([{"time": 60, "memused": 1}]));
    let check = async |point: Value, source: MemorySource, used: Option<u64>| {
        lab.answer(&path(&guest, "rrddata"), &json!([point]));
        let decision = decided(&lab, &guest).await;
        assert_eq!(decision.memory_source, source, "{point}");
        assert!(used.is_none() || decision.memory.used_bytes == used, "{point}: {:?}", decision.memory);
    };
    let all = guest.memory;
    let both = json!({"time": 60, "memavailable": all / 4, "memused": 1});
    check(both, MemorySource::RrdMemavailable, Some(all - all / 4)).await;
    check(json!({"time": 60, "memavailable": all * 2, "memused": 7}), MemorySource::RrdMemused, Some(7)).await;
    check(json!({"time": 60, "memused": all * 2}), MemorySource::ClusterResources, None).await;
    lab.act(Action::Stop { guest: guest.id });
    lab.pass(10);
    assert_eq!(lab.after(10).await.value(&key(&guest), muster_model::Metric::Memory), 0.0);
}

#[tokio::test]
async fn an_agents_limits_hold_for_every_kind_of_question() {
    // 15 s for filesystems, 10 s for the rest, and each once more after half a second.
    let (lab, guest) = readable().await;
    let took = async |call: &str| {
        let path = path(&guest, call);
        lab.hang(&path);
        lab.pass(1900);
        lab.report().await;
        lab.look("guests").await;
        lab.cluster.forget_requests();
        let (_, took) = lab.look_in_time("agents").await;
        lab.heal(&path);
        (took, lab.asked_for(&path))
    };
    lab.report().await;
    let check = |(took, asked): (Duration, usize), seconds: u64| {
        assert_eq!(asked, 2);
        assert!((seconds..seconds + 4).contains(&took.as_secs()), "{took:?} against {seconds} s");
    };
    check(took("agent/get-fsinfo").await, 30);
    check(took("agent/network-get-interfaces").await, 20);
    check(took("agent/get-osinfo").await, 20);
    check(took("agent/info").await, 20);
}

/// A cluster whose token may read files in guests, and a machine whose agent answers.
async fn readable() -> (Lab, GuestFacts) {
    let version = Version::V9_1;
    let rights = Rights::auditor(version).with("/vms", "VM.GuestAgent.FileRead");
    let lab = Lab::of(Cluster::builder().version(version).rights(rights)).await;
    let talks = |guest: &GuestFacts| guest.has_agent && guest.has_balloon && !guest.is_windows;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu" && talks(guest));
    // Where no guest has such a history, none is asked for it again.
    lab.answer("/nodes/*/qemu/*/rrddata", &json!([{"time": 60, "memavailable": 1.0}]));
    lab.answer("/nodes/*/lxc/*/rrddata", &json!([{"time": 60, "memused": 1.0}]));
    (lab, guest)
}

fn without_history(lab: &Lab, guest: &GuestFacts) {
    lab.answer(&path(guest, "rrddata"), &json!([{"time": 60}]));
}

/// A status of a machine of 8 GiB with 7 in use, and more.
fn status(more: &Value) -> Value {
    let mut status =
        json!({"status": "running", "qmpstatus": "running", "agent": 1, "mem": 7 * GIB, "maxmem": 8 * GIB});
    let (status_map, more) = (status.as_object_mut().unwrap(), more.as_object().unwrap().clone());
    status_map.extend(more);
    status
}

/// What is decided about a guest when it is asked again, long after anything that could be carried over.
async fn decided(lab: &Lab, guest: &GuestFacts) -> GuestMemoryDecision {
    lab.pass(601);
    lab.report().await;
    lab.look("guests").await;
    lab.report().await;
    lab.decision(guest)
}

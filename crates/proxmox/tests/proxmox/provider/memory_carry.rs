//! Good values of a memory that are carried over a short spell of bad ones.

use muster_model::MemorySource;
use muster_testkit::pve::{Cluster, GuestFacts};
use serde_json::json;

use super::lab::{Lab, path};

const GIB: u64 = 1 << 30;
const NOTE: &str = "preserved-previous-memory-for-healthy-guest-low-trust-full-usage";

#[tokio::test]
async fn a_healthy_machine_is_not_suddenly_full() {
    // R-75, rule 2; R-76: the word of the status is enough, before anything else was asked.
    let (lab, guest) = known().await;
    says_full(&lab, &guest, true);
    let mut kept = Vec::new();
    for minute in [3, 5, 7, 9, 11, 13] {
        lab.pass(120 + u64::from(minute == 3) * 60);
        lab.report().await;
        lab.look("guests").await;
        lab.report().await;
        let decision = lab.decision(&guest);
        if decision.memory_source == MemorySource::PreviousSnapshot {
            assert_eq!((decision.memory.used_bytes, decision.memory.free_bytes), (Some(3 * GIB), Some(5 * GIB)));
            assert_eq!(decision.notes, [NOTE]);
            assert_eq!(decision.fallback_reason.as_deref(), Some("preserved-previous-snapshot"));
            kept.push(minute);
        }
    }
    assert_eq!(kept, [3, 5, 7, 9], "for as long as the value itself is at most ten minutes old");
    assert_eq!(lab.asked_for("agent/get-fsinfo"), 0, "no agent was asked");
}

#[tokio::test]
async fn a_machine_without_signs_of_an_agent_is_as_full_as_it_says() {
    //
    let (lab, guest) = known().await;
    says_full(&lab, &guest, false);
    lab.pass(180);
    lab.report().await;
    lab.look("guests").await;
    lab.report().await;
    let decision = lab.decision(&guest);
    assert_eq!((decision.memory_source, decision.notes.len()), (MemorySource::StatusMem, 0));
}

#[tokio::test]
async fn what_an_agent_told_is_a_sign_of_it_too() {
    //
    let (lab, guest) = known().await;
    lab.look("agents").await;
    says_full(&lab, &guest, false);
    lab.pass(180);
    lab.report().await;
    lab.look("guests").await;
    lab.report().await;
    assert_eq!(lab.decision(&guest).notes, [NOTE]);
}

/// A machine with an agent of which it is known that 3 of 8 GiB are in use.
async fn known() -> (Lab, GuestFacts) {
    let lab = Lab::of(Cluster::builder()).await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu" && guest.has_agent);
    let info = json!({"total": 8 * GIB, "available": 5 * GIB});
    let status = json!({"status": "running", "agent": 1, "mem": 7 * GIB, "maxmem": 8 * GIB, "meminfo": info});
    lab.answer(&path(&guest, "status/current"), &status);
    lab.report().await;
    lab.report().await;
    assert_eq!(lab.decision(&guest).memory_source, MemorySource::AvailableField);
    (lab, guest)
}

fn says_full(lab: &Lab, guest: &GuestFacts, agent: bool) {
    let status = json!({"status": "running", "agent": u8::from(agent), "mem": 8 * GIB, "maxmem": 8 * GIB});
    lab.answer(&path(guest, "status/current"), &status);
}

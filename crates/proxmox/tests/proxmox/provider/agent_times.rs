//! When agents are asked, how often again, and for how long what they told is good.

use muster_model::{DiskStatus, GuestAgent};
use muster_testkit::pve::{Action, AgentState};
use serde_json::json;

use super::lab::{Ask, Lab, key, path};

#[tokio::test]
async fn little_is_asked_for_again_soon_and_all_after_minutes() {
    //
    let (lab, guest) = Lab::talking(json!({})).await;
    lab.act(Action::Agent { guest: guest.id, state: AgentState::Ancient });
    lab.whole().await;
    assert_eq!(lab.asked_after(&guest, 29).await, 0);
    assert!(lab.asked_after(&guest, 1).await > 0, "a version alone is asked for again after 30 s");
    let (lab, guest) = Lab::talking(json!({})).await;
    lab.whole().await;
    assert_eq!(lab.asked_after(&guest, 119).await, 0);
    assert!(lab.asked_after(&guest, 46).await > 0, "two minutes, and up to 45 s more");
}

#[tokio::test]
async fn what_an_agent_told_is_good_for_five_minutes_after_it_is_gone() {
    //
    let (lab, guest) = Lab::talking(json!({})).await;
    let version = |report: &muster_model::Report| report.guest(&key(&guest)).agent_version.clone();
    assert!(version(&lab.whole().await).is_some());
    lab.act(Action::Agent { guest: guest.id, state: AgentState::Dead });
    lab.pass(200);
    lab.look("agents").await;
    let report = lab.report().await;
    assert_eq!(report.guest(&key(&guest)).agent, GuestAgent::Silent);
    assert!(version(&report).is_some(), "a failed call takes nothing away");
    lab.pass(101);
    lab.look("agents").await;
    assert_eq!(version(&lab.report().await), None);
}

#[tokio::test]
async fn only_a_timeout_is_tried_again_and_once() {
    //
    let (lab, guest) = Lab::talking(json!({})).await;
    let filesystems = path(&guest, "agent/get-fsinfo");
    lab.report().await;
    lab.refuse(&filesystems, 500, "QEMU guest agent is not running");
    lab.look_in_time("agents").await;
    assert_eq!(lab.asked_for(&filesystems), 1);
    let (lab, guest) = Lab::talking(json!({})).await;
    let filesystems = path(&guest, "agent/get-fsinfo");
    lab.report().await;
    lab.refuse(&filesystems, 500, "qga command 'guest-get-fsinfo' failed - got timeout");
    let (_, took) = lab.look_in_time("agents").await;
    assert_eq!(lab.asked_for(&filesystems), 2);
    assert!(took.as_millis() >= 500, "{took:?}");
}

#[tokio::test]
async fn the_third_failure_is_the_last_question_for_the_system() {
    //
    let (lab, guest) = Lab::talking(json!({})).await;
    let system = path(&guest, "agent/get-osinfo");
    lab.refuse(&system, 500, "agent error");
    lab.whole().await;
    for _ in 0..6 {
        lab.pass(200);
        lab.report().await;
        lab.look("guests").await;
        lab.look("agents").await;
    }
    assert_eq!(lab.asked_for(&system), 3);
    assert!(lab.asked_for(&path(&guest, "agent/info")) > 3, "the rest is still asked");
    let (lab, guest) = Lab::talking(json!({})).await;
    let system = path(&guest, "agent/get-osinfo");
    let never = json!({"result": {"error": {"class": "CommandNotFound", "desc": "has not been found"}}});
    lab.answer(&system, &never);
    lab.whole().await;
    lab.pass(200);
    lab.look("agents").await;
    assert_eq!(lab.asked_for(&system), 1, "an agent that does not know the question is not asked twice");
}

#[tokio::test]
async fn without_a_status_and_without_evidence_no_agent_is_asked() {
    //
    let (lab, guest) = Lab::talking(json!({})).await;
    lab.refuse(&path(&guest, "status/current"), 500, "no such luck");
    let report = lab.whole().await;
    assert_eq!(lab.asked_for(&path(&guest, "agent/")), 0);
    assert_eq!(report.guest(&key(&guest)).disk_status, Some(DiskStatus::NoStatus));
}

#[tokio::test]
async fn evidence_of_an_agent_stands_in_for_a_status_for_ten_minutes() {
    //
    for (minutes, is_asked) in [(9, true), (11, false)] {
        let (lab, guest) = Lab::talking(json!({})).await;
        lab.whole().await;
        lab.refuse(&path(&guest, "status/current"), 500, "no such luck");
        lab.pass(minutes * 60);
        lab.report().await;
        lab.look("guests").await;
        lab.cluster.forget_requests();
        lab.look("agents").await;
        assert_eq!(lab.asked_for(&path(&guest, "agent/")) > 0, is_asked, "{minutes} min");
    }
}

#[tokio::test]
async fn a_status_that_says_no_is_believed() {
    //
    let (lab, guest) = Lab::talking(json!({})).await;
    lab.whole().await;
    lab.answer(&path(&guest, "status/current"), &json!({"status": "running", "agent": 0, "mem": 5, "maxmem": 9}));
    lab.pass(400);
    lab.report().await;
    lab.look("guests").await;
    lab.cluster.forget_requests();
    lab.look("agents").await;
    assert_eq!(lab.asked_for(&path(&guest, "agent/")), 0);
    assert_eq!(lab.report().await.guest(&key(&guest)).disk_status, Some(DiskStatus::AgentDisabled));
}

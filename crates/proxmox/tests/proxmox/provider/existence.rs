//! What is gone, what is only not seen, and what failures leave as it was.

use muster_collect::FailureCategory;
use muster_model::{IssueClass, Metric, Status, UnknownReason};
use muster_testkit::pve::{Action, Fault, Where};

use super::lab::{Ask, Lab, key};

#[tokio::test]
async fn a_destroyed_guest_is_gone_after_two_whole_answers() {
    // R-86
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.kind == "qemu");
    lab.whole().await;
    lab.act(Action::Destroy { guest: guest.id });
    lab.pass(10);
    let first = lab.after(10).await;
    assert!(first.find(&key(&guest)).is_some() && first.is_full());
    let second = lab.after(10).await;
    assert!(second.find(&key(&guest)).is_none() && second.is_full());
}

#[tokio::test]
async fn an_entry_point_that_is_lost_is_told_although_another_one_answers() {
    let lab = Lab::new().await;
    assert!(lab.look("bulk").await.observed.issues.is_empty());
    lab.act(Action::NodeDown { node: "pve1".to_owned() });
    let look = lab.look("bulk").await;
    let told: Vec<_> = look.observed.issues.iter().filter(|issue| issue.section == "entry points").collect();
    assert!(matches!(told[..], [issue] if issue.message.starts_with("no whole answer from https://")), "{told:?}");
    lab.act(Action::NodeUp { node: "pve1".to_owned() });
    let is_back = async || {
        lab.pass(60);
        lab.look("health").await;
        lab.look("bulk").await.observed.issues.is_empty()
    };
    // Its socket is there a moment later.
    for _ in 0..1000 {
        if is_back().await {
            return;
        }
    }
    panic!("nobody noticed that it is back");
}

#[tokio::test]
async fn a_lost_right_hides_nothing_that_was_known() {
    // R-86: lists shrink without a word.
    let lab = Lab::new().await;
    let before = lab.whole().await;
    lab.right("/vms", "VM.Audit", false);
    for _ in 0..4 {
        let report = lab.after(10).await;
        assert_eq!(report.records.len(), before.records.len());
        let issue = &report.completeness.issues()[0];
        assert_eq!(issue.class, IssueClass::PermissionDenied);
        assert!(issue.message.contains("VM.Audit"), "{}", issue.message);
    }
    lab.right("/vms", "VM.Audit", true);
    assert!(lab.after(10).await.is_full());
}

#[tokio::test]
async fn a_node_that_goes_is_held_for_a_minute_and_its_guests_stay() {
    // R-86
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.node == "pve2");
    lab.whole().await;
    lab.act(Action::NodeDown { node: "pve2".to_owned() });
    let held = lab.after(10).await;
    assert_eq!(held.record("node/pve2").status, Status::Online);
    assert!(held.find(&key(&guest)).is_some());
    for _ in 0..6 {
        lab.after(10).await;
    }
    let later = lab.after(10).await;
    assert_eq!(later.record("node/pve2").status, Status::Offline);
    assert!(later.find(&key(&guest)).is_some());
    for _ in 0..32 {
        lab.after(10).await;
    }
    let unknown = lab.after(10).await;
    assert_eq!(unknown.record(&key(&guest)).status, Status::Unknown);
    assert_eq!(unknown.record(&key(&guest)).name, guest.name.as_str());
    assert_eq!(unknown.why_not(&key(&guest), Metric::Cpu), UnknownReason::SourceUnreachable);
}

#[tokio::test]
async fn a_failed_list_leaves_everything_for_the_next() {
    let lab = Lab::new().await;
    let before = lab.whole().await;
    lab.cluster.fail(Where::path("/cluster/resources"), Fault::Status { code: 500, reason: "no such luck".into() });
    lab.pass(10);
    let failure = lab.try_look("bulk").await.unwrap_err();
    assert_eq!(failure.category, FailureCategory::Api);
    assert!(failure.message.contains("no such luck"), "{}", failure.message);
    lab.cluster.heal();
    let after = lab.after(10).await;
    assert_eq!(after.records.len(), before.records.len());
}

#[tokio::test]
async fn an_odd_row_is_named_and_loses_nothing_else() {
    // R-88, R-86
    let lab = Lab::new().await;
    let before = lab.whole().await;
    let body = r#"{"data":[{"type":"node","node":"pve1","status":"online"},{"type":"qemu","vmid":{"a":1}}]}"#;
    lab.cluster.fail(Where::path("/cluster/resources"), Fault::Body { text: body.to_owned() });
    for _ in 0..3 {
        let report = lab.after(10).await;
        assert_eq!(report.records.len(), before.records.len());
        assert!(report.completeness.issues().iter().any(|issue| issue.class == IssueClass::Malformed));
    }
}

#[tokio::test]
async fn without_quorum_nothing_is_gone() {
    // R-86
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.kind == "qemu");
    lab.whole().await;
    lab.act(Action::Quorum { quorate: false });
    lab.after(40).await;
    lab.act(Action::Destroy { guest: guest.id });
    for _ in 0..4 {
        assert!(lab.after(10).await.find(&key(&guest)).is_some());
    }
}

#[tokio::test]
async fn a_node_that_hangs_delays_only_itself() {
    // R-93: storages of a node that was not read stay.
    let lab = Lab::new().await;
    let before = lab.whole().await;
    lab.cluster.fail(Where::node("pve2"), Fault::Status { code: 596, reason: "timed out".into() });
    lab.pass(300);
    for lane in ["nodes", "configs", "guests", "disks"] {
        lab.look(lane).await;
    }
    let report = lab.report().await;
    assert_eq!(report.records.len(), before.records.len());
    assert!(report.is_full());
}

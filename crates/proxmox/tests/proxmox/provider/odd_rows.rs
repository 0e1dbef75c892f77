//! Lists with rows that make no sense: each is one issue, however many rows, and loses nothing else.

use muster_model::{IssueClass, Status};
use serde_json::json;

use super::lab::{Ask, Lab, key, path};

#[tokio::test]
async fn odd_rows_of_any_list_are_one_issue_of_their_lane() {
    // R-88
    let lab = Lab::new().await;
    lab.whole().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu" && guest.has_agent);
    let odd = json!([7, null, {"other": 1}, "text"]);
    let lists = [
        ("nodes", "/nodes/pve1/network".to_owned(), "/nodes/{node}/network"),
        ("nodes", "/nodes/pve1/storage".to_owned(), "/nodes/{node}/storage"),
        ("nodes", "/nodes/pve1/certificates/info".to_owned(), "/nodes/{node}/certificates/info"),
        ("tasks", "/cluster/tasks".to_owned(), "/cluster/tasks"),
        ("health", "/cluster/ha/status/current".to_owned(), "/cluster/ha/status/current"),
        ("health", "/cluster/replication".to_owned(), "/cluster/replication"),
        ("slow", "/storage".to_owned(), "GET /storage"),
        ("disks", "/nodes/pve1/disks/list".to_owned(), "/nodes/{node}/disks/list"),
        ("disks", "/nodes/pve1/disks/zfs".to_owned(), "/nodes/{node}/disks/zfs"),
    ];
    for (lane, path, named) in lists {
        lab.answer(&path, &odd);
        lab.pass(1900);
        let issues = lab.look(lane).await.observed.issues;
        let malformed: Vec<_> = issues.iter().filter(|issue| issue.class == IssueClass::Malformed).collect();
        assert_eq!(malformed.len(), 1, "{path}: {issues:?}");
        let message = &malformed[0].message;
        assert!(message.contains(named) && message.contains("4 rows"), "{message}");
        lab.heal(&path);
    }
    let filesystems = path(&guest, "agent/get-fsinfo");
    lab.answer(
        &filesystems,
        &json!({"result": [{"mountpoint": "/", "type": "ext4", "total-bytes": 9, "used-bytes": 1}, 7]}),
    );
    lab.pass(1900);
    lab.report().await;
    lab.look("guests").await;
    let issues = lab.look("agents").await.observed.issues;
    assert!(issues.iter().any(|issue| issue.message.contains("get-fsinfo: 1 rows")), "{issues:?}");
    assert_eq!(lab.report().await.guest(&key(&guest)).disk_status, None, "the other row counts");
}

#[tokio::test]
async fn a_disk_whose_row_makes_no_sense_is_not_gone() {
    // R-88, R-94
    let lab = Lab::new().await;
    let before = lab.whole().await;
    let disks = |report: &muster_model::Report| {
        report.records.iter().filter(|record| record.key.as_str().starts_with("disk/pve1/")).count()
    };
    lab.answer("/nodes/pve1/disks/list", &json!([{"devpath": "/dev/sda", "type": "hdd"}, {"devpath": {}}]));
    lab.pass(300);
    lab.look("disks").await;
    let after = lab.report().await;
    assert!(disks(&before) > 2 && disks(&after) == disks(&before) && after.is_full());
    lab.answer("/nodes/pve1/disks/list", &json!([{"devpath": "/dev/sda", "type": "hdd"}]));
    lab.pass(300);
    lab.look("disks").await;
    assert_eq!(disks(&lab.report().await), 1);
}

#[tokio::test]
async fn an_endless_number_is_unknown_and_loses_no_row() {
    // R-88, D-9
    let lab = Lab::new().await;
    let body = r#"{"data":[{"type":"node","node":"pve1","status":"online","mem":1e999,"maxmem":-1E+400},
        {"type":"qemu","vmid":200,"node":"pve1","status":"running","name":"web","mem":1e999,"maxmem":1024,"cpu":1e999}]}"#;
    lab.cluster.fail(
        muster_testkit::pve::Where::path("/cluster/resources"),
        muster_testkit::pve::Fault::Body { text: body.to_owned() },
    );
    lab.cluster.fail(
        muster_testkit::pve::Where::path("/nodes/pve1/status"),
        muster_testkit::pve::Fault::Body {
            text: r#"{"data":{"uptime":1e999,"pveversion":"pve-manager/9.1.2/x"}}"#.to_owned(),
        },
    );
    let report = lab.report().await;
    let issues = report.completeness.issues();
    assert!(issues.iter().all(|issue| issue.class != IssueClass::Malformed), "{issues:?}");
    assert_eq!(report.record("qemu/200").name, "web");
    assert_eq!(report.record("node/pve1").status, Status::Online);
    assert_eq!(report.node("node/pve1").version.as_deref(), Some("9.1.2"));
    assert!(matches!(
        report.sample("qemu/200", muster_model::Metric::Cpu),
        Some(muster_model::SampleValue::Unknown(_))
    ));
}

#[tokio::test]
async fn disks_that_have_not_had_their_turn_are_no_trouble() {
    // R-94: the first report is no whole one, and nothing is wrong either.
    let lab = Lab::new().await;
    let first = lab.look("bulk").await;
    assert!(!first.report.unwrap().is_full());
    assert_eq!(first.observed.issues, []);
    lab.refuse("/nodes/pve2/disks/list", 500, "no such luck");
    lab.look("disks").await;
    let told = lab.look("bulk").await.observed.issues;
    assert!(told.iter().any(|issue| issue.message.contains("pve2") && !issue.message.contains("pve1")), "{told:?}");
}

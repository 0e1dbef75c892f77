//! Recorded and written-down answers instead of the simulator's own.

use muster_model::{Metric, Status};
use muster_testkit::pve::{Fault, Where, recorded};

use super::lab::{Ask, Lab};

#[tokio::test]
async fn a_list_of_release_9_becomes_a_report() {
    // R-8, R-85, R-86, D-9
    let lab = Lab::new().await;
    let report = of(&lab, &recorded("cluster_resources.v9")).await;
    let web = report.guest("qemu/101");
    assert_eq!((web.pool.as_deref(), web.ha_state.as_deref()), (Some("prod"), Some("started")));
    let tags: Vec<_> = report.record("qemu/101").tags.iter().map(ToString::to_string).collect();
    assert_eq!(tags, ["prod", "web"]);
    assert_eq!(report.record("qemu/102").status, Status::Offline, "paused");
    assert_eq!(report.guest("qemu/102").lock.as_deref(), Some("backup"));
    assert_eq!(report.record("qemu/900").status, Status::Unknown, "its node is away");
    assert_eq!(report.record("node/pve2").status, Status::Offline);
    assert!((report.value("qemu/101", Metric::Cpu) - 4.8123).abs() < 1e-9);
    let disk = report.value("lxc/105", Metric::Disk);
    assert!((disk - 911_167_488.0 * 100.0 / 2_040_373_248.0).abs() < 1e-9);
    assert_eq!(report.record("storage/nas").status, Status::Unknown);
    assert_eq!(report.record("storage/pve/local").status, Status::Online);
}

#[tokio::test]
async fn rows_without_numbers_are_unknown_and_not_nothing() {
    // D-9, R-88
    let lab = Lab::new().await;
    let body = recorded("cluster_resources_unknown_status.v7");
    let report = of(&lab, &body).await;
    assert!(!report.records.is_empty());
    let numbers = report.samples.iter().filter(|sample| {
        let record = &report.records[sample.record as usize];
        record.status == Status::Unknown && matches!(sample.value, muster_model::SampleValue::Value(_))
    });
    assert_eq!(numbers.count(), 0);
}

#[tokio::test]
async fn a_pool_is_trimmed() {
    // R-85, R-7
    let lab = Lab::new().await;
    let body = r#"{"data":[{"type":"node","node":"pve1","status":"online"},
        {"type":"lxc","vmid":"200","node":"pve1","status":"stopped","pool":" prod ","tags":"a,b c;;a"}]}"#;
    let report = of(&lab, body).await;
    assert_eq!(report.guest("lxc/200").pool.as_deref(), Some("prod"));
    assert_eq!(report.record("lxc/200").tags.len(), 3);
}

#[tokio::test]
async fn huge_and_wild_numbers_make_no_nonsense() {
    // R-88
    let lab = Lab::new().await;
    let body = r#"{"data":[{"type":"node","node":"pve1","status":"online","mem":"1e400","maxmem":-5,"cpu":"NaN"},
        {"type":"qemu","vmid":200,"node":"pve1","status":"running","mem":1e300,"maxmem":"18446744073709551616",
         "cpu":null,"uptime":"99999999999999999999","netin":-1}]}"#;
    let report = of(&lab, body).await;
    assert!(report.samples.iter().all(|sample| match sample.value {
        muster_model::SampleValue::Value(value) => value.is_finite() && value >= 0.0,
        muster_model::SampleValue::Unknown(_) => true,
    }));
    assert!(report.find("qemu/200").is_some());
}

async fn of(lab: &Lab, body: &str) -> muster_model::Report {
    lab.cluster.fail(Where::path("/cluster/resources"), Fault::Body { text: body.to_owned() });
    lab.report().await
}

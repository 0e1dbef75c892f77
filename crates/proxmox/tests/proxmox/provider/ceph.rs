//! Ceph as a resource.

use muster_model::{CephFacet, CephHealth, Metric, Report, ResourceKind, Status, UnknownReason};
use muster_testkit::pve::{Action, Cluster, Fault, Where, recorded};

use super::lab::{Ask, Lab};

const CALL: &str = "/cluster/ceph/status";

#[tokio::test]
async fn it_is_there_from_the_first_report_on_with_its_words_and_numbers() {
    // D-6
    let lab = Lab::of(Cluster::builder().ceph()).await;
    let report = lab.report().await;
    let (key, facet) = ceph(&report);
    let record = report.record(&key);
    assert_eq!((record.status, record.parent.as_ref()), (Status::Online, None), "it runs on three nodes");
    assert_eq!(facet.nodes, ["pve1", "pve2", "pve3"]);
    assert_eq!((facet.health, facet.checks.len(), facet.monitors), (CephHealth::Ok, 0, Some(3)));
    assert_eq!((facet.osds.total, facet.osds.up, facet.osds.in_use), (Some(12), Some(12), Some(12)));
    assert_eq!(facet.placement_states.iter().map(|state| state.state.as_str()).collect::<Vec<_>>(), ["active+clean"]);
    let named = record.identity.platform_key.clone().unwrap();
    assert!(named.starts_with("lab@") && named.ends_with(&key), "{named}");
    let (used, total) = (report.value(&key, Metric::Used), report.value(&key, Metric::Total));
    assert!((report.value(&key, Metric::Usage) - used * 100.0 / total).abs() < 1e-9);
    assert!(report.value(&key, Metric::DiskRead) > 0.0 && report.value(&key, Metric::DiskWrite) > 0.0);
}

#[tokio::test]
async fn what_is_wrong_with_it_shows() {
    //
    let lab = Lab::of(Cluster::builder().ceph()).await;
    lab.report().await;
    let check = async |down, status, codes: &[&str]| {
        lab.act(Action::Ceph { down });
        lab.pass(60);
        lab.look("health").await;
        let report = lab.report().await;
        let (key, facet) = ceph(&report);
        assert_eq!(report.record(&key).status, status, "{down} down");
        assert_eq!(facet.checks.iter().map(|check| check.code.as_str()).collect::<Vec<_>>(), codes);
        assert_eq!(facet.osds.up, Some(12 - down));
        report
    };
    check(2, Status::Warning, &["OSD_DOWN", "PG_DEGRADED"]).await;
    let report = check(6, Status::Offline, &["OSD_DOWN", "PG_AVAILABILITY", "PG_DEGRADED"]).await;
    assert_eq!(report.value(&ceph(&report).0, Metric::DiskRead), 0.0, "no rate is named while there is no traffic");
    check(0, Status::Online, &[]).await;
}

#[tokio::test]
async fn one_that_does_not_answer_stays_and_is_not_green() {
    // D-9
    let lab = Lab::of(Cluster::builder().ceph()).await;
    lab.report().await;
    lab.cluster.fail(Where::path(CALL), Fault::Status { code: 500, reason: "got timeout".to_owned() });
    lab.pass(60);
    let told = lab.look("health").await.observed.issues;
    assert!(told.iter().any(|issue| issue.message.starts_with("Ceph:")), "{told:?}");
    assert_eq!(lab.report().await.record(&ceph(&lab.report().await).0).status, Status::Online, "a minute is nothing");
    lab.pass(300);
    let report = lab.report().await;
    let (key, _) = ceph(&report);
    assert_eq!(report.record(&key).status, Status::Unknown);
    assert_eq!(report.why_not(&key, Metric::Used), UnknownReason::SourceUnreachable);
}

#[tokio::test]
async fn a_cluster_without_it_is_asked_once_an_hour() {
    let lab = Lab::new().await;
    lab.report().await;
    for _ in 0..3 {
        lab.pass(60);
        lab.look("health").await;
    }
    assert_eq!(lab.asked(CALL), 1);
    assert!(lab.report().await.records.iter().all(|record| record.kind != ResourceKind::Ceph));
    lab.pass(3600);
    lab.look("health").await;
    assert_eq!(lab.asked(CALL), 2);
}

#[tokio::test]
async fn an_entry_point_without_its_programs_does_not_speak_for_the_cluster() {
    let lab = Lab::of(Cluster::builder().ceph()).await;
    let absent = Fault::Status { code: 500, reason: "binary not installed: /usr/bin/ceph-mon".to_owned() };
    lab.cluster.fail(Where::path(CALL), absent.clone());
    lab.cluster.fail(Where::path("/nodes/pve1/ceph/status"), absent);
    assert_eq!(ceph(&lab.report().await).1.osds.total, Some(12));
    lab.cluster.forget_requests();
    lab.pass(60);
    lab.look("health").await;
    let asked: Vec<_> = lab.cluster.requests().into_iter().filter(|request| request.path.contains("ceph")).collect();
    assert_eq!(asked.len(), 1, "the node that knows is remembered: {asked:?}");
}

#[tokio::test]
async fn while_nobody_can_say_whether_there_is_one_absence_means_nothing() {
    //
    let lab = Lab::of(Cluster::builder().ceph()).await;
    lab.cluster.fail(Where::path(CALL), Fault::Status { code: 500, reason: "got timeout".to_owned() });
    lab.report().await;
    lab.look("disks").await;
    let report = lab.report().await;
    let sections: Vec<_> = report.completeness.issues().iter().map(|issue| issue.section.as_str()).collect();
    assert_eq!(sections, ["Ceph"]);
    lab.cluster.act(Action::Heal { place: Where::everywhere() });
    lab.pass(60);
    lab.look("health").await;
    assert!(lab.report().await.is_full());
}

#[tokio::test]
async fn one_that_hangs_holds_up_one_report_and_keeps_nobody_from_leaving_for_long() {
    //
    let lab = Lab::of(Cluster::builder().ceph()).await;
    lab.hang(CALL);
    lab.look_in_time("bulk").await;
    let asked = lab.asked(CALL);
    lab.pass(10);
    let (_, took) = lab.look_in_time("bulk").await;
    assert!(took.as_secs() < 5 && lab.asked(CALL) == asked, "{took:?}");
    lab.refuse(CALL, 500, "got timeout");
    for _ in 0..11 {
        lab.pass(60);
        let told = lab.look("health").await.observed.issues;
        assert!(told.iter().any(|issue| issue.message.starts_with("Ceph:")), "{told:?}");
    }
    assert!(lab.asked(CALL) > asked + 10);
    lab.look("disks").await;
    assert!(lab.report().await.is_full());
}

#[tokio::test]
async fn one_that_we_may_not_see_any_more_is_not_gone() {
    // D-9
    let lab = Lab::of(Cluster::builder().ceph()).await;
    lab.report().await;
    let forbidden = |path: &str| lab.refuse(path, 403, "Permission check failed (/, Sys.Audit)");
    forbidden(CALL);
    lab.pass(60);
    let told = lab.look("health").await.observed.issues;
    assert!(told.iter().any(|issue| issue.message.starts_with("Ceph:")), "{told:?}");
    ceph(&lab.report().await);
    lab.heal(CALL);
    lab.refuse(CALL, 500, "binary not installed: /usr/bin/ceph-mon");
    forbidden("/nodes/*/ceph/status");
    lab.pass(60);
    lab.look("health").await;
    ceph(&lab.report().await);
}

#[tokio::test]
async fn recorded_answers_are_understood() {
    //
    let report = of("ceph_status_reef.v8").await;
    let (key, facet) = ceph(&report);
    assert_eq!(report.record(&key).status, Status::Warning);
    assert_eq!(facet.checks[1].summary, "4 pool(s) nearfull");
    assert_eq!((facet.checks[1].code.as_str(), facet.checks[1].count), ("POOL_NEARFULL", Some(4)));
    assert_eq!((facet.osds.up, facet.pools, facet.release.as_deref()), (Some(21), Some(4), Some("reef")));
    assert_eq!((facet.placement_states[0].count, facet.quorum.len()), (577, 3));
    assert_eq!(report.value(&key, Metric::DiskWrite), 2_697_932.0);
    let report = of("ceph_status_short_squid.v9").await;
    let (key, facet) = ceph(&report);
    assert_eq!((report.record(&key).status, facet.monitors), (Status::Online, Some(3)));
    assert_eq!((facet.managers_standby, facet.nodes.len()), (Some(1), 3));
}

async fn of(name: &str) -> Report {
    let lab = Lab::new().await;
    lab.cluster.fail(Where::path(CALL), Fault::Body { text: recorded(name) });
    lab.report().await
}

fn ceph(report: &Report) -> (String, &CephFacet) {
    let record = report.records.iter().find(|record| record.kind == ResourceKind::Ceph).expect("there is Ceph");
    (record.key.to_string(), record.facets.iter().find_map(|facet| facet.as_ceph()).unwrap())
}

//! Backups of guests, and the jobs that make them.

use muster_model::{
    BackupSelection, BackupState, BackupTargetFacet, BackupVerification, GuestBackup, ProtectionFacet, Report,
};
use muster_testkit::pve::{Action, Cluster, Fault, Rights, Version, Where, recorded};

use super::lab::{Ask, Lab, key};

const HOURS_6: u64 = 6 * 3600;

#[tokio::test]
async fn whoever_may_not_look_is_not_told_that_there_is_none() {
    // D-9: the platform leaves backups out without a word.
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    let report = lab.whole().await;
    let found = backup(&report, &key(&guest));
    assert_eq!((found.state, found.copies, found.newest.as_ref()), (BackupState::Unknown, None, None));
    assert_eq!((found.covered, found.jobs.as_slice()), (Some(true), &["backup-nightly".to_owned()][..]));
    assert_eq!(found.next_run_at.map(|at| at.to_string()).as_deref(), Some("2026-01-01T02:00:00Z"));
    assert_eq!(contents(&lab), 0, "it would cost and show nothing");
}

#[tokio::test]
async fn the_newest_backup_of_each_guest_is_found_and_a_shared_storage_is_asked_once() {
    //
    let lab = lab_with_rights().await;
    let report = lab.whole().await;
    let of_pbs = lab.cluster.requests().into_iter().filter(|request| request.path.contains("/storage/pbs/content"));
    assert_eq!(of_pbs.count(), 1);
    let guest = lab.guest(|guest| guest.runs && guest.kind == "lxc");
    let found = backup(&report, &key(&guest));
    assert_eq!((found.state, found.copies), (BackupState::Present, Some(1)));
    let newest = found.newest.as_ref().unwrap();
    assert_eq!((newest.storage.as_str(), newest.verification), ("pbs", BackupVerification::Ok));
    assert_eq!(newest.taken_at.map(|at| at.to_string()).as_deref(), Some("2025-12-31T02:00:00Z"));
}

#[tokio::test]
async fn a_guest_without_job_and_backup_is_told_so() {
    let lab = lab_with_rights().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    lab.act(Action::Exclude { guest: guest.id });
    let report = lab.whole().await;
    let found = backup(&report, &key(&guest));
    assert_eq!((found.state, found.covered, found.copies), (BackupState::Missing, Some(false), Some(0)));
    let target = target(&report, "storage/pbs");
    let jobs = target.jobs.as_ref().unwrap();
    assert_eq!((jobs.len(), jobs[0].enabled, jobs[0].schedule.as_deref()), (1, true, Some("02:00")));
    assert_eq!(jobs[0].selection, BackupSelection::All { except: vec![guest.id.to_string()] });
    let guests = report.records.iter().filter(|record| record.kind.is_workload()).count();
    assert_eq!(jobs[0].guests as usize, guests - 1);
    assert!(target.copies.is_some_and(|copies| copies > 0) && target.newest_at.is_some());
}

#[tokio::test]
async fn none_is_only_said_where_every_storage_was_looked_into() {
    // D-9
    let lab = lab_with_rights().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    lab.act(Action::Exclude { guest: guest.id });
    let fault = Fault::Status { code: 500, reason: "storage 'local' is not online".to_owned() };
    lab.cluster.fail(Where::path("/nodes/pve3/storage/local/content"), fault);
    assert_eq!(backup(&lab.whole().await, &key(&guest)).state, BackupState::Unknown);
    lab.cluster.act(Action::Heal { place: Where::everywhere() });
    lab.pass(HOURS_6);
    lab.report().await;
    lab.look("backups").await;
    assert_eq!(backup(&lab.report().await, &key(&guest)).state, BackupState::Missing);
    lab.right("/vms", "VM.Backup", false);
    lab.right("/storage", "Datastore.Allocate", false);
    lab.look("backups").await;
    assert_eq!(backup(&lab.report().await, &key(&guest)).state, BackupState::Unknown, "it might be hidden from us");
}

#[tokio::test]
async fn a_storage_that_could_not_be_listed_is_tried_again_soon() {
    let lab = lab_with_rights().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    lab.act(Action::Exclude { guest: guest.id });
    lab.refuse("/nodes/pve3/storage/local/content", 500, "storage 'local' is not online");
    assert_eq!(backup(&lab.whole().await, &key(&guest)).state, BackupState::Unknown);
    lab.cluster.act(Action::Heal { place: Where::everywhere() });
    lab.cluster.forget_requests();
    lab.pass(900);
    lab.look("backups").await;
    assert_eq!(contents(&lab), 1, "the others were listed");
    assert_eq!(backup(&lab.report().await, &key(&guest)).state, BackupState::Missing);
}

#[tokio::test]
async fn a_listing_of_yesterday_says_nothing_of_what_is_missing() {
    // D-9
    let lab = lab_with_rights().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    lab.act(Action::Exclude { guest: guest.id });
    assert_eq!(backup(&lab.whole().await, &key(&guest)).state, BackupState::Missing);
    lab.act(Action::Storage { node: "pve3".to_owned(), storage: "local".to_owned(), active: false });
    lab.pass(13 * 3600);
    lab.report().await;
    lab.look("nodes").await;
    lab.look("backups").await;
    assert_eq!(backup(&lab.report().await, &key(&guest)).state, BackupState::Unknown);
}

#[tokio::test]
async fn copies_of_whoever_had_the_number_before_are_nobodys() {
    let lab = lab_with_rights().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    assert_eq!(backup(&lab.whole().await, &key(&guest)).state, BackupState::Present);
    lab.act(Action::Recreate { guest: guest.id });
    lab.pass(60);
    lab.report().await;
    lab.look("tasks").await;
    lab.look("configs").await;
    lab.look("backups").await;
    let report = lab.report().await;
    let found = backup(&report, &key(&guest));
    assert_eq!((found.state, found.copies, found.newest.as_ref()), (BackupState::Missing, Some(0), None));
}

#[tokio::test]
async fn a_backup_that_ended_is_looked_for_within_a_quarter_of_an_hour() {
    let lab = lab_with_rights().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    let before = backup(&lab.whole().await, &key(&guest)).newest.clone().unwrap();
    lab.cluster.forget_requests();
    lab.pass(900);
    lab.look("backups").await;
    assert_eq!(contents(&lab), 0, "nothing hints at a new one");
    lab.act(Action::Backup { guest: guest.id });
    lab.pass(900);
    lab.look("tasks").await;
    lab.look("backups").await;
    let after = backup(&lab.report().await, &key(&guest)).newest.clone().unwrap();
    assert!(after.taken_at > before.taken_at, "{after:?}");
}

#[tokio::test]
async fn a_job_that_is_switched_off_covers_nobody() {
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    lab.act(Action::BackupJob { enabled: false });
    let report = lab.whole().await;
    let found = backup(&report, &key(&guest));
    assert_eq!((found.covered, found.jobs.len(), found.next_run_at), (Some(false), 0, None));
    assert!(!target(&report, "storage/pbs").jobs.as_ref().unwrap()[0].enabled);
}

#[tokio::test]
async fn without_the_right_to_see_jobs_nothing_is_said_of_them() {
    // D-9
    let lab = Lab::new().await;
    let guest = lab.guest(|guest| guest.runs && guest.kind == "qemu");
    lab.right("/", "Sys.Audit", false);
    lab.whole().await;
    lab.look("backups").await;
    let report = lab.report().await;
    assert_eq!(backup(&report, &key(&guest)).covered, None);
    assert_eq!(target(&report, "storage/pbs").jobs, None);
}

#[tokio::test]
async fn recorded_lists_are_understood() {
    //
    let lab = lab_with_rights().await;
    lab.cluster.fail(Where::path("/cluster/backup"), Fault::Body { text: recorded("cluster_backup_jobs.v8") });
    let uncovered = Fault::Body { text: recorded("backup_info_not_backed_up.v9") };
    lab.cluster.fail(Where::path("/cluster/backup-info/not-backed-up"), uncovered);
    for node in lab.cluster.nodes() {
        let path = format!("/nodes/{node}/storage/pbs/content");
        lab.cluster.fail(Where::path(&path), Fault::Body { text: recorded("storage_content_pbs.v9") });
    }
    let report = lab.whole().await;
    let job = &target(&report, "storage/pve1/local").jobs.as_ref().unwrap()[0];
    assert_eq!((job.id.as_str(), job.schedule.as_deref()), ("backup-1", Some("*/30")));
    let first = lab.guest(|guest| guest.id == 100);
    assert_eq!(backup(&report, &key(&first)).covered, Some(false), "the platform's own word wins");
    let pbs = target(&report, "storage/pbs");
    assert_eq!((pbs.copies, pbs.guests, pbs.failed_verifications), (Some(4), Some(3), Some(0)));
}

async fn lab_with_rights() -> Lab {
    Lab::of(Cluster::builder().rights(Rights::everything(Version::V9_1))).await
}

fn contents(lab: &Lab) -> usize {
    lab.cluster.requests().into_iter().filter(|request| request.path.contains("/content")).count()
}

fn backup<'a>(report: &'a Report, key: &str) -> &'a GuestBackup {
    let facets = &report.record(key).facets;
    let found: Option<&ProtectionFacet> = facets.iter().find_map(|facet| facet.as_protection());
    &found.expect("it was looked at").backup
}

fn target<'a>(report: &'a Report, key: &str) -> &'a BackupTargetFacet {
    report.record(key).facets.iter().find_map(|facet| facet.as_backup_target()).expect("it holds backups")
}

//! What somebody has chosen about a connection is what is done.

use muster_model::{DiskStatus, GuestAgent, ResourceKind};
use muster_testkit::pve::{Action, AgentState, Cluster};
use serde_json::json;

use super::lab::{Ask, Lab, key, path};

#[tokio::test]
async fn each_question_to_an_agent_has_the_time_that_was_chosen() {
    //
    for (option, question, seconds) in [
        ("fileSystemsTimeoutSeconds", "agent/get-fsinfo", 20),
        ("networkTimeoutSeconds", "agent/network-get-interfaces", 4),
        ("osInfoTimeoutSeconds", "agent/get-osinfo", 5),
        ("versionTimeoutSeconds", "agent/info", 6),
        ("versionTimeoutSeconds", "agent/get-host-name", 7),
    ] {
        let (lab, guest) = Lab::talking(json!({"guestAgent": {"retries": 0, option: seconds}})).await;
        lab.report().await;
        lab.hang(&path(&guest, question));
        let (_, took) = lab.look_in_time("agents").await;
        assert_eq!((took.as_secs(), lab.asked_for(&path(&guest, question))), (seconds, 1), "{question}");
    }
}

#[tokio::test]
async fn a_question_is_repeated_as_often_as_was_chosen() {
    //
    for retries in [0, 1, 3] {
        let (lab, guest) = Lab::talking(json!({"guestAgent": {"retries": retries}})).await;
        let filesystems = path(&guest, "agent/get-fsinfo");
        lab.report().await;
        lab.refuse(&filesystems, 500, "qga command 'guest-get-fsinfo' failed - got timeout");
        lab.look_in_time("agents").await;
        assert_eq!(lab.asked_for(&filesystems), retries + 1);
    }
}

#[tokio::test]
async fn an_agent_is_left_alone_for_as_long_as_was_chosen() {
    //
    let pace = json!({"guestAgent": {"refreshSeconds": 600, "jitterSeconds": 0, "backoffSeconds": 90}});
    let (lab, guest) = Lab::talking(pace.clone()).await;
    lab.whole().await;
    assert_eq!(lab.asked_after(&guest, 599).await, 0);
    assert!(lab.asked_after(&guest, 1).await > 0, "all of it is asked for again");
    let (lab, guest) = Lab::talking(pace).await;
    lab.act(Action::Agent { guest: guest.id, state: AgentState::Ancient });
    lab.whole().await;
    assert_eq!(lab.asked_after(&guest, 89).await, 0);
    assert!(lab.asked_after(&guest, 1).await > 0, "little is asked for again");
}

#[tokio::test]
async fn turns_are_spread_as_far_as_was_chosen() {
    //
    let asked = async |jitter| {
        let options = json!({"guestAgent": {"refreshSeconds": 600, "jitterSeconds": jitter}});
        let lab = Lab::choosing(Cluster::builder(), options).await;
        lab.whole().await;
        lab.pass(600);
        lab.cluster.forget_requests();
        lab.look("agents").await;
        lab.asked_for("agent/get-fsinfo")
    };
    let (together, spread) = (asked(0).await, asked(600).await);
    assert!(spread < together, "{spread} of {together}");
}

#[tokio::test]
async fn as_many_agents_are_asked_at_once_as_was_chosen() {
    //
    let took = async |parallel| {
        let options = json!({"guestAgent": {"parallel": parallel, "retries": 0, "fileSystemsTimeoutSeconds": 10}});
        let lab = Lab::choosing(Cluster::builder(), options).await;
        lab.report().await;
        lab.hang("/nodes/*/qemu/*/agent/get-fsinfo");
        lab.look_in_time("agents").await.1
    };
    let (one, three) = (took(1).await, took(3).await);
    assert!(three < one, "{three:?} and {one:?}");
}

#[tokio::test]
async fn the_lane_waits_for_the_most_hesitant_agent() {
    //
    let deadline = async |options| {
        let lab = Lab::choosing(Cluster::builder(), options).await;
        let agents = lab.lanes().into_iter().find(|lane| lane.name == "agents");
        agents.unwrap().deadline.as_secs()
    };
    assert_eq!(deadline(json!({})).await, 240);
    let long = json!({"retries": 3, "fileSystemsTimeoutSeconds": 30, "networkTimeoutSeconds": 30});
    assert!(deadline(json!({"guestAgent": long})).await > 4 * (30 + 30));
}

#[tokio::test]
async fn agents_that_nobody_wants_to_be_asked_are_not() {
    //
    let (lab, guest) = Lab::talking(json!({"guestAgent": {"enabled": false}})).await;
    let report = lab.whole().await;
    assert_eq!(lab.asked_for("/agent/"), 0, "neither what it knows nor for files");
    let facet = report.guest(&key(&guest));
    assert_eq!((facet.disk_status, facet.agent), (Some(DiskStatus::AgentDisabled), GuestAgent::Unknown));
    assert!(lab.asked_for("/interfaces") > 0, "containers are asked as before: they have no agent");
    let (lab, _) = Lab::talking(json!({})).await;
    lab.whole().await;
    assert!(lab.asked_for("/agent/") > 0);
}

#[tokio::test]
async fn disks_are_listed_as_often_as_was_chosen() {
    //
    let every = async |options| {
        let lab = Lab::choosing(Cluster::builder(), options).await;
        let disks = lab.lanes().into_iter().find(|lane| lane.name == "disks");
        disks.unwrap().every.as_secs()
    };
    assert_eq!(every(json!({"disks": {"everyMinutes": 45}})).await, 45 * 60);
    assert_eq!(every(json!({"disks": {"everyMinutes": 1}})).await, 60);
    assert_eq!(every(json!({})).await, 300);
}

#[tokio::test]
async fn no_disk_is_asked_what_it_says_of_itself_where_nobody_wants_it() {
    //
    let lab = Lab::choosing(Cluster::builder(), json!({"disks": {"smart": false}})).await;
    let report = lab.whole().await;
    assert_eq!(lab.asked_for("/disks/smart"), 0);
    assert!(report.is_full());
    assert!(report.records.iter().any(|record| record.kind == ResourceKind::PhysicalDisk), "they are listed");
}

#[tokio::test]
async fn pools_that_nobody_wants_to_see_are_not_looked_at() {
    //
    let lab = Lab::choosing(Cluster::builder(), json!({"zfs": {"enabled": false}})).await;
    let report = lab.whole().await;
    assert_eq!(lab.asked_for("/disks/zfs"), 0);
    assert!(report.is_full(), "what nobody wants to see holds up nothing");
    let on_pool = |report: &muster_model::Report| {
        let storages = report.records.iter().filter(|record| record.key.as_str().starts_with("storage/"));
        storages.filter(|record| report.storage(record.key.as_str()).pool_state.is_some()).count()
    };
    assert_eq!(on_pool(&report), 0);
    assert!(on_pool(&Lab::new().await.whole().await) > 0);
}

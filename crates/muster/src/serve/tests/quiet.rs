//! A server that is restarted while nothing happens in the cluster: nothing is told.

use muster_testkit::pve::{Action, AgentState, Cluster};

use super::site::Site;

#[tokio::test]
async fn two_restarts_of_the_server_make_no_line() {
    // R-29, D-3
    let mut site = Site::new().await;
    let cluster = site.cluster(Cluster::builder().nodes(3).guests(16)).await;
    site.connect("lab", &cluster).await;
    // Every lane has had its turn, the slow ones too.
    site.pass(2400).await;
    let before = site.lines().await.len();
    for _ in 0..2 {
        site.stop().await;
        site.start().await;
        site.pass(400).await;
    }
    let mut lines = site.lines().await;
    lines.truncate(lines.len() - before);
    assert!(lines.is_empty(), "{lines:#?}");
}

#[tokio::test]
async fn an_agent_that_comes_and_goes_is_not_told_and_a_renamed_guest_is() {
    //
    let site = Site::new().await;
    let cluster = site.cluster(Cluster::builder().nodes(2).guests(8)).await;
    site.connect("lab", &cluster).await;
    site.pass(600).await;
    let guests = cluster.guests().into_iter().filter_map(|guest| cluster.guest(guest));
    let guest = guests.into_iter().find(|guest| guest.kind == "qemu" && guest.runs && !guest.is_template).unwrap();
    let before = site.lines().await.len();
    for state in [AgentState::Dead, AgentState::Running, AgentState::Hanging, AgentState::Running] {
        cluster.act(Action::Agent { guest: guest.id, state });
        site.pass(300).await;
    }
    let mut lines = site.lines().await;
    lines.truncate(lines.len() - before);
    assert!(lines.is_empty(), "{lines:#?}");
    cluster.act(Action::Rename { guest: guest.id, name: "renamed".to_owned() });
    site.pass(60).await;
    let lines = site.lines().await;
    assert_eq!(lines.len(), before + 1, "{lines:#?}");
    assert_eq!((lines[0]["kind"].as_str(), lines[0]["to"].as_str()), (Some("config_update"), Some("renamed")));
}

//! Who may see what, and how quietly the rest is left out.

use std::time::Duration;

use muster_testkit::pve::{Action, Credential, Rights, SECRET, TOKEN, Token, User, Version};
use serde_json::json;

use crate::asker::{Asker, at_rest};

#[tokio::test]
async fn a_token_that_loses_a_right_sees_less_and_is_not_told() {
    let (builder, _clock) = at_rest();
    let cluster = builder.start().await;
    let asker = Asker::of(&cluster, "pve1");
    let count = async |kind: &str| {
        let resources = asker.data("/cluster/resources").await;
        resources.as_array().unwrap().iter().filter(|row| row["type"] == kind).count()
    };
    assert!(count("qemu").await > 10);
    let (token, path, privilege) = (TOKEN.to_owned(), "/".to_owned(), "VM.Audit".to_owned());
    cluster.act(Action::Revoke { token, path, privilege });
    assert_eq!((count("qemu").await, count("lxc").await, count("node").await), (0, 0, 3));
    let refused = asker.get("/nodes/pve1/qemu/100/config").await;
    assert_eq!(refused.json()["message"], "Permission check failed (/vms/100, VM.Audit)\n");
    assert_eq!(refused.status, 403);
    let rights = asker.data("/access/permissions").await;
    assert_eq!((rights["/vms"].get("VM.Audit"), &rights["/vms"]["Sys.Audit"]), (None, &json!(1)));
    let (token, path, privilege) = (TOKEN.to_owned(), "/vms/100".to_owned(), "VM.Audit".to_owned());
    cluster.act(Action::Grant { token, path, privilege });
    assert_eq!(count("qemu").await + count("lxc").await, 1);
}

#[tokio::test]
async fn a_separated_token_without_rights_has_none_although_its_user_has() {
    let (builder, _clock) = at_rest();
    let separated = Token::new("ada@pve!mine", "one", Rights::none());
    let whole = Token { is_separated: false, ..Token::new("ada@pve!whole", "two", Rights::none()) };
    let cluster = builder.token(separated).token(whole).start().await;
    let nobody = Asker::nobody(&cluster, "pve1");
    let mine = nobody.clone().with("authorization", "PVEAPIToken=ada@pve!mine=one");
    assert_eq!(mine.data("/access/permissions").await, json!({}));
    assert_eq!(mine.data("/cluster/resources?type=vm").await, json!([]));
    let whole = nobody.with("authorization", "PVEAPIToken=ada@pve!whole=two");
    assert!(!whole.data("/cluster/resources?type=vm").await.as_array().unwrap().is_empty());
}

#[tokio::test]
async fn backups_are_left_out_for_an_auditor() {
    let (builder, _clock) = at_rest();
    let auditor = builder.clone().start().await;
    let path = "/nodes/pve1/storage/pbs/content";
    assert_eq!(Asker::of(&auditor, "pve1").data(path).await, json!([]));
    let all = builder.rights(Rights::everything(Version::V9_1)).start().await;
    assert!(Asker::of(&all, "pve1").data(path).await.as_array().unwrap().len() > 100);
}

#[tokio::test]
async fn the_agent_takes_a_right_that_auditors_of_old_releases_lack() {
    let check = async |version: Version, expected: u16| {
        let (builder, _clock) = at_rest();
        let cluster = builder.version(version).start().await;
        let guests = cluster.guests().into_iter().filter_map(|id| cluster.guest(id));
        let guest = guests.into_iter().find(|guest| guest.has_agent && guest.runs).unwrap();
        let path = format!("/nodes/{}/qemu/{}/agent/get-osinfo", guest.node, guest.id);
        assert_eq!(Asker::of(&cluster, "pve1").get(&path).await.status, expected, "{version}");
    };
    check(Version::V8_4, 403).await;
    check(Version::V9_1, 200).await;
}

#[tokio::test]
async fn a_login_holds_for_two_hours_and_is_renewed_by_its_ticket() {
    let (builder, clock) = at_rest();
    let user = User {
        id: "ada@pve".to_owned(),
        password: "lovelace & co".to_owned(),
        rights: Rights::auditor(Version::V9_1),
        has_second_factor: false,
    };
    let cluster = builder.user(user).start().await;
    let nobody = Asker::nobody(&cluster, "pve1");
    let ticket = nobody.login("ada@pve", "lovelace & co").await.data()["ticket"].as_str().unwrap().to_owned();
    // A ticket of one node is one of all.
    let asker = Asker::nobody(&cluster, "pve2").with("cookie", &cookie(&ticket));
    assert_eq!(asker.get("/cluster/status").await.status, 200);
    clock.advance(Duration::from_secs(7000));
    let renewed = nobody.login("ada@pve", &ticket).await.data()["ticket"].as_str().unwrap().to_owned();
    clock.advance(Duration::from_secs(300));
    assert_eq!(asker.get("/cluster/status").await.status, 401);
    let asker = nobody.with("cookie", &cookie(&renewed));
    assert_eq!(asker.get("/cluster/status").await.status, 200);
    let who = cluster.requests().pop().unwrap().credential;
    assert_eq!(who, Credential::Ticket("ada@pve".to_owned()));
}

#[tokio::test]
async fn whoever_is_not_believed_waits_where_that_is_asked_for() {
    let (builder, clock) = at_rest();
    let cluster = builder.delay_refusals().start().await;
    let nobody = Asker::nobody(&cluster, "pve1");
    let refused = async { nobody.get("/version").await.status };
    let waking = async {
        while clock.sleepers() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(cluster.requests()[0].status, None);
        clock.advance(Duration::from_secs(3));
    };
    assert_eq!(futures::join!(refused, waking).0, 401);
}

#[tokio::test]
async fn a_secret_that_changes_is_not_believed_any_more() {
    let (builder, _clock) = at_rest();
    let cluster = builder.start().await;
    let asker = Asker::of(&cluster, "pve1");
    assert_eq!(cluster.token(), (TOKEN, SECRET));
    assert_eq!(asker.get("/version").await.status, 200);
    cluster.act(Action::Secret { token: TOKEN.to_owned(), secret: "another".to_owned() });
    assert_eq!(asker.get("/version").await.status, 401);
}

fn cookie(ticket: &str) -> String {
    format!("PVEAuthCookie={}", form_urlencoded::byte_serialize(ticket.as_bytes()).collect::<String>())
}

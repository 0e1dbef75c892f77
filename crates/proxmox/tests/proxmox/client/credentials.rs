//! Tokens and tickets: sent to whom they belong, renewed in time, and not insisted on.

use std::time::Duration;

use futures::future::join_all;
use muster_collect::{Auth, FailureCategory};
use muster_proxmox::client::{ApiError, Call, Client, ErrorKind, Place};
use muster_testkit::pve::{Action, Cluster, Credential, Fault, Rights, SECRET, TOKEN, User, Version, Where};
use serde::de::IgnoredAny;

use super::desk::{Desk, resources};

const LOGIN: &str = "/access/ticket";
const PASSWORD: &str = "correct horse";

#[tokio::test]
async fn a_token_needs_no_login() {
    let desk = Desk::new().await;
    resources(&desk.client()).await.unwrap();
    let requests = desk.cluster.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].credential, Credential::Token(TOKEN.to_owned()));
}

#[tokio::test]
async fn a_wrong_token_is_not_insisted_on() {
    for version in [Version::V7_4, Version::V9_1] {
        let mut desk = Desk::of(Cluster::builder().version(version)).await;
        desk.secret = "11111111-2222-3333-4444-555555555555".to_owned();
        let client = desk.client();
        let error = resources(&client).await.unwrap_err();
        assert_eq!(error.category(), FailureCategory::Unauthorised, "{error:?}");
        assert!(error.failure().message.contains("the token monitor@pve!muster exists"), "{}", error.failure());
        assert!(!format!("{error:?} {}", error.failure()).contains(&desk.secret));
        resources(&client).await.unwrap_err();
        assert_eq!(desk.cluster.counts().requests, 1, "the refusal is remembered, and no other entry point is asked");
        desk.cluster.act(Action::Secret { token: TOKEN.into(), secret: desk.secret.clone() });
        desk.clock.advance(Duration::from_secs(10));
        resources(&client).await.unwrap();
    }
}

#[tokio::test]
async fn everybody_waits_for_one_login() {
    let desk = with_password(false).await;
    let client = desk.client();
    for answer in join_all((0..8).map(|_| version(&client))).await {
        answer.unwrap();
    }
    assert_eq!(desk.cluster.asked(LOGIN), 1);
    let last = desk.cluster.requests().pop().unwrap();
    assert_eq!(last.credential, Credential::Ticket("monitor@pve".to_owned()));
}

#[tokio::test]
async fn a_ticket_is_renewed_while_it_is_good() {
    let desk = with_password(false).await;
    let client = desk.client();
    for (minutes, logins) in [(0, 1), (50, 1), (11, 2), (50, 2), (200, 3)] {
        desk.clock.advance(Duration::from_secs(minutes * 60));
        version(&client).await.unwrap();
        assert_eq!(desk.cluster.asked(LOGIN), logins, "after {minutes} minutes");
    }
}

#[tokio::test]
async fn a_refused_ticket_is_worth_one_login_and_no_more() {
    let desk = with_password(false).await;
    let client = desk.client();
    version(&client).await.unwrap();
    let refuse = |times| {
        let fault = Fault::Status { code: 401, reason: "permission denied - invalid PVE ticket".into() };
        desk.cluster.fail(Where::path("/version").times(times), fault);
    };
    refuse(1);
    version(&client).await.unwrap();
    assert_eq!(desk.cluster.asked(LOGIN), 2);
    refuse(2);
    let error = version(&client).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Unauthorised(_)), "{error:?}");
    assert_eq!(desk.cluster.asked(LOGIN), 3);
}

#[tokio::test]
async fn a_wrong_password_is_not_insisted_on() {
    let mut desk = with_password(false).await;
    desk.secret = "wrong and long".to_owned();
    let client = desk.client();
    for answer in join_all((0..5).map(|_| version(&client))).await {
        let error = answer.unwrap_err();
        assert_eq!(error.category(), FailureCategory::Unauthorised);
        assert!(!format!("{error:?} {}", error.failure()).contains("wrong and long"));
    }
    assert_eq!((desk.cluster.asked(LOGIN), desk.cluster.counts().requests), (1, 1));
}

#[tokio::test]
async fn a_second_factor_asks_for_a_token() {
    let desk = with_password(true).await;
    let error = version(&desk.client()).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::SecondFactor), "{error:?}");
    let failure = error.failure();
    assert_eq!(failure.category, FailureCategory::Unauthorised);
    assert!(failure.message.contains("use an API token"), "{failure}");
}

#[tokio::test]
async fn a_secret_that_is_repeated_to_us_is_not_told() {
    let desk = Desk::new().await.alone();
    let reason = format!("invalid token value {SECRET}");
    let error = desk.hears(Fault::Status { code: 401, reason }).await.unwrap_err();
    assert!(!format!("{error:?} {}", error.failure()).contains(SECRET), "{error:?}");
}

async fn with_password(has_second_factor: bool) -> Desk {
    let user = User {
        id: "monitor@pve".to_owned(),
        password: PASSWORD.to_owned(),
        rights: Rights::auditor(Version::V9_1),
        has_second_factor,
    };
    let mut desk = Desk::of(Cluster::builder().user(user)).await;
    desk.connection.auth = Auth::Password { user: "monitor@pve".to_owned() };
    desk.secret = PASSWORD.to_owned();
    desk
}

async fn version(client: &Client) -> Result<IgnoredAny, ApiError> {
    client.get(Call::Version, Place::CLUSTER, &[]).await
}

//! Whatever takes a right away takes it away from open streams too, within five seconds (D-22).

use std::time::Duration;

use muster_model::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Browser, Harness, START, send},
    live::{Socket, close_code, next, open, open_with, settle},
    oidc::Site,
};

#[tokio::test]
async fn what_an_administrator_does_to_a_user_ends_streams_at_once() {
    for change in [json!({"role": "viewer"}), json!({"disabled": true}), json!({"password": "another long one"})] {
        let (harness, user, _, mut stream) = watching(Role::Operator).await;
        assert_eq!(administer(&harness, Method::PATCH, &format!("/api/users/{user}"), &change).await.status, 200);
        assert_eq!(close_code(&mut stream).await, 1008, "{change}");
    }
    for path in ["", "/sessions"] {
        let (harness, user, _, mut stream) = watching(Role::Operator).await;
        let path = format!("/api/users/{user}{path}");
        assert_eq!(administer(&harness, Method::DELETE, &path, &json!(null)).await.status, 204);
        assert_eq!(close_code(&mut stream).await, 1008, "{path}");
    }
}

#[tokio::test]
async fn ending_the_other_sessions_leaves_ones_own() {
    let (harness, _, browser, mut own) = watching(Role::Viewer).await;
    let other = harness.login("ada").await;
    let mut theirs = stream_of(&harness, &other).await;
    let ended = send(browser.request(&harness, Method::DELETE, "/api/sessions")).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert_eq!(close_code(&mut theirs).await, 1008);
    assert_eq!(other.get(&harness, "/api/system").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get(&harness, "/api/system").await.status, StatusCode::OK);
    let sessions = browser.get(&harness, "/api/sessions").await.json();
    assert_eq!(sessions["items"].as_array().unwrap().len(), 1);
    harness.tasks.shutdown().begin();
    assert_eq!(close_code(&mut own).await, 1001, "it went on until the server stopped");
}

#[tokio::test]
async fn a_right_that_is_taken_away_elsewhere_is_missed_within_five_seconds() {
    let site = Site::start().await;
    site.provider.person(json!({"sub": "p", "groups": ["ops"]}));
    let browser = site.sign_in().await;
    let mut stream = stream_of(&site.harness, &browser).await;
    // The provider says so at the next sign-in, in another browser: nobody here is told.
    site.provider.person(json!({"sub": "p", "groups": ["staff"]}));
    site.sign_in().await;
    // The engine, the log of refusals, and the stream twice.
    settle(&site.harness, 4).await;
    site.harness.clock.advance(Duration::from_secs(5));
    assert_eq!(close_code(&mut stream).await, 1008);
}

#[tokio::test]
async fn a_secret_before_its_rotation_keeps_no_stream() {
    let harness = Harness::start().await;
    let (id, old) = harness.token_with(Role::Viewer, Role::Viewer.scopes(), None).await;
    let mut stream = open(&harness, "/ws", &old).await.unwrap();
    next(&mut stream).await;
    let rotated =
        administer(&harness, Method::POST, &format!("/api/tokens/{id}/rotate"), &json!({"overlapSeconds": 0})).await;
    assert_eq!(rotated.status, StatusCode::OK, "{}", rotated.text);
    settle(&harness, 4).await;
    harness.clock.advance(Duration::from_secs(5));
    assert_eq!(close_code(&mut stream).await, 1008);
}

#[tokio::test]
async fn disabling_somebody_ends_what_rests_on_the_providers_token() {
    let site = Site::start().await;
    let token = site.provider.bearer(&json!({"sub": "p", "exp": START.as_second() + 3600}));
    let mut stream = open(&site.harness, "/ws", &token).await.unwrap();
    next(&mut stream).await;
    let admin = site.harness.token(Role::Admin).await;
    let users = site.harness.json("/api/users", &admin).await;
    let path = format!("/api/users/{}", users["items"][0]["id"].as_str().unwrap());
    assert_eq!(administer(&site.harness, Method::PATCH, &path, &json!({"disabled": true})).await.status, 200);
    assert_eq!(close_code(&mut stream).await, 1008);
}

/// A user with a browser and an open stream.
async fn watching(role: Role) -> (Harness, Uuid, Browser, Socket) {
    let harness = Harness::start().await;
    harness.user("root", Role::Admin).await;
    let user = harness.user("ada", role).await;
    let browser = harness.login("ada").await;
    let stream = stream_of(&harness, &browser).await;
    (harness, user, browser, stream)
}

async fn stream_of(harness: &Harness, browser: &Browser) -> Socket {
    let headers = [("cookie", browser.cookie.clone()), ("origin", harness.url(""))];
    let mut stream = open_with(harness, "/ws", &headers).await.unwrap();
    next(&mut stream).await;
    stream
}

async fn administer(harness: &Harness, method: Method, path: &str, body: &Value) -> Answer {
    let admin = harness.token(Role::Admin).await;
    send(harness.request(method, path).bearer_auth(admin).json(body)).await
}

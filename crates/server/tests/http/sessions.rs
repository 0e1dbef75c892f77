//! Setting up, signing in and out, and what ends a session.

use std::time::Duration;

use jiff::SignedDuration;
use muster_model::{Role, TenantId};
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::harness::{Answer, Browser, Harness, PASSWORD, send};

#[tokio::test]
async fn the_first_user_comes_through_the_setup_link() {
    // D-21
    let harness = Harness::start().await;
    assert_eq!(harness.get("/api/session", "").await.json()["setupRequired"], true);
    let token = setup_token(&harness).await;
    assert_eq!(set_up(&harness, "wrong", "ada").await.code(), "setup_token_invalid");
    let browser = Browser::from(set_up(&harness, &token, "ada").await);
    let session = browser.get(&harness, "/api/session").await.json();
    assert_eq!((&session["user"]["name"], &session["user"]["role"]), (&json!("ada"), &json!("admin")));
    assert_eq!(session["setupRequired"], false);
    assert_eq!(set_up(&harness, &token, "eve").await.code(), "setup_done");
    assert!(harness.app.setup_link("http://x").await.unwrap().is_none());
}

#[tokio::test]
async fn a_setup_link_expires() {
    // D-21
    let harness = Harness::start().await;
    let token = setup_token(&harness).await;
    harness.pass(SignedDuration::from_mins(30));
    assert_eq!(set_up(&harness, &token, "ada").await.code(), "setup_token_invalid");
}

#[tokio::test]
async fn two_simultaneous_setups_create_one_user() {
    let harness = Harness::start().await;
    let token = setup_token(&harness).await;
    let (one, two) = tokio::join!(set_up(&harness, &token, "ada"), set_up(&harness, &token, "eve"));
    let done = [one.status, two.status].iter().filter(|status| **status == StatusCode::OK).count();
    assert_eq!(done, 1, "{} {}", one.text, two.text);
    assert_eq!(harness.store.user_count(&TenantId::DEFAULT).await.unwrap(), 1);
}

#[tokio::test]
async fn a_refused_password_does_not_use_up_the_setup_link() {
    let harness = Harness::start().await;
    let token = setup_token(&harness).await;
    let body = json!({"token": token, "username": "ada", "password": "short"});
    let answer = send(harness.request(Method::POST, "/api/setup").json(&body)).await;
    assert_eq!((answer.code().as_str(), answer.field().as_str()), ("invalid_value", "/password"));
    assert_eq!(set_up(&harness, &token, "ada").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_session_cookie_is_locked_down() {
    let harness = Harness::start().await;
    harness.user("ada", Role::Viewer).await;
    let answer = harness.try_login("ada", PASSWORD).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(
        cookie.starts_with("muster_session=") && cookie.ends_with("; HttpOnly; SameSite=Strict; Path=/"),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_login_rotates_the_session() {
    let harness = Harness::start().await;
    harness.user("ada", Role::Viewer).await;
    let (one, two) = (harness.login("ada").await, harness.login("ADA ").await);
    assert_ne!((&one.cookie, &one.csrf), (&two.cookie, &two.csrf));
    // A page that was loaded anew learns the CSRF token of its own session.
    assert_eq!(one.get(&harness, "/api/session").await.json()["csrfToken"], json!(one.csrf));
    assert_eq!(one.get(&harness, "/api/system").await.status, StatusCode::OK);
}

#[tokio::test]
async fn unknown_users_and_wrong_passwords_look_alike() {
    let harness = Harness::start().await;
    harness.user("ada", Role::Viewer).await;
    let (wrong, unknown) =
        (harness.try_login("ada", "wrong password").await, harness.try_login("nobody", "wrong password").await);
    assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::UNAUTHORIZED, "login_failed"));
    let strip = |answer: &Answer| {
        let mut body = answer.json();
        body["requestId"].take();
        body
    };
    assert_eq!(strip(&wrong), strip(&unknown));
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let harness = Harness::start().await;
    harness.user("ada", Role::Viewer).await;
    for _ in 0..5 {
        assert_eq!(harness.try_login("ada", "wrong password").await.code(), "login_failed");
    }
    let throttled = harness.try_login("ada", PASSWORD).await;
    assert_eq!((throttled.status, throttled.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "login_throttled"));
    assert_eq!(throttled.headers["retry-after"], "1");
    harness.clock.advance(Duration::from_secs(1));
    assert_eq!(harness.try_login("ada", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_idle_session_ends() {
    let harness = Harness::start().await;
    harness.user("ada", Role::Viewer).await;
    let browser = harness.login("ada").await;
    harness.pass(SignedDuration::from_hours(11));
    assert_eq!(browser.get(&harness, "/api/system").await.status, StatusCode::OK);
    // Using it moved the end.
    harness.pass(SignedDuration::from_hours(11));
    assert_eq!(browser.get(&harness, "/api/system").await.status, StatusCode::OK);
    harness.pass(SignedDuration::from_hours(12));
    assert_eq!(browser.get(&harness, "/api/system").await.status, StatusCode::UNAUTHORIZED);
    assert!(browser.get(&harness, "/api/session").await.json()["user"].is_null());
}

#[tokio::test]
async fn a_session_ends_after_a_week_however_much_it_is_used() {
    let harness = Harness::start().await;
    harness.user("ada", Role::Viewer).await;
    let browser = harness.login("ada").await;
    for _ in 0..16 {
        assert_eq!(browser.get(&harness, "/api/system").await.status, StatusCode::OK);
        harness.pass(SignedDuration::from_hours(10));
    }
    harness.pass(SignedDuration::from_hours(8));
    assert_eq!(browser.get(&harness, "/api/system").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn last_used_is_written_at_most_once_a_minute() {
    // D-12
    let harness = Harness::start().await;
    let token = harness.token(Role::Viewer).await;
    harness.get("/api/system", &token).await;
    let writes = harness.store.stats().writes;
    harness.pass(SignedDuration::from_secs(59));
    harness.get("/api/system", &token).await;
    assert_eq!(harness.store.stats().writes, writes);
    harness.pass(SignedDuration::from_secs(1));
    harness.get("/api/system", &token).await;
    assert_eq!(harness.store.stats().writes, writes + 1);
}

#[tokio::test]
async fn logging_out_ends_the_session() {
    let harness = Harness::start().await;
    harness.user("ada", Role::Viewer).await;
    let browser = harness.login("ada").await;
    let answer = send(browser.request(&harness, Method::POST, "/api/logout")).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(answer.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(browser.get(&harness, "/api/system").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn one_may_end_only_ones_own_sessions() {
    let harness = Harness::start().await;
    harness.user("ada", Role::Viewer).await;
    harness.user("eve", Role::Admin).await;
    let (ada, other, eve) = (harness.login("ada").await, harness.login("ada").await, harness.login("eve").await);
    let sessions = ada.get(&harness, "/api/sessions").await.json()["items"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 2);
    let theirs = sessions.iter().find(|session| session["current"] == false).unwrap()["id"].as_str().unwrap();
    let path = format!("/api/sessions/{theirs}");
    assert_eq!(send(eve.request(&harness, Method::DELETE, &path)).await.code(), "not_found");
    assert_eq!(send(ada.request(&harness, Method::DELETE, &path)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(other.get(&harness, "/api/system").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ada.get(&harness, "/api/system").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_the_other_sessions() {
    let harness = Harness::start().await;
    harness.user("ada", Role::Viewer).await;
    let (browser, other) = (harness.login("ada").await, harness.login("ada").await);
    let change = async |current: &str| {
        let body = json!({"currentPassword": current, "newPassword": "another long one"});
        send(browser.request(&harness, Method::PUT, "/api/account/password").json(&body)).await
    };
    assert_eq!(change("not the password").await.field(), "/currentPassword");
    let renewed = Browser::from(change(PASSWORD).await);
    assert_ne!(renewed.cookie, browser.cookie);
    assert_eq!(renewed.get(&harness, "/api/system").await.status, StatusCode::OK);
    for ended in [&browser, &other] {
        assert_eq!(ended.get(&harness, "/api/system").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(harness.try_login("ada", PASSWORD).await.code(), "login_failed");
    assert_eq!(harness.try_login("ada", "another long one").await.status, StatusCode::OK);
}

async fn setup_token(harness: &Harness) -> String {
    let link = harness.app.setup_link("http://127.0.0.1:7777").await.unwrap().unwrap();
    link.expose_secret().strip_prefix("http://127.0.0.1:7777/#setup=").unwrap().to_owned()
}

async fn set_up(harness: &Harness, token: &str, name: &str) -> Answer {
    let body = json!({"token": token, "username": name, "password": PASSWORD});
    send(harness.request(Method::POST, "/api/setup").json(&body)).await
}

//! Users, tokens and the audit log.

use jiff::SignedDuration;
use muster_model::{Role, Scope};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, PASSWORD, START, send};

#[tokio::test]
async fn users_are_created_changed_and_removed() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    let id = harness.user("ada", Role::Viewer).await;
    let users = harness.json("/api/users", &admin).await;
    assert_eq!(users["items"][0]["name"], "ada");
    assert!(!users.to_string().contains("argon2"), "{users}");
    let path = format!("/api/users/{id}");
    let browser = harness.login("ada").await;
    let changed = write(&harness, &admin, Method::PATCH, &path, &json!({"role": "operator"})).await;
    assert_eq!(changed.json()["role"], "operator");
    assert_eq!(browser.get(&harness, "/api/system").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(write(&harness, &admin, Method::DELETE, &path, &json!(null)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(write(&harness, &admin, Method::DELETE, &path, &json!(null)).await.code(), "not_found");
    assert_eq!(harness.try_login("ada", PASSWORD).await.code(), "login_failed");
}

#[tokio::test]
async fn a_name_is_taken_once_in_any_case() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    harness.user("ada", Role::Viewer).await;
    let body = json!({"name": " ADA ", "password": PASSWORD, "role": "viewer"});
    let answer = write(&harness, &admin, Method::POST, "/api/users", &body).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::CONFLICT, "name_taken"));
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    let (one, two) = (harness.user("ada", Role::Admin).await, harness.user("eve", Role::Admin).await);
    let demote = async |id| {
        write(&harness, &admin, Method::PATCH, &format!("/api/users/{id}"), &json!({"role": "viewer"})).await
    };
    let (first, second) = tokio::join!(demote(one), demote(two));
    let refused: Vec<_> =
        [&first, &second].into_iter().filter(|answer| answer.status == StatusCode::CONFLICT).collect();
    assert_eq!(refused.len(), 1, "{} {}", first.text, second.text);
    assert_eq!(refused[0].code(), "last_administrator");
    let last = if first.status == StatusCode::CONFLICT { one } else { two };
    let removed = write(&harness, &admin, Method::DELETE, &format!("/api/users/{last}"), &json!(null)).await;
    assert_eq!(removed.code(), "last_administrator");
}

#[tokio::test]
async fn a_token_is_shown_once_and_works() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    let body = json!({"name": "ci", "role": "viewer", "expiresAt": START + SignedDuration::from_hours(1)});
    let created = write(&harness, &admin, Method::POST, "/api/tokens", &body).await;
    let secret = created.json()["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("mst_") && secret.len() == 47, "{secret}");
    assert_eq!(harness.get("/api/system", &secret).await.status, StatusCode::OK);
    let listed = harness.json("/api/tokens", &admin).await;
    assert!(!listed.to_string().contains(&secret));
    assert!(listed["items"].as_array().unwrap().iter().any(|token| token["name"] == "ci"));
    assert_eq!(write(&harness, &admin, Method::POST, "/api/tokens", &body).await.code(), "name_taken");
    harness.pass(SignedDuration::from_hours(1));
    assert_eq!(harness.get("/api/system", &secret).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_never_carries_more_than_its_creator() {
    let harness = Harness::start().await;
    let scopes = [Scope::SystemAdmin, Scope::InventoryRead, Scope::MetricsRead, Scope::EvidenceRead].into();
    let (_, narrow) = harness.token_with(Role::Admin, scopes, None).await;
    let create = async |role: &str| {
        write(&harness, &narrow, Method::POST, "/api/tokens", &json!({"name": role, "role": role})).await
    };
    assert_eq!(create("viewer").await.status, StatusCode::CREATED);
    for role in ["operator", "admin"] {
        assert_eq!(create(role).await.code(), "forbidden");
    }
}

#[tokio::test]
async fn users_are_no_way_to_more_rights() {
    let harness = Harness::start().await;
    let (_, narrow) = harness.token_with(Role::Admin, [Scope::SystemAdmin].into(), None).await;
    harness.user("root", Role::Admin).await;
    let create = async |name: &str, role: &str| {
        let body = json!({"name": name, "password": PASSWORD, "role": role});
        write(&harness, &narrow, Method::POST, "/api/users", &body).await
    };
    assert_eq!(create("own", "admin").await.code(), "forbidden");
    assert_eq!(create("own", "viewer").await.code(), "forbidden", "it cannot read itself");
    let id = harness.user("ada", Role::Admin).await;
    let path = format!("/api/users/{id}");
    for change in [json!({"password": "another long one"}), json!({"role": "viewer"}), json!({"disabled": false})] {
        let answer = write(&harness, &narrow, Method::PATCH, &path, &change).await;
        assert_eq!(answer.code(), "forbidden", "{change}");
    }
    let reset = write(&harness, &narrow, Method::DELETE, &format!("{path}/second-factor"), &json!(null)).await;
    assert_eq!(reset.code(), "forbidden");
    let readers = Role::Viewer.scopes().into_iter().chain([Scope::SystemAdmin]).collect();
    let (_, reader) = harness.token_with(Role::Admin, readers, None).await;
    let eve = harness.user("eve", Role::Viewer).await;
    let path = format!("/api/users/{eve}");
    let raise = write(&harness, &reader, Method::PATCH, &path, &json!({"role": "admin"})).await;
    assert_eq!(raise.code(), "forbidden");
    let renew = write(&harness, &reader, Method::PATCH, &path, &json!({"password": "another long one"})).await;
    assert_eq!(renew.status, StatusCode::OK, "{}", renew.text);
}

#[tokio::test]
async fn an_administrator_takes_no_short_cut_around_ones_own_password() {
    let harness = Harness::start().await;
    let id = harness.user("ada", Role::Admin).await;
    let browser = harness.login("ada").await;
    let path = format!("/api/users/{id}");
    let password = json!({"password": "another long one"});
    let answer = send(browser.request(&harness, Method::PATCH, &path).json(&password)).await;
    assert_eq!((answer.code().as_str(), answer.field().as_str()), ("invalid_value", "/password"));
    let reset = send(browser.request(&harness, Method::DELETE, &format!("{path}/second-factor"))).await;
    assert_eq!(reset.code(), "forbidden");
    assert_eq!(harness.try_login("ada", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_change_that_is_refused_in_part_is_not_made_in_part() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    let id = harness.user("ada", Role::Admin).await;
    let path = format!("/api/users/{id}");
    let change = json!({"role": "admin", "disabled": true, "password": "another long one"});
    let answer = write(&harness, &admin, Method::PATCH, &path, &change).await;
    assert_eq!(answer.code(), "last_administrator");
    assert_eq!(harness.try_login("ada", PASSWORD).await.status, StatusCode::OK);
    assert_eq!(harness.json("/api/audit?action=user.update", &admin).await["items"], json!([]));
}

#[tokio::test]
async fn bad_values_name_their_field() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    let check = async |path: &str, body: Value, code: &str, field: &str| {
        let answer = write(&harness, &admin, Method::POST, path, &body).await;
        assert_eq!((answer.code().as_str(), answer.field().as_str()), (code, field), "{body}");
    };
    check("/api/tokens", json!({"name": " ", "role": "viewer"}), "invalid_value", "/name").await;
    check("/api/tokens", json!({"name": "a\u{7}b", "role": "viewer"}), "invalid_value", "/name").await;
    check("/api/tokens", json!({"name": "x", "role": "viewer", "expiresAt": START}), "invalid_value", "/expiresAt")
        .await;
    check("/api/tokens", json!({"name": "x", "role": "god"}), "invalid_body", "/role").await;
    check("/api/users", json!({"name": "x", "password": "short", "role": "viewer"}), "invalid_value", "/password")
        .await;
    check(
        "/api/users",
        json!({"name": "x".repeat(65), "password": PASSWORD, "role": "viewer"}),
        "invalid_value",
        "/name",
    )
    .await;
}

#[tokio::test]
async fn every_write_stands_in_the_audit_log() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    let id = harness.user("ada", Role::Viewer).await;
    harness.try_login("ada", "wrong password").await;
    let browser = harness.login("ada").await;
    send(browser.request(&harness, Method::POST, "/api/logout")).await;
    write(&harness, &admin, Method::POST, "/api/tokens", &json!({"name": "ci", "role": "viewer"})).await;
    write(&harness, &admin, Method::DELETE, &format!("/api/users/{id}"), &json!(null)).await;
    let rows = harness.json("/api/audit", &admin).await["items"].as_array().unwrap().clone();
    let mut seen: Vec<String> =
        rows.iter().map(|row| format!("{} {} {}", row["action"], row["target"], row["outcome"])).collect();
    seen.sort();
    let mut expected = [
        r#""session.login" "ada" "login_failed""#,
        r#""session.login" "ada" "ok""#,
        r#""session.logout" "ada" "ok""#,
        r#""token.create" "ci" "ok""#,
        r#""user.create" "ada" "ok""#,
        r#""user.delete" "ada" "ok""#,
    ];
    expected.sort_unstable();
    assert_eq!(seen, expected);
    for row in &rows {
        assert_eq!(row["remoteAddr"], "127.0.0.1");
        assert!(row["requestId"].is_string() && row["actor"].as_str().unwrap().len() > 3, "{row}");
    }
}

#[tokio::test]
async fn the_audit_log_is_read_page_by_page() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    for _ in 0..5 {
        harness.try_login("nobody", "wrong password").await;
        // Within a minute they would be told in one row.
        harness.pass(jiff::SignedDuration::from_secs(61));
    }
    let (mut ids, mut token) = (Vec::new(), String::new());
    loop {
        let page = harness.json(&format!("/api/audit?limit=2{token}"), &admin).await;
        ids.extend(page["items"].as_array().unwrap().iter().map(|row| row["id"].to_string()));
        let Some(next) = page["nextPageToken"].as_str() else { break };
        token = format!("&pageToken={next}");
    }
    assert_eq!(ids.len(), 5);
    ids.dedup();
    assert_eq!(ids.len(), 5);
    assert_eq!(harness.get("/api/audit?pageToken=x", &admin).await.code(), "invalid_page_token");
}

async fn write(harness: &Harness, token: &str, method: Method, path: &str, body: &Value) -> Answer {
    send(harness.request(method, path).bearer_auth(token).json(body)).await
}

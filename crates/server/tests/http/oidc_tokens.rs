//! What an identity provider has said counts for as long as it says nothing else: tokens as credentials, older and newer
//! ones, and who the audit log says it was.

use jiff::SignedDuration;
use muster_model::{Role, TenantId};
use muster_store::{FederatedIdentity, FederatedUser, NewSession};
use muster_testkit::oidc::Forgery;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    harness::{Browser, Harness, START},
    oidc::Site,
};

#[tokio::test]
async fn a_bearer_token_is_for_this_server_and_its_role() {
    let site = Site::start().await;
    let get = async |claims: Value, path: &str| {
        let token = site.provider.bearer(&claims);
        site.harness.get(path, &token).await.status
    };
    assert_eq!(get(json!({}), "/api/system").await, StatusCode::OK);
    assert_eq!(get(json!({"groups": ["root"]}), "/api/users").await, StatusCode::OK);
    assert_eq!(get(json!({}), "/api/users").await, StatusCode::FORBIDDEN);
    assert_eq!(get(json!({"groups": []}), "/api/system").await, StatusCode::FORBIDDEN);
    assert_eq!(get(json!({}), "/api/sessions").await, StatusCode::FORBIDDEN, "it is no session");
    for claims in [json!({"aud": "another"}), json!({"iss": "https://evil"}), json!({"exp": START.as_second() - 61})] {
        assert_eq!(get(claims.clone(), "/api/system").await, StatusCode::UNAUTHORIZED, "{claims}");
    }
    for forgery in [Forgery::Unsigned, Forgery::PublicKeyAsSecret, Forgery::StrangersKey] {
        site.provider.forge(forgery);
        assert_eq!(get(json!({}), "/api/system").await, StatusCode::UNAUTHORIZED, "{forgery:?}");
    }
    // Where no provider is configured, its tokens are a stranger's.
    let plain = Harness::start().await;
    site.provider.forge(Forgery::None);
    let token = site.provider.bearer(&json!({}));
    assert_eq!(plain.get("/api/system", &token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_older_token_brings_no_role_back() {
    let site = Site::start().await;
    let older = site.provider.bearer(&json!({"sub": "p", "groups": ["root"], "exp": START.as_second() + 3600}));
    assert_eq!(site.harness.get("/api/users", &older).await.status, StatusCode::OK);
    site.pass(SignedDuration::from_mins(1));
    site.person(json!({"sub": "p", "groups": ["staff"]}));
    let browser = site.sign_in().await;
    assert_eq!(site.harness.get("/api/users", &older).await.status, StatusCode::FORBIDDEN);
    let user = browser.get(&site.harness, "/api/session").await.json()["user"].clone();
    assert_eq!(user["role"], "viewer", "the session is as weak as before");
}

#[tokio::test]
async fn an_older_token_that_was_not_used_brings_no_role_back() {
    let site = Site::start().await;
    let minute = || site.pass(SignedDuration::from_mins(1));
    site.person(json!({"sub": "p", "groups": ["staff"]}));
    assert_eq!(site.role().await, "viewer");
    minute();
    let older = site.provider.bearer(&json!({"sub": "p", "groups": ["root"], "exp": START.as_second() + 3600}));
    minute();
    assert_eq!(site.role().await, "viewer");
    assert_eq!(site.harness.get("/api/users", &older).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.harness.get("/api/system", &older).await.status, StatusCode::OK);
    let admin = site.harness.token(Role::Admin).await;
    let rows = site.harness.json("/api/audit?action=user.admit", &admin).await;
    assert_eq!(rows["items"].as_array().unwrap().len(), 1, "only what changes is told: {rows}");
}

#[tokio::test]
async fn who_loses_the_last_role_loses_older_tokens() {
    // D-22
    let site = Site::start().await;
    let token =
        |groups: Value| site.provider.bearer(&json!({"sub": "p", "groups": groups, "exp": START.as_second() + 3600}));
    let older = token(json!(["staff"]));
    assert_eq!(site.harness.get("/api/system", &older).await.status, StatusCode::OK);
    site.pass(SignedDuration::from_mins(1));
    site.person(json!({"sub": "p", "groups": []}));
    assert_eq!(site.problem().await, "no_role");
    assert_eq!(site.harness.get("/api/system", &older).await.status, StatusCode::FORBIDDEN);
    site.pass(SignedDuration::from_mins(1));
    let newer = token(json!(["staff"]));
    assert_eq!(site.harness.get("/api/system", &newer).await.status, StatusCode::OK);
    assert_eq!(site.harness.get("/api/system", &older).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_session_ends_with_the_provider_that_vouched_for_it() {
    let harness = Harness::start().await;
    let session = |number: u8, user_id| NewSession {
        id: uuid::Uuid::from_u128(number.into()),
        token_hash: Sha256::digest([b'a' + number]).into(),
        csrf_hash: [number; 32],
        user_id,
        created_at: START,
        expires_at: START + SignedDuration::from_hours(1),
        remote_addr: None,
        user_agent: None,
    };
    let identity = FederatedIdentity { issuer: "https://replaced.example".into(), subject: "p".into() };
    let id = uuid::Uuid::from_u128(77);
    let person = FederatedUser { id, identity, name: "p".into(), role: Role::Viewer, vouched_at: START, at: START };
    harness.store.user_admit_federated(&TenantId::DEFAULT, &person).await.unwrap();
    let local = harness.user("ada", Role::Viewer).await;
    for (number, user, expected) in [(1, local, StatusCode::OK), (2, id, StatusCode::UNAUTHORIZED)] {
        assert!(harness.store.session_insert(&TenantId::DEFAULT, &session(number, user), None).await.unwrap());
        let cookie = format!("muster_session={}", char::from(b'a' + number));
        let browser = Browser { cookie, csrf: String::new() };
        assert_eq!(browser.get(&harness, "/api/system").await.status, expected);
    }
}

#[tokio::test]
async fn nobody_chooses_whom_the_audit_log_names() {
    let site = Site::start().await;
    site.harness.user("root", Role::Admin).await;
    let claims = |group: &str| json!({"sub": "p", "preferred_username": "root", "groups": [group]});
    for group in ["staff", "ops"] {
        let token = site.provider.bearer(&claims(group));
        assert_eq!(site.harness.get("/api/system", &token).await.status, StatusCode::OK);
    }
    let admin = site.harness.token(Role::Admin).await;
    let rows = site.harness.json("/api/audit?action=user.admit", &admin).await;
    let rows = rows["items"].as_array().unwrap().iter();
    let mut actors: Vec<_> = rows.map(|row| row["actor"].as_str().unwrap()).collect();
    actors.sort_unstable();
    assert_eq!(actors, ["oidc:p", "user:root (2)"]);
}

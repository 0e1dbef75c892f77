//! Scopes of tokens chosen one by one, and rotating them; who may end whose sessions; disabling users.

use jiff::SignedDuration;
use muster_model::{Role, Scope};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, PASSWORD, START, send};

#[tokio::test]
async fn scopes_are_chosen_one_by_one_or_by_a_role() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    let create = async |body: Value| write(&harness, &admin, Method::POST, "/api/tokens", &body).await;
    let created = create(json!({"name": "metrics", "scopes": ["metrics:read"]})).await.json();
    assert_eq!((&created["token"]["role"], &created["token"]["scopes"]), (&json!(null), &json!(["metrics:read"])));
    let secret = created["secret"].as_str().unwrap();
    assert_eq!(harness.get("/api/history/stats", secret).await.status, StatusCode::OK);
    assert_eq!(harness.get("/api/resources", secret).await.status, StatusCode::FORBIDDEN);
    let whole = Role::Viewer.scopes();
    let named = create(json!({"name": "all reads", "scopes": whole})).await.json();
    assert_eq!(named["token"]["role"], "viewer", "the scopes of a role go by its name");
    for (body, field) in [
        (json!({"name": "x"}), "/role"),
        (json!({"name": "x", "scopes": []}), "/scopes"),
        (json!({"name": "x", "role": "viewer", "scopes": ["metrics:read"]}), "/scopes"),
    ] {
        let answer = create(body.clone()).await;
        assert_eq!((answer.code().as_str(), answer.field().as_str()), ("invalid_value", field), "{body}");
    }
}

#[tokio::test]
async fn a_rotated_token_has_two_secrets_for_the_overlap() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    let (id, old) = harness.token_with(Role::Viewer, Role::Viewer.scopes(), None).await;
    let rotate = async |seconds: u64| {
        let path = format!("/api/tokens/{id}/rotate");
        write(&harness, &admin, Method::POST, &path, &json!({"overlapSeconds": seconds})).await
    };
    let works = async |secret: &str| harness.get("/api/system", secret).await.status == StatusCode::OK;
    let rotated = rotate(3600).await.json();
    assert_eq!(rotated["token"]["previousSecretUntil"], json!(START + SignedDuration::from_hours(1)));
    let second = rotated["secret"].as_str().unwrap().to_owned();
    assert!(works(&old).await && works(&second).await);
    harness.pass(SignedDuration::from_secs(3599));
    assert!(works(&old).await);
    harness.pass(SignedDuration::from_secs(1));
    assert!(!works(&old).await && works(&second).await);
    let third = rotate(3600).await.json()["secret"].as_str().unwrap().to_owned();
    let fourth = rotate(3600).await.json()["secret"].as_str().unwrap().to_owned();
    assert!(!works(&second).await, "a second rotation ends the overlap of the first");
    assert!(works(&third).await && works(&fourth).await);
    assert_eq!(rotate(30 * 24 * 3600 + 1).await.field(), "/overlapSeconds");
    write(&harness, &admin, Method::DELETE, &format!("/api/tokens/{id}"), &json!(null)).await;
    assert!(!works(&third).await && !works(&fourth).await, "revoking ends both");
    assert_eq!(rotate(0).await.code(), "not_found");
}

#[tokio::test]
async fn rotating_is_no_way_to_more_rights() {
    let harness = Harness::start().await;
    let scopes = [Scope::SystemAdmin, Scope::InventoryRead].into();
    let (_, narrow) = harness.token_with(Role::Admin, scopes, None).await;
    let (id, _) = harness.token_with(Role::Admin, Role::Admin.scopes(), None).await;
    let path = format!("/api/tokens/{id}/rotate");
    let answer = write(&harness, &narrow, Method::POST, &path, &json!({"overlapSeconds": 0})).await;
    assert_eq!(answer.code(), "forbidden");
}

#[tokio::test]
async fn an_expired_token_is_not_brought_back_by_its_overlap() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    let end = START + SignedDuration::from_secs(60);
    let (id, old) = harness.token_with(Role::Viewer, Role::Viewer.scopes(), Some(end)).await;
    let path = format!("/api/tokens/{id}/rotate");
    let rotated = write(&harness, &admin, Method::POST, &path, &json!({"overlapSeconds": 3600})).await.json();
    harness.pass(SignedDuration::from_secs(60));
    for secret in [old.as_str(), rotated["secret"].as_str().unwrap()] {
        assert_eq!(harness.get("/api/system", secret).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_disabled_user_is_kept_out_and_let_in_again() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    let id = harness.user("ada", Role::Viewer).await;
    let browser = harness.login("ada").await;
    let path = format!("/api/users/{id}");
    let disabled = write(&harness, &admin, Method::PATCH, &path, &json!({"disabled": true})).await.json();
    assert_eq!(disabled["disabledAt"], json!(START));
    assert_eq!(browser.get(&harness, "/api/system").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(harness.try_login("ada", PASSWORD).await.code(), "account_disabled");
    assert_eq!(harness.try_login("ada", "wrong password").await.code(), "login_failed", "a stranger learns nothing");
    write(&harness, &admin, Method::PATCH, &path, &json!({"disabled": false})).await;
    assert_eq!(harness.try_login("ada", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_last_administrator_is_not_disabled() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    let (one, two) = (harness.user("ada", Role::Admin).await, harness.user("eve", Role::Admin).await);
    let disable = async |id| {
        write(&harness, &admin, Method::PATCH, &format!("/api/users/{id}"), &json!({"disabled": true})).await
    };
    assert_eq!(disable(one).await.status, StatusCode::OK);
    assert_eq!(disable(two).await.code(), "last_administrator", "a disabled one does not count");
}

#[tokio::test]
async fn an_administrator_sees_when_and_from_where_somebody_signed_in() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    let id = harness.user("ada", Role::Viewer).await;
    harness.login("ada").await;
    harness.login("ada").await;
    let sessions = harness.json(&format!("/api/users/{id}/sessions"), &admin).await;
    assert_eq!(sessions["items"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&sessions["items"][0]["remoteAddr"], &sessions["items"][0]["current"]),
        (&json!("127.0.0.1"), &json!(false))
    );
    let users = harness.json("/api/users", &admin).await;
    assert_eq!(users["items"][0]["lastSignInAt"], json!(START));
    let unknown = harness.get("/api/users/01890a5d-ac96-774b-bcce-b302099a8057/sessions", &admin).await;
    assert_eq!(unknown.code(), "not_found");
}

async fn write(harness: &Harness, token: &str, method: Method, path: &str, body: &Value) -> Answer {
    send(harness.request(method, path).bearer_auth(token).json(body)).await
}

//! The authorization matrix: every route of the API document with every kind of credential, role, scope and tenant. What is
//! expected follows from the policy that stands in the document, so that a new route is covered by being there.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use muster_model::{Role, Scope, TenantId};
use muster_store::{NewToken, UserChange};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    harness::{Harness, PASSWORD, START, send},
    oidc::Site,
    policy::{Route, routes},
};

/// What the guard of a route says to a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It lets the request through; what the handler then makes of it does not matter here.
    Admitted,
    /// 401.
    Unknown,
    /// 403.
    Insufficient,
}

/// What a credential that holds is good for.
#[derive(Debug, Clone)]
struct Power {
    scopes: BTreeSet<Scope>,
    is_session: bool,
}

/// A credential of one kind.
#[derive(Debug, Clone)]
struct Credential {
    kind: String,
    presented: Presented,
    /// `None` for one that is as good as none.
    power: Option<Power>,
}

#[derive(Debug, Clone)]
enum Presented {
    Nothing,
    Bearer(String),
    ApiKey(String),
    /// A browser that signs in anew for each request, since some requests end its session.
    SignIn(&'static str),
    Cookie(String),
}

#[tokio::test]
async fn every_route_judges_every_credential_as_its_policy_says() {
    // D-4, D-19, D-22 and the credential table.
    let site = Site::start().await;
    let credentials = credentials(&site).await;
    let routes = routes();
    for route in &routes {
        for credential in &credentials {
            let verdict = judge(&site.harness, route, credential).await;
            let expected = expected(route, credential);
            assert_eq!(verdict, expected, "{} {} with {}", route.method, route.path, credential.kind);
        }
    }
    assert!(routes.len() >= 50 && credentials.len() >= 35, "{} × {}", routes.len(), credentials.len());
}

#[tokio::test]
async fn a_foreign_tenant_sees_and_changes_nothing_of_ours() {
    // D-4
    let harness = Harness::start().await;
    let user = harness.user("ada", Role::Admin).await;
    let (token, _) = harness.token_with(Role::Viewer, Role::Viewer.scopes(), None).await;
    harness.login("ada").await;
    let stranger = foreign_token(&harness).await;
    for path in ["/api/users", "/api/tokens", "/api/audit", "/api/resources", "/api/resources/timeline"] {
        let text = harness.get(path, &stranger).await.text;
        for ours in [user.to_string(), token.to_string(), "ada".to_owned()] {
            assert!(!text.contains(&ours), "{path}: {text}");
        }
    }
    for (method, path) in [
        (Method::DELETE, format!("/api/users/{user}")),
        (Method::PATCH, format!("/api/users/{user}")),
        (Method::GET, format!("/api/users/{user}/sessions")),
        (Method::DELETE, format!("/api/users/{user}/sessions")),
        (Method::DELETE, format!("/api/users/{user}/second-factor")),
        (Method::DELETE, format!("/api/tokens/{token}")),
        (Method::POST, format!("/api/tokens/{token}/rotate")),
    ] {
        let body = if method == Method::POST { json!({"overlapSeconds": 0}) } else { json!({}) };
        let answer = send(harness.request(method.clone(), &path).bearer_auth(&stranger).json(&body)).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_FOUND, "not_found"), "{method} {path}");
    }
    assert_eq!(harness.try_login("ada", PASSWORD).await.status, StatusCode::OK, "the user is as it was");
}

fn expected(route: &Route, credential: &Credential) -> Verdict {
    match (route.policy.as_str(), &credential.power) {
        ("public", _) => Verdict::Admitted,
        (_, None) => Verdict::Unknown,
        ("session", Some(power)) if power.is_session => Verdict::Admitted,
        ("session", Some(_)) => Verdict::Insufficient,
        // A session is for the application's own paths (the credential table).
        (_, Some(power)) if power.is_session && !["/api/", "/ws"].iter().any(|it| route.path.starts_with(it)) => {
            Verdict::Insufficient
        }
        (scope, Some(power)) => {
            let scope: Scope = scope.parse().expect("any other policy is a scope");
            if power.scopes.contains(&scope) { Verdict::Admitted } else { Verdict::Insufficient }
        }
    }
}

async fn judge(harness: &Harness, route: &Route, credential: &Credential) -> Verdict {
    let mut answer = send(present(harness, route, &credential.presented).await).await;
    while answer.status == StatusCode::TOO_MANY_REQUESTS {
        harness.pass(SignedDuration::from_secs(1));
        answer = send(present(harness, route, &credential.presented).await).await;
    }
    let is_problem = answer.headers.get("content-type").is_some_and(|it| it == "application/problem+json");
    let code = if is_problem { answer.code() } else { String::new() };
    match code.as_str() {
        "unauthenticated" => Verdict::Unknown,
        "forbidden" => Verdict::Insufficient,
        _ => Verdict::Admitted,
    }
}

async fn present(harness: &Harness, route: &Route, presented: &Presented) -> RequestBuilder {
    let request = harness.request(route.method.clone(), &route.path);
    match presented {
        Presented::Nothing => request,
        Presented::Bearer(token) => request.bearer_auth(token),
        Presented::ApiKey(token) => request.header("x-api-key", token),
        Presented::Cookie(cookie) => request.header("cookie", cookie),
        Presented::SignIn(name) => harness.login(name).await.request(harness, route.method.clone(), &route.path),
    }
}

async fn credentials(site: &Site) -> Vec<Credential> {
    let mut all = vec![dead("nothing", Presented::Nothing)];
    all.extend(tokens(&site.harness).await);
    all.extend(sessions(&site.harness).await);
    all.extend(provider_tokens(site));
    let strangers = ["mst_wrong", "mck_collector", "mag_agent", "", "eyJhbGciOiJub25lIn0.e30."];
    for stranger in strangers {
        all.push(dead(&format!("the bearer `{stranger}`"), Presented::Bearer(stranger.to_owned())));
        all.push(dead(&format!("the key `{stranger}`"), Presented::ApiKey(stranger.to_owned())));
    }
    all
}

async fn tokens(harness: &Harness) -> Vec<Credential> {
    let mut all = Vec::new();
    for role in Role::ALL {
        let (_, token) = harness.token_with(*role, role.scopes(), None).await;
        all.push(alive(&format!("a token of {role}"), Presented::Bearer(token.clone()), role.scopes(), false));
        all.push(alive(&format!("a key of {role}"), Presented::ApiKey(token.clone()), role.scopes(), false));
        all.push(dead("a token as a cookie", Presented::Cookie(format!("muster_session={token}"))));
    }
    for scope in Scope::ALL {
        let scopes: BTreeSet<Scope> = [*scope].into();
        let (_, token) = harness.token_with(Role::Viewer, scopes.clone(), None).await;
        all.push(alive(&format!("a token for {scope} alone"), Presented::Bearer(token), scopes, false));
    }
    all.extend(dead_tokens(harness).await);
    let everything = Role::Admin.scopes();
    all.push(alive("a token of another tenant", Presented::Bearer(foreign_token(harness).await), everything, false));
    all
}

async fn dead_tokens(harness: &Harness) -> Vec<Credential> {
    let everything = Role::Admin.scopes();
    let soon = START + SignedDuration::from_secs(1);
    let (_, expired) = harness.token_with(Role::Admin, everything.clone(), Some(soon)).await;
    let (id, revoked) = harness.token_with(Role::Admin, everything.clone(), None).await;
    harness.store.token_revoke(&TenantId::DEFAULT, id, START).await.unwrap();
    let (id, rotated) = harness.token_with(Role::Admin, everything, None).await;
    harness.store.token_rotate(&TenantId::DEFAULT, id, &[7; 32], soon).await.unwrap();
    harness.pass(SignedDuration::from_secs(1));
    [("an expired token", expired), ("a revoked token", revoked), ("a secret before its rotation", rotated)]
        .map(|(kind, token)| dead(kind, Presented::Bearer(token)))
        .into()
}

async fn sessions(harness: &Harness) -> Vec<Credential> {
    let mut all = Vec::new();
    for (name, role) in [("vera", Role::Viewer), ("otto", Role::Operator), ("ada", Role::Admin), ("ben", Role::Admin)] {
        harness.user(name, role).await;
        if name != "ben" {
            all.push(alive(&format!("a session of {role}"), Presented::SignIn(name), role.scopes(), true));
        }
    }
    let ended = harness.login("ben").await;
    let user = harness.store.user_by_name(&TenantId::DEFAULT, "ben").await.unwrap().unwrap();
    let disable = UserChange { disabled_at: Some(Some(START)), ..UserChange::default() };
    harness.store.user_update(&TenantId::DEFAULT, user.id, &disable).await.unwrap();
    all.push(dead("a session of a disabled user", Presented::Cookie(ended.cookie)));
    all.push(dead("a planted cookie", Presented::Cookie("muster_session=planted".to_owned())));
    all
}

fn provider_tokens(site: &Site) -> Vec<Credential> {
    let person = |group: &str| json!({"sub": format!("person of {group}"), "groups": [group]});
    let mut all: Vec<Credential> = [("staff", Role::Viewer), ("ops", Role::Operator), ("root", Role::Admin)]
        .map(|(group, role)| {
            let token = Presented::Bearer(site.provider.bearer(&person(group)));
            alive(&format!("a provider's token of {role}"), token, role.scopes(), false)
        })
        .into();
    let past = START.as_second() - 120;
    for (kind, claims) in [
        ("a provider's token for another", json!({"aud": "another", "groups": ["root"]})),
        ("an expired token of the provider", json!({"exp": past, "groups": ["root"]})),
        ("another provider's token", json!({"iss": "https://evil.example", "groups": ["root"]})),
    ] {
        all.push(dead(kind, Presented::Bearer(site.provider.bearer(&claims))));
    }
    all
}

/// A token that may everything, of a tenant that is not ours.
pub(crate) async fn foreign_token(harness: &Harness) -> String {
    let secret = "mst_of_another_tenant".to_owned();
    let token = NewToken {
        id: uuid::Uuid::from_u128(1),
        name: "foreign".to_owned(),
        token_hash: Sha256::digest(secret.as_bytes()).into(),
        role: Role::Admin,
        scopes: Role::Admin.scopes(),
        created_at: START,
        expires_at: None,
        created_by: "test".to_owned(),
    };
    harness.store.token_insert(&"other".parse().unwrap(), &token).await.unwrap();
    secret
}

fn alive(kind: &str, presented: Presented, scopes: BTreeSet<Scope>, is_session: bool) -> Credential {
    Credential { kind: kind.to_owned(), presented, power: Some(Power { scopes, is_session }) }
}

fn dead(kind: &str, presented: Presented) -> Credential {
    Credential { kind: kind.to_owned(), presented, power: None }
}

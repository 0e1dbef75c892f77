//! Every route of the API document refuses whom its policy refuses. Generated from the document, so that no route can be
//! forgotten.

use crate::harness::{Harness, PASSWORD, START, send};
use jiff::SignedDuration;
use muster_model::{Role, Scope};
use muster_server::openapi::openapi;
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// A route as the document describes it.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) policy: String,
}

#[tokio::test]
async fn every_route_refuses_strangers_and_wrong_credentials() {
    let harness = Harness::start().await;
    let gone = expired_and_revoked(&harness).await;
    for route in guarded_routes() {
        // D-19, D-22 and the credential table: keys of collectors and agents are strangers here.
        let mut wrong = vec!["mst_wrong".to_owned(), "mck_collector".to_owned(), "mag_agent".to_owned(), String::new()];
        wrong.extend(gone.clone());
        assert_refused(&harness, &route, None, StatusCode::UNAUTHORIZED).await;
        for credential in wrong {
            assert_refused(&harness, &route, Some(&credential), StatusCode::UNAUTHORIZED).await;
        }
    }
}

#[tokio::test]
async fn every_route_refuses_a_lesser_credential() {
    let harness = Harness::start().await;
    for route in guarded_routes() {
        let lesser = match route.policy.parse::<Scope>() {
            Ok(scope) => Role::Admin.scopes().into_iter().filter(|other| *other != scope).collect(),
            // A token has no session, whatever it may do.
            Err(_) => Role::Admin.scopes(),
        };
        let (_, token) = harness.token_with(Role::Admin, lesser, None).await;
        assert_refused(&harness, &route, Some(&token), StatusCode::FORBIDDEN).await;
    }
}

#[tokio::test]
async fn every_route_refuses_an_expired_session() {
    let harness = Harness::start().await;
    harness.user("ada", Role::Admin).await;
    let browser = harness.login("ada").await;
    harness.pass(SignedDuration::from_hours(13));
    for route in guarded_routes() {
        let answer = send(browser.request(&harness, route.method.clone(), &route.path)).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "unauthenticated"), "{route:?}");
    }
}

#[tokio::test]
async fn every_route_that_writes_refuses_a_cookie_without_csrf_token() {
    // D-22
    let harness = Harness::start().await;
    harness.user("ada", Role::Admin).await;
    let browser = harness.login("ada").await;
    for route in guarded_routes().into_iter().filter(|route| !route.method.is_safe()) {
        let bare = harness.request(route.method.clone(), &route.path).header("cookie", &browser.cookie);
        let answer = send(bare).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "csrf_failed"), "{route:?}");
        let foreign =
            browser.request(&harness, route.method.clone(), &route.path).header("origin", "http://evil.example");
        let answer = send(foreign).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "csrf_failed"), "{route:?}");
    }
    assert_eq!(harness.try_login("ada", PASSWORD).await.status, StatusCode::OK, "the user must have survived");
}

#[tokio::test]
async fn the_right_scope_is_enough() {
    let harness = Harness::start().await;
    for route in guarded_routes() {
        let Ok(scope) = route.policy.parse::<Scope>() else { continue };
        let (_, token) = harness.token_with(Role::Viewer, [scope].into(), None).await;
        let answer = send(harness.request(route.method.clone(), &route.path).bearer_auth(token)).await;
        let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status);
        assert!(!refused, "{route:?}: {}", answer.text);
    }
}

#[tokio::test]
async fn every_route_refuses_other_methods() {
    let harness = Harness::start().await;
    let routes = routes();
    for route in &routes {
        let taken: Vec<_> = routes.iter().filter(|other| other.path == route.path).map(|other| &other.method).collect();
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            if taken.contains(&&method) {
                continue;
            }
            let answer = send(harness.request(method.clone(), &route.path)).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {}", route.path);
            assert_eq!(answer.code(), "method_not_allowed");
            assert!(answer.headers.contains_key("allow"));
        }
    }
}

#[tokio::test]
async fn unlisted_paths_are_not_found() {
    let harness = Harness::start().await;
    let token = harness.token(Role::Admin).await;
    for path in ["/api", "/api/", "/api/nothing", "/api/resources/", "/v1/anything", "/ws/x", "/API/resources"] {
        for credential in ["", &token] {
            let answer = harness.get(path, credential).await;
            assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_FOUND, "route_not_found"), "{path}");
        }
    }
}

#[test]
fn public_routes_are_few_and_say_why() {
    let public: Vec<String> =
        routes().into_iter().filter(|route| route.policy == "public").map(|route| route.path).collect();
    assert_eq!(
        public,
        ["/api/login", "/api/oidc/callback", "/api/oidc/login", "/api/session", "/api/setup", "/healthz", "/readyz"]
    );
}

async fn expired_and_revoked(harness: &Harness) -> Vec<String> {
    let soon = START + SignedDuration::from_secs(1);
    let (_, expired) = harness.token_with(Role::Admin, Role::Admin.scopes(), Some(soon)).await;
    let (id, revoked) = harness.token_with(Role::Admin, Role::Admin.scopes(), None).await;
    let admin = harness.token(Role::Admin).await;
    let revoke = harness.request(Method::DELETE, &format!("/api/tokens/{id}")).bearer_auth(admin);
    assert_eq!(send(revoke).await.status, StatusCode::NO_CONTENT);
    harness.pass(SignedDuration::from_secs(1));
    vec![expired, revoked]
}

async fn assert_refused(harness: &Harness, route: &Route, credential: Option<&str>, status: StatusCode) {
    let request = || harness.request(route.method.clone(), &route.path);
    let requests = match credential {
        None => vec![request()],
        Some(token) => vec![
            request().bearer_auth(token),
            request().header("x-api-key", token),
            request().header("cookie", format!("muster_session={token}")),
        ],
    };
    // A token in a cookie is no session: never more than a stranger.
    for (place, request) in requests.into_iter().enumerate() {
        let expected = if place == 2 { StatusCode::UNAUTHORIZED } else { status };
        let answer = send(request).await;
        assert_eq!(answer.status, expected, "{route:?} with {credential:?}: {}", answer.text);
        let code = if expected == StatusCode::UNAUTHORIZED { "unauthenticated" } else { "forbidden" };
        assert_eq!(answer.code(), code);
        assert_eq!(answer.headers.contains_key("www-authenticate"), expected == StatusCode::UNAUTHORIZED);
    }
}

fn guarded_routes() -> Vec<Route> {
    routes().into_iter().filter(|route| route.policy != "public").collect()
}

pub(crate) fn routes() -> Vec<Route> {
    let document = serde_json::to_value(openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let routes: Vec<Route> = paths.iter().flat_map(|(path, item)| operations(path, item)).collect();
    assert!(routes.len() >= 28, "the document lost routes: {routes:?}");
    routes
}

fn operations(path: &str, item: &Value) -> Vec<Route> {
    let id = if path.starts_with("/api/resources") {
        "agent-0123456789abcdef"
    } else {
        "01890a5d-ac96-774b-bcce-b302099a8057"
    };
    let operation = |(method, operation): (&String, &Value)| Route {
        method: method.to_uppercase().parse().unwrap(),
        path: path.replace("{id}", id),
        policy: operation["x-muster-scope"].as_str().expect("every operation has a policy").to_owned(),
    };
    item.as_object().unwrap().iter().map(operation).collect()
}

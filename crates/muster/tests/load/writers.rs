//! Writers: tokens, views and users are made, changed and removed, again and again.

use std::{sync::Arc, time::Duration};

use muster_runtime::{Shutdown, Tasks};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::site::Site;

const WHO: &str = "writer";

/// Starts one of each.
pub(crate) fn start(site: &Arc<Site>, tasks: &Tasks) {
    let end = || (Arc::clone(site), tasks.shutdown().clone());
    let (site, stop) = end();
    tasks.spawn("writer of tokens", async move { repeat(&site, &stop, 300, tokens).await });
    let (site, stop) = end();
    tasks.spawn("writer of views", async move { repeat(&site, &stop, 200, views).await });
    let (site, stop) = end();
    tasks.spawn("writer of users", async move { repeat(&site, &stop, 2000, users).await });
}

/// Rounds with a pause in milliseconds between them. Each has a number of its own, for names.
async fn repeat(site: &Site, end: &Shutdown, pause: u64, round: impl AsyncFn(&Site, u64)) {
    let mut number = 0;
    while !end.begun() {
        round(site, number).await;
        number += 1;
        site.pause(end, Duration::from_millis(pause)).await;
    }
}

async fn tokens(site: &Site, number: u64) {
    let ask = |method, path: &str| site.request(method, path).bearer_auth(&site.admin);
    let token = json!({"name": format!("soak-{number}"), "role": "viewer"});
    let Some(made) = made(site, ask(Method::POST, "/api/tokens").json(&token)).await else { return };
    let path = format!("/api/tokens/{}", made["token"]["id"].as_str().unwrap());
    let overlap = json!({"overlapSeconds": 0});
    site.expect(WHO, ask(Method::POST, &format!("{path}/rotate")).json(&overlap), 200).await;
    // The secret that was given away first no longer holds.
    let old = site.request(Method::GET, "/api/system").bearer_auth(made["secret"].as_str().unwrap());
    site.expect(WHO, old, 401).await;
    site.expect(WHO, ask(Method::DELETE, &path), 204).await;
}

async fn views(site: &Site, number: u64) {
    let (cookie, csrf) = &site.session;
    let ask = |method, path: &str| site.request(method, path).header("cookie", cookie).header("x-csrf-token", csrf);
    let name = format!("view {number}");
    let view = json!({"page": "infrastructure", "name": name, "query": "kind=host"});
    let Some(made) = made(site, ask(Method::POST, "/api/views").json(&view)).await else { return };
    let path = format!("/api/views/{}", made["id"].as_str().unwrap());
    let change = json!({"name": name, "query": "", "shared": true, "default": false, "version": made["version"]});
    site.expect(WHO, ask(Method::PUT, &path).json(&change), 200).await;
    site.expect(WHO, ask(Method::DELETE, &path), 204).await;
}

async fn users(site: &Site, number: u64) {
    let ask = |method, path: &str| site.request(method, path).bearer_auth(&site.admin);
    let user = json!({"name": format!("user-{number}"), "password": "correct horse battery", "role": "viewer"});
    let Some(made) = made(site, ask(Method::POST, "/api/users").json(&user)).await else { return };
    let path = format!("/api/users/{}", made["id"].as_str().unwrap());
    site.expect(WHO, ask(Method::PATCH, &path).json(&json!({"role": "operator"})), 200).await;
    site.expect(WHO, ask(Method::DELETE, &path), 204).await;
}

async fn made(site: &Site, request: RequestBuilder) -> Option<Value> {
    let answer = site.expect(WHO, request, 201).await?;
    (answer.status() == 201).then_some(answer)?.json().await.ok()
}

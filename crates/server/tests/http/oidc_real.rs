//! The same against a real OpenID provider, which a test starts on loopback (`scripts/identity-provider`): discovery, RSA
//! keys, its login and consent forms, and its tokens are its own.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use muster_model::Role;
use muster_runtime::{Clock, SystemClock};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    harness::{Browser, Harness, send},
    identity_provider::identity_provider,
};

/// Redirects and forms of one sign-in are fewer.
const MOST_STEPS: usize = 20;

#[tokio::test]
async fn a_real_provider_signs_people_in() {
    let (harness, _provider) = site().await;
    let arrived = visit(&harness, "ada+staff+ops").await;
    let browser = arrived.browser(&harness).await;
    let user = browser.get(&harness, "/api/session").await.json()["user"].clone();
    assert_eq!((&user["name"], &user["role"]), (&json!("ada"), &json!("operator")));
    assert!(user["providerLogoutUrl"].as_str().unwrap().contains("/session/end?client_id=muster"), "{user}");
    let admin = harness.token(Role::Admin).await;
    let status = harness.json("/api/oidc", &admin).await["provider"].clone();
    assert_eq!((&status["keys"], &status["lastError"]), (&json!(1), &json!(null)), "{status}");
}

#[tokio::test]
async fn a_real_provider_vouches_for_somebody_without_a_role() {
    let (harness, _provider) = site().await;
    assert_eq!(visit(&harness, "eve+guests").await.location, "/login?problem=no_role");
}

/// Where a visit ended, with the cookies of this server.
struct Arrived {
    location: String,
    cookies: BTreeMap<String, String>,
}

impl Arrived {
    async fn browser(&self, harness: &Harness) -> Browser {
        assert_eq!(self.location, "/");
        let cookie = format!("muster_session={}", self.cookies["muster_session"]);
        let browser = Browser { cookie, csrf: String::new() };
        assert_eq!(browser.get(harness, "/api/system").await.status, StatusCode::OK);
        browser
    }
}

/// Does what a browser and a person do: follows, remembers cookies, fills in the name, agrees.
async fn visit(harness: &Harness, name: &str) -> Arrived {
    let ours = harness.url("");
    let mut jars: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut next = (Method::GET, harness.url("/api/oidc/login"), None);
    for _ in 0..MOST_STEPS {
        let (method, url, form) = next;
        let origin = url.split('/').take(3).collect::<Vec<_>>().join("/");
        let jar = jars.entry(origin.clone()).or_default();
        let cookies = jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let mut request = harness.http.request(method, &url).header("cookie", cookies);
        if let Some(form) = form {
            request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        }
        let answer = send(request).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            jar.insert(name.to_owned(), value.to_owned());
        }
        next = match answer.headers.get("location") {
            Some(location) => {
                let location = location.to_str().unwrap();
                let landed = origin == ours && url.contains("/api/oidc/callback");
                if landed || location.starts_with("/login?") {
                    return Arrived { location: location.to_owned(), cookies: jars.remove(&ours).unwrap() };
                }
                let absolute =
                    if location.starts_with('/') { format!("{origin}{location}") } else { location.to_owned() };
                (Method::GET, absolute, None)
            }
            None => fill_in(&answer.text, &url, name),
        };
    }
    panic!("the provider does not come to an end");
}

/// The provider's form, as somebody fills it in who says who they are and agrees to everything.
fn fill_in(page: &str, url: &str, name: &str) -> (Method, String, Option<String>) {
    let action = page.split("action=\"").nth(1).unwrap_or_else(|| panic!("{url} is no form: {page}"));
    let action = action.split('"').next().unwrap().to_owned();
    let prompt = page.split("name=\"prompt\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = format!("prompt={prompt}&login={}&password=anything", name.replace('+', "%2B"));
    (Method::POST, action, Some(form))
}

/// A server with the real provider behind it. Time is real, since the provider's is.
async fn site() -> (Harness, RealProvider) {
    let mut started = None;
    let harness = Harness::start_with(
        SystemClock::new().now(),
        |_| {},
        |address, clock| {
            let provider = RealProvider::start(&format!("http://{address}/api/oidc/callback"));
            let (issuer, address) = (provider.issuer.clone(), format!("http://{address}"));
            started = Some(provider);
            Some(identity_provider(&issuer, &address, clock, "muster", "a secret with spaces & signs"))
        },
    );
    let harness = harness.await;
    (harness, started.expect("the provider was started"))
}

/// The provider's process.
struct RealProvider {
    process: Child,
    issuer: String,
}

impl RealProvider {
    fn start(redirect_uri: &str) -> Self {
        let scripts = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scripts");
        let mut process = Command::new(scripts.join("with-node"))
            .args(["node", "provider.js", redirect_uri])
            .current_dir(scripts.join("identity-provider"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut issuer = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut issuer).unwrap();
        assert!(issuer.starts_with("http://"), "the provider did not start; run `make setup`");
        Self { process, issuer: issuer.trim().to_owned() }
    }
}

impl Drop for RealProvider {
    fn drop(&mut self) {
        // It ends with its input; killing it makes sure.
        drop(self.process.stdin.take());
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

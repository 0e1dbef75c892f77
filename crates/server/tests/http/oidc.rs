//! Signing in through an identity provider, and its tokens as a credential: what works, and everything that must not.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use muster_model::{Role, TenantId};
use muster_runtime::{ManualClock, Shutdown, Tasks};
use muster_server::{CALLBACK_PATH, OutboundTransport};
use muster_testkit::oidc::{CLIENT_ID, CLIENT_SECRET, Fault, Forgery, OidcProvider, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Browser, Harness, START, send},
    identity_provider::identity_provider,
};

/// A server with an identity provider.
pub(crate) struct Site {
    pub(crate) harness: Harness,
    pub(crate) provider: OidcProvider,
    clock: ManualClock,
    tasks: Tasks,
}

/// A browser on its way: the cookie that it holds, and where it was sent.
struct Trip {
    ticket: String,
    to: String,
}

#[tokio::test]
async fn somebody_signs_in_and_comes_back_to_where_they_were() {
    let site = Site::start().await;
    let trip = site.leave("/api/oidc/login?next=/charts?range=1h").await;
    let back = site.at_provider(&trip).await;
    let answer = site.come_back(&trip, &back).await;
    assert_eq!(answer.headers["location"], "/charts?range=1h");
    let browser = site.browser(&answer).await;
    let session = browser.get(&site.harness, "/api/session").await.json();
    assert_eq!((&session["user"]["name"], &session["user"]["role"]), (&json!("ada"), &json!("viewer")));
    let logout = session["user"]["providerLogoutUrl"].as_str().unwrap();
    assert!(logout.starts_with(&format!("{}/end?client_id=muster&post_logout", site.provider.issuer())), "{logout}");
    assert_eq!(browser.get(&site.harness, "/api/system").await.status, StatusCode::OK);
    let admin = site.harness.token(Role::Admin).await;
    let users = site.harness.json("/api/users", &admin).await;
    assert_eq!(users["items"][0]["provider"], json!(site.provider.issuer()));
    assert_eq!(site.provider.asked(Part::Description), 1, "the description is kept");
}

#[tokio::test]
async fn the_login_page_learns_of_the_provider() {
    let site = Site::start().await;
    let session = site.harness.get("/api/session", "").await.json();
    assert_eq!(session["provider"], json!({"label": "Company", "url": "/api/oidc/login"}));
    let plain = Harness::start().await;
    assert!(plain.get("/api/session", "").await.json()["provider"].is_null());
    let answer = send(plain.request(Method::GET, "/api/oidc/login")).await;
    assert_eq!(answer.headers["location"], "/login?problem=not_configured");
}

#[tokio::test]
async fn groups_make_the_role_and_no_group_stays_out() {
    let site = Site::start().await;
    site.person(json!({"sub": "p", "groups": ["staff", "ops", "other"]}));
    assert_eq!(site.role().await, "operator");
    site.person(json!({"sub": "p", "groups": ["root", "staff"]}));
    assert_eq!(site.role().await, "admin");
    site.person(json!({"sub": "p", "groups": ["staff"]}));
    assert_eq!(site.role().await, "viewer", "what the provider takes away is gone");
    for groups in [json!([]), json!(["Staff"]), json!("other"), Value::Null] {
        site.person(json!({"sub": "p", "groups": groups}));
        assert_eq!(site.problem().await, "no_role");
    }
}

#[tokio::test]
async fn who_loses_the_last_role_loses_what_is_open() {
    // D-22
    let site = Site::start().await;
    let browser = site.sign_in().await;
    site.person(json!({"sub": "person-1", "groups": []}));
    assert_eq!(site.problem().await, "no_role");
    assert_eq!(browser.get(&site.harness, "/api/system").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_that_is_not_right_lets_nobody_in() {
    let site = Site::start().await;
    let now = START.as_second();
    for claims in [
        json!({"iss": "https://evil.example"}),
        json!({"aud": "another client"}),
        json!({"aud": [CLIENT_ID, "another client"]}),
        json!({"aud": [CLIENT_ID, "another client"], "azp": "another client"}),
        json!({"azp": "another client"}),
        json!({"exp": now - 61}),
        json!({"exp": null}),
        json!({"nbf": now + 120}),
        json!({"iat": now + 120}),
        json!({"nonce": "another attempt"}),
        json!({"nonce": null}),
        json!({"sub": ""}),
        json!({"sub": null}),
    ] {
        site.provider.claim(claims.clone());
        assert_eq!(site.problem().await, "token_refused", "{claims}");
    }
    site.provider.claim(json!({}));
    for forgery in [Forgery::Unsigned, Forgery::PublicKeyAsSecret, Forgery::StrangersKey, Forgery::AnotherMessage] {
        site.provider.forge(forgery);
        assert_eq!(site.problem().await, "token_refused", "{forgery:?}");
    }
    site.provider.forge(Forgery::None);
    assert_eq!(site.role().await, "viewer", "an honest token still does");
    let admin = site.harness.token(Role::Admin).await;
    let users = site.harness.json("/api/users", &admin).await;
    assert_eq!(users["items"].as_array().unwrap().len(), 1, "none of the others made a user");
    let status = site.harness.json("/api/oidc", &admin).await;
    let last = status["provider"]["lastError"]["message"].as_str().unwrap();
    assert!(last.contains("signature") && !last.contains("eyJ"), "{last}");
}

#[tokio::test]
async fn an_attempt_belongs_to_one_browser_and_works_once() {
    let site = Site::start().await;
    let (trip, other) = (site.leave("/api/oidc/login").await, site.leave("/api/oidc/login").await);
    let back = site.at_provider(&trip).await;
    let strangers = Trip { ticket: other.ticket.clone(), to: String::new() };
    let without = Trip { ticket: String::new(), to: String::new() };
    for thief in [&strangers, &without] {
        assert_eq!(problem(&site.come_back(thief, &back).await), "attempt_lost");
    }
    let answer = site.come_back(&trip, &back).await;
    assert_eq!(answer.headers["location"], "/", "the owner's attempt was not used up by thieves");
    assert_eq!(problem(&site.come_back(&trip, &back).await), "attempt_lost");
    for back in ["", "?state=x&code=y", "?code=code-1", "?state=a&state=b"] {
        let back = format!("{CALLBACK_PATH}{back}");
        assert_eq!(problem(&site.come_back(&trip, &back).await), "attempt_lost", "{back}");
    }
}

#[tokio::test]
async fn an_attempt_ends_after_ten_minutes() {
    let site = Site::start().await;
    let trip = site.leave("/api/oidc/login").await;
    let back = site.at_provider(&trip).await;
    site.pass(SignedDuration::from_mins(10));
    assert_eq!(problem(&site.come_back(&trip, &back).await), "attempt_lost");
}

#[tokio::test]
async fn a_code_is_worth_nothing_without_its_attempt() {
    // PKCE: the provider gives a token only to whoever has the verifier.
    let site = Site::start().await;
    let (one, two) = (site.leave("/api/oidc/login").await, site.leave("/api/oidc/login").await);
    assert!(one.to.contains("code_challenge_method=S256") && one.to.contains("code_challenge="), "{}", one.to);
    let (stolen, own) = (site.at_provider(&one).await, site.at_provider(&two).await);
    let code = |back: &str| back.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let injected = own.replace(&code(&own), &code(&stolen));
    assert_eq!(problem(&site.come_back(&two, &injected).await), "provider_refused");
}

#[tokio::test]
async fn another_provider_cannot_answer() {
    // RFC 9207
    let site = Site::start().await;
    let trip = site.leave("/api/oidc/login").await;
    let back = site.at_provider(&trip).await;
    let (rest, _) = back.split_once("&iss=").unwrap();
    let forged = format!("{rest}&iss=https%3A%2F%2Fevil.example");
    assert_eq!(problem(&site.come_back(&trip, &forged).await), "attempt_lost");
}

#[tokio::test]
async fn a_refusal_of_the_provider_is_told_without_its_text() {
    let site = Site::start().await;
    let trip = site.leave("/api/oidc/login").await;
    let back = site.at_provider(&trip).await;
    let state = back.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let refused = format!("{CALLBACK_PATH}?state={state}&error=access_denied%0d%0aX&error_description=evil");
    let answer = site.come_back(&trip, &refused).await;
    assert_eq!(problem(&answer), "provider_refused");
    let admin = site.harness.token(Role::Admin).await;
    let status = site.harness.json("/api/oidc", &admin).await.to_string();
    assert!(status.contains("access_denied") && !status.contains("evil"), "{status}");
}

#[tokio::test]
async fn a_provider_that_is_away_or_mad_is_said_so() {
    for (part, fault, expected) in [
        (Part::Description, Fault::Status(503), "provider_unreachable"),
        (Part::Description, Fault::Garbage, "provider_misconfigured"),
        (Part::Keys, Fault::Status(500), "provider_unreachable"),
        (Part::Keys, Fault::Garbage, "provider_misconfigured"),
        (Part::Token, Fault::Status(500), "provider_misconfigured"),
        (Part::Token, Fault::Garbage, "provider_misconfigured"),
    ] {
        let site = Site::start().await;
        site.provider.fail(part, fault);
        assert_eq!(site.problem().await, expected, "{part:?} {fault:?}");
        site.provider.fail(part, Fault::None);
        site.pass(SignedDuration::from_secs(31));
        assert_eq!(site.role().await, "viewer", "{part:?} {fault:?}: it recovers by itself");
    }
}

#[tokio::test]
async fn a_provider_that_never_answers_is_given_up() {
    let site = Site::start().await;
    for (part, expected) in [(Part::Token, "provider_unreachable"), (Part::Keys, "provider_unreachable")] {
        let trip = site.leave("/api/oidc/login").await;
        let back = site.at_provider(&trip).await;
        site.provider.fail(part, Fault::Silence);
        let before = site.provider.asked(part);
        let passing = async {
            while site.provider.asked(part) == before {
                tokio::task::yield_now().await;
            }
            // As long as the provider is waited for and no longer, or the whole request might run out of time.
            site.harness.clock.advance(OutboundTransport::LIMITS.total);
        };
        let (answer, ()) = tokio::join!(site.come_back(&trip, &back), passing);
        assert_eq!(problem(&answer), expected, "{part:?}");
        site.provider.fail(part, Fault::None);
    }
}

#[tokio::test]
async fn a_provider_that_describes_itself_wrongly_is_not_followed() {
    for description in [
        json!({"issuer": "https://evil.example"}),
        json!({"jwks_uri": "file:///etc/passwd"}),
        json!({"token_endpoint": "http://evil.example/token"}),
        json!({"code_challenge_methods_supported": ["plain"]}),
        json!({"authorization_endpoint": null}),
    ] {
        let site = Site::start().await;
        site.provider.describe_as(description.clone());
        let answer = send(site.harness.request(Method::GET, "/api/oidc/login")).await;
        assert_eq!(problem(&answer), "provider_misconfigured", "{description}");
    }
}

#[tokio::test]
async fn keys_rotate_and_a_flood_of_unknown_keys_costs_one_question() {
    let site = Site::start().await;
    assert_eq!(site.role().await, "viewer");
    site.pass(SignedDuration::from_secs(30));
    site.provider.rotate("key-2", true);
    assert_eq!(site.role().await, "viewer", "a new key is looked for at once");
    assert_eq!(site.provider.asked(Part::Keys), 2);
    site.pass(SignedDuration::from_secs(30));
    site.provider.rotate("key-3", false);
    let unknown = site.provider.bearer(&json!({}));
    site.provider.fail(Part::Keys, Fault::Status(500));
    for _ in 0..50 {
        assert_eq!(site.harness.get("/api/system", &unknown).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(site.provider.asked(Part::Keys), 3);
    site.provider.fail(Part::Keys, Fault::None);
    site.pass(SignedDuration::from_secs(30));
    assert_eq!(site.harness.get("/api/system", &unknown).await.status, StatusCode::OK);
    assert_eq!(site.provider.asked(Part::Keys), 4);
}

#[tokio::test]
async fn a_withdrawn_key_stops_counting_within_the_hour() {
    let site = Site::start().await;
    let claims = json!({"exp": START.as_second() + 7200});
    let token = site.provider.bearer(&claims);
    assert_eq!(site.harness.get("/api/system", &token).await.status, StatusCode::OK);
    site.provider.rotate("key-2", false);
    site.pass(SignedDuration::from_mins(60));
    assert_eq!(site.harness.get("/api/system", &token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_disabled_user_stays_out() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let bearer = site.provider.bearer(&json!({}));
    assert_eq!(site.harness.get("/api/system", &bearer).await.status, StatusCode::OK);
    let id = browser.get(&site.harness, "/api/session").await.json()["user"]["id"].as_str().unwrap().to_owned();
    let admin = site.harness.token(Role::Admin).await;
    let disable = async |disabled: bool| {
        let request = site.harness.request(Method::PATCH, &format!("/api/users/{id}"));
        send(request.bearer_auth(&admin).json(&json!({"disabled": disabled}))).await.status
    };
    assert_eq!(disable(true).await, StatusCode::OK);
    assert_eq!(browser.get(&site.harness, "/api/system").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.harness.get("/api/system", &bearer).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.problem().await, "account_disabled");
    assert_eq!(disable(false).await, StatusCode::OK);
    assert_eq!(site.role().await, "viewer");
}

#[tokio::test]
async fn nobody_becomes_a_local_user_by_name_or_address() {
    let site = Site::start().await;
    let local = site.harness.user("ada", Role::Admin).await;
    site.person(json!({"sub": "p", "preferred_username": "ADA", "email": "ada", "groups": ["staff"]}));
    let browser = site.sign_in().await;
    let user = browser.get(&site.harness, "/api/session").await.json()["user"].clone();
    assert_ne!(user["id"], json!(local));
    assert_eq!((&user["name"], &user["role"]), (&json!("ADA (2)"), &json!("viewer")));
    // The same person is the same user, whatever the name is by now.
    site.person(json!({"sub": "p", "preferred_username": "eve", "groups": ["staff"]}));
    let again = site.sign_in().await.get(&site.harness, "/api/session").await.json()["user"].clone();
    assert_eq!(again["id"], user["id"]);
    // Who comes from the provider has no password, and no second factor here.
    assert_eq!(site.harness.try_login("ADA (2)", "").await.code(), "login_failed");
    assert_eq!(site.harness.try_login("ADA (2)", "!").await.code(), "login_failed");
    let admin = site.harness.token(Role::Admin).await;
    for change in [json!({"role": "admin"}), json!({"password": "a long password"})] {
        let path = format!("/api/users/{}", user["id"].as_str().unwrap());
        let answer = send(site.harness.request(Method::PATCH, &path).bearer_auth(&admin).json(&change)).await;
        assert_eq!(answer.code(), "invalid_value", "{change}");
    }
}

#[tokio::test]
async fn the_last_local_administrator_stays_whoever_comes_from_the_provider() {
    let site = Site::start().await;
    let local = site.harness.user("root", Role::Admin).await;
    site.person(json!({"sub": "p", "groups": ["root"]}));
    assert_eq!(site.role().await, "admin");
    let admin = site.harness.token(Role::Admin).await;
    let request = site.harness.request(Method::DELETE, &format!("/api/users/{local}")).bearer_auth(&admin);
    assert_eq!(send(request).await.code(), "last_administrator");
    let request = site.harness.request(Method::PATCH, &format!("/api/users/{local}")).bearer_auth(&admin);
    assert_eq!(send(request.json(&json!({"disabled": true}))).await.code(), "last_administrator");
}

#[tokio::test]
async fn a_provider_session_ends_at_our_own_limits() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    site.pass(SignedDuration::from_hours(12));
    assert_eq!(browser.get(&site.harness, "/api/system").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.harness.store.user_count(&TenantId::DEFAULT).await.unwrap(), 1);
}

impl Site {
    pub(crate) async fn start() -> Self {
        let clock = ManualClock::at(START);
        let tasks = Tasks::new(Shutdown::new());
        let provider = OidcProvider::start(Arc::new(clock.clone()), &tasks).await;
        let issuer = provider.issuer();
        let harness = Harness::start_with(
            START,
            |_| {},
            |address, clock| {
                Some(identity_provider(&issuer, &format!("http://{address}"), clock, CLIENT_ID, CLIENT_SECRET))
            },
        );
        Self { harness: harness.await, provider, clock, tasks }
    }

    pub(crate) fn person(&self, claims: Value) {
        self.provider.person(claims);
    }

    pub(crate) fn pass(&self, time: SignedDuration) {
        self.harness.pass(time);
        self.clock.advance(Duration::try_from(time).unwrap());
    }

    /// Asks to be sent to the provider.
    async fn leave(&self, path: &str) -> Trip {
        Trip::of(&send(self.harness.request(Method::GET, path)).await)
    }

    /// Goes to the provider, and says where it sends the browser back to.
    async fn at_provider(&self, trip: &Trip) -> String {
        let answer = send(self.harness.http.get(&trip.to)).await;
        let back = answer.headers["location"].to_str().unwrap();
        back.strip_prefix(&self.harness.url("")).unwrap().to_owned()
    }

    async fn come_back(&self, trip: &Trip, back: &str) -> Answer {
        send(self.harness.request(Method::GET, back).header("cookie", &trip.ticket)).await
    }

    /// All the way.
    async fn go(&self) -> Answer {
        let answer = send(self.harness.request(Method::GET, "/api/oidc/login")).await;
        let location = answer.headers["location"].to_str().unwrap();
        if location.starts_with("/login") {
            return answer;
        }
        let trip = Trip::of(&answer);
        let back = self.at_provider(&trip).await;
        self.come_back(&trip, &back).await
    }

    pub(crate) async fn problem(&self) -> String {
        problem(&self.go().await)
    }

    pub(crate) async fn sign_in(&self) -> Browser {
        let answer = self.go().await;
        self.browser(&answer).await
    }

    /// The browser that was let in.
    async fn browser(&self, answer: &Answer) -> Browser {
        let cookies = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
        let mut session = cookies.filter(|cookie| cookie.starts_with("muster_session="));
        let cookie = session.next().unwrap_or_else(|| panic!("{:?}", answer.headers)).split(';').next().unwrap();
        let browser = Browser { cookie: cookie.to_owned(), csrf: String::new() };
        let csrf = browser.get(&self.harness, "/api/session").await.json()["csrfToken"].as_str().unwrap().to_owned();
        Browser { csrf, ..browser }
    }

    pub(crate) async fn role(&self) -> String {
        let session = self.sign_in().await.get(&self.harness, "/api/session").await.json();
        session["user"]["role"].as_str().unwrap().to_owned()
    }
}

impl Trip {
    /// The one that an answer sends a browser on.
    fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/"), "{cookie}");
        let ticket = cookie.split(';').next().unwrap().to_owned();
        Self { ticket, to: answer.headers["location"].to_str().unwrap().to_owned() }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.tasks.shutdown().begin();
    }
}

/// What the login page is told.
fn problem(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let location = answer.headers["location"].to_str().unwrap();
    location.strip_prefix("/login?problem=").unwrap_or_else(|| panic!("{location}")).to_owned()
}

//! Whom the server believes about who is asking. The test's own client plays the proxy.

use jiff::SignedDuration;
use muster_model::Role;
use muster_server::{ForwardedHeader, Hsts, Settings, TrustedProxies};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::json;

use crate::harness::{Harness, PASSWORD, send};

#[tokio::test]
async fn the_client_behind_a_trusted_proxy_is_who_is_audited() {
    let harness = Harness::with(trusting).await;
    let check = async |forwarded: &[(&str, &str)], address: &str| {
        // Within a minute refusals from one address would be told in one row.
        harness.pass(SignedDuration::from_secs(61));
        let failed = with(login(&harness, "nobody"), forwarded);
        assert_eq!(send(failed).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(last_address(&harness).await, address, "{forwarded:?}");
    };
    check(&[("x-forwarded-for", "192.0.2.9")], "192.0.2.9").await;
    check(&[("x-forwarded-for", "10.9.9.9, 192.0.2.9")], "192.0.2.9").await;
    check(&[("x-forwarded-for", "2001:db8::7")], "2001:db8::7").await;
    // The other family is not read: the proxy may pass on what a client wrote.
    check(&[("x-forwarded-for", "192.0.2.9"), ("forwarded", "for=203.0.113.1")], "192.0.2.9").await;
    check(&[("forwarded", "for=203.0.113.1")], "127.0.0.1").await;
}

#[tokio::test]
async fn the_standard_header_is_read_where_it_is_configured() {
    let harness = Harness::with(|settings| {
        trusting(settings);
        settings.changeable.trusted_proxies.header = ForwardedHeader::Standard;
    })
    .await;
    let lines =
        [("forwarded", "for=203.0.113.1, for=\"[2001:db8::7]:4711\";proto=https"), ("x-forwarded-for", "192.0.2.9")];
    send(with(login(&harness, "nobody"), &lines)).await;
    assert_eq!(last_address(&harness).await, "2001:db8::7");
}

#[tokio::test]
async fn nobody_else_is_believed() {
    let harness = Harness::with(|settings| settings.changeable.hsts = Hsts::Always).await;
    harness.user("ada", Role::Viewer).await;
    let lines = [
        ("x-forwarded-for", "192.0.2.9"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "for=192.0.2.9;proto=https;host=evil.example"),
    ];
    let answer = send(with(login(&harness, "ada"), &lines)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(answer.headers["set-cookie"].to_str().unwrap().starts_with("muster_session="));
    assert_eq!(last_address(&harness).await, "127.0.0.1");
}

#[tokio::test]
async fn guessing_is_slowed_down_by_client_and_not_by_proxy() {
    let harness = Harness::with(trusting).await;
    let guess = async |name: String, address: &str| {
        let forwarded = format!("203.0.113.{}, {address}", name.len());
        send(with(login(&harness, &name), &[("x-forwarded-for", &forwarded)])).await.status
    };
    for number in 0..20 {
        assert_eq!(guess(format!("user{number}"), "192.0.2.9").await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(guess("another".into(), "192.0.2.9").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(guess("another".into(), "192.0.2.10").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn tls_that_a_proxy_ends_makes_cookies_secure() {
    let harness = Harness::with(trusting).await;
    harness.user("ada", Role::Viewer).await;
    let lines = [("x-forwarded-proto", "https"), ("x-forwarded-host", "muster.lan")];
    let answer = send(with(login(&harness, "ada"), &lines)).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-muster=") && cookie.contains("; Secure;"), "{cookie}");
    assert!(answer.headers.contains_key("strict-transport-security"));
    let plain = send(with(login(&harness, "ada"), &[("x-forwarded-proto", "http")])).await;
    assert!(plain.headers["set-cookie"].to_str().unwrap().starts_with("muster_session="));
    assert!(!plain.headers.contains_key("strict-transport-security"));
}

#[tokio::test]
async fn host_and_origin_are_those_that_the_client_asked_for() {
    // D-22
    let harness = Harness::with(trusting).await;
    harness.user("ada", Role::Viewer).await;
    let ask = async |host: &str, origin: &str| {
        let lines = [("x-forwarded-host", host), ("x-forwarded-proto", "https"), ("origin", origin)];
        send(with(login(&harness, "ada"), &lines).header("host", "127.0.0.1")).await.status
    };
    assert_eq!(ask("muster.lan", "https://muster.lan").await, StatusCode::OK);
    assert_eq!(ask("muster.lan", "https://127.0.0.1").await, StatusCode::FORBIDDEN);
    assert_eq!(ask("evil.example", "https://evil.example").await, StatusCode::MISDIRECTED_REQUEST);
}

fn trusting(settings: &mut Settings) {
    settings.changeable.trusted_proxies =
        TrustedProxies { networks: vec!["127.0.0.0/8".parse().unwrap()], header: ForwardedHeader::XForwarded };
    settings.changeable.allowed_hosts = vec!["muster.lan".into()];
}

fn login(harness: &Harness, name: &str) -> RequestBuilder {
    harness.request(Method::POST, "/api/login").json(&json!({"username": name, "password": PASSWORD}))
}

fn with(request: RequestBuilder, lines: &[(&str, &str)]) -> RequestBuilder {
    lines.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

/// Where the newest sign-in in the audit log came from.
async fn last_address(harness: &Harness) -> String {
    let admin = harness.token(Role::Admin).await;
    let list = harness.json("/api/audit?limit=500", &admin).await;
    let rows = list["items"].as_array().unwrap();
    let row = rows.iter().find(|row| row["action"] == "session.login").unwrap_or_else(|| panic!("{list:#}"));
    row["remoteAddr"].as_str().unwrap().to_owned()
}

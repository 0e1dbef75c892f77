//! The second factor of local users: setting it up, signing in with it, losing it.

use jiff::SignedDuration;
use muster_model::Role;
use reqwest::{Method, StatusCode};
use ring::hmac;
use serde_json::{Value, json};
use std::time::Duration;

use crate::harness::{Answer, Browser, Harness, PASSWORD, send};

#[tokio::test]
async fn a_second_factor_is_asked_for_once_it_is_confirmed() {
    let harness = Harness::start().await;
    harness.user("ada", Role::Viewer).await;
    let browser = harness.login("ada").await;
    let offer = offer(&harness, &browser).await;
    assert_eq!(harness.try_login("ada", PASSWORD).await.status, StatusCode::OK, "it is not confirmed yet");
    let secret = offer["secret"].as_str().unwrap().to_owned();
    assert!(offer["uri"].as_str().unwrap().starts_with(&format!("otpauth://totp/Muster:ada?secret={secret}&")));
    assert!(offer["qr"]["size"].as_u64().unwrap() > 20);
    assert_eq!(confirm(&harness, &browser, "000000").await.field(), "/code");
    let codes = confirm(&harness, &browser, &code(&harness, &secret, 0)).await.json()["codes"].clone();
    assert_eq!(codes.as_array().unwrap().len(), 10);
    let account = browser.get(&harness, "/api/account").await.json();
    assert_eq!(account["secondFactor"]["recoveryCodesLeft"], 10);
    assert!(account["secondFactor"]["enabledAt"].is_string());

    let asked = harness.try_login("ada", PASSWORD).await;
    assert_eq!((asked.status, asked.code().as_str()), (StatusCode::UNAUTHORIZED, "second_factor_required"));
    harness.pass(SignedDuration::from_secs(30));
    assert_eq!(login(&harness, &code(&harness, &secret, 0)).await.status, StatusCode::OK);
    assert_eq!(login_as(&harness, "wrong password", &code(&harness, &secret, 1)).await.code(), "login_failed");
}

#[tokio::test]
async fn a_code_works_once_and_a_step_to_either_side() {
    let (harness, _, secret, _) = enrolled().await;
    harness.pass(SignedDuration::from_mins(5));
    let now = code(&harness, &secret, 0);
    let (one, two) = tokio::join!(login(&harness, &now), login(&harness, &now));
    let let_in = [&one, &two].into_iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(let_in, 1, "{} {}", one.text, two.text);
    assert_eq!(login(&harness, &code(&harness, &secret, -1)).await.code(), "second_factor_failed", "an older one");
    assert_eq!(login(&harness, &code(&harness, &secret, 2)).await.code(), "second_factor_failed", "too far ahead");
    assert_eq!(login(&harness, &code(&harness, &secret, 1)).await.status, StatusCode::OK);
    harness.pass(SignedDuration::from_mins(5));
    assert_eq!(login(&harness, &code(&harness, &secret, -1)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn guessing_codes_is_slowed_down_together_with_passwords() {
    let (harness, _, secret, _) = enrolled().await;
    harness.pass(SignedDuration::from_mins(5));
    for attempt in 0..5 {
        // Asking without a code in between forgives nothing.
        let answer =
            if attempt % 2 == 0 { login(&harness, "000000").await } else { harness.try_login("ada", PASSWORD).await };
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
    }
    assert_eq!(login(&harness, &code(&harness, &secret, 0)).await.code(), "login_throttled");
    harness.clock.advance(Duration::from_secs(1));
    assert_eq!(login(&harness, &code(&harness, &secret, 0)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_right_password_makes_no_room_for_guessing_codes() {
    let (harness, browser, secret, _) = enrolled().await;
    harness.pass(SignedDuration::from_mins(5));
    for _ in 0..5 {
        assert_eq!(login(&harness, "000000").await.code(), "second_factor_failed");
        let body = json!({"currentPassword": PASSWORD});
        let offer = send(browser.request(&harness, Method::POST, "/api/account/second-factor").json(&body)).await;
        assert_eq!(offer.code(), "invalid_value");
    }
    assert_eq!(login(&harness, &code(&harness, &secret, 0)).await.code(), "login_throttled");
    // Changing the password costs nothing, and makes up for nothing.
    harness.clock.advance(Duration::from_secs(1));
    let body = json!({"currentPassword": PASSWORD, "newPassword": "another long one"});
    let changed = send(browser.request(&harness, Method::PUT, "/api/account/password").json(&body)).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    let asked = async || login_as(&harness, "another long one", &code(&harness, &secret, 0)).await;
    assert_eq!(asked().await.code(), "login_throttled");
    harness.clock.advance(Duration::from_secs(1));
    assert_eq!(asked().await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_recovery_code_works_once() {
    let (harness, browser, _, codes) = enrolled().await;
    let first = codes[0].as_str().unwrap();
    assert_eq!(login(&harness, &first.to_lowercase().replace('-', " ")).await.status, StatusCode::OK);
    assert_eq!(login(&harness, first).await.code(), "second_factor_failed");
    assert_eq!(login(&harness, codes[1].as_str().unwrap()).await.status, StatusCode::OK);
    let account = browser.get(&harness, "/api/account").await.json();
    assert_eq!(account["secondFactor"]["recoveryCodesLeft"], 8);
}

#[tokio::test]
async fn disabling_needs_password_and_code() {
    let (harness, browser, secret, _) = enrolled().await;
    harness.pass(SignedDuration::from_mins(5));
    let disable = async |password: &str, code: &str| {
        let body = json!({"currentPassword": password, "code": code});
        send(browser.request(&harness, Method::POST, "/api/account/second-factor/disable").json(&body)).await
    };
    assert_eq!(disable("wrong password", &code(&harness, &secret, 0)).await.field(), "/currentPassword");
    assert_eq!(disable(PASSWORD, "000000").await.field(), "/code");
    assert_eq!(disable(PASSWORD, &code(&harness, &secret, 0)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(harness.try_login("ada", PASSWORD).await.status, StatusCode::OK);
    assert_eq!(disable(PASSWORD, &code(&harness, &secret, 1)).await.code(), "not_found");
}

#[tokio::test]
async fn a_second_one_cannot_be_slipped_under() {
    let (harness, browser, ..) = enrolled().await;
    let body = json!({"currentPassword": PASSWORD});
    let again = send(browser.request(&harness, Method::POST, "/api/account/second-factor").json(&body)).await;
    assert_eq!(again.code(), "invalid_value");
    let wrong = json!({"currentPassword": "not the password"});
    harness.user("eve", Role::Viewer).await;
    let eve = harness.login("eve").await;
    let answer = send(eve.request(&harness, Method::POST, "/api/account/second-factor").json(&wrong)).await;
    assert_eq!(answer.field(), "/currentPassword");
    assert_eq!(confirm(&harness, &eve, "123456").await.code(), "not_found", "nothing waits to be confirmed");
}

#[tokio::test]
async fn an_administrator_takes_it_away_and_sees_who_has_one() {
    let (harness, browser, ..) = enrolled().await;
    let admin = harness.token(Role::Admin).await;
    let users = harness.json("/api/users", &admin).await;
    assert_eq!(users["items"][0]["hasSecondFactor"], true);
    let id = browser.get(&harness, "/api/account").await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/users/{id}/second-factor");
    let reset = async || send(harness.request(Method::DELETE, &path).bearer_auth(&admin)).await;
    assert_eq!(reset().await.status, StatusCode::NO_CONTENT);
    assert_eq!(harness.try_login("ada", PASSWORD).await.status, StatusCode::OK);
    assert_eq!(reset().await.code(), "not_found");
}

#[tokio::test]
async fn neither_answers_nor_database_show_what_is_secret() {
    // D-21
    let (harness, browser, secret, codes) = enrolled().await;
    let admin = harness.token(Role::Admin).await;
    for path in ["/api/users", "/api/audit"] {
        let text = harness.get(path, &admin).await.text;
        assert!(!text.contains(&secret) && !text.contains(codes[0].as_str().unwrap()), "{path}: {text}");
    }
    let id = browser.get(&harness, "/api/account").await.json()["id"].as_str().unwrap().parse().unwrap();
    let stored = harness.store.second_factor_get(&muster_model::TenantId::DEFAULT, id).await.unwrap().unwrap();
    assert!(!secrecy::ExposeSecret::expose_secret(&stored.sealed_secret).contains(&secret));
}

/// A user `ada` with a second factor: browser, secret, recovery codes.
async fn enrolled() -> (Harness, Browser, String, Vec<Value>) {
    let harness = Harness::start().await;
    harness.user("ada", Role::Viewer).await;
    let browser = harness.login("ada").await;
    let secret = offer(&harness, &browser).await["secret"].as_str().unwrap().to_owned();
    let confirmed = confirm(&harness, &browser, &code(&harness, &secret, 0)).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text);
    let codes = confirmed.json()["codes"].as_array().unwrap().clone();
    (harness, browser, secret, codes)
}

async fn offer(harness: &Harness, browser: &Browser) -> Value {
    let body = json!({"currentPassword": PASSWORD});
    let answer = send(browser.request(harness, Method::POST, "/api/account/second-factor").json(&body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

async fn confirm(harness: &Harness, browser: &Browser, code: &str) -> Answer {
    send(browser.request(harness, Method::PUT, "/api/account/second-factor").json(&json!({"code": code}))).await
}

async fn login(harness: &Harness, code: &str) -> Answer {
    login_as(harness, PASSWORD, code).await
}

async fn login_as(harness: &Harness, password: &str, code: &str) -> Answer {
    let body = json!({"username": "ada", "password": password, "code": code});
    send(harness.request(Method::POST, "/api/login").json(&body)).await
}

/// What an authenticator shows, so many steps from now: written apart from the server's own code.
fn code(harness: &Harness, secret: &str, steps: i64) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = secret.chars().map(|c| format!("{:05b}", alphabet.find(c).unwrap())).collect();
    let key: Vec<u8> = (0..bits.len() / 8).map(|n| u8::from_str_radix(&bits[n * 8..n * 8 + 8], 2).unwrap()).collect();
    let step = muster_runtime::Clock::now(&harness.clock).as_second() / 30 + steps;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key), &step.to_be_bytes());
    let offset = usize::from(tag.as_ref()[19] & 15);
    let number = u32::from_be_bytes(tag.as_ref()[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

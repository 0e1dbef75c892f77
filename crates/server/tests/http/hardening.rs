//! Hostile and clumsy requests.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use muster_model::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{Answer, Browser, Harness, PASSWORD, send};

#[tokio::test]
async fn foreign_host_names_are_refused() {
    // D-22: DNS rebinding.
    let harness = Harness::with(|settings| settings.changeable.allowed_hosts = vec!["muster.lan".into()]).await;
    let ask = async |host: &str| send(harness.request(Method::GET, "/healthz").header("host", host)).await;
    for good in ["localhost", "127.0.0.1:1", "muster.lan:7777", "[::1]"] {
        assert_eq!(ask(good).await.status, StatusCode::OK, "{good}");
    }
    for bad in ["evil.example", "127.0.0.1.evil.example", "user@localhost", "10.0.0.1"] {
        let answer = ask(bad).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::MISDIRECTED_REQUEST, "host_not_allowed"),
            "{bad}"
        );
    }
    let answer = raw(&harness, "GET /healthz HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.0 421"), "{answer}");
}

#[tokio::test]
async fn a_foreign_page_cannot_sign_anybody_in() {
    let harness = Harness::start().await;
    harness.user("ada", Role::Viewer).await;
    let body = json!({"username": "ada", "password": PASSWORD});
    let login = |origin: &str| harness.request(Method::POST, "/api/login").header("origin", origin).json(&body);
    assert_eq!(send(login("http://evil.example")).await.code(), "csrf_failed");
    assert_eq!(send(login(&harness.url(""))).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    // D-22
    let harness = Harness::start().await;
    for (path, status) in [("/healthz", 200), ("/", 200), ("/api/system", 401), ("/api/nothing", 404)] {
        let answer = send(harness.request(Method::GET, path).header("accept", "text/html")).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("script-src 'self'; ") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
        if path.starts_with("/api/") {
            assert_eq!(answer.headers["cache-control"], "no-store");
        }
    }
}

#[tokio::test]
async fn the_request_id_is_ours() {
    let harness = Harness::start().await;
    let request = harness.request(Method::GET, "/healthz").header("x-request-id", "forged");
    assert_ne!(send(request).await.headers["x-request-id"], "forged");
}

#[tokio::test]
async fn oversized_and_odd_bodies_are_refused() {
    let harness = Harness::start().await;
    let login = || harness.request(Method::POST, "/api/login");
    let check = |answer: &Answer, status: u16, code: &str| {
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{}", answer.text);
    };
    let large = json!({"username": "x".repeat(70_000), "password": ""});
    check(&send(login().json(&large)).await, 413, "body_too_large");
    check(&send(login().body("{}")).await, 415, "unsupported_media_type");
    check(&send(login().json(&json!({})).header("content-encoding", "gzip")).await, 415, "unsupported_media_type");
    check(&send(login().header("content-type", "application/json").body("{")).await, 400, "invalid_body");
    let extra = send(login().json(&json!({"username": "a", "password": "b", "admin": true}))).await;
    check(&extra, 400, "invalid_body");
    assert!(extra.text.contains("expected one of `username`, `password`, `code`"), "{}", extra.text);
    let typed = send(login().json(&json!({"username": "a", "password": 12_345_678}))).await;
    check(&typed, 400, "invalid_body");
    assert_eq!(typed.field(), "/password");
    assert!(!typed.text.contains("12345678"), "{}", typed.text);
}

#[tokio::test]
async fn a_slow_client_is_let_go() {
    let harness =
        Harness::with(|settings| settings.changeable.limits.header_timeout = std::time::Duration::from_millis(50))
            .await;
    let answer = raw(&harness, "GET /healthz HTTP/1.1\r\nHost: local").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let harness = Harness::start().await;
    let mut silent = TcpStream::connect(harness.address).await.unwrap();
    let mut byte = [0];
    let read = tokio::select! {
        read = silent.read(&mut byte) => read.unwrap(),
        never = pass_time(&harness) => never,
    };
    assert_eq!(read, 0);
}

#[tokio::test]
async fn a_change_whose_client_has_gone_is_audited_all_the_same() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    for number in 0..40 {
        let body = json!({"name": format!("gone-{number}"), "role": "viewer"}).to_string();
        let request = format!(
            "POST /api/tokens HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {admin}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(harness.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        // Hangs up at another moment of the work each time.
        for _ in 0..number * 5 {
            tokio::task::yield_now().await;
        }
    }
    let of_gone = |list: &serde_json::Value, field: &str| {
        let rows = list["items"].as_array().unwrap().iter();
        rows.filter(|row| row[field].as_str().is_some_and(|name| name.starts_with("gone-"))).count()
    };
    let settled = async {
        loop {
            let created = of_gone(&harness.json("/api/tokens", &admin).await, "name");
            let audited = of_gone(&harness.json("/api/audit?limit=500", &admin).await, "target");
            if created > 0 && created == audited {
                return;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), settled).await.expect("each change has its audit row");
}

#[tokio::test]
async fn a_client_that_reads_nothing_does_not_hold_up_the_end() {
    let harness = Harness::start().await;
    let viewer = harness.token(Role::Viewer).await;
    let mut deaf = TcpStream::connect(harness.address).await.unwrap();
    let request =
        format!("GET /api/openapi.json HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {viewer}\r\n\r\n");
    deaf.write_all(request.repeat(200).as_bytes()).await.unwrap();
    harness.tasks.shutdown().begin();
    let finished = tokio::select! {
        finished = harness.tasks.finish(std::time::Duration::from_secs(30)) => finished,
        _never = pass_time(&harness) => false,
    };
    assert!(finished, "the connection was cut off after the drain time");
}

#[tokio::test]
async fn a_body_that_trickles_in_runs_out_of_time() {
    let harness = Harness::start().await;
    let mut stream = TcpStream::connect(harness.address).await.unwrap();
    let head =
        "POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = tokio::select! {
        read = stream.read(&mut answer) => read.unwrap(),
        never = pass_time(&harness) => never,
    };
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 504") && answer.contains("\"timeout\""), "{answer}");
}

#[tokio::test]
async fn shutdown_finishes_what_is_open() {
    let harness = Harness::start().await;
    harness.tasks.shutdown().begin();
    assert!(harness.tasks.finish(std::time::Duration::from_secs(30)).await);
    assert!(TcpStream::connect(harness.address).await.is_err());
}

#[tokio::test]
async fn no_secret_reaches_log_answer_or_audit() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone());
    // For the whole test program: the lines of the other tests must not hold secrets either.
    subscriber.try_init().expect("no other test sets a subscriber");
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    harness.user("ada", Role::Admin).await;
    let browser = harness.login("ada").await;
    let wrong = "a wrong password 4711";
    let mut answers = vec![harness.try_login("ada", wrong).await];
    for path in
        ["/api/users", "/api/tokens", "/api/audit", "/api/sessions", "/api/system", "/api/resources?q=searched-for"]
    {
        answers.push(browser.get(&harness, path).await);
        answers.push(harness.get(path, &admin).await);
    }
    let cookie = browser.cookie.split_once('=').unwrap().1.to_owned();
    let log = log.text();
    assert!(log.contains("request finished"), "the log was captured");
    for secret in [PASSWORD, wrong, &admin, &cookie, &browser.csrf, "$argon2id$"] {
        assert!(!log.contains(secret), "`{secret}` is in the log");
        for answer in &answers {
            assert!(!answer.text.contains(secret), "`{secret}` is in {}", answer.text);
        }
    }
    // What people search for is theirs.
    assert!(!server_lines(&log).contains("searched-for"));
}

#[tokio::test]
async fn a_planted_cookie_is_worth_nothing() {
    let harness = Harness::start().await;
    harness.user("ada", Role::Viewer).await;
    let planted = Browser { cookie: "muster_session=planted".into(), csrf: String::new() };
    let body = json!({"username": "ada", "password": PASSWORD});
    let login = harness.request(Method::POST, "/api/login").header("cookie", &planted.cookie).json(&body);
    let browser = Browser::from(send(login).await);
    assert_ne!(browser.cookie, planted.cookie);
    assert_eq!(planted.get(&harness, "/api/system").await.status, StatusCode::UNAUTHORIZED);
}

/// Moves simulated time on until the other side answers.
async fn pass_time(harness: &Harness) -> usize {
    loop {
        harness.clock.advance(std::time::Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
}

async fn raw(harness: &Harness, request: &str) -> String {
    let mut stream = TcpStream::connect(harness.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = tokio::time::timeout(std::time::Duration::from_secs(30), stream.read_to_string(&mut answer)).await;
    read.expect("the server closes the connection").unwrap();
    answer
}

/// The server's own lines; the test's HTTP client logs its URLs too.
fn server_lines(log: &str) -> String {
    log.lines().filter(|line| line.contains("muster_server")).collect::<Vec<_>>().join("\n")
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

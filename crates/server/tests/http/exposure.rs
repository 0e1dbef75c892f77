//! TLS over real sockets: handshake, cookies, HSTS, another certificate while it runs, and the way from http.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Duration};

use muster_model::Role;
use muster_outbound::{Fingerprint, pinned_tls};
use muster_runtime::Clock;
use muster_server::{Certificates, Hsts, PairFiles, self_signed};
use reqwest::{Client, Method, StatusCode};
use rustls::{ClientConfig, pki_types::ServerName, version};
use secrecy::ExposeSecret;
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsConnector;

use crate::harness::{Answer, Front, Harness, PASSWORD, START, send};

#[tokio::test]
async fn both_versions_and_both_protocols_are_spoken() {
    let (harness, _files) = over_tls(Hsts::Auto).await;
    for version in [&version::TLS12, &version::TLS13] {
        for protocol in ["h2", "http/1.1"] {
            let mut config = speaking(pin(&harness), &[version]);
            config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
            let stream = TcpStream::connect(harness.address).await.unwrap();
            let name = ServerName::try_from("localhost").unwrap();
            let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(protocol.as_bytes()));
            if protocol == "http/1.1" {
                stream
                    .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
                    .await
                    .unwrap();
                let mut answer = String::new();
                // The server ends without a farewell of TLS's own when the answer is whole.
                let _ = stream.read_to_string(&mut answer).await;
                assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            }
        }
    }
}

#[tokio::test]
async fn plain_text_is_told_to_speak_tls() {
    let (harness, _files) = over_tls(Hsts::Auto).await;
    let answer = send(harness.request(Method::GET, "/healthz")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text.contains("speaks TLS"), "{}", answer.text);
}

#[tokio::test]
async fn the_cookie_of_a_secure_login_stays_secure() {
    let (harness, _files) = over_tls(Hsts::Auto).await;
    let browser = client(&harness);
    let admin = harness.token(Role::Admin).await;
    let body = json!({"name": "ada", "password": PASSWORD, "role": "viewer"});
    let created = send(browser.post(url(&harness, "/api/users")).bearer_auth(admin).json(&body)).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
    let body = json!({"username": "ada", "password": PASSWORD});
    let answer = send(browser.post(url(&harness, "/api/login")).json(&body)).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-muster=") && cookie.contains("; Secure;"), "{cookie}");
    let value = cookie.split(';').next().unwrap();
    let system = |cookie: String| send(browser.get(url(&harness, "/api/system")).header("cookie", cookie));
    assert_eq!(system(value.to_owned()).await.status, StatusCode::OK);
    // The name that a sibling could plant in plain text is worth nothing here.
    let planted = value.replace("__Host-muster", "muster_session");
    assert_eq!(system(planted).await.status, StatusCode::UNAUTHORIZED);
    let logout = browser.post(url(&harness, "/api/logout")).header("cookie", value);
    let logout = send(logout.header("x-csrf-token", answer.json()["csrfToken"].as_str().unwrap())).await;
    assert!(logout.headers["set-cookie"].to_str().unwrap().starts_with("__Host-muster=;"));
}

#[tokio::test]
async fn browsers_are_bound_to_tls_only_where_it_can_last() {
    let check = async |hsts, host: &str, expected: bool| {
        let (harness, _files) = over_tls(hsts).await;
        let answer = send(client(&harness).get(url(&harness, "/healthz")).header("host", host)).await;
        assert_eq!(answer.status, StatusCode::OK, "{host}");
        assert_eq!(answer.headers.contains_key("strict-transport-security"), expected, "{hsts:?} {host}");
    };
    check(Hsts::Auto, "muster.lan", false).await; // nobody vouches for the certificate
    check(Hsts::Always, "muster.lan", true).await;
    check(Hsts::Always, "127.0.0.1", false).await;
    check(Hsts::Always, "[::1]:443", false).await;
    check(Hsts::Always, "localhost", false).await;
    check(Hsts::Never, "muster.lan", false).await;
    let plain = Harness::with(|settings| {
        settings.changeable.hsts = Hsts::Always;
        settings.changeable.allowed_hosts = vec!["muster.lan".into()];
    });
    let answer = send(plain.await.request(Method::GET, "/healthz").header("host", "muster.lan")).await;
    assert!(!answer.headers.contains_key("strict-transport-security"));
}

#[tokio::test]
async fn another_certificate_comes_into_force_while_it_runs() {
    let (harness, files) = over_tls(Hsts::Auto).await;
    let first = pin(&harness);
    write_pair(files.path(), START);
    let second = next_pin(&harness, Duration::from_secs(10)).await;
    assert_ne!(first, second);
    let answer = send(pinned(second).get(url(&harness, "/healthz"))).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(pinned(first).get(url(&harness, "/healthz")).send().await.is_err());
}

#[tokio::test]
async fn a_broken_certificate_leaves_the_old_one_in_force_and_says_so() {
    let (harness, files) = over_tls(Hsts::Auto).await;
    let first = pin(&harness);
    let token = harness.token(Role::Viewer).await;
    let tls = async || {
        let answer = send(pinned(first).get(url(&harness, "/api/system")).bearer_auth(&token)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()["tls"].clone()
    };
    let good = tls().await;
    assert_eq!((&good["fingerprint"], &good["failedReload"]), (&json!(first.to_string()), &json!(null)));
    assert_eq!((&good["selfSigned"], &good["names"]), (&json!(true), &json!(["muster.lan", "localhost", "127.0.0.1"])));
    let whole = fs::read(files.path().join("tls.crt")).unwrap();
    fs::write(files.path().join("tls.crt"), &whole[..whole.len() / 2]).unwrap();
    let failed = async || loop {
        harness.clock.advance(Duration::from_secs(10));
        let tls = tls().await;
        if tls["failedReload"] != json!(null) {
            return tls;
        }
    };
    let broken = tokio::time::timeout(Duration::from_secs(30), failed()).await.expect("it is noticed");
    assert_eq!(broken["fingerprint"], json!(first.to_string()));
    let message = broken["failedReload"]["message"].as_str().unwrap();
    assert!(message.contains("tls.crt") && message.contains("no certificate"), "{message}");
    fs::write(files.path().join("tls.crt"), &whole).unwrap();
    let mended = async || loop {
        harness.clock.advance(Duration::from_secs(10));
        if tls().await["failedReload"] == json!(null) {
            return;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), mended()).await.expect("it is noticed");
}

#[tokio::test]
async fn a_wish_to_reload_needs_no_change_of_the_files() {
    // SIGHUP: nothing has to be waited for.
    let (harness, files) = over_tls(Hsts::Auto).await;
    let certificates = Arc::clone(&harness_certificates(&harness));
    write_pair(files.path(), START);
    let mut news = certificates.fingerprint();
    certificates.reload();
    tokio::time::timeout(Duration::from_secs(30), news.changed()).await.expect("it is read").unwrap();
    assert_eq!(*news.borrow(), certificates.facts().fingerprint);
}

#[tokio::test]
async fn plain_requests_are_led_to_our_own_name() {
    let redirect = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = redirect.local_addr().unwrap();
    let front = Front { redirect: Some((redirect, "muster.lan:8420".into())), ..Front::default() };
    let harness = Harness::behind(front, |_| {}).await;
    for host in ["muster.lan", "evil.example"] {
        let request = harness.http.get(format!("http://{address}/hosts?q=1")).header("host", host);
        let answer: Answer = send(request).await;
        assert_eq!(answer.status, StatusCode::PERMANENT_REDIRECT);
        assert_eq!(answer.headers["location"], "https://muster.lan:8420/hosts?q=1", "{host}");
    }
}

/// A server with a certificate of its own in a directory, and the watch over it.
pub(crate) async fn over_tls(hsts: Hsts) -> (Harness, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let files = write_pair(directory.path(), START);
    let certificates = Arc::new(Certificates::load(files, START).unwrap());
    let front = Front { certificates: Some(Arc::clone(&certificates)), ..Front::default() };
    let harness = Harness::behind(front, |settings| {
        settings.changeable.hsts = hsts;
        settings.changeable.allowed_hosts = vec!["muster.lan".into()];
    })
    .await;
    let clock: Arc<dyn Clock> = Arc::new(harness.clock.clone());
    harness.tasks.spawn("certificates", certificates.watch(clock, harness.tasks.shutdown().clone()));
    (harness, directory)
}

fn write_pair(directory: &Path, now: jiff::Timestamp) -> PairFiles {
    let names = ["muster.lan", "localhost", "127.0.0.1"].map(str::to_owned);
    let made = self_signed("Muster", &names, now).unwrap();
    let files = PairFiles { certificate: directory.join("tls.crt"), key: directory.join("tls.key") };
    fs::write(&files.key, made.key.expose_secret()).unwrap();
    fs::set_permissions(&files.key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&files.certificate, made.certificate).unwrap();
    files
}

fn harness_certificates(harness: &Harness) -> Arc<Certificates> {
    Arc::clone(harness.certificates.as_ref().unwrap())
}

fn pin(harness: &Harness) -> Fingerprint {
    harness_certificates(harness).facts().fingerprint
}

/// Lets time pass until another certificate is in force.
async fn next_pin(harness: &Harness, step: Duration) -> Fingerprint {
    let mut news = harness_certificates(harness).fingerprint();
    let wait = async {
        while !news.has_changed().unwrap() {
            harness.clock.advance(step);
            tokio::task::yield_now().await;
        }
        *news.borrow_and_update()
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("the files are looked at")
}

fn client(harness: &Harness) -> Client {
    pinned(pin(harness))
}

fn pinned(pin: Fingerprint) -> Client {
    Client::builder().no_proxy().tls_backend_preconfigured(pinned_tls(pin)).build().unwrap()
}

/// A client that speaks these versions alone.
fn speaking(pin: Fingerprint, versions: &[&'static rustls::SupportedProtocolVersion]) -> ClientConfig {
    let template = pinned_tls(pin);
    let provider = Arc::clone(template.crypto_provider());
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
    config.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate)).with_no_client_auth()
}

fn url(harness: &Harness, path: &str) -> String {
    format!("https://{}{path}", harness.address)
}

/// The pin is tested elsewhere; here only the versions count.
#[derive(Debug)]
struct AnyCertificate;

impl rustls::client::danger::ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

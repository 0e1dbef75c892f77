//! The whole server on a free port, over a temporary database and history, with simulated time and seeded randomness.
//! Requests are real HTTP requests.

use std::{collections::BTreeSet, net::SocketAddr, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use muster_engine::{Engine, EngineHandle};
use muster_history::History;
use muster_model::{
    Completeness, HostFacet, Identity, Metric, NativeKey, Record, Report, ResourceKind, Role, Sample, SampleValue,
    Scope, SourceId, SourceKind, Status, TenantId,
};
use muster_outbound::Roots;
use muster_runtime::{Clock, Entropy, ManualClock, Shutdown, Tasks};
use muster_server::{App, Certificates, IdentityProvider, Operations, Parts, PasswordCost, Server, Settings};
use muster_store::{NewToken, Store};
use muster_vault::{MasterKey, Vault};
use reqwest::{Method, RequestBuilder, Response, StatusCode, header::HeaderMap};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::platform::FakePlatform;

/// When simulated time begins.
pub(crate) const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

/// The password of every user that the harness creates.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A running server.
pub(crate) struct Harness {
    pub(crate) address: SocketAddr,
    pub(crate) app: App,
    pub(crate) clock: ManualClock,
    pub(crate) store: Store,
    pub(crate) engine: EngineHandle,
    pub(crate) history: History,
    pub(crate) tasks: Tasks,
    pub(crate) http: reqwest::Client,
    pub(crate) certificates: Option<Arc<Certificates>>,
    /// What connections lead to.
    pub(crate) platform: FakePlatform,
    vault: Vault,
    entropy: Entropy,
    _directory: TempDir,
}

/// What stands before the routes.
#[derive(Default)]
pub(crate) struct Front {
    pub(crate) certificates: Option<Arc<Certificates>>,
    pub(crate) redirect: Option<(TcpListener, String)>,
    /// What the composition root does.
    pub(crate) operations: Option<Arc<dyn Operations>>,
    /// Where secrets may be read that are only named.
    pub(crate) roots: Roots,
}

/// A signed-in browser.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Harness {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Starts with other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::start_at(START, change).await
    }

    /// Starts at another time.
    pub(crate) async fn start_at(now: Timestamp, change: impl FnOnce(&mut Settings)) -> Self {
        Self::start_with(now, change, |_, _| None).await
    }

    /// Starts with somebody who vouches for people, made for the server's address.
    pub(crate) async fn start_with(
        now: Timestamp,
        change: impl FnOnce(&mut Settings),
        provider: impl FnOnce(SocketAddr, Arc<dyn Clock>) -> Option<IdentityProvider>,
    ) -> Self {
        Self::assemble(now, change, provider, Front::default()).await
    }

    /// Starts behind TLS, or beside a listener that leads there.
    pub(crate) async fn behind(front: Front, change: impl FnOnce(&mut Settings)) -> Self {
        Self::assemble(START, change, |_, _| None, front).await
    }

    async fn assemble(
        now: Timestamp,
        change: impl FnOnce(&mut Settings),
        provider: impl FnOnce(SocketAddr, Arc<dyn Clock>) -> Option<IdentityProvider>,
        front: Front,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(now);
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let entropy = Arc::new(Entropy::seeded(7));
        let (foundation, tasks) = (Tasks::new(Shutdown::new()), Tasks::new(Shutdown::new()));
        let url = format!("sqlite:{}", directory.path().join("state.db").display()).parse().unwrap();
        let store = Store::open(&url, &foundation).await.unwrap();
        let history_directory = directory.path().join("history");
        std::fs::create_dir(&history_directory).unwrap();
        let history = History::open(&history_directory, muster_history::Options::default()).unwrap();
        let parts = muster_engine::Parts {
            log: Arc::new(store.clone()),
            history: history.clone(),
            clock: shared.clone(),
            entropy: entropy.clone(),
            tenants: vec![TenantId::DEFAULT],
        };
        let engine = Engine::start(parts, &tasks).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut settings = Settings::listening_at(address);
        settings.password_cost = PasswordCost { memory_kib: 8, passes: 1 };
        change(&mut settings);
        let shutdown = tasks.shutdown().clone();
        let vault = Vault::new(MasterKey::generate(&Entropy::seeded(9)));
        let identity_provider = provider(address, shared.clone());
        let platform = FakePlatform::default();
        let polling = platform.polling(front.roots, shared.clone(), &tasks);
        let parts = Parts {
            engine: engine.clone(),
            store: store.clone(),
            history: history.clone(),
            clock: shared,
            entropy,
            settings,
            shutdown,
            remote_history: None,
            certificates: front.certificates.clone(),
            vault: vault.clone(),
            identity_provider,
            operations: front.operations,
            polling,
        };
        let app = App::new(parts).unwrap();
        let server = Server::new(app.clone(), tasks.clone());
        let server = match front.redirect {
            Some((listener, authority)) => server.redirecting(listener, authority),
            None => server,
        };
        tasks.spawn("server", server.serve(listener));
        let http = http_client();
        let entropy = Entropy::seeded(8);
        Self {
            address,
            app,
            clock,
            store,
            engine,
            history,
            tasks,
            http,
            certificates: front.certificates,
            platform,
            vault,
            entropy,
            _directory: directory,
        }
    }

    /// The application as it is after a restart, over the same storage, with a platform that was asked nothing yet.
    pub(crate) fn restarted(&self) -> (App, FakePlatform) {
        let (platform, clock): (_, Arc<dyn Clock>) = (FakePlatform::default(), Arc::new(self.clock.clone()));
        let parts = Parts {
            engine: self.engine.clone(),
            store: self.store.clone(),
            history: self.history.clone(),
            polling: platform.polling(Roots::default(), clock.clone(), &self.tasks),
            clock,
            entropy: Arc::new(Entropy::seeded(10)),
            settings: Settings::listening_at(self.address),
            shutdown: self.tasks.shutdown().clone(),
            remote_history: None,
            certificates: None,
            vault: self.vault.clone(),
            identity_provider: None,
            operations: None,
        };
        (App::new(parts).unwrap(), platform)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A request without any credential.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        send(self.request(Method::GET, path).bearer_auth(token)).await
    }

    pub(crate) async fn json(&self, path: &str, token: &str) -> Value {
        let answer = self.get(path, token).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }

    /// A token with the scopes of a role.
    pub(crate) async fn token(&self, role: Role) -> String {
        self.token_with(role, role.scopes(), None).await.1
    }

    pub(crate) async fn token_with(
        &self,
        role: Role,
        scopes: BTreeSet<Scope>,
        expires_at: Option<Timestamp>,
    ) -> (Uuid, String) {
        let (id, secret) = (self.new_id(), format!("mst_{}", hex::encode(self.entropy.bytes::<32>())));
        let token = NewToken {
            id,
            name: format!("test {id}"),
            token_hash: Sha256::digest(secret.as_bytes()).into(),
            role,
            scopes,
            created_at: self.clock.now(),
            expires_at,
            created_by: "test".to_owned(),
        };
        self.store.token_insert(&TenantId::DEFAULT, &token).await.unwrap();
        (id, secret)
    }

    /// A user with [`PASSWORD`], made through the API.
    pub(crate) async fn user(&self, name: &str, role: Role) -> Uuid {
        let admin = self.token(Role::Admin).await;
        let body = serde_json::json!({"name": name, "password": PASSWORD, "role": role});
        let answer = send(self.request(Method::POST, "/api/users").bearer_auth(admin).json(&body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) async fn try_login(&self, name: &str, password: &str) -> Answer {
        let body = serde_json::json!({"username": name, "password": password});
        send(self.request(Method::POST, "/api/login").json(&body)).await
    }

    pub(crate) async fn login(&self, name: &str) -> Browser {
        Browser::from(self.try_login(name, PASSWORD).await)
    }

    /// Hands in a report and waits until it is published.
    pub(crate) async fn submit(&self, report: Report) {
        let tenant = report.tenant.clone();
        let accepted = self.engine.submit(report).await.unwrap();
        let mut news = self.engine.subscribe();
        while self.engine.snapshot(&tenant).revision() < accepted.revision {
            // Publications are held back for a moment of simulated time.
            self.clock.advance(Duration::from_millis(250));
            let _ = tokio::time::timeout(Duration::from_millis(20), news.recv()).await;
        }
    }

    /// Lets simulated time pass.
    pub(crate) fn pass(&self, time: SignedDuration) {
        self.clock.advance(Duration::try_from(time).unwrap());
    }

    fn new_id(&self) -> Uuid {
        uuid::Builder::from_unix_timestamp_millis(0, &self.entropy.bytes()).into_uuid()
    }
}

impl Browser {
    /// Reads cookie and CSRF token of an answer that signed somebody in.
    #[expect(clippy::needless_pass_by_value, reason = "callers have no other use for the answer")]
    pub(crate) fn from(answer: Answer) -> Self {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let csrf = answer.json()["csrfToken"].as_str().unwrap().to_owned();
        Self { cookie, csrf }
    }

    pub(crate) async fn get(&self, harness: &Harness, path: &str) -> Answer {
        send(harness.request(Method::GET, path).header("cookie", &self.cookie)).await
    }

    /// A request as our own page sends it.
    pub(crate) fn request(&self, harness: &Harness, method: Method, path: &str) -> RequestBuilder {
        harness.request(method, path).header("cookie", &self.cookie).header("x-csrf-token", &self.csrf)
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The code of a problem answer.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{} {}", self.status, self.text);
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(problem["requestId"], self.headers["x-request-id"].to_str().unwrap());
        problem["code"].as_str().unwrap().to_owned()
    }

    /// The field that a problem names.
    pub(crate) fn field(&self) -> String {
        self.json()["errors"][0]["field"].as_str().unwrap_or_default().to_owned()
    }
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response: Response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}

pub(crate) fn http_client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Simulated time ends idle connections between one request and the next.
    reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// What the agent of one machine says.
pub(crate) fn host_report(source: &str, name: &str, cpu: f64) -> Report {
    hosts_report(source, &[name], cpu)
}

/// Several machines as one agent's records.
pub(crate) fn hosts_report(source: &str, names: &[&str], cpu: f64) -> Report {
    let record = |name: &&str| Arc::new(host(name));
    let sample = |place: usize| Sample {
        record: u32::try_from(place).unwrap(),
        metric: Metric::Cpu,
        value: SampleValue::Value(cpu),
    };
    Report {
        tenant: TenantId::DEFAULT,
        source: SourceId::new(SourceKind::Agent, source).unwrap(),
        reported_at: START,
        interval: SignedDuration::from_secs(10),
        completeness: Completeness::Full,
        records: names.iter().map(record).collect(),
        samples: (0..names.len()).map(sample).collect(),
        activities: vec![],
    }
}

fn host(name: &str) -> Record {
    let hostname = name.to_lowercase();
    let identity = Identity {
        machine_id: Some(hex::encode(&Sha256::digest(name.as_bytes())[..16])),
        hostnames: [hostname.clone()].into(),
        ..Identity::default()
    };
    let facet = HostFacet { hostname, ..HostFacet::default() };
    Record {
        key: NativeKey::new(name).unwrap(),
        kind: ResourceKind::Agent,
        name: name.into(),
        status: Status::Online,
        technology: None,
        identity,
        parent: None,
        links: vec![],
        tags: BTreeSet::new(),
        facets: vec![Arc::new(muster_model::Facet::Host(Box::new(facet)))],
    }
}

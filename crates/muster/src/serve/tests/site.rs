//! A data directory, the server on it, and the time that both live in.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use muster_model::{Role, TenantId};
use muster_runtime::{Clock, Entropy, ManualClock};
use muster_store::NewToken;
use muster_testkit::pve::{ClusterBuilder, Running as Cluster, TOKEN};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use uuid::Uuid;

use super::watched::Looks;
use crate::{
    commands::CommandError,
    config::{Config, Flags},
    data_dir::{DataDir, Held},
    reload::Reloader,
    serve::{Outside, Polls, Running, bind},
};

/// When simulated time begins.
const START: i64 = 1_800_000_000;
/// How far simulated time goes at once: publications are held back for half of it.
const STEP: Duration = Duration::from_millis(500);
/// A look that takes longer, on this machine, is not waited for: it may hang on purpose.
const LOOK_PATIENCE: Duration = Duration::from_secs(20);
/// What a step of simulated time takes, on this machine, while a look hangs: it gets somewhere before time is over.
const HANGING_STEP: Duration = Duration::from_millis(5);
/// Decides about every id, and thereby about when in its interval a connection is looked at.
const SEED: u64 = 1;
/// What is waited for comes within this many steps.
const STEPS: usize = 4000;

/// See the module.
pub(super) struct Site {
    directory: TempDir,
    pub(super) clock: ManualClock,
    pub(super) looks: Looks,
    entropy: Arc<Entropy>,
    http: reqwest::Client,
    server: Option<Whole>,
}

/// A server that runs.
struct Whole {
    base: String,
    token: String,
    running: Running,
    held: Held,
}

impl Site {
    /// A server that polls nothing yet.
    pub(super) async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut site = Self {
            directory: tempfile::tempdir().unwrap(),
            clock: ManualClock::at(Timestamp::from_second(START).unwrap()),
            looks: Looks::default(),
            entropy: Arc::new(Entropy::seeded(SEED)),
            // Simulated time ends idle connections between one request and the next.
            http: reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap(),
            server: None,
        };
        site.start().await;
        site
    }

    /// Starts the server on the data directory.
    pub(super) async fn start(&mut self) {
        assert!(self.server.is_none(), "it runs already");
        self.server = Some(self.whole().await.unwrap());
    }

    async fn whole(&self) -> Result<Whole, CommandError> {
        let flags = Flags {
            data_dir: Some(self.directory.path().join("data")),
            listen: Some("127.0.0.1:0".to_owned()),
            local_agent: Some(false),
            ..Flags::default()
        };
        let config = Arc::new(Config::load(&flags, std::iter::empty()).unwrap());
        let data_dir = DataDir::create(&config.data_dir)?;
        let held = data_dir.hold()?;
        let listener = bind(config.server.listen).await?;
        let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
        let (drivers, looks) = (self.looks.drivers(&clock), self.looks.clone());
        let between = Box::new(move |sink| looks.sink(sink));
        let outside = Outside { clock, entropy: Arc::clone(&self.entropy), drivers, between };
        let running = Running::start(&config, &data_dir, outside).await?;
        let reloader = Arc::new(Reloader::new(flags, config, None, running.history.clone()));
        let (app, address) = running.app(&reloader, &listener, None, Polls::Stored).await?;
        let server = muster_server::Server::new(app, running.tasks.clone());
        running.tasks.spawn("server", server.serve(listener));
        let token = self.token(&running).await;
        Ok(Whole { base: format!("http://{address}"), token, running, held })
    }

    async fn token(&self, running: &Running) -> String {
        let secret = format!("mst_{}", Uuid::now_v7().simple());
        let token = NewToken {
            id: Uuid::now_v7(),
            name: secret.clone(),
            token_hash: Sha256::digest(secret.as_bytes()).into(),
            role: Role::Admin,
            scopes: Role::Admin.scopes(),
            created_at: self.clock.now(),
            expires_at: None,
            created_by: "test".to_owned(),
        };
        running.store.token_insert(&TenantId::DEFAULT, &token).await.unwrap();
        secret
    }

    /// Stops the server in order.
    pub(super) async fn stop(&mut self) {
        let Whole { running, held, .. } = self.server.take().expect("it runs");
        running.tasks.shutdown().begin();
        let stop = running.stop(held);
        let mut stop = std::pin::pin!(stop);
        // What ends may wait for simulated time.
        while tokio::time::timeout(Duration::from_millis(20), &mut stop).await.map(Result::unwrap).is_err() {
            self.clock.advance(STEP);
        }
    }

    /// A simulated cluster that lives in the same time.
    pub(super) async fn cluster(&self, builder: ClusterBuilder) -> Cluster {
        builder.clock(Arc::new(self.clock.clone())).start().await
    }

    /// Connects to a cluster and waits for its first whole report. Answers with the connection's id.
    pub(super) async fn connect(&self, name: &str, cluster: &Cluster) -> String {
        let made = self.connect_with(name, cluster, |_| {}).await;
        let id = made["id"].as_str().unwrap().to_owned();
        self.until(&format!("/api/connections/{id}"), "it was read whole", |connection| {
            connection["poll"]["lastSuccessAt"].is_string() && connection["observed"]["degraded"] == false
        })
        .await;
        // The slower lanes have had their first turn, and the memory of the half hour before was read.
        self.pass(60).await;
        id
    }

    /// Makes a connection, changed in some way, and answers with it.
    pub(super) async fn connect_with(&self, name: &str, cluster: &Cluster, change: impl FnOnce(&mut Value)) -> Value {
        let (user, token) = TOKEN.split_once('!').unwrap();
        let mut wanted = json!({
            "platform": "proxmox-pve",
            "name": name,
            "endpoints": cluster.endpoints(),
            "auth": {"method": "token", "user": user, "token": token},
            "secret": cluster.token().1,
            "pins": cluster.fingerprints(),
        });
        change(&mut wanted);
        let (status, made) = self.ask(Method::POST, "/api/connections", Some(wanted)).await;
        assert_eq!(status, 201, "{made}");
        made
    }

    /// Enables or disables a connection.
    pub(super) async fn enable(&self, connection: &str, enabled: bool) {
        let path = format!("/api/connections/{connection}");
        let before = self.json(&path).await;
        let kept = ["name", "endpoints", "auth", "pins", "intervalSeconds", "version"];
        let mut wanted: Value = kept.into_iter().map(|key| (key.to_owned(), before[key].clone())).collect();
        wanted["enabled"] = enabled.into();
        let (status, answer) = self.ask(Method::PUT, &path, Some(wanted)).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Lets simulated time pass, as fast as everything that happens in it can be done.
    pub(super) async fn pass(&self, seconds: u64) {
        let steps = Duration::from_secs(seconds).as_millis() / STEP.as_millis();
        for _ in 0..steps {
            self.step().await;
        }
    }

    async fn step(&self) {
        self.clock.advance(STEP);
        self.rest().await;
        while !self.looks.are_over() {
            if tokio::time::timeout(LOOK_PATIENCE, self.looks.end_of_one()).await.is_err() {
                return;
            }
            self.rest().await;
        }
        if self.looks.one_hangs() {
            let _ = tokio::time::timeout(HANGING_STEP, std::future::pending::<()>()).await;
        }
    }

    /// Gives everybody who was woken a turn, and waits until what was reported is applied and stored.
    async fn rest(&self) {
        turns().await;
        let Some(Whole { running, .. }) = &self.server else { return };
        while running.engine.rest().await.is_ok_and(|_| running.engine.stats().queued_reports > 0) {}
        turns().await;
    }

    /// Lets time pass until an answer is as it should be.
    pub(super) async fn until(&self, path: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        for _ in 0..STEPS {
            last = self.json(path).await;
            if wanted(&last) {
                return last;
            }
            self.step().await;
        }
        panic!("never: {what}; the last answer of {path} is {last}");
    }

    /// What time it is there.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What the server answers.
    pub(super) async fn json(&self, path: &str) -> Value {
        let (status, answer) = self.ask(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Asks the server.
    pub(super) async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let Whole { base, token, .. } = self.server.as_ref().expect("it runs");
        let mut request = self.http.request(method, format!("{base}{path}")).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    /// Every resource.
    pub(super) async fn resources(&self) -> Vec<Value> {
        self.pages("/api/resources?limit=500").await
    }

    /// The resource that a platform gives a name, such as `qemu/100`.
    pub(super) async fn resource(&self, key: &str) -> Value {
        let all = self.resources().await;
        let found = all.iter().find(|resource| is_called(resource, key));
        found.unwrap_or_else(|| panic!("there is no {key}")).clone()
    }

    /// The newest lines of the timeline, newest first.
    pub(super) async fn lines(&self) -> Vec<Value> {
        self.pages("/api/resources/timeline?limit=200").await
    }

    /// The items of every page of a list.
    async fn pages(&self, list: &str) -> Vec<Value> {
        let (mut all, mut path) = (Vec::new(), list.to_owned());
        loop {
            let page = self.json(&path).await;
            all.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["nextPageToken"].as_str() {
                Some(next) => path = format!("{list}&pageToken={next}"),
                None => return all,
            }
        }
    }
}

/// Lets everybody do what there is to do now.
async fn turns() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

/// Whether a source knows a resource by a key.
pub(super) fn is_called(resource: &Value, key: &str) -> bool {
    resource["sources"].as_array().is_some_and(|sources| sources.iter().any(|source| source["key"] == key))
}

/// A resource's id.
pub(super) fn id(resource: &Value) -> String {
    resource["id"].as_str().expect("it has an id").to_owned()
}

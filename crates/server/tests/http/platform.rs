//! A platform that nobody has to dial: it sees seven guests, believes one secret, and notes what it was asked with.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use muster_collect::{
    Backfill, BoxFuture, CallCheck, CallState, Collector, Connection, Driver, EndpointFinding, Failure,
    FailureCategory, Lane, Look, Observed, Parts, PeerCertificate, ProbeReport, Provider, Sink,
};
use muster_model::{MemoryDecisions, Platform, PveOptions, Report, SourceId, TenantId};
use muster_outbound::{Fingerprint, Roots};
use muster_runtime::{Clock, Tasks};
use muster_server::Polling;
use secrecy::{ExposeSecret, SecretString};

/// The secret that the platform believes.
pub(crate) const SECRET: &str = "a-good-secret";

/// The variable that stands for a secret, and what it holds.
pub(crate) const VARIABLE: (&str, &str) = ("MUSTER_SECRET_LAB", SECRET);

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct FakePlatform(Arc<Mutex<Noted>>);

/// What the platform was asked with.
#[derive(Debug, Default, Clone)]
pub(crate) struct Noted {
    /// Where each secret was sent, and the secret.
    pub(crate) polled: Vec<(Vec<String>, String)>,
    /// How each of these was to be looked at.
    pub(crate) options: Vec<PveOptions>,
    pub(crate) probed: Vec<(Vec<String>, Option<String>)>,
    pub(crate) withdrawn: Vec<SourceId>,
}

impl FakePlatform {
    /// Polls it, with roots for secrets that are only named.
    pub(crate) fn polling(&self, roots: Roots, clock: Arc<dyn Clock>, tasks: &Tasks) -> Polling {
        let driver: Arc<dyn Driver> = Arc::new(self.clone());
        let sink: Arc<dyn Sink> = Arc::new(self.clone());
        let parts = Parts { drivers: [(Platform::ProxmoxPve, driver)].into(), sink, clock };
        Polling {
            collector: Collector::new(parts, tasks),
            roots,
            variable: |name| (name == VARIABLE.0).then(|| VARIABLE.1.to_owned()),
            is_idle: false,
        }
    }

    /// What it was asked with until now.
    pub(crate) fn noted(&self) -> Noted {
        self.0.lock().unwrap().clone()
    }
}

impl Driver for FakePlatform {
    fn provider(&self, connection: &Connection, secret: SecretString) -> Result<Arc<dyn Provider>, Failure> {
        let secret = secret.expose_secret().to_owned();
        let mut noted = self.0.lock().unwrap();
        noted.polled.push((places(connection), secret.clone()));
        noted.options.push(connection.options);
        Ok(Arc::new(FakeProvider { is_believed: secret == SECRET, interval: connection.interval }))
    }

    fn probe<'a>(&'a self, connection: &'a Connection, secret: Option<SecretString>) -> BoxFuture<'a, ProbeReport> {
        let secret = secret.map(|secret| secret.expose_secret().to_owned());
        self.0.lock().unwrap().probed.push((places(connection), secret.clone()));
        let calls = secret.iter().map(|_| refused_call()).collect();
        let endpoints = connection.endpoints.iter().map(|endpoint| EndpointFinding {
            endpoint: endpoint.clone(),
            failure: None,
            certificate: Some(certificate(connection)),
        });
        let endpoints = endpoints.collect();
        let failure = secret.filter(|secret| secret != SECRET).map(|_| not_believed());
        let nodes = vec!["pve1".to_owned()];
        Box::pin(async move {
            ProbeReport { endpoints, version: Some("9.0.3".into()), cluster: Some("lab".into()), nodes, calls, failure }
        })
    }
}

impl Sink for FakePlatform {
    fn report(&self, _: Report) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn backfill<'a>(&'a self, _: &'a TenantId, _: &'a SourceId, _: Vec<Backfill>) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn disabled<'a>(&'a self, _: &'a TenantId, _: &'a SourceId) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn withdraw<'a>(&'a self, _: &'a TenantId, source: &'a SourceId) -> BoxFuture<'a, ()> {
        self.0.lock().unwrap().withdrawn.push(source.clone());
        Box::pin(async {})
    }
}

/// The provider of one connection.
struct FakeProvider {
    is_believed: bool,
    interval: SignedDuration,
}

impl Provider for FakeProvider {
    fn lanes(&self) -> Vec<Lane> {
        vec![Lane { name: "bulk", every: self.interval, deadline: std::time::Duration::from_secs(8) }]
    }

    fn look(&self, _: &'static str, _: Timestamp) -> BoxFuture<'_, Result<Look, Failure>> {
        let observed = Observed { collected_at: None, counts: [("guests", 7)].into(), issues: vec![] };
        let looked = if self.is_believed { Ok(Look { observed, ..Look::default() }) } else { Err(not_believed()) };
        Box::pin(async { looked })
    }

    fn address(&self) -> String {
        "https://pve1.example.org:8006".to_owned()
    }

    fn requests(&self) -> u64 {
        3
    }

    fn memory(&self) -> MemoryDecisions {
        let decisions = serde_json::from_str(
            r#"{"nodes": [], "guests": [{
            "key": "qemu/101", "guestType": "qemu", "node": "pve1", "name": "web", "vmid": 101, "status": "running",
            "retrievedAt": "2026-01-01T00:00:00Z", "memorySource": "rrd-data", "trust": "preferred",
            "fallbackReason": "", "memory": {"usedBytes": 7}, "raw": {"listingMem": 9}, "notes": []
        }]}"#,
        );
        decisions.expect("it is written as decisions are")
    }
}

fn places(connection: &Connection) -> Vec<String> {
    connection.endpoints.iter().map(ToString::to_string).collect()
}

fn not_believed() -> Failure {
    Failure { category: FailureCategory::Unauthorised, message: "the token is not accepted; make another".into() }
}

fn certificate(connection: &Connection) -> PeerCertificate {
    let fingerprint = Fingerprint::of(b"a certificate");
    PeerCertificate {
        fingerprint,
        subject: "CN=pve1".into(),
        issuer: "CN=lab".into(),
        not_before: Timestamp::UNIX_EPOCH,
        not_after: Timestamp::constant(2_000_000_000, 0),
        trusted: false,
        pinned: connection.pins.contains(&fingerprint),
    }
}

fn refused_call() -> CallCheck {
    CallCheck {
        call: "GET /nodes/{node}/disks/list".into(),
        right: "Sys.Audit on /nodes/{node}".into(),
        state: CallState::Refused("Permission check failed".into()),
        without: "physical disks".into(),
        grant: Some("pveum acl modify /nodes --users monitor@pve --roles PVEAuditor".into()),
    }
}
